/* SPDX-License-Identifier: Apache-2.0 */
/* test_outcome: who was served, which jobs were started, and what a second SMI cannot hasten. */
#include "tests/rig.h"

#include "models/protocol/coreboot.h"
#include "models/protocol/steps.h"

/* ---- served: the handler had ended when the writer went on ------------------------------ */

/* Adds the triggers whose writer went on in the middle of the handler. */
static void check_outcomes(const rig *g, int *amid)
{
    for (uint64_t i = 0; i < g->r.triggers; i++) {
        const trigger_record *t = &g->r.trigger[i];
        const round_record *r = &g->r.round[t->round];

        if (t->outcome != TRIGGER_SERVED && t->outcome != TRIGGER_LATE)
            continue;
        assert_true(t->round < g->r.rounds);
        assert_int_equal(t->outcome == TRIGGER_SERVED, r->handler_end <= t->at[AT_RESUMED]);
        *amid += r->handler < t->at[AT_RESUMED] && t->at[AT_RESUMED] < r->handler_end;
    }
}

static void an_smi_is_served_only_if_its_writer_sees_the_handlers_end(void **state)
{
    static const char *const rows[] = {"0,get,A,4B,,1,3\n", "0,set,A,40B,,1,3\n", "0,smi,,,,1,3\n"};
    int amid = 0;

    (void)state;
    for (int timeout = 1; timeout <= 12; timeout++)
        for (int row = 0; row < 3; row++) {
            char settings[160];
            rig g;

            (void)snprintf(settings, sizeof settings,
                           "cpus=2 smi.delivery=unicast protocol=edk2-2017 sync.mode=relaxed "
                           "bsp.election=fixed cpu.cstate_exit=5us sync.timeout1=%dus",
                           timeout);
            rig_run(&g, rows[row], settings);
            check_outcomes(&g, &amid);
            rig_free(&g);
        }
    assert_true(amid > 0);
}

static void a_request_under_way_leaves_the_stale_status_to_a_writer_that_goes_on(void **state)
{
    int stale = 0;

    (void)state;
    for (int timeout = 1; timeout <= 12; timeout++) {
        char settings[200];
        rig g;

        (void)snprintf(settings, sizeof settings,
                       "cpus=2 smi.delivery=unicast protocol=edk2-2017 sync.mode=relaxed "
                       "bsp.election=fixed cpu.cstate_exit=5us sync.timeout1=%dus "
                       "variable.stale_status=not_found",
                       timeout);
        rig_run(&g, "0,get,A,4B,,1,\n", settings);
        assert_int_equal(g.r.call[0].status, g.r.trigger[0].outcome == TRIGGER_SERVED
                                                 ? STATUS_SUCCESS
                                                 : STATUS_NOT_FOUND);
        stale += g.r.trigger[0].outcome == TRIGGER_LATE;
        rig_free(&g);
    }
    assert_true(stale > 0);
}

/* ---- jobs ------------------------------------------------------------------------------- */

static void check_job(const char *rows, const char *settings, int started)
{
    rig g;

    rig_run(&g, rows, settings);
    assert_int_equal(g.r.trigger[0].outcome, TRIGGER_SERVED);
    assert_int_equal(g.r.count.jobs, 1);
    assert_int_equal(g.r.count.not_started, !started);
    assert_int_equal(g.r.call[0].status, started ? STATUS_SUCCESS : STATUS_NOT_STARTED);
    rig_free(&g);
}

static void a_job_that_no_ap_is_given_is_not_started(void **state)
{
    (void)state;
    check_job("0,job,all,,,0,\n", "cpus=3", 1);
    check_job("0,job,2,,,0,\n", "cpus=3", 1);
    check_job("0,job,0,,,0,\n", "cpus=3", 0); /* the BSP itself */
    check_job("0,job,2,,,0,\n", "cpus=3 cpus.blocked=last:1 sync.timeout1=50us sync.timeout2=20us",
              0);
    check_job("0,job,all,,,0,\n", "cpus=3 smi.delivery=unicast sync.mode=relaxed", 0);
}

/* ---- delivery --------------------------------------------------------------------------- */

/* CPU 1 needs 1 us or 170 to leave its idle state; the directed SMI of a BSP that waits 10 us, or
 * 60, finds it on its way and changes nothing. */
