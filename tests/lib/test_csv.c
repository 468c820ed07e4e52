/* SPDX-License-Identifier: Apache-2.0 */
/* test_csv: reading, and what is said about a bad file and where. */
#include "sim/lib/csv.h"
#include "tests/scratch.h"

static csv_table *read_bytes(const void *bytes, size_t length)
{
    csv_table *t = NULL;
    sim_err err = {""};

    scratch_write("in.csv", bytes, length);
    if (csv_read("in.csv", &t, &err) != SIM_OK)
        fail_msg("%s", err.text);
    assert_int_equal(unlink("in.csv"), 0);
    return t;
}

static csv_table *read_text(const char *text)
{
    return read_bytes(text, strlen(text));
}

/* The fields of a row with bars between them. */
static void assert_row(const csv_table *t, int row, const char *expected)
{
    char got[200] = "";
    size_t used = 0;

    for (int c = 0; c < csv_columns(t); c++)
        used += (size_t)snprintf(got + used, sizeof got - used, "%s%s", c != 0 ? "|" : "",
                                 csv_field(t, row, c));
    assert_string_equal(got, expected);
}

static void test_reads_fields_by_row_and_column(void **state)
{
    csv_table *t = read_text("parameter,value,source\ncpus,4,\"a \"\"b\"\", c\"\n,5,\n");

    (void)state;
    assert_string_equal(csv_path(t), "in.csv");
    assert_int_equal(csv_columns(t), 3);
    assert_int_equal(csv_rows(t), 2);
    assert_string_equal(csv_name(t, 2), "source");
    assert_row(t, 0, "cpus|4|a \"b\", c");
    assert_row(t, 1, "|5|");
    csv_free_table(t);
    csv_free_table(NULL);
}

static void test_a_row_of_empty_cells_is_no_row(void **state)
{
    csv_table *t = read_text(",,\r\na,b\r\n,\r\n1,2\r\n , \"\" ,,,\t\r\n,4\r\n,\r\n");

    (void)state;
    assert_int_equal(csv_rows(t), 2);
    assert_int_equal(csv_line(t, -1), 2);
    assert_row(t, 0, "1|2");
    assert_row(t, 1, "|4");
    assert_int_equal(csv_line(t, 1), 6);
    csv_free_table(t);
}

static void test_header_without_rows_has_no_rows(void **state)
{
    csv_table *t = read_text("a,b\n");

    (void)state;
    assert_int_equal(csv_rows(t), 0);
    assert_int_equal(csv_columns(t), 2);
    assert_int_equal(csv_line(t, -1), 1);
    csv_free_table(t);
}

static void test_skips_comments_and_empty_lines_but_counts_them(void **state)
{
    csv_table *t = read_text("# it's \"any, thing\n\n  \t\n"
                             "a,b\n"
                             "  # don't, \"\n"
                             "\"# quoted\n comment\",x,y\n"
                             "1,2\n"
                             "#\n"
                             "3,#4\n");

    (void)state;
    assert_int_equal(csv_rows(t), 2);
    assert_int_equal(csv_line(t, -1), 4);
    assert_int_equal(csv_line(t, 0), 8);
    assert_int_equal(csv_line(t, 1), 10);
    assert_row(t, 1, "3|#4");
    csv_free_table(t);
}

/* The row's line is where it begins; each of LF, CRLF and CR in quotes counts once. */
static void test_line_numbers_survive_line_ends_in_quotes(void **state)
{
    csv_table *t = read_text("a,b\n"
                             "\"1\n\n2\",x\n"
                             "\"3\r\n4\",\"5\r6\"\r\n"
                             "7,8\r"
                             "9,10\n");

    (void)state;
    assert_int_equal(csv_rows(t), 4);
    assert_int_equal(csv_line(t, 0), 2);
    assert_int_equal(csv_line(t, 1), 5);
    assert_int_equal(csv_line(t, 2), 8);
    assert_int_equal(csv_line(t, 3), 9);
    assert_row(t, 0, "1\n\n2|x");
    assert_row(t, 1, "3\r\n4|5\r6");
    csv_free_table(t);
}

