/* SPDX-License-Identifier: Apache-2.0 */
/* test_trial: results as bytes and back, figures by name, goals, percentile files, reps.csv. */
#include "tests/scratch.h"

#include "sim/lib/rng.h"
#include "sim/cli/hgrm.h"
#include "sim/cli/output.h"
#include "workloads/reps.h"
#include "workloads/trial.h"
#include "tests/hist_equal.h"

static uint64_t word(uint64_t i)
{
    return rng_word(&(rng_address){.seed = 7, .ordinal = i});
}

static void fill(hist *h, uint64_t seed, int values)
{
    for (int i = 0; i < values; i++)
        hist_add(h, (int64_t)(word(seed + (uint64_t)i) >> (word(seed ^ (uint64_t)i) % 54 + 7)));
}

/* Of a run that hangs. Phases add up to the latency of its SMIs. */
static void fill_metrics(metrics *m, uint64_t seed)
{
    int64_t left;

    metrics_init(m);
    for (int i = 0; i < METRIC_TIME_COUNT; i++)
        fill(&m->time[i], seed + (uint64_t)i * 1000,
             i == METRIC_SKEW                             ? 0
             : i == METRIC_STOLEN || i == METRIC_CPU_TIME ? 1
                                                          : 5 * i + 1);
    for (int i = 0; i < METRIC_COUNT_COUNT; i++)
        m->count[i] = word(seed + 9 + (uint64_t)i) >> 40;
    m->count[COUNT_SMIS] = m->time[METRIC_SMI].count;
    m->count[COUNT_HANG] = 1;
    m->count[COUNT_STOPPED] = 0;
    left = (int64_t)m->time[METRIC_SMI].sum;
    for (int i = 0; i < PHASE_COUNT; i++) {
        m->phase[i] = i + 1 < PHASE_COUNT ? left / 3 : left;
        left -= (int64_t)m->phase[i];
    }
}

/* ---- bytes ------------------------------------------------------------------------------ */

static void numbers_survive_as_bytes(void **state)
{
    static const int64_t values[] = {0, 1, -1, 63, 64, -64, -65, 1 << 20, INT64_MAX, INT64_MIN};
    enum { VALUES = sizeof values / sizeof values[0] };
    bytes b = {0};
    bytes_reader r;

    (void)state;
    for (int i = 0; i < VALUES; i++) {
        bytes_add_signed(&b, values[i]);
        bytes_add_varint(&b, (uint64_t)values[i]);
        bytes_add_u64(&b, (uint64_t)values[i]);
    }
    r = bytes_read(b.at, b.length);
    for (int i = 0; i < VALUES; i++) {
        assert_int_equal(bytes_get_signed(&r), values[i]);
        assert_int_equal(bytes_get_varint(&r), (uint64_t)values[i]);
        assert_int_equal(bytes_get_u64(&r), (uint64_t)values[i]);
    }
    assert_int_equal(r.left, 0);
    assert_false(r.bad);
    assert_int_equal(bytes_get_u64(&r), 0);
    assert_true(r.bad);
    bytes_free(&b);
}

static void histograms_survive_as_bytes(void **state)
{
    (void)state;
    for (int values = 0; values < 400; values += 7) {
        hist a, b;
        bytes packed = {0};
        bytes_reader r;

        a = (hist){0};
        b = (hist){0};
        fill(&a, (uint64_t)values * 77, values);
        for (int i = 0; i < values % 3; i++)
            hist_add(&a, INT64_MAX);
        hist_pack_add(&packed, &a);
        r = bytes_read(packed.at, packed.length);
        hist_pack_get(&r, &b);
        assert_true(!r.bad && r.left == 0 && hist_equal(&a, &b));
        hist_free(&a);
        hist_free(&b);
        bytes_free(&packed);
    }
}

