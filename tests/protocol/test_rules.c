/* SPDX-License-Identifier: Apache-2.0 */
/* test_rules: what must hold of a protocol, and that every protocol is explored by what it has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "models/protocol/coreboot.h"
#include "models/protocol/designs.h"
#include "models/protocol/rules.h"
#include "models/machine/setup.h"
#include "tests/explore_args.h"

#define BIT(id) (1u << RULE_##id)

static void every_rule_says_whose_it_is(void **state)
{
    (void)state;
    for (int r = 0; r < RULE_COUNT; r++) {
        assert_int_equal(rules_find(rules[r].name), r);
        assert_true(strncmp(rules[r].contract, "ours: ", 6) == 0 ||
                    strncmp(rules[r].contract, "edk2: ", 6) == 0);
        assert_true(rules[r].text[0]);
    }
}

/* What is upstream's is cited with its place: words in quotes, and a function or a header. */
static void what_is_upstreams_is_quoted_with_its_place(void **state)
{
    (void)state;
    for (int r = 0; r < RULE_COUNT; r++) {
        const char *c = rules[r].contract;

        if (strncmp(c, "ours: ", 6) != 0 &&
            (!strchr(c, '"') || (!strchr(c, '(') && !strstr(c, "Handler"))))
            fail_msg("%s: %s", rules[r].name, c);
    }
}

static void only_what_needs_a_search_is_not_judged_in_runs(void **state)
{
    (void)state;
    for (int r = 0; r < RULE_COUNT; r++)
        assert_int_equal(rules[r].untimed[0] != 0, r == RULE_NO_LIVELOCK || r == RULE_BOUNDS);
}

