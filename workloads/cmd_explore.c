/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_explore: the subcommands explore and replay. */
#include "workloads/cmd_explore.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "models/explore_boot.h"
#include "models/mutants.h"
#include "sim/explore_walk.h"
#include "sim/units.h"
#include "workloads/explore_table.h"

enum { DEFAULT_CEILING_GIB = 4 };

/* ---- an interrupt ends a search with what it has covered; a second one ends it at once ---------
 */

static volatile sig_atomic_t signalled;

static void on_signal(int number)
{
    (void)number;
    signalled = 1;
}

static void catch_signals(void)
{
    const struct sigaction end = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};

    (void)sigaction(SIGINT, &end, NULL);
    (void)sigaction(SIGTERM, &end, NULL);
}

/* ---- request ---------------------------------------------------------------------------- */

typedef struct {
    explore_smm_settings settings;
    explore_options options;
    uint64_t runs, seed, deviations;
    int coverage, few, table;
    const char *journal;
    const explore_boot_scenario *boot; /* a bug outside of the rendezvous */
    const char *schedule;
    int property;
    uint64_t digest;
} request;

static const char help_text[] =
    "usage: smmsim explore [--protocol P] [--cpus N] [--smis K] [--set NAME=VALUE]...\n"
    "       smmsim replay  (the same, and what explore printed)\n"
    "\n"
    "Drives the protocol through every order of its steps, breadth first.\n"
    "  --protocol P         edk2-head\n"
    "  --cpus N             2\n"
    "  --smis K             triggers; each may come at any time (1)\n"
    "  --set NAME=VALUE     smi.delivery=broadcast|unicast|hardware, "
    "sync.mode=traditional|relaxed,\n"
    "                       bsp.election=hook|race|fixed, timeouts=on|off, memory=sc|tso,\n"
    "                       trigger=any|bsp|ap|CPU, cpus.late=CPU,... cpus.blocked=CPU,...\n"
    "                       cpus.excused=COUNT, boot.cpu=CPU, possible=N, lmce, mtrr, "
    "debug.agent,\n"
    "                       suspend=on|off, sources=1|2,\n"
    "                       handler=rendezvous,job:CPU,job-wait:CPU,jobs,jobs-wait,switch:CPU\n"
    "  --no-timeouts        timeouts=off\n"
    "  --memory sc|tso      memory=\n"
    "  --mutant ID          put a known bug back in (smmsim list mutants)\n"
    "  --properties P,...   what to check: names, default, all\n"
    "  --all                go on after a violation: the shortest of each property\n"
    "  --no-reduction       every order, also those that cannot matter\n"
    "  --random RUNS        random runs instead, up to 64 CPUs; a violation is shrunk\n"
    "  --seed S             of the random runs (1)\n"
    "  --deviations D       search all runs that depart from the usual order at most D times\n"
    "  --threads T          as many as the machine has; the outcome is the same for any\n"
    "  --max-memory SIZE    4GiB; at the ceiling the search ends with what it has covered\n"
    "  --max-depth D        no bound\n"
    "  --max-seconds S      no bound\n"
    "  --table              every version in every setting, as a table (takes minutes)\n"
    "  --journal FILE       of a table: keeps what is done there, goes on from it\n"
    "  --coverage           a line for each step with the branches taken\n"
    "exit status: 0 no violation, 1 a violation, 2 bad input, 3 out of memory, 130 interrupted\n"
    "\n"
    "properties (* not checked unless asked for)\n";

static void print_help(void)
{
    (void)fputs(help_text, stdout);
    for (int p = 0; p < EXPLORE_SMM_PROPERTY_COUNT; p++)
        (void)printf("  %-16s %s%s\n", explore_smm_properties[p].name,
                     explore_smm_properties[p].on ? "" : "* ", explore_smm_properties[p].text);
}

/* ---- options ---------------------------------------------------------------------------- */

static int property_named(const char *name)
{
    for (int p = 0; p < EXPLORE_SMM_PROPERTY_COUNT; p++)
        if (strcmp(explore_smm_properties[p].name, name) == 0)
            return p;
    return -1;
}

static sim_status parse_count(const char *name, const char *value, uint64_t *out, sim_err *err)
{
    int64_t number;

    if (units_parse(UNIT_COUNT, value, &number, err) != SIM_OK || number < 0)
        return err_set(err, SIM_BAD_INPUT, "%s: '%s' is no count", name, value);
    *out = (uint64_t)number;
    return SIM_OK;
}

