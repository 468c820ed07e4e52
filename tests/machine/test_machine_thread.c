/* SPDX-License-Identifier: Apache-2.0 */
/* test_machine_thread: threads, their requests and the platform's status where SMIs cross them. */
#include "tests/rig.h"

#define NS(n) (INT64_C(1000) * (n))
#define MS(n) (INT64_C(1000000000) * (n))

static const visit_record *visit_of(const rig *g, uint16_t cpu)
{
    for (uint64_t i = 0; i < g->r.visits; i++)
        if (g->r.visit[i].cpu == cpu)
            return &g->r.visit[i];
    fail_msg("CPU %u was never in SMM", (unsigned)cpu);
    return NULL;
}

static void thread_beside_the_writer_goes_on_after_the_smi(void **state)
{
    static rig g;
    const trigger_record *t;
    const call_record *compute;

    (void)state;
    rig_run(&g, "0,smi,,,,0,\n1,compute,10us,,50ns,0,\n", "cpus=2");
    assert_int_equal(g.r.count.hang, 0);
    assert_int_equal(g.r.calls, 2);
    t = &g.r.trigger[0];
    compute = &g.r.call[1];
    assert_int_equal(compute->kind, CALL_COMPUTE);
    /* its CPU stood still from the end of both port writes until the writer went on */
    assert_int_equal(compute->end - compute->begin,
                     NS(10000) + t->at[AT_RESUMED] - t->at[AT_PORT_WRITE] - NS(100));
    rig_free(&g);
}

static void count_jobs(void *self, const machine_event *event)
{
    int *jobs = self;

    if (event->request && event->request->op == STEP_LOCAL && event->request->local == LOCAL_JOB)
        jobs[event->cpu]++;
}

static void late_job_runs_on_the_ap_it_named(void **state)
{
    static rig g;
    int jobs[3] = {0};
    const machine_observer observer = {count_jobs, jobs};

    (void)state;
    /* the BSP is kept away: the writer's wait times out, its thread ends, then the BSP comes */
    rig_load(&g, "0,hold,1200ms,,,0,\n1,job,2,,1us,1,\n", "cpus=3 protocol=edk2-202211");
    rig_again(&g, 1, 0, &observer);
    assert_int_equal(g.r.count.late, 1);
    assert_int_equal(jobs[0], 0);
    assert_int_equal(jobs[1], 0);
    assert_int_equal(jobs[2], 1);
    rig_free(&g);
}

static void hold_is_on_its_cpu_before_exit_boot_services(void **state)
{
    static rig g;

    (void)state;
    rig_run(&g, "0,smi,,,1us,1,\n1,hold,5ms,,,1,\n", "cpus=2 os.phase=boot");
    assert_int_equal(g.r.trigger[0].cpu, 0); /* calls are the boot CPU's */
    assert_true(visit_of(&g, 0)->entered < MS(1));
    assert_true(visit_of(&g, 1)->entered >= MS(5));
    rig_free(&g);
}

static void smi_that_only_others_get_is_theirs(void **state)
{
    static rig g;

    (void)state;
    rig_run(&g, "0,smi,,,,2,\n", "cpus=3 cpus.disabled=last:1 smi.delivery=broadcast");
    assert_int_equal(g.r.trigger[0].outcome, TRIGGER_LATE);
    assert_int_equal(g.r.count.spurious, 0);
    rig_free(&g);
    rig_run(&g, "0,smi,,,,2,\n", "cpus=3 cpus.disabled=last:1 smi.delivery=unicast");
    assert_int_equal(g.r.trigger[0].outcome, TRIGGER_REFUSED);
    assert_int_equal(g.r.visits, 0);
    rig_free(&g);
}

static void lock_is_not_held_longer_than_the_flash_write(void **state)
{
    static rig g;
    int64_t flash;

    (void)state;
    rig_run(&g, "0,set,X,4B,,0,\n", "cpus=2 lock=fair lock.flash=2us");
    flash = g.r.trigger[0].flash;
    rig_free(&g);
    rig_run(&g, "0,set,X,4B,,0,\n", "cpus=2 lock=fair lock.flash=5us");
    assert_true(flash > 0);
    assert_int_equal(g.r.trigger[0].flash, flash);
    rig_free(&g);
}

static void append_on_nor_programs_the_whole_record(void **state)
{
    static rig g;

    (void)state;
    rig_run(&g, "0,set,X,300B,,0,\n0,append,X,300B,,0,\n",
            "cpus=2 flash=nor flash.page_program=1us flash.page_size=256B");
    /* 60 + 4 + 300 bytes: 2 pages and a state; 60 + 4 + 600: 3 pages and three states */
    assert_int_equal(g.r.trigger[0].flash, NS(3000));
    assert_int_equal(g.r.trigger[1].flash, NS(6000));
    rig_free(&g);
}

static void late_cpu_leaves_at_once_where_the_platform_can_tell(void **state)
{
    static const char rows[] = "0,smi,,,,0,\n1,hold,2300ms,,,1,\n";
    static rig g;
    const visit_record *v;

    (void)state;
    rig_run(&g, rows, "cpus=2 smi.valid_status=off");
    v = visit_of(&g, 1);
    assert_int_equal(v->role, VISIT_ABANDONED);
    assert_true(v->left - v->stopped >= MS(1000));
    rig_free(&g);
    rig_run(&g, rows, "cpus=2 smi.valid_status=on");
    v = visit_of(&g, 1);
    assert_int_equal(v->role, VISIT_SPURIOUS);
    assert_true(v->left - v->stopped < MS(1));
    assert_int_equal(g.r.count.served, 1);
    rig_free(&g);
}

