/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_demo: `smmsim demo`: the sweep workloads/sweeps/demo.csv, its report, data for a picture. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workloads/grid.h"
#include "sim/cli/cmd.h"
#include "sim/cli/demo_report.h"
#include "sim/cli/options.h"
#include "sim/cli/output.h"

enum { REPETITIONS = 40 /* of 30 SMIs each: enough for p99 */ };

typedef struct {
    options options;
    grid *grid;
    grid_point row; /* of the point whose settings stand below: the sweep's, then the user's */
    experiment_setting setting[GRID_COLUMNS_MAX + OPTIONS_SETTINGS_MAX];
    int settings;
    int points; /* to be run: all, or as many as the table has rows */
    demo_point point[DEMO_POINTS];
} demo;

static void take_settings(demo *d, int point)
{
    grid_get(d->grid, (uint64_t)point, &d->row);
    d->settings = 0;
    for (int i = 0; i < d->row.count; i++)
        d->setting[d->settings++] = d->row.setting[i];
    for (int i = 0; i < d->options.settings; i++)
        d->setting[d->settings++] = d->options.setting[i];
}

/* What the rows of the table are about cannot be set for all of them; but one protocol can. */
static sim_status load_sweep(demo *d, sim_err *err)
{
    char path[512];
    const char *const file[] = {path};
    sim_status s = experiment_find("workloads/sweeps", "demo", path, err);

    if (s == SIM_OK)
        s = grid_load(&(grid_source){.path = file, .paths = 1}, &d->grid, err);
    if (s != SIM_OK)
        return s;
    if (grid_points(d->grid) != DEMO_POINTS)
        return err_set(err, SIM_BAD_INPUT, "%s: %llu points (would be right: %d)", path,
                       (unsigned long long)grid_points(d->grid), DEMO_POINTS);
    d->points = DEMO_POINTS;
    for (int i = 0; i < d->options.settings; i++)
        for (int c = 0; c < grid_columns(d->grid); c++)
            if (strcmp(d->options.setting[i].name, grid_name(d->grid, c)) != 0)
                continue;
            else if (strcmp(grid_name(d->grid, c), "protocol") == 0)
                d->points = DEMO_ROWS;
            else
                return err_set(err, SIM_BAD_INPUT,
                               "%s: demo compares its values (use `smmsim run`)",
                               grid_name(d->grid, c));
    return SIM_OK;
}

static void note(demo_point *p, uint64_t repetition, const run_record *record)
{
    int64_t phase[PHASE_COUNT];

    if (record->stuck[0] && p->why[0] == '\0') {
        p->bad = repetition;
        (void)snprintf(p->why, sizeof p->why, "%s", record->stuck);
    }
    for (uint64_t i = 0; i < record->triggers; i++) {
        const trigger_record *t = &record->trigger[i];

        p->first = t->cpu < p->first ? t->cpu : p->first;
        p->last = t->cpu > p->last ? t->cpu : p->last;
        if (!t->closed)
            continue;
        record_phases(t, phase);
        p->waits += phase[PHASE_BSP_TIMEOUT1] > 0;
    }
}

static sim_status run_point(demo *d, demo_point *p, sim_err *err)
{
    const sim_status s = experiment_load(d->setting, d->settings, &p->experiment, err);
    attempt a;

    if (s != SIM_OK)
        return s;
    p->loaded = 1;
    p->first = UINT32_MAX;
    attempt_init(&a);
    attempt_setup(&a, &p->experiment.setup);
    metrics_point_init(&p->point);
    for (int64_t i = 0; i < d->options.repetitions; i++) {
        (void)attempt_run(&a, d->options.seed, (uint32_t)i); /* what broke is noted as any end */
        metrics_point_add(&p->point, &a.one, &a.record);
        note(p, (uint64_t)i, &a.record);
    }
    memcpy(p->used, a.used, sizeof p->used);
    attempt_free(&a);
    return SIM_OK;
}

/* ---- data for the picture --------------------------------------------------------------- */

/* The first columns of both files. */
static void key_columns(csv_writer *w, const demo_point *p)
{
    const param_set *params = p->experiment.params;

    csv_text(w, param_name(params, P_PROTOCOL));
    csv_text(w, param_name(params, P_DELIVERY));
    if (p->first == UINT32_MAX)
        csv_i64(w, param_int(params, P_CALLER));
    else if (p->first == p->last)
        csv_u64(w, p->first);
    else
        csv_text(w, "many");
}

