/* SPDX-License-Identifier: Apache-2.0 */
/* options: parses `--name value` and `--name=value`. */
#include "sim/cli/options.h"

#include <stdio.h>
#include <string.h>

#include "sim/lib/units.h"
#include "sim/cli/trace_run.h"

typedef struct {
    const char *name;
    char group;    /* of options_parse */
    char argument; /* takes one */
} known;

static const known list[] = {
    {"--platform", 's', 1},   {"--workload", 's', 1},      {"--protocol", 's', 1},
    {"--set", 's', 1},        {"--reps", 's', 1},          {"--seed", 's', 1},
    {"--out", 'o', 1},        {"--format", 'f', 1},        {"--trace", 't', 1},
    {"--trace-smis", 't', 1}, {"--trace-slowest", 't', 1}, {"--markdown", 'm', 0},
    {"--jobs", 'w', 1},       {"--until", 'w', 1},         {"--detail", 'w', 0},
    {"--hgrm", 'h', 0},       {"--resume", 'w', 0},        {"--dry-run", 'w', 0},
    {"--violates", 'v', 1},   {"--metric", 'c', 1},        {"--help", '*', 0},
    {"-h", '*', 0},           {"--force", 'r', 0},         {"--cpus", 's', 1},
    {"--protocol", 'p', 1},   {"--check", 'k', 1},         {"--digest", 'v', 1},
};
enum { KNOWN = sizeof list / sizeof list[0] };

static sim_status unknown(const char *word, size_t length, const char *takes, sim_err *err)
{
    const char *names[KNOWN];
    char typed[64];
    const char *near;
    int count = 0;
    int is_long = strncmp(word, "--", 2) == 0 && length > 2;

    (void)snprintf(typed, sizeof typed, "%.*s", (int)length, word);
    for (int i = 0; i < KNOWN; i++)
        if (is_long && (list[i].group == '*' || strchr(takes, list[i].group)))
            names[count++] = list[i].name;
    if (strcmp(typed, "--follow") == 0)
        return err_set(err, SIM_BAD_INPUT,
                       "--follow: is a command now (would be right: smmsim follow SCHEDULE)");
    near = err_nearest(typed, names, count);
    return err_set(err, SIM_BAD_INPUT, "unknown option \"%s\" (%s%s%s--help shows all)", typed,
                   near ? "did you mean \"" : "", near ? near : "", near ? "\"? " : "");
}

static sim_status add_setting(options *o, const char *name, const char *value, const char *place)
{
    o->setting[o->settings++] = (experiment_setting){name, value, place};
    return SIM_OK;
}

static sim_status set_pair(options *o, const char *pair, sim_err *err)
{
    const char *equals = strchr(pair, '=');
    char *name = o->names[o->settings];

    if (!equals || equals == pair)
        return err_set(err, SIM_BAD_INPUT, "--set %s: no %s (NAME=VALUE, such as cpus=8)", pair,
                       equals ? "name" : "value");
    if ((size_t)(equals - pair) >= sizeof o->names[0])
        return err_set(err, SIM_BAD_INPUT, "--set: name too long (`smmsim params` shows all)");
    (void)snprintf(name, sizeof o->names[0], "%.*s", (int)(equals - pair), pair);
    return add_setting(o, name, equals + 1, "--set");
}

static sim_status set_number(const char *option, const char *text, const int64_t bounds[2],
                             int64_t *out, sim_err *err)
{
    sim_status s = units_parse(UNIT_COUNT, text, out, err);

    if (s != SIM_OK)
        return err_prefix(err, s, "%s", option);
    if (*out < bounds[0] || *out > bounds[1])
        return err_set(err, SIM_BAD_INPUT, "%s: %lld is out of bounds (%lld to %lld)", option,
                       (long long)*out, (long long)bounds[0], (long long)bounds[1]);
    return SIM_OK;
}

static sim_status set_trace(options *o, const char *name, const char *value, sim_err *err)
{
    if (strcmp(name, "--trace") != 0) {
        if (o->trace_how && strcmp(o->trace_how, name) != 0)
            return err_set(err, SIM_BAD_INPUT, "%s: not with %s (the first SMIs or the slowest)",
                           name, o->trace_how);
        o->trace_how = name;
        o->trace_slowest = strcmp(name, "--trace-slowest") == 0;
        return set_number(name, value, (int64_t[]){1, TRACE_SMIS_MAX}, &o->trace_smis, err);
    }
    if (*value == '\0')
        return err_set(err, SIM_BAD_INPUT, "--trace: empty (the name of a file, or -)");
    o->trace = value;
    return SIM_OK;
}

static sim_status set_sweep(options *o, const char *name, const char *value, sim_err *err)
{
    if (strcmp(name, "--jobs") == 0)
        return set_number(name, value, (int64_t[]){1, 1024}, &o->jobs, err);
    if (strcmp(name, "--until") == 0)
        o->until = value;
    o->detail |= strcmp(name, "--detail") == 0;
    o->resume |= strcmp(name, "--resume") == 0;
    o->dry_run |= strcmp(name, "--dry-run") == 0;
    return SIM_OK;
}

