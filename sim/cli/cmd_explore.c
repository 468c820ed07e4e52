/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_explore: the subcommands explore and replay. */
#include "sim/cli/cmd_explore.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "models/explore/boot.h"
#include "models/explore/mutants.h"
#include "sim/lib/interrupt.h"
#include "sim/lib/table.h"
#include "sim/lib/text.h"
#include "sim/explore/terminal.h"
#include "sim/explore/bounded.h"
#include "sim/explore/walk.h"
#include "sim/lib/units.h"
#include "sim/cli/explore_request.h"
#include "sim/cli/explore_table.h"

enum { REPORT_COLUMN = 12 /* where what is said behind a word begins */ };

static int fail(sim_status status, const sim_err *err)
{
    err_tell("%s", err->text);
    return (int)status;
}

/* ---- verdict ---------------------------------------------------------------------------- */

/* What is printed goes to memory first, and from there in lines that fit. */
typedef struct {
    FILE *out;
    char *text;
    size_t length;
} page;

static void page_begin(page *p)
{
    p->text = NULL;
    p->out = open_memstream(&p->text, &p->length);
    if (!p->out)
        sim_panic(__FILE__, __LINE__, "out of memory");
}

static void page_end(page *p)
{
    (void)fclose(p->out);
    text_wrap_lines(stdout, p->text, REPORT_COLUMN);
    free(p->text);
}

static void print_rules(uint32_t set, FILE *out)
{
    for (int p = 0; p < RULE_COUNT; p++)
        if (set >> p & 1)
            (void)fprintf(out, " %s", rules[p].name);
}

/* A livelock shows only once all states are known; `unjudged`: why they are not, or NULL. The
 * properties that were judged: a set. */
static uint32_t print_properties(const explore_request *r, const char *unjudged, FILE *out)
{
    uint32_t livelock = 1u << RULE_NO_LIVELOCK;
    uint32_t judged = r->options.watch & ~(unjudged ? livelock : 0);

    (void)fprintf(out, "properties %s", judged ? "" : " none");
    print_rules(judged, out);
    (void)fprintf(out, "\n");
    if (r->settings.watch != r->options.watch) {
        (void)fprintf(out, "not for it ");
        print_rules(r->settings.watch & ~r->options.watch, out);
        (void)fprintf(out, ": %s has no such words\n", r->settings.protocol->name);
    }
    if (judged != r->options.watch)
        (void)fprintf(out, "not judged  %s: %s\n", rules[RULE_NO_LIVELOCK].name, unjudged);
    return judged;
}

/* Without a violation: what that is worth. SIM_FINDING if it is worth nothing. */
static sim_status print_clean(const explore_smm *smm, const char *verdict, int complete)
{
    int ran = explore_smm_handler_ran(smm);

    if (!ran && complete)
        (void)printf("verdict     vacuous: no handler ever ran, so nothing is shown\n");
    else
        (void)printf("verdict     %s%s\n", verdict, ran ? "" : "; no handler ran");
    return !ran && complete ? SIM_FINDING : SIM_OK;
}

/* Of the violations the shortest; among equals the first in the list. */
static int shortest(const explore_result *result)
{
    int best = -1;

    for (int p = 0; p < RULE_COUNT; p++)
        if (result->first[p] != EXPLORE_NO_DEPTH &&
            (best < 0 || result->first[p] < result->first[best]))
            best = p;
    return best;
}

/* What cut a search short. */
static const char *ended_by(const explore_request *r, const explore_result *result)
{
    if (result->interrupted)
        return "an interrupt";
    if (result->out_of_time)
        return "--max-seconds";
    return r->options.deepest && (uint64_t)result->depth >= r->options.deepest ? "--max-depth"
                                                                               : "--max-memory";
}

