/* SPDX-License-Identifier: Apache-2.0 */
/* test_journal_link: a link in the place of a journal leads to what is somebody else's. */
#include "tests/scratch.h"

#include "sim/sweep/journal.h"

static void a_journal_behind_a_link_is_neither_seen_nor_removed(void **state)
{
    const sweep_journal_name name = {.folder = "theirs", .key = "seed: 1\n", .start = 3};
    sweep_journal j;
    sim_err err;

    (void)state;
    assert_int_equal(mkdir("theirs", 0777) | mkdir("ours", 0777), 0);
    assert_int_equal(sweep_journal_open("theirs", &err), SIM_OK);
    assert_int_equal(sweep_journal_create(&name, &j, &err), SIM_OK);
    assert_int_equal(sweep_journal_close(&j, &err), SIM_OK);
    assert_int_equal(symlink("../theirs/journal", "ours/journal"), 0);
    assert_true(sweep_journal_there("theirs"));
    assert_int_equal(sweep_journal_starts("theirs"), 4);
    assert_false(sweep_journal_there("ours"));
    assert_int_equal(sweep_journal_starts("ours"), 0);
    sweep_journal_remove("ours");
    assert_true(sweep_journal_there("theirs"));
    sweep_journal_remove("theirs");
    assert_false(sweep_journal_there("theirs"));
    assert_int_equal(unlink("ours/journal") | rmdir("ours") | rmdir("theirs"), 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_journal_behind_a_link_is_neither_seen_nor_removed),
    };

    return cmocka_run_group_tests_name("journal_link", tests, scratch_enter, scratch_leave);
}
