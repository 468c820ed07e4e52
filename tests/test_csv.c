/* SPDX-License-Identifier: Apache-2.0 */
/* test_csv: reading with places for errors, writing that never destroys what was there. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "sim/csv.h"

/* Every test runs in one fresh folder, so that paths in error texts are short and known. */
static int enter_folder(void **state)
{
    char *folder = strdup("/tmp/test_csv_XXXXXX");

    *state = folder;
    return folder == NULL || mkdtemp(folder) == NULL || chdir(folder) != 0;
}

static int leave_folder(void **state)
{
    int failed = chdir("/") != 0 || rmdir(*state) != 0; /* a file left behind fails here */

    free(*state);
    return failed;
}

static void write_bytes(const char *path, const void *bytes, size_t length)
{
    FILE *f = fopen(path, "wb");

    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, length, f), length);
    assert_int_equal(fclose(f), 0);
}

static void assert_content(const char *path, const char *expected)
{
    char got[4096];
    FILE *f = fopen(path, "rb");

    assert_non_null(f);
    got[fread(got, 1, sizeof got - 1, f)] = '\0';
    assert_int_equal(fclose(f), 0);
    assert_string_equal(got, expected);
}

static csv_table *read_bytes(const void *bytes, size_t length)
{
    csv_table *t = NULL;
    sim_err err = {""};

    write_bytes("in.csv", bytes, length);
    if (csv_read("in.csv", &t, &err) != SIM_OK)
        fail_msg("%s", err.text);
    assert_int_equal(unlink("in.csv"), 0);
    return t;
}

static csv_table *read_text(const char *text)
{
    return read_bytes(text, strlen(text));
}

static void assert_row(const csv_table *t, int row, const char *const *fields)
{
    for (int c = 0; c < csv_columns(t); c++)
        assert_string_equal(csv_field(t, row, c), fields[c]);
}

static void test_reads_fields_by_row_and_column(void **state)
{
    csv_table *t = read_text("parameter,value,source\ncpus,4,\"a \"\"b\"\", c\"\n,,\n");

    (void)state;
    assert_string_equal(csv_path(t), "in.csv");
    assert_int_equal(csv_columns(t), 3);
    assert_int_equal(csv_rows(t), 2);
    assert_string_equal(csv_name(t, 2), "source");
    assert_row(t, 0, (const char *const[]){"cpus", "4", "a \"b\", c"});
    assert_row(t, 1, (const char *const[]){"", "", ""});
    csv_free_table(t);
    csv_free_table(NULL);
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
    assert_row(t, 1, (const char *const[]){"3", "#4"});
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
    assert_row(t, 0, (const char *const[]){"1\n\n2", "x"});
    assert_row(t, 1, (const char *const[]){"3\r\n4", "5\r6"});
    csv_free_table(t);
}

static void test_accepts_crlf_and_byte_order_mark(void **state)
{
    csv_table *t = read_text("\xef\xbb\xbf"
                             "a,b\r\n\r\n1,\r\n\"2\",\"\"\r\n");

    (void)state;
    assert_string_equal(csv_name(t, 0), "a");
    assert_int_equal(csv_rows(t), 2);
    assert_row(t, 0, (const char *const[]){"1", ""});
    assert_row(t, 1, (const char *const[]){"2", ""});
    assert_int_equal(csv_line(t, 0), 3);
    csv_free_table(t);
}

