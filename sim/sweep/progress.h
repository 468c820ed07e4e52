/* SPDX-License-Identifier: Apache-2.0 */
/* progress: one line on a terminal that says how far a sweep is, how fast, how long still. */
#ifndef SMMSIM_SIM_SWEEP_PROGRESS_H
#define SMMSIM_SIM_SWEEP_PROGRESS_H

#include "sim/sweep/engine.h" /* circle: told by the engine, of the engine */

/* Private to sweep. Shown on rank 0, if standard error is a terminal. */
typedef struct {
    int64_t start, shown;
    uint64_t before; /* tasks that were there when the clock started */
    int on;
} sweep_progress;

void sweep_progress_begin(sweep_progress *p, sweep_engine *e);
void sweep_progress_show(sweep_progress *p, sweep_engine *e, int64_t now);
void sweep_progress_end(sweep_progress *p);

/* "41 of 100 points, 410 runs, 2890 runs/s, 0:12 left" */
typedef struct {
    uint64_t points, points_all, runs; /* runs: done since the clock started */
    uint64_t left;                     /* runs; 0: not known */
    int64_t elapsed_ns;
} sweep_progress_state;
void sweep_progress_text(const sweep_progress_state *state, char *out, size_t size);

#endif