static int is_of_group(const char *name, char group)
{
    for (int i = 0; i < KNOWN; i++)
        if (list[i].group == group && strcmp(list[i].name, name) == 0)
            return 1;
    return 0;
}

static sim_status take(options *o, const char *name, const char *value, sim_err *err)
{
    int64_t seed;
    sim_status s;

    if (o->settings == OPTIONS_SETTINGS_MAX)
        return err_set(err, SIM_BAD_INPUT, "too many settings (at most %d)", OPTIONS_SETTINGS_MAX);
    if (strcmp(name, "--set") == 0)
        return set_pair(o, value, err);
    if (strcmp(name, "--platform") == 0 || strcmp(name, "--workload") == 0 ||
        strcmp(name, "--protocol") == 0 || strcmp(name, "--cpus") == 0)
        return add_setting(o, name + 2, value, name);
    if (is_of_group(name, 'w'))
        return set_sweep(o, name, value, err);
    o->reps_given |= strcmp(name, "--reps") == 0;
    if (strcmp(name, "--reps") == 0)
        return set_number(name, value, (int64_t[]){1, 10000000}, &o->repetitions, err);
    if (strcmp(name, "--seed") == 0) {
        s = set_number(name, value, (int64_t[]){0, INT64_MAX}, &seed, err);
        o->seed = s == SIM_OK ? (uint64_t)seed : 0;
        return s;
    }
    if (strcmp(name, "--violates") == 0)
        o->violates = value;
    if (strcmp(name, "--digest") == 0)
        o->digest = value;
    if (is_of_group(name, 'v'))
        return SIM_OK;
    if (strcmp(name, "--check") == 0) {
        o->check = value;
        return SIM_OK;
    }
    if (strncmp(name, "--trace", 7) == 0)
        return set_trace(o, name, value, err);
    if (strcmp(name, "--out") == 0 && *value == '\0')
        return err_set(err, SIM_BAD_INPUT, "--out: empty (the name of a folder)");
    if (strcmp(name, "--out") == 0)
        o->out = value;
    else if (strcmp(name, "--metric") == 0)
        o->metric = value;
    else if (strcmp(name, "--markdown") == 0)
        o->markdown = 1;
    else if (strcmp(name, "--hgrm") == 0)
        o->hgrm = 1;
    else if (strcmp(name, "--force") == 0)
        o->force = 1;
    else if (strcmp(name, "--format") == 0 && strcmp(value, "csv") == 0)
        o->csv = 1;
    else if (strcmp(name, "--format") == 0 && strcmp(value, "text") != 0)
        return err_set(err, SIM_BAD_INPUT, "--format: unknown format \"%s\" (text or csv)", value);
    else if (strcmp(name, "--format") != 0)
        o->help = 1;
    return SIM_OK;
}

static const known *find(const char *word, size_t length, const char *takes)
{
    for (int i = 0; i < KNOWN; i++)
        if (strlen(list[i].name) == length && strncmp(list[i].name, word, length) == 0 &&
            (list[i].group == '*' || strchr(takes, list[i].group)))
            return &list[i];
    return NULL;
}

static sim_status take_word(options *o, char **argv, int at, const char *takes, sim_err *err)
{
    const char *digit = strpbrk(takes, "12345678");
    int most = strchr(takes, '+') ? OPTIONS_WORDS_MAX : digit ? *digit - '0' : 0;

    if (o->operands < most) {
        o->operand[o->operands++] = argv[at];
        return SIM_OK;
    }
    if (most == 0)
        return err_set(err, SIM_BAD_INPUT, "\"%s\": %s takes options only (--help)", argv[at],
                       argv[0]);
    return err_set(err, SIM_BAD_INPUT, "\"%s\": %s takes no more than %d word%s (--help)", argv[at],
                   argv[0], most, most == 1 ? "" : "s");
}

sim_status options_parse(int argc, char **argv, const char *takes, options *out, sim_err *err)
{
    memset(out, 0, sizeof *out);
    out->repetitions = 20;
    out->seed = 1;
    out->trace_smis = 3;
    for (int i = 1; i < argc; i++) {
        size_t length = strcspn(argv[i], "=");
        const char *value = argv[i][length] == '=' ? argv[i] + length + 1 : NULL;
        const known *option;
        sim_status s;

        if (argv[i][0] != '-' || argv[i][1] == '\0') {
            s = take_word(out, argv, i, takes, err);
            if (s != SIM_OK)
                return s;
            continue;
        }
        option = find(argv[i], length, takes);
        if (!option)
            return unknown(argv[i], length, takes, err);
        if (option->argument && !value && i + 1 == argc)
            return err_set(err, SIM_BAD_INPUT, "%s: no value behind it (--help)", option->name);
        if (!option->argument && value)
            return err_set(err, SIM_BAD_INPUT, "%s takes no value (leave \"=%s\" out)",
                           option->name, value);
        if (!value)
            value = option->argument ? argv[++i] : "";
        s = take(out, option->name, value, err);
        if (s != SIM_OK)
            return s;
    }
    if (out->trace_how && !out->trace && !out->help)
        return err_set(err, SIM_BAD_INPUT, "%s: nothing is traced (give --trace FILE, too)",
                       out->trace_how);
    return SIM_OK;
}
