/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_explore: the subcommands explore and replay. */
#include "workloads/cmd_explore.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "models/mutants.h"
#include "sim/units.h"

enum { DEFAULT_CEILING_GIB = 4 };

typedef struct {
    explore_smm_settings settings;
    explore_options options;
    int coverage, csv, quiet;
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
    "  --threads T          as many as the machine has; the outcome is the same for any\n"
    "  --max-memory SIZE    4GiB; at the ceiling the search ends with what it has covered\n"
    "  --max-depth D        no bound\n"
    "  --coverage           a line for each step with the branches taken\n"
    "exit status: 0 no violation, 1 a violation, 2 bad input, 3 out of memory\n"
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

static sim_status take_option(request *r, const char *name, const char *value, sim_err *err)
{
    uint64_t number = 0;
    int64_t bytes;
    sim_status status;

    if (strcmp(name, "--set") == 0)
        return take_pair(r, value, err);
    if (strcmp(name, "--threads") == 0) {
        status = parse_count(name, value, &number, err);
        r->options.threads = (int)(number < 256 ? number : 256);
        return status;
    }
    if (strcmp(name, "--max-depth") == 0)
        return parse_count(name, value, &r->options.deepest, err);
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
                     r->options.deepest && (uint64_t)result->depth >= r->options.deepest
                         ? "--max-depth"
                         : "--max-memory",
                     bytes);
    else if (!result->complete)
        (void)printf("; ended with the first violation");
    (void)printf("\n");
}

static int print_violation(const explore_smm *smm, const request *r, const explore *search,
                           int property, int64_t length)
{
    uint32_t *labels = sim_alloc((uint64_t)length + 1, sizeof *labels);
    explore_smm_schedule schedule = {.labels = labels, .count = length, .property = property};
    sim_err err;
    sim_status status;

    explore_trace(search, property, length, labels);
    status = explore_smm_digest(smm, &schedule, &schedule.digest, &err);
    (void)printf("\nVIOLATION   %s in %" PRId64 " steps: not \"%s\"\n",
                 explore_smm_properties[property].name, length,
                 explore_smm_properties[property].text);
    if (status == SIM_OK)
        status = explore_smm_replay(smm, &schedule, stdout, &err);
    if (status == SIM_OK) {
        (void)printf("smmsim replay ");
        explore_smm_print_settings(&r->settings, stdout);
        (void)printf(" --violates %s --digest %016" PRIx64 " '",
                     explore_smm_properties[property].name, schedule.digest);
        explore_smm_print_schedule(labels, length, stdout);
        (void)printf("'\n");
    }
    free(labels);
    return status == SIM_OK ? SIM_FINDING : fail("explore", status, &err);
}

static int report(explore_smm *smm, const request *r, const explore *search,
                  const explore_result *result)
{
    int worst = shortest(result);

    print_counts(r, result);
    print_properties(r->options.watch);
    explore_smm_print_coverage(smm, r->coverage, stdout);
    if (worst < 0) {
        (void)printf("verdict     %s\n",
                     result->complete ? "no violation" : "no violation among what was seen");
        return SIM_OK;
    }
    for (int p = 0; p < EXPLORE_SMM_PROPERTY_COUNT; p++)
        if (p == worst || (r->options.all && result->first[p] != EXPLORE_NO_DEPTH))
            (void)print_violation(smm, r, search, p, result->first[p]);
    return SIM_FINDING;
}

int explore_command(int argc, char **argv)
{
    request r = {0};
    step_config config;
    explore search;
    explore_result result;
    explore_smm *smm;
    sim_err err;
    sim_status status;
    int code;

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
    if (status != SIM_OK)
        return fail("explore", status, &err);
    r.options.progress = isatty(2);
    smm = explore_smm_new(&r.settings, &config);
    status = explore_run(&search, explore_smm_model(smm), &r.options, &result, &err);
    if (status != SIM_OK) {
        explore_smm_free(smm);
        return fail("explore", status, &err);
    }
    (void)printf("explore     ");
    explore_smm_print_settings(&r.settings, stdout);
    (void)printf("\n");
    code = report(smm, &r, &search, &result);
    explore_free(&search);
    explore_smm_free(smm);
    return code;
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
