/* SPDX-License-Identifier: Apache-2.0 */
/* test_settings: a machine and the same in explore's words are the same settings. */
#include "tests/rig.h"
#include "models/follow/settings.h"

/* What explore is told, and a machine for the same. */
static const char *const same_settings[][2] = {
    {"", ""},
    {"protocol=edk2-202408", "protocol=edk2-202408"},
    {"cpus=3", "cpus=3"},
    {"cpus.possible=7", "cpus.possible=7"},
    {"smi.delivery=unicast sync.mode=relaxed", "smi.delivery=unicast"},
    {"smi.delivery=hardware bsp.election=race", "smi.delivery=hardware firmware=stock"},
    {"smi.delivery=unicast sync.mode=relaxed", "smi.negotiation=none"},
    {"sync.mode=relaxed", "sync.mode=relaxed"},
    {"bsp.election=race", "bsp.election=race"},
    {"bsp.election=fixed", "bsp.election=fixed"},
    {"bsp.boot_cpu=1", "bsp.boot_cpu=1"},
    {"cpus.blocked=cpu:1", "cpus.blocked=last:1"},
    {"cpus.blocked=cpu:1", "cpus.disabled=cpu:1"},
    {"cpus=5 cpus.blocked=cpu:2,3,4 sync.smm_registers=on",
     "cpus=5 cpus.blocked=last:2 cpus.disabled=cpu:2 sync.smm_registers=on"},
    {"sync.lmce=on", "sync.lmce=on"},
    {"sync.mtrr=on", "sync.mtrr=on"},
    {"sync.debug_agent=on", "sync.debug_agent=on"},
    {"handler.services=jobs-wait,switch:1", "handler.services=jobs-wait,switch:1"},
    {"handler.services=jobs-wait", "handler.services=jobs sync.block_startup_this_ap=on"},
    {"handler.services=job-wait:1", "handler.services=job:1 sync.block_startup_this_ap=on"},
};

typedef struct {
    const char *name;
    size_t offset, size;
    int own; /* of explore alone: what no machine has or every one has, or narrows a search */
} field;
#define FIELD(name, own)                                                                          \
    {                                                                                             \
#name, offsetof(explore_smm_settings, name), sizeof((explore_smm_settings *)0)->name, own \
    }
static const field fields[] = {
    FIELD(protocol, 0),     FIELD(cpus, 0),
    FIELD(possible, 0),     FIELD(boot_cpu, 0),
    FIELD(excused, 0),      FIELD(smis, 1),
    FIELD(delivery, 0),     FIELD(traditional, 0),
    FIELD(election, 0),     FIELD(timeouts, 1),
    FIELD(tso, 1),          FIELD(lmce, 0),
    FIELD(mtrr, 0),         FIELD(debug_agent, 0),
    FIELD(suspend, 1),      FIELD(sources, 1),
    FIELD(reduce, 1),       FIELD(trigger, 1),
    FIELD(blocked, 0),      FIELD(late, 1),
    FIELD(handler_plan, 0), FIELD(handler_plan_length, 0),
    FIELD(mutant, 1),       FIELD(mutant_name, 1),
    FIELD(fixed, 1),        FIELD(reserved, 1),
    FIELD(watch, 1),
};
enum { FIELDS = sizeof fields / sizeof fields[0] };

static int differ(const explore_smm_settings *a, const explore_smm_settings *b, const field *f)
{
    return memcmp((const char *)a + f->offset, (const char *)b + f->offset, f->size) != 0;
}

static void explored_as(const char *settings, explore_smm_settings *out)
{
    experiment_setting list[8];
    const param_origin origin = {PARAM_USER, "--set", "", ""};
    param_set *params = param_new_for(&params_table, PARAM_FOR_ORDER);
    char text[200];
    sim_err err = {""};
    int count;

    (void)snprintf(text, sizeof text, "%s", settings);
    count = rig_settings(text, list, 8);
    explore_smm_defaults(out);
    for (int i = 0; i < count; i++)
        assert_int_equal(param_assign(params, list[i].name, list[i].value, &origin, &err), SIM_OK);
    assert_int_equal(explore_smm_read(params, out, &err), SIM_OK);
    param_free(params);
}

/* A field that explore gets and this test does not know is a hole between the others. */
static void settings_of_the_machine_are_those_of_explore(void **state)
{
    explore_smm_settings usual, explored, followed;
    int seen[FIELDS] = {0};

    (void)state;
    explored_as("", &usual);
    for (size_t i = 0; i < sizeof same_settings / sizeof same_settings[0]; i++) {
        sim_err err = {""};
        rig g;

        explored_as(same_settings[i][0], &explored);
        rig_load(&g, "0,smi,,,,0,\n", same_settings[i][1]);
        assert_int_equal(follow_settings_fill(&g.e.setup, 1, &followed, &err), SIM_OK);
        for (int f = 0; f < FIELDS; f++)
            seen[f] |= differ(&explored, &usual, &fields[f]);
        explored.reduce = 0;
        explored.possible = explored.possible ? explored.possible : explored.cpus;
        for (int f = 0; f < FIELDS; f++)
            if (differ(&explored, &followed, &fields[f]))
                fail_msg("\"%s\" and \"%s\": %s differs", same_settings[i][0], same_settings[i][1],
                         fields[f].name);
        rig_free(&g);
    }
    for (int f = 0; f < FIELDS; f++) {
        size_t end = f + 1 < FIELDS ? fields[f + 1].offset : sizeof usual;
        size_t unit = f + 1 < FIELDS ? fields[f + 1].size : sizeof(void *);

        if (!seen[f] && !fields[f].own)
            fail_msg("no row of same_settings is about %s", fields[f].name);
        if (end - fields[f].offset - fields[f].size >= (unit & -unit)) /* more than padding */
            fail_msg("a field behind %s is in no row of fields", fields[f].name);
    }
}

static void what_only_the_machine_has_is_refused(void **state)
{
    explore_smm_settings settings;
    sim_err err = {""};
    rig g;

    (void)state;
    rig_load(&g, "0,smi,,,,0,\n", "smi.valid_status=on");
    assert_int_equal(follow_settings_fill(&g.e.setup, 1, &settings, &err), SIM_BAD_INPUT);
    assert_non_null(strstr(err.text, "would be right: --set smi.valid_status=off"));
    rig_free(&g);
}

/* The last ones are out of reach. */
static void reach_is_neither_blocked_nor_disabled(void **state)
{
    static const struct {
        const char *settings;
        uint64_t reach;
    } each[] = {{"", 3},
                {"cpus=4 cpus.blocked=last:1", 7},
                {"cpus=4 cpus.blocked=last:1 cpus.disabled=cpu:1,2", 1},
                {"cpus=63", UINT64_MAX >> 1},
                {"cpus=200 cpus.blocked=last:10", UINT64_MAX},
                {"cpus=4 cpus.blocked=cpu:2", 11},
                {"cpus=1", 1}};

    (void)state;
    for (size_t i = 0; i < sizeof each / sizeof each[0]; i++) {
        rig g;

        rig_load(&g, "0,smi,,,,0,\n", each[i].settings);
        assert_true(follow_settings_reach(&g.e.setup) == each[i].reach);
        rig_free(&g);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_of_the_machine_are_those_of_explore),
        cmocka_unit_test(what_only_the_machine_has_is_refused),
        cmocka_unit_test(reach_is_neither_blocked_nor_disabled),
    };

    return cmocka_run_group_tests_name("follow_settings", tests, scratch_enter, scratch_leave);
}
