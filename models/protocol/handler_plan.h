/* SPDX-License-Identifier: Apache-2.0 */
/* handler_plan: what each SMI's handler asks the CPU driver for, as text and as answers to
 * ASK_HANDLER.
 */
#ifndef SMMSIM_MODELS_PROTOCOL_HANDLER_PLAN_H
#define SMMSIM_MODELS_PROTOCOL_HANDLER_PLAN_H

#include <stdio.h>
#include "models/protocol/step.h"

enum { HANDLER_PLAN_MAX = 7 };

/* In this order, one after the other. */
typedef struct {
    uint32_t action[HANDLER_PLAN_MAX]; /* STEP_ANSWER */
    uint32_t length;
} handler_plan;
_Static_assert(sizeof(handler_plan) == 32, "no padding");

/* "none", or "rendezvous", "job:1", "job-wait:1", "jobs", "jobs-wait", "switch:1" with commas
 * between. */
SIM_MUST_CHECK sim_status handler_plan_parse(const char *text, handler_plan *out, sim_err *err);
/* The same for a machine of so many CPUs; explore does not know yet how many it has. */
SIM_MUST_CHECK sim_status handler_plan_parse_for(const char *text, int cpus, handler_plan *out,
                                                 sim_err *err);
void handler_plan_print(const handler_plan *s, FILE *out);

/* Fields that may differ between SMIs: the protocol's, and an ordered switch of the BSP. */
uint32_t handler_plan_may_differ(const handler_plan *s, const step_protocol *protocol);

/* Jobs wait for their end, whether they say so or not (PcdCpuSmmBlockStartupThisAp). */
void handler_plan_block(handler_plan *s);

int handler_plan_has(const handler_plan *s, step_action action);

/* Does it ask for what this version and this machine have? A configuration that is configured. */
SIM_MUST_CHECK sim_status handler_plan_check(const handler_plan *s, const step_protocol *protocol,
                                             const step_config *config, sim_err *err);

#endif
