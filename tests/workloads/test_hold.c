/* SPDX-License-Identifier: Apache-2.0 */
/* test_hold: one vCPU held around an SMI: the model against what was measured. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "models/machine/machine.h"
#include "sim/lib/csv.h"
#include "sim/lib/units.h"
#include "tests/watch.h"
#include "workloads/experiment.h"

enum { REPETITIONS = 200, CASE_ROWS_MAX = 3, REPEATS_MAX = 100 };
static const int64_t tolerance = 2 * PS_PER_MS;

/* A row was measured once (hold_visits.csv), and many times more (hold_repeats.csv). Every
 * simulated edge is near the median of the latter; ONCE_LATE: an exit that was milliseconds later
 * at first. */
typedef enum { NEAR_BOTH, ONCE_LATE } first_time;

typedef struct {
    visit_role role;
    visit_via via;
    int timeout1, timeout2;
    first_time leave;
} expected_visit;

/* In the order of the rows of tests/data/hold_visits.csv. */
typedef struct {
    const char *name;
    trigger_outcome outcome;
    uint64_t directed;
    expected_visit visit[CASE_ROWS_MAX];
} expected_case;

static const expected_case expected[] = {
    /* The AP comes in time; both leave when the barriers are through. */
    {"ap-95",
     TRIGGER_SERVED,
     0,
     {{VISIT_BSP, VIA_TRIGGER, 0, 0, NEAR_BOTH}, {VISIT_AP, VIA_TRIGGER, 0, 0, NEAR_BOTH}}},
    {"ap-500",
     TRIGGER_SERVED,
     0,
     {{VISIT_BSP, VIA_TRIGGER, 0, 0, NEAR_BOTH}, {VISIT_AP, VIA_TRIGGER, 0, 0, NEAR_BOTH}}},
    /* The first time: out 8.7 and 9.8 ms after the AP came. */
    {"ap-906",
     TRIGGER_SERVED,
     0,
     {{VISIT_BSP, VIA_TRIGGER, 0, 0, ONCE_LATE}, {VISIT_AP, VIA_TRIGGER, 0, 0, ONCE_LATE}}},
    /* Later than T: a directed SMI, swallowed by the pending one, and the second wait. */
    {"ap-1200",
     TRIGGER_SERVED,
     1,
     {{VISIT_BSP, VIA_TRIGGER, 1, 0, NEAR_BOTH}, {VISIT_AP, VIA_TRIGGER, 0, 0, NEAR_BOTH}}},
    /* Later than T + T: the BSP has gone; the AP comes alone and waits T. */
    {"ap-2300",
     TRIGGER_SERVED,
     1,
     {{VISIT_BSP, VIA_TRIGGER, 1, 1, NEAR_BOTH}, {VISIT_ABANDONED, VIA_TRIGGER, 1, 0, NEAR_BOTH}}},
    /* The BSP comes in time. The first time: the AP is out 7.3 ms after it. */
    {"bsp-902",
     TRIGGER_SERVED,
     0,
     {{VISIT_BSP, VIA_TRIGGER, 0, 0, NEAR_BOTH}, {VISIT_AP, VIA_TRIGGER, 0, 0, ONCE_LATE}}},
    /* Later than T: the AP has gone. The BSP waits T, brings it in again, and the SMI is served.
     * The first time the AP is out 7.3 and 3.4 ms after the BSP. */
    {"bsp-1200",
     TRIGGER_LATE,
     1,
     {{VISIT_ABANDONED, VIA_TRIGGER, 1, 0, NEAR_BOTH},
      {VISIT_BSP, VIA_TRIGGER, 1, 0, NEAR_BOTH},
      {VISIT_AP, VIA_DIRECTED, 0, 0, ONCE_LATE}}},
    {"bsp-1500",
     TRIGGER_LATE,
     1,
     {{VISIT_ABANDONED, VIA_TRIGGER, 1, 0, NEAR_BOTH},
      {VISIT_BSP, VIA_TRIGGER, 1, 0, NEAR_BOTH},
      {VISIT_AP, VIA_DIRECTED, 0, 0, ONCE_LATE}}},
};

/* ---- what was measured ------------------------------------------------------------------ */

typedef struct {
    int64_t enter, leave; /* after the port write */
    int cpu;
    int nth; /* visit of this CPU */
} measured_visit;

