/* SPDX-License-Identifier: Apache-2.0 */
/* test_experiment: where data files are found, what is said if none are, and digests of tables. */
#include <sys/stat.h>

#include "tests/rig.h"
#include "workloads/folders.h"

/* Where `make install` puts them: the last folder. */
static void installed(char path[FOLDERS_BYTES])
{
    folders all;

    folders_find(&all);
    (void)snprintf(path, FOLDERS_BYTES, "%s", all.path[all.count - 1]);
}

static void shipped_files_are_shown_without_their_folder(void **state)
{
    char last[FOLDERS_BYTES];
    char path[1024];

    (void)state;
    installed(last);
    (void)snprintf(path, sizeof path, "%s/models/platforms/x.csv", last);
    assert_string_equal(folders_shown(path), "models/platforms/x.csv");
    assert_string_equal(folders_shown("models/platforms/x.csv"), "models/platforms/x.csv");
    assert_string_equal(folders_shown("/else/models/x.csv"), "/else/models/x.csv");
    (void)snprintf(path, sizeof path, "%s-2/models/platforms/x.csv", last);
    assert_string_equal(folders_shown(path), path);
    (void)snprintf(path, sizeof path, "%s/mine.csv", last); /* not one of those that are shipped */
    assert_string_equal(folders_shown(path), path);
}

static void without_a_data_folder_that_is_what_is_wrong(void **state)
{
    char last[FOLDERS_BYTES];
    char wanted[2048];
    char path[512];
    sim_err err = {""};

    (void)state;
    installed(last);
    if (access(last, F_OK) == 0)
        skip();
    assert_int_equal(experiment_find("models/platforms", "qemu", path, &err), SIM_BAD_INPUT);
    (void)snprintf(
        wanted, sizeof wanted,
        "platform \"qemu\": no folder models/platforms here, beside the program or in %s "
        "(run smmsim where it was built, or install it: make install)",
        last);
    assert_string_equal(err.text, wanted);
    assert_int_equal(mkdir("models", 0777) | mkdir("models/platforms", 0777), 0);
    assert_int_equal(experiment_find("models/platforms", "qemu", path, &err), SIM_BAD_INPUT);
    assert_string_equal(err.text, "unknown platform \"qemu\" (`smmsim list platforms` shows all)");
    assert_int_equal(rmdir("models/platforms") | rmdir("models"), 0);
}

static void write_table(const char *count)
{
    char text[64];

    (void)snprintf(text, sizeof text, "latency,count\n1us,%s\n2us,1\n", count);
    scratch_write("t.csv", text, strlen(text));
}

static void digests(const char *rows, const char *settings, uint64_t out[2])
{
    rig g;

    rig_load(&g, rows, settings);
    out[0] = experiment_tables(&g.e);
    out[1] = g.e.workload_digest;
    rig_free(&g);
}

static void what_a_table_holds_is_in_the_digests(void **state)
{
    static const char *const set = "smi.rsm=table(t.csv)";
    static const char *const rows = "0,smi,,,table(t.csv),,2\n";
    uint64_t none[2], before[2], after[2], again[2];

    (void)state;
    write_table("1");
    digests("0,smi,,,1us,,2\n", "cpus=1", none);
    digests(rows, set, before);
    write_table("2");
    digests(rows, set, after);
    write_table("1");
    digests(rows, set, again);
    assert_int_equal(unlink("t.csv"), 0);
    assert_true(none[0] == 0 && before[0] != 0);
    for (int i = 0; i < 2; i++) {
        assert_true(before[i] != after[i]);
        assert_true(before[i] == again[i]);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(shipped_files_are_shown_without_their_folder),
        cmocka_unit_test(without_a_data_folder_that_is_what_is_wrong),
        cmocka_unit_test(what_a_table_holds_is_in_the_digests),
    };

    return cmocka_run_group_tests_name("experiment", tests, scratch_enter, scratch_leave);
}
