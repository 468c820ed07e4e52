/* SPDX-License-Identifier: Apache-2.0 */
/* rules_watch: holds the rules against a timed run, step by step, as its observer. */
#include "models/machine/rules_watch.h"

#include <stdlib.h>
#include <string.h>

#define BIT(id) (1u << RULE_##id)

static void blame(rules_watch *w, uint32_t broken, int64_t at, uint16_t cpu)
{
    broken &= w->rules & ~w->broken;
    w->broken |= broken;
    if (!broken || w->first >= 0)
        return;
    w->first = __builtin_ctz(broken);
    w->at = at;
    w->cpu = cpu;
}

/* ---- where the CPUs are ----------------------------------------------------------------- */

static uint32_t where(const rules_watch *w, uint32_t cpu)
{
    return w->setup->protocol->sections(&w->setup->config, &w->cpus[cpu]);
}

/* Counts a CPU in (1) or out (-1) of where it is. */
static void count(rules_watch *w, uint32_t cpu, int by)
{
    uint32_t in = where(w, cpu);

    w->sight.bsps += in & STEP_IN_BSP ? by : 0;
    w->sight.locked += in & STEP_IN_LOCKED ? by : 0;
    w->sight.handlers += in & STEP_IN_HANDLER ? by : 0;
    w->tearing += in & STEP_IN_TEARDOWN ? (uint32_t)by : 0;
    w->working += in & STEP_AT_JOB ? (uint32_t)by : 0;
}

int rules_watch_present(const rules_watch *w)
{
    uint32_t first = w->words_of[FIELD_PRESENT];

    for (int cpu = 0; cpu < w->setup->config.cpus; cpu++)
        if (setup_takes_smi(w->setup->params, cpu) && !w->words[first + (uint32_t)cpu])
            return 0;
    return w->inside == w->setup->takers;
}

static int without_lock(const rules_watch *w)
{
    int found = 0;

    for (uint32_t cpu = 0; w->working && cpu < w->setup->config.cpus; cpu++)
        found += (where(w, cpu) & STEP_AT_JOB) &&
                 w->words[w->words_of[FIELD_BUSY] + cpu] != STEPS_LOCK_HELD;
    return found;
}

/* ---- one step --------------------------------------------------------------------------- */

/* The handler is asked again as soon as what it asked for is done. */
static uint32_t watch_handler(rules_watch *w, const machine_event *e)
{
    const rules_step step = {.asked = (uint8_t)w->asked,
                             .outcome = (uint8_t)e->request->a,
                             .present = w->asked == ACTION_RENDEZVOUS && rules_watch_present(w)};

    w->asked = e->result.value >> 24;
    w->sight.promised |= (uint8_t)rules_promises(&step);
    return rules_judge_step(&step);
}

/* Does every other CPU that is in SMM stand in a wait whose condition is false? */
static uint8_t nobody_else_moves(const rules_watch *w, uint32_t cpu)
{
    for (uint32_t c = 0; c < w->setup->config.cpus; c++) {
        step_request r;
        step_result ignored;

        if (c == cpu || w->cpus[c].row == 0)
            continue;
        w->setup->protocol->request(&w->setup->config, &w->cpus[c], &r);
        if ((r.op != STEP_WAIT && r.op != STEP_WAIT_COUNT) || step_perform(&r, w->words, &ignored))
            return 0;
    }
    return 1;
}

static uint32_t watch_timeout(const rules_watch *w, const machine_event *e)
{
    const step_config *c = &w->setup->config;
    int for_bsp = e->request->word == w->words_of[FIELD_INSIDE];
    uint32_t bsp = for_bsp ? w->words[w->words_of[FIELD_BSP]] : UINT32_MAX;
    rules_step step = {.timed_out = 1,
                       .all_in = w->inside == c->cpus,
                       .election = c->election,
                       .bsp_away = bsp < c->cpus && w->cpus[bsp].row == 0};

    step.alone = step.all_in && (w->rules & BIT(NO_STALL)) && nobody_else_moves(w, e->cpu);
    return rules_judge_step(&step);
}

static uint32_t watch_request(rules_watch *w, const machine_event *e)
{
    const step_request *r = e->request;
    step_result mine;

    switch ((step_op)r->op) {
    case STEP_IPI:
        return rules_judge_step(&(rules_step){.directed = w->cpus[r->target].row != 0});
    case STEP_ASK:
        return r->local == ASK_HANDLER ? watch_handler(w, e) : 0;
    case STEP_LEAVE:
        return rules_judge_step(&(rules_step){.busy = w->sight.bsps || w->tearing});
    case STEP_LOCAL:
        return 0;
    default:
        if (e->result.timed_out)
            return watch_timeout(w, e);
        SIM_ASSERT(step_perform(r, w->words, &mine)); /* no wait ends before its time, */
        SIM_ASSERT(mine.value == e->result.value);    /* and what is read is what is there */
        return 0;
    }
}

