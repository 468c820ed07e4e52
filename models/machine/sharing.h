/* SPDX-License-Identifier: Apache-2.0 */
/* sharing: what the host does to CPUs that share its cores. All that the machine asks of a host. */
#ifndef SMMSIM_MODELS_MACHINE_SHARING_H
#define SMMSIM_MODELS_MACHINE_SHARING_H

#include "models/machine/host.h"
#include "models/machine/machine.h"

/* Two models. Where host.cores are fewer than the CPUs, a CPU has a core by turns: one without a
 * core does nothing (`on_core`). Else each has one, but for a while after all have slept those that
 * wait in SMM may be on the core of the one that woke them, and have it by turns. */

/* Woken where pollers share a host core, and another vCPU has it. */
typedef enum {
    CORE_OWN,  /* not so */
    CORE_LOST, /* until its turn, or until a vCPU on the way out halts */
    CORE_SOON  /* one has, and the host brings it back */
} core_state;

/* Of each CPU. */
typedef struct {
    int64_t left;      /* without a core: of what it was computing, or -1 */
    uint8_t on_core;   /* it has one; always 1 where they are not counted */
    uint8_t due;       /* without one: what it is to act on has come */
    uint8_t displaced; /* core_state */
    uint8_t reserved[5];
} sharing_cpu;
_Static_assert(sizeof(sharing_cpu) == 16, "no padding");

/* Of the machine. */
typedef struct {
    host host;
    int64_t asleep;      /* when a thread left a CPU, or an SMI that found none, last */
    int64_t gathered;    /* the first vCPU woke up where all slept together; or PS_NEVER */
    chain_link *link;    /* by CPU, of: */
    uint16_t lost_cores; /* chain of the CPUs that are CORE_LOST */
    uint8_t reserved[6];
} sharing_part;
_Static_assert(sizeof(sharing_part) == 120, "no padding");

void sharing_new(machine *m);
void sharing_free(machine *m);
void sharing_start(machine *m);
void sharing_event(machine *m); /* the host's own: cores change hands */

/* What has happened to a CPU. The host answers by what it does: it takes a CPU's core (driver_park,
 * thread_stop_cpu) or gives one (driver_unpark, thread_go_on), then or at the end of the instant.
 */
void sharing_wants(machine *m, uint32_t cpu);  /* has something to run */
void sharing_sleeps(machine *m, uint32_t cpu); /* sleeps in the host */
void sharing_idles(machine *m, uint32_t cpu);  /* a thread or an SMI is done: it may halt */
void sharing_held(machine *m, uint32_t cpu);   /* is held from now on */
void sharing_let_go(machine *m, uint32_t cpu); /* no longer, unless by another hold */
void sharing_due(machine *m, uint32_t cpu);    /* something comes to a CPU without a core */
void sharing_spins(machine *m);                /* somebody begins to spin, or no longer does */
void sharing_awakes(machine *m, uint32_t cpu); /* has slept and goes on */
void sharing_leaves(machine *m, uint32_t cpu); /* is out of SMM */
void sharing_polls(machine *m, uint32_t cpu);  /* what was woken polls, or is out of time */

/* What it waits for has come, and it would poll at `at`: when it does, or PS_NEVER if that takes a
 * core that it has not. */
int64_t sharing_finds(machine *m, uint32_t cpu, int64_t at);

/* A CPU wakes others that sleep, by an SMI; from then on they may share its core. No CPU is busy
 * with an SMI: none shares a core any more. */
void sharing_wakes(machine *m, uint32_t waker);
void sharing_ends(machine *m);
/* If they do, who waits for its turn: the waker (1), or those that it wakes; and when that one, if
 * it is ready at `at`, can go on. */
int sharing_waker_waits(machine *m, uint32_t waker);
int64_t sharing_turn(const machine *m, int64_t at);

#endif
