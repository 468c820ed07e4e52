/* SPDX-License-Identifier: Apache-2.0 */
/* sweep: many independent tasks on threads and ranks; their results in order, whatever happened. */
#ifndef SMMSIM_SIM_SWEEP_SWEEP_H
#define SMMSIM_SIM_SWEEP_SWEEP_H

#include "sim/lib/bytes.h"

/* A task is one repetition of one point. Its result is a string of bytes that only the model
 * understands. Each result goes into a journal as soon as it is there; at the end one pass over
 * the journal gives them back in the order of point and repetition. Memory does not grow with the
 * number of points. */
typedef struct {
    uint64_t point;
    uint64_t ticket; /* the plan's */
    uint32_t repetition;
    uint32_t reserved;
} sweep_task;
_Static_assert(sizeof(sweep_task) == 24, "no padding");

typedef struct {
    const char *folder; /* the journal is folder/journal; rank 0 owns the folder (folder.h) */
    /* What the results depend on, lines of "what: value"; results under another key are not used.
     */
    const char *key;
    uint64_t points;
    uint32_t repetitions; /* of each point; the most that there may be if the model has `enough` */
    int jobs;             /* threads of each rank; 0: as many as there are processors */
    int team;             /* from sweep_gather: threads; -1: none; 0: as many as it takes */
    int resume;           /* go on with the journal that is there */
    int progress;         /* on standard error */
} sweep_spec;

/* What is swept. `self` is shared by all threads, a worker belongs to one. */
typedef struct {
    void *self;
    void *(*worker_new)(void *self);
    void (*worker_free)(void *self, void *worker); /* one worker at a time */
    /* Whether a point is right: the pass before any run. */
    sim_status (*check)(void *worker, uint64_t point, sim_err *err);
    /* On rank 0, when others are kept out and nothing has run: whether what comes at the end can be
     * done; NULL: it can. */
    sim_status (*ready)(const void *self, const sweep_spec *spec, sim_err *err);
    /* Appends the result of a task to *result. An error stops the sweep. */
    sim_status (*run)(void *worker, const sweep_task *task, bytes *result, sim_err *err);
    /* Whether bytes that were read back are a result; NULL: all are. */
    int (*usable)(const void *self, const bytes *result);
    /* Whether so many repetitions are enough, by what was told of them; NULL: all points have all
     * of them, and the others here are not used. `value` appends what a result tells, or nothing if
     * it has none; a tally of a point takes that in any order, which must not matter. */
    int (*enough)(const void *self, const void *tally, uint32_t repetitions);
    void (*value)(const void *self, const bytes *result, bytes *value);
    void *(*tally_new)(void);
    void (*tally_add)(const void *self, void *tally, const bytes *value);
    void (*tally_free)(void *tally);
    /* In order: a result; and after its last repetition, a point. To `sink` instead of `self`. */
    void *sink;
    sim_status (*emit)(void *self, const sweep_task *task, const bytes *result, sim_err *err);
    sim_status (*emit_point)(void *self, uint64_t point, sim_err *err);
} sweep_model;

typedef struct {
    uint64_t tasks;  /* in the journal now */
    uint64_t before; /* of them there before */
} sweep_count;
_Static_assert(sizeof(sweep_count) == 16, "no padding");

/* Once, before and after everything else. In a program built for MPI they join and leave the other
 * ranks; sweep_end gives all ranks the status of rank 0. */
int sweep_begin(void); /* the rank; 0 where there are none */
sim_status sweep_end(sim_status status);
sim_status sweep_agree(sim_status status); /* that of rank 0, for every rank */
int sweep_ranks(void);
void sweep_share(void *data, size_t size); /* rank 0's, for every rank */

/* Once in a program, on each rank: makes spec->jobs the threads that there are for it. Fewer than
 * asked for are told on standard error, and one is enough; none to be had: SIM_SYSTEM. */
SIM_MUST_CHECK sim_status sweep_gather(sweep_spec *spec, sim_err *err);

/* Calls model->check for every point, on all threads. The error of the lowest point is given. */
SIM_MUST_CHECK sim_status sweep_check(const sweep_spec *spec, const sweep_model *model,
                                      sim_err *err);

/* Runs every task that the journal does not hold. SIM_INTERRUPTED after SIGINT or SIGTERM: the
 * tasks that were running are finished and in the journal; a second signal ends the program. A
 * full disk is SIM_SYSTEM, another key or a journal without `resume` SIM_BAD_INPUT. */
SIM_MUST_CHECK sim_status sweep_run(const sweep_spec *spec, const sweep_model *model,
                                    sweep_count *count, sim_err *err);

/* Calls model->emit and emit_point in order, on rank 0. */
SIM_MUST_CHECK sim_status sweep_collect(const sweep_spec *spec, const sweep_model *model,
                                        sim_err *err);

/* Removes the journal, after everything in the folder is on the disk. */
SIM_MUST_CHECK sim_status sweep_forget(const sweep_spec *spec, sim_err *err);

/* Whether there is a journal in the folder. */
int sweep_unfinished(const char *folder);

int sweep_jobs(int jobs); /* threads for `jobs`, which is 0 for all processors */

#endif
