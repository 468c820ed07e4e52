/* SPDX-License-Identifier: Apache-2.0 */
/* test_machine_edges: what decides at one instant, and what is counted once more or once less. */
#include "tests/rig.h"

#define NS(n) (INT64_C(1000) * (n))

/* The first read of the flag is issued at 1892 and takes 1; the period of the wait is 105. A hold
 * from 1892 puts off the read, one from 1893 its result, one from 1894 the next poll. */
static void a_wait_looks_at_its_timer_a_poll_after_its_first_read(void **state)
{
    static const int after[] = {106, 105, 0};

    (void)state;
    for (int i = 0; i < 3; i++) {
        char rows[100];
        rig g;

        (void)snprintf(rows, sizeof rows, "0,smi,,,,1,\n1,hold,5ms,,,0,\n2,hold,2ms,,%dns,1,\n",
                       1892 + i);
        rig_run(&g, rows, "sync.timeout1=1ms timer.bits=32");
        assert_int_equal(g.r.trigger[0].at[AT_BSP_TIMEOUT1], NS(2000000 + 1892 + i + after[i]));
        rig_free(&g);
    }
}

/* From the end of the handlers until the door is open. */
static int64_t way_out(const char *settings)
{
    int64_t took;
    rig g;

    rig_run(&g, "0,smi,,,,0,\n", settings);
    assert_int_equal(g.r.rounds, 1);
    took = g.r.round[0].reset - g.r.round[0].handler_end;
    rig_free(&g);
    return took;
}

/* SmmCpuUpdate goes over the table of all CPUs that might come. */
static void the_update_of_cpus_takes_its_time_for_each_slot(void **state)
{
    (void)state;
    assert_int_equal(way_out("cpus.possible=8 firmware.cpu_update=20us") -
                         way_out("cpus.possible=8 firmware.cpu_update=10us"),
                     8 * PS_PER_US * 10);
}

/* Who stops at the very moment when the handler begins came in time, one later did not. */
static void the_last_in_may_come_as_the_handler_begins(void **state)
{
    (void)state;
    for (int later = 0; later < 2; later++) {
        char settings[100];
        int64_t travel;
        rig g;

        rig_run(&g, "0,smi,,,,0,\n", "sync.mode=relaxed os.others=running");
        travel = 300 * PS_PER_NS + g.r.round[0].handler - g.r.visit[1].entered + later;
        assert_int_equal(g.r.visit[1].cpu, 1);
        rig_free(&g);
        (void)snprintf(settings, sizeof settings,
                       "sync.mode=relaxed os.others=running smi.travel=%lldps", (long long)travel);
        rig_run(&g, "0,smi,,,,0,\n", settings);
        assert_int_equal(g.r.visit[1].entered, g.r.round[0].handler + later);
        assert_int_equal(g.r.round[0].last_in,
                         later ? g.r.round[0].first_in : g.r.round[0].handler);
        rig_free(&g);
    }
}

/* A local machine check needs no rendezvous: the BSP does not wait at first for the AP that is
 * held. */
static void a_local_machine_check_skips_the_first_wait(void **state)
{
    (void)state;
    for (int lmce = 0; lmce < 2; lmce++) {
        rig g;

        rig_run(&g, "0,smi,,,1us,0,1\n1,hold,150us,,,1,1\n",
                lmce ? "sync.timeout1=100us sync.timeout2=200us sync.lmce=on"
                     : "sync.timeout1=100us sync.timeout2=200us sync.lmce=off");
        assert_int_equal(g.r.count.timeout1, !lmce);
        assert_int_equal(g.r.count.served, 1);
        rig_free(&g);
    }
}

/* A thread that begins while its CPU is held does its work when the hold is over. */
static void work_that_begins_in_a_hold_comes_after_it(void **state)
{
    rig g;

    (void)state;
    rig_run(&g, "0,hold,100us,,,1,1\n1,compute,10us,,50us,1,1\n", "");
    assert_int_equal(g.r.calls, 2);
    assert_int_equal(g.r.call[1].kind, CALL_COMPUTE);
    assert_int_equal(g.r.call[1].end, NS(110000));
    rig_free(&g);
}

/* The port is written at 1100, and the SMI reaches the writer after two kicks at 1500. */
static void nothing_runs_behind_the_port_write(void **state)
{
    rig g;

    (void)state;
    rig_run(&g, "0,smi,,,1us,0,1\n1,compute,10us,,1200ns,0,1\n", "");
    assert_int_equal(g.r.calls, 2);
    assert_int_equal(g.r.call[1].kind, CALL_COMPUTE);
    assert_int_equal(g.r.call[1].end, g.r.trigger[0].at[AT_RESUMED] + NS(10000));
    rig_free(&g);
}

/* The second one has waited for the first, and the third comes while it is at work. */
static void services_are_called_one_at_a_time(void **state)
{
    rig g;

    (void)state;
    rig_run(&g, "0,get,a,,,0,1\n1,get,a,,1us,1,1\n2,get,a,,16us,2,1\n", "cpus=3");
    assert_int_equal(g.r.calls, 3);
    for (int i = 1; i < 3; i++) {
        assert_true(g.r.call[i].begin < g.r.call[i - 1].end);
        assert_true(g.r.trigger[i].at[AT_PORT_WRITE] >= g.r.call[i - 1].end);
    }
    rig_free(&g);
}

