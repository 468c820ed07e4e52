/* SPDX-License-Identifier: Apache-2.0 */
/* shrink: from a run that violates a property to one with fewer deviations. */
#ifndef SMMSIM_SIM_EXPLORE_SHRINK_H
#define SMMSIM_SIM_EXPLORE_SHRINK_H

#include "sim/explore/path.h"

typedef struct {
    uint32_t watch;                    /* properties: a set of bits */
    uint64_t steps;                    /* of a run, at most: the room in the path */
    const volatile sig_atomic_t *stop; /* ends it with what it has; or NULL */
    double deadline;                   /* the same, as omp_get_wtime tells it; 0: none */
} explore_shrink_options;

/* How it ended: no deviation and no pair of them can be left out, or what kept it from showing
 * that. */
typedef enum {
    EXPLORE_SHRINK_DONE,
    EXPLORE_SHRINK_TRIES, /* so many runs, or all their steps together, were not enough */
    EXPLORE_SHRINK_STOPPED,
    EXPLORE_SHRINK_OUT_OF_TIME
} explore_shrink_end;
enum { EXPLORE_SHRINK_TRIES_MOST = 4000, EXPLORE_SHRINK_STEPS_MOST = 20000000 };

/* Replaces a run by a better one, the same property violated at its end: fewer deviations (steps
 * that are not the usual ones), or as many and fewer steps.
 * 1. Steps, stretches and whole actors are left out, and stretches of an actor put together.
 * 2. Deviations are left out singly and in pairs, the next one coming where it came, as long behind
 * the one before, or at once; until none can be.
 * 3. From the beginning and from behind each deviation, all ways on with up to three deviations of
 * two actors are searched (who moved last, who moves most); if one has fewer in all, 2 follows
 *    again.
 * The work is bounded by counts, so the outcome is the same each time, unless it is stopped or runs
 * out of time; and it need not be the least. */
explore_shrink_end explore_shrink(const explore_model *model, const explore_shrink_options *options,
                                  explore_path *path);

#endif
