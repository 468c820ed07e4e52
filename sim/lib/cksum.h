/* SPDX-License-Identifier: Apache-2.0 */
/* cksum: the checksum that POSIX's cksum prints, of bytes as they come. */
#ifndef SMMSIM_SIM_LIB_CKSUM_H
#define SMMSIM_SIM_LIB_CKSUM_H

#include <stddef.h>
#include "sim/lib/base.h"

/* CRC-32 with the polynomial 0x04C11DB7, high bits first, over the bytes and then their number, low
 * byte first; the result is complemented (POSIX.1, "cksum"). */
typedef struct {
    uint32_t table[8][256]; /* of a byte with so many bytes behind it */
    uint32_t crc;
    uint32_t reserved;
    uint64_t bytes;
} cksum;
_Static_assert(sizeof(cksum) == 8208, "no padding");

void cksum_init(cksum *c);
void cksum_add(cksum *c, const void *from, size_t length);
uint32_t cksum_end(const cksum *c); /* of all bytes so far */

#endif
