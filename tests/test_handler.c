/* SPDX-License-Identifier: Apache-2.0 */
/* test_handler: what one variable service costs inside the SMI, for each service by hand. */
#include "tests/rig.h"

#define NS(n) (INT64_C(1000) * (n))

/* Dispatch 5 us, a read 3 us, a write 20 us, 1 ns for each byte that is copied; no flash. */
static void assert_handlers(const char *rows, const int64_t *driver, int count)
{
    rig g;

    rig_run(&g, rows, "flash=ram");
    assert_string_equal(g.r.stuck, "");
    assert_int_equal(g.r.rounds, count);
    for (int i = 0; i < count; i++) {
        int64_t took = g.r.round[i].handler_end - g.r.round[i].handler - NS(5000);

        if (took != driver[i])
            fail_msg("%s: SMI %d takes %lld ps, by hand %lld", rows, i, (long long)took,
                     (long long)driver[i]);
    }
    rig_free(&g);
}

static void data_that_is_copied_costs_by_the_byte(void **state)
{
    static const int64_t set_get[] = {NS(20100), NS(3100)};
    static const int64_t append[] = {NS(20100), NS(20007), NS(3107)};

    (void)state;
    assert_handlers("0,set,a,100B,,0,\n0,get,a,,,0,\n", set_get, 2);
    assert_handlers("0,set,a,100B,,0,\n0,append,a,7B,,0,\n0,get,a,,,0,\n", append, 3);
}

/* Whatever the row says: QueryVariableInfo is a small struct, a size probe has no buffer, a delete
 * has no data. */
static void services_without_data_cost_no_copy(void **state)
{
    static const int64_t query[] = {NS(3000)};
    static const int64_t probe[] = {NS(3000), NS(3100), NS(3000), NS(3100), NS(3000), NS(3100)};
    static const int64_t drop[] = {NS(20100), NS(20000), NS(3000)};

    (void)state;
    assert_handlers("0,query,a,100B,,0,\n", query, 1);
    assert_handlers("0,fread,a,100B,,0,\n", probe, 6);
    assert_handlers("0,set,a,100B,,0,\n0,delete,a,100B,,0,\n0,get,a,,,0,\n", drop, 3);
}

/* Linux asks how much room there is, writes, and asks for the new size. */
static void a_write_through_efivarfs_copies_once(void **state)
{
    static const int64_t write[] = {NS(3000), NS(20100), NS(3000)};

    (void)state;
    assert_handlers("0,fwrite,a,100B,,0,\n", write, 3);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(data_that_is_copied_costs_by_the_byte),
        cmocka_unit_test(services_without_data_cost_no_copy),
        cmocka_unit_test(a_write_through_efivarfs_copies_once),
    };

    return cmocka_run_group_tests_name("handler", tests, scratch_enter, scratch_leave);
}
