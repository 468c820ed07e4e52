/* SPDX-License-Identifier: Apache-2.0 */
/* test_handler: what a handler costs: each variable service by hand, and the CPU driver's services.
 */
#include "tests/rig.h"

#define NS(n) (INT64_C(1000) * (n))

/* Dispatch 5 us, a read 3 us, a write 20 us, 1 ns for each byte that is copied; no flash. */
static void assert_handlers(const char *rows, const int64_t *driver, int count)
{
    rig g;

    rig_run(&g, rows, "flash=ram");
    assert_string_equal(g.r.stuck, "");
    assert_int_equal(g.r.rounds, count);
    for (int i = 0; i < count; i++) {
        int64_t took = g.r.round[i].handler_end - g.r.round[i].handler - NS(5000);

        if (took != driver[i])
            fail_msg("%s: SMI %d takes %lld ps, by hand %lld", rows, i, (long long)took,
                     (long long)driver[i]);
    }
    rig_free(&g);
}

static void data_that_is_copied_costs_by_the_byte(void **state)
{
    static const int64_t set_get[] = {NS(20100), NS(3100)};
    static const int64_t append[] = {NS(20100), NS(20007), NS(3107)};

    (void)state;
    assert_handlers("0,set,a,100B,,0,\n0,get,a,,,0,\n", set_get, 2);
    assert_handlers("0,set,a,100B,,0,\n0,append,a,7B,,0,\n0,get,a,,,0,\n", append, 3);
}

/* QueryVariableInfo is a small struct, a size probe has no buffer, a delete has no data. */
static void services_without_data_cost_no_copy(void **state)
{
    static const int64_t query[] = {NS(3000)};
    static const int64_t probe[] = {NS(3000), NS(3100), NS(3000), NS(3100), NS(3000), NS(3100)};
    static const int64_t drop[] = {NS(20100), NS(20000), NS(3000)};

    (void)state;
    assert_handlers("0,query,,,,0,\n", query, 1);
    assert_handlers("0,fread,a,100B,,0,\n", probe, 6);
    assert_handlers("0,set,a,100B,,0,\n0,delete,a,,,0,\n0,get,a,,,0,\n", drop, 3);
}

/* Linux asks how much room there is, writes, and asks for the new size. */
static void a_write_through_efivarfs_copies_once(void **state)
{
    static const int64_t write[] = {NS(3000), NS(20100), NS(3000)};

    (void)state;
    assert_handlers("0,fwrite,a,100B,,0,\n", write, 3);
}

/* Two writes for each byte and one after each run of bytes, 2 us each. A record has 60 bytes, 4 of
 * name and the data up to four; it is split at blocks. Two states go with a new one, two more and
 * two bytes with what was there: for 72, 72, 76 and 1064 bytes, then the state of what is deleted.
 */
static void flash_is_programmed_byte_by_byte(void **state)
{
    static const int64_t writes[] = {2 * 73 + 2, 2 * 75 + 4, 2 * 79 + 4, 2 * 1067 + 5, 2 + 1};
    rig g;

    (void)state;
    rig_run(&g,
            "0,set,a,5B,,0,\n0,set,a,7B,,0,\n0,append,a,2B,,0,\n0,set,a,1000B,,0,\n"
            "0,delete,a,,,0,\n",
            "flash.block=1kB");
    assert_int_equal(g.r.rounds, 5);
    for (int i = 0; i < 5; i++)
        assert_int_equal(g.r.round[i].flash, NS(2000) * writes[i]);
    rig_free(&g);
}

/* ---- services of the CPU driver ---------------------------------------------------------- */

static int64_t handler_of_round(const rig *g, uint32_t round)
{
    return g->r.round[round].handler_end - g->r.round[round].handler;
}

/* All phases are the latency, and the handler's is as long as the handler. */
static void assert_phases(const rig *g)
{
    for (uint64_t t = 0; t < g->r.triggers; t++) {
        const trigger_record *trigger = &g->r.trigger[t];
        int64_t phases[PHASE_COUNT];
        int64_t sum = 0;

        record_phases(trigger, phases);
        for (int p = 0; p < PHASE_COUNT; p++)
            sum += phases[p];
        assert_int_equal(sum, trigger->at[AT_RESUMED] - trigger->at[AT_PORT_WRITE]);
        if (trigger->round != RECORD_NONE)
            assert_int_equal(phases[PHASE_HANDLER] + phases[PHASE_FLASH],
                             handler_of_round(g, trigger->round));
    }
}

