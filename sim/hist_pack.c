/* SPDX-License-Identifier: Apache-2.0 */
/* hist_pack: writes the sums and the cells in use of a histogram, and reads them. */
#include "sim/hist_pack.h"

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

static void get_cells(bytes_reader *from, hist *h)
{
    uint64_t cells = bytes_get_varint(from);
    uint64_t next = 0;

    for (uint64_t i = 0; i < cells && !from->bad; i++) {
        uint64_t gap = bytes_get_varint(from);
        uint64_t count = bytes_get_varint(from);
        uint32_t octave;

        if (gap >= HIST_CELLS - next) {
            from->bad = 1;
            return;
        }
        octave = (uint32_t)((next + gap) / HIST_SUB_CELLS);
        if (!h->octave[octave])
            (void)hist_octave_new(h, octave);
        h->octave[octave][(next + gap) % HIST_SUB_CELLS] = count;
        next += gap + 1;
    }
}

void hist_pack_get(bytes_reader *from, hist *h)
{
    SIM_ASSERT(h->count == 0);
    h->count = bytes_get_varint(from);
    if (h->count == 0)
        return;
    h->min = (int64_t)bytes_get_varint(from);
    h->max = (int64_t)bytes_get_varint(from);
    h->sum = hist_pack_get_wide(from);
    h->sum_squares = hist_pack_get_wide(from);
    get_cells(from, h);
}