static void slowdown_row(csv_writer *w, const demo_point *p)
{
    key_columns(w, p);
    csv_decimal_if(w, demo_report_finished(p), demo_report_time(p), 9);
    csv_u64(w, demo_report_per_run(p, COUNT_SMIS));
    csv_u64(w, demo_report_per_run(p, COUNT_SERVED));
    for (int i = 0; i < 2; i++) {
        const quant q = metrics_quantile(&p->point, METRIC_SMI, i ? METRIC_P99 : METRIC_P50);

        csv_decimal_if(w, q.held, q.value, 9);
    }
    csv_end_row(w);
}

static void phase_rows(csv_writer *w, const demo_point *p)
{
    const metrics *all = &p->point.all;
    int64_t share[PHASE_COUNT], mean;

    metrics_phase_shares(all, share);
    for (int i = 0; i < PHASE_COUNT && metrics_phase_mean(all, i, &mean); i++) {
        key_columns(w, p);
        csv_text(w, phase_names[i]);
        csv_decimal(w, mean, 9);
        csv_decimal(w, share[i], 9);
        csv_decimal(w, hist_mean(&all->time[METRIC_SMI]), 9);
        csv_end_row(w);
    }
}

/* The files, and run.csv with what was asked for. */
static sim_status write_files(const demo *d, folder_owned *f, sim_err *err)
{
    output out = {.folder = f, .run = folder_facts(f)};
    sim_status s = output_file(f, "slowdown.csv", &out.summary, err);

    if (s == SIM_OK)
        s = output_file(f, "phases.csv", &out.points, err);
    if (s != SIM_OK) {
        output_abandon(&out);
        return s;
    }
    output_header(out.summary, "protocol delivery caller_cpu command_ms smis served smi_p50_ms "
                               "smi_p99_ms");
    output_header(out.points, "protocol delivery caller_cpu phase mean_ms share smi_mean_ms");
    for (int i = 0; i < d->points; i++) {
        slowdown_row(out.summary, &d->point[i]);
        phase_rows(out.points, &d->point[i]);
    }
    output_head(&out, d->options.seed, (uint64_t)d->options.repetitions);
    for (int i = 0; i < d->options.settings; i++)
        output_fact(&out, d->options.setting[i].name, d->options.setting[i].value,
                    d->options.setting[i].place, "");
    return output_close(&out, err);
}

/* As `run` does: what did not come to its end is the program's to tell, with where it happened. */
static sim_status bad_status(demo *d)
{
    char who[80];
    int i = 0;

    while (i < d->points && !d->point[i].why[0])
        i++;
    if (i == d->points)
        return SIM_OK;
    take_settings(d, i);
    (void)snprintf(who, sizeof who, "%s, caller.cpu=%lld, ",
                   param_name(d->point[i].experiment.params, P_DELIVERY),
                   (long long)param_int(d->point[i].experiment.params, P_CALLER));
    attempt_tell(stderr, who, d->point[i].why,
                 &(attempt_again){d->setting, d->settings, d->options.seed, d->point[i].bad, NULL});
    return SIM_FINDING;
}

static sim_status run(demo *d, sim_err *err)
{
    const options *o = &d->options;
    const folder_request request = {
        .path = o->out, .command = "demo", .names = output_names, .force = o->force};
    folder_owned *folder = NULL;
    sim_status s = load_sweep(d, err);

    if (s == SIM_OK && o->out)
        s = folder_open(&request, &folder, err);
    for (int i = 0; i < d->points && s == SIM_OK; i++) {
        take_settings(d, i);
        s = run_point(d, &d->point[i], err);
    }
    if (s == SIM_OK && o->out)
        s = write_files(d, folder, err);
    folder_close(folder);
    if (s != SIM_OK)
        return s;
    demo_report(d->point, o->seed);
    return bad_status(d);
}

int cmd_demo(int argc, char **argv)
{
    demo *d = sim_alloc(1, sizeof *d);
    sim_err err = {""};
    sim_status s = options_parse(argc, argv, &d->options, &err);

    if (!d->options.reps_given)
        d->options.repetitions = REPETITIONS;
    if (s == SIM_OK)
        s = run(d, &err);
    for (int i = 0; i < DEMO_POINTS && d->point[i].loaded; i++) {
        metrics_point_free(&d->point[i].point);
        experiment_free(&d->point[i].experiment);
    }
    grid_free(d->grid);
    free(d);
    if (s != SIM_OK && err.text[0])
        err_tell("%s", err.text);
    return (int)s;
}
