/* SPDX-License-Identifier: Apache-2.0 */
/* basic: what protocols have in common that know none of edk2's settings, and start no jobs. */
#ifndef SMMSIM_MODELS_PROTOCOL_BASIC_H
#define SMMSIM_MODELS_PROTOCOL_BASIC_H

#include "models/protocol/steps.h"

/* All rows are in force; MTRRs, local machine checks and a debug agent are refused. */
SIM_MUST_CHECK sim_status basic_configure(const step_protocol *self, step_config *config,
                                          sim_err *err);

/* 1: configured so; the sync.* settings and bsp.election mean nothing to it. */
/* Of a protocol whose table needs no code of its own. */
void basic_enter(const step_config *config, step_cpu *cpu);
void basic_request(const step_config *config, const step_cpu *cpu, step_request *out);
step_mark basic_consume(const step_config *config, step_cpu *cpu, const step_result *result);

uint8_t basic_handlers(const step_config *config, step_cpu *cpu, uint32_t answer);

int basic_protocol(const step_protocol *protocol);

#endif
