/* SPDX-License-Identifier: Apache-2.0 */
/* output: writes run.csv, summary.csv, reps.csv, hist.csv, ops.csv, smis.csv and cpus.csv. */
#include "sim/cli/output.h"

#include <stdio.h>
#include <string.h>

#ifndef SMMSIM_VERSION
#define SMMSIM_VERSION "unknown"
#endif

enum {
    QUANTILES = METRIC_QUANTILE_COUNT,
    INTERVALS = METRIC_MAX - METRIC_P50, /* of the quantiles between least and greatest value */
    SHARE_DECIMALS = 9
};

/* Picoseconds as nanoseconds, exactly. */
static void nanoseconds(csv_writer *w, int64_t ps)
{
    csv_decimal(w, ps, 3);
}

static void empties(csv_writer *w, int count)
{
    for (int i = 0; i < count; i++)
        csv_empty(w);
}

/* ---- opening and closing ---------------------------------------------------------------- */

/* The first ones in the order of `writers`. */
const char *const output_names[] = {"summary.csv", "reps.csv",  "hist.csv", "points.csv",
                                    "ops.csv",     "smis.csv",  "cpus.csv", "slowdown.csv",
                                    "phases.csv",  "trace.csv", NULL};

static void smis_header(csv_writer *w)
{
    char name[64];

    csv_words(w, "point repetition trigger cpu outcome round visits coalesced abandoned "
                 "port_write_ns latency_ns");
    for (int p = 0; p < PHASE_COUNT; p++) {
        (void)snprintf(name, sizeof name, "%s_ns", phase_names[p]);
        csv_text(w, name);
    }
    csv_words(w, "last_out_ns skew_ns");
    csv_end_row(w);
}

sim_status output_file(folder_owned *f, const char *name, csv_writer **w, sim_err *err)
{
    outfile *file;
    const sim_status s = folder_file(f, name, &file, err);

    if (s == SIM_OK)
        *w = csv_on(file);
    return s;
}

void output_header(csv_writer *w, const char *words)
{
    csv_words(w, words);
    csv_end_row(w);
}

static csv_writer **writers(output *out, int number)
{
    csv_writer **const all[] = {&out->summary, &out->reps, &out->hist, &out->points,
                                &out->ops,     &out->smis, &out->cpus};

    return number < (int)(sizeof all / sizeof all[0]) ? all[number] : NULL;
}

static void write_headers(output *out)
{
    if (out->summary) {
        output_summary_header(out->summary);
        output_header(out->reps, "point repetition metric count min_ns p50_ns p90_ns p99_ns "
                                 "p999_ns max_ns mean_ns");
        output_header(out->hist, "point metric low_ns high_ns count cumulative_count "
                                 "cumulative_share");
    }
    if (out->ops) {
        output_header(out->ops, "point repetition thread line op status served cpu first begin_ns "
                                "end_ns latency_ns smi_ns trigger");
        smis_header(out->smis);
        output_header(out->cpus, "point repetition cpu via role round timeout1 timeout2 stopped_ns "
                                 "entered_ns left_ns blackout_ns");
    }
}

sim_status output_open(folder_owned *f, uint32_t files, output *out, sim_err *err)
{
    static const uint32_t of[] = {OUTPUT_SUMMARY, OUTPUT_SUMMARY, OUTPUT_SUMMARY, OUTPUT_POINTS,
                                  OUTPUT_DETAIL,  OUTPUT_DETAIL,  OUTPUT_DETAIL};
    sim_status s = SIM_OK;

    *out = (output){.folder = f, .run = folder_facts(f)};
    for (int i = 0; s == SIM_OK && writers(out, i); i++)
        if (files & of[i])
            s = output_file(f, output_names[i], writers(out, i), err);
    if (s == SIM_OK)
        write_headers(out);
    else
        output_abandon(out);
    return s;
}

sim_status output_close(output *out, sim_err *err)
{
    sim_status s = SIM_OK;

    SIM_ASSERT(out != NULL);
    for (int i = 0; writers(out, i); i++) {
        csv_writer **w = writers(out, i);

        if (*w && s == SIM_OK)
            s = csv_close(*w, err);
        else if (*w)
            csv_abandon(*w);
        *w = NULL;
    }
    return s == SIM_OK ? folder_commit(out->folder, err) : s;
}

void output_abandon(output *out)
{
    for (int i = 0; writers(out, i); i++) {
        csv_writer **w = writers(out, i);

        if (*w)
            csv_abandon(*w);
        *w = NULL;
    }
}

/* ---- run.csv ---------------------------------------------------------------------------- */

