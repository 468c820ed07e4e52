/* SPDX-License-Identifier: Apache-2.0 */
/* mpi: hands tasks to other ranks and takes word of their ends; alone in a plain build. */
#ifndef SMMSIM_SIM_SWEEP_MPI_H
#define SMMSIM_SIM_SWEEP_MPI_H

#include "sim/sweep/engine.h" /* circle: ranks run the same engine */

/* Private to sweep. All of these are for the first thread of a process; sweep.h
 * has two more. */
void sweep_mpi_begin(void);
int sweep_mpi_rank(void);
void sweep_mpi_end(void);
/* Sends and receives what there is to say. */
void sweep_mpi_talk(sweep_engine *e);
/* Says that this rank is done and its journal closed; on rank 0, whether all others are. */
int sweep_mpi_leave(sweep_engine *e);

#endif
