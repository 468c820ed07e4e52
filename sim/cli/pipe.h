/* SPDX-License-Identifier: Apache-2.0 */
/* pipe: standard output whose reader may leave before the end, as `head` does. */
#ifndef SMMSIM_SIM_CLI_PIPE_H
#define SMMSIM_SIM_CLI_PIPE_H

#include "sim/lib/base.h"

/* Ignore SIGPIPE: if standard output is closed, data files are still written. */
void pipe_begin(void);
/* `s`, but SIM_OK if it is SIM_SYSTEM, from writing to standard output, and only because the reader
 * has left. Other failures of it are told at the end of the program. */
sim_status pipe_forgive(sim_status s);
/* Before the end of the program: what the reader who left did not read is no error. */
void pipe_end(void);

#endif