static void a_trial_survives_as_bytes_and_no_part_of_it_is_one(void **state)
{
    run_record *record = sim_alloc(1, sizeof *record);
    uint8_t used[P_COUNT] = {[3] = 1, [P_COUNT - 1] = 1};
    metrics one;
    trial *back = sim_alloc(1, sizeof *back);
    bytes packed = {0};

    (void)state;
    fill_metrics(&one, 5);
    record->digest = 0x123456789abcdef0;
    record->count.hang = 1;
    (void)snprintf(record->stuck, sizeof record->stuck, "hang: all\nwait");
    trial_pack(&packed, &(trial_source){record, &one, used, {"a,b\n", "", "c,\n"}, {4, 0, 3}});
    for (size_t length = 0; length <= packed.length; length++) {
        const bytes part = {packed.at, length, length};

        metrics_init(&back->one);
        assert_int_equal(trial_unpack(&part, back), length == packed.length);
        if (length < packed.length)
            metrics_free(&back->one);
    }
    assert_int_equal(back->outcome, TRIAL_HANG);
    assert_int_equal(back->digest, record->digest);
    assert_memory_equal(back->used, used, sizeof used);
    assert_memory_equal(back->stuck, "hang: all\nwait", back->stuck_length);
    assert_memory_equal(back->detail[2], "c,\n", 3);
    for (int i = 0; i < METRIC_TIME_COUNT; i++)
        assert_true(hist_equal(&one.time[i], &back->one.time[i]));
    assert_memory_equal(one.count, back->one.count, sizeof one.count);
    assert_memory_equal(one.phase, back->one.phase, sizeof one.phase);
    metrics_free(&one);
    metrics_free(&back->one);
    bytes_free(&packed);
    free(back);
    free(record);
}

/* ---- figures ---------------------------------------------------------------------------- */

static void figures_have_names(void **state)
{
    static const char *const list[][2] = {
        {"smi_latency.p99", "smi_latency.p99"},
        {"p99.9", "smi_latency.p999"},
        {"p50", "smi_latency.p50"},
        {"command_time", "command_time.mean"},
        {"command_time.max", "command_time.max"},
        {"timeout1", "timeout1"},
        {"phase.handler", "phase.handler"},
        {"phase.aps_wait.mean", "phase.aps_wait"},
    };
    measure m;
    sim_err err;
    char name[64];

    (void)state;
    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++) {
        assert_int_equal(measure_parse(list[i][0], &m, &err), SIM_OK);
        measure_print(&m, name, sizeof name);
        assert_string_equal(name, list[i][1]);
    }
    assert_int_equal(measure_parse("smi_latncy.p99", &m, &err), SIM_BAD_INPUT);
    assert_string_equal(err.text, "unknown metric \"smi_latncy\" (did you mean \"smi_latency\"? "
                                  "`smmsim list metrics` shows all)");
    assert_int_equal(measure_parse("skew.p95", &m, &err), SIM_BAD_INPUT);
    assert_string_equal(err.text,
                        "unknown statistic \"p95\" (min, p50, p90, p99, p99.9, max or mean)");
    assert_int_equal(measure_parse("phase.handlr", &m, &err), SIM_BAD_INPUT);
    assert_string_equal(err.text, "unknown metric \"phase.handlr\" (did you mean "
                                  "\"phase.handler\"? `smmsim list metrics` shows all)");
    assert_int_equal(measure_parse("phase.handler.p99", &m, &err), SIM_BAD_INPUT);
    assert_string_equal(err.text, "phase.handler has a mean only and no \"p99\" (leave it out)");
    assert_int_equal(measure_parse("smis.p50", &m, &err), SIM_BAD_INPUT);
    assert_string_equal(err.text, "smis is a count and has no \"p50\" (leave it out)");
}

/* What a repetition tells goes the way of the journal. */
static void tell(const measure_goal *goal, const metrics *one, measure_tally *tally)
{
    bytes value = {0};

    measure_goal_value(goal, one, &value);
    measure_tally_add(goal, tally, &value);
    bytes_free(&value);
}

/* A repetition whose calls take so long. */
static void tell_command(const measure_goal *goal, int64_t time, measure_tally *tally)
{
    metrics one;

    metrics_init(&one);
    hist_add(&one.time[METRIC_COMMAND], time);
    tell(goal, &one, tally);
    metrics_free(&one);
}

static int is_reached(const measure_goal *goal, const measure_tally *tally)
{
    const quant judged = measure_judged(goal, tally);

    return measure_goal_reached(goal, &judged);
}

