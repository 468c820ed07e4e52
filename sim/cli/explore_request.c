/* SPDX-License-Identifier: Apache-2.0 */
/* explore_request: the options of explore and replay, their help, and which go together. */
#include "sim/cli/explore_request.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "models/explore/mutants.h"
#include "sim/lib/units.h"

enum { HELP_TEXT = 78 }; /* columns behind the name of a property */
enum { DEFAULT_CEILING_GIB = 4, FULL_CPUS_MAX = 8, DEVIATIONS_MAX = 10000, HINT_SIZE = 160 };

/* ---- help ------------------------------------------------------------------------------- */

#define HELP_SETTINGS                                                                          \
    "  --protocol P         edk2-head\n"                                                       \
    "  --cpus N             2\n"                                                               \
    "  --smis K             triggers; each may come at any time (1)\n"                         \
    "  --set NAME=VALUE     any parameter for order or both; `smmsim params` shows all; may\n" \
    "                       be repeated\n"                                                     \
    "  --no-timeouts        timeouts=off\n"                                                    \
    "  --memory sc|tso      memory=\n"                                                         \
    "  --mutant ID          put a known bug back in (smmsim list mutants)\n"                   \
    "  --mended ID          the same settings without the bug\n"

static const char explore_text[] =
    "usage: smmsim explore [--protocol P] [--cpus N] [--smis K] [--set NAME=VALUE]...\n"
    "\n"
    "Drives the protocol through every order of its steps, breadth first.\n" HELP_SETTINGS
    "  --properties P,...   what to check: names, default, all; with a bug: what it breaks\n"
    "  --all                go on after a violation: the shortest of each property\n"
    "  --no-reduction       every order, also those that cannot matter\n"
    "  --random RUNS        random runs instead, up to 64 CPUs; a violation is shrunk, which\n"
    "                       4000 tries, an interrupt or --max-seconds may cut off\n"
    "  --seed S             of the random runs (1)\n"
    "  --deviations D       search all runs that depart from the usual order at most D times\n"
    "  --threads T          as many as the machine has; the outcome is the same for any\n"
    "  --max-memory SIZE    4GiB; at the ceiling the search ends with what it has covered\n"
    "  --max-depth D        no bound\n"
    "  --max-seconds S      no bound; shrinking and the judging of no-livelock end with it, too\n"
    "  --table              every version in every setting, as a table (about an hour on two\n"
    "                       cores)\n"
    "  --journal FILE       of a table: keeps what is done there, goes on from it\n"
    "  --coverage           a line for each step with the branches taken\n"
    "exit status: 0 no violation, or none as far as the search went (nothing was judged, if\n"
    "no-livelock was all that was asked for and the search was cut short); 1 a violation, or no\n"
    "handler ever ran, so that the search says nothing; 2 bad input, 3 out of memory, 130\n"
    "interrupted\n"
    "\n"
    "properties (* not checked unless asked for)\n";

static const char replay_text[] =
    "usage: smmsim replay [SETTINGS]... [--violates P] [--digest D] [--loop L] 'SCHEDULE'\n"
    "\n"
    "Repeats a run step by step. explore prints the whole line behind a violation.\n" HELP_SETTINGS
    "  --violates P         the property that the last step or state must violate\n"
    "  --digest D           of the last state, 16 hexadecimal digits\n"
    "  --loop L             of no-livelock: the last L steps lead back to where they begin\n"
    "\n"
    "A schedule is steps with spaces between:\n"
    "  0                    a step of CPU 0\n"
    "  0*6                  six of them (any step can be repeated so)\n"
    "  0=1                  a step of CPU 0 with outcome 1, where it has several: yes (0 is no)\n"
    "                       for the machine check test, the CPU for a loop in free order\n"
    "  p0                   CPU 0 triggers an SMI; p and the number of CPUs: hardware does;\n"
    "                       p0=1: the second source\n"
    "  e1                   CPU 1 takes its SMI and enters SMM\n"
    "  t1                   the timeout of CPU 1's wait passes\n"
    "  d0                   CPU 0's oldest buffered store reaches memory (memory=tso)\n"
    "  s0                   the machine sleeps and resumes (suspend=on)\n"
    "With a bug that has a model of its own (F10, F12, F31, F32, F33, F36, F38) 0 and 1 are\n"
    "steps of these CPUs, 2 of the operating system, and there are no settings.\n"
    "exit status: 0 it was repeated, 1 and it violates P, or the model diverges (on stderr),\n"
    "2 bad input, such as a step that no run with these settings can have\n";