/* CPU 1's SMI stops the call of CPU 0 on its way to the port: what was left then is done once. */
static void what_an_smi_has_put_off_is_done_once(void **state)
{
    rig g;

    (void)state;
    rig_run(&g, "0,get,a,,,0,1\n1,smi,,,5us,1,1\n", "os.call=10us");
    assert_int_equal(g.r.triggers, 2);
    for (uint64_t i = 0; i < 2; i++) {
        const trigger_record *trigger = &g.r.trigger[g.r.call[i].trigger];

        assert_int_equal(g.r.call[i].end, trigger->at[AT_RESUMED]);
        assert_int_equal(g.r.call[i].smm, trigger->at[AT_RESUMED] - trigger->at[AT_PORT_WRITE]);
    }
    rig_free(&g);
}

/* Which CPU a kernel worker has is drawn of those that take SMIs. */
static void a_worker_runs_on_each_cpu_that_takes_smis(void **state)
{
    int calls[3] = {0};
    rig g;

    (void)state;
    rig_run(&g, "0,get,a,,,0,40\n", "cpus=3 cpus.disabled=cpu:1 os.efi_cpu=worker");
    assert_int_equal(g.r.triggers, 40);
    for (uint64_t i = 0; i < 40; i++)
        calls[g.r.trigger[i].cpu]++;
    assert_true(calls[0] > 5 && calls[1] == 0 && calls[2] > 5);
    rig_free(&g);
}

/* A system call comes before each access to a file, and before no other. */
static void only_files_take_a_system_call(void **state)
{
    static const char *const rows[] = {"0,get,a,,,0,1\n", "0,fread,a,4B,,0,1\n"};

    (void)state;
    for (int i = 0; i < 2; i++) {
        rig g;

        rig_run(&g, rows[i], "os.call=1us os.file=10us");
        assert_int_equal(g.r.trigger[0].at[AT_PORT_WRITE] - g.r.call[0].begin,
                         NS(1000 + 10000 * i));
        rig_free(&g);
    }
}

/* The BSP waits with a bound, reads its timer under the emulator's lock, and so is in the way of
 * the AP that comes at 100 us. */
static void a_bounded_wait_loads_the_lock_with_its_timer(void **state)
{
    static const char *const settings[] = {"lock=fair lock.clear=0s lock.timer=0s",
                                           "lock=fair lock.clear=0s lock.timer=1us"};

    (void)state;
    for (int i = 0; i < 2; i++) {
        rig g;

        rig_run(&g, "0,smi,,,1us,0,1\n1,hold,100us,,,1,1\n", settings[i]);
        assert_int_equal(g.r.visit[1].cpu, 1);
        assert_in_range((uint64_t)g.r.visit[1].entered, NS(100000 + i), NS(100000 + 1000 * i));
        rig_free(&g);
    }
}

/* Stolen is the time from the stop of a CPU to its return, the way into SMM included. */
static void stolen_time_begins_when_a_cpu_stops(void **state)
{
    int64_t sum = 0;
    rig g;

    (void)state;
    rig_run(&g, "0,smi,,,1us,0,1\n", "smi.inject=700ns");
    assert_int_equal(g.r.visits, 2);
    for (uint64_t i = 0; i < 2; i++) {
        assert_true(g.r.visit[i].entered >= g.r.visit[i].stopped + NS(700));
        sum += g.r.visit[i].left - g.r.visit[i].stopped;
    }
    assert_int_equal(g.r.stolen, sum);
    rig_free(&g);
}

static void the_cache_at_run_time_knows_the_names_of_variables(void **state)
{
    rig g;

    (void)state;
    rig_run(&g, "0,next,,,,0,1\n", "variable.runtime_cache=on");
    assert_int_equal(g.r.calls, 1);
    assert_int_equal(g.r.triggers, 0);
    rig_free(&g);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_wait_looks_at_its_timer_a_poll_after_its_first_read),
    cmocka_unit_test(the_update_of_cpus_takes_its_time_for_each_slot),
    cmocka_unit_test(the_last_in_may_come_as_the_handler_begins),
    cmocka_unit_test(a_local_machine_check_skips_the_first_wait),
    cmocka_unit_test(work_that_begins_in_a_hold_comes_after_it),
    cmocka_unit_test(nothing_runs_behind_the_port_write),
    cmocka_unit_test(services_are_called_one_at_a_time),
    cmocka_unit_test(what_an_smi_has_put_off_is_done_once),
    cmocka_unit_test(a_worker_runs_on_each_cpu_that_takes_smis),
    cmocka_unit_test(only_files_take_a_system_call),
    cmocka_unit_test(stolen_time_begins_when_a_cpu_stops),
    cmocka_unit_test(the_cache_at_run_time_knows_the_names_of_variables),
    cmocka_unit_test(a_bounded_wait_loads_the_lock_with_its_timer),
};

int main(void)
{
    return cmocka_run_group_tests_name("machine_edges", tests, scratch_enter, scratch_leave);
}