static void a_goal_is_reached_when_the_interval_is_narrow(void **state)
{
    static const char *const bad[] = {"",          "p99",       "p99 ci",   "p99 ci>2%",
                                      "p95 ci<2%", "p99 ci<0%", "p99 ci<2", "p99 ci<"};
    measure_tally *tally = measure_tally_new();
    measure_goal goal;
    sim_err err;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(measure_goal_parse(bad[i], &goal, &err), SIM_BAD_INPUT);
    assert_int_equal(measure_goal_parse("command_time mean ci < 10%", &goal, &err), SIM_OK);
    assert_int_equal(goal.of.metric, METRIC_COMMAND);
    assert_int_equal(goal.share, INT64_C(100000000000));
    assert_true(measure_goal_enough(&goal, tally)); /* nothing will ever come */
    assert_false(is_reached(&goal, tally));
    tell_command(&goal, 1000, tally);
    assert_false(is_reached(&goal, tally));
    tell_command(&goal, 1100, tally); /* 1050 +- 635 */
    assert_false(is_reached(&goal, tally));
    assert_false(measure_goal_enough(&goal, tally));
    for (int i = 0; i < 3; i++) { /* 1050 +- 45: t for 7 degrees times 53 over the root of 8 */
        tell_command(&goal, 1000, tally);
        tell_command(&goal, 1100, tally);
    }
    assert_true(is_reached(&goal, tally));
    assert_true(measure_goal_enough(&goal, tally));
    measure_tally_free(tally);
}

static void a_goal_of_a_counter_is_judged_in_thousandths(void **state)
{
    measure_tally *tally = measure_tally_new();
    measure_goal goal;
    metrics one;
    sim_err err;

    (void)state;
    metrics_init(&one);
    one.count[COUNT_TIMEOUT1] = 7;
    assert_int_equal(measure_goal_parse("timeout1 ci<1%", &goal, &err), SIM_OK);
    tell(&goal, &one, tally);
    assert_int_equal(measure_judged(&goal, tally).value, 7000);
    measure_tally_clear(tally);
    assert_int_equal(measure_goal_parse("phase.handler mean ci<1%", &goal, &err), SIM_OK);
    tell(&goal, &one, tally); /* no SMI */
    assert_int_equal(measure_tally_count(&goal, tally), 0);
    hist_add(&one.time[METRIC_SMI], 5);
    hist_add(&one.time[METRIC_SMI], 5);
    one.phase[PHASE_HANDLER] = 30;
    tell(&goal, &one, tally);
    assert_int_equal(measure_judged(&goal, tally).value, 15);
    metrics_free(&one);
    measure_tally_free(tally);
}

/* `size` SMIs of 1000 to 1000 + size - 1. */
static void tell_smis(const measure_goal *goal, int size, measure_tally *tally)
{
    metrics one;

    metrics_init(&one);
    for (int i = 0; i < size; i++)
        hist_add(&one.time[METRIC_SMI], 1000 + i);
    tell(goal, &one, tally);
    metrics_free(&one);
}

/* With 200 SMIs a repetition its own p99.9 is its greatest value, in every one the same: a mean of
 * those has an interval of no width after two repetitions. */
static void a_goal_of_a_quantile_is_judged_by_that_of_all_values(void **state)
{
    measure_tally *tally = measure_tally_new();
    measure_goal goal;
    sim_err err;

    (void)state;
    assert_int_equal(measure_goal_parse("p99.9 ci<5%", &goal, &err), SIM_OK);
    assert_true(measure_goal_enough(&goal, tally)); /* nothing will ever come */
    for (int i = 0; i < 49; i++) {
        tell_smis(&goal, 200, tally);
        assert_false(measure_judged(&goal, tally).held || measure_goal_enough(&goal, tally));
    }
    tell_smis(&goal, 200, tally);
    const quant judged = measure_judged(&goal, tally);

    assert_int_equal(measure_tally_count(&goal, tally), 10000);
    assert_true(judged.held && judged.sure);
    assert_true(judged.low < judged.high && judged.low <= judged.value);
    assert_true(judged.value <= judged.high && measure_goal_enough(&goal, tally));
    measure_tally_free(tally);
}

static void a_goal_that_no_interval_can_reach_is_refused(void **state)
{
    measure_goal goal;
    sim_err err;

    (void)state;
    assert_int_equal(measure_goal_parse("last_out max ci<5%", &goal, &err), SIM_BAD_INPUT);
    assert_string_equal(err.text, "--until: max has no interval, it depends on how many values "
                                  "there are (p50, p90, p99, p99.9 or mean)");
    assert_int_equal(measure_goal_parse("min ci<5%", &goal, &err), SIM_BAD_INPUT);
    assert_int_equal(measure_goal_parse("p99 ci<0.9%", &goal, &err), SIM_BAD_INPUT);
    assert_string_equal(err.text, "--until: p99 is kept to 1 % only, and no interval is narrower "
                                  "(ci<1% or more; less of a mean)");
    assert_int_equal(measure_goal_parse("p99 ci<1%", &goal, &err), SIM_OK);
    assert_int_equal(measure_goal_parse("smi_latency mean ci<0.1%", &goal, &err), SIM_OK);
}

