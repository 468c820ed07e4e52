/* SPDX-License-Identifier: Apache-2.0 */
/* watch: an observer that keeps its own copy of the shared words and checks edk2's invariants. */
#ifndef SMMSIM_TESTS_WATCH_H
#define SMMSIM_TESTS_WATCH_H

#include "models/edk2.h"
#include "tests/rig.h"

enum { WATCH_CPUS = 8, WATCH_WORDS = 12 * WATCH_CPUS };

/* It sees each step as it takes effect, does it again on its own words, and compares. What it
 * finds wrong first stays in `wrong`. */
typedef struct {
    const machine_setup *setup;
    uint32_t word[WATCH_WORDS];
    uint32_t fresh[WATCH_WORDS];
    char wrong[200];
    int64_t at;
    int inside[WATCH_CPUS];
    int abandoned[WATCH_CPUS]; /* checked out in the present visit */
    int may_leave[WATCH_CPUS]; /* nobody counts on it: not checked in yet, or released */
    int in_smm, bsps, handlers, jobs;
    int rounds, posts, too_late, cleaned;
    int timed_out;  /* in the present round, while the BSP waited */
    int in_handler; /* of a round with all CPUs */
    uint32_t k;
} watch;

static inline void watch_init(watch *w, const rig *g)
{
    memset(w, 0, sizeof *w);
    w->setup = &g->e.setup;
    assert_true(step_word_count(w->setup->protocol, &w->setup->config) <= WATCH_WORDS);
    w->setup->protocol->initial(&w->setup->config, w->word);
    memcpy(w->fresh, w->word, sizeof w->fresh);
}

static inline void watch_expect(watch *w, int holds, const char *what)
{
    if (!holds && w->wrong[0] == '\0')
        (void)snprintf(w->wrong, sizeof w->wrong, "at %lld ps: %s", (long long)w->at, what);
}

static inline uint32_t watch_word(const watch *w, int field, int cpu)
{
    return w->word[step_word(w->setup->protocol, &w->setup->config, field, cpu)];
}

/* Between SMIs all is as it was at the start. The BSP's own BUSY lock stays held until it comes
 * again: that field may differ. */
static inline int watch_clean(const watch *w)
{
    const step_protocol *p = w->setup->protocol;

    for (int f = 0; f < p->field_count; f++)
        for (int i = 0; i < (p->fields[f].per_cpu ? w->setup->config.possible : 1); i++)
            if (!(p->may_differ >> f & 1) &&
                watch_word(w, f, i) != w->fresh[step_word(p, &w->setup->config, f, i)])
                return 0;
    return 1;
}

/* A CPU has begun to run the firmware, or is back in normal code. Point 1 when all are. */
static inline void watch_border(watch *w, const machine_event *e)
{
    w->inside[e->cpu] ^= 1;
    w->in_smm += w->inside[e->cpu] ? 1 : -1;
    w->abandoned[e->cpu] = 0;
    w->may_leave[e->cpu] = 1;
    watch_expect(w, !w->in_handler || w->inside[e->cpu], "a CPU left during the handler");
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

/* Point 6: nobody runs normal code while the handler of a full traditional round runs. */
static inline void watch_handler(watch *w, int begins)
{
    const step_config *c = &w->setup->config;
    int full = (c->traditional || c->mtrr) && !w->timed_out && c->excused == 0;

    w->handlers += begins;
    if (full)
        watch_expect(w, w->in_smm == c->cpus, "the handler runs, but not all CPUs are in SMM");
    w->in_handler = begins && full;
}

static inline void watch_mark(watch *w, const machine_event *e)
{
    switch ((step_mark)e->mark) {
    case MARK_BSP_IN: /* point 2 */
        watch_expect(w, ++w->bsps == 1, "two CPUs are BSP");
        w->rounds++;
        w->timed_out = 0;
        w->posts = 0;
        break;
    case MARK_WAITED_APS:
        w->timed_out |= (int)e->result.timed_out;
        break;
    case MARK_LOCKED:
        w->k = e->result.value - 1;
        break;
    case MARK_HANDLER:
        watch_handler(w, 1);
        break;
    case MARK_HANDLER_END:
        watch_handler(w, 0);
        break;
    case MARK_RESET: /* point 4 */
        watch_expect(w, (uint32_t)w->posts == w->k, "k is not the number of APs at #13");
        w->bsps--;
        break;
    case MARK_ABANDONED:
        w->abandoned[e->cpu] = 1;
        break;
    case MARK_CHECKED_IN:
        w->may_leave[e->cpu] = 0;
        break;
    case MARK_TOO_LATE:
        w->may_leave[e->cpu] = 0;
        w->too_late++;
        break;
    case MARK_RELEASED:
        watch_expect(w, watch_word(w, EDK2_SYN, 0) == 0, "released while SYN is set");
        w->may_leave[e->cpu] = 1;
        break;
    default:
        break;
    }
}

static inline void watch_event(void *self, const machine_event *e)
{
    watch *w = self;
    const char *row;

    w->at = e->at;
    if (!e->request) {
        watch_border(w, e);
        return;
    }
    row = w->setup->protocol->rows[e->row].name;
    watch_expect(w, w->inside[e->cpu], "a CPU outside SMM runs the protocol");
    watch_access(w, e);
    if (e->request->op == STEP_LOCAL && e->request->local == LOCAL_JOB) { /* point 5 */
        w->jobs++;
        /* relaxed: an AP that joins while the BSP hands the job to all of them has it free */
        watch_expect(w,
                     !w->setup->config.traditional || watch_word(w, EDK2_BUSY, e->cpu) == EDK2_HELD,
                     "a job without BUSY");
        watch_expect(w, w->bsps == 1, "a job outside the handler");
    }
    w->posts +=
        strcmp(row, "A17") == 0 && e->request->op == STEP_CAS && e->result.value == e->request->a;
    watch_mark(w, e);
    if (e->request->op == STEP_LEAVE)
        watch_expect(w, w->may_leave[e->cpu], "a CPU leaves before it is released");
    if (watch_word(w, EDK2_CNT, 0) == EDK2_LOCKED) { /* point 3 */
        watch_expect(w, watch_word(w, EDK2_SYN, 0) == 1, "the door is locked, SYN is not set");
        watch_expect(w, w->bsps == 1, "the door is locked, and there is no BSP");
    }
}

#endif
