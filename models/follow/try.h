/* SPDX-License-Identifier: Apache-2.0 */
/* try: one timed run with held CPUs, and whether it violates what a schedule does. */
#ifndef SMMSIM_MODELS_FOLLOW_TRY_H
#define SMMSIM_MODELS_FOLLOW_TRY_H

#include "models/explore/smm.h"
#include "models/machine/machine.h"
#include "models/protocol/program.h"
#include "models/follow/judge.h"

enum {
    FOLLOW_SMI_THREAD,
    FOLLOW_LATE_THREAD,
    FOLLOW_HELD_THREAD,
    FOLLOW_END_THREAD,    /* lets the run go on until everything has come to its end */
    FOLLOW_SECOND_THREAD, /* the second trigger, if there is one */
    FOLLOW_THREADS,
    FOLLOW_TIMEOUTS_MAX = 8,
    FOLLOW_GAPS_MAX = 12
};
/* The SMI comes then, so that a hold can begin before it. */
#define FOLLOW_START PS_PER_MS

/* Delays of one run. */
typedef struct {
    int64_t late_from; /* the late CPU is held from then on: FOLLOW_START, or inside SMM */
    int64_t late;      /* for so long */
    int64_t from;      /* the held one from then on */
    int64_t length;    /* for so long; 0: not at all */
    int64_t second;    /* the second trigger comes so long after the first */
} follow_delays;

/* A place where the schedule leaves a CPU inside SMM and goes on with others. */
typedef struct {
    int cpu;
    int steps;    /* its own, since it entered */
    int timeouts; /* of these; they need somebody else to be late */
} follow_gap;

typedef struct {
    uint16_t cpu;
    int64_t at;
} follow_timeout;

typedef struct {
    machine_setup setup;
    program prog;
    program_call call[FOLLOW_THREADS];
    program_thread thread[FOLLOW_THREADS];
    machine *m;
    run_record record;
    uint64_t seed;
    uint32_t repetition;
    int property; /* EXPLORE_SMM_... */
    int writer, late, held;
    int second; /* the CPU of the second trigger, or -1 */
    follow_gap gap[FOLLOW_GAPS_MAX];
    int gaps;
    uint64_t runs;
    uint64_t stopped; /* of them, by run.limit */
    char why[160];    /* the first of those */
    /* of the run under way, or the last one */
    follow_judge judge;
    follow_timeout timeouts[FOLLOW_TIMEOUTS_MAX];
    int timeout_count;
    int steps[EXPLORE_SMM_CPUS_MAX];
    int64_t gap_at[FOLLOW_GAPS_MAX]; /* when the last step before the gap took effect; or -1 */
    int gap_row[FOLLOW_GAPS_MAX];    /* that step */
} follow_try;

/* `setup` must outlive it. Property, CPUs and gaps are the caller's to fill in. `second`: -1 for
 * one trigger. */
void follow_try_init(follow_try *f, const machine_setup *setup, int second);
void follow_try_free(follow_try *f);

/* One run. Gives the kind of outcome: equal runs have equal kinds; the lowest bit: the violation.
 */
uint64_t follow_try_run(follow_try *f, const follow_delays *d);

#endif
