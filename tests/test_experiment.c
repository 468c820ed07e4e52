/* SPDX-License-Identifier: Apache-2.0 */
/* test_experiment: where data files are found, what is said if none are, and digests of tables. */
#include <sys/stat.h>

#include "tests/rig.h"

static void shipped_files_are_shown_without_their_folder(void **state)
{
    const char *installed = experiment_folders()[1];
    char path[1024];

    (void)state;
    (void)snprintf(path, sizeof path, "%s/models/platforms/x.csv", installed);
    assert_string_equal(experiment_shown(path), "models/platforms/x.csv");
    assert_string_equal(experiment_shown("models/platforms/x.csv"), "models/platforms/x.csv");
    assert_string_equal(experiment_shown("/else/models/x.csv"), "/else/models/x.csv");
    (void)snprintf(path, sizeof path, "%s-2/x.csv", installed);
    assert_string_equal(experiment_shown(path), path);
}

static void without_a_data_folder_that_is_what_is_wrong(void **state)
{
    const char *installed = experiment_folders()[1];
    char wanted[2048];
    char path[512];
    sim_err err = {""};

    (void)state;
    if (access(installed, F_OK) == 0)
        skip();
    assert_int_equal(experiment_find("models/platforms", "qemu", path, &err), SIM_BAD_INPUT);
    (void)snprintf(wanted, sizeof wanted,
                   "platform \"qemu\": no folder models/platforms here or in %s (run smmsim in the "
                   "folder of its sources, or install it: make install)",
                   installed);
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
