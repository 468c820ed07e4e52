/* SPDX-License-Identifier: Apache-2.0 */
/* watch: an observer that keeps its own copy of the shared words and checks edk2's invariants. */
#ifndef SMMSIM_TESTS_WATCH_H
#define SMMSIM_TESTS_WATCH_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/protocol/edk2.h"
#include "models/protocol/edk2_table.h"
#include "models/machine/machine.h"
#include "models/protocol/plain.h"
#include "models/protocol/rules.h"

typedef struct {
    uint8_t inside;
    uint8_t abandoned; /* checked out in the present visit */
    uint8_t may_leave; /* nobody counts on it: not checked in yet, or released */
    uint8_t unseized;  /* absent when StartupAllAPs took the BUSY locks of this round */
} watch_cpu;

/* It sees each step as it takes effect, does it again on its own words, and compares. What it
 * finds wrong first stays in `wrong`. Points are numbered as the list of edk2's invariants goes:
 * 1 clean words between SMIs, 2 one BSP, 3 the door, 4 k, 5 jobs, 6 all in. */
typedef struct {
    const machine_setup *setup;
    const machine_observer *also; /* sees everything, too; or NULL */
    machine_observer observer;    /* for machine_run */
    uint32_t *word, *fresh;
    watch_cpu *cpu;
    char wrong[200];
    int64_t at;
    uint32_t in_smm, hung_out; /* CPUs; the second: inside behind a check-out, at the end */
    uint32_t k, posts;
    int plain; /* not edk2: points 3 to 6 mean nothing */
    int bsps, locked, handlers, jobs, unseized_jobs;
    int rounds, too_late, cleaned;
    int timed_out;  /* in the present round, while the BSP waited */
    int working;    /* a handler runs */
    int in_handler; /* of a round with all CPUs */
} watch;

static inline void watch_expect(watch *w, int holds, const char *what)
{
    if (!holds && w->wrong[0] == '\0')
        (void)snprintf(w->wrong, sizeof w->wrong, "at %lld ps: %s", (long long)w->at, what);
}

static inline uint32_t watch_word(const watch *w, int field, int cpu)
{
    return w->word[step_word(w->setup->protocol, &w->setup->config, field, cpu)];
}

/* Both modes: relaxed takes the traditional path if MTRRs must be programmed. */
static inline int watch_traditional(const watch *w)
{
    return w->setup->config.traditional || w->setup->config.mtrr;
}

/* Between SMIs all is as it was at the start. The BSP's own BUSY lock stays held until it comes
 * again: that field may differ; so may an ordered switch of the BSP. */
static inline int watch_clean(const watch *w)
{
    const step_protocol *p = w->setup->protocol;

    return rules_clean(p, &w->setup->config, script_may_differ(&w->setup->services, p),
                       (const uint32_t *const[]){w->word, w->fresh});
}

/* A CPU has begun to run the firmware, or is back in normal code. Point 1 when all are. */
static inline void watch_border(watch *w, const machine_event *e)
{
    watch_cpu *c = &w->cpu[e->cpu];

    c->inside ^= 1;
    w->in_smm += c->inside ? 1 : UINT32_MAX;
    c->abandoned = 0;
    c->may_leave = 1;
    watch_expect(w, !w->in_handler || c->inside, "a CPU left during the handler");
    if (w->in_smm > 0)
        return;
    watch_expect(w, watch_clean(w), "words are not clean");
    w->cleaned++;
}

static inline void watch_access(watch *w, const machine_event *e)
{
    step_result mine = {0};

    if (e->request->op >= STEP_LOCAL || e->result.timed_out)
        return;
    watch_expect(w, step_perform(e->request, w->word, &mine), "a wait ended too early");
    watch_expect(w, mine.value == e->result.value, "another value was read than is there");
}

/* Point 2, and point 6: nobody runs normal code while the handler of a full traditional round
 * runs. */
static inline void watch_handler(watch *w, int begins)
{
    const step_config *c = &w->setup->config;
    int full = !w->plain && watch_traditional(w) && !w->timed_out && c->excused == 0;

    w->handlers += begins;
    watch_expect(w, w->working != begins, "two handlers run at once");
    w->working = begins;
    if (full)
        watch_expect(w, w->in_smm == c->cpus, "the handler runs, but not all CPUs are in SMM");
    w->in_handler = begins && full;
}