static void print_counts(const explore_request *r, const explore_result *result, FILE *out)
{
    char memory[32];

    (void)units_human(UNIT_BYTES, (int64_t)result->bytes, 3, memory, sizeof memory);
    (void)fprintf(out, "states      %" PRIu64 ", %" PRIu64 " transitions, depth %" PRId64 "\n",
                  result->states, result->transitions, result->depth);
    (void)fprintf(out, "bounds      %u CPUs, %u SMI%s%s", r->settings.cpus, r->settings.smis,
                  r->settings.smis > 1 ? "s" : "", r->settings.timeouts ? "" : ", no timeouts");
    if (!result->complete && !r->options.all && shortest(result) >= 0)
        (void)fprintf(out, "; ended with the first violation");
    else if (!result->complete)
        (void)fprintf(out, "; NOT ALL: %sended by %s after %s",
                      result->all_seen ? "all states were seen; no-livelock was not judged: " : "",
                      ended_by(r, result), memory);
    (void)fprintf(out, "\n");
}

/* Tells a run that violates `property`, and how to repeat it. */
static sim_status print_violation(const explore_request *r, explore_smm_schedule schedule)
{
    explore_smm_settings settings = r->settings;
    step_config config;
    explore_smm *smm;
    sim_err err;
    sim_status status;

    settings.reduce = 0;
    status = explore_smm_check_settings(&settings, &config, &err);
    if (status != SIM_OK)
        return (sim_status)fail(status, &err);
    smm = explore_smm_new(&settings, &config);
    (void)printf("\nVIOLATION   %s in %" PRId64 " steps: %s\n", rules[schedule.property].name,
                 schedule.count, rules[schedule.property].broken);
    status = explore_smm_digest(smm, &schedule, &schedule.digest, &err);
    schedule.has_digest = 1;
    if (status == SIM_OK)
        status = explore_smm_replay(smm, &schedule, stdout, &err);
    if (status == SIM_OK) {
        (void)printf("smmsim replay ");
        explore_smm_print_settings(r->params, &r->settings, stdout);
        (void)printf(" --violates %s --digest %016" PRIx64, rules[schedule.property].name,
                     schedule.digest);
        if (schedule.loop)
            (void)printf(" --loop %" PRId64, schedule.loop);
        (void)printf(" '");
        explore_smm_print_schedule(schedule.labels, schedule.count, stdout);
        (void)printf("'\n");
    }
    explore_smm_free(smm);
    return status == SIM_OK ? SIM_FINDING : (sim_status)fail(status, &err);
}

static void print_traces(const explore_request *r, const explore *search,
                         const explore_result *result)
{
    int worst = shortest(result);

    for (int p = 0; p < RULE_COUNT; p++) {
        explore_livelock found = {.count = result->first[p]};

        if (p != worst && (!r->options.all || result->first[p] == EXPLORE_NO_DEPTH))
            continue;
        found.labels = sim_alloc((uint64_t)found.count + 1, sizeof *found.labels);
        explore_trace(search, p, found.count, found.labels);
        if (p == RULE_NO_LIVELOCK)
            explore_terminal_livelock(search, &found);
        (void)print_violation(r, (explore_smm_schedule){.labels = found.labels,
                                                        .count = found.count,
                                                        .loop = found.loop,
                                                        .property = p});
        free(found.labels);
    }
}

/* ---- searches --------------------------------------------------------------------------- */

/* Why no-livelock was not judged. */
static const char *unjudged(const explore_request *r, const explore_result *result)
{
    if (r->kind == REQUEST_FEW)
        return "a run with more deviations may end";
    if (!result->all_seen)
        return "the search was not finished";
    return result->interrupted ? "all states were seen; ended by an interrupt"
                               : "all states were seen; ended by --max-seconds";
}

