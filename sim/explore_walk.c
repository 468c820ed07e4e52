/* SPDX-License-Identifier: Apache-2.0 */
/* explore_walk: beyond what can be searched in full: random runs, and few departures from the rule.
 */
#include "sim/explore_walk.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "sim/rng.h"

enum { SHRINK_TRIES = 8000, SHRINK_STEPS = 20000000 };

/* ---- runs ------------------------------------------------------------------------------- */

typedef struct {
    uint32_t *labels;
    uint16_t *actors; /* of each */
    int64_t length, deviations;
    int property; /* violated at its end, or -1 */
} run;

/* How a run chooses: a list of labels to take where they can be taken, or chance. */
typedef struct {
    const uint32_t *wish;
    int64_t wishes;
    rng_address address;
    uint32_t odds;  /* of a random choice: 1 in so many; 0: never */
    int priorities; /* 1: actors run by random priorities, which change now and then */
    uint16_t epoch[EXPLORE_ACTORS_MAX];
    uint32_t watch;
    uint64_t steps;
} chooser;

static int first_bit(uint32_t set)
{
    return set ? __builtin_ctz(set) : -1;
}

static int edge_labelled(const explore_fan *fan, uint32_t label)
{
    for (uint32_t e = 0; e < fan->count; e++)
        if (fan->edges[e].label == label)
            return (int)e;
    return -1;
}

static uint64_t draw(chooser *c, uint64_t bound)
{
    c->address.ordinal++;
    return rng_below(rng_word(&c->address), bound);
}

/* Of the actors that can move the one with the highest priority: some run far ahead of others,
 * which even odds would never give. Unusual steps have a chance of 1 in 8. */
static int choose_by_priority(const explore_fan *fan, chooser *c, int usual)
{
    uint64_t highest = 0;
    int best = usual;
    int unusual = draw(c, 8) == 0;

    for (uint32_t e = 0; e < fan->count; e++) {
        const explore_edge *edge = &fan->edges[e];
        rng_address address = c->address;
        uint64_t priority;

        if (edge->rank > fan->edges[usual].rank && !unusual)
            continue;
        address.purpose = 1;
        address.index = (uint8_t)edge->actor;
        address.ordinal = c->epoch[edge->actor];
        priority = rng_word(&address);
        if (priority >= highest) {
            highest = priority;
            best = (int)e;
        }
    }
    if (draw(c, 32) == 0)
        c->epoch[fan->edges[best].actor]++;
    return best;
}

/* The edge to take, or -1 at the end. */
static int choose(const explore_fan *fan, chooser *c, int64_t *wish, int usual)
{
    int e = -1;

    while (e < 0 && *wish < c->wishes)
        e = edge_labelled(fan, c->wish[(*wish)++]); /* those that cannot be taken are passed over */
    if (e >= 0)
        return e;
    if (usual < 0)
        return -1;
    if (c->priorities)
        return choose_by_priority(fan, c, usual);
    if (c->odds && draw(c, c->odds) == 0)
        return (int)draw(c, fan->count);
    return usual;
}

static void walk(const explore_model *model, explore_bench *bench, chooser *c, run *r)
{
    uint64_t state[EXPLORE_WORDS_MAX];
    int64_t wish = 0;
    int last = 0;

    *r = (run){.labels = r->labels, .actors = r->actors, .property = -1};
    model->initial(model, bench->scratch, state);
    while ((uint64_t)r->length < c->steps) {
        int usual, e;

        model->expand(model, bench->scratch, state, &bench->fan);
        r->property = first_bit(bench->fan.violated & c->watch);
        if (r->property >= 0)
            return;
        usual = explore_usual(&bench->fan, last);
        e = choose(&bench->fan, c, &wish, usual);
        if (e < 0)
            return;
        r->actors[r->length] = bench->fan.edges[e].actor;
        r->labels[r->length++] = bench->fan.edges[e].label;
        r->deviations += e != usual;
        r->property = first_bit(bench->fan.edges[e].violated & c->watch);
        if (r->property >= 0 || bench->fan.edges[e].dead)
            return;
        last = bench->fan.edges[e].actor;
        memcpy(state, &bench->fan.states[(uint64_t)e * model->words], model->words * sizeof *state);
    }
}

/* ---- shrinking -------------------------------------------------------------------------- */

typedef struct {
    const explore_model *model;
    explore_bench *bench;
    chooser chooser;
    run best, trial;
    uint32_t *wish;
    uint64_t tries, steps;
} shrinking;

static int better(const run *a, const run *b)
{
    if (a->property != b->property)
        return 0;
    if (a->deviations != b->deviations)
        return a->deviations < b->deviations;
    return a->length < b->length;
}

static int spent(const shrinking *s)
{
    return s->tries >= SHRINK_TRIES || s->steps >= SHRINK_STEPS;
}

