/* SPDX-License-Identifier: Apache-2.0 */
/* terminal: which states of a finished search can reach a terminal state, and how the others loop.
 */
#ifndef SMMSIM_SIM_EXPLORE_TERMINAL_H
#define SMMSIM_SIM_EXPLORE_TERMINAL_H

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

/* A terminal state has no successor, or has a step that leads nowhere. Under strong fairness a run
 * terminates iff a terminal state is reachable from every state that it can visit. */

/* A state that a batch of successors is of; they end before the batch's place `last`. */
typedef struct {
    uint32_t number, last;
} explore_source;
_Static_assert(sizeof(explore_source) == 8, "no padding");

/* States without a successor in the next level that are not terminal. */
typedef struct {
    uint32_t *numbers;
    uint64_t count, room;
} explore_terminal_backward;
_Static_assert(sizeof(explore_terminal_backward) == 24, "no padding");
void explore_terminal_backward_reserve(explore_terminal_backward *list, uint64_t more);
void explore_terminal_backward_take(explore_terminal_backward *list,
                                    explore_terminal_backward *other); /* moves all of them */

/* Every other state has a successor in the next level, so it leads to a terminal state or to one of
 * the list. If some state cannot reach a terminal one, fills search->can_terminate, and *depth with
 * that of the first such state; else NO_DEPTH. The same for any number of threads. 0: stopped
 * before it was known. */
int explore_terminal_judge(explore *search, const explore_terminal_backward *backward,
                           int64_t *depth);

/* A livelock: `labels`, of which the last `loop` lead back to where they begin. */
typedef struct {
    uint32_t *labels; /* sim_alloc; free() is the caller's */
    int64_t count, loop;
} explore_livelock;
_Static_assert(sizeof(explore_livelock) == 24, "no padding");

/* Takes the first `count` labels, as explore_trace gives them for a livelock. From there the usual
 * order repeats some state: adds the shortest cycle through that state, and the shortest way to the
 * cycle. The same for any number of threads. */
void explore_terminal_livelock(const explore *search, explore_livelock *livelock);

/* Searches all that can follow a packed state for a terminal state. SIM_FINDING: there is one, or
 * not all could be searched; *states: how many there are. */
SIM_MUST_CHECK sim_status explore_terminal_none(const explore_model *model, const uint64_t *state,
                                                uint64_t *states, sim_err *err);

#endif
