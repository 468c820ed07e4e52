/* SPDX-License-Identifier: Apache-2.0 */
/* units: quantities with their unit, parsed and printed from one table; exact decimal arithmetic.
 */
#include "sim/lib/units.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "sim/lib/stat.h"

/* One unit is small * 10^power base units. Within a kind from small to large. */
typedef struct {
    unit_kind kind;
    const char *name;
    uint32_t small;
    int power;
    bool exact; /* units_print may use it */
    bool human; /* units_human may use it */
} unit_def;

static const unit_def units[] = {
    {UNIT_TIME, "ps", 1, 0, true, true},
    {UNIT_TIME, "ns", 1, 3, true, true},
    {UNIT_TIME, "us", 1, 6, true, true},
    {UNIT_TIME, "ms", 1, 9, true, true},
    {UNIT_TIME, "s", 1, 12, true, true},
    {UNIT_TIME, "min", 6, 13, true, false}, /* people read "100 s" faster than "1.67 min" */
    {UNIT_TIME, "h", 36, 14, true, false},
    {UNIT_BYTES, "B", 1, 0, true, true},
    {UNIT_BYTES, "kB", 1, 3, true, false},
    {UNIT_BYTES, "KiB", 1u << 10, 0, true, true},
    {UNIT_BYTES, "MB", 1, 6, true, false},
    {UNIT_BYTES, "MiB", 1u << 20, 0, true, true},
    {UNIT_BYTES, "GiB", 1u << 30, 0, true, true},
    {UNIT_FREQ, "Hz", 1, 3, true, true},
    {UNIT_FREQ, "kHz", 1, 6, true, true},
    {UNIT_FREQ, "MHz", 1, 9, true, true},
    {UNIT_FREQ, "GHz", 1, 12, true, true},
    {UNIT_RATIO, "%", 1, 10, false, true},
    {UNIT_RATIO, "", 1, 12, true, false},
    {UNIT_COUNT, "", 1, 0, true, true},
};
enum { UNIT_COUNT_ALL = sizeof units / sizeof units[0] };

/* What the error texts say about a kind. */
typedef struct {
    const char *needs; /* NULL: no unit is needed */
    const char *use;
    const char *example;
    const char *step; /* the smallest quantity */
    const char *zero; /* the unit that units_human gives a zero */
} kind_text;

static const kind_text kind_texts[] = {
    [UNIT_TIME] = {"a time", "use ps, ns, us, ms, s, min or h", "3.3us", "1ps", "s"},
    [UNIT_BYTES] = {"a size", "use B, kB, MB, KiB, MiB or GiB", "64KiB", "1B", "B"},
    [UNIT_FREQ] = {"a frequency", "use Hz, kHz, MHz or GHz", "2.5GHz", "0.001Hz", "Hz"},
    [UNIT_RATIO] = {NULL, "use a plain number or %", "0.05 or 5%", "0.000000000001", "%"},
    [UNIT_COUNT] = {NULL, "a count has no unit", "8", "1", ""},
};

enum {
    DIGITS_MAX = 400, /* significant digits of one number */
    DIGITS_ROOM = 10, /* and of the largest `small` */
    EXPONENT_MAX = 100000,
    QUOTE = 60 /* bytes of the user's text that an error shows */
};

/* digit[first] .. digit[last - 1] with the point `point` digits after the first one. */
typedef struct {
    bool negative;
    int first, last;
    int point;
    uint8_t digit[DIGITS_ROOM + DIGITS_MAX];
} decimal;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Digits and the point; leading zeros are not kept. Returns what follows, or NULL when there are
 * no digits or too many. */
static const char *scan_mantissa(const char *p, decimal *d)
{
    bool point = false, any = false;

    for (;; p++) {
        if (*p == '.' && !point) {
            point = true;
            continue;
        }
        if (!is_digit(*p))
            return any ? p : NULL;
        any = true;
        if (*p == '0' && d->last == d->first) {
            d->point -= point;
            continue;
        }
        if (d->last == DIGITS_ROOM + DIGITS_MAX)
            return NULL;
        d->digit[d->last++] = (uint8_t)(*p - '0');
        d->point += !point;
    }
}

/* An `e` is an exponent only when digits follow. The value is clipped far outside int64. */
static const char *scan_exponent(const char *p, decimal *d)
{
    const char *q = p + 1;
    int exponent = 0;
    bool minus = false;

    if (*p != 'e' && *p != 'E')
        return p;
    if (*q == '+' || *q == '-')
        minus = *q++ == '-';
    if (!is_digit(*q))
        return p;
    for (; is_digit(*q); q++)
        if (exponent < EXPONENT_MAX)
            exponent = 10 * exponent + (*q - '0');
    d->point += minus ? -exponent : exponent;
    return q;
}

