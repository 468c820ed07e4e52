/* SPDX-License-Identifier: Apache-2.0 */
/* sweep_out: merges repetitions to points, writes rows, and prints a line for each point. */
#include "sim/cli/sweep_out.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/lib/text.h"
#include "sim/lib/units.h"
#include "sim/cli/hgrm.h"
#include "sim/cli/report.h"
#include "sim/cli/sigpipe.h"

enum {
    LINES_MAX = 64 /* points, above which the report has no line for each */,
    TROUBLES_MAX = 5,
    REPORTED = 6
};

int sweep_out_swept(const sweep_job *job, int id)
{
    for (int c = 0; c < grid_columns(job->grid); c++)
        if (strcmp(grid_name(job->grid, c), params_table.defs[id].name) == 0)
            return 1;
    return 0;
}

/* ---- opening ---------------------------------------------------------------------------- */

/* "goal", "goal_p99_ns", "goal_low_ns", "goal_high_ns" */
static void goal_header(const sweep_out *out)
{
    const measure *of = &out->job->goal.of;
    const char *const names[] = {measure_stats[of->stat], "low", "high"};
    char name[32];

    csv_text(out->output.points, "goal");
    for (int i = 0; i < 3; i++) {
        (void)snprintf(name, sizeof name, "goal_%s%s", names[i], of->counter ? "" : "_ns");
        csv_text(out->output.points, name);
    }
}

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
        goal_header(out);
    }
    csv_text(w, "reproduce");
    csv_end_row(w);
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
    output *to = &out->output;

    output_head(to, o->seed, out->spec->repetitions);
    if (o->until)
        output_fact(to, "until", o->until, "", "");
    output_number(to, "points", out->spec->points);
    for (int i = 0; i < o->operands; i++)
        output_fact(to, "sweep", o->operand[i], "", "");
    columns_fact(out);
    output_digest(to, "digest.sweep", grid_digest(out->job->grid), "");
    output_digest(to, "digest.inputs", out->job->inputs, "");
    for (int id = 0; id < P_COUNT; id++)
        if (!(params_table.defs[id].use & PARAM_FOR_TIME))
            continue;
        else if (out->job->varies[id])
            output_fact(to, params_table.defs[id].name, "varies", "points.csv",
                        sweep_out_swept(out->job, id) ? "" : "derived from what is swept");
        else
            output_param(to, out->bench->experiment.params, id);
}

static void report_header(sweep_out *out)
{
    static const char *const titles[REPORTED] = {"calls take",  "SMIs", "served",
                                                 "per SMI p50", "p99",  "where the time went"};
    const int columns = grid_columns(out->job->grid);
    char kinds[1 + GRID_COLUMNS_MAX + REPORTED + 1] = "r";

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
    (void)fputc('\n', stdout);
    memset(kinds + 1, 'l', (size_t)columns);
    memcpy(kinds + 1 + columns, "rrrrrw", REPORTED);
    out->table = table_new(kinds);
    table_add(out->table, "point");
    for (int c = 0; c < columns; c++)
        table_add(out->table, "%s", grid_name(out->job->grid, c));
    for (int i = 0; i < REPORTED; i++)
        table_add(out->table, "%s", titles[i]);
}

static uint32_t files_of(const sweep_job *job)
{
    return OUTPUT_SUMMARY | OUTPUT_POINTS | (job->options->detail ? OUTPUT_DETAIL : 0);
}

sim_status sweep_out_ready(const void *self, const sweep_spec *spec, sim_err *err)
{
    const sweep_job *job = self;

    (void)spec; /* its folder is ours already */
    if (job->options->csv && (fcntl(STDOUT_FILENO, F_GETFL) & O_ACCMODE) == O_RDONLY)
        return err_set(err, SIM_SYSTEM, "standard output: closed, or open for reading only");
    return SIM_OK;
}

