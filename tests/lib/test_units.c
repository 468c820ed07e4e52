/* SPDX-License-Identifier: Apache-2.0 */
/* test_units: quantities are read exactly, refused with advice, and printed so they read back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "sim/lib/units.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

typedef struct {
    unit_kind kind;
    const char *text;
    int64_t value;
} parse_case;

static void check_parse(const parse_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        sim_err err = {""};
        int64_t value = -77;
        if (units_parse(cases[i].kind, cases[i].text, &value, &err) != SIM_OK)
            fail_msg("\"%s\" refused: %s", cases[i].text, err.text);
        if (value != cases[i].value)
            fail_msg("\"%s\" gave %lld", cases[i].text, (long long)value);
    }
}

static void every_unit_has_its_size(void **state)
{
    (void)state;
    static const parse_case cases[] = {
        {UNIT_TIME, "1ps", 1},
        {UNIT_TIME, "1ns", 1000},
        {UNIT_TIME, "1us", 1000000},
        {UNIT_TIME, "1ms", 1000000000},
        {UNIT_TIME, "1s", 1000000000000},
        {UNIT_TIME, "1min", 60000000000000},
        {UNIT_TIME, "1h", 3600000000000000},
        {UNIT_BYTES, "1B", 1},
        {UNIT_BYTES, "1kB", 1000},
        {UNIT_BYTES, "1KiB", 1024},
        {UNIT_BYTES, "1MB", 1000000},
        {UNIT_BYTES, "1MiB", 1048576},
        {UNIT_BYTES, "1GiB", 1073741824},
        {UNIT_FREQ, "1Hz", 1000},
        {UNIT_FREQ, "1kHz", 1000000},
        {UNIT_FREQ, "3.579545MHz", 3579545000},
        {UNIT_FREQ, "2.5GHz", 2500000000000},
        {UNIT_RATIO, "1", 1000000000000},
        {UNIT_RATIO, "1%", 10000000000},
        {UNIT_COUNT, "1", 1},
    };
    check_parse(cases, LENGTH(cases));
}

static void numbers_may_be_written_in_many_ways(void **state)
{
    (void)state;
    static const parse_case cases[] = {
        {UNIT_TIME, "3.3us", 3300000},
        {UNIT_TIME, "3.3 us", 3300000},
        {UNIT_TIME, "+3.3us", 3300000},
        {UNIT_TIME, "-3.3us", -3300000},
        {UNIT_TIME, "0.1ms", 100000000},
        {UNIT_TIME, ".5us", 500000},
        {UNIT_TIME, "5.us", 5000000},
        {UNIT_TIME, "0003.30us", 3300000},
        {UNIT_TIME, "33e-1us", 3300000},
        {UNIT_TIME, "0.0033E3 us", 3300000},
        {UNIT_TIME, "1e+3us", 1000000000},
        {UNIT_TIME, "0", 0},
        {UNIT_TIME, "-0", 0},
        {UNIT_TIME, "0.000", 0},
        {UNIT_TIME, "0e999999999999999us", 0},
        {UNIT_TIME, "1.1min", 66000000000000},
        {UNIT_BYTES, "0.5KiB", 512},
        {UNIT_RATIO, "0.05", 50000000000},
        {UNIT_RATIO, "5%", 50000000000},
        {UNIT_RATIO, "5 %", 50000000000},
        {UNIT_COUNT, "1e3", 1000},
        {UNIT_COUNT, "1.5e3", 1500},
        {UNIT_COUNT, "12.000", 12},
        {UNIT_COUNT, "1200e-2", 12},
        {UNIT_TIME, "1000000000000000000000000000000e-30us", 1000000},
        {UNIT_TIME, "0.000000000000000000000000000001e30us", 1000000},
    };
    check_parse(cases, LENGTH(cases));
}

static void the_last_place_is_rounded_half_to_even(void **state)
{
    (void)state;
    static const parse_case cases[] = {
        {UNIT_TIME, "0.51ps", 1},
        {UNIT_TIME, "1.5ps", 2},
        {UNIT_TIME, "2.5ps", 2},
        {UNIT_TIME, "2.50000000000000000000000000000000000000000000000001ps", 3},
        {UNIT_TIME, "2.49999999999999999999999999999999999999999999999999ps", 2},
        {UNIT_TIME, "-2.5ps", -2},
        {UNIT_TIME, "-3.5ps", -4},
        {UNIT_TIME, "9.5ps", 10},
        {UNIT_BYTES, "0.1KiB", 102},
        {UNIT_BYTES, "0.00244140625KiB", 2}, /* 2.5 */
        {UNIT_BYTES, "0.0024414062500000000001KiB", 3},
        {UNIT_BYTES, "0.00341796875KiB", 4}, /* 3.5 */
        {UNIT_TIME, "0.00000000000000138888888888888888889h", 5},
        {UNIT_RATIO, "0.3333333333333333", 333333333333},
    };
    check_parse(cases, LENGTH(cases));
}

