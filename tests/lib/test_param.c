/* SPDX-License-Identifier: Apache-2.0 */
/* test_param: what is refused and how, who wins, copies, and that printed values read back. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "sim/lib/param.h"

enum { ENTRY, TIMEOUT, CPUS, BUFFER, CLOCK, LOSS, HLT, DELIVERY, MODE, WORKLOAD, OFFSET, COUNT };

static const param_def defs[COUNT] = {
    [ENTRY] = {"smi.entry", PARAM_LATENCY, PARAM_FOR_BOTH, "3.3us", "1us", "10ms", NULL,
               "SMI to first fetch", "uncalibrated: guess"},
    [TIMEOUT] = {"sync.timeout1", PARAM_TIME, PARAM_FOR_BOTH, "auto", NULL, "1h", NULL,
                 "first wait", "edk2"},
    [CPUS] = {"cpus", PARAM_COUNT, PARAM_FOR_BOTH, "4", "1", "4096", NULL, "logical CPUs",
              "chosen"},
    [BUFFER] = {"var.buffer", PARAM_BYTES, PARAM_FOR_BOTH, "64KiB", NULL, NULL, NULL, "a | b",
                "edk2"},
    [CLOCK] = {"tsc.freq", PARAM_FREQ, PARAM_FOR_BOTH, "2.5GHz", "1Hz", NULL, NULL, "clock",
               "chosen"},
    [LOSS] = {"cas.loss", PARAM_RATIO, PARAM_FOR_BOTH, "5%", NULL, NULL, NULL, "share", "measured"},
    [HLT] = {"cpu.hlt", PARAM_BOOL, PARAM_FOR_BOTH, "off", NULL, NULL, NULL, "idle in HLT",
             "chosen"},
    [DELIVERY] = {"smi.delivery", PARAM_ENUM, PARAM_FOR_BOTH, "unicast", NULL, NULL,
                  "unicast|broadcast|hardware", "who gets the SMI", "chosen"},
    [MODE] = {"sync.mode", PARAM_ENUM, PARAM_FOR_BOTH, "auto", NULL, NULL, "traditional|relaxed",
              "AP sync", "derived"},
    [WORKLOAD] = {"workload", PARAM_NAME, PARAM_FOR_BOTH, "efibootmgr", NULL, NULL, NULL,
                  "what runs", "chosen"},
    [OFFSET] = {"clock.offset", PARAM_TIME, PARAM_FOR_BOTH, "-1ms", "-1s", "1s", NULL,
                "against CPU 0", "chosen"},
};
static const param_table table = {.defs = defs, .count = COUNT};

static const param_origin user = {PARAM_USER, "--set", "", NULL};
static const param_origin platform = {PARAM_PLATFORM, "p.csv:4", "uncalibrated", NULL};
static const param_origin workload = {PARAM_WORKLOAD, "w.csv:2", "w", NULL};
static const param_origin derived = {PARAM_DERIVED, "firmware", "edk2", NULL};

static void assign(param_set *set, int id, const char *value, const param_origin *origin)
{
    sim_err err = {""};

    if (param_assign(set, defs[id].name, value, origin, &err) != SIM_OK)
        fail_msg("%s", err.text);
}

static void assert_prints(const param_set *set, int id, const char *expected)
{
    char text[200];

    assert_int_equal(param_print(set, id, text, sizeof text), strlen(expected));
    assert_string_equal(text, expected);
}

static void test_defaults_are_in_base_units(void **state)
{
    param_set *set = param_new(&table);

    (void)state;
    assert_int_equal(dist_min(param_dist(set, ENTRY)), 3300 * PS_PER_NS);
    assert_int_equal(param_int(set, CPUS), 4);
    assert_int_equal(param_int(set, BUFFER), 65536);
    assert_int_equal(param_int(set, CLOCK), INT64_C(2500000000000));
    assert_int_equal(param_int(set, LOSS), INT64_C(50000000000));
    assert_int_equal(param_int(set, HLT), 0);
    assert_int_equal(param_int(set, DELIVERY), 0);
    assert_int_equal(param_int(set, OFFSET), -PS_PER_MS);
    assert_string_equal(param_name(set, DELIVERY), "unicast");
    assert_string_equal(param_name(set, WORKLOAD), "efibootmgr");
    for (int id = 0; id < COUNT; id++) {
        int derives = id == TIMEOUT || id == MODE;
        assert_int_equal(param_rank_of(set, id), PARAM_DEFAULT);
        assert_int_equal(param_is_auto(set, id), derives);
        assert_string_equal(param_place(set, id), derives ? "auto" : "default");
        assert_string_equal(param_source(set, id), defs[id].source);
        assert_int_equal(param_uncalibrated(set, id), id == ENTRY);
        assert_int_equal(param_find(&table, defs[id].name), id);
    }
    assert_int_equal(param_find(&table, "cpu"), -1);
    param_free(set);
    param_free(NULL);
}

static const struct {
    const char *pair, *error;
} refused[] = {
    {"sync.timout1=1s", "unknown parameter \"sync.timout1\" (did you mean \"sync.timeout1\"?)"},
    {"CPUS=1", "unknown parameter \"CPUS\" (did you mean \"cpus\"?)"},
    {"timeout1=1s", "unknown parameter \"timeout1\" (did you mean \"sync.timeout1\"?)"},
    {"work=x", "unknown parameter \"work\" (did you mean \"workload\"?)"},
    {"sync=x", "unknown parameter \"sync\" (\"smmsim params\" lists them)"},
    {"colour=red", "unknown parameter \"colour\" (\"smmsim params\" lists them)"},
    {"cpus", "\"cpus\" has no value (write NAME=VALUE)"},
    {"=4", "\"=4\" has no name (write NAME=VALUE)"},
    {"", "\"\" has no value (write NAME=VALUE)"},
    {"cpus=0", "cpus: 0 is below 1 (1 to 4096)"},
    {"cpus=4097", "cpus: 4097 is above 4096 (1 to 4096)"},
    {"cpus=1e4", "cpus: 1e4 is above 4096 (1 to 4096)"},
    {"cpus=auto", "cpus: cannot be auto (write a value; its default is 4)"},
    {"smi.entry=auto", "smi.entry: cannot be auto (write a value; its default is 3.3us)"},
    {"var.buffer=-1B", "var.buffer: -1B is below 0 (0 or more)"},
    {"tsc.freq=0", "tsc.freq: 0 is below 1Hz (1Hz or more)"},
    {"cas.loss=101%", "cas.loss: 101% is above 1 (0 to 1)"},
    {"cas.loss=-0.1", "cas.loss: -0.1 is below 0 (0 to 1)"},
    {"sync.timeout1=3601s", "sync.timeout1: 3601s is above 1h (0 to 1h)"},
    {"sync.timeout1=-1ps", "sync.timeout1: -1ps is below 0 (0 to 1h)"},
    {"clock.offset=-2s", "clock.offset: -2s is below -1s (-1s to 1s)"},
    {"smi.entry=999ns", "smi.entry: 999ns is below 1us (1us to 10ms)"},
    {"smi.entry=uniform(1ns,2us)",
     "smi.entry: uniform(1ns,2us) goes down to 1ns, below 1us (1us to 10ms)"},
    {"smi.entry=uniform(2us,20ms)",
     "smi.entry: uniform(2us,20ms) goes up to 20ms, above 10ms (1us to 10ms)"},
    {"cpu.hlt=maybe", "cpu.hlt: \"maybe\" is not a switch (write on or off)"},
    {"cpu.hlt=", "cpu.hlt: \"\" is not a switch (write on or off)"},
    {"cpu.hlt=auto", "cpu.hlt: cannot be auto (write a value; its default is off)"},
    {"smi.delivery=uni",
     "smi.delivery: \"uni\" is not one of unicast, broadcast, hardware (did you mean "
     "\"unicast\"?)"},
    {"smi.delivery=brodcast",
     "smi.delivery: \"brodcast\" is not one of unicast, broadcast, hardware (did you mean "
     "\"broadcast\"?)"},
    {"smi.delivery=auto", "smi.delivery: \"auto\" is not one of unicast, broadcast, hardware"},
    {"smi.delivery=", "smi.delivery: \"\" is not one of unicast, broadcast, hardware"},
    {"smi.delivery=unicast|broadcast",
     "smi.delivery: \"unicast|broadcast\" is not one of unicast, broadcast, hardware"},
    {"sync.mode=fast", "sync.mode: \"fast\" is not one of traditional, relaxed, auto"},
    {"sync.mode=aut",
     "sync.mode: \"aut\" is not one of traditional, relaxed, auto (did you mean \"auto\"?)"},
    {"workload=a\nb", "workload: \"a?b\" holds a control character (write plain text)"},
};

static void test_refusals_name_the_parameter_and_what_would_be_right(void **state)
{
    param_set *set = param_new(&table);
    sim_err err;

    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        assert_int_equal(param_assign_pair(set, refused[i].pair, &user, &err), SIM_BAD_INPUT);
        assert_string_equal(err.text, refused[i].error);
    }
    for (int id = 0; id < COUNT; id++)
        assert_int_equal(param_rank_of(set, id), PARAM_DEFAULT); /* nothing came through */
    param_free(set);
}

