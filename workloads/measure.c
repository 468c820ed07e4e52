/* SPDX-License-Identifier: Apache-2.0 */
/* measure: names of figures to figures, and the test of a confidence interval. */
#include "workloads/measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/lib/hist_pack.h"
#include "sim/lib/units.h"

#define MEASURE_NAME(id, name, ppm) name,
const char *const measure_stats[MEASURE_STATS] = {METRIC_QUANTILES(MEASURE_NAME) "mean"};
#undef MEASURE_NAME

static int index_of(const char *name, const char *const *names, int count)
{
    for (int i = 0; i < count; i++)
        if (strcmp(name, names[i]) == 0)
            return i;
    return -1;
}

static sim_status unknown(const char *name, sim_err *err)
{
    const char *names[METRIC_TIME_COUNT + METRIC_COUNT_COUNT + PHASE_COUNT];
    char phase[PHASE_COUNT][40];
    const char *near;
    int count = 0;

    for (int i = 0; i < METRIC_TIME_COUNT; i++)
        names[count++] = metric_time_names[i];
    for (int i = 0; i < METRIC_COUNT_COUNT; i++)
        names[count++] = metric_count_names[i];
    for (int i = 0; i < PHASE_COUNT; i++) {
        (void)snprintf(phase[i], sizeof phase[i], "phase.%s", phase_names[i]);
        names[count++] = phase[i];
    }
    near = err_nearest(name, names, count);
    return err_set(err, SIM_BAD_INPUT,
                   "unknown metric \"%.60s\" (%s%s%s`smmsim list metrics` shows all)", name,
                   near ? "did you mean \"" : "", near ? near : "", near ? "\"? " : "");
}

static sim_status parse_stat(const char *name, measure *out, sim_err *err)
{
    out->stat = index_of(strcmp(name, "p99.9") == 0 ? "p999" : name, measure_stats, MEASURE_STATS);
    if (out->stat < 0)
        return err_set(err, SIM_BAD_INPUT,
                       "unknown statistic \"%.60s\" (min, p50, p90, p99, p99.9, max or mean)",
                       name);
    return SIM_OK;
}

/* "phase.handler", and ".mean" behind it if one likes. */
static sim_status parse_phase(const char *text, measure *out, sim_err *err)
{
    char name[64];
    const char *dot = strchr(text + sizeof "phase", '.');
    int length = dot ? (int)(dot - text) : (int)strlen(text);

    (void)snprintf(name, sizeof name, "%.*s", length, text);
    out->phase = 1;
    out->metric = index_of(name + sizeof "phase", phase_names, PHASE_COUNT);
    if (out->metric < 0)
        return unknown(name, err);
    if (dot && strcmp(dot, ".mean") != 0)
        return err_set(err, SIM_BAD_INPUT, "%s has a mean only and no \"%.60s\" (leave it out)",
                       name, dot + 1);
    return SIM_OK;
}

sim_status measure_parse(const char *text, measure *out, sim_err *err)
{
    char metric[64];
    size_t length = strcspn(text, ".");
    const char *stat = text[length] == '.' ? text + length + 1 : NULL;

    *out = (measure){.metric = METRIC_SMI, .stat = MEASURE_MEAN};
    if (length >= sizeof metric)
        return unknown(text, err);
    (void)snprintf(metric, sizeof metric, "%.*s", (int)length, text);
    if (index_of(metric, measure_stats, MEASURE_STATS) >= 0)
        return parse_stat(text, out, err);
    if (strcmp(metric, "phase") == 0 && stat)
        return parse_phase(text, out, err);
    out->metric = index_of(metric, metric_time_names, METRIC_TIME_COUNT);
    if (out->metric >= 0)
        return stat ? parse_stat(stat, out, err) : SIM_OK;
    out->metric = index_of(metric, metric_count_names, METRIC_COUNT_COUNT);
    out->counter = 1;
    if (out->metric < 0)
        return unknown(metric, err);
    if (stat)
        return err_set(err, SIM_BAD_INPUT, "%s is a count and has no \"%.60s\" (leave it out)",
                       metric, stat);
    return SIM_OK;
}

void measure_print(const measure *m, char *out, size_t size)
{
    if (m->counter)
        (void)snprintf(out, size, "%s", metric_count_names[m->metric]);
    else if (m->phase)
        (void)snprintf(out, size, "phase.%s", phase_names[m->metric]);
    else
        (void)snprintf(out, size, "%s.%s", metric_time_names[m->metric], measure_stats[m->stat]);
}

int measure_is_quantile(const measure *m)
{
    return !m->counter && !m->phase && m->stat != MEASURE_MEAN;
}

/* The mean of a time or a phase; 0 if the repetition has none. */
static int value_of(const measure *m, const metrics *one, int64_t *value)
{
    if (m->phase)
        return metrics_phase_mean(one, m->metric, value);
    *value = hist_mean(&one->time[m->metric]);
    return one->time[m->metric].count > 0;
}

/* ---- goals ------------------------------------------------------------------------------ */

