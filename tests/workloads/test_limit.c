/* SPDX-License-Identifier: Apache-2.0 */
/* test_limit: times without measure: nothing wraps, run.limit stops the run and it says why. */
#include "sim/lib/units.h"
#include "tests/rig.h"
#include "workloads/attempt.h"
#include "sim/cli/output.h"

#define HOURS(n) (INT64_C(3600) * (n)*PS_PER_S)

static const char all_calls[] =
    "thread,op,name,bytes,think,cpu,repeat\n"
    "0,fread,A,4B,,0,\n0,fwrite,B,300B,,0,\n0,next,,,10us,0,\n0,set,A,40B,,,\n0,delete,A,,,,\n"
    "0,smi,,,,0,2\n0,job,all,,,0,\n0,compute,10us,,,0,\n1,hold,20us,,100us,0,\n1,smi,,,,0,2\n";

/* Together they charge every latency that there is. */
#define LOCKS "lock.port=1us lock.clear=1us lock.timer=1us lock.pause=1us lock.wake=2us"
static const char *const settings[] = {
    "cpus=1 sync.mode=relaxed",
    "cpus=2 smi.delivery=unicast sync.mode=traditional sync.timeout1=50us",
    "cpus=3 sync.mode=traditional cpu.late=3us sync.mtrr=on sync.smm_registers=on",
    "cpus=4 smi.delivery=unicast sync.mode=relaxed caller.cpu=1 protocol=edk2-2017 "
    "sync.timeout1=50us lock=fair lock.flash=1us " LOCKS,
    "cpus=8 smi.delivery=unicast sync.mode=traditional sync.timeout1=50us topology.threads=2 "
    "topology.dies=2 topology.sockets=2 topology.cores=1 apic.locked=on lock=barging " LOCKS,
    "cpus=3 smi.delivery=hardware firmware=stock os.others=running variable.runtime_cache=on "
    "cpu.long_instruction.share=1 cpu.long_instruction=1ms handler.services=rendezvous,jobs",
    "cpus=4 host.cores=2 lock=barging os.efi_cpu=worker flash=nor fabric.read_busy=3ns " LOCKS,
    "cpus=3 lock=barging host.shared=1 host.keeps_core=1 host.turn=1ms lock.flash=1us " LOCKS,
};
enum { SETTINGS = sizeof settings / sizeof settings[0] };
static const char *const lengths[] = {"999h", "1100h", "lognormal(1ms,9)"};
enum { LENGTHS = sizeof lengths / sizeof lengths[0] };

/* Charged only as far as another time lasts, or compared with one. */
static int is_cut_short(int id)
{
    return id == P_READ_BUSY || id == P_FLASH_LOCK || id == P_HOST_SETTLE || id == P_HOST_GATHER ||
           id == P_HOST_TURN; /* which ends at a tick, or when its rival halts */
}

typedef struct {
    int used, stopped;
} ending;

/* One run with this latency. */
static ending run_to_an_end(int id, const char *length, int setting)
{
    char text[600];
    experiment_setting list[40] = {{"platform", "./tiny.csv", "--platform"},
                                   {"workload", "./load.csv", "--workload"}};
    experiment e;
    attempt a;
    sim_err err;
    ending end;
    int count = 2;

    /* turns on the host's cores are events */
    (void)snprintf(text, sizeof text, "%s run.limit=%s %s=%s", settings[setting],
                   strstr(settings[setting], "host.cores") ? "10s" : "1000h",
                   params_table.defs[id].name, length);
    scratch_write("tiny.csv", RIG_PLATFORM, sizeof RIG_PLATFORM - 1);
    scratch_write("load.csv", all_calls, sizeof all_calls - 1);
    count += rig_settings(text, list + count, 38);
    if (experiment_load(list, count, &e, &err) != SIM_OK)
        fail_msg("%s", err.text);
    assert_int_equal(unlink("tiny.csv") | unlink("load.csv"), 0);
    attempt_init(&a);
    attempt_setup(&a, &e.setup);
    if (!attempt_run(&a, 1, 0))
        fail_msg("%s: %s", params_table.defs[id].name, a.record.stuck);
    end = (ending){a.used[id], a.record.count.stopped != 0};
    if (a.record.stuck[0] && !a.record.count.stopped && !a.record.count.hang) /* edk2 can hang */
        fail_msg("%s: %s", params_table.defs[id].name, a.record.stuck);
    assert_true(a.record.end <= param_int(e.params, P_LIMIT));
    if (end.stopped)
        assert_memory_equal(a.record.stuck, "stopped by run.limit=", 21);
    attempt_free(&a);
    experiment_free(&e);
    return end;
}

