/* SPDX-License-Identifier: Apache-2.0 */
/* shrink: from a run that violates a property to one with fewer deviations. */
#include "sim/explore/shrink.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "sim/explore/bounded.h"

enum {
    FIRST_TRIES = 8000,
    MOVERS = 4,
    DEVIATIONS_MORE = 3,
    SEARCH_ROUNDS = 3,
    SEARCH_BYTES = 1 << 25,
    SEARCH_STATES = 250000, /* in one round, for each deviation; fewer where they are large */
    SEARCH_FANOUT = 100,
    SEARCH_DEEPEST = 128 /* in the first round; then twice as deep, and again */
};

/* ---- leaving out steps --------------------------------------------------------------------- */

typedef struct {
    const explore_model *model;
    explore_workspace *workspace;
    explore_chooser chooser;
    explore_path best, trial;
    uint32_t *wish;
    explore_deviation *planned; /* room for those of two runs */
    uint64_t tries, steps;
    uint64_t tries_most, steps_most;
    int round;
    uint64_t states; /* of all searches for other deviations */
    const explore_shrink_options *options;
} shrinking;

static int better(const explore_path *a, const explore_path *b)
{
    if (a->property != b->property)
        return 0;
    if (a->deviations != b->deviations)
        return a->deviations < b->deviations;
    return a->length < b->length;
}

static explore_shrink_end why_spent(const shrinking *s)
{
    const explore_shrink_options *options = s->options;

    if (options->stop && *options->stop)
        return EXPLORE_SHRINK_STOPPED;
    if (options->deadline > 0 && omp_get_wtime() >= options->deadline)
        return EXPLORE_SHRINK_OUT_OF_TIME;
    return s->tries >= s->tries_most || s->steps >= s->steps_most ? EXPLORE_SHRINK_TRIES
                                                                  : EXPLORE_SHRINK_DONE;
}

