/* SPDX-License-Identifier: Apache-2.0 */
/* test_grid: lists, ranges and cross products of sweep files, and what is wrong with others. */
#include "tests/scratch.h"

#include "workloads/grid.h"

static const experiment_setting no_settings[1];

static grid *load_files(const char *const *path, int paths)
{
    const grid_source source = {path, paths, no_settings, 0};
    grid *g = NULL;
    sim_err err = {""};
    sim_status s = grid_load(&source, &g, &err);

    assert_string_equal(err.text, "");
    assert_int_equal(s, SIM_OK);
    return g;
}

static grid *load(const char *text)
{
    static const char *const path[] = {"s.csv"};
    grid *g;

    scratch_write("s.csv", text, strlen(text));
    g = load_files(path, 1);
    assert_int_equal(unlink("s.csv"), 0);
    return g;
}

/* All points as "a=1 b=2;", in one string. */
static void assert_points(const char *text, const char *expected)
{
    grid *g = load(text);
    grid_point *p = sim_alloc(1, sizeof *p);
    char got[4096] = "";
    size_t used = 0;

    for (uint64_t i = 0; i < grid_points(g); i++) {
        grid_get(g, i, p);
        for (int k = 0; k < p->count; k++)
            used += (size_t)snprintf(got + used, sizeof got - used, "%s%s=%s", k ? " " : "",
                                     p->setting[k].name, p->setting[k].value);
        used += (size_t)snprintf(got + used, sizeof got - used, ";");
        assert_true(used < sizeof got);
    }
    assert_string_equal(got, expected);
    free(p);
    grid_free(g);
}

static void assert_refused(const char *text, const char *expected)
{
    static const char *const path[] = {"s.csv"};
    static const experiment_setting set[] = {{"caller.cpu", "1", "--set"}};
    const grid_source source = {path, 1, set, 1};
    grid *g = NULL;
    sim_err err = {""};

    scratch_write("s.csv", text, strlen(text));
    assert_int_equal(grid_load(&source, &g, &err), SIM_BAD_INPUT);
    assert_null(g);
    assert_string_equal(err.text, expected);
    assert_int_equal(unlink("s.csv"), 0);
}

/* ---- what is right ---------------------------------------------------------------------- */

static void a_row_is_a_point(void **state)
{
    (void)state;
    assert_points("cpus,protocol\n2,edk2-2017\n4,edk2-head\n",
                  "cpus=2 protocol=edk2-2017;cpus=4 protocol=edk2-head;");
}

static void lists_are_crossed_and_the_last_column_is_the_fastest(void **state)
{
    (void)state;
    assert_points("cpus,smi.delivery\n2|4,unicast | broadcast\n8,hardware\n",
                  "cpus=2 smi.delivery=unicast;cpus=2 smi.delivery=broadcast;"
                  "cpus=4 smi.delivery=unicast;cpus=4 smi.delivery=broadcast;"
                  "cpus=8 smi.delivery=hardware;");
}

static void ranges_include_their_ends_if_they_are_hit(void **state)
{
    (void)state;
    assert_points("cpus\n2:64:*2\n", "cpus=2;cpus=4;cpus=8;cpus=16;cpus=32;cpus=64;");
    assert_points("cpus\n2:63:*4\n", "cpus=2;cpus=8;cpus=32;");
    assert_points("cpus\n4:9:*1.5\n", "cpus=4;cpus=6;cpus=9;");
    assert_points("sync.timeout1\n10ms:40ms:+15ms\n", "sync.timeout1=10ms;sync.timeout1=25ms;"
                                                      "sync.timeout1=40ms;");
    assert_points("sync.timeout1\n0:1s:+400ms\n", "sync.timeout1=0;sync.timeout1=400ms;"
                                                  "sync.timeout1=800ms;");
    assert_points("cpus\n4:4:+1\n", "cpus=4;");
}