static void a_second_smi_does_not_shorten_the_exit_of_an_idle_state(void **state)
{
    static const char common[] = "cpus=2 cpu.cstate_exit=mix(0.5:1us,0.5:170us) sync.timeout2=1ms "
                                 "sync.timeout1=";
    static const char *const timeouts[] = {"10us", "60us", "1ms"};
    int slow = 0;

    (void)state;
    for (uint32_t repetition = 0; repetition < 40; repetition++) {
        int64_t entered[3];

        for (int i = 0; i < 3; i++) {
            char settings[160];
            rig g;

            (void)snprintf(settings, sizeof settings, "%s%s", common, timeouts[i]);
            rig_load(&g, "0,smi,,,,0,\n", settings);
            machine_run(g.m, 1, repetition, &g.r, NULL);
            assert_int_equal(g.r.visits, 2);
            entered[i] = g.r.visit[g.r.visit[0].cpu == 0].entered;
            slow += g.r.count.directed > 0;
            rig_free(&g);
        }
        assert_int_equal(entered[0], entered[2]);
        assert_int_equal(entered[1], entered[2]);
    }
    assert_true(slow > 20);
}

static void figures_of_an_emulators_lock_mean_nothing_to_hardware(void **state)
{
    int64_t latency[2];

    (void)state;
    for (int i = 0; i < 2; i++) {
        rig g;

        rig_run(&g, "0,smi,,,,0,\n",
                i ? "cpus=4 smi.delivery=hardware firmware=stock lock.port=50us lock.clear=50us"
                  : "cpus=4 smi.delivery=hardware firmware=stock");
        latency[i] = g.r.trigger[0].at[AT_RESUMED] - g.r.trigger[0].at[AT_PORT_WRITE];
        rig_free(&g);
    }
    assert_int_equal(latency[0], latency[1]);
}

/* 64 CPUs for 300 hours are 800 days. */
static void sums_of_cpu_time_end_at_their_ceiling(void **state)
{
    rig g;

    (void)state;
    rig_run(&g, "0,smi,,,,0,3\n", "cpus=64 handler.smi=100h run.limit=1000h");
    assert_int_equal(g.r.count.served, 3);
    assert_int_equal(g.r.stolen, RECORD_SUM_MAX);
    assert_int_equal(g.r.cpu_time, RECORD_SUM_MAX);
    rig_free(&g);
}

/* ---- words between SMIs ----------------------------------------------------------------- */

static void words_that_are_left_unclean_end_the_run(void **state)
{
    step_protocol unclean = coreboot_protocol;
    rig g;

    (void)state;
    rig_load(&g, "0,smi,,,,0,3\n", "cpus=1 protocol=coreboot");
    g.e.setup.protocol = &unclean;
    for (int row = 0; row < unclean.row_count; row++) /* what frees the lock stores 7 */
        if (g.e.setup.config.code[row].op == OP_STORE)
            g.e.setup.config.code[row].a = 7;
    machine_run(g.m, 1, 0, &g.r, NULL);
    assert_string_equal(g.r.stuck, "broken invariant: shared words are not clean between SMIs\n");
    assert_int_equal(g.r.visits, 1);
    unclean.may_differ = 1; /* but it may be as it is if the protocol says so */
    machine_free(g.m);
    g.m = machine_new(&g.e.setup);
    machine_run(g.m, 1, 0, &g.r, NULL);
    assert_int_equal(g.r.visits, 2);
    rig_free(&g);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_smi_is_served_only_if_its_writer_sees_the_handlers_end),
        cmocka_unit_test(a_request_under_way_leaves_the_stale_status_to_a_writer_that_goes_on),
        cmocka_unit_test(a_job_that_no_ap_is_given_is_not_started),
        cmocka_unit_test(a_second_smi_does_not_shorten_the_exit_of_an_idle_state),
        cmocka_unit_test(figures_of_an_emulators_lock_mean_nothing_to_hardware),
        cmocka_unit_test(sums_of_cpu_time_end_at_their_ceiling),
        cmocka_unit_test(words_that_are_left_unclean_end_the_run),
    };

    return cmocka_run_group_tests_name("outcome", tests, scratch_enter, scratch_leave);
}
