/* SPDX-License-Identifier: Apache-2.0 */
/* measure: names of figures to figures, and the test of a confidence interval. */
#include "workloads/measure.h"

#include <stdio.h>
#include <string.h>

#include "sim/units.h"

const char *const measure_stats[MEASURE_STATS] = {"min",  "p50", "p90", "p99",
                                                  "p999", "max", "mean"};
const char *const measure_columns[MEASURE_STATS] = {"min_ns",  "p50_ns", "p90_ns", "p99_ns",
                                                    "p999_ns", "max_ns", "mean_ns"};
static const uint32_t quantiles[MEASURE_MEAN] = {0, 500000, 900000, 990000, 999000, 1000000};

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

int measure_value(const measure *m, const metrics *one, int64_t *value)
{
    const hist *h;

    if (m->counter) {
        *value = (int64_t)one->count[m->metric];
        return 1;
    }
    if (m->phase)
        return metrics_phase_mean(one, m->metric, value);
    h = &one->time[m->metric];
    if (h->count == 0)
        return 0;
    *value = m->stat == MEASURE_MEAN ? hist_mean(h) : hist_quantile(h, quantiles[m->stat]);
    return 1;
}

/* ---- goals ------------------------------------------------------------------------------ */

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
    return SIM_OK;
}

int measure_goal_value(const measure_goal *goal, const metrics *one, int64_t *value)
{
    int known = measure_value(&goal->of, one, value);

    if (known && goal->of.counter && __builtin_mul_overflow(*value, 1000, value))
        *value = INT64_MAX / 2;
    return known;
}

int measure_goal_enough(const measure_goal *goal, const stat_sums *values)
{
    return values->count == 0 || measure_goal_reached(goal, values);
}

int measure_goal_reached(const measure_goal *goal, const stat_sums *values)
{
    stat_result r;
    __int128 mean;

    if (values->count < 2)
        return 0;
    r = stat_mean(values, 95);
    mean = r.mean < 0 ? -(__int128)r.mean : r.mean;
    return (__int128)r.half_width * INT64_C(1000000000000) <= mean * goal->share;
}
