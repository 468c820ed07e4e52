/* SPDX-License-Identifier: Apache-2.0 */
/* test_output: shares that add up, cumulative histograms, and which rows the data files have. */
#include "tests/rig.h"

#include "sim/lib/rng.h"
#include "sim/cli/output.h"

static uint64_t word(uint64_t i)
{
    return rng_word(&(rng_address){.seed = 11, .ordinal = i});
}

/* "1", "0.25" or "" in 10^-9; -1 for what has another form. */
static int64_t billionths(const char *text)
{
    int64_t value = 0;
    int decimals = -1;

    for (; *text; text++) {
        if (*text == '.' && decimals < 0) {
            decimals = 0;
            continue;
        }
        if (*text < '0' || *text > '9')
            return -1;
        value = 10 * value + (*text - '0');
        decimals += decimals >= 0;
    }
    for (decimals = decimals < 0 ? 0 : decimals; decimals < 9; decimals++)
        value *= 10;
    return decimals > 9 ? -1 : value;
}

static int column(const csv_table *t, const char *name)
{
    for (int i = 0; i < csv_columns(t); i++)
        if (strcmp(csv_name(t, i), name) == 0)
            return i;
    fail_msg("%s has no column %s", csv_path(t), name);
    return -1;
}

static uint64_t number(const csv_table *t, int row, const char *name)
{
    return strtoull(csv_field(t, row, column(t, name)), NULL, 10);
}

static csv_table *open_table(const char *path)
{
    sim_err err = {""};
    csv_table *t = NULL;

    if (csv_read(path, &t, &err) != SIM_OK)
        fail_msg("%s", err.text);
    return t;
}

static folder_owned *open_result(void)
{
    const folder_request request = {.path = ".", .command = "run", .names = output_names};
    folder_owned *f = NULL;
    sim_err err = {""};

    if (folder_open(&request, &f, &err) != SIM_OK)
        fail_msg("%s", err.text);
    return f;
}

/* The files of one point, in the working folder. */
static void write_point(const metrics_point *p)
{
    output *out = sim_alloc(1, sizeof *out);
    sim_err err = {""};

    folder_owned *f = open_result();

    assert_int_equal(output_open(f, OUTPUT_SUMMARY, out, &err), SIM_OK);
    output_reps_rows(out->reps, 0, 0, &p->all);
    output_point(out, 0, p);
    assert_int_equal(output_close(out, &err), SIM_OK);
    folder_close(f);
    free(out);
}

static void remove_files(void)
{
    assert_int_equal(
        unlink("run.csv") | unlink("summary.csv") | unlink("reps.csv") | unlink("hist.csv"), 0);
}

/* ---- phases ----------------------------------------------------------------------------- */

static void shares_of_the_phases_add_up_to_one_exactly(void **state)
{
    metrics m;
    int64_t share[PHASE_COUNT];

    (void)state;
    metrics_init(&m);
    for (uint64_t round = 0; round < 1000; round++) {
        int64_t sum = 0;

        for (int i = 0; i < PHASE_COUNT; i++)
            m.phase[i] = (int64_t)(word(round * 100 + (uint64_t)i) >> (round % 60 + 1));
        m.phase[round % PHASE_COUNT] = round % 3 ? 1 : INT64_MAX;
        metrics_phase_shares(&m, share);
        for (int i = 0; i < PHASE_COUNT; i++) {
            assert_true(share[i] >= 0 && (m.phase[i] > 0 || share[i] == 0));
            sum += share[i];
        }
        assert_int_equal(sum, METRICS_WHOLE);
    }
}

static void shares_of_the_phases_are_what_they_took(void **state)
{
    metrics m;
    int64_t share[PHASE_COUNT];

    (void)state;
    metrics_init(&m);
    metrics_phase_shares(&m, share);
    for (int i = 0; i < PHASE_COUNT; i++)
        assert_int_equal(share[i], 0);
    m.phase[PHASE_PORT] = 1;
    m.phase[PHASE_HANDLER] = 1;
    m.phase[PHASE_EXIT] = 1;
    metrics_phase_shares(&m, share);
    assert_int_equal(share[PHASE_PORT], 333333333);
    assert_int_equal(share[PHASE_HANDLER], 333333333);
    assert_int_equal(share[PHASE_EXIT], 333333334);
}

