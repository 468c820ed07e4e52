/* SPDX-License-Identifier: Apache-2.0 */
/* base: the time type, the exit statuses, and how an error becomes one line of text. */
#ifndef SMMSIM_SIM_LIB_BASE_H
#define SMMSIM_SIM_LIB_BASE_H

#include <stdint.h>

#ifndef __SIZEOF_INT128__
#error "smmsim needs __int128, which compilers have for 64-bit processors only: build for one"
#endif

/* Time and durations are picoseconds in int64_t. */
#define PS_PER_NS INT64_C(1000)
#define PS_PER_US INT64_C(1000000)
#define PS_PER_MS INT64_C(1000000000)
#define PS_PER_S INT64_C(1000000000000)
#define PS_NEVER INT64_MAX /* a time that does not come */

/* Nothing in a run is later and no latency longer (a distribution draws nothing above it). It is
 * beyond run.limit, which is at most 1000 h: so a time that is cut here stops the run, and none
 * wraps, because two of them and some hours fit into int64_t. */
#define PS_MAX (1100 * 3600 * PS_PER_S)
_Static_assert(PS_MAX <= (INT64_MAX - 300 * 3600 * PS_PER_S) / 2, "a sum of two does not wrap");

/* 1, where shares and factors are int64_t (UNIT_RATIO). */
#define RATIO_ONE INT64_C(1000000000000)

/* Sum of two times, each PS_MAX at most either way, and `count` times one (neither is negative):
 * PS_MAX at most. */
static inline int64_t ps_add(int64_t a, int64_t b)
{
    return a + b < PS_MAX ? a + b : PS_MAX;
}

static inline int64_t ps_times(int64_t time, int64_t count)
{
    int64_t product;

    return __builtin_mul_overflow(time, count, &product) || product > PS_MAX ? PS_MAX : product;
}

/* The values are the exit statuses of the program. */
typedef enum {
    SIM_OK = 0,
    SIM_FINDING = 1,   /* hang, broken invariant, violation, difference */
    SIM_BAD_INPUT = 2, /* the user can fix it */
    SIM_SYSTEM = 3,    /* disk full, no memory, unwritable */
    SIM_INTERRUPTED = 130
} sim_status;

#define SIM_MUST_CHECK __attribute__((warn_unused_result))
#define SIM_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

/* One line for the user: "file:line:column: what is wrong (what would be right)". Never holds a
 * newline; longer text is cut. */
typedef struct {
    char text[400];
} sim_err;

/* Sets the text and gives `status` back, so that a caller can return the call. The arguments may
 * point into err->text; control characters become '?'; err may be NULL (the text is dropped). */
sim_status err_set(sim_err *err, sim_status status, const char *fmt, ...) SIM_PRINTF(3, 4);

/* Puts "prefix: " before the text that is there, and gives `status` back. */
sim_status err_prefix(sim_err *err, sim_status status, const char *fmt, ...) SIM_PRINTF(3, 4);

/* "smmsim: " and the text as one line on standard error, however long; control characters become
 * '?': for what is said beside an error, too. */
void err_tell(const char *fmt, ...) SIM_PRINTF(1, 2);

/* The name among `names` that is nearest to `name` (edit distance at most 1 + length / 4 and not
 * every letter changed; two neighbours swapped are one edit; upper and lower case are alike; ties:
 * the first), or NULL: for "did you mean". Names over 63 bytes are never near. */
const char *err_nearest(const char *name, const char *const *names, int count);

/* A broken invariant of our own: prints `what` and the place, then aborts. Not for bad input.
 * Inside of sim_guard it ends only that. */
_Noreturn void sim_panic(const char *file, int line, const char *what);
#define SIM_ASSERT(cond) ((cond) ? (void)0 : sim_panic(__FILE__, __LINE__, #cond))

/* Calls work(self), at no cost to what runs in it. 1: it came back. 0: an invariant broke in it, on
 * this thread; *why says which, and nothing was printed. What it worked on may be half changed and
 * is only good for being freed; what it alone held is lost. One guard at a time on a thread. */
SIM_MUST_CHECK int sim_guard(void (*work)(void *self), void *self, sim_err *why);

/* malloc and friends that end the program with status 3 and one line when memory is out. sim_alloc
 * gives zeroed memory; what sim_realloc adds is not initialised. Both are freed with free(). */
void *sim_alloc(uint64_t count, uint64_t size);
void *sim_realloc(void *old, uint64_t count, uint64_t size);

#endif
