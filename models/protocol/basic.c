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

static const steps_program program = {.handlers = basic_handlers};

void basic_enter(const step_config *config, step_cpu *cpu)
{
    steps_enter(&program, config, cpu);
}

void basic_request(const step_config *config, const step_cpu *cpu, step_request *out)
{
    steps_request(&program, config, cpu, out);
}

step_mark basic_consume(const step_config *config, step_cpu *cpu, const step_result *result)
{
    return steps_consume(&program, config, cpu, result);
}

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
