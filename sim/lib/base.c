/* SPDX-License-Identifier: Apache-2.0 */
/* base: the time type, the exit statuses, and how an error becomes one line of text. */
#include "sim/lib/base.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_MAX_LENGTH = 63 };

/* Leaves one printable line: a file name or a field may hold anything. A character that the end of
 * the buffer cut in two goes whole. */
static void clean_line(char *text, size_t size)
{
    size_t length = strlen(text);
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c < 0x20 || c == 0x7f)
            text[i] = '?';
    }
    if (length + 1 < size || length == 0)
        return;
    while (length > 0 && ((unsigned char)text[length - 1] & 0xc0) == 0x80)
        length--;
    if (length > 0 && ((unsigned char)text[length - 1] & 0x80) != 0)
        length--;
    text[length] = '\0';
}

sim_status err_set(sim_err *err, sim_status status, const char *fmt, ...)
{
    sim_err fresh; /* apart, because the arguments may point into *err */
    va_list args;

    if (err == NULL)
        return status;
    va_start(args, fmt);
    (void)vsnprintf(fresh.text, sizeof fresh.text, fmt, args);
    va_end(args);
    clean_line(fresh.text, sizeof fresh.text);
    memcpy(err->text, fresh.text, strlen(fresh.text) + 1);
    return status;
}

sim_status err_prefix(sim_err *err, sim_status status, const char *fmt, ...)
{
    sim_err prefix;
    va_list args;

    if (err == NULL)
        return status;
    va_start(args, fmt);
    (void)vsnprintf(prefix.text, sizeof prefix.text, fmt, args);
    va_end(args);
    return err_set(err, status, "%s: %s", prefix.text, err->text);
}

void err_tell(const char *fmt, ...)
{
    va_list args;
    char *text = NULL;

    va_start(args, fmt);
    if (vasprintf(&text, fmt, args) >= 0) {
        clean_line(text, strlen(text) + 2);
        (void)fprintf(stderr, "smmsim: %s\n", text);
        free(text);
    }
    va_end(args);
}

int err_index(const char *name, const char *const *names, int count)
{
    for (int i = 0; i < count; i++)
        if (strcmp(name, names[i]) == 0)
            return i;
    return -1;
}

static char lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static int least(int a, int b)
{
    return a < b ? a : b;
}

/* Letters put in, left out, changed, or swapped with their neighbour; upper and lower case alike.
 */
static int edit_distance(const char *a, const char *b)
{
    size_t la = strlen(a), lb = strlen(b);
    int rows[3][NAME_MAX_LENGTH + 1]; /* by the number of letters of a, modulo 3 */

    SIM_ASSERT(la <= NAME_MAX_LENGTH && lb <= NAME_MAX_LENGTH);
    for (size_t j = 0; j <= lb; j++)
        rows[0][j] = (int)j;
    for (size_t i = 1; i <= la; i++) {
        const int *two_up = rows[(i + 1) % 3], *up = rows[(i + 2) % 3];
        int *row = rows[i % 3];

        row[0] = (int)i;
        for (size_t j = 1; j <= lb; j++) {
            char x = lower(a[i - 1]), y = lower(b[j - 1]);

            row[j] = least(up[j - 1] + (x != y), least(up[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && x == lower(b[j - 2]) && lower(a[i - 2]) == y)
                row[j] = least(row[j], two_up[j - 2] + 1);
        }
    }
    return rows[la % 3][lb];
}

const char *err_nearest(const char *name, const char *const *names, int count)
{
    size_t length = strlen(name);
    const char *nearest = NULL;
    int limit = (int)(1 + length / 4);

    SIM_ASSERT(count >= 0);
    if (length == 0 || length > NAME_MAX_LENGTH)
        return NULL;
    for (int i = 0; i < count; i++) {
        size_t other = strlen(names[i]);
        if (other > NAME_MAX_LENGTH)
            continue;
        int cost = edit_distance(name, names[i]);
        if (cost >= (int)(length > other ? length : other))
            continue; /* nothing in common */
        if (cost < limit || (cost == limit && nearest == NULL)) {
            nearest = names[i];
            limit = cost;
        }
    }
    return nearest;
}

/* Where a broken invariant of this thread ends; NULL: with the program. Outside of any struct,
 * because SIM_ASSERT stands everywhere and is handed none. */
typedef struct {
    jmp_buf back;
    sim_err *why;
} guard_point;
static _Thread_local guard_point *guarded;

int sim_guard(void (*work)(void *self), void *self, sim_err *why)
{
    guard_point here = {.why = why};
    volatile int whole = 0; /* in memory: what setjmp leaves in a register is anybody's guess */

    SIM_ASSERT(guarded == NULL);
    guarded = &here;
    if (setjmp(here.back) == 0) {
        work(self);
        whole = 1;
    }
    guarded = NULL;
    return whole;
}

_Noreturn void sim_panic(const char *file, int line, const char *what)
{
    guard_point *point = guarded;

    guarded = NULL;
    if (point != NULL) {
        (void)err_set(point->why, SIM_FINDING, "%s:%d: broken invariant: %s", file, line, what);
        longjmp(point->back, 1);
    }
    (void)fflush(stdout);
    (void)fprintf(stderr, "%s:%d: broken invariant: %s\n", file, line, what);
    abort();
}

static _Noreturn void out_of_memory(uint64_t count, uint64_t size)
{
    (void)fprintf(stderr, "smmsim: out of memory (%llu * %llu bytes wanted)\n",
                  (unsigned long long)count, (unsigned long long)size);
    exit(SIM_SYSTEM);
}

void *sim_alloc(uint64_t count, uint64_t size)
{
    void *memory = calloc(count != 0 ? count : 1, size != 0 ? size : 1);
    if (memory == NULL)
        out_of_memory(count, size);
    return memory;
}

void *sim_realloc(void *old, uint64_t count, uint64_t size)
{
    uint64_t bytes;
    void *memory = NULL;

    if (!__builtin_mul_overflow(count, size, &bytes))
        memory = realloc(old, bytes != 0 ? bytes : 1);
    if (memory == NULL)
        out_of_memory(count, size);
    return memory;
}
