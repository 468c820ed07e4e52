/* SPDX-License-Identifier: Apache-2.0 */
/* watch: an observer that has the rules hold in every run of a test, and edk2's own invariants. */
#ifndef SMMSIM_TESTS_WATCH_H
#define SMMSIM_TESTS_WATCH_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/machine/rules_watch.h"
#include "models/protocol/edk2.h"
#include "models/protocol/edk2_table.h"
#include "models/protocol/basic.h"

typedef struct {
    uint8_t abandoned; /* checked out in the present visit */
    uint8_t may_leave; /* nobody counts on it: not checked in yet, or released */
    uint8_t unseized;  /* absent when StartupAllAPs took the BUSY locks of this round */
} watch_cpu;

/* It sees each step as it takes effect. The words and where each CPU is are those of `rules`, which
 * does each step again and judges; what only edk2 has is judged here. What is wrong first stays in
 * `wrong`. */
typedef struct {
    const machine_setup *setup;
    const machine_observer *also; /* sees everything, too; or NULL */
    machine_observer observer;    /* for machine_run */
    rules_watch rules;
    uint32_t known; /* rules that this run is known to break: a set */
    watch_cpu *cpu;
    char wrong[200];
    int64_t at;
    uint32_t hung_out; /* CPUs inside behind a check-out, at the end */
    uint32_t k, posts;
    int plain; /* not edk2 */
    int joins; /* an AP that joins while StartupAllAPs is under way has its job without the lock */
    int handlers, jobs, unseized_jobs;
    int too_late, cleaned;
} watch;

/* They hold in every run of every test, hangs and lost SMIs or not. */
#define WATCH_RULES                                                                \
    (1u << RULE_ONE_BSP | 1u << RULE_DOOR | 1u << RULE_ALL_IN | 1u << RULE_CLEAN | \
     1u << RULE_JOB_HELD)

static inline void watch_expect(watch *w, int holds, const char *what)
{
    if (!holds && w->wrong[0] == '\0')
        (void)snprintf(w->wrong, sizeof w->wrong, "at %lld ps: %s", (long long)w->at, what);
}

static inline uint32_t watch_word(const watch *w, int field, int cpu)
{
    return w->rules.words[step_word(w->setup->protocol, &w->setup->config, field, cpu)];
}

/* A CPU has begun to run the firmware, or is back in normal code. */
static inline void watch_border(watch *w, const machine_event *e)
{
    w->cpu[e->cpu].abandoned = 0;
    w->cpu[e->cpu].may_leave = 1;
    if (w->rules.inside > 0)
        return;
    rules_watch_quiet(&w->rules, e->at, e->cpu);
    w->cleaned++;
}

static inline void watch_bsp_in(watch *w)
{
    w->posts = 0;
    for (int i = 0; i < w->setup->config.cpus; i++)
        w->cpu[i].unseized = 0;
}

/* A CPU that waits for the door itself does not look at SYN. */
static inline void watch_released(watch *w)
{
    if (w->plain)
        return;
    if (w->setup->config.features & EDK2_HAS(DOOR_WAIT))
        watch_expect(w, watch_word(w, EDK2_CNT, 0) != EDK2_LOCKED, "released behind a shut door");
    else
        watch_expect(w, watch_word(w, EDK2_SYN, 0) == 0, "released while SYN is set");
}

static inline void watch_mark(watch *w, const machine_event *e)
{
    watch_cpu *c = &w->cpu[e->cpu];

    switch ((step_mark)e->mark) {
    case MARK_BSP_IN:
        watch_bsp_in(w);
        break;
    case MARK_LOCKED:
        w->k = e->result.value - 1;
        break;
    case MARK_HANDLER:
        w->handlers++;
        break;
    case MARK_RESET:
        watch_expect(w, w->plain || w->posts == w->k, "k is not the number of APs at #13");
        break;
    case MARK_ABANDONED:
        c->abandoned = 1;
        break;
    case MARK_CHECKED_IN:
        c->may_leave = 0;
        break;
    case MARK_TOO_LATE:
        c->may_leave = 0;
        w->too_late++;
        break;
    case MARK_RELEASED:
        watch_released(w);
        c->may_leave = 1;
        break;
    default:
        break;
    }
}

