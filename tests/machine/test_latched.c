/* SPDX-License-Identifier: Apache-2.0 */
/* test_latched: an SMI that is taken right behind RSM, and not out of normal code. */
#include "tests/rig.h"

/* Whether the host lets CPU 1 and the sleepers meet on one core is drawn as CPU 1 wakes. */
#define SETTINGS                                                                            \
    "smi.delivery=broadcast lock=barging host.tick=10us host.waker_waits=0 host.settle=1ms" \
    " host.shared=1 host.gather=mix(0.5:1us,0.5:1s) sync.timeout1=30us sync.timeout2=30us"
/* The second SMI, which CPU 1 takes, and then a third one out of CPU 1 after a sleep. */
#define ROWS "0,smi,,,20us,0,\n0,smi,,,30us,0,\n2,compute,30us,,1ms,1,\n2,smi,,,0,1,\n"

/* Whether CPU 0 has to wait for a tick as the last SMI wakes it. */
static int shares(const char *rows, uint32_t repetition, int64_t *latched)
{
    int64_t at = 0;
    int shared;
    rig g;

    rig_load(&g, rows, SETTINGS);
    rig_again(&g, 1, repetition, NULL);
    assert_string_equal(g.r.stuck, "");
    for (uint64_t i = 0; i < g.r.visits; i++)
        if (g.r.visit[i].cpu == 0)
            at = g.r.visit[i].entered;
    *latched = 0;
    for (uint64_t i = 0; i < g.r.visits; i++)
        *latched += g.r.visit[i].via == VIA_LATCH;
    shared = at - g.r.trigger[2].at[AT_PORT_WRITE] > 2000000;
    rig_free(&g);
    return shared;
}

/* A CPU that takes its latched SMI has not slept: nothing is drawn for it, and what comes later is
 * as without the latch. */
static void latched_smi_wakes_nobody(void **state)
{
    int64_t latched, behind_rsm = 0;
    int sum = 0;

    (void)state;
    for (uint32_t repetition = 0; repetition < 20; repetition++) {
        int plain = shares(ROWS, repetition, &latched);

        assert_int_equal(latched, 0);
        assert_int_equal(shares(ROWS "1,hold,500us,,30us,1,\n", repetition, &latched), plain);
        behind_rsm += latched;
        sum += plain;
    }
    assert_in_range((uint64_t)sum, 5, 15);
    assert_in_range((uint64_t)behind_rsm, 10, 20);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(latched_smi_wakes_nobody),
    };

    return cmocka_run_group_tests_name("latched", tests, scratch_enter, scratch_leave);
}
