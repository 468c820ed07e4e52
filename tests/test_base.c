/* SPDX-License-Identifier: Apache-2.0 */
/* test_base: an error is one clean line, and a suggestion is near. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "sim/base.h"

static void error_returns_its_status_and_text(void **state)
{
    (void)state;
    sim_err err;
    assert_int_equal(err_set(&err, SIM_SYSTEM, "%s is %d", "x", 3), SIM_SYSTEM);
    assert_string_equal(err.text, "x is 3");
    assert_int_equal(err_set(NULL, SIM_BAD_INPUT, "dropped"), SIM_BAD_INPUT);
}

static void prefixes_nest_from_the_inside_out(void **state)
{
    (void)state;
    sim_err err;
    (void)err_set(&err, SIM_BAD_INPUT, "bad");
    (void)err_prefix(&err, SIM_BAD_INPUT, "value");
    assert_int_equal(err_prefix(&err, SIM_BAD_INPUT, "%s:%d", "a.csv", 7), SIM_BAD_INPUT);
    assert_string_equal(err.text, "a.csv:7: value: bad");
    (void)err_set(&err, SIM_BAD_INPUT, "<%s>", err.text);
    assert_string_equal(err.text, "<a.csv:7: value: bad>");
}

static void control_characters_cannot_break_the_line(void **state)
{
    (void)state;
    sim_err err;
    (void)err_set(&err, SIM_BAD_INPUT, "a\nb\rc\033[1md\177 \xc3\xa9");
    assert_string_equal(err.text, "a?b?c?[1md? \xc3\xa9");
}

static void long_text_is_cut_between_characters(void **state)
{
    (void)state;
    sim_err err;
    char text[600];
    memset(text, 'x', sizeof text);
    for (size_t i = 390; i + 1 < sizeof text; i += 2)
        memcpy(text + i, "\xc3\xa9", 2);
    text[sizeof text - 1] = '\0';
    (void)err_set(&err, SIM_BAD_INPUT, "%s", text);
    assert_int_equal(strlen(err.text), 398);
    assert_memory_equal(err.text + 396, "\xc3\xa9", 3);
}

static void the_nearest_name_is_suggested_if_it_is_near(void **state)
{
    (void)state;
    static const char *const names[] = {
        "cpus", "caller.cpu", "sync.timeout1", "sync.timeout2", "kB", "KB", "ab", "cb"};
    static const struct {
        const char *name, *nearest;
    } cases[] = {{"cpu", "cpus"},
                 {"cups", "cpus"},
                 {"ba", "ab"},
                 {"cpsu", "cpus"},
                 {"sync.timeout", "sync.timeout1"},
                 {"sync.timeout2", "sync.timeout2"},
                 {"SYNC.TIMEOUT2", "sync.timeout2"},
                 {"callercpu", "caller.cpu"},
                 {"kb", "kB"},
                 {"db", "kB"},
                 {"xb", "kB"},
                 {"b", "kB"},
                 {"kpis", "cpus"},
                 {"kpix", NULL},
                 {"x", NULL},
                 {"", NULL},
                 {"platform", NULL},
                 {"0123456789012345678901234567890123456789012345678901234567890123", NULL}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *nearest = err_nearest(cases[i].name, names, 8);
        if (cases[i].nearest == NULL)
            assert_null(nearest);
        else if (nearest == NULL)
            fail_msg("%s: nothing near", cases[i].name);
        else
            assert_string_equal(nearest, cases[i].nearest);
    }
    assert_null(err_nearest("cpus", names, 0));
}

static void memory_is_zeroed_and_grows(void **state)
{
    (void)state;
    uint8_t *p = sim_alloc(100, 3);
    for (int i = 0; i < 300; i++)
        assert_int_equal(p[i], 0);
    memset(p, 7, 300);
    p = sim_realloc(p, 1000, 3);
    assert_int_equal(p[299], 7);
    free(p);
    free(sim_alloc(0, 8));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(error_returns_its_status_and_text),
    cmocka_unit_test(prefixes_nest_from_the_inside_out),
    cmocka_unit_test(control_characters_cannot_break_the_line),
    cmocka_unit_test(long_text_is_cut_between_characters),
    cmocka_unit_test(the_nearest_name_is_suggested_if_it_is_near),
    cmocka_unit_test(memory_is_zeroed_and_grows),
};

int main(void)
{
    return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
