/* SPDX-License-Identifier: Apache-2.0 */
/* test_end: states from which no end can be reached: found, and shown by a run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "models/explore/smm_parts.h"
#include "tests/explore_args.h"
#include "sim/explore/end.h"
#include "sim/lib/rng.h"
#include "tests/endless.h"

/* ---- graphs as models --------------------------------------------------------------------- */

enum { WAYS = 4, ENDLESS = 1u << 3 };

/* Node i leads to to[i][0..ways[i]-1]; the run begins at node 0. */
typedef struct {
    uint32_t nodes;
    uint32_t (*to)[WAYS];
    uint8_t *ways;
} graph;

static void graph_initial(const explore_model *model, void *scratch, uint64_t *state)
{
    (void)model;
    (void)scratch;
    *state = 0;
}

static void graph_expand(const explore_model *model, void *scratch, const uint64_t *state,
                         explore_fan *fan)
{
    const graph *g = model->self;

    (void)scratch;
    fan->count = g->ways[*state];
    fan->violated = 0;
    for (uint32_t e = 0; e < fan->count; e++) {
        fan->edges[e] = (explore_edge){.label = e, .actor = (uint16_t)e};
        fan->states[e] = g->to[*state][e];
    }
}

static explore_model model_of(const graph *g)
{
    return (explore_model){
        .self = g, .words = 1, .fanout = WAYS, .initial = graph_initial, .expand = graph_expand};
}

static void graph_init(graph *g, uint32_t nodes)
{
    g->nodes = nodes;
    g->to = sim_alloc(nodes, sizeof *g->to);
    g->ways = sim_alloc(nodes, sizeof *g->ways);
}

static void graph_free(graph *g)
{
    free(g->to);
    free(g->ways);
}

static void add_way(graph *g, uint32_t from, uint32_t to)
{
    g->to[from][g->ways[from]++] = to;
}

/* ---- what plain reachability says --------------------------------------------------------- */

typedef struct {
    int64_t *depth;   /* of each node, or -1: not reached */
    uint8_t *may_end; /* of each node */
    int64_t first;    /* depth of the first node that is reached and may not end, or NO_DEPTH */
} plain;

static void plain_judge(const graph *g, plain *p)
{
    uint32_t *queue = sim_alloc(g->nodes, sizeof *queue);
    uint32_t count = 1;
    int changed = 1;

    p->depth = sim_alloc(g->nodes, sizeof *p->depth);
    p->may_end = sim_alloc(g->nodes, 1);
    p->first = EXPLORE_NO_DEPTH;
    for (uint32_t i = 1; i < g->nodes; i++)
        p->depth[i] = -1;
    queue[0] = 0;
    for (uint32_t at = 0; at < count; at++)
        for (int e = 0; e < g->ways[queue[at]]; e++) {
            uint32_t to = g->to[queue[at]][e];

            if (p->depth[to] >= 0)
                continue;
            p->depth[to] = p->depth[queue[at]] + 1;
            queue[count++] = to;
        }
    while (changed) {
        changed = 0;
        for (uint32_t at = count; at-- > 0;) {
            uint32_t i = queue[at];
            int may = g->ways[i] == 0;

            for (int e = 0; e < g->ways[i]; e++)
                may |= p->may_end[g->to[i][e]];
            changed |= may && !p->may_end[i];
            p->may_end[i] = (uint8_t)may;
        }
    }
    for (uint32_t at = count; at-- > 0;)
        if (!p->may_end[queue[at]])
            p->first = p->depth[queue[at]];
    free(queue);
}

static void plain_free(plain *p)
{
    free(p->depth);
    free(p->may_end);
}

/* ---- the comparison ----------------------------------------------------------------------- */

/* A livelock is a run of the graph; its stem ends in a node that cannot terminate; its loop
 * comes back. */
static void check_lasso(const graph *g, const plain *p, const explore_lasso *lasso)
{
    uint32_t at = 0, again = 0;

    assert_true(lasso->loop > 0 && lasso->count >= p->first + lasso->loop);
    for (int64_t i = 0; i < lasso->count; i++) {
        if (i == lasso->count - lasso->loop)
            again = at;
        assert_int_equal(p->may_end[at], i < p->first);
        assert_true(lasso->labels[i] < g->ways[at]);
        at = g->to[at][lasso->labels[i]];
    }
    assert_int_equal(at, again);
}

