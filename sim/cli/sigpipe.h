/* SPDX-License-Identifier: Apache-2.0 */
/* sigpipe: ignores SIGPIPE, so that a closed standard output does not end the program. */
#ifndef SMMSIM_SIM_CLI_SIGPIPE_H
#define SMMSIM_SIM_CLI_SIGPIPE_H

#include "sim/lib/base.h"

/* Ignores SIGPIPE: if standard output is closed, data files are still written. */
void sigpipe_ignore(void);
/* Takes the status of a write to standard output. Returns SIM_OK instead of SIM_SYSTEM if the
 * reader closed the pipe; main reports other failures of standard output. */
sim_status sigpipe_forgive(sim_status s);
/* Before the program ends: discards output that the reader of a closed pipe did not read. */
void sigpipe_end(void);

#endif
