/* SPDX-License-Identifier: Apache-2.0 */
/* test_quant: which quantiles a sample holds, and how often an interval holds the true one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/lib/quant.h"
#include "sim/lib/rng.h"
#include "sim/lib/stat.h"

static const uint32_t quantiles[] = {500000, 900000, 990000, 999000};
enum { QUANTILES = sizeof quantiles / sizeof quantiles[0] };

typedef struct {
    hist all;
    quant_spread spread;
} pool;

static void add(pool *p, hist *one)
{
    hist_merge(&p->all, one);
    quant_add(&p->spread, one);
    hist_free(one);
}

static void drop(pool *p)
{
    hist_free(&p->all);
    quant_free(&p->spread);
}

static uint64_t word(uint64_t i)
{
    return rng_word(&(rng_address){.seed = 9, .ordinal = i});
}

/* ---- which ones ------------------------------------------------------------------------- */

static void sample_holds_a_quantile_with_ten_values_beyond_it(void **state)
{
    static const uint64_t least[QUANTILES] = {20, 100, 1000, 10000};

    (void)state;
    for (int i = 0; i < QUANTILES; i++) {
        assert_int_equal(quant_needs(quantiles[i]), least[i]);
        assert_true(quant_held(least[i], quantiles[i]));
        assert_false(quant_held(least[i] - 1, quantiles[i]));
    }
    for (uint64_t n = 1; n < 3000; n++)
        for (uint32_t ppm = 0; ppm < 1000000; ppm += 1 + (uint32_t)(word(ppm) % 20000))
            if (ppm > 500000)
                assert_int_equal(quant_held(n, ppm), n - stat_rank(n, ppm) >= QUANT_BEYOND);
    assert_int_equal(quant_needs(10000), 1000); /* p1, below */
}

static void extremes_are_always_held_and_have_no_interval(void **state)
{
    pool p = {0};

    (void)state;
    for (int r = 0; r < 3; r++) {
        hist one = {0};

        hist_add(&one, 5 + r);
        add(&p, &one);
    }
    for (uint32_t ppm = 0; ppm <= 1000000; ppm += 1000000) {
        const quant q = quant_of(&p.spread, &p.all, ppm);

        assert_true(q.held && !q.sure);
        assert_int_equal(q.value, ppm ? 7 : 5);
    }
    assert_false(quant_of(&p.spread, &p.all, 500000).held);
    drop(&p);
}

static void empty_sample_holds_nothing(void **state)
{
    const pool p = {0};

    (void)state;
    for (uint32_t ppm = 0; ppm <= 1000000; ppm += 500000)
        assert_false(quant_of(&p.spread, &p.all, ppm).held);
}

/* ---- intervals -------------------------------------------------------------------------- */

/* `size` values of each of `repetitions` repetitions: with `alike` of 256 the repetition's own
 * value, else one of its own. Each is uniform on 0 to 255, where a cell of the histogram is one
 * value; with `tail` that is so for the uppermost hundredth, and the others are 0. */
typedef struct {
    uint32_t repetitions, size, alike;
    int tail;
} design;
enum { VALUES = 256, TAIL = 100 };
#ifdef __SANITIZE_ADDRESS__
enum { SAMPLES = 60, LEAST = 90 };
#else
enum { SAMPLES = 300, LEAST = 95 };
#endif

static int64_t value_of(const design *d, uint64_t w)
{
    const uint64_t n = w % (d->tail ? VALUES * TAIL : VALUES), first = d->tail ? VALUES * 99 : 0;

    return n > first ? (int64_t)(n - first) : 0;
}

/* The least value that the share is not above. */
static int64_t true_quantile(const design *d, uint32_t ppm)
{
    const uint64_t all = d->tail ? VALUES * TAIL : VALUES;

    return (int64_t)(stat_rank(all, ppm) - 1 - (d->tail ? VALUES * 99 : 0));
}

/* As repetitions, or as if each value was one. */
static void draw(const design *d, uint64_t trial, int apart, pool *p)
{
    uint64_t at = trial << 32;

    for (uint32_t r = 0; r < d->repetitions; r++) {
        const uint64_t own = word(at++);
        hist one = {0};

        for (uint32_t i = 0; i < d->size; i++) {
            const uint64_t w = word(at++);

            hist_add(&one, value_of(d, w >> 56 < d->alike ? own : w));
            if (apart)
                add(p, &one);
        }
        if (!apart)
            add(p, &one);
    }
}

