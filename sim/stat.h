/* SPDX-License-Identifier: Apache-2.0 */
/* stat: means over repetitions with a confidence interval; exact integer sums, no libm. */
#ifndef SMMSIM_SIM_STAT_H
#define SMMSIM_SIM_STAT_H

#include "sim/base.h"

/* Sums are integers and merge in any order to the same bits. */
typedef struct {
    uint64_t count;
    int64_t min, max;
    __int128 sum;
    unsigned __int128 sum_squares; /* of |value|; values up to 2^62, counts up to 2^32 fit scaled: see stat.c */
} stat_sums;

void stat_init(stat_sums *s);
void stat_add(stat_sums *s, int64_t value);
void stat_merge(stat_sums *into, const stat_sums *from);

/* Mean, standard deviation (n - 1), and the half width of the two-sided confidence interval of
 * the mean (Student's t; level 95 or 99 per cent, t from a table up to 30 degrees of freedom and
 * by the Cornish-Fisher expansion above), each rounded to the nearest integer of the value's unit.
 * Fewer than two values: deviation 0 and half width -1 (unknown). */
typedef struct {
    int64_t mean, deviation, half_width;
} stat_result;
stat_result stat_mean(const stat_sums *s, int level_percent);

/* Exact quantile of a sorted array by the nearest-rank rule, as hist_quantile. count > 0. */
int64_t stat_quantile(const int64_t *sorted, uint64_t count, uint32_t ppm);
void stat_sort(int64_t *values, uint64_t count);

#endif
