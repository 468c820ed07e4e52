/* SPDX-License-Identifier: Apache-2.0 */
/* measure: one figure of a repetition by its name, such as smi_latency.p99, and when it is known.
 */
#ifndef SMMSIM_WORKLOADS_MEASURE_H
#define SMMSIM_WORKLOADS_MEASURE_H

#include <stddef.h>
#include "workloads/metrics.h"

typedef struct {
    int counter; /* `metric` is a COUNT_... */
    int phase;   /* it is a PHASE_..., of which there is the mean over the SMIs only */
    int metric;  /* else it is a METRIC_... */
    int stat;    /* of a time: index of the list below */
} measure;

/* Statistics of a time in one repetition; column is that of reps.csv. */
enum { MEASURE_MEAN = 6, MEASURE_STATS };
extern const char *const measure_stats[MEASURE_STATS];   /* min p50 p90 p99 p999 max mean */
extern const char *const measure_columns[MEASURE_STATS]; /* min_ns ... */

/* "smi_latency.p99", "command_time" (its mean), "p99" (of smi_latency), "timeout1" (a counter),
 * "phase.handler". p99.9 is the same as p999. */
SIM_MUST_CHECK sim_status measure_parse(const char *text, measure *out, sim_err *err);
void measure_print(const measure *m, char *out, size_t size);

/* Picoseconds or a count; 0 if the repetition has no such value. */
int measure_value(const measure *m, const metrics *one, int64_t *value);

/* "p99 ci<2%": enough repetitions when the half width of the 95 % confidence interval of the mean,
 * over repetitions, is at most that share of the mean. What is judged is the mean of each
 * repetition's own p99, not the p99 of all repetitions together. */
typedef struct {
    measure of;
    int64_t share; /* 10^-12 */
} measure_goal;
SIM_MUST_CHECK sim_status measure_goal_parse(const char *text, measure_goal *out, sim_err *err);
/* The value of a repetition: picoseconds, or thousandths of a count; 0 if it has none. */
int measure_goal_value(const measure_goal *goal, const metrics *one, int64_t *value);
int measure_goal_reached(const measure_goal *goal, const stat_sums *values);
/* Reached, or no repetition has a value at all: then there is nothing to wait for. */
int measure_goal_enough(const measure_goal *goal, const stat_sums *values);

#endif
