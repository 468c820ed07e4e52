/* SPDX-License-Identifier: Apache-2.0 */
/* hist_pack: writes the sums and the cells in use of a histogram, and reads them. */
#include "sim/lib/hist_pack.h"

static uint32_t cells_in_use(const hist *h)
{
    uint32_t used = 0;

    for (uint32_t o = 0; o < HIST_OCTAVES; o++)
        for (uint32_t k = 0; h->octave[o] && k < HIST_SUB_CELLS; k++)
            used += h->octave[o][k] != 0;
    return used;
}

void hist_pack_add_wide(bytes *to, unsigned __int128 value)
{
    bytes_add_varint(to, (uint64_t)value);
    bytes_add_varint(to, (uint64_t)(value >> 64));
}

unsigned __int128 hist_pack_get_wide(bytes_reader *from)
{
    uint64_t low = bytes_get_varint(from);

    return (unsigned __int128)bytes_get_varint(from) << 64 | low;
}

void hist_pack_add(bytes *to, const hist *h)
{
    uint32_t next = 0;

    bytes_add_varint(to, h->count);
    if (h->count == 0)
        return;
    SIM_ASSERT(h->min >= 0 && h->min <= h->max);
    bytes_add_varint(to, (uint64_t)h->min);
    bytes_add_varint(to, (uint64_t)h->max);
    hist_pack_add_wide(to, h->sum);
    hist_pack_add_wide(to, h->sum_squares);
    bytes_add_varint(to, cells_in_use(h));
    for (uint32_t o = 0; o < HIST_OCTAVES; o++)
        for (uint32_t k = 0; h->octave[o] && k < HIST_SUB_CELLS; k++) {
            uint32_t cell = o * HIST_SUB_CELLS + k;

            if (h->octave[o][k] == 0)
                continue;
            bytes_add_varint(to, cell - next);
            bytes_add_varint(to, h->octave[o][k]);
            next = cell + 1;
        }
}

/* What the cells say of the values: how many there are, and between which bounds their sums lie. */
typedef struct {
    uint64_t count;
    uint32_t first, last; /* cells */
    unsigned __int128 low, high, low_squares, high_squares;
} bounds;

/* `times` * value and `times` * value^2, the square saturating as hist_add does. */
static void weigh(uint64_t value, uint64_t times, unsigned __int128 *sum,
                  unsigned __int128 *squares)
{
    unsigned __int128 square = (unsigned __int128)value * value;

    *sum += (unsigned __int128)value * times;
    if (__builtin_mul_overflow(square, times, &square))
        square = ~(unsigned __int128)0;
    *squares = hist_saturate(*squares, square);
}

static void get_cell(bytes_reader *from, hist *h, bounds *b, uint64_t next)
{
    const uint64_t gap = bytes_get_varint(from);
    const uint64_t count = bytes_get_varint(from);
    uint32_t cell;

    from->bad |= gap >= HIST_CELLS - next || count == 0 || count > HIST_PACK_COUNT_MAX - b->count;
    if (from->bad)
        return;
    cell = (uint32_t)(next + gap);
    SIM_ASSERT(cell < HIST_CELLS);
    if (!h->octave[cell / HIST_SUB_CELLS])
        (void)hist_octave_new(h, cell / HIST_SUB_CELLS);
    h->octave[cell / HIST_SUB_CELLS][cell % HIST_SUB_CELLS] = count;
    b->first = b->count == 0 ? cell : b->first;
    b->last = cell;
    b->count += count;
    weigh((uint64_t)hist_cell_low(cell), count, &b->low, &b->low_squares);
    weigh((uint64_t)hist_cell_high(cell), count, &b->high, &b->high_squares);
}

/* Whether count, ends and sums are some that these cells can have. */
static int fits(const hist *h, const bounds *b)
{
    return h->count == b->count && h->min >= 0 && h->min <= h->max &&
           hist_cell(h->min) == b->first && hist_cell(h->max) == b->last && h->sum >= b->low &&
           h->sum <= b->high && h->sum_squares >= b->low_squares &&
           h->sum_squares <= b->high_squares &&
           h->sum >= (unsigned __int128)h->count * (uint64_t)h->min &&
           h->sum <= (unsigned __int128)h->count * (uint64_t)h->max;
}

void hist_pack_get(bytes_reader *from, hist *h)
{
    bounds b = {0};

    SIM_ASSERT(h->count == 0);
    h->count = bytes_get_varint(from);
    if (h->count == 0)
        return;
    h->min = (int64_t)bytes_get_varint(from);
    h->max = (int64_t)bytes_get_varint(from);
    h->sum = hist_pack_get_wide(from);
    h->sum_squares = hist_pack_get_wide(from);
    for (uint64_t cells = bytes_get_varint(from); cells > 0 && !from->bad; cells--)
        get_cell(from, h, &b, b.count == 0 ? 0 : b.last + UINT64_C(1));
    from->bad |= !fits(h, &b);
}
