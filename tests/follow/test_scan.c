/* SPDX-License-Identifier: Apache-2.0 */
/* test_scan: the stretches of a delay in which a violation shows, and how a delay is printed. */
#include "tests/rig.h"
#include "models/follow/scan.h"

static void times_are_exact_in_the_unit_that_needs_the_fewest_digits(void **state)
{
    static const struct {
        int64_t ps;
        const char *text;
    } each[] = {{0, "0"},
                {1, "1 ps"},
                {6500, "6.5 ns"},
                {-1501, "-1.501 ns"},
                {2250 * PS_PER_MS, "2.25 s"},
                {1000018728748, "1.000018728748 s"}};

    (void)state;
    for (size_t i = 0; i < sizeof each / sizeof each[0]; i++) {
        char text[40] = "";
        FILE *out = fmemopen(text, sizeof text, "w");

        assert_non_null(out);
        follow_scan_print_time(out, each[i].ps);
        assert_int_equal(fclose(out), 0);
        assert_string_equal(text, each[i].text);
    }
}

static void the_widest_stretch_is_the_window(void **state)
{
    static follow_scan s = {
        .probe =
            {{0, 0}, {10, 1}, {20, 1}, {21, 2}, {40, 1}, {100, 3}, {101, 0}, {200, 1}, {210, 1}},
        .count = 9};
    int64_t first = 0, last = 0;

    (void)state;
    assert_true(follow_scan_widest(&s, &first, &last));
    assert_int_equal(first, 40);
    assert_int_equal(last, 100);
    s.count = 1;
    assert_false(follow_scan_widest(&s, &first, &last));
}

static void stretches_come_one_after_the_other(void **state)
{
    static const follow_scan s = {.probe = {{0, 1}, {10, 0}, {20, 1}, {30, 1}}, .count = 4};
    int64_t first = -1, last = -1;
    int at = 0;

    (void)state;
    assert_true(follow_scan_next(&s, &at, &first, &last));
    assert_true(first == 0 && last == 0);
    assert_true(follow_scan_next(&s, &at, &first, &last));
    assert_true(first == 20 && last == 30);
    assert_false(follow_scan_next(&s, &at, &first, &last));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_widest_stretch_is_the_window),
        cmocka_unit_test(stretches_come_one_after_the_other),
        cmocka_unit_test(times_are_exact_in_the_unit_that_needs_the_fewest_digits),
    };

    return cmocka_run_group_tests_name("follow_scan", tests, scratch_enter, scratch_leave);
}