/* ---- files ------------------------------------------------------------------------------ */

static void percentiles_are_written_as_hdrhistogram_does(void **state)
{
    hist h;
    FILE *file = fopen("x.hgrm", "w");

    (void)state;
    assert_non_null(file);
    h = (hist){0};
    for (int64_t us = 1; us <= 4; us++)
        hist_add(&h, us * PS_PER_US);
    hgrm_write(file, &h);
    assert_int_equal(fclose(file), 0);
    hist_free(&h);
    scratch_assert("x.hgrm", "       Value     Percentile TotalCount 1/(1-Percentile)\n"
                             "\n"
                             "       1.004 0.000000000000          1           1.00\n"
                             "       1.004 0.100000000000          1           1.11\n"
                             "       1.004 0.200000000000          1           1.25\n"
                             "       2.007 0.300000000000          2           1.43\n"
                             "       2.007 0.400000000000          2           1.67\n"
                             "       2.007 0.500000000000          2           2.00\n"
                             "       3.015 0.550000000000          3           2.22\n"
                             "       3.015 0.600000000000          3           2.50\n"
                             "       3.015 0.650000000000          3           2.86\n"
                             "       3.015 0.700000000000          3           3.33\n"
                             "       3.015 0.750000000000          3           4.00\n"
                             "       4.000 1.000000000000          4\n"
                             "#[Mean    =        2.500, StdDeviation   =        1.118]\n"
                             "#[Max     =        4.000, Total count    =            4]\n"
                             "#[Buckets =           57, SubBuckets     =          128]\n");
    assert_int_equal(unlink("x.hgrm"), 0);
}

/* Their squares together are more than 128 bits. */
static void the_deviation_of_weeks_many_times_is_right_to_one_per_cent(void **state)
{
    const int64_t hours = 3600 * PS_PER_S;
    char text[8000];
    FILE *file = fmemopen(text, sizeof text, "w");
    double deviation = 0;
    const char *at;
    hist h;

    (void)state;
    h = (hist){0};
    for (int i = 0; i < 200; i++)
        hist_add(&h, (i % 2 ? 1000 : 500) * hours);
    hgrm_write(file, &h);
    assert_int_equal(fclose(file), 0);
    hist_free(&h);
    at = strstr(text, "StdDeviation   = ");
    assert_non_null(at);
    assert_int_equal(sscanf(at, "StdDeviation   = %lf", &deviation), 1); /* us */
    assert_true(deviation > 247.5 * 3600e6 && deviation < 252.5 * 3600e6);
}

/* Two points of three repetitions. */
static void write_reps(void)
{
    const folder_request request = {.path = ".", .command = "run", .names = output_names};
    output *out = sim_alloc(1, sizeof *out);
    folder_owned *f;
    metrics one;
    sim_err err;

    assert_int_equal(folder_open(&request, &f, &err), SIM_OK);
    assert_int_equal(output_open(f, OUTPUT_SUMMARY, out, &err), SIM_OK);
    for (uint64_t i = 0; i < 6; i++) {
        fill_metrics(&one, i);
        output_reps_rows(out->reps, i / 3, i % 3, &one);
        metrics_free(&one);
    }
    assert_int_equal(output_close(out, &err), SIM_OK);
    folder_close(f);
    free(out);
}

