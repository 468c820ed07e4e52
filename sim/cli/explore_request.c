/* SPDX-License-Identifier: Apache-2.0 */
/* explore_request: what the words of explore and replay say, and which of them go together. */
#include "sim/cli/explore_request.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/explore/mutants.h"
#include "sim/lib/units.h"
#include "sim/cli/words.h"

enum { FULL_CPUS_MAX = 8, DEVIATIONS_MAX = 10000, HINT_SIZE = 160 };

/* ---- which options go together ---------------------------------------------------------- */

static const char *const kind_names[REQUEST_KINDS] = {
    "a full search",
    "--deviations",
    "--random",
    "--table",
    "a bug that has a model of its own",
    "smmsim replay",
    "smmsim replay of a bug that has a model of its own"};

enum {
    IN_SEARCH = 1 << REQUEST_SEARCH,
    IN_FEW = 1 << REQUEST_FEW,
    IN_RANDOM = 1 << REQUEST_RANDOM,
    IN_TABLE = 1 << REQUEST_TABLE,
    IN_BOOT = 1 << REQUEST_BOOT,
    IN_REPLAY = 1 << REQUEST_REPLAY,
    IN_BOOT_REPLAY = 1 << REQUEST_BOOT_REPLAY,
    IN_SEARCHES = IN_SEARCH | IN_FEW | IN_TABLE | IN_BOOT,
    IN_RUNS = IN_SEARCH | IN_FEW | IN_RANDOM,
    IN_SETTINGS = IN_RUNS | IN_REPLAY,
    IN_REPLAYS = IN_REPLAY | IN_BOOT_REPLAY
};

/* Where an option has an effect; elsewhere it is refused. */
static const unsigned where[OPTIONS] = {
    [OPTION_PROTOCOL] = IN_SETTINGS,
    [OPTION_CPUS_ORDER] = IN_SETTINGS,
    [OPTION_SMIS] = IN_SETTINGS,
    [OPTION_SET_ORDER] = IN_SETTINGS,
    [OPTION_MEMORY] = IN_SETTINGS,
    [OPTION_NO_TIMEOUTS] = IN_SETTINGS,
    [OPTION_MUTANT] = IN_SETTINGS | IN_BOOT | IN_BOOT_REPLAY,
    [OPTION_MENDED] = IN_SETTINGS | IN_BOOT | IN_BOOT_REPLAY,
    [OPTION_PROPERTIES] = IN_RUNS,
    [OPTION_ALL] = IN_SEARCH | IN_FEW,
    [OPTION_NO_REDUCTION] = IN_SEARCH,
    [OPTION_RANDOM] = IN_RANDOM,
    [OPTION_SEED_WALKS] = IN_RANDOM,
    [OPTION_DEVIATIONS] = IN_FEW,
    [OPTION_THREADS] = IN_SEARCHES,
    [OPTION_MAX_MEMORY] = IN_SEARCHES,
    [OPTION_MAX_DEPTH] = IN_SEARCH | IN_FEW,
    [OPTION_MAX_SECONDS] = IN_RUNS | IN_TABLE,
    [OPTION_TABLE] = IN_TABLE,
    [OPTION_JOURNAL] = IN_TABLE,
    [OPTION_COVERAGE] = IN_RUNS,
    [OPTION_VIOLATES] = IN_REPLAYS,
    [OPTION_DIGEST] = IN_REPLAYS,
    [OPTION_LOOP] = IN_REPLAY,
};

/* Does the option itself say what is to be done? */
static int chooses(option_id id)
{
    return id == OPTION_RANDOM || id == OPTION_DEVIATIONS || id == OPTION_TABLE;
}

/* What would be right instead of an option that has no effect: never what is there already. */
static void hint(const explore_request *r, option_id id, char right[HINT_SIZE])
{
    right[0] = 0;
    if (r->kind == REQUEST_BOOT || r->kind == REQUEST_BOOT_REPLAY)
        (void)snprintf(right, HINT_SIZE, "without it, or without --%s %s",
                       r->boot_fixed ? "fixed" : "mutant", r->boot->id);
    else if (r->kind == REQUEST_TABLE || chooses(id))
        (void)snprintf(right, HINT_SIZE, "without it, or without %s", kind_names[r->kind]);
    if (right[0])
        return;
    for (int k = 0; k < REQUEST_KINDS; k++)
        if (where[id] >> k & 1) {
            size_t used = strlen(right);

            (void)snprintf(right + used, HINT_SIZE - used, "%s%s", used ? ", " : "with ",
                           kind_names[k]);
        }
}

