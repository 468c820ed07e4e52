/* SPDX-License-Identifier: Apache-2.0 */
/* test_topology: how near two CPUs are, at each border of core, die and socket. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "models/machine/topology.h"

/* 2 sockets of 2 dies of 3 cores of 2 threads */
static const topology two_sockets = {.threads = 2, .die = 6, .socket = 12, .machine = 24};

static void nearness_changes_at_each_border(void **state)
{
    static const struct {
        uint32_t a, b;
        nearness expected;
    } rows[] = {
        {0, 0, NEAR_SELF},     {23, 23, NEAR_SELF},   {0, 1, NEAR_CORE},   {1, 2, NEAR_DIE},
        {0, 5, NEAR_DIE},      {4, 5, NEAR_CORE},     {5, 6, NEAR_SOCKET}, {0, 11, NEAR_SOCKET},
        {11, 12, NEAR_OTHER},  {0, 23, NEAR_OTHER},   {12, 13, NEAR_CORE}, {12, 17, NEAR_DIE},
        {17, 18, NEAR_SOCKET}, {12, 23, NEAR_SOCKET}, {22, 23, NEAR_CORE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(topology_nearness(&two_sockets, rows[i].a, rows[i].b), rows[i].expected);
        assert_int_equal(topology_nearness(&two_sockets, rows[i].b, rows[i].a), rows[i].expected);
    }
}

static void each_cpu_has_as_many_neighbours_as_the_topology_says(void **state)
{
    static const int expected[NEARNESSES] = {1, 1, 4, 6, 12};

    (void)state;
    for (uint32_t a = 0; a < two_sockets.machine; a++) {
        int count[NEARNESSES] = {0};

        for (uint32_t b = 0; b < two_sockets.machine; b++)
            count[topology_nearness(&two_sockets, a, b)]++;
        assert_memory_equal(count, expected, sizeof count);
    }
}

static void single_threaded_die_has_no_shared_cores(void **state)
{
    const topology flat = {.threads = 1, .die = 4, .socket = 4, .machine = 4};

    (void)state;
    assert_int_equal(topology_nearness(&flat, 0, 1), NEAR_DIE);
    assert_int_equal(topology_nearness(&flat, 0, 3), NEAR_DIE);
    assert_int_equal(topology_nearness(&flat, 2, 2), NEAR_SELF);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(nearness_changes_at_each_border),
        cmocka_unit_test(each_cpu_has_as_many_neighbours_as_the_topology_says),
        cmocka_unit_test(single_threaded_die_has_no_shared_cores),
    };

    return cmocka_run_group_tests_name("topology", tests, NULL, NULL);
}