void explore_request_help(int replay)
{
    (void)fputs(replay ? replay_text : explore_text, stdout);
    for (int p = 0; !replay && p < RULE_COUNT; p++) {
        const char *text = rules[p].text;
        int fits;

        (void)printf("  %-16s %s", rules[p].name, rules[p].on ? "" : "* ");
        for (; strlen(text) > HELP_TEXT; text += fits + 1) {
            for (fits = HELP_TEXT; text[fits] != ' '; fits--)
                ;
            (void)printf("%.*s\n%19s", fits, text, "");
        }
        (void)printf("%s\n", text);
    }
}

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

typedef enum {
    OPTION_SETTING, /* a parameter, under the option's name */
    OPTION_PROPERTIES,
    OPTION_SET,
    OPTION_BUG,
    OPTION_NO_TIMEOUTS,
    OPTION_ALL,
    OPTION_NO_REDUCTION,
    OPTION_RANDOM,
    OPTION_SEED,
    OPTION_DEVIATIONS,
    OPTION_THREADS,
    OPTION_MAX_MEMORY,
    OPTION_MAX_DEPTH,
    OPTION_MAX_SECONDS,
    OPTION_TABLE,
    OPTION_JOURNAL,
    OPTION_COVERAGE,
    OPTION_VIOLATES,
    OPTION_DIGEST,
    OPTION_LOOP
} option_id;

typedef struct {
    const char *name;
    option_id id;
    unsigned where; /* IN_...: where it has an effect */
    int flag;       /* takes no value */
} option;

static const option options[] = {
    {"--set", OPTION_SET, IN_SETTINGS, 0},
    {"--mutant", OPTION_BUG, IN_SETTINGS | IN_BOOT | IN_BOOT_REPLAY, 0},
    {"--mended", OPTION_BUG, IN_SETTINGS | IN_BOOT | IN_BOOT_REPLAY, 0},
    {"--no-timeouts", OPTION_NO_TIMEOUTS, IN_SETTINGS, 1},
    {"--properties", OPTION_PROPERTIES, IN_RUNS, 0},
    {"--all", OPTION_ALL, IN_SEARCH | IN_FEW, 1},
    {"--no-reduction", OPTION_NO_REDUCTION, IN_SEARCH, 1},
    {"--random", OPTION_RANDOM, IN_RANDOM, 0},
    {"--seed", OPTION_SEED, IN_RANDOM, 0},
    {"--deviations", OPTION_DEVIATIONS, IN_FEW, 0},
    {"--threads", OPTION_THREADS, IN_SEARCHES, 0},
    {"--max-memory", OPTION_MAX_MEMORY, IN_SEARCHES, 0},
    {"--max-depth", OPTION_MAX_DEPTH, IN_SEARCH | IN_FEW, 0},
    {"--max-seconds", OPTION_MAX_SECONDS, IN_RUNS | IN_TABLE, 0},
    {"--table", OPTION_TABLE, IN_TABLE, 1},
    {"--journal", OPTION_JOURNAL, IN_TABLE, 0},
    {"--coverage", OPTION_COVERAGE, IN_RUNS, 1},
    {"--violates", OPTION_VIOLATES, IN_REPLAYS, 0},
    {"--digest", OPTION_DIGEST, IN_REPLAYS, 0},
    {"--loop", OPTION_LOOP, IN_REPLAY, 0},
};
/* Every other name is that of a parameter. */
static const option a_setting = {NULL, OPTION_SETTING, IN_SETTINGS, 0};

static const option *option_named(const char *name)
{
    for (size_t o = 0; o < sizeof options / sizeof options[0]; o++)
        if (strcmp(options[o].name, name) == 0)
            return &options[o];
    return &a_setting;
}

/* Does the option itself say what is to be done? */
static int chooses(const option *o)
{
    return o->id == OPTION_RANDOM || o->id == OPTION_DEVIATIONS || o->id == OPTION_TABLE;
}

/* What would be right instead of an option that has no effect: never what is there already. */
static void hint(const explore_request *r, const option *o, char right[HINT_SIZE])
{
    int replays = IN_REPLAYS >> r->kind & 1;

    right[0] = 0;
    if (replays && !(o->where & IN_REPLAYS))
        (void)snprintf(right, HINT_SIZE, "with smmsim explore");
    else if (!replays && !(o->where & ~(unsigned)IN_REPLAYS))
        (void)snprintf(right, HINT_SIZE, "with smmsim replay");
    else if (r->kind == REQUEST_BOOT || r->kind == REQUEST_BOOT_REPLAY)
        (void)snprintf(right, HINT_SIZE, "without it, or without --%s %s",
                       r->boot_mended ? "mended" : "mutant", r->boot->id);
    else if (r->kind == REQUEST_TABLE || chooses(o))
        (void)snprintf(right, HINT_SIZE, "without it, or without %s", kind_names[r->kind]);
    if (right[0])
        return;
    for (int k = 0; k < REQUEST_KINDS; k++)
        if (o->where >> k & 1) {
            size_t used = strlen(right);

            (void)snprintf(right + used, HINT_SIZE - used, "%s%s", used ? ", " : "with ",
                           kind_names[k]);
        }
}

