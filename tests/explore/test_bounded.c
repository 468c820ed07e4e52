/* SPDX-License-Identifier: Apache-2.0 */
/* test_bounded: runs with few deviations from the usual order, begun where another run was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "sim/explore/bounded.h"

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
        explore_workspace workspace;
        explore_bounded bounded;
        uint64_t first[2];

        explore_bounded_init(&bounded, &inner, 0);
        explore_bounded_begin(&bounded, &elsewhere, last);
        explore_workspace_init(&workspace, &bounded.model);
        bounded.model.initial(&bounded.model, workspace.scratch, first);
        assert_int_equal(first[0], 7);
        bounded.model.expand(&bounded.model, workspace.scratch, first, &workspace.fan);
        assert_int_equal(workspace.fan.count, 1);
        assert_int_equal(workspace.fan.edges[0].actor, last);
        explore_workspace_free(&workspace);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_that_begins_elsewhere_knows_who_moved_last),
    };

    return cmocka_run_group_tests_name("bounded", tests, NULL, NULL);
}