static void note_mark(rules_watch *w, const machine_event *e)
{
    const step_config *c = &w->setup->config;

    if (e->mark == MARK_WAITED_APS)
        w->sight.arrived = !e->result.timed_out && (c->traditional || c->mtrr);
    if (e->mark == MARK_HANDLER && w->setup->protocol->gathers)
        w->sight.arrived = 1;
    if (e->mark == MARK_HANDLER_END)
        w->sight.arrived = w->sight.promised = 0;
}

static void watch_event(void *self, const machine_event *e)
{
    rules_watch *w = self;
    const step_protocol *p = w->setup->protocol;
    step_cpu *cpu = &w->cpus[e->cpu];
    uint32_t broken = 0;

    if (!e->request && cpu->row == 0 && !cpu->part) {
        w->inside++;
        p->enter(&w->setup->config, cpu);
        count(w, e->cpu, 1);
    } else if (!e->request) {
        w->inside--;
        *cpu = (step_cpu){.me = e->cpu};
    } else {
        SIM_ASSERT(cpu->row == e->row);
        count(w, e->cpu, -1);
        broken = watch_request(w, e);
        if (e->request->op == STEP_LEAVE) /* in SMM until its RSM is done */
            cpu->part = 1;
        else
            (void)p->consume(&w->setup->config, cpu, &e->result);
        count(w, e->cpu, 1);
        note_mark(w, e);
    }
    w->sight.outside = w->inside < w->setup->takers;
    w->sight.present = !w->sight.promised || rules_watch_present(w);
    w->sight.unheld = without_lock(w);
    blame(w, broken | rules_judge(&w->sight), e->at, e->cpu);
}

/* ---- a run ------------------------------------------------------------------------------ */

uint32_t rules_watch_can(const machine_setup *setup, uint32_t set)
{
    set &= rules_for(setup->protocol);
    for (int r = 0; r < RULE_COUNT; r++)
        if (rules[r].untimed[0])
            set &= ~(1u << r);
    return set;
}

sim_status rules_watch_parse(const machine_setup *setup, const char *text, uint32_t *set,
                             sim_err *err)
{
    sim_status s = rules_parse("--check", text, set, err);
    int first;

    if (s != SIM_OK || rules_watch_can(setup, *set))
        return s;
    first = __builtin_ctz(*set);
    if (!(*set & rules_for(setup->protocol)))
        return err_set(err, SIM_BAD_INPUT,
                       "--check: %s has nothing that %s is about (would be right: default)",
                       setup->protocol->name, rules[first].name);
    return err_set(
        err, SIM_BAD_INPUT,
        "--check: no run can judge %s: %s (would be right: smmsim explore --properties %s)",
        rules[first].name, rules[first].untimed, rules[first].name);
}

void rules_watch_init(rules_watch *w, const machine_setup *setup, uint32_t set)
{
    const step_protocol *p = setup->protocol;
    uint32_t words = step_word_count(p, &setup->config);

    *w = (rules_watch){.setup = setup, .rules = rules_watch_can(setup, set), .first = -1};
    w->observer = (machine_observer){watch_event, w};
    w->words = sim_alloc(words, sizeof *w->words);
    w->fresh = sim_alloc(words, sizeof *w->fresh);
    w->cpus = sim_alloc(setup->config.cpus, sizeof *w->cpus);
    p->initial(&setup->config, w->fresh);
    for (int kind = 0; kind < FIELD_KINDS; kind++) {
        int f = step_field_of(p, (step_kind)kind);

        w->words_of[kind] = f < 0 ? UINT32_MAX : setup->config.first[f];
    }
}

void rules_watch_begin(rules_watch *w)
{
    const step_protocol *p = w->setup->protocol;

    memcpy(w->words, w->fresh, step_word_count(p, &w->setup->config) * sizeof *w->words);
    for (int cpu = 0; cpu < w->setup->config.cpus; cpu++)
        w->cpus[cpu] = (step_cpu){.me = (uint16_t)cpu};
    w->sight = (rules_sight){.protocol = p,
                             .config = &w->setup->config,
                             .differ = handler_plan_may_differ(&w->setup->services, p),
                             .words = w->words,
                             .fresh = w->fresh,
                             .door = w->words_of[FIELD_DOOR],
                             .gate = w->words_of[FIELD_GATE],
                             .present = 1};
    w->inside = w->tearing = w->working = w->asked = w->broken = 0;
    w->first = -1;
}

void rules_watch_quiet(rules_watch *w, int64_t at, uint16_t cpu)
{
    w->sight.quiet = w->inside == 0;
    blame(w, rules_judge(&w->sight), at, cpu);
    w->sight.quiet = 0;
}

uint32_t rules_watch_end(rules_watch *w, const run_record *record)
{
    if (!record->count.hang && !record->count.stopped)
        rules_watch_quiet(w, record->end, 0);
    if (record->count.hang)
        blame(w, BIT(NO_DEADLOCK), record->end, 0);
    else if (record->count.lost)
        blame(w, BIT(NO_LOST_SMI), record->end, 0);
    return w->broken;
}

void rules_watch_free(rules_watch *w)
{
    free(w->words);
    free(w->fresh);
    free(w->cpus);
    w->words = w->fresh = NULL;
    w->cpus = NULL;
}
