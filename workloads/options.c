/* SPDX-License-Identifier: Apache-2.0 */
/* options: parses `--name value` and `--name=value`. */
#include "workloads/options.h"

#include <stdio.h>
#include <string.h>

#include "sim/units.h"

typedef struct {
    const char *name;
    char group;    /* of options_parse */
    char argument; /* takes one */
} known;

static const known list[] = {
    {"--platform", 's', 1}, {"--workload", 's', 1}, {"--protocol", 's', 1}, {"--set", 's', 1},
    {"--reps", 's', 1},     {"--seed", 's', 1},     {"--out", 'o', 1},      {"--format", 'f', 1},
    {"--markdown", 'm', 0}, {"--help", '*', 0},     {"-h", '*', 0},
};
enum { KNOWN = sizeof list / sizeof list[0] };

static sim_status unknown(const char *word, size_t length, const char *takes, sim_err *err)
{
    const char *names[KNOWN];
    char typed[64];
    const char *near;
    int count = 0;

    (void)snprintf(typed, sizeof typed, "%.*s", (int)length, word);
    for (int i = 0; i < KNOWN; i++)
        if (list[i].group == '*' || strchr(takes, list[i].group))
            names[count++] = list[i].name;
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
        return err_set(err, SIM_BAD_INPUT, "--set %s: no value (NAME=VALUE, such as cpus=8)", pair);
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

static sim_status take(options *o, const char *name, const char *value, sim_err *err)
{
    int64_t seed;
    sim_status s;

    if (o->settings == OPTIONS_SETTINGS_MAX)
        return err_set(err, SIM_BAD_INPUT, "too many settings (at most %d)", OPTIONS_SETTINGS_MAX);
    if (strcmp(name, "--set") == 0)
        return set_pair(o, value, err);
    if (strcmp(name, "--platform") == 0 || strcmp(name, "--workload") == 0 ||
        strcmp(name, "--protocol") == 0)
        return add_setting(o, name + 2, value, name);
    if (strcmp(name, "--reps") == 0)
        return set_number(name, value, (int64_t[]){1, 10000000}, &o->repetitions, err);
    if (strcmp(name, "--seed") == 0) {
        s = set_number(name, value, (int64_t[]){0, INT64_MAX}, &seed, err);
        o->seed = s == SIM_OK ? (uint64_t)seed : 0;
        return s;
    }
    if (strcmp(name, "--out") == 0)
        o->out = value;
    else if (strcmp(name, "--markdown") == 0)
        o->markdown = 1;
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

sim_status options_parse(int argc, char **argv, const char *takes, options *out, sim_err *err)
{
    memset(out, 0, sizeof *out);
    out->repetitions = 20;
    out->seed = 1;
    for (int i = 1; i < argc; i++) {
        size_t length = strcspn(argv[i], "=");
        const char *value = argv[i][length] == '=' ? argv[i] + length + 1 : NULL;
        const known *option;
        sim_status s;

        if (argv[i][0] != '-') {
            if (out->operands == (int)(sizeof out->operand / sizeof out->operand[0]))
                return err_set(err, SIM_BAD_INPUT, "too many words: \"%s\" (--help)", argv[i]);
            out->operand[out->operands++] = argv[i];
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
        if (option->argument && !value)
            value = argv[++i];
        s = take(out, option->name, value, err);
        if (s != SIM_OK)
            return s;
    }
    return SIM_OK;
}