typedef struct {
    measured_visit visit[CASE_ROWS_MAX];
    int visits;
    int trigger, held;
    int64_t from, to; /* the hold, relative to the port write */
} measured_case;

enum { COL_CASE, COL_TRIGGER, COL_HELD, COL_FROM, COL_TO, COL_CPU, COL_ENTER, COL_LEAVE, COLUMNS };

static int64_t milliseconds(const csv_table *t, int row, int column)
{
    char text[64];
    int64_t value;
    sim_err err;

    (void)snprintf(text, sizeof text, "%sms", csv_field(t, row, column));
    assert_int_equal(units_parse(UNIT_TIME, text, &value, &err), SIM_OK);
    return value;
}

static void read_visit(const csv_table *t, int row, const int at[COLUMNS], measured_case *out)
{
    measured_visit *v = &out->visit[out->visits];

    assert_in_range(out->visits, 0, CASE_ROWS_MAX - 1);
    out->trigger = *csv_field(t, row, at[COL_TRIGGER]) - '0';
    out->held = *csv_field(t, row, at[COL_HELD]) - '0';
    out->from = milliseconds(t, row, at[COL_FROM]);
    out->to = milliseconds(t, row, at[COL_TO]);
    v->cpu = *csv_field(t, row, at[COL_CPU]) - '0';
    v->enter = milliseconds(t, row, at[COL_ENTER]);
    v->leave = milliseconds(t, row, at[COL_LEAVE]);
    v->nth = 0;
    for (int i = 0; i < out->visits; i++)
        v->nth += out->visit[i].cpu == v->cpu;
    out->visits++;
}

static void read_case(const char *name, measured_case *out)
{
    static const char *const columns[] = {"case",         "trigger_cpu", "held_cpu",
                                          "held_from_ms", "held_to_ms",  "cpu",
                                          "enter_ms",     "leave_ms",    NULL};
    csv_table *table;
    int at[COLUMNS];
    sim_err err;

    memset(out, 0, sizeof *out);
    assert_int_equal(csv_read("tests/data/hold_visits.csv", &table, &err), SIM_OK);
    assert_int_equal(csv_map(table, columns, NULL, at, &err), SIM_OK);
    for (int row = 0; row < csv_rows(table); row++)
        if (strcmp(csv_field(table, row, at[COL_CASE]), name) == 0)
            read_visit(table, row, at, out);
    csv_free_table(table);
    assert_true(out->visits >= 2);
}

/* One edge of a row in all repeated measurements: after the first CPU's entry. */
typedef struct {
    int64_t at[REPEATS_MAX];
    int count;
} repeated;

typedef struct {
    repeated enter[CASE_ROWS_MAX], leave[CASE_ROWS_MAX];
    int stolen[REPEATS_MAX]; /* the machine beneath the host took some of its time meanwhile */
} repeats;

static void add_repeat(repeated *edge, int64_t at)
{
    assert_in_range(edge->count, 0, REPEATS_MAX - 1);
    edge->at[edge->count++] = at;
}

/* Each repetition has the visits of the row and no other. */
static void read_repeats(const char *name, const measured_case *c, repeats *out)
{
    static const char *const columns[] = {"case",     "repetition",    "cpu", "enter_ms",
                                          "leave_ms", "steal_percent", NULL};
    csv_table *table;
    const char *last = "";
    int at[6];
    int nth[2] = {0, 0};
    int rows = 0;
    sim_err err;

    memset(out, 0, sizeof *out);
    assert_int_equal(csv_read("tests/data/hold_repeats.csv", &table, &err), SIM_OK);
    assert_int_equal(csv_map(table, columns, NULL, at, &err), SIM_OK);
    for (int row = 0; row < csv_rows(table); row++) {
        int cpu = *csv_field(table, row, at[2]) - '0';
        int i = 0;

        if (strcmp(csv_field(table, row, at[0]), name) != 0)
            continue;
        if (strcmp(last, csv_field(table, row, at[1])) != 0)
            nth[0] = nth[1] = 0;
        last = csv_field(table, row, at[1]);
        while (i < c->visits && (c->visit[i].cpu != cpu || c->visit[i].nth != nth[cpu]))
            i++;
        assert_in_range(i, 0, c->visits - 1);
        out->stolen[out->enter[i].count] = strcmp(csv_field(table, row, at[5]), "0.0") != 0;
        add_repeat(&out->enter[i], milliseconds(table, row, at[3]));
        add_repeat(&out->leave[i], milliseconds(table, row, at[4]));
        nth[cpu]++;
        rows++;
    }
    csv_free_table(table);
    assert_int_equal(rows, c->visits * out->enter[0].count);
}

