/* SPDX-License-Identifier: Apache-2.0 */
/* trace_run: the trace of a run: picks SMIs, observes them once more, writes JSON, CSV or text. */
#ifndef SMMSIM_SIM_CLI_TRACE_RUN_H
#define SMMSIM_SIM_CLI_TRACE_RUN_H

#include "sim/lib/outfile.h"
#include "sim/cli/trace_log.h"

typedef struct {
    const char *path; /* "-": text on standard output; FILE.csv: rows for plots; else JSON */
    uint32_t smis;    /* how many at most, 1 or more */
    int slowest;      /* those, else the first ones */
    outfile *to;      /* the file of that name, closed by trace_run_write; NULL: for text */
} trace_choice;

enum { TRACE_SMIS_MAX = 10000 };

typedef struct trace_run trace_run;

trace_run *trace_run_new(const trace_choice *choice, const machine_setup *setup);
void trace_run_free(trace_run *t); /* NULL is fine */

/* To be called after each repetition, in their order. NULL: nothing is traced. */
void trace_run_add(trace_run *t, uint32_t repetition, const run_record *record);

/* Runs the repetitions of what was picked once more on `m`, and writes. NULL: does nothing. */
SIM_MUST_CHECK sim_status trace_run_write(trace_run *t, machine *m, uint64_t seed, sim_err *err);

#endif