static void test_removes_outer_blanks_unless_quoted(void **state)
{
    csv_table *t = read_text(" a ,\tb\n 1 2 , \" 3 \" \n\" \",\t\n");

    (void)state;
    assert_string_equal(csv_name(t, 0), "a");
    assert_string_equal(csv_name(t, 1), "b");
    assert_row(t, 0, (const char *const[]){"1 2", " 3 "});
    assert_row(t, 1, (const char *const[]){" ", ""});
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
#define NUL_BYTE "a NUL byte (a CSV file is text, in UTF-8)"
#define NOT_UTF8 "is not UTF-8 (save the file as UTF-8)"

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
    {"a,b,\n", 0, "1:3: a column without a name (every field of the header names its column)"},
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
    {"a,b\n1,2\nx,\xff\n", 0, "3:2: byte 0xff " NOT_UTF8},
    {"\xff\xfe"
     "a\0,\0b\0\n\0",
     10, "1:1: byte 0xff " NOT_UTF8},
    {"a,caf\xe9\n", 0, "1:2: byte 0xe9 " NOT_UTF8},
    {"a,\xc0\xaf\n", 0, "1:2: byte 0xc0 " NOT_UTF8},
    {"a,\xe0\x80\xaf\n", 0, "1:2: byte 0xe0 " NOT_UTF8},
    {"a,\xed\xa0\x80\n", 0, "1:2: byte 0xed " NOT_UTF8},
    {"a,\xf0\x8f\xbf\xbf\n", 0, "1:2: byte 0xf0 " NOT_UTF8},
    {"a,\xf4\x90\x80\x80\n", 0, "1:2: byte 0xf4 " NOT_UTF8},
    {"a,b\n# \xe2\x82\n", 0, "2:1: byte 0xe2 " NOT_UTF8},
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

        write_bytes("in.csv", bad->bytes, bad->length != 0 ? bad->length : strlen(bad->bytes));
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
    assert_string_equal(err.text, "..: Is a directory");
    assert_int_equal(csv_read("", &t, &err), SIM_BAD_INPUT);
    assert_string_equal(err.text, ": No such file or directory");
    assert_null(t);
}

static void test_file_over_the_limit_is_refused(void **state)
{
    csv_table *t = NULL;
    sim_err err;

    (void)state;
    write_bytes("big.csv", "a\n", 2);
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

static void assert_written(csv_writer *w, const char *expected)
{
    size_t length;
    sim_err err;

    assert_string_equal(csv_memory(w, &length), expected);
    assert_int_equal(length, strlen(expected));
    assert_int_equal(csv_close(w, &err), SIM_OK);
}

static void test_writes_integers_at_their_limits(void **state)
{
    static const int64_t values[] = {0,  7,   10,  99,        100,       101,      -1,
                                     -9, -10, 999, INT64_MAX, INT64_MIN, INT32_MIN};
    char expected[1000];
    size_t used = 0;
    csv_writer *w = csv_to_memory();

    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        csv_i64(w, values[i]);
        csv_u64(w, (uint64_t)values[i]);
        csv_hex64(w, (uint64_t)values[i]);
        csv_end_row(w);
        used += (size_t)snprintf(expected + used, sizeof expected - used, "%lld,%llu,%016llx\n",
                                 (long long)values[i], (unsigned long long)values[i],
                                 (unsigned long long)values[i]);
    }
    assert_written(w, expected);
}

static const struct {
    int64_t value;
    int decimals;
    const char *text;
} decimal_cases[] = {
    {1500, 3, "1.5"},
    {1501, 3, "1.501"},
    {2000, 3, "2"},
    {0, 3, "0"},
    {5, 3, "0.005"},
    {-5, 3, "-0.005"},
    {-1050, 2, "-10.5"},
    {42, 0, "42"},
    {-42, 0, "-42"},
    {INT64_MAX, 3, "9223372036854775.807"},
    {INT64_MIN, 18, "-9.223372036854775808"},
    {INT64_MIN, 0, "-9223372036854775808"},
    {1, 18, "0.000000000000000001"},
    {100000000, 12, "0.0001"},
};

static void test_writes_decimals_exactly_without_trailing_zeros(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof decimal_cases / sizeof decimal_cases[0]; i++) {
        csv_writer *w = csv_to_memory();

        csv_decimal(w, decimal_cases[i].value, decimal_cases[i].decimals);
        csv_end_row(w);
        const char *got = csv_memory(w, NULL);
        assert_int_equal(strlen(got), strlen(decimal_cases[i].text) + 1);
        assert_memory_equal(got, decimal_cases[i].text, strlen(decimal_cases[i].text));
        csv_abandon(w);
    }
}