static void reps_csv_reads_back_what_was_written(void **state)
{
    reps_row *row = sim_alloc(1, sizeof *row);
    metrics one;
    reps_place places[6];
    reps *r;
    sim_err err;
    int more;

    (void)state;
    write_reps();
    assert_int_equal(reps_open(".", &r, &err), SIM_OK);
    for (uint64_t i = 0; i < 6; i++) {
        assert_int_equal(reps_next(r, row, &more, &err), SIM_OK);
        assert_true(more && row->point == i / 3 && row->repetition == i % 3);
        fill_metrics(&one, i);
        for (int m = 0; m < METRIC_TIME_COUNT; m++) {
            const measure of = {.metric = m, .stat = MEASURE_MEAN};
            int64_t a = 0;

            assert_int_equal(reps_value(row, &of, &a), one.time[m].count > 0);
            assert_int_equal(a, hist_mean(&one.time[m]));
        }
        for (int c = 0; c < METRIC_COUNT_COUNT; c++)
            assert_int_equal(row->count[c], one.count[c]);
        for (int p = 0; p < PHASE_COUNT; p++) {
            const measure of = {.phase = 1, .metric = p};
            int64_t a = 0, b = 0;

            assert_int_equal(metrics_phase_mean(&one, p, &a), reps_value(row, &of, &b));
            assert_int_equal(a, b);
        }
        places[i] = row->place;
        metrics_free(&one);
    }
    assert_int_equal(reps_next(r, row, &more, &err), SIM_OK);
    assert_false(more);
    for (uint64_t i = 6; i-- > 0;) { /* in any order */
        assert_int_equal(reps_seek(r, &places[i], &err), SIM_OK);
        assert_int_equal(reps_next(r, row, &more, &err), SIM_OK);
        assert_true(more && row->point == i / 3 && row->repetition == i % 3);
        assert_memory_equal(&row->place, &places[i], sizeof places[i]);
    }
    reps_close(r);
    assert_int_equal(unlink("reps.csv") | unlink("run.csv"), 0);
    assert_int_equal(unlink("summary.csv") | unlink("hist.csv"), 0);
    free(row);
}

static void a_changed_reps_csv_is_refused(void **state)
{
    static const char head[] =
        "point,repetition,metric,count,min_ns,p50_ns,p90_ns,p99_ns,p999_ns,max_ns,mean_ns\n";
    static const struct {
        const char *row, *what;
    } list[] = {
        {"0,0,skew,1,2,3\n", "./reps.csv:2:7: too few fields"},
        {"0,0,skew,1,2,3,4,5,6,7,8,9\n", "./reps.csv:2:12: too many fields"},
        {"0,0,phase.skw,1,,,,,,,8\n", "./reps.csv:2:3: unknown metric"},
        {"0,0,skw,1,2,3,4,5,6,7,8\n", "./reps.csv:2:3: unknown metric"},
        {"0,0,skew,1,2,3,4,x,6,7,8\n", "./reps.csv:2:8: not a number"},
        {"0,0,skew,1,2,,,,,7,\n", "./reps.csv:2:11: not a number"},
        {"0,0,skew,1,,,,,,7,8\n", "./reps.csv:2:5: not a number"},
        {"0,0,skew,99,2,3,4,,,7,x\n", "./reps.csv:2:11: not a number"},
        {"0,0,skew,1000,2,3,4,,,7,8\n", "./reps.csv:2:8: not a number"},
        {"0,0,skew,1,2,3,4,5,6,7,8", "./reps.csv:2:1: the line is cut short"},
    };
    sim_err err;
    reps *r;

    (void)state;
    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++) {
        reps_row row;
        char text[256];
        int more;

        (void)snprintf(text, sizeof text, "%s%s", head, list[i].row);
        scratch_write("reps.csv", text, strlen(text));
        assert_int_equal(reps_open(".", &r, &err), SIM_OK);
        assert_int_equal(reps_next(r, &row, &more, &err), SIM_BAD_INPUT);
        err.text[strlen(list[i].what)] = '\0';
        assert_string_equal(err.text, list[i].what);
        reps_close(r);
    }
    assert_int_equal(unlink("reps.csv"), 0);
}

/* Eleven repetitions, of point 0 with too few SMIs for p99, of point 1 with enough. */
static void write_point(output *out, uint64_t point, const run_record *record)
{
    metrics_point p;

    metrics_point_init(&p);
    for (uint64_t r = 0; r < 11; r++) {
        metrics one;

        metrics_init(&one);
        fill(&one.time[METRIC_SMI], point * 1000 + r, point == 0 ? 90 : 150);
        metrics_point_add(&p, &one, record);
        metrics_free(&one);
    }
    output_point(out, point, &p);
    assert_int_equal(metrics_quantile(&p, METRIC_SMI, METRIC_P99).held, point == 1);
    metrics_point_free(&p);
}