static void phases_in_summary_csv_have_means_and_shares_that_add_up_to_one(void **state)
{
    metrics_point *p = sim_alloc(1, sizeof *p);
    metrics one;
    rig g;
    csv_table *t;
    int64_t sum = 0;
    int phases = 0;

    (void)state;
    rig_run(&g, "0,smi,,,10us,,7\n", "cpus=3");
    metrics_init(&one);
    metrics_collect(&one, &g.r);
    metrics_point_init(p);
    metrics_point_add(p, &one, &g.r);
    write_point(p);
    t = open_table("summary.csv");
    for (int row = 0; row < csv_rows(t); row++) {
        const char *share = csv_field(t, row, column(t, "share"));
        const char *name = csv_field(t, row, column(t, "metric"));
        int is_phase = strncmp(name, "phase.", 6) == 0;

        if (strcmp(name, "stolen_time") == 0) { /* of the CPU time: three CPUs until the end */
            assert_int_equal(billionths(share), (__int128)g.r.stolen * METRICS_WHOLE / g.r.end / 3);
            continue;
        }
        assert_int_equal(*share != '\0', is_phase);
        sum += billionths(share);
        if (is_phase) /* picoseconds as nanoseconds; the mean of 7 SMIs */
            assert_int_equal(billionths(csv_field(t, row, column(t, "mean_ns"))),
                             1000000 * stat_ratio(p->all.phase[phases], 7));
        phases += is_phase;
    }
    assert_int_equal(sum, METRICS_WHOLE);
    assert_int_equal(phases, PHASE_COUNT);
    csv_free_table(t);
    remove_files();
    metrics_free(&one);
    metrics_point_free(p);
    free(p);
    rig_free(&g);
}

static void the_interval_of_a_counter_has_decimals(void **state)
{
    metrics_point *p = sim_alloc(1, sizeof *p);
    csv_table *t;
    int found = 0;

    (void)state;
    metrics_point_init(p);
    p->repetitions = 3;
    stat_add(&p->counter[COUNT_TIMEOUT1], 1);
    stat_add(&p->counter[COUNT_TIMEOUT1], 2);
    stat_add(&p->counter[COUNT_TIMEOUT1], 4);
    write_point(p);
    t = open_table("summary.csv");
    for (int row = 0; row < csv_rows(t); row++) {
        if (strcmp(csv_field(t, row, column(t, "metric")), "timeout1") != 0)
            continue;
        found = 1;
        assert_string_equal(csv_field(t, row, column(t, "mean_count")), "2.333");
        /* t of two degrees, 4.302653, times the deviation 1.527525 over the root of 3 */
        assert_string_equal(csv_field(t, row, column(t, "mean_count_ci95")), "3.795");
    }
    assert_true(found);
    csv_free_table(t);
    remove_files();
    metrics_point_free(p);
    free(p);
}

/* ---- quantiles -------------------------------------------------------------------------- */

/* Of a row: which of p50, p90, p99 and p99.9 are there, and of which an interval holds them. */
static void read_quantiles(const csv_table *t, int row, uint32_t *there, uint32_t *inside)
{
    *there = *inside = 0;
    for (int i = METRIC_P50; i < METRIC_MAX; i++) {
        int64_t of[3];
        int known = 0;

        for (int k = 0; k < 3; k++) {
            static const char *const ends[] = {"", "_low", "_high"};
            char name[32];

            (void)snprintf(name, sizeof name, "%s%s_ns", metric_quantile_names[i], ends[k]);
            known |= (*csv_field(t, row, column(t, name)) != '\0') << k;
            of[k] = billionths(csv_field(t, row, column(t, name)));
        }
        *there |= (uint32_t)(known & 1) << i;
        *inside |= (uint32_t)(known == 7 && of[1] <= of[0] && of[0] <= of[2]) << i;
        assert_true(known == 0 || known == 1 || known == 7);
    }
}

static void quantile_without_ten_values_beyond_it_is_blank_and_others_have_intervals(void **state)
{
    /* values of each of 20 repetitions, and the quantiles that all of them hold */
    static const struct {
        int metric, size;
        uint32_t held;
    } list[] = {{METRIC_SKEW, 0, 0},
                {METRIC_CALL, 1, 1u << METRIC_P50},
                {METRIC_LAST_OUT, 5, 1u << METRIC_P50 | 1u << METRIC_P90},
                {METRIC_SMI, 50, 1u << METRIC_P50 | 1u << METRIC_P90 | 1u << METRIC_P99},
                {METRIC_BLACKOUT, 500, 15u << METRIC_P50}};
    metrics_point *p = sim_alloc(1, sizeof *p);
    run_record record = {0};
    csv_table *t;

    (void)state;
    metrics_point_init(p);
    for (uint64_t r = 0; r < 20; r++) {
        metrics one;

        metrics_init(&one);
        for (int k = 0; k < 5; k++)
            for (int i = 0; i < list[k].size; i++)
                hist_add(&one.time[list[k].metric], (int64_t)(word(r << 32 | (uint64_t)i) >> 40));
        metrics_point_add(p, &one, &record);
        metrics_free(&one);
    }
    write_point(p);
    t = open_table("summary.csv");
    for (int row = 0; row < csv_rows(t); row++)
        for (int k = 0; k < 5; k++) {
            uint32_t there, inside;

            if (strcmp(csv_field(t, row, 1), metric_time_names[list[k].metric]) != 0)
                continue;
            read_quantiles(t, row, &there, &inside);
            assert_int_equal(there, list[k].held);
            assert_int_equal(inside, list[k].held);
            assert_int_equal(*csv_field(t, row, column(t, "max_ns")) != '\0', list[k].size > 0);
        }
    csv_free_table(t);
    remove_files();
    metrics_point_free(p);
    free(p);
}