/* Dispatch 5 us, the request 1 us, each service 2 us. All are in: the service reads one word that
 * the BSP has just written (1 ns). */
static void a_service_costs_its_call_and_its_accesses(void **state)
{
    static const struct {
        const char *services;
        int64_t took;
    } each[] = {{"none", NS(6000)},
                {"rendezvous", NS(8001)},
                {"rendezvous,rendezvous", NS(10002)},
                {"switch:1", NS(8000)},
                {"switch:0", NS(8000)}};

    (void)state;
    for (size_t i = 0; i < sizeof each / sizeof each[0]; i++) {
        char settings[100];
        rig g;

        (void)snprintf(settings, sizeof settings, "handler.service=2us handler.services=%s",
                       each[i].services);
        rig_run(&g, "0,smi,,,,0,\n", settings);
        assert_int_equal(g.r.count.served, 1);
        assert_int_equal(handler_of_round(&g, 0), each[i].took);
        assert_phases(&g);
        rig_free(&g);
    }
}

/* The service comes between the dispatch and the work: 5 us after the handler began. */
static void a_rendezvous_waits_within_the_handler_for_a_late_cpu(void **state)
{
    rig g;

    (void)state;
    rig_run(&g, "0,smi,,,1us,0,\n1,hold,200us,,,1,\n",
            "sync.mode=relaxed handler.services=rendezvous handler.smi=30us");
    assert_int_equal(g.r.count.served, 1);
    assert_int_equal(g.r.count.timeout1, 0);
    assert_true(handler_of_round(&g, 0) > NS(190000 + 30000));
    assert_true(handler_of_round(&g, 0) < NS(210000 + 30000));
    assert_phases(&g);
    rig_free(&g);
    rig_run(&g, "0,smi,,,1us,0,\n1,hold,200us,,,1,\n",
            "sync.mode=relaxed handler.services=rendezvous handler.smi=30us sync.timeout1=50us "
            "sync.timeout2=20us");
    assert_int_equal(g.r.count.timeout1, 2); /* and the late CPU's, which finds nobody */
    assert_true(handler_of_round(&g, 0) > NS(5000 + 50000 + 20000 + 30000));
    assert_true(handler_of_round(&g, 0) < NS(5000 + 50000 + 20000 + 30000 + 3000));
    assert_phases(&g);
    rig_free(&g);
}

/* It waits for the jobs if these or the firmware's build say so. */
static void jobs_of_a_handler_run_on_the_aps(void **state)
{
    static const char *const services[] = {"jobs", "jobs-wait", "job:2", "job-wait:2"};

    (void)state;
    for (int i = 0; i < 8; i++) {
        char settings[120];
        int blocking = i / 4;
        rig g;

        (void)snprintf(settings, sizeof settings,
                       "cpus=4 handler.services=%s sync.block_startup_this_ap=%s", services[i % 4],
                       blocking ? "on" : "off");
        rig_run(&g, "0,smi,,,,0,3\n", settings);
        assert_int_equal(g.r.count.served, 3);
        assert_int_equal(g.w.jobs, i % 4 < 2 ? 9 : 3);
        assert_int_equal(g.r.count.jobs, 3);
        assert_int_equal(g.r.count.not_started, 0);
        assert_int_equal(handler_of_round(&g, 0) > NS(30000), blocking || i % 2);
        assert_true(g.r.round[0].reset - g.r.round[0].handler > NS(30000)); /* the BSP waits */
        assert_phases(&g);
        rig_free(&g);
    }
}

/* docs/EXPLORE.md, finding 6: the service says success, and the AP is given nothing. */
static void a_job_behind_a_rendezvous_is_refused_while_the_ap_is_not_present(void **state)
{
    static const struct {
        const char *protocol;
        uint64_t refused;
    } each[] = {{"edk2-head", 1}, {"edk2-head-fixed", 0}};

    (void)state;
    for (int i = 0; i < 2; i++) {
        char settings[120];
        rig g;

        (void)snprintf(settings, sizeof settings,
                       "protocol=%s sync.mode=relaxed handler.services=rendezvous,jobs",
                       each[i].protocol);
        rig_run(&g, "0,smi,,,1us,0,\n1,hold,200us,,,1,\n", settings);
        assert_int_equal(g.r.count.jobs, 1);
        assert_int_equal(g.r.count.not_started, each[i].refused);
        assert_int_equal(g.w.jobs, 1 - each[i].refused);
        rig_free(&g);
    }
}

