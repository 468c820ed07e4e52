/* SPDX-License-Identifier: Apache-2.0 */
/* workload: a workload file compiled into the calls that its operations really are. */
#ifndef SMMSIM_WORKLOADS_WORKLOAD_H
#define SMMSIM_WORKLOADS_WORKLOAD_H

#include "models/protocol/program.h"

/* Columns thread,op,name,bytes,think,cpu,repeat (docs/smmsim.1). `cpus` is the number of CPUs:
 * a thread `each` is one for each of them. File operations expand as Linux' efivarfs and libefivar
 * make them: each read() is GetVariable twice (size, data); a variable is read by three read()s
 * (attributes, data, end of file); a write is QueryVariableInfo, SetVariable and GetVariable for
 * the new size; the first call that fails ends the operation. SetVariable of size 0 is a delete. A
 * field that the operation has no use for is an error, and so are more than 5 million calls, which
 * are counted before there are any; calls of a row share its distributions. */
SIM_MUST_CHECK sim_status workload_load(const char *path, int cpus, program *out, sim_err *err);
void workload_free(program *p);

#endif
