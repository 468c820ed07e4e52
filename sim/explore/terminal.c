/* SPDX-License-Identifier: Apache-2.0 */
/* terminal: which states of a finished search can reach a terminal state, and how the others loop.
 */
#include "sim/explore/terminal.h"

#include <stdlib.h>
#include <string.h>

enum { CLIMB_MOST = 4096, CLIMB_SLOTS = 4 * CLIMB_MOST, BLOCK = 1024, CEILING_GIB = 4 };

void explore_terminal_backward_reserve(explore_terminal_backward *list, uint64_t more)
{
    if (list->count + more <= list->room)
        return;
    list->room = 2 * (list->count + more);
    list->numbers = sim_realloc(list->numbers, list->room, sizeof *list->numbers);
    SIM_ASSERT(list->room >= list->count + more);
}

void explore_terminal_backward_take(explore_terminal_backward *list,
                                    explore_terminal_backward *other)
{
    SIM_ASSERT(list != other && other->count <= other->room);
    explore_terminal_backward_reserve(list, other->count);
    if (other->count)
        memcpy(list->numbers + list->count, other->numbers, other->count * sizeof *list->numbers);
    list->count += other->count;
    other->count = 0;
}

static void expand(const explore *search, explore_workspace *workspace, uint64_t number)
{
    const explore_model *model = search->model;

    SIM_ASSERT(number < search->set.count);
    model->expand(model, workspace->scratch, &search->set.states[number * model->words],
                  &workspace->fan);
}

static int is_terminal(const explore_fan *fan)
{
    for (uint32_t e = 0; e < fan->count; e++)
        if (fan->edges[e].dead)
            return 1;
    return fan->count == 0;
}

static uint64_t successor(const explore *search, const explore_fan *fan, uint32_t e)
{
    return explore_set_find(&search->set, &fan->states[(uint64_t)e * search->model->words]);
}

/* ---- one state's way to a terminal one ---------------------------------------------------- */

/* A walk from a state to a terminal one or to a state known to reach one, deepest successors first,
 * with steps back where all successors were seen before. */
typedef struct {
    explore_workspace workspace;
    uint32_t path[CLIMB_MOST], taken[CLIMB_MOST]; /* taken: slots in use */
    uint32_t length, seen;
    uint32_t slots[CLIMB_SLOTS]; /* numbers + 1 of states seen */
} climber;

static uint32_t slot_of(const climber *c, uint64_t number)
{
    uint32_t slot = (uint32_t)(number * UINT64_C(0x9E3779B97F4A7C15) >> 40) % CLIMB_SLOTS;

    while (c->slots[slot] && c->slots[slot] != number + 1)
        slot = (slot + 1) % CLIMB_SLOTS;
    return slot;
}

static void climb_to(climber *c, uint64_t number)
{
    uint32_t slot = slot_of(c, number);

    SIM_ASSERT(c->seen < CLIMB_MOST && !c->slots[slot]);
    c->slots[slot] = (uint32_t)number + 1;
    c->taken[c->seen++] = slot;
    c->path[c->length++] = (uint32_t)number;
}

/* One step, on or back; 1 if the path has arrived. */
static int climb_once(const explore *search, climber *c, const uint64_t *can_terminate)
{
    const explore_fan *fan = &c->workspace.fan;
    uint64_t best = UINT64_MAX;

    SIM_ASSERT(c->length > 0 && c->length <= c->seen);
    expand(search, &c->workspace, c->path[c->length - 1]);
    if (is_terminal(fan))
        return 1;
    for (uint32_t e = 0; e < fan->count; e++) {
        uint64_t to = successor(search, fan, e);

        if (explore_has(can_terminate, to))
            return 1;
        if ((best == UINT64_MAX || to > best) && !c->slots[slot_of(c, to)])
            best = to;
    }
    if (best == UINT64_MAX)
        c->length--;
    else
        climb_to(c, best);
    return 0;
}