static void the_ends_of_the_range_are_exact(void **state)
{
    (void)state;
    static const parse_case cases[] = {
        {UNIT_COUNT, "9223372036854775807", INT64_MAX},
        {UNIT_COUNT, "-9223372036854775808", INT64_MIN},
        {UNIT_TIME, "9223372036854775807ps", INT64_MAX},
        {UNIT_TIME, "9223372.036854775807s", INT64_MAX},
        {UNIT_TIME, "9223372036854775807.4ps", INT64_MAX},
        {UNIT_TIME, "-9223372036854775808.5ps", INT64_MIN},
    };
    check_parse(cases, LENGTH(cases));
}

static const struct {
    unit_kind kind;
    const char *text, *error;
} bad_cases[] = {
    {UNIT_TIME, "5 usec",
     "\"5 usec\": unknown unit \"usec\" (use ps, ns, us, ms, s, min or h; did you mean "
     "\"us\"?)"},
    {UNIT_TIME, "5 parsecs",
     "\"5 parsecs\": unknown unit \"parsecs\" (use ps, ns, us, ms, s, min or h)"},
    {UNIT_TIME, "5", "\"5\": a time needs a unit (use ps, ns, us, ms, s, min or h)"},
    {UNIT_BYTES, "5", "\"5\": a size needs a unit (use B, kB, MB, KiB, MiB or GiB)"},
    {UNIT_FREQ, "5", "\"5\": a frequency needs a unit (use Hz, kHz, MHz or GHz)"},
    {UNIT_FREQ, "5mhz",
     "\"5mhz\": unknown unit \"mhz\" (use Hz, kHz, MHz or GHz; did you mean "
     "\"MHz\"?)"},
    {UNIT_TIME, "5\xc2\xb5s",
     "\"5\xc2\xb5s\": unknown unit \"\xc2\xb5s\" (use ps, ns, us, ms, "
     "s, min or h; did you mean \"us\"?)"},
    {UNIT_TIME, "5\xce\xbcs",
     "\"5\xce\xbcs\": unknown unit \"\xce\xbcs\" (use ps, ns, us, ms, "
     "s, min or h; did you mean \"us\"?)"},
    {UNIT_TIME, "", "empty (write for example 3.3us)"},
    {UNIT_TIME, "-", "\"-\": not a number (write for example 3.3us)"},
    {UNIT_TIME, ".", "\".\": not a number (write for example 3.3us)"},
    {UNIT_TIME, "+-1us", "\"+-1us\": not a number (write for example 3.3us)"},
    {UNIT_TIME, "NaN", "\"NaN\": not a number (write for example 3.3us)"},
    {UNIT_TIME, "inf", "\"inf\": not a number (write for example 3.3us)"},
    {UNIT_TIME, "us", "\"us\": not a number (write for example 3.3us)"},
    {UNIT_TIME, " 1us", "\" 1us\": begins with a space (remove it)"},
    {UNIT_TIME, "1us ",
     "\"1us \": something is left over after the unit (write one number and "
     "one unit)"},
    {UNIT_TIME, "1us us",
     "\"1us us\": something is left over after the unit (write one number "
     "and one unit)"},
    {UNIT_TIME, "1  us", "\"1  us\": more than one space before the unit (leave one or none)"},
    {UNIT_TIME, "1 ", "\"1 \": ends with a space (remove it)"},
    {UNIT_TIME, "1 000us", "\"1 000us\": a space inside the number (remove it)"},
    {UNIT_TIME, "3,3us", "\"3,3us\": the decimal sign is a point (write 3.3us)"},
    {UNIT_TIME, "-1,2345 us", "\"-1,2345 us\": the decimal sign is a point (write -1.2345 us)"},
    {UNIT_TIME, "1,024us", /* may be meant in two ways */
     "\"1,024us\": a comma in the number (the decimal sign is a point, "
     "thousands are not marked)"},
    {UNIT_TIME, "1.000,5us",
     "\"1.000,5us\": a comma in the number (the decimal sign is a point, "
     "thousands are not marked)"},
    {UNIT_TIME, "1,000.5us", "\"1,000.5us\": thousands are not marked (write 1000.5us)"},
    {UNIT_TIME, "1,000,000us", "\"1,000,000us\": thousands are not marked (write 1000000us)"},
    {UNIT_TIME, "1_000_000us", "\"1_000_000us\": thousands are not marked (write 1000000us)"},
    {UNIT_COUNT, "1'024", "\"1'024\": thousands are not marked (write 1024)"},
    {UNIT_BYTES,
     "1\xc2\xa0"
     "024B",
     "\"1\xc2\xa0"
     "024B\": thousands are not marked (write 1024B)"},
    {UNIT_BYTES,
     "1\xe2\x80\xaf"
     "024B",
     "\"1\xe2\x80\xaf"
     "024B\": thousands are not marked (write 1024B)"},
    {UNIT_TIME, "3.3\xc2\xb5s",
     "\"3.3\xc2\xb5s\": unknown unit \"\xc2\xb5s\" (use ps, ns, us, ms, s, min or h; did you "
     "mean \"us\"?)"},
    {UNIT_TIME, "3.3\xce\xbcs",
     "\"3.3\xce\xbcs\": unknown unit \"\xce\xbcs\" (use ps, ns, us, ms, s, min or h; did you "
     "mean \"us\"?)"},
    {UNIT_TIME, "1.2.3us", "\"1.2.3us\": a second point in the number (leave one)"},
    {UNIT_TIME, "0x10us", "\"0x10us\": hexadecimal (write it in decimal)"},
    {UNIT_TIME, "1e400us", "\"1e400us\": too large (at most 9223372.036854775807s)"},
    {UNIT_TIME, "1e99999999999999999999us",
     "\"1e99999999999999999999us\": too large (at most 9223372.036854775807s)"},
    {UNIT_TIME, "-1e30us", "\"-1e30us\": too small (at least -9223372.036854775808s)"},
    {UNIT_TIME, "9223372036854775807.5ps",
     "\"9223372036854775807.5ps\": too large (at most 9223372.036854775807s)"},
    {UNIT_COUNT, "1000000000000000000000000000000",
     "\"1000000000000000000000000000000\": too large (at most 9223372036854775807)"},
    {UNIT_COUNT, "18446744073709551617", /* 2^64 + 1 */
     "\"18446744073709551617\": too large (at most 9223372036854775807)"},
    {UNIT_COUNT, "10^30", "\"10^30\": unknown unit \"^30\" (a count has no unit)"},
    {UNIT_COUNT, "5 us", "\"5 us\": unknown unit \"us\" (a count has no unit)"},
    {UNIT_COUNT, "1.5", "\"1.5\": not a whole number (write for example 8)"},
    {UNIT_COUNT, "0.2", "\"0.2\": not a whole number (write for example 8)"},
    {UNIT_COUNT, "1e-3", "\"1e-3\": not a whole number (write for example 8)"},
    {UNIT_TIME, "0.5ps", "\"0.5ps\": not zero, but rounds to zero (the smallest step is 1ps)"},
    {UNIT_TIME, "1e-400s", "\"1e-400s\": not zero, but rounds to zero (the smallest step is 1ps)"},
    {UNIT_RATIO, "5 percent",
     "\"5 percent\": unknown unit \"percent\" (use a plain number or "
     "%)"},
    {UNIT_TIME, "1e", "\"1e\": unknown unit \"e\" (use ps, ns, us, ms, s, min or h)"},
    {UNIT_TIME, "1\n2us",
     "\"1?2us\": unknown unit \"?2us\" (use ps, ns, us, ms, s, min or h; "
     "did you mean \"us\"?)"},
};

