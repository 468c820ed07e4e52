/* SPDX-License-Identifier: Apache-2.0 */
/* test_scan: how a delay is printed. */
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

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_exact_in_the_unit_that_needs_the_fewest_digits),
    };

    return cmocka_run_group_tests_name("follow_scan", tests, scratch_enter, scratch_leave);
}
