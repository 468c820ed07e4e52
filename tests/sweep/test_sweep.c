/* SPDX-License-Identifier: Apache-2.0 */
/* test_sweep: order, resumption and journals of sweeps, with a model of a few bytes. */
#include "tests/scratch.h"

#include <sys/resource.h>

#include "sim/sweep/file.h"
#include "sim/sweep/journal.h"
#include "sim/sweep/plan.h"
#include "sim/sweep/progress.h"

/* ---- a model: results that tell their task ---------------------------------------------- */

typedef struct {
    uint64_t seed;
    int runs;     /* made so far */
    int fail_at;  /* that run fails; 0: none does */
    int workers;  /* alive */
    uint64_t bad; /* point that a check refuses */
    bytes seen;   /* emitted, one after the other */
    uint64_t next;
    uint32_t next_repetition;
} toy;

static uint64_t mix(uint64_t point, uint64_t repetition)
{
    uint64_t x = (point << 20 ^ repetition) * UINT64_C(0x9e3779b97f4a7c15);

    return x ^ x >> 29;
}

static void *toy_new(void *self)
{
    toy *t = self;

    (void)__atomic_add_fetch(&t->workers, 1, __ATOMIC_RELAXED);
    return t;
}

static void toy_free(void *self, void *worker)
{
    toy *t = self;

    assert_ptr_equal(self, worker);
    (void)__atomic_sub_fetch(&t->workers, 1, __ATOMIC_RELAXED);
}

static sim_status toy_check(void *worker, uint64_t point, sim_err *err)
{
    toy *t = worker;

    if (point < t->bad)
        return SIM_OK;
    return err_set(err, SIM_BAD_INPUT, "point %llu is wrong", (unsigned long long)point);
}

static void toy_result(uint64_t point, uint32_t repetition, bytes *result)
{
    uint64_t word = mix(point, repetition);

    bytes_add_u64(result, word);
    for (uint64_t i = 0; i < word % 13; i++)
        bytes_add(result, &word, 1);
}

static sim_status toy_run(void *worker, const sweep_task *task, bytes *result, sim_err *err)
{
    toy *t = worker;
    int run = __atomic_add_fetch(&t->runs, 1, __ATOMIC_RELAXED);

    if (t->fail_at && run >= t->fail_at)
        return err_set(err, SIM_SYSTEM, "run %d failed", t->fail_at);
    /* Of very different length, so that threads overtake each other. */
    for (volatile uint64_t i = mix(task->point, task->repetition) % 3000; i > 0; i--)
        ;
    toy_result(task->point, task->repetition, result);
    return SIM_OK;
}

static void toy_value(const void *self, const bytes *result, bytes *value)
{
    (void)self;
    bytes_add_varint(value, result->length % 5);
}

typedef struct {
    uint64_t count, sum;
} toy_tally;

static void *toy_tally_new(void)
{
    return sim_alloc(1, sizeof(toy_tally));
}

static void toy_tally_add(const void *self, void *tally, const bytes *value)
{
    bytes_reader r = bytes_read(value->at, value->length);
    toy_tally *t = tally;

    (void)self;
    t->count++;
    t->sum += bytes_get_varint(&r);
    assert_true(!r.bad && r.left == 0);
}

/* Some points have enough at once, some after a few rounds, some never. */
static int toy_enough(const void *self, const void *tally, uint32_t repetitions)
{
    const toy_tally *t = tally;

    (void)self;
    assert_int_equal(t->count, repetitions);
    return t->sum % 3 == 0;
}

static int never_enough(const void *self, const void *tally, uint32_t repetitions)
{
    (void)self;
    (void)tally;
    (void)repetitions;
    return 0;
}

static sim_status toy_emit(void *self, const sweep_task *task, const bytes *result, sim_err *err)
{
    toy *t = self;
    bytes expected = {0};

    (void)err;
    assert_int_equal(task->point, t->next);
    assert_int_equal(task->repetition, t->next_repetition++);
    toy_result(task->point, task->repetition, &expected);
    assert_int_equal(result->length, expected.length);
    assert_memory_equal(result->at, expected.at, expected.length);
    bytes_free(&expected);
    bytes_add_block(&t->seen, result->at, result->length);
    return SIM_OK;
}

static sim_status toy_point(void *self, uint64_t point, sim_err *err)
{
    toy *t = self;

    (void)err;
    assert_int_equal(point, t->next++);
    assert_true(t->next_repetition > 0);
    t->next_repetition = 0;
    return SIM_OK;
}

