/* SPDX-License-Identifier: Apache-2.0 */
/* test_mutants: each known bug is found where it is put back in, and not where it is fixed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "models/explore/boot.h"
#include "models/explore/mutants.h"
#include "tests/explore_args.h"

static int property_named(const char *name)
{
    for (int p = 0; p < RULE_COUNT; p++)
        if (strcmp(rules[p].name, name) == 0)
            return p;
    fail_msg("no property %s", name);
    return -1;
}

static void apply(explore_smm_settings *settings, const char *arguments)
{
    sim_err err;

    assert_int_equal(explore_args(arguments, settings, &err), SIM_OK);
}

static void search(const explore_smm_settings *settings, uint32_t watch, explore_result *result)
{
    uint32_t livelock = watch & 1u << RULE_NO_LIVELOCK;
    explore_options options = {
        .all = 1, .ceiling = UINT64_C(1) << 30, .watch = watch, .livelock = livelock};
    explore found;
    explore_smm *smm;
    step_config config;
    sim_err err;

    assert_int_equal(explore_smm_check_settings(settings, &config, &err), SIM_OK);
    smm = explore_smm_new(settings, &config);
    assert_int_equal(explore_run(&found, explore_smm_model(smm), &options, result, &err), SIM_OK);
    assert_true(result->complete && result->judged_terminal == (livelock != 0));
    explore_free(&found);
    explore_smm_free(smm);
}

/* Length of the shortest violation of the mutant's property. */
static int64_t shortest(const mutant *m, int fixed, int reduce)
{
    explore_smm_settings settings;
    explore_result result;
    int property = property_named(m->property);
    char arguments[32];

    (void)snprintf(arguments, sizeof arguments, "--%s %s", fixed ? "fixed" : "mutant", m->id);
    apply(&settings, arguments);
    settings.reduce = (uint8_t)reduce;
    search(&settings, 1u << property, &result);
    return result.first[property];
}

static void every_mutant_is_found_and_its_fix_is_clean(void **state)
{
    (void)state;
    for (int m = 0; m < mutant_count; m++) {
        int64_t with = shortest(&mutants[m], 0, 0);
        int64_t without = shortest(&mutants[m], 1, 0);

        print_message("%s %s: %lld steps; fixed: %lld\n", mutants[m].id, mutants[m].property,
                      (long long)with, (long long)without);
        if (with == EXPLORE_NO_DEPTH || without != EXPLORE_NO_DEPTH)
            fail_msg("%s", mutants[m].id);
    }
}

static void reductions_find_the_same_mutants(void **state)
{
    (void)state;
    for (int m = 0; m < mutant_count; m++) {
        assert_true(shortest(&mutants[m], 0, 1) != EXPLORE_NO_DEPTH);
        assert_true(shortest(&mutants[m], 1, 1) == EXPLORE_NO_DEPTH);
    }
}

/* What a commit corrected is in the versions before it, and in no later one. */
static void bugs_of_old_are_in_the_versions_that_had_them(void **state)
{
    static const struct {
        const char *version;
        int found;
        const char *property, *settings;
    } cases[] = {
#define J "--set timeouts=off --set handler.services="
        /* F21, 832c4c7ad6: only a start that is not blocking tries */
        {"2017", 1, "job-accepted", J "job:1,job:1"},
        {"201908", 1, "job-accepted", J "job:1,job:1"},
        {"201911", 0, "job-accepted", J "job:1,job:1"},
        {"2017", 0, "job-accepted", J "job-wait:1,job-wait:1"},
        {"2017", 0, "job-accepted", J "job:1,job-wait:1"},
        {"2017", 1, "job-accepted", J "job:1,job:1,job-wait:1"},
        /* finding 7: StartupAllAPs in four passes, 51dd408ae1 */
        {"201905", 0, "job-held", "--cpus 3 --set sync.mode=relaxed " J "jobs"},
        {"201908", 1, "job-held", "--cpus 3 --set sync.mode=relaxed " J "jobs"},
        {"202211", 1, "job-held", "--cpus 3 --set sync.mode=relaxed " J "jobs"},
        /* F04, a83d953dc2 */
        {"202311", 1, "door", ""},
        {"202402", 0, "door", ""},
        /* F05, 5bb7bfbe81 */
        {"202305", 1, "no-stall", "--set handler.services=rendezvous"},
        {"202308", 0, "no-stall", "--set handler.services=rendezvous"},
        /* F06, 4364d66168 */
        {"202205", 1, "rendezvous-in", "--smis 2 --set sync.mode=relaxed " J "rendezvous"},
        {"202208", 1, "rendezvous-in", "--smis 2 --set sync.mode=relaxed " J "rendezvous"},
        {"202211", 0, "rendezvous-in", "--smis 2 --set sync.mode=relaxed " J "rendezvous"},
        /* F07, 6fb7117e28 */
        {"202505", 1, "rendezvous-found", "--set sync.lmce=on " J "rendezvous"},
        {"202508", 0, "rendezvous-found", "--set sync.lmce=on " J "rendezvous"},
#undef J
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        explore_smm_settings settings;
        explore_result result;
        int property = property_named(cases[i].property);
        char arguments[200];

        (void)snprintf(arguments, sizeof arguments, "--protocol edk2-%s %s", cases[i].version,
                       cases[i].settings);
        apply(&settings, arguments);
        search(&settings, 1u << property, &result);
        if ((result.first[property] != EXPLORE_NO_DEPTH) != cases[i].found)
            fail_msg("edk2-%s, %s", cases[i].version, cases[i].property);
    }
}