static void bad_quantities_are_refused_with_advice(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(bad_cases); i++) {
        sim_err err = {""};
        int64_t value = -77;
        assert_int_equal(units_parse(bad_cases[i].kind, bad_cases[i].text, &value, &err),
                         SIM_BAD_INPUT);
        assert_string_equal(err.text, bad_cases[i].error);
        assert_int_equal(value, -77);
    }
}

static void very_long_numbers_are_refused_not_cut(void **state)
{
    (void)state;
    char text[1000];
    sim_err err;
    int64_t value;
    memset(text, '1', sizeof text);
    memcpy(text + sizeof text - 4, "ps\0", 4);
    assert_int_equal(units_parse(UNIT_TIME, text, &value, &err), SIM_BAD_INPUT);
    assert_string_equal(err.text,
                        "\"11111111111111111111...\": more than 400 digits (write fewer)");
    memset(text, '0', sizeof text - 5); /* leading zeros are no significant digits */
    assert_int_equal(units_parse(UNIT_TIME, text, &value, &err), SIM_OK);
    assert_int_equal(value, 1);
}

static void prints_the_shortest_form(void **state)
{
    (void)state;
    static const parse_case cases[] = {
        {UNIT_TIME, "0", 0},
        {UNIT_TIME, "1ps", 1},
        {UNIT_TIME, "3.3us", 3300000},
        {UNIT_TIME, "-3.3us", -3300000},
        {UNIT_TIME, "100us", 100000000},
        {UNIT_TIME, "1s", PS_PER_S},
        {UNIT_TIME, "10s", 10 * PS_PER_S},
        {UNIT_TIME, "1min", 60 * PS_PER_S},
        {UNIT_TIME, "100s", 100 * PS_PER_S},
        {UNIT_TIME, "1h", 3600 * PS_PER_S},
        {UNIT_TIME, "1.5h", 5400 * PS_PER_S},
        {UNIT_TIME, "9223372.036854775807s", INT64_MAX},
        {UNIT_TIME, "-9223372.036854775808s", INT64_MIN},
        {UNIT_BYTES, "1kB", 1000},
        {UNIT_BYTES, "4KiB", 4096},
        {UNIT_BYTES, "1.023kB", 1023},
        {UNIT_BYTES, "4.097kB", 4097},
        {UNIT_BYTES, "1GiB", 1 << 30},
        {UNIT_FREQ, "3.579545MHz", 3579545000},
        {UNIT_FREQ, "0.001Hz", 1},
        {UNIT_RATIO, "0.05", 50000000000},
        {UNIT_RATIO, "0.000000000001", 1},
        {UNIT_RATIO, "1.5", 1500000000000},
        {UNIT_COUNT, "-42", -42},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        char text[64];
        int length = units_print(cases[i].kind, cases[i].value, text, sizeof text);
        assert_string_equal(text, cases[i].text);
        assert_int_equal(length, strlen(text));
    }
}

