/* SPDX-License-Identifier: Apache-2.0 */
/* test_folder: who owns a folder, what is of a result, and how one result replaces another. */
#include "tests/scratch.h"

#include <fcntl.h>
#include <sys/wait.h>

#include "sim/cli/folder.h"
#include "sim/lib/interrupt.h"

static const char *const names[] = {"a.csv", "b.csv", NULL};

static sim_status open_as(const char *command, int force, folder_owned **f, sim_err *err)
{
    const folder_request request = {
        .path = "out", .command = command, .names = names, .force = force};

    err->text[0] = '\0';
    return folder_open(&request, f, err);
}

static folder_owned *must_open(const char *command, int force)
{
    folder_owned *f = NULL;
    sim_err err;

    if (open_as(command, force, &f, &err) != SIM_OK)
        fail_msg("%s", err.text);
    return f;
}

static void refused(const char *command, int force, const char *text)
{
    folder_owned *f = NULL;
    sim_err err;

    assert_int_equal(open_as(command, force, &f, &err), SIM_BAD_INPUT);
    assert_string_equal(err.text, text);
    assert_null(f);
}

static void put(folder_owned *f, const char *name, const char *text)
{
    outfile *to;
    sim_err err;

    assert_int_equal(folder_file(f, name, &to, &err), SIM_OK);
    outfile_write(to, text, strlen(text));
    assert_int_equal(outfile_close(to, &err), SIM_OK);
}

/* A result of two files. */
static void make(const char *command, const char *second, const char *text)
{
    folder_owned *f = must_open(command, 0);
    sim_err err;

    put(f, "a.csv", text);
    put(f, second, text);
    assert_int_equal(folder_commit(f, &err), SIM_OK);
    folder_close(f);
}

static void clear(void)
{
    assert_int_equal(system("rm -r out"), 0);
}

/* What is in the folder, hidden files too, without run.csv. */
static void holds(const char *expected)
{
    char command[256];

    (void)snprintf(command, sizeof command,
                   "test \"$(cd out && find . -mindepth 1 -printf '%%P\\n' | grep -vx run.csv | "
                   "sort | xargs)\" = '%s'",
                   expected);
    if (system(command) != 0)
        fail_msg("not there: %s", expected);
}

static void a_list_says_what_the_tool_prints_of_each_file(void **state)
{
    (void)state;
    make("run", "hgrm/b", "123456789");
    scratch_assert("out/run.csv", "name,value,place,source\ncommand,run,,\n"
                                  "file,930766865 9,a.csv,cksum\n"
                                  "file,930766865 9,hgrm/b,cksum\n");
    holds("a.csv hgrm hgrm/b");
    clear();
}

static void one_at_a_time_owns_a_folder(void **state)
{
    folder_owned *f = must_open("run", 0), *other = NULL;
    sim_err err;

    (void)state;
    assert_int_equal(open_as("run", 1, &other, &err), SIM_SYSTEM);
    assert_string_equal(err.text,
                        "out: another smmsim is writing there (wait, or use another --out)");
    folder_close(f);
    folder_close(must_open("run", 0));
    holds("");
    clear();
}

static void a_lock_ends_with_its_process(void **state)
{
    int status;
    pid_t child;

    (void)state;
    (void)fflush(stdout);
    child = fork();
    if (child == 0) {
        put(must_open("run", 0), "a.csv", "half");
        (void)raise(SIGKILL);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    folder_close(must_open("run", 0));
    holds(""); /* and what it had begun is gone */
    clear();
}

static void a_signal_takes_along_what_is_not_complete(void **state)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};

    (void)state;
    make("run", "b.csv", "old\n");
    for (int i = 0; i < 3; i++) {
        int status;
        pid_t child = fork();

        if (child == 0) {
            sim_err err;
            outfile *to;

            interrupt_begin();
            put(must_open("run", 0), "a.csv", "half");
            assert_int_equal(outfile_create("out/single", &to, &err), SIM_OK);
            (void)raise(signals[i]);
            _exit(0);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == signals[i]);
        holds("a.csv b.csv");
        scratch_assert("out/a.csv", "old\n");
    }
    clear();
}