static int compare_times(const void *a, const void *b)
{
    const int64_t *x = a;
    const int64_t *y = b;

    return (*x > *y) - (*x < *y);
}

/* Of the repetitions during which the host lost no time. */
static int64_t median(const repeated *edge, const int stolen[REPEATS_MAX])
{
    int64_t at[REPEATS_MAX];
    int count = 0;

    for (int k = 0; k < edge->count; k++)
        if (!stolen[k])
            at[count++] = edge->at[k];
    assert_in_range(count, 8, REPEATS_MAX);
    qsort(at, (size_t)count, sizeof *at, compare_times);
    return at[count / 2];
}

/* ---- the same in the simulator ---------------------------------------------------------- */

static void write_workload(const measured_case *c, char path[64])
{
    FILE *f;
    int fd;

    (void)snprintf(path, 64, "/tmp/smmsim_hold_XXXXXX.csv");
    fd = mkstemps(path, 4);
    f = fd < 0 ? NULL : fdopen(fd, "w");
    assert_non_null(f);
    assert_true(fprintf(f,
                        "thread,op,name,bytes,think,cpu,repeat\n"
                        "0,hold,%lldps,,0,%d,\n"
                        "1,smi,,,%lldps,%d,\n",
                        (long long)(c->to - c->from), c->held, (long long)-c->from,
                        c->trigger) > 0);
    assert_int_equal(fclose(f), 0);
}

static void load(const measured_case *c, experiment *e)
{
    char path[64];
    const experiment_setting settings[] = {{"platform", "qemu-tcg-ovmf", "test"},
                                           {"protocol", "edk2-202211", "test"},
                                           {"smi.delivery", "broadcast", "test"},
                                           {"cpus", "2", "test"},
                                           {"workload", path, "test"}};
    sim_err err = {0};

    write_workload(c, path);
    if (experiment_load(settings, 5, e, &err) != SIM_OK)
        fail_msg("%s", err.text);
    assert_int_equal(unlink(path), 0);
}

static const visit_record *find_visit(const run_record *r, const measured_visit *v)
{
    int nth = v->nth;

    for (uint64_t i = 0; i < r->visits; i++)
        if (r->visit[i].cpu == v->cpu && nth-- == 0)
            return &r->visit[i];
    fail_msg("cpu %d: visit %d is missing", v->cpu, v->nth);
    return NULL;
}

static int near(int64_t a, int64_t b)
{
    return a - b <= tolerance && b - a <= tolerance;
}

static int64_t distance(int64_t a, int64_t b)
{
    return a > b ? a - b : b - a;
}

/* What all rows together show. */
typedef struct {
    int edges, near_first; /* edges of the rows; those near the first measurement, always */
    int repeats[2];   /* measured again of the late exits: while nothing was stolen, and else */
    int as_late[2];   /* of these, as late as the first time */
    int64_t farthest; /* simulated edge from the median of the repeats */
} tally;

/* One edge of one repetition, against the first measurement and the median of the others. */
static int check_edge(int64_t at, int64_t first, int64_t again, tally *sum)
{
    int64_t off = distance(at, again);

    assert_true(near(at, again));
    if (off > sum->farthest)
        sum->farthest = off;
    return near(at, first);
}

typedef struct {
    int64_t enter[CASE_ROWS_MAX], leave[CASE_ROWS_MAX];
} medians;