static void a_list_may_hold_ranges(void **state)
{
    (void)state;
    assert_points("cpus\n1|2:8:*2|100\n", "cpus=1;cpus=2;cpus=4;cpus=8;cpus=100;");
}

static void a_distribution_is_one_value(void **state)
{
    (void)state;
    assert_points("smi.entry\n\"1us|mix(0.9:1us,0.1:exp(20us))|2us:4us:+1us\"\n",
                  "smi.entry=1us;smi.entry=mix(0.9:1us,0.1:exp(20us));smi.entry=2us;smi.entry=3us;"
                  "smi.entry=4us;");
}

static void an_empty_cell_leaves_the_parameter_alone(void **state)
{
    (void)state;
    assert_points("cpus,sync.mode\n2,\n,relaxed\n", "cpus=2;sync.mode=relaxed;");
}

static void points_of_several_files_follow_each_other(void **state)
{
    static const char *const path[] = {"a.csv", "b.csv"};
    grid_point *p = sim_alloc(1, sizeof *p);
    grid *g;

    (void)state;
    scratch_write("a.csv", "cpus\n2|4\n", 9);
    scratch_write("b.csv", "# why\nsync.mode,cpus\nrelaxed,8\n", 31);
    g = load_files(path, 2);
    assert_int_equal(grid_points(g), 3);
    assert_int_equal(grid_columns(g), 2);
    assert_string_equal(grid_name(g, 0), "cpus");
    assert_string_equal(grid_name(g, 1), "sync.mode");
    grid_get(g, 2, p);
    assert_int_equal(p->count, 2);
    assert_string_equal(p->setting[1].name, "cpus");
    assert_string_equal(p->setting[1].value, "8");
    assert_string_equal(p->setting[1].place, "b.csv:3:2");
    assert_string_equal(p->row, "b.csv:3");
    grid_free(g);
    free(p);
    assert_int_equal(unlink("a.csv") | unlink("b.csv"), 0);
}

static void a_billion_points_cost_no_memory(void **state)
{
    grid *g = load("run.limit,pause,timer.read\n1us:1000us:+1us,1ns:1000ns:+1ns,1ns:1us:+1ns\n");
    grid_point *p = sim_alloc(1, sizeof *p);

    (void)state;
    assert_int_equal(grid_points(g), 1000000000);
    grid_get(g, 123456789, p);
    assert_string_equal(p->setting[0].value, "124us");
    assert_string_equal(p->setting[1].value, "457ns");
    assert_string_equal(p->setting[2].value, "790ns");
    free(p);
    grid_free(g);
}

static void a_blank_row_of_a_spreadsheet_is_no_point(void **state)
{
    (void)state;
    assert_points("cpus,smi.delivery\r\n2,unicast\r\n,\r\n4,unicast\r\n,,,\r\n",
                  "cpus=2 smi.delivery=unicast;cpus=4 smi.delivery=unicast;");
}

static void sets_of_cpus_have_colons_of_their_own(void **state)
{
    (void)state;
    assert_points("cpus,cpus.blocked\n4,\"none|last:1|cpu:1,2\"\n",
                  "cpus=4 cpus.blocked=none;cpus=4 cpus.blocked=last:1;cpus=4 "
                  "cpus.blocked=cpu:1,2;");
}

/* ---- what is wrong ---------------------------------------------------------------------- */

static void wrong_columns_are_refused_by_name(void **state)
{
    (void)state;
    assert_refused("cpu\n2\n", "s.csv:1:1: unknown parameter \"cpu\" (did you mean \"cpus\"?)");
    assert_refused("cpus.excused\n2\n",
                   "s.csv:1:1: \"cpus.excused\" is called \"sync.smm_registers\"");
    assert_refused("cpus,caller.cpu\n2,1\n",
                   "s.csv:1:2: caller.cpu is set by --set, too (once only)");
    assert_refused("cpus,cpus\n2,1\n",
                   "s.csv:1:2: duplicate column \"cpus\" (column 1 has this name)");
    assert_refused("cpus\n", "s.csv:1:1: no points (at least one row below the header)");
}

