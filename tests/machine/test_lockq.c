/* SPDX-License-Identifier: Apache-2.0 */
/* test_lockq: who gets an emulator's lock when, alone, in a queue, and among pollers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "models/machine/lockq.h"

enum { RUNS, SLEEPS };

static lockq fair(void)
{
    return (lockq){.policy = LOCKQ_FAIR, .wake = 3, .tick = 4000};
}

static lockq with_spinners(lockq q, int count, int64_t period, int64_t hold)
{
    for (int i = 0; i < count; i++)
        lockq_join(&q, 0, period, hold);
    return q;
}

static void no_lock_is_granted_at_once(void **state)
{
    lockq q = with_spinners((lockq){.policy = LOCKQ_NONE}, 5, 100, 90);

    (void)state;
    assert_int_equal(lockq_book(&q, 7, 1000, SLEEPS), 7);
    lockq_extend(&q, 5000);
    assert_int_equal(lockq_book(&q, 8, 1000, RUNS), 8);
    assert_int_equal(lockq_period(&q, 100), 100);
    assert_int_equal(lockq_many(&q, 10, 100, 50), 1000);
    lockq_quit(&q, 9);
}

static void holds_queue_in_order_of_arrival(void **state)
{
    lockq q = fair();

    (void)state;
    assert_int_equal(lockq_book(&q, 0, 10, RUNS), 0);
    assert_int_equal(lockq_book(&q, 1, 20, RUNS), 10);
    assert_int_equal(lockq_book(&q, 1, 5, RUNS), 30);
    assert_int_equal(lockq_book(&q, 34, 5, RUNS), 35); /* 1 early: waits */
    assert_int_equal(lockq_book(&q, 40, 5, RUNS), 40); /* on time */
    assert_int_equal(lockq_book(&q, 100, 5, RUNS), 100);
}

static void sleeper_that_waits_pays_its_way_back(void **state)
{
    lockq early = fair();
    lockq on_time = fair();

    (void)state;
    (void)lockq_book(&early, 0, 10, RUNS);
    assert_int_equal(lockq_book(&early, 9, 10, SLEEPS), 13);
    assert_int_equal(lockq_book(&early, 9, 10, RUNS), 23);
    (void)lockq_book(&on_time, 0, 10, RUNS);
    assert_int_equal(lockq_book(&on_time, 10, 10, SLEEPS), 10); /* finds it free: no sleep */
}

static void extended_hold_keeps_the_lock(void **state)
{
    lockq q = fair();

    (void)state;
    (void)lockq_book(&q, 0, 10, RUNS);
    lockq_extend(&q, 50);
    lockq_extend(&q, 20); /* never shortens */
    assert_int_equal(lockq_book(&q, 49, 1, RUNS), 50);
}

/* Two pollers, a poll each 100, lock held for 10: one of them polls every 50. */
static void spinners_with_gaps_let_others_in_between(void **state)
{
    static const int64_t rows[][2] = {{0, 10},  {9, 10},  {10, 10}, {11, 11},    {49, 49},
                                      {50, 60}, {59, 60}, {60, 60}, {1051, 1060}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        lockq q = with_spinners(fair(), 2, 100, 10);

        assert_int_equal(lockq_book(&q, rows[i][0], 5, RUNS), rows[i][1]);
        assert_int_equal(q.free_at, rows[i][1] + 5);
        assert_int_equal(lockq_period(&q, 100), 100);
    }
}

/* Ten pollers with 10 of each 100: never free. One is being served, nine are before a newcomer. */
static void saturating_spinners_are_all_served_before_a_newcomer(void **state)
{
    static const int64_t rows[][2] = {{0, 100}, {3, 100}, {9, 100}, {10, 110}, {57, 150}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        lockq q = with_spinners(fair(), 10, 100, 10);

        assert_int_equal(lockq_book(&q, rows[i][0], 5, RUNS), rows[i][1]);
    }
}

