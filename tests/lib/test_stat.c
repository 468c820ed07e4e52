/* SPDX-License-Identifier: Apache-2.0 */
/* test_stat: exact sums and rounding, published values of Student's t, nearest-rank quantiles. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/lib/stat.h"

typedef unsigned __int128 u128;

static uint64_t draw(uint64_t *random)
{
    *random = *random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (*random ^ *random >> 31) * UINT64_C(0x94d049bb133111eb);
}

static stat_sums sums_of(const int64_t *values, uint64_t count)
{
    stat_sums s;
    stat_init(&s);
    for (uint64_t i = 0; i < count; i++)
        stat_add(&s, values[i]);
    return s;
}

static void assert_result(const stat_sums *s, int level, stat_result expected)
{
    stat_result r = stat_mean(s, level);
    assert_int_equal(r.mean, expected.mean);
    assert_int_equal(r.deviation, expected.deviation);
    assert_int_equal(r.half_width, expected.half_width);
}

static void student_t_equals_the_published_tables(void **state)
{
    (void)state;
    static const struct {
        uint64_t degrees;
        int64_t thousandths_95, thousandths_99;
    } published[] = {
        {1, 12706, 63657}, {2, 4303, 9925},    {4, 2776, 4604},
        {5, 2571, 4032},   {10, 2228, 3169},   {20, 2086, 2845},
        {29, 2045, 2756},  {30, 2042, 2750},   {40, 2021, 2704},
        {60, 2000, 2660},  {80, 1990, 2639},   {100, 1984, 2626},
        {120, 1980, 2617}, {1000, 1962, 2581}, {UINT64_C(1) << 32, 1960, 2576},
    };
    for (size_t i = 0; i < sizeof published / sizeof published[0]; i++) {
        uint64_t degrees = published[i].degrees;
        assert_int_equal((stat_student(degrees, 95) + 500) / 1000, published[i].thousandths_95);
        assert_int_equal((stat_student(degrees, 99) + 500) / 1000, published[i].thousandths_99);
    }
}

/* The distribution function says 2.039513 and 2.744042 at 31 degrees: the series takes over there
 * without a step. */
static void student_t_falls_without_a_step_from_table_to_series(void **state)
{
    (void)state;
    assert_int_equal(stat_student(30, 99), 2749996); /* the series is one less there */
    assert_int_equal(stat_student(31, 95), 2039513);
    assert_int_equal(stat_student(31, 99), 2744042);
    for (uint64_t degrees = 2; degrees < 2000; degrees++) {
        assert_true(stat_student(degrees, 95) <= stat_student(degrees - 1, 95));
        assert_true(stat_student(degrees, 99) <= stat_student(degrees - 1, 99));
    }
}

static void known_samples_give_known_results(void **state)
{
    (void)state;
    static const int64_t small[] = {2000000, 4000000, 4000000, 4000000,
                                    5000000, 5000000, 7000000, 9000000};
    stat_sums s = sums_of(small, 8);
    assert_int_equal(s.min, 2000000);
    assert_int_equal(s.max, 9000000);
    assert_result(&s, 95, (stat_result){5000000, 2138090, 1787488});
    assert_result(&s, 99, (stat_result){5000000, 2138090, 2645360});
    /* A large offset costs no digits: 10^9 + 0, 1, 4, 9, 16. */
    static const int64_t offset[] = {1000000000, 1000000001, 1000000004, 1000000009, 1000000016};
    s = sums_of(offset, 5);
    assert_result(&s, 95, (stat_result){1000000006, 7, 8});
    assert_result(&s, 99, (stat_result){1000000006, 7, 14});
}

static void the_largest_values_are_exact(void **state)
{
    (void)state;
    static const int64_t values[] = {STAT_VALUE_MAX, -STAT_VALUE_MAX, STAT_VALUE_MAX - 1,
                                     12345678901234567, -STAT_VALUE_MAX / 2};
    stat_sums s = sums_of(values, 5);
    assert_int_equal(s.min, -STAT_VALUE_MAX);
    assert_int_equal(s.max, STAT_VALUE_MAX);
    /* Computed with fractions of unbounded integers. */
    assert_result(&s, 95,
                  (stat_result){463637737622985704, 4124475979984074144, 5121213141762797659});
    assert_result(&s, 99,
                  (stat_result){463637737622985704, 4124475979984074144, 8492353286279536561});
    static const int64_t edge[] = {3712906661295371736, -3712906661295371736, 8975011186};
    s = sums_of(edge, 3); /* the half width is 2^63 - 1/2, less a little */
    assert_int_equal(stat_mean(&s, 95).half_width, INT64_MAX);
    s = sums_of(values, 2);
    assert_result(&s, 99, (stat_result){0, 6521908912666391106, INT64_MAX});
}