static void compare(const graph *g, int threads)
{
    explore_model model = model_of(g);
    explore_options options = {
        .threads = threads, .all = 1, .ceiling = 1 << 28, .watch = ENDLESS, .endless = ENDLESS};
    explore_result result;
    explore search;
    sim_err err;
    plain p;

    plain_judge(g, &p);
    assert_int_equal(explore_run(&search, &model, &options, &result, &err), SIM_OK);
    assert_true(result.judged_ends);
    assert_int_equal(result.first[3], p.first);
    if (p.first != EXPLORE_NO_DEPTH) {
        explore_lasso lasso = {.count = p.first};

        lasso.labels = sim_alloc((uint64_t)p.first + 1, sizeof *lasso.labels);
        explore_trace(&search, 3, p.first, lasso.labels);
        explore_end_lasso(&search, &lasso);
        check_lasso(g, &p, &lasso);
        free(lasso.labels);
    }
    explore_free(&search);
    plain_free(&p);
}

static uint64_t draw(rng_address *at, uint64_t bound)
{
    at->ordinal++;
    return rng_below(rng_word(at), bound);
}

/* Few ends, ways on and back: of the small ones about half have no livelock. */
static void fill(graph *g, uint32_t seed)
{
    rng_address at = {.seed = seed};
    uint64_t ends = 1 + draw(&at, 8);

    for (uint32_t i = 0; i < g->nodes; i++) {
        uint64_t ways = draw(&at, 32) < ends ? 0 : 1 + draw(&at, WAYS);

        for (uint64_t e = 0; e < ways; e++) {
            uint64_t span = 1 + draw(&at, 6);
            uint64_t to = draw(&at, 4) == 0 ? (i > span ? i - span : 0) : i + span;

            add_way(g, i, (uint32_t)(to < g->nodes ? to : draw(&at, g->nodes)));
        }
    }
}

static void small_graphs_are_judged_as_by_plain_reachability(void **state)
{
    (void)state;
    for (uint32_t seed = 0; seed < 2000; seed++) {
        graph g;

        graph_init(&g, 2 + seed % 60);
        fill(&g, seed);
        compare(&g, 1);
        graph_free(&g);
    }
}

/* Wide levels, so that threads share them, and states that only a pass over all of them settles. */
static void large_graphs_are_judged_so_for_any_number_of_threads(void **state)
{
    (void)state;
    for (uint32_t seed = 0; seed < 2; seed++) {
        rng_address at = {.seed = seed};
        graph g;

        graph_init(&g, 60000);
        for (uint32_t i = 0; i < g.nodes; i++)
            for (uint64_t e = i < 20000 ? 3 : draw(&at, 3); e > 0; e--)
                add_way(&g, i, (uint32_t)((i * 3 + e + draw(&at, 2)) % g.nodes));
        if (seed % 2) /* somewhere a pair of nodes that lead to each other only */
            for (uint32_t i = 30000; i < 30002; i++) {
                g.ways[i] = 0;
                add_way(&g, i, 60001 - i);
            }
        for (int threads = 1; threads <= 2; threads++)
            compare(&g, threads);
        graph_free(&g);
    }
}

/* A ladder back to the start from its far end: one way out, which no walk of a few steps finds. */
static void a_way_out_that_is_far_is_found(void **state)
{
#ifdef __SANITIZE_ADDRESS__ /* its time is the square of that */
    enum { LONG = 2000 };
#else
    enum { LONG = 6000 };
#endif

    (void)state;
    for (int way_out = 0; way_out < 2; way_out++) {
        graph g;

        graph_init(&g, 2 * LONG + 1);
        for (uint32_t i = 0; i < LONG; i++) {
            add_way(&g, i, i + 1 < LONG ? i + 1 : 0);
            add_way(&g, i, LONG + i);
            add_way(&g, LONG + i, i ? LONG + i - 1 : 0); /* all the way back */
        }
        if (way_out)
            add_way(&g, LONG + 1, 2 * LONG);
        compare(&g, 2);
        graph_free(&g);
    }
}

