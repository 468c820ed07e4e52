/* SPDX-License-Identifier: Apache-2.0 */
/* test_param_use: sets of CPUs, what a parameter has an effect on, and names that went. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sim/lib/param.h"

static const param_origin user = {PARAM_USER, "--set", "", NULL};

/* ---- sets of CPUs, uses, names that went ------------------------------------------------- */

enum { SET, TIMED, ORDERED, BOTH_USES, MORE_COUNT };
static const param_def more_defs[MORE_COUNT] = {
    {"cpus.blocked", PARAM_CPUS, PARAM_FOR_BOTH, "none", NULL, NULL, NULL, "wait", "SDM"},
    {"smi.kick", PARAM_TIME, PARAM_FOR_TIME, "1us", NULL, NULL, NULL, "kick", "chosen"},
    {"memory", PARAM_ENUM, PARAM_FOR_ORDER, "sc", NULL, NULL, "sc|tso", "model", "SDM"},
    {"cpus", PARAM_COUNT, PARAM_FOR_BOTH, "4", "1", "64", NULL, "CPUs", "chosen"},
};
static const param_ordered more_ordered[] = {{BOTH_USES, "2"}};
static const param_renamed more_renamed[] = {{"mtrr", "sync.mtrr"}};
static const param_table more = {.defs = more_defs,
                                 .count = MORE_COUNT,
                                 .ordered = more_ordered,
                                 .ordered_count = 1,
                                 .renamed = more_renamed,
                                 .renamed_count = 1};

static void sets_name_their_cpus(void **state)
{
    static const struct {
        const char *text;
        uint64_t of_four; /* CPUs of four */
        int64_t least;
    } each[] = {{"none", 0, 0},    {"last:1", 8, 1},    {"last:3", 14, 3},
                {"last:9", 15, 9}, {"cpu:0", 1, 1},     {"cpu:3,1", 10, 4},
                {"cpu:1,1", 2, 2}, {"cpu:2,63", 4, 64}, {"cpu:0,1,2,3", 15, 4}};

    (void)state;
    for (size_t i = 0; i < sizeof each / sizeof each[0]; i++) {
        param_set *set = param_new_for(&more, PARAM_FOR_BOTH);
        uint64_t found = 0;
        char text[64];
        sim_err err;

        assert_int_equal(param_assign(set, "cpus.blocked", each[i].text,
                                      &(param_origin){.rank = PARAM_USER}, &err),
                         SIM_OK);
        for (int64_t cpu = -1; cpu < 6; cpu++)
            if (param_has_cpu(set, SET, cpu, 4))
                found |= UINT64_C(1) << cpu;
        assert_true(found == each[i].of_four);
        assert_int_equal(param_least_cpus(set, SET), each[i].least);
        (void)param_print(set, SET, text, sizeof text);
        assert_string_equal(text, each[i].text);
        param_free(set);
    }
}

static void what_is_no_set_is_refused(void **state)
{
    static const char *const each[] = {
        "",          "last:",   "last:0", "last:-1",
        "last:4097", "cpu:",    "cpu:1,", "cpu:4096",
        "cpu:1-2",   "cpu:a",   "all",    "cpu:,1",
        "1,2",       "last:1 ", "CPU:1",  "last:99999999999999999999"};
    param_set *set = param_new_for(&more, PARAM_FOR_BOTH);
    sim_err err;

    (void)state;
    for (size_t i = 0; i < sizeof each / sizeof each[0]; i++) {
        assert_int_equal(param_assign(set, "cpus.blocked", each[i], &user, &err), SIM_BAD_INPUT);
        assert_non_null(strstr(err.text, "write none, last:N, or cpu:2,3"));
    }
    assert_int_equal(param_assign(set, "cpus.blocked", "2", &user, &err), SIM_BAD_INPUT);
    assert_string_equal(err.text,
                        "cpus.blocked: \"2\" is a number or a CPU (write last:2 for so many, "
                        "the last ones, or cpu:2 for that one)");
    param_free(set);
}

static void what_has_no_effect_is_refused_with_its_reason(void **state)
{
    param_set *time = param_new_for(&more, PARAM_FOR_TIME);
    param_set *order = param_new_for(&more, PARAM_FOR_ORDER);
    sim_err err;

    (void)state;
    assert_int_equal(param_int(time, BOTH_USES), 4);
    assert_int_equal(param_int(order, BOTH_USES), 2);
    assert_int_equal(param_assign(time, "memory", "tso", &user, &err), SIM_BAD_INPUT);
    assert_non_null(strstr(err.text, "memory has no effect: it is about the orders"));
    assert_int_equal(param_assign(order, "smi.kick", "2us", &user, &err), SIM_BAD_INPUT);
    assert_non_null(strstr(err.text, "smi.kick has no effect: it is about time"));
    assert_int_equal(param_assign(order, "cpus", "3", &user, &err), SIM_OK);
    param_accept(time, PARAM_FOR_BOTH);
    assert_int_equal(param_assign(time, "memory", "tso", &user, &err), SIM_OK);
    param_free(time);
    param_free(order);
}

static void a_name_that_went_is_refused_with_the_new_one(void **state)
{
    param_set *set = param_new_for(&more, PARAM_FOR_BOTH);
    sim_err err;

    (void)state;
    assert_int_equal(param_assign(set, "mtrr", "on", &(param_origin){.rank = PARAM_USER}, &err),
                     SIM_BAD_INPUT);
    assert_string_equal(err.text, "\"mtrr\" is called \"sync.mtrr\"");
    param_free(set);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(sets_name_their_cpus),
    cmocka_unit_test(what_is_no_set_is_refused),
    cmocka_unit_test(what_has_no_effect_is_refused_with_its_reason),
    cmocka_unit_test(a_name_that_went_is_refused_with_the_new_one),
};

int main(void)
{
    return cmocka_run_group_tests_name("param_use", tests, NULL, NULL);
}
