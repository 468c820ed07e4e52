/* SPDX-License-Identifier: Apache-2.0 */
/* path: one run through a model: by wishes, by deviations from the usual order, by chance. */
#ifndef SMMSIM_SIM_EXPLORE_PATH_H
#define SMMSIM_SIM_EXPLORE_PATH_H

#include "sim/explore/explore.h"
#include "sim/lib/rng.h"

/* A run. The arrays have room for as many steps as it may have. */
typedef struct {
    uint32_t *labels;
    uint16_t *actors;  /* of each step */
    uint8_t *deviated; /* of each step: 1: it was a deviation */
    int64_t length, deviations;
    int32_t property; /* violated at its end, or -1 */
    uint32_t reserved;
} explore_path;
_Static_assert(sizeof(explore_path) == 48, "no padding");

void explore_path_init(explore_path *path, uint64_t steps);
void explore_path_free(explore_path *path);

/* A deviation from the usual order: after `gap` usual steps, as soon as it can be taken. */
typedef struct {
    uint32_t label;
    uint32_t gap;
} explore_deviation;
_Static_assert(sizeof(explore_deviation) == 8, "no padding");

/* How a run chooses: labels to take where they can be taken (others are passed over), deviations,
 * or chance; where none of them says anything, the usual order. */
typedef struct {
    const uint32_t *wish;
    int64_t wishes;
    const explore_deviation *planned;
    int64_t deviation_count;
    rng_address address;
    uint32_t odds;  /* of a random choice: 1 in so many; 0: never */
    uint32_t watch; /* properties: a set of bits */
    /* The stream of the actors' priorities, which change at random; 0: they have none. */
    uint64_t priorities;
    uint16_t epoch[EXPLORE_ACTORS_MAX];
    uint64_t steps; /* at most */
} explore_chooser;
_Static_assert(sizeof(explore_chooser) == 600, "no padding");

/* One run, until a property is violated, or nothing can be taken. */
void explore_path_walk(const explore_model *model, explore_workspace *workspace,
                       explore_chooser *chooser, explore_path *path);

#endif
