/* SPDX-License-Identifier: Apache-2.0 */
/* follow_settings: a machine's parameters as the settings that smmsim explore has for them. */
#include "workloads/follow_settings.h"

#include <string.h>

#include "models/chipset.h"

smm_delivery follow_settings_delivery(const machine_setup *setup)
{
    switch (param_int(setup->params, P_DELIVERY)) {
    case DELIVERY_UNICAST:
        return EXPLORE_SMM_UNICAST;
    case DELIVERY_HARDWARE:
        return EXPLORE_SMM_HARDWARE;
    default:
        return setup->smi_features & CHIPSET_BROADCAST ? EXPLORE_SMM_BROADCAST
                                                       : EXPLORE_SMM_UNICAST;
    }
}

static uint64_t first_cpus(int64_t count)
{
    uint64_t set = 0;

    for (int c = 0; c < count && c < EXPLORE_SMM_CPUS_MAX; c++)
        set |= UINT64_C(1) << c;
    return set;
}

uint64_t follow_settings_reach(const machine_setup *setup)
{
    int64_t out = param_int(setup->params, P_BLOCKED) + param_int(setup->params, P_DISABLED);

    SIM_ASSERT(out < setup->config.cpus);
    return first_cpus(setup->config.cpus - out); /* the last ones are out of reach */
}

sim_status follow_settings_fill(const machine_setup *setup, uint8_t smis, explore_smm_settings *out,
                                sim_err *err)
{
    const step_config *c = &setup->config;

    SIM_ASSERT(c->cpus <= EXPLORE_SMM_CPUS_MAX);
    explore_smm_defaults(out);
    if (c->valid_status)
        return err_set(
            err, SIM_BAD_INPUT,
            "--follow: explore knows no smi.valid_status, which is a step more (would be "
            "right: --set smi.valid_status=off)");
    out->protocol = setup->protocol;
    out->cpus = c->cpus;
    out->possible = c->possible;
    out->boot_cpu = c->boot_cpu;
    out->excused = c->excused;
    out->smis = smis;
    out->delivery = (uint8_t)follow_settings_delivery(setup);
    out->traditional = c->traditional;
    out->election = c->election;
    out->lmce = c->lmce;
    out->mtrr = c->mtrr;
    out->debug_agent = c->debug_agent;
    out->reduce = 0;
    /* one that is disabled never sees its SMI, one that is blocked has it pending: neither enters
     */
    out->blocked = first_cpus(c->cpus) & ~follow_settings_reach(setup);
    memcpy(out->script, setup->services.action, sizeof out->script);
    out->script_length = (uint8_t)setup->services.length;
    return SIM_OK;
}
