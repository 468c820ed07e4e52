/* SPDX-License-Identifier: Apache-2.0 */
/* test_trial_bytes: bytes that say what no repetition leaves behind are no trial. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "workloads/trial.h"

/* Two SMIs of 5 each, and what the runs' rows are. */
typedef struct {
    run_record record;
    metrics one;
    const char *rows;
} sample;

static sample *new_sample(void)
{
    sample *s = sim_alloc(1, sizeof *s);

    record_init(&s->record);
    metrics_init(&s->one);
    hist_add(&s->one.time[METRIC_SMI], 5);
    hist_add(&s->one.time[METRIC_SMI], 5);
    s->one.count[COUNT_SMIS] = 2;
    s->one.phase[0] = 3;
    s->one.phase[PHASE_COUNT - 1] = 7;
    s->rows = "a,b\nc,d\n";
    return s;
}

/* Whether it can be read back when `change` has been made to its bytes; frees it. */
static int is_trial(sample *s, void (*change)(bytes *packed))
{
    static const uint8_t used[P_COUNT];
    trial *back = sim_alloc(1, sizeof *back);
    bytes packed = {0};
    int fits;

    trial_pack(&packed, &(trial_source){.record = &s->record,
                                        .one = &s->one,
                                        .used = used,
                                        .detail = {s->rows},
                                        .detail_length = {strlen(s->rows)}});
    if (change)
        change(&packed);
    metrics_init(&back->one);
    fits = trial_unpack(&packed, back);
    metrics_free(&back->one);
    metrics_free(&s->one);
    record_free(&s->record);
    bytes_free(&packed);
    free(back);
    free(s);
    return fits;
}

static void phases_add_up_to_the_latency(void **state)
{
    sample *s = new_sample();

    (void)state;
    assert_true(is_trial(s, NULL));
    s = new_sample();
    s->one.phase[0]--;
    assert_false(is_trial(s, NULL));
}

static void outcome_is_what_the_counters_say(void **state)
{
    static const struct {
        uint64_t hang, stopped;
        const char *stuck;
        trial_outcome outcome;
    } rows[] = {
        {0, 0, "", TRIAL_OK},
        {0, 0, "broken invariant", TRIAL_BROKEN},
        {0, 1, "stopped", TRIAL_STOPPED},
        {1, 0, "hang", TRIAL_HANG},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (int told = 0; told < 2; told++) {
            sample *s = new_sample();

            s->record.count.hang = rows[i].hang;
            s->record.count.stopped = rows[i].stopped;
            (void)snprintf(s->record.stuck, sizeof s->record.stuck, "%s", rows[i].stuck);
            s->one.count[COUNT_HANG] = told ? rows[i].hang : !rows[i].hang;
            s->one.count[COUNT_STOPPED] = told ? rows[i].stopped : 0;
            assert_int_equal(trial_outcome_of(&s->record), rows[i].outcome);
            assert_int_equal(is_trial(s, NULL), told);
        }
}

static void what_is_printed_is_text(void **state)
{
    static const struct {
        const char *stuck;
        int fits;
    } rows[] = {{"a\nb", 1}, {"a\tb", 0}, {"a\x7f", 0}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sample *s = new_sample();

        (void)snprintf(s->record.stuck, sizeof s->record.stuck, "%s", rows[i].stuck);
        assert_int_equal(is_trial(s, NULL), rows[i].fits);
    }
}

static void rows_are_whole_and_of_one_width(void **state)
{
    static const struct {
        const char *rows;
        int fits;
    } cases[] = {{"", 1},         {"a,b\n", 1},        {"a,b\nc,d\n", 1},
                 {"a,b\nc\n", 0}, {"a,b\nc,d,e\n", 0}, {"a,b\nc,d", 0}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sample *s = new_sample();

        s->rows = cases[i].rows;
        assert_int_equal(is_trial(s, NULL), cases[i].fits);
    }
}

static void add_a_byte(bytes *packed)
{
    *bytes_extend(packed, 1) = 0;
}

static void nothing_is_left_over(void **state)
{
    (void)state;
    assert_false(is_trial(new_sample(), add_a_byte));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(phases_add_up_to_the_latency),
        cmocka_unit_test(outcome_is_what_the_counters_say),
        cmocka_unit_test(what_is_printed_is_text),
        cmocka_unit_test(rows_are_whole_and_of_one_width),
        cmocka_unit_test(nothing_is_left_over),
    };

    return cmocka_run_group_tests_name("trial_bytes", tests, NULL, NULL);
}
