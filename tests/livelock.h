/* SPDX-License-Identifier: Apache-2.0 */
/* A protocol with a livelock: an AP that knows no BSP fetches itself, and so comes back.
 */
#ifndef SMMSIM_TESTS_LIVELOCK_H
#define SMMSIM_TESTS_LIVELOCK_H

#include <string.h>
#include "models/protocol/edk2.h"

static inline const step_protocol *livelock_base(void)
{
    const step_protocol *protocol = edk2_protocols;

    while (strcmp(protocol->name, "edk2-head-fixed") != 0)
        protocol++;
    return protocol;
}

static step_mark livelock_consume(const step_config *config, step_cpu *cpu,
                                  const step_result *result)
{
    const step_protocol *base = livelock_base();
    int before = cpu->row;
    step_mark mark = base->consume(config, cpu, result);

    /* behind the look at who is BSP stands the directed SMI; the boot CPU gives up instead */
    if (strcmp(base->rows[before].id, "A2") == 0 && result->value == EDK2_NONE &&
        strcmp(base->rows[cpu->row].id, "A2_SEND") == 0)
        cpu->bsp = cpu->me;
    return mark;
}

/* edk2-head-fixed, which fetches the boot CPU there, but for that. Hook election only. */
static inline step_protocol livelock_protocol(void)
{
    step_protocol protocol = *livelock_base();

    protocol.consume = livelock_consume;
    return protocol;
}

#endif
