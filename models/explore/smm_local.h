/* SPDX-License-Identifier: Apache-2.0 */
/* smm_local: one CPU's private states as a numbered automaton, built as it is walked. */
#ifndef SMMSIM_MODELS_EXPLORE_SMM_LOCAL_H
#define SMMSIM_MODELS_EXPLORE_SMM_LOCAL_H

#include "models/protocol/step.h"

/* How a step ended, beside the value that came back. */
typedef enum { EXPLORE_SMM_DONE, EXPLORE_SMM_TIMED_OUT, EXPLORE_SMM_ENTERED } explore_smm_how;

/* A step once taken: value and ending lead to the same state each time, so the protocol is asked
 * once; coverage is noted then. */
typedef struct {
    uint32_t value;
    uint8_t how;  /* explore_smm_how */
    uint8_t mark; /* step_mark */
    uint16_t reserved;
    uint32_t next; /* number of the state that it leads to */
} explore_smm_arc;
_Static_assert(sizeof(explore_smm_arc) == 12, "no padding");

enum { EXPLORE_SMM_ARCS = 12, EXPLORE_SMM_CHUNK = 512, EXPLORE_SMM_CHUNKS = 2048 };

/* What each expansion looks at comes first, and fills one cache line. */
typedef struct {
    _Alignas(64) uint32_t sections; /* STEP_IN_... */
    uint32_t arcs_used;             /* published last */
    step_request request;
    explore_smm_arc arcs[EXPLORE_SMM_ARCS];
    step_cpu cpu;
    uint32_t mentions; /* 1: `cpu` names CPUs that may be renumbered */
    uint32_t moved[8]; /* number + 1 of the same state of another CPU, if it names none */
    uint64_t likeness; /* of `cpu` without numbers of CPUs */
} explore_smm_local;
_Static_assert(offsetof(explore_smm_local, arcs[3]) <= 64, "the first arcs are in the first line");

/* All private states that one CPU was seen in. Number 0: outside SMM. Grows under its lock; what is
 * there stays where it is and may be read by any thread. */
typedef struct {
    explore_smm_local *chunk[EXPLORE_SMM_CHUNKS];
    uint32_t *slots; /* a hash table of numbers + 1 */
    uint32_t slot_mask;
    uint32_t used, most;
    /* [from row]: rows that a step led to; STEP_ROWS_MAX bits */
    uint64_t branches[STEP_ROWS_MAX][STEP_ROWS_MAX / 64];
    uint64_t timed_out[STEP_ROWS_MAX / 64]; /* rows whose wait ended by its bound */
    uint64_t marks;                         /* step_marks that were passed */
    uint8_t lock;
} explore_smm_locals;

typedef struct {
    const step_protocol *protocol;
    const step_config *config;
    uint64_t alike; /* CPUs that may be renumbered among themselves: a set, or 0 */
} explore_smm_machine;

/* At most 2^bits states. */
void explore_smm_local_init(explore_smm_locals *locals, const explore_smm_machine *machine, int cpu,
                            int bits);
void explore_smm_local_free(explore_smm_locals *locals);

static inline explore_smm_local *explore_smm_local_at(const explore_smm_locals *locals,
                                                      uint32_t number)
{
    return &locals->chunk[number / EXPLORE_SMM_CHUNK][number % EXPLORE_SMM_CHUNK];
}

/* The number of a private state, new or known. Any number of threads at once. */
uint32_t explore_smm_local_number(explore_smm_locals *locals, const explore_smm_machine *machine,
                                  const step_cpu *cpu);

/* What a step leads to is asked of the protocol the first time. */
explore_smm_arc explore_smm_local_ask(explore_smm_locals *locals,
                                      const explore_smm_machine *machine, uint32_t number,
                                      const explore_smm_arc *taken);

/* What is remembered of a step from a state, or NULL. */
static inline const explore_smm_arc *explore_smm_local_known(const explore_smm_local *local,
                                                             uint32_t value, explore_smm_how how)
{
    const explore_smm_arc *arc = local->arcs;
    const explore_smm_arc *end = arc + __atomic_load_n(&local->arcs_used, __ATOMIC_ACQUIRE);

    for (; arc < end; arc++)
        if (arc->value == value && arc->how == how)
            return arc;
    return NULL;
}

/* Where a step leads from state `number`: as told by the protocol, or remembered. */
static inline explore_smm_arc explore_smm_local_follow(explore_smm_locals *locals,
                                                       const explore_smm_machine *machine,
                                                       uint32_t number,
                                                       const explore_smm_arc *taken)
{
    const explore_smm_arc *known = explore_smm_local_known(
        explore_smm_local_at(locals, number), taken->value, (explore_smm_how)taken->how);

    return known ? *known : explore_smm_local_ask(locals, machine, number, taken);
}

#endif
