/* SPDX-License-Identifier: Apache-2.0 */
/* quant: quantiles of repetitions taken together: which ones a sample holds, and how sure it is. */
#ifndef SMMSIM_SIM_LIB_QUANT_H
#define SMMSIM_SIM_LIB_QUANT_H

#include "sim/lib/hist.h"

/* A sample holds a quantile if at least so many of its values lie beyond it, on the side where
 * fewer do. With fewer the quantile is the greatest value or near it, and says how large the sample
 * is. Least and greatest value, 0 and 10^6 ppm, are no quantiles in this sense: always held. */
enum { QUANT_BEYOND = 10 };
static inline uint64_t quant_needs(uint32_t ppm); /* values: p50 20, p90 100, p99 1000 */
static inline int quant_held(uint64_t count, uint32_t ppm);

/* How the values of one repetition keep together, for the interval. Let K be how many values of a
 * repetition are at most the upper bound of a cell, and N how many it has: the sums over
 * repetitions of K^2 and K N, as what each cell adds to those of the cells below it, and of N^2.
 * Integers that can be added in any order, as the cells of a histogram. */
typedef struct {
    unsigned __int128 squares, products;
} quant_cell;
_Static_assert(sizeof(quant_cell) == 32, "no padding");
typedef struct {
    unsigned __int128 squares;
    uint64_t repetitions;             /* that have values */
    quant_cell *octave[HIST_OCTAVES]; /* as those of hist */
} quant_spread;
_Static_assert(sizeof(quant_spread) == 480, "no padding");

void quant_add(quant_spread *s, const hist *one); /* the values of a repetition; {0} is empty */
void quant_free(quant_spread *s);                 /* and makes it empty again */

/* The quantile of all values by the nearest-rank rule, as hist_quantile gives it, and its 95 %
 * confidence interval, which holds it. The ends are values of two ranks (order statistics), so that
 * nothing is assumed of the distribution:
 *     n q -+ t root(d n q (1 - q))
 * with n values, q the share below the quantile, t Student's for repetitions - 1 degrees of
 * freedom, and d what values of one repetition resembling each other costs: the variance, between
 * repetitions, of the share of values below the quantile, over that of independent values; the
 * greater one of both sides of the quantile's cell, and at least 1 (Woodruff, J. Am. Stat. Assoc.
 * 47, 1952: repetitions are the clusters of a sample). Repetitions are independent; values of one
 * need not be. Ends are bounds of cells, so that what a histogram rounds off is inside. */
typedef struct {
    int held; /* the sample holds it; else there is no value */
    int sure; /* there is an interval: not of one repetition, nor if a rank is beyond all */
    int64_t value;
    int64_t low, high;
} quant;
_Static_assert(sizeof(quant) == 32, "no padding");
quant quant_of(const quant_spread *s, const hist *all, uint32_t ppm);

static inline uint64_t quant_needs(uint32_t ppm)
{
    uint32_t beyond = ppm < 500000 ? ppm : 1000000 - ppm;

    SIM_ASSERT(ppm <= 1000000);
    return beyond > 0 ? (QUANT_BEYOND * UINT64_C(1000000) + beyond - 1) / beyond : 1;
}

static inline int quant_held(uint64_t count, uint32_t ppm)
{
    return count >= quant_needs(ppm);
}

#endif
