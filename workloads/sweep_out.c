/* SPDX-License-Identifier: Apache-2.0 */
/* sweep_out: merges repetitions to points, writes rows, and prints a line for each point. */
#include "workloads/sweep_out.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/units.h"
#include "workloads/hgrm.h"
#include "workloads/pipe.h"
#include "workloads/report.h"

#ifndef SMMSIM_VERSION
#define SMMSIM_VERSION "unknown"
#endif

enum { LINES_MAX = 64 /* points, above which the report has no line for each */, TROUBLES_MAX = 5 };

int sweep_out_swept(const sweep_job *job, int id)
{
    for (int c = 0; c < grid_columns(job->grid); c++)
        if (strcmp(grid_name(job->grid, c), params_table.defs[id].name) == 0)
            return 1;
    return 0;
}

/* ---- commands --------------------------------------------------------------------------- */

void sweep_out_word(bytes *to, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "-_=./:,%+@";
    int quote = *word == '\0' || strspn(word, plain) != strlen(word);

    bytes_add(to, " ", 1);
    if (!quote) {
        bytes_add(to, word, strlen(word));
        return;
    }
    bytes_add(to, "'", 1);
    for (; *word; word++)
        if (*word == '\'')
            bytes_add(to, "'\\''", 4);
        else
            bytes_add(to, word, 1);
    bytes_add(to, "'", 1);
}

void sweep_out_command(const sweep_settings *settings, uint64_t seed, uint32_t last, bytes *to)
{
    char word[GRID_VALUE_MAX + 80];

    bytes_add(to, "smmsim run", 10);
    for (int i = 0; i < settings->count; i++) {
        bytes_add(to, " --set", 6);
        (void)snprintf(word, sizeof word, "%s=%s", settings->setting[i].name,
                       settings->setting[i].value);
        sweep_out_word(to, word);
    }
    (void)snprintf(word, sizeof word, " --seed %llu --reps %llu", (unsigned long long)seed,
                   (unsigned long long)last + 1);
    bytes_add(to, word, strlen(word) + 1);
}

/* ---- opening ---------------------------------------------------------------------------- */

static void points_header(const sweep_out *out)
{
    csv_writer *w = out->output.points;

    csv_text(w, "point");
    for (int c = 0; c < grid_columns(out->job->grid); c++)
        csv_text(w, grid_name(out->job->grid, c));
    for (int id = 0; id < P_COUNT; id++)
        if (out->job->varies[id] && !sweep_out_swept(out->job, id))
            csv_text(w, params_table.defs[id].name);
    csv_text(w, "repetitions");
    csv_text(w, "outcome");
    csv_text(w, "bad_repetitions");
    if (out->job->options->until) {
        csv_text(w, "goal");
        csv_text(w, out->job->goal.of.counter ? "goal_mean" : "goal_mean_ns");
        csv_text(w, out->job->goal.of.counter ? "goal_ci95" : "goal_ci95_ns");
    }
    csv_text(w, "reproduce");
    csv_end_row(w);
}

static void number_fact(output *o, const char *name, uint64_t value)
{
    char text[32];

    (void)snprintf(text, sizeof text, "%llu", (unsigned long long)value);
    output_fact(o, name, text, "", "");
}

static void digest_fact(output *o, const char *name, uint64_t value, const char *place)
{
    char text[32];

    (void)snprintf(text, sizeof text, "%016llx", (unsigned long long)value);
    output_fact(o, name, text, place, "");
}

/* What the files set, among the columns of points.csv: for who wants to know which points of two
 * sweeps are the same. */
static void columns_fact(sweep_out *out)
{
    bytes names = {0};

    for (int c = 0; c < grid_columns(out->job->grid); c++) {
        const char *name = grid_name(out->job->grid, c);

        bytes_add(&names, " ", c > 0);
        bytes_add(&names, name, strlen(name));
    }
    bytes_add(&names, "", 1);
    output_fact(&out->output, "columns", (const char *)names.at, "points.csv", "");
    bytes_free(&names);
}