/* Those of units and dist are theirs; only the name is put before them. */
static void test_errors_of_the_value_parsers_get_the_name(void **state)
{
    static const char *const pairs[] = {"sync.timeout1=100",     "cpus=4.5",
                                        "smi.entry=normal(1,2)", "smi.entry=3.3",
                                        "var.buffer=1XB",        "cpus="};
    param_set *set = param_new(&table);

    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        sim_err err = {""};
        char name[40] = "";
        size_t length = (size_t)(strchr(pairs[i], '=') - pairs[i]);

        memcpy(name, pairs[i], length);
        memcpy(name + length, ": ", 3);
        assert_int_equal(param_assign_pair(set, pairs[i], &user, &err), SIM_BAD_INPUT);
        assert_int_equal(strncmp(err.text, name, length + 2), 0);
        assert_true(strlen(err.text) > length + 10);
    }
    param_free(set);
}

static const struct {
    int id;
    const char *value, *printed;
} round_trips[] = {
    {ENTRY, "uniform(1us, 3us)", NULL},
    {ENTRY, "0.0033ms", "3.3us"},
    {ENTRY, "1us", "1us"},
    {ENTRY, "10ms", "10ms"},
    {TIMEOUT, "0", "0"},
    {TIMEOUT, "1h", NULL},
    {TIMEOUT, "100000us", "100ms"},
    {TIMEOUT, "auto", "auto"},
    {CPUS, "1", "1"},
    {CPUS, "4.096e3", "4096"},
    {BUFFER, "1500B", NULL},
    {BUFFER, "9223372036854775807B", NULL},
    {CLOCK, "3579545Hz", NULL},
    {LOSS, "0", "0"},
    {LOSS, "100%", "1"},
    {LOSS, "0.000000000001", NULL},
    {HLT, "on", "on"},
    {HLT, "true", "on"},
    {HLT, "yes", "on"},
    {HLT, "1", "on"},
    {HLT, "false", "off"},
    {HLT, "no", "off"},
    {HLT, "0", "off"},
    {DELIVERY, "hardware", "hardware"},
    {MODE, "relaxed", "relaxed"},
    {MODE, "auto", "auto"},
    {WORKLOAD, "", ""},
    {WORKLOAD, "a b=c|d", "a b=c|d"},
    {WORKLOAD, "auto", "auto"}, /* a name like others: its default is not auto */
    {OFFSET, "-1s", "-1s"},
};