/* Appends labels from..to-1 of the best run to the wish. */
static void wish_for(shrinking *s, int64_t from, int64_t to)
{
    SIM_ASSERT(from <= to && to <= s->best.length);
    memcpy(s->wish + s->chooser.wishes, s->best.labels + from,
           (size_t)(to - from) * sizeof *s->wish);
    s->chooser.wishes += to - from;
}

/* Runs the wish; 1 if that is better, and then it is the best. */
static int try_wish(shrinking *s)
{
    run swap;

    if (!spent(s)) {
        s->chooser.wish = s->wish;
        walk(s->model, s->bench, &s->chooser, &s->trial);
        s->tries++;
        s->steps += (uint64_t)s->trial.length;
    }
    s->chooser.wishes = 0;
    if (spent(s) || !better(&s->trial, &s->best))
        return 0;
    swap = s->best;
    s->best = s->trial;
    s->trial = swap;
    return 1;
}

/* Tries the best run without labels from..to-1. */
static int leave_out(shrinking *s, int64_t from, int64_t to)
{
    wish_for(s, 0, from);
    wish_for(s, to, s->best.length);
    return try_wish(s);
}

/* Without pieces of half the run, of a quarter, and so on. */
static int leave_out_pieces(shrinking *s)
{
    int better_now = 0;

    for (int64_t size = s->best.length; size > 0; size /= 2)
        for (int64_t from = 0; from < s->best.length && !spent(s);) {
            int64_t to = from + size < s->best.length ? from + size : s->best.length;

            if (leave_out(s, from, to))
                better_now = 1;
            else
                from += size;
        }
    return better_now;
}

/* Without anything that one actor does of itself: then it does what is usual. */
static int leave_out_actors(shrinking *s)
{
    int better_now = 0;

    for (uint16_t actor = 0; actor < EXPLORE_ACTORS_MAX && !spent(s); actor++) {
        int there = 0;

        for (int64_t i = 0; i < s->best.length; i++) {
            there |= s->best.actors[i] == actor;
            if (s->best.actors[i] != actor)
                wish_for(s, i, i + 1);
        }
        if (there)
            better_now |= try_wish(s);
        s->chooser.wishes = 0;
    }
    return better_now;
}

/* The end of the stretch of steps of one actor that begins at `from`. */
static int64_t stretch_end(const run *r, int64_t from)
{
    int64_t end = from;

    while (end < r->length && r->actors[end] == r->actors[from])
        end++;
    return end;
}

/* A stretch is left out, or put together with its actor's next one, at the place of either. */
static int change_stretch(shrinking *s, int64_t from)
{
    int64_t end = stretch_end(&s->best, from), next = end, next_end;

    if (leave_out(s, from, end))
        return 1;
    while (next < s->best.length && s->best.actors[next] != s->best.actors[from])
        next++;
    if (next == s->best.length)
        return 0;
    next_end = stretch_end(&s->best, next);
    wish_for(s, 0, end);
    wish_for(s, next, next_end);
    wish_for(s, end, next);
    wish_for(s, next_end, s->best.length);
    if (try_wish(s))
        return 1;
    wish_for(s, 0, from);
    wish_for(s, end, next);
    wish_for(s, from, end);
    wish_for(s, next, s->best.length);
    return try_wish(s);
}

static int change_stretches(shrinking *s)
{
    int better_now = 0;

    for (int64_t from = 0; from < s->best.length && !spent(s);) {
        if (change_stretch(s, from))
            better_now = 1;
        else
            from = stretch_end(&s->best, from);
    }
    return better_now;
}

/* Tries all that an actor does in one go, where the stretch at `place` begins, or at the end. */
static int gather(shrinking *s, uint16_t actor, int64_t place)
{
    const run *r = &s->best;

    for (int64_t i = 0; i <= r->length; i++) {
        for (int64_t own = 0; i == place && own < r->length; own++)
            if (r->actors[own] == actor)
                wish_for(s, own, own + 1);
        if (i < r->length && r->actors[i] != actor)
            wish_for(s, i, i + 1);
    }
    return try_wish(s);
}

/* The same with every actor, at every place. */
static int gather_actors(shrinking *s)
{
    uint8_t there[EXPLORE_ACTORS_MAX] = {0};
    int better_now = 0;

    for (int64_t i = 0; i < s->best.length; i++)
        there[s->best.actors[i]] = 1;
    for (int actor = 0; actor < EXPLORE_ACTORS_MAX; actor++)
        for (int64_t at = 0; there[actor] && at <= s->best.length && !spent(s);) {
            better_now |= gather(s, (uint16_t)actor, at);
            at = at < s->best.length ? stretch_end(&s->best, at) : at + 1;
        }
    return better_now;
}

/* Until nothing of all that makes the run any better. */
static void shrink(shrinking *s)
{
    int again = 1;

    while (again && !spent(s)) {
        again = leave_out_actors(s);
        again |= leave_out_pieces(s);
        again |= change_stretches(s);
        again = again || gather_actors(s);
    }
}