/* In relaxed mode an AP may join while StartupAllAPs is under way: what was absent when it took the
 * locks, but present when it handed the job out, has the job without its lock. Nobody else has: not
 * an AP that was there, nor the AP of a StartupThisAp. Where none may join, job-held is judged. */
static inline void watch_job(watch *w, const machine_event *e)
{
    int held = watch_word(w, EDK2_BUSY, e->cpu) == EDK2_HELD;

    watch_expect(w, !w->joins || held || w->cpu[e->cpu].unseized, "a job without BUSY");
    watch_expect(w, w->rules.sight.bsps == 1, "a job outside the handler");
    if (e->request->op != STEP_LOCAL)
        return;
    w->jobs++;
    w->unseized_jobs += !held;
}

static inline void watch_jobs(watch *w, const machine_event *e)
{
    const step_protocol *p = w->setup->protocol;
    const step_config *c = &w->setup->config;
    const step_request *r = e->request;
    uint32_t present = step_word(p, c, EDK2_PRE, 0);

    if ((r->op == STEP_LOCAL && r->local == LOCAL_JOB) ||
        (r->op == STEP_LOAD && r->word == step_word(p, c, EDK2_JOB, e->cpu)))
        watch_job(w, e);
    if (r->op == STEP_LOAD && r->word - present < c->cpus && strcmp(p->rows[e->row].id, "K4") == 0)
        w->cpu[r->word - present].unseized = e->result.value == 0;
}

static inline void watch_edk2(watch *w, const machine_event *e)
{
    const char *row = w->setup->protocol->rows[e->row].id;

    watch_jobs(w, e);
    w->posts +=
        strcmp(row, "A17") == 0 && e->request->op == STEP_CAS && e->result.value == e->request->a;
    if (e->request->op == STEP_LEAVE)
        watch_expect(w, w->cpu[e->cpu].may_leave, "a CPU leaves before it is released");
}

static inline void watch_event(void *self, const machine_event *e)
{
    watch *w = self;

    w->at = e->at;
    w->rules.observer.event(&w->rules, e);
    if (!e->request) {
        watch_border(w, e);
    } else {
        if (!w->plain)
            watch_edk2(w, e);
        watch_mark(w, e);
    }
    if (w->rules.broken & ~w->known)
        watch_expect(w, 0, rules[__builtin_ctz(w->rules.broken & ~w->known)].text);
    if (w->also)
        w->also->event(w->also->self, e);
}

/* The observer for one run; who wants to look, too, sets w->also, who knows better w->known. */
static inline const machine_observer *watch_on(watch *w, const machine_setup *setup)
{
    const step_config *c = &setup->config;

    memset(w, 0, sizeof *w);
    w->setup = setup;
    w->plain = basic_protocol(setup->protocol);
    w->joins = !w->plain && !c->traditional && !c->mtrr && (c->features & EDK2_HAS(START_ALL)) &&
               !(c->features & EDK2_HAS(SEIZED));
    w->observer = (machine_observer){watch_event, w};
    w->cpu = sim_alloc(c->cpus, sizeof *w->cpu);
    rules_watch_init(&w->rules, setup,
                     w->joins ? WATCH_RULES & ~(1u << RULE_JOB_HELD) : WATCH_RULES);
    rules_watch_begin(&w->rules);
    return &w->observer;
}

/* The run is over. Gives what was wrong first, or "". */
static inline const char *watch_off(watch *w)
{
    for (int i = 0; i < w->setup->config.cpus; i++)
        w->hung_out += w->cpu[i].abandoned;
    free(w->cpu);
    w->cpu = NULL;
    rules_watch_free(&w->rules);
    return w->wrong;
}

#endif
