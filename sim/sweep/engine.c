/* SPDX-License-Identifier: Apache-2.0 */
/* engine: threads that take tasks, run them and put the results into the journal. */
#include "sim/sweep/engine.h"

#include <errno.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sim/sweep/mpi.h"
#include "sim/sweep/progress.h"

enum { NAP_NS = 200000, CLERK_NS = 2000000, TALK_NS = 300000 };
#define WRITE_EVERY_NS INT64_C(100000000)
#define SYNC_EVERY_NS INT64_C(1000000000)

void sweep_engine_lock(sweep_engine *e)
{
    omp_set_lock(e->lock);
}

void sweep_engine_unlock(sweep_engine *e)
{
    omp_unset_lock(e->lock);
}

void sweep_engine_nap(int64_t ns)
{
    const struct timespec t = {.tv_nsec = (long)ns};

    (void)nanosleep(&t, NULL);
}

int64_t sweep_engine_clock(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void sweep_engine_stop(sweep_engine *e, sim_status status, const char *why)
{
    SIM_ASSERT(status != SIM_OK);
    if (e->status == SIM_OK)
        e->status = err_set(&e->err, status, "%s", why);
    __atomic_store_n(&e->stop, 1, __ATOMIC_RELAXED);
}

void sweep_engine_add_task(bytes *to, const sweep_task *task)
{
    bytes_add_varint(to, task->point);
    bytes_add_varint(to, task->ticket);
    bytes_add_varint(to, task->repetition);
}

static int stopped(const sweep_engine *e)
{
    return __atomic_load_n(&e->stop, __ATOMIC_RELAXED);
}

/* ---- tasks in and out, with the lock held ----------------------------------------------- */

/* What a result tells, until the next one is asked; nothing if nobody wants to know. */
static const bytes *value_of(sweep_engine *e, const bytes *result)
{
    bytes_clear(&e->value);
    if (e->model->enough)
        e->model->value(e->model->self, result, &e->value);
    return &e->value;
}

plan_answer sweep_engine_next(sweep_engine *e, int worker, sweep_task *task)
{
    for (;;) {
        plan_answer answer = sweep_plan_next(&e->plan, worker, task);

        if (answer != PLAN_TASK || !e->log ||
            !sweep_log_find(e->log, task, e->plan.first, &e->scratch))
            return answer;
        sweep_plan_done(&e->plan, task, value_of(e, &e->scratch));
        e->count.before++;
        e->count.tasks++;
    }
}

/* From the queue: best of the point that the thread is at, else of one that no other is at. */
static plan_answer from_queue(sweep_engine *e, int thread, sweep_task *task)
{
    int best = 0;
    int best_rank = 2;

    SIM_ASSERT(e->rank > 0 && e->queued >= 0 && e->queued <= SWEEP_QUEUE);
    if (e->queued == 0)
        return e->no_more ? PLAN_END : PLAN_WAIT;
    for (int i = 0; i < e->queued && best_rank > 0; i++) {
        int rank = e->queue[i].point != e->holds[thread];

        for (int t = 0; t < e->threads && rank == 1; t++)
            rank += e->holds[t] == e->queue[i].point;
        if (rank < best_rank) {
            best = i;
            best_rank = rank;
        }
    }
    *task = e->queue[best];
    e->queued--;
    memmove(&e->queue[best], &e->queue[best + 1], (size_t)(e->queued - best) * sizeof e->queue[0]);
    return PLAN_TASK;
}

static plan_answer take(sweep_engine *e, int thread, sweep_task *task)
{
    plan_answer answer;

    SIM_ASSERT(thread >= 0 && thread < e->threads);
    if (stopped(e))
        return PLAN_END;
    if (e->rank == 0)
        answer = sweep_engine_next(e, thread, task);
    else
        answer = from_queue(e, thread, task);
    if (answer == PLAN_TASK)
        e->holds[thread] = task->point;
    return answer;
}

static void report(sweep_engine *e, const sweep_task *task, const bytes *value)
{
    SIM_ASSERT(e->rank > 0);
    sweep_engine_add_task(&e->reports, task);
    bytes_add_block(&e->reports, value->at, value->length);
    e->reported++;
}

static void give(sweep_engine *e, const sweep_task *task, const bytes *result)
{
    uint64_t first = e->rank == 0 ? e->plan.first : e->first;
    const bytes *value = value_of(e, result);

    SIM_ASSERT(first <= task->point && task->point < e->spec->points);
    sweep_journal_add(&e->journal, task, first, result);
    e->count.tasks++;
    if (e->rank == 0)
        sweep_plan_done(&e->plan, task, value);
    else
        report(e, task, value);
}

/* ---- threads ---------------------------------------------------------------------------- */

/* One that takes tasks. */
typedef struct {
    sweep_engine *engine;
    int thread;
    void *worker;
    bytes result;
} hand;

static void hand_begin(hand *h, sweep_engine *e, int thread)
{
    *h = (hand){.engine = e, .thread = thread, .worker = e->model->worker_new(e->model->self)};
}

static void hand_end(hand *h)
{
    sweep_engine *e = h->engine;

    SIM_ASSERT(h->worker != NULL);
    sweep_engine_lock(e);
    e->model->worker_free(e->model->self, h->worker);
    sweep_engine_unlock(e);
    bytes_free(&h->result);
    (void)__atomic_sub_fetch(&e->working, 1, __ATOMIC_RELEASE);
}

/* One task, or a nap if there is none now. 0: there will be none any more. */
static int work(hand *h)
{
    sweep_engine *e = h->engine;
    sweep_task task;
    plan_answer answer;
    sim_status s;
    sim_err err;

    sweep_engine_lock(e);
    answer = take(e, h->thread, &task);
    sweep_engine_unlock(e);
    if (answer == PLAN_WAIT)
        sweep_engine_nap(NAP_NS);
    if (answer != PLAN_TASK)
        return answer != PLAN_END;
    bytes_clear(&h->result);
    s = e->model->run(h->worker, &task, &h->result, &err);
    sweep_engine_lock(e);
    if (s == SIM_OK)
        give(e, &task, &h->result);
    else
        sweep_engine_stop(e, s, err.text);
    sweep_engine_unlock(e);
    return s == SIM_OK;
}

/* Writes what there is, and stops everything when the disk is full. */
static void write_journal(sweep_engine *e, int sync)
{
    sim_err err;

    if (e->journal.fd < 0) /* it could not be made: the status says so */
        return;
    sweep_engine_lock(e);
    sweep_journal_write(&e->journal);
    sweep_engine_unlock(e);
    /* Outside of the lock, since it takes long; this thread alone opens and closes the file. */
    if (sync && fdatasync(e->journal.fd) != 0) {
        sweep_engine_lock(e);
        e->journal.error = e->journal.error ? e->journal.error : errno;
        sweep_engine_unlock(e);
    }
    if (e->journal.error && !stopped(e)) {
        sweep_engine_lock(e);
        sweep_engine_stop(
            e, err_set(&err, SIM_SYSTEM, "%s: %s", e->journal.path, strerror(e->journal.error)),
            err.text);
        sweep_engine_unlock(e);
    }
}

/* What must happen while tasks run. */
typedef struct {
    int64_t written, synced;
    sweep_progress progress;
} desk;

static void attend(sweep_engine *e, desk *d)
{
    const int64_t now = sweep_engine_clock();

    sweep_mpi_talk(e);
    if (sweep_signalled() && !stopped(e)) {
        sweep_engine_lock(e);
        sweep_engine_stop(e, SIM_INTERRUPTED, "interrupted");
        sweep_engine_unlock(e);
    }
    if (now - d->written >= WRITE_EVERY_NS) {
        const int sync = now - d->synced >= SYNC_EVERY_NS;

        d->written = now;
        write_journal(e, sync);
        d->synced = sync ? now : d->synced;
    }
    sweep_progress_show(&d->progress, e, now);
}

/* The first thread; where there are not enough of them it takes tasks as well. */
static void clerk(sweep_engine *e, int works)
{
    const int64_t now = sweep_engine_clock();
    desk d = {.written = now, .synced = now};
    hand h;

    sweep_progress_begin(&d.progress, e);
    if (works)
        hand_begin(&h, e, 0);
    while (__atomic_load_n(&e->working, __ATOMIC_ACQUIRE) > 0) {
        attend(e, &d);
        if (!works) {
            sweep_engine_nap(e->ranks > 1 ? TALK_NS : CLERK_NS);
        } else if (!work(&h)) {
            hand_end(&h);
            works = 0;
        }
    }
    sweep_progress_end(&d.progress);
}

static void worker(sweep_engine *e, int thread)
{
    hand h;

    hand_begin(&h, e, thread);
    while (work(&h))
        ;
    hand_end(&h);
}

/* The journal is closed before the others hear that this rank is done. */
static void leave(sweep_engine *e)
{
    sim_err err;
    sim_status s = sweep_journal_close(&e->journal, &err);

    if (s != SIM_OK)
        sweep_engine_stop(e, s, err.text);
    while (!sweep_mpi_leave(e))
        sweep_engine_nap(TALK_NS);
}

/* A thread for each job, and one more for the clerk if it is to be had. */
static void run_team(sweep_engine *e, int team)
{
    const int jobs = e->threads;

    omp_set_dynamic(0);
#pragma omp parallel num_threads(team)
    {
        const int thread = omp_get_thread_num(), threads = omp_get_num_threads();
        const int works = threads <= jobs; /* the clerk does */

#pragma omp single
        e->threads = e->working = threads - !works;
        if (thread == 0)
            clerk(e, works);
        else
            worker(e, thread - !works);
    }
}

sim_status sweep_engine_run(sweep_engine *e)
{
    e->lock = sim_alloc(1, sizeof(omp_lock_t));
    omp_init_lock(e->lock);
    e->threads = sweep_jobs(e->spec->jobs);
    SIM_ASSERT(e->threads > 0 && e->rank >= 0 && e->rank < e->ranks);
    e->aim = e->threads < SWEEP_QUEUE ? e->threads : SWEEP_QUEUE;
    e->ranks_left = e->ranks - 1;
    e->holds = sim_alloc((uint64_t)e->threads, sizeof *e->holds);
    memset(e->holds, 0xff, (size_t)e->threads * sizeof *e->holds);
    if (e->spec->team >= 0)
        run_team(e, e->spec->team > 0 ? e->spec->team : e->threads + 1);
    else /* rank 0 has them, or it would not have come so far */
        sweep_engine_stop(e, SIM_SYSTEM, "a rank can make no thread (see ulimit -u and -v there)");
    leave(e);
    free(e->holds);
    bytes_free(&e->scratch);
    bytes_free(&e->value);
    bytes_free(&e->reports);
    omp_destroy_lock(e->lock);
    free(e->lock);
    e->lock = NULL;
    return e->status;
}
