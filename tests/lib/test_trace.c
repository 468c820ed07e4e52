/* SPDX-License-Identifier: Apache-2.0 */
/* test_trace: the Trace Event file keeps its format's rules, and the traces show what happened. */
#include "sim/lib/trace.h"
#include "tests/json.h"
#include "tests/rig.h"
#include "sim/cli/trace_run.h"
#include "sim/cli/trace_text.h"

#define US(n) (INT64_C(1000000) * (n))

/* ---- the writer ------------------------------------------------------------------------- */

static void slice(trace *t, uint32_t track, int64_t begin, int64_t end)
{
    trace_slice(t, (trace_place){1, track}, &(trace_span){begin, end, "s", NULL});
}

static char *read_all(const char *path)
{
    size_t room = 1 << 16;
    size_t used = 0;
    char *text = malloc(room);
    FILE *f = fopen(path, "rb");

    assert_non_null(f);
    for (size_t n = 1; n > 0; used += n) {
        if (room - used < 4096)
            text = realloc(text, room *= 2);
        assert_non_null(text);
        n = fread(text + used, 1, room - used - 1, f);
    }
    text[used] = '\0';
    assert_int_equal(fclose(f), 0);
    assert_int_equal(unlink(path), 0);
    return text;
}

static sim_status save(const trace *t, const char *path, sim_err *err)
{
    outfile *to;
    const sim_status s = outfile_create(path, &to, err);

    return s == SIM_OK ? trace_save(t, to, err) : s;
}

static void test_writes_each_kind_of_event_as_one_line(void **state)
{
    trace *t = trace_new();
    sim_err err;

    (void)state;
    trace_arrow(t, "a", (trace_point){{1, 2}, US(2)}, (trace_point){{1, 3}, US(3)});
    trace_counter(t, "c", (trace_point){{1, 9}, 1}, 7);
    trace_slice(t, (trace_place){1, 2}, &(trace_span){US(1), US(3) + 1, "x", "why"});
    slice(t, 3, US(3), US(4));
    trace_name_track(t, (trace_place){1, 2}, "CPU 1");
    trace_name_group(t, 1, "run");
    assert_int_equal(save(t, "t.json", &err), SIM_OK);
    scratch_assert(
        "t.json",
        "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n"
        "{\"ph\":\"M\",\"pid\":1,\"tid\":0,\"name\":\"process_name\",\"args\":{\"name\":\"run\"}},"
        "\n"
        "{\"ph\":\"C\",\"pid\":1,\"tid\":0,\"ts\":0.000001,\"name\":\"c\",\"args\":{\"count\":7}},"
        "\n"
        "{\"ph\":\"M\",\"pid\":1,\"tid\":2,\"name\":\"thread_name\",\"args\":{\"name\":\"CPU "
        "1\"}},\n"
        "{\"ph\":\"X\",\"pid\":1,\"tid\":2,\"ts\":1.000000,\"name\":\"x\",\"dur\":2.000001,"
        "\"args\":{\"what\":\"why\"}},\n"
        "{\"ph\":\"s\",\"pid\":1,\"tid\":2,\"ts\":2.000000,\"name\":\"a\",\"cat\":\"arrow\","
        "\"id\":1},\n"
        "{\"ph\":\"X\",\"pid\":1,\"tid\":3,\"ts\":3.000000,\"name\":\"s\",\"dur\":1.000000},\n"
        "{\"ph\":\"f\",\"pid\":1,\"tid\":3,\"ts\":3.000000,\"name\":\"a\",\"cat\":\"arrow\","
        "\"id\":1,\"bp\":\"e\"}\n]}\n");
    assert_int_equal(unlink("t.json"), 0);
    trace_free(t);
}

