/* SPDX-License-Identifier: Apache-2.0 */
/* bounded: restricts a model to runs with at most `most` scheduling deviations. */
#ifndef SMMSIM_SIM_EXPLORE_BOUNDED_H
#define SMMSIM_SIM_EXPLORE_BOUNDED_H

#include "sim/explore/explore.h"

/* For explore_run. Labels are the inner model's. `inner` must outlive it. */
typedef struct {
    explore_model model;
    const explore_model *inner;
    uint32_t most; /* deviations */
    int limited;   /* 1: only the actors in `only`, a set, may deviate */
    uint64_t only[EXPLORE_ACTORS_MAX / 64];
    const uint64_t *begin; /* a packed state, or NULL: the model's own first one */
    uint16_t last_actor;   /* who moved last before it */
} explore_bounded;

/* At most `most` deviations from explore_usual, by any actor. */
void explore_bounded_init(explore_bounded *bounded, const explore_model *inner, uint32_t most);
/* Only this actor may deviate, and others that are allowed in the same way. */
void explore_bounded_allow(explore_bounded *bounded, uint16_t actor);
/* Starts in another state, which must outlive the model. */
void explore_bounded_begin(explore_bounded *bounded, const uint64_t *state, uint16_t last_actor);

#endif