/* SIM_FINDING: there is a violation, or what there is shows nothing. */
static sim_status print_verdict(const explore_smm *smm, const explore_request *r,
                                const explore_result *result)
{
    page report;
    uint32_t judged;

    page_begin(&report);
    (void)fprintf(report.out, "explore     ");
    explore_smm_print_settings(r->params, &r->settings, report.out);
    (void)fprintf(report.out, "\n");
    print_counts(r, result, report.out);
    if (r->kind == REQUEST_FEW)
        (void)fprintf(report.out, "deviations  at most %" PRIu64 " from the usual order\n",
                      r->deviations);
    (void)fprintf(report.out, "reduction   %s\n", explore_smm_reduction(smm));
    judged = print_properties(r, result->judged_terminal ? NULL : unjudged(r, result), report.out);
    explore_smm_print_coverage(smm, r->coverage ? 2 : result->all_seen, report.out);
    page_end(&report);
    if (shortest(result) >= 0)
        return SIM_FINDING;
    if (!judged) {
        (void)printf("verdict     INCOMPLETE: nothing was judged\n");
        return SIM_OK;
    }
    return print_clean(smm,
                       result->complete   ? "no violation"
                       : result->all_seen ? "INCOMPLETE: no violation; no-livelock was not judged"
                                          : "INCOMPLETE: no violation among what was seen",
                       result->all_seen);
}

/* What a search came to. */
typedef struct {
    explore_result result;
    sim_status status; /* SIM_FINDING: a violation was printed, or the search shows nothing */
} searched;

/* One search. With reductions, a violation is only a reason to search again without them. */
static sim_status search_once(const explore_request *r, searched *out, sim_err *err)
{
    explore_bounded bounded;
    explore search;
    step_config config;
    explore_smm *smm;
    explore_options options = r->options;
    explore_result *result = &out->result;
    sim_status status = explore_smm_check_settings(&r->settings, &config, err);

    if (status != SIM_OK)
        return status;
    smm = explore_smm_new(&r->settings, &config);
    explore_bounded_init(&bounded, explore_smm_model(smm), (uint32_t)r->deviations);
    options.livelock = r->kind == REQUEST_FEW ? 0 : 1u << RULE_NO_LIVELOCK;
    status = explore_run(&search, r->kind == REQUEST_FEW ? &bounded.model : explore_smm_model(smm),
                         &options, result, err);
    out->status = SIM_OK;
    if (status == SIM_OK && shortest(result) >= 0)
        out->status = SIM_FINDING;
    if (status == SIM_OK && (shortest(result) < 0 || !r->settings.reduce)) {
        out->status = print_verdict(smm, r, result);
        if (shortest(result) >= 0)
            print_traces(r, &search, result);
    }
    if (status == SIM_OK)
        explore_free(&search);
    explore_smm_free(smm);
    return status;
}

static sim_status search(explore_request *r, sim_err *err)
{
    searched reduced, full;
    sim_status status;
    int property;

    if (r->kind == REQUEST_FEW)
        r->settings.reduce = 0;
    status = search_once(r, &reduced, err);
    if (status != SIM_OK)
        return status;
    property = shortest(&reduced.result);
    if (!r->settings.reduce || property < 0)
        return reduced.status;
    if (*interrupt_asked())
        return SIM_FINDING;
    r->settings.reduce = 0;
    status = search_once(r, &full, err);
    if (status == SIM_OK && full.status == SIM_OK && !full.result.complete) {
        (void)printf("verdict     with reductions %s is violated within %" PRId64
                     " steps; its shortest schedule was not reached\n",
                     rules[property].name, reduced.result.first[property]);
        return SIM_FINDING;
    }
    return status == SIM_OK ? full.status : status;
}

static void print_shrunk(const explore_walk_result *result)
{
    (void)printf("shrunk      run %" PRIu64 ": %" PRId64 " steps with %" PRId64
                 " deviations, to %" PRId64 " with %" PRId64 "\n",
                 result->run, result->found_length, result->found_deviations, result->length,
                 result->deviations);
    if (result->shrunk == EXPLORE_SHRINK_DONE)
        return;
    (void)printf("            shrinking was cut off: ended by ");
    if (result->shrunk == EXPLORE_SHRINK_TRIES)
        (void)printf("its limit of %d tries or %d steps", EXPLORE_SHRINK_TRIES_MOST,
                     EXPLORE_SHRINK_STEPS_MOST);
    else
        (void)printf("%s",
                     result->shrunk == EXPLORE_SHRINK_STOPPED ? "an interrupt" : "--max-seconds");
    (void)printf("; some deviations may be needless\n");
}