static void wrong_ranges_are_refused_with_what_would_be_right(void **state)
{
    static const struct {
        const char *cell, *what;
    } list[] = {
        {"2:64", "\"2:64\": no range (FROM:TO:*FACTOR or FROM:TO:+STEP)"},
        {"2:64:2", "\"2:64:2\": no range (FROM:TO:*FACTOR or FROM:TO:+STEP)"},
        {"2:64:*1", "\"2:64:*1\": the factor is not above 1"},
        {"2:64:*1.1", "\"2:64:*1.1\": the factor is too small to reach the next value"},
        {"0:64:*2", "\"0:64:*2\": a range with a factor begins above 0 (or use a step, "
                    "FROM:TO:+STEP)"},
        {"64:2:*2", "\"64:2:*2\": the range is empty (FROM is above TO)"},
        {"2:64:+0", "\"2:64:+0\": the step is not above 0"},
        {"1:9000000:+1", "\"1:9000000:+1\": more than 1000000 values (a larger step)"},
        {"1:1e6:*1.0005", "\"1:1e6:*1.0005\": the factor is too small to reach the next value"},
        {"2||4", "an empty value in a list (leave out the '|', or write the value)"},
        {"2|", "an empty value in a list (leave out the '|', or write the value)"},
        {"|", "an empty value in a list (leave out the '|', or write the value)"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++) {
        char text[100], expected[200];

        (void)snprintf(text, sizeof text, "sync.mode,cpus\nrelaxed,%s\n", list[i].cell);
        (void)snprintf(expected, sizeof expected, "s.csv:2:2: cpus: %s", list[i].what);
        assert_refused(text, expected);
    }
    assert_refused("sync.timeout1\n1ns:1h:*1.0005\n",
                   "s.csv:2:1: sync.timeout1: \"1ns:1h:*1.0005\": more than 10000 values (a larger "
                   "factor)");
    assert_refused("sync.mode\na:b:+1\n",
                   "s.csv:2:1: sync.mode: \"a:b:+1\": has no ranges (a list, such as a|b)");
    assert_refused("cpus,cpus.possible,bsp.boot_cpu\n1:1e6:+1,1:1e6:+1,1:10:+1\n",
                   "s.csv:2:3: too many points (at most 1000000000000 in all)");
}

static void units_of_ranges_are_checked(void **state)
{
    grid *g = NULL;
    static const char *const path[] = {"s.csv"};
    const grid_source source = {path, 1, no_settings, 0};
    sim_err err;

    (void)state;
    scratch_write("s.csv", "sync.timeout1\n10:20ms:+1ms\n", 27);
    assert_int_equal(grid_load(&source, &g, &err), SIM_BAD_INPUT);
    assert_non_null(strstr(err.text, "s.csv:2:1: sync.timeout1: \"10:20ms:+1ms\": "));
    assert_int_equal(unlink("s.csv"), 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_is_a_point),
        cmocka_unit_test(lists_are_crossed_and_the_last_column_is_the_fastest),
        cmocka_unit_test(ranges_include_their_ends_if_they_are_hit),
        cmocka_unit_test(a_list_may_hold_ranges),
        cmocka_unit_test(a_distribution_is_one_value),
        cmocka_unit_test(an_empty_cell_leaves_the_parameter_alone),
        cmocka_unit_test(points_of_several_files_follow_each_other),
        cmocka_unit_test(a_billion_points_cost_no_memory),
        cmocka_unit_test(a_blank_row_of_a_spreadsheet_is_no_point),
        cmocka_unit_test(sets_of_cpus_have_colons_of_their_own),
        cmocka_unit_test(wrong_columns_are_refused_by_name),
        cmocka_unit_test(wrong_ranges_are_refused_with_what_would_be_right),
        cmocka_unit_test(units_of_ranges_are_checked),
    };

    return cmocka_run_group_tests_name("grid", tests, scratch_enter, scratch_leave);
}
