/* SPDX-License-Identifier: Apache-2.0 */
/* test_figures: when a goal is reached, and what has a mean or an interval and what has none. */
#include "tests/scratch.h"

#include "workloads/reps.h"

static void a_goal_of_no_share_is_refused(void **state)
{
    measure_goal goal;
    sim_err err;

    (void)state;
    assert_int_equal(measure_goal_parse("command_time mean ci<0%", &goal, &err), SIM_BAD_INPUT);
    assert_string_equal(err.text, "--until: the share must be above 0 (such as 2%)");
}

/* 2 % of 1000 to each side. */
static void half_of_the_interval_is_held_against_the_share(void **state)
{
    measure_goal goal;
    sim_err err;

    (void)state;
    assert_int_equal(measure_goal_parse("command_time mean ci<2%", &goal, &err), SIM_OK);
    assert_true(measure_goal_reached(
        &goal, &(quant){.held = 1, .sure = 1, .value = 1000, .low = 980, .high = 1020}));
    assert_false(measure_goal_reached(
        &goal, &(quant){.held = 1, .sure = 1, .value = 1000, .low = 980, .high = 1021}));
}

static void a_repetition_without_values_has_no_mean(void **state)
{
    run_record record;
    metrics_point p;

    (void)state;
    record_init(&record);
    metrics_point_init(&p);
    for (int r = 0; r < 3; r++) {
        metrics one;

        metrics_init(&one);
        if (r != 1)
            hist_add(&one.time[METRIC_CALL_SET], 100);
        metrics_point_add(&p, &one, &record);
        metrics_free(&one);
    }
    assert_int_equal(p.repetitions, 3);
    assert_int_equal(p.mean[METRIC_CALL_SET].count, 2);
    assert_int_equal(p.mean[METRIC_CALL_SET].min, 100);
    metrics_point_free(&p);
    record_free(&record);
}

static void an_interval_that_is_read_has_two_ends(void **state)
{
    static const struct {
        const char *ends;
        int sure;
    } rows[] = {{"1,3", 1}, {"1,", 0}, {",3", 0}, {",", 0}};
    measure p99;
    sim_err err;

    (void)state;
    assert_int_equal(measure_parse("p99", &p99, &err), SIM_OK);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        reps_pools pools;
        char text[128];

        (void)snprintf(text, sizeof text,
                       "point,metric,count,p99_ns,p99_low_ns,p99_high_ns\n0,smi_latency,7,2,%s\n",
                       rows[i].ends);
        scratch_write("summary.csv", text, strlen(text));
        assert_int_equal(reps_pool(".", &p99, &pools, &err), SIM_OK);
        assert_int_equal(pools.points, 1);
        assert_true(pools.at[0].of.held);
        assert_int_equal(pools.at[0].of.sure, rows[i].sure);
        free(pools.at);
    }
    assert_int_equal(unlink("summary.csv"), 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_goal_of_no_share_is_refused),
        cmocka_unit_test(half_of_the_interval_is_held_against_the_share),
        cmocka_unit_test(a_repetition_without_values_has_no_mean),
        cmocka_unit_test(an_interval_that_is_read_has_two_ends),
    };

    return cmocka_run_group_tests_name("figures", tests, scratch_enter, scratch_leave);
}