/* Each step breaks the rules that it names, and no other. */
static void a_step_is_judged_by_one_function_a_rule(void **state)
{
    static const struct {
        rules_step step;
        uint32_t broken;
    } cases[] = {
        {{.busy = 1}, BIT(TOGETHER)},
        {{.directed = 1}, BIT(NO_SPURIOUS)},
        {{.asked = ACTION_START_THIS, .outcome = OUTCOME_NOT_READY}, BIT(JOB_ACCEPTED)},
        {{.asked = ACTION_START_ALL, .outcome = OUTCOME_NOT_STARTED}, BIT(JOB_ACCEPTED)},
        {{.asked = ACTION_START_ALL, .outcome = OUTCOME_SUCCESS}, 0},
        {{.asked = ACTION_COMPUTE, .outcome = OUTCOME_TIMEOUT, .present = 1}, 0},
        {{.asked = ACTION_RENDEZVOUS, .outcome = OUTCOME_TIMEOUT, .present = 1},
         BIT(RENDEZVOUS_FOUND)},
        {{.asked = ACTION_RENDEZVOUS, .outcome = OUTCOME_TIMEOUT}, 0},
        {{.asked = ACTION_RENDEZVOUS, .outcome = OUTCOME_SUCCESS, .present = 1}, 0},
        {{.timed_out = 1, .alone = 1, .all_in = 1}, BIT(NO_STALL)},
        {{.timed_out = 1, .all_in = 1}, 0},
        {{.timed_out = 1, .alone = 1}, 0},
        {{.timed_out = 1, .election = ELECTION_RACE, .bsp_away = 1}, BIT(BSP_COMES)},
        {{.timed_out = 1, .election = ELECTION_FIXED, .bsp_away = 1}, 0},
        {{.election = ELECTION_RACE, .bsp_away = 1}, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(rules_judge_step(&cases[i].step), cases[i].broken);
}

static void a_rule_is_for_those_that_have_its_words(void **state)
{
    const uint32_t all = (1u << RULE_COUNT) - 1;
    const step_protocol *p;

    (void)state;
    for (int i = 0; (p = setup_protocol_at(i)); i++)
        if (strncmp(p->name, "edk2", 4) == 0)
            assert_int_equal(rules_for(p), all);
    assert_int_equal(rules_for(&coreboot_protocol), BIT(NO_DEADLOCK) | BIT(NO_LIVELOCK) |
                                                        BIT(ONE_BSP) | BIT(NO_LOST_SMI) |
                                                        BIT(CLEAN) | BIT(BOUNDS));
    assert_int_equal(rules_for(&designs_protocols[0]),
                     rules_for(&coreboot_protocol) | BIT(ALL_IN) | BIT(TOGETHER));
}

static void names_are_read_with_commas_between(void **state)
{
    uint32_t set;
    sim_err err;

    (void)state;
    assert_int_equal(rules_parse("x", "door,clean", &set, &err), SIM_OK);
    assert_int_equal(set, BIT(DOOR) | BIT(CLEAN));
    assert_int_equal(rules_parse("x", "default,together", &set, &err), SIM_OK);
    assert_int_equal(set, 0x7ffu);
    assert_int_equal(rules_parse("x", "all", &set, &err), SIM_OK);
    assert_int_equal(set, (1u << RULE_COUNT) - 1);
    assert_int_equal(rules_parse("x", "door,cleen", &set, &err), SIM_BAD_INPUT);
    assert_string_equal(err.text,
                        "x: unknown rule \"cleen\" (did you mean \"clean\"? all, default, "
                        "or what `smmsim list rules` shows)");
    assert_int_equal(rules_parse("x", "", &set, &err), SIM_BAD_INPUT);
}

/* Rules that a search violates: a set. */
static uint32_t broken(const char *arguments, const step_protocol *other)
{
    explore_options options = {
        .threads = 1, .all = 1, .ceiling = UINT64_C(1) << 28, .livelock = BIT(NO_LIVELOCK)};
    explore_smm_settings settings;
    explore_result result;
    step_config config;
    explore search;
    explore_smm *smm;
    uint32_t set = 0;
    sim_err err;

    assert_int_equal(explore_args(arguments, &settings, &err), SIM_OK);
    options.watch = settings.watch & rules_for(settings.protocol);
    if (other) { /* what it claims is judged, too */
        settings.protocol = other;
        options.watch |= BIT(ALL_IN);
    }
    assert_int_equal(explore_smm_check_settings(&settings, &config, &err), SIM_OK);
    smm = explore_smm_new(&settings, &config);
    assert_int_equal(explore_run(&search, explore_smm_model(smm), &options, &result, &err), SIM_OK);
    assert_true(result.complete && explore_smm_handler_ran(smm));
    for (int r = 0; r < RULE_COUNT; r++)
        set |= (uint32_t)(result.first[r] != EXPLORE_NO_DEPTH) << r;
    explore_free(&search);
    explore_smm_free(smm);
    return set;
}

static void every_protocol_is_explored(void **state)
{
    const step_protocol *p;
    char line[160];

    (void)state;
    for (int i = 0; (p = setup_protocol_at(i)); i++)
        for (int cpus = 2; cpus <= 3 && strncmp(p->name, "edk2", 4) != 0; cpus++) {
            (void)snprintf(line, sizeof line, "--protocol %s --cpus %d", p->name, cpus);
            assert_int_equal(broken(line, NULL), 0);
            (void)snprintf(line, sizeof line, "--protocol %s --cpus %d --smis 2", p->name, cpus);
            assert_int_equal(broken(line, NULL), p == &coreboot_protocol ? 0 : BIT(NO_DEADLOCK));
        }
}

static void what_has_no_meaning_is_refused(void **state)
{
    static const char *const wrong[][2] = {
        {"--protocol coreboot --set sync.mode=relaxed", "--set: coreboot has no sync.mode"},
        {"--protocol coreboot --set suspend=on", "coreboot has no suspend (leave it out)"},
        {"--protocol design-bits --no-timeouts", "design-bits has no timeouts"},
        {"--protocol coreboot --mutant F01", "F01 is a bug of edk2, not of coreboot"},
        {"--protocol coreboot --fixed F42", "F42 is a bug of edk2, not of coreboot"},
        {"--protocol coreboot --properties door,job-held", "coreboot has nothing that they are"},
        {"--protocol corebot", "unknown protocol \"corebot\" (did you mean \"coreboot\"?"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        explore_smm_settings settings;
        sim_err err;

        assert_int_equal(explore_args(wrong[i][0], &settings, &err), SIM_BAD_INPUT);
        if (!strstr(err.text, wrong[i][1]))
            fail_msg("%s: %s", wrong[i][0], err.text);
    }
}

static void coreboot_loses_what_comes_to_one_cpu_behind_the_lock(void **state)
{
    (void)state;
    assert_int_equal(broken("--protocol coreboot --smis 2 --set smi.delivery=unicast", NULL),
                     BIT(NO_LOST_SMI));
}

/* A rule that can hold of any protocol can also be broken by one. */
static void one_that_claims_to_gather_and_does_not_is_found(void **state)
{
    step_protocol hasty = coreboot_protocol;

    (void)state;
    hasty.gathers = 1;
    assert_int_equal(broken("--protocol coreboot", &hasty), BIT(ALL_IN));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_rule_says_whose_it_is),
    cmocka_unit_test(what_is_upstreams_is_quoted_with_its_place),
    cmocka_unit_test(only_what_needs_a_search_is_not_judged_in_runs),
    cmocka_unit_test(a_step_is_judged_by_one_function_a_rule),
    cmocka_unit_test(a_rule_is_for_those_that_have_its_words),
    cmocka_unit_test(names_are_read_with_commas_between),
    cmocka_unit_test(every_protocol_is_explored),
    cmocka_unit_test(what_has_no_meaning_is_refused),
    cmocka_unit_test(coreboot_loses_what_comes_to_one_cpu_behind_the_lock),
    cmocka_unit_test(one_that_claims_to_gather_and_does_not_is_found),
};

int main(void)
{
    return cmocka_run_group_tests_name("rules", tests, NULL, NULL);
}