static int take_flag(request *r, const char *name)
{
    if (strcmp(name, "--all") == 0)
        r->options.all = 1;
    else if (strcmp(name, "--no-reduction") == 0)
        r->settings.reduce = 0;
    else if (strcmp(name, "--no-timeouts") == 0)
        r->settings.timeouts = 0;
    else if (strcmp(name, "--table") == 0)
        r->table = 1;
    else if (strcmp(name, "--coverage") == 0)
        r->coverage = 1;
    else
        return 0;
    return 1;
}

static sim_status take_pair(request *r, const char *value, sim_err *err)
{
    char name[64];
    const char *equals = strchr(value, '=');

    if (!equals || (size_t)(equals - value) >= sizeof name)
        return err_set(err, SIM_BAD_INPUT, "--set %s: no '=' (would be right: --set NAME=VALUE)",
                       value);
    memcpy(name, value, (size_t)(equals - value));
    name[equals - value] = 0;
    return explore_smm_set(&r->settings, name, equals + 1, err);
}

/* Bugs around the rendezvous have small models of their own. */
static int take_boot(request *r, const char *id)
{
    for (int i = 0; i < explore_boot_count; i++)
        if (strcmp(explore_boot_scenarios[i].id, id) == 0)
            r->boot = &explore_boot_scenarios[i];
    return r->boot != NULL;
}

static sim_status take_option(request *r, const char *name, const char *value, sim_err *err)
{
    uint64_t number = 0;
    int64_t bytes;
    sim_status status;

    if (strcmp(name, "--set") == 0)
        return take_pair(r, value, err);
    if (strcmp(name, "--mutant") == 0 && take_boot(r, value))
        return SIM_OK;
    if (strcmp(name, "--threads") == 0) {
        status = parse_count(name, value, &number, err);
        r->options.threads = (int)(number < 256 ? number : 256);
        return status;
    }
    if (strcmp(name, "--random") == 0)
        return parse_count(name, value, &r->runs, err);
    if (strcmp(name, "--seed") == 0)
        return parse_count(name, value, &r->seed, err);
    if (strcmp(name, "--deviations") == 0) {
        r->few = 1;
        return parse_count(name, value, &r->deviations, err);
    }
    if (strcmp(name, "--max-depth") == 0)
        return parse_count(name, value, &r->options.deepest, err);
    if (strcmp(name, "--max-seconds") == 0)
        return parse_count(name, value, &r->options.seconds, err);
    if (strcmp(name, "--journal") == 0) {
        r->journal = value;
        return SIM_OK;
    }
    if (strcmp(name, "--max-memory") == 0) {
        status = units_parse(UNIT_BYTES, value, &bytes, err);
        if (status == SIM_OK && bytes < 1 << 20)
            return err_set(err, SIM_BAD_INPUT,
                           "--max-memory: too little (would be right: 1MiB or more)");
        r->options.ceiling = (uint64_t)(status == SIM_OK ? bytes : 0);
        return status == SIM_OK ? SIM_OK : err_prefix(err, status, "--max-memory");
    }
    if (strcmp(name, "--violates") == 0) {
        r->property = property_named(value);
        if (r->property < 0)
            return err_set(err, SIM_BAD_INPUT, "--violates: '%s' is no property", value);
        return SIM_OK;
    }
    if (strcmp(name, "--digest") == 0) {
        r->digest = strtoull(value, NULL, 16);
        return SIM_OK;
    }
    return explore_smm_set(&r->settings, name + 2, value, err);
}

static sim_status parse(request *r, int argc, char **argv, sim_err *err)
{
    explore_smm_defaults(&r->settings);
    r->options.ceiling = (uint64_t)DEFAULT_CEILING_GIB << 30;
    r->property = -1;
    r->seed = 1;
    for (int i = 1; i < argc; i++) {
        sim_status status;

        if (strncmp(argv[i], "--", 2) != 0) {
            if (r->schedule)
                return err_set(err, SIM_BAD_INPUT, "'%s' is one schedule too many", argv[i]);
            r->schedule = argv[i];
            continue;
        }
        if (take_flag(r, argv[i]))
            continue;
        if (i + 1 == argc)
            return err_set(err, SIM_BAD_INPUT, "%s needs a value, or is unknown (see --help)",
                           argv[i]);
        status = take_option(r, argv[i], argv[i + 1], err);
        if (status != SIM_OK)
            return status;
        i++;
    }
    r->options.watch = r->settings.watch;
    return SIM_OK;
}