/* How many of 100 samples have the true quantile in their interval. */
static int holding(const design *d, uint32_t ppm, int apart)
{
    const int64_t wanted = true_quantile(d, ppm);
    int inside = 0;

    for (uint64_t i = 0; i < SAMPLES; i++) {
        pool p = {0};

        draw(d, i, apart, &p);
        const quant q = quant_of(&p.spread, &p.all, ppm);

        assert_true(q.held && q.value == hist_quantile(&p.all, ppm));
        assert_true(!q.sure || (q.low <= q.value && q.value <= q.high));
        inside += q.sure && q.low <= wanted && wanted <= q.high;
        drop(&p);
    }
    return 100 * inside / SAMPLES;
}

static void interval_holds_the_true_quantile_in_95_of_100_samples(void **state)
{
    static const struct {
        design of;
        uint32_t ppm;
    } list[] = {
        {{20, 5, 0, 0}, 500000},   {{20, 50, 0, 0}, 500000}, {{20, 50, 0, 0}, 900000},
        {{20, 50, 0, 0}, 990000},  {{40, 30, 0, 0}, 990000}, {{100, 10, 0, 0}, 990000},
        {{50, 200, 0, 1}, 999000}, {{50, 40, 0, 1}, 995000}, {{300, 1, 0, 0}, 900000},
    };

    (void)state;
    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++)
        assert_in_range(holding(&list[i].of, list[i].ppm, 0), LEAST, 100);
}

/* An interval that takes values of a repetition for independent holds it in a half or a sixth of
 * them. */
static void interval_allows_for_values_of_a_repetition_that_are_alike(void **state)
{
    static const design some = {20, 50, 128, 0}, all = {20, 50, 256, 0}, many = {100, 30, 64, 0};

    (void)state;
    assert_in_range(holding(&some, 500000, 0), LEAST - 1, 100);
    assert_in_range(holding(&some, 900000, 0), LEAST - 1, 100);
    assert_in_range(holding(&all, 500000, 0), LEAST - 1, 100);
    assert_in_range(holding(&many, 900000, 0), LEAST - 1, 100);
    assert_in_range(holding(&many, 990000, 0), LEAST - 1, 100);
    assert_in_range(holding(&some, 500000, 1), 33, 57);
    assert_in_range(holding(&all, 500000, 1), 10, 27);
}

/* 100 values of 100 repetitions: ranks 50 -+ 9.97, of which the binomial distribution says 95.4 %;
 * a Student's t of 99 degrees, and a variance over n - 1, are what makes it more than 9.8. */
static void ends_are_values_of_the_ranks_that_the_formula_says(void **state)
{
    pool p = {0};

    (void)state;
    for (int i = 0; i < 100; i++) {
        hist one = {0};

        hist_add(&one, 1 + i);
        add(&p, &one);
    }
    const quant q = quant_of(&p.spread, &p.all, 500000);

    assert_true(q.held && q.sure);
    assert_int_equal(q.value, 50);
    assert_int_equal(q.low, 40);
    assert_int_equal(q.high, 60);
    drop(&p);
}

static void same_repetitions_in_any_order_give_the_same_interval(void **state)
{
    static const design d = {20, 100, 100, 0};
    pool first = {0}, second = {0};

    (void)state;
    draw(&d, 5, 0, &first);
    for (uint32_t r = d.repetitions; r-- > 0;) { /* from the last one on */
        uint64_t at = (UINT64_C(5) << 32) + r * (d.size + 1);
        const uint64_t own = word(at++);
        hist one = {0};

        for (uint32_t i = 0; i < d.size; i++, at++)
            hist_add(&one, value_of(&d, word(at) >> 56 < d.alike ? own : word(at)));
        add(&second, &one);
    }
    for (int i = 0; i < QUANTILES; i++) {
        const quant a = quant_of(&first.spread, &first.all, quantiles[i]);
        const quant b = quant_of(&second.spread, &second.all, quantiles[i]);

        assert_memory_equal(&a, &b, sizeof a);
    }
    drop(&first);
    drop(&second);
}

