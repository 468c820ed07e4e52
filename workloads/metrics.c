/* SPDX-License-Identifier: Apache-2.0 */
/* metrics: collects histograms and counters from the record of a run. */
#include "workloads/metrics.h"

#include <stdlib.h>
#include <string.h>

#include "models/protocol/program.h"

#define NAME(id, name, ...) name,
const char *const metric_time_names[METRIC_TIME_COUNT] = {METRIC_TIMES(NAME)};
const char *const metric_quantile_names[METRIC_QUANTILE_COUNT] = {METRIC_QUANTILES(NAME)};
const char *const metric_count_names[METRIC_COUNT_COUNT] = {METRIC_COUNTS(NAME)};
#undef NAME
#define TIME_MEANING(id, name, meaning) meaning,
const char *const metric_time_meanings[METRIC_TIME_COUNT] = {METRIC_TIMES(TIME_MEANING)};
#undef TIME_MEANING
#define QUANTILE_PPM(id, name, ppm) ppm,
const uint32_t metric_quantiles[METRIC_QUANTILE_COUNT] = {METRIC_QUANTILES(QUANTILE_PPM)};
#undef QUANTILE_PPM
#define COUNT_MEANING(id, name, field, meaning) meaning,
const char *const metric_count_meanings[METRIC_COUNT_COUNT] = {METRIC_COUNTS(COUNT_MEANING)};
#undef COUNT_MEANING

_Static_assert(METRIC_CALL_GET + CALL_COMPUTE == METRIC_TIME_COUNT,
               "a metric for each kind of call that goes to the firmware, in their order");

void metrics_init(metrics *m)
{
    memset(m, 0, sizeof *m);
}

void metrics_free(metrics *m)
{
    for (int i = 0; i < METRIC_TIME_COUNT; i++)
        hist_free(&m->time[i]);
}

void metrics_clear(metrics *m)
{
    metrics_free(m);
    metrics_init(m);
}

static void collect_triggers(metrics *m, const run_record *record)
{
    int64_t phases[PHASE_COUNT];

    for (uint64_t i = 0; i < record->triggers; i++) {
        const trigger_record *t = &record->trigger[i];
        int64_t begin = t->at[AT_PORT_WRITE];

        if (!t->closed)
            continue;
        hist_add(&m->time[METRIC_SMI], t->at[AT_RESUMED] - begin);
        if (t->last_out > begin)
            hist_add(&m->time[METRIC_LAST_OUT], t->last_out - begin);
        if (t->round != RECORD_NONE) {
            hist_add(&m->time[METRIC_SKEW], t->skew);
            if (t->outcome == TRIGGER_SERVED && t->at[AT_ALL_IN] >= begin)
                hist_add(&m->time[METRIC_RENDEZVOUS], t->at[AT_ALL_IN] - begin);
        }
        record_phases(t, phases);
        for (int p = 0; p < PHASE_COUNT; p++)
            m->phase[p] += phases[p];
    }
}

/* Calls of one thread follow each other; an operation is what they need from its first call on. */
static void collect_calls(metrics *m, const run_record *record)
{
    uint32_t threads = 0;
    int64_t *sum;

    for (uint64_t i = 0; i < record->calls; i++)
        if (record->call[i].thread >= threads)
            threads = record->call[i].thread + 1u;
    sum = sim_alloc(threads, sizeof *sum);
    for (uint32_t t = 0; t < threads; t++)
        sum[t] = -1;
    for (uint64_t i = 0; i < record->calls; i++) {
        const call_record *call = &record->call[i];
        int64_t time = call->end - call->begin;

        if (call->kind < CALL_COMPUTE) { /* what goes to the firmware */
            hist_add(&m->time[METRIC_CALL], time);
            hist_add(&m->time[METRIC_CALL_GET + call->kind], time);
        }
        if (call->first && sum[call->thread] >= 0)
            hist_add(&m->time[METRIC_OPERATION], sum[call->thread]);
        sum[call->thread] = call->first || sum[call->thread] < 0 ? time : sum[call->thread] + time;
    }
    for (uint32_t t = 0; t < threads; t++)
        if (sum[t] >= 0)
            hist_add(&m->time[METRIC_OPERATION], sum[t]);
    free(sum);
}

