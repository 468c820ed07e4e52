/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_journal: a file of a sweep's journal, as it is and with its checksums made right. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sim/sweep/file.h"
#include "tests/fuzz/fuzz.h"

enum { HEAD = 16, MAGIC = 8, RECORD = 32, HASH = 8, POINTS = 4, REPETITIONS = 2 };
static const char path[] = "out/journal/0000-0000";

/* What is given of a record is what the file has at its place. */
static char *check_file(const bytes *file)
{
    sweep_file f;
    sweep_file_entry entry;
    char *key = NULL;
    bytes result = {0};

    FUZZ_CHECK(sweep_file_open(path, &f, &key) >= 0, "open");
    while (sweep_file_next(&f, &entry)) {
        FUZZ_CHECK(sweep_file_result(&f, &entry, &result), "result");
        FUZZ_CHECK(result.length == entry.length, "length");
        FUZZ_CHECK(entry.offset + entry.length + HASH <= file->length, "place");
        FUZZ_CHECK(result.length == 0 ||
                       memcmp(file->at + entry.offset, result.at, result.length) == 0,
                   "record");
    }
    sweep_file_close(&f);
    bytes_free(&result);
    return key;
}

/* ---- a sweep that has ended --------------------------------------------------------------- */

static void *worker_new(void *self)
{
    return self;
}

static void worker_free(void *self, void *worker)
{
    (void)self;
    (void)worker;
}

static sim_status run(void *worker, const sweep_task *task, bytes *result, sim_err *err)
{
    (void)worker;
    (void)task;
    (void)err;
    bytes_add(result, "again", 5);
    return SIM_OK;
}

/* In order. */
static sim_status emit(void *self, const sweep_task *task, const bytes *result, sim_err *err)
{
    uint64_t *emitted = self;

    (void)result;
    (void)err;
    FUZZ_CHECK(task->point * REPETITIONS + task->repetition == *emitted, "order");
    (*emitted)++;
    return SIM_OK;
}

static sim_status emit_point(void *self, uint64_t point, sim_err *err)
{
    const uint64_t *emitted = self;

    (void)err;
    FUZZ_CHECK((point + 1) * REPETITIONS == *emitted, "order");
    return SIM_OK;
}

static sim_status collect(const char *key)
{
    uint64_t emitted = 0;
    const sweep_spec spec = {
        .folder = "out", .key = key, .points = POINTS, .repetitions = REPETITIONS, .jobs = 1};
    const sweep_model model = {.self = &emitted,
                               .sink = &emitted,
                               .worker_new = worker_new,
                               .worker_free = worker_free,
                               .run = run,
                               .emit = emit,
                               .emit_point = emit_point};
    sim_err err = {""};
    const sim_status s = sweep_collect(&spec, &model, &err);

    FUZZ_CHECK(s != SIM_OK || emitted == POINTS * REPETITIONS, "all tasks");
    if (s != SIM_OK && s != SIM_SYSTEM)
        fuzz_refused(s, &err, NULL);
    return s;
}

static void check(const bytes *file)
{
    FILE *const old_err = stderr;
    char *key;

    fuzz_write(path, file->at, file->length);
    key = check_file(file);
    stderr = fopen("/dev/null", "w"); /* which results were gone */
    FUZZ_CHECK(collect(key ? key : "") != SIM_BAD_INPUT, "its own key");
    FUZZ_CHECK(!key || strcmp(key, "another") == 0 || collect("another") == SIM_BAD_INPUT,
               "another key");
    (void)fclose(stderr);
    stderr = old_err;
    free(key);
}

/* ---- checksums ---------------------------------------------------------------------------- */

static uint64_t number(const uint8_t *at)
{
    bytes_reader r = bytes_read(at, HASH);

    return bytes_get_u64(&r);
}

/* Writes the right checksum behind each part, so far as lengths can be believed. */
static void mend(bytes *file)
{
    size_t begin = 0, head = HEAD, length_at = MAGIC;

    while (file->length - begin >= head + HASH) {
        uint64_t length = (uint32_t)number(file->at + begin + length_at), sum;

        if (length > file->length - begin - head - HASH)
            return;
        length += head;
        sum = bytes_hash(BYTES_HASH, file->at + begin, length);
        for (int i = 0; i < HASH; i++)
            file->at[begin + length + (size_t)i] = (uint8_t)(sum >> 8 * i);
        begin += length + HASH;
        head = RECORD;
        length_at = 0;
    }
}

static void take(const uint8_t *data, size_t size)
{
    bytes file = {0};

    (void)mkdir("out", 0777);
    (void)mkdir("out/journal", 0777);
    bytes_add(&file, data, size);
    check(&file);
    mend(&file);
    check(&file);
    bytes_free(&file);
}

static const char *const words[] = {"smmjrnl1", "smmjrnl2", "SMMR",     "version: ", "seed: 1\n",
                                    "\1",       "\2",       "\377\377", NULL};

const fuzz_target fuzz_journal = {.words = words, .take = take};
