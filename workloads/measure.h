/* SPDX-License-Identifier: Apache-2.0 */
/* measure: one figure of a repetition by its name, such as smi_latency.p99, and when it is known.
 */
#ifndef SMMSIM_WORKLOADS_MEASURE_H
#define SMMSIM_WORKLOADS_MEASURE_H

#include <stddef.h>
#include "sim/lib/bytes.h"
#include "workloads/metrics.h"

typedef struct {
    int counter; /* `metric` is a COUNT_... */
    int phase;   /* it is a PHASE_..., of which there is the mean over the SMIs only */
    int metric;  /* else it is a METRIC_... */
    int stat;    /* of a time: index of the list below */
} measure;

/* Statistics of a time: METRIC_MIN to METRIC_MAX, and the mean. */
enum { MEASURE_MEAN = METRIC_QUANTILE_COUNT, MEASURE_STATS };
extern const char *const measure_stats[MEASURE_STATS]; /* min p50 p90 p99 p999 max mean */

/* "smi_latency.p99", "command_time" (its mean), "p99" (of smi_latency), "timeout1" (a counter),
 * "phase.handler". p99.9 is the same as p999. */
SIM_MUST_CHECK sim_status measure_parse(const char *text, measure *out, sim_err *err);
void measure_print(const measure *m, char *out, size_t size);

/* A quantile of a time, which is one of all repetitions together; of the others a repetition has a
 * value, and what counts is their mean. */
int measure_is_quantile(const measure *m);

/* "p99 ci<2%": enough repetitions when half the width of the 95 % confidence interval is at most
 * that share of the value. Of a quantile it is the interval of that of all repetitions together,
 * else that of the mean over repetitions. */
typedef struct {
    measure of;
    int64_t share; /* 10^-12 */
} measure_goal;
SIM_MUST_CHECK sim_status measure_goal_parse(const char *text, measure_goal *out, sim_err *err);
/* Appends what a repetition tells of it: its histogram; picoseconds, or thousandths of a count, or
 * nothing if it has no such value. */
void measure_goal_value(const measure_goal *goal, const metrics *one, bytes *value);

/* That of several repetitions, added in any order. {0} is empty. */
typedef struct {
    stat_sums values;
    hist all; /* of a quantile */
    quant_spread spread;
} measure_tally;
void *measure_tally_new(void);
void measure_tally_free(void *tally); /* of measure_tally_new */
void measure_tally_clear(measure_tally *t);
void measure_tally_add(const measure_goal *goal, measure_tally *t, const bytes *value);
/* Of a quantile the values of all repetitions, else the repetitions that have one. */
uint64_t measure_tally_count(const measure_goal *goal, const measure_tally *t);
/* The value and the interval that are judged. */
quant measure_judged(const measure_goal *goal, const measure_tally *t);
int measure_goal_reached(const measure_goal *goal, const quant *judged);
/* Reached, or there is no value at all: then there is nothing to wait for. */
int measure_goal_enough(const measure_goal *goal, const measure_tally *t);

#endif