static void test_printed_values_read_back_the_same(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof round_trips / sizeof round_trips[0]; i++) {
        param_set *one = param_new(&table), *two = param_new(&table);
        int id = round_trips[i].id;
        char text[200], again[200];

        assign(one, id, round_trips[i].value, &user);
        (void)param_print(one, id, text, sizeof text);
        if (round_trips[i].printed != NULL)
            assert_string_equal(text, round_trips[i].printed);
        assign(two, id, text, &user);
        (void)param_print(two, id, again, sizeof again);
        assert_string_equal(again, text);
        assert_int_equal(param_is_auto(two, id), param_is_auto(one, id));
        if (id == ENTRY) {
            assert_int_equal(dist_min(param_dist(two, id)), dist_min(param_dist(one, id)));
            assert_int_equal(dist_max(param_dist(two, id)), dist_max(param_dist(one, id)));
        } else if (id != WORKLOAD && !param_is_auto(one, id)) {
            assert_int_equal(param_int(two, id), param_int(one, id));
        }
        param_free(one);
        param_free(two);
    }
}

static void test_choices_are_numbered_as_listed(void **state)
{
    param_set *set = param_new(&table);

    (void)state;
    assign(set, DELIVERY, "hardware", &user);
    assign(set, MODE, "relaxed", &user);
    assert_int_equal(param_int(set, DELIVERY), 2);
    assert_string_equal(param_name(set, DELIVERY), "hardware");
    assert_int_equal(param_int(set, MODE), 1);
    param_free(set);
}

