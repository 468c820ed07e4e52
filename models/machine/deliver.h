/* SPDX-License-Identifier: Apache-2.0 */
/* deliver: how an SMI reaches a CPU and how the CPU comes back: signal, entry, RSM, latch. */
#ifndef SMMSIM_MODELS_MACHINE_DELIVER_H
#define SMMSIM_MODELS_MACHINE_DELIVER_H

#include "models/machine/machine.h"

typedef enum {
    CPU_RUNNING,   /* normal code, or halted */
    CPU_SIGNALLED, /* an SMI is on its way */
    CPU_LOCK,      /* sleeps until it has the emulator's lock; only where host cores are counted */
    CPU_ENTERING,  /* taking it */
    CPU_SMM,       /* runs the protocol */
    CPU_LEAVING    /* firmware exit and RSM */
} cpu_mode;

/* Of each CPU. */
typedef struct {
    int64_t stopped;   /* normal execution stopped */
    int64_t held_to;   /* held until then */
    int64_t reaction;  /* from the SMI on its way until the CPU can take it */
    int64_t lock_hold; /* of the emulator's lock, to take the SMI */
    uint32_t visit;    /* record of this visit */
    uint8_t mode;      /* cpu_mode */
    uint8_t latch;     /* an SMI is pending behind the present one: one bit */
    uint8_t via;       /* visit_via of the SMI on its way */
    uint8_t emulated;  /* it comes from the emulator and needs its lock */
    uint8_t blocked;   /* waits for SIPI */
    uint8_t disabled;  /* SMI disabled */
    uint8_t reserved[6];
} deliver_cpu;
_Static_assert(sizeof(deliver_cpu) == 48, "no padding");

/* Of the machine. */
typedef struct {
    int64_t held_until; /* no CPU is held any more from then on */
    uint32_t busy;      /* CPUs that are not running normal code */
    uint32_t inside;    /* CPUs that have taken an SMI and are not back yet */
    chipset chipset;
    uint8_t smi_status; /* the platform's: a source has asserted and no BSP has cleared it */
    uint8_t reserved[7];
} deliver_part;
_Static_assert(sizeof(deliver_part) == 56, "no padding");

void deliver_start(machine *m);
void deliver_port_write(machine *m, uint32_t writer);
void deliver_directed(machine *m, uint32_t from, uint32_t to);
void deliver_event(machine *m, uint32_t cpu); /* CLASS_CPU while not in SMM */
void deliver_leave(machine *m, uint32_t cpu); /* the protocol is done on this CPU */
void deliver_hold(machine *m, uint32_t cpu, int64_t duration);
void deliver_clear_status(machine *m); /* the BSP clears the platform's SMI status */

#endif