static int fail(const char *command, sim_status status, const sim_err *err)
{
    (void)fprintf(stderr, "smmsim %s: %s\n", command, err->text);
    return (int)status;
}

/* ---- verdict ---------------------------------------------------------------------------- */

static void print_properties(uint32_t watch)
{
    (void)printf("properties ");
    for (int p = 0; p < EXPLORE_SMM_PROPERTY_COUNT; p++)
        if (watch >> p & 1)
            (void)printf(" %s", explore_smm_properties[p].name);
    (void)printf("\n");
}

/* Of the violations the shortest; among equals the first in the list. */
static int shortest(const explore_result *result)
{
    int best = -1;

    for (int p = 0; p < EXPLORE_SMM_PROPERTY_COUNT; p++)
        if (result->first[p] != EXPLORE_NO_DEPTH &&
            (best < 0 || result->first[p] < result->first[best]))
            best = p;
    return best;
}

static void print_counts(const request *r, const explore_result *result)
{
    char bytes[32];

    (void)units_human(UNIT_BYTES, (int64_t)result->bytes, 3, bytes, sizeof bytes);
    (void)printf("states      %" PRIu64 ", %" PRIu64 " transitions, depth %" PRId64 "\n",
                 result->states, result->transitions, result->depth);
    (void)printf("bounds      %u CPUs, %u SMI%s%s", r->settings.cpus, r->settings.smis,
                 r->settings.smis > 1 ? "s" : "", r->settings.timeouts ? "" : ", no timeouts");
    if (!result->complete && shortest(result) < 0)
        (void)printf("; NOT ALL: ended by %s after %s",
                     result->interrupted   ? "an interrupt"
                     : result->out_of_time ? "--max-seconds"
                     : r->options.deepest && (uint64_t)result->depth >= r->options.deepest
                         ? "--max-depth"
                         : "--max-memory",
                     bytes);
    else if (!result->complete)
        (void)printf("; ended with the first violation");
    (void)printf("\n");
}

/* Tells a run that violates `property`, and how to repeat it. */
static sim_status print_violation(const request *r, explore_smm_schedule schedule)
{
    explore_smm_settings settings = r->settings;
    step_config config;
    explore_smm *smm;
    sim_err err;
    sim_status status;

    settings.reduce = 0;
    status = explore_smm_check_settings(&settings, &config, &err);
    if (status != SIM_OK)
        return (sim_status)fail("explore", status, &err);
    smm = explore_smm_new(&settings, &config);
    (void)printf("\nVIOLATION   %s in %" PRId64 " steps: not \"%s\"\n",
                 explore_smm_properties[schedule.property].name, schedule.count,
                 explore_smm_properties[schedule.property].text);
    status = explore_smm_digest(smm, &schedule, &schedule.digest, &err);
    if (status == SIM_OK)
        status = explore_smm_replay(smm, &schedule, stdout, &err);
    if (status == SIM_OK) {
        (void)printf("smmsim replay ");
        explore_smm_print_settings(&r->settings, stdout);
        (void)printf(" --violates %s --digest %016" PRIx64 " '",
                     explore_smm_properties[schedule.property].name, schedule.digest);
        explore_smm_print_schedule(schedule.labels, schedule.count, stdout);
        (void)printf("'\n");
    }
    explore_smm_free(smm);
    return status == SIM_OK ? SIM_FINDING : (sim_status)fail("explore", status, &err);
}

static void print_traces(const request *r, const explore *search, const explore_result *result)
{
    int worst = shortest(result);

    for (int p = 0; p < EXPLORE_SMM_PROPERTY_COUNT; p++) {
        explore_smm_schedule schedule = {.count = result->first[p], .property = p};
        uint32_t *labels;

        if (p != worst && (!r->options.all || result->first[p] == EXPLORE_NO_DEPTH))
            continue;
        labels = sim_alloc((uint64_t)schedule.count + 1, sizeof *labels);
        explore_trace(search, p, schedule.count, labels);
        schedule.labels = labels;
        (void)print_violation(r, schedule);
        free(labels);
    }
}

/* ---- searches --------------------------------------------------------------------------- */

