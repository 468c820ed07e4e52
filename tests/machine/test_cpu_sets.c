/* SPDX-License-Identifier: Apache-2.0 */
/* test_cpu_sets: which CPUs a setting may name. */
#include "tests/rig.h"

static void sets_of_cpus_end_with_the_last_one(void **state)
{
    static const char *const names[] = {"cpus.blocked", "cpus.disabled"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        for (int cpu = 3; cpu < 5; cpu++) {
            char settings[64], wanted[128];
            sim_err err = {""};
            rig g;

            (void)snprintf(settings, sizeof settings, "cpus=4 %s=cpu:%d", names[i], cpu);
            (void)snprintf(wanted, sizeof wanted, "%s=cpu:4 goes beyond the 4 CPUs (at most CPU 3)",
                           names[i]);
            assert_int_equal(rig_try(&g, "0,smi,,,,0,\n", settings, &err),
                             cpu < 4 ? SIM_OK : SIM_BAD_INPUT);
            if (cpu == 4 && !strstr(err.text, wanted))
                fail_msg("%s", err.text);
            experiment_free(&g.e);
        }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(sets_of_cpus_end_with_the_last_one),
    };

    return cmocka_run_group_tests_name("cpu_sets", tests, scratch_enter, scratch_leave);
}
