/* SPDX-License-Identifier: Apache-2.0 */
/* test_host_cores: who has to wait for a host core, and for how many turns of others. */
#include "tests/rig.h"

#define US(n) (INT64_C(1000000) * (n))

/* Firmware has not started it: it halts, whatever the others do, and takes no turns from them. */
static void a_blocked_cpu_needs_no_core(void **state)
{
    rig g;

    (void)state;
    rig_run(&g, "0,compute,100us,,,0,1\n",
            "cpus=2 host.cores=1 host.slice=20us host.tick=20us host.period=0 "
            "os.others=running cpus.blocked=last:1");
    assert_int_equal(g.r.calls, 1);
    assert_int_equal(g.r.call[0].end, US(100));
    rig_free(&g);
}

/* Two cores, and five CPUs that poll: three of them queue when CPU 5 comes, after some 71 us. Two
 * at a time burn their slices of 20 us, so that its turn is due 30 us later, and begins at a tick.
 */
static void a_newcomer_waits_for_its_share_of_the_spinners_before_it(void **state)
{
    int64_t entered = 0;
    rig g;

    (void)state;
    rig_run(&g, "0,smi,,,,0,\n",
            "cpus=6 cpu.late=70us host.cores=2 host.slice=20us host.tick=20us host.period=0 "
            "sync.timeout1=1s sync.timeout2=1s");
    assert_string_equal(g.r.stuck, "");
    for (uint64_t i = 0; i < g.r.visits; i++)
        if (g.r.visit[i].cpu == 5)
            entered = g.r.visit[i].entered;
    assert_in_range((uint64_t)entered, US(101), US(121));
    rig_free(&g);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_blocked_cpu_needs_no_core),
        cmocka_unit_test(a_newcomer_waits_for_its_share_of_the_spinners_before_it),
    };

    return cmocka_run_group_tests_name("host_cores", tests, scratch_enter, scratch_leave);
}