static void one_spinner_fewer_than_saturation_leaves_gaps(void **state)
{
    lockq nine = with_spinners(fair(), 9, 100, 10);
    lockq quit = with_spinners(fair(), 10, 100, 10);

    (void)state;
    assert_int_equal(lockq_book(&nine, 10, 5, RUNS), 10); /* a poll every 11: 10 held, 1 free */
    lockq_quit(&quit, 5);
    assert_int_equal(lockq_book(&quit, 10, 5, RUNS), 10);
    for (int i = 0; i < 9; i++)
        lockq_quit(&quit, 20);
    assert_int_equal(quit.spinners, 0);
    assert_int_equal(lockq_book(&quit, 22, 5, RUNS), 22);
}

static void saturation_stretches_the_poll_period(void **state)
{
    lockq q = with_spinners(fair(), 12, 100, 10);

    (void)state;
    assert_int_equal(lockq_period(&q, 100), 120);
    assert_int_equal(lockq_period(&q, 119), 120);
    assert_int_equal(lockq_period(&q, 121), 121); /* polls less often than the others by itself */
}

/* A booked hold ends at 20, in the middle of a poll that began at 0 and holds for 30. */
static void newcomer_waits_for_booked_holds_and_then_for_the_poll(void **state)
{
    lockq q = fair();

    (void)state;
    (void)lockq_book(&q, 0, 20, RUNS);
    q = with_spinners(q, 1, 100, 30);
    assert_int_equal(lockq_book(&q, 5, 1, RUNS), 30);
}

static void polls_without_a_hold_are_no_load(void **state)
{
    lockq q = with_spinners(fair(), 3, 100, 0);

    (void)state;
    assert_int_equal(q.spinners, 0);
    assert_int_equal(lockq_book(&q, 0, 1, RUNS), 0);
}

/* A poll holds the lock for the first 60 of each 100. A sleeper that finds it taken is awake again
 * `wake` after its end; in the next poll's 60 it finds it taken again, every time, until the host's
 * tick. Ticks are at 3000, 7000, ... */
static void barging_starves_a_sleeper_until_the_tick(void **state)
{
    static const struct {
        int64_t wake, at;
        int sleeps;
        int64_t granted;
    } rows[] = {
        {39, 10, SLEEPS, 99},   /* awake just before the next poll */
        {40, 10, SLEEPS, 3000}, /* awake as it begins */
        {99, 10, SLEEPS, 3000}, /* just before its end, at 159 */
        {100, 10, SLEEPS, 160}, /* at its end */
        {40, 10, RUNS, 60},       {40, 59, SLEEPS, 3000},   {40, 60, SLEEPS, 60},
        {41, 2899, SLEEPS, 2899}, {41, 2900, SLEEPS, 7000}, /* awake at 3001 */
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        lockq q = {.policy = LOCKQ_BARGING, .wake = rows[i].wake, .tick = 4000, .phase = -1000};

        q = with_spinners(q, 1, 100, 60);
        if (lockq_book(&q, rows[i].at, 5, rows[i].sleeps) != rows[i].granted)
            fail_msg("row %zu", i);
        assert_int_equal(q.free_at, rows[i].granted + 5);
    }
}

static void lock_that_is_never_free_is_a_bargers_until_the_tick(void **state)
{
    lockq q = {.policy = LOCKQ_BARGING, .wake = 20, .tick = 4000, .phase = -1000};

    (void)state;
    q = with_spinners(q, 2, 100, 50);
    assert_int_equal(lockq_book(&q, 10, 5, SLEEPS), 3000);
}

static void turn_ends_at_a_tick_if_the_core_is_shared(void **state)
{
    lockq q = {.policy = LOCKQ_BARGING, .tick = 4000, .phase = -1000, .shared_until = 9000};

    (void)state;
    assert_int_equal(lockq_turn(&q, 2999), 3000);
    assert_int_equal(lockq_turn(&q, 3000), 3000);
    assert_int_equal(lockq_turn(&q, 3001), 7000);
    assert_int_equal(lockq_turn(&q, 8999), 11000);
    assert_int_equal(lockq_turn(&q, 9000), 9000);
    q.shared_until = 0;
    assert_int_equal(lockq_turn(&q, 2999), 2999);
    q.shared_until = 9000;
    q.policy = LOCKQ_FAIR;
    assert_int_equal(lockq_turn(&q, 2999), 2999);
}