static void the_same_command_replaces_all_of_its_result(void **state)
{
    (void)state;
    make("run", "hgrm/b", "old\n");
    make("run", "b.csv", "new\n");
    holds("a.csv b.csv");
    scratch_assert("out/a.csv", "new\n");
    clear();
}

static void another_command_needs_force(void **state)
{
    folder_owned *f;
    sim_err err;

    (void)state;
    make("run", "b.csv", "old\n");
    refused(
        "demo", 0,
        "out: holds a result of `smmsim run` (use another --out, or add --force to replace it)");
    f = must_open("demo", 1);
    put(f, "a.csv", "new\n");
    scratch_assert("out/a.csv", "old\n"); /* until the new one is complete */
    assert_int_equal(folder_commit(f, &err), SIM_OK);
    folder_close(f);
    holds("a.csv");
    clear();
}

static void what_is_not_ours_is_never_replaced(void **state)
{
    (void)state;
    for (int force = 0; force < 2; force++) {
        make("run", "hgrm/b", "old\n");
        scratch_write("out/hgrm/b", "mine\n", 5);
        refused("run", force,
                "out/hgrm/b: changed since smmsim wrote it (move it away, or use another --out)");
        scratch_write("out/hgrm/b", "old\n", 4);
        scratch_write("out/b.csv", "mine\n", 5);
        refused("run", force,
                "out/b.csv: not of a result that run.csv lists (move it away, or use another "
                "--out)");
        scratch_assert("out/b.csv", "mine\n");
        clear();
    }
}

/* It comes while the new result is made: the old one is put back. */
static void a_file_that_comes_meanwhile_stays_and_so_does_the_old_result(void **state)
{
    folder_owned *f;
    sim_err err;

    (void)state;
    make("run", "hgrm/b", "old\n");
    f = must_open("run", 0);
    put(f, "a.csv", "new\n");
    put(f, "b.csv", "new\n");
    scratch_write("out/b.csv", "mine\n", 5);
    assert_int_equal(folder_commit(f, &err), SIM_BAD_INPUT);
    folder_close(f);
    holds("a.csv b.csv hgrm hgrm/b");
    scratch_assert("out/a.csv", "old\n");
    scratch_assert("out/b.csv", "mine\n");
    assert_int_equal(unlink("out/b.csv"), 0);
    make("run", "b.csv", "new\n");
    holds("a.csv b.csv");
    clear();
}

static void a_file_that_changes_meanwhile_stays_and_so_does_the_old_result(void **state)
{
    folder_owned *f;
    sim_err err;

    (void)state;
    make("run", "b.csv", "old\n");
    f = must_open("run", 0);
    put(f, "a.csv", "new\n");
    scratch_write("out/b.csv", "mine", 4);
    assert_int_equal(folder_commit(f, &err), SIM_SYSTEM);
    folder_close(f);
    holds("a.csv b.csv");
    scratch_assert("out/a.csv", "old\n");
    scratch_assert("out/b.csv", "mine");
    assert_int_equal(access("out/run.csv", F_OK), 0);
    clear();
}

/* As if the process had been killed between two renames: the files that are there are of the list
 * in the stage, and there is no run.csv. */
static void what_a_kill_has_left_in_the_middle_is_known_as_ours(void **state)
{
    (void)state;
    make("run", "b.csv", "new\n");
    assert_int_equal(mkdir("out/.smmsim.result.abc345", 0700), 0);
    assert_int_equal(rename("out/run.csv", "out/.smmsim.result.abc345/run.csv"), 0);
    assert_int_equal(rename("out/b.csv", "out/.smmsim.result.abc345/1"), 0);
    folder_close(must_open("demo", 0));
    holds("");
    /* But while there is a run.csv, nothing had begun. */
    make("run", "b.csv", "new\n");
    assert_int_equal(mkdir("out/.smmsim.result.abc345", 0700), 0);
    assert_int_equal(system("cp out/run.csv out/.smmsim.result.abc345/run.csv"), 0);
    scratch_write("out/.smmsim.result.abc345/notes", "mine\n", 5);
    folder_close(must_open("run", 0));
    holds(".smmsim.result.abc345 .smmsim.result.abc345/notes a.csv b.csv");
    clear();
}

