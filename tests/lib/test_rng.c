/* SPDX-License-Identifier: Apache-2.0 */
/* test_rng: the words are Philox's, each address has its own, and they look uniform. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "sim/lib/bytes.h"
#include "sim/lib/rng.h"

/* The known answers for philox4x32 with 10 rounds that Random123 publishes (kat_vectors). */
static void the_published_blocks_come_out(void **state)
{
    (void)state;
    static const struct {
        uint32_t counter[4], key[2], block[4];
    } cases[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
         {0xffffffff, 0xffffffff},
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (int i = 0; i < 3; i++) {
        uint32_t block[4];
        rng_philox4x32(cases[i].counter, cases[i].key, block);
        assert_memory_equal(block, cases[i].block, sizeof block);
    }
}

/* Results on disk depend on the packing: the same pi digits, as an address. */
static void the_packing_of_an_address_is_fixed(void **state)
{
    (void)state;
    rng_address zero = {0};
    rng_address pi = {.seed = 0x299f31d0a4093822,
                      .repetition = 0x03707344,
                      .component = 0x1319,
                      .index = 0x8a2e,
                      .ordinal = 0x85a308d3243f6a88};
    assert_true(rng_word(&zero) == 0xe169c58d6627e8d5);
    assert_true(rng_word(&pi) == 0x94fdccebd16cfe09);
    pi.stream = bytes_hash_name("fabric.hit"); /* with the seed it is the key */
    pi.seed ^= pi.stream;
    assert_true(rng_word(&pi) == 0x94fdccebd16cfe09);
}

static int compare_words(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Each single bit of each field matters, and two fields do not overlap: 193 addresses, 193 words.
 */
static void every_bit_of_an_address_gives_another_word(void **state)
{
    (void)state;
    uint64_t words[193];
    int n = 0;
    for (int bit = -1; bit < 192; bit++) {
        rng_address a = {.seed = 1, .repetition = 2, .component = 3, .ordinal = 4};
        uint64_t one = UINT64_C(1) << (bit & 63);
        if (bit >= 0 && bit < 64)
            a.seed ^= one;
        else if (bit >= 64 && bit < 128)
            a.ordinal ^= one;
        else if (bit >= 128 && bit < 160)
            a.repetition ^= (uint32_t)one;
        else if (bit >= 160 && bit < 176)
            a.component = (uint16_t)(a.component ^ one >> 32);
        else if (bit >= 176)
            a.index = (uint16_t)(a.index ^ one >> 48);
        words[n++] = rng_word(&a);
    }
    qsort(words, (size_t)n, sizeof words[0], compare_words);
    for (int i = 1; i < n; i++)
        assert_true(words[i] != words[i - 1]);
}

static void the_same_address_gives_the_same_word(void **state)
{
    (void)state;
    rng_address a = {.seed = 7, .component = 3, .ordinal = 9}, other = a;
    uint64_t first = rng_word(&a);
    other.ordinal++;
    (void)rng_word(&other);
    assert_true(rng_word(&a) == first);
}

/* 2^16 words in 256 classes of the top, the middle and the bottom byte: chi square with 255 degrees
 * of freedom is between 170 and 360 but for one case in 10^5. */
static void bytes_of_neighbouring_addresses_are_uniform(void **state)
{
    (void)state;
    static const int shifts[] = {0, 31, 56};
    for (int s = 0; s < 3; s++) {
        int64_t counts[256] = {0}, squares = 0;
        for (uint64_t i = 0; i < 65536; i++) {
            rng_address a = {.seed = 1, .component = (uint16_t)(i & 15), .ordinal = i >> 4};
            counts[rng_word(&a) >> shifts[s] & 255]++;
        }
        for (int i = 0; i < 256; i++)
            squares += (counts[i] - 256) * (counts[i] - 256);
        assert_in_range(squares / 256, 170, 360);
    }
}

static void below_spans_the_bound_in_equal_parts(void **state)
{
    (void)state;
    assert_int_equal(rng_below(0, 10), 0);
    assert_int_equal(rng_below(UINT64_MAX, 10), 9);
    assert_int_equal(rng_below(UINT64_MAX / 2, 10), 4);
    assert_int_equal(rng_below(UINT64_MAX / 2 + 1, 10), 5);
    assert_int_equal(rng_below(UINT64_MAX, 1), 0);
    assert_true(rng_below(UINT64_MAX, UINT64_MAX) == UINT64_MAX - 1);
}

static void a_permutation_holds_each_index_once(void **state)
{
    (void)state;
    static uint16_t perm[65536];
    static uint8_t seen[65536];
    static const int sizes[] = {0, 1, 2, 3, 64, 255, 65536};
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        rng_address a = {.seed = s, .stream = 4};
        memset(seen, 0, sizeof seen);
        rng_permutation(&a, perm, sizes[s]);
        for (int i = 0; i < sizes[s]; i++) {
            assert_true(perm[i] < sizes[s]);
            assert_int_equal(seen[perm[i]]++, 0);
        }
    }
}

/* All 24 orders of four; 24000 tries; chi square with 23 degrees of freedom. */
static void permutations_are_equally_likely(void **state)
{
    (void)state;
    int64_t counts[256] = {0}, squares = 0;
    int orders = 0;
    for (uint32_t i = 0; i < 24000; i++) {
        rng_address a = {.seed = 5, .repetition = i, .stream = 1, .ordinal = 99};
        uint16_t perm[4];
        rng_permutation(&a, perm, 4);
        counts[perm[0] << 6 | perm[1] << 4 | perm[2] << 2 | perm[3]]++;
    }
    for (int i = 0; i < 256; i++) {
        orders += counts[i] != 0;
        squares += counts[i] != 0 ? (counts[i] - 1000) * (counts[i] - 1000) : 0;
    }
    assert_int_equal(orders, 24);
    assert_in_range(squares / 1000, 5, 60);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_published_blocks_come_out),
    cmocka_unit_test(the_packing_of_an_address_is_fixed),
    cmocka_unit_test(every_bit_of_an_address_gives_another_word),
    cmocka_unit_test(the_same_address_gives_the_same_word),
    cmocka_unit_test(bytes_of_neighbouring_addresses_are_uniform),
    cmocka_unit_test(below_spans_the_bound_in_equal_parts),
    cmocka_unit_test(a_permutation_holds_each_index_once),
    cmocka_unit_test(permutations_are_equally_likely),
};

int main(void)
{
    return cmocka_run_group_tests_name("rng", tests, NULL, NULL);
}
