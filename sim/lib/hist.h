/* SPDX-License-Identifier: Apache-2.0 */
/* hist: a log-linear histogram of integers whose merge is exact, so threads cannot matter. */
#ifndef SMMSIM_SIM_LIB_HIST_H
#define SMMSIM_SIM_LIB_HIST_H

#include "sim/lib/base.h"

/* 2^7 linear cells for each power of two: a value is kept to better than 1 % (idea: HdrHistogram).
 * Values are not negative. Exact count, sum (128 bits), sum of squares (saturating 128 bits), min
 * and max are kept beside the cells. Cells are allocated for the octaves in use. */
#define HIST_SUB_BITS 7
#define HIST_SUB_CELLS (1 << HIST_SUB_BITS)
#define HIST_OCTAVES (64 - HIST_SUB_BITS)
#define HIST_CELLS (HIST_OCTAVES << HIST_SUB_BITS)
typedef struct {
    unsigned __int128 sum;
    unsigned __int128 sum_squares;
    uint64_t count;
    int64_t min, max;               /* of what was added; 0 when empty */
    uint64_t *octave[HIST_OCTAVES]; /* 128 cells each, or NULL; octave 0: values below 128 */
} hist;
_Static_assert(sizeof(hist) == 512, "no padding");

void hist_init(hist *h);
void hist_free(hist *h); /* and makes it empty again */
static inline void hist_add(hist *h, int64_t value);
void hist_merge(hist *into, const hist *from); /* two different ones */
int hist_equal(const hist *a, const hist *b);

/* The cell of a value, and the bounds of a cell (both inclusive). */
static inline uint32_t hist_cell(int64_t value);
int64_t hist_cell_low(uint32_t cell);
int64_t hist_cell_high(uint32_t cell);
uint64_t hist_cell_count(const hist *h, uint32_t cell);
uint32_t hist_rank_cell(const hist *h, uint64_t rank); /* the cell of that value, 1 to count */

/* The quantile at `ppm` millionths by the nearest-rank rule (rank = ceil(ppm * count / 10^6), at
 * least 1): the upper bound of the cell that holds that rank, clamped to [min, max]; 0 ppm gives
 * min and 10^6 gives max, exactly. Empty: 0. */
int64_t hist_quantile(const hist *h, uint32_t ppm);

int64_t hist_mean(const hist *h); /* rounded half to even; empty: 0 */

/* The rest is private; it stands here so that adding is inline. */

/* Out of line, once per octave. */
uint64_t *hist_octave_new(hist *h, uint32_t octave);

static inline uint32_t hist_cell(int64_t value)
{
    SIM_ASSERT(value >= 0);
    uint32_t top = 63 - (uint32_t)__builtin_clzll((uint64_t)value | HIST_SUB_CELLS);
    uint32_t shift = top - HIST_SUB_BITS;
    return (shift << HIST_SUB_BITS) + (uint32_t)(value >> shift);
}

/* Saturating sums of what is not negative do not depend on the order either. */
static inline unsigned __int128 hist_saturate(unsigned __int128 a, unsigned __int128 b)
{
    unsigned __int128 sum;
    return __builtin_add_overflow(a, b, &sum) ? ~(unsigned __int128)0 : sum;
}

static inline void hist_add(hist *h, int64_t value)
{
    uint32_t cell = hist_cell(value);
    uint64_t *octave = h->octave[cell / HIST_SUB_CELLS];
    if (__builtin_expect(!octave, 0))
        octave = hist_octave_new(h, cell / HIST_SUB_CELLS);
    octave[cell % HIST_SUB_CELLS]++;
    h->min = value < h->min || h->count == 0 ? value : h->min;
    h->max = value > h->max ? value : h->max;
    h->count++;
    h->sum += (uint64_t)value;
    h->sum_squares =
        hist_saturate(h->sum_squares, (unsigned __int128)(uint64_t)value * (uint64_t)value);
}

#endif
