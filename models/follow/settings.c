/* SPDX-License-Identifier: Apache-2.0 */
/* settings: a machine's parameters as the settings that smmsim explore has for them. */
#include "models/follow/settings.h"

uint64_t follow_settings_reach(const machine_setup *setup)
{
    uint64_t set = 0;

    for (int c = 0; c < setup->config.cpus && c < EXPLORE_SMM_CPUS_MAX; c++)
        set |= (uint64_t)setup_takes_smi(setup->params, c) << c;
    return set;
}

sim_status follow_settings_fill(const machine_setup *setup, uint8_t smis, explore_smm_settings *out,
                                sim_err *err)
{
    SIM_ASSERT(setup->config.cpus <= EXPLORE_SMM_CPUS_MAX);
    explore_smm_defaults(out);
    if (setup->config.valid_status)
        return err_set(err, SIM_BAD_INPUT,
                       "follow: explore knows no smi.valid_status, which is a step more (would be "
                       "right: --set smi.valid_status=off)");
    if (explore_smm_read(setup->params, out, err) != SIM_OK)
        return SIM_BAD_INPUT;
    out->smis = smis;
    out->delivery = (uint8_t)setup->delivery;
    out->reduce = 0;
    return SIM_OK;
}
