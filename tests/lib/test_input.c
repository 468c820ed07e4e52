/* SPDX-License-Identifier: Apache-2.0 */
/* test_input: only regular files are read, nothing is waited for, and sizes have a limit. */
#include <sys/socket.h>
#include <sys/un.h>

#include "tests/scratch.h"

#include "sim/lib/input.h"
#include "sim/sweep/file.h"

enum { PATIENCE = 20 }; /* seconds, then SIGALRM ends the test: something was waited for */

static void assert_refused(const char *path, const char *what)
{
    bytes all = {0};
    FILE *file = NULL;
    char wanted[400];
    sim_err err[2];

    assert_int_equal(input_stream(path, &file, &err[0]), SIM_BAD_INPUT);
    assert_int_equal(input_read(path, 1 << 20, &all, &err[1]), SIM_BAD_INPUT);
    assert_null(file);
    assert_int_equal(all.length, 0);
    bytes_free(&all);
    (void)snprintf(wanted, sizeof wanted, "%s: %s", path, what);
    for (int i = 0; i < 2; i++)
        assert_string_equal(err[i].text, wanted);
}

static void what_is_no_regular_file_is_refused_without_waiting(void **state)
{
    const struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = "socket"};
    int s = socket(AF_UNIX, SOCK_STREAM, 0);
    sweep_file journal;
    char *key = NULL;

    (void)state;
    assert_int_equal(mkfifo("pipe", 0600), 0);
    assert_int_equal(symlink("pipe", "link"), 0);
    assert_int_equal(bind(s, (const struct sockaddr *)&name, sizeof name), 0);
    (void)alarm(PATIENCE);
    assert_refused("pipe", "a pipe (write what comes out of it to a file first)");
    assert_refused("link", "a pipe (write what comes out of it to a file first)");
    assert_refused("socket", "a socket (name a file)");
    assert_refused("/dev/zero", "a device (name a file)");
    assert_refused("/dev/null", "a device (name a file)");
    assert_refused("..", "a folder (name a file in it)");
    assert_refused("no/such", "No such file or directory");
    assert_int_equal(sweep_file_open("pipe", &journal, &key), 0); /* counts as empty */
    sweep_file_close(&journal);
    assert_null(key);
    (void)alarm(0);
    assert_int_equal(close(s), 0);
    assert_int_equal(unlink("pipe") | unlink("link") | unlink("socket"), 0);
}

static void a_file_is_read_whole_up_to_its_limit(void **state)
{
    enum { SIZE = 1 << 20 };
    char *text = malloc(SIZE + 1);
    bytes all = {0};
    sim_err err;

    (void)state;
    assert_non_null(text);
    for (size_t i = 0; i <= SIZE; i++)
        text[i] = (char)(i % 251);
    scratch_write("in", text, SIZE);
    assert_int_equal(input_read("in", SIZE, &all, &err), SIM_OK);
    assert_int_equal(all.length, SIZE);
    assert_memory_equal(all.at, text, SIZE);
    scratch_write("in", text, SIZE + 1);
    assert_int_equal(input_read("in", SIZE, &all, &err), SIM_BAD_INPUT);
    assert_string_equal(err.text, "in:1:1: the file is larger than 1 MiB (split it)");
    scratch_write("in", "", 0);
    assert_int_equal(input_read("in", SIZE, &all, &err), SIM_OK);
    assert_int_equal(all.length, 0);
    bytes_free(&all);
    free(text);
    assert_int_equal(unlink("in"), 0);
}

/* A file of /proc is regular and says that it has no bytes. */
static void a_file_that_does_not_know_its_size_is_read(void **state)
{
    bytes all = {0};
    sim_err err;

    (void)state;
    assert_int_equal(input_read("/proc/self/status", 1 << 20, &all, &err), SIM_OK);
    assert_true(all.length > 5 && memcmp(all.at, "Name:", 5) == 0);
    bytes_free(&all);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_regular_file_is_refused_without_waiting),
        cmocka_unit_test(a_file_is_read_whole_up_to_its_limit),
        cmocka_unit_test(a_file_that_does_not_know_its_size_is_read),
    };

    return cmocka_run_group_tests_name("input", tests, scratch_enter, scratch_leave);
}