static void print_verdict(const explore_smm *smm, const request *r, const explore_result *result)
{
    (void)printf("explore     ");
    explore_smm_print_settings(&r->settings, stdout);
    (void)printf("\n");
    print_counts(r, result);
    if (r->few)
        (void)printf("deviations  at most %" PRIu64 " from the usual order\n", r->deviations);
    (void)printf("reduction   %s\n", explore_smm_reduction(smm));
    print_properties(r->options.watch);
    explore_smm_print_coverage(smm, r->coverage ? 2 : result->complete, stdout);
    if (shortest(result) < 0)
        (void)printf("verdict     %s\n",
                     result->complete ? "no violation" : "no violation among what was seen");
}

/* One search. With reductions, a violation is only a reason to search again without them. */
static sim_status search_once(const request *r, explore_result *result, sim_err *err)
{
    explore_few few;
    explore search;
    step_config config;
    explore_smm *smm;
    sim_status status = explore_smm_check_settings(&r->settings, &config, err);

    if (status != SIM_OK)
        return status;
    smm = explore_smm_new(&r->settings, &config);
    explore_walk_few(&few, explore_smm_model(smm), (uint32_t)r->deviations);
    status = explore_run(&search, r->few ? &few.model : explore_smm_model(smm), &r->options, result,
                         err);
    if (status == SIM_OK && (shortest(result) < 0 || !r->settings.reduce)) {
        print_verdict(smm, r, result);
        print_traces(r, &search, result);
    }
    if (status == SIM_OK)
        explore_free(&search);
    explore_smm_free(smm);
    return status;
}

static sim_status search(request *r, sim_err *err)
{
    explore_result result;
    explore_result reduced = {0};
    sim_status status;

    if (r->few)
        r->settings.reduce = 0;
    status = search_once(r, &result, err);
    if (status == SIM_OK && r->settings.reduce && shortest(&result) >= 0 && !signalled) {
        reduced = result;
        r->settings.reduce = 0;
        status = search_once(r, &result, err);
        if (status == SIM_OK && shortest(&result) < 0 && !result.complete)
            (void)printf("verdict     with reductions %s is violated within %" PRId64
                         " steps; its shortest schedule was not reached\n",
                         explore_smm_properties[shortest(&reduced)].name,
                         reduced.first[shortest(&reduced)]);
    }
    if (status != SIM_OK)
        return status;
    return shortest(&result) >= 0 || (shortest(&reduced) >= 0 && !result.complete) ? SIM_FINDING
                                                                                   : SIM_OK;
}

static sim_status walks(request *r, sim_err *err)
{
    explore_walk_options options = {.seed = r->seed, .runs = r->runs, .steps = 1 << 16};
    explore_walk_result result;
    step_config config;
    explore_smm *smm;
    sim_status status;

    r->settings.reduce = 0;
    options.watch = r->options.watch;
    options.stop = &signalled;
    status = explore_smm_check_settings(&r->settings, &config, err);
    if (status != SIM_OK)
        return status;
    smm = explore_smm_new(&r->settings, &config);
    explore_walk_random(explore_smm_model(smm), &options, &result);
    (void)printf("explore     ");
    explore_smm_print_settings(&r->settings, stdout);
    (void)printf("\nrandom      %" PRIu64 " runs, %" PRIu64 " steps, seed %" PRIu64 "\n",
                 result.runs, result.steps, r->seed);
    print_properties(r->options.watch);
    explore_smm_print_coverage(smm, r->coverage ? 2 : 0, stdout);
    if (result.property < 0)
        (void)printf("verdict     no violation among these runs\n");
    else
        (void)printf("shrunk      run %" PRIu64 ": %" PRId64 " steps with %" PRId64
                     " deviations, to %" PRId64 " with %" PRId64 "\n",
                     result.run, result.found_length, result.found_deviations, result.length,
                     result.deviations);
    if (result.property >= 0)
        status = print_violation(r, (explore_smm_schedule){.labels = result.labels,
                                                           .count = result.length,
                                                           .property = result.property});
    free(result.labels);
    explore_smm_free(smm);
    return status;
}