static void the_largest_counts_are_exact(void **state)
{
    (void)state;
    static const int64_t values[] = {STAT_VALUE_MAX, -STAT_VALUE_MAX};
    stat_sums constant = sums_of(values, 1), both = sums_of(values, 2);
    for (int k = 0; k < 32; k++) {
        stat_sums copy = constant;
        stat_merge(&constant, &copy);
        copy = both;
        if (k < 31)
            stat_merge(&both, &copy);
    }
    assert_int_equal(constant.count, STAT_COUNT_MAX);
    assert_int_equal(both.count, STAT_COUNT_MAX);
    assert_result(&constant, 95, (stat_result){STAT_VALUE_MAX, 0, 0});
    assert_result(&both, 95, (stat_result){0, 4611686018964258816, 137920205329487});
}

static void fewer_than_two_values_have_no_interval(void **state)
{
    (void)state;
    stat_sums s;
    stat_init(&s);
    assert_result(&s, 95, (stat_result){0, 0, -1});
    stat_add(&s, -7);
    assert_result(&s, 99, (stat_result){-7, 0, -1});
    assert_int_equal(s.min, -7);
    assert_int_equal(s.max, -7);
}

static void a_mean_half_way_goes_to_the_even_one(void **state)
{
    (void)state;
    static const int64_t pairs[][3] = {{0, 1, 0},    {1, 2, 2},    {2, 3, 2},  {0, -1, 0},
                                       {-1, -2, -2}, {-2, -3, -2}, {-1, 1, 0}, {3, 4, 4}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        stat_sums s = sums_of(pairs[i], 2);
        assert_int_equal(stat_mean(&s, 95).mean, pairs[i][2]);
    }
    assert_int_equal(stat_ratio(-8, 3), -3);
    assert_int_equal(stat_ratio(-7, 3), -2);
    assert_int_equal(stat_ratio(8, 3), 3);
    assert_int_equal(stat_ratio((__int128)INT64_MAX * 3 + 1, 3), INT64_MAX);
}

/* r is nearest to the root of x exactly if (2r - 1)^2 <= 4x <= (2r + 1)^2; with few small values
 * both sides fit 128 bits, whatever way the result was computed. */
static int is_nearest_root(u128 r, u128 numerator, u128 denominator)
{
    u128 low = r > 0 ? 2 * r - 1 : 0, high = 2 * r + 1;
    return low * low * denominator <= 4 * numerator && 4 * numerator <= high * high * denominator;
}

static void deviation_and_half_width_are_the_nearest_integers(void **state)
{
    (void)state;
    uint64_t random = 5;
    for (int run = 0; run < 20000; run++) {
        int64_t values[40];
        uint64_t n = 2 + draw(&random) % 39, mask = (UINT64_C(2) << draw(&random) % 20) - 1;
        __int128 sum = 0, squares = 0;
        for (uint64_t i = 0; i < n; i++) {
            values[i] = (int64_t)(draw(&random) >> 20 & mask) - (int64_t)(mask / 2);
            sum += values[i];
            squares += (__int128)values[i] * values[i];
        }
        u128 spread = (u128)((__int128)n * squares - sum * sum);
        stat_sums s = sums_of(values, n);
        stat_result r = stat_mean(&s, run % 2 ? 95 : 99);
        u128 t = (u128)stat_student(n - 1, run % 2 ? 95 : 99);
        assert_true(is_nearest_root((u128)r.deviation, spread, (u128)n * (n - 1)));
        assert_true(is_nearest_root((u128)r.half_width, spread * t * t,
                                    (u128)1000000000000 * n * n * (n - 1)));
    }
}