static void test_accepts_crlf_and_byte_order_mark(void **state)
{
    csv_table *t = read_text("\xef\xbb\xbf"
                             "a,b\r\n\r\n1,\r\n\"2\",\"\"\r\n");

    (void)state;
    assert_string_equal(csv_name(t, 0), "a");
    assert_int_equal(csv_rows(t), 2);
    assert_row(t, 0, "1|");
    assert_row(t, 1, "2|");
    assert_int_equal(csv_line(t, 0), 3);
    csv_free_table(t);
}

static void test_removes_outer_blanks_unless_quoted(void **state)
{
    csv_table *t = read_text(" a ,\tb\n 1 2 , \" 3 \" \n\" \",\t\n");

    (void)state;
    assert_string_equal(csv_name(t, 0), "a");
    assert_string_equal(csv_name(t, 1), "b");
    assert_row(t, 0, "1 2| 3 ");
    assert_row(t, 1, " |");
    csv_free_table(t);
}

static void test_keeps_utf8_text(void **state)
{
    const char *line = "\xc2\xb5s,\xe2\x82\xac,\xf0\x9f\x98\x80,\xed\x9f\xbf,\xf4\x8f\xbf\xbf\n";
    csv_table *t = read_text(line);

    (void)state;
    assert_string_equal(csv_name(t, 0), "\xc2\xb5s");
    assert_string_equal(csv_name(t, 4), "\xf4\x8f\xbf\xbf");
    csv_free_table(t);
}

typedef struct {
    const char *bytes;
    size_t length; /* 0: up to the NUL */
    const char *error;
} bad_file;

#define NO_HEADER "no header (the first row that is no comment must name the columns)"
#define NO_END "the last line has no line end (was the file cut short? end it with a newline)"
#define OPEN_QUOTE "a quote that is never closed (the field begins here; end it with a quote)"
#define INNER_QUOTE "a quote inside a field (quote the whole field and write \"\" for a quote)"
#define NUL_BYTE "a NUL byte (a CSV file is text; save it as UTF-8 if it is UTF-16)"
#define NOT_UTF8 "is not UTF-8 (save the file as UTF-8)"
#define LATIN_1(sign) "is not UTF-8 (save the file as UTF-8, if this is " sign " in Latin-1)"
#define UTF_16 "the file is UTF-16 (save it as UTF-8, or as \"CSV UTF-8\")"
#define COMMAS(sign) "fields separated by " sign " (separate them by commas, and write 1.5 for 1,5)"
#define TRAILING(n) n " too many at the end (the last field of a row has none behind it)"

