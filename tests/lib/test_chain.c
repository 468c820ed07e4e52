/* SPDX-License-Identifier: Apache-2.0 */
/* test_chain: order of a list, and that no way in or out looks at more than the neighbours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "sim/lib/chain.h"

enum { NUMBERS = 16 };

static void expect(const chain_link *link, uint16_t first, const char *order)
{
    char found[NUMBERS + 1] = "";
    size_t length = 0;

    for (uint32_t i = first; i != CHAIN_NONE && length < NUMBERS; i = chain_next(link, first, i))
        found[length++] = (char)('a' + i);
    assert_string_equal(found, order);
}

static void new_ones_come_last_or_first(void **state)
{
    chain_link link[NUMBERS];
    uint16_t first = CHAIN_NONE;

    (void)state;
    memset(link, 0xff, sizeof link);
    expect(link, first, "");
    chain_append(link, &first, 2);
    expect(link, first, "c");
    chain_append(link, &first, 0);
    chain_prepend(link, &first, 5);
    chain_append(link, &first, 15);
    expect(link, first, "fcap");
}

static void any_one_leaves_and_the_others_keep_their_order(void **state)
{
    static const char *const left[4] = {"bcd", "acd", "abd", "abc"};

    (void)state;
    for (uint32_t leaves = 0; leaves < 4; leaves++) {
        chain_link link[NUMBERS];
        uint16_t first = CHAIN_NONE;

        for (uint32_t i = 0; i < 4; i++)
            chain_append(link, &first, i);
        chain_remove(link, &first, leaves);
        expect(link, first, left[leaves]);
        chain_append(link, &first, leaves);
        chain_remove(link, &first, leaves);
        expect(link, first, left[leaves]);
    }
}

static void the_last_one_leaves_an_empty_list(void **state)
{
    chain_link link[NUMBERS];
    uint16_t first = CHAIN_NONE;

    (void)state;
    chain_prepend(link, &first, 7);
    chain_remove(link, &first, 7);
    assert_int_equal(first, CHAIN_NONE);
    chain_prepend(link, &first, 7);
    expect(link, first, "h");
}

static void a_walk_survives_that_the_number_it_is_at_leaves(void **state)
{
    chain_link link[NUMBERS];
    uint16_t first = CHAIN_NONE;
    uint32_t seen = 0;
    uint32_t next;

    (void)state;
    for (uint32_t i = 0; i < NUMBERS; i++)
        chain_append(link, &first, i);
    for (uint32_t i = first; i != CHAIN_NONE; i = next) {
        next = chain_next(link, first, i);
        assert_int_equal(i, seen++);
        if (i != 3 && i != 8)
            chain_remove(link, &first, i);
    }
    assert_int_equal(seen, NUMBERS);
    expect(link, first, "di");
}

/* A list of thousands costs as much as one of three: links that are not next to the place are
 * spoilt on purpose, and a walk from either end would run into them. */
static void nobody_but_the_neighbours_is_looked_at(void **state)
{
    const chain_link spoilt = {0xeeee, 0xeeee};
    chain_link link[NUMBERS];
    uint16_t first = CHAIN_NONE;

    (void)state;
    for (uint32_t i = 0; i < NUMBERS; i++)
        chain_append(link, &first, i);
    for (uint32_t i = 0; i < NUMBERS; i++)
        if (i < 7 || i > 9)
            link[i] = spoilt;
    chain_remove(link, &first, 8);
    assert_int_equal(link[7].next, 9);
    assert_int_equal(link[9].before, 7);
    assert_int_equal(first, 0);

    link[0].before = 15; /* both ends are sound, what lies between is not */
    link[15].next = 0;
    chain_append(link, &first, 8);
    assert_int_equal(link[15].next, 8);
    assert_int_equal(link[0].before, 8);
    chain_remove(link, &first, 8);
    chain_prepend(link, &first, 8);
    assert_int_equal(first, 8);
    assert_int_equal(chain_next(link, first, 8), 0);
    assert_memory_equal(&link[3], &spoilt, sizeof spoilt);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(new_ones_come_last_or_first),
        cmocka_unit_test(any_one_leaves_and_the_others_keep_their_order),
        cmocka_unit_test(the_last_one_leaves_an_empty_list),
        cmocka_unit_test(a_walk_survives_that_the_number_it_is_at_leaves),
        cmocka_unit_test(nobody_but_the_neighbours_is_looked_at),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