static sim_status walks(explore_request *r, sim_err *err)
{
    explore_walk_options options = {.seed = r->seed, .runs = r->runs, .steps = 1 << 16};
    explore_walk_result result;
    page report;
    step_config config;
    explore_smm *smm;
    sim_status status;

    r->settings.reduce = 0;
    options.watch = r->options.watch;
    options.stop = interrupt_asked();
    options.seconds = r->options.seconds;
    status = explore_smm_check_settings(&r->settings, &config, err);
    if (status != SIM_OK)
        return status;
    smm = explore_smm_new(&r->settings, &config);
    explore_walk_random(explore_smm_model(smm), &options, &result);
    page_begin(&report);
    (void)fprintf(report.out, "explore     ");
    explore_smm_print_settings(r->params, &r->settings, report.out);
    (void)fprintf(
        report.out, "\nrandom      %" PRIu64 " runs, %" PRIu64 " steps, seed %" PRIu64 "%s\n",
        result.runs, result.steps, r->seed,
        result.out_of_time                             ? "; NOT ALL: ended by --max-seconds"
        : result.property < 0 && result.runs < r->runs ? "; NOT ALL: ended by an interrupt"
                                                       : "");
    (void)print_properties(r, "runs cannot show that there is no end", report.out);
    explore_smm_print_coverage(smm, r->coverage ? 2 : 0, report.out);
    page_end(&report);
    if (result.property < 0)
        status = print_clean(smm,
                             result.runs == r->runs ? "no violation among these runs"
                                                    : "INCOMPLETE: no violation among these runs",
                             result.runs == r->runs);
    else
        print_shrunk(&result);
    if (result.property >= 0)
        status = print_violation(r, (explore_smm_schedule){.labels = result.labels,
                                                           .count = result.length,
                                                           .property = result.property});
    free(result.labels);
    explore_smm_free(smm);
    return status;
}

/* Tells a run of a small model that violates its property, and how to repeat it. */
static sim_status print_boot_violation(const explore_request *r, const explore_boot *boot,
                                       explore_schedule schedule, sim_err *err)
{
    sim_status status = explore_boot_digest(boot, &schedule, &schedule.digest, err);

    schedule.has_digest = 1;
    (void)printf("\nVIOLATION   %s in %" PRId64 " steps: %s\n", r->boot->property, schedule.count,
                 r->boot->broken);
    if (status == SIM_OK)
        status = explore_boot_replay(boot, &schedule, stdout, err);
    if (status != SIM_OK)
        return status;
    (void)printf("smmsim replay --%s %s --violates %s --digest %016" PRIx64 " '",
                 r->boot_fixed ? "fixed" : "mutant", r->boot->id, r->boot->property,
                 schedule.digest);
    explore_smm_print_schedule(schedule.labels, schedule.count, stdout);
    (void)printf("'\n");
    return SIM_FINDING;
}

static sim_status search_boot(const explore_request *r, sim_err *err)
{
    explore_result result;
    explore_boot boot;
    explore found;
    explore_options options = r->options;
    int64_t length;
    sim_status status;

    options.watch = 1u << r->boot->violates;
    explore_boot_init(&boot, r->boot, !r->boot_fixed);
    status = explore_run(&found, &boot.model, &options, &result, err);
    if (status != SIM_OK)
        return status;
    length = result.first[r->boot->violates];
    (void)printf("explore     --%s %s: %s (fixed by %s)\nstates      %" PRIu64 ", %" PRIu64
                 " transitions, depth %" PRId64 "\nproperties  %s\n",
                 r->boot_fixed ? "fixed" : "mutant", r->boot->id, r->boot->what, r->boot->fix,
                 result.states, result.transitions, result.depth, r->boot->property);
    if (length != EXPLORE_NO_DEPTH) {
        uint32_t *labels = sim_alloc((uint64_t)length + 1, sizeof *labels);

        explore_trace(&found, r->boot->violates, length, labels);
        status = print_boot_violation(
            r, &boot,
            (explore_schedule){.labels = labels, .count = length, .property = r->boot->violates},
            err);
        free(labels);
    } else {
        (void)printf("verdict     %s\n", result.complete
                                             ? "no violation"
                                             : "INCOMPLETE: no violation among what was seen");
    }
    explore_free(&found);
    return status;
}