static sweep_model model_of(toy *t)
{
    return (sweep_model){.self = t,
                         .worker_new = toy_new,
                         .worker_free = toy_free,
                         .check = toy_check,
                         .run = toy_run,
                         .value = toy_value,
                         .tally_new = toy_tally_new,
                         .tally_add = toy_tally_add,
                         .tally_free = free,
                         .sink = t,
                         .emit = toy_emit,
                         .emit_point = toy_point};
}

static const sweep_spec small = {
    .folder = ".", .key = "seed: 1\n", .points = 40, .repetitions = 5, .jobs = 2};

static void collect(const sweep_spec *spec, const sweep_model *model)
{
    toy *t = model->self;
    sim_err err = {""};
    sim_status s = sweep_collect(spec, model, &err);

    assert_string_equal(err.text, "");
    assert_int_equal(s, SIM_OK);
    assert_int_equal(t->next, spec->points);
    assert_int_equal(sweep_forget(spec, &err), SIM_OK);
    assert_int_equal(t->workers, 0);
}

/* ---- whole sweeps ----------------------------------------------------------------------- */

static void results_come_in_order_on_any_number_of_threads(void **state)
{
    static const int jobs[] = {1, 2, 3, 8};
    bytes first = {0};

    (void)state;
    for (int i = 0; i < 4; i++) {
        toy t = {.bad = UINT64_MAX};
        sweep_model model = model_of(&t);
        sweep_spec spec = small;
        sweep_count count;
        sim_err err;

        spec.jobs = jobs[i];
        assert_int_equal(sweep_run(&spec, &model, &count, &err), SIM_OK);
        assert_int_equal(count.tasks, 200);
        assert_int_equal(t.runs, 200);
        collect(&spec, &model);
        if (i == 0)
            first = t.seen;
        assert_int_equal(t.seen.length, first.length);
        assert_memory_equal(t.seen.at, first.at, first.length);
        if (i > 0)
            bytes_free(&t.seen);
    }
    bytes_free(&first);
}

static void repetitions_until_enough_do_not_depend_on_threads(void **state)
{
    bytes first = {0};

    (void)state;
    for (int jobs = 1; jobs <= 3; jobs++) {
        toy t = {.bad = UINT64_MAX};
        sweep_model model = model_of(&t);
        sweep_spec spec = small;
        sweep_count count;
        sim_err err;

        model.enough = toy_enough;
        spec.jobs = jobs;
        spec.repetitions = 50;
        assert_int_equal(sweep_run(&spec, &model, &count, &err), SIM_OK);
        assert_true(count.tasks > 40 * 8 && count.tasks < 40 * 50);
        collect(&spec, &model);
        if (jobs == 1)
            first = t.seen;
        assert_int_equal(t.seen.length, first.length);
        assert_memory_equal(t.seen.at, first.at, first.length);
        if (jobs > 1)
            bytes_free(&t.seen);
    }
    bytes_free(&first);
}

static void a_stopped_sweep_goes_on_and_makes_only_what_is_missing(void **state)
{
    toy t = {.bad = UINT64_MAX, .fail_at = 60};
    sweep_model model = model_of(&t);
    sweep_spec spec = small;
    sweep_count count;
    sim_err err;
    uint64_t kept;

    (void)state;
    assert_int_equal(sweep_run(&spec, &model, &count, &err), SIM_SYSTEM);
    assert_string_equal(err.text, "run 60 failed");
    kept = count.tasks;
    assert_true(kept >= 58 && kept <= 60);
    assert_int_equal(sweep_run(&spec, &model, &count, &err), SIM_BAD_INPUT);
    assert_non_null(strstr(err.text, "an unfinished sweep is there (add --resume"));
    spec.resume = 1;
    for (int again = 0; again < 2; again++) {
        t = (toy){.bad = UINT64_MAX, .fail_at = again == 0 ? 60 : 0};
        assert_int_equal(sweep_run(&spec, &model, &count, &err), again == 0 ? SIM_SYSTEM : SIM_OK);
        assert_int_equal(count.before, kept);
        assert_int_equal((uint64_t)t.runs + kept - count.tasks <= 2, 1);
        kept = count.tasks;
    }
    assert_int_equal(kept, 200);
    collect(&spec, &model);
    bytes_free(&t.seen);
}

static void another_key_is_refused_and_says_what_differs(void **state)
{
    toy t = {.bad = UINT64_MAX, .fail_at = 30};
    sweep_model model = model_of(&t);
    sweep_spec spec = small;
    sweep_count count;
    sim_err err;

    (void)state;
    spec.key = "version: 1\nseed: 1\n";
    assert_int_equal(sweep_run(&spec, &model, &count, &err), SIM_SYSTEM);
    spec.resume = 1;
    spec.key = "version: 1\nseed: 2\n";
    assert_int_equal(sweep_run(&spec, &model, &count, &err), SIM_BAD_INPUT);
    assert_string_equal(err.text, "./journal/0000-0000: of another sweep: \"seed: 1\" there, "
                                  "\"seed: 2\" now (use another --out, or remove the journal)");
    sweep_journal_remove(".");
}

