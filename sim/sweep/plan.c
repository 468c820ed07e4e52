/* SPDX-License-Identifier: Apache-2.0 */
/* plan: gives out tasks in order, as far as threads need not wait for each other. */
#include "sim/sweep/plan.h"

#include <stdlib.h>

enum { NOBODY = -1, WORD = 64 };

void sweep_plan_init(sweep_plan *p, const sweep_spec *spec, const sweep_model *model)
{
    SIM_ASSERT(spec->points > 0 && spec->repetitions > 0);
    *p = (sweep_plan){.spec = spec, .model = model};
    p->room = spec->points < PLAN_POINTS ? spec->points : PLAN_POINTS;
    p->ring = sim_alloc(p->room, sizeof *p->ring);
    p->finished = sim_alloc(PLAN_AHEAD / WORD, sizeof *p->finished);
}

static plan_point *point_of(const sweep_plan *p, uint64_t point)
{
    SIM_ASSERT(point >= p->first && point < p->next);
    return &p->ring[point % p->room];
}

static void drop_tally(const sweep_plan *p, plan_point *q)
{
    SIM_ASSERT(!q->tally || p->model->enough);
    if (q->tally)
        p->model->tally_free(q->tally);
    q->tally = NULL;
}

void sweep_plan_free(sweep_plan *p)
{
    for (uint64_t point = p->first; point < p->next; point++)
        drop_tally(p, point_of(p, point));
    free(p->ring);
    free(p->finished);
    free(p->holds);
    *p = (sweep_plan){0};
}

uint32_t sweep_plan_more(const sweep_spec *spec, const sweep_model *model, const void *tally,
                         uint32_t made)
{
    uint64_t more = (uint64_t)made / 2;

    SIM_ASSERT(made <= spec->repetitions);
    if (made == 0)
        more = model->enough ? PLAN_FIRST : spec->repetitions;
    else if (made == spec->repetitions || !model->enough || model->enough(model->self, tally, made))
        return 0;
    return more < spec->repetitions - made ? (uint32_t)more : spec->repetitions - made;
}

static int has_task(const plan_point *q)
{
    return q->issued < q->target;
}

/* A point has tasks that nobody has begun, or has some again. */
static void open_point(sweep_plan *p, uint64_t point)
{
    SIM_ASSERT(has_task(point_of(p, point)));
    if (p->open++ == 0 || point < p->lowest)
        p->lowest = point;
    if (point_of(p, point)->owner == NOBODY && (p->orphans++ == 0 || point < p->low_orphan))
        p->low_orphan = point;
}

static uint64_t begin_point(sweep_plan *p, int worker)
{
    uint64_t point = p->next++;
    plan_point *q = point_of(p, point);

    *q = (plan_point){.owner = worker};
    if (p->model->enough)
        q->tally = p->model->tally_new();
    q->target = sweep_plan_more(p->spec, p->model, q->tally, 0);
    SIM_ASSERT(q->target > 0 && p->next - p->first <= p->room);
    open_point(p, point);
    return point;
}

/* The point that `worker` is at, if it has a task. */
static int own_point(sweep_plan *p, int worker, uint64_t *point)
{
    if (worker >= p->workers) {
        p->holds = sim_realloc(p->holds, (uint64_t)worker + 1, sizeof *p->holds);
        while (p->workers <= worker)
            p->holds[p->workers++] = UINT64_MAX;
    }
    *point = p->holds[worker];
    return *point >= p->first && *point < p->next && has_task(point_of(p, *point)) &&
           point_of(p, *point)->owner == worker;
}

/* The lowest point with a task and no owner; or just with a task. There is one. */
static uint64_t lowest_orphan(sweep_plan *p)
{
    p->low_orphan = p->low_orphan > p->first ? p->low_orphan : p->first;
    for (;; p->low_orphan++)
        if (has_task(point_of(p, p->low_orphan)) && point_of(p, p->low_orphan)->owner == NOBODY)
            return p->low_orphan;
}

static uint64_t lowest_open(sweep_plan *p)
{
    p->lowest = p->lowest > p->first ? p->lowest : p->first;
    while (!has_task(point_of(p, p->lowest)))
        p->lowest++;
    return p->lowest;
}

/* `next` if there is nothing to do now. */
static uint64_t choose_point(sweep_plan *p, int worker)
{
    uint64_t point;

    if (p->ahead >= PLAN_AHEAD) /* only the lowest one may go on */
        return p->next > p->first && has_task(point_of(p, p->first)) ? p->first : p->next;
    if (own_point(p, worker, &point))
        return point;
    if (p->orphans > 0)
        return lowest_orphan(p);
    if (p->next < p->spec->points && p->next - p->first < p->room)
        return begin_point(p, worker);
    return p->open > 0 ? lowest_open(p) : p->next;
}

plan_answer sweep_plan_next(sweep_plan *p, int worker, sweep_task *task)
{
    uint64_t point;
    plan_point *q;

    SIM_ASSERT(worker >= 0);
    if (p->first == p->spec->points)
        return PLAN_END;
    if (p->given - p->low >= PLAN_AHEAD)
        return PLAN_WAIT;
    point = choose_point(p, worker);
    if (point == p->next)
        return PLAN_WAIT;
    q = point_of(p, point);
    if (q->owner == NOBODY) {
        q->owner = worker;
        p->orphans--;
    }
    if (q->owner == worker && worker < p->workers)
        p->holds[worker] = point;
    *task = (sweep_task){.point = point, .ticket = p->given++, .repetition = q->issued++};
    p->open -= !has_task(q);
    SIM_ASSERT(q->issued <= q->target && q->target <= p->spec->repetitions);
    p->ahead += point > p->first;
    SIM_ASSERT(p->low <= p->given && p->given - p->low <= PLAN_AHEAD);
    return PLAN_TASK;
}

static void finish_ticket(sweep_plan *p, uint64_t ticket)
{
    uint64_t *word = &p->finished[ticket % PLAN_AHEAD / WORD];
    uint64_t bit = UINT64_C(1) << ticket % WORD;

    SIM_ASSERT(ticket >= p->low && ticket < p->given && !(*word & bit));
    *word |= bit;
    for (;;) {
        word = &p->finished[p->low % PLAN_AHEAD / WORD];
        bit = UINT64_C(1) << p->low % WORD;
        if (p->low == p->given || !(*word & bit))
            return;
        *word &= ~bit;
        p->low++;
    }
}

static void leave_done_points(sweep_plan *p)
{
    while (p->first < p->next && point_of(p, p->first)->closed) {
        p->first++;
        if (p->first < p->next)
            p->ahead -= point_of(p, p->first)->issued;
    }
    SIM_ASSERT(p->first <= p->next && p->next <= p->spec->points);
}

void sweep_plan_done(sweep_plan *p, const sweep_task *task, const bytes *value)
{
    plan_point *q = point_of(p, task->point);
    uint32_t more;

    finish_ticket(p, task->ticket);
    p->done++;
    q->done++;
    SIM_ASSERT(q->done <= q->issued);
    if (p->model->enough)
        p->model->tally_add(p->model->self, q->tally, value);
    if (q->done < q->target)
        return;
    more = sweep_plan_more(p->spec, p->model, q->tally, q->done);
    if (more > 0) {
        q->target += more;
        q->owner = NOBODY;
        open_point(p, task->point);
        return;
    }
    q->closed = 1;
    drop_tally(p, q);
    leave_done_points(p);
}
