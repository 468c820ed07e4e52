/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_trial: bytes are no trial, or a trial that packs to the same and can be summed up. */
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "sim/cli/output.h"
#include "workloads/trial.h"
#include "tests/hist_equal.h"

/* A record of which the trial may have been packed; 0: there is none. */
static int record_of(const trial *t, run_record *record)
{
    record->digest = t->digest;
    record->count.hang = t->outcome == TRIAL_HANG;
    record->count.stopped = t->outcome == TRIAL_STOPPED;
    (void)snprintf(record->stuck, sizeof record->stuck, "%.*s", (int)t->stuck_length, t->stuck);
    return trial_outcome_of(record) == t->outcome && strlen(record->stuck) == t->stuck_length;
}

static void pack(bytes *to, const trial *t, const run_record *record)
{
    trial_source source = {.record = record, .one = &t->one, .used = t->used};

    for (int i = 0; i < TRIAL_DETAILS; i++) {
        source.detail[i] = t->detail[i];
        source.detail_length[i] = t->detail_length[i];
    }
    trial_pack(to, &source);
}

/* A number may be written longer than it must be: so once more, from what was packed. */
static void pack_and_unpack(const trial *t, const run_record *record)
{
    trial *back = sim_alloc(1, sizeof *back);
    bytes first = {0}, second = {0};

    pack(&first, t, record);
    metrics_init(&back->one);
    FUZZ_CHECK(trial_unpack(&first, back), "what was packed");
    for (int i = 0; i < METRIC_TIME_COUNT; i++)
        FUZZ_CHECK(hist_equal(&t->one.time[i], &back->one.time[i]), metric_time_names[i]);
    pack(&second, back, record);
    FUZZ_CHECK(first.length == second.length, "packed again");
    FUZZ_CHECK(memcmp(first.at, second.at, first.length) == 0, "packed again");
    metrics_free(&back->one);
    bytes_free(&first);
    bytes_free(&second);
    free(back);
}

/* As the report of a sweep does it. */
static void sum_up(const trial *t)
{
    static const run_record whole;
    output o = {.reps = csv_to_memory(), .summary = csv_to_memory(), .hist = csv_to_memory()};
    metrics_point *p = sim_alloc(1, sizeof *p);

    metrics_point_init(p);
    metrics_point_add(p, &t->one, &whole);
    metrics_point_add(p, &t->one, &whole);
    output_reps_rows(o.reps, 0, 0, &t->one);
    output_point(&o, 0, p);
    metrics_point_free(p);
    output_abandon(&o);
    free(p);
}

static void take(const uint8_t *data, size_t size)
{
    const bytes from = {.at = (uint8_t *)(uintptr_t)data, .length = size, .room = size};
    run_record *record = sim_alloc(1, sizeof *record);
    trial *t = sim_alloc(1, sizeof *t);

    metrics_init(&t->one);
    if (trial_unpack(&from, t)) {
        if (record_of(t, record))
            pack_and_unpack(t, record);
        sum_up(t);
    }
    metrics_free(&t->one);
    free(t);
    free(record);
}

static const char *const words[] = {"\200\200\200\200\1", "\377\377\377\377\377\377\377\377\377\1",
                                    "\177", NULL};

const fuzz_target fuzz_trial = {.words = words, .take = take};
