/* SPDX-License-Identifier: Apache-2.0 */
/* stat: sums, and what follows from them by integer arithmetic wide enough to be exact. */
#include "sim/lib/stat.h"

#include <stdlib.h>

/* 256 bits, least limb first. The widest number here, 4 t^2 (n sum_squares - sum^2), has 242. */
typedef struct {
    uint64_t limb[4];
} wide;

void stat_init(stat_sums *s)
{
    *s = (stat_sums){0};
}

static void squares_add(stat_sums *s, unsigned __int128 low, uint64_t high)
{
    s->sum_squares_high += high;
    s->sum_squares_high += __builtin_add_overflow(s->sum_squares, low, &s->sum_squares);
}

void stat_add(stat_sums *s, int64_t value)
{
    SIM_ASSERT(value >= -STAT_VALUE_MAX && value <= STAT_VALUE_MAX);
    s->min = s->count == 0 || value < s->min ? value : s->min;
    s->max = s->count == 0 || value > s->max ? value : s->max;
    s->count++;
    s->sum += value;
    squares_add(s, (unsigned __int128)((__int128)value * value), 0);
}

void stat_merge(stat_sums *into, const stat_sums *from)
{
    SIM_ASSERT(into != from);
    if (from->count == 0)
        return;
    into->min = into->count == 0 || from->min < into->min ? from->min : into->min;
    into->max = into->count == 0 || from->max > into->max ? from->max : into->max;
    into->count += from->count;
    into->sum += from->sum;
    squares_add(into, from->sum_squares, from->sum_squares_high);
    SIM_ASSERT(into->count >= from->count && into->min <= into->max);
}

static wide wide_of(unsigned __int128 low, uint64_t high)
{
    return (wide){{(uint64_t)low, (uint64_t)(low >> 64), high, 0}};
}

static void wide_times(wide *w, uint64_t factor)
{
    uint64_t carry = 0;
    for (int i = 0; i < 4; i++) {
        unsigned __int128 product = (unsigned __int128)w->limb[i] * factor + carry;
        w->limb[i] = (uint64_t)product;
        carry = (uint64_t)(product >> 64);
    }
    SIM_ASSERT(carry == 0);
}

/* Rounds down; so one division after the other is the division by the product. */
static void wide_divide(wide *w, uint64_t divisor)
{
    SIM_ASSERT(divisor > 0);
    uint64_t rest = 0;
    for (int i = 3; i >= 0; i--) {
        unsigned __int128 part = (unsigned __int128)rest << 64 | w->limb[i];
        w->limb[i] = (uint64_t)(part / divisor);
        rest = (uint64_t)(part % divisor);
    }
}

/* w -= 2^(64 * shift) * other, which must not be more than w. */
static void wide_minus(wide *w, const wide *other, int shift)
{
    uint64_t borrow = 0;
    for (int i = shift; i < 4; i++) {
        unsigned __int128 less = (unsigned __int128)w->limb[i] - other->limb[i - shift] - borrow;
        w->limb[i] = (uint64_t)less;
        borrow = less >> 64 != 0;
    }
    SIM_ASSERT(borrow == 0);
}

/* count * sum_squares - sum^2: count (count - 1) times the variance. */
static wide spread(const stat_sums *s)
{
    wide w = wide_of(s->sum_squares, s->sum_squares_high);
    wide_times(&w, s->count);
    unsigned __int128 sum = (unsigned __int128)(s->sum < 0 ? -s->sum : s->sum);
    wide by_low = wide_of(sum, 0), by_high = by_low;
    wide_times(&by_low, (uint64_t)sum);
    wide_times(&by_high, (uint64_t)(sum >> 64));
    wide_minus(&w, &by_low, 0);
    wide_minus(&w, &by_high, 1);
    return w;
}

/* A bit at a time from the top. */
uint64_t stat_root(unsigned __int128 x)
{
    uint64_t r = 0;
    for (uint64_t bit = UINT64_C(1) << 63; bit > 0; bit >>= 1) {
        unsigned __int128 trial = r | bit;
        if (trial * trial <= x)
            r |= bit;
    }
    return r;
}

/* The nearest integer to the root of a number x, given 4x rounded down: the root of 4x rounded
 * down is the root of x in halves, and that is enough to round by. */
