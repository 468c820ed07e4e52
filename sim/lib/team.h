/* SPDX-License-Identifier: Apache-2.0 */
/* team: how many threads a parallel region really gets, found out before it is begun. */
#ifndef SMMSIM_SIM_LIB_TEAM_H
#define SMMSIM_SIM_LIB_TEAM_H

#include "sim/lib/base.h"

/* OpenMP ends the program if a thread cannot be made, and gives fewer than asked for without a word
 * under OMP_THREAD_LIMIT and the like. So a region is tried first: *got is how many threads one of
 * `wanted` gets, 1 to `wanted`, the calling one among them. Regions of so many, or of one, then use
 * the threads that were made here; that is why it is for once in a program: they would be counted
 * twice. SIM_SYSTEM if more than one is wanted and the system makes none. */
SIM_MUST_CHECK sim_status team_gather(int wanted, int *got, sim_err *err);

/* A line on standard error if only `got` threads work where `wanted` were asked for. */
void team_tell(int got, int wanted);

#endif