/* Multiplies by the unit. */
static void scale(decimal *d, const unit_def *unit)
{
    uint64_t carry = 0;

    SIM_ASSERT(d->first == DIGITS_ROOM);
    for (int i = d->last - 1; i >= d->first; i--) {
        carry += (uint64_t)d->digit[i] * unit->small;
        d->digit[i] = (uint8_t)(carry % 10);
        carry /= 10;
    }
    for (; carry != 0 && d->first > 0; carry /= 10) {
        d->digit[--d->first] = (uint8_t)(carry % 10);
        d->point++;
    }
    SIM_ASSERT(carry == 0);
    d->point += unit->power;
}

/* Half to even; false when it does not fit. *exact says whether anything was rounded away. */
static bool round_decimal(const decimal *d, int64_t *out, bool *exact)
{
    uint64_t value = 0, limit = (uint64_t)INT64_MAX + d->negative;
    int count = d->last - d->first;
    int half = 0; /* the fraction against one half: -1, 0, 1 */

    *exact = true;
    if (count != 0 && d->point > 19)
        return false;
    for (int i = 0; i < d->point && count != 0; i++)
        value = 10 * value + (i < count ? d->digit[d->first + i] : 0);
    for (int i = d->point > 0 ? d->point : 0; i < count; i++) {
        int digit = d->digit[d->first + i];
        *exact = *exact && digit == 0;
        if (i == d->point)
            half = digit - 5;
        else if (half == 0 && d->point >= 0 && digit != 0)
            half = 1;
    }
    if (d->point < 0 || d->point >= count)
        half = -1;
    if (half > 0 || (half == 0 && (value & 1) != 0))
        value++;
    if (value > limit)
        return false;
    *out = (int64_t)(d->negative ? 0 - value : value);
    return true;
}

static const unit_def *find_unit(unit_kind kind, const char *name)
{
    for (int i = 0; i < UNIT_COUNT_ALL; i++)
        if (units[i].kind == kind && strcmp(units[i].name, name) == 0)
            return &units[i];
    return NULL;
}

static const char *nearest_unit(unit_kind kind, const char *name)
{
    const char *names[UNIT_COUNT_ALL];
    int count = 0;

    if (kind == UNIT_TIME && (strcmp(name, "\xc2\xb5s") == 0 || strcmp(name, "\xce\xbcs") == 0))
        return "us"; /* written with the micro sign or a Greek mu */
    for (int i = 0; i < UNIT_COUNT_ALL; i++)
        if (units[i].kind == kind && units[i].name[0] != '\0')
            names[count++] = units[i].name;
    return err_nearest(name, names, count);
}

static sim_status number_error(unit_kind kind, const char *text, sim_err *err)
{
    const char *example = kind_texts[kind].example;
    const char *p = text + (*text == '+' || *text == '-');

    if (*text == '\0')
        return err_set(err, SIM_BAD_INPUT, "empty (write for example %s)", example);
    if (*text == ' ')
        return err_set(err, SIM_BAD_INPUT, "\"%.*s\": begins with a space (remove it)", QUOTE,
                       text);
    if (is_digit(*p) || (*p == '.' && is_digit(p[1])))
        return err_set(err, SIM_BAD_INPUT, "\"%.*s...\": more than %d digits (write fewer)", 20,
                       text, DIGITS_MAX);
    return err_set(err, SIM_BAD_INPUT, "\"%.*s\": not a number (write for example %s)", QUOTE, text,
                   example);
}

/* Bytes of what people put between thousands, a decimal comma included; 0: something else. */
static size_t mark_length(const char *p)
{
    static const char *const marks[] = {",", "_", "'", "\xc2\xa0", "\xe2\x80\xaf", "\xe2\x80\x99"};

    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
        if (strncmp(p, marks[i], strlen(marks[i])) == 0)
            return strlen(marks[i]);
    return 0;
}

/* What is wrong with a number that goes on behind marks in `rest`, and in right[] how it is
 * written; NULL if it has none, or might be meant in two ways. */