void output_fact(output *out, const char *name, const char *value, const char *place,
                 const char *source)
{
    csv_text(out->run, name);
    csv_text(out->run, value);
    csv_text(out->run, place);
    csv_text(out->run, source);
    csv_end_row(out->run);
}

void output_number(output *out, const char *name, uint64_t value)
{
    char text[32];

    (void)snprintf(text, sizeof text, "%llu", (unsigned long long)value);
    output_fact(out, name, text, "", "");
}

void output_digest(output *out, const char *name, uint64_t value, const char *place)
{
    char text[32];

    (void)snprintf(text, sizeof text, "%016llx", (unsigned long long)value);
    output_fact(out, name, text, place, "");
}

void output_param(output *out, const param_set *params, int id)
{
    char text[512];

    (void)param_print(params, id, text, sizeof text);
    output_fact(out, params_table.defs[id].name, text, param_place(params, id),
                param_source(params, id));
}

void output_head(output *out, uint64_t seed, uint64_t repetitions)
{
    output_fact(out, "version", SMMSIM_VERSION, "", "");
    output_number(out, "seed", seed);
    output_number(out, "repetitions", repetitions);
}

void output_experiment(output *out, const experiment *e, uint64_t seed, uint64_t repetitions)
{
    output_head(out, seed, repetitions);
    output_digest(out, "digest.platform", e->platform_digest, e->platform_path);
    output_digest(out, "digest.workload", e->workload_digest, e->workload_path);
    if (experiment_tables(e) != 0)
        output_digest(out, "digest.tables", experiment_tables(e), "");
    for (int id = 0; id < P_COUNT; id++)
        if (params_table.defs[id].use & PARAM_FOR_TIME)
            output_param(out, e->params, id);
}

/* ---- reps.csv, summary.csv, hist.csv ---------------------------------------------------- */

static void time_columns(csv_writer *w, const hist *h)
{
    csv_u64(w, h->count);
    if (h->count == 0) {
        empties(w, QUANTILES + 1);
        return;
    }
    for (int q = 0; q < QUANTILES; q++)
        if (quant_held(h->count, metric_quantiles[q]))
            nanoseconds(w, hist_quantile(h, metric_quantiles[q]));
        else
            csv_empty(w);
    nanoseconds(w, hist_mean(h));
}

void output_summary_header(csv_writer *w)
{
    char name[64];

    csv_words(w,
              "point metric repetitions count min_ns p50_ns p90_ns p99_ns p999_ns max_ns mean_ns "
              "mean_ci95_ns mean_count mean_count_ci95 share");
    for (int i = 0; i < 2 * INTERVALS; i++) {
        (void)snprintf(name, sizeof name, "%s_%s_ns", metric_quantile_names[METRIC_P50 + i / 2],
                       i % 2 ? "high" : "low");
        csv_text(w, name);
    }
    csv_end_row(w);
}

/* Of the quantiles of a time, at the end of its row. */
static void interval_columns(csv_writer *w, const metrics_point *p, int time)
{
    for (int i = METRIC_P50; i < METRIC_MAX; i++) {
        const quant q = metrics_quantile(p, time, i);

        csv_decimal_if(w, q.sure, q.low, 3);
        csv_decimal_if(w, q.sure, q.high, 3);
    }
}

/* The sums of thousandfold values. */
static stat_sums thousandfold(const stat_sums *sums)
{
    const uint64_t squared = 1000000;
    unsigned __int128 low = (unsigned __int128)(uint64_t)sums->sum_squares * squared;
    unsigned __int128 middle = (sums->sum_squares >> 64) * squared + (low >> 64);

    return (stat_sums){.count = sums->count,
                       .min = sums->min * 1000,
                       .max = sums->max * 1000,
                       .sum = sums->sum * 1000,
                       .sum_squares = middle << 64 | (uint64_t)low,
                       .sum_squares_high =
                           sums->sum_squares_high * squared + (uint64_t)(middle >> 64)};
}

/* Mean of a counter over repetitions and its interval, in thousandths. */
static void counter_columns(csv_writer *w, const stat_sums *sums)
{
    stat_sums scaled = thousandfold(sums);
    stat_result r = stat_mean(&scaled, 95);

    csv_decimal_if(w, sums->count > 0,
                   sums->count > 0 ? stat_ratio(sums->sum * 1000, sums->count) : 0, 3);
    csv_decimal_if(w, r.half_width >= 0, r.half_width, 3);
}

