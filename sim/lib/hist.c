/* SPDX-License-Identifier: Apache-2.0 */
/* hist: merging, comparing and reading a histogram; adding is in the header. */
#include "sim/lib/hist.h"

#include <stdlib.h>
#include <string.h>

#include "sim/lib/stat.h"

void hist_init(hist *h)
{
    *h = (hist){0};
}

void hist_free(hist *h)
{
    for (uint32_t i = 0; i < HIST_OCTAVES; i++)
        free(h->octave[i]);
    hist_init(h);
}

__attribute__((cold, noinline)) uint64_t *hist_octave_new(hist *h, uint32_t octave)
{
    SIM_ASSERT(octave < HIST_OCTAVES && !h->octave[octave]);
    h->octave[octave] = sim_alloc(HIST_SUB_CELLS, sizeof(uint64_t));
    return h->octave[octave];
}

void hist_merge(hist *into, const hist *from)
{
    SIM_ASSERT(into != from);
    SIM_ASSERT(from->count == 0 || from->min <= from->max);
    if (from->count == 0)
        return;
    for (uint32_t i = 0; i < HIST_OCTAVES; i++) {
        if (!from->octave[i])
            continue;
        uint64_t *cells = into->octave[i] ? into->octave[i] : hist_octave_new(into, i);
        for (uint32_t k = 0; k < HIST_SUB_CELLS; k++)
            cells[k] += from->octave[i][k];
    }
    into->min = into->count == 0 || from->min < into->min ? from->min : into->min;
    into->max = from->max > into->max ? from->max : into->max;
    into->count += from->count;
    into->sum += from->sum;
    into->sum_squares = hist_saturate(into->sum_squares, from->sum_squares);
    SIM_ASSERT(into->count >= from->count && into->min <= into->max);
}

/* An octave is there exactly if one of its cells is not 0. */
static int octave_equal(const uint64_t *a, const uint64_t *b)
{
    if (!a || !b)
        return a == b;
    return memcmp(a, b, HIST_SUB_CELLS * sizeof *a) == 0;
}

int hist_equal(const hist *a, const hist *b)
{
    int equal = a->count == b->count && a->min == b->min && a->max == b->max && a->sum == b->sum &&
                a->sum_squares == b->sum_squares;
    for (uint32_t i = 0; i < HIST_OCTAVES && equal; i++)
        equal = octave_equal(a->octave[i], b->octave[i]);
    return equal;
}

/* Octaves 0 and 1 have cells of one value; each further one has cells twice as wide. */
static uint32_t cell_shift(uint32_t cell)
{
    SIM_ASSERT(cell < HIST_CELLS);
    uint32_t octave = cell >> HIST_SUB_BITS;
    return octave > 1 ? octave - 1 : 0;
}

int64_t hist_cell_low(uint32_t cell)
{
    uint32_t shift = cell_shift(cell);
    return (int64_t)(cell - (shift << HIST_SUB_BITS)) << shift;
}

int64_t hist_cell_high(uint32_t cell)
{
    return hist_cell_low(cell) + ((INT64_C(1) << cell_shift(cell)) - 1);
}

uint64_t hist_cell_count(const hist *h, uint32_t cell)
{
    SIM_ASSERT(cell < HIST_CELLS);
    const uint64_t *octave = h->octave[cell >> HIST_SUB_BITS];
    return octave ? octave[cell % HIST_SUB_CELLS] : 0;
}

uint32_t hist_rank_cell(const hist *h, uint64_t rank)
{
    uint64_t below = 0;

    SIM_ASSERT(rank >= 1 && rank <= h->count);
    for (uint32_t i = 0; i < HIST_OCTAVES; i++)
        for (uint32_t k = 0; h->octave[i] && k < HIST_SUB_CELLS; k++) {
            below += h->octave[i][k];
            if (below >= rank)
                return i * HIST_SUB_CELLS + k;
        }
    sim_panic(__FILE__, __LINE__, "the cells hold fewer values than were counted");
}

int64_t hist_quantile(const hist *h, uint32_t ppm)
{
    SIM_ASSERT(ppm <= 1000000);
    if (ppm == 0 || h->count == 0)
        return h->min;
    int64_t high = hist_cell_high(hist_rank_cell(h, stat_rank(h->count, ppm)));
    return high < h->max ? high : h->max; /* a cell's upper bound is not below min */
}

int64_t hist_mean(const hist *h)
{
    return h->count > 0 ? stat_ratio((__int128)h->sum, h->count) : 0;
}