static void test_an_outer_slice_stands_before_the_inner_ones(void **state)
{
    static const int64_t expected[] = {9, 9, 4, 0};
    trace *t = trace_new();
    json_event *events;
    uint32_t count;
    char *text;
    sim_err err;

    (void)state;
    slice(t, 1, US(1), US(5)); /* in this order: they are added as they end */
    trace_slice(t, (trace_place){1, 1}, &(trace_span){US(1), US(10), "inner", NULL});
    trace_slice(t, (trace_place){1, 1}, &(trace_span){US(1), US(10), "outer", NULL});
    slice(t, 1, US(1), US(1));
    assert_int_equal(save(t, "t.json", &err), SIM_OK);
    text = read_all("t.json");
    events = json_read(text, &count);
    assert_int_equal(count, 4);
    for (uint32_t i = 0; i < count; i++)
        assert_int_equal(events[i].dur, US(expected[i]));
    assert_string_equal(events[0].name, "outer");
    free(events);
    free(text);
    trace_free(t);
}

static void test_names_may_hold_quotes_and_control_characters(void **state)
{
    trace *t = trace_new();
    sim_err err;
    uint32_t count;
    char *text;

    (void)state;
    trace_name_group(t, 1, "a\"b\\c\nµ");
    assert_int_equal(save(t, "t.json", &err), SIM_OK);
    text = read_all("t.json");
    assert_non_null(strstr(text, "\"a\\\"b\\\\c\\u000aµ\""));
    free(json_read(text, &count));
    free(text);
    trace_free(t);
}

static void test_a_file_that_cannot_be_written_is_said(void **state)
{
    trace *t = trace_new();
    sim_err err;

    (void)state;
    assert_int_equal(save(t, "none/t.json", &err), SIM_SYSTEM);
    assert_string_equal(err.text, "none/t.json: No such file or directory");
    for (int i = 0; i < 1000; i++)
        slice(t, 1, i, i + 1);
    assert_int_equal(save(t, "/dev/full", &err), SIM_SYSTEM);
    assert_string_equal(err.text, "/dev/full: No space left on device");
    trace_free(t);
}

/* ---- traces of runs --------------------------------------------------------------------- */

typedef struct {
    const char *rows, *settings;
    trace_choice choice;
    int64_t repetitions;
} traced;

/* Runs, traces into "t" + form, and gives its text; g keeps the record of the last repetition. */
static char *run_traced(rig *g, const traced *what)
{
    trace_choice choice = what->choice;
    trace_run *t;
    sim_err err = {""};

    rig_load(g, what->rows, what->settings);
    if (strcmp(choice.path, "-") != 0)
        assert_int_equal(outfile_create(choice.path, &choice.to, &err), SIM_OK);
    t = trace_run_new(&choice, &g->e.setup);
    for (uint32_t i = 0; i < what->repetitions; i++) {
        rig_again(g, 1, i, NULL);
        trace_run_add(t, i, &g->r);
    }
    if (trace_run_write(t, g->m, 1, &err) != SIM_OK)
        fail_msg("%s", err.text);
    trace_run_free(t);
    return read_all(what->choice.path);
}

enum { TRACKS = 64 };

