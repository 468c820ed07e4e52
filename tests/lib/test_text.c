/* SPDX-License-Identifier: Apache-2.0 */
/* test_text: lines are broken where they must be, and a locale without UTF-8 gets ASCII; tables
 * stay within their width. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "sim/lib/table.h"
#include "sim/lib/text.h"

enum { SIZE = 4096 };

static FILE *memory(char out[SIZE])
{
    FILE *f = fmemopen(out, SIZE, "w");

    assert_non_null(f);
    return f;
}

static void a_line_ends_at_a_space_or_at_its_width(void **state)
{
    static const struct {
        const char *text, *line, *rest;
        int width;
    } cases[] = {
        {"one two three", "one two", "three", 9},
        {"one two three", "one two", "three", 7},
        {"one two", "one two", "", 7},
        {"unbroken", "unbr", "oken", 4},
        {"\xc3\xa4\xc3\xa4 b", "\xc3\xa4\xc3\xa4", "b", 2},
        {"", "", "", 5},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *text = cases[i].text;
        const int length = text_line(&text, cases[i].width);

        assert_int_equal(length, strlen(cases[i].line));
        assert_memory_equal(cases[i].text, cases[i].line, (size_t)length);
        assert_string_equal(text, cases[i].rest);
    }
}

static void locale(const char *all, const char *type, const char *lang)
{
    (void)setenv("LC_ALL", all, 1);
    (void)setenv("LC_CTYPE", type, 1);
    (void)setenv("LANG", lang, 1);
}

static void assert_put(const char *text, const char *wanted)
{
    char out[SIZE] = "";
    FILE *f = memory(out);

    text_put(f, text);
    assert_int_equal(fclose(f), 0);
    assert_string_equal(out, wanted);
}

/* As POSIX ranks them; an empty one is none. */
static void ascii_is_printed_where_the_locale_has_no_utf8(void **state)
{
    (void)state;
    locale("C", "C.UTF-8", "C.UTF-8");
    assert_put("█▏ ± µ", "#. +- u");
    assert_put("\xe4\xb8\xad", "?");
    assert_put("", "");
    locale("", "C", "de_DE.UTF-8");
    assert_put("●", "*");
    locale("", "", "de_DE.utf8");
    assert_put("●", "●");
    locale("", "", "");
    assert_put("●", "*");
    locale("en_US.UTF-8", "C", "C");
    assert_put("±", "±");
}

static void put_table(const char *kinds, const char *const *cells, int count, char out[SIZE])
{
    text_table *t = table_new(kinds);
    FILE *f = memory(out);

    for (int i = 0; i < count; i++)
        table_add(t, "%s", cells[i]);
    table_print(t, 2, f);
    assert_int_equal(fclose(f), 0);
}

static void cells_are_aligned_and_lines_have_no_blanks_at_their_end(void **state)
{
    static const char *const cells[] = {"name", "n", "what", "a", "10", "", "long", "9", "x"};
    char out[SIZE] = "";

    (void)state;
    put_table("lrl", cells, 9, out);
    assert_string_equal(out, "  name   n  what\n  a     10\n  long   9  x\n");
}

static void a_long_cell_wraps_in_its_column(void **state)
{
    char text[400] = "", out[SIZE] = "";
    const char *const cells[] = {"first", text};

    (void)state;
    for (size_t i = 0; i < 30; i++)
        memcpy(text + 5 * i, "word ", 5);
    put_table("lw", cells, 2, out);
    for (char *rest = out, *line; (line = strsep(&rest, "\n")) && *line;) {
        assert_in_range(strlen(line), 1, TEXT_FILE_COLUMNS);
        assert_true(strncmp(line, "  first  word", 13) == 0 ||
                    strncmp(line, "         word", 13) == 0);
    }
}

static void columns_that_do_not_fit_stand_below(void **state)
{
    char wide[61] = "", out[SIZE] = "", wanted[SIZE];
    const char *const cells[] = {"k", "a", "none", "b", "key", wide, "", wide};

    (void)state;
    memset(wide, 'x', 60);
    put_table("llll", cells, 8, out);
    (void)snprintf(wanted, sizeof wanted, "  k    a\n  key  %s\n\n  k    b\n  key  %s\n", wide,
                   wide);
    assert_string_equal(out, wanted);
}

static void what_a_terminal_obeys_is_not_printed(void **state)
{
    static const char *const cells[] = {"a\033[31m\n"};
    char out[SIZE] = "";

    (void)state;
    put_table("l", cells, 1, out);
    assert_string_equal(out, "  a?[31m?\n");
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_line_ends_at_a_space_or_at_its_width),
    cmocka_unit_test(ascii_is_printed_where_the_locale_has_no_utf8),
    cmocka_unit_test(cells_are_aligned_and_lines_have_no_blanks_at_their_end),
    cmocka_unit_test(a_long_cell_wraps_in_its_column),
    cmocka_unit_test(columns_that_do_not_fit_stand_below),
    cmocka_unit_test(what_a_terminal_obeys_is_not_printed),
};

int main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
