/* SPDX-License-Identifier: Apache-2.0 */
/* test_journal: what a journal says is input: changed, damaged, cut off, or in very many files. */
#include "tests/rig.h"

#include <fcntl.h>
#include <sys/resource.h>

#include "sim/sweep/file.h"
#include "sim/sweep/journal.h"
#include "sim/cli/hgrm.h"
#include "sim/cli/output.h"
#include "workloads/trial.h"

#ifdef __SANITIZE_ADDRESS__
enum { BIT_STEP = 6, BYTE_STEP = 61 };
#else
enum { BIT_STEP = 3, BYTE_STEP = 29 };
#endif
enum { POINTS = 3, REPETITIONS = 2, RECORDS = POINTS * REPETITIONS };

/* ---- a sweep of the machine ------------------------------------------------------------- */

typedef struct {
    rig *rig;
    bytes result[RECORDS]; /* as they should be */
    int runs;              /* made again */
    int emitted;
    int changed; /* emitted, and not what it should be */
} field;

static const sweep_task all_tasks[RECORDS] = {{.point = 0}, {.point = 0, .repetition = 1},
                                              {.point = 1}, {.point = 1, .repetition = 1},
                                              {.point = 2}, {.point = 2, .repetition = 1}};

static void *field_worker(void *self)
{
    return self;
}

static void field_no_worker(void *self, void *worker)
{
    assert_ptr_equal(self, worker);
}

static sim_status field_run(void *worker, const sweep_task *task, bytes *result, sim_err *err)
{
    field *f = worker;
    const bytes *whole = &f->result[task->point * REPETITIONS + task->repetition];

    (void)err;
    f->runs++;
    bytes_add(result, whole->at, whole->length);
    return SIM_OK;
}

static int field_usable(const void *self, const bytes *result)
{
    trial *t = sim_alloc(1, sizeof *t);
    int usable;

    (void)self;
    metrics_init(&t->one);
    usable = trial_unpack(result, t);
    metrics_free(&t->one);
    free(t);
    return usable;
}

/* All that a sweep does with a result: nothing of it may break an invariant. */
static void use(const trial *t)
{
    static const run_record nothing;
    metrics_point *p = sim_alloc(1, sizeof *p);
    output o = {.reps = csv_to_memory(),
                .summary = csv_to_memory(),
                .hist = csv_to_memory(),
                .ops = csv_to_memory()};
    FILE *percentiles = fopen("/dev/null", "w");

    metrics_point_init(p);
    metrics_point_add(p, &t->one, &nothing);
    metrics_point_add(p, &t->one, &nothing);
    output_reps_rows(o.reps, 1, 2, &t->one);
    output_point(&o, 1, p);
    for (int i = 0; i < TRIAL_DETAILS; i++)
        csv_rows_from(o.ops, t->detail[i], t->detail_length[i]);
    assert_non_null(percentiles);
    hgrm_write(percentiles, &p->all.time[METRIC_SKEW]); /* they take long */
    assert_int_equal(fclose(percentiles), 0);
    assert_true(t->outcome < TRIAL_OUTCOMES && t->stuck_length < sizeof nothing.stuck);
    output_abandon(&o);
    metrics_point_free(p);
    free(p);
}

/* Whether the bytes are taken for a trial, and then used. */
static int try_trial(const bytes *packed)
{
    trial *t = sim_alloc(1, sizeof *t);
    int fine;

    metrics_init(&t->one);
    fine = trial_unpack(packed, t);
    if (fine)
        use(t);
    metrics_free(&t->one);
    free(t);
    return fine;
}

static sim_status field_emit(void *self, const sweep_task *task, const bytes *result, sim_err *err)
{
    field *f = self;
    const bytes *whole = &f->result[task->point * REPETITIONS + task->repetition];

    (void)err;
    assert_true(try_trial(result));
    f->emitted++;
    f->changed +=
        whole->length != result->length || memcmp(whole->at, result->at, whole->length) != 0;
    return SIM_OK;
}

static sim_status field_point(void *self, uint64_t point, sim_err *err)
{
    (void)self;
    (void)point;
    (void)err;
    return SIM_OK;
}

static sweep_model model_of(field *f)
{
    return (sweep_model){.self = f,
                         .worker_new = field_worker,
                         .worker_free = field_no_worker,
                         .run = field_run,
                         .usable = field_usable,
                         .sink = f,
                         .emit = field_emit,
                         .emit_point = field_point};
}

static const sweep_spec spec = {.folder = ".",
                                .key = "k: 1\n",
                                .points = POINTS,
                                .repetitions = REPETITIONS,
                                .jobs = 1,
                                .team = 1,
                                .resume = 1};

