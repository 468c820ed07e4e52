/* SPDX-License-Identifier: Apache-2.0 */
/* hgrm: a histogram as the percentile text that HdrHistogram's plotters read. */
#ifndef SMMSIM_WORKLOADS_HGRM_H
#define SMMSIM_WORKLOADS_HGRM_H

#include <stdio.h>
#include "workloads/metrics.h"

/* Values in microseconds. Percentiles come in five steps for each halving of what is left up to
 * 100 %, as HdrHistogram's outputPercentileDistribution has them by default. Integers only. */
void hgrm_write(FILE *to, const hist *h);

/* Whether hgrm_save can make its folder, or write into it; FOLDER is one that can be written. */
SIM_MUST_CHECK sim_status hgrm_check(const char *folder, sim_err *err);

/* Writes FOLDER/hgrm/POINT-METRIC.hgrm for each time that has values; makes the folder. */
SIM_MUST_CHECK sim_status hgrm_save(const char *folder, uint64_t point,
                                    const hist time[METRIC_TIME_COUNT], sim_err *err);

#endif
