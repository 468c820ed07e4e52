/* SPDX-License-Identifier: Apache-2.0 */
/* thread: the operating system's threads: calls, the EFI lock, the port write, statuses. */
#ifndef SMMSIM_MODELS_MACHINE_THREAD_H
#define SMMSIM_MODELS_MACHINE_THREAD_H

#include "models/machine/machine.h"
#include "sim/lib/chain.h"

typedef enum {
    THREAD_THINK,
    THREAD_QUEUE,  /* for the operating system's EFI lock */
    THREAD_BEFORE, /* operating system and driver before the port write */
    THREAD_PORT,   /* the port write */
    THREAD_SMI,    /* its CPU is in SMM for it */
    THREAD_AFTER,
    THREAD_COMPUTE,
    THREAD_HOLD,
    THREAD_DONE
} thread_state;

/* Of each thread. */
typedef struct {
    int64_t begin;     /* of the call */
    int64_t remaining; /* of what it was doing when its CPU was stopped */
    uint32_t at;       /* its call */
    uint32_t trigger;  /* of this call, or RECORD_NONE */
    uint32_t pending;  /* an SMI of its own that no handler has seen, or RECORD_NONE */
    uint16_t cpu;
    uint8_t state;   /* thread_state */
    uint8_t stalled; /* its CPU is stopped */
    uint8_t status;  /* call_status */
    uint8_t kind;    /* of the pending SMI: CALL_SMI or CALL_JOB */
    uint16_t reserved[3];
} thread_entry;
_Static_assert(sizeof(thread_entry) == 40, "no padding");

/* Of each CPU. */
typedef struct {
    uint32_t trigger; /* open trigger of the thread that runs here, or RECORD_NONE */
    uint16_t count;   /* threads that use this CPU now */
    uint16_t first;   /* chain of them */
} thread_cpu;
_Static_assert(sizeof(thread_cpu) == 8, "no padding");

/* Of the machine. */
typedef struct {
    thread_entry *list;
    uint64_t *pending;  /* set of the threads with a pending SMI of their own */
    chain_link *link;   /* by thread: of the EFI lock's queue or of its CPU, never both */
    uint32_t left;      /* threads that are not done */
    uint32_t working;   /* CPUs that threads use */
    uint16_t efi_owner; /* of the EFI lock: a thread, or NOBODY */
    uint16_t efi_first; /* chain of the threads that queue for it */
    uint8_t reserved[4];
} thread_part;
_Static_assert(sizeof(thread_part) == 40, "no padding");

void thread_new(machine *m);
void thread_free(machine *m);
void thread_start(machine *m);
void thread_event(machine *m, uint32_t thread);
void thread_pend(machine *m, uint32_t thread, uint32_t trigger); /* or RECORD_NONE: no more */
uint32_t thread_pending(const machine *m, uint32_t from);  /* first from there on, or NOBODY */
void thread_stop_cpu(machine *m, uint32_t cpu);            /* normal execution stops */
void thread_resume_cpu(machine *m, uint32_t cpu);          /* and goes on */
void thread_go_on(machine *m, uint32_t cpu);               /* the same, but the SMI is not over */
void thread_put_off(machine *m, uint32_t cpu, int64_t by); /* what threads compute there */
int thread_idle_cpu(const machine *m, uint32_t cpu);       /* runs nothing: outside SMM it halts */

#endif