static void check_run(const run_record *r, const expected_case *want, const measured_case *got,
                      const medians *again, tally *sum)
{
    int64_t zero = r->trigger[0].at[AT_PORT_WRITE];

    assert_string_equal(r->stuck, "");
    assert_int_equal(r->triggers, 1);
    assert_int_equal(r->trigger[0].outcome, want->outcome);
    assert_int_equal(r->count.directed, want->directed);
    assert_int_equal(r->visits, got->visits);
    for (int i = 0; i < got->visits; i++) {
        const measured_visit *first = &got->visit[i];
        const visit_record *v = find_visit(r, first);
        const expected_visit *w = &want->visit[i];

        assert_int_equal(v->role, w->role);
        assert_int_equal(v->via, w->via);
        assert_int_equal(v->timeout1, w->timeout1);
        assert_int_equal(v->timeout2, w->timeout2);
        assert_true(check_edge(v->entered - zero, first->enter, again->enter[i], sum));
        assert_int_equal(check_edge(v->left - zero, first->leave, again->leave[i], sum),
                         w->leave == NEAR_BOTH);
    }
}

/* How many repetitions came out so late after the last entry as the first one did. */
static void count_late(const measured_case *got, const repeats *all, int i, tally *sum)
{
    const measured_visit *v = got->visit;
    int last = 0;

    for (int k = 1; k < got->visits; k++)
        if (v[k].enter > v[last].enter)
            last = k;
    for (int k = 0; k < all->leave[i].count; k++) {
        int64_t late = all->leave[i].at[k] - all->enter[last].at[k];

        sum->repeats[all->stolen[k]]++;
        sum->as_late[all->stolen[k]] += late >= v[i].leave - v[last].enter;
    }
}

static void check_case(const expected_case *want, tally *sum)
{
    static repeats all;
    measured_case got;
    medians again;
    experiment e;
    machine *m;
    run_record r;
    watch w;

    read_case(want->name, &got);
    read_repeats(want->name, &got, &all);
    for (int i = 0; i < got.visits; i++) {
        sum->edges += 2;
        sum->near_first += 1 + (want->visit[i].leave == NEAR_BOTH);
        if (want->visit[i].leave == ONCE_LATE)
            count_late(&got, &all, i, sum);
        again.enter[i] = median(&all.enter[i], all.stolen);
        again.leave[i] = median(&all.leave[i], all.stolen);
    }
    load(&got, &e);
    m = machine_new(&e.setup);
    record_init(&r);
    for (uint32_t rep = 0; rep < REPETITIONS; rep++) {
        machine_run(m, 1, rep, &r, watch_on(&w, &e.setup));
        assert_string_equal(watch_off(&w), "");
        check_run(&r, want, &got, &again, sum);
    }
    record_free(&r);
    machine_free(m);
    experiment_free(&e);
}

static void check_named(const char *name)
{
    const expected_case *want = expected;
    tally sum = {0};

    while (strcmp(want->name, name) != 0)
        want++;
    check_case(want, &sum);
}

static void ap_late_by_95_ms_is_waited_for(void **state)
{
    (void)state;
    check_named("ap-95");
}

static void ap_late_by_500_ms_is_waited_for(void **state)
{
    (void)state;
    check_named("ap-500");
}

static void ap_late_by_906_ms_is_waited_for(void **state)
{
    (void)state;
    check_named("ap-906");
}

static void ap_later_than_timeout_1_gets_a_directed_smi_and_is_waited_for(void **state)
{
    (void)state;
    check_named("ap-1200");
}

static void ap_later_than_both_timeouts_is_left_and_later_sits_one_alone(void **state)
{
    (void)state;
    check_named("ap-2300");
}

static void bsp_late_by_902_ms_is_waited_for(void **state)
{
    (void)state;
    check_named("bsp-902");
}

static void bsp_later_than_timeout_1_finds_nobody_and_calls_the_ap_again(void **state)
{
    (void)state;
    check_named("bsp-1200");
}

static void bsp_late_by_1500_ms_finds_nobody_and_calls_the_ap_again(void **state)
{
    (void)state;
    check_named("bsp-1500");
}

/* All rows together, in words for `make regress`. */
static void every_edge_is_near_the_median_of_its_measurements(void **state)
{
    tally sum = {0};

    (void)state;
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
        check_case(&expected[i], &sum);
    print_message(
        "held CPUs: %d edges, in each of %d repetitions within 2 ms of the median measured "
        "while the host lost no time (at most %d us off)\n",
        sum.edges, REPETITIONS, (int)(sum.farthest / PS_PER_US));
    print_message(
        "held CPUs: %d of them are also within 2 ms of the first measurement; its other %d "
        "exits came ms later\n",
        sum.near_first, sum.edges - sum.near_first);
    print_message("held CPUs: measured again, these came as late in %d of %d cases while the host "
                  "lost no time, and in %d of %d while it did\n",
                  sum.as_late[0], sum.repeats[0], sum.as_late[1], sum.repeats[1]);
    assert_int_equal(sum.edges, 36);
    assert_int_equal(sum.near_first, 31);
    assert_true(sum.as_late[0] * 20 < sum.repeats[0]); /* not what the CPUs do: the host */
    assert_true(sum.as_late[1] * 5 > sum.repeats[1]);
}