static void nothing_is_left_of_a_sweep_that_fails_at_once(void **state)
{
    toy t = {.bad = UINT64_MAX, .fail_at = 1};
    sweep_model model = model_of(&t);
    sweep_count count;
    sim_err err;

    (void)state;
    assert_int_equal(sweep_run(&small, &model, &count, &err), SIM_SYSTEM);
    assert_int_equal(access("journal", F_OK), -1);
    assert_int_equal(t.workers, 0);
}

static void the_lowest_wrong_point_is_the_error(void **state)
{
    (void)state;
    for (uint64_t bad = 0; bad < 4000; bad += 333) {
        toy t = {.bad = bad};
        sweep_model model = model_of(&t);
        sweep_spec spec = small;
        sim_err err;
        char expected[64];

        spec.points = 4000;
        spec.jobs = 3;
        (void)snprintf(expected, sizeof expected, "point %llu is wrong", (unsigned long long)bad);
        assert_int_equal(sweep_check(&spec, &model, &err), SIM_BAD_INPUT);
        assert_string_equal(err.text, expected);
    }
}

/* ---- the plan --------------------------------------------------------------------------- */

static void a_worker_stays_at_a_point_and_helps_at_the_end(void **state)
{
    toy t = {0};
    sweep_model model = model_of(&t);
    sweep_spec spec = {.points = 2, .repetitions = 3};
    sweep_plan p;
    sweep_task task[7];
    static const uint64_t points[] = {0, 1, 0, 0, 1, 1};
    static const int workers[] = {0, 1, 0, 0, 0, 1};

    (void)state;
    sweep_plan_init(&p, &spec, &model);
    for (int i = 0; i < 6; i++) {
        assert_int_equal(sweep_plan_next(&p, workers[i], &task[i]), PLAN_TASK);
        assert_int_equal(task[i].point, points[i]);
    }
    assert_int_equal(sweep_plan_next(&p, 0, &task[6]), PLAN_WAIT);
    for (int i = 5; i >= 0; i--) {
        assert_int_equal(sweep_plan_next(&p, 0, &task[6]), PLAN_WAIT);
        sweep_plan_done(&p, &task[i], NULL);
    }
    assert_int_equal(sweep_plan_next(&p, 0, &task[6]), PLAN_END);
    sweep_plan_free(&p);
}

/* One task that does not end holds the others up, but late: memory has an end. */
static void tasks_do_not_run_away_from_one_that_hangs(void **state)
{
    toy t = {0};
    sweep_model model = model_of(&t);
    sweep_spec spec = {.points = UINT64_C(1) << 40, .repetitions = 3};
    sweep_task hanging, task;
    sweep_plan p;
    uint64_t given = 0;

    (void)state;
    sweep_plan_init(&p, &spec, &model);
    assert_int_equal(sweep_plan_next(&p, 0, &hanging), PLAN_TASK);
    for (; sweep_plan_next(&p, 1, &task) == PLAN_TASK; given++)
        sweep_plan_done(&p, &task, NULL);
    assert_in_range(given, PLAN_AHEAD / 2, PLAN_AHEAD);
    sweep_plan_done(&p, &hanging, NULL);
    assert_int_equal(sweep_plan_next(&p, 1, &task), PLAN_TASK);
    sweep_plan_free(&p);
}

/* As many restarts of many ranks leave. Neither descriptors nor a table of fixed size may be short,
 * at the end of all work above all. */
static void two_thousand_files_are_read_with_few_descriptors(void **state)
{
    enum { FILES = 2000, OF_EACH = 4 };
    struct rlimit before;
    toy t = {.bad = UINT64_MAX};
    sweep_model model = model_of(&t);
    sweep_spec spec = small;
    sweep_count count;
    bytes image = {0}, result = {0};
    sim_err err;

    (void)state;
    spec.points = FILES * OF_EACH / spec.repetitions;
    spec.resume = 1;
    assert_int_equal(mkdir("journal", 0777), 0);
    for (uint32_t f = 0; f < FILES; f++) {
        char path[40];

        bytes_clear(&image);
        sweep_file_head(&image, spec.key);
        for (uint32_t i = 0; i < OF_EACH; i++) { /* early and late tasks in every file */
            const uint64_t task = (uint64_t)i * FILES + (i % 2 ? FILES - 1 - f : f);
            sweep_file_entry entry = {.point = task / spec.repetitions,
                                      .repetition = (uint32_t)(task % spec.repetitions),
                                      .ordinal = i};

            bytes_clear(&result);
            toy_result(entry.point, entry.repetition, &result);
            sweep_file_record(&image, &entry, &result);
        }
        (void)snprintf(path, sizeof path, "journal/%04u-%04u", f / 32, f % 32);
        scratch_write(path, image.at, image.length);
    }
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &(struct rlimit){32, before.rlim_max}), 0);
    assert_int_equal(sweep_run(&spec, &model, &count, &err), SIM_OK);
    assert_int_equal(count.before, FILES * OF_EACH);
    assert_int_equal(t.runs, 0);
    assert_int_equal(sweep_collect(&spec, &model, &err), SIM_OK);
    assert_int_equal(t.next, spec.points);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    sweep_journal_remove(".");
    bytes_free(&t.seen);
    bytes_free(&image);
    bytes_free(&result);
}

