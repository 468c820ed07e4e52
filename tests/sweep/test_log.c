/* SPDX-License-Identifier: Apache-2.0 */
/* test_log: what a journal holds is found again, whatever happened to its files. */
#include "tests/scratch.h"

#include "sim/sweep/file.h"
#include "sim/sweep/journal.h"

static uint64_t mix(uint64_t point, uint64_t repetition)
{
    uint64_t x = (point << 20 ^ repetition) * UINT64_C(0x9e3779b97f4a7c15);

    return x ^ x >> 29;
}

static void toy_result(uint64_t point, uint32_t repetition, bytes *result)
{
    uint64_t word = mix(point, repetition);

    bytes_add_u64(result, word);
    for (uint64_t i = 0; i < word % 13; i++)
        bytes_add(result, &word, 1);
}

enum { RECORDS = 12 };
static const sweep_spec journal_spec = {
    .folder = ".", .key = "k: 1\n", .points = 3000, .repetitions = 3};
static const sweep_model journal_model = {0};

/* A journal of one file, its bytes in *image. */
static void make_journal(bytes *image)
{
    const sweep_journal_name name = {".", "k: 1\n", 0, 0};
    sweep_journal j;
    bytes result = {0};
    sim_err err;
    FILE *file;

    assert_int_equal(sweep_journal_open(".", &err), SIM_OK);
    assert_int_equal(sweep_journal_create(&name, &j, &err), SIM_OK);
    for (uint32_t i = 0; i < RECORDS; i++) {
        const sweep_task task = {.point = i / 3, .repetition = 2 - i % 3};

        bytes_clear(&result);
        toy_result(task.point, task.repetition, &result);
        sweep_journal_add(&j, &task, 0, &result);
    }
    assert_int_equal(sweep_journal_close(&j, &err), SIM_OK);
    bytes_free(&result);
    file = fopen("journal/0000-0000", "rb");
    assert_non_null(file);
    image->length = fread(bytes_extend(image, 4096), 1, 4096, file);
    assert_int_equal(fclose(file), 0);
    assert_in_range(image->length, 300, 4095);
}

/* Looks for everything; whatever is found must be right. How many were. */
static int count_found(void)
{
    sweep_log *log;
    bytes result = {0};
    bytes expected = {0};
    sim_err err;
    int found = 0;

    assert_int_equal(sweep_log_open(&journal_spec, &journal_model, &log, &err), SIM_OK);
    for (uint32_t i = 0; i < RECORDS; i++) {
        const sweep_task task = {.point = i / 3, .repetition = i % 3};

        if (!sweep_log_find(log, &task, 0, &result))
            continue;
        bytes_clear(&expected);
        toy_result(task.point, task.repetition, &expected);
        assert_int_equal(result.length, expected.length);
        assert_memory_equal(result.at, expected.at, expected.length);
        found++;
    }
    sweep_log_close(log);
    bytes_free(&result);
    bytes_free(&expected);
    return found;
}

static void a_file_cut_at_any_byte_gives_what_was_whole(void **state)
{
    bytes image = {0};
    int last = 0;

    (void)state;
    make_journal(&image);
    assert_int_equal(count_found(), RECORDS);
    for (size_t length = 0; length <= image.length; length++) {
        int found;

        scratch_write("journal/0000-0000", image.at, length);
        found = count_found();
        assert_in_range(found, last, last + 1);
        last = found;
    }
    assert_int_equal(last, RECORDS);
    bytes_free(&image);
    sweep_journal_remove(".");
}

static void a_changed_byte_is_never_taken_for_a_result(void **state)
{
    bytes image = {0};

    (void)state;
    make_journal(&image);
    for (size_t at = 0; at < image.length; at++) {
        image.at[at] ^= 0x10;
        scratch_write("journal/0000-0000", image.at, image.length);
        assert_true(count_found() < RECORDS);
        image.at[at] ^= 0x10;
    }
    bytes_free(&image);
    sweep_journal_remove(".");
}

static void results_of_several_files_are_found_in_any_order(void **state)
{
    enum { POINTS = 3000, FILES = 3 };
    sweep_journal j[FILES];
    bytes result = {0};
    bytes expected = {0};
    sweep_log *log;
    sim_err err;

    (void)state;
    assert_int_equal(sweep_journal_open(".", &err), SIM_OK);
    for (uint32_t f = 0; f < FILES; f++) {
        const sweep_journal_name name = {".", "k: 1\n", f, f};

        assert_int_equal(sweep_journal_create(&name, &j[f], &err), SIM_OK);
    }
    for (uint64_t i = 0; i < POINTS; i++) { /* blocks of 100, each backwards */
        const sweep_task task = {.point = i / 100 * 100 + 99 - i % 100};

        bytes_clear(&result);
        toy_result(task.point, 0, &result);
        sweep_journal_add(&j[mix(task.point, 7) % FILES], &task, i / 100 * 100, &result);
    }
    for (int f = 0; f < FILES; f++)
        assert_int_equal(sweep_journal_close(&j[f], &err), SIM_OK);
    assert_int_equal(sweep_journal_starts("."), FILES);
    assert_int_equal(sweep_log_open(&journal_spec, &journal_model, &log, &err), SIM_OK);
    for (uint64_t i = 0; i < POINTS; i++) {
        const sweep_task task = {.point = i};

        assert_true(sweep_log_find(log, &task, i, &result));
        bytes_clear(&expected);
        toy_result(i, 0, &expected);
        assert_int_equal(result.length, expected.length);
        assert_memory_equal(result.at, expected.at, expected.length);
        assert_false(sweep_log_find(log, &task, i, &result)); /* once only */
    }
    sweep_log_close(log);
    bytes_free(&result);
    bytes_free(&expected);
    sweep_journal_remove(".");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_cut_at_any_byte_gives_what_was_whole),
        cmocka_unit_test(a_changed_byte_is_never_taken_for_a_result),
        cmocka_unit_test(results_of_several_files_are_found_in_any_order),
    };

    return cmocka_run_group_tests_name("sweep_log", tests, scratch_enter, scratch_leave);
}
