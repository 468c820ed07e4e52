/* SPDX-License-Identifier: Apache-2.0 */
/* hgrm: a histogram as the percentile text that HdrHistogram's plotters read. */
#ifndef SMMSIM_SIM_CLI_HGRM_H
#define SMMSIM_SIM_CLI_HGRM_H

#include "sim/cli/folder.h"
#include "workloads/metrics.h"

/* Values in microseconds. Percentiles come in five steps for each halving of what is left up to
 * 100 %, as HdrHistogram's outputPercentileDistribution has them by default. Integers only. */
void hgrm_write(FILE *to, const hist *h);

/* Writes hgrm/POINT-METRIC.hgrm of the folder for each time that has values. */
SIM_MUST_CHECK sim_status hgrm_save(folder_owned *f, uint64_t point,
                                    const hist time[METRIC_TIME_COUNT], sim_err *err);

#endif