static void test_unbounded_distribution_passes_an_upper_bound(void **state)
{
    static const param_def one = {
        "think", PARAM_LATENCY, PARAM_FOR_BOTH, "exp(50us)", NULL, "1ms", NULL, "", ""};
    static const param_table small = {.defs = &one, .count = 1};
    param_set *set = param_new(&small);
    sim_err err;

    (void)state;
    assert_int_equal(dist_max(param_dist(set, 0)), PS_NEVER);
    assert_int_equal(param_assign(set, "think", "2ms", &user, &err), SIM_BAD_INPUT);
    assert_string_equal(err.text, "think: 2ms is above 1ms (0 to 1ms)");
    param_free(set);
}

static void test_higher_rank_wins_in_any_order(void **state)
{
    param_set *set = param_new(&table);

    (void)state;
    assign(set, CPUS, "5", &platform);
    assert_string_equal(param_place(set, CPUS), "p.csv:4");
    assert_true(param_uncalibrated(set, CPUS));
    assign(set, CPUS, "7", &user);
    assign(set, CPUS, "6", &workload);
    assign(set, CPUS, "5", &platform);
    assign(set, CPUS, "3", &derived);
    assert_int_equal(param_int(set, CPUS), 7);
    assert_int_equal(param_rank_of(set, CPUS), PARAM_USER);
    assert_string_equal(param_place(set, CPUS), "--set");
    assert_string_equal(param_source(set, CPUS), "");
    assert_false(param_uncalibrated(set, CPUS));
    param_free(set);
}

static void test_later_one_of_equal_rank_wins(void **state)
{
    param_set *set = param_new(&table);
    param_origin again = user;

    (void)state;
    again.place = "--set again";
    assign(set, CPUS, "7", &user);
    assign(set, CPUS, "8", &again);
    assert_int_equal(param_int(set, CPUS), 8);
    assert_string_equal(param_place(set, CPUS), "--set again");
    param_free(set);
}

static void test_lower_rank_is_still_checked(void **state)
{
    param_set *set = param_new(&table);
    sim_err err;

    (void)state;
    assign(set, CPUS, "7", &user);
    assign(set, ENTRY, "2us", &user);
    assert_int_equal(param_assign(set, "cpus", "0", &platform, &err), SIM_BAD_INPUT);
    assert_string_equal(err.text, "cpus: 0 is below 1 (1 to 4096)");
    assign(set, ENTRY, "uniform(2us,3us)", &platform);
    assert_prints(set, ENTRY, "2us");
    param_free(set);
}

