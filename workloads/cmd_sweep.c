/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_sweep: `smmsim sweep`: every point of some sweep files, on all processors, in one result. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sim/sweep_journal.h"
#include "sim/csv.h"
#include "sim/units.h"
#include "workloads/cmd.h"
#include "workloads/sweep_out.h"

#ifndef SMMSIM_VERSION
#define SMMSIM_VERSION "unknown"
#endif

enum { CEILING = 1000, KEY_SIZE = 8192, SAMPLES = 32, SHOWN = 40 };

static const char help[] =
    "usage: smmsim sweep FILE.csv... [options]\n"
    "\n"
    "Runs every point of sweep files. A header names parameters, a row is a point; a cell may be "
    "a\n"
    "list a|b|c or a range 2:64:*2 or 10ms:100ms:+10ms, and a row with several of them is their\n"
    "cross product. Repetition N of all points has the same random numbers, so that differences\n"
    "between points are precise (smmsim compare).\n"
    "  --reps N             repetitions of each point (20)\n"
    "  --until EXPR         repetitions until an interval is narrow, such as 'p99 ci<2%' or\n"
    "                       'command_time mean ci<1%'; --reps is then the most (1000)\n"
    "  --seed S             (1)\n"
    "  --jobs N             threads (all processors); they change no byte of the result\n"
    "  --out DIR            folder of the result (results/NAME-OF-THE-FILE)\n"
    "  --detail             also ops.csv, smis.csv and cpus.csv, a row for each event\n"
    "  --hgrm               also hgrm/POINT-METRIC.hgrm for HdrHistogram plotters\n"
    "  --resume             go on with a sweep that was stopped, whatever stopped it\n"
    "  --dry-run            check and list the points, estimate time and size, run nothing\n"
    "  --platform, --workload, --protocol, --set NAME=VALUE\n"
    "                       for all points; a sweep file may not set the same\n"
    "  --format text|csv    csv: summary.csv on standard output instead of the report\n"
    "\n"
    "exit status: 0 every point has its row (a hang is an outcome in it), 2 bad input, 3 the "
    "system\n"
    "failed, 130 interrupted: --resume goes on after the last two\n"
    "\n"
    "example: smmsim sweep workloads/sweeps/slowdown.csv --reps 10\n";

typedef struct {
    options *options;
    sweep_job job;
    grid *grid;
    sweep_spec spec;
    char folder[512];
    char key[KEY_SIZE];
    sweep_count count;
    int rank;
    int argc;
    char **argv;
} sweep_command;

static sweep_model model_of(sweep_command *c)
{
    return (sweep_model){.self = &c->job,
                         .worker_new = sweep_job_worker_new,
                         .worker_free = sweep_job_worker_free,
                         .check = sweep_job_check,
                         .run = sweep_job_run,
                         .value = sweep_job_value,
                         .enough = c->options->until ? sweep_job_enough : NULL};
}

/* ---- what is swept ---------------------------------------------------------------------- */

/* results/NAME for one file, results/sweep for several. */
static void default_folder(sweep_command *c)
{
    const char *path = c->options->operand[0];
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    size_t length = strlen(name);

    if (length > 4 && strcmp(name + length - 4, ".csv") == 0)
        length -= 4;
    if (c->options->operands > 1)
        (void)snprintf(c->folder, sizeof c->folder, "results/sweep");
    else
        (void)snprintf(c->folder, sizeof c->folder, "results/%.*s",
                       length < 400 ? (int)length : 400, name);
}