static sim_status check_goes(const explore_request *r, const option_word *w, sim_err *err)
{
    char right[HINT_SIZE];

    if (where[w->id] >> r->kind & 1)
        return SIM_OK;
    hint(r, w->id, right);
    return err_set(err, SIM_BAD_INPUT, "%s has no effect with %s (would be right: %s)", w->name,
                   kind_names[r->kind], right);
}

/* ---- values ----------------------------------------------------------------------------- */

static sim_status parse_count(const option_word *w, uint64_t *out, sim_err *err)
{
    int64_t number = 0;
    sim_status s = units_parse(UNIT_COUNT, w->value, &number, err);

    if (s == SIM_OK && number < 0)
        return err_set(err, SIM_BAD_INPUT, "%s: %s is below 0 (0 or more)", w->name, w->value);
    *out = (uint64_t)number;
    return s == SIM_OK ? s : err_prefix(err, s, "%s", w->name);
}

static sim_status parse_rule(explore_request *r, const char *value, sim_err *err)
{
    uint32_t many;

    if (r->boot && strcmp(r->boot->property, value) == 0) {
        r->property = r->boot->violates;
        return SIM_OK;
    }
    if (r->boot)
        return err_set(err, SIM_BAD_INPUT,
                       "--violates: \"%s\" is no rule of %s (would be right: %s)", value,
                       r->boot->id, r->boot->property);
    r->property = rules_find(value);
    if (r->property >= 0 || rules_parse("--violates", value, &many, err) != SIM_OK)
        return r->property >= 0 ? SIM_OK : SIM_BAD_INPUT;
    return err_set(err, SIM_BAD_INPUT, "--violates: \"%s\" is several rules (would be right: one)",
                   value);
}

sim_status explore_request_digest(const char *value, uint64_t *digest, sim_err *err)
{
    static const char digits[] = "0123456789abcdef";

    *digest = 0;
    for (const char *at = value; *at; at++) {
        const char *digit = strchr(digits, *at);

        if (!digit || at - value >= 16)
            break;
        *digest = *digest << 4 | (uint64_t)(digit - digits);
    }
    if (strlen(value) != 16 || strspn(value, digits) != 16)
        return err_set(err, SIM_BAD_INPUT,
                       "--digest: \"%s\" is none (would be right: 16 hexadecimal digits, as "
                       "explore printed them)",
                       value);
    return SIM_OK;
}

static sim_status parse_ceiling(const char *value, uint64_t *ceiling, sim_err *err)
{
    int64_t bytes = 0;
    sim_status status = units_parse(UNIT_BYTES, value, &bytes, err);

    if (status == SIM_OK && bytes < 1 << 20)
        return err_set(err, SIM_BAD_INPUT,
                       "--max-memory: too little (would be right: 1MiB or more)");
    *ceiling = (uint64_t)bytes;
    return status == SIM_OK ? SIM_OK : err_prefix(err, status, "--max-memory");
}

static sim_status assign(explore_request *r, const option_word *w, const char *name,
                         const char *value, sim_err *err)
{
    const param_origin origin = {PARAM_USER, w->name, "", ""};
    sim_status s = name ? param_assign(r->params, name, value, &origin, err)
                        : param_assign_pair(r->params, value, &origin, err);

    return s == SIM_OK ? s : err_prefix(err, s, "%s", w->name);
}

/* ---- the command line ------------------------------------------------------------------- */

/* The nearest bug, of all models, for one that is not known. */
static sim_status unknown_bug(const option_word *w, sim_err *err)
{
    const char **names =
        sim_alloc((uint64_t)mutant_count + (uint64_t)explore_boot_count, sizeof *names);
    const char *near;

    for (int m = 0; m < mutant_count; m++)
        names[m] = mutants[m].id;
    for (int i = 0; i < explore_boot_count; i++)
        names[mutant_count + i] = explore_boot_scenarios[i].id;
    near = err_nearest(w->value, names, mutant_count + explore_boot_count);
    free(names);
    return err_set(err, SIM_BAD_INPUT,
                   "%s: unknown bug \"%s\" (%s%s%s`smmsim list mutants` shows "
                   "all)",
                   w->name, w->value, near ? "did you mean \"" : "", near ? near : "",
                   near ? "\"? " : "");
}