/* What was there stays there, though nothing of it was looked at. */
static void a_resumed_sweep_that_fails_at_once_keeps_its_journal(void **state)
{
    sweep_file_entry entry = {.point = 1};
    toy t = {.bad = UINT64_MAX, .fail_at = 1};
    sweep_model model = model_of(&t);
    sweep_spec spec = small;
    bytes image = {0}, result = {0};
    sweep_count count;
    sim_err err;

    (void)state;
    toy_result(1, 0, &result);
    sweep_file_head(&image, spec.key);
    sweep_file_record(&image, &entry, &result);
    assert_int_equal(mkdir("journal", 0777), 0);
    scratch_write("journal/0000-0000", image.at, image.length);
    spec.resume = 1;
    spec.jobs = 1;
    assert_int_equal(sweep_run(&spec, &model, &count, &err), SIM_SYSTEM);
    assert_int_equal(count.tasks, 0);
    assert_int_equal(access("journal/0000-0000", F_OK), 0);
    sweep_journal_remove(".");
    bytes_free(&image);
    bytes_free(&result);
}

/* ---- progress --------------------------------------------------------------------------- */

static void progress_says_how_far_how_fast_how_long(void **state)
{
    const sweep_progress_state a = {41, 100, 410, 590, INT64_C(10000000000)};
    const sweep_progress_state b = {0, 9, 1, 7200, INT64_C(1000000000)};
    const sweep_progress_state c = {1, 9, 0, 5, 0};
    char text[128];

    (void)state;
    sweep_progress_text(&a, text, sizeof text);
    assert_string_equal(text, "41 of 100 points, 410 runs, 41 runs/s, 0:14 left");
    sweep_progress_text(&b, text, sizeof text);
    assert_string_equal(text, "0 of 9 points, 1 runs, 1.0 runs/s, 2:00:00 left");
    sweep_progress_text(&c, text, sizeof text);
    assert_string_equal(text, "1 of 9 points, 0 runs");
}

/* 8 repetitions, then half as many as there are, up to the limit. */
static void each_round_of_repetitions_is_half_of_what_was_made(void **state)
{
    static const uint32_t rounds[] = {8, 4, 6, 9, 13, 10, 0};
    toy t = {.bad = UINT64_MAX};
    sweep_model model = model_of(&t);
    sweep_spec spec = small;
    uint32_t made = 0;

    (void)state;
    model.enough = never_enough;
    spec.repetitions = 50;
    for (size_t i = 0; i < sizeof rounds / sizeof rounds[0]; i++) {
        assert_int_equal(sweep_plan_more(&spec, &model, NULL, made), rounds[i]);
        made += rounds[i];
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_come_in_order_on_any_number_of_threads),
        cmocka_unit_test(repetitions_until_enough_do_not_depend_on_threads),
        cmocka_unit_test(a_stopped_sweep_goes_on_and_makes_only_what_is_missing),
        cmocka_unit_test(another_key_is_refused_and_says_what_differs),
        cmocka_unit_test(nothing_is_left_of_a_sweep_that_fails_at_once),
        cmocka_unit_test(the_lowest_wrong_point_is_the_error),
        cmocka_unit_test(a_worker_stays_at_a_point_and_helps_at_the_end),
        cmocka_unit_test(tasks_do_not_run_away_from_one_that_hangs),
        cmocka_unit_test(two_thousand_files_are_read_with_few_descriptors),
        cmocka_unit_test(a_resumed_sweep_that_fails_at_once_keeps_its_journal),
        cmocka_unit_test(progress_says_how_far_how_fast_how_long),
        cmocka_unit_test(each_round_of_repetitions_is_half_of_what_was_made),
    };

    return cmocka_run_group_tests_name("sweep", tests, scratch_enter, scratch_leave);
}
