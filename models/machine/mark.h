/* SPDX-License-Identifier: Apache-2.0 */
/* mark: what the steps of the protocol mean for the record: rounds, roles, milestones. */
#ifndef SMMSIM_MODELS_MACHINE_MARK_H
#define SMMSIM_MODELS_MACHINE_MARK_H

#include "models/machine/machine.h"

/* Of the machine. */
typedef struct {
    uint32_t bsps;  /* BSPs between entry and reset */
    uint32_t round; /* current one, or RECORD_NONE */
} mark_part;
_Static_assert(sizeof(mark_part) == 8, "no padding");

void mark_start(machine *m);
void mark_step(machine *m, uint32_t cpu, step_mark mark, const step_result *result);

#endif
