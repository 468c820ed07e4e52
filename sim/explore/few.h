/* SPDX-License-Identifier: Apache-2.0 */
/* few: restricts a model to runs with a bounded number of scheduling deviations. */
#ifndef SMMSIM_SIM_EXPLORE_FEW_H
#define SMMSIM_SIM_EXPLORE_FEW_H

#include "sim/explore/explore.h"

/* For explore_run. Labels are the inner model's. `inner` must outlive it. */
typedef struct {
    explore_model model;
    const explore_model *inner;
    uint32_t most; /* departures */
    int limited;   /* 1: only the actors in `only`, a set, may depart */
    uint64_t only[EXPLORE_ACTORS_MAX / 64];
    const uint64_t *begin; /* a packed state, or NULL: the model's own first one */
    uint16_t last_actor;   /* who moved last before it */
} explore_few;

/* With at most `most` departures (explore_usual), of any actor. */
void explore_few_init(explore_few *few, const explore_model *inner, uint32_t most);
/* Of this one, and of others that are allowed so. */
void explore_few_allow(explore_few *few, uint16_t actor);
/* From another state on, which must last as long as the model. */
void explore_few_begin(explore_few *few, const uint64_t *state, uint16_t last_actor);

#endif