static void test_quotes_a_field_only_when_it_must(void **state)
{
    static const char *const fields[][2] = {
        {"plain text", "plain text"},
        {"a,b", "\"a,b\""},
        {"say \"x\"", "\"say \"\"x\"\"\""},
        {"\"", "\"\"\"\""},
        {"a\nb", "\"a\nb\""},
        {"a\rb", "\"a\rb\""},
        {" a", "\" a\""},
        {"a\t", "\"a\t\""},
        {"a b;c'd#", "a b;c'd#"},
        {"", ""},
        {" ", "\" \""},
        {"\xc2\xb5", "\xc2\xb5"},
    };
    char expected[300] = "x";
    csv_writer *w = csv_to_memory();

    (void)state;
    csv_text(w, "x");
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        csv_text(w, fields[i][0]);
        (void)snprintf(expected + strlen(expected), sizeof expected - strlen(expected), ",%s",
                       fields[i][1]);
    }
    csv_empty(w);
    csv_end_row(w);
    (void)snprintf(expected + strlen(expected), sizeof expected - strlen(expected), ",\n");
    assert_written(w, expected);
}

static void test_row_of_one_empty_field_is_not_an_empty_line(void **state)
{
    csv_writer *w = csv_to_memory();

    (void)state;
    csv_text(w, "a");
    csv_end_row(w);
    csv_empty(w);
    csv_end_row(w);
    csv_text(w, "");
    csv_end_row(w);
    csv_u64(w, 0);
    csv_end_row(w);
    assert_written(w, "a\n\"\"\n\"\"\n0\n");
}

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static void make_field(char *out, uint32_t *random)
{
    static const char *const pieces[] = {"a",    "\"", ",",  "\n", "\r",
                                         "\r\n", " ",  "\t", "#",  "\xc3\xa9"};
    uint32_t count = next_random(random) % 6;

    *out = '\0';
    for (uint32_t i = 0; i < count; i++) {
        const char *piece = pieces[next_random(random) % 10];
        memcpy(out + strlen(out), piece, strlen(piece) + 1);
    }
}