static void request_armed_while_another_is_executed_is_lost(void **state)
{
    static rig g;

    (void)state;
    /* CPU 1 gives up its first request and arms the next one while CPU 0 executes the first */
    rig_run(&g, "0,get,A,4B,,1,\n0,get,B,4B,20ms,1,\n1,smi,,,119998us,0,\n",
            "cpus=2 smi.delivery=unicast protocol=edk2-202211 handler.dispatch=15us "
            "variable.stale_status=success");
    assert_int_equal(g.r.triggers, 3);
    assert_int_equal(g.r.trigger[0].outcome, TRIGGER_LATE);
    assert_int_equal(g.r.trigger[1].outcome, TRIGGER_SERVED);
    assert_int_equal(g.r.trigger[1].cpu, 0);
    assert_int_equal(g.r.trigger[2].outcome, TRIGGER_LOST);
    rig_free(&g);
}

/* Threads in great number, so that the set of those that wait for a handler is long. */
static void handler_serves_the_pending_smis_of_all_threads(void **state)
{
    enum { THREADS = 150 };
    char rows[THREADS * 20] = "";
    size_t used = 0;
    rig g;

    (void)state;
    for (int t = 0; t < THREADS; t++)
        used += (size_t)snprintf(rows + used, sizeof rows - used, "%d,%s,%s,,%dns,%d,\n", t,
                                 t % 3 ? "smi" : "job", t % 3 ? "" : "1", t % 7, t % 5);
    rig_run(&g, rows, "cpus=5 smi.delivery=broadcast");
    assert_int_equal(g.r.triggers, THREADS);
    assert_int_equal(g.r.count.served, THREADS);
    assert_int_equal(g.r.count.jobs, THREADS / 3);
    assert_true(g.r.rounds < THREADS); /* some were pending together */
    rig_free(&g);
}

/* CPU 2 writes its port when CPU 0 has stopped for the first SMI: CPU 0 goes from that straight
 * into the next one. CPU 2 may go, too, but has lost its core to it: it goes on at the next tick
 * only. */
static void who_goes_straight_into_the_next_smi_keeps_the_shared_core(void **state)
{
    const visit_record *v;
    rig g;

    (void)state;
    rig_run(&g, "0,smi,,,1ms,0,1\n1,smi,,,1000700ns,2,1\n",
            "cpus=3 lock=barging host.shared=1 host.keeps_core=1 host.waker_waits=0 lock.pause=1us "
            "lock.wake=55us lock.timer=1us smi.delivery=broadcast os.others=idle");
    v = g.r.visit;
    assert_int_equal(g.r.count.latched, 1);
    assert_true(v[0].cpu == 0 && v[1].cpu == 2 && v[3].cpu == 0);
    assert_int_equal(v[3].stopped, v[0].left);
    assert_in_range((uint64_t)(v[1].left - v[0].left), 3 * PS_PER_MS, 4 * PS_PER_MS);
    rig_free(&g);
}

/* CPU 1 asks for a job while CPU 0 looks for the handlers of its own SMI: the next one runs it. */
static void a_job_that_comes_behind_the_dispatch_waits_for_the_next_smi(void **state)
{
    rig g;

    (void)state;
    rig_run(&g, "0,smi,,,1ms,0,2\n1,job,2,,1008us,1,1\n",
            "cpus=3 smi.delivery=unicast sync.mode=relaxed handler.dispatch=15us");
    assert_int_equal(g.r.triggers, 3);
    assert_int_equal(g.r.trigger[1].call, 2);
    assert_in_range((uint64_t)g.r.trigger[1].at[AT_PORT_WRITE], (uint64_t)g.r.round[0].handler,
                    (uint64_t)g.r.round[0].handler_end);
    assert_int_equal(g.r.trigger[1].round, g.r.trigger[2].round);
    assert_int_equal(g.r.trigger[1].outcome, TRIGGER_LATE);
    assert_int_equal(g.r.count.jobs, 1);
    rig_free(&g);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(thread_beside_the_writer_goes_on_after_the_smi),
    cmocka_unit_test(late_job_runs_on_the_ap_it_named),
    cmocka_unit_test(hold_is_on_its_cpu_before_exit_boot_services),
    cmocka_unit_test(smi_that_only_others_get_is_theirs),
    cmocka_unit_test(lock_is_not_held_longer_than_the_flash_write),
    cmocka_unit_test(append_on_nor_programs_the_whole_record),
    cmocka_unit_test(late_cpu_leaves_at_once_where_the_platform_can_tell),
    cmocka_unit_test(request_armed_while_another_is_executed_is_lost),
    cmocka_unit_test(handler_serves_the_pending_smis_of_all_threads),
    cmocka_unit_test(who_goes_straight_into_the_next_smi_keeps_the_shared_core),
    cmocka_unit_test(a_job_that_comes_behind_the_dispatch_waits_for_the_next_smi),
};

int main(void)
{
    return cmocka_run_group_tests_name("machine_thread", tests, scratch_enter, scratch_leave);
}