static void tick_that_falls_on_the_wake_up_ends_the_starving_at_once(void **state)
{
    lockq q = {.policy = LOCKQ_BARGING, .wake = 50, .tick = 4000, .phase = -1000};
    lockq early = q;

    (void)state;
    /* at 2910 a poll has 50 to go, 50 to wake up: 3010, past the tick at 3000 */
    early = with_spinners(early, 1, 100, 60);
    assert_int_equal(lockq_book(&early, 2910, 5, SLEEPS), 7000);
    /* polls begin at 90: at 2910 the one of 2890 has 40 to go, 50 to wake up: 3000, the tick */
    lockq_join(&q, 90, 100, 60);
    assert_int_equal(lockq_book(&q, 2910, 5, SLEEPS), 3000);
}

static void barging_needs_somebody_who_polls(void **state)
{
    lockq q = {.policy = LOCKQ_BARGING, .wake = 41, .tick = 4000};

    (void)state;
    (void)lockq_book(&q, 0, 10, RUNS);
    assert_int_equal(lockq_book(&q, 5, 10, SLEEPS), 51);
}

static void many_uses_in_a_row_cost_the_expected_waiting(void **state)
{
    lockq alone = fair();
    lockq gaps = with_spinners(fair(), 2, 1000, 100);
    lockq full = with_spinners(fair(), 10, 100, 10);

    (void)state;
    assert_int_equal(lockq_many(&alone, 1000, 2500, 50), 2500000);
    /* met with a chance of 2 * 100 / 1000; then half of 100 is left on average, and 3 to wake up */
    assert_int_equal(lockq_many(&gaps, 1000, 2500, 50), 1000 * (2500 + 10));
    gaps.wake = 50;
    assert_int_equal(lockq_many(&gaps, 1000, 2500, 50), 1000 * (2500 + 20));
    assert_int_equal(lockq_many(&full, 1000, 2500, 50), 1000 * (2500 + 100));
    assert_int_equal(lockq_many(&full, 0, 2500, 50), 0);
}

/* The polls of the first go on as before: two poll at 0, 50, 100, ... */
static void newcomer_among_spinners_does_not_move_their_polls(void **state)
{
    lockq q = fair();

    (void)state;
    lockq_join(&q, 0, 100, 10);
    lockq_join(&q, 30, 100, 10);
    assert_int_equal(lockq_book(&q, 50, 5, RUNS), 60);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_lock_is_granted_at_once),
        cmocka_unit_test(holds_queue_in_order_of_arrival),
        cmocka_unit_test(sleeper_that_waits_pays_its_way_back),
        cmocka_unit_test(extended_hold_keeps_the_lock),
        cmocka_unit_test(spinners_with_gaps_let_others_in_between),
        cmocka_unit_test(saturating_spinners_are_all_served_before_a_newcomer),
        cmocka_unit_test(one_spinner_fewer_than_saturation_leaves_gaps),
        cmocka_unit_test(saturation_stretches_the_poll_period),
        cmocka_unit_test(newcomer_waits_for_booked_holds_and_then_for_the_poll),
        cmocka_unit_test(polls_without_a_hold_are_no_load),
        cmocka_unit_test(barging_starves_a_sleeper_until_the_tick),
        cmocka_unit_test(lock_that_is_never_free_is_a_bargers_until_the_tick),
        cmocka_unit_test(turn_ends_at_a_tick_if_the_core_is_shared),
        cmocka_unit_test(tick_that_falls_on_the_wake_up_ends_the_starving_at_once),
        cmocka_unit_test(barging_needs_somebody_who_polls),
        cmocka_unit_test(many_uses_in_a_row_cost_the_expected_waiting),
        cmocka_unit_test(newcomer_among_spinners_does_not_move_their_polls),
    };

    return cmocka_run_group_tests_name("lockq", tests, NULL, NULL);
}
