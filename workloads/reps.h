/* SPDX-License-Identifier: Apache-2.0 */
/* reps: reads reps.csv of a result back, one repetition at a time, and quantiles of summary.csv. */
#ifndef SMMSIM_WORKLOADS_REPS_H
#define SMMSIM_WORKLOADS_REPS_H

#include "workloads/measure.h"

/* Where in the file a repetition begins. */
typedef struct {
    int64_t offset; /* bytes */
    int line;
} reps_place;

/* All figures of one repetition. Picoseconds and counts. */
typedef struct {
    uint64_t point, repetition;
    int64_t time[METRIC_TIME_COUNT];  /* means */
    uint8_t known[METRIC_TIME_COUNT]; /* the metric has values */
    int64_t count[METRIC_COUNT_COUNT];
    int64_t phase[PHASE_COUNT]; /* means over the SMIs */
    reps_place place;           /* of its first line */
} reps_row;

typedef struct reps reps;

SIM_MUST_CHECK sim_status reps_open(const char *folder, reps **out, sim_err *err);
void reps_close(reps *r); /* NULL is fine */
/* The next repetition, in the file's order; *more is 0 at the end. The file is one that smmsim
 * wrote: anything else is an error that names the line. */
SIM_MUST_CHECK sim_status reps_next(reps *r, reps_row *row, int *more, sim_err *err);
/* Goes on with the repetition that begins there. */
SIM_MUST_CHECK sim_status reps_seek(reps *r, const reps_place *place, sim_err *err);
/* 0 if the repetition has no such value. Of a quantile, the mean: whether there is one is the same,
 * and a quantile is one of all repetitions together. */
int reps_value(const reps_row *row, const measure *m, int64_t *value);

/* Such a quantile of each point, and its interval, from summary.csv. */
typedef struct {
    uint64_t count; /* values; 0: the point has none */
    quant of;
} reps_pooled;
typedef struct {
    uint64_t points;
    reps_pooled *at; /* by point; free() it */
} reps_pools;
SIM_MUST_CHECK sim_status reps_pool(const char *folder, const measure *m, reps_pools *out,
                                    sim_err *err);

#endif