static void test_derived_value_fills_auto_and_yields_to_a_spoken_one(void **state)
{
    param_set *set = param_new(&table);

    (void)state;
    assign(set, TIMEOUT, "100ms", &derived);
    assert_false(param_is_auto(set, TIMEOUT));
    assert_int_equal(param_rank_of(set, TIMEOUT), PARAM_DERIVED);
    assert_string_equal(param_place(set, TIMEOUT), "firmware");
    assign(set, TIMEOUT, "1s", &derived);
    assert_int_equal(param_int(set, TIMEOUT), PS_PER_S);
    assign(set, TIMEOUT, "7ms", &platform);
    assign(set, TIMEOUT, "100ms", &derived);
    assert_int_equal(param_int(set, TIMEOUT), 7 * PS_PER_MS);
    param_free(set);
}

static void test_auto_undoes_an_earlier_value(void **state)
{
    param_set *set = param_new(&table);

    (void)state;
    assign(set, TIMEOUT, "7ms", &platform);
    assign(set, TIMEOUT, "auto", &user);
    assert_true(param_is_auto(set, TIMEOUT));
    assert_int_equal(param_rank_of(set, TIMEOUT), PARAM_DEFAULT);
    assert_string_equal(param_place(set, TIMEOUT), "auto");
    assert_string_equal(param_source(set, TIMEOUT), "edk2");
    assign(set, TIMEOUT, "7ms", &platform); /* the user has spoken */
    assert_true(param_is_auto(set, TIMEOUT));
    assign(set, TIMEOUT, "1s", &derived);
    assign(set, TIMEOUT, "7ms", &platform);
    assert_int_equal(param_int(set, TIMEOUT), PS_PER_S);
    assign(set, TIMEOUT, "100ms", &derived);
    assert_int_equal(param_int(set, TIMEOUT), 100 * PS_PER_MS);
    assign(set, TIMEOUT, "9ms", &user);
    assign(set, TIMEOUT, "auto", &platform);
    assert_int_equal(param_int(set, TIMEOUT), 9 * PS_PER_MS);
    param_free(set);
}

static void test_place_and_source_are_copied(void **state)
{
    param_set *set = param_new(&table);
    char place[] = "x.csv:4", source[] = "lab", value[] = "hello";
    param_origin origin = {PARAM_USER, place, source, NULL};

    (void)state;
    assign(set, WORKLOAD, value, &origin);
    place[0] = source[0] = value[0] = '?';
    assert_string_equal(param_place(set, WORKLOAD), "x.csv:4");
    assert_string_equal(param_source(set, WORKLOAD), "lab");
    assert_string_equal(param_name(set, WORKLOAD), "hello");
    param_free(set);
}

static void test_copies_are_independent(void **state)
{
    param_set *one = param_new(&table), *two, *three;

    (void)state;
    assign(one, ENTRY, "uniform(2us,3us)", &platform);
    two = param_copy(one);
    three = param_copy(two);
    assign(two, ENTRY, "5us", &user);
    assign(two, CPUS, "9", &user);
    assign(one, WORKLOAD, "other", &user);
    param_free(one);
    assert_prints(two, ENTRY, "5us");
    assert_prints(two, WORKLOAD, "efibootmgr");
    assert_prints(three, CPUS, "4");
    param_free(two);
    assert_int_equal(dist_min(param_dist(three, ENTRY)), 2 * PS_PER_US);
    assert_string_equal(param_place(three, ENTRY), "p.csv:4");
    assert_int_equal(param_rank_of(three, ENTRY), PARAM_PLATFORM);
    param_free(three);
}

static void test_pair_is_split_at_the_first_equals_sign(void **state)
{
    param_set *set = param_new(&table);
    sim_err err;

    (void)state;
    assert_int_equal(param_assign_pair(set, "workload=a=b", &user, &err), SIM_OK);
    assert_string_equal(param_name(set, WORKLOAD), "a=b");
    assert_int_equal(param_assign_pair(set, "workload=", &user, &err), SIM_OK);
    assert_string_equal(param_name(set, WORKLOAD), "");
    param_free(set);
}