static const char *mend_marks(const char *text, const char *rest, char right[QUOTE])
{
    int written = snprintf(right, QUOTE, "%.*s", (int)(rest - text), text);
    const bool comma = *rest == ',', whole = memchr(text, '.', (size_t)(rest - text)) == NULL;
    int marks = 0, digits = 0;
    const char *p = rest;

    if (strlen(text) >= QUOTE || !whole)
        return NULL;
    for (; mark_length(p) > 0 && is_digit(p[mark_length(p)]); marks++) {
        p += mark_length(p);
        for (digits = 0; is_digit(*p); digits++)
            right[written++] = *p++;
    }
    if (marks == 0 || (marks == 1 && comma && digits == 3 && *p != '.'))
        return NULL;
    if (marks > 1 || !comma || *p == '.') {
        (void)snprintf(right + written, (size_t)(QUOTE - written), "%s", p);
        return "thousands are not marked";
    }
    (void)snprintf(right, QUOTE, "%.*s.%s", (int)(rest - text), text, rest + 1);
    return "the decimal sign is a point";
}

/* `rest` is what stands after the number and is no unit. */
static sim_status unit_error(unit_kind kind, const char *text, const char *rest, sim_err *err)
{
    const kind_text *k = &kind_texts[kind];
    const char *unit = rest + (*rest == ' ');
    const char *nearest = nearest_unit(kind, unit);
    const char *hint = NULL;
    char right[QUOTE];
    const char *marked = mend_marks(text, rest, right);

    if (marked != NULL)
        return err_set(err, SIM_BAD_INPUT, "\"%.*s\": %s (write %s)", QUOTE, text, marked, right);
    if (*rest == ',')
        hint = "a comma in the number (the decimal sign is a point, thousands are not marked)";
    else if ((*rest == 'x' || *rest == 'X') && rest > text && rest[-1] == '0')
        hint = "hexadecimal (write it in decimal)";
    else if (is_digit(*unit))
        hint = "a space inside the number (remove it)";
    else if (*unit == '.')
        hint = "a second point in the number (leave one)";
    else if (*unit == '\0')
        hint = "ends with a space (remove it)";
    else if (*unit == ' ')
        hint = "more than one space before the unit (leave one or none)";
    else if (strchr(unit, ' ') != NULL)
        hint = "something is left over after the unit (write one number and one unit)";
    if (hint != NULL)
        return err_set(err, SIM_BAD_INPUT, "\"%.*s\": %s", QUOTE, text, hint);
    if (nearest != NULL)
        return err_set(err, SIM_BAD_INPUT,
                       "\"%.*s\": unknown unit \"%.*s\" (%s; did you mean \"%s\"?)", QUOTE, text,
                       QUOTE, unit, k->use, nearest);
    return err_set(err, SIM_BAD_INPUT, "\"%.*s\": unknown unit \"%.*s\" (%s)", QUOTE, text, QUOTE,
                   unit, k->use);
}

static sim_status overflow_error(unit_kind kind, const char *text, bool negative, sim_err *err)
{
    char most[48];

    (void)units_print(kind, negative ? INT64_MIN : INT64_MAX, most, sizeof most);
    return err_set(err, SIM_BAD_INPUT, "\"%.*s\": too %s (at %s %s)", QUOTE, text,
                   negative ? "small" : "large", negative ? "least" : "most", most);
}

sim_status units_parse(unit_kind kind, const char *text, int64_t *out, sim_err *err)
{
    const kind_text *k = &kind_texts[kind];
    decimal d = {.first = DIGITS_ROOM, .last = DIGITS_ROOM, .negative = *text == '-'};
    const char *p = text + (*text == '-' || *text == '+');
    const unit_def *unit;
    int64_t value = 0;
    bool exact = true, zero;

    SIM_ASSERT(kind <= UNIT_COUNT);
    p = scan_mantissa(p, &d);
    if (p == NULL)
        return number_error(kind, text, err);
    p = scan_exponent(p, &d);
    zero = d.first == d.last;
    unit = find_unit(kind, p + (*p == ' ' && p[1] != '\0'));
    if (unit == NULL && *p != '\0')
        return unit_error(kind, text, p, err);
    if (unit == NULL && !zero)
        return err_set(err, SIM_BAD_INPUT, "\"%.*s\": %s needs a unit (%s)", QUOTE, text, k->needs,
                       k->use);
    if (!zero) {
        scale(&d, unit);
        if (!round_decimal(&d, &value, &exact))
            return overflow_error(kind, text, d.negative, err);
        if (kind == UNIT_COUNT && !exact)
            return err_set(err, SIM_BAD_INPUT,
                           "\"%.*s\": not a whole number (write for example %s)", QUOTE, text,
                           k->example);
        if (value == 0)
            return err_set(err, SIM_BAD_INPUT,
                           "\"%.*s\": not zero, but rounds to zero (the smallest step is %s)",
                           QUOTE, text, k->step);
    }
    *out = value;
    return SIM_OK;
}

static uint64_t power_of_ten(int exponent)
{
    uint64_t value = 1;

    SIM_ASSERT(exponent >= 0 && exponent <= 19);
    while (exponent-- > 0)
        value *= 10;
    return value;
}

