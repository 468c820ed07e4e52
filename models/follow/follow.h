/* SPDX-License-Identifier: Apache-2.0 */
/* follow: can what a schedule of smmsim explore shows happen in time, and how wide is the window.
 */
#ifndef SMMSIM_MODELS_FOLLOW_FOLLOW_H
#define SMMSIM_MODELS_FOLLOW_FOLLOW_H

#include <stdio.h>

#include "models/machine/setup.h"

typedef struct {
    const char *schedule; /* as explore printed it; one trigger, or two */
    int property;         /* that it must violate: RULE_..., or -1: whatever it does */
    int has_digest;
    uint64_t digest; /* that its steps must come to */
    uint64_t seed;
    uint32_t repetitions;
} follow_request;

/* One SMI on the machine of `setup`, again and again: each CPU of the schedule is late by 0 to both
 * timeouts, and where the outcome changes another CPU is held besides, from just before or
 * after its own timeout on. With a second trigger, that one comes earlier or later. Handlers ask
 * for what handler.services says, which is part of the schedule's settings. Prints for which delays
 * the machine violates what the schedule violates. SIM_FINDING if it does for some, or if
 * run.limit stopped a run; SIM_BAD_INPUT
 * for a schedule that this machine's protocol does not allow, or whose violation no timed run can
 * show. */
SIM_MUST_CHECK sim_status follow_run(const machine_setup *setup, const follow_request *request,
                                     FILE *out, sim_err *err);

#endif
