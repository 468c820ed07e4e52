/* SPDX-License-Identifier: Apache-2.0 */
/* sweep: checks all points, runs all tasks, and gives the results back in order. */
#include "sim/sweep/sweep.h"

#include <errno.h>
#include <fcntl.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/lib/interrupt.h"
#include "sim/sweep/engine.h" /* circle: the contract has the types of what performs it */
#include "sim/sweep/mpi.h"
#include "sim/lib/team.h"

/* ---- signals ---------------------------------------------------------------------------- */

int sweep_signalled(void)
{
    return *interrupt_asked() != 0;
}

int sweep_begin(void)
{
    const int rank = sweep_mpi_begin();

    interrupt_ask();
    return rank;
}

void sweep_share(void *data, size_t size)
{
    sweep_mpi_share(data, size);
}

sim_status sweep_agree(sim_status status)
{
    sweep_mpi_share(&status, sizeof status);
    return status;
}

sim_status sweep_end(sim_status status)
{
    status = sweep_agree(status);
    sweep_mpi_end();
    return status;
}

int sweep_ranks(void)
{
    return sweep_mpi_ranks();
}

int sweep_jobs(int jobs)
{
    return jobs > 0 ? jobs : omp_get_num_procs();
}

sim_status sweep_gather(sweep_spec *spec, sim_err *err)
{
    const int jobs = sweep_jobs(spec->jobs);
    sim_status s = team_gather(jobs + 1, &spec->team, err);

    if (s != SIM_OK) {
        spec->team = -1;
        return s;
    }
    team_tell(spec->team, jobs);
    spec->jobs = spec->team < jobs ? spec->team : jobs;
    return SIM_OK;
}

/* ---- checking --------------------------------------------------------------------------- */

enum { CHECK_BLOCK = 32 };
#define SHOW_EVERY_NS INT64_C(500000000)

typedef struct {
    uint64_t next; /* point that nobody checks yet */
    uint64_t bad;  /* lowest wrong one so far */
    sim_status status;
    sim_err *err;
    int64_t shown; /* when the line of progress was; the first thread's */
    int show;
} check_state;

/* On a terminal: a million points take half a minute. */
static void show_check(const sweep_spec *spec, check_state *c)
{
    const int64_t now = sweep_engine_clock();

    if (!c->show || now - c->shown < SHOW_EVERY_NS)
        return;
    c->shown = now;
    (void)fprintf(stderr, "\rchecked %llu of %llu points\033[K",
                  (unsigned long long)__atomic_load_n(&c->next, __ATOMIC_RELAXED),
                  (unsigned long long)spec->points);
    (void)fflush(stderr);
}

static void check_some(const sweep_spec *spec, const sweep_model *model, check_state *c)
{
    void *worker = model->worker_new(model->self);
    sim_err err;

    for (;;) {
        uint64_t point = __atomic_fetch_add(&c->next, CHECK_BLOCK, __ATOMIC_RELAXED);
        uint64_t end = point + CHECK_BLOCK < spec->points ? point + CHECK_BLOCK : spec->points;
        sim_status s = SIM_OK;

        if (point >= __atomic_load_n(&c->bad, __ATOMIC_RELAXED) || sweep_signalled())
            break;
        if (omp_get_thread_num() == 0)
            show_check(spec, c);
        for (; point < end && s == SIM_OK; point++)
            s = model->check(worker, point, &err);
        if (s == SIM_OK)
            continue;
#pragma omp critical(sweep_check_error)
        if (point <= c->bad) { /* it is one further than the wrong one */
            __atomic_store_n(&c->bad, point - 1, __ATOMIC_RELAXED);
            c->status = s;
            *c->err = err;
        }
    }
#pragma omp critical(sweep_check_error)
    model->worker_free(model->self, worker);
}

sim_status sweep_check(const sweep_spec *spec, const sweep_model *model, sim_err *err)
{
    check_state c = {.bad = spec->points, .err = err, .shown = sweep_engine_clock()};
    const uint64_t most = spec->points / CHECK_BLOCK + 1; /* more would find nothing to do */
    const int jobs = sweep_jobs(spec->jobs);
    const int threads = (uint64_t)jobs < most ? jobs : (int)most;

    c.show = spec->progress && isatty(STDERR_FILENO);
    omp_set_dynamic(0);
#pragma omp parallel num_threads(spec->team > 0 ? spec->team : threads)
    if (omp_get_thread_num() < threads) /* the others are kept for later */
        check_some(spec, model, &c);
    if (c.show)
        (void)fputs("\r\033[K", stderr);
    if (c.status == SIM_OK && sweep_signalled())
        return err_set(err, SIM_INTERRUPTED, "interrupted");
    return c.status;
}

/* ---- running ---------------------------------------------------------------------------- */

int sweep_unfinished(const char *folder)
{
    return sweep_journal_there(folder);
}