/* ---- hist.csv --------------------------------------------------------------------------- */

/* The rows of hist.csv for one histogram of many cells. */
static void check_rows(const csv_table *t, const hist *h)
{
    uint64_t up_to = 0;

    for (int row = 0; row < csv_rows(t); row++) {
        uint64_t count = number(t, row, "count");
        int64_t share = billionths(csv_field(t, row, column(t, "cumulative_share")));

        assert_string_equal(csv_field(t, row, column(t, "metric")), "skew");
        assert_true(count > 0);
        up_to += count;
        assert_int_equal(number(t, row, "cumulative_count"), up_to);
        assert_int_equal(share, up_to * 1000000000 / h->count);
        assert_int_equal(share == METRICS_WHOLE, row == csv_rows(t) - 1);
    }
    assert_int_equal(up_to, h->count);
}

static void cumulative_shares_rise_to_one_and_only_the_last_is_one(void **state)
{
    metrics_point *p = sim_alloc(1, sizeof *p);
    hist *h = &p->all.time[METRIC_SKEW];
    csv_table *t;

    (void)state;
    metrics_point_init(p);
    p->repetitions = 1;
    for (uint64_t i = 0; i < 3000; i++)
        hist_add(h, (int64_t)(word(i) >> (word(~i) % 62 + 1)));
    write_point(p);
    t = open_table("hist.csv");
    assert_true(csv_rows(t) > 1000);
    check_rows(t, h);
    csv_free_table(t);
    remove_files();
    metrics_point_free(p);
    free(p);
}

static void a_share_just_below_one_is_not_written_as_one(void **state)
{
    metrics_point *p = sim_alloc(1, sizeof *p);
    hist *h = &p->all.time[METRIC_SKEW];
    csv_table *t;

    (void)state;
    metrics_point_init(p);
    p->repetitions = 1;
    hist_add(h, 1000);
    hist_add(h, 5000);
    h->octave[hist_cell(1000) / HIST_SUB_CELLS][hist_cell(1000) % HIST_SUB_CELLS] = 9999999999;
    h->count = 10000000000;
    write_point(p);
    t = open_table("hist.csv");
    assert_int_equal(csv_rows(t), 2);
    assert_string_equal(csv_field(t, 0, column(t, "cumulative_share")), "0.999999999");
    assert_string_equal(csv_field(t, 1, column(t, "cumulative_share")), "1");
    assert_string_equal(csv_field(t, 1, column(t, "cumulative_count")), "10000000000");
    csv_free_table(t);
    remove_files();
    metrics_point_free(p);
    free(p);
}

/* ---- calls ------------------------------------------------------------------------------ */

static void calls_by_kind_are_the_calls_and_computing_is_none(void **state)
{
    static const char rows[] = "0,get,a,100B,,,3\n0,next,,,,,2\n0,compute,5us,,,,4\n0,smi,,,,,1\n";
    metrics one;
    hist sum;
    rig g;

    (void)state;
    rig_run(&g, rows, "cpus=2");
    metrics_init(&one);
    metrics_collect(&one, &g.r);
    hist_init(&sum);
    for (int i = METRIC_CALL_GET; i < METRIC_TIME_COUNT; i++)
        hist_merge(&sum, &one.time[i]);
    assert_true(hist_equal(&sum, &one.time[METRIC_CALL]));
    assert_int_equal(one.time[METRIC_CALL].count, 6);
    assert_int_equal(one.time[METRIC_CALL_GET].count, 3);
    assert_int_equal(one.time[METRIC_CALL_NEXT].count, 2);
    assert_int_equal(one.time[METRIC_CALL_SMI].count, 1);
    assert_int_equal(one.time[METRIC_OPERATION].count, 10);
    assert_int_equal((int64_t)sum.sum, g.r.command);
    hist_free(&sum);
    metrics_free(&one);
    rig_free(&g);
}

