/* SPDX-License-Identifier: Apache-2.0 */
/* test_hist_bytes: bytes that are no histogram, each wrong in one thing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "sim/lib/hist_pack.h"

/* One value of 5, as it is said to be: its greatest value, and what else its cells hold. */
static int is_histogram(uint64_t max, uint64_t cells, uint64_t second_count)
{
    bytes packed = {0};
    bytes_reader r;
    hist h;
    int fits;

    hist_init(&h);
    bytes_add_varint(&packed, 1); /* values */
    bytes_add_varint(&packed, 5);
    bytes_add_varint(&packed, max);
    hist_pack_add_wide(&packed, 5);
    hist_pack_add_wide(&packed, 25);
    bytes_add_varint(&packed, cells);
    bytes_add_varint(&packed, hist_cell(5));
    bytes_add_varint(&packed, 1);
    if (cells > 1) {
        bytes_add_varint(&packed, 0); /* the cell behind it */
        bytes_add_varint(&packed, second_count);
    }
    r = bytes_read(packed.at, packed.length);
    hist_pack_get(&r, &h);
    fits = !r.bad && r.left == 0;
    hist_free(&h);
    bytes_free(&packed);
    return fits;
}

static void the_greatest_value_lies_in_the_last_cell(void **state)
{
    (void)state;
    assert_true(is_histogram(5, 1, 0));
    assert_false(is_histogram(1000, 1, 0));
}

static void no_cell_is_empty(void **state)
{
    (void)state;
    assert_false(is_histogram(5, 2, 0));
    assert_false(is_histogram(6, 2, 0));
    assert_false(is_histogram(6, 2, 1));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_greatest_value_lies_in_the_last_cell),
        cmocka_unit_test(no_cell_is_empty),
    };

    return cmocka_run_group_tests_name("hist_bytes", tests, NULL, NULL);
}