static void phase_rows(csv_writer *w, uint64_t point, const metrics_point *p)
{
    uint64_t smis = p->all.time[METRIC_SMI].count;
    int64_t share[PHASE_COUNT], mean = 0;
    int known;

    metrics_phase_shares(&p->all, share);
    for (int i = 0; i < PHASE_COUNT; i++) {
        char name[64];

        (void)snprintf(name, sizeof name, "phase.%s", phase_names[i]);
        csv_u64(w, point);
        csv_text(w, name);
        csv_u64(w, p->known);
        csv_u64(w, smis);
        empties(w, QUANTILES);
        known = metrics_phase_mean(&p->all, i, &mean);
        csv_decimal_if(w, known, mean, 3);
        empties(w, 3);
        csv_decimal_if(w, known, share[i], SHARE_DECIMALS);
        empties(w, 2 * INTERVALS);
        csv_end_row(w);
    }
}

/* What SMM took of the CPU time; of the other times there is no share. */
static void time_share(csv_writer *w, int time, const metrics *m)
{
    const hist *all = &m->time[METRIC_CPU_TIME];

    if (time != METRIC_STOLEN || all->sum == 0)
        csv_empty(w);
    else
        csv_decimal(w, (int64_t)(m->time[time].sum * METRICS_WHOLE / all->sum), SHARE_DECIMALS);
}

void output_summary_rows(csv_writer *w, uint64_t point, const metrics_point *p)
{
    for (int i = 0; i < METRIC_TIME_COUNT; i++) {
        stat_result r = stat_mean(&p->mean[i], 95);

        if (p->all.time[i].count == 0 && !metrics_always(i))
            continue;
        csv_u64(w, point);
        csv_text(w, metric_time_names[i]);
        csv_u64(w, p->known);
        time_columns(w, &p->all.time[i]);
        csv_decimal_if(w, p->mean[i].count > 1, r.half_width, 3);
        empties(w, 2);
        time_share(w, i, &p->all);
        interval_columns(w, p, i);
        csv_end_row(w);
    }
    for (int i = 0; i < METRIC_COUNT_COUNT; i++) {
        csv_u64(w, point);
        csv_text(w, metric_count_names[i]);
        csv_u64(w, p->known);
        csv_u64(w, p->all.count[i]);
        empties(w, QUANTILES + 2);
        counter_columns(w, &p->counter[i]);
        empties(w, 1 + 2 * INTERVALS);
        csv_end_row(w);
    }
    phase_rows(w, point, p);
}

static void hist_row(csv_writer *w, uint32_t cell, uint64_t count)
{
    nanoseconds(w, hist_cell_low(cell));
    nanoseconds(w, hist_cell_high(cell));
    csv_u64(w, count);
}

/* Shares are rounded down, so that only the last one is 1. */
static void hist_rows(csv_writer *w, uint64_t point, const metrics_point *p)
{
    for (int i = 0; i < METRIC_TIME_COUNT; i++) {
        const hist *h = &p->all.time[i];
        unsigned __int128 up_to = 0;

        for (uint32_t o = 0; o < HIST_OCTAVES; o++)
            for (uint32_t k = 0; h->octave[o] && k < HIST_SUB_CELLS; k++) {
                if (h->octave[o][k] == 0)
                    continue;
                up_to += h->octave[o][k];
                csv_u64(w, point);
                csv_text(w, metric_time_names[i]);
                hist_row(w, o * HIST_SUB_CELLS + k, h->octave[o][k]);
                csv_u64(w, (uint64_t)up_to);
                csv_decimal(w, (int64_t)(up_to * METRICS_WHOLE / h->count), SHARE_DECIMALS);
                csv_end_row(w);
            }
        SIM_ASSERT(up_to == h->count);
    }
}

void output_point(output *out, uint64_t point, const metrics_point *p)
{
    output_summary_rows(out->summary, point, p);
    hist_rows(out->hist, point, p);
}

/* What took no time has no row: most phases of most runs. */
static void reps_phase_rows(csv_writer *w, uint64_t point, uint64_t repetition, const metrics *one)
{
    int64_t mean;

    for (int i = 0; i < PHASE_COUNT; i++) {
        char name[64];

        if (one->phase[i] == 0 || !metrics_phase_mean(one, i, &mean))
            continue;
        (void)snprintf(name, sizeof name, "phase.%s", phase_names[i]);
        csv_u64(w, point);
        csv_u64(w, repetition);
        csv_text(w, name);
        csv_u64(w, one->time[METRIC_SMI].count);
        empties(w, QUANTILES);
        nanoseconds(w, mean);
        csv_end_row(w);
    }
}

