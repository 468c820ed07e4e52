/* SPDX-License-Identifier: Apache-2.0 */
/* options: what the words of all commands but explore and replay say. */
#include "sim/cli/options.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
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

/* Where the options are kept whose value is a number, a name or a word as it is, or that are
 * there or not. */
typedef enum { KEPT_ELSEWHERE, KEPT_NUMBER, KEPT_NAME, KEPT_WORD, KEPT_FLAG } option_keeping;
typedef struct {
    option_keeping how;
    size_t member;       /* of options */
    int64_t least, most; /* of a number */
    const char *what;    /* a name is of */
} option_place;

#define NUMBER(member, least, most)                               \
    {                                                             \
        KEPT_NUMBER, offsetof(options, member), least, most, NULL \
    }
#define NAME(member, what)                               \
    {                                                    \
        KEPT_NAME, offsetof(options, member), 0, 0, what \
    }
#define WORD(member)                                     \
    {                                                    \
        KEPT_WORD, offsetof(options, member), 0, 0, NULL \
    }
#define FLAG(member)                                     \
    {                                                    \
        KEPT_FLAG, offsetof(options, member), 0, 0, NULL \
    }
static const option_place places[OPTIONS] = {
    [OPTION_JOBS] = NUMBER(jobs, 1, 1024),
    [OPTION_REPS] = NUMBER(repetitions, 1, 10000000),
    [OPTION_REPS_DEMO] = NUMBER(repetitions, 1, 10000000),
    [OPTION_REPS_FOLLOW] = NUMBER(repetitions, 1, 10000000),
    [OPTION_SEED] = NUMBER(seed, 0, INT64_MAX),
    [OPTION_TRACE_SMIS] = NUMBER(trace_smis, 1, TRACE_SMIS_MAX),
    [OPTION_TRACE_SLOWEST] = NUMBER(trace_smis, 1, TRACE_SMIS_MAX),
    [OPTION_TRACE] = NAME(trace, "file, or -"),
    [OPTION_OUT] = NAME(out, "folder"),
    [OPTION_OUT_DEMO] = NAME(out, "folder"),
    [OPTION_OUT_SWEEP] = NAME(out, "folder"),
    [OPTION_OUT_FILE] = NAME(out, "file"),
    [OPTION_UNTIL] = WORD(until),
    [OPTION_VIOLATES_FOLLOW] = WORD(violates),
    [OPTION_DIGEST_FOLLOW] = WORD(digest),
    [OPTION_CHECK] = WORD(check),
    [OPTION_METRIC] = WORD(metric),
    [OPTION_DETAIL] = FLAG(detail),
    [OPTION_HGRM] = FLAG(hgrm),
    [OPTION_RESUME] = FLAG(resume),
    [OPTION_DRY_RUN] = FLAG(dry_run),
    [OPTION_FORCE] = FLAG(force),
    [OPTION_MARKDOWN] = FLAG(markdown),
};
#undef NUMBER
#undef NAME
#undef WORD
#undef FLAG

static sim_status keep(options *o, const option_word *w, sim_err *err)
{
    const option_place *place = &places[w->id];
    void *member = (char *)o + place->member;
    int64_t number;

    if (place->how == KEPT_FLAG)
        *(int *)member = 1;
    if (place->how == KEPT_NAME && *w->value == '\0')
        return err_set(err, SIM_BAD_INPUT, "%s: empty (the name of a %s)", w->name, place->what);
    if (place->how == KEPT_NAME || place->how == KEPT_WORD)
        *(const char **)member = w->value;
    if (place->how != KEPT_NUMBER)
        return SIM_OK;
    if (units_parse(UNIT_COUNT, w->value, &number, err) != SIM_OK)
        return err_prefix(err, SIM_BAD_INPUT, "%s", w->name);
    if (number < place->least || number > place->most)
        return err_set(err, SIM_BAD_INPUT, "%s: %lld is out of bounds (%lld to %lld)", w->name,
                       (long long)number, (long long)place->least, (long long)place->most);
    *(int64_t *)member = number;
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
    return keep(o, w, err);
}

static sim_status set_format(options *o, const option_word *w, sim_err *err)
{
    o->csv |= strcmp(w->value, "csv") == 0;
    if (strcmp(w->value, "csv") == 0 || strcmp(w->value, "text") == 0)
        return SIM_OK;
    return err_set(err, SIM_BAD_INPUT, "--format: unknown format \"%s\" (text or csv)", w->value);
}

static sim_status take(options *o, const option_word *w, sim_err *err)
{
    switch (w->id) {
    case OPTION_NONE:
        o->operand[o->operands++] = w->value;
        return SIM_OK;
    case OPTION_SET:
    case OPTION_SET_FOLLOW:
        return set_pair(o, w, err);
    case OPTION_PLATFORM:
    case OPTION_WORKLOAD:
    case OPTION_PROTOCOL:
    case OPTION_PROTOCOL_DEMO:
    case OPTION_PROTOCOL_STEPS:
    case OPTION_CPUS:
        return add_setting(o, w->name + 2, w, err);
    case OPTION_TRACE_SMIS:
    case OPTION_TRACE_SLOWEST:
        return set_traced(o, w, err);
    case OPTION_FORMAT:
    case OPTION_FORMAT_LIST:
        return set_format(o, w, err);
    case OPTION_REPS:
        o->reps_given = 1;
        return keep(o, w, err);
    default:
        return keep(o, w, err);
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

int options_run(int argc, char **argv, options_work *work)
{
    options *o = sim_alloc(1, sizeof *o);
    sim_err err = {""};
    sim_status s = options_parse(argc, argv, o, &err);

    if (s == SIM_OK)
        s = work(o, &err);
    if (s != SIM_OK && err.text[0])
        err_tell("%s", err.text);
    free(o);
    return (int)s;
}