static sim_status prepare(sweep_command *c, sim_err *err)
{
    options *o = c->options;
    const grid_source source = {o->operand, o->operands, o->setting, o->settings};
    sim_status s;

    if (o->operands == 0)
        return err_set(err, SIM_BAD_INPUT,
                       "sweep: no file (smmsim sweep FILE.csv, or --help for more)");
    default_folder(c);
    if (o->out && (size_t)snprintf(c->folder, sizeof c->folder, "%s", o->out) >= sizeof c->folder)
        return err_set(err, SIM_BAD_INPUT, "--out: name too long (at most 511 bytes)");
    if (o->until) {
        s = measure_goal_parse(o->until, &c->job.goal, err);
        if (s != SIM_OK)
            return s;
        if (!o->reps_given)
            o->repetitions = CEILING;
    }
    s = grid_load(&source, &c->grid, err);
    if (s != SIM_OK)
        return s;
    c->job.options = o;
    c->job.grid = c->grid;
    c->spec = (sweep_spec){.folder = c->folder,
                           .key = c->key,
                           .points = grid_points(c->grid),
                           .repetitions = (uint32_t)o->repetitions,
                           .jobs = (int)o->jobs,
                           .resume = o->resume,
                           .progress = 1};
    return SIM_OK;
}

/* What the results depend on; what is only how they are written or how many there are, is not. */
static void make_key(sweep_command *c)
{
    (void)snprintf(c->key, sizeof c->key,
                   "version: %s\nseed: %llu\npoints: %llu\nsweep files: %016llx\n"
                   "inputs: %016llx\ndetail: %s\n",
                   SMMSIM_VERSION, (unsigned long long)c->options->seed,
                   (unsigned long long)c->spec.points, (unsigned long long)grid_digest(c->grid),
                   (unsigned long long)c->job.inputs, c->options->detail ? "yes" : "no");
}

static sim_status check(sweep_command *c, sim_err *err)
{
    sweep_model model = model_of(c);
    sim_status s = sweep_job_begin(&c->job, err);

    if (s == SIM_OK)
        s = sweep_check(&c->spec, &model, err);
    make_key(c);
    return s;
}

/* ---- dry run ---------------------------------------------------------------------------- */

static void print_points(const sweep_command *c)
{
    sweep_settings *settings = sim_alloc(1, sizeof *settings);
    uint64_t shown = c->spec.points < SHOWN ? c->spec.points : SHOWN;

    for (uint64_t point = 0; point < shown; point++) {
        grid_get(c->grid, point, &settings->point);
        (void)printf("  %5llu", (unsigned long long)point);
        for (int i = 0; i < settings->point.count; i++)
            (void)printf("  %s=%s", settings->point.setting[i].name,
                         settings->point.setting[i].value);
        (void)fputc('\n', stdout);
    }
    if (shown < c->spec.points)
        (void)printf("  ... and %llu more\n", (unsigned long long)(c->spec.points - shown));
    free(settings);
}

typedef struct {
    uint64_t runs;
    int64_t first_ns, next_ns; /* the first repetition of a point, which sets it up, and another */
    uint64_t journal, rows;    /* bytes */
} estimate;

