/* SPDX-License-Identifier: Apache-2.0 */
/* plain: configures a protocol that has no settings. */
#include "models/plain.h"

sim_status plain_configure(const step_protocol *self, step_config *config, sim_err *err)
{
    if (config->mtrr || config->lmce || config->debug_agent)
        return err_set(err, SIM_BAD_INPUT,
                       "%s has no sync.mtrr, sync.lmce or sync.debug_agent (leave them off)",
                       self->name);
    config->era = self->era;
    for (int row = 0; row < self->row_count; row++)
        config->next[row] = (uint8_t)row;
    step_name_rows(self, config);
    return SIM_OK;
}

int plain_protocol(const step_protocol *protocol)
{
    return protocol->configure == plain_configure;
}