static void add_sum(hist *h, int64_t sum)
{
    if (sum < RECORD_SUM_MAX)
        hist_add(h, sum);
}

void metrics_collect(metrics *m, const run_record *record)
{
    collect_triggers(m, record);
    collect_calls(m, record);
    for (uint64_t i = 0; i < record->visits; i++) {
        const visit_record *v = &record->visit[i];

        if (v->left > v->stopped)
            hist_add(&m->time[METRIC_BLACKOUT], v->left - v->stopped);
    }
    if (record->stuck[0] == '\0' && !record->count.stopped) {
        add_sum(&m->time[METRIC_COMMAND], record->command);
        add_sum(&m->time[METRIC_STOLEN], record->stolen);
        add_sum(&m->time[METRIC_CPU_TIME], record->cpu_time);
    }
#define ADD_COUNT(id, name, field, meaning) m->count[COUNT_##id] += record->count.field;
    METRIC_COUNTS(ADD_COUNT)
#undef ADD_COUNT
}

int metrics_broken(const run_record *record)
{
    return record->stuck[0] != '\0' && !record->count.hang && !record->count.stopped;
}

int metrics_phase_mean(const metrics *m, int phase, int64_t *mean)
{
    uint64_t smis = m->time[METRIC_SMI].count;

    if (smis > 0)
        *mean = stat_ratio(m->phase[phase], smis);
    return smis > 0;
}

int metrics_always(int time)
{
    return time < METRIC_CALL_GET;
}

/* Rounds the sums up to each phase, not the phases: so nothing is lost between them. */
void metrics_phase_shares(const metrics *m, int64_t share[PHASE_COUNT])
{
    __int128 total = 0, sum = 0;
    int64_t before = 0;

    for (int i = 0; i < PHASE_COUNT; i++) {
        SIM_ASSERT(m->phase[i] >= 0);
        total += m->phase[i];
    }
    for (int i = 0; i < PHASE_COUNT; i++) {
        int64_t up_to;

        sum += m->phase[i];
        up_to = total > 0 ? (int64_t)(sum * METRICS_WHOLE / total) : 0;
        share[i] = up_to - before;
        before = up_to;
    }
    SIM_ASSERT(before == (total > 0 ? METRICS_WHOLE : 0));
}

void metrics_point_init(metrics_point *p)
{
    memset(p, 0, sizeof *p);
}

void metrics_point_free(metrics_point *p)
{
    metrics_free(&p->all);
    for (int i = 0; i < METRIC_TIME_COUNT; i++)
        quant_free(&p->spread[i]);
}

void metrics_point_add(metrics_point *p, const metrics *one, const run_record *record)
{
    p->repetitions++;
    p->broken += record->stuck[0] != '\0';
    if (metrics_broken(record))
        return;
    p->known++;
    for (int i = 0; i < METRIC_TIME_COUNT; i++) {
        hist_merge(&p->all.time[i], &one->time[i]);
        quant_add(&p->spread[i], &one->time[i]);
        if (one->time[i].count > 0)
            stat_add(&p->mean[i], hist_mean(&one->time[i]));
    }
    for (int i = 0; i < METRIC_COUNT_COUNT; i++) {
        p->all.count[i] += one->count[i];
        stat_add(&p->counter[i], (int64_t)one->count[i]);
    }
    for (int i = 0; i < PHASE_COUNT; i++)
        p->all.phase[i] += one->phase[i];
}

quant metrics_quantile(const metrics_point *p, int time, int quantile)
{
    return quant_of(&p->spread[time], &p->all.time[time], metric_quantiles[quantile]);
}
