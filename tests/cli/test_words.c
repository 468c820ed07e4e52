/* SPDX-License-Identifier: Apache-2.0 */
/* test_words: the tables of commands and options against what is parsed and what --help says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "sim/cli/help.h"
#include "sim/lib/text.h"

enum { HELP_SIZE = 8192 };

static int takes(int command, const char *name)
{
    int rows = 0;

    for (int o = 0; o < OPTIONS; o++)
        rows += (option_rows[o].commands >> command & 1) && strcmp(option_rows[o].name, name) == 0;
    return rows;
}

/* Of COMMANDS: that of the program. */
static void help_text(int command, char out[HELP_SIZE])
{
    FILE *f = fmemopen(out, HELP_SIZE, "w");

    assert_non_null(f);
    if (command < COMMANDS)
        help_command((command_id)command, f);
    else
        help_program(f);
    assert_int_equal(fclose(f), 0);
    assert_in_range(strlen(out), 100, HELP_SIZE - 2);
}

static void no_command_has_two_options_of_one_name(void **state)
{
    (void)state;
    for (int c = 0; c < COMMANDS; c++)
        for (int o = 0; o < OPTIONS; o++)
            assert_in_range(takes(c, option_rows[o].name), 0, 1);
}

static void an_option_is_parsed_where_it_is_taken_and_refused_elsewhere(void **state)
{
    (void)state;
    for (int c = 0; c < COMMANDS; c++)
        for (int o = 0; o < OPTIONS; o++) {
            char command[16], name[32], value[] = "1";
            char *argv[] = {command, name, value};
            words w = {.argc = *option_rows[o].argument ? 3 : 2, .argv = argv};
            option_word word;
            sim_err err = {""};
            sim_status s;

            (void)snprintf(command, sizeof command, "%s", command_rows[c].name);
            (void)snprintf(name, sizeof name, "%s", option_rows[o].name);
            s = words_next(&w, &word, &err);
            if (!takes(c, name)) {
                assert_int_equal(s, SIM_BAD_INPUT);
                assert_non_null(strstr(err.text, "does not take it (would be right: with smmsim "));
                continue;
            }
            assert_int_equal(s, SIM_OK);
            assert_string_equal(word.name, name);
            assert_int_equal(words_next(&w, &word, &err), SIM_OK);
            assert_int_equal(word.id, OPTION_END);
        }
}

/* Lines that begin with an option are those of the table, and of each command only its own. */
static void help_names_each_option_and_no_other(void **state)
{
    (void)state;
    for (int c = 0; c < COMMANDS; c++) {
        char text[HELP_SIZE] = "", name[40];
        int said = 0, rows = 0;

        help_text(c, text);
        for (int o = 0; o < OPTIONS; o++)
            rows += (option_rows[o].commands >> c & 1) != 0;
        for (const char *at = text; (at = strstr(at, "\n  --")); at++) {
            (void)snprintf(name, sizeof name, "%.*s", (int)strcspn(at + 3, " \n"), at + 3);
            assert_int_equal(takes(c, name), 1);
            said++;
        }
        assert_int_equal(said, rows);
    }
}

static void help_fits_80_columns(void **state)
{
    (void)state;
    for (int c = 0; c <= COMMANDS; c++) {
        char text[HELP_SIZE] = "";

        help_text(c, text);
        for (char *rest = text, *line; (line = strsep(&rest, "\n"));)
            if (text_width(line) > TEXT_COLUMNS)
                fail_msg("%s: %s", c < COMMANDS ? command_rows[c].name : "smmsim", line);
    }
}

static void exit_statuses_are_a_table(void **state)
{
    (void)state;
    for (int c = 0; c < COMMANDS; c++) {
        char text[HELP_SIZE] = "";

        help_text(c, text);
        assert_non_null(strstr(text, "\nexit status:\n    0  "));
        assert_non_null(strstr(text, "\n    2  bad input"));
        assert_int_equal(strstr(text, "\n    1  ") != NULL, command_rows[c].finding != NULL);
    }
}

static void a_value_may_stand_behind_a_sign_or_a_space(void **state)
{
    char *spaced[] = {"run", "--reps", "7"}, *joined[] = {"run", "--reps=7"};
    words w[2] = {{.argc = 3, .argv = spaced}, {.argc = 2, .argv = joined}};
    option_word word;
    sim_err err;

    (void)state;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(words_next(&w[i], &word, &err), SIM_OK);
        assert_int_equal(word.id, OPTION_REPS);
        assert_string_equal(word.value, "7");
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(no_command_has_two_options_of_one_name),
    cmocka_unit_test(an_option_is_parsed_where_it_is_taken_and_refused_elsewhere),
    cmocka_unit_test(help_names_each_option_and_no_other),
    cmocka_unit_test(help_fits_80_columns),
    cmocka_unit_test(exit_statuses_are_a_table),
    cmocka_unit_test(a_value_may_stand_behind_a_sign_or_a_space),
};

int main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
