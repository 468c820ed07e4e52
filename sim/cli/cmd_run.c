/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_run: `smmsim run`: one setting, some repetitions, a report and the data files. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "workloads/attempt.h"
#include "sim/cli/cmd.h"
#include "sim/cli/hgrm.h"
#include "sim/cli/options.h"
#include "sim/cli/output.h"
#include "sim/cli/report.h"
#include "sim/cli/sigpipe.h"
#include "sim/cli/trace_run.h"
#include "workloads/trial.h"

typedef struct {
    const options *options;
    experiment experiment;
    metrics_point point;
    folder_owned *folder; /* or NULL */
    output output;
    outfile *trace_file; /* until the trace has it */
    trace_run *trace;    /* or NULL */
    attempt attempt;
    uint32_t rules;     /* --check: a set */
    uint64_t digest;    /* folded over the repetitions */
    uint64_t first_bad; /* repetition that did not come to its end; broken ones before others */
    trial_outcome bad;  /* how it ended */
    char stuck[2048];
} run_state;

static void note_outcome(run_state *r, uint32_t repetition)
{
    const run_record *record = &r->attempt.record;
    trial_outcome outcome = trial_outcome_of(record);

    if (outcome == TRIAL_OK || r->bad == TRIAL_BROKEN)
        return;
    if (r->bad != TRIAL_OK && outcome != TRIAL_BROKEN)
        return;
    r->bad = outcome;
    r->first_bad = repetition;
    (void)snprintf(r->stuck, sizeof r->stuck, "%s", record->stuck);
}

static void one_repetition(run_state *r, uint32_t repetition)
{
    const attempt *a = &r->attempt;
    int whole = attempt_run(&r->attempt, r->options->seed, repetition);

    metrics_point_add(&r->point, &a->one, &a->record);
    if (r->options->out)
        output_repetition(&r->output, 0, repetition, &a->record, &a->one);
    if (whole)
        trace_run_add(r->trace, repetition, &a->record);
    r->digest = (r->digest ^ a->record.digest) * UINT64_C(0x100000001b3);
    note_outcome(r, repetition);
}

/* On a terminal, between repetitions that take long; `shown`: when it was the last time. */
static void show_progress(const run_state *r, int64_t done, time_t *shown)
{
    struct timespec now;

    if (!isatty(STDERR_FILENO) || clock_gettime(CLOCK_MONOTONIC, &now) != 0)
        return;
    if (done == r->options->repetitions)
        (void)fputs("\r\033[K", stderr);
    else if (now.tv_sec > *shown && *shown > 0)
        (void)fprintf(stderr, "\r%lld of %lld repetitions\033[K", (long long)done,
                      (long long)r->options->repetitions);
    *shown = now.tv_sec;
}

static sim_status repetitions(run_state *r, sim_err *err)
{
    const trace_choice choice = {r->options->trace, (uint32_t)r->options->trace_smis,
                                 r->options->trace_slowest, r->trace_file};
    time_t shown = 0;
    sim_status s;

    attempt_init(&r->attempt);
    r->attempt.rules = r->rules;
    attempt_setup(&r->attempt, &r->experiment.setup);
    metrics_point_init(&r->point);
    show_progress(r, 0, &shown);
    if (r->options->trace)
        r->trace = trace_run_new(&choice, &r->experiment.setup);
    for (int64_t i = 0; i < r->options->repetitions; i++) {
        one_repetition(r, (uint32_t)i);
        show_progress(r, i + 1, &shown);
    }
    s = trace_run_write(r->trace, attempt_machine(&r->attempt), r->options->seed, err);
    trace_run_free(r->trace);
    return s;
}

static sim_status write_files(run_state *r, sim_err *err)
{
    char text[32];
    sim_status s = SIM_OK;

    output_experiment(&r->output, &r->experiment, r->options->seed,
                      (uint64_t)r->options->repetitions);
    (void)snprintf(text, sizeof text, "%016llx", (unsigned long long)r->digest);
    output_fact(&r->output, "digest.run", text, "", "");
    output_point(&r->output, 0, &r->point);
    if (r->options->hgrm)
        s = hgrm_save(r->folder, 0, r->point.all.time, err);
    if (s == SIM_OK)
        return output_close(&r->output, err);
    output_abandon(&r->output);
    return s;
}

