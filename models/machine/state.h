/* SPDX-License-Identifier: Apache-2.0 */
/* state: the whole machine, the sum of its parts, and what machine.c does for them. */
#ifndef SMMSIM_MODELS_MACHINE_STATE_H
#define SMMSIM_MODELS_MACHINE_STATE_H

#include "models/machine/lockq.h"
#include "models/machine/parts.h" /* circle: a part works on the machine that it is a part of */
#include "sim/lib/evset.h"
#include "sim/lib/rng.h"

/* Order at one instant. A hold ends or begins before the CPU does anything at that time; a timer
 * is read before the word that is waited for (SyncTimer before InsideSmm in each test of the
 * loop); threads come last, since an SMI at the same instant interrupts them. Behind the last
 * thread host cores change hands: what happens at that instant is still done with them. */
typedef enum { CLASS_HOLD, CLASS_DEADLINE, CLASS_CPU, CLASS_THREAD } event_class;

enum { NOBODY = CHAIN_NONE };

typedef struct {
    uint64_t ordinal; /* of the trigger that the count belongs to */
    uint32_t count;
    uint32_t reserved;
} draw_count;
_Static_assert(sizeof(draw_count) == 16, "no padding");

/* Who writes: each part its own member and its member of each CPU; machine.c what stands here
 * beside them; each module what it is (evset, lockq, record). tidy checks it. Anybody reads. */
struct machine {
    const machine_setup *setup;
    int64_t now;
    uint64_t seed;
    uint64_t digest;
    uint64_t ordinal; /* triggers so far */
    uint32_t repetition;
    uint32_t cpus, threads;
    int beyond_of;         /* `beyond` is of which parameter */
    int64_t limit;         /* run.limit; -1 once the run is broken: nothing takes effect any more */
    uint64_t visits_until; /* as many visits fit into the record */
    int64_t beyond;        /* the first draw (or product) that was longer than run.limit, or 0 */
    evset events;
    lockq lock;     /* the emulator's */
    uint16_t *rank; /* of a CPU in a tie, and back */
    uint16_t *ranked;
    draw_count *drawn;
    run_record *record;
    const machine_observer *observer;
    machine_cpu *cpu;
    deliver_part deliver;
    driver_part driver;
    handler_part handler;
    mark_part mark;
    sharing_part sharing;
    thread_part thread;
    uint8_t broken; /* an invariant does not hold, or a hang: the run is over */
    uint8_t pause;  /* the run loop returns: broken, or the record needs room */
    uint8_t used[P_COUNT];
};

/* Who watches costs nothing when nobody does; built without watching to measure that. */
#ifdef SMMSIM_NO_OBSERVER
#define MACHINE_OBSERVED(m) 0
#else
#define MACHINE_OBSERVED(m) ((m)->observer != NULL)
#endif

int64_t machine_cost(machine *m, uint32_t cpu, int parameter); /* one draw of a latency */
int64_t machine_draw(machine *m, uint32_t cpu, int parameter); /* that is not charged (yet) */
/* `count` times a cost, which was drawn for this parameter. */
int64_t machine_times(machine *m, int parameter, int64_t cost, int64_t count);
/* Of the words that decide about a parameter, for this trigger; a workload's durations are of
 * P_WORKLOAD, its think times of P_THINK. The component is a CPU or a thread. */
rng_address machine_address(const machine *m, uint32_t component, int parameter);
uint64_t machine_word64(const machine *m, uint32_t cpu, int parameter);
int machine_chance(machine *m, uint32_t cpu, int parameter);
void machine_schedule(machine *m, event_class kind, uint32_t index, int64_t at);
void machine_schedule_host(machine *m, int64_t at);
int64_t machine_scheduled(const machine *m, event_class kind, uint32_t index);
void machine_fold(machine *m, uint64_t value);   /* into the digest */
void machine_break(machine *m, const char *why); /* an invariant does not hold: the run is over */

/* Time passes inside an event, up to what is next. */
static inline void machine_advance(machine *m, int64_t to)
{
    m->now = to;
}

/* A trigger, or a call that may become one, begins: what is drawn from now on is its own. */
static inline void machine_next_ordinal(machine *m)
{
    m->ordinal++;
}

/* A parameter had a say, unless its value is 0. */
static inline void machine_use(machine *m, int parameter, int64_t value)
{
    m->used[parameter] |= value > 0;
}

#endif