/* Any text comes back as it was written, except a first field with # (a comment). */
static void test_what_is_written_reads_back(void **state)
{
    enum { ROWS = 3000, COLUMNS = 3 };
    static char fields[ROWS][COLUMNS][16];
    uint32_t random = 1;
    size_t length;
    csv_writer *w = csv_to_memory();

    (void)state;
    csv_text(w, "x");
    csv_text(w, "y");
    csv_text(w, "z");
    csv_end_row(w);
    for (int r = 0; r < ROWS; r++) {
        for (int c = 0; c < COLUMNS; c++) {
            do
                make_field(fields[r][c], &random);
            while (c == 0 && fields[r][c][0] == '#');
            csv_text(w, fields[r][c]);
        }
        csv_end_row(w);
    }
    const char *bytes = csv_memory(w, &length);
    csv_table *t = read_bytes(bytes, length);
    csv_abandon(w);
    assert_int_equal(csv_rows(t), ROWS);
    for (int r = 0; r < ROWS; r++)
        assert_row(t, r, (const char *const[]){fields[r][0], fields[r][1], fields[r][2]});
    csv_free_table(t);
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
        write_bytes("fuzz.csv", bytes, length);
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

static void test_long_fields_pass_through_the_buffer(void **state)
{
    enum { LENGTH = 300000 };
    char *field = malloc(LENGTH + 1);
    csv_writer *w;
    csv_table *t;
    sim_err err;

    (void)state;
    assert_non_null(field);
    memset(field, 'x', LENGTH);
    field[LENGTH] = '\0';
    field[100000] = '"';
    assert_int_equal(csv_create("long.csv", &w, &err), SIM_OK);
    csv_text(w, "a");
    csv_end_row(w);
    csv_text(w, field);
    csv_end_row(w);
    assert_int_equal(csv_close(w, &err), SIM_OK);
    assert_int_equal(csv_read("long.csv", &t, &err), SIM_OK);
    assert_true(strcmp(csv_field(t, 0, 0), field) == 0);
    csv_free_table(t);
    free(field);
    assert_int_equal(unlink("long.csv"), 0);
}

/* A file of `rows` rows is begun; the caller closes or abandons. */
static csv_writer *begin_file(const char *path, int rows)
{
    csv_writer *w = NULL;
    sim_err err = {""};

    if (csv_create(path, &w, &err) != SIM_OK)
        fail_msg("%s", err.text);
    for (int i = 0; i < rows; i++) {
        csv_i64(w, i);
        csv_end_row(w);
    }
    return w;
}

static void test_file_appears_when_it_is_closed(void **state)
{
    csv_writer *w;
    struct stat st;
    sim_err err;

    (void)state;
    write_bytes("out.csv", "old\n", 4);
    assert_int_equal(chmod("out.csv", 0640), 0);
    w = begin_file("out.csv", 2);
    assert_content("out.csv", "old\n");
    assert_int_equal(csv_close(w, &err), SIM_OK);
    assert_content("out.csv", "0\n1\n");
    assert_int_equal(stat("out.csv", &st), 0);
    assert_int_equal(st.st_mode & 0777, 0640);
    assert_int_equal(access("out.csv.tmp", F_OK), -1);
    assert_int_equal(unlink("out.csv"), 0);
}

static void test_abandoned_file_leaves_the_old_one(void **state)
{
    (void)state;
    write_bytes("out.csv", "old\n", 4);
    csv_abandon(begin_file("out.csv", 100000));
    csv_abandon(NULL);
    assert_content("out.csv", "old\n");
    assert_int_equal(access("out.csv.tmp", F_OK), -1);
    assert_int_equal(unlink("out.csv"), 0);
}

/* A limit on file sizes stands for a disk that fills up in the middle. */
static void test_failed_write_leaves_the_old_file(void **state)
{
    struct rlimit old, small;
    csv_writer *w;
    sim_err err;

    (void)state;
    write_bytes("out.csv", "old\n", 4);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = old;
    small.rlim_cur = 100000;
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    w = begin_file("out.csv", 50000);
    sim_status status = csv_close(w, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    (void)signal(SIGXFSZ, handler);
    assert_int_equal(status, SIM_SYSTEM);
    assert_string_equal(err.text, "out.csv: File too large");
    assert_content("out.csv", "old\n");
    assert_int_equal(access("out.csv.tmp", F_OK), -1);
    assert_int_equal(unlink("out.csv"), 0);
}

static void test_full_device_is_reported_at_close(void **state)
{
    struct stat st;
    sim_err err;

    (void)state;
    for (int rows = 1; rows <= 100000; rows += 99999) {
        assert_int_equal(csv_close(begin_file("/dev/full", rows), &err), SIM_SYSTEM);
        assert_string_equal(err.text, "/dev/full: No space left on device");
    }
    assert_int_equal(lstat("/dev/full", &st), 0);
    assert_true(S_ISCHR(st.st_mode));
    assert_int_equal(access("/dev/full.tmp", F_OK), -1);
}

static void test_standard_output_is_continued_not_replaced(void **state)
{
    struct stat before, after;
    int saved, file;
    sim_err err;

    (void)state;
    assert_int_equal(lstat("/dev/stdout", &before), 0);
    (void)fflush(stdout);
    saved = dup(STDOUT_FILENO);
    file = open("captured", O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_int_equal(dup2(file, STDOUT_FILENO), STDOUT_FILENO);
    (void)fputs("before\n", stdout);
    sim_status status = csv_close(begin_file("/dev/stdout", 2), &err);
    (void)fputs("after\n", stdout);
    (void)fflush(stdout);
    assert_int_equal(dup2(saved, STDOUT_FILENO), STDOUT_FILENO);
    (void)close(saved);
    (void)close(file);
    assert_int_equal(status, SIM_OK);
    assert_content("captured", "before\n0\n1\nafter\n");
    assert_int_equal(lstat("/dev/stdout", &after), 0);
    assert_int_equal(before.st_ino, after.st_ino);
    assert_int_equal(unlink("captured"), 0);
}

static void test_link_stays_and_its_file_is_replaced(void **state)
{
    struct stat st;
    sim_err err;

    (void)state;
    write_bytes("real.csv", "old\n", 4);
    assert_int_equal(symlink("real.csv", "link.csv"), 0);
    assert_int_equal(csv_close(begin_file("link.csv", 1), &err), SIM_OK);
    assert_int_equal(lstat("link.csv", &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    assert_content("real.csv", "0\n");
    assert_int_equal(unlink("link.csv"), 0);
    assert_int_equal(unlink("real.csv"), 0);
}

static void assert_cannot_create(const char *path, const char *error)
{
    csv_writer *w = NULL;
    sim_err err = {""};

    assert_int_equal(csv_create(path, &w, &err), SIM_SYSTEM);
    assert_string_equal(err.text, error);
    assert_null(w);
}

static void test_what_cannot_be_made_is_refused_at_once(void **state)
{
    (void)state;
    write_bytes("file", "", 0);
    assert_cannot_create("no/out.csv", "no/out.csv: No such file or directory");
    assert_cannot_create("file/out.csv", "file/out.csv: Not a directory");
    assert_cannot_create("..", "..: Is a directory");
    assert_cannot_create("", ": No such file or directory");
    assert_int_equal(unlink("file"), 0);
}

/* Root may write everywhere, so the test becomes nobody for a moment. */
static void test_read_only_places_are_refused_at_once(void **state)
{
    int root = geteuid() == 0;

    (void)state;
    assert_int_equal(mkdir("closed", 0755), 0);
    write_bytes("kept.csv", "old\n", 4);
    assert_int_equal(chmod("kept.csv", 0444), 0);
    assert_int_equal(chmod("closed", 0555), 0);
    assert_int_equal(chmod(".", 0777), 0);
    if (root)
        assert_int_equal(setegid(65534) | seteuid(65534), 0);
    assert_cannot_create("closed/out.csv", "closed/out.csv: Permission denied");
    assert_cannot_create("kept.csv", "kept.csv: Permission denied");
    if (root)
        assert_int_equal(seteuid(0) | setegid(0), 0);
    assert_content("kept.csv", "old\n");
    assert_int_equal(rmdir("closed") | unlink("kept.csv"), 0);
}

static void test_ragged_row_is_a_broken_invariant(void **state)
{
    int status;

    (void)state;
    (void)fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        csv_writer *w = csv_to_memory();

        (void)freopen("/dev/null", "w", stderr);
        csv_text(w, "a");
        csv_empty(w);
        csv_end_row(w);
        csv_text(w, "1");
        (void)signal(SIGABRT, SIG_DFL);
        csv_end_row(w);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_reads_fields_by_row_and_column),
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
    cmocka_unit_test(test_writes_integers_at_their_limits),
    cmocka_unit_test(test_writes_decimals_exactly_without_trailing_zeros),
    cmocka_unit_test(test_quotes_a_field_only_when_it_must),
    cmocka_unit_test(test_row_of_one_empty_field_is_not_an_empty_line),
    cmocka_unit_test(test_what_is_written_reads_back),
    cmocka_unit_test(test_random_bytes_give_a_table_or_a_place),
    cmocka_unit_test(test_long_fields_pass_through_the_buffer),
    cmocka_unit_test(test_file_appears_when_it_is_closed),
    cmocka_unit_test(test_abandoned_file_leaves_the_old_one),
    cmocka_unit_test(test_failed_write_leaves_the_old_file),
    cmocka_unit_test(test_full_device_is_reported_at_close),
    cmocka_unit_test(test_standard_output_is_continued_not_replaced),
    cmocka_unit_test(test_link_stays_and_its_file_is_replaced),
    cmocka_unit_test(test_what_cannot_be_made_is_refused_at_once),
    cmocka_unit_test(test_read_only_places_are_refused_at_once),
    cmocka_unit_test(test_ragged_row_is_a_broken_invariant),
};

int main(void)
{
    return cmocka_run_group_tests_name("csv", tests, enter_folder, leave_folder);
}
