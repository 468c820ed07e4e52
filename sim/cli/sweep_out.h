/* SPDX-License-Identifier: Apache-2.0 */
/* sweep_out: the files and the report of a sweep, made from its results in order. */
#ifndef SMMSIM_SIM_CLI_SWEEP_OUT_H
#define SMMSIM_SIM_CLI_SWEEP_OUT_H

#include "sim/cli/output.h"
#include "sim/cli/sweep_job.h"
#include "sim/lib/table.h"

/* With --until, over all points. */
typedef struct {
    uint64_t reached; /* points; of those that have not reached it: */
    uint64_t empty;   /*   without values */
    uint64_t blank;   /*   with too few for the quantile */
    uint64_t unsure;  /*   without an interval of it */
    uint64_t most;    /* values of a point that is blank */
    uint64_t widest;  /* point whose interval is the widest share of its value */
    quant interval;   /* of it; value 0: there is none */
} sweep_goals;

typedef struct {
    const sweep_job *job;
    const sweep_spec *spec;
    sweep_job_bench *bench;
    output output;
    csv_writer *csv;   /* --format csv: summary.csv on standard output, or NULL */
    metrics_point all; /* of the present point */
    trial trial;
    run_record shell;   /* a record that says how a run ended, and nothing else */
    measure_tally goal; /* with --until: of the present point */
    bytes value;        /* and what the present repetition tells */
    sweep_goals goals;
    uint8_t used[P_COUNT];
    text_table *table; /* of the report, or NULL */
    bytes troubles;    /* and the lines below it */
    uint32_t blank;    /* quantiles that a line of the report left so */
    uint64_t digest;   /* folded over all results, in order */
    uint64_t runs;
    uint64_t outcomes[TRIAL_OUTCOMES]; /* runs */
    uint64_t bad_points;
    uint32_t bad_repetition; /* first one of the present point */
    uint8_t bad;             /* its outcome; TRIAL_OK: there was none */
    char stuck[400];         /* and what was wrong */
} sweep_out;

/* Of sweep_model; self is a sweep_job. Whether the files can be made. */
sim_status sweep_out_ready(const void *self, const sweep_spec *spec, sim_err *err);
/* Opens the files in spec->folder, writes their heads and run.csv up to what is known before. */
SIM_MUST_CHECK sim_status sweep_out_open(const sweep_job *job, const sweep_spec *spec,
                                         sweep_out **out, sim_err *err);
/* Callbacks of sweep_model; self is a sweep_out. */
sim_status sweep_out_emit(void *self, const sweep_task *task, const bytes *result, sim_err *err);
sim_status sweep_out_emit_point(void *self, uint64_t point, sim_err *err);
/* Renames the files into place. */
SIM_MUST_CHECK sim_status sweep_out_close(sweep_out *out, sim_err *err);
/* After that: the end of the report, and frees. A reader of standard output that left is fine. */
SIM_MUST_CHECK sim_status sweep_out_end(sweep_out *out, sim_err *err);
void sweep_out_abandon(sweep_out *out); /* frees, leaves old files; NULL is fine */

/* Whether the sweep files set a parameter. */
int sweep_out_swept(const sweep_job *job, int id);

#endif