static sim_status check_goes(const explore_request *r, const option *o, const char *name,
                             sim_err *err)
{
    char right[HINT_SIZE];

    if (o->where >> r->kind & 1)
        return SIM_OK;
    hint(r, o, right);
    return err_set(err, SIM_BAD_INPUT, "%s has no effect with %s (would be right: %s)", name,
                   kind_names[r->kind], right);
}

/* ---- values ----------------------------------------------------------------------------- */

static sim_status parse_count(const char *name, const char *value, uint64_t *out, sim_err *err)
{
    int64_t number;

    if (units_parse(UNIT_COUNT, value, &number, err) != SIM_OK || number < 0)
        return err_set(err, SIM_BAD_INPUT, "%s: '%s' is no count", name, value);
    *out = (uint64_t)number;
    return SIM_OK;
}

static sim_status parse_property(explore_request *r, const char *value, sim_err *err)
{
    if (r->boot && strcmp(r->boot->property, value) == 0) {
        r->property = r->boot->violates;
        return SIM_OK;
    }
    if (r->boot)
        return err_set(err, SIM_BAD_INPUT,
                       "--violates: '%s' is no property of %s (would be right: %s)", value,
                       r->boot->id, r->boot->property);
    r->property = rules_find(value);
    return r->property >= 0 ? SIM_OK
                            : err_set(err, SIM_BAD_INPUT, "--violates: '%s' is no property", value);
}

static sim_status parse_digest(const char *value, uint64_t *digest, sim_err *err)
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
                       "--digest: '%s' is none (would be right: 16 hexadecimal digits, as explore "
                       "printed them)",
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

static sim_status assign(explore_request *r, const char *name, const char *value, sim_err *err)
{
    const param_origin origin = {PARAM_USER, "command line", "", ""};

    return param_assign(r->params, name, value, &origin, err);
}

/* ---- the command line ------------------------------------------------------------------- */

static sim_status take_mutant(explore_request *r, const mutant *m, const char *const words[2],
                              sim_err *err)
{
    int mended = strcmp(words[0], "--mended") == 0;

    if (!m)
        return err_set(
            err, SIM_BAD_INPUT,
            "%s: '%s' is unknown (would be right: an id that `smmsim list mutants` shows)",
            words[0] + 2, words[1]);
    if (r->settings.mutant_name &&
        (m->id != r->settings.mutant_name || mended != r->settings.mended))
        return err_set(err, SIM_BAD_INPUT, "%s: %s and %s%s cannot both be (would be right: one)",
                       words[0] + 2, r->settings.mutant_name, m->id, mended ? " mended" : "");
    mutants_put(m, mended, r->params, &r->settings);
    return SIM_OK;
}

/* Bugs around the rendezvous have small models of their own. */
static sim_status take_bug(explore_request *r, const char *const words[2], sim_err *err)
{
    const char *name = words[0], *id = words[1];
    const explore_boot_scenario *boot = explore_boot_find(id);
    int mended = strcmp(name, "--mended") == 0;

    if (!boot && !r->boot)
        return take_mutant(r, mutants_find(id), words, err);
    if (r->settings.mutant_name || (r->boot && (r->boot != boot || r->boot_mended != mended)))
        return err_set(err, SIM_BAD_INPUT, "%s %s: a second bug (would be right: one)", name, id);
    r->boot = boot;
    r->boot_mended = mended;
    return SIM_OK;
}

static sim_status take_value(explore_request *r, const option *o, const char *const words[2],
                             sim_err *err)
{
    const char *name = words[0], *value = words[1];
    uint64_t number = 0;
    sim_status status;

    switch (o->id) {
    case OPTION_SET:
        return param_assign_pair(r->params, value, &(param_origin){PARAM_USER, "--set", "", ""},
                                 err);
    case OPTION_PROPERTIES:
        return rules_parse("properties", value, &r->settings.watch, err);
    case OPTION_RANDOM:
        status = parse_count(name, value, &r->runs, err);
        if (status == SIM_OK && r->runs == 0)
            return err_set(err, SIM_BAD_INPUT, "--random: 0 runs (would be right: 1 or more)");
        return status;
    case OPTION_SEED:
        return parse_count(name, value, &r->seed, err);
    case OPTION_DEVIATIONS:
        status = parse_count(name, value, &r->deviations, err);
        if (status == SIM_OK && r->deviations > DEVIATIONS_MAX)
            return err_set(err, SIM_BAD_INPUT,
                           "--deviations: %s is too many (would be right: up to %d)", value,
                           DEVIATIONS_MAX);
        return status;
    case OPTION_THREADS:
        status = parse_count(name, value, &number, err);
        r->options.threads =
            (int)(number < EXPLORE_THREADS_MAX ? number : (uint64_t)EXPLORE_THREADS_MAX);
        return status;
    case OPTION_MAX_MEMORY:
        return parse_ceiling(value, &r->options.ceiling, err);
    case OPTION_MAX_DEPTH:
        return parse_count(name, value, &r->options.deepest, err);
    case OPTION_MAX_SECONDS:
        return parse_count(name, value, &r->options.seconds, err);
    case OPTION_JOURNAL:
        r->journal = value;
        return SIM_OK;
    case OPTION_VIOLATES:
        return parse_property(r, value, err);
    case OPTION_DIGEST:
        r->has_digest = 1;
        return parse_digest(value, &r->digest, err);
    case OPTION_LOOP:
        return parse_count(name, value, &r->loop, err);
    default:
        return assign(r, name + 2, value, err);
    }
}

