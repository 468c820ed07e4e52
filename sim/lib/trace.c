/* SPDX-License-Identifier: Apache-2.0 */
/* trace: keeps the events in one table, sorts it, and prints each as a line of JSON. */
#include "sim/lib/trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* In the order in which they stand at one instant of a track. */
typedef enum { GROUP_NAME, TRACK_NAME, SLICE, ARROW_BEGIN, ARROW_END, COUNTER } event_kind;

#define NO_TEXT UINT64_MAX
typedef struct {
    trace_place place;
    int64_t at;
    int64_t value;   /* SLICE: duration; arrows: their number; COUNTER: the value */
    uint64_t order;  /* of adding */
    uint64_t name;   /* offset in the text */
    uint64_t detail; /* or NO_TEXT */
    uint64_t kind;   /* event_kind */
} event;

struct trace {
    event *events;
    uint64_t count, room;
    char *text;
    uint64_t used, text_room;
    int64_t arrows;
};

trace *trace_new(void)
{
    return sim_alloc(1, sizeof(trace));
}

void trace_free(trace *t)
{
    if (!t)
        return;
    free(t->events);
    free(t->text);
    free(t);
}

/* ---- collecting ------------------------------------------------------------------------- */

static uint64_t keep_text(trace *t, const char *text)
{
    uint64_t size = strlen(text) + 1;
    uint64_t at = t->used;

    while (t->used + size > t->text_room) {
        t->text_room = t->text_room ? 2 * t->text_room : 4096;
        t->text = sim_realloc(t->text, t->text_room, 1);
    }
    SIM_ASSERT(at + size <= t->text_room);
    memcpy(t->text + at, text, size);
    t->used += size;
    return at;
}

static event *add(trace *t, event_kind kind, trace_point at, const char *name)
{
    event *e;

    if (t->count == t->room) {
        t->room = t->room ? 2 * t->room : 256;
        t->events = sim_realloc(t->events, t->room, sizeof *t->events);
    }
    SIM_ASSERT(t->count < t->room);
    e = &t->events[t->count];
    *e = (event){.place = at.place, .at = at.at, .order = t->count++, .detail = NO_TEXT};
    e->kind = kind;
    e->name = keep_text(t, name);
    return e;
}

void trace_name_group(trace *t, uint32_t group, const char *name)
{
    (void)add(t, GROUP_NAME, (trace_point){{group, 0}, INT64_MIN}, name);
}

void trace_name_track(trace *t, trace_place place, const char *name)
{
    (void)add(t, TRACK_NAME, (trace_point){place, INT64_MIN}, name);
}

void trace_slice(trace *t, trace_place place, const trace_span *span)
{
    event *e = add(t, SLICE, (trace_point){place, span->begin}, span->name);

    SIM_ASSERT(span->end >= span->begin);
    e->value = span->end - span->begin;
    if (span->detail)
        t->events[t->count - 1].detail = keep_text(t, span->detail);
}

void trace_arrow(trace *t, const char *name, trace_point from, trace_point to)
{
    SIM_ASSERT(from.place.group == to.place.group && to.at >= from.at);
    t->arrows++;
    add(t, ARROW_BEGIN, from, name)->value = t->arrows;
    add(t, ARROW_END, to, name)->value = t->arrows;
}

void trace_counter(trace *t, const char *name, trace_point at, int64_t value)
{
    at.place.track = 0;
    add(t, COUNTER, at, name)->value = value;
}

/* ---- writing ---------------------------------------------------------------------------- */

static int before(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

/* An outer slice stands before the inner ones that begin with it: the longer first, and of those
 * with the same bounds the one that was closed last. */
static int compare(const void *left, const void *right)
{
    const event *a = left;
    const event *b = right;

    if (a->place.group != b->place.group)
        return before(a->place.group, b->place.group);
    if (a->place.track != b->place.track)
        return before(a->place.track, b->place.track);
    if (a->at != b->at)
        return a->at < b->at ? -1 : 1;
    if (a->kind != b->kind)
        return before(a->kind, b->kind);
    if (a->kind == SLICE && a->value != b->value)
        return a->value > b->value ? -1 : 1;
    if (a->kind == SLICE && a->value > 0)
        return before(b->order, a->order);
    return before(a->order, b->order);
}

static void print_text(FILE *to, const char *text)
{
    (void)fputc('"', to);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            (void)fprintf(to, "\\%c", *text);
        else if ((unsigned char)*text < 0x20)
            (void)fprintf(to, "\\u%04x", (unsigned)*text);
        else
            (void)fputc(*text, to);
    }
    (void)fputc('"', to);
}

/* Picoseconds as microseconds, exactly. */
static void print_time(FILE *to, const char *key, int64_t ps)
{
    SIM_ASSERT(ps >= 0);
    (void)fprintf(to, ",\"%s\":%lld.%06lld", key, (long long)(ps / PS_PER_US),
                  (long long)(ps % PS_PER_US));
}

static void print_event(FILE *to, const trace *t, const event *e)
{
    static const char *const phases[] = {[GROUP_NAME] = "M",  [TRACK_NAME] = "M", [SLICE] = "X",
                                         [ARROW_BEGIN] = "s", [ARROW_END] = "f",  [COUNTER] = "C"};
    const char *name = t->text + e->name;

    (void)fprintf(to, "{\"ph\":\"%s\",\"pid\":%u,\"tid\":%u", phases[e->kind], e->place.group,
                  e->place.track);
    if (e->kind == GROUP_NAME || e->kind == TRACK_NAME) {
        (void)fprintf(to, ",\"name\":\"%s\",\"args\":{\"name\":",
                      e->kind == GROUP_NAME ? "process_name" : "thread_name");
        print_text(to, name);
        (void)fputs("}}", to);
        return;
    }
    print_time(to, "ts", e->at);
    (void)fputs(",\"name\":", to);
    print_text(to, name);
    if (e->kind == SLICE)
        print_time(to, "dur", e->value);
    if (e->kind == ARROW_BEGIN || e->kind == ARROW_END)
        (void)fprintf(to, ",\"cat\":\"arrow\",\"id\":%lld%s", (long long)e->value,
                      e->kind == ARROW_END ? ",\"bp\":\"e\"" : "");
    if (e->kind == COUNTER)
        (void)fprintf(to, ",\"args\":{\"count\":%lld}", (long long)e->value);
    if (e->detail != NO_TEXT) {
        (void)fputs(",\"args\":{\"what\":", to);
        print_text(to, t->text + e->detail);
        (void)fputc('}', to);
    }
    (void)fputc('}', to);
}

static void print_all(FILE *to, const trace *t)
{
    event *sorted = sim_alloc(t->count + 1, sizeof *sorted);

    if (t->count > 0)
        memcpy(sorted, t->events, t->count * sizeof *sorted);
    qsort(sorted, t->count, sizeof *sorted, compare);
    (void)fputs("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[", to);
    for (uint64_t i = 0; i < t->count; i++) {
        (void)fputs(i ? ",\n" : "\n", to);
        print_event(to, t, &sorted[i]);
    }
    (void)fputs("\n]}\n", to);
    free(sorted);
}

sim_status trace_save(const trace *t, outfile *to, sim_err *err)
{
    FILE *stream = outfile_stream(to);

    print_all(stream, t);
    (void)fclose(stream); /* the file keeps what went wrong */
    return outfile_close(to, err);
}