static const bad_file bad_files[] = {
    {"", 0, "1:1: the file is empty (its first row must name the columns)"},
    {"\xef\xbb\xbf", 0, "1:1: the file is empty (its first row must name the columns)"},
    {"\n\n", 0, "1:1: " NO_HEADER},
    {"# only\n \n", 0, "1:1: " NO_HEADER},
    {"a,b,c\n1,2,3\n1,2\n", 0, "3:3: 2 fields, but the header has 3 (the next would be \"c\")"},
    {"a,b,c\n1\n", 0, "2:2: 1 field, but the header has 3 (the next would be \"b\")"},
    {"# x\n\na,b\n1,2,3,4\n", 0,
     "4:3: 4 fields, but the header has 2 (quote a field that holds a comma)"},
    {"a,b\n\"1\n2\",3\n4\n", 0, "4:2: 1 field, but the header has 2 (the next would be \"b\")"},
    {"a,b\n\"1\n2\"\n", 0, "2:2: 1 field, but the header has 2 (the next would be \"b\")"},
    {"cpu,at,cpu\n", 0, "1:3: duplicate column \"cpu\" (column 1 has this name)"},
    {"cpu, \"cpu\" \n", 0, "1:2: duplicate column \"cpu\" (column 1 has this name)"},
    {"a,,b\n", 0, "1:2: a column without a name (every field of the header names its column)"},
    {"a,b,\n1,2,\n", 0, "1:3: " TRAILING("1 comma")},
    {"a,b,,,\n", 0, "1:3: " TRAILING("3 commas")},
    {"a,b\n1,2\n3,4,\n", 0, "3:3: " TRAILING("1 comma")},
    {"a,b\n1,2,, ,\n", 0, "2:3: " TRAILING("3 commas")},
    {"a;b\r\n1,5;2\r\n", 0, "1:1: " COMMAS("semicolons")},
    {"a\tb\n1\t2\n", 0, "1:1: " COMMAS("tabs")},
    {"a,b\n1;2\n", 0, "2:1: " COMMAS("semicolons")},
    {"sep=,\r\na,b\r\n", 0, "1:1: no header, but a line for spreadsheets (remove it)"},
    {"SEP=;\na;b\n", 0, "1:1: no header, but a line for spreadsheets (remove it)"},
    {"a,b,c\nx,3,3us,y\n", 0,
     "2:2: 4 fields, but the header has 3: a decimal comma in 3,3us? (write 3.3us)"},
    {"a,b,c\nx,1,000us,y\n", 0,
     "2:2: 4 fields, but the header has 3: a comma in 1,000us? (the decimal sign is a point, "
     "thousands are not marked)"},
    {"a,b\nx,1,000\n", 0, "2:3: 3 fields, but the header has 2 (quote a field that holds a comma)"},
    {"a,b\n1,\"2\n3,4\n", 0, "2:2: " OPEN_QUOTE},
    {"a,b\n1,\"2", 0, "2:2: " OPEN_QUOTE},
    {"a,b\n\"1\n1\",\"2\n3,4\n", 0, "3:2: " OPEN_QUOTE},
    {"a,b\n1,\"2\"x\n", 0,
     "2:2: text after the closing quote (write \"\" for a quote inside a field)"},
    {"a,b\n1,\"2\" \"3\"\n", 0,
     "2:2: text after the closing quote (write \"\" for a quote inside a field)"},
    {"a,b\n1,\"2\n3,4\n5,\"6\"\n", 0,
     "4:2: text after the closing quote of a field that begins in line 2 (write \"\" for a quote "
     "inside a field)"},
    {"a,b\n1,2\"\n", 0, "2:2: " INNER_QUOTE},
    {"a\"b,c\n", 0, "1:1: " INNER_QUOTE},
    {"a,b\n1,2\n3,4", 0, "3:2: " NO_END},
    {"a,b\n1", 0, "2:1: " NO_END},
    {"a,b\n1,\"2\"", 0, "2:2: " NO_END},
    {"a,b", 0, "1:2: " NO_END},
    {"a,b\n# end", 0, "2:1: " NO_END},
    {"a,b\n1,x\0y\n", 10, "2:2: " NUL_BYTE},
    {"a,b\n1,\"x\ny\0\"\n", 13, "3:2: " NUL_BYTE},
    {"\0", 1, "1:1: " NUL_BYTE},
    {"# \0\na,b\n", 8, "1:1: " NUL_BYTE},
    {"a,b\n1,2\nx,\xff\n", 0, "3:2: byte 0xff " LATIN_1("\xc3\xbf")},
    {"\xff\xfe"
     "a\0,\0b\0\n\0",
     10, "1:1: " UTF_16},
    {"\xfe\xff\0a\0,\0b\0\n", 10, "1:1: " UTF_16},
    {"a\0,\0b\0\n\0", 8, "1:1: " NUL_BYTE},
    {"a,caf\xe9\n", 0, "1:2: byte 0xe9 " LATIN_1("\xc3\xa9")},
    {"a,b\n3.3\xb5s,2\n", 0, "2:1: byte 0xb5 " LATIN_1("\xc2\xb5")},
    {"a,\xc0\xaf\n", 0, "1:2: byte 0xc0 " LATIN_1("\xc3\x80")},
    {"a,\xe0\x80\xaf\n", 0, "1:2: byte 0xe0 " LATIN_1("\xc3\xa0")},
    {"a,\xed\xa0\x80\n", 0, "1:2: byte 0xed " LATIN_1("\xc3\xad")},
    {"a,\xf0\x8f\xbf\xbf\n", 0, "1:2: byte 0xf0 " LATIN_1("\xc3\xb0")},
    {"a,\xf4\x90\x80\x80\n", 0, "1:2: byte 0xf4 " LATIN_1("\xc3\xb4")},
    {"a,b\n# \xe2\x82\n", 0, "2:1: byte 0xe2 " LATIN_1("\xc3\xa2")},
    {"a,b\n1,\x80\n", 0, "2:2: byte 0x80 " NOT_UTF8},
};