static inline void watch_bsp_in(watch *w)
{
    watch_expect(w, ++w->bsps == 1, "two CPUs are BSP"); /* point 2 */
    w->rounds++;
    w->timed_out = 0;
    w->posts = 0;
    for (int i = 0; i < w->setup->config.cpus; i++)
        w->cpu[i].unseized = 0;
}

static inline void watch_reset(watch *w)
{
    if (!w->plain) /* point 4 */
        watch_expect(w, w->posts == w->k, "k is not the number of APs at #13");
    w->bsps -= w->bsps > 0;
    w->locked -= w->locked > 0;
}

/* Whoever waits for the door itself does not look at SYN. */
static inline void watch_released(watch *w)
{
    if (w->plain)
        return;
    if (w->setup->config.era & EDK2_HAS(DOOR_WAIT))
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
    case MARK_WAITED_APS:
        w->timed_out |= (int)e->result.timed_out;
        break;
    case MARK_LOCKED:
        w->k = e->result.value - 1;
        w->locked++;
        break;
    case MARK_HANDLER:
        watch_handler(w, 1);
        break;
    case MARK_HANDLER_END:
        watch_handler(w, 0);
        break;
    case MARK_RESET:
        watch_reset(w);
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

/* Point 5. In relaxed mode an AP may join while StartupAllAPs is under way: what was absent when it
 * took the locks, but present when it handed the job out, has the job without its lock. Nobody else
 * has: not an AP that was there, nor the AP of a StartupThisAp. */
static inline void watch_job(watch *w, const machine_event *e)
{
    uint64_t era = w->setup->config.era;
    int joins = !watch_traditional(w) && (era & EDK2_HAS(START_ALL)) && !(era & EDK2_HAS(SEIZED));
    int held = watch_word(w, EDK2_BUSY, e->cpu) == EDK2_HELD;

    watch_expect(w, held || (joins && w->cpu[e->cpu].unseized), "a job without BUSY");
    watch_expect(w, w->bsps == 1, "a job outside the handler");
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

/* What edk2 alone has; the step is done already. */
static inline void watch_edk2(watch *w, const machine_event *e)
{
    const char *row = w->setup->protocol->rows[e->row].id;

    watch_jobs(w, e);
    w->posts +=
        strcmp(row, "A17") == 0 && e->request->op == STEP_CAS && e->result.value == e->request->a;
    watch_mark(w, e);
    if (e->request->op == STEP_LEAVE)
        watch_expect(w, w->cpu[e->cpu].may_leave, "a CPU leaves before it is released");
    if (watch_word(w, EDK2_CNT, 0) == EDK2_LOCKED) { /* point 3 */
        watch_expect(w, watch_word(w, EDK2_SYN, 0) == 1, "the door is locked, SYN is not set");
        watch_expect(w, w->locked == 1, "the door is locked, but not by one BSP");
    }
}

static inline void watch_event(void *self, const machine_event *e)
{
    watch *w = self;

    w->at = e->at;
    if (!e->request) {
        watch_border(w, e);
    } else {
        watch_expect(w, w->cpu[e->cpu].inside, "a CPU outside SMM runs the protocol");
        watch_access(w, e);
        if (w->plain)
            watch_mark(w, e);
        else
            watch_edk2(w, e);
    }
    if (w->also)
        w->also->event(w->also->self, e);
}

/* The observer for one run; who wants to look, too, sets w->also. */
static inline const machine_observer *watch_on(watch *w, const machine_setup *setup)
{
    uint32_t words = step_word_count(setup->protocol, &setup->config);

    memset(w, 0, sizeof *w);
    w->setup = setup;
    w->plain = plain_protocol(setup->protocol);
    w->observer = (machine_observer){watch_event, w};
    w->word = sim_alloc(words, sizeof *w->word);
    w->fresh = sim_alloc(words, sizeof *w->fresh);
    w->cpu = sim_alloc(setup->config.cpus, sizeof *w->cpu);
    setup->protocol->initial(&setup->config, w->word);
    memcpy(w->fresh, w->word, words * sizeof *w->fresh);
    return &w->observer;
}

/* The run is over. Gives what was wrong first, or "". */
static inline const char *watch_off(watch *w)
{
    for (int i = 0; i < w->setup->config.cpus; i++)
        w->hung_out += w->cpu[i].abandoned;
    free(w->word);
    free(w->fresh);
    free(w->cpu);
    w->word = w->fresh = NULL;
    w->cpu = NULL;
    return w->wrong;
}

#endif