/* ---- vCPUs that share a host core ------------------------------------------------------- */

/* 50 single SMIs on an idle machine of two CPUs. */
static void run_singles(const char *shared, run_record *r)
{
    const experiment_setting settings[] = {{"platform", "qemu-tcg-ovmf", "test"},
                                           {"workload", "smi-single", "test"},
                                           {"protocol", "edk2-202211", "test"},
                                           {"smi.delivery", "broadcast", "test"},
                                           {"host.shared", shared, "test"}};
    experiment e;
    machine *m;
    watch w;
    sim_err err;

    assert_int_equal(experiment_load(settings, 5, &e, &err), SIM_OK);
    m = machine_new(&e.setup);
    record_init(r);
    machine_run(m, 1, 0, r, watch_on(&w, &e.setup));
    assert_string_equal(watch_off(&w), "");
    assert_string_equal(r->stuck, "");
    assert_int_equal(r->count.served, 50);
    assert_int_equal(r->visits, 100);
    machine_free(m);
    experiment_free(&e);
}

static void no_cpu_waits_for_a_tick_where_each_has_a_host_core(void **state)
{
    run_record r;

    (void)state;
    run_singles("0", &r);
    for (uint64_t i = 0; i < r.visits; i++)
        assert_true(r.visit[i].left - r.visit[i].entered < PS_PER_MS);
    record_free(&r);
}

/* Measured in 100 SMIs: the late CPU comes at a host tick, and the BSP is out up to 32 ms after it,
 * whole ticks and less than 1 ms; but the AP is never out more than 0.95 ms after a BSP that has
 * nothing else to do. */
static void shared_cores_cost_whole_ticks_until_the_bsp_halts(void **state)
{
    int64_t longest = 0;
    run_record r;

    (void)state;
    run_singles("1", &r);
    for (uint64_t i = 0; i < r.visits; i += 2) {
        const visit_record *bsp = &r.visit[r.visit[i].cpu == 0 ? i : i + 1];
        const visit_record *ap = &r.visit[r.visit[i].cpu == 0 ? i + 1 : i];

        int64_t last_in = bsp->entered > ap->entered ? bsp->entered : ap->entered;

        assert_int_equal(bsp->round, ap->round);
        assert_true((bsp->left - last_in) % (4 * PS_PER_MS) < PS_PER_MS);
        assert_true(ap->left - bsp->left < PS_PER_MS);
        if (bsp->left - bsp->entered > longest)
            longest = bsp->left - bsp->entered;
    }
    assert_true(longest > 8 * PS_PER_MS);
    record_free(&r);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(ap_late_by_95_ms_is_waited_for),
        cmocka_unit_test(ap_late_by_500_ms_is_waited_for),
        cmocka_unit_test(ap_late_by_906_ms_is_waited_for),
        cmocka_unit_test(ap_later_than_timeout_1_gets_a_directed_smi_and_is_waited_for),
        cmocka_unit_test(ap_later_than_both_timeouts_is_left_and_later_sits_one_alone),
        cmocka_unit_test(bsp_late_by_902_ms_is_waited_for),
        cmocka_unit_test(bsp_later_than_timeout_1_finds_nobody_and_calls_the_ap_again),
        cmocka_unit_test(bsp_late_by_1500_ms_finds_nobody_and_calls_the_ap_again),
        cmocka_unit_test(every_edge_is_near_the_median_of_its_measurements),
        cmocka_unit_test(no_cpu_waits_for_a_tick_where_each_has_a_host_core),
        cmocka_unit_test(shared_cores_cost_whole_ticks_until_the_bsp_halts),
    };

    return cmocka_run_group_tests_name("hold", tests, NULL, NULL);
}
