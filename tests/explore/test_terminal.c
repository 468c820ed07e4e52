/* SPDX-License-Identifier: Apache-2.0 */
/* test_terminal: states from which no end can be reached: found, and shown by a run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "models/explore/smm_parts.h"
#include "tests/explore_args.h"
#include "sim/explore/terminal.h"
#include "sim/lib/rng.h"
#include "tests/livelock.h"

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
    int64_t *depth;         /* of each node, or -1: not reached */
    uint8_t *can_terminate; /* of each node */
    int64_t first; /* depth of the first node that is reached and may not end, or NO_DEPTH */
} plain;

static void plain_judge(const graph *g, plain *p)
{
    uint32_t *queue = sim_alloc(g->nodes, sizeof *queue);
    uint32_t count = 1;
    int changed = 1;

    p->depth = sim_alloc(g->nodes, sizeof *p->depth);
    p->can_terminate = sim_alloc(g->nodes, 1);
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
                may |= p->can_terminate[g->to[i][e]];
            changed |= may && !p->can_terminate[i];
            p->can_terminate[i] = (uint8_t)may;
        }
    }
    for (uint32_t at = count; at-- > 0;)
        if (!p->can_terminate[queue[at]])
            p->first = p->depth[queue[at]];
    free(queue);
}

static void plain_free(plain *p)
{
    free(p->depth);
    free(p->can_terminate);
}

/* ---- the comparison ----------------------------------------------------------------------- */

/* A livelock is a run of the graph; its stem ends in a node that cannot terminate; its loop
 * comes back. */
static void check_lasso(const graph *g, const plain *p, const explore_livelock *livelock)
{
    uint32_t at = 0, again = 0;

    assert_true(livelock->loop > 0 && livelock->count >= p->first + livelock->loop);
    for (int64_t i = 0; i < livelock->count; i++) {
        if (i == livelock->count - livelock->loop)
            again = at;
        assert_int_equal(p->can_terminate[at], i < p->first);
        assert_true(livelock->labels[i] < g->ways[at]);
        at = g->to[at][livelock->labels[i]];
    }
    assert_int_equal(at, again);
}

static void compare(const graph *g, int threads)
{
    explore_model model = model_of(g);
    explore_options options = {
        .threads = threads, .all = 1, .ceiling = 1 << 28, .watch = ENDLESS, .livelock = ENDLESS};
    explore_result result;
    explore search;
    sim_err err;
    plain p;

    plain_judge(g, &p);
    assert_int_equal(explore_run(&search, &model, &options, &result, &err), SIM_OK);
    assert_true(result.judged_terminal);
    assert_int_equal(result.first[3], p.first);
    if (p.first != EXPLORE_NO_DEPTH) {
        explore_livelock livelock = {.count = p.first};

        livelock.labels = sim_alloc((uint64_t)p.first + 1, sizeof *livelock.labels);
        explore_trace(&search, 3, p.first, livelock.labels);
        explore_terminal_livelock(&search, &livelock);
        check_lasso(g, &p, &livelock);
        free(livelock.labels);
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
        {.watch = 1, .livelock = ENDLESS, .ceiling = 1 << 28},
        {.watch = ENDLESS, .livelock = ENDLESS, .ceiling = 1 << 28, .deepest = 3},
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
        assert_false(result.judged_terminal);
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
        .threads = 1, .watch = ENDLESS, .livelock = ENDLESS, .ceiling = 1 << 28, .stop = &p.stop};
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
    assert_false(result.complete || result.judged_terminal || result.out_of_time);
    explore_free(&search);
    p.asked = 0;
    options.stop = NULL;
    assert_int_equal(explore_run(&search, &model, &options, &result, &err), SIM_OK);
    assert_true(result.all_seen && result.complete && result.judged_terminal);
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
        .threads = 2, .all = 1, .ceiling = 1 << 28, .livelock = 1u << RULE_NO_LIVELOCK};
    step_config config;
    sim_err err;

    s->protocol = livelock_protocol();
    assert_int_equal(explore_args(arguments, &s->settings, &err), SIM_OK);
    s->settings.protocol = &s->protocol;
    s->settings.reduce = (uint8_t)reduce;
    assert_int_equal(explore_smm_check_settings(&s->settings, &config, &err), SIM_OK);
    options.watch = s->settings.watch;
    s->smm = explore_smm_new(&s->settings, &config);
    assert_int_equal(explore_run(&s->search, explore_smm_model(s->smm), &options, &s->result, &err),
                     SIM_OK);
    assert_true(s->result.judged_terminal);
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