/* What is known before; a parameter that is not the same at all points is in points.csv. */
static void first_facts(sweep_out *out)
{
    const options *o = out->job->options;
    const param_set *params = out->bench->experiment.params;
    char text[GRID_VALUE_MAX];

    output_fact(&out->output, "version", SMMSIM_VERSION, "", "");
    number_fact(&out->output, "seed", o->seed);
    number_fact(&out->output, "repetitions", out->spec->repetitions);
    if (o->until)
        output_fact(&out->output, "until", o->until, "", "");
    number_fact(&out->output, "points", out->spec->points);
    for (int i = 0; i < o->operands; i++)
        output_fact(&out->output, "sweep", o->operand[i], "", "");
    columns_fact(out);
    digest_fact(&out->output, "digest.sweep", grid_digest(out->job->grid), "");
    digest_fact(&out->output, "digest.inputs", out->job->inputs, "");
    for (int id = 0; id < P_COUNT; id++) {
        if (!(params_table.defs[id].use & PARAM_FOR_TIME))
            continue;
        if (out->job->varies[id]) {
            output_fact(&out->output, params_table.defs[id].name, "varies", "points.csv",
                        sweep_out_swept(out->job, id) ? "" : "derived from what is swept");
            continue;
        }
        (void)param_print(params, id, text, sizeof text);
        output_fact(&out->output, params_table.defs[id].name, text, param_place(params, id),
                    param_source(params, id));
    }
}

static void report_header(const sweep_out *out)
{
    (void)printf("%llu point%s, ", (unsigned long long)out->spec->points,
                 out->spec->points == 1 ? "" : "s");
    if (out->job->options->until)
        (void)printf("until %s (at most %u repetitions)", out->job->options->until,
                     out->spec->repetitions);
    else
        (void)printf("%u repetition%s", out->spec->repetitions,
                     out->spec->repetitions == 1 ? "" : "s");
    (void)printf(", seed %llu\n", (unsigned long long)out->job->options->seed);
    if (out->spec->points > LINES_MAX)
        return;
    (void)printf("\n  %5s", "point");
    for (int c = 0; c < grid_columns(out->job->grid); c++)
        (void)printf("  %-12s", grid_name(out->job->grid, c));
    (void)printf("  %10s %6s %7s %11s %9s  %s\n", "calls take", "SMIs", "served", "per SMI p50",
                 "p99", "where the time went");
}

sim_status sweep_out_open(const sweep_job *job, const sweep_spec *spec, sweep_out **result,
                          sim_err *err)
{
    sweep_out *out = sim_alloc(1, sizeof *out);
    uint32_t files = OUTPUT_SUMMARY | OUTPUT_POINTS | (job->options->detail ? OUTPUT_DETAIL : 0);
    sim_status s;

    out->job = job;
    out->spec = spec;
    out->bench = sweep_bench_new();
    metrics_point_init(&out->all);
    metrics_init(&out->trial.one);
    stat_init(&out->goal);
    s = sweep_bench_load(job, out->bench, 0, err);
    if (s == SIM_OK)
        s = output_open(spec->folder, files, &out->output, err);
    if (s == SIM_OK && job->options->csv)
        s = csv_create("/dev/stdout", &out->csv, err);
    if (s != SIM_OK) {
        sweep_out_abandon(out);
        return s;
    }
    points_header(out);
    first_facts(out);
    if (out->csv)
        output_summary_header(out->csv);
    else
        report_header(out);
    *result = out;
    return SIM_OK;
}

/* ---- repetitions ------------------------------------------------------------------------ */

static void note_outcome(sweep_out *out, uint32_t repetition)
{
    out->outcomes[out->trial.outcome]++;
    out->shell.stuck[0] = out->trial.outcome != TRIAL_OK ? '!' : '\0';
    out->shell.count.hang = out->trial.outcome == TRIAL_HANG;
    out->shell.count.stopped = out->trial.outcome == TRIAL_STOPPED;
    if (out->trial.outcome == TRIAL_OK || out->bad != TRIAL_OK)
        return;
    out->bad = out->trial.outcome;
    out->bad_repetition = repetition;
    (void)snprintf(out->stuck, sizeof out->stuck, "%.*s", (int)out->trial.stuck_length,
                   out->trial.stuck);
    out->stuck[strcspn(out->stuck, "\n")] = '\0';
}

sim_status sweep_out_emit(void *self, const sweep_task *task, const bytes *result, sim_err *err)
{
    sweep_out *out = self;
    csv_writer *const detail[] = {out->output.ops, out->output.smis, out->output.cpus};
    int64_t value;

    metrics_clear(&out->trial.one);
    if (!trial_unpack(result, &out->trial))
        return err_set(err, SIM_SYSTEM, "%s/journal: not understood (remove it)",
                       out->spec->folder);
    note_outcome(out, task->repetition);
    metrics_point_add(&out->all, &out->trial.one, &out->shell);
    if (!metrics_broken(&out->shell))
        output_reps_rows(out->output.reps, task->point, task->repetition, &out->trial.one);
    if (out->job->options->until && measure_goal_value(&out->job->goal, &out->trial.one, &value))
        stat_add(&out->goal, value);
    for (int i = 0; i < TRIAL_DETAILS && detail[i]; i++)
        csv_rows_from(detail[i], out->trial.detail[i], out->trial.detail_length[i]);
    for (int id = 0; id < P_COUNT; id++)
        out->used[id] |= out->trial.used[id];
    out->digest = (out->digest ^ out->trial.digest) * UINT64_C(0x100000001b3);
    out->runs++;
    return SIM_OK;
}

