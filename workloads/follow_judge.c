/* SPDX-License-Identifier: Apache-2.0 */
/* follow_judge: the properties of smmsim explore that a timed run can violate. */
#include "workloads/follow_judge.h"

#include <stdlib.h>
#include <string.h>

#include "models/edk2.h"
#include "models/script.h"
#include "workloads/follow_settings.h"

int follow_judge_knows(int property)
{
    switch (property) {
    case RULE_NO_DEADLOCK:
    case RULE_NO_LOST_SMI:
    case RULE_ALL_IN:
    case RULE_DOOR:
    case RULE_RENDEZVOUS_TRUE:
    case RULE_JOB_HELD:
    case RULE_CLEAN:
        return 1;
    default:
        return 0;
    }
}

static uint32_t number_of(const follow_judge *j, int field, int cpu)
{
    return step_word(j->setup->protocol, &j->setup->config, field, cpu);
}

static void note_order(follow_judge *j, uint32_t what)
{
    j->order = (j->order * 31 + what) & 0xffffff;
}

/* ---- one property each ------------------------------------------------------------------ */

/* Nobody runs normal code while the handler of a round runs whose BSP has seen all arrive. */
static void watch_all_in(follow_judge *j, const machine_event *e)
{
    const step_config *c = &j->setup->config;

    if (e->mark == MARK_WAITED_APS)
        j->arrived = !e->result.timed_out && (c->traditional || c->mtrr);
    if (e->mark == MARK_HANDLER)
        j->in_handler = 1;
    if (e->mark == MARK_HANDLER_END)
        j->in_handler = j->arrived = 0;
    if (j->in_handler && j->arrived && (j->reach & ~j->inside))
        j->hit = 1;
}

static void watch_door(follow_judge *j, const machine_event *e)
{
    const step_request *request = e->request;
    uint32_t cnt = number_of(j, EDK2_CNT, 0);
    uint32_t syn = number_of(j, EDK2_SYN, 0);

    if (!request || request->op >= STEP_LOCAL || (request->word != cnt && request->word != syn))
        return;
    if (request->op == STEP_STORE || (request->op == STEP_CAS && request->b == EDK2_LOCKED))
        note_order(j, e->cpu * 4u + (request->word == syn) * 2u + (request->a != 0));
    if (j->word[cnt] == EDK2_LOCKED && j->word[syn] == 0)
        j->hit = 1;
}

/* Each CPU that takes SMIs is in SMM and can be given work. */
static int all_present(const follow_judge *j)
{
    for (int c = 0; c < j->setup->config.cpus; c++)
        if ((j->reach >> c & 1) && !j->word[number_of(j, EDK2_PRE, c)])
            return 0;
    return !(j->reach & ~j->inside);
}

/* The handler is asked again as soon as the service has answered. */
static void watch_promise(follow_judge *j, const machine_event *e)
{
    if (e->request && e->request->op == STEP_ASK && e->request->local == ASK_HANDLER) {
        if (j->asked == ACTION_RENDEZVOUS) {
            j->promised |= e->request->a == OUTCOME_SUCCESS;
            note_order(j, e->request->a * 2 + (uint32_t)all_present(j) + 1);
        }
        j->asked = e->result.value >> 24;
    }
    if (e->mark == MARK_HANDLER_END)
        j->promised = 0;
    if (j->promised && !all_present(j))
        j->hit = 1;
}

/* In which passes over the APs who was present, and what an AP that was woken found. */
static void note_passes(follow_judge *j, const machine_event *e)
{
    const step_request *r = e->request;
    uint32_t present = number_of(j, EDK2_PRE, 0);

    if (r->op == STEP_LOAD && r->word - present < j->setup->config.possible)
        note_order(j, (e->row * 64u + r->word - present) * 2 + (e->result.value != 0) + 1);
    if (r->op == STEP_LOCAL && r->local == LOCAL_JOB)
        note_order(j, e->cpu + 1u);
}

static int free_lock(const follow_judge *j, int cpu)
{
    return j->word[number_of(j, EDK2_BUSY, cpu)] != EDK2_HELD;
}

/* An AP is at a job from when it has read InsideSmm as true behind the post that woke it. */
static void watch_jobs(follow_judge *j, const machine_event *e)
{
    const step_request *r = e->request;
    int woken, works;

    if (!r)
        return;
    note_passes(j, e);
    woken = r->op == STEP_LOAD && e->result.value && r->word == number_of(j, EDK2_INS, 0) &&
            j->setup->protocol->rows[e->row].role == ROLE_AWAKE;
    works = (r->op == STEP_LOCAL && r->local == LOCAL_JOB) ||
            (r->op == STEP_LOAD && r->word == number_of(j, EDK2_JOB, e->cpu));
    if ((woken || works) && free_lock(j, e->cpu))
        j->hit = 1;
}

/* The machine ends the run where it is not so. */
static int is_clean(const follow_judge *j)
{
    return rules_clean(j->setup->protocol, &j->setup->config,
                       script_may_differ(&j->setup->services, j->setup->protocol),
                       (const uint32_t *const[]){j->word, j->fresh});
}

/* ---- a run ------------------------------------------------------------------------------ */

void follow_judge_event(follow_judge *j, const machine_event *e)
{
    step_result mine;

    if (!e->request)
        j->inside ^= UINT64_C(1) << e->cpu;
    else if (e->request->op < STEP_LOCAL && !e->result.timed_out)
        (void)step_perform(e->request, j->word, &mine);
    switch (j->property) {
    case RULE_ALL_IN:
        watch_all_in(j, e);
        break;
    case RULE_DOOR:
        watch_door(j, e);
        break;
    case RULE_RENDEZVOUS_TRUE:
        watch_promise(j, e);
        break;
    case RULE_JOB_HELD:
        watch_jobs(j, e);
        break;
    case RULE_CLEAN:
        if (e->request)
            note_passes(j, e);
        break;
    default:
        break;
    }
}

void follow_judge_end(follow_judge *j, const run_counters *count)
{
    if (j->property == RULE_NO_DEADLOCK)
        j->hit = count->hang != 0;
    if (j->property == RULE_NO_LOST_SMI)
        j->hit = count->lost != 0 && !count->hang;
    if (j->property == RULE_CLEAN)
        j->hit = j->inside == 0 && !is_clean(j);
}

void follow_judge_begin(follow_judge *j, int property)
{
    memcpy(j->word, j->fresh, j->words * sizeof *j->word);
    j->property = property;
    j->inside = 0;
    j->promised = j->asked = j->order = 0;
    j->arrived = j->in_handler = j->hit = 0;
}

void follow_judge_init(follow_judge *j, const machine_setup *setup)
{
    *j = (follow_judge){.setup = setup,
                        .words = step_word_count(setup->protocol, &setup->config),
                        .reach = follow_settings_reach(setup)};
    j->word = sim_alloc(j->words, sizeof *j->word);
    j->fresh = sim_alloc(j->words, sizeof *j->fresh);
    setup->protocol->initial(&setup->config, j->fresh);
}

void follow_judge_free(follow_judge *j)
{
    free(j->word);
    free(j->fresh);
}
