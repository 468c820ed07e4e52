/* SPDX-License-Identifier: Apache-2.0 */
/* test_lanes: an order and a trace are drawn alike. */
#include <stdlib.h>

#include "tests/scratch.h"

#include "models/protocol/lanes.h"

static const lanes_turn turns[] = {
    {LANES_TRIGGER, 1, LANES_NOBODY, PS_PER_US, "CPU 1", "", "", "triggers"},
    {LANES_TAKEN, 1, LANES_NOBODY, 2 * PS_PER_US, "CPU 1", "", "", "stops"},
    {LANES_STEP, 1, 0, 5 * PS_PER_US, "CPU 1", "AP", "A2'", "calls"},
    {LANES_TAKEN, 0, LANES_NOBODY, 6 * PS_PER_US, "CPU 0", "", "", "stops"},
    {LANES_LEFT, 1, LANES_NOBODY, 7 * PS_PER_US, "CPU 1", "", "", "goes on"},
    {LANES_STEP, 0, 1, 8 * PS_PER_US, "CPU 0", "BSP", "B5", "calls"},
    {LANES_TRIGGER, 2, LANES_NOBODY, 9 * PS_PER_US, "chipset", "", "", "triggers"},
};

static char *draw(int actors, int64_t zero)
{
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    lanes *l;

    assert_non_null(to);
    l = lanes_new(to, actors, NULL, zero);
    lanes_head(l, zero);
    for (size_t i = 0; i < sizeof turns / sizeof turns[0]; i++)
        lanes_put(l, &turns[i]);
    lanes_end(l);
    assert_int_equal(fclose(to), 0);
    return text;
}

static void an_order_is_numbered(void **state)
{
    char *text = draw(2, PS_NEVER);

    (void)state;
    assert_string_equal(text, "        CPU0  CPU1  \n"
                              "    1   ·     ▼      CPU 1 triggers\n"
                              "    2   ·     ┌      CPU 1 stops\n"
                              "    3   ◄─────A2'    CPU 1 (AP) calls\n"
                              "    4   ┌     │      CPU 0 stops\n"
                              "    5   │     └      CPU 1 goes on\n"
                              "    6   B5───►·      CPU 0 (BSP) calls\n"
                              "    7   │     ·      chipset triggers\n");
    free(text);
}

/* Behind the first column but one more. */
static void a_trace_is_an_order_with_times(void **state)
{
    char *order = draw(2, PS_NEVER), *trace = draw(2, 0);
    const char *a = order, *b = trace;

    (void)state;
    assert_non_null(strstr(trace, "\n        1.000               ·     ▼"));
    assert_non_null(strstr(trace, "\n        5.000       3.000   ◄─────A2'"));
    for (; *a && *b; a += strcspn(a, "\n") + 1, b += strcspn(b, "\n") + 1)
        assert_memory_equal(a + 8, b + 28, strcspn(a, "\n") - 7);
    assert_true(*a == *b);
    free(order);
    free(trace);
}

static void columns_get_narrow_where_there_are_many(void **state)
{
    char *text = draw(12, PS_NEVER);

    (void)state;
    assert_non_null(strstr(text, "    3   ◄───A2' ·   ·   "));
    free(text);
    text = draw(20, PS_NEVER);
    assert_non_null(strstr(text, "    3   ◄─● · · "));
    assert_non_null(strstr(text, "  CPU 1 A2' (AP) calls\n"));
    free(text);
    text = draw(40, PS_NEVER);
    assert_non_null(strstr(text, "(columns for CPUs 0 to 31 only)\n"));
    free(text);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_order_is_numbered),
        cmocka_unit_test(a_trace_is_an_order_with_times),
        cmocka_unit_test(columns_get_narrow_where_there_are_many),
    };

    if (setenv("LC_ALL", "C.UTF-8", 1) != 0) /* signs, not their ASCII twins */
        return 1;
    return cmocka_run_group_tests_name("lanes", tests, NULL, NULL);
}