/* Who is served by another SMI's round has no rendezvous of its own, at time 0 neither. */
static void only_a_served_smi_has_a_rendezvous(void **state)
{
    static const uint8_t outcomes[] = {TRIGGER_SERVED, TRIGGER_LATE};
    trigger_record trigger = {.closed = 1};
    run_record record = {.trigger = &trigger, .triggers = 1};
    metrics one;

    (void)state;
    for (uint64_t i = 0; i < 2; i++) {
        metrics_init(&one);
        trigger.outcome = outcomes[i];
        metrics_collect(&one, &record);
        assert_int_equal(one.time[METRIC_SMI].count, 1);
        assert_int_equal(one.time[METRIC_RENDEZVOUS].count, 1 - i);
        metrics_free(&one);
    }
}

/* What is of a whole run is not known of one that was stopped or hangs, and nothing is known of one
 * in which an invariant broke. */
static void a_run_that_does_not_end_has_no_figures_of_a_whole_one(void **state)
{
    static const int whole[] = {METRIC_COMMAND, METRIC_STOLEN, METRIC_CPU_TIME};
    metrics_point *p = sim_alloc(1, sizeof *p);
    run_record record[4] = {{.command = 10, .count.triggers = 8},
                            {.command = 4, .count = {.triggers = 2, .stopped = 1}},
                            {.command = 4, .count = {.triggers = 2, .hang = 1}, .stuck = "hang"},
                            {.command = 4, .count.triggers = 1000, .stuck = "broken"}};

    (void)state;
    metrics_point_init(p);
    for (int i = 0; i < 4; i++) {
        metrics one;

        metrics_init(&one);
        metrics_collect(&one, &record[i]);
        for (int w = 0; w < 3; w++)
            assert_int_equal(one.time[whole[w]].count, i == 0);
        metrics_point_add(p, &one, &record[i]);
        metrics_free(&one);
    }
    assert_int_equal(p->repetitions, 4);
    assert_int_equal(p->broken, 2);
    assert_int_equal(p->known, 3);
    assert_int_equal(p->counter[COUNT_SMIS].count, 3);
    assert_int_equal(stat_mean(&p->counter[COUNT_SMIS], 95).mean, 4);
    assert_int_equal(hist_mean(&p->all.time[METRIC_COMMAND]), 10);
    metrics_point_free(p);
    free(p);
}

static int rows_of(const char *path, const char *metric)
{
    csv_table *t = open_table(path);
    int rows = 0;

    for (int row = 0; row < csv_rows(t); row++)
        rows += strcmp(csv_field(t, row, column(t, "metric")), metric) == 0;
    csv_free_table(t);
    return rows;
}

static void a_kind_of_call_that_was_not_made_has_no_row(void **state)
{
    static const char *const files[] = {"summary.csv", "reps.csv"};
    metrics_point *p = sim_alloc(1, sizeof *p);

    (void)state;
    metrics_point_init(p);
    p->repetitions = 1;
    hist_add(&p->all.time[METRIC_CALL_SET], 1000);
    write_point(p);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(rows_of(files[i], "call_set"), 1);
        assert_int_equal(rows_of(files[i], "call_get"), 0);
        assert_int_equal(rows_of(files[i], "smi_latency"), 1);
    }
    remove_files();
    metrics_point_free(p);
    free(p);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_of_the_phases_add_up_to_one_exactly),
        cmocka_unit_test(shares_of_the_phases_are_what_they_took),
        cmocka_unit_test(phases_in_summary_csv_have_means_and_shares_that_add_up_to_one),
        cmocka_unit_test(the_interval_of_a_counter_has_decimals),
        cmocka_unit_test(quantile_without_ten_values_beyond_it_is_blank_and_others_have_intervals),
        cmocka_unit_test(cumulative_shares_rise_to_one_and_only_the_last_is_one),
        cmocka_unit_test(a_share_just_below_one_is_not_written_as_one),
        cmocka_unit_test(calls_by_kind_are_the_calls_and_computing_is_none),
        cmocka_unit_test(only_a_served_smi_has_a_rendezvous),
        cmocka_unit_test(a_run_that_does_not_end_has_no_figures_of_a_whole_one),
        cmocka_unit_test(a_kind_of_call_that_was_not_made_has_no_row),
    };

    return cmocka_run_group_tests_name("output", tests, scratch_enter, scratch_leave);
}