/* Bugs around the rendezvous have small models of their own. */
static sim_status take_bug(explore_request *r, const option_word *w, sim_err *err)
{
    const explore_boot_scenario *boot = explore_boot_find(w->value);
    const mutant *m = boot ? NULL : mutants_find(w->value);
    const char *before = r->boot ? r->boot->id : r->settings.mutant_name;
    int fixed = w->id == OPTION_MENDED;

    if (!boot && !m)
        return unknown_bug(w, err);
    if (before &&
        (strcmp(before, w->value) != 0 || fixed != (r->boot ? r->boot_fixed : r->settings.fixed)))
        return err_set(err, SIM_BAD_INPUT, "%s %s: a second bug, after %s (would be right: one)",
                       w->name, w->value, before);
    if (m)
        mutants_put(m, fixed, r->params, &r->settings);
    r->boot = boot;
    r->boot_fixed = boot && fixed;
    return SIM_OK;
}

static sim_status take_limit(const option_word *w, uint64_t least, uint64_t most, uint64_t *out,
                             sim_err *err)
{
    sim_status s = parse_count(w, out, err);

    if (s == SIM_OK && (*out < least || *out > most))
        return err_set(err, SIM_BAD_INPUT, "%s: %s is out of bounds (%" PRIu64 " to %" PRIu64 ")",
                       w->name, w->value, least, most);
    return s;
}

static sim_status take_setting(explore_request *r, const option_word *w, sim_err *err)
{
    if (w->id == OPTION_SET_ORDER)
        return assign(r, w, NULL, w->value, err);
    if (w->id == OPTION_NO_REDUCTION || w->id == OPTION_NO_TIMEOUTS)
        return assign(r, w, w->name + 5, "off", err);
    return assign(r, w, w->name + 2, w->value, err);
}

static sim_status take_value(explore_request *r, const option_word *w, sim_err *err)
{
    uint64_t number = 0;
    sim_status s;

    switch (w->id) {
    case OPTION_PROPERTIES:
        return rules_parse("--properties", w->value, &r->settings.watch, err);
    case OPTION_RANDOM:
        return take_limit(w, 1, INT64_MAX, &r->runs, err);
    case OPTION_SEED_WALKS:
        return parse_count(w, &r->seed, err);
    case OPTION_DEVIATIONS:
        return take_limit(w, 0, DEVIATIONS_MAX, &r->deviations, err);
    case OPTION_THREADS:
        s = parse_count(w, &number, err);
        r->options.threads =
            (int)(number < EXPLORE_THREADS_MAX ? number : (uint64_t)EXPLORE_THREADS_MAX);
        return s;
    case OPTION_MAX_MEMORY:
        return parse_ceiling(w->value, &r->options.ceiling, err);
    case OPTION_MAX_DEPTH:
        return parse_count(w, &r->options.deepest, err);
    case OPTION_MAX_SECONDS:
        return parse_count(w, &r->options.seconds, err);
    case OPTION_JOURNAL:
        r->journal = w->value;
        return SIM_OK;
    case OPTION_VIOLATES:
        return parse_rule(r, w->value, err);
    case OPTION_DIGEST:
        r->has_digest = 1;
        return explore_request_digest(w->value, &r->digest, err);
    case OPTION_LOOP:
        return parse_count(w, &r->loop, err);
    default:
        r->options.all |= w->id == OPTION_ALL;
        r->coverage |= w->id == OPTION_COVERAGE;
        return where[w->id] == IN_SETTINGS || w->id == OPTION_NO_REDUCTION ? take_setting(r, w, err)
                                                                           : SIM_OK;
    }
}

/* What is to be done, and which bug: a bug's settings come first, wherever it stands, so that all
 * others win. */
