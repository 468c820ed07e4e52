/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_sweep: `smmsim sweep`: every point of some sweep files, on all processors, in one result. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sim/sweep/journal.h"
#include "sim/lib/csv.h"
#include "sim/lib/text.h"
#include "sim/lib/units.h"
#include "sim/cli/cmd.h"
#include "sim/cli/sigpipe.h"
#include "sim/cli/sweep_out.h"

#ifndef SMMSIM_VERSION
#define SMMSIM_VERSION "unknown"
#endif

enum { CEILING = 1000, KEY_SIZE = 8192, SHOWN = 40 };
#define SAMPLE_NS INT64_C(2000000000)

typedef struct {
    options *options;
    sweep_job job;
    grid *grid;
    sweep_spec spec;
    char folder[512];
    char key[KEY_SIZE];
    sweep_count count;
    int64_t check_ns; /* how long all points took to check */
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
                         .ready = sweep_out_ready,
                         .run = sweep_job_run,
                         .usable = sweep_job_usable,
                         .value = sweep_job_value,
                         .tally_new = measure_tally_new,
                         .tally_add = sweep_job_tally_add,
                         .tally_free = measure_tally_free,
                         .enough = c->options->until ? sweep_job_enough : NULL};
}

static int64_t clock_ns(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
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

/* Each operand is a path, or the name of a file that is shipped. */
static sim_status load_files(sweep_command *c, sim_err *err)
{
    typedef char file_path[512];
    const options *o = c->options;
    file_path *file = sim_alloc((uint64_t)o->operands, sizeof *file);
    const char *path[WORDS_MAX];
    sim_status s = SIM_OK;

    for (int i = 0; i < o->operands && s == SIM_OK; i++) {
        s = experiment_find("workloads/sweeps", o->operand[i], file[i], err);
        path[i] = file[i];
    }
    if (s == SIM_OK)
        s = grid_load(&(grid_source){path, o->operands, o->setting, o->settings}, &c->grid, err);
    free(file);
    return s;
}

static sim_status prepare(sweep_command *c, sim_err *err)
{
    options *o = c->options;
    sim_status s;

    if (o->operands == 0)
        return err_set(
            err, SIM_BAD_INPUT,
            "sweep: no file (smmsim sweep FILE.csv, `smmsim list sweeps`, or --help for more)");
    default_folder(c);
    if (o->out && (size_t)snprintf(c->folder, sizeof c->folder, "%s", o->out) >= sizeof c->folder)
        return err_set(err, SIM_BAD_INPUT, "--out: name too long (at most 511 bytes)");
    if (o->force && o->resume)
        return err_set(err, SIM_BAD_INPUT,
                       "--force: does not go with --resume, which keeps what is there");
    if (o->until) {
        s = measure_goal_parse(o->until, &c->job.goal, err);
        if (s != SIM_OK)
            return s;
        if (!o->reps_given)
            o->repetitions = CEILING;
    }
    s = load_files(c, err);
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
    const int64_t begin = clock_ns();
    sim_status s = sweep_job_begin(&c->job, err);

    if (s == SIM_OK)
        s = sweep_check(&c->spec, &model, err);
    c->check_ns = clock_ns() - begin;
    make_key(c);
    return s;
}

/* ---- dry run ---------------------------------------------------------------------------- */

static void print_points(const sweep_command *c)
{
    sweep_settings *settings = sim_alloc(1, sizeof *settings);
    uint64_t shown = c->spec.points < SHOWN ? c->spec.points : SHOWN;
    char item[GRID_VALUE_MAX + 80];

    for (uint64_t point = 0; point < shown; point++) {
        text_list list = {.indent = 9, .column = 7, .gap = "  "};

        grid_get(c->grid, point, &settings->point);
        (void)printf("  %5llu", (unsigned long long)point);
        for (int i = 0; i < settings->point.count; i++) {
            (void)snprintf(item, sizeof item, "%s=%s", settings->point.setting[i].name,
                           settings->point.setting[i].value);
            text_item(stdout, &list, item);
        }
        (void)fputc('\n', stdout);
    }
    if (shown < c->spec.points)
        (void)printf("  ... and %llu more\n", (unsigned long long)(c->spec.points - shown));
    free(settings);
}

/* Every point, as the columns of the files have it; what a file leaves alone is empty. */
static sim_status points_csv(const sweep_command *c, sim_err *err)
{
    const int columns = grid_columns(c->grid);
    grid_point *p;
    csv_writer *w;
    sim_status s = csv_create("/dev/stdout", &w, err);

    if (s != SIM_OK)
        return s;
    p = sim_alloc(1, sizeof *p);
    csv_text(w, "point");
    for (int i = 0; i < columns; i++)
        csv_text(w, grid_name(c->grid, i));
    csv_end_row(w);
    for (uint64_t point = 0; point < c->spec.points; point++) {
        grid_get(c->grid, point, p);
        csv_u64(w, point);
        for (int i = 0; i < columns; i++) {
            int at = 0;

            while (at < p->count && strcmp(p->setting[at].name, grid_name(c->grid, i)) != 0)
                at++;
            csv_text(w, at < p->count ? p->setting[at].value : "");
        }
        csv_end_row(w);
    }
    free(p);
    return sigpipe_forgive(csv_close(w, err));
}

/* Of `runs` points, two repetitions each. */
typedef struct {
    uint64_t runs;
    int64_t cpus;              /* of these points together */
    int64_t first_ns, next_ns; /* the first repetition of a point, which sets it up, and another */
    int64_t rep_ns, point_ns;  /* the rows of a repetition, and of a point */
    uint64_t journal, rep_bytes, point_bytes;
} estimate;

static uint64_t rows_bytes(const csv_writer *w)
{
    size_t length;

    (void)csv_memory(w, &length);
    return length;
}

/* What the ordered pass at the end does. hist.csv has more rows with more repetitions: a guess. */
static void sample_rows(const bytes *result, estimate *e)
{
    static const run_record nothing;
    output o = {.reps = csv_to_memory(), .summary = csv_to_memory(), .hist = csv_to_memory()};
    const int64_t begin = clock_ns();
    metrics_point p;
    trial t = {0};

    metrics_init(&t.one);
    metrics_point_init(&p);
    if (trial_unpack(result, &t)) {
        metrics_point_add(&p, &t.one, &nothing);
        output_reps_rows(o.reps, 0, 0, &t.one);
        e->rep_ns += clock_ns() - begin;
        e->point_ns -= clock_ns();
        output_point(&o, 0, &p);
        e->point_ns += clock_ns();
        e->rep_bytes += rows_bytes(o.reps);
        for (int i = 0; i < TRIAL_DETAILS; i++)
            e->rep_bytes += t.detail_length[i];
        e->point_bytes += rows_bytes(o.summary) + rows_bytes(o.hist);
    }
    metrics_free(&t.one);
    metrics_point_free(&p);
    output_abandon(&o);
}

/* Steps of it visit all points once, and so that the first ones, however many, lie evenly among
 * all: near the golden section of their number, and prime to it. */
static uint64_t even_stride(uint64_t points)
{
    uint64_t stride = (uint64_t)((double)points * 0.6180339887) + 1;

    for (;; stride++) {
        uint64_t a = points, b = stride;

        while (b > 0) {
            const uint64_t rest = a % b;

            a = b;
            b = rest;
        }
        if (a == 1)
            return stride;
    }
}

/* Runs two repetitions of points that are spread over the sweep, for two seconds. */
static sim_status sample(sweep_command *c, estimate *e, sim_err *err)
{
    const uint64_t points = c->spec.points, stride = even_stride(points);
    const int64_t end = clock_ns() + SAMPLE_NS;
    uint64_t point = 0;
    void *worker = sweep_job_worker_new(&c->job);
    bytes result = {0};
    sim_status s = SIM_OK;

    for (uint64_t i = 0; i / 2 < points && s == SIM_OK && (i % 2 || clock_ns() < end); i++) {
        const sweep_task task = {.point = point, .repetition = (uint32_t)i % 2};
        const int64_t begin = clock_ns();

        bytes_clear(&result);
        s = sweep_job_run(worker, &task, &result, err);
        *(i % 2 ? &e->next_ns : &e->first_ns) += clock_ns() - begin;
        e->runs += i % 2;
        e->journal += i % 2 ? result.length : 0;
        if (i % 2 && s == SIM_OK)
            sample_rows(&result, e);
        if (i % 2 && s == SIM_OK)
            e->cpus += sweep_job_worker_cpus(worker);
        if (i % 2)
            point = (uint64_t)(((unsigned __int128)point + stride) % points);
    }
    e->runs += e->runs == 0;
    e->cpus += e->cpus == 0;
    bytes_free(&result);
    sweep_job_worker_free(&c->job, worker);
    return s;
}

static int64_t saturated(double x)
{
    return x < 9e18 ? (int64_t)x : INT64_MAX;
}

/* Picoseconds: the check, the runs on all threads, then one thread that writes and loads each point
 * once more. Few points with very many CPUs are what most of the time goes to: CPUs are counted,
 * not points. */
static int64_t estimated_time(const sweep_command *c, const estimate *e, uint64_t runs)
{
    const double points = (double)c->spec.points, sampled = (double)e->runs;
    const double threads = sweep_jobs(c->spec.jobs);
    int64_t set_up = e->first_ns > e->next_ns ? e->first_ns - e->next_ns : 0;
    const double cpus = (double)c->job.cpus / (double)e->cpus;
    double all = ((double)set_up + (double)e->next_ns * (double)runs / points) * cpus;
    double rows = ((double)e->point_ns * points + (double)e->rep_ns * (double)runs) / sampled;
    double check = (double)c->check_ns;

    return saturated((check + all / threads / sweep_ranks() + check * threads + rows) * 1e3);
}

static sim_status dry_run(sweep_command *c, sim_err *err)
{
    uint64_t runs;
    estimate e = {0};
    sim_status s = c->options->csv ? points_csv(c, err) : sample(c, &e, err);
    char time[32], disk[32], journal[32];
    bytes line = {0};
    double bytes_all;

    if (s != SIM_OK || c->options->csv)
        return s;
    if (__builtin_mul_overflow(c->spec.points, c->spec.repetitions, &runs))
        runs = UINT64_MAX;
    print_points(c);
    (void)printf("%llu point%s, %s%llu runs, all settings are right\n",
                 (unsigned long long)c->spec.points, c->spec.points == 1 ? "" : "s",
                 c->options->until ? "at most " : "", (unsigned long long)runs);
    (void)units_human(UNIT_TIME, estimated_time(c, &e, runs), 2, time, sizeof time);
    bytes_all = (double)e.rep_bytes * (double)runs + (double)e.point_bytes * (double)c->spec.points;
    (void)units_human(UNIT_BYTES, saturated(bytes_all / (double)e.runs), 2, disk, sizeof disk);
    (void)units_human(UNIT_BYTES, saturated((double)e.journal / (double)e.runs * (double)runs), 2,
                      journal, sizeof journal);
    text_format(
        &line, "about %s on %d thread%s, %s of results, %s of journal meanwhile (from %llu points)",
        time, sweep_jobs(c->spec.jobs), sweep_jobs(c->spec.jobs) == 1 ? "" : "s", disk, journal,
        (unsigned long long)e.runs);
    text_end(stdout, &line, 2);
    return SIM_OK;
}

/* ---- run -------------------------------------------------------------------------------- */

static void say_how_to_go_on(const sweep_command *c)
{
    bytes line = {0};
    char mpirun[48] = "";

    if (sweep_ranks() > 1)
        (void)snprintf(mpirun, sizeof mpirun, " mpirun -n %d", sweep_ranks());
    attempt_word(&line, program_invocation_name);
    for (int i = 0; i < c->argc; i++)
        if (strcmp(c->argv[i], "--resume") != 0)
            attempt_word(&line, c->argv[i]);
    bytes_add(&line, "", 1);
    err_tell("%llu runs are kept in %s/journal; go on with:%s%s --resume",
             (unsigned long long)c->count.tasks, c->folder, mpirun, (const char *)line.at);
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
    if (s == SIM_OK)
        s = sweep_forget(&c->spec, err);
    if (s != SIM_OK) {
        sweep_out_abandon(out);
        return s;
    }
    c->count.tasks = 0; /* all is in the files: whatever comes of the report, nothing is left */
    return sweep_out_end(out, err);
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

/* Another result may be replaced if --force said so, also when the sweep was begun. */
static sim_status open_folder(sweep_command *c, sim_err *err)
{
    const options *o = c->options;
    const folder_request request = {.path = c->folder,
                                    .command = "sweep",
                                    .names = output_names,
                                    .force = o->force || (o->resume && sweep_unfinished(c->folder)),
                                    .journal = 1,
                                    .resume = o->resume};

    return folder_open(&request, &c->job.folder, err);
}

static sim_status run(sweep_command *c, sim_err *err)
{
    sweep_model model = model_of(c);
    int complete = 0;
    sim_status s = SIM_OK;

    if (c->rank == 0)
        s = open_folder(c, err);
    s = sweep_agree(s);
    if (s != SIM_OK)
        return s;
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
    s = sweep_run(&c->spec, &model, &c->count, err);
    if (s == SIM_OK && c->rank == 0)
        s = collect(c, err);
    return s;
}

static sim_status sweep(sweep_command *c, sim_err *err)
{
    sim_status s = prepare(c, err);

    if (s == SIM_OK)
        s = sweep_gather(&c->spec, err);
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
    sigpipe_ignore();
    c->argc = argc;
    c->argv = argv;
    c->options = sim_alloc(1, sizeof *c->options);
    s = options_parse(argc, argv, c->options, &err);
    if (s == SIM_OK)
        s = sweep(c, &err);
    if (s != SIM_OK && err.text[0] && c->rank == 0)
        err_tell("%s", err.text);
    if ((s == SIM_SYSTEM || s == SIM_INTERRUPTED) && c->count.tasks > 0 && c->rank == 0)
        say_how_to_go_on(c);
    folder_close(c->job.folder);
    sigpipe_end();
    s = sweep_end(s);
    grid_free(c->grid);
    free(c->options);
    free(c);
    return (int)s;
}
