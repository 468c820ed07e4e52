/* SPDX-License-Identifier: Apache-2.0 */
/* sweep_job: loads a point, keeps its machine for all its repetitions, packs what they leave. */
#include "sim/cli/sweep_job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/output.h"

/* What a thread has. */
typedef struct {
    sweep_job *job;
    sweep_job_bench *bench;
    attempt attempt; /* of the bench's point, or of none */
    uint64_t inputs;
    uint64_t cpus; /* of the points that it has checked */
    uint8_t varies[P_COUNT];
} worker;

void sweep_job_settings(const sweep_job *job, uint64_t point, sweep_settings *out)
{
    grid_get(job->grid, point, &out->point);
    out->count = 0;
    for (int i = 0; i < job->options->settings; i++)
        out->setting[out->count++] = job->options->setting[i];
    for (int i = 0; i < out->point.count; i++)
        out->setting[out->count++] = out->point.setting[i];
}

/* ---- a point ---------------------------------------------------------------------------- */

sweep_job_bench *sweep_job_bench_new(void)
{
    sweep_job_bench *b = sim_alloc(1, sizeof *b);

    b->shelf = experiment_shelf_new();
    return b;
}

static void unload(sweep_job_bench *b)
{
    if (b->loaded)
        experiment_free(&b->experiment);
    b->loaded = 0;
}

void sweep_job_bench_free(sweep_job_bench *b)
{
    unload(b);
    experiment_shelf_free(b->shelf);
    free(b);
}

sim_status sweep_job_bench_load(const sweep_job *job, sweep_job_bench *b, uint64_t point,
                                sim_err *err)
{
    experiment_request request = {.setting = b->settings.setting, .shelf = b->shelf};
    const char *row = b->settings.point.row;
    sim_status s;

    if (b->loaded && b->point == point)
        return SIM_OK;
    unload(b);
    sweep_job_settings(job, point, &b->settings);
    request.count = b->settings.count;
    s = experiment_load_from(&request, &b->experiment, err);
    if (s != SIM_OK)
        return strncmp(err->text, row, strlen(row)) == 0 ? s : err_prefix(err, s, "%s", row);
    b->loaded = 1;
    b->point = point;
    return SIM_OK;
}

/* A table is printed by the name of its file; its draws say what is in it. */
static uint64_t hash_dist(const dist *d)
{
    char text[GRID_VALUE_MAX];
    int64_t value = dist_is_constant(d) ? dist_mean(d) : -1;
    uint64_t hash = bytes_hash_u64(BYTES_HASH, (uint64_t)value);

    if (value >= 0)
        return hash;
    (void)dist_print(d, text, sizeof text);
    hash = bytes_hash(hash, text, strlen(text));
    for (uint64_t i = 0; i < 256; i++) {
        int64_t draw = dist_draw(d, i << 56 | 0x5555555555);

        hash = bytes_hash_u64(hash, (uint64_t)draw);
    }
    return hash;
}

static uint64_t hash_value(const param_set *params, int id)
{
    int64_t number;

    if (param_is_auto(params, id))
        return 0;
    switch (params_table.defs[id].kind) {
    case PARAM_LATENCY:
        return hash_dist(param_dist(params, id));
    case PARAM_NAME:
    case PARAM_ENUM:
    case PARAM_CPUS:
        return bytes_hash(BYTES_HASH, param_name(params, id), strlen(param_name(params, id)));
    default:
        number = param_int(params, id);
        return bytes_hash_u64(BYTES_HASH, (uint64_t)number);
    }
}

sim_status sweep_job_begin(sweep_job *job, sim_err *err)
{
    sweep_job_bench *b = sweep_job_bench_new();
    sim_status s = sweep_job_bench_load(job, b, 0, err);

    for (int id = 0; id < P_COUNT && s == SIM_OK; id++)
        job->reference[id] = hash_value(b->experiment.params, id);
    sweep_job_bench_free(b);
    return s;
}

/* ---- callbacks -------------------------------------------------------------------------- */

void *sweep_job_worker_new(void *self)
{
    worker *w = sim_alloc(1, sizeof *w);

    w->job = self;
    w->bench = sweep_job_bench_new();
    attempt_init(&w->attempt);
    return w;
}