/* 0 if it found no terminal state: there may be none. */
static int climb(const explore *search, climber *c, uint64_t *can_terminate, uint64_t from)
{
    int there = explore_has(can_terminate, from);

    c->length = c->seen = 0;
    if (there)
        return 1;
    climb_to(c, from);
    while (!there && c->length && c->seen < CLIMB_MOST)
        there = climb_once(search, c, can_terminate);
    for (uint32_t i = 0; there && i < c->length; i++)
        explore_put(can_terminate, c->path[i]);
    for (uint32_t i = 0; i < c->seen; i++)
        c->slots[c->taken[i]] = 0;
    return there;
}

/* 1: all of them can reach a terminal state. */
static int climb_all(const explore *search, const explore_terminal_backward *backward,
                     uint64_t *can_terminate)
{
    int missed = 0;

#pragma omp parallel num_threads(search->options.threads) if (backward->count >= BLOCK)
    {
        climber *c = sim_alloc(1, sizeof *c);

        explore_workspace_init(&c->workspace, search->model);
#pragma omp for schedule(dynamic, 64)
        for (uint64_t i = 0; i < backward->count; i++)
            if (!__atomic_load_n(&missed, __ATOMIC_RELAXED) && !explore_stopped(search) &&
                !climb(search, c, can_terminate, backward->numbers[i]))
                __atomic_store_n(&missed, 1, __ATOMIC_RELAXED);
        explore_workspace_free(&c->workspace);
        free(c);
    }
    return !missed;
}

/* ---- all states -------------------------------------------------------------------------- */

static int can_terminate_here(const explore *search, explore_workspace *workspace,
                              const uint64_t *can_terminate, uint64_t number)
{
    expand(search, workspace, number);
    if (is_terminal(&workspace->fan))
        return 1;
    for (uint32_t e = 0; e < workspace->fan.count; e++)
        if (explore_has(can_terminate, successor(search, &workspace->fan, e)))
            return 1;
    return 0;
}

/* All states once, the last ones first; how many more can terminate than was known. */
static uint64_t pass(const explore *search, uint64_t *can_terminate)
{
    uint64_t count = search->set.count, more = 0;
    uint64_t blocks = (count + BLOCK - 1) / BLOCK;

#pragma omp parallel num_threads(search->options.threads) if (blocks > 1) reduction(+ : more)
    {
        explore_workspace workspace;

        explore_workspace_init(&workspace, search->model);
#pragma omp for schedule(dynamic, 1)
        for (uint64_t b = 0; b < blocks; b++) {
            uint64_t first = (blocks - 1 - b) * BLOCK;
            uint64_t i = first + BLOCK < count ? first + BLOCK : count;

            while (i-- > first && !explore_stopped(search))
                if (!explore_has(can_terminate, i) &&
                    can_terminate_here(search, &workspace, can_terminate, i)) {
                    explore_put(can_terminate, i);
                    more++;
                }
        }
        explore_workspace_free(&workspace);
    }
    return more;
}

int explore_terminal_judge(explore *search, const explore_terminal_backward *backward,
                           int64_t *depth)
{
    uint64_t *can_terminate = sim_alloc(search->set.count / 64 + 1, sizeof *can_terminate);
    uint64_t first = 0;
    int all;

    SIM_ASSERT(!search->can_terminate && search->set.count > 0);
    *depth = EXPLORE_NO_DEPTH;
    all = climb_all(search, backward, can_terminate);
    while (!all && pass(search, can_terminate) > 0) {
    }
    while (!all && first < search->set.count && explore_has(can_terminate, first))
        first++;
    if (explore_stopped(search) || all || first == search->set.count) {
        free(can_terminate);
        return !explore_stopped(search);
    }
    search->can_terminate = can_terminate;
    SIM_ASSERT(!explore_has(can_terminate, first));
    *depth = 0;
    while (explore_level_first(search, *depth + 1) <= first)
        ++*depth;
    return 1;
}

/* ---- a livelock -------------------------------------------------------------------------- */

/* A way, or a way round: labels, and the state that each one leaves. */
typedef struct {
    uint32_t *labels, *states;
    uint32_t count;
} explore_ring;

