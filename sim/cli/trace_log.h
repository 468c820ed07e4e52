/* SPDX-License-Identifier: Apache-2.0 */
/* trace_log: which SMIs are traced, and every step that the CPUs made for them, in order of time.
 */
#ifndef SMMSIM_SIM_CLI_TRACE_LOG_H
#define SMMSIM_SIM_CLI_TRACE_LOG_H

#include "models/machine/machine.h"

/* Runs are repeatable, so a trace costs the run itself nothing: SMIs are chosen from the records,
 * and their repetitions are run once more under an observer. */
typedef struct {
    int64_t begin, end; /* port write until the last CPU is out again */
    uint32_t repetition;
    uint32_t trigger; /* index in the record */
    uint32_t visits;
    uint32_t *visit; /* indices of all visits that overlap it, ascending */
} trace_smi;

typedef struct {
    trace_smi *smi;
    uint32_t count, most;
    int slowest; /* else the first ones */
} trace_log_pick;

void trace_log_pick_init(trace_log_pick *p, uint32_t most, int slowest);
void trace_log_pick_free(trace_log_pick *p);
/* To be called after each repetition, in their order. Of equally slow ones the first is kept. */
void trace_log_pick_add(trace_log_pick *p, uint32_t repetition, const run_record *record);
/* By repetition and trigger. */
void trace_log_pick_sort(trace_log_pick *p);

typedef enum {
    LOG_TRIGGER, /* port write: `index` is the trigger's */
    LOG_TAKEN,   /* the CPU stops for the SMI: `index` is the visit's, as in what follows */
    LOG_ENTERED, /* the protocol begins */
    LOG_STEP,
    LOG_LEFT /* normal code goes on */
} trace_kind;

typedef struct {
    int64_t at;
    step_request request; /* LOG_STEP, as the three below */
    step_result result;
    uint32_t index;
    uint32_t order; /* of events at one instant */
    uint16_t cpu;
    uint8_t kind; /* trace_kind */
    uint8_t row;  /* before the step */
    uint8_t mark;
} trace_event;

typedef struct {
    const machine_setup *setup;
    run_record record; /* of the repetition */
    uint32_t repetition;
    trace_event *event;
    uint64_t count, room;
    uint64_t left; /* events that may still be logged; then visits are left out */
    uint64_t cut;  /* visits that were left out */
} trace_log;

enum { TRACE_EVENTS_MAX = 2000000 };

/* Runs the repetition of smi[0..count) once more and logs what happened for them. */
void trace_log_fill(trace_log *log, machine *m, uint64_t seed, const trace_smi *smi,
                    uint32_t count);
void trace_log_init(trace_log *log, const machine_setup *setup);
void trace_log_free(trace_log *log);

#endif
