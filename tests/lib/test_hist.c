/* SPDX-License-Identifier: Apache-2.0 */
/* test_hist: cells that tile the integers, exact merging in any order, nearest-rank quantiles. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "sim/lib/hist.h"
#include "sim/lib/stat.h"
#include "tests/hist_equal.h"

static uint64_t draw(uint64_t *random)
{
    *random = *random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (*random ^ *random >> 31) * UINT64_C(0x94d049bb133111eb);
}

/* As likely in one octave as in another. */
static int64_t draw_value(uint64_t *random)
{
    uint64_t value = draw(random) >> 1;
    return (int64_t)(value >> draw(random) % 63);
}

static void add_all(hist *h, const int64_t *values, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        hist_add(h, values[i]);
}

static void cells_tile_all_values_without_gap_or_overlap(void **state)
{
    (void)state;
    assert_int_equal(hist_cell_low(0), 0);
    assert_int_equal(hist_cell_high(HIST_CELLS - 1), INT64_MAX);
    for (uint32_t cell = 0; cell < HIST_CELLS; cell++) {
        int64_t low = hist_cell_low(cell), high = hist_cell_high(cell);
        assert_true(low <= high);
        assert_int_equal(hist_cell(low), cell);
        assert_int_equal(hist_cell(high), cell);
        if (cell > 0)
            assert_int_equal(low, hist_cell_high(cell - 1) + 1);
    }
}

static void a_cell_is_one_value_wide_or_narrower_than_a_hundredth(void **state)
{
    (void)state;
    for (uint32_t cell = 0; cell < HIST_CELLS; cell++) {
        int64_t low = hist_cell_low(cell), width = hist_cell_high(cell) - low + 1;
        assert_true(width == 1 || width <= low / 128);
    }
    assert_int_equal(hist_cell_low(255), hist_cell_high(255));
    assert_int_equal(hist_cell_high(256) - hist_cell_low(256), 1);
}

static void moments_are_exact(void **state)
{
    (void)state;
    static const int64_t values[] = {1000003, 999983, 0, 127, 128, 1000003};
    hist h;
    h = (hist){0};
    add_all(&h, values, 6);
    assert_int_equal(h.count, 6);
    assert_int_equal(h.min, 0);
    assert_int_equal(h.max, 1000003);
    assert_true(h.sum == 3000244);
    assert_true(h.sum_squares ==
                UINT64_C(2) * 1000003 * 1000003 + UINT64_C(999983) * 999983 + 16129 + 16384);
    assert_int_equal(hist_mean(&h), 500041);
    assert_int_equal(hist_cell_count(&h, hist_cell(1000003)), 3);
    assert_int_equal(hist_cell_count(&h, hist_cell(127)), 1);
    assert_int_equal(hist_cell_count(&h, hist_cell(1 << 30)), 0);
    hist_free(&h);
    assert_int_equal(h.count, 0);
    assert_null(h.octave[0]);
}

static void a_mean_half_way_goes_to_the_even_one(void **state)
{
    (void)state;
    static const int64_t pairs[][3] = {{0, 1, 0}, {1, 2, 2}, {2, 3, 2}, {3, 4, 4}};
    for (uint32_t i = 0; i < 4; i++) {
        hist h;
        h = (hist){0};
        add_all(&h, pairs[i], 2);
        assert_int_equal(hist_mean(&h), pairs[i][2]);
        hist_free(&h);
    }
}

static void an_empty_histogram_gives_zero(void **state)
{
    (void)state;
    hist h, other;
    h = (hist){0};
    other = (hist){0};
    assert_int_equal(hist_mean(&h), 0);
    assert_int_equal(hist_quantile(&h, 0), 0);
    assert_int_equal(hist_quantile(&h, 500000), 0);
    assert_int_equal(hist_quantile(&h, 1000000), 0);
    hist_merge(&h, &other);
    assert_true(hist_equal(&h, &other));
    hist_add(&h, 0);
    assert_false(hist_equal(&h, &other));
    hist_merge(&h, &other);
    hist_merge(&other, &h);
    assert_true(hist_equal(&h, &other));
    assert_int_equal(other.count, 1);
    hist_free(&h);
    hist_free(&other);
}