static void test_table_file_is_found_from_its_folder(void **state)
{
    char folder[] = "/tmp/smmsim_test_XXXXXX", path[64];
    param_set *set = param_new(&table);
    param_origin origin = platform;
    FILE *f;
    sim_err err;

    (void)state;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/t.csv", folder);
    f = fopen(path, "w");
    assert_non_null(f);
    (void)fputs("latency,count\n2us,1\n4us,3\n", f);
    (void)fclose(f);
    origin.dir = folder;
    assign(set, ENTRY, "table(t.csv)", &origin);
    assert_int_equal(dist_max(param_dist(set, ENTRY)), 4 * PS_PER_US);
    origin.dir = "/";
    assert_int_equal(param_assign(set, "smi.entry", "table(t.csv)", &origin, &err), SIM_BAD_INPUT);
    assert_int_equal(unlink(path) | rmdir(folder), 0);
    param_free(set);
}

/* Tables that contradict themselves; the panic must say the text. */
static const struct {
    param_def defs[2];
    const char *text;
} broken[] = {
    {{{.name = "a", .kind = PARAM_COUNT, .value = "1"},
      {"a", PARAM_COUNT, PARAM_FOR_BOTH, "2", 0, 0, 0, 0, 0}},
     "parameter table: a: the name is there twice"},
    {{{.name = "b", .kind = PARAM_TIME, .value = "1"}, {.name = "x", .value = "0"}},
     "parameter table: b: "},
    {{{.name = "c", .kind = PARAM_COUNT, .value = "0", .min = "1"}, {.name = "x", .value = "0"}},
     "parameter table: c: 0 is below 1 (1 or more)"},
    {{{.name = "d", .kind = PARAM_COUNT, .value = "5", .min = "9", .max = "1"}, {.name = "x"}},
     "parameter table: d: bounds that cross"},
    {{{.name = "e", .kind = PARAM_COUNT, .value = "5", .max = "x"}, {.name = "x"}},
     "parameter table: e: "},
    {{{.name = "f", .kind = PARAM_ENUM, .value = "no", .choices = "a|b"}, {.name = "x"}},
     "parameter table: f: \"no\" is not one of a, b"},
    {{{.name = "g", .kind = PARAM_ENUM, .value = "a", .choices = "a||b"}, {.name = "x"}},
     "parameter table: g: an empty choice"},
    {{{.name = "h", .kind = PARAM_ENUM, .value = "a", .choices = "a|b|a"}, {.name = "x"}},
     "parameter table: h: a choice is there twice"},
    {{{.name = "i", .kind = PARAM_ENUM, .value = "auto"}, {.name = "x"}},
     "parameter table: i: choices belong to PARAM_ENUM"},
    {{{.name = "j", .kind = PARAM_NAME, .value = "a", .min = "1"}, {.name = "x"}},
     "parameter table: j: bounds"},
    {{{.name = "k", .kind = PARAM_COUNT}, {.name = "x"}}, "parameter table: k: no default"},
};