/* ---- points ----------------------------------------------------------------------------- */

static void value_of(const sweep_out *out, int id, char *text, size_t size)
{
    (void)param_print(out->bench->experiment.params, id, text, size);
}

/* Columns of points.csv: whether the point has reached the goal, and the interval that was judged.
 */
static void goal_columns(sweep_out *out, uint64_t point)
{
    csv_writer *w = out->output.points;
    const stat_result r = stat_mean(&out->goal, 95);
    const int reached = measure_goal_reached(&out->job->goal, &out->goal);
    sweep_goals *g = &out->goals;

    csv_text(w, reached ? "reached" : "not reached");
    if (out->goal.count > 0)
        csv_decimal(w, r.mean, 3); /* nanoseconds of picoseconds, counts of thousandths */
    else
        csv_empty(w);
    if (out->goal.count > 1)
        csv_decimal(w, r.half_width, 3);
    else
        csv_empty(w);
    g->reached += (uint64_t)reached;
    g->empty += out->goal.count == 0;
    if (out->goal.count > 1 && r.mean > 0 &&
        (g->interval.mean == 0 ||
         (__int128)r.half_width * g->interval.mean > (__int128)g->interval.half_width * r.mean)) {
        g->widest = point;
        g->interval = r;
    }
}

static void points_row(sweep_out *out, uint64_t point)
{
    csv_writer *w = out->output.points;
    const grid *g = out->job->grid;
    char text[GRID_VALUE_MAX];
    bytes command = {0};

    csv_u64(w, point);
    for (int c = 0; c < grid_columns(g); c++) {
        value_of(out, param_find(&params_table, grid_name(g, c)), text, sizeof text);
        csv_text(w, text);
    }
    for (int id = 0; id < P_COUNT; id++)
        if (out->job->varies[id] && !sweep_out_swept(out->job, id)) {
            value_of(out, id, text, sizeof text);
            csv_text(w, text);
        }
    csv_u64(w, out->all.repetitions);
    csv_text(w, trial_outcomes[out->bad]);
    csv_u64(w, out->all.broken);
    if (out->job->options->until)
        goal_columns(out, point);
    if (out->bad == TRIAL_OK) {
        csv_empty(w);
    } else {
        sweep_out_command(&out->bench->settings, out->job->options->seed, out->bad_repetition,
                          &command);
        csv_text(w, (const char *)command.at);
    }
    csv_end_row(w);
    bytes_free(&command);
}

static void human(int64_t ps, char text[32])
{
    (void)units_human(UNIT_TIME, ps, 3, text, 32);
}

static void report_line(const sweep_out *out, uint64_t point)
{
    const metrics_point *p = &out->all;
    const hist *smi = &p->all.time[METRIC_SMI];
    const hist *command = &p->all.time[METRIC_COMMAND];
    const uint64_t known = p->known > 0 ? p->known : 1;
    char text[GRID_VALUE_MAX];
    char time[3][32];

    (void)printf("  %5llu", (unsigned long long)point);
    for (int c = 0; c < grid_columns(out->job->grid); c++) {
        value_of(out, param_find(&params_table, grid_name(out->job->grid, c)), text, sizeof text);
        (void)printf("  %-12s", text);
    }
    (void)snprintf(time[0], sizeof time[0], "-"); /* no run came to its end */
    if (command->count > 0)
        human(hist_mean(command), time[0]);
    human(hist_quantile(smi, 500000), time[1]);
    human(hist_quantile(smi, 990000), time[2]);
    (void)printf("  %10s %6llu %7llu %11s %9s  ", time[0],
                 (unsigned long long)(p->all.count[COUNT_SMIS] / known),
                 (unsigned long long)(p->all.count[COUNT_SERVED] / known), time[1], time[2]);
    report_main_groups(stdout, p);
    (void)fputc('\n', stdout);
}

static void report_trouble(const sweep_out *out, uint64_t point)
{
    bytes command = {0};

    if (out->bad == TRIAL_OK || out->bad_points > TROUBLES_MAX)
        return;
    sweep_out_command(&out->bench->settings, out->job->options->seed, out->bad_repetition,
                      &command);
    (void)printf("  point %llu, repetition %u: %s\n    %s\n", (unsigned long long)point,
                 out->bad_repetition, out->stuck[0] ? out->stuck : "stopped: run.limit came first",
                 (const char *)command.at);
    bytes_free(&command);
}