static uint64_t unit_size(const unit_def *unit)
{
    return unit->small * power_of_ten(unit->power);
}

static uint64_t magnitude(int64_t value)
{
    return value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
}

enum { FRACTION_MAX = 30 }; /* a GiB has 30 factors of two */

/* Digits after the point of size / unit, or -1 when they do not end. */
static int fraction_digits(uint64_t size, uint64_t unit, char out[FRACTION_MAX + 1])
{
    int count = 0;

    SIM_ASSERT(unit > 0);
    uint64_t rest = size % unit;
    for (; rest != 0 && count < FRACTION_MAX; count++) {
        uint64_t digit = 10 * rest / unit;
        out[count] = (char)('0' + digit);
        rest = 10 * rest - digit * unit;
    }
    out[count] = '\0';
    return rest == 0 ? count : -1;
}

static int count_digits(uint64_t value)
{
    int count = 1;

    for (; value >= 10; value /= 10)
        count++;
    return count;
}

int units_print(unit_kind kind, int64_t value, char *out, size_t size)
{
    const unit_def *best = NULL;
    uint64_t size_of_value = magnitude(value);
    int fewest = 0;
    char fraction[FRACTION_MAX + 1];

    SIM_ASSERT(kind <= UNIT_COUNT);
    if (value == 0)
        return snprintf(out, size, "0");
    for (int i = 0; i < UNIT_COUNT_ALL; i++) {
        const unit_def *unit = &units[i];
        if (unit->kind != kind || !unit->exact)
            continue;
        if (best != NULL && size_of_value < unit_size(unit))
            continue; /* "100us", not "0.1ms" */
        int digits = fraction_digits(size_of_value, unit_size(unit), fraction);
        if (digits < 0)
            continue;
        digits += count_digits(size_of_value / unit_size(unit));
        if (best == NULL || digits <= fewest) {
            best = unit;
            fewest = digits;
        }
    }
    SIM_ASSERT(best != NULL);
    (void)fraction_digits(size_of_value, unit_size(best), fraction);
    return snprintf(out, size, "%s%llu%s%s%s", value < 0 ? "-" : "",
                    (unsigned long long)(size_of_value / unit_size(best)),
                    fraction[0] != '\0' ? "." : "", fraction, best->name);
}

/* Rounded to significant digits, in the base unit: decides the unit, so that 999.6 us in three
 * digits is 1.00 ms and not 1000 us. */
static uint64_t round_significant(uint64_t value, int digits)
{
    int drop = count_digits(value) - digits;

    if (drop <= 0)
        return value;
    return (uint64_t)stat_ratio(value, power_of_ten(drop)) * power_of_ten(drop);
}

/* Decimals that show `digits` significant ones of value / unit; negative: left of the point. */
static int human_decimals(uint64_t value, uint64_t unit, int digits)
{
    if (value >= unit)
        return digits - count_digits(value / unit);
    for (; value * 10 < unit; value *= 10)
        digits++;
    return digits;
}

int units_human(unit_kind kind, int64_t value, int digits, char *out, size_t size)
{
    const unit_def *best = NULL;
    uint64_t exact = magnitude(value), rounded = round_significant(exact, digits);
    const char *sign = value < 0 ? "-" : "";

    SIM_ASSERT(kind <= UNIT_COUNT);
    SIM_ASSERT(digits >= 1 && digits <= 9);
    if (kind == UNIT_COUNT)
        return snprintf(out, size, "%lld", (long long)value);
    if (value == 0)
        return snprintf(out, size, "0 %s", kind_texts[kind].zero);
    for (int i = 0; i < UNIT_COUNT_ALL; i++)
        if (units[i].kind == kind && units[i].human &&
            (best == NULL || rounded >= unit_size(&units[i])))
            best = &units[i];
    SIM_ASSERT(best != NULL);

    uint64_t unit = unit_size(best);
    int decimals = human_decimals(rounded, unit, digits);
    if (decimals <= 0) {
        uint64_t step = power_of_ten(-decimals);
        uint64_t whole = (uint64_t)stat_ratio(exact, (unsigned __int128)unit * step) * step;
        return snprintf(out, size, "%s%llu %s", sign, (unsigned long long)whole, best->name);
    }
    uint64_t scaled = (uint64_t)stat_ratio((__int128)exact * power_of_ten(decimals), unit);
    return snprintf(out, size, "%s%llu.%0*llu %s", sign,
                    (unsigned long long)(scaled / power_of_ten(decimals)), decimals,
                    (unsigned long long)(scaled % power_of_ten(decimals)), best->name);
}