void explore_walk_random(const explore_model *model, const explore_walk_options *options,
                         explore_walk_result *result)
{
    static const uint32_t odds[] = {2, 8, 32, 128};
    explore_bench bench;
    shrinking s = {.model = model, .bench = &bench};
    double end = options->seconds ? omp_get_wtime() + (double)options->seconds : 0;

    explore_bench_init(&bench, model);
    *result = (explore_walk_result){.property = -1};
    s.best.labels = sim_alloc(options->steps, sizeof(uint32_t));
    s.trial.labels = sim_alloc(options->steps, sizeof(uint32_t));
    s.best.actors = sim_alloc(options->steps, sizeof(uint16_t));
    s.trial.actors = sim_alloc(options->steps, sizeof(uint16_t));
    s.wish = sim_alloc(options->steps, sizeof(uint32_t));
    s.best.property = -1;
    s.chooser = (chooser){.watch = options->watch, .steps = options->steps};
    for (; result->runs < options->runs && s.best.property < 0; result->runs++) {
        result->out_of_time = end > 0 && omp_get_wtime() >= end;
        if (result->out_of_time || (options->stop && *options->stop))
            break;
        s.chooser.address = (rng_address){.seed = options->seed,
                                          .repetition = (uint32_t)result->runs,
                                          .component = (uint16_t)(result->runs >> 32)};
        memset(s.chooser.epoch, 0, sizeof s.chooser.epoch);
        s.chooser.priorities = result->runs % 2 == 1;
        s.chooser.odds = odds[result->runs / 2 % (sizeof odds / sizeof odds[0])];
        walk(model, &bench, &s.chooser, &s.best);
        result->steps += (uint64_t)s.best.length;
    }
    result->found_length = s.best.length;
    result->found_deviations = s.best.deviations;
    result->run = result->runs - 1;
    s.chooser.odds = 0;
    s.chooser.priorities = 0;
    if (s.best.property >= 0)
        shrink(&s);
    result->property = s.best.property;
    result->labels = s.best.labels;
    result->length = s.best.length;
    result->deviations = s.best.deviations;
    free(s.trial.labels);
    free(s.trial.actors);
    free(s.best.actors);
    free(s.wish);
    explore_bench_free(&bench);
}

/* ---- few deviations --------------------------------------------------------------------- */

/* Behind the inner state one word more: who moved last, and deviations so far. */
enum { USED_SHIFT = 16 };

static uint64_t edge_words(const explore_model *inner)
{
    return (inner->fanout * sizeof(explore_edge) + 7) / 8;
}

static void few_initial(const explore_model *model, void *scratch, uint64_t *state)
{
    const explore_few *few = model->self;

    few->inner->initial(few->inner, scratch, state);
    state[few->inner->words] = 0;
}

/* Edge e out of the inner fan, moved to place `to` of the outer one. */
static void keep_edge(const explore_few *few, explore_fan *fan, const explore_fan *inner,
                      const uint32_t which[2])
{
    uint32_t words = few->inner->words;
    uint64_t *state = &fan->states[(uint64_t)fan->count * (words + 1)];

    fan->edges[fan->count] = inner->edges[which[0]];
    memcpy(state, &inner->states[(uint64_t)which[0] * words], words * sizeof *state);
    state[words] = inner->edges[which[0]].actor | (uint64_t)which[1] << USED_SHIFT;
    fan->count++;
}

static void few_expand(const explore_model *model, void *scratch, const uint64_t *state,
                       explore_fan *fan)
{
    const explore_few *few = model->self;
    uint64_t scratch_words = (few->inner->scratch_bytes + 7) / 8;
    explore_fan inner = {0};
    uint32_t used = (uint32_t)(state[few->inner->words] >> USED_SHIFT);
    explore_edge *edges = (explore_edge *)(void *)((uint64_t *)scratch + scratch_words);
    int usual;

    inner.edges = edges;
    inner.states = (uint64_t *)scratch + scratch_words + edge_words(few->inner);
    few->inner->expand(few->inner, scratch, state, &inner);
    usual = explore_usual(&inner, (int)(state[few->inner->words] & 0xffff));
    fan->count = 0;
    fan->violated = inner.violated;
    for (uint32_t e = 0; e < inner.count; e++) {
        uint32_t after = used + ((int)e != usual);

        if (after <= few->most)
            keep_edge(few, fan, &inner, (uint32_t[2]){e, after});
    }
}

void explore_walk_few(explore_few *few, const explore_model *inner, uint32_t most)
{
    uint64_t scratch_words = (inner->scratch_bytes + 7) / 8;

    SIM_ASSERT(inner->words < EXPLORE_WORDS_MAX);
    few->inner = inner;
    few->most = most;
    few->model = *inner;
    few->model.self = few;
    few->model.words = inner->words + 1;
    few->model.initial = few_initial;
    few->model.expand = few_expand;
    few->model.scratch_bytes =
        8 * (scratch_words + edge_words(inner) + (uint64_t)inner->fanout * inner->words);
}
