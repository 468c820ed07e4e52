/* SPDX-License-Identifier: Apache-2.0 */
/* bytes: writes and reads varints, blocks and hashes of bytes. */
#include "sim/lib/bytes.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 256, VARINT_MAX = 10 };

void bytes_free(bytes *b)
{
    free(b->at);
    *b = (bytes){0};
}

uint8_t *bytes_extend(bytes *b, size_t more)
{
    uint8_t *begin;

    SIM_ASSERT(b->length <= b->room && more <= SIZE_MAX / 4);
    if (!b->at || b->room - b->length < more) { /* an empty one gets an address, too */
        size_t room = b->room ? b->room : FIRST_ROOM;

        while (room - b->length < more)
            room *= 2;
        b->at = sim_realloc(b->at, room, 1);
        b->room = room;
    }
    begin = b->at + b->length;
    b->length += more;
    SIM_ASSERT(b->length <= b->room);
    return begin;
}

void bytes_add(bytes *b, const void *from, size_t length)
{
    if (length > 0)
        memcpy(bytes_extend(b, length), from, length);
}

void bytes_add_varint(bytes *b, uint64_t value)
{
    uint8_t *begin = bytes_extend(b, VARINT_MAX);
    size_t used = 0;

    for (; value >= 0x80; value >>= 7)
        begin[used++] = (uint8_t)(value | 0x80);
    begin[used++] = (uint8_t)value;
    SIM_ASSERT(used <= VARINT_MAX && b->length >= VARINT_MAX - used);
    b->length -= VARINT_MAX - used;
}

void bytes_add_signed(bytes *b, int64_t value)
{
    bytes_add_varint(b, ((uint64_t)value << 1) ^ (value < 0 ? UINT64_MAX : 0));
}

void bytes_add_u64(bytes *b, uint64_t value)
{
    uint8_t *begin = bytes_extend(b, 8);

    for (int i = 0; i < 8; i++)
        begin[i] = (uint8_t)(value >> 8 * i);
}

void bytes_add_block(bytes *b, const void *from, size_t length)
{
    bytes_add_varint(b, length);
    bytes_add(b, from, length);
}

const uint8_t *bytes_get(bytes_reader *r, size_t length)
{
    const uint8_t *begin = r->at;

    if (r->bad || r->left < length) {
        r->bad = 1;
        return NULL;
    }
    if (length == 0) /* `at` may be NULL */
        return begin;
    r->at += length;
    r->left -= length;
    return begin;
}

uint64_t bytes_get_varint(bytes_reader *r)
{
    uint64_t value = 0;

    for (int shift = 0; shift < 64; shift += 7) {
        const uint8_t *byte = bytes_get(r, 1);

        if (!byte)
            return 0;
        if (shift == 63 && *byte > 1)
            break; /* more than 64 bits */
        value |= (uint64_t)(*byte & 0x7f) << shift;
        if (*byte < 0x80)
            return value;
    }
    r->bad = 1;
    return 0;
}

int64_t bytes_get_signed(bytes_reader *r)
{
    uint64_t value = bytes_get_varint(r);

    return (int64_t)(value >> 1 ^ (value & 1 ? UINT64_MAX : 0));
}

uint64_t bytes_get_u64(bytes_reader *r)
{
    const uint8_t *begin = bytes_get(r, 8);
    uint64_t value = 0;

    for (int i = 0; begin && i < 8; i++)
        value |= (uint64_t)begin[i] << 8 * i;
    return value;
}

const uint8_t *bytes_get_block(bytes_reader *r, size_t *length)
{
    *length = (size_t)bytes_get_varint(r);
    return bytes_get(r, *length);
}

uint64_t bytes_hash(uint64_t hash, const void *from, size_t length)
{
    const uint8_t *at = from;

    for (size_t i = 0; i < length; i++)
        hash = (hash ^ at[i]) * UINT64_C(0x100000001b3);
    return hash;
}

/* Short names differ in the low bits of FNV-1a only: spread them. */
uint64_t bytes_hash_name(const char *name)
{
    uint64_t hash = bytes_hash(BYTES_HASH, name, strlen(name));

    hash = (hash ^ hash >> 32) * UINT64_C(0xd6e8feb86659fd93);
    return hash ^ hash >> 32;
}

uint64_t bytes_hash_u64(uint64_t hash, uint64_t value)
{
    for (int byte = 0; byte < 8; byte++, value >>= 8)
        hash = (hash ^ (value & 0xff)) * UINT64_C(0x100000001b3);
    return hash;
}