static void what_is_not_asked_for_or_not_finished_is_not_judged(void **state)
{
    static const explore_options cases[] = {
        {.watch = ENDLESS, .ceiling = 1 << 28},
        {.watch = 1, .endless = ENDLESS, .ceiling = 1 << 28},
        {.watch = ENDLESS, .endless = ENDLESS, .ceiling = 1 << 28, .deepest = 3},
    };
    graph g;

    (void)state;
    graph_init(&g, 10);
    for (uint32_t i = 0; i < g.nodes; i++)
        add_way(&g, i, (i + 1) % g.nodes);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        explore_model model = model_of(&g);
        explore_result result;
        explore search;
        sim_err err;

        assert_int_equal(explore_run(&search, &model, &cases[i], &result, &err), SIM_OK);
        assert_false(result.judged_ends);
        assert_int_equal(result.first[3], EXPLORE_NO_DEPTH);
        explore_free(&search);
    }
    graph_free(&g);
}

/* A graph that is told to stop when it is asked for more than the search needs: by the judging. */
typedef struct {
    graph g;
    uint32_t asked;
    volatile sig_atomic_t stop;
} patience;

static void patience_expand(const explore_model *model, void *scratch, const uint64_t *state,
                            explore_fan *fan)
{
    patience *p = (patience *)(uintptr_t)model->self;
    const explore_model inner = model_of(&p->g);

    p->stop = ++p->asked > p->g.nodes;
    graph_expand(&inner, scratch, state, fan);
}

static void a_search_whose_judging_is_cut_off_is_not_complete(void **state)
{
    patience p = {.asked = 0};
    explore_model model = model_of(&p.g);
    explore_options options = {
        .threads = 1, .watch = ENDLESS, .endless = ENDLESS, .ceiling = 1 << 28, .stop = &p.stop};
    explore_result result;
    explore search;
    sim_err err;

    (void)state;
    graph_init(&p.g, 10);
    for (uint32_t i = 0; i < p.g.nodes; i++)
        add_way(&p.g, i, (i + 1) % p.g.nodes);
    model.self = &p;
    model.expand = patience_expand;
    assert_int_equal(explore_run(&search, &model, &options, &result, &err), SIM_OK);
    assert_int_equal(result.states, 10);
    assert_true(result.all_seen && result.interrupted);
    assert_false(result.complete || result.judged_ends || result.out_of_time);
    explore_free(&search);
    p.asked = 0;
    options.stop = NULL;
    assert_int_equal(explore_run(&search, &model, &options, &result, &err), SIM_OK);
    assert_true(result.all_seen && result.complete && result.judged_ends);
    explore_free(&search);
    options.deadline = 1e-9; /* long ago */
    assert_int_equal(explore_run(&search, &model, &options, &result, &err), SIM_OK);
    assert_true(result.out_of_time);
    assert_false(result.complete || result.all_seen);
    explore_free(&search);
    graph_free(&p.g);
}

/* ---- a protocol with a livelock ------------------------------------------------------------- */

typedef struct {
    step_protocol protocol;
    explore_smm_settings settings;
    explore_smm *smm;
    explore search;
    explore_result result;
} searched;

static void search_endless(searched *s, const char *arguments, int reduce)
{
    explore_options options = {
        .threads = 2, .all = 1, .ceiling = 1 << 28, .endless = 1u << RULE_NO_LIVELOCK};
    step_config config;
    sim_err err;

    s->protocol = endless_protocol();
    assert_int_equal(explore_args(arguments, &s->settings, &err), SIM_OK);
    s->settings.protocol = &s->protocol;
    s->settings.reduce = (uint8_t)reduce;
    assert_int_equal(explore_smm_check_settings(&s->settings, &config, &err), SIM_OK);
    options.watch = s->settings.watch;
    s->smm = explore_smm_new(&s->settings, &config);
    assert_int_equal(explore_run(&s->search, explore_smm_model(s->smm), &options, &s->result, &err),
                     SIM_OK);
    assert_true(s->result.judged_ends);
}

static void done(searched *s)
{
    explore_free(&s->search);
    explore_smm_free(s->smm);
}