static void pack_run(rig *g, uint32_t repetition, bytes *to)
{
    csv_writer *rows[TRIAL_DETAILS];
    trial_source source = {.record = &g->r, .used = machine_used(g->m)};
    metrics one;

    rig_again(g, 1, repetition, NULL);
    metrics_init(&one);
    metrics_collect(&one, &g->r);
    source.one = &one;
    for (int i = 0; i < TRIAL_DETAILS; i++)
        rows[i] = csv_to_memory();
    output_detail_rows(rows, repetition / REPETITIONS, repetition % REPETITIONS, &g->r);
    for (int i = 0; i < TRIAL_DETAILS; i++)
        source.detail[i] = csv_memory(rows[i], &source.detail_length[i]);
    trial_pack(to, &source);
    for (int i = 0; i < TRIAL_DETAILS; i++)
        csv_abandon(rows[i]);
    metrics_free(&one);
}

static void field_init(field *f)
{
    *f = (field){.rig = sim_alloc(1, sizeof *f->rig)};
    rig_load(f->rig, "0,get,Boot0001,,,,2\n", "smi.entry=uniform(1us,9us)");
    for (uint32_t i = 0; i < RECORDS; i++)
        pack_run(f->rig, i, &f->result[i]);
}

static void field_free(field *f)
{
    for (int i = 0; i < RECORDS; i++)
        bytes_free(&f->result[i]);
    rig_free(f->rig);
    free(f->rig);
}

/* ---- journals --------------------------------------------------------------------------- */

static void put_file(const char *path, const bytes *image)
{
    (void)mkdir("journal", 0777);
    scratch_write(path, image->at, image->length);
}

/* A file with all results; where the last one begins goes to *last. */
static void image_of(const field *f, bytes *image, size_t *last)
{
    bytes_clear(image);
    sweep_file_head(image, spec.key);
    for (uint32_t i = 0; i < RECORDS; i++) {
        sweep_file_entry entry = {
            .point = all_tasks[i].point, .repetition = all_tasks[i].repetition, .ordinal = i};

        *last = image->length;
        sweep_file_record(image, &entry, &f->result[i]);
    }
}

/* Standard error of what happens between the two. */
static int catch_begin(void)
{
    const int before = dup(STDERR_FILENO);
    const int to = open("said", O_RDWR | O_CREAT | O_TRUNC, 0666);

    assert_true(before >= 0 && to >= 0);
    assert_int_equal(dup2(to, STDERR_FILENO), STDERR_FILENO);
    assert_int_equal(close(to), 0);
    return before;
}

static void catch_end(int before, char said[1024])
{
    FILE *from;

    assert_int_equal(dup2(before, STDERR_FILENO), STDERR_FILENO);
    assert_int_equal(close(before), 0);
    from = fopen("said", "r");
    assert_non_null(from);
    said[fread(said, 1, 1023, from)] = '\0';
    assert_int_equal(fclose(from) | unlink("said"), 0);
}

/* Goes on with the journal that is there, to the end. */
static void finish(field *f, char said[1024])
{
    sweep_model model = model_of(f);
    sweep_count count;
    sim_err err = {""};
    const int before = catch_begin();
    const sim_status ran = sweep_run(&spec, &model, &count, &err);
    sim_status collected;

    assert_int_equal(ran, SIM_OK);
    f->emitted = f->changed = 0;
    collected = sweep_collect(&spec, &model, &err);
    catch_end(before, said);
    assert_int_equal(collected, SIM_OK);
    assert_int_equal(f->emitted, RECORDS);
    sweep_journal_remove(".");
}

/* ---- tests ------------------------------------------------------------------------------ */

/* What is consistent is a result, wherever it comes from; nothing else is, and nothing aborts. */
static void a_changed_result_is_refused_or_fit_for_use(void **state)
{
    static const uint8_t values[] = {0, 0x7f, 0x80, 0xff};
    field f;
    int refused = 0, all = 0;

    (void)state;
    field_init(&f);
    assert_true(try_trial(&f.result[0]));
    for (size_t at = 0; at < f.result[0].length; at++) {
        const uint8_t was = f.result[0].at[at];

        for (int bit = at % 2; bit < 8; bit += BIT_STEP) {
            f.result[0].at[at] = (uint8_t)(was ^ 1 << bit);
            refused += !try_trial(&f.result[0]);
            all++;
        }
        for (size_t i = 0; i < sizeof values; i += BIT_STEP / 3) {
            f.result[0].at[at] = values[i];
            (void)try_trial(&f.result[0]);
        }
        f.result[0].at[at] = was;
    }
    assert_true(refused > all / 3); /* a digest, a figure of detail may be any */
    field_free(&f);
}

