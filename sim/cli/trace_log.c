/* SPDX-License-Identifier: Apache-2.0 */
/* trace_log: picks SMIs from the records of runs, and observes their repetitions once more. */
#include "sim/cli/trace_log.h"

#include <stdlib.h>
#include <string.h>

/* ---- which ones ------------------------------------------------------------------------- */

void trace_log_pick_init(trace_log_pick *p, uint32_t most, int slowest)
{
    *p = (trace_log_pick){.most = most, .slowest = slowest};
    p->smi = sim_alloc(most, sizeof *p->smi);
}

void trace_log_pick_free(trace_log_pick *p)
{
    for (uint32_t i = 0; i < p->count; i++)
        free(p->smi[i].visit);
    free(p->smi);
    *p = (trace_log_pick){0};
}

/* One whose writer never went on lasts until the end of the run. */
static trace_smi smi_of(const run_record *record, uint32_t trigger, uint32_t repetition)
{
    const trigger_record *t = &record->trigger[trigger];
    trace_smi smi = {.begin = t->at[AT_PORT_WRITE],
                     .end = record->end,
                     .repetition = repetition,
                     .trigger = trigger};

    if (t->closed)
        smi.end = t->last_out > t->at[AT_RESUMED] ? t->last_out : t->at[AT_RESUMED];
    return smi;
}

static void fill_visits(trace_smi *smi, const run_record *record)
{
    for (int pass = 0; pass < 2; pass++) { /* counts, then fills */
        uint32_t count = 0;

        for (uint32_t v = 0; v < record->visits; v++) {
            const visit_record *visit = &record->visit[v];

            if (visit->stopped > smi->end || (visit->left > 0 && visit->left < smi->begin))
                continue;
            if (pass)
                smi->visit[count] = v;
            count++;
        }
        if (pass == 0)
            smi->visit = sim_alloc(count, sizeof *smi->visit);
        smi->visits = count;
    }
}

static int64_t duration(const trace_smi *smi)
{
    return smi->end - smi->begin;
}

void trace_log_pick_add(trace_log_pick *p, uint32_t repetition, const run_record *record)
{
    for (uint32_t t = 0; t < record->triggers; t++) {
        trace_smi smi = smi_of(record, t, repetition);
        uint32_t place = p->count;

        SIM_ASSERT(duration(&smi) >= 0);
        if (p->count == p->most) {
            if (!p->slowest)
                break;
            place = 0; /* the shortest; among equals the last */
            for (uint32_t i = 1; i < p->count; i++)
                if (duration(&p->smi[i]) <= duration(&p->smi[place]))
                    place = i;
            if (duration(&smi) <= duration(&p->smi[place]))
                continue;
            free(p->smi[place].visit);
            /* the order of coming is kept, for the rule on equals */
            memmove(&p->smi[place], &p->smi[place + 1], (p->count - place - 1) * sizeof *p->smi);
            place = --p->count;
        }
        p->smi[place] = smi;
        p->count++;
    }
    for (uint32_t i = 0; i < p->count; i++)
        if (p->smi[i].repetition == repetition && !p->smi[i].visit)
            fill_visits(&p->smi[i], record);
}

static int by_place(const void *left, const void *right)
{
    const trace_smi *a = left;
    const trace_smi *b = right;

    if (a->repetition != b->repetition)
        return a->repetition < b->repetition ? -1 : 1;
    return a->trigger < b->trigger ? -1 : a->trigger > b->trigger;
}

void trace_log_pick_sort(trace_log_pick *p)
{
    qsort(p->smi, p->count, sizeof *p->smi, by_place);
}

/* ---- what happened ---------------------------------------------------------------------- */

typedef struct {
    trace_log *log;
    const trace_smi *smi;
    uint32_t count;
    uint32_t triggers; /* that were seen */
    uint32_t visits;   /* size of wanted */
    uint8_t *wanted;   /* by visit */
    uint32_t *inside;  /* by CPU: its visit, or RECORD_NONE */
} collector;