/* What the child that runs a broken table writes to stderr; it must abort. */
static void run_broken(const param_table *wrong, char *said, size_t size)
{
    int pipes[2], status;
    size_t used = 0;
    ssize_t got;

    assert_int_equal(pipe(pipes), 0);
    (void)fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        (void)dup2(pipes[1], STDERR_FILENO);
        (void)signal(SIGABRT, SIG_DFL);
        param_free(param_new(wrong));
        _exit(0);
    }
    (void)close(pipes[1]);
    while (used + 1 < size && (got = read(pipes[0], said + used, size - 1 - used)) > 0)
        used += (size_t)got;
    said[used] = '\0';
    (void)close(pipes[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

static void test_table_that_contradicts_itself_panics_with_the_entry(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        param_table wrong = {.defs = broken[i].defs, .count = 2};
        char said[1000];

        run_broken(&wrong, said, sizeof said);
        if (strstr(said, broken[i].text) == NULL)
            fail_msg("\"%s\" is not in: %s", broken[i].text, said);
    }
}

static void print_table(int count, int markdown, char *out, size_t size)
{
    param_table some = {.defs = defs + CPUS, .count = count};
    FILE *f = fmemopen(out, size, "w");

    assert_non_null(f);
    param_print_table(&some, markdown, f);
    assert_int_equal(fclose(f), 0);
}

static void test_table_for_people_is_aligned(void **state)
{
    char text[2000];

    (void)state;
    print_table(2, 0, text, sizeof text);
    assert_string_equal(text, "parameter   for   default  meaning\n"
                              "cpus        both  4        logical CPUs\n"
                              "var.buffer  both  64KiB    a | b\n");
}

static void test_markdown_table_escapes_bars(void **state)
{
    char text[2000];

    (void)state;
    print_table(2, 1, text, sizeof text);
    assert_string_equal(text,
                        "| parameter | for | kind | default | range | meaning | source |\n"
                        "| --- | --- | --- | --- | --- | --- | --- |\n"
                        "| `cpus` | both | count | `4` | 1 to 4096 | logical CPUs | chosen |\n"
                        "| `var.buffer` | both | bytes | `64KiB` | 0 or more | a \\| b | edk2 |\n");
    print_table(7, 1, text, sizeof text);
    assert_non_null(
        strstr(text, "| `cpu.hlt` | both | switch | `off` | on, off | idle in HLT | chosen |"));
    assert_non_null(strstr(text, "| choice | `auto` | traditional, relaxed, auto |"));
}

static void test_another_default_for_orders_is_shown(void **state)
{
    static const param_ordered ordered[] = {{1, "8KiB"}};
    const param_table some = {
        .defs = defs + CPUS, .count = 2, .ordered = ordered, .ordered_count = 1};
    char text[2000];

    (void)state;
    for (int markdown = 0; markdown < 2; markdown++) {
        FILE *f = fmemopen(text, sizeof text, "w");

        assert_non_null(f);
        param_print_table(&some, markdown, f);
        assert_int_equal(fclose(f), 0);
        assert_non_null(strstr(text, markdown ? "a \\| b (default for order: 8KiB) |"
                                              : "a | b (default for order: 8KiB)\n"));
        assert_null(strstr(text, "logical CPUs (default"));
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_defaults_are_in_base_units),
    cmocka_unit_test(test_refusals_name_the_parameter_and_what_would_be_right),
    cmocka_unit_test(test_errors_of_the_value_parsers_get_the_name),
    cmocka_unit_test(test_printed_values_read_back_the_same),
    cmocka_unit_test(test_choices_are_numbered_as_listed),
    cmocka_unit_test(test_unbounded_distribution_passes_an_upper_bound),
    cmocka_unit_test(test_higher_rank_wins_in_any_order),
    cmocka_unit_test(test_later_one_of_equal_rank_wins),
    cmocka_unit_test(test_lower_rank_is_still_checked),
    cmocka_unit_test(test_derived_value_fills_auto_and_yields_to_a_spoken_one),
    cmocka_unit_test(test_auto_undoes_an_earlier_value),
    cmocka_unit_test(test_place_and_source_are_copied),
    cmocka_unit_test(test_copies_are_independent),
    cmocka_unit_test(test_pair_is_split_at_the_first_equals_sign),
    cmocka_unit_test(test_table_file_is_found_from_its_folder),
    cmocka_unit_test(test_table_that_contradicts_itself_panics_with_the_entry),
    cmocka_unit_test(test_table_for_people_is_aligned),
    cmocka_unit_test(test_markdown_table_escapes_bars),
    cmocka_unit_test(test_another_default_for_orders_is_shown),
};

int main(void)
{
    return cmocka_run_group_tests_name("param", tests, NULL, NULL);
}