/* Only one step of a CPU is tried where it cannot matter to others, and CPUs are sorted: a livelock
 * shows all the same, as soon or sooner in accesses that are tried. */
static void reductions_keep_a_livelock(void **state)
{
    static const char *const cases[] = {
        "--cpus 2",
        "--cpus 2 --set smi.delivery=unicast",
        "--cpus 2 --set timeouts=off",
        "--cpus 3 --set smi.delivery=unicast --set sync.mode=relaxed",
        "--cpus 3 --set smi.delivery=unicast --set trigger=1",
        "--cpus 3 --set sync.mode=relaxed --set timeouts=off",
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        searched full, less;

        search_endless(&full, cases[i], 0);
        search_endless(&less, cases[i], 1);
        assert_true(less.result.states <= full.result.states);
        assert_int_equal(full.result.first[RULE_NO_LIVELOCK] == EXPLORE_NO_DEPTH,
                         less.result.first[RULE_NO_LIVELOCK] == EXPLORE_NO_DEPTH);
        done(&full);
        done(&less);
    }
}

static sim_status replay(const searched *s, const explore_lasso *lasso, char text[16000])
{
    explore_smm_schedule schedule = {.labels = lasso->labels,
                                     .count = lasso->count,
                                     .loop = lasso->loop,
                                     .property = RULE_NO_LIVELOCK};
    FILE *out = fmemopen(text, 16000, "w");
    sim_err err;
    sim_status status = explore_smm_replay(s->smm, &schedule, out, &err);

    if (status != SIM_OK)
        (void)fprintf(out, "%s", err.text);
    assert_int_equal(fclose(out), 0);
    return status;
}

static void a_livelock_replays_and_a_wrong_one_is_refused(void **state)
{
    uint64_t state_now[EXPLORE_WORDS_MAX], count;
    explore_lasso lasso;
    smm_view view;
    searched s;
    sim_err err;
    char text[16000];

    (void)state;
    search_endless(&s, "--cpus 2 --set smi.delivery=unicast", 0);
    lasso = (explore_lasso){.count = s.result.first[RULE_NO_LIVELOCK]};
    assert_int_equal(lasso.count, 1); /* CPU 1 triggers: nobody else will ever come */
    lasso.labels = sim_alloc((uint64_t)lasso.count, sizeof *lasso.labels);
    explore_trace(&s.search, RULE_NO_LIVELOCK, lasso.count, lasso.labels);
    explore_end_lasso(&s.search, &lasso);
    assert_int_equal(replay(&s, &lasso, text), SIM_OK);
    assert_non_null(strstr(text, "steps repeat without end\n"));
    assert_non_null(strstr(text, "is everything over\n"));
    assert_non_null(strstr(text, "CPU 1  runs normal code, an SMI is pending\n"));
    lasso.loop--;
    assert_int_equal(replay(&s, &lasso, text), SIM_FINDING);
    assert_non_null(strstr(text, "do not lead back"));
    lasso.loop++;
    lasso.count--;
    assert_int_equal(replay(&s, &lasso, text), SIM_FINDING);
    assert_non_null(strstr(text, "do not lead back"));
    free(lasso.labels);
    done(&s);
    search_endless(&s, "--cpus 2", 0); /* with both CPUs there, the other one may still come */
    explore_smm_initial(s.smm, &view);
    explore_smm_pack(s.smm, &view, state_now);
    assert_int_equal(explore_end_none(explore_smm_model(s.smm), state_now, &count, &err),
                     SIM_FINDING);
    assert_non_null(strstr(err.text, "the model diverges: everything can be over in "));
    done(&s);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(small_graphs_are_judged_as_by_plain_reachability),
    cmocka_unit_test(large_graphs_are_judged_so_for_any_number_of_threads),
    cmocka_unit_test(a_way_out_that_is_far_is_found),
    cmocka_unit_test(what_is_not_asked_for_or_not_finished_is_not_judged),
    cmocka_unit_test(a_search_whose_judging_is_cut_off_is_not_complete),
    cmocka_unit_test(reductions_keep_a_livelock),
    cmocka_unit_test(a_livelock_replays_and_a_wrong_one_is_refused),
};

int main(void)
{
    return cmocka_run_group_tests_name("explore_end", tests, NULL, NULL);
}
