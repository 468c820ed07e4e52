/* SPDX-License-Identifier: Apache-2.0 */
/* A protocol with a livelock: an AP that knows no BSP fetches itself, and so comes back.
 */
#ifndef SMMSIM_TESTS_LIVELOCK_H
#define SMMSIM_TESTS_LIVELOCK_H

#include <string.h>
#include "models/protocol/edk2.h"
#include "models/protocol/steps.h"

static inline const step_protocol *livelock_base(void)
{
    const step_protocol *protocol = edk2_protocols;

    while (strcmp(protocol->name, "edk2-head-fixed") != 0)
        protocol++;
    return protocol;
}

static uint32_t livelock_keep(const step_config *config, step_cpu *cpu, const step_result *result,
                              int holds)
{
    const step_protocol *base = livelock_base();
    uint32_t seen = base->program->keep(config, cpu, result, holds);

    /* it would call the boot CPU, which gives up instead */
    if (!holds && strcmp(base->rows[cpu->row].id, "A2_CALL") == 0)
        cpu->bsp = cpu->me;
    return seen;
}

/* edk2-head-fixed, which fetches the boot CPU there, but for that. Hook election only. */
static inline step_protocol livelock_protocol(void)
{
    static steps_program program;
    step_protocol protocol = *livelock_base();

    program = *protocol.program;
    program.keep = livelock_keep;
    protocol.program = &program;
    return protocol;
}

#endif
