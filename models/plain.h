/* SPDX-License-Identifier: Apache-2.0 */
/* plain: what protocols have in common that know none of edk2's settings. */
#ifndef SMMSIM_MODELS_PLAIN_H
#define SMMSIM_MODELS_PLAIN_H

#include "sim/step.h"

/* All rows are in force; MTRRs, local machine checks and a debug agent are refused. */
SIM_MUST_CHECK sim_status plain_configure(const step_protocol *self, step_config *config,
                                          sim_err *err);

/* 1: configured so; the sync.* settings and bsp.election mean nothing to it. */
int plain_protocol(const step_protocol *protocol);

#endif