static sim_status take_kind(explore_request *r, words all, sim_err *err)
{
    unsigned seen = 0;
    option_word w;

    do {
        if (words_next(&all, &w, err) != SIM_OK ||
            ((w.id == OPTION_MUTANT || w.id == OPTION_MENDED) && take_bug(r, &w, err) != SIM_OK))
            return SIM_BAD_INPUT;
        seen |= w.id < OPTIONS && chooses(w.id) ? where[w.id] : 0;
    } while (w.id != OPTION_END);
    if (r->kind == REQUEST_REPLAY && r->boot)
        r->kind = REQUEST_BOOT_REPLAY;
    else if (r->kind != REQUEST_REPLAY)
        r->kind = seen & IN_TABLE    ? REQUEST_TABLE
                  : r->boot          ? REQUEST_BOOT
                  : seen & IN_RANDOM ? REQUEST_RANDOM
                  : seen & IN_FEW    ? REQUEST_FEW
                                     : REQUEST_SEARCH;
    return SIM_OK;
}

static sim_status take_rest(explore_request *r, words all, sim_err *err)
{
    option_word w;

    for (;;) {
        if (words_next(&all, &w, err) != SIM_OK)
            return SIM_BAD_INPUT;
        if (w.id == OPTION_END)
            return SIM_OK;
        if (w.id == OPTION_NONE)
            r->schedule = w.value;
        else if (take_value(r, &w, err) != SIM_OK || check_goes(r, &w, err) != SIM_OK)
            return SIM_BAD_INPUT;
    }
}

/* What must fit together once all is read. */
static sim_status check_request(explore_request *r, int replays, sim_err *err)
{
    if (replays && !r->schedule)
        return err_set(err, SIM_BAD_INPUT, "no schedule (would be right: what explore printed)");
    if (r->loop && r->property != RULE_NO_LIVELOCK)
        return err_set(err, SIM_BAD_INPUT,
                       "--loop: only a livelock comes back (would be right: with --violates "
                       "no-livelock)");
    if ((r->kind == REQUEST_RANDOM || r->kind == REQUEST_FEW) &&
        r->settings.watch == 1u << RULE_NO_LIVELOCK)
        return err_set(err, SIM_BAD_INPUT,
                       "no-livelock cannot be judged with %s (would be right: with a full search)",
                       kind_names[r->kind]);
    if (!(r->settings.watch & rules_for(r->settings.protocol)))
        return err_set(err, SIM_BAD_INPUT,
                       "properties: %s has nothing that they are about (would be right: default)",
                       r->settings.protocol->name);
    if (r->kind == REQUEST_SEARCH && r->settings.cpus > FULL_CPUS_MAX)
        return err_set(err, SIM_BAD_INPUT,
                       "--cpus %u is too many to search in full (would be right: up to %d, or "
                       "--random RUNS, or --deviations D)",
                       r->settings.cpus, FULL_CPUS_MAX);
    return SIM_OK;
}

/* Those that are no parameters. */
static void set_defaults(explore_request *r)
{
    static const option_id ids[] = {OPTION_SEED_WALKS, OPTION_MAX_MEMORY};

    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        const option_row *row = &option_rows[ids[i]];
        const option_word given = {.id = ids[i], .name = row->name, .value = row->value};

        SIM_ASSERT(take_value(r, &given, NULL) == SIM_OK);
    }
}

sim_status explore_request_parse(explore_request *r, int argc, char **argv, sim_err *err)
{
    step_config config;
    int replays = strcmp(argv[0], "replay") == 0;
    const words all = {.argc = argc, .argv = argv};

    *r = (explore_request){.property = -1};
    r->params = param_new_for(&params_table, PARAM_FOR_ORDER);
    explore_smm_defaults(&r->settings);
    r->kind = replays ? REQUEST_REPLAY : REQUEST_SEARCH;
    set_defaults(r);
    if (take_kind(r, all, err) == SIM_OK && take_rest(r, all, err) == SIM_OK &&
        explore_smm_read(r->params, &r->settings, err) == SIM_OK &&
        check_request(r, replays, err) == SIM_OK &&
        explore_smm_check_settings(&r->settings, &config, err) == SIM_OK) {
        r->options.watch = r->settings.watch & rules_for(r->settings.protocol);
        return SIM_OK;
    }
    explore_request_free(r);
    return SIM_BAD_INPUT;
}

void explore_request_free(explore_request *r)
{
    param_free(r->params);
    r->params = NULL;
}
