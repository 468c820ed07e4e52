/* SPDX-License-Identifier: Apache-2.0 */
/* test_fixmath: the fixed-point functions are right, monotone to the last bit, and never change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "sim/lib/fixmath.h"
#include "sim/lib/rng.h"

#define LN_2 0.69314718055994530942
#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* References in double arithmetic, by other ways than the tables: good to about 1e-13. */
static double reference_exp(double x)
{
    double term = 1, sum = 1;
    int halvings = 0;

    while (x > 0.25 || x < -0.25) {
        x *= 0.5;
        halvings++;
    }
    for (int k = 1; k <= 14; k++) {
        term *= x / k;
        sum += term;
    }
    while (halvings-- > 0)
        sum *= sum;
    return sum;
}

static double reference_ln(double x)
{
    double power = 0, sum = 0;

    while (x > 1.4142135) {
        x *= 0.5;
        power += LN_2;
    }
    while (x < 0.7071067) {
        x *= 2;
        power -= LN_2;
    }
    double s = (x - 1) / (x + 1), term = 2 * s;
    for (int k = 1; k <= 45; k += 2, term *= s * s)
        sum += term / k;
    return power + sum;
}

/* The upper tail of the standard normal for z >= 0, and its density. */
static double reference_tail(double z, double *density)
{
    double sum = 0, term = z;

    *density = reference_exp(-z * z / 2) / 2.50662827463100050242;
    if (z > 2.5) {
        for (int k = 300; k > 0; k--)
            sum = k / (z + sum);
        return *density / (z + sum);
    }
    for (int k = 1; k < 120; k += 2) {
        sum += term;
        term *= z * z / (k + 2);
    }
    return 0.5 - *density * sum;
}

static void assert_near(double got, double want, double tolerance)
{
    double error = got > want ? got - want : want - got;
    if (!(error <= tolerance))
        fail_msg("%.15g, but %.15g was wanted", got, want);
}

/* Words of every size; the first ones lie around the borders of the tables' rows. */
enum { WORDS = 40000 };
static uint64_t word_at(int i)
{
    rng_address address = {.seed = 11, .ordinal = (uint64_t)i};

    if (i >= 24576)
        return rng_word(&address) >> (i % 64);
    uint64_t border = (UINT64_C(1) << 63 | (uint64_t)(i / 3 % 128) << 56) >> (i / 384);
    return border + (uint64_t)(i % 3) - 1;
}

static void logarithms_are_right_everywhere(void **state)
{
    (void)state;
    for (int i = 0; i < WORDS; i++) {
        uint64_t x = word_at(i) | (word_at(i) == 0);
        double want = reference_ln((double)x) / LN_2;
        uint64_t minus = fixmath_minus_log2_q57((unsigned __int128)x << 64);
        assert_near(64 - (double)minus / 0x1p57, want, 0x1p-36);
        minus = fixmath_minus_log2_q57(x); /* a fraction below 2^-64 */
        assert_near(128 - (double)minus / 0x1p57, want, 0x1p-36);
    }
}

static void powers_of_two_have_whole_logarithms(void **state)
{
    (void)state;
    for (int k = 0; k < 64; k++)
        assert_near((double)fixmath_minus_log2_q57((unsigned __int128)1 << (64 + k)) / 0x1p57,
                    64 - k, 0x1p-36);
    for (int k = -32; k < 31; k++)
        assert_int_equal(fixmath_scale_exp2(UINT64_C(1) << 32, (int64_t)k * (INT64_C(1) << 48)),
                         UINT64_C(1) << (k + 32));
}

static void powers_are_right_everywhere(void **state)
{
    (void)state;
    for (int i = 0; i < WORDS; i++) {
        int64_t y = (int64_t)(word_at(i) >> 11) - (INT64_C(20) << 48); /* -20 to 12 */
        double want = reference_exp((double)y / 0x1p48 * LN_2) * 0x1p50;
        assert_near((double)fixmath_scale_exp2(UINT64_C(1) << 50, y), want, 1 + want * 0x1p-34);
    }
}

static void scaling_rounds_and_saturates(void **state)
{
    (void)state;
    const int64_t one = INT64_C(1) << 48;
    const uint64_t most = UINT64_C(1) << 63;
    assert_true(fixmath_scale_exp2(1, 62 * one) == UINT64_C(1) << 62);
    assert_true(fixmath_scale_exp2(1, 63 * one) == most);
    assert_true(fixmath_scale_exp2(1, 6000 * one) == most);
    assert_true(fixmath_scale_exp2(3, 62 * one) == most);
    assert_true(fixmath_scale_exp2(most, 0) == most);
    assert_true(fixmath_scale_exp2(most, 1) == most);
    assert_true(fixmath_scale_exp2(most, -63 * one) == 1);
    assert_true(fixmath_scale_exp2(most, -64 * one) == 1); /* one half */
    assert_true(fixmath_scale_exp2(most, -64 * one - 1000) == 0);
    assert_true(fixmath_scale_exp2(most, -30000 * one) == 0);
    assert_true(fixmath_scale_exp2(0, 6000 * one) == 0);
    assert_true(fixmath_scale_exp2(5, -one) == 3); /* 2.5 */
    assert_true(fixmath_scale_exp2(1000000, 0) == 1000000);
}