static sim_status search_boot(const request *r, sim_err *err)
{
    static const char *const texts[] = {"somebody waits for ever", "what is described happens"};
    explore_result result;
    explore_boot boot;
    explore found;
    uint32_t *labels;
    explore_options options = r->options;
    int64_t length;
    sim_status status;

    options.watch = 1u << r->boot->violates;
    explore_boot_init(&boot, r->boot, 1);
    status = explore_run(&found, &boot.model, &options, &result, err);
    if (status != SIM_OK)
        return status;
    length = result.first[r->boot->violates];
    (void)printf("explore     %s: %s (mended by %s)\nstates      %" PRIu64 "\n", r->boot->id,
                 r->boot->what, r->boot->fix, result.states);
    if (length != EXPLORE_NO_DEPTH) {
        labels = sim_alloc((uint64_t)length + 1, sizeof *labels);
        explore_trace(&found, r->boot->violates, length, labels);
        (void)printf("\nVIOLATION   in %" PRId64 " steps: %s\n", length, texts[r->boot->violates]);
        explore_boot_print(&boot, labels, length, stdout);
        free(labels);
    }
    explore_free(&found);
    return length == EXPLORE_NO_DEPTH ? SIM_OK : SIM_FINDING;
}

void explore_list_mutants(FILE *out)
{
    for (int m = 0; m < mutant_count; m++)
        (void)fprintf(out, "%-4s %-11s %-17s %s\n", mutants[m].id, mutants[m].fix,
                      mutants[m].property, mutants[m].what);
    for (int i = 0; i < explore_boot_count; i++)
        (void)fprintf(out, "%-4s %-11s %-17s %s\n", explore_boot_scenarios[i].id,
                      explore_boot_scenarios[i].fix, "(own model)", explore_boot_scenarios[i].what);
}

int explore_command(int argc, char **argv)
{
    request r = {0};
    step_config config;
    sim_err err;
    sim_status status;

    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            print_help();
            return SIM_OK;
        }
    status = parse(&r, argc, argv, &err);
    if (status == SIM_OK && r.schedule)
        status = err_set(&err, SIM_BAD_INPUT, "'%s' is no option (a schedule is for replay)",
                         r.schedule);
    if (status == SIM_OK)
        status = explore_smm_check_settings(&r.settings, &config, &err);
    if (status == SIM_OK && r.settings.cpus > 8 && !r.runs && !r.few)
        status = err_set(&err, SIM_BAD_INPUT,
                         "--cpus %u is too many to search in full (would be right: up to 8, or "
                         "--random RUNS, or --deviations D)",
                         r.settings.cpus);
    if (status != SIM_OK)
        return fail("explore", status, &err);
    r.options.progress = isatty(2);
    r.options.stop = &signalled;
    catch_signals();
    if (r.boot)
        status = search_boot(&r, &err);
    else if (r.table)
        status = explore_table_print(&r.options, r.journal, stdout, &err);
    else
        status = r.runs ? walks(&r, &err) : search(&r, &err);
    if (signalled && (status == SIM_OK || status == SIM_FINDING))
        return SIM_INTERRUPTED;
    return status == SIM_OK || status == SIM_FINDING ? (int)status : fail("explore", status, &err);
}

int replay_command(int argc, char **argv)
{
    request r = {0};
    explore_smm_schedule schedule = {0};
    uint32_t *labels = NULL;
    step_config config;
    explore_smm *smm;
    sim_err err;
    sim_status status;

    if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        print_help();
        return SIM_OK;
    }
    status = parse(&r, argc, argv, &err);
    if (status == SIM_OK && !r.schedule)
        status = err_set(&err, SIM_BAD_INPUT, "no schedule (would be right: what explore printed)");
    if (status == SIM_OK)
        status = explore_smm_check_settings(&r.settings, &config, &err);
    if (status == SIM_OK)
        status = explore_smm_parse_schedule(r.schedule, &labels, &schedule.count, &err);
    if (status != SIM_OK)
        return fail("replay", status, &err);
    r.settings.reduce = 0;
    smm = explore_smm_new(&r.settings, &config);
    schedule.labels = labels;
    schedule.property = r.property;
    schedule.digest = r.digest;
    status = explore_smm_replay(smm, &schedule, stdout, &err);
    explore_smm_free(smm);
    free(labels);
    if (status != SIM_OK)
        return fail("replay", SIM_FINDING, &err);
    if (r.property >= 0)
        (void)printf("VIOLATION   %s, as recorded\n", explore_smm_properties[r.property].name);
    return r.property >= 0 ? SIM_FINDING : SIM_OK;
}
