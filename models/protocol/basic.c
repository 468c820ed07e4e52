/* SPDX-License-Identifier: Apache-2.0 */
/* basic: what is common to protocols without settings, whose handlers start nothing. */
#include "models/protocol/basic.h"

uint8_t basic_handlers(const step_config *config, step_cpu *cpu, uint32_t answer)
{
    step_action action = (step_action)(answer >> 24);

    SIM_ASSERT(config->code[cpu->row].op == OP_HANDLERS && action <= ACTION_SWITCH_BSP);
    cpu->ticket = action == ACTION_DONE || action == ACTION_COMPUTE ? 0 : OUTCOME_NOT_STARTED;
    return action == ACTION_DONE ? config->code[cpu->row].next[0] : cpu->row;
}

const steps_program basic_program = {.handlers = basic_handlers};

sim_status basic_configure(const step_protocol *self, step_config *config, sim_err *err)
{
    if (config->mtrr || config->lmce || config->debug_agent)
        return err_set(err, SIM_BAD_INPUT,
                       "%s has no sync.mtrr, sync.lmce or sync.debug_agent (leave them off)",
                       self->name);
    steps_link(self, config);
    return SIM_OK;
}

int basic_protocol(const step_protocol *protocol)
{
    return protocol->configure == basic_configure;
}
