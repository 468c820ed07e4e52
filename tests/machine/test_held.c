/* SPDX-License-Identifier: Apache-2.0 */
/* test_held: what a CPU does that was held while something came to it. */
#include "tests/rig.h"

#define NS(n) (INT64_C(1000) * (n))
#define US(n) (INT64_C(1000000) * (n))

typedef struct {
    uint32_t cpu;
    int64_t from, at;
} next_step;

static void see(void *self, const machine_event *event)
{
    next_step *s = self;

    if (event->cpu == s->cpu && event->at >= s->from && s->at < 0)
        s->at = event->at;
}

/* When `cpu` does its first step at `from` or later. */
static int64_t first_step(const char *rows, const char *settings, uint32_t cpu, int64_t from)
{
    next_step s = {cpu, from, -1};
    rig g;

    rig_load(&g, rows, settings);
    rig_again(&g, 1, 0, &(machine_observer){.event = see, .self = &s});
    assert_string_equal(g.r.stuck, "");
    rig_free(&g);
    return s.at;
}

/* CPU 1 waits for the end of the handlers, which comes while it is held: it polls as the hold ends,
 * although vCPUs that share a host core wait for a tick (each 100 us) when they are woken. */
static void a_held_cpu_waits_for_no_turn_behind_its_hold(void **state)
{
    static const char settings[] = "smi.delivery=broadcast lock=barging lock.pause=1us "
                                   "host.tick=100us host.waker_waits=0 host.settle=10ms "
                                   "host.shared=1 host.keeps_core=1 handler.smi=1ms";

    (void)state;
    for (int i = 0; i < 2; i++) {
        char rows[100];
        int64_t end = US(2500) + i * US(50); /* two ends: at most one is a tick */

        (void)snprintf(rows, sizeof rows, "0,smi,,,20us,0,\n1,hold,%dus,,700us,1,\n",
                       1800 + 50 * i);
        assert_int_equal(first_step(rows, settings, 1, US(700)), end + NS(10));
    }
}

/* The handler runs from 2341 to 8341 if nothing stops it (test_timeline). */
static void a_handler_takes_as_much_longer_as_its_cpu_is_held(void **state)
{
    rig g;

    (void)state;
    rig_run(&g, "0,smi,,,,0,\n1,hold,10us,,4us,0,\n", "");
    assert_int_equal(g.r.round[0].handler, NS(2341));
    assert_int_equal(g.r.round[0].handler_end, NS(8341) + US(10));
    rig_free(&g);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_held_cpu_waits_for_no_turn_behind_its_hold),
        cmocka_unit_test(a_handler_takes_as_much_longer_as_its_cpu_is_held),
    };

    return cmocka_run_group_tests_name("held", tests, scratch_enter, scratch_leave);
}
