/* SPDX-License-Identifier: Apache-2.0 */
/* topology: nearness of two CPUs by division of their numbers. */
#include "models/machine/topology.h"

nearness topology_nearness(const topology *t, uint32_t a, uint32_t b)
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
