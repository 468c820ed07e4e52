/* SPDX-License-Identifier: Apache-2.0 */
/* test_cksum: the sums that the tool of POSIX prints, in pieces of any size. */
#include "tests/scratch.h"

#include "sim/lib/cksum.h"

static uint32_t sum(const void *bytes, size_t length, size_t piece)
{
    cksum c;

    cksum_init(&c);
    for (size_t at = 0; at < length; at += piece)
        cksum_add(&c, (const char *)bytes + at, length - at < piece ? length - at : piece);
    assert_int_equal(c.bytes, length);
    return cksum_end(&c);
}

static void sums_are_those_that_the_tool_prints(void **state)
{
    (void)state;
    assert_int_equal(sum("", 0, 1), UINT32_C(4294967295));
    assert_int_equal(sum("a", 1, 1), UINT32_C(1220704766));
    assert_int_equal(sum("123456789", 9, 9), UINT32_C(930766865));
}

static void the_size_of_the_pieces_does_not_matter(void **state)
{
    uint8_t bytes[1000];
    uint32_t whole;

    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 151 >> 2);
    whole = sum(bytes, sizeof bytes, sizeof bytes);
    for (size_t piece = 1; piece < 40; piece++)
        assert_int_equal(sum(bytes, sizeof bytes, piece), whole);
}

static void the_tool_agrees_on_a_file(void **state)
{
    uint8_t bytes[70001];
    char command[96];

    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * i * 7 >> 3);
    scratch_write("bytes", bytes, sizeof bytes);
    (void)snprintf(command, sizeof command, "test \"$(cksum <bytes)\" = '%u %zu'",
                   sum(bytes, sizeof bytes, 4096), sizeof bytes);
    assert_int_equal(system(command), 0);
    assert_int_equal(unlink("bytes"), 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(sums_are_those_that_the_tool_prints),
    cmocka_unit_test(the_size_of_the_pieces_does_not_matter),
    cmocka_unit_test(the_tool_agrees_on_a_file),
};

int main(void)
{
    return cmocka_run_group_tests_name("cksum", tests, scratch_enter, scratch_leave);
}
