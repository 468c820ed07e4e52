/* SPDX-License-Identifier: Apache-2.0 */
/* hist_pack: a histogram as bytes, to be kept in a file and merged again exactly. */
#ifndef SMMSIM_SIM_LIB_HIST_PACK_H
#define SMMSIM_SIM_LIB_HIST_PACK_H

#include "sim/lib/bytes.h"
#include "sim/lib/hist.h"

/* A few bytes for each cell in use, one for an empty histogram. */
void hist_pack_add(bytes *to, const hist *h);

/* Values in a packed histogram, at most: more than any run has, and 2^16 of them can be merged. */
#define HIST_PACK_COUNT_MAX (UINT64_C(1) << 48)

/* Reads one into *h, which is empty. Bytes that make no histogram, or one whose count, ends or sums
 * its cells cannot have, set from->bad and may leave something in *h. */
void hist_pack_get(bytes_reader *from, hist *h);

/* A sum of 128 bits: two bytes while it is small. */
void hist_pack_add_wide(bytes *to, unsigned __int128 value);
unsigned __int128 hist_pack_get_wide(bytes_reader *from);

#endif
