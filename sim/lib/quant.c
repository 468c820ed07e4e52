/* SPDX-License-Identifier: Apache-2.0 */
/* quant: sums of squares beside a histogram, and the ranks between which a quantile lies. */
#include "sim/lib/quant.h"

#include <stdlib.h>

#include "sim/lib/stat.h"

void quant_add(quant_spread *s, const hist *one)
{
    uint64_t below = 0;

    s->repetitions += one->count > 0;
    s->squares += (unsigned __int128)one->count * one->count;
    for (uint32_t o = 0; o < HIST_OCTAVES; o++) {
        if (!one->octave[o])
            continue;
        if (!s->octave[o])
            s->octave[o] = sim_alloc(HIST_SUB_CELLS, sizeof *s->octave[o]);
        for (uint32_t k = 0; k < HIST_SUB_CELLS; k++) {
            const uint64_t here = one->octave[o][k];

            s->octave[o][k].squares += (unsigned __int128)here * (2 * below + here);
            s->octave[o][k].products += (unsigned __int128)here * one->count;
            below += here;
        }
    }
    SIM_ASSERT(below == one->count);
}

void quant_free(quant_spread *s)
{
    for (uint32_t o = 0; o < HIST_OCTAVES; o++)
        free(s->octave[o]);
    *s = (quant_spread){0};
}

/* What a repetition's values resembling each other costs at the upper bound of the cell before
 * `cell`: the variance between repetitions of the count of values below it over that of independent
 * values. */
static double design(const quant_spread *s, const hist *all, uint32_t cell)
{
    const double n = (double)all->count, repetitions = (double)s->repetitions;
    quant_cell sums = {0};
    uint64_t below = 0;

    for (uint32_t o = 0; o * HIST_SUB_CELLS < cell; o++)
        for (uint32_t k = 0; s->octave[o] && k < HIST_SUB_CELLS; k++) {
            if (o * HIST_SUB_CELLS + k == cell)
                break;
            below += all->octave[o][k];
            sums.squares += s->octave[o][k].squares;
            sums.products += s->octave[o][k].products;
        }
    if (below == 0 || below == all->count) /* no value on one side: nothing to see */
        return 1;
    const double share = (double)below / n;
    const double between = (double)sums.squares - 2 * share * (double)sums.products +
                           share * share * (double)s->squares;

    return between * repetitions / (repetitions - 1) / (n * share * (1 - share));
}

/* On both sides of the cell, and at least 1: that values repel each other may be chance. */
static double design_at(const quant_spread *s, const hist *all, uint32_t cell)
{
    const double before = design(s, all, cell), after = design(s, all, cell + 1);
    const double most = before > after ? before : after;

    return most > 1 ? most : 1;
}

quant quant_of(const quant_spread *s, const hist *all, uint32_t ppm)
{
    const uint64_t n = all->count;
    quant q = {.held = n > 0 && quant_held(n, ppm)};

    if (!q.held)
        return q;
    SIM_ASSERT(s->repetitions <= n);
    q.value = hist_quantile(all, ppm);
    if (ppm == 0 || ppm == 1000000 || s->repetitions < 2)
        return q;
    const double t = (double)stat_student(s->repetitions - 1, 95); /* millionths, as all below */
    const double most = design_at(s, all, hist_rank_cell(all, stat_rank(n, ppm)));
    const double square = t * t * most * (double)n * ppm * 1e-6 * (1 - ppm * 1e-6);
    const unsigned __int128 middle = (unsigned __int128)n * ppm;

    if (square >= 1e38) /* as good as all values */
        return q;
    const unsigned __int128 half = stat_root((unsigned __int128)square) + UINT64_C(1);
    const unsigned __int128 high = (middle + half) / 1000000 + 1;

    if (middle < half + 1000000 || high > n)
        return q;
    q.low = hist_cell_low(hist_rank_cell(all, (uint64_t)((middle - half) / 1000000)));
    q.high = hist_cell_high(hist_rank_cell(all, (uint64_t)high));
    q.low = q.low > all->min ? q.low : all->min;
    q.high = q.high < all->max ? q.high : all->max;
    q.sure = 1;
    SIM_ASSERT(q.low <= q.value && q.value <= q.high);
    return q;
}