static int spent(const shrinking *s)
{
    return why_spent(s) != EXPLORE_SHRINK_DONE;
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
    explore_path swap;

    SIM_ASSERT(s->chooser.wishes >= 0 && (uint64_t)s->chooser.wishes <= s->chooser.steps);
    if (!spent(s)) {
        s->chooser.wish = s->wish;
        explore_path_walk(s->model, s->workspace, &s->chooser, &s->trial);
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
static int64_t stretch_end(const explore_path *r, int64_t from)
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
    const explore_path *r = &s->best;

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
static void change_steps(shrinking *s)
{
    int again = 1;

    while (again && !spent(s)) {
        again = leave_out_actors(s);
        again |= leave_out_pieces(s);
        again |= change_stretches(s);
        again = again || gather_actors(s);
    }
}

/* ---- leaving out deviations ---------------------------------------------------------------- */

/* Runs `planned`; 1 if that is better, and then it is the best. */
static int try_deviations(shrinking *s, const explore_deviation *planned, int64_t count)
{
    int found;

    SIM_ASSERT(count >= 0 && count <= s->best.deviations && s->chooser.wishes == 0);
    s->chooser.planned = planned;
    s->chooser.deviation_count = count;
    found = try_wish(s);
    s->chooser.deviation_count = 0;
    return found;
}

/* The deviations of the best run. */
static int64_t list_deviations(const shrinking *s, explore_deviation *planned)
{
    int64_t count = 0;
    uint32_t gap = 0;

    for (int64_t i = 0; i < s->best.length; i++) {
        gap += !s->best.deviated[i];
        if (!s->best.deviated[i])
            continue;
        planned[count++] = (explore_deviation){.label = s->best.labels[i], .gap = gap};
        gap = 0;
    }
    SIM_ASSERT(count == s->best.deviations);
    return count;
}

/* When a deviation comes whose predecessor is left out: where it came; as long behind the one
 * before that; at once. */
enum { SAME_PLACE, SAME_GAP, AT_ONCE, WAYS };

/* Without deviations a and b (a <= b). */
static int without(shrinking *s, int64_t a, int64_t b, int way)
{
    explore_deviation *planned = s->planned, *fewer = s->planned + s->best.deviations;
    int64_t count = list_deviations(s, planned), kept = 0;
    uint32_t gap = 0;
    int gone = 0; /* the one before */

    SIM_ASSERT(a >= 0 && a <= b && b < count);
    for (int64_t i = 0; i < count; i++) {
        if (i == a || i == b) {
            gap += planned[i].gap + 1;
            gone = 1;
            continue;
        }
        fewer[kept] = planned[i];
        if (gone && way != SAME_GAP)
            fewer[kept].gap = way == AT_ONCE ? 0 : planned[i].gap + gap;
        kept++;
        gap = 0;
        gone = 0;
    }
    return try_deviations(s, fewer, kept);
}

/* With one deviation, and if `all` those behind it, at once. */
static int hurry(shrinking *s, int64_t from, int all)
{
    int64_t count = list_deviations(s, s->planned);

    for (int64_t i = from; i < count && (all || i == from); i++)
        s->planned[i].gap = 0;
    return try_deviations(s, s->planned, count);
}

/* One pass over single deviations and pairs; 1 if any could be left out. */
static int leave_out_deviations(shrinking *s)
{
    int better_now = 0;

    for (int64_t a = 0; a < s->best.deviations && !spent(s); a++) {
        int gone = hurry(s, a, 0) || hurry(s, a, 1);

        for (int64_t b = a; b < s->best.deviations && !gone && !spent(s); b++)
            for (int way = 0; way < WAYS && !gone; way++)
                gone = without(s, a, b, way);
        better_now |= gone;
        a -= gone;
    }
    return better_now;
}

/* ---- other deviations ---------------------------------------------------------------------- */

/* The best run as far as its steps 0..length-1, and who may deviate from there on. */
typedef struct {
    int64_t length;
    int64_t planned; /* in it */
    uint64_t state[EXPLORE_WORDS_MAX];
    /* who moved last, who moves most in all of the run, who moved before the last one, and so on */
    uint16_t movers[MOVERS];
    int mover_count;
} beginning;

static uint16_t busiest(const shrinking *s)
{
    int64_t moves[EXPLORE_ACTORS_MAX] = {0};
    int most = 0;

    for (int64_t i = 0; i < s->best.length; i++)
        moves[s->best.actors[i]]++;
    for (int actor = 0; actor < EXPLORE_ACTORS_MAX; actor++)
        if (moves[actor] > moves[most])
            most = actor;
    return (uint16_t)most;
}

static void note_mover(beginning *b, uint16_t actor)
{
    for (int m = 0; m < b->mover_count; m++)
        if (b->movers[m] == actor)
            return;
    if (b->mover_count < MOVERS)
        b->movers[b->mover_count++] = actor;
}

static void note_movers(const shrinking *s, beginning *b)
{
    uint16_t most = busiest(s);

    if (b->length)
        note_mover(b, s->best.actors[b->length - 1]);
    note_mover(b, most);
    for (int64_t i = b->length; i-- > 0;)
        note_mover(b, s->best.actors[i]);
}

/* The best run's steps up to and with its deviation number `planned`. */
static void begin(shrinking *s, int64_t planned, beginning *b)
{
    const explore_model *model = s->model;

    *b = (beginning){.planned = 0};
    model->initial(model, s->workspace->scratch, b->state);
    while (b->planned < planned) {
        uint32_t e = 0;

        SIM_ASSERT(b->length < s->best.length);
        model->expand(model, s->workspace->scratch, b->state, &s->workspace->fan);
        while (s->workspace->fan.edges[e].label != s->best.labels[b->length])
            e++;
        memcpy(b->state, &s->workspace->fan.states[(uint64_t)e * model->words],
               model->words * sizeof *b->state);
        b->planned += s->best.deviated[b->length++];
    }
    note_movers(s, b);
}

/* All ways on with at most `most` deviations, of these two actors; 1 if one is better than the rest
 * of the best run. */
static int search_on(shrinking *s, const beginning *b, uint32_t most, const uint16_t pair[2])
{
    explore_options options = {.threads = 1,
                               .ceiling = SEARCH_BYTES,
                               .deepest = (uint64_t)SEARCH_DEEPEST << s->round,
                               .watch = 1u << s->best.property,
                               .stop = s->options->stop,
                               .deadline = s->options->deadline};
    explore_bounded bounded;
    explore_result result;
    explore search;
    int64_t length;
    sim_err err;

    explore_bounded_init(&bounded, s->model, most);
    explore_bounded_allow(&bounded, pair[0]);
    explore_bounded_allow(&bounded, pair[1]);
    explore_bounded_begin(&bounded, b->state, b->length ? s->best.actors[b->length - 1] : 0);
    if (explore_run(&search, &bounded.model, &options, &result, &err) != SIM_OK)
        return 0;
    s->states += result.states;
    length = result.first[s->best.property];
    if (length != EXPLORE_NO_DEPTH && (uint64_t)(b->length + length) < s->chooser.steps) {
        wish_for(s, 0, b->length);
        explore_trace(&search, s->best.property, length, s->wish + b->length);
        s->chooser.wishes += length;
    }
    explore_free(&search);
    return s->chooser.wishes > 0 && try_wish(s);
}

/* From the best run's begin on, and from behind each deviation: is there a better way on, with
 * deviations of movers x and y? */
static int search_deviations(shrinking *s, int x, int y)
{
    uint64_t fanout = s->model->fanout > SEARCH_FANOUT ? s->model->fanout : SEARCH_FANOUT;
    uint64_t most_states = (uint64_t)s->best.deviations * SEARCH_STATES * SEARCH_FANOUT / fanout *
                           SEARCH_FANOUT / fanout;

    for (int64_t planned = 0; planned < s->best.deviations; planned++) {
        beginning b;

        begin(s, planned, &b);
        for (uint32_t most = 1; most <= DEVIATIONS_MORE && planned + most < s->best.deviations;
             most++) {
            if (y >= b.mover_count || s->states >= most_states || spent(s))
                break;
            if (search_on(s, &b, most, (const uint16_t[2]){b.movers[x], b.movers[y]}))
                return 1;
        }
    }
    return 0;
}

static int search_all(shrinking *s)
{
    for (s->round = 0; s->round < SEARCH_ROUNDS; s->round++) {
        s->states = 0;
        for (int y = 1; y < MOVERS; y++)
            for (int x = 0; x < y; x++)
                if (search_deviations(s, x, y))
                    return 1;
    }
    return 0;
}

/* ---- all of it ----------------------------------------------------------------------------- */

static void allow(shrinking *s, uint64_t tries, uint64_t steps)
{
    s->tries = s->steps = 0;
    s->tries_most = tries;
    s->steps_most = steps;
}

explore_shrink_end explore_shrink(const explore_model *model, const explore_shrink_options *options,
                                  explore_path *path)
{
    explore_workspace workspace;
    shrinking s = {.model = model, .workspace = &workspace, .best = *path, .options = options};
    explore_shrink_end pairs, end;

    SIM_ASSERT(path->property >= 0 && (uint64_t)path->length <= options->steps);
    explore_workspace_init(&workspace, model);
    explore_path_init(&s.trial, options->steps);
    s.wish = sim_alloc(options->steps, sizeof *s.wish);
    s.planned = sim_alloc(2 * options->steps, sizeof *s.planned);
    s.chooser = (explore_chooser){.watch = options->watch, .steps = options->steps};
    allow(&s, FIRST_TRIES, EXPLORE_SHRINK_STEPS_MOST);
    change_steps(&s);
    do {
        allow(&s, EXPLORE_SHRINK_TRIES_MOST, EXPLORE_SHRINK_STEPS_MOST);
        while (leave_out_deviations(&s)) {
        }
        pairs = why_spent(&s);
    } while (search_all(&s));
    end = why_spent(&s); /* of the search for other deviations, where tries make no promise */
    SIM_ASSERT(s.best.property == path->property && s.best.deviations <= path->deviations);
    *path = s.best;
    explore_path_free(&s.trial);
    free(s.wish);
    free(s.planned);
    explore_workspace_free(&workspace);
    return end == EXPLORE_SHRINK_TRIES ? pairs : end;
}