/* What the format asks for, and what viewers rely on. */
static void check_events(const json_event *events, uint32_t count, uint32_t arrows)
{
    int64_t last[TRACKS] = {0};
    int64_t end[TRACKS][8]; /* of the slices that are open */
    int depth[TRACKS] = {0};
    int64_t *begun = calloc(count + 1, sizeof *begun);
    uint32_t ends = 0;

    assert_non_null(begun);
    for (uint32_t i = 0; i < count; i++) {
        const json_event *e = &events[i];
        uint32_t track = e->tid;

        assert_non_null(strchr("MXsfC", e->ph));
        assert_true(e->pid > 0 && track < TRACKS);
        assert_true(e->name[0] != '\0');
        if (i > 0 && e->pid != events[i - 1].pid) { /* another repetition: all tracks are new */
            memset(last, 0, sizeof last);
            memset(depth, 0, sizeof depth);
        }
        if (e->ph == 'M')
            continue;
        assert_true(e->ts >= last[track]);
        last[track] = e->ts;
        while (depth[track] > 0 && end[track][depth[track] - 1] < e->ts)
            depth[track]--;
        if (e->ph == 'X') {
            while (depth[track] > 0 && end[track][depth[track] - 1] == e->ts && e->dur > 0)
                depth[track]--;
            assert_true(e->dur >= 0 && depth[track] < 8);
            if (depth[track] > 0)
                assert_true(e->ts + e->dur <= end[track][depth[track] - 1]);
            end[track][depth[track]++] = e->ts + e->dur;
        }
        if (e->ph == 's' || e->ph == 'f') {
            assert_true(depth[track] > 0); /* an arrow hangs on a slice */
            assert_true(e->id > 0 && e->id <= arrows);
            begun[e->id] += e->ph == 's' ? 1 : 1000000;
            ends++;
        }
        if (e->ph == 'C')
            assert_true(e->count >= 0);
    }
    assert_int_equal(ends, 2 * arrows);
    for (uint32_t i = 1; i <= arrows; i++)
        assert_int_equal(begun[i], 1000001);
    free(begun);
}

static uint32_t count_events(const json_event *events, uint32_t count, char ph, const char *name)
{
    uint32_t found = 0;

    for (uint32_t i = 0; i < count; i++)
        found += events[i].ph == ph && (!name || strcmp(events[i].name, name) == 0);
    return found;
}

/* `directed`: arrows of directed SMIs, or ANY. */
enum { ANY = 1000 };
static void check_trace(const traced *what, uint32_t directed)
{
    rig g;
    char *text = run_traced(&g, what);
    uint32_t count;
    json_event *events = json_read(text, &count);

    check_events(events, count, count_events(events, count, 's', NULL));
    if (directed != ANY)
        assert_int_equal(count_events(events, count, 's', "directed SMI"), directed);
    assert_true(count_events(events, count, 'X', NULL) > 20);
    assert_true(count_events(events, count, 'C', "CPUs in SMM") >= 2);
    free(events);
    free(text);
    rig_free(&g);
}

static void test_a_trace_keeps_the_rules_of_its_format(void **state)
{
    (void)state;
    check_trace(&(traced){"0,smi,,,,0,\n", "cpus=2", {"t.json", 3, 0, NULL}, 1}, 0);
    check_trace(&(traced){"0,smi,,,,0,\n",
                          "cpus=9 smi.delivery=hardware firmware=stock sync.mtrr=on tie=permute",
                          {"t.json", 3, 0, NULL},
                          2},
                0);
    check_trace(&(traced){"0,smi,,,,1,3\n",
                          "cpus=4 smi.delivery=unicast protocol=edk2-2017 sync.timeout1=20us",
                          {"t.json", 2, 0, NULL},
                          1},
                2);
    check_trace(&(traced){"each,smi,,,exp(20us),,20\n", "cpus=5", {"t.json", 10, 1, NULL}, 2}, ANY);
    check_trace(&(traced){"0,smi,,,,0,2\n", "cpus=4 protocol=coreboot", {"t.json", 3, 0, NULL}, 1},
                0);
}

static void test_slices_are_the_visits_of_the_record(void **state)
{
    rig g;
    char *text = run_traced(&g, &(traced){"0,smi,,,,0,\n", "cpus=3", {"t.json", 1, 0, NULL}, 1});
    uint32_t count;
    json_event *events = json_read(text, &count);
    uint32_t found = 0;
    int64_t most = 0;

    (void)state;
    for (uint32_t i = 0; i < count; i++) {
        for (uint64_t v = 0; v < g.r.visits; v++)
            found += events[i].ph == 'X' && events[i].tid == g.r.visit[v].cpu + 1u &&
                     events[i].ts == g.r.visit[v].stopped &&
                     events[i].dur == g.r.visit[v].left - g.r.visit[v].stopped;
        if (events[i].ph == 'C' && events[i].count > most)
            most = events[i].count;
    }
    assert_int_equal(g.r.visits, 3);
    assert_int_equal(found, 3);
    assert_int_equal(most, 3);
    /* CPU 0 lets each AP go three times: barriers #2 and #8, and the end. */
    assert_int_equal(count_events(events, count, 's', "release"), 6);
    free(events);
    free(text);
    rig_free(&g);
}

