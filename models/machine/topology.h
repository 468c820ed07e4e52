/* SPDX-License-Identifier: Apache-2.0 */
/* topology: which CPUs share a core, a die, a socket. */
#ifndef SMMSIM_MODELS_MACHINE_TOPOLOGY_H
#define SMMSIM_MODELS_MACHINE_TOPOLOGY_H

#include "sim/lib/base.h"

/* CPUs are numbered as edk2 sorts them, by APIC id: threads of a core are neighbours, then cores,
 * dies, sockets. */
typedef struct {
    uint32_t threads; /* of a core */
    uint32_t die;     /* CPUs of a die */
    uint32_t socket;  /* CPUs of a socket */
    uint32_t machine; /* CPUs in all */
} topology;

typedef enum { NEAR_SELF, NEAR_CORE, NEAR_DIE, NEAR_SOCKET, NEAR_OTHER, NEARNESSES } nearness;

static inline nearness topology_nearness(const topology *t, uint32_t a, uint32_t b)
{
    SIM_ASSERT(a < t->machine && b < t->machine);
    if (a == b)
        return NEAR_SELF;
    if (a / t->threads == b / t->threads)
        return NEAR_CORE;
    if (a / t->die == b / t->die)
        return NEAR_DIE;
    return a / t->socket == b / t->socket ? NEAR_SOCKET : NEAR_OTHER;
}

#endif
