/* SPDX-License-Identifier: Apache-2.0 */
/* script: what each SMI's handler asks the CPU driver for, as text and as answers to ASK_HANDLER.
 */
#ifndef SMMSIM_MODELS_PROTOCOL_SCRIPT_H
#define SMMSIM_MODELS_PROTOCOL_SCRIPT_H

#include <stdio.h>
#include "models/protocol/step.h"

enum { SCRIPT_MAX = 7 };

/* In this order, one after the other. */
typedef struct {
    uint32_t action[SCRIPT_MAX]; /* STEP_ANSWER */
    uint32_t length;
} script;
_Static_assert(sizeof(script) == 32, "no padding");

/* "none", or "rendezvous", "job:1", "job-wait:1", "jobs", "jobs-wait", "switch:1" with commas
 * between. */
SIM_MUST_CHECK sim_status script_parse(const char *text, script *out, sim_err *err);
/* The same for a machine of so many CPUs; explore does not know yet how many it has. */
SIM_MUST_CHECK sim_status script_parse_for(const char *text, int cpus, script *out, sim_err *err);
void script_print(const script *s, FILE *out);

/* Fields that may differ between SMIs: the protocol's, and an ordered switch of the BSP. */
uint32_t script_may_differ(const script *s, const step_protocol *protocol);

/* Jobs wait for their end, whether they say so or not (PcdCpuSmmBlockStartupThisAp). */
void script_block(script *s);

int script_has(const script *s, step_action action);

/* Does it ask for what this version and this machine have? A configuration that is configured. */
SIM_MUST_CHECK sim_status script_check(const script *s, const step_protocol *protocol,
                                       const step_config *config, sim_err *err);

#endif
