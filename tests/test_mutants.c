/* SPDX-License-Identifier: Apache-2.0 */
/* test_mutants: each known bug is found where it is put back in, and not where it is mended. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "models/explore_boot.h"
#include "models/mutants.h"

static int property_named(const char *name)
{
    for (int p = 0; p < EXPLORE_SMM_PROPERTY_COUNT; p++)
        if (strcmp(explore_smm_properties[p].name, name) == 0)
            return p;
    fail_msg("no property %s", name);
    return -1;
}

/* Length of the shortest violation of the mutant's property. */
static int64_t shortest(const mutant *m, int mended, int reduce)
{
    explore_smm_settings settings;
    explore_options options = {.all = 1, .ceiling = UINT64_C(1) << 30};
    explore_result result;
    explore search;
    explore_smm *smm;
    step_config config;
    sim_err err;

    explore_smm_defaults(&settings);
    assert_int_equal(mutant_apply(&settings, mended ? m->without : m->with, &err), SIM_OK);
    settings.mutant = mended ? m->bits_fixed : m->bits;
    settings.reduce = (uint8_t)reduce;
    assert_int_equal(explore_smm_check_settings(&settings, &config, &err), SIM_OK);
    smm = explore_smm_new(&settings, &config);
    options.watch = 1u << property_named(m->property);
    assert_int_equal(explore_run(&search, explore_smm_model(smm), &options, &result, &err), SIM_OK);
    assert_true(result.complete);
    explore_free(&search);
    explore_smm_free(smm);
    return result.first[property_named(m->property)];
}

static void every_mutant_is_found_and_its_fix_is_clean(void **state)
{
    (void)state;
    for (int m = 0; m < mutant_count; m++) {
        int64_t with = shortest(&mutants[m], 0, 0);
        int64_t without = shortest(&mutants[m], 1, 0);

        print_message("%s %s: %lld steps; mended: %lld\n", mutants[m].id, mutants[m].property,
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
        print_message("%s: %lld steps; mended: %lld, %lld\n", scenario->id,
                      (long long)with.first[scenario->violates],
                      (long long)without.first[EXPLORE_BOOT_HANG],
                      (long long)without.first[EXPLORE_BOOT_WRONG]);
        assert_int_not_equal(with.first[scenario->violates], EXPLORE_NO_DEPTH);
        for (int p = 0; p < EXPLORE_BOOT_PROPERTIES; p++)
            assert_int_equal(without.first[p], EXPLORE_NO_DEPTH);
    }
}

static void ids_are_unique_and_found(void **state)
{
    (void)state;
    for (int m = 0; m < mutant_count; m++)
        assert_ptr_equal(mutant_find(mutants[m].id), &mutants[m]);
    assert_null(mutant_find("F24"));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_mutant_is_found_and_its_fix_is_clean),
    cmocka_unit_test(reductions_find_the_same_mutants),
    cmocka_unit_test(bugs_around_the_rendezvous_are_found_and_their_fixes_are_clean),
    cmocka_unit_test(ids_are_unique_and_found),
};

int main(void)
{
    return cmocka_run_group_tests_name("mutants", tests, NULL, NULL);
}
