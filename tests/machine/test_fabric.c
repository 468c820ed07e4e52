/* SPDX-License-Identifier: Apache-2.0 */
/* test_fabric: what an access to a shared line costs, and who waits for whom, to the picosecond. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "models/machine/fabric.h"

/* CPUs 0, 1: one core; 2, 3: another of the die; 4 to 7: another die; 8 to 71: the other socket
 * (more than 64 CPUs, so that sets of readers have two words). */
static const topology place = {.threads = 2, .die = 4, .socket = 8, .machine = 72};

static const fabric_times times = {.hit = 1000,
                                   .transfer = {[NEAR_SELF] = 1000,
                                                [NEAR_CORE] = 5000,
                                                [NEAR_DIE] = 10000,
                                                [NEAR_SOCKET] = 20000,
                                                [NEAR_OTHER] = 40000},
                                   .atomic = 2000,
                                   .read_busy = 3000};

enum { LINES = 3 };

static fabric fresh(void)
{
    fabric f;
    void *memory = malloc(fabric_bytes(&place, LINES));

    assert_non_null(memory);
    memset(memory, 0xa5, fabric_bytes(&place, LINES)); /* it need not be zeroed */
    fabric_init(&f, &place, LINES, memory);
    return f;
}

static int64_t book(fabric *f, uint32_t cpu, fabric_access kind, int64_t now)
{
    return fabric_book(f, 1, cpu, kind, now, &times);
}

