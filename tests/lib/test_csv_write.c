/* SPDX-License-Identifier: Apache-2.0 */
/* test_csv_write: what is written reads back, and a failure never destroys what was there. */
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "sim/lib/csv.h"
#include "tests/scratch.h"

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

static void test_writes_every_number_of_digits(void **state)
{
    csv_writer *w = csv_to_memory();
    uint64_t power = 1;
    char expected[2000];
    size_t used = 0;

    (void)state;
    for (int digits = 1; digits <= 20; digits++, power *= 10) {
        csv_u64(w, power - 1);
        csv_u64(w, power);
        csv_end_row(w);
        used += (size_t)snprintf(expected + used, sizeof expected - used, "%llu,%llu\n",
                                 (unsigned long long)(power - 1), (unsigned long long)power);
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

static void test_row_of_empty_fields_is_only_commas(void **state)
{
    csv_writer *w = csv_to_memory();

    (void)state;
    csv_empty(w);
    csv_text(w, "");
    csv_empty(w);
    csv_end_row(w);
    assert_written(w, ",,\n");
}

static void test_each_word_is_a_field(void **state)
{
    csv_writer *w = csv_to_memory();

    (void)state;
    csv_text(w, "point");
    csv_words(w, "low_ns high_ns");
    csv_words(w, "");
    csv_words(w, "share");
    csv_end_row(w);
    assert_written(w, "point,low_ns,high_ns,share\n");
}

static void test_unknown_decimal_is_an_empty_field(void **state)
{
    csv_writer *w = csv_to_memory();

    (void)state;
    csv_decimal_if(w, 1, 1500, 3);
    csv_decimal_if(w, 0, 1500, 3);
    csv_decimal_if(w, 1, 0, 3);
    csv_end_row(w);
    assert_written(w, "1.5,,0\n");
}

static void test_memory_grows_with_what_is_written(void **state)
{
    enum { ROWS = 100000 };
    csv_writer *w = csv_to_memory();
    size_t length;

    (void)state;
    for (int i = 0; i < ROWS; i++) {
        csv_i64(w, i % 10);
        csv_end_row(w);
    }
    const char *text = csv_memory(w, &length);
    assert_int_equal(length, 2 * ROWS);
    for (int i = 0; i < ROWS; i++)
        assert_true(text[2 * i] == '0' + i % 10 && text[2 * i + 1] == '\n');
    csv_abandon(w);
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

/* Any text comes back as it was written, except a first field with # (a comment), or an empty one
 * whose row may be empty. */
static void test_what_is_written_reads_back(void **state)
{
    enum { ROWS = 3000, COLUMNS = 3 };
    static char fields[ROWS][COLUMNS][16];
    uint32_t random = 1;
    size_t length;
    csv_writer *w = csv_to_memory();
    csv_table *t = NULL;
    sim_err err;

    (void)state;
    csv_text(w, "x");
    csv_text(w, "y");
    csv_text(w, "z");
    csv_end_row(w);
    for (int r = 0; r < ROWS; r++) {
        for (int c = 0; c < COLUMNS; c++) {
            do
                make_field(fields[r][c], &random);
            while (c == 0 && (fields[r][c][0] == '#' || fields[r][c][0] == '\0'));
            csv_text(w, fields[r][c]);
        }
        csv_end_row(w);
    }
    const char *bytes = csv_memory(w, &length);
    scratch_write("in.csv", bytes, length);
    csv_abandon(w);
    assert_int_equal(csv_read("in.csv", &t, &err), SIM_OK);
    assert_int_equal(unlink("in.csv"), 0);
    assert_int_equal(csv_rows(t), ROWS);
    for (int r = 0; r < ROWS; r++)
        for (int c = 0; c < COLUMNS; c++)
            assert_string_equal(csv_field(t, r, c), fields[r][c]);
    csv_free_table(t);
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
    scratch_write("out.csv", "old\n", 4);
    assert_int_equal(chmod("out.csv", 0640), 0);
    w = begin_file("out.csv", 2);
    scratch_assert("out.csv", "old\n");
    assert_int_equal(csv_close(w, &err), SIM_OK);
    scratch_assert("out.csv", "0\n1\n");
    assert_int_equal(stat("out.csv", &st), 0);
    assert_int_equal(st.st_mode & 0777, 0640);
    assert_int_equal(access("out.csv.tmp", F_OK), -1);
    assert_int_equal(unlink("out.csv"), 0);
}

static void test_abandoned_file_leaves_the_old_one(void **state)
{
    (void)state;
    scratch_write("out.csv", "old\n", 4);
    csv_abandon(begin_file("out.csv", 100000));
    csv_abandon(NULL);
    scratch_assert("out.csv", "old\n");
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
    scratch_write("out.csv", "old\n", 4);
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
    scratch_assert("out.csv", "old\n");
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
    scratch_assert("captured", "before\n0\n1\nafter\n");
    assert_int_equal(lstat("/dev/stdout", &after), 0);
    assert_int_equal(before.st_ino, after.st_ino);
    assert_int_equal(unlink("captured"), 0);
}

static void test_link_stays_and_its_file_is_replaced(void **state)
{
    csv_writer *w;
    struct stat st;
    sim_err err;

    (void)state;
    scratch_write("real.csv", "old\n", 4);
    assert_int_equal(symlink("real.csv", "link.csv"), 0);
    w = begin_file("link.csv", 1);
    scratch_assert("real.csv", "old\n");
    assert_int_equal(csv_close(w, &err), SIM_OK);
    assert_int_equal(lstat("link.csv", &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    scratch_assert("real.csv", "0\n");
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
    scratch_write("file", "", 0);
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
    scratch_write("kept.csv", "old\n", 4);
    assert_int_equal(chmod("kept.csv", 0444), 0);
    assert_int_equal(chmod("closed", 0555), 0);
    assert_int_equal(chmod(".", 0777), 0);
    if (root)
        assert_int_equal(setegid(65534) | seteuid(65534), 0);
    assert_cannot_create("closed/out.csv", "closed/out.csv: Permission denied");
    assert_cannot_create("kept.csv", "kept.csv: Permission denied");
    if (root)
        assert_int_equal(seteuid(0) | setegid(0), 0);
    scratch_assert("kept.csv", "old\n");
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
    cmocka_unit_test(test_writes_integers_at_their_limits),
    cmocka_unit_test(test_writes_every_number_of_digits),
    cmocka_unit_test(test_writes_decimals_exactly_without_trailing_zeros),
    cmocka_unit_test(test_quotes_a_field_only_when_it_must),
    cmocka_unit_test(test_row_of_one_empty_field_is_not_an_empty_line),
    cmocka_unit_test(test_row_of_empty_fields_is_only_commas),
    cmocka_unit_test(test_each_word_is_a_field),
    cmocka_unit_test(test_unknown_decimal_is_an_empty_field),
    cmocka_unit_test(test_memory_grows_with_what_is_written),
    cmocka_unit_test(test_what_is_written_reads_back),
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
    return cmocka_run_group_tests_name("csv_write", tests, scratch_enter, scratch_leave);
}
