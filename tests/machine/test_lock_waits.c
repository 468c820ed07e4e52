/* SPDX-License-Identifier: Apache-2.0 */
/* test_lock_waits: who waits in a run for the emulator's lock, and for how long. */
#include "tests/rig.h"

#define NS(n) (INT64_C(1000) * (n))

/* A CPU by itself is in for 100 when it reads its timer for the first time, which takes 100 and the
 * lock for 1000: the second read comes 900 later than without a lock. */
static void a_bounded_wait_reads_its_timer_when_the_lock_is_free_again(void **state)
{
    static const char *const settings[] = {"cpus=1 lock=fair lock.timer=0s",
                                           "cpus=1 lock=fair lock.timer=1us"};
    int64_t waited[2];

    (void)state;
    for (int i = 0; i < 2; i++) {
        rig g;

        rig_run(&g, "0,smi,,,,0,\n", settings[i]);
        waited[i] = g.r.round[0].all_in - g.r.round[0].bsp_in;
        rig_free(&g);
    }
    assert_int_equal(waited[1] - waited[0], NS(900));
}

/* Eight kicks end at 1700. CPU 1 is signalled by the second one, at 500, and has reacted at 900. */
static void nobody_takes_an_smi_before_the_last_kick_is_out(void **state)
{
    rig g;

    (void)state;
    rig_run(&g, "0,smi,,,,0,\n", "cpus=8 lock=fair lock.clear=100ns");
    assert_int_equal(g.r.visits, 8);
    for (uint64_t i = 0; i < g.r.visits; i++) {
        assert_true(g.r.visit[i].entered >= NS(1800));
        if (g.r.visit[i].cpu == 1)
            assert_int_equal(g.r.visit[i].entered, NS(1800));
    }
    rig_free(&g);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bounded_wait_reads_its_timer_when_the_lock_is_free_again),
        cmocka_unit_test(nobody_takes_an_smi_before_the_last_kick_is_out),
    };

    return cmocka_run_group_tests_name("lock_waits", tests, scratch_enter, scratch_leave);
}
