/* SPDX-License-Identifier: Apache-2.0 */
/* settings: a machine's parameters as the settings that smmsim explore has for them. */
#ifndef SMMSIM_MODELS_FOLLOW_SETTINGS_H
#define SMMSIM_MODELS_FOLLOW_SETTINGS_H

#include "models/explore/smm.h"
#include "models/machine/setup.h"

/* CPUs that take an SMI, neither blocked nor disabled: a set of the first 64. */
uint64_t follow_settings_reach(const machine_setup *setup);

/* What explore was given if it searched this machine, without reductions. Refuses what only the
 * timed machine has and what changes the steps. */
SIM_MUST_CHECK sim_status follow_settings_fill(const machine_setup *setup, uint8_t smis,
                                               explore_smm_settings *out, sim_err *err);

#endif
