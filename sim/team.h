/* SPDX-License-Identifier: Apache-2.0 */
/* team: how many threads a parallel region really gets, found out before it is begun. */
#ifndef SMMSIM_SIM_TEAM_H
#define SMMSIM_SIM_TEAM_H

#include "sim/base.h"

/* OpenMP ends the program if a thread cannot be made, and gives fewer than asked for without a word
 * under OMP_THREAD_LIMIT and the like. So a region is tried first. It is given in *got how many
 * threads one of `wanted` gets, the calling one among them: 1 to `wanted`; the next region of so
 * many uses those that were made here. SIM_SYSTEM if more than one is wanted and the system makes
 * none. */
SIM_MUST_CHECK sim_status team_gather(int wanted, int *got, sim_err *err);

/* The line on standard error if `got` threads work where `wanted` were asked for. */
void team_tell(int got, int wanted);

#endif
