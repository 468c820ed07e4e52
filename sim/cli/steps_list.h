/* SPDX-License-Identifier: Apache-2.0 */
/* steps_list: a protocol's table of steps in words, for people and for programs. */
#ifndef SMMSIM_SIM_CLI_STEPS_LIST_H
#define SMMSIM_SIM_CLI_STEPS_LIST_H

#include <stdio.h>
#include "models/protocol/steps.h"
#include "sim/lib/csv.h"

/* Steps that are in force under no setting of this version are left out. At most 100 columns: the
 * BSP beside the APs, with upstream's sync points between them; then each step. */
void steps_list_print(const step_protocol *protocol, FILE *out);
void steps_list_csv(const step_protocol *protocol, csv_writer *w);

#endif