/* A breadth-first search among the states that were found, from one of them. */
typedef struct {
    const explore *search;
    explore_workspace workspace;
    uint32_t *queue;  /* states, in order of arrival */
    uint32_t *before; /* place in the queue of each one's predecessor */
    uint32_t *label;  /* by which it was reached */
    uint64_t *seen;   /* a set */
    uint32_t count;
} tour;

static void tour_init(tour *t, const explore *search)
{
    uint64_t count = search->set.count;

    *t = (tour){.search = search};
    explore_workspace_init(&t->workspace, search->model);
    t->queue = sim_alloc(count, sizeof *t->queue);
    t->before = sim_alloc(count, sizeof *t->before);
    t->label = sim_alloc(count, sizeof *t->label);
    t->seen = sim_alloc(count / 64 + 1, sizeof *t->seen);
}

static void tour_free(tour *t)
{
    explore_workspace_free(&t->workspace);
    free(t->queue);
    free(t->before);
    free(t->label);
    free(t->seen);
}

static void tour_begin(tour *t, uint32_t from)
{
    SIM_ASSERT(from < t->search->set.count);
    for (uint32_t i = 0; i < t->count; i++)
        t->seen[t->queue[i] / 64] = 0;
    t->queue[0] = from;
    t->count = 1;
    explore_put(t->seen, from);
}

/* Visits place `at` of the queue; the edge that leads back to the first place, or -1. */
static int tour_visit(tour *t, uint32_t at)
{
    const explore_fan *fan = &t->workspace.fan;

    SIM_ASSERT(at < t->count && t->count <= t->search->set.count);
    expand(t->search, &t->workspace, t->queue[at]);
    for (uint32_t e = 0; e < fan->count; e++) {
        uint64_t to = fan->edges[e].dead ? UINT64_MAX : successor(t->search, fan, e);

        if (to == t->queue[0])
            return (int)e;
        if (to == UINT64_MAX || explore_has(t->seen, to))
            continue;
        explore_put(t->seen, to);
        t->queue[t->count] = (uint32_t)to;
        t->before[t->count] = at;
        t->label[t->count++] = fan->edges[e].label;
    }
    return -1;
}

/* The way from the queue's first place to another one: labels, and the states that it leaves. */
static void tour_way(const tour *t, uint32_t to, explore_ring *way)
{
    uint32_t length = 0;

    for (uint32_t at = to; at != 0; at = t->before[at])
        length++;
    way->count = length;
    for (uint32_t at = to; at != 0; at = t->before[at]) {
        way->labels[--length] = t->label[at];
        way->states[length] = t->queue[t->before[at]];
    }
}

/* The shortest way from a state back to itself; there is one. */
static void find_ring(tour *t, uint32_t from, explore_ring *ring)
{
    uint32_t at = 0;
    int back;

    tour_begin(t, from);
    while ((back = tour_visit(t, at)) < 0) {
        at++;
        SIM_ASSERT(at < t->count);
    }
    tour_way(t, at, ring);
    ring->states[ring->count] = t->queue[at];
    ring->labels[ring->count++] = t->workspace.fan.edges[back].label;
    SIM_ASSERT(ring->count <= t->count && ring->states[0] == from);
}

/* The state that a stem leads to; *actor: who moved last. */
static uint32_t state_behind(tour *t, const explore_livelock *stem, int *actor)
{
    uint64_t at = 0;

    for (int64_t i = 0; i < stem->count; i++) {
        uint32_t e = 0;

        expand(t->search, &t->workspace, at);
        while (t->workspace.fan.edges[e].label != stem->labels[i]) {
            e++;
            SIM_ASSERT(e < t->workspace.fan.count);
        }
        *actor = t->workspace.fan.edges[e].actor;
        at = successor(t->search, &t->workspace.fan, e);
    }
    return (uint32_t)at;
}