/* The rows of one CPU's phases follow each other without a gap, and make up its visit. */
static void test_phases_add_up_to_the_visit(void **state)
{
    static const char *const want[] = {"phase,0,0,0,,", "phase,0,0,1,,"};
    rig g;
    char *text = run_traced(&g, &(traced){"0,smi,,,,0,\n", "cpus=2", {"t.csv", 1, 0, NULL}, 1});
    const char *header = "kind,repetition,smi,cpu,to_cpu,begin_ns,end_ns,name\n";

    (void)state;
    assert_int_equal(strncmp(text, header, strlen(header)), 0);
    for (uint32_t cpu = 0; cpu < 2; cpu++) {
        const visit_record *v = NULL;
        double last;
        const char *row = text;

        for (uint64_t i = 0; i < g.r.visits; i++)
            if (g.r.visit[i].cpu == cpu)
                v = &g.r.visit[i];
        assert_non_null(v);
        last = (double)(v->stopped - g.r.trigger[0].at[AT_PORT_WRITE]) / 1000;
        while ((row = strstr(row, want[cpu])) != NULL) {
            char *end;

            row += strlen(want[cpu]);
            assert_true(strtod(row, &end) == last);
            last = strtod(end + 1, NULL);
        }
        assert_true(last == (double)(v->left - g.r.trigger[0].at[AT_PORT_WRITE]) / 1000);
    }
    free(text);
    rig_free(&g);
}

/* One row for each SMI: the longest time between two neighbouring ends of its other rows. */
static void test_the_quiet_time_is_the_longest_gap(void **state)
{
    double edge[400], quiet[2] = {0, 0}, longest = 0;
    int edges = 0, rows = 0;
    rig g;
    char *text = run_traced(&g, &(traced){"0,smi,,,,0,\n", "cpus=2", {"t.csv", 1, 0, NULL}, 1});

    (void)state;
    for (char *row = strchr(text, '\n') + 1; *row; row = strchr(row, '\n') + 1) {
        char *field = row;
        int is_quiet = strncmp(row, "quiet,", 6) == 0;
        double *to = is_quiet ? quiet : &edge[edges];

        for (int i = 0; i < 5; i++)
            field = strchr(field, ',') + 1;
        to[0] = strtod(field, &field);
        to[1] = strtod(field + 1, NULL);
        rows += is_quiet;
        if (!is_quiet && strncmp(row, "smi,", 4) != 0 && strncmp(row, "step,", 5) != 0)
            edges += 2;
        assert_true(edges < 398);
    }
    for (int i = 0; i < edges; i++) { /* from each end to the next later one */
        double next = edge[i];

        for (int k = 0; k < edges; k++)
            if (edge[k] > edge[i] && (next == edge[i] || edge[k] < next))
                next = edge[k];
        longest = next - edge[i] > longest ? next - edge[i] : longest;
    }
    assert_int_equal(rows, 1);
    assert_true(longest > 0 && quiet[1] - quiet[0] == longest);
    free(text);
    rig_free(&g);
}

static void test_tracing_does_not_change_the_run(void **state)
{
    rig plain;
    rig g;
    char *text = run_traced(
        &g, &(traced){"each,smi,,,exp(50us),,10\n", "cpus=4", {"t.json", 1000, 0, NULL}, 1});

    (void)state;
    rig_run(&plain, "each,smi,,,exp(50us),,10\n", "cpus=4");
    assert_int_equal(plain.r.digest, g.r.digest);
    rig_again(&g, 1, 0, NULL);
    assert_int_equal(plain.r.digest, g.r.digest);
    free(text);
    rig_free(&g);
    rig_free(&plain);
}