static void append(trace_log *log, const trace_event *e)
{
    if (log->count == log->room) {
        log->room = log->room ? 2 * log->room : 1024;
        log->event = sim_realloc(log->event, log->room, sizeof *log->event);
    }
    log->event[log->count] = *e;
    log->event[log->count].order = (uint32_t)log->count;
    log->count++;
    log->left -= log->left > 0;
}

static int in_a_window(const collector *c, int64_t at)
{
    for (uint32_t i = 0; i < c->count; i++)
        if (at >= c->smi[i].begin && at <= c->smi[i].end)
            return 1;
    return 0;
}

static void note_triggers(collector *c)
{
    const run_record *record = &c->log->record;

    for (; c->triggers < record->triggers; c->triggers++) {
        const trigger_record *t = &record->trigger[c->triggers];

        if (in_a_window(c, t->at[AT_PORT_WRITE]))
            append(c->log, &(trace_event){.at = t->at[AT_PORT_WRITE],
                                          .index = c->triggers,
                                          .cpu = t->cpu,
                                          .kind = LOG_TRIGGER});
    }
}

/* The visit that a CPU has just begun is its last one. */
static uint32_t visit_of(const run_record *record, uint32_t cpu)
{
    uint64_t v = record->visits;

    while (v > 0 && record->visit[v - 1].cpu != cpu)
        v--;
    SIM_ASSERT(v > 0);
    return (uint32_t)(v - 1);
}

static void observe(void *self, const machine_event *seen)
{
    collector *c = self;
    trace_log *log = c->log;
    uint32_t *inside = &c->inside[seen->cpu];
    trace_event e = {.at = seen->at, .cpu = seen->cpu, .row = seen->row, .mark = seen->mark};
    int enters = !seen->request && *inside == RECORD_NONE;

    note_triggers(c);
    if (enters)
        *inside = visit_of(&log->record, seen->cpu);
    e.index = *inside;
    if (!seen->request && !enters)
        *inside = RECORD_NONE;
    if (e.index >= c->visits || !c->wanted[e.index])
        return;
    if (enters && log->left == 0) {
        c->wanted[e.index] = 0;
        log->cut++;
        return;
    }
    if (enters) {
        e.at = log->record.visit[e.index].stopped;
        e.kind = LOG_TAKEN;
        append(log, &e);
        e.at = seen->at;
    }
    e.kind = enters ? LOG_ENTERED : seen->request ? LOG_STEP : LOG_LEFT;
    if (seen->request)
        e.request = *seen->request;
    e.result = seen->result;
    append(log, &e);
}

static int by_time(const void *left, const void *right)
{
    const trace_event *a = left;
    const trace_event *b = right;

    if (a->at != b->at)
        return a->at < b->at ? -1 : 1;
    return a->order < b->order ? -1 : a->order > b->order;
}

void trace_log_init(trace_log *log, const machine_setup *setup)
{
    *log = (trace_log){.setup = setup, .left = TRACE_EVENTS_MAX};
    record_init(&log->record);
}

void trace_log_free(trace_log *log)
{
    record_free(&log->record);
    free(log->event);
    *log = (trace_log){0};
}

void trace_log_fill(trace_log *log, machine *m, uint64_t seed, const trace_smi *smi, uint32_t count)
{
    collector c = {.log = log, .smi = smi, .count = count};
    const machine_observer observer = {observe, &c};

    SIM_ASSERT(count > 0);
    for (uint32_t i = 0; i < count; i++) {
        SIM_ASSERT(smi[i].repetition == smi[0].repetition);
        if (smi[i].visits > 0 && smi[i].visit[smi[i].visits - 1] >= c.visits)
            c.visits = smi[i].visit[smi[i].visits - 1] + 1;
    }
    c.wanted = sim_alloc(c.visits, 1);
    c.inside = sim_alloc(log->setup->config.cpus, sizeof *c.inside);
    memset(c.inside, 0xff, log->setup->config.cpus * sizeof *c.inside);
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t v = 0; v < smi[i].visits; v++)
            c.wanted[smi[i].visit[v]] = 1;
    log->count = 0;
    log->repetition = smi[0].repetition;
    machine_run(m, seed, log->repetition, &log->record, &observer);
    note_triggers(&c);
    qsort(log->event, log->count, sizeof *log->event, by_time);
    free(c.wanted);
    free(c.inside);
}
