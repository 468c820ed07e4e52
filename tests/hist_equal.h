/* SPDX-License-Identifier: Apache-2.0 */
/* hist_equal: whether two histograms hold the same, cell by cell. */
#ifndef SMMSIM_TESTS_HIST_EQUAL_H
#define SMMSIM_TESTS_HIST_EQUAL_H

#include "sim/lib/hist.h"

/* An octave is there exactly if one of its cells is not 0. */
static inline int hist_equal(const hist *a, const hist *b)
{
    int equal = a->count == b->count && a->min == b->min && a->max == b->max && a->sum == b->sum &&
                a->sum_squares == b->sum_squares;

    for (uint32_t o = 0; o < HIST_OCTAVES && equal; o++) {
        equal = !a->octave[o] == !b->octave[o];
        for (uint32_t k = 0; k < HIST_SUB_CELLS && equal && a->octave[o]; k++)
            equal = a->octave[o][k] == b->octave[o][k];
    }
    return equal;
}

#endif