/* Each byte of a record, with the hash that fits. */
static void a_changed_record_is_redone_or_fit_for_use(void **state)
{
    field f;
    bytes image = {0}, changed = {0};
    char said[1024];
    size_t last;
    int redone = 0;

    (void)state;
    field_init(&f);
    image_of(&f, &image, &last);
    for (size_t at = last; at < image.length - 8; at += at < last + 32 ? 1 : BYTE_STEP) {
        for (uint8_t change = 1; change != 0; change = (uint8_t)(change << 4)) {
            bytes_clear(&changed);
            bytes_add(&changed, image.at, image.length - 8);
            changed.at[at] ^= change;
            bytes_add_u64(&changed,
                          bytes_hash(BYTES_HASH, changed.at + last, changed.length - last));
            put_file("journal/0000-0000", &changed);
            f.runs = 0;
            finish(&f, said);
            assert_in_range(f.runs, 0, 2); /* it may stand for another task */
            redone += f.runs > 0;
            /* no such point, or all points below one that is above its own were done */
            if ((at > last + 8 && at < last + 16) || (at > last + 24 && at < last + 32))
                assert_non_null(strstr(said, "1 run not used (1 implausible)"));
            assert_int_equal(f.runs > 0 && f.changed > 1, 0);
        }
    }
    assert_true(redone > 40);
    bytes_free(&image);
    bytes_free(&changed);
    field_free(&f);
}

/* The sums do not fit the cells: the histogram would give up when it is asked. */
static void sums_that_do_not_fit_the_cells_are_no_histogram(void **state)
{
    static const int64_t values[] = {5, 300, 70000};
    bytes packed = {0};
    hist h;

    (void)state;
    h = (hist){0};
    for (int i = 0; i < 3; i++)
        hist_add(&h, values[i]);
    hist_pack_add(&packed, &h);
    hist_free(&h);
    for (size_t at = 0; at < packed.length; at++)
        for (int bit = 0; bit < 7; bit++) {
            bytes_reader r;

            packed.at[at] ^= (uint8_t)(1 << bit);
            r = bytes_read(packed.at, packed.length);
            hist_pack_get(&r, &h);
            if (!r.bad && r.left == 0 && h.count > 0)
                for (uint32_t ppm = 0; ppm <= 1000000; ppm += 100000)
                    assert_in_range(hist_quantile(&h, ppm), h.min, h.max);
            hist_free(&h);
            packed.at[at] ^= (uint8_t)(1 << bit);
        }
    bytes_free(&packed);
}

static void what_is_not_used_is_said_once_with_its_file(void **state)
{
    static const char tail[] = "; what is missing is made again\n";
    field f;
    bytes image = {0};
    char said[1024], expected[256];
    size_t last;

    (void)state;
    field_init(&f);
    image_of(&f, &image, &last);
    put_file("journal/0000-0000", &image);
    finish(&f, said);
    assert_string_equal(said, "");
    assert_int_equal(f.runs, 0);

    image.length--; /* in the last one */
    put_file("journal/0000-0000", &image);
    finish(&f, said);
    assert_int_equal(f.runs, 1);
    (void)snprintf(expected, sizeof expected, "smmsim: ./journal/0000-0000: %s%s",
                   "1 run not used (1 cut off at its end)", tail);
    assert_string_equal(said, expected);
    image.length++;

    image.at[last - 9] ^= 1; /* in the one before: those behind it are found again */
    put_file("journal/0000-0000", &image);
    f.runs = 0;
    finish(&f, said);
    assert_int_equal(f.runs, 1);
    (void)snprintf(expected, sizeof expected, "smmsim: ./journal/0000-0000: %s%s",
                   "1 run not used (1 damaged)", tail);
    assert_string_equal(said, expected);

    memset(image.at + 100, 0, last - 50 - 100); /* all but the last one, lengths and all */
    put_file("journal/0000-0000", &image);
    f.runs = 0;
    finish(&f, said);
    assert_int_equal(f.runs, RECORDS - 1);
    (void)snprintf(expected, sizeof expected, "smmsim: ./journal/0000-0000: %s%s",
                   "5 runs not used (5 damaged)", tail);
    assert_string_equal(said, expected);

    image.at[16] ^= 1; /* in the key: with another beginning it would be no file of ours */
    put_file("journal/0000-0000", &image);
    finish(&f, said);
    (void)snprintf(expected, sizeof expected, "smmsim: ./journal/0000-0000: %s%s",
                   "nothing of it is used (its head is damaged)", tail);
    assert_string_equal(said, expected);
    assert_int_equal(f.changed, 0);
    bytes_free(&image);
    field_free(&f);
}

