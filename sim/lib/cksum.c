/* SPDX-License-Identifier: Apache-2.0 */
/* cksum: eight bytes at a time, by a table for the place of each among the eight. */
#include "sim/lib/cksum.h"

#include <string.h>

#define POLYNOMIAL UINT32_C(0x04C11DB7)

void cksum_init(cksum *c)
{
    memset(c, 0, sizeof *c);
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t crc = byte << 24;

        for (int bit = 0; bit < 8; bit++)
            crc = crc << 1 ^ (crc >> 31 ? POLYNOMIAL : 0);
        c->table[0][byte] = crc;
    }
    for (int behind = 1; behind < 8; behind++)
        for (int byte = 0; byte < 256; byte++) {
            uint32_t crc = c->table[behind - 1][byte];

            c->table[behind][byte] = crc << 8 ^ c->table[0][crc >> 24];
        }
}

static inline uint32_t one_byte(const cksum *c, uint32_t crc, uint8_t byte)
{
    return crc << 8 ^ c->table[0][crc >> 24 ^ byte];
}

void cksum_add(cksum *c, const void *from, size_t length)
{
    const uint8_t *at = from;
    uint32_t crc = c->crc;

    c->bytes += length;
    SIM_ASSERT(c->bytes >= length && c->table[0][1] == POLYNOMIAL);
    for (; length >= 8; length -= 8, at += 8)
        crc = c->table[7][crc >> 24 ^ at[0]] ^ c->table[6][(crc >> 16 & 255) ^ at[1]] ^
              c->table[5][(crc >> 8 & 255) ^ at[2]] ^ c->table[4][(crc & 255) ^ at[3]] ^
              c->table[3][at[4]] ^ c->table[2][at[5]] ^ c->table[1][at[6]] ^ c->table[0][at[7]];
    for (; length > 0; length--)
        crc = one_byte(c, crc, *at++);
    c->crc = crc;
}

uint32_t cksum_end(const cksum *c)
{
    uint32_t crc = c->crc;

    for (uint64_t left = c->bytes; left > 0; left >>= 8)
        crc = one_byte(c, crc, (uint8_t)left);
    return ~crc;
}
