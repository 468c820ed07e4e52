/* SPDX-License-Identifier: Apache-2.0 */
/* engine: what the threads of one rank share while a sweep runs. */
#ifndef SMMSIM_SIM_SWEEP_ENGINE_H
#define SMMSIM_SIM_SWEEP_ENGINE_H

#include "sim/sweep/journal.h"
#include "sim/sweep/plan.h"

/* Private to sweep. */
enum { SWEEP_QUEUE = 64 /* tasks that a rank has in store */ };

/* On rank 0 `plan` and `log`; on another one `queue` and `reports`, which its first thread
 * exchanges with rank 0. Everything is changed under the lock only, except where it says. */
typedef struct {
    const sweep_spec *spec;
    const sweep_model *model;
    void *lock; /* omp_lock_t */
    sweep_plan plan;
    sweep_log *log; /* results of earlier starts, or NULL */
    sweep_journal journal;
    bytes scratch, value;
    sweep_count count;
    sim_status status; /* why it stopped; SIM_OK: it has not, or nothing was left */
    sim_err err;
    int stop;        /* no more tasks; read without the lock */
    int working;     /* threads that are not done; read without the lock */
    int threads;     /* that work */
    uint64_t *holds; /* the point that each was at last */
    /* ranks */
    int rank, ranks;
    int ranks_left; /* rank 0: others that have not left */
    sweep_task queue[SWEEP_QUEUE];
    int queued;
    int aim;       /* tasks to have in the queue */
    int no_more;   /* nothing will come into the queue */
    bytes reports; /* of each a task and the block that its result tells */
    int reported;
    uint64_t first; /* lowest point not done, as rank 0 said last */
    int asked;      /* an answer is on its way */
} sweep_engine;

void sweep_engine_lock(sweep_engine *e);
void sweep_engine_unlock(sweep_engine *e);
/* With the lock held: rank 0's next task that no journal has. */
plan_answer sweep_engine_next(sweep_engine *e, int worker, sweep_task *task);
void sweep_engine_add_task(bytes *to, const sweep_task *task);
void sweep_engine_stop(sweep_engine *e, sim_status status, const char *why);
/* Works until nothing is left, on all threads; why it stopped before. Closes the journal. */
sim_status sweep_engine_run(sweep_engine *e);
/* Whether a signal asked for the end. */
int sweep_signalled(void);
void sweep_engine_nap(int64_t ns);
int64_t sweep_engine_clock(void); /* nanoseconds; for progress and for writing only */

#endif