/* The hash is right: somebody meant it. A good one in another file is taken. */
static void a_result_that_cannot_be_gives_way_to_one_that_can(void **state)
{
    field f;
    bytes image = {0}, result = {0};
    char said[1024];

    (void)state;
    field_init(&f);
    for (int file = 0; file < 2; file++) {
        char path[32];

        bytes_clear(&image);
        sweep_file_head(&image, spec.key);
        for (uint32_t i = 0; i < RECORDS; i++) {
            sweep_file_entry entry = {
                .point = all_tasks[i].point, .repetition = all_tasks[i].repetition, .ordinal = i};

            bytes_clear(&result);
            bytes_add(&result, f.result[i].at, f.result[i].length);
            if (file == 0)
                result.at[0] = 2; /* the outcome */
            sweep_file_record(&image, &entry, &result);
        }
        (void)snprintf(path, sizeof path, "journal/%04d-0000", file);
        put_file(path, &image);
    }
    finish(&f, said);
    assert_int_equal(f.runs | f.changed, 0);
    assert_string_equal(said, "smmsim: ./journal/0000-0000: 6 runs not used (6 implausible); "
                              "what is missing is made again\n");
    bytes_free(&image);
    bytes_free(&result);
    field_free(&f);
}

static void an_empty_result_is_read_like_any_other(void **state)
{
    sweep_file_entry entry = {.point = 1};
    bytes image = {0}, nothing = {0}, result = {0};
    bytes_reader r = bytes_read(NULL, 0);
    sweep_file file;
    char *key;

    (void)state;
    assert_null(bytes_get(&r, 0));
    assert_false(r.bad);
    sweep_file_head(&image, spec.key);
    sweep_file_record(&image, &entry, &nothing);
    put_file("journal/0000-0000", &image);
    assert_int_equal(sweep_file_open("journal/0000-0000", &file, &key), 1);
    assert_true(sweep_file_next(&file, &entry));
    assert_true(sweep_file_result(&file, &entry, &result));
    assert_int_equal(result.length, 0);
    assert_false(sweep_file_next(&file, &entry));
    sweep_file_close(&file);
    free(key);
    bytes_free(&image);
    bytes_free(&result);
    sweep_journal_remove(".");
}

/* What is gone when all was run: the sweep ends nevertheless. */
static void a_result_that_is_gone_at_the_end_is_made_again(void **state)
{
    field f;
    sweep_model model;
    sweep_count count;
    sim_err err = {""};
    char said[1024];
    int before;

    (void)state;
    field_init(&f);
    model = model_of(&f);
    assert_int_equal(sweep_run(&spec, &model, &count, &err), SIM_OK);
    assert_int_equal(truncate("journal/0000-0000", 100), 0);
    before = catch_begin();
    assert_int_equal(sweep_collect(&spec, &model, &err), SIM_OK);
    catch_end(before, said);
    assert_int_equal(f.emitted, RECORDS);
    assert_int_equal(f.changed, 0);
    assert_string_equal(said, "smmsim: ./journal: 6 runs were gone at the end and made again\n");
    sweep_journal_remove(".");
    field_free(&f);
}

static sim_status not_ready(const void *self, const sweep_spec *of, sim_err *err)
{
    (void)self;
    return err_set(err, SIM_SYSTEM, "%s: no place", of->folder);
}

static void what_cannot_be_done_at_the_end_is_not_begun(void **state)
{
    field f = {0};
    sweep_model model = model_of(&f);
    sweep_count count;
    sim_err err;

    (void)state;
    model.ready = not_ready;
    assert_int_equal(sweep_run(&spec, &model, &count, &err), SIM_SYSTEM);
    assert_string_equal(err.text, ".: no place");
    assert_int_equal(f.runs, 0);
    assert_int_equal(access("journal", F_OK), -1);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_changed_result_is_refused_or_fit_for_use),
        cmocka_unit_test(a_changed_record_is_redone_or_fit_for_use),
        cmocka_unit_test(sums_that_do_not_fit_the_cells_are_no_histogram),
        cmocka_unit_test(what_is_not_used_is_said_once_with_its_file),
        cmocka_unit_test(a_result_that_cannot_be_gives_way_to_one_that_can),
        cmocka_unit_test(an_empty_result_is_read_like_any_other),
        cmocka_unit_test(a_result_that_is_gone_at_the_end_is_made_again),
        cmocka_unit_test(what_cannot_be_done_at_the_end_is_not_begun),
    };

    return cmocka_run_group_tests_name("journal", tests, scratch_enter, scratch_leave);
}
