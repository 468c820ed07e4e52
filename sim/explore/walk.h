/* SPDX-License-Identifier: Apache-2.0 */
/* walk: beyond what can be searched in full: random runs. */
#ifndef SMMSIM_SIM_EXPLORE_WALK_H
#define SMMSIM_SIM_EXPLORE_WALK_H

#include "sim/explore/shrink.h"

/* The usual order (explore_usual) is one run through the model; every run is that order with some
 * deviations, steps where something else was chosen. */

typedef struct {
    uint64_t seed;
    uint64_t runs;
    uint64_t steps;                    /* of a run, at most */
    uint64_t seconds;                  /* at most, but for the last run; 0: no bound */
    uint32_t watch;                    /* properties: a set of bits */
    const volatile sig_atomic_t *stop; /* as in explore_options: no further run */
} explore_walk_options;

typedef struct {
    uint64_t runs, steps; /* done */
    int out_of_time;      /* by `seconds` */
    int property;         /* violated first, or -1 */
    uint64_t run;         /* number of that run */
    int64_t found_length; /* its steps, before it was shrunk */
    int64_t found_deviations;
    uint32_t *labels; /* of the shrunk run; free() is the caller's */
    int64_t length, deviations;
    explore_shrink_end shrunk;
} explore_walk_result;

/* Random runs until one violates a property; that one is shrunk (sim/explore/shrink.h). The
 * same seed gives the same result. */
void explore_walk_random(const explore_model *model, const explore_walk_options *options,
                         explore_walk_result *result);

#endif
