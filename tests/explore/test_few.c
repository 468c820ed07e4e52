/* SPDX-License-Identifier: Apache-2.0 */
/* test_few: runs with few deviations from the usual order, begun where another run was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "sim/explore/few.h"

enum { ACTORS = 3 };

/* Each of three actors may move without end; the state counts all moves. */
static void begin(const explore_model *model, void *scratch, uint64_t *state)
{
    (void)model;
    (void)scratch;
    *state = 0;
}

static void all_may_move(const explore_model *model, void *scratch, const uint64_t *state,
                         explore_fan *fan)
{
    (void)model;
    (void)scratch;
    fan->violated = 0;
    fan->count = ACTORS;
    for (uint32_t e = 0; e < ACTORS; e++) {
        fan->edges[e] = (explore_edge){.label = e, .actor = (uint16_t)e};
        fan->states[e] = *state + 1;
    }
}

/* The actor that moved last before a run that begins elsewhere goes on in it. */
static void a_run_that_begins_elsewhere_knows_who_moved_last(void **state)
{
    const explore_model inner = {
        .words = 1, .fanout = ACTORS, .initial = begin, .expand = all_may_move};
    const uint64_t elsewhere = 7;

    (void)state;
    for (uint16_t last = 0; last < ACTORS; last++) {
        explore_bench bench;
        explore_few few;
        uint64_t first[2];

        explore_few_init(&few, &inner, 0);
        explore_few_begin(&few, &elsewhere, last);
        explore_bench_init(&bench, &few.model);
        few.model.initial(&few.model, bench.scratch, first);
        assert_int_equal(first[0], 7);
        few.model.expand(&few.model, bench.scratch, first, &bench.fan);
        assert_int_equal(bench.fan.count, 1);
        assert_int_equal(bench.fan.edges[0].actor, last);
        explore_bench_free(&bench);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_that_begins_elsewhere_knows_who_moved_last),
    };

    return cmocka_run_group_tests_name("few", tests, NULL, NULL);
}