sim_status sweep_out_open(const sweep_job *job, const sweep_spec *spec, sweep_out **result,
                          sim_err *err)
{
    sweep_out *out = sim_alloc(1, sizeof *out);
    sim_status s;

    out->job = job;
    out->spec = spec;
    out->bench = sweep_job_bench_new();
    metrics_point_init(&out->all);
    metrics_init(&out->trial.one);
    s = sweep_job_bench_load(job, out->bench, 0, err);
    if (s == SIM_OK)
        s = output_open(job->folder, files_of(job), &out->output, err);
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

/* The command that makes the first bad repetition of this point again. */
static void bad_command(const sweep_out *out, bytes *to)
{
    const sweep_settings *settings = &out->bench->settings;
    const attempt_again again = {settings->setting, settings->count, out->job->options->seed,
                                 out->bad_repetition, NULL};

    attempt_command(&again, to);
}

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

    metrics_clear(&out->trial.one);
    if (!trial_unpack(result, &out->trial))
        return err_set(err, SIM_SYSTEM, "%s/journal: not understood (remove it)",
                       out->spec->folder);
    note_outcome(out, task->repetition);
    metrics_point_add(&out->all, &out->trial.one, &out->shell);
    if (!metrics_broken(&out->shell))
        output_reps_rows(out->output.reps, task->point, task->repetition, &out->trial.one);
    if (out->job->options->until) {
        bytes_clear(&out->value);
        measure_goal_value(&out->job->goal, &out->trial.one, &out->value);
        measure_tally_add(&out->job->goal, &out->goal, &out->value);
    }
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

/* Half the width of an interval, in thousandths of its value. */
static int64_t goal_share(const quant *q)
{
    const __int128 share = ((__int128)q->high - q->low) * 500 / q->value;

    return share < INT64_MAX ? (int64_t)share : INT64_MAX;
}

/* Why a point has not reached the goal, and which one is farthest from it. */
static void note_goal(sweep_out *out, uint64_t point, const quant *judged, int reached)
{
    const uint64_t count = measure_tally_count(&out->job->goal, &out->goal);
    sweep_goals *g = &out->goals;

    g->reached += (uint64_t)reached;
    g->empty += count == 0;
    g->blank += count > 0 && !judged->held;
    g->unsure += judged->held && !judged->sure;
    if (!judged->held && count > g->most)
        g->most = count;
    if (judged->sure && judged->value > 0 &&
        (g->interval.value == 0 || goal_share(judged) > goal_share(&g->interval))) {
        g->widest = point;
        g->interval = *judged;
    }
}

/* Columns of points.csv: whether the point has reached the goal, and the interval that was judged;
 * nanoseconds of picoseconds, counts of thousandths. */
static void goal_columns(sweep_out *out, uint64_t point)
{
    csv_writer *w = out->output.points;
    const quant judged = measure_judged(&out->job->goal, &out->goal);
    const int reached = measure_goal_reached(&out->job->goal, &judged);
    const int64_t numbers[] = {judged.value, judged.low, judged.high};

    csv_text(w, reached ? "reached" : "not reached");
    for (int i = 0; i < 3; i++)
        csv_decimal_if(w, i == 0 ? judged.held : judged.sure, numbers[i], 3);
    note_goal(out, point, &judged, reached);
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
        bad_command(out, &command);
        csv_text(w, (const char *)command.at);
    }
    csv_end_row(w);
    bytes_free(&command);
}

static const char *main_groups(const metrics_point *p, char text[GRID_VALUE_MAX])
{
    FILE *memory = fmemopen(text, GRID_VALUE_MAX, "w");

    text[0] = '\0';
    if (!memory)
        return "?";
    report_main_groups(memory, p);
    (void)fclose(memory);
    return text;
}

static void report_line(sweep_out *out, uint64_t point)
{
    const metrics_point *p = &out->all;
    const hist *command = &p->all.time[METRIC_COMMAND];
    const uint64_t known = p->known > 0 ? p->known : 1;
    char text[GRID_VALUE_MAX];
    char time[3][32];

    table_add(out->table, "%llu", (unsigned long long)point);
    for (int c = 0; c < grid_columns(out->job->grid); c++) {
        value_of(out, param_find(&params_table, grid_name(out->job->grid, c)), text, sizeof text);
        table_add(out->table, "%s", text);
    }
    (void)snprintf(time[0], sizeof time[0], "-"); /* no run came to its end */
    if (command->count > 0)
        (void)report_time(hist_mean(command), time[0]);
    out->blank |= report_quantile(p, METRIC_SMI, METRIC_P50, time[1]);
    out->blank |= report_quantile(p, METRIC_SMI, METRIC_P99, time[2]);
    table_add(out->table, "%s", time[0]);
    table_add(out->table, "%llu", (unsigned long long)(p->all.count[COUNT_SMIS] / known));
    table_add(out->table, "%llu", (unsigned long long)(p->all.count[COUNT_SERVED] / known));
    table_add(out->table, "%s", time[1]);
    table_add(out->table, "%s", time[2]);
    table_add(out->table, "%s", main_groups(p, text));
}

static void report_trouble(sweep_out *out, uint64_t point)
{
    bytes command = {0};

    if (out->bad == TRIAL_OK || out->bad_points > TROUBLES_MAX)
        return;
    bad_command(out, &command);
    text_format(&out->troubles, "  point %llu, repetition %u: %s\n    ", (unsigned long long)point,
                out->bad_repetition, out->stuck);
    text_add(&out->troubles, (const char *)command.at);
    text_add(&out->troubles, "\n");
    bytes_free(&command);
}

sim_status sweep_out_emit_point(void *self, uint64_t point, sim_err *err)
{
    sweep_out *out = self;
    sim_status s = sweep_job_bench_load(out->job, out->bench, point, err);

    if (s != SIM_OK)
        return s;
    out->bad_points += out->bad != TRIAL_OK;
    points_row(out, point);
    output_point(&out->output, point, &out->all);
    if (out->job->options->hgrm)
        s = hgrm_save(out->job->folder, point, out->all.all.time, err);
    if (out->csv)
        output_summary_rows(out->csv, point, &out->all);
    else if (out->spec->points <= LINES_MAX)
        report_line(out, point);
    if (!out->csv)
        report_trouble(out, point);
    metrics_point_free(&out->all);
    metrics_point_init(&out->all);
    measure_tally_clear(&out->goal);
    out->bad = TRIAL_OK;
    return s;
}