void sweep_job_worker_free(void *self, void *worker_of)
{
    sweep_job *job = self;
    worker *w = worker_of;

    job->inputs += w->inputs;
    job->cpus += w->cpus;
    for (int id = 0; id < P_COUNT; id++)
        job->varies[id] |= w->varies[id];
    attempt_free(&w->attempt);
    sweep_job_bench_free(w->bench);
    free(w);
}

sim_status sweep_job_check(void *worker_of, uint64_t point, sim_err *err)
{
    worker *w = worker_of;
    const experiment *e = &w->bench->experiment;
    uint64_t hash = BYTES_HASH;
    sim_status s = sweep_job_bench_load(w->job, w->bench, point, err);

    if (s != SIM_OK)
        return s;
    for (int id = 0; id < P_COUNT; id++) {
        uint64_t value = hash_value(e->params, id);

        w->varies[id] |= value != w->job->reference[id];
        hash = bytes_hash_u64(hash, value);
    }
    hash = bytes_hash_u64(hash, e->platform_digest);
    hash = bytes_hash_u64(hash, e->workload_digest);
    /* A sum, since points are checked in any order; its own number goes into each term. */
    w->inputs += bytes_hash_u64(hash, point);
    w->cpus += (uint64_t)param_int(e->params, P_CPUS);
    return SIM_OK;
}

static void pack(const worker *w, const sweep_task *task, bytes *result)
{
    const attempt *a = &w->attempt;
    trial_source source = {.record = &a->record, .one = &a->one, .used = a->used};
    csv_writer *rows[TRIAL_DETAILS] = {NULL};

    if (w->job->options->detail) {
        for (int i = 0; i < TRIAL_DETAILS; i++)
            rows[i] = csv_to_memory();
        output_detail_rows(rows, task->point, task->repetition, &a->record);
        for (int i = 0; i < TRIAL_DETAILS; i++)
            source.detail[i] = csv_memory(rows[i], &source.detail_length[i]);
    }
    trial_pack(result, &source);
    for (int i = 0; i < TRIAL_DETAILS; i++)
        csv_abandon(rows[i]);
}

/* Said once, since it may befall many; the points of the result say the rest. */
static void tell_broken(const worker *w, const sweep_task *task)
{
    if (!__atomic_exchange_n(&w->job->warned, 1, __ATOMIC_RELAXED))
        (void)fprintf(stderr, "smmsim: point %llu, repetition %u: %s",
                      (unsigned long long)task->point, task->repetition, w->attempt.record.stuck);
}

sim_status sweep_job_run(void *worker_of, const sweep_task *task, bytes *result, sim_err *err)
{
    worker *w = worker_of;

    if (!w->attempt.setup || w->bench->point != task->point) {
        sim_status s;

        attempt_setup(&w->attempt, NULL);
        s = sweep_job_bench_load(w->job, w->bench, task->point, err);
        if (s != SIM_OK)
            return s;
        attempt_setup(&w->attempt, &w->bench->experiment.setup);
    }
    if (!attempt_run(&w->attempt, w->job->options->seed, task->repetition))
        tell_broken(w, task);
    pack(w, task, result);
    return SIM_OK;
}

int64_t sweep_job_worker_cpus(const void *worker_of)
{
    const worker *w = worker_of;

    SIM_ASSERT(w->bench->loaded);
    return param_int(w->bench->experiment.params, P_CPUS);
}

int sweep_job_usable(const void *self, const bytes *result)
{
    trial t = {0};
    int usable;

    (void)self;
    metrics_init(&t.one);
    usable = trial_unpack(result, &t);
    metrics_free(&t.one);
    return usable;
}

void sweep_job_value(const void *self, const bytes *result, bytes *value)
{
    const sweep_job *job = self;
    trial t = {0};

    metrics_init(&t.one);
    if (trial_unpack(result, &t))
        measure_goal_value(&job->goal, &t.one, value);
    metrics_free(&t.one);
}

void sweep_job_tally_add(const void *self, void *tally, const bytes *value)
{
    const sweep_job *job = self;

    measure_tally_add(&job->goal, tally, value);
}

int sweep_job_enough(const void *self, const void *tally, uint32_t repetitions)
{
    const sweep_job *job = self;

    SIM_ASSERT(repetitions > 1);
    return measure_goal_enough(&job->goal, tally);
}