static sim_status print_csv(const run_state *r, sim_err *err)
{
    csv_writer *w;
    sim_status s = csv_create("/dev/stdout", &w, err);

    if (s != SIM_OK)
        return s;
    output_summary_header(w);
    output_summary_rows(w, 0, &r->point);
    return sigpipe_forgive(csv_close(w, err));
}

static void print_report(const run_state *r)
{
    report_title(stdout, &r->experiment, (uint64_t)r->options->repetitions, r->options->seed);
    report_point(stdout, &r->experiment, &r->point);
    report_uncalibrated(stdout, &r->experiment, r->attempt.used);
    if (r->options->out)
        (void)printf("  files: %s/{run,summary,reps,hist,ops,smis,cpus}.csv%s\n", r->options->out,
                     r->options->hgrm ? ", hgrm/*.hgrm" : "");
}

static sim_status tell_bad(const run_state *r, sim_err *err)
{
    const options *o = r->options;
    const attempt_again again = {.setting = o->setting,
                                 .settings = o->settings,
                                 .seed = o->seed,
                                 .last = r->first_bad,
                                 .check = o->check};

    (void)fflush(stdout);
    attempt_tell(stderr, "", r->stuck, &again);
    err->text[0] = '\0';
    return SIM_FINDING;
}

/* All that is written is opened before anything is run. A trace in the folder of the result is a
 * part of it. */
static sim_status open_files(run_state *r, sim_err *err)
{
    const options *o = r->options;
    const folder_request request = {
        .path = o->out, .command = "run", .names = output_names, .force = o->force};
    const char *name;
    sim_status s = SIM_OK;

    if (o->trace)
        s = experiment_spare(&r->experiment, o->trace, err);
    if (s == SIM_OK && o->out)
        s = folder_open(&request, &r->folder, err);
    if (s == SIM_OK && o->out)
        s = output_open(r->folder, OUTPUT_SUMMARY | OUTPUT_DETAIL, &r->output, err);
    if (s != SIM_OK || !o->trace || strcmp(o->trace, "-") == 0)
        return s;
    name = r->folder ? folder_name_in(r->folder, o->trace) : NULL;
    if (!name)
        s = folder_spare(o->trace, output_names, err);
    if (s == SIM_OK && name)
        s = folder_file(r->folder, name, &r->trace_file, err);
    else if (s == SIM_OK)
        s = outfile_create(o->trace, &r->trace_file, err);
    if (s != SIM_OK && o->out)
        output_abandon(&r->output);
    return s;
}

static sim_status run(run_state *r, sim_err *err)
{
    sim_status s;

    if (r->options->csv && r->options->trace && strcmp(r->options->trace, "-") == 0)
        return err_set(err, SIM_BAD_INPUT,
                       "--trace -: --format csv needs standard output (give --trace a file)");
    if (r->options->hgrm && !r->options->out)
        return err_set(err, SIM_BAD_INPUT, "--hgrm: no folder for the files (give --out DIR, too)");
    s = experiment_load(r->options->setting, r->options->settings, &r->experiment, err);
    if (s == SIM_OK && r->options->check)
        s = rules_watch_parse(&r->experiment.setup, r->options->check, &r->rules, err);
    if (s != SIM_OK)
        return s;
    s = open_files(r, err);
    if (s == SIM_OK) {
        s = repetitions(r, err);
        if (s == SIM_OK && r->options->out)
            s = write_files(r, err);
        else if (r->options->out)
            output_abandon(&r->output);
        if (s == SIM_OK && r->options->csv)
            s = print_csv(r, err);
        else if (s == SIM_OK)
            print_report(r);
        if (s == SIM_OK && r->bad != TRIAL_OK)
            s = tell_bad(r, err);
        attempt_free(&r->attempt);
        metrics_point_free(&r->point);
    }
    folder_close(r->folder);
    experiment_free(&r->experiment);
    return s;
}

int cmd_run(int argc, char **argv)
{
    run_state *r = sim_alloc(1, sizeof *r);
    options *o = sim_alloc(1, sizeof *o);
    sim_err err = {""};
    sim_status s = options_parse(argc, argv, o, &err);

    r->options = o;
    sigpipe_ignore();
    if (s == SIM_OK)
        s = run(r, &err);
    if (s != SIM_OK && err.text[0])
        err_tell("%s", err.text);
    sigpipe_end();
    free(o);
    free(r);
    return (int)s;
}
