/* SPDX-License-Identifier: Apache-2.0 */
/* test_bytes: numbers in bytes are the same on every processor, and what is not there reads as 0.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sim/lib/bytes.h"

static void a_number_is_hashed_lowest_byte_first(void **state)
{
    static const uint8_t little[] = {0xef, 0xcd, 0xab, 0x89, 0x67, 0x45, 0x23, 0x01};
    uint64_t of_bytes = bytes_hash(BYTES_HASH, little, sizeof little);

    (void)state;
    assert_true(bytes_hash_u64(BYTES_HASH, UINT64_C(0x0123456789abcdef)) == of_bytes);
    assert_true(bytes_hash_u64(BYTES_HASH, 0) == UINT64_C(0xa8c7f832281a39c5));
    assert_true(bytes_hash_u64(of_bytes, 1) != bytes_hash_u64(of_bytes, UINT64_C(1) << 56));
}

static void a_number_is_kept_lowest_byte_first(void **state)
{
    static const uint8_t little[] = {0xef, 0xcd, 0xab, 0x89, 0x67, 0x45, 0x23, 0x01};
    bytes b = {0};
    bytes_reader r;

    (void)state;
    bytes_add_u64(&b, UINT64_C(0x0123456789abcdef));
    assert_int_equal(b.length, sizeof little);
    assert_memory_equal(b.at, little, sizeof little);
    r = bytes_read(b.at, b.length);
    assert_true(bytes_get_u64(&r) == UINT64_C(0x0123456789abcdef));
    assert_false(r.bad);
    assert_true(bytes_get_u64(&r) == 0);
    assert_true(r.bad);
    bytes_free(&b);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_number_is_hashed_lowest_byte_first),
    cmocka_unit_test(a_number_is_kept_lowest_byte_first),
};

int main(void)
{
    return cmocka_run_group_tests_name("bytes", tests, NULL, NULL);
}