/* A few thousand values: powers of two and ten, their neighbours, and a mixed sequence. */
static void what_is_printed_reads_back(void **state)
{
    (void)state;
    uint64_t mixed = 1;
    for (int i = 0; i < 4000; i++) {
        uint64_t value;
        mixed = mixed * 6364136223846793005u + 1442695040888963407u;
        if (i < 192)
            value = (UINT64_C(1) << (i / 3)) + (uint64_t)(i % 3) - 1;
        else
            value = (mixed ^ (mixed >> 29)) >> (i % 63);
        if (i % 5 == 0)
            value = value / 1000000 * 1000000;
        for (int kind = UNIT_TIME; kind <= UNIT_COUNT; kind++) {
            char text[64];
            sim_err err;
            int64_t back;
            (void)units_print((unit_kind)kind, (int64_t)value, text, sizeof text);
            if (units_parse((unit_kind)kind, text, &back, &err) != SIM_OK)
                fail_msg("%s", err.text);
            assert_int_equal(back, (int64_t)value);
        }
    }
}

static void a_short_buffer_is_not_overrun(void **state)
{
    (void)state;
    char text[5] = "####";
    assert_int_equal(units_print(UNIT_TIME, 123456, text, 4), 9);
    assert_string_equal(text, "123");
}

static void people_get_significant_digits(void **state)
{
    (void)state;
    static const struct {
        unit_kind kind;
        int64_t value;
        int digits;
        const char *text;
    } cases[] = {
        {UNIT_TIME, 3300 * PS_PER_MS, 3, "3.30 s"},
        {UNIT_TIME, 412 * PS_PER_US, 3, "412 us"},
        {UNIT_TIME, -1200 * PS_PER_US, 3, "-1.20 ms"},
        {UNIT_TIME, 0, 3, "0 s"},
        {UNIT_TIME, 7, 3, "7.00 ps"},
        {UNIT_TIME, 999499, 3, "999 ns"},
        {UNIT_TIME, 999500, 3, "1.00 us"}, /* half to even: 1000 */
        {UNIT_TIME, 998500, 3, "998 ns"},
        {UNIT_TIME, 999600, 3, "1.00 us"},
        {UNIT_TIME, 999600, 4, "999.6 ns"},
        {UNIT_TIME, 9996, 3, "10.0 ns"},
        {UNIT_TIME, 12345 * PS_PER_S, 3, "12300 s"},
        {UNIT_TIME, 90 * PS_PER_S, 2, "90 s"},
        {UNIT_TIME, INT64_MAX, 9, "9223372.04 s"},
        {UNIT_TIME, INT64_MIN, 1, "-9000000 s"},
        {UNIT_BYTES, 1536, 3, "1.50 KiB"},
        {UNIT_BYTES, 1000, 3, "1000 B"},
        {UNIT_FREQ, 3579545000, 3, "3.58 MHz"},
        {UNIT_FREQ, 50, 2, "0.050 Hz"},
        {UNIT_RATIO, 123400000000, 3, "12.3 %"},
        {UNIT_RATIO, 1000000000000, 3, "100 %"},
        {UNIT_RATIO, 1000000000, 3, "0.100 %"},
        {UNIT_COUNT, 1234567, 3, "1234567"},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        char text[64];
        int length = units_human(cases[i].kind, cases[i].value, cases[i].digits, text, sizeof text);
        assert_string_equal(text, cases[i].text);
        assert_int_equal(length, strlen(text));
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_unit_has_its_size),
    cmocka_unit_test(numbers_may_be_written_in_many_ways),
    cmocka_unit_test(the_last_place_is_rounded_half_to_even),
    cmocka_unit_test(the_ends_of_the_range_are_exact),
    cmocka_unit_test(bad_quantities_are_refused_with_advice),
    cmocka_unit_test(very_long_numbers_are_refused_not_cut),
    cmocka_unit_test(prints_the_shortest_form),
    cmocka_unit_test(what_is_printed_reads_back),
    cmocka_unit_test(a_short_buffer_is_not_overrun),
    cmocka_unit_test(people_get_significant_digits),
};

int main(void)
{
    return cmocka_run_group_tests_name("units", tests, NULL, NULL);
}
