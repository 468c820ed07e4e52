/* SPDX-License-Identifier: Apache-2.0 */
/* hist: a log-linear histogram of integers whose merge is exact, so threads cannot matter. */
#ifndef SMMSIM_SIM_HIST_H
#define SMMSIM_SIM_HIST_H

#include "sim/base.h"

/* 2^7 linear cells for each power of two: a value is kept to better than 1 % (idea: HdrHistogram). Values
 * are not negative. Exact count, sum (128 bits), sum of squares (saturating 128 bits), min and max
 * are kept beside the cells. Cells are allocated for the octaves in use. */
#define HIST_SUB_BITS 7
typedef struct {
    uint64_t count;
    int64_t min, max; /* of what was added; 0 when empty */
    unsigned __int128 sum;
    unsigned __int128 sum_squares;
    uint64_t *octave[64 - HIST_SUB_BITS]; /* 128 cells each, or NULL; octave 0: values below 128 */
} hist;

void hist_init(hist *h);
void hist_free(hist *h);
void hist_add(hist *h, int64_t value);
void hist_merge(hist *into, const hist *from);
int hist_equal(const hist *a, const hist *b);

/* The cell of a value, and the bounds of a cell (both inclusive). */
uint32_t hist_cell(int64_t value);
int64_t hist_cell_low(uint32_t cell);
int64_t hist_cell_high(uint32_t cell);
uint64_t hist_cell_count(const hist *h, uint32_t cell);
#define HIST_CELLS ((64 - HIST_SUB_BITS) << HIST_SUB_BITS)

/* The quantile at `ppm` millionths by the nearest-rank rule (rank = ceil(ppm * count / 10^6), at
 * least 1): the upper bound of the cell that holds that rank, clamped to [min, max]; 0 ppm gives
 * min and 10^6 gives max, exactly. Empty: 0. */
int64_t hist_quantile(const hist *h, uint32_t ppm);

int64_t hist_mean(const hist *h); /* rounded half to even; empty: 0 */

#endif
