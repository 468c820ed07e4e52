/* SPDX-License-Identifier: Apache-2.0 */
/* trace_run: goes through the picked SMIs, one repetition after the other, in one of three forms.
 */
#include "sim/cli/trace_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/trace_lanes.h"
#include "sim/cli/trace_text.h"

typedef enum { FORM_JSON, FORM_CSV, FORM_TEXT } trace_form;

struct trace_run {
    trace_choice choice;
    trace_form form;
    trace_log_pick pick;
    trace_log log;
    trace *json;     /* FORM_JSON, while it is written */
    csv_writer *csv; /* FORM_CSV, likewise */
};

static trace_form form_of(const char *path)
{
    size_t length = strlen(path);

    if (strcmp(path, "-") == 0)
        return FORM_TEXT;
    return length > 4 && strcmp(path + length - 4, ".csv") == 0 ? FORM_CSV : FORM_JSON;
}

trace_run *trace_run_new(const trace_choice *choice, const machine_setup *setup)
{
    trace_run *t = sim_alloc(1, sizeof *t);

    SIM_ASSERT(choice->smis > 0 && choice->smis <= TRACE_SMIS_MAX);
    t->choice = *choice;
    t->form = form_of(choice->path);
    SIM_ASSERT((t->form == FORM_TEXT) == (choice->to == NULL));
    trace_log_pick_init(&t->pick, choice->smis, choice->slowest);
    trace_log_init(&t->log, setup);
    return t;
}

void trace_run_free(trace_run *t)
{
    if (!t)
        return;
    trace_log_pick_free(&t->pick);
    trace_log_free(&t->log);
    outfile_abandon(t->choice.to);
    free(t);
}

void trace_run_add(trace_run *t, uint32_t repetition, const run_record *record)
{
    if (t)
        trace_log_pick_add(&t->pick, repetition, record);
}

static void write_log(const trace_run *t, uint32_t first, uint32_t count)
{
    if (t->form == FORM_JSON)
        trace_lanes_draw(&t->log, t->json);
    else if (t->form == FORM_TEXT)
        trace_text_print(&t->log, &t->pick.smi[first], count, stdout);
    for (uint32_t i = first; i < first + count && t->form == FORM_CSV; i++)
        trace_lanes_csv(&t->log, &t->pick.smi[i], t->csv);
}

/* What was picked of one repetition after the other. */
static void write_picked(trace_run *t, machine *m, uint64_t seed)
{
    uint32_t count;

    trace_log_pick_sort(&t->pick);
    for (uint32_t first = 0; first < t->pick.count; first += count) {
        const trace_smi *smi = &t->pick.smi[first];

        for (count = 1; first + count < t->pick.count; count++)
            if (smi[count].repetition != smi->repetition)
                break;
        trace_log_fill(&t->log, m, seed, smi, count);
        write_log(t, first, count);
    }
    if (t->log.cut > 0)
        err_tell("%s: %llu visits to SMM left out, %d events are the most (ask for fewer SMIs)",
                 t->choice.path, (unsigned long long)t->log.cut, TRACE_EVENTS_MAX);
}

sim_status trace_run_write(trace_run *t, machine *m, uint64_t seed, sim_err *err)
{
    sim_status s = SIM_OK;

    if (!t)
        return SIM_OK;
    switch (t->form) {
    case FORM_JSON:
        t->json = trace_new();
        write_picked(t, m, seed);
        s = trace_save(t->json, t->choice.to, err);
        trace_free(t->json);
        break;
    case FORM_CSV:
        t->csv = csv_on(t->choice.to);
        trace_lanes_csv_header(t->csv);
        write_picked(t, m, seed);
        s = csv_close(t->csv, err);
        break;
    case FORM_TEXT:
        write_picked(t, m, seed);
        break;
    }
    t->choice.to = NULL;
    return s;
}