static void a_list_leads_nowhere_else(void **state)
{
    static const char *const bad[] = {"../x", "/etc/x", "hgrm/../x", "journal", "hgrm/", ".."};
    folder_owned *f;
    outfile *to;
    sim_err err;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char text[128];

        assert_int_equal(mkdir("out", 0777), 0);
        (void)snprintf(text, sizeof text,
                       "name,value,place,source\ncommand,run,,\nfile,4294967295 0,%s,cksum\n",
                       bad[i]);
        scratch_write("out/run.csv", text, strlen(text));
        refused("run", 1,
                "out/run.csv: lists no files: of an older smmsim, or not of smmsim (move it away, "
                "or use another --out)");
        clear();
        f = must_open("run", 0);
        assert_int_equal(folder_file(f, bad[i], &to, &err), SIM_BAD_INPUT);
        folder_close(f);
        clear();
    }
}

static void readers_refuse_what_is_not_listed_or_changed(void **state)
{
    sim_err err;

    (void)state;
    make("run", "c.csv", "old\n");
    assert_int_equal(folder_check("out", (const char *[]){"a.csv", "none.csv", NULL}, &err),
                     SIM_OK);
    scratch_write("out/b.csv", "mine\n", 5);
    assert_int_equal(folder_check("out", names, &err), SIM_BAD_INPUT);
    assert_string_equal(err.text, "out/b.csv: not of the result that run.csv describes (not "
                                  "listed there; make the result anew)");
    scratch_write("out/a.csv", "odd\n", 4);
    assert_int_equal(folder_check("out", names, &err), SIM_BAD_INPUT);
    assert_string_equal(err.text, "out/a.csv: not of the result that run.csv describes (changed "
                                  "since; make the result anew)");
    clear();
    assert_int_equal(folder_check("out", names, &err), SIM_BAD_INPUT);
}

static void a_single_file_does_not_become_a_part_of_a_result(void **state)
{
    sim_err err;

    (void)state;
    make("run", "c.csv", "old\n");
    assert_int_equal(folder_spare("out/b.csv", names, &err), SIM_BAD_INPUT);
    assert_int_equal(folder_spare("out/c.csv", names, &err), SIM_BAD_INPUT);
    assert_int_equal(folder_spare("out/d.csv", names, &err), SIM_OK);
    assert_int_equal(folder_spare("b.csv", names, &err), SIM_OK);
    clear();
}

/* A set-up that fails has made no folder: its teardown finds nothing to remove. */
static void a_teardown_without_a_folder_removes_nothing(void **state)
{
    void *none = NULL;

    (void)state;
    scratch_write("mine", "", 0);
    assert_int_equal(scratch_leave_all(&none), 1);
    assert_int_equal(scratch_leave(&none), 1);
    assert_int_equal(unlink("mine"), 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_list_says_what_the_tool_prints_of_each_file),
    cmocka_unit_test(one_at_a_time_owns_a_folder),
    cmocka_unit_test(a_lock_ends_with_its_process),
    cmocka_unit_test(a_signal_takes_along_what_is_not_complete),
    cmocka_unit_test(the_same_command_replaces_all_of_its_result),
    cmocka_unit_test(another_command_needs_force),
    cmocka_unit_test(what_is_not_ours_is_never_replaced),
    cmocka_unit_test(a_file_that_comes_meanwhile_stays_and_so_does_the_old_result),
    cmocka_unit_test(a_file_that_changes_meanwhile_stays_and_so_does_the_old_result),
    cmocka_unit_test(what_a_kill_has_left_in_the_middle_is_known_as_ours),
    cmocka_unit_test(a_list_leads_nowhere_else),
    cmocka_unit_test(readers_refuse_what_is_not_listed_or_changed),
    cmocka_unit_test(a_teardown_without_a_folder_removes_nothing),
    cmocka_unit_test(a_single_file_does_not_become_a_part_of_a_result),
};

int main(void)
{
    return cmocka_run_group_tests_name("folder", tests, scratch_enter, scratch_leave);
}