void cmd_list_mutants(void)
{
    text_table *t = table_new("lllw");

    for (const mutant *m = mutants; m < mutants + mutant_count; m++)
        table_row(t, m->id, m->fix, m->property, m->what);
    for (int i = 0; i < explore_boot_count; i++) {
        const explore_boot_scenario *b = &explore_boot_scenarios[i];

        table_row(t, b->id, b->fix, b->property, b->what);
    }
    table_print(t, 2, stdout);
}

int cmd_explore(int argc, char **argv)
{
    explore_request r;
    sim_err err;
    sim_status status;

    status = explore_request_parse(&r, argc, argv, &err);
    if (status == SIM_OK && r.kind != REQUEST_RANDOM)
        status = explore_gather(&r.options, &err);
    if (status != SIM_OK)
        return fail(status, &err);
    r.options.progress = isatty(2);
    r.options.stop = interrupt_asked();
    interrupt_ask(); /* an interrupt ends a search with what it has covered */
    if (r.kind == REQUEST_BOOT)
        status = search_boot(&r, &err);
    else if (r.kind == REQUEST_TABLE)
        status = explore_table_print(&r.options, r.journal, stdout, &err);
    else
        status = r.kind == REQUEST_RANDOM ? walks(&r, &err) : search(&r, &err);
    explore_request_free(&r);
    if (*interrupt_asked() && (status == SIM_OK || status == SIM_FINDING))
        return SIM_INTERRUPTED;
    return status == SIM_OK || status == SIM_FINDING ? (int)status : fail(status, &err);
}

static sim_status replay_smm(explore_request *r, explore_schedule *schedule, sim_err *err)
{
    step_config config;
    explore_smm *smm;
    sim_status status = explore_smm_check_settings(&r->settings, &config, err);

    if (status != SIM_OK)
        return status;
    r->settings.reduce = 0;
    status = explore_smm_check_schedule(&r->settings, schedule, err);
    if (status != SIM_OK)
        return status;
    smm = explore_smm_new(&r->settings, &config);
    status = explore_smm_replay(smm, schedule, stdout, err);
    explore_smm_free(smm);
    return status;
}

static sim_status replay_boot(const explore_request *r, explore_schedule *schedule, sim_err *err)
{
    explore_boot boot;
    sim_status status;

    explore_boot_init(&boot, r->boot, !r->boot_fixed);
    status = explore_boot_check_schedule(&boot, schedule, err);
    return status == SIM_OK ? explore_boot_replay(&boot, schedule, stdout, err) : status;
}

int cmd_replay(int argc, char **argv)
{
    explore_request r;
    explore_schedule schedule = {0};
    uint32_t *labels = NULL;
    sim_err err;
    sim_status status;

    status = explore_request_parse(&r, argc, argv, &err);
    if (status != SIM_OK)
        return fail(status, &err);
    explore_request_free(&r); /* there is nothing to tell again */
    status = explore_smm_parse_schedule(r.schedule, &labels, &schedule.count, &err);
    if (status != SIM_OK)
        return fail(status, &err);
    schedule.labels = labels;
    schedule.property = r.property;
    schedule.has_digest = r.has_digest;
    schedule.digest = r.digest;
    schedule.loop = r.loop < (uint64_t)schedule.count ? (int64_t)r.loop : schedule.count;
    if (schedule.loop < schedule.count) /* that nothing leads out of it takes a search */
        status = explore_gather(&r.options, &err);
    if (status == SIM_OK)
        status = r.kind == REQUEST_BOOT_REPLAY ? replay_boot(&r, &schedule, &err)
                                               : replay_smm(&r, &schedule, &err);
    free(labels);
    if (status != SIM_OK)
        return fail(status, &err);
    if (r.property < 0)
        return SIM_OK;
    (void)printf("VIOLATION   %s, as recorded\n",
                 r.boot ? r.boot->property : rules[r.property].name);
    return SIM_FINDING;
}
