/* SPDX-License-Identifier: Apache-2.0 */
/* host: the host's cores, which vCPUs share by turns: who has one, who queues, when a turn ends. */
#ifndef SMMSIM_MODELS_MACHINE_HOST_H
#define SMMSIM_MODELS_MACHINE_HOST_H

#include "sim/lib/chain.h"

/* One queue, first come, first served, before `cores` equal cores. A vCPU that has a core keeps it
 * for a slice and, if others wait then, until the host tick that follows; what it does with the
 * core does not matter, so one that spins burns its slice. One that has nothing to do gives its
 * core up at once (asleep: it does not queue either).
 *
 * Spinners that wait for each other alone would pass the cores on without end. Those turns are
 * not followed: they stand still while nobody else queues, and when somebody does (`ready_at`) it
 * waits as if they had gone on: for the turns of those before it, and to the end of one. */
enum { HOST_NOBODY = CHAIN_NONE };
typedef enum { HOST_ASLEEP, HOST_QUEUED, HOST_ON } host_place;

typedef struct {
    int64_t since;    /* has its core since */
    int64_t turn_end; /* keeps it until then if others wait */
    int64_t
        ready_at; /* queued: a spinner's core may be its from then on; PS_NEVER: it spins, too */
    int64_t used; /* core time so far, the present turn apart */
    uint16_t core;
    uint8_t place; /* host_place */
    uint8_t wants; /* a core */
    uint32_t reserved;
} host_vcpu;
_Static_assert(sizeof(host_vcpu) == 40, "no padding");

typedef struct {
    uint32_t cores;     /* 0: a core for each vCPU, and nothing here is used */
    uint32_t queued;    /* vCPUs in the queue */
    uint32_t busy;      /* cores that somebody has */
    uint16_t first;     /* chain of the queue */
    uint8_t contended;  /* somebody was left in the queue when the cores were looked at last */
    uint8_t yields;     /* one that polls in SMM passes the core on after each poll */
    int64_t ready;      /* a spinner's core may be somebody's from then on, or PS_NEVER */
    int64_t least;      /* shortest slice */
    int64_t period;     /* in which each has a turn, if that leaves more than the least; or 0 */
    int64_t tick;       /* turns end at host ticks */
    int64_t phase;      /* of the ticks, at most 0 */
    uint64_t turns;     /* begun so far */
    host_vcpu *vcpu;    /* by CPU number */
    chain_link *link;   /* the same */
    uint16_t *occupant; /* by core: a CPU, or HOST_NOBODY */
} host;
_Static_assert(sizeof(host) == 88, "no padding");

/* All cores free, everybody asleep. The arrays hold `cpus` and `cores` entries. */
void host_reset(host *h, uint32_t cpus);

/* To the tail of the queue; out of it, from anywhere: those before it go to the tail (they have had
 * a turn) if `rotate`. */
void host_queue(host *h, uint32_t cpu);
void host_unqueue(host *h, uint32_t cpu, int rotate);

/* From the queue's side to a free core, and off it to sleep. */
void host_begin(host *h, uint32_t cpu, uint32_t core, int64_t now);
void host_end(host *h, uint32_t cpu, int64_t now);

/* A slice now: the period divided among those who want a core, but not less than the least. */
int64_t host_slice(const host *h);

/* First host tick at or after `at`. */
int64_t host_tick(const host *h, int64_t at);

/* What a spinner's turn costs those behind it: a slice, in whole ticks. */
int64_t host_burn(const host *h);

/* End of the turn that the vCPU of a core is in at `at`, at or after that. */
int64_t host_turn(const host *h, uint32_t cpu, int64_t at);

/* Before cores are passed on at `now`: turns that nobody wanted are over, those of spinners have
 * gone on. */
void host_refresh(host *h, int64_t now);

#endif