static int64_t clock_ns(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* reps.csv and summary.csv are about as long for each point, hist.csv is not: so it is a guess. */
static uint64_t rows_bytes(const bytes *result)
{
    trial t = {0};
    csv_writer *w = csv_to_memory();
    uint64_t all = result->length * 4;
    size_t length;

    metrics_init(&t.one);
    if (trial_unpack(result, &t)) {
        output_reps_rows(w, 0, 0, &t.one);
        (void)csv_memory(w, &length);
        all += length;
        for (int i = 0; i < TRIAL_DETAILS; i++)
            all += t.detail_length[i];
    }
    metrics_free(&t.one);
    csv_abandon(w);
    return all;
}

/* Runs two repetitions of points that are spread over the sweep, for a third of a second. */
static sim_status sample(sweep_command *c, estimate *e, sim_err *err)
{
    uint64_t count = c->spec.points < SAMPLES ? c->spec.points : SAMPLES;
    void *worker = sweep_job_worker_new(&c->job);
    bytes result = {0};
    sim_status s = SIM_OK;

    for (uint64_t i = 0; i < 2 * count && s == SIM_OK && e->first_ns < 200000000; i++) {
        const sweep_task task = {.point = c->spec.points / count * (i / 2 * 13 % count),
                                 .repetition = (uint32_t)i % 2};
        int64_t begin = clock_ns();

        bytes_clear(&result);
        s = sweep_job_run(worker, &task, &result, err);
        *(i % 2 ? &e->next_ns : &e->first_ns) += clock_ns() - begin;
        e->runs += i % 2;
        e->journal += i % 2 ? result.length : 0;
        e->rows += i % 2 && s == SIM_OK ? rows_bytes(&result) : 0;
    }
    e->runs += e->runs == 0;
    bytes_free(&result);
    sweep_job_worker_free(&c->job, worker);
    return s;
}

/* Picoseconds, on so many threads. */
static int64_t estimated_time(const sweep_command *c, const estimate *e, uint64_t runs)
{
    int64_t set_up = e->first_ns > e->next_ns ? e->first_ns - e->next_ns : 0;
    double all = (double)set_up * (double)c->spec.points + (double)e->next_ns * (double)runs;
    double ps = all * 1e3 / (double)e->runs / sweep_jobs(c->spec.jobs) / sweep_ranks();

    return ps < 9e18 ? (int64_t)ps : INT64_MAX;
}

static sim_status dry_run(sweep_command *c, sim_err *err)
{
    uint64_t runs;
    estimate e = {0};
    sim_status s = sample(c, &e, err);
    char time[32], disk[32], journal[32];

    if (s != SIM_OK)
        return s;
    if (__builtin_mul_overflow(c->spec.points, c->spec.repetitions, &runs))
        runs = UINT64_MAX;
    print_points(c);
    (void)printf("%llu point%s, %s%llu runs, all settings are right\n",
                 (unsigned long long)c->spec.points, c->spec.points == 1 ? "" : "s",
                 c->options->until ? "at most " : "", (unsigned long long)runs);
    (void)units_human(UNIT_TIME, estimated_time(c, &e, runs), 2, time, sizeof time);
    (void)units_human(UNIT_BYTES, (int64_t)((double)e.rows / (double)e.runs * (double)runs), 2,
                      disk, sizeof disk);
    (void)units_human(UNIT_BYTES, (int64_t)((double)e.journal / (double)e.runs * (double)runs), 2,
                      journal, sizeof journal);
    (void)printf(
        "about %s on %d thread%s, %s of results, %s of journal meanwhile (from %llu runs)\n", time,
        sweep_jobs(c->spec.jobs), sweep_jobs(c->spec.jobs) == 1 ? "" : "s", disk, journal,
        (unsigned long long)e.runs);
    return SIM_OK;
}

/* ---- run -------------------------------------------------------------------------------- */

static void say_how_to_go_on(const sweep_command *c)
{
    bytes line = {0};

    for (int i = 0; i < c->argc; i++)
        if (strcmp(c->argv[i], "--resume") != 0)
            sweep_out_word(&line, c->argv[i]);
    bytes_add(&line, "", 1);
    (void)fprintf(stderr,
                  "smmsim: %llu runs are kept in %s/journal; go on with: smmsim%s --resume\n",
                  (unsigned long long)c->count.tasks, c->folder, (const char *)line.at);
    bytes_free(&line);
}

static sim_status collect(sweep_command *c, sim_err *err)
{
    sweep_model model = model_of(c);
    sweep_out *out;
    sim_status s = sweep_out_open(&c->job, &c->spec, &out, err);

    if (s != SIM_OK)
        return s;
    model.emit = sweep_out_emit;
    model.emit_point = sweep_out_emit_point;
    model.sink = out;
    s = sweep_collect(&c->spec, &model, err);
    if (s != SIM_OK) {
        sweep_out_abandon(out);
        return s;
    }
    s = sweep_out_close(out, err);
    if (s == SIM_OK && (fflush(stdout) != 0 || ferror(stdout)))
        s = err_set(err, SIM_SYSTEM, "standard output: cannot be written");
    return s == SIM_OK ? sweep_forget(&c->spec, err) : s;
}

static int has(const sweep_command *c, const char *name)
{
    char path[600];

    (void)snprintf(path, sizeof path, "%s/%s", c->folder, name);
    return access(path, F_OK) == 0;
}

/* Whether run.csv of the folder is of this very sweep: then nothing is left to resume. */
static int is_complete(const sweep_command *c)
{
    static const char *const wanted[] = {"version",      "seed",        "digest.inputs",
                                         "digest.sweep", "repetitions", "until"};
    enum { WANTED = sizeof wanted / sizeof wanted[0] };
    const options *o = c->options;
    char value[WANTED][128];
    char path[600];
    csv_table *t;
    sim_err err;
    int found = o->until == NULL; /* then there is no such row */

    (void)snprintf(path, sizeof path, "%s/run.csv", c->folder);
    if (sweep_unfinished(c->folder) || (o->detail && !has(c, "ops.csv")) ||
        (o->hgrm && !has(c, "hgrm")) || csv_read(path, &t, &err) != SIM_OK)
        return 0;
    (void)snprintf(value[0], sizeof value[0], "%s", SMMSIM_VERSION);
    (void)snprintf(value[1], sizeof value[1], "%llu", (unsigned long long)o->seed);
    (void)snprintf(value[2], sizeof value[2], "%016llx", (unsigned long long)c->job.inputs);
    (void)snprintf(value[3], sizeof value[3], "%016llx", (unsigned long long)grid_digest(c->grid));
    (void)snprintf(value[4], sizeof value[4], "%u", c->spec.repetitions);
    (void)snprintf(value[5], sizeof value[5], "%s", o->until ? o->until : "");
    for (int row = 0; row < csv_rows(t) && csv_columns(t) == 4; row++)
        for (int i = 0; i < WANTED; i++)
            if (strcmp(csv_field(t, row, 0), wanted[i]) == 0)
                found += strcmp(csv_field(t, row, 1), value[i]) == 0 ? 1 : -WANTED;
    csv_free_table(t);
    return found == WANTED;
}

static sim_status run(sweep_command *c, sim_err *err)
{
    sweep_model model = model_of(c);
    int complete = 0;
    sim_status s = SIM_OK;

    if (c->rank == 0 && c->options->resume)
        complete = is_complete(c);
    sweep_share(&complete, sizeof complete);
    if (complete) {
        if (c->rank == 0) {
            sweep_journal_remove(c->folder); /* it may have been killed just before it did */
            (void)printf("%s: complete already\n", c->folder);
        }
        return SIM_OK;
    }
    if (c->rank == 0)
        s = output_folder(c->folder, err);
    s = sweep_agree(s);
    if (s != SIM_OK)
        return s;
    s = sweep_run(&c->spec, &model, &c->count, err);
    if (s == SIM_OK && c->rank == 0)
        s = collect(c, err);
    return s;
}

static sim_status sweep(sweep_command *c, sim_err *err)
{
    sim_status s = prepare(c, err);

    if (s == SIM_OK && c->rank == 0)
        s = check(c, err);
    s = sweep_agree(s);
    if (s != SIM_OK)
        return s;
    sweep_share(c->key, sizeof c->key);
    if (!c->options->dry_run)
        return run(c, err);
    return c->rank == 0 ? dry_run(c, err) : SIM_OK;
}

int cmd_sweep(int argc, char **argv)
{
    sweep_command *c = sim_alloc(1, sizeof *c);
    sim_err err = {""};
    sim_status s;

    c->rank = sweep_begin();
    c->argc = argc;
    c->argv = argv;
    c->options = sim_alloc(1, sizeof *c->options);
    s = options_parse(argc, argv, "osfw+", c->options, &err);
    if (s == SIM_OK && c->options->help) {
        if (c->rank == 0)
            (void)fputs(help, stdout);
    } else if (s == SIM_OK) {
        s = sweep(c, &err);
    }
    if (s != SIM_OK && err.text[0] && c->rank == 0)
        (void)fprintf(stderr, "smmsim: %s\n", err.text);
    if ((s == SIM_SYSTEM || s == SIM_INTERRUPTED) && c->count.tasks > 0 && c->rank == 0)
        say_how_to_go_on(c);
    s = sweep_end(s);
    grid_free(c->grid);
    free(c->options);
    free(c);
    return (int)s;
}