static void the_exponential_tail_is_right(void **state)
{
    (void)state;
    assert_near((double)fixmath_tail_q57(UINT64_MAX) / 0x1p57, 65, 0x1p-36);
    assert_near((double)fixmath_tail_q57(0), 0, 0x1p21); /* -log2(1 - 2^-65) */
    for (int i = 0; i < WORDS; i++) {
        double left = ((double)~word_at(i) + 0.5) * 0x1p-64;
        assert_near((double)fixmath_tail_q57(word_at(i)) / 0x1p57, -reference_ln(left) / LN_2,
                    0x1p-36);
    }
}

static void normal_quantiles_are_the_published_ones(void **state)
{
    (void)state;
    static const struct {
        double lower, z;
    } cases[] = {
        {0.5, 0},
        {0.1, -1.281551565545},
        {0.025, -1.959963984540},
        {0.001, -3.090232306168},
        {1e-6, -4.753424308823},
        {1e-10, -6.361340902404},
        {1e-15, -7.941345326171},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        uint64_t word = (uint64_t)(cases[i].lower * 0x1p64 - 0.5);
        double tolerance = 2.1e-9 + 0.1 / (double)word; /* the word is a whole number */
        assert_near((double)fixmath_normal_q58(word) / 0x1p58, cases[i].z, tolerance);
        assert_near((double)fixmath_normal_q58(~word) / 0x1p58, -cases[i].z, tolerance);
    }
}

static void normal_quantiles_are_right_everywhere(void **state)
{
    (void)state;
    for (int i = 0; i < WORDS; i++) {
        uint64_t word = word_at(i) & (UINT64_MAX >> 1), half = UINT64_C(1) << 62;
        double q = ((double)word + 0.5) * 0x1p-64, density;
        double z = (double)-fixmath_normal_q58(word) / 0x1p58;
        double got = reference_tail(z, &density);
        double error = word > half ? (got - q) / density : reference_ln(got / q) * got / density;
        assert_near(error, 0, 2.1e-9);
        assert_true(fixmath_normal_q58(~word) == -fixmath_normal_q58(word));
    }
}

static void assert_rising(uint64_t low, uint64_t high)
{
    int64_t y = (int64_t)(low >> 2), above = (int64_t)(high >> 2);

    assert_true(low <= high);
    assert_true(fixmath_tail_q57(low) <= fixmath_tail_q57(high));
    assert_true(fixmath_normal_q58(low) <= fixmath_normal_q58(high));
    assert_true(fixmath_scale_exp2(1 << 30, y >> 6) <= fixmath_scale_exp2(1 << 30, above >> 6));
    assert_true(fixmath_scale_exp2(UINT64_C(1) << 63, y - INT64_MAX / 2) <=
                fixmath_scale_exp2(UINT64_C(1) << 63, above - INT64_MAX / 2));
}

/* A word against the next ones, and over every border of a row in both halves. */
static void everything_rises_with_the_word(void **state)
{
    (void)state;
    for (int i = 0; i < WORDS; i++) {
        uint64_t word = word_at(i), step = UINT64_C(1) << (i % 40);
        if (word < UINT64_MAX - step) {
            assert_rising(word, word + 1);
            assert_rising(word, word + step);
            assert_rising(~(word + 1), ~word);
            assert_rising(~(word + step), ~word);
        }
    }
    assert_rising(UINT64_MAX / 2, UINT64_MAX / 2 + 1);
}

/* The same bits for every compiler and optimisation level: results on disk depend on them. */
static void the_bits_never_change(void **state)
{
    (void)state;
    uint64_t digest = 0;
    for (int i = 0; i < WORDS; i++) {
        uint64_t word = word_at(i);
        uint64_t power = fixmath_scale_exp2(word >> 1, (int64_t)(~word >> 13) - (INT64_C(5) << 48));
        digest = (digest ^ fixmath_tail_q57(word)) * UINT64_C(0x100000001b3);
        digest = (digest ^ (uint64_t)fixmath_normal_q58(word)) * UINT64_C(0x100000001b3);
        digest = (digest ^ power) * UINT64_C(0x100000001b3);
    }
    if (digest != UINT64_C(0x3408baadc187e8d3))
        fail_msg("the digest is now %llx", (unsigned long long)digest);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(logarithms_are_right_everywhere),
    cmocka_unit_test(powers_of_two_have_whole_logarithms),
    cmocka_unit_test(powers_are_right_everywhere),
    cmocka_unit_test(scaling_rounds_and_saturates),
    cmocka_unit_test(the_exponential_tail_is_right),
    cmocka_unit_test(normal_quantiles_are_the_published_ones),
    cmocka_unit_test(normal_quantiles_are_right_everywhere),
    cmocka_unit_test(everything_rises_with_the_word),
    cmocka_unit_test(the_bits_never_change),
};

int main(void)
{
    return cmocka_run_group_tests_name("fixmath", tests, NULL, NULL);
}
