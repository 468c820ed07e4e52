/* SPDX-License-Identifier: Apache-2.0 */
/* trace_text: an SMI as a picture in text, a column for each CPU, a line for each event. */
#ifndef SMMSIM_SIM_CLI_TRACE_TEXT_H
#define SMMSIM_SIM_CLI_TRACE_TEXT_H

#include <stdio.h>

#include "sim/cli/trace_log.h"

/* Prints the events of smi[0..count), which are of this log, in their order; times are microseconds
 * since the port write of the SMI whose heading stands above. */
void trace_text_print(const trace_log *log, const trace_smi *smi, uint32_t count, FILE *to);

#endif
