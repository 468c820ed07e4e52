/* SPDX-License-Identifier: Apache-2.0 */
/* plan: which task comes next, and when a point and the whole sweep are done. */
#ifndef SMMSIM_SIM_SWEEP_PLAN_H
#define SMMSIM_SIM_SWEEP_PLAN_H

#include "sim/sweep/sweep.h"

/* Private to sweep. Not safe for threads: the caller locks.
 *
 * Points are begun in order. A worker stays at a point while it has tasks, so that what it has set
 * up serves many repetitions; it helps at a point of another only when no new point can begin.
 * With `enough`, a point gets PLAN_FIRST repetitions, then half as many more each time until the
 * values of all that were made so far are enough: that depends on no thread.
 *
 * Results come out of order, but not far: no more than PLAN_AHEAD tasks are given out behind the
 * lowest point that is not done, and none once PLAN_AHEAD were given out after one that still
 * runs. So one pass with that much memory can bring them in order again. */
enum { PLAN_FIRST = 8, PLAN_POINTS = 1 << 16, PLAN_AHEAD = 1 << 17 };

typedef struct {
    void *tally; /* with `enough`, while the point is open */
    uint32_t issued, done, target;
    int32_t owner; /* worker, or -1 */
    uint32_t closed;
    uint32_t reserved;
} plan_point;
_Static_assert(sizeof(plan_point) == 32, "no padding");

typedef struct {
    const sweep_spec *spec;
    const sweep_model *model;
    plan_point *ring; /* points [first, next), each at its number modulo `room` */
    uint64_t room;
    uint64_t first;      /* lowest point that is not done */
    uint64_t next;       /* first point that has not begun */
    uint64_t lowest;     /* no point below it has a task to give */
    uint64_t open;       /* points that have */
    uint64_t low_orphan; /* no point below it has a task and no owner */
    uint64_t orphans;    /* points that have that */
    uint64_t *holds;     /* the point that each worker was at last */
    int32_t workers;     /* in `holds` */
    uint32_t reserved;
    uint64_t ahead;      /* tasks given out of points above `first` */
    uint64_t given, low; /* tickets; all below `low` are done */
    uint64_t done;       /* tasks */
    uint64_t *finished;  /* one bit for each ticket in [low, low + PLAN_AHEAD) */
} sweep_plan;
_Static_assert(sizeof(sweep_plan) == 136, "no padding");

typedef enum { PLAN_TASK, PLAN_WAIT, PLAN_END } plan_answer;

void sweep_plan_init(sweep_plan *p, const sweep_spec *spec, const sweep_model *model);
void sweep_plan_free(sweep_plan *p);
plan_answer sweep_plan_next(sweep_plan *p, int worker, sweep_task *task);
/* `value`: with `enough`, what the result tells. */
void sweep_plan_done(sweep_plan *p, const sweep_task *task, const bytes *value);
/* How many repetitions follow the `made` ones of a point with this tally; 0: none. */
uint32_t sweep_plan_more(const sweep_spec *spec, const sweep_model *model, const void *tally,
                         uint32_t made);

#endif