void output_reps_rows(csv_writer *w, uint64_t point, uint64_t repetition, const metrics *one)
{
    for (int i = 0; i < METRIC_TIME_COUNT; i++) {
        if (one->time[i].count == 0 && !metrics_always(i))
            continue;
        csv_u64(w, point);
        csv_u64(w, repetition);
        csv_text(w, metric_time_names[i]);
        time_columns(w, &one->time[i]);
        csv_end_row(w);
    }
    for (int i = 0; i < METRIC_COUNT_COUNT; i++) {
        csv_u64(w, point);
        csv_u64(w, repetition);
        csv_text(w, metric_count_names[i]);
        csv_u64(w, one->count[i]);
        empties(w, QUANTILES + 1);
        csv_end_row(w);
    }
    reps_phase_rows(w, point, repetition, one);
}

/* ---- ops.csv, smis.csv, cpus.csv -------------------------------------------------------- */

static const char *const outcome_names[] = {"lost", "served", "late", "lost", "refused", "late"};
static const char *const via_names[] = {"trigger", "directed", "latch"};
static const char *const role_names[] = {"undecided", "bsp",       "ap",
                                         "too_late",  "abandoned", "spurious"};

static void ops_row(csv_writer *w, uint64_t point, uint64_t repetition, const call_record *c)
{
    csv_u64(w, point);
    csv_u64(w, repetition);
    csv_u64(w, c->thread);
    csv_u64(w, c->line);
    csv_text(w, call_names[c->kind]);
    csv_text(w, status_names[c->status]);
    csv_text(w, c->trigger == RECORD_NONE ? "" : outcome_names[c->served]);
    csv_u64(w, c->cpu);
    csv_u64(w, c->first);
    nanoseconds(w, c->begin);
    nanoseconds(w, c->end);
    nanoseconds(w, c->end - c->begin);
    nanoseconds(w, c->smm);
    if (c->trigger == RECORD_NONE)
        csv_empty(w);
    else
        csv_u64(w, c->trigger);
    csv_end_row(w);
}

static void number_or_empty(csv_writer *w, uint32_t value)
{
    if (value == RECORD_NONE)
        csv_empty(w);
    else
        csv_u64(w, value);
}

static void smis_row(csv_writer *w, const uint64_t key[3], const trigger_record *t)
{
    int64_t begin = t->at[AT_PORT_WRITE];
    int64_t phases[PHASE_COUNT];

    for (int i = 0; i < 3; i++)
        csv_u64(w, key[i]);
    csv_u64(w, t->cpu);
    csv_text(w, outcome_names[t->outcome]);
    number_or_empty(w, t->round);
    csv_u64(w, t->visits);
    csv_u64(w, t->coalesced);
    csv_u64(w, t->abandoned);
    nanoseconds(w, begin);
    if (!t->closed) { /* the run ended inside it */
        empties(w, PHASE_COUNT + 3);
        csv_end_row(w);
        return;
    }
    record_phases(t, phases);
    nanoseconds(w, t->at[AT_RESUMED] - begin);
    for (int p = 0; p < PHASE_COUNT; p++)
        nanoseconds(w, phases[p]);
    csv_decimal_if(w, t->last_out > begin, t->last_out - begin, 3);
    nanoseconds(w, t->skew);
    csv_end_row(w);
}

static void cpus_row(csv_writer *w, uint64_t point, uint64_t repetition, const visit_record *v)
{
    csv_u64(w, point);
    csv_u64(w, repetition);
    csv_u64(w, v->cpu);
    csv_text(w, via_names[v->via]);
    csv_text(w, role_names[v->role]);
    number_or_empty(w, v->round);
    csv_u64(w, v->timeout1);
    csv_u64(w, v->timeout2);
    nanoseconds(w, v->stopped);
    csv_decimal_if(w, v->entered >= 0, v->entered, 3);
    csv_decimal_if(w, v->left > 0, v->left, 3); /* or it never left */
    csv_decimal_if(w, v->left > 0, v->left - v->stopped, 3);
    csv_end_row(w);
}

void output_detail_rows(csv_writer *const to[3], uint64_t point, uint64_t repetition,
                        const run_record *record)
{
    for (uint64_t i = 0; i < record->calls; i++)
        ops_row(to[0], point, repetition, &record->call[i]);
    for (uint64_t i = 0; i < record->triggers; i++)
        smis_row(to[1], (uint64_t[]){point, repetition, i}, &record->trigger[i]);
    for (uint64_t i = 0; i < record->visits; i++)
        cpus_row(to[2], point, repetition, &record->visit[i]);
}

void output_repetition(output *out, uint64_t point, uint64_t repetition, const run_record *record,
                       const metrics *one)
{
    csv_writer *const detail[] = {out->ops, out->smis, out->cpus};

    if (out->reps && !metrics_broken(record))
        output_reps_rows(out->reps, point, repetition, one);
    if (out->ops)
        output_detail_rows(detail, point, repetition, record);
}