/* The first state that the usual order repeats: it must, as no terminal state can be reached. */
static uint32_t comes_back(tour *t, uint32_t from, int actor)
{
    uint64_t at = from;

    tour_begin(t, from);
    for (;;) {
        int e;

        expand(t->search, &t->workspace, at);
        e = explore_usual(&t->workspace.fan, actor);
        SIM_ASSERT(e >= 0);
        actor = t->workspace.fan.edges[e].actor;
        at = successor(t->search, &t->workspace.fan, (uint32_t)e);
        if (explore_has(t->seen, at))
            return (uint32_t)at;
        explore_put(t->seen, at);
        t->queue[t->count++] = (uint32_t)at;
    }
}

static uint32_t place_in(const explore_ring *ring, uint32_t state)
{
    uint32_t place = 0;

    while (place < ring->count && ring->states[place] != state)
        place++;
    return place;
}

void explore_terminal_livelock(const explore *search, explore_livelock *livelock)
{
    uint64_t count = search->set.count;
    explore_ring way = {.labels = sim_alloc(count + 1, sizeof *way.labels),
                        .states = sim_alloc(count + 1, sizeof *way.states)};
    explore_ring ring = {.labels = sim_alloc(count + 1, sizeof *ring.labels),
                         .states = sim_alloc(count + 1, sizeof *ring.states)};
    uint32_t from, at = 0, place;
    int actor = 0;
    tour t;

    SIM_ASSERT(search->can_terminate && livelock->count >= 0);
    tour_init(&t, search);
    from = state_behind(&t, livelock, &actor);
    find_ring(&t, comes_back(&t, from, actor), &ring);
    tour_begin(&t, from);
    while ((place = place_in(&ring, t.queue[at])) == ring.count) {
        (void)tour_visit(&t, at++);
        SIM_ASSERT(at < t.count);
    }
    tour_way(&t, at, &way);
    livelock->loop = ring.count;
    livelock->labels =
        sim_realloc(livelock->labels, (uint64_t)livelock->count + way.count + ring.count,
                    sizeof *livelock->labels);
    for (uint32_t i = 0; i < way.count; i++)
        livelock->labels[livelock->count++] = way.labels[i];
    for (uint32_t i = 0; i < ring.count; i++)
        livelock->labels[livelock->count++] = ring.labels[(place + i) % ring.count];
    SIM_ASSERT(livelock->loop > 0 && livelock->loop <= livelock->count);
    free(way.labels);
    free(way.states);
    free(ring.labels);
    free(ring.states);
    tour_free(&t);
}

/* ---- no terminal state from one state ------------------------------------------------------ */

/* A model that begins in another state. Its one property: this state is not terminal. */
typedef struct {
    explore_model model;
    const explore_model *inner;
    const uint64_t *state;
} elsewhere;

static void elsewhere_initial(const explore_model *model, void *scratch, uint64_t *state)
{
    const elsewhere *e = model->self;

    (void)scratch;
    SIM_ASSERT(e->inner->words == model->words);
    memcpy(state, e->state, model->words * sizeof *state);
}

static void elsewhere_expand(const explore_model *model, void *scratch, const uint64_t *state,
                             explore_fan *fan)
{
    const elsewhere *e = model->self;

    e->inner->expand(e->inner, scratch, state, fan);
    fan->violated = (uint32_t)is_terminal(fan);
    for (uint32_t i = 0; i < fan->count; i++)
        fan->edges[i].violated = 0;
}

sim_status explore_terminal_none(const explore_model *model, const uint64_t *state,
                                 uint64_t *states, sim_err *err)
{
    explore_options options = {.watch = 1, .ceiling = (uint64_t)CEILING_GIB << 30};
    elsewhere e = {.model = *model, .inner = model, .state = state};
    explore_result result;
    explore search;
    sim_status status;

    e.model.self = &e;
    e.model.initial = elsewhere_initial;
    e.model.expand = elsewhere_expand;
    status = explore_run(&search, &e.model, &options, &result, err);
    if (status != SIM_OK)
        return status;
    explore_free(&search);
    *states = result.states;
    if (result.first[0] != EXPLORE_NO_DEPTH)
        return err_set(err, SIM_FINDING,
                       "the model diverges: everything can be over in %lld steps from here",
                       (long long)result.first[0]);
    if (!result.complete)
        return err_set(err, SIM_FINDING, "what can follow was not all searched");
    return SIM_OK;
}
