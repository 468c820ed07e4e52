/* SPDX-License-Identifier: Apache-2.0 */
/* report: what a run was, as text for people: latencies, counts, where the time went. */
#ifndef SMMSIM_SIM_CLI_REPORT_H
#define SMMSIM_SIM_CLI_REPORT_H

#include <stdio.h>

#include "workloads/experiment.h"
#include "workloads/metrics.h"

/* "4 CPUs, edk2-2017 in OVMF on qemu-kvm-ovmf, 20 repetitions, seed 1" */
void report_title(FILE *to, const experiment *e, uint64_t repetitions, uint64_t seed);
void report_point(FILE *to, const experiment *e, const metrics_point *p);

/* A time with three digits and its unit; returns text. */
const char *report_time(int64_t ps, char text[32]);

/* A quantile (METRIC_P50 ...) of all repetitions together, or "-". Returns its bit, 1 << quantile,
 * if the sample is too small for it, for a line below the table that says so: report_blank. */
uint32_t report_quantile(const metrics_point *p, int time, int quantile, char text[32]);
void report_blank(FILE *to, uint32_t blank); /* nothing if there is no bit */

/* How many of the figures that were charged (`used`, by parameter) have no source, and which. */
void report_uncalibrated(FILE *to, const experiment *e, const uint8_t *used);

/* The number of them, and of all figures that were charged. */
int report_count_uncalibrated(const experiment *e, const uint8_t *used, int *mattered);

/* A bar of `share` (0 to 1000 thousandths) in eighths of a character, `width` characters at most.
 */
void report_bar(FILE *to, int share, int width);

/* The phase that took most of the time of all SMIs, and its share in thousandths. */
int report_main_phase(const metrics_point *p, int *share);

/* The one or two groups of phases that took most of it, each 10 % or more, on the same line:
 * "█████▊ 96 % waiting for BSP, timeout 1"; the name is at most 26 characters. */
void report_main_groups(FILE *to, const metrics_point *p);

#endif
