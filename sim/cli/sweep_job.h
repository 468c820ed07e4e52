/* SPDX-License-Identifier: Apache-2.0 */
/* sweep_job: what a sweep of machines is: its points, how one is checked, and how one is run. */
#ifndef SMMSIM_SIM_CLI_SWEEP_JOB_H
#define SMMSIM_SIM_CLI_SWEEP_JOB_H

#include "sim/cli/folder.h"
#include "sim/sweep/sweep.h"
#include "workloads/attempt.h"
#include "workloads/grid.h"
#include "workloads/measure.h"
#include "sim/cli/options.h"
#include "workloads/trial.h"

/* Constant once the points were checked, but `warned`. */
typedef struct {
    const options *options;
    const grid *grid;
    folder_owned *folder;        /* of the result, on rank 0 */
    measure_goal goal;           /* if options->until */
    uint64_t inputs;             /* digest of every point's values, platform and workload */
    uint64_t reference[P_COUNT]; /* hash of each value at point 0 */
    uint8_t varies[P_COUNT];     /* not the same at all points */
    uint64_t cpus;               /* of all points together */
    int warned;                  /* a broken invariant was told on standard error */
} sweep_job;

/* Settings of the command line, then of the point. Large. */
typedef struct {
    grid_point point;
    experiment_setting setting[OPTIONS_SETTINGS_MAX + GRID_COLUMNS_MAX];
    int count;
} sweep_settings;
void sweep_job_settings(const sweep_job *job, uint64_t point, sweep_settings *out);

/* The point as an experiment. Errors begin with the place in the sweep file. */
typedef struct {
    sweep_settings settings;
    experiment_shelf *shelf;
    experiment experiment;
    int loaded;
    uint64_t point;
} sweep_job_bench;
sweep_job_bench *sweep_job_bench_new(void);
void sweep_job_bench_free(sweep_job_bench *b);
SIM_MUST_CHECK sim_status sweep_job_bench_load(const sweep_job *job, sweep_job_bench *b,
                                               uint64_t point, sim_err *err);

/* Resolves point 0, against which `varies` is told. Before any check. */
SIM_MUST_CHECK sim_status sweep_job_begin(sweep_job *job, sim_err *err);

/* The callbacks of sweep_model; self is a sweep_job. */
void *sweep_job_worker_new(void *self);
void sweep_job_worker_free(void *self, void *worker);
sim_status sweep_job_check(void *worker, uint64_t point, sim_err *err);
sim_status sweep_job_run(void *worker, const sweep_task *task, bytes *result, sim_err *err);
int sweep_job_usable(const void *self, const bytes *result);
/* Of the goal; a tally is a measure_tally. */
void sweep_job_value(const void *self, const bytes *result, bytes *value);
void sweep_job_tally_add(const void *self, void *tally, const bytes *value);
/* CPUs of the point that the worker has run last: what a run costs grows with them. */
int64_t sweep_job_worker_cpus(const void *worker);
int sweep_job_enough(const void *self, const void *tally, uint32_t repetitions);

#endif