static void search_boot(int scenario, int bug, explore_result *result)
{
    explore_options options = {.all = 1, .ceiling = 1 << 24, .watch = 3};
    explore_boot boot;
    explore search;
    sim_err err;

    explore_boot_init(&boot, &explore_boot_scenarios[scenario], bug);
    assert_int_equal(explore_run(&search, &boot.model, &options, result, &err), SIM_OK);
    explore_free(&search);
}

static void bugs_around_the_rendezvous_are_found_and_their_fixes_are_clean(void **state)
{
    (void)state;
    for (int i = 0; i < explore_boot_count; i++) {
        const explore_boot_scenario *scenario = &explore_boot_scenarios[i];
        explore_result with, without;

        search_boot(i, 1, &with);
        search_boot(i, 0, &without);
        print_message("%s: %lld steps; fixed: %lld, %lld\n", scenario->id,
                      (long long)with.first[scenario->violates],
                      (long long)without.first[EXPLORE_BOOT_HANG],
                      (long long)without.first[EXPLORE_BOOT_WRONG]);
        assert_int_not_equal(with.first[scenario->violates], EXPLORE_NO_DEPTH);
        for (int p = 0; p < EXPLORE_BOOT_PROPERTIES; p++)
            assert_int_equal(without.first[p], EXPLORE_NO_DEPTH);
    }
}

/* Finding 8 of docs/EXPLORE.md: lengths and counts at head stay, and the change removes it. */
static void switch_that_nobody_can_follow_is_lost_at_head_only(void **state)
{
    static const struct {
        const char *settings;
        int64_t length;
        uint64_t states;
    } cases[] = {
        {"--smis 2 --set handler.services=switch:1", 66, 10606},
        {"--smis 2 --set handler.services=switch:1 --set bsp.election=race", 66, 37590},
        {"--smis 2 --set handler.services=switch:1 --set sync.mode=relaxed", 57, 5501},
        {"--smis 2 --set handler.services=switch:1 --set sync.mode=relaxed --set bsp.election=race",
         57, 14287},
        {"--smis 2 --set handler.services=switch:1 --set trigger=0", 77, 9812},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (int fixed = 0; fixed < 2; fixed++) {
            uint32_t watch = 1u << RULE_NO_LOST_SMI | 1u << RULE_NO_DEADLOCK | 1u << RULE_ONE_BSP |
                             1u << RULE_DOOR;
            explore_smm_settings settings;
            explore_result result;
            char arguments[200];

            (void)snprintf(arguments, sizeof arguments, "%s%s", cases[i].settings,
                           fixed ? " --protocol edk2-head-fixed" : "");
            apply(&settings, arguments);
            settings.reduce = (uint8_t)fixed;
            search(&settings, watch, &result);
            print_message("%s, %s: %lld of %llu\n", settings.protocol->name, cases[i].settings,
                          (long long)result.first[RULE_NO_LOST_SMI],
                          (unsigned long long)result.states);
            if (!fixed) {
                assert_int_equal(result.first[RULE_NO_LOST_SMI], cases[i].length);
                assert_int_equal(result.states, cases[i].states);
                continue;
            }
            for (int p = 0; p < RULE_COUNT; p++)
                assert_int_equal(result.first[p], EXPLORE_NO_DEPTH);
        }
}

/* All that are not excused have come; the count stays below the number of CPUs. */
static void the_fixed_protocol_locks_the_door_without_those_excused(void **state)
{
    (void)state;
    for (int late = 0; late < 2; late++) {
        explore_smm_settings settings;
        explore_result result;

        apply(&settings, late ? "--protocol edk2-head-fixed --set cpus.late=cpu:1"
                              : "--protocol edk2-head-fixed --set cpus.blocked=cpu:1");
        settings.excused = 1; /* what the registers said of it */
        search(&settings, 1u << RULE_NO_LIVELOCK, &result);
        assert_int_equal(result.first[RULE_NO_LIVELOCK], EXPLORE_NO_DEPTH);
    }
}

static void ids_are_unique_and_found(void **state)
{
    (void)state;
    for (int m = 0; m < mutant_count; m++)
        assert_ptr_equal(mutants_find(mutants[m].id), &mutants[m]);
    assert_null(mutants_find("F24"));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_mutant_is_found_and_its_fix_is_clean),
    cmocka_unit_test(reductions_find_the_same_mutants),
    cmocka_unit_test(bugs_of_old_are_in_the_versions_that_had_them),
    cmocka_unit_test(bugs_around_the_rendezvous_are_found_and_their_fixes_are_clean),
    cmocka_unit_test(switch_that_nobody_can_follow_is_lost_at_head_only),
    cmocka_unit_test(the_fixed_protocol_locks_the_door_without_those_excused),
    cmocka_unit_test(ids_are_unique_and_found),
};

int main(void)
{
    return cmocka_run_group_tests_name("mutants", tests, NULL, NULL);
}
