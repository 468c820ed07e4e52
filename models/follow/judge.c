/* SPDX-License-Identifier: Apache-2.0 */
/* judge: the properties of smmsim explore that a timed run can violate. */
#include "models/follow/judge.h"

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

static void note_order(follow_judge *j, uint32_t what)
{
    j->order = (j->order * 31 + what) & 0xffffff;
}

/* ---- what matters of the order ---------------------------------------------------------- */

static void note_door(follow_judge *j, const machine_event *e)
{
    const step_request *r = e->request;
    uint32_t gate = j->watch.words_of[FIELD_GATE];

    if (!r || r->op >= STEP_LOCAL || (r->word != j->watch.words_of[FIELD_DOOR] && r->word != gate))
        return;
    if (r->op == STEP_STORE || (r->op == STEP_CAS && r->b == STEP_LOCKED))
        note_order(j, e->cpu * 4u + (r->word == gate) * 2u + (r->a != 0));
}

/* The handler is asked again as soon as the service has answered. `asked`: for what before. */
static void note_promise(follow_judge *j, const machine_event *e, uint32_t asked)
{
    if (e->request && e->request->op == STEP_ASK && e->request->local == ASK_HANDLER &&
        asked == ACTION_RENDEZVOUS)
        note_order(j, e->request->a * 2 + (uint32_t)rules_watch_present(&j->watch) + 1);
}

/* In which passes over the APs who was present, and what an AP that was woken found. */
static void note_passes(follow_judge *j, const machine_event *e)
{
    const step_request *r = e->request;
    uint32_t present = j->watch.words_of[FIELD_PRESENT];

    if (!r)
        return;
    if (r->op == STEP_LOAD && r->word - present < j->setup->config.possible)
        note_order(j, (e->row * 64u + r->word - present) * 2 + (e->result.value != 0) + 1);
    if (r->op == STEP_LOCAL && r->local == LOCAL_JOB)
        note_order(j, e->cpu + 1u);
}

/* ---- a run ------------------------------------------------------------------------------ */

void follow_judge_event(follow_judge *j, const machine_event *e)
{
    uint32_t asked = j->watch.asked;

    j->watch.observer.event(&j->watch, e);
    j->hit = j->watch.broken != 0;
    if (j->property == RULE_DOOR)
        note_door(j, e);
    else if (j->property == RULE_RENDEZVOUS_TRUE)
        note_promise(j, e, asked);
    else if (j->property == RULE_JOB_HELD || j->property == RULE_CLEAN)
        note_passes(j, e);
}

void follow_judge_end(follow_judge *j, const run_record *record)
{
    j->hit = rules_watch_end(&j->watch, record) != 0;
}

void follow_judge_begin(follow_judge *j, int property)
{
    j->property = property;
    j->watch.rules = 1u << property;
    rules_watch_begin(&j->watch);
    j->order = 0;
    j->hit = 0;
}

void follow_judge_init(follow_judge *j, const machine_setup *setup)
{
    *j = (follow_judge){.setup = setup};
    rules_watch_init(&j->watch, setup, 0);
}

void follow_judge_free(follow_judge *j)
{
    rules_watch_free(&j->watch);
}