static void test_bad_files_are_refused_with_line_and_column(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad_files / sizeof bad_files[0]; i++) {
        const bad_file *bad = &bad_files[i];
        csv_table *t = NULL;
        sim_err err = {""};
        char expected[sizeof err.text];

        scratch_write("in.csv", bad->bytes, bad->length != 0 ? bad->length : strlen(bad->bytes));
        assert_int_equal(csv_read("in.csv", &t, &err), SIM_BAD_INPUT);
        (void)snprintf(expected, sizeof expected, "in.csv:%s", bad->error);
        assert_string_equal(err.text, expected);
        assert_null(t);
    }
    assert_int_equal(unlink("in.csv"), 0);
}

static void test_missing_file_and_folder_are_named(void **state)
{
    csv_table *t = NULL;
    sim_err err;

    (void)state;
    assert_int_equal(csv_read("no/such.csv", &t, &err), SIM_BAD_INPUT);
    assert_string_equal(err.text, "no/such.csv: No such file or directory");
    assert_int_equal(csv_read("..", &t, &err), SIM_BAD_INPUT);
    assert_string_equal(err.text, "..: a folder (name a file in it)");
    assert_int_equal(csv_read("", &t, &err), SIM_BAD_INPUT);
    assert_string_equal(err.text, ": No such file or directory");
    assert_null(t);
}

static void test_file_over_the_limit_is_refused(void **state)
{
    csv_table *t = NULL;
    sim_err err;

    (void)state;
    scratch_write("big.csv", "a\n", 2);
    assert_int_equal(truncate("big.csv", (256 << 20) + 1), 0);
    assert_int_equal(csv_read("big.csv", &t, &err), SIM_BAD_INPUT);
    assert_string_equal(err.text, "big.csv:1:1: the file is larger than 256 MiB (split it)");
    assert_int_equal(unlink("big.csv"), 0);
}

static void test_more_columns_than_the_limit_are_refused(void **state)
{
    csv_writer *w;
    csv_table *t = NULL;
    sim_err err;

    (void)state;
    for (int columns = 4096; columns <= 4097; columns++) {
        assert_int_equal(csv_create("wide.csv", &w, &err), SIM_OK);
        for (int i = 0; i < columns; i++)
            csv_i64(w, i);
        csv_end_row(w);
        assert_int_equal(csv_close(w, &err), SIM_OK);
        sim_status status = csv_read("wide.csv", &t, &err);
        assert_int_equal(status, columns == 4096 ? SIM_OK : SIM_BAD_INPUT);
    }
    assert_string_equal(err.text, "wide.csv:1:4097: 4097 columns (at most 4096)");
    assert_int_equal(csv_columns(t), 4096);
    csv_free_table(t);
    assert_int_equal(unlink("wide.csv"), 0);
}

static void test_error_at_a_field_counts_from_one(void **state)
{
    csv_table *t = read_text("a,b\n\n1,2\n");
    sim_err err;

    (void)state;
    assert_int_equal(csv_error(t, 0, 1, &err, "%d is below %s", 2, "3"), SIM_BAD_INPUT);
    assert_string_equal(err.text, "in.csv:3:2: 2 is below 3");
    assert_int_equal(csv_error(t, -1, 0, &err, "x"), SIM_BAD_INPUT);
    assert_string_equal(err.text, "in.csv:1:1: x");
    csv_free_table(t);
}

static const char *const required[] = {"parameter", "value", NULL};
static const char *const optional[] = {"source", "remark", NULL};