sim_status sweep_out_emit_point(void *self, uint64_t point, sim_err *err)
{
    sweep_out *out = self;
    sim_status s = sweep_bench_load(out->job, out->bench, point, err);

    if (s != SIM_OK)
        return s;
    out->bad_points += out->bad != TRIAL_OK;
    points_row(out, point);
    output_point(&out->output, point, &out->all);
    if (out->job->options->hgrm)
        s = hgrm_save(out->spec->folder, point, out->all.all.time, err);
    if (out->csv)
        output_summary_rows(out->csv, point, &out->all);
    else if (out->spec->points <= LINES_MAX)
        report_line(out, point);
    if (!out->csv)
        report_trouble(out, point);
    metrics_point_free(&out->all);
    metrics_point_init(&out->all);
    stat_init(&out->goal);
    out->bad = TRIAL_OK;
    return s;
}

/* ---- closing ---------------------------------------------------------------------------- */

static void free_all(sweep_out *out)
{
    metrics_point_free(&out->all);
    metrics_free(&out->trial.one);
    sweep_bench_free(out->bench);
    free(out);
}

void sweep_out_abandon(sweep_out *out)
{
    if (!out)
        return;
    output_abandon(&out->output);
    csv_abandon(out->csv);
    free_all(out);
}

/* What was judged, where it was reached, and where it is farthest from that. */
static void report_goal(const sweep_out *out)
{
    const sweep_goals *g = &out->goals;
    const uint64_t points = out->spec->points;
    const int64_t mean = g->interval.mean;
    char name[96];

    if (!out->job->options->until)
        return;
    measure_print(&out->job->goal.of, name, sizeof name);
    (void)printf("  %s: %s", out->job->options->until,
                 g->reached == points ? "reached" : "not reached");
    if (points > 1 && g->reached < points)
        (void)printf(" at %llu of %llu points", (unsigned long long)(points - g->reached),
                     (unsigned long long)points);
    if (g->empty > 0)
        (void)printf(" (no repetition has such a value%s)", points > 1 ? " at some" : "");
    (void)printf("; judged: 95 %% interval of the mean of each repetition's %s", name);
    if (mean > 0 && points > 1)
        (void)printf(", widest at point %llu", (unsigned long long)g->widest);
    if (mean > 0)
        (void)printf(": +- %lld.%lld %%",
                     (long long)((__int128)g->interval.half_width * 100 / mean),
                     (long long)((__int128)g->interval.half_width * 1000 / mean % 10));
    (void)fputc('\n', stdout);
}

static void report_end(sweep_out *out)
{
    sim_err err;

    if (out->bad_points > TROUBLES_MAX)
        (void)printf("  ... in all %llu points with trouble: see points.csv\n",
                     (unsigned long long)out->bad_points);
    if (out->spec->points <= LINES_MAX)
        (void)fputc('\n', stdout);
    (void)printf("  %llu runs: %llu ok", (unsigned long long)out->runs,
                 (unsigned long long)out->outcomes[TRIAL_OK]);
    for (int i = TRIAL_OK + 1; i < TRIAL_OUTCOMES; i++)
        if (out->outcomes[i] > 0)
            (void)printf(", %llu %s", (unsigned long long)out->outcomes[i], trial_outcomes[i]);
    (void)fputc('\n', stdout);
    report_goal(out);
    if (!out->job->varies[P_PLATFORM] && sweep_bench_load(out->job, out->bench, 0, &err) == SIM_OK)
        report_uncalibrated(stdout, &out->bench->experiment, out->used);
    (void)printf("  files: %s/{run,points,summary,reps,hist%s}.csv%s\n", out->spec->folder,
                 out->job->options->detail ? ",ops,smis,cpus" : "",
                 out->job->options->hgrm ? ", hgrm/*.hgrm" : "");
}

sim_status sweep_out_close(sweep_out *out, sim_err *err)
{
    char name[32];

    number_fact(&out->output, "runs", out->runs);
    for (int i = 0; i < TRIAL_OUTCOMES; i++) {
        (void)snprintf(name, sizeof name, "runs.%s", trial_outcomes[i]);
        number_fact(&out->output, name, out->outcomes[i]);
    }
    digest_fact(&out->output, "digest.run", out->digest, "");
    return output_close(&out->output, err);
}

sim_status sweep_out_end(sweep_out *out, sim_err *err)
{
    sim_status s = SIM_OK;

    if (out->csv)
        s = pipe_forgive(csv_close(out->csv, err));
    else
        report_end(out);
    free_all(out);
    return s;
}