/* On rank 0: finds out what there is already. */
static sim_status open_journal(sweep_engine *e, uint32_t *start, sim_err *err)
{
    const char *folder = e->spec->folder;
    sim_status s = sweep_journal_open(folder, err);
    const int there = sweep_journal_there(folder);

    if (s != SIM_OK)
        return s;
    *start = sweep_journal_starts(folder);
    if (there && !e->spec->resume)
        return err_set(err, SIM_BAD_INPUT,
                       "%s/journal: an unfinished sweep is there (add --resume to go on with it, "
                       "or --force to begin anew)",
                       folder);
    if (e->model->ready)
        s = e->model->ready(e->model->self, e->spec, err);
    if (s == SIM_OK && there)
        s = sweep_log_open(e->spec, e->model, &e->log, err);
    return s;
}

typedef struct {
    sim_status status;
    uint32_t start;
} opening;

sim_status sweep_run(const sweep_spec *spec, const sweep_model *model, sweep_count *count,
                     sim_err *err)
{
    sweep_engine *e = sim_alloc(1, sizeof *e);
    opening o = {SIM_OK, 0};

    e->spec = spec;
    e->model = model;
    e->ranks = sweep_mpi_ranks();
    e->rank = sweep_mpi_rank();
    e->journal.fd = -1;
    if (e->rank == 0)
        o.status = open_journal(e, &o.start, err);
    sweep_mpi_share(&o, sizeof o);
    if (o.status == SIM_OK) {
        const sweep_journal_name name = {spec->folder, spec->key, o.start, (uint32_t)e->rank};

        sweep_plan_init(&e->plan, spec, model);
        e->status = sweep_journal_create(&name, &e->journal, &e->err);
        e->stop = e->status != SIM_OK;
        o.status = sweep_engine_run(e);
        if (o.status != SIM_OK)
            (void)err_set(err, o.status, "%s", e->err.text);
        sweep_plan_free(&e->plan);
    }
    if (e->rank == 0 && o.start == 0 && e->count.tasks == 0) /* nothing came of it */
        sweep_journal_remove(spec->folder);
    *count = e->count;
    sweep_log_tell(e->log);
    sweep_log_close(e->log);
    free(e);
    return sweep_agree(o.status);
}

/* ---- collecting ------------------------------------------------------------------------- */

typedef struct {
    const sweep_spec *spec;
    const sweep_model *model;
    sweep_log *log;
    bytes result, value;
    void *tally;    /* of the present point, with `enough` */
    void *worker;   /* to make a result again, or NULL */
    uint64_t again; /* results that were made again */
} collector;

/* A result that was in the journal, or in this process, and is not there now: a sweep that has run
 * to its end is not lost for that. */
static sim_status make_again(collector *c, const sweep_task *task, sim_err *err)
{
    if (!c->worker)
        c->worker = c->model->worker_new(c->model->self);
    c->again++;
    bytes_clear(&c->result);
    return c->model->run(c->worker, task, &c->result, err);
}

static sim_status collect_one(collector *c, const sweep_task *task, sim_err *err)
{
    sim_status s = SIM_OK;

    if (sweep_signalled())
        return err_set(err, SIM_INTERRUPTED, "interrupted");
    if (!sweep_log_find(c->log, task, task->point, &c->result))
        s = make_again(c, task, err);
    if (s != SIM_OK)
        return s;
    if (c->model->enough) {
        bytes_clear(&c->value);
        c->model->value(c->model->self, &c->result, &c->value);
        c->model->tally_add(c->model->self, c->tally, &c->value);
    }
    return c->model->emit(c->model->sink, task, &c->result, err);
}

static sim_status collect_point(collector *c, uint64_t point, sim_err *err)
{
    sweep_task task = {.point = point};
    uint32_t more;
    sim_status s = SIM_OK;

    if (c->model->enough)
        c->tally = c->model->tally_new();
    while (s == SIM_OK &&
           (more = sweep_plan_more(c->spec, c->model, c->tally, task.repetition)) > 0)
        for (; more > 0 && s == SIM_OK; more--, task.repetition++)
            s = collect_one(c, &task, err);
    if (c->model->enough)
        c->model->tally_free(c->tally);
    return s == SIM_OK ? c->model->emit_point(c->model->sink, point, err) : s;
}

sim_status sweep_collect(const sweep_spec *spec, const sweep_model *model, sim_err *err)
{
    collector c = {.spec = spec, .model = model};
    sim_status s = sweep_log_open(spec, model, &c.log, err);

    for (uint64_t point = 0; point < spec->points && s == SIM_OK; point++)
        s = collect_point(&c, point, err);
    if (c.worker)
        model->worker_free(model->self, c.worker);
    if (c.again > 0)
        err_tell("%s/journal: %llu runs were gone at the end and made again", spec->folder,
                 (unsigned long long)c.again);
    sweep_log_close(c.log);
    bytes_free(&c.result);
    bytes_free(&c.value);
    return s;
}

sim_status sweep_forget(const sweep_spec *spec, sim_err *err)
{
    int folder = open(spec->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    /* Until the results are on the disk the journal is what a power failure would leave. */
    if (folder < 0 || syncfs(folder) != 0) {
        sim_status s = err_set(err, SIM_SYSTEM, "%s: %s", spec->folder, strerror(errno));

        if (folder >= 0)
            (void)close(folder);
        return s;
    }
    (void)close(folder);
    sweep_journal_remove(spec->folder);
    return SIM_OK;
}
