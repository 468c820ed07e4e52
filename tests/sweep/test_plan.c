/* SPDX-License-Identifier: Apache-2.0 */
/* test_plan: how far ahead tasks are given out, and that the memory for that does not grow. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "sim/sweep/plan.h"
#include "sim/sweep/progress.h"

static const sweep_model plain; /* all points have all their repetitions */

/* The next task of a worker; done at once. */
static plan_answer take(sweep_plan *p, int worker)
{
    sweep_task task;
    plan_answer answer = sweep_plan_next(p, worker, &task);

    if (answer == PLAN_TASK)
        sweep_plan_done(p, &task, NULL);
    return answer;
}

static void tasks_go_on_however_many_there_were(void **state)
{
    static const sweep_spec spec = {.points = 3, .repetitions = PLAN_AHEAD};
    sweep_plan p;

    (void)state;
    sweep_plan_init(&p, &spec, &plain);
    for (uint64_t i = 0; i < spec.points * spec.repetitions; i++)
        assert_int_equal(take(&p, 0), PLAN_TASK);
    assert_int_equal(take(&p, 0), PLAN_END);
    sweep_plan_free(&p);
}

/* What was ahead of a point is no longer when all before are done: the second worker, always one
 * point ahead, need not wait. */
static void workers_side_by_side_do_not_wait_for_each_other(void **state)
{
    static const sweep_spec spec = {.points = PLAN_AHEAD, .repetitions = 4};
    sweep_plan p;

    (void)state;
    sweep_plan_init(&p, &spec, &plain);
    for (uint64_t i = 0; i < spec.points * spec.repetitions; i++)
        assert_int_equal(take(&p, i % 2 ? 1 : 0), PLAN_TASK);
    assert_int_equal(take(&p, 1), PLAN_END);
    sweep_plan_free(&p);
}

/* The first point lasts: as many others as are remembered may begin. */
static void no_more_points_begin_than_are_remembered(void **state)
{
    static const sweep_spec spec = {.points = PLAN_POINTS + 10, .repetitions = 1};
    sweep_task first;
    sweep_plan p;

    (void)state;
    sweep_plan_init(&p, &spec, &plain);
    assert_int_equal(sweep_plan_next(&p, 0, &first), PLAN_TASK);
    for (int i = 1; i < PLAN_POINTS; i++)
        assert_int_equal(take(&p, 1), PLAN_TASK);
    assert_int_equal(take(&p, 1), PLAN_WAIT);
    sweep_plan_done(&p, &first, NULL);
    for (int i = 0; i < 10; i++)
        assert_int_equal(take(&p, 1), PLAN_TASK);
    assert_int_equal(take(&p, 1), PLAN_END);
    sweep_plan_free(&p);
}

static int never(const void *self, const void *tally, uint32_t repetitions)
{
    (void)self;
    (void)tally;
    (void)repetitions;
    return 0;
}

static void rounds_of_repetitions_end_with_the_most_there_may_be(void **state)
{
    static const sweep_spec spec = {.points = 1, .repetitions = 20};
    static const sweep_model model = {.enough = never};

    (void)state;
    assert_int_equal(sweep_plan_more(&spec, &model, NULL, 0), PLAN_FIRST);
    assert_int_equal(sweep_plan_more(&spec, &model, NULL, 8), 4);
    assert_int_equal(sweep_plan_more(&spec, &model, NULL, 12), 6);
    assert_int_equal(sweep_plan_more(&spec, &model, NULL, 18), 2);
    assert_int_equal(sweep_plan_more(&spec, &model, NULL, 20), 0);
}

static void an_hour_left_is_told_in_hours(void **state)
{
    sweep_progress_state left = {
        .points_all = 9, .runs = 10, .left = 36000, .elapsed_ns = INT64_C(1000000000)};
    char text[128];

    (void)state;
    sweep_progress_text(&left, text, sizeof text);
    assert_string_equal(text, "0 of 9 points, 10 runs, 10 runs/s, 1:00:00 left");
    left.left -= 10;
    sweep_progress_text(&left, text, sizeof text);
    assert_string_equal(text, "0 of 9 points, 10 runs, 10 runs/s, 59:59 left");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(tasks_go_on_however_many_there_were),
        cmocka_unit_test(workers_side_by_side_do_not_wait_for_each_other),
        cmocka_unit_test(no_more_points_begin_than_are_remembered),
        cmocka_unit_test(rounds_of_repetitions_end_with_the_most_there_may_be),
        cmocka_unit_test(an_hour_left_is_told_in_hours),
    };

    return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