static void quantiles_follow_the_nearest_rank(void **state)
{
    (void)state;
    static const int64_t values[] = {30, 10, 40, 20};
    static const struct {
        uint32_t ppm;
        int64_t value;
    } expected[] = {{0, 10},      {1, 10},      {250000, 10}, {250001, 20},
                    {500000, 20}, {500001, 30}, {999999, 40}, {1000000, 40}};
    hist h;
    h = (hist){0};
    add_all(&h, values, 4);
    for (uint32_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
        assert_int_equal(hist_quantile(&h, expected[i].ppm), expected[i].value);
    hist_free(&h);
}

/* The exact quantile of the sorted values falls into the cell whose bound is given. */
static void quantiles_agree_with_the_sorted_values_to_a_cell(void **state)
{
    (void)state;
    static int64_t values[5000];
    uint64_t random = 17;
    hist h;
    h = (hist){0};
    for (uint32_t i = 0; i < 5000; i++)
        values[i] = draw_value(&random);
    add_all(&h, values, 5000);
    stat_sort(values, 5000);
    assert_int_equal(hist_quantile(&h, 0), values[0]);
    assert_int_equal(hist_quantile(&h, 1000000), values[4999]);
    for (uint32_t ppm = 1; ppm < 1000000; ppm += 997) {
        int64_t exact = values[stat_rank(5000, ppm) - 1], given = hist_quantile(&h, ppm);
        assert_int_equal(hist_cell(given), hist_cell(exact));
        assert_true(given >= exact && given <= values[4999]);
        assert_true(given == values[4999] || given == hist_cell_high(hist_cell(given)));
    }
    hist_free(&h);
}

static void a_single_value_is_every_quantile(void **state)
{
    (void)state;
    hist h;
    h = (hist){0};
    hist_add(&h, 1000001);
    for (uint32_t ppm = 0; ppm <= 1000000; ppm += 250000)
        assert_int_equal(hist_quantile(&h, ppm), 1000001);
    hist_add(&h, 2000001); /* and with two, the ends are exact although their cells are wide */
    assert_int_equal(hist_quantile(&h, 0), 1000001);
    assert_int_equal(hist_quantile(&h, 1), hist_cell_high(hist_cell(1000001)));
    assert_int_equal(hist_quantile(&h, 1000000), 2000001);
    hist_free(&h);
}

static void assert_same(const hist *a, const hist *b)
{
    assert_true(hist_equal(a, b));
    assert_true(a->count == b->count && a->sum == b->sum && a->sum_squares == b->sum_squares);
    assert_true(a->min == b->min && a->max == b->max);
    for (uint32_t cell = 0; cell < HIST_CELLS; cell++)
        assert_int_equal(hist_cell_count(a, cell), hist_cell_count(b, cell));
    for (uint32_t ppm = 0; ppm <= 1000000; ppm += 100000)
        assert_int_equal(hist_quantile(a, ppm), hist_quantile(b, ppm));
    assert_int_equal(hist_mean(a), hist_mean(b));
}

static void parts_merged_in_any_order_equal_the_whole(void **state)
{
    (void)state;
    uint64_t random = 23;
    for (uint64_t run = 0; run < 30; run++) {
        hist whole, merged, part[5];
        whole = (hist){0};
        merged = (hist){0};
        for (uint32_t k = 0; k < 5; k++)
            part[k] = (hist){0};
        for (uint32_t i = 0; i < 400; i++) {
            int64_t value = draw_value(&random) / 2 + 100; /* 0 would hide a wrong min */
            hist_add(&whole, value);
            hist_add(&part[draw(&random) % (run % 5 + 1)], value); /* some stay empty */
        }
        uint64_t first = draw(&random) % 5, step = 1 + draw(&random) % 4;
        for (uint64_t k = 0; k < 5; k++)
            hist_merge(&merged, &part[(first + k * step) % 5]);
        assert_same(&merged, &whole);
        for (uint32_t k = 0; k < 5; k++)
            hist_free(&part[k]);
        hist_free(&merged);
        hist_free(&whole);
    }
}

static void the_sum_of_squares_saturates_alike_in_any_order(void **state)
{
    (void)state;
    hist one, whole, ahead, behind;
    one = (hist){0};
    whole = (hist){0};
    ahead = (hist){0};
    behind = (hist){0};
    hist_add(&one, 3);
    for (int i = 0; i < 6; i++) {
        hist_add(&whole, INT64_MAX);
        hist_add(i < 3 ? &ahead : &behind, INT64_MAX);
    }
    hist_add(&whole, 3);
    assert_true(whole.sum_squares == ~(unsigned __int128)0);
    assert_true(ahead.sum_squares < whole.sum_squares);
    hist_merge(&one, &behind);
    hist_merge(&one, &ahead);
    assert_same(&one, &whole);
    assert_int_equal(hist_mean(&ahead), INT64_MAX);
    hist_free(&one);
    hist_free(&whole);
    hist_free(&ahead);
    hist_free(&behind);
}

/* Equal count, ends, sum and sum of squares, but other cells. */
static void histograms_that_differ_in_cells_only_are_not_equal(void **state)
{
    (void)state;
    static const int64_t even[] = {0, 7, 0, 3, 5, 6}, odd[] = {0, 7, 1, 2, 4, 7};
    hist a, b;
    a = (hist){0};
    b = (hist){0};
    add_all(&a, even, 6);
    add_all(&b, odd, 6);
    assert_true(a.sum == b.sum && a.sum_squares == b.sum_squares && a.max == b.max);
    assert_false(hist_equal(&a, &b));
    hist_free(&a);
    hist_free(&b);
}

static void a_negative_value_aborts(void **state)
{
    (void)state;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct rlimit no_core = {0, 0};
        hist h;
        h = (hist){0};
        setrlimit(RLIMIT_CORE, &no_core);
        signal(SIGABRT, SIG_DFL);
        close(STDERR_FILENO);
        hist_add(&h, -1);
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_tile_all_values_without_gap_or_overlap),
        cmocka_unit_test(a_cell_is_one_value_wide_or_narrower_than_a_hundredth),
        cmocka_unit_test(moments_are_exact),
        cmocka_unit_test(a_mean_half_way_goes_to_the_even_one),
        cmocka_unit_test(an_empty_histogram_gives_zero),
        cmocka_unit_test(quantiles_follow_the_nearest_rank),
        cmocka_unit_test(quantiles_agree_with_the_sorted_values_to_a_cell),
        cmocka_unit_test(a_single_value_is_every_quantile),
        cmocka_unit_test(parts_merged_in_any_order_equal_the_whole),
        cmocka_unit_test(the_sum_of_squares_saturates_alike_in_any_order),
        cmocka_unit_test(histograms_that_differ_in_cells_only_are_not_equal),
        cmocka_unit_test(a_negative_value_aborts),
    };
    return cmocka_run_group_tests_name("hist", tests, NULL, NULL);
}