/* Of call_set there is none. */
static void quantiles_of_all_repetitions_are_read_back(void **state)
{
    const folder_request request = {.path = ".", .command = "run", .names = output_names};
    output *out = sim_alloc(1, sizeof *out);
    folder_owned *f;
    run_record record;
    reps_pools pools;
    measure p50, p99, max, set;
    sim_err err;

    (void)state;
    assert_int_equal(measure_parse("p50", &p50, &err), SIM_OK);
    assert_int_equal(measure_parse("p99", &p99, &err), SIM_OK);
    assert_int_equal(measure_parse("max", &max, &err), SIM_OK);
    assert_int_equal(measure_parse("call_set.p50", &set, &err), SIM_OK);
    record_init(&record);
    assert_int_equal(folder_open(&request, &f, &err), SIM_OK);
    assert_int_equal(output_open(f, OUTPUT_SUMMARY, out, &err), SIM_OK);
    for (uint64_t point = 0; point < 2; point++)
        write_point(out, point, &record);
    assert_int_equal(output_close(out, &err), SIM_OK);
    folder_close(f);
    assert_int_equal(reps_pool(".", &p99, &pools, &err), SIM_OK);
    assert_int_equal(pools.points, 2);
    assert_int_equal(pools.at[0].count, 990);
    assert_int_equal(pools.at[1].count, 1650);
    assert_false(pools.at[0].of.held);
    assert_true(pools.at[1].of.held && pools.at[1].of.low <= pools.at[1].of.value);
    free(pools.at);
    assert_int_equal(reps_pool(".", &p50, &pools, &err), SIM_OK);
    for (int i = 0; i < 2; i++) {
        const quant *q = &pools.at[i].of;

        assert_true(q->held && q->sure && q->low <= q->value && q->value <= q->high);
    }
    free(pools.at);
    assert_int_equal(reps_pool(".", &max, &pools, &err), SIM_OK);
    assert_true(pools.at[0].of.held && !pools.at[0].of.sure);
    free(pools.at);
    assert_int_equal(reps_pool(".", &set, &pools, &err), SIM_OK);
    assert_int_equal(pools.at[1].count, 0);
    free(pools.at);
    record_free(&record);
    free(out);
    assert_int_equal(unlink("reps.csv") | unlink("run.csv"), 0);
    assert_int_equal(unlink("summary.csv") | unlink("hist.csv"), 0);
}

static void a_changed_summary_csv_is_refused(void **state)
{
    static const struct {
        const char *text, *what;
    } list[] = {
        {"", "./summary.csv:1:1: no header"},
        {"point,metric,count,p99_ns\n", "./summary.csv:1: no column p99_low_ns"},
        {"point,metric,count,p99_ns,p99_low_ns,p99_high_ns\n0,smi_latency,7,x,,\n",
         "./summary.csv:2:4: not a number"},
        {"point,metric,count,p99_ns,p99_low_ns,p99_high_ns\n0,smi_latency,7,1,2\n",
         "./summary.csv:2:6: too few fields"},
        {"point,metric,count,p99_ns,p99_low_ns,p99_high_ns\n2,smi_latency,7,1,2,3\n",
         "./summary.csv:2:1: not the number of this point or the next"},
    };
    measure p99;
    reps_pools pools;
    sim_err err;

    (void)state;
    assert_int_equal(measure_parse("p99", &p99, &err), SIM_OK);
    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++) {
        scratch_write("summary.csv", list[i].text, strlen(list[i].text));
        assert_int_equal(reps_pool(".", &p99, &pools, &err), SIM_BAD_INPUT);
        err.text[strlen(list[i].what)] = '\0';
        assert_string_equal(err.text, list[i].what);
        free(pools.at);
    }
    assert_int_equal(unlink("summary.csv"), 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_survive_as_bytes),
        cmocka_unit_test(histograms_survive_as_bytes),
        cmocka_unit_test(a_trial_survives_as_bytes_and_no_part_of_it_is_one),
        cmocka_unit_test(figures_have_names),
        cmocka_unit_test(a_goal_is_reached_when_the_interval_is_narrow),
        cmocka_unit_test(a_goal_of_a_counter_is_judged_in_thousandths),
        cmocka_unit_test(a_goal_of_a_quantile_is_judged_by_that_of_all_values),
        cmocka_unit_test(a_goal_that_no_interval_can_reach_is_refused),
        cmocka_unit_test(percentiles_are_written_as_hdrhistogram_does),
        cmocka_unit_test(the_deviation_of_weeks_many_times_is_right_to_one_per_cent),
        cmocka_unit_test(reps_csv_reads_back_what_was_written),
        cmocka_unit_test(a_changed_reps_csv_is_refused),
        cmocka_unit_test(quantiles_of_all_repetitions_are_read_back),
        cmocka_unit_test(a_changed_summary_csv_is_refused),
    };

    return cmocka_run_group_tests_name("trial", tests, scratch_enter, scratch_leave);
}