/* ---- closing ---------------------------------------------------------------------------- */

static void free_all(sweep_out *out)
{
    metrics_point_free(&out->all);
    metrics_free(&out->trial.one);
    measure_tally_clear(&out->goal);
    bytes_free(&out->value);
    bytes_free(&out->troubles);
    table_free(out->table);
    sweep_job_bench_free(out->bench);
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

/* Why it was not reached where more repetitions would have been needed. */
static void report_missed(const sweep_out *out, bytes *line)
{
    const sweep_goals *g = &out->goals;
    const char *some = out->spec->points > 1 ? " at some" : "";

    if (g->empty > 0)
        text_format(line, " (no repetition has such a value%s)", some);
    if (g->blank > 0)
        text_format(line, " (blank%s: fewer than %d of %llu values lie beyond it; needs %llu)",
                    some, QUANT_BEYOND, (unsigned long long)g->most,
                    (unsigned long long)quant_needs(metric_quantiles[out->job->goal.of.stat]));
    if (g->unsure > 0)
        text_format(line, " (no interval%s: too few repetitions for values that are so much alike)",
                    some);
}

/* What was judged, where it was reached, and where it is farthest from that. */
static void report_goal(const sweep_out *out)
{
    const sweep_goals *g = &out->goals;
    const measure *of = &out->job->goal.of;
    const uint64_t points = out->spec->points;
    char name[96];
    bytes line = {0};

    if (!out->job->options->until)
        return;
    measure_print(of, name, sizeof name);
    text_format(&line, "  %s: %s", out->job->options->until,
                g->reached == points ? "reached" : "not reached");
    if (points > 1 && g->reached < points)
        text_format(&line, " at %llu of %llu points", (unsigned long long)(points - g->reached),
                    (unsigned long long)points);
    report_missed(out, &line);
    if (measure_is_quantile(of))
        text_format(&line, "; judged: 95 %% interval of %s of all repetitions together", name);
    else
        text_format(&line, "; judged: 95 %% interval of the mean of each repetition's %s", name);
    if (g->interval.value > 0 && points > 1)
        text_format(&line, ", widest at point %llu", (unsigned long long)g->widest);
    if (g->interval.value > 0)
        text_format(&line, ": half its width is %lld.%lld %%",
                    (long long)(goal_share(&g->interval) / 10),
                    (long long)(goal_share(&g->interval) % 10));
    text_end(stdout, &line, 4);
}

static void report_end(sweep_out *out)
{
    sim_err err;

    if (out->table)
        table_print(out->table, 2, stdout);
    out->table = NULL;
    bytes_add(&out->troubles, "", 1);
    (void)fputs((const char *)out->troubles.at, stdout);
    if (out->bad_points > TROUBLES_MAX)
        (void)printf("  ... in all %llu points with trouble: see points.csv\n",
                     (unsigned long long)out->bad_points);
    report_blank(stdout, out->blank);
    if (out->spec->points <= LINES_MAX)
        (void)fputc('\n', stdout);
    (void)printf("  %llu runs: %llu ok", (unsigned long long)out->runs,
                 (unsigned long long)out->outcomes[TRIAL_OK]);
    for (int i = TRIAL_OK + 1; i < TRIAL_OUTCOMES; i++)
        if (out->outcomes[i] > 0)
            (void)printf(", %llu %s", (unsigned long long)out->outcomes[i], trial_outcomes[i]);
    (void)fputc('\n', stdout);
    report_goal(out);
    if (!out->job->varies[P_PLATFORM] &&
        sweep_job_bench_load(out->job, out->bench, 0, &err) == SIM_OK)
        report_uncalibrated(stdout, &out->bench->experiment, out->used);
    (void)printf("  files: %s/{run,points,summary,reps,hist%s}.csv%s\n", out->spec->folder,
                 out->job->options->detail ? ",ops,smis,cpus" : "",
                 out->job->options->hgrm ? ", hgrm/*.hgrm" : "");
}

sim_status sweep_out_close(sweep_out *out, sim_err *err)
{
    char name[32];

    output_number(&out->output, "runs", out->runs);
    for (int i = 0; i < TRIAL_OUTCOMES; i++) {
        (void)snprintf(name, sizeof name, "runs.%s", trial_outcomes[i]);
        output_number(&out->output, name, out->outcomes[i]);
    }
    output_digest(&out->output, "digest.run", out->digest, "");
    return output_close(&out->output, err);
}

sim_status sweep_out_end(sweep_out *out, sim_err *err)
{
    sim_status s = SIM_OK;

    if (out->csv)
        s = sigpipe_forgive(csv_close(out->csv, err));
    else
        report_end(out);
    free_all(out);
    return s;
}