static void every_latency_without_measure_stops_the_run_or_is_not_charged(void **state)
{
    (void)state;
    for (int id = 0; id < P_COUNT; id++) {
        ending all = {0};

        if (params_table.defs[id].kind != PARAM_LATENCY)
            continue;
        for (int s = 0; s < SETTINGS; s++)
            for (int l = 0; l < LENGTHS; l++) {
                ending one = run_to_an_end(id, lengths[l], s);

                all.used += one.used;
                all.stopped += one.used && one.stopped;
            }
        if (all.stopped == 0 && !is_cut_short(id))
            fail_msg("%s: charged %d times, stopped %d", params_table.defs[id].name, all.used,
                     all.stopped);
    }
}

/* ---- why, and who waits ----------------------------------------------------------------- */

static void a_run_that_the_limit_stops_says_why_and_who_waits(void **state)
{
    static const struct {
        const char *rows, *settings, *says;
    } cases[] = {
        {"0,smi,,,,0,\n", "cpus=2 smi.kick=999h",
         "stopped by run.limit=1h: smi.kick was 999h\n"
         "  cpu 0: an SMI is on its way, beyond all limits\n"
         "  cpu 1: an SMI is on its way, beyond all limits\n"
         "  thread 0, line 2 of the workload: waits for the end of its SMI\n"},
        {"0,smi,,,,0,\n", "cpus=2 cpus.possible=4096 firmware.cpu_update=1min",
         "stopped by run.limit=1h: firmware.cpu_update was 4096min\n"},
        {"0,smi,,,,0,\n", "cpus=2 cpus.possible=4096 firmware.cpu_update=40min",
         "stopped by run.limit=1h: firmware.cpu_update was at least 1100h\n"},
        {"0,smi,,,,0,\n", "cpus=2 fabric.atomic=999h",
         "stopped by run.limit=1h: fabric.atomic was 999h\n"},
        {"0,compute,2h,,,0,\n", "cpus=2",
         "stopped by run.limit=1h: what is next would come at 2h\n"
         "  thread 0, line 2 of the workload: computes, until 2h\n"},
        {"0,smi,,,3h,0,\n1,compute,2h,,,0,\n", "cpus=2",
         "stopped by run.limit=1h: what is next would come at 2h\n"
         "  thread 0, line 2 of the workload: thinks, until 3h\n"
         "  thread 1, line 3 of the workload: computes, until 2h\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rig g;

        rig_run(&g, cases[i].rows, cases[i].settings);
        assert_int_equal(g.r.count.stopped, 1);
        if (strncmp(g.r.stuck, cases[i].says, strlen(cases[i].says)) != 0)
            fail_msg("%s", g.r.stuck);
        rig_free(&g);
    }
}

static void many_who_wait_are_told_as_far_as_there_is_room(void **state)
{
    rig g;

    (void)state;
    rig_run(&g, "0,smi,,,,0,\n", "cpus=4096 smi.kick=40min smi.travel=lognormal(1ms,9)");
    assert_int_equal(g.r.count.stopped, 1);
    assert_in_range(strlen(g.r.stuck), 1500, sizeof g.r.stuck - 1);
    assert_int_equal(g.r.stuck[strlen(g.r.stuck) - 1], '\n');
    rig_free(&g);
}

/* The row of the only visit in cpus.csv. */
static void assert_row_of_visit(const rig *g, const char *expected)
{
    csv_writer *rows[3];
    size_t length;

    assert_int_equal(g->r.visits, 1);
    for (int i = 0; i < 3; i++)
        rows[i] = csv_to_memory();
    output_detail_rows(rows, 0, 0, &g->r);
    assert_memory_equal(csv_memory(rows[2], &length), expected, strlen(expected));
    assert_int_equal(length, strlen(expected));
    for (int i = 0; i < 3; i++)
        csv_abandon(rows[i]);
}

static void a_visit_that_the_limit_cuts_off_has_no_entry(void **state)
{
    int entered = 0;
    rig g;

    (void)state;
    rig_run(&g, "0,smi,,,,0,\n", "cpus=2 smi.inject=mix(0.5:0,0.5:2h)");
    for (uint32_t repetition = 0; repetition < 20; repetition++) {
        rig_again(&g, 1, repetition, NULL);
        for (uint64_t v = 0; v < g.r.visits; v++) {
            assert_true(g.r.visit[v].entered <= g.r.end);
            entered += g.r.visit[v].entered >= 0;
        }
    }
    assert_in_range(entered, 10, 35);
    rig_free(&g);
    rig_run(&g, "0,smi,,,,0,\n", "cpus=1 smi.inject=2h smi.kick=0ns port.write=5ns");
    assert_row_of_visit(&g, "0,0,0,trigger,undecided,,0,0,10,,,\n");
    rig_free(&g);
}

/* ---- far ends that are within the limit ------------------------------------------------- */

static void long_thinking_is_not_cut(void **state)
{
    rig g;

    (void)state;
    rig_run(&g, "0,smi,,,1h,0,\n", "cpus=2 think.scale=500 run.limit=1000h");
    assert_int_equal(g.r.trigger[0].at[AT_PORT_WRITE], HOURS(500));
    rig_free(&g);
}

/* A wide timer comes round after months: a CPU that was held for weeks sees all of them. */
static void a_hold_of_weeks_is_seen_by_a_wide_timer(void **state)
{
    rig g;

    (void)state;
    rig_run(&g, "0,smi,,,,0,\n1,hold,642h,,,1,\n2,hold,641h,,1ms,0,\n",
            "cpus=2 timer.bits=63 sync.timeout1=1h run.limit=1000h");
    assert_in_range(g.r.round[0].aps_timeout1, HOURS(641), HOURS(641) + 60 * PS_PER_S);
    rig_free(&g);
}

/* 4200 MiB: more than 32 bits of bytes. */
static void a_variable_that_grows_and_grows_is_copied_whole(void **state)
{
    const call_record *read;
    rig g;

    (void)state;
    rig_run(&g, "0,append,X,1048576B,,0,4200\n0,get,X,,,0,\n", "cpus=1 flash=ram run.limit=1000h");
    read = &g.r.call[g.r.calls - 1];
    assert_in_range(read->end - read->begin, 4404 * PS_PER_MS, 4405 * PS_PER_MS);
    rig_free(&g);
}

/* ---- sums ------------------------------------------------------------------------------- */

/* The phases of all SMIs together are 4500 hours, more than int64_t holds. */
static void means_of_phases_hold_over_many_long_repetitions(void **state)
{
    metrics_point p;
    int64_t mean = 0;
    rig g;

    (void)state;
    rig_load(&g, "0,smi,,,,0,3\n", "cpus=2 handler.smi=300h run.limit=1000h");
    metrics_point_init(&p);
    for (uint32_t repetition = 0; repetition < 5; repetition++) {
        metrics one;

        rig_again(&g, 1, repetition, NULL);
        metrics_init(&one);
        metrics_collect(&one, &g.r);
        metrics_point_add(&p, &one, &g.r);
        metrics_free(&one);
    }
    assert_true(metrics_phase_mean(&p.all, PHASE_HANDLER, &mean));
    assert_in_range(mean, HOURS(300), HOURS(300) + PS_PER_S);
    assert_int_equal(p.broken, 0);
    metrics_point_free(&p);
    rig_free(&g);
}

/* Five threads wait for each other: 200, 400, ... 1000 hours. */
static void a_sum_that_is_not_known_is_no_value(void **state)
{
    metrics one;
    rig g;

    (void)state;
    rig_run(&g, "each,get,X,4B,,,\n",
            "cpus=5 variable.read=190h run.limit=1000h sync.mode=relaxed");
    assert_int_equal(g.r.count.stopped, 0);
    assert_int_equal(g.r.command, RECORD_SUM_MAX);
    assert_int_equal(g.r.cpu_time, RECORD_SUM_MAX);
    metrics_init(&one);
    metrics_collect(&one, &g.r);
    assert_int_equal(one.time[METRIC_COMMAND].count, 0);
    assert_int_equal(one.time[METRIC_CPU_TIME].count, 0);
    assert_int_equal(one.time[METRIC_CALL].count, 5);
    metrics_free(&one);
    rig_free(&g);
}

static void the_bound_of_run_limit_is_below_that_of_times(void **state)
{
    int64_t most;
    sim_err err;

    (void)state;
    assert_int_equal(units_parse(UNIT_TIME, params_table.defs[P_LIMIT].max, &most, &err), SIM_OK);
    assert_true(most < PS_MAX);
    assert_int_equal(ps_add(PS_MAX, PS_MAX), PS_MAX);
    assert_int_equal(ps_add(most, 5), most + 5);
    assert_int_equal(ps_add(-PS_MAX, PS_MAX), 0);
    assert_int_equal(ps_times(PS_MAX, 0), 0);
    assert_int_equal(ps_times(HOURS(1), 1099), HOURS(1099));
    assert_int_equal(ps_times(HOURS(1), 1101), PS_MAX);
    assert_int_equal(ps_times(PS_MAX, INT64_MAX), PS_MAX);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_latency_without_measure_stops_the_run_or_is_not_charged),
        cmocka_unit_test(a_run_that_the_limit_stops_says_why_and_who_waits),
        cmocka_unit_test(many_who_wait_are_told_as_far_as_there_is_room),
        cmocka_unit_test(a_visit_that_the_limit_cuts_off_has_no_entry),
        cmocka_unit_test(long_thinking_is_not_cut),
        cmocka_unit_test(a_hold_of_weeks_is_seen_by_a_wide_timer),
        cmocka_unit_test(a_variable_that_grows_and_grows_is_copied_whole),
        cmocka_unit_test(means_of_phases_hold_over_many_long_repetitions),
        cmocka_unit_test(a_sum_that_is_not_known_is_no_value),
        cmocka_unit_test(the_bound_of_run_limit_is_below_that_of_times),
    };

    return cmocka_run_group_tests_name("limit", tests, scratch_enter, scratch_leave);
}