/* ---- which SMIs ------------------------------------------------------------------------- */

static void add_record(trace_log_pick *pick, uint32_t repetition, const int64_t *durations)
{
    run_record r;

    record_init(&r);
    for (int64_t at = 1; *durations > 0; durations++) {
        uint32_t t, v;

        record_reserve(&r, &(record_room){.triggers = 1, .visits = 1});
        t = record_trigger(&r);
        v = record_visit(&r);
        r.trigger[t].at[AT_PORT_WRITE] = at;
        r.trigger[t].at[AT_RESUMED] = at + *durations;
        r.trigger[t].closed = 1;
        r.visit[v].stopped = at + 1;
        r.visit[v].left = at + *durations;
        at += *durations + 10;
    }
    trace_log_pick_add(pick, repetition, &r);
    record_free(&r);
}

static void assert_picked(trace_log_pick *pick, const uint32_t (*expected)[2], uint32_t count)
{
    trace_log_pick_sort(pick);
    assert_int_equal(pick->count, count);
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(pick->smi[i].repetition, expected[i][0]);
        assert_int_equal(pick->smi[i].trigger, expected[i][1]);
        assert_int_equal(pick->smi[i].visits, 1);
        assert_int_equal(pick->smi[i].visit[0], expected[i][1]);
    }
    trace_log_pick_free(pick);
}

static void test_the_first_are_taken_over_repetitions(void **state)
{
    trace_log_pick pick;

    (void)state;
    trace_log_pick_init(&pick, 3, 0);
    add_record(&pick, 0, (int64_t[]){50, 60, 0});
    add_record(&pick, 1, (int64_t[]){900, 900, 0});
    add_record(&pick, 2, (int64_t[]){900, 0});
    assert_picked(&pick, (uint32_t[][2]){{0, 0}, {0, 1}, {1, 0}}, 3);
}

static void test_the_slowest_are_taken_and_of_equals_the_first(void **state)
{
    trace_log_pick pick;

    (void)state;
    trace_log_pick_init(&pick, 3, 1);
    add_record(&pick, 0, (int64_t[]){50, 70, 60, 70, 0});
    add_record(&pick, 1, (int64_t[]){70, 71, 70, 0});
    assert_picked(&pick, (uint32_t[][2]){{0, 1}, {0, 3}, {1, 1}}, 3);
}

/* ---- text ------------------------------------------------------------------------------- */

static char *print_text(rig *g, const char *rows, const char *settings)
{
    trace_log_pick pick;
    trace_log log;
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);

    assert_non_null(to);
    rig_run(g, rows, settings);
    trace_log_pick_init(&pick, 1, 0);
    trace_log_pick_add(&pick, 0, &g->r);
    trace_log_init(&log, &g->e.setup);
    trace_log_fill(&log, g->m, 1, pick.smi, pick.count);
    trace_text_print(&log, pick.smi, pick.count, to);
    assert_int_equal(fclose(to), 0);
    trace_log_free(&log);
    trace_log_pick_free(&pick);
    return text;
}

static void assert_line(const char *text, const char *line)
{
    if (!strstr(text, line))
        fail_msg("no line \"%s\" in\n%s", line, text);
}

/* The times are those that tests/machine/test_timeline.c computes by hand, 0.100 us apart: its port
 * write begins at 0 and arrives at 0.100. */
static void test_text_shows_a_line_for_each_step(void **state)
{
    rig g;
    char *text = print_text(&g, "0,smi,,,,0,\n", "cpus=2");

    (void)state;
    assert_line(text, "SMI 0 of repetition 0: CPU 0, broadcast, traditional, edk2-head; served");
    assert_line(text, "   CPU0  CPU1  \n");
    assert_line(text, "        0.000               ▼     ·      CPU 0 writes port 0xB2\n");
    assert_line(text, "│     R7     CPU 1 check in: count up unless the door is locked: CNT := 2,");
    assert_line(text, "   B11   │      CPU 0 (BSP) release the APs #2: RUN[1] := 1, was 0\n");
    assert_line(text, " lock the door; k = APs that are in: CNT := locked, was 2\n");
    assert_line(text, " BSP or AP? BSP is CPU 0\n");
    assert_line(text, "└");
    free(text);
    rig_free(&g);
}

