/* SPDX-License-Identifier: Apache-2.0 */
/* end: from which states of a finished search an end can be reached, and how others go on.
 */
#ifndef SMMSIM_SIM_EXPLORE_END_H
#define SMMSIM_SIM_EXPLORE_END_H

#include "sim/explore/explore.h"

/* Sets of numbers of states, a bit each, that threads read while others add to them: a word may
 * hold bits of several levels. Nothing else is published by a bit. */
static inline int explore_has(const uint64_t *set, uint64_t number)
{
    return __atomic_load_n(&set[number / 64], __ATOMIC_RELAXED) >> (number % 64) & 1;
}

static inline void explore_put(uint64_t *set, uint64_t number)
{
    (void)__atomic_fetch_or(&set[number / 64], UINT64_C(1) << (number % 64), __ATOMIC_RELAXED);
}

/* An end is a state without a way on, or with a step that leads nowhere. A run through a finite
 * graph in which a choice that comes up again and again is made at last comes to an end if, and
 * only if, an end can be reached from every state that it can be in. */

/* A state that a batch of successors is of; they end before the batch's place `last`. */
typedef struct {
    uint32_t number, last;
} explore_source;

/* States without a successor in the next level that are no ends. */
typedef struct {
    uint32_t *numbers;
    uint64_t count, room;
} explore_end_shallow;
void explore_end_shallow_reserve(explore_end_shallow *list, uint64_t more);
void explore_end_shallow_take(explore_end_shallow *list,
                              explore_end_shallow *other); /* moves all of them */

/* Every other state has a successor in the next level, so it comes to an end or to one of
 * `shallow`. Fills search->may_end if there is a state from which no end can be reached, and
 * *depth: that of the first one, or NO_DEPTH. The same for any number of threads. 0: told to stop
 * before it was known. */
int explore_end_judge(explore *search, const explore_end_shallow *shallow, int64_t *depth);

/* A run that does not end: `labels`, of which the last `loop` lead back to where they begin. */
typedef struct {
    uint32_t *labels; /* sim_alloc; free() is the caller's */
    int64_t count, loop;
} explore_lasso;

/* Goes on from the first `count` labels, as explore_trace gives them for `endless`: the usual order
 * comes back to some state; the shortest way round from there, and the shortest way to it. It is
 * the same for any number of threads. */
void explore_end_lasso(const explore *search, explore_lasso *lasso);

/* Searches all that can follow a packed state for an end. SIM_FINDING: there is one, or not all
 * could be searched; *states: how many there are. */
SIM_MUST_CHECK sim_status explore_end_none(const explore_model *model, const uint64_t *state,
                                           uint64_t *states, sim_err *err);

#endif
