/* SPDX-License-Identifier: Apache-2.0 */
/* test_lines: which shared words lie in one cache line, seen by what stores to them cost. */
#include "tests/rig.h"

#define NS(n) (INT64_C(1000) * (n))
enum { CPUS = 8 };

typedef struct {
    const machine_setup *setup;
    int64_t before;      /* the BSP's last step */
    int64_t store[CPUS]; /* what handing a job to each CPU cost */
} handing;

static void see(void *self, const machine_event *event)
{
    handing *h = self;
    const machine_setup *s = h->setup;

    if (event->cpu != 0)
        return;
    for (int cpu = 1; event->request && event->request->op == STEP_STORE && cpu < CPUS; cpu++)
        if (event->request->word == step_word(s->protocol, &s->config, EDK2_JOB, cpu) &&
            event->request->a != 0)
            h->store[cpu] = event->at - h->before;
    h->before = event->at;
}

/* An entry has 48 bytes: those of CPUs 4 and 5 begin in line 3, all others in lines of their own.
 * The first store to a line costs 10, a second one 1. */
static void entries_of_some_neighbours_share_a_line(void **state)
{
    rig g;
    handing h = {0};

    (void)state;
    rig_load(&g, "0,smi,,,,0,\n", "cpus=8 handler.services=jobs protocol=edk2-head");
    h.setup = &g.e.setup;
    rig_again(&g, 1, 0, &(machine_observer){.event = see, .self = &h});
    for (int cpu = 1; cpu < CPUS; cpu++)
        assert_int_equal(h.store[cpu], NS(cpu == 5 ? 1 : 10));
    rig_free(&g);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_of_some_neighbours_share_a_line),
    };

    return cmocka_run_group_tests_name("lines", tests, scratch_enter, scratch_leave);
}
