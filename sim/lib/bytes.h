/* SPDX-License-Identifier: Apache-2.0 */
/* bytes: a growing string of bytes, and numbers in it that do not depend on the processor. */
#ifndef SMMSIM_SIM_LIB_BYTES_H
#define SMMSIM_SIM_LIB_BYTES_H

#include <stddef.h>
#include "sim/lib/base.h"

/* {0} is an empty one; bytes_free makes it so again. */
typedef struct {
    uint8_t *at;
    size_t length, room;
} bytes;
_Static_assert(sizeof(bytes) == 24, "no padding");

void bytes_free(bytes *b);
static inline void bytes_clear(bytes *b);     /* keeps the room */
uint8_t *bytes_extend(bytes *b, size_t more); /* where the new ones begin, not initialised */
void bytes_add(bytes *b, const void *from, size_t length);
void bytes_add_varint(bytes *b, uint64_t value); /* LEB128: 7 bits a byte, low ones first */
void bytes_add_signed(bytes *b, int64_t value);  /* zigzag: small ones of either sign are short */
void bytes_add_u64(bytes *b, uint64_t value);    /* 8 bytes, little-endian */
void bytes_add_block(bytes *b, const void *from, size_t length); /* its length before it */

/* Reads from the front. What is not there reads as 0 and sets `bad`, once and for all. */
typedef struct {
    const uint8_t *at;
    size_t left;
    int bad;
} bytes_reader;

static inline bytes_reader bytes_read(const uint8_t *at, size_t length);
uint64_t bytes_get_varint(bytes_reader *r);
int64_t bytes_get_signed(bytes_reader *r);
uint64_t bytes_get_u64(bytes_reader *r);
const uint8_t *bytes_get(bytes_reader *r, size_t length); /* NULL if there are fewer */
const uint8_t *bytes_get_block(bytes_reader *r, size_t *length);

/* FNV-1a over 64 bits, started with BYTES_HASH or an earlier value. */
#define BYTES_HASH UINT64_C(0xcbf29ce484222325)
uint64_t bytes_hash(uint64_t hash, const void *from, size_t length);
uint64_t bytes_hash_u64(uint64_t hash, uint64_t value); /* as 8 bytes, the lowest first */
/* What stands for a name where a number is wanted: it depends on the letters alone, not on the
 * place of a row, a processor or a compiler. tests/machine/test_identity.c finds names that share
 * one. */
uint64_t bytes_hash_name(const char *name);

static inline void bytes_clear(bytes *b)
{
    b->length = 0;
}

static inline bytes_reader bytes_read(const uint8_t *at, size_t length)
{
    return (bytes_reader){at, length, 0};
}

#endif