static void line_from_each_distance(void **state)
{
    static const struct {
        uint32_t from, to;
        int64_t read, write;
    } rows[] = {
        {0, 0, 1000, 1000},   {0, 1, 5000, 5000},    {0, 2, 10000, 10000},
        {1, 2, 10000, 10000}, {0, 4, 20000, 20000},  {7, 3, 20000, 20000},
        {0, 8, 40000, 40000}, {71, 0, 40000, 40000}, {70, 71, 5000, 5000},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (int write = 0; write < 2; write++) {
            fabric f = fresh();

            (void)book(&f, rows[i].from, FABRIC_WRITE, 0);
            assert_int_equal(book(&f, rows[i].to, write ? FABRIC_WRITE : FABRIC_READ, 1000000),
                             1000000 + (write ? rows[i].write : rows[i].read));
            free(f.line);
        }
}

static void first_touch_comes_as_from_another_core(void **state)
{
    fabric f = fresh();

    (void)state;
    assert_int_equal(book(&f, 0, FABRIC_READ, 7), 7 + 10000);
    assert_int_equal(book(&f, 0, FABRIC_READ, 50000), 50000 + 1000); /* has a copy now */
    assert_int_equal(fabric_book(&f, 0, 3, FABRIC_WRITE, 0, &times), 10000);
    assert_int_equal(fabric_book(&f, 2, 3, FABRIC_ATOMIC, 0, &times), 12000);
    free(f.line);
}

static void two_writers_queue(void **state)
{
    fabric f = fresh();

    (void)state;
    assert_int_equal(book(&f, 0, FABRIC_WRITE, 0), 10000);
    assert_int_equal(book(&f, 2, FABRIC_WRITE, 0), 20000);     /* behind the first */
    assert_int_equal(book(&f, 0, FABRIC_WRITE, 19999), 30000); /* 1 ps early: waits for that */
    assert_int_equal(book(&f, 2, FABRIC_WRITE, 30000), 40000); /* on time: waits for nothing */
    assert_int_equal(book(&f, 2, FABRIC_WRITE, 40000), 41000); /* holds it */
    free(f.line);
}

static void readers_overlap_but_for_read_busy(void **state)
{
    fabric f = fresh();

    (void)state;
    (void)book(&f, 0, FABRIC_WRITE, 0);
    assert_int_equal(book(&f, 2, FABRIC_READ, 100000), 110000);
    assert_int_equal(book(&f, 3, FABRIC_READ, 100000), 113000); /* starts at 103000 */
    assert_int_equal(book(&f, 4, FABRIC_READ, 105999), 126000); /* starts at 106000 */
    assert_int_equal(book(&f, 8, FABRIC_READ, 109000), 149000); /* starts at once */
    assert_int_equal(book(&f, 2, FABRIC_READ, 110000), 111000); /* a copy waits for nobody */
    free(f.line);
}

/* The line is kept for read_busy or for the transfer, whichever is shorter. */
static void near_reader_keeps_the_line_no_longer_than_its_transfer(void **state)
{
    fabric_times near = times;
    fabric f = fresh();

    (void)state;
    near.read_busy = 8000;
    (void)book(&f, 0, FABRIC_WRITE, 0);
    assert_int_equal(fabric_book(&f, 1, 1, FABRIC_READ, 100000, &near), 105000);
    assert_int_equal(fabric_book(&f, 1, 2, FABRIC_READ, 100000, &near),
                     115000); /* from 105000, not 108000 */
    free(f.line);
}

static void write_takes_all_copies_away(void **state)
{
    fabric f = fresh();

    (void)state;
    (void)book(&f, 0, FABRIC_WRITE, 0);
    (void)book(&f, 2, FABRIC_READ, 50000);
    (void)book(&f, 66, FABRIC_READ, 60000);
    assert_int_equal(book(&f, 66, FABRIC_READ, 200000), 201000);
    assert_int_equal(book(&f, 0, FABRIC_READ, 210000), 211000);  /* the owner reads what it has */
    assert_int_equal(book(&f, 0, FABRIC_WRITE, 220000), 260000); /* but drops the farthest copy */
    assert_int_equal(book(&f, 0, FABRIC_WRITE, 270000), 271000);
    assert_int_equal(book(&f, 2, FABRIC_READ, 300000), 310000);
    assert_int_equal(book(&f, 66, FABRIC_READ, 400000), 440000);
    free(f.line);
}

/* The owner is near, a reader is far: the store waits for the far one. */
static void farthest_copy_decides_what_a_store_costs(void **state)
{
    fabric f = fresh();

    (void)state;
    (void)book(&f, 0, FABRIC_WRITE, 0);
    (void)book(&f, 66, FABRIC_READ, 50000);
    assert_int_equal(book(&f, 2, FABRIC_WRITE, 200000), 240000);
    (void)book(&f, 1, FABRIC_READ, 300000);
    assert_int_equal(book(&f, 2, FABRIC_WRITE, 400000), 410000); /* 1 is in the same die */
    free(f.line);
}

/* Any number of CPUs hold copies, and each of them, and nobody else, has it at hand. */
static void many_copies_are_told_apart(void **state)
{
    static const uint32_t readers[] = {40, 2, 66, 3, 63, 64, 0};
    enum { READERS = sizeof readers / sizeof readers[0] };

    (void)state;
    for (size_t count = 0; count <= READERS; count++) {
        fabric f = fresh();
        uint8_t holds[72] = {[71] = 1}; /* the owner */

        for (int round = 0; round < 2; round++) { /* the second time with what the first left */
            (void)book(&f, 71, FABRIC_WRITE, 0);
            for (size_t i = 0; i < count; i++)
                (void)book(&f, readers[i], FABRIC_READ, 1000000);
        }
        for (size_t i = 0; i < count; i++)
            holds[readers[i]] = 1;
        for (uint32_t cpu = 0; cpu < place.machine; cpu++) {
            fabric_line before = f.line[1];
            int hit = book(&f, cpu, FABRIC_READ, 2000000) == 2001000;

            assert_int_equal(hit, holds[cpu]);
            holds[cpu] = 1;
            assert_int_equal(f.line[1].readers, before.readers + !hit);
        }
        free(f.line);
    }
}

/* What grows with the CPUs of the machine is not touched where two at most read. */
static void sets_of_readers_are_for_more_than_two(void **state)
{
    fabric f = fresh();
    uint64_t untouched[2 * LINES];

    (void)state;
    memset(untouched, 0xa5, sizeof untouched);
    for (uint32_t cpu = 0; cpu < place.machine; cpu++) {
        (void)book(&f, cpu, FABRIC_WRITE, 0);
        (void)book(&f, 71 - cpu, FABRIC_READ, 0);
        (void)book(&f, cpu / 2, FABRIC_READ, 0);
    }
    assert_int_equal(f.span, 2);
    assert_memory_equal(f.readers, untouched, sizeof untouched);
    free(f.line);
}

static void copies_of_one_line_say_nothing_about_another(void **state)
{
    fabric f = fresh();

    (void)state;
    (void)fabric_book(&f, 0, 2, FABRIC_READ, 0, &times);
    assert_int_equal(fabric_book(&f, 1, 2, FABRIC_READ, 50000, &times), 60000);
    (void)fabric_book(&f, 0, 3, FABRIC_WRITE, 100000, &times);
    assert_int_equal(fabric_book(&f, 1, 2, FABRIC_READ, 200000, &times), 201000);
    free(f.line);
}

static void claim_keeps_the_line_until_its_locked_operation_is_done(void **state)
{
    fabric f = fresh();

    (void)state;
    assert_int_equal(book(&f, 0, FABRIC_CLAIM, 0), 10000);
    assert_int_equal(book(&f, 2, FABRIC_CLAIM, 10001),
                     22000); /* from 12000: no theft between the two */
    assert_int_equal(book(&f, 0, FABRIC_LOCKED, 10000), 12000);
    assert_int_equal(book(&f, 2, FABRIC_LOCKED, 22000), 24000);
    assert_int_equal(book(&f, 3, FABRIC_READ, 23999), 29000); /* from 24000, out of the same core */
    assert_int_equal(book(&f, 0, FABRIC_READ, 27000), 37000); /* on time */
    free(f.line);
}

static void atomic_holds_the_line_to_its_end(void **state)
{
    fabric f = fresh();

    (void)state;
    assert_int_equal(book(&f, 0, FABRIC_ATOMIC, 0), 12000);
    assert_int_equal(book(&f, 0, FABRIC_ATOMIC, 12000), 15000); /* hit and locked operation */
    assert_int_equal(book(&f, 4, FABRIC_ATOMIC, 14999), 37000); /* from 15000: 20000 and 2000 */
    assert_int_equal(book(&f, 5, FABRIC_WRITE, 37000), 42000);
    free(f.line);
}

/* k CPUs that add one by one: time grows with k, not with its square. */
static void contention_on_one_line_is_a_queue(void **state)
{
    fabric f = fresh();
    int64_t last = 0;

    (void)state;
    for (uint32_t cpu = 0; cpu < 4; cpu++) {
        int64_t at = book(&f, cpu, FABRIC_CLAIM, 0);

        last = book(&f, cpu, FABRIC_LOCKED, at);
    }
    /* memory 10, core 5, die 10, core 5, and 4 times the operation's 2 */
    assert_int_equal(last, 38000);
    free(f.line);
}

/* The first and the last are kept as numbers. */
static void each_of_three_readers_has_a_copy(void **state)
{
    (void)state;
    for (uint32_t cpu = 0; cpu < 3; cpu++) {
        fabric f = fresh();

        for (uint32_t reader = 0; reader < 3; reader++)
            (void)book(&f, reader, FABRIC_READ, 0);
        assert_int_equal(book(&f, cpu, FABRIC_READ, 1000000), 1001000);
        free(f.line);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(line_from_each_distance),
        cmocka_unit_test(first_touch_comes_as_from_another_core),
        cmocka_unit_test(two_writers_queue),
        cmocka_unit_test(readers_overlap_but_for_read_busy),
        cmocka_unit_test(near_reader_keeps_the_line_no_longer_than_its_transfer),
        cmocka_unit_test(write_takes_all_copies_away),
        cmocka_unit_test(farthest_copy_decides_what_a_store_costs),
        cmocka_unit_test(many_copies_are_told_apart),
        cmocka_unit_test(sets_of_readers_are_for_more_than_two),
        cmocka_unit_test(copies_of_one_line_say_nothing_about_another),
        cmocka_unit_test(claim_keeps_the_line_until_its_locked_operation_is_done),
        cmocka_unit_test(atomic_holds_the_line_to_its_end),
        cmocka_unit_test(contention_on_one_line_is_a_queue),
        cmocka_unit_test(each_of_three_readers_has_a_copy),
    };

    return cmocka_run_group_tests_name("fabric", tests, NULL, NULL);
}
