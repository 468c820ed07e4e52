/* SPDX-License-Identifier: Apache-2.0 */
/* machine: one simulated machine: CPUs, chipset, memory words and threads, driven by events. */
#ifndef SMMSIM_MODELS_MACHINE_MACHINE_H
#define SMMSIM_MODELS_MACHINE_MACHINE_H

#include "models/machine/record.h"
#include "models/machine/setup.h"

typedef struct machine machine;

/* What an observer of a run sees: one protocol step of one CPU as it takes effect, or the begin
 * and end of a visit (request NULL). It must not change anything. */
typedef struct {
    int64_t at;
    const step_request *request; /* NULL: the CPU enters (row 0 before) or has left SMM */
    step_result result;
    uint16_t cpu;
    uint8_t row; /* before the step */
    uint8_t mark;
} machine_event;
typedef struct {
    void (*event)(void *self, const machine_event *event);
    void *self;
} machine_observer;

/* A machine serves any number of runs of one setup; the setup must outlive it. */
machine *machine_new(const machine_setup *setup);
void machine_free(machine *m);

/* Runs the program to its end. `record` is cleared first. `observer` may be NULL. A hang, a broken
 * invariant and run.limit end the run early and stand in the record. */
void machine_run(machine *m, uint64_t seed, uint32_t repetition, run_record *record,
                 const machine_observer *observer);

/* Which parameters had a say in the runs so far: 1 for each id that was used with a value other
 * than 0. */
const uint8_t *machine_used(const machine *m);

#endif