static void parts_merged_in_any_order_equal_the_whole(void **state)
{
    (void)state;
    uint64_t random = 11;
    for (uint64_t run = 0; run < 300; run++) {
        stat_sums whole, part[5], merged;
        stat_init(&whole);
        stat_init(&merged);
        for (int k = 0; k < 5; k++)
            stat_init(&part[k]);
        for (int i = 0; i < 100; i++) {
            int64_t value = (int64_t)(draw(&random) >> 1) - STAT_VALUE_MAX;
            stat_add(&whole, value);
            stat_add(&part[draw(&random) % (run % 5 + 1)], value); /* some stay empty */
        }
        uint64_t first = draw(&random) % 5, step = 1 + draw(&random) % 4;
        for (uint64_t k = 0; k < 5; k++)
            stat_merge(&merged, &part[(first + k * step) % 5]);
        assert_memory_equal(&merged, &whole, sizeof whole);
    }
}

static void an_empty_part_changes_no_extremes(void **state)
{
    (void)state;
    static const int64_t above[] = {5, 9}, below[] = {-9, -5};
    const int64_t *side[] = {above, below};
    for (int k = 0; k < 2; k++) {
        stat_sums empty, sums = sums_of(side[k], 2), copy = sums;
        stat_init(&empty);
        stat_merge(&copy, &empty);
        assert_memory_equal(&copy, &sums, sizeof sums);
        stat_merge(&empty, &sums);
        assert_memory_equal(&empty, &sums, sizeof sums);
    }
}

static void quantiles_follow_the_nearest_rank(void **state)
{
    (void)state;
    static const int64_t sorted[] = {-5, 10, 20, 30};
    static const struct {
        uint32_t ppm;
        int64_t value;
    } expected[] = {{0, -5},      {1, -5},      {250000, -5}, {250001, 10}, {500000, 10},
                    {500001, 20}, {750000, 20}, {750001, 30}, {999999, 30}, {1000000, 30}};
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
        assert_int_equal(stat_quantile(sorted, 4, expected[i].ppm), expected[i].value);
    assert_int_equal(stat_quantile(sorted, 1, 0), -5);
    assert_int_equal(stat_quantile(sorted, 1, 1000000), -5);
    assert_true(stat_rank(1000000, 1) == 1 && stat_rank(1000001, 1) == 2);
    assert_true(stat_rank(UINT64_MAX, 1000000) == UINT64_MAX);
    assert_true(stat_rank(UINT64_MAX, 999999) == UINT64_MAX - UINT64_MAX / 1000000);
}

static void sorting_gives_the_same_values_in_rising_order(void **state)
{
    (void)state;
    int64_t values[1000];
    uint64_t random = 3, before = 0, after = 0;
    for (int i = 0; i < 1000; i++) {
        values[i] = (int64_t)(draw(&random) >> (i % 2 ? 0 : 60)); /* every other one tied */
        before += (uint64_t)values[i] * (uint64_t)values[i];
    }
    stat_sort(values, 1000);
    for (int i = 0; i < 1000; i++) {
        after += (uint64_t)values[i] * (uint64_t)values[i];
        assert_true(i == 0 || values[i - 1] <= values[i]);
    }
    assert_true(before == after);
    int64_t ends[] = {1, INT64_MAX, 0, INT64_MIN, -1};
    stat_sort(ends, 5);
    static const int64_t sorted[] = {INT64_MIN, -1, 0, 1, INT64_MAX};
    assert_memory_equal(ends, sorted, sizeof ends);
    stat_sort(NULL, 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(student_t_equals_the_published_tables),
        cmocka_unit_test(student_t_falls_without_a_step_from_table_to_series),
        cmocka_unit_test(known_samples_give_known_results),
        cmocka_unit_test(the_largest_values_are_exact),
        cmocka_unit_test(the_largest_counts_are_exact),
        cmocka_unit_test(fewer_than_two_values_have_no_interval),
        cmocka_unit_test(a_mean_half_way_goes_to_the_even_one),
        cmocka_unit_test(deviation_and_half_width_are_the_nearest_integers),
        cmocka_unit_test(parts_merged_in_any_order_equal_the_whole),
        cmocka_unit_test(an_empty_part_changes_no_extremes),
        cmocka_unit_test(quantiles_follow_the_nearest_rank),
        cmocka_unit_test(sorting_gives_the_same_values_in_rising_order),
    };
    return cmocka_run_group_tests_name("stat", tests, NULL, NULL);
}
