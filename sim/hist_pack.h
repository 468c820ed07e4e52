/* SPDX-License-Identifier: Apache-2.0 */
/* hist_pack: a histogram as bytes, to be kept in a file and merged again exactly. */
#ifndef SMMSIM_SIM_HIST_PACK_H
#define SMMSIM_SIM_HIST_PACK_H

#include "sim/bytes.h"
#include "sim/hist.h"

/* A few bytes for each cell in use, one for an empty histogram. */
void hist_pack_add(bytes *to, const hist *h);

/* Reads one into *h, which is empty. Bytes that make no histogram set from->bad and may leave
 * something in *h. */
void hist_pack_get(bytes_reader *from, hist *h);

/* A sum of 128 bits: two bytes while it is small. */
void hist_pack_add_wide(bytes *to, unsigned __int128 value);
unsigned __int128 hist_pack_get_wide(bytes_reader *from);

#endif