static sim_status replay(const searched *s, const explore_livelock *livelock, char text[16000])
{
    explore_smm_schedule schedule = {.labels = livelock->labels,
                                     .count = livelock->count,
                                     .loop = livelock->loop,
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
    explore_livelock livelock;
    smm_view view;
    searched s;
    sim_err err;
    char text[16000];

    (void)state;
    search_endless(&s, "--cpus 2 --set smi.delivery=unicast", 0);
    livelock = (explore_livelock){.count = s.result.first[RULE_NO_LIVELOCK]};
    assert_int_equal(livelock.count, 1); /* CPU 1 triggers: nobody else will ever come */
    livelock.labels = sim_alloc((uint64_t)livelock.count, sizeof *livelock.labels);
    explore_trace(&s.search, RULE_NO_LIVELOCK, livelock.count, livelock.labels);
    explore_terminal_livelock(&s.search, &livelock);
    assert_int_equal(replay(&s, &livelock, text), SIM_OK);
    assert_non_null(strstr(text, "steps repeat without end\n"));
    assert_non_null(strstr(text, "is everything over\n"));
    assert_non_null(strstr(text, "CPU 1  runs normal code, an SMI is pending\n"));
    livelock.loop--;
    assert_int_equal(replay(&s, &livelock, text), SIM_FINDING);
    assert_non_null(strstr(text, "do not lead back"));
    livelock.loop++;
    livelock.count--;
    assert_int_equal(replay(&s, &livelock, text), SIM_FINDING);
    assert_non_null(strstr(text, "do not lead back"));
    free(livelock.labels);
    done(&s);
    search_endless(&s, "--cpus 2", 0); /* with both CPUs there, the other one may still come */
    explore_smm_initial(s.smm, &view);
    explore_smm_pack(s.smm, &view, state_now);
    assert_int_equal(explore_terminal_none(explore_smm_model(s.smm), state_now, &count, &err),
                     SIM_FINDING);
    assert_non_null(strstr(err.text, "the model diverges: everything can be over in "));
    done(&s);
}

/* ---- steps that lead nowhere ---------------------------------------------------------------- */

/* Nodes 0 and 1 lead to each other; with a fault there is a step out of node 1, too, that violates
 * property 0, and is dead or leads on to node 0. */
typedef enum { NO_FAULT, DEAD_FAULT, LIVE_FAULT } fault_kind;

static void fault_expand(const explore_model *model, void *scratch, const uint64_t *state,
                         explore_fan *fan)
{
    const fault_kind *kind = model->self;

    (void)scratch;
    fan->count = *state == 1 && *kind != NO_FAULT ? 2 : 1;
    fan->violated = 0;
    for (uint32_t e = 0; e < fan->count; e++) {
        fan->edges[e] = (explore_edge){
            .label = e, .actor = (uint16_t)e, .violated = e, .dead = e && *kind == DEAD_FAULT};
        fan->states[e] = !*state;
    }
}

static explore_model faulty(const fault_kind *kind)
{
    return (explore_model){
        .self = kind, .words = 1, .fanout = 2, .initial = graph_initial, .expand = fault_expand};
}

static void what_can_fail_for_good_is_no_livelock(void **state)
{
    (void)state;
    for (fault_kind kind = NO_FAULT; kind <= LIVE_FAULT; kind++) {
        explore_model model = faulty(&kind);
        explore_options options = {
            .threads = 1, .all = 1, .watch = ENDLESS, .livelock = ENDLESS, .ceiling = 1 << 28};
        explore_result result;
        explore search;
        sim_err err;

        assert_int_equal(explore_run(&search, &model, &options, &result, &err), SIM_OK);
        assert_true(result.judged_terminal);
        assert_int_equal(result.first[3], kind == DEAD_FAULT ? EXPLORE_NO_DEPTH : 0);
        explore_free(&search);
    }
}

/* Whether there is an end is all that counts: a step that violates something and goes on is none.
 */
static void only_an_end_speaks_against_no_end(void **state)
{
    const uint64_t begin = 0;

    (void)state;
    for (fault_kind kind = NO_FAULT; kind <= LIVE_FAULT; kind++) {
        explore_model model = faulty(&kind);
        uint64_t states = 0;
        sim_err err;

        assert_int_equal(explore_terminal_none(&model, &begin, &states, &err),
                         kind == DEAD_FAULT ? SIM_FINDING : SIM_OK);
        assert_true(states == 2);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(small_graphs_are_judged_as_by_plain_reachability),
    cmocka_unit_test(large_graphs_are_judged_so_for_any_number_of_threads),
    cmocka_unit_test(a_way_out_that_is_far_is_found),
    cmocka_unit_test(what_is_not_asked_for_or_not_finished_is_not_judged),
    cmocka_unit_test(a_search_whose_judging_is_cut_off_is_not_complete),
    cmocka_unit_test(reductions_keep_a_livelock),
    cmocka_unit_test(a_livelock_replays_and_a_wrong_one_is_refused),
    cmocka_unit_test(what_can_fail_for_good_is_no_livelock),
    cmocka_unit_test(only_an_end_speaks_against_no_end),
};

int main(void)
{
    return cmocka_run_group_tests_name("explore_terminal", tests, NULL, NULL);
}
