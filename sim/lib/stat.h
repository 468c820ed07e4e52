/* SPDX-License-Identifier: Apache-2.0 */
/* stat: means over repetitions with a confidence interval; exact integer sums, no libm. */
#ifndef SMMSIM_SIM_LIB_STAT_H
#define SMMSIM_SIM_LIB_STAT_H

#include "sim/lib/base.h"

#define STAT_VALUE_MAX (INT64_C(1) << 62) /* either way */
#define STAT_COUNT_MAX (UINT64_C(1) << 32)

/* Sums are integers and merge in any order to the same bits. The sum of squares has 192 bits: 124
 * for a square and 32 for the count are more than fit 128. */
typedef struct {
    uint64_t count;
    int64_t min, max; /* 0 when empty */
    uint64_t sum_squares_high;
    unsigned __int128 sum_squares;
    __int128 sum;
} stat_sums;
_Static_assert(sizeof(stat_sums) == 64, "no padding");

void stat_init(stat_sums *s);
void stat_add(stat_sums *s, int64_t value); /* at most STAT_VALUE_MAX either way */
void stat_merge(stat_sums *into, const stat_sums *from);

/* Mean, standard deviation (n - 1), and the half width of the two-sided confidence interval of
 * the mean (Student's t; level 95 or 99 per cent, t as stat_student gives it), each rounded to the
 * nearest integer of the value's unit; computed in integers throughout, so that is exact. A mean
 * half-way goes to the even one, the others up. A half width above INT64_MAX is given as INT64_MAX.
 * Fewer than two values: deviation 0 and half width -1 (unknown). Empty: mean 0. At most
 * STAT_COUNT_MAX values. */
typedef struct {
    int64_t mean, deviation, half_width;
} stat_result;
_Static_assert(sizeof(stat_result) == 24, "no padding");
stat_result stat_mean(const stat_sums *s, int level_percent);

/* Student's t in millionths, two-sided, level 95 or 99: from a table up to 30 degrees of freedom,
 * by the Cornish-Fisher expansion above. degrees > 0. */
int64_t stat_student(uint64_t degrees, int level_percent);

uint64_t stat_root(unsigned __int128 x); /* the greatest integer whose square is at most x */

/* Exact quantile of a sorted array by the nearest-rank rule, as hist_quantile. count > 0. */
int64_t stat_quantile(const int64_t *sorted, uint64_t count, uint32_t ppm);
void stat_sort(int64_t *values, uint64_t count);

/* The nearest-rank rule: ceil(ppm * count / 10^6), at least 1. ppm at most 10^6. */
static inline uint64_t stat_rank(uint64_t count, uint32_t ppm)
{
    unsigned __int128 rank = ((unsigned __int128)count * ppm + 999999) / 1000000;
    SIM_ASSERT(ppm <= 1000000);
    return rank > 0 ? (uint64_t)rank : 1;
}

/* sum / count rounded to the nearest integer, half-way to the even one. count > 0. */
static inline int64_t stat_ratio(__int128 sum, uint64_t count)
{
    SIM_ASSERT(count > 0);
    unsigned __int128 size = sum < 0 ? -(unsigned __int128)sum : (unsigned __int128)sum;
    unsigned __int128 whole = size / count, rest = size % count;
    whole += rest * 2 > count || (rest * 2 == count && whole % 2 == 1);
    return (int64_t)(sum < 0 ? -whole : whole);
}

#endif