static sim_status take_flag(explore_request *r, option_id id, sim_err *err)
{
    if (id == OPTION_NO_REDUCTION)
        return assign(r, "reduction", "off", err);
    if (id == OPTION_NO_TIMEOUTS)
        return assign(r, "timeouts", "off", err);
    r->options.all |= id == OPTION_ALL;
    r->coverage |= id == OPTION_COVERAGE;
    return SIM_OK;
}

/* What is to be done, and which bug: a bug's settings come first, wherever it stands, so that all
 * others win. */
static sim_status take_kind(explore_request *r, int argc, char **argv, sim_err *err)
{
    int table = 0, random = 0, few = 0;

    for (int i = 1; i < argc; i++) {
        const option *o = option_named(argv[i]);

        if (strncmp(argv[i], "--", 2) != 0 || (!o->flag && i + 1 == argc))
            continue; /* a schedule; or for take_rest to refuse */
        table |= o->id == OPTION_TABLE;
        random |= o->id == OPTION_RANDOM;
        few |= o->id == OPTION_DEVIATIONS;
        if (o->id == OPTION_BUG &&
            take_bug(r, (const char *const[2]){argv[i], argv[i + 1]}, err) != SIM_OK)
            return SIM_BAD_INPUT;
        i += !o->flag;
    }
    if (r->kind == REQUEST_REPLAY && r->boot)
        r->kind = REQUEST_BOOT_REPLAY;
    else if (r->kind != REQUEST_REPLAY)
        r->kind = table     ? REQUEST_TABLE
                  : r->boot ? REQUEST_BOOT
                  : random  ? REQUEST_RANDOM
                  : few     ? REQUEST_FEW
                            : REQUEST_SEARCH;
    return SIM_OK;
}

static sim_status take_rest(explore_request *r, int argc, char **argv, sim_err *err)
{
    for (int i = 1; i < argc; i++) {
        const option *o = option_named(argv[i]);

        if (strncmp(argv[i], "--", 2) != 0) {
            if (r->schedule)
                return err_set(err, SIM_BAD_INPUT, "'%s' is one schedule too many", argv[i]);
            r->schedule = argv[i];
            continue;
        }
        if (!o->flag && i + 1 == argc)
            return err_set(err, SIM_BAD_INPUT, "%s needs a value, or is unknown (see --help)",
                           argv[i]);
        if (o->id != OPTION_BUG && !o->flag &&
            take_value(r, o, (const char *const[2]){argv[i], argv[i + 1]}, err) != SIM_OK)
            return SIM_BAD_INPUT;
        if (check_goes(r, o, argv[i], err) != SIM_OK)
            return SIM_BAD_INPUT;
        if (o->flag && take_flag(r, o->id, err) != SIM_OK)
            return SIM_BAD_INPUT;
        i += !o->flag;
    }
    return SIM_OK;
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
    if (!replays && r->schedule)
        return err_set(err, SIM_BAD_INPUT, "'%s' is no option (a schedule is for replay)",
                       r->schedule);
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

sim_status explore_request_parse(explore_request *r, int argc, char **argv, sim_err *err)
{
    step_config config;
    int replays = strcmp(argv[0], "replay") == 0;

    *r = (explore_request){.seed = 1, .property = -1};
    r->params = param_new_for(&params_table, PARAM_FOR_ORDER);
    explore_smm_defaults(&r->settings);
    r->kind = replays ? REQUEST_REPLAY : REQUEST_SEARCH;
    r->options.ceiling = (uint64_t)DEFAULT_CEILING_GIB << 30;
    if (take_kind(r, argc, argv, err) == SIM_OK && take_rest(r, argc, argv, err) == SIM_OK &&
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
