/* SPDX-License-Identifier: Apache-2.0 */
/* trace_lanes: turns a log of steps into slices, arrows and a counter, a lane for each CPU. */
#ifndef SMMSIM_SIM_CLI_TRACE_LANES_H
#define SMMSIM_SIM_CLI_TRACE_LANES_H

#include "sim/lib/csv.h"
#include "sim/lib/trace.h"
#include "sim/cli/trace_log.h"

/* Slices nest: the visit to SMM, in it the phases, in them the steps. Arrows: a directed SMI, from
 * the write of the ICR to the CPU that stops for it; a release, from the BSP's store to the CPU
 * that stops waiting. The counter: CPUs in SMM. */

/* As a group of tracks: the repetition. */
void trace_lanes_draw(const trace_log *log, trace *to);

/* As rows, for plots: kind (smi, port, visit, phase, step, arrow, arrived; quiet: the longest
 * time in which no CPU went from one phase to the next), smi and repetition, cpu, to_cpu, begin_ns,
 * end_ns (from the port write of that SMI), name. */
void trace_lanes_csv_header(csv_writer *w);
void trace_lanes_csv(const trace_log *log, const trace_smi *smi, csv_writer *w);

#endif