static sim_status check_quantile(const measure_goal *goal, sim_err *err)
{
    const char *stat = measure_stats[goal->of.stat];

    if (goal->of.stat == METRIC_MIN || goal->of.stat == METRIC_MAX)
        return err_set(err, SIM_BAD_INPUT,
                       "--until: %s has no interval, it depends on how many values there are (p50, "
                       "p90, p99, p99.9 or mean)",
                       stat);
    if (goal->share < RATIO_ONE / 100)
        return err_set(err, SIM_BAD_INPUT,
                       "--until: %s is kept to 1 %% only, and no interval is narrower (ci<1%% or "
                       "more; less of a mean)",
                       stat);
    return SIM_OK;
}

sim_status measure_goal_parse(const char *text, measure_goal *out, sim_err *err)
{
    const char *ci = strstr(text, "ci");
    const char *limit = ci ? ci + 2 + strspn(ci + 2, " ") : NULL;
    char name[96];
    size_t used = 0;
    sim_status s;

    if (!limit || *limit != '<')
        return err_set(err, SIM_BAD_INPUT,
                       "--until \"%.60s\": not understood (such as \"p99 ci<2%%\" or "
                       "\"command_time mean ci<1%%\")",
                       text);
    for (const char *c = text; c < ci && used + 1 < sizeof name; c++) {
        if (*c != ' ')
            name[used++] = *c;
        else if (used > 0 && name[used - 1] != '.')
            name[used++] = '.';
    }
    used -= used > 0 && name[used - 1] == '.';
    name[used] = '\0';
    s = measure_parse(name, &out->of, err);
    limit += 1 + strspn(limit + 1, " ");
    if (s == SIM_OK && *limit && !strchr(limit, '%'))
        s = err_set(err, SIM_BAD_INPUT, "\"%.60s\": a share needs a %% (such as ci<2%%)", limit);
    if (s == SIM_OK)
        s = units_parse(UNIT_RATIO, limit, &out->share, err);
    if (s != SIM_OK)
        return err_prefix(err, s, "--until");
    if (out->share <= 0)
        return err_set(err, SIM_BAD_INPUT, "--until: the share must be above 0 (such as 2%%)");
    return measure_is_quantile(&out->of) ? check_quantile(out, err) : SIM_OK;
}

void measure_goal_value(const measure_goal *goal, const metrics *one, bytes *value)
{
    int64_t number;

    if (measure_is_quantile(&goal->of)) {
        hist_pack_add(value, &one->time[goal->of.metric]);
    } else if (goal->of.counter) {
        if (__builtin_mul_overflow((int64_t)one->count[goal->of.metric], 1000, &number))
            number = INT64_MAX / 2;
        bytes_add_signed(value, number);
    } else if (value_of(&goal->of, one, &number)) {
        bytes_add_signed(value, number);
    }
}

void *measure_tally_new(void)
{
    return sim_alloc(1, sizeof(measure_tally));
}

void measure_tally_clear(measure_tally *t)
{
    hist_free(&t->all);
    quant_free(&t->spread);
    stat_init(&t->values);
}

void measure_tally_free(void *tally)
{
    measure_tally_clear(tally);
    free(tally);
}

void measure_tally_add(const measure_goal *goal, measure_tally *t, const bytes *value)
{
    bytes_reader r = bytes_read(value->at, value->length);
    hist one = {0};

    if (value->length == 0)
        return;
    if (measure_is_quantile(&goal->of)) {
        hist_pack_get(&r, &one);
        hist_merge(&t->all, &one);
        quant_add(&t->spread, &one);
        hist_free(&one);
    } else {
        stat_add(&t->values, bytes_get_signed(&r));
    }
    SIM_ASSERT(!r.bad && r.left == 0);
}

uint64_t measure_tally_count(const measure_goal *goal, const measure_tally *t)
{
    return measure_is_quantile(&goal->of) ? t->all.count : t->values.count;
}

quant measure_judged(const measure_goal *goal, const measure_tally *t)
{
    stat_result r;
    quant q;

    if (measure_is_quantile(&goal->of))
        return quant_of(&t->spread, &t->all, metric_quantiles[goal->of.stat]);
    r = stat_mean(&t->values, 95);
    q = (quant){.held = t->values.count > 0, .sure = r.half_width >= 0, .value = r.mean};
    if (__builtin_sub_overflow(r.mean, r.half_width, &q.low))
        q.low = INT64_MIN;
    if (__builtin_add_overflow(r.mean, r.half_width, &q.high))
        q.high = INT64_MAX;
    return q;
}

int measure_goal_reached(const measure_goal *goal, const quant *judged)
{
    const __int128 value = judged->value < 0 ? -(__int128)judged->value : judged->value;
    const __int128 width = (__int128)judged->high - judged->low;

    return judged->sure && width * (RATIO_ONE / 2) <= value * goal->share;
}

int measure_goal_enough(const measure_goal *goal, const measure_tally *t)
{
    const quant judged = measure_judged(goal, t);

    return measure_tally_count(goal, t) == 0 || measure_goal_reached(goal, &judged);
}
