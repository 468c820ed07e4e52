/* SPDX-License-Identifier: Apache-2.0 */
/* options: what the words of all commands but explore and replay say. */
#include "sim/cli/options.h"

#include <stdio.h>
#include <string.h>

#include "sim/lib/units.h"
#include "sim/cli/trace_run.h"

static sim_status add_setting(options *o, const char *name, const option_word *w, sim_err *err)
{
    if (o->settings == OPTIONS_SETTINGS_MAX)
        return err_set(err, SIM_BAD_INPUT, "too many settings (at most %d)", OPTIONS_SETTINGS_MAX);
    o->setting[o->settings++] = (experiment_setting){name, w->value, w->name};
    return SIM_OK;
}

static sim_status set_pair(options *o, const option_word *w, sim_err *err)
{
    const char *equals = strchr(w->value, '=');
    const option_word pair = {.name = w->name, .value = equals ? equals + 1 : NULL};
    char *name = o->settings < OPTIONS_SETTINGS_MAX ? o->names[o->settings] : NULL;

    if (!equals || equals == w->value)
        return err_set(err, SIM_BAD_INPUT, "--set %s: no %s (NAME=VALUE, such as cpus=8)", w->value,
                       equals ? "name" : "value");
    if ((size_t)(equals - w->value) >= sizeof o->names[0])
        return err_set(err, SIM_BAD_INPUT, "--set: name too long (`smmsim params` shows all)");
    if (name)
        (void)snprintf(name, sizeof o->names[0], "%.*s", (int)(equals - w->value), w->value);
    return add_setting(o, name, &pair, err);
}

static sim_status set_number(const option_word *w, int64_t least, int64_t most, int64_t *out,
                             sim_err *err)
{
    sim_status s = units_parse(UNIT_COUNT, w->value, out, err);

    if (s != SIM_OK)
        return err_prefix(err, s, "%s", w->name);
    if (*out < least || *out > most)
        return err_set(err, SIM_BAD_INPUT, "%s: %lld is out of bounds (%lld to %lld)", w->name,
                       (long long)*out, (long long)least, (long long)most);
    return SIM_OK;
}

/* How many SMIs a trace has, and which. */
static sim_status set_traced(options *o, const option_word *w, sim_err *err)
{
    if (o->trace_how && strcmp(o->trace_how, w->name) != 0)
        return err_set(err, SIM_BAD_INPUT, "%s: not with %s (the first SMIs or the slowest)",
                       w->name, o->trace_how);
    o->trace_how = w->name;
    o->trace_slowest = w->id == OPTION_TRACE_SLOWEST;
    return set_number(w, 1, TRACE_SMIS_MAX, &o->trace_smis, err);
}

static sim_status set_text(const option_word *w, const char *what, const char **out, sim_err *err)
{
    if (*w->value == '\0')
        return err_set(err, SIM_BAD_INPUT, "%s: empty (the name of a %s)", w->name, what);
    *out = w->value;
    return SIM_OK;
}

static sim_status set_word(const option_word *w, const char **out)
{
    *out = w->value;
    return SIM_OK;
}

static sim_status set_format(options *o, const option_word *w, sim_err *err)
{
    o->csv |= strcmp(w->value, "csv") == 0;
    if (strcmp(w->value, "csv") == 0 || strcmp(w->value, "text") == 0)
        return SIM_OK;
    return err_set(err, SIM_BAD_INPUT, "--format: unknown format \"%s\" (text or csv)", w->value);
}

/* Options without argument: where each is kept. */
static void set_flag(options *o, option_id id)
{
    o->detail |= id == OPTION_DETAIL;
    o->hgrm |= id == OPTION_HGRM;
    o->resume |= id == OPTION_RESUME;
    o->dry_run |= id == OPTION_DRY_RUN;
    o->force |= id == OPTION_FORCE;
    o->markdown |= id == OPTION_MARKDOWN;
}

static sim_status take(options *o, const option_word *w, sim_err *err)
{
    int64_t seed = 0;
    sim_status s;

    switch (w->id) {
    case OPTION_NONE:
        o->operand[o->operands++] = w->value;
        return SIM_OK;
    case OPTION_SET:
        return set_pair(o, w, err);
    case OPTION_PLATFORM:
    case OPTION_WORKLOAD:
    case OPTION_PROTOCOL:
    case OPTION_PROTOCOL_STEPS:
    case OPTION_CPUS:
        return add_setting(o, w->name + 2, w, err);
    case OPTION_JOBS:
        return set_number(w, 1, 1024, &o->jobs, err);
    case OPTION_REPS:
    case OPTION_REPS_DEMO:
    case OPTION_REPS_FOLLOW:
        o->reps_given = 1;
        return set_number(w, 1, 10000000, &o->repetitions, err);
    case OPTION_SEED:
        s = set_number(w, 0, INT64_MAX, &seed, err);
        o->seed = (uint64_t)seed;
        return s;
    case OPTION_TRACE_SMIS:
    case OPTION_TRACE_SLOWEST:
        return set_traced(o, w, err);
    case OPTION_TRACE:
        return set_text(w, "file, or -", &o->trace, err);
    case OPTION_OUT:
    case OPTION_OUT_DEMO:
    case OPTION_OUT_SWEEP:
        return set_text(w, "folder", &o->out, err);
    case OPTION_OUT_FILE:
        return set_text(w, "file", &o->out, err);
    case OPTION_FORMAT:
    case OPTION_FORMAT_LIST:
        return set_format(o, w, err);
    case OPTION_UNTIL:
        return set_word(w, &o->until);
    case OPTION_VIOLATES_FOLLOW:
        return set_word(w, &o->violates);
    case OPTION_DIGEST_FOLLOW:
        return set_word(w, &o->digest);
    case OPTION_CHECK:
        return set_word(w, &o->check);
    case OPTION_METRIC:
        return set_word(w, &o->metric);
    default:
        set_flag(o, w->id);
        return SIM_OK;
    }
}

/* Those that are numbers, as if they had been given. */
static void set_defaults(options *o, command_id command)
{
    for (int id = 0; id < OPTIONS; id++) {
        const option_row *row = &option_rows[id];
        const option_word given = {.id = (option_id)id, .name = row->name, .value = row->value};

        if ((row->commands >> command & 1) && row->value[0] >= '0' && row->value[0] <= '9')
            SIM_ASSERT(take(o, &given, NULL) == SIM_OK);
    }
    o->reps_given = 0;
    o->trace_how = NULL;
}

sim_status options_parse(int argc, char **argv, options *out, sim_err *err)
{
    words all = {.argc = argc, .argv = argv};
    option_word w;
    sim_status s;

    memset(out, 0, sizeof *out);
    set_defaults(out, words_command(argv[0]));
    do {
        s = words_next(&all, &w, err);
        if (s == SIM_OK && w.id != OPTION_END)
            s = take(out, &w, err);
    } while (s == SIM_OK && w.id != OPTION_END);
    if (s == SIM_OK && out->trace_how && !out->trace)
        return err_set(err, SIM_BAD_INPUT, "%s: nothing is traced (give --trace FILE, too)",
                       out->trace_how);
    return s;
}