static void test_map_finds_columns_in_any_order(void **state)
{
    csv_table *t = read_text("remark,value,parameter\n");
    int at[4];
    sim_err err;

    (void)state;
    assert_int_equal(csv_map(t, required, optional, at, &err), SIM_OK);
    assert_int_equal(at[0], 2);
    assert_int_equal(at[1], 1);
    assert_int_equal(at[2], -1);
    assert_int_equal(at[3], 0);
    csv_free_table(t);
    t = read_text("value,parameter\n");
    assert_int_equal(csv_map(t, required, NULL, at, &err), SIM_OK);
    assert_int_equal(at[0], 1);
    csv_free_table(t);
    t = read_text("remark\n");
    assert_int_equal(csv_map(t, NULL, optional, at, &err), SIM_OK);
    assert_int_equal(at[1], 0);
    csv_free_table(t);
}

static const struct {
    const char *header, *error;
} bad_maps[] = {
    {"#\nparameter,valeu,source\n", "2:2: unknown column \"valeu\" (did you mean \"value\"?)"},
    {"parameter,value,Source\n", "1:3: unknown column \"Source\" (did you mean \"source\"?)"},
    {"parameter,value,colour\n",
     "1:3: unknown column \"colour\" (the columns are parameter, value, source, remark)"},
    {"value,source\n", "1:3: no column \"parameter\" (add it to the header)"},
};

static void test_map_refuses_unknown_and_missing_columns(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad_maps / sizeof bad_maps[0]; i++) {
        csv_table *t = read_text(bad_maps[i].header);
        sim_err err = {""};
        int at[4];

        assert_int_equal(csv_map(t, required, optional, at, &err), SIM_BAD_INPUT);
        assert_string_equal(err.text + strlen("in.csv:"), bad_maps[i].error);
        csv_free_table(t);
    }
}

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

/* Nothing that a file may hold breaks the reader: it is a whole table or one line of error. */
static void test_random_bytes_give_a_table_or_a_place(void **state)
{
    static const char alphabet[] = "aab,,\"\n\n\r # \xc3\xa9";
    uint32_t random = 7, tables = 0;

    (void)state;
    for (int i = 0; i < 3000; i++) {
        char bytes[24];
        size_t length = 1 + next_random(&random) % sizeof bytes;
        csv_table *t = NULL;
        sim_err err = {""};

        for (size_t k = 0; k < length; k++)
            bytes[k] = alphabet[next_random(&random) % (sizeof alphabet)];
        scratch_write("fuzz.csv", bytes, length);
        if (csv_read("fuzz.csv", &t, &err) != SIM_OK) {
            assert_int_equal(strncmp(err.text, "fuzz.csv:", 9), 0);
            continue;
        }
        tables++;
        for (int r = 0; r < csv_rows(t); r++) {
            assert_true(csv_line(t, r) > csv_line(t, r - 1));
            assert_non_null(csv_field(t, r, csv_columns(t) - 1));
        }
        csv_free_table(t);
    }
    assert_true(tables > 20);
    assert_int_equal(unlink("fuzz.csv"), 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_reads_fields_by_row_and_column),
    cmocka_unit_test(test_a_row_of_empty_cells_is_no_row),
    cmocka_unit_test(test_header_without_rows_has_no_rows),
    cmocka_unit_test(test_skips_comments_and_empty_lines_but_counts_them),
    cmocka_unit_test(test_line_numbers_survive_line_ends_in_quotes),
    cmocka_unit_test(test_accepts_crlf_and_byte_order_mark),
    cmocka_unit_test(test_removes_outer_blanks_unless_quoted),
    cmocka_unit_test(test_keeps_utf8_text),
    cmocka_unit_test(test_bad_files_are_refused_with_line_and_column),
    cmocka_unit_test(test_missing_file_and_folder_are_named),
    cmocka_unit_test(test_file_over_the_limit_is_refused),
    cmocka_unit_test(test_more_columns_than_the_limit_are_refused),
    cmocka_unit_test(test_error_at_a_field_counts_from_one),
    cmocka_unit_test(test_map_finds_columns_in_any_order),
    cmocka_unit_test(test_map_refuses_unknown_and_missing_columns),
    cmocka_unit_test(test_random_bytes_give_a_table_or_a_place),
};

int main(void)
{
    return cmocka_run_group_tests_name("csv", tests, scratch_enter, scratch_leave);
}