static void one_repetition_or_two_quite_different_ones_have_no_interval(void **state)
{
    pool p = {0};

    (void)state;
    for (int r = 0; r < 2; r++) {
        hist one = {0};

        for (int i = 0; i < 1000; i++)
            hist_add(&one, 100 * r + i % 50);
        add(&p, &one);
        const quant q = quant_of(&p.spread, &p.all, 500000);

        assert_true(q.held && !q.sure);
    }
    drop(&p);
}

/* Cells are wide there; all values lie in one. */
static void interval_of_values_that_are_all_the_same_is_that_value(void **state)
{
    pool p = {0};

    (void)state;
    for (int r = 0; r < 20; r++) {
        hist one = {0};

        for (int i = 0; i < 60; i++)
            hist_add(&one, 1234567);
        add(&p, &one);
    }
    for (int i = 0; i < QUANTILES - 1; i++) {
        const quant q = quant_of(&p.spread, &p.all, quantiles[i]);

        assert_true(q.sure && q.low == 1234567 && q.high == 1234567);
    }
    drop(&p);
}

/* 2 repetitions, p1 and p99 of 1000 values: the ends are 40 ranks off, and only 10 are there. */
static void interval_that_reaches_beyond_all_values_is_none(void **state)
{
    static const uint32_t outer[] = {10000, 990000};
    pool p = {0};

    (void)state;
    for (int r = 0; r < 2; r++) {
        hist one = {0};

        for (int i = 0; i < 500; i++)
            hist_add(&one, i);
        add(&p, &one);
    }
    for (int i = 0; i < 2; i++) {
        const quant q = quant_of(&p.spread, &p.all, outer[i]);

        assert_true(q.held && !q.sure);
    }
    assert_true(quant_of(&p.spread, &p.all, 500000).sure);
    drop(&p);
}

/* 30 repetitions of the same 100 values: by chance or not, their counts do not differ at all. */
static void repetitions_that_agree_are_as_sure_as_independent_values_and_no_more(void **state)
{
    pool p = {0};

    (void)state;
    for (int r = 0; r < 30; r++) {
        hist one = {0};

        for (int i = 0; i < 100; i++)
            hist_add(&one, i);
        add(&p, &one);
    }
    const quant q = quant_of(&p.spread, &p.all, 500000);

    assert_true(q.held && q.sure);
    assert_int_equal(q.value, 49); /* rank 1500 of 3000, 2.045 * 27.4 = 56 ranks to each side */
    assert_int_equal(q.low, 48);
    assert_int_equal(q.high, 51);
    drop(&p);
}

static void repetitions_without_values_change_no_interval(void **state)
{
    static const design d = {20, 100, 100, 0};
    pool p = {0};
    quant with, without;
    hist none = {0};

    (void)state;
    draw(&d, 5, 0, &p);
    without = quant_of(&p.spread, &p.all, 500000);
    add(&p, &none);
    with = quant_of(&p.spread, &p.all, 500000);
    assert_true(with.sure);
    assert_memory_equal(&with, &without, sizeof with);
    assert_int_equal(p.spread.repetitions, 20);
    drop(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sample_holds_a_quantile_with_ten_values_beyond_it),
        cmocka_unit_test(extremes_are_always_held_and_have_no_interval),
        cmocka_unit_test(empty_sample_holds_nothing),
        cmocka_unit_test(interval_holds_the_true_quantile_in_95_of_100_samples),
        cmocka_unit_test(interval_allows_for_values_of_a_repetition_that_are_alike),
        cmocka_unit_test(ends_are_values_of_the_ranks_that_the_formula_says),
        cmocka_unit_test(same_repetitions_in_any_order_give_the_same_interval),
        cmocka_unit_test(one_repetition_or_two_quite_different_ones_have_no_interval),
        cmocka_unit_test(interval_of_values_that_are_all_the_same_is_that_value),
        cmocka_unit_test(interval_that_reaches_beyond_all_values_is_none),
        cmocka_unit_test(repetitions_that_agree_are_as_sure_as_independent_values_and_no_more),
        cmocka_unit_test(repetitions_without_values_change_no_interval),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