static void test_text_draws_a_directed_smi_as_an_arrow(void **state)
{
    rig g;
    char *text = print_text(&g, "0,smi,,,,2,\n",
                            "cpus=4 smi.delivery=unicast protocol=edk2-2017 sync.timeout1=20us");

    (void)state;
    assert_line(text, "timeout 1; INS is 0\n");
    assert_line(text, "   ◄───────────A2'   ·      CPU 2 (AP) directed SMI to the BSP: to CPU 0\n");
    free(text);
    text = NULL;
    rig_free(&g);
    text = print_text(&g, "0,smi,,,,0,\n",
                      "cpus=4 smi.delivery=unicast sync.mode=traditional sync.timeout1=20us");
    assert_line(
        text,
        "   B5─────────►·     ·      CPU 0 (BSP) directed SMI to every absent CPU: to CPU 2\n");
    free(text);
    rig_free(&g);
}

static void test_many_cpus_get_narrow_columns(void **state)
{
    rig g;
    char *text = print_text(&g, "0,smi,,,,0,\n", "cpus=40");

    (void)state;
    assert_line(text, "(columns for CPUs 0 to 31 only)\n");
    for (const char *at = text; *at; at += strcspn(at, "\n") + 1)
        assert_true(strcspn(at, "\n") < 400);
    free(text);
    rig_free(&g);
}

/* The handler asks for the flash and for jobs, too: what takes no time there is no step to see. */
static void test_text_tells_the_handlers_once_at_an_instant(void **state)
{
    rig g;
    char *text = print_text(&g, "0,smi,,,10us,,\n", "cpus=2");
    const char *first = strstr(text, "the handlers run\n");

    (void)state;
    assert_non_null(first);
    assert_null(strstr(first + 1, "the handlers run\n"));
    free(text);
    rig_free(&g);
    text = print_text(&g, "0,set,a,100B,10us,,\n", "cpus=2"); /* which writes to the flash */
    first = strstr(text, "the handlers run\n");
    assert_non_null(first);
    first = strstr(first + 1, "the handlers run\n");
    assert_non_null(first);
    assert_null(strstr(first + 1, "the handlers run\n"));
    free(text);
    rig_free(&g);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_writes_each_kind_of_event_as_one_line),
    cmocka_unit_test(test_an_outer_slice_stands_before_the_inner_ones),
    cmocka_unit_test(test_names_may_hold_quotes_and_control_characters),
    cmocka_unit_test(test_a_file_that_cannot_be_written_is_said),
    cmocka_unit_test(test_a_trace_keeps_the_rules_of_its_format),
    cmocka_unit_test(test_slices_are_the_visits_of_the_record),
    cmocka_unit_test(test_phases_add_up_to_the_visit),
    cmocka_unit_test(test_the_quiet_time_is_the_longest_gap),
    cmocka_unit_test(test_tracing_does_not_change_the_run),
    cmocka_unit_test(test_the_first_are_taken_over_repetitions),
    cmocka_unit_test(test_the_slowest_are_taken_and_of_equals_the_first),
    cmocka_unit_test(test_text_shows_a_line_for_each_step),
    cmocka_unit_test(test_text_draws_a_directed_smi_as_an_arrow),
    cmocka_unit_test(test_text_tells_the_handlers_once_at_an_instant),
    cmocka_unit_test(test_many_cpus_get_narrow_columns),
};

int main(void)
{
    if (setenv("LC_ALL", "C.UTF-8", 1) != 0) /* signs, not their ASCII twins */
        return 1;
    return cmocka_run_group_tests_name("trace", tests, scratch_enter, scratch_leave);
}
