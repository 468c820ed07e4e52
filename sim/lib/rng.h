/* SPDX-License-Identifier: Apache-2.0 */
/* rng: counter-based random words (Philox4x32-10; Salmon et al., SC 2011), one for each address. */
#ifndef SMMSIM_SIM_LIB_RNG_H
#define SMMSIM_SIM_LIB_RNG_H

#include "sim/lib/base.h"

/* The raw block function, four words from a 128-bit counter and a 64-bit key. The constants are
 * the paper's: two multipliers, and the steps of the key between rounds. In the header because it
 * is in the run loop. */
static inline void rng_philox4x32(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4])
{
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
    uint32_t k0 = key[0], k1 = key[1];

#pragma GCC unroll 10
    for (int round = 0; round < 10; round++) {
        uint64_t a = (uint64_t)c0 * 0xD2511F53u;
        uint64_t b = (uint64_t)c2 * 0xCD9E8D57u;
        c0 = (uint32_t)(b >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)b;
        c2 = (uint32_t)(a >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)a;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

/* Where a random word belongs. Two different addresses are independent; the same address always
 * gives the same word, whatever was drawn before: that is what makes runs comparable. */
typedef struct {
    uint64_t seed;
    uint64_t stream;  /* what the word decides: bytes_hash_name of a parameter's or choice's name */
    uint64_t ordinal; /* of the SMI, the call, ... */
    uint32_t repetition;
    uint16_t component; /* CPU index, or a component's number */
    uint16_t index;     /* which of several words */
} rng_address;
_Static_assert(sizeof(rng_address) == 32, "no padding");

/* One 64-bit word. The rest fills the counter bit for bit (64 + 16 + 16 + 32), and seed and stream
 * are the key: different addresses of one seed never share a block. */
static inline uint64_t rng_word(const rng_address *address)
{
    const uint32_t counter[4] = {(uint32_t)address->ordinal, (uint32_t)(address->ordinal >> 32),
                                 (uint32_t)address->component << 16 | address->index,
                                 address->repetition};
    const uint64_t both = address->seed ^ address->stream;
    const uint32_t key[2] = {(uint32_t)both, (uint32_t)(both >> 32)};
    uint32_t block[4];

    rng_philox4x32(counter, key, block);
    return (uint64_t)block[1] << 32 | block[0];
}

/* Uniform in 0..bound-1 by multiply-high (bias at most bound / 2^64); bound > 0. Non-decreasing in
 * the word. */
static inline uint64_t rng_below(uint64_t word, uint64_t bound)
{
    SIM_ASSERT(bound > 0);
    return (uint64_t)((unsigned __int128)word * bound >> 64);
}

/* Fills perm[0..n-1] with a permutation of 0..n-1, n <= 65536 (Fisher-Yates from the end; the words
 * have the ordinals 0..n-1 instead of the address's own). */
void rng_permutation(const rng_address *address, uint16_t *perm, int n);

#endif