/* With race election the CPU that is named is the next BSP, no matter who comes first. */
static void a_switch_of_the_bsp_is_obeyed_by_the_next_smi(void **state)
{
    rig g;

    (void)state;
    rig_run(&g, "0,smi,,,1us,0,\n0,smi,,,50us,0,\n",
            "cpus=3 bsp.election=race handler.services=switch:2");
    assert_int_equal(g.r.count.served, 2);
    assert_int_equal(g.r.rounds, 2);
    assert_int_not_equal(g.r.round[0].bsp, 2);
    assert_int_equal(g.r.round[1].bsp, 2);
    rig_free(&g);
}

static void services_that_are_not_there_are_refused(void **state)
{
    static const struct {
        const char *settings, *says;
    } wrong[] = {
        {"handler.services=rendezvus",
         "--set: handler.services: 'rendezvus' is no action of a handler (would be right: "
         "rendezvous)"},
        {"handler.services=switch:1 bsp.election=fixed", "a switch needs an election"},
        {"handler.services=switch:2", "a switch needs an election and a CPU below 2"},
        {"handler.services=rendezvous protocol=edk2-2017", "edk2-2017 has no rendezvous service"},
        {"handler.services=job:0", "a job for CPU 0, which is the BSP"},
        {"handler.services=job:0 cpus=4", "the BSP (would be right: an AP, 1 to 3)"},
        {"handler.services=job:3 cpus=4 bsp.boot_cpu=3", "(would be right: an AP, 0 to 2)"},
        {"handler.services=job:1 cpus=4 bsp.boot_cpu=1", "(would be right: an AP, 0 to 3 but 1)"},
        {"handler.services=job:9 cpus=4 bsp.election=race", "(would be right: an AP, 0 to 3)"},
        {"handler.services=job:2",
         "a job for CPU 2, which is not there (would be right: an AP, 1)"},
        {"handler.services=job:1 cpus=1", "(would be right: none, or more CPUs)"},
        {"handler.services=job:5000", "'5000' is not a CPU (would be right: 0 to 1)"},
        {"handler.services=job", "'job' needs a CPU (would be right: job:1)"},
        {"handler.services=job-wait", "'job-wait' needs a CPU (would be right: job-wait:1)"},
        {"handler.services=switch", "'switch' needs a CPU (would be right: switch:1)"},
        {"handler.services=jobs:1", "'jobs' takes no CPU (would be right: jobs)"},
        {"handler.services=job:x", "'x' is not a CPU"},
        {"handler.services=", "handler.services"},
        {"handler.services=jobs,", "'' is no action"},
        {"handler.services=jobs,jobs,jobs,jobs,jobs,jobs,jobs,jobs", "at most 7 actions"},
        {"handler.services=jobs protocol=coreboot", "coreboot has no handler.services"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        sim_err err = {""};
        rig g;

        assert_int_equal(rig_try(&g, "0,smi,,,,0,\n", wrong[i].settings, &err), SIM_BAD_INPUT);
        if (!strstr(err.text, wrong[i].says))
            fail_msg("\"%s\" does not say \"%s\"", err.text, wrong[i].says);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(data_that_is_copied_costs_by_the_byte),
        cmocka_unit_test(services_without_data_cost_no_copy),
        cmocka_unit_test(a_write_through_efivarfs_copies_once),
        cmocka_unit_test(a_service_costs_its_call_and_its_accesses),
        cmocka_unit_test(a_rendezvous_waits_within_the_handler_for_a_late_cpu),
        cmocka_unit_test(jobs_of_a_handler_run_on_the_aps),
        cmocka_unit_test(a_job_behind_a_rendezvous_is_refused_while_the_ap_is_not_present),
        cmocka_unit_test(a_switch_of_the_bsp_is_obeyed_by_the_next_smi),
        cmocka_unit_test(services_that_are_not_there_are_refused),
        cmocka_unit_test(flash_is_programmed_byte_by_byte),
    };

    return cmocka_run_group_tests_name("handler", tests, scratch_enter, scratch_leave);
}
