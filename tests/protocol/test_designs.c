/* SPDX-License-Identifier: Apache-2.0 */
/* test_designs: every gathering design serves every SMI, at any number of CPUs, and ends clean. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "models/protocol/designs.h"
#include "models/machine/machine.h"
#include "tests/watch.h"

static program_call calls[] = {
    {.kind = CALL_SMI, .cpu = PROGRAM_CALLER, .first = 1, .skip = 1, .line = 2},
    {.kind = CALL_SMI, .cpu = PROGRAM_CALLER, .first = 1, .skip = 2, .line = 3},
    {.kind = CALL_SMI, .cpu = PROGRAM_CALLER, .first = 1, .skip = 3, .line = 4},
};
static program_thread threads[] = {{0, 3}};
static const program three_smis = {.call = calls, .thread = threads, .calls = 3, .threads = 1};

static void set(param_set *params, const char *name, const char *value)
{
    const param_origin origin = {PARAM_USER, "test", "", ""};
    sim_err err;

    assert_int_equal(param_assign(params, name, value, &origin, &err), SIM_OK);
}

/* Runs three SMIs on `cpus` CPUs that enter at random times; the last CPU out, summed. */
static int64_t run_three(const char *protocol, int cpus, uint64_t seed)
{
    param_set *params = param_new_for(&params_table, PARAM_FOR_BOTH);
    machine_setup setup;
    run_record record;
    machine *m;
    char count[16];
    sim_err err;
    watch w;
    int64_t sum = 0;

    (void)snprintf(count, sizeof count, "%d", cpus);
    set(params, "protocol", protocol);
    set(params, "cpus", count);
    set(params, "smi.delivery", "hardware");
    set(params, "firmware", "stock");
    set(params, "cpu.cstate_exit", "uniform(0,500ns)");
    assert_int_equal(setup_resolve(params, &three_smis, &setup, &err), SIM_OK);
    m = machine_new(&setup);
    record_init(&record);
    machine_run(m, seed, 0, &record, watch_on(&w, &setup));
    assert_string_equal(watch_off(&w), "");
    assert_string_equal(record.stuck, "");
    assert_int_equal(record.count.served, 3);
    assert_int_equal(record.count.visits, 3 * cpus);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(record.round[i].first_trigger, i);
        assert_true(record.trigger[i].at[AT_ALL_IN] >= record.round[i].last_in);
        sum += record.trigger[i].last_out - record.trigger[i].at[AT_PORT_WRITE];
    }
    record_free(&record);
    machine_free(m);
    param_free(params);
    return sum;
}

static void every_design_serves_every_smi(void **state)
{
    static const int sizes[] = {1, 2, 3, 4, 5, 8, 9, 17, 33, 64, 65, 100};

    (void)state;
    for (int d = 0; d < designs_protocol_count; d++)
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
            for (uint64_t seed = 0; seed < 5; seed++)
                assert_true(run_three(designs_protocols[d].name, sizes[i], seed) > 0);
}

/* One line for all is a queue of N transfers; a tree's queues are short and work side by side. */
static void a_tree_scales_better_than_one_counter(void **state)
{
    int64_t counter = run_three("design-counter", 1024, 1);
    int64_t tree = run_three("design-tree4", 1024, 1);

    (void)state;
    assert_true(tree < counter);
    assert_true(run_three("design-counter", 256, 1) * 2 < counter);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_design_serves_every_smi),
    cmocka_unit_test(a_tree_scales_better_than_one_counter),
};

int main(void)
{
    return cmocka_run_group_tests_name("designs", tests, NULL, NULL);
}