static int64_t half_root(const wide *four_x)
{
    if (four_x->limb[2] || four_x->limb[3])
        return INT64_MAX;
    uint64_t halves = stat_root((unsigned __int128)four_x->limb[1] << 64 | four_x->limb[0]);
    uint64_t rounded = halves / 2 + halves % 2;
    return rounded > INT64_MAX ? INT64_MAX : (int64_t)rounded;
}

stat_result stat_mean(const stat_sums *s, int level_percent)
{
    uint64_t n = s->count;
    SIM_ASSERT(n <= STAT_COUNT_MAX);
    stat_result result = {.mean = n > 0 ? stat_ratio(s->sum, n) : 0, .half_width = -1};
    if (n < 2)
        return result;
    uint64_t t = (uint64_t)stat_student(n - 1, level_percent);
    wide x = spread(s);
    wide_times(&x, 4);
    wide y = x;
    wide_divide(&x, n);
    wide_divide(&x, n - 1);
    result.deviation = half_root(&x);
    /* The square of t * deviation / root(n), t in millionths. */
    wide_times(&y, t);
    wide_times(&y, t);
    wide_divide(&y, n);
    wide_divide(&y, n - 1);
    wide_divide(&y, n);
    wide_divide(&y, UINT64_C(1000000) * 1000000);
    result.half_width = half_root(&y);
    return result;
}

#define STUDENT_TABLE 30

/* Quantiles of Student's t at 97.5 and 99.5 per cent, 1 to 30 degrees of freedom, in millionths:
 * the inverse of its distribution function, computed with 40 digits. */
static const int32_t student[2][STUDENT_TABLE] = {
    {12706205, 4302653, 3182446, 2776445, 2570582, 2446912, 2364624, 2306004, 2262157, 2228139,
     2200985,  2178813, 2160369, 2144787, 2131450, 2119905, 2109816, 2100922, 2093024, 2085963,
     2079614,  2073873, 2068658, 2063899, 2059539, 2055529, 2051831, 2048407, 2045230, 2042272},
    {63656741, 9924843, 5840909, 4604095, 4032143, 3707428, 3499483, 3355387, 3249836, 3169273,
     3105807,  3054540, 3012276, 2976843, 2946713, 2920782, 2898231, 2878440, 2860935, 2845340,
     2831360,  2818756, 2807336, 2796940, 2787436, 2778715, 2770683, 2763262, 2756386, 2749996},
};

/* The same quantiles as a series in 1 / degrees, in units of 10^-9 (Abramowitz and Stegun 26.7.5):
 * the normal quantile z, then (z^3 + z) / 4, (5 z^5 + 16 z^3 + 3 z) / 96,
 * (3 z^7 + 19 z^5 + 17 z^3 - 15 z) / 384, and the term over 92160. From 31 degrees on within one
 * millionth. */
#define STUDENT_TERMS 5
static const int64_t student_series[2][STUDENT_TERMS] = {
    {1959963985, 2372271230, 2822498616, 2555849680, 1589534053},
    {2575829304, 4916547599, 8834762072, 12144295783, 12054824314},
};

int64_t stat_student(uint64_t degrees, int level_percent)
{
    SIM_ASSERT(degrees > 0 && degrees <= STAT_COUNT_MAX);
    SIM_ASSERT(level_percent == 95 || level_percent == 99);
    int level = level_percent == 99;
    if (degrees <= STUDENT_TABLE)
        return student[level][degrees - 1];
    int64_t t = 0;
    for (int term = STUDENT_TERMS - 1; term >= 0; term--)
        t = t / (int64_t)degrees + student_series[level][term];
    return (t + 500) / 1000;
}

int64_t stat_quantile(const int64_t *sorted, uint64_t count, uint32_t ppm)
{
    SIM_ASSERT(count > 0);
    SIM_ASSERT(sorted[0] <= sorted[count - 1]);
    return sorted[stat_rank(count, ppm) - 1];
}

static int rising(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Equal integers cannot be told apart, so a sort that is not stable is deterministic too. */
void stat_sort(int64_t *values, uint64_t count)
{
    if (count > 1)
        qsort(values, count, sizeof *values, rising);
}
