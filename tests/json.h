/* SPDX-License-Identifier: Apache-2.0 */
/* json: a strict reader of the Trace Event format: whole text checked, its events as plain data. */
#ifndef SMMSIM_TESTS_JSON_H
#define SMMSIM_TESTS_JSON_H

#include "tests/scratch.h"

typedef struct {
    char ph;
    uint32_t pid, tid;
    int64_t ts, dur;   /* picoseconds; -1: not there */
    int64_t id, count; /* likewise */
    char name[64];
    char args[64]; /* the string in args */
} json_event;

typedef struct {
    const char *at;
    char key[64]; /* of the member that is being read */
    char text[64];
    int depth;
    char open[8]; /* brackets */
} json_reader;

static inline void json_skip(json_reader *r)
{
    while (*r->at == ' ' || *r->at == '\n')
        r->at++;
}

static inline void json_string(json_reader *r, char out[64])
{
    int length = 0;

    assert_int_equal(*r->at++, '"');
    for (; *r->at != '"'; r->at++) {
        assert_true((unsigned char)*r->at >= 0x20); /* control characters are to be escaped */
        if (*r->at == '\\') {
            r->at++;
            assert_non_null(strchr("\"\\/bfnrtu", *r->at));
        }
        if (length < 63)
            out[length++] = *r->at;
    }
    out[length] = '\0';
    r->at++;
}

/* A decimal number as it stands in the text. */
static inline void json_number(json_reader *r, char out[64])
{
    size_t digits = strspn(r->at, "0123456789");
    size_t length = digits;

    assert_true(digits > 0 && (digits == 1 || *r->at != '0'));
    if (r->at[length] == '.') {
        size_t decimals = strspn(r->at + length + 1, "0123456789");

        assert_true(decimals > 0);
        length += 1 + decimals;
    }
    assert_true(length < 64);
    (void)snprintf(out, 64, "%.*s", (int)length, r->at);
    r->at += length;
}

/* Microseconds with six decimals, exactly. */
static inline int64_t json_ps(const char *text)
{
    char *end;
    int64_t whole = strtoll(text, &end, 10);

    assert_int_equal(*end, '.');
    assert_int_equal(strlen(end + 1), 6);
    return whole * 1000000 + strtoll(end + 1, NULL, 10);
}

static inline void json_member(json_event *e, const json_reader *r)
{
    if (r->depth == 4 && strcmp(r->key, "count") == 0)
        e->count = strtoll(r->text, NULL, 10);
    else if (r->depth == 4)
        (void)snprintf(e->args, sizeof e->args, "%s", r->text);
    else if (strcmp(r->key, "ph") == 0)
        e->ph = r->text[0];
    else if (strcmp(r->key, "pid") == 0)
        e->pid = (uint32_t)strtoul(r->text, NULL, 10);
    else if (strcmp(r->key, "tid") == 0)
        e->tid = (uint32_t)strtoul(r->text, NULL, 10);
    else if (strcmp(r->key, "ts") == 0)
        e->ts = json_ps(r->text);
    else if (strcmp(r->key, "dur") == 0)
        e->dur = json_ps(r->text);
    else if (strcmp(r->key, "id") == 0)
        e->id = strtoll(r->text, NULL, 10);
    else if (strcmp(r->key, "name") == 0)
        (void)snprintf(e->name, sizeof e->name, "%s", r->text);
}

/* Reads one value, or the opening of an object or array (then 1). */
static inline int json_value(json_reader *r)
{
    json_skip(r);
    if (*r->at == '{' || *r->at == '[') {
        assert_true(r->depth < 4);
        r->open[r->depth++] = *r->at++;
        return 1;
    }
    if (*r->at == '"')
        json_string(r, r->text);
    else
        json_number(r, r->text);
    return 0;
}

/* All events: {"...": "...", "traceEvents": [{...}, ...]}. The caller frees them. */
static inline json_event *json_read(const char *text, uint32_t *count)
{
    json_reader r = {.at = text};
    json_event *events = NULL;
    int fresh = json_value(&r); /* nothing stands in the bracket yet */

    *count = 0;
    assert_int_equal(r.open[0], '{');
    while (r.depth > 0) {
        char close = r.open[r.depth - 1] == '{' ? '}' : ']';

        json_skip(&r);
        if (*r.at == close) {
            r.at++;
            r.depth--;
            fresh = 0;
            continue;
        }
        if (!fresh)
            assert_int_equal(*r.at++, ',');
        json_skip(&r);
        if (close == '}') {
            json_string(&r, r.key);
            json_skip(&r);
            assert_int_equal(*r.at++, ':');
        }
        fresh = json_value(&r);
        if (fresh && r.depth == 2)
            assert_string_equal(r.key, "traceEvents");
        if (fresh && r.depth == 3) {
            if ((*count & (*count - 1)) == 0) { /* full at each power of two */
                events = realloc(events, 2 * (*count + 1) * sizeof *events);
                assert_non_null(events);
            }
            events[(*count)++] = (json_event){.ts = -1, .dur = -1, .id = -1, .count = -1};
        }
        if (!fresh && r.depth >= 3)
            json_member(&events[*count - 1], &r);
    }
    json_skip(&r);
    assert_int_equal(*r.at, '\0');
    return events;
}

#endif
