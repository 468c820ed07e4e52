/* SPDX-License-Identifier: Apache-2.0 */
/* mark: what the steps of the protocol mean for the record: rounds, roles, milestones. */
#include "models/machine/state.h"

static round_record *current_round(machine *m)
{
    return m->mark.round == RECORD_NONE ? NULL : &m->record->round[m->mark.round];
}

static trigger_record *open_trigger(machine *m, uint32_t cpu)
{
    uint32_t trigger = m->cpu[cpu].thread.trigger;

    return trigger == RECORD_NONE ? NULL : &m->record->trigger[trigger];
}

static void join_round(machine *m, uint32_t cpu, visit_role role)
{
    visit_record *visit = &m->record->visit[m->cpu[cpu].deliver.visit];
    round_record *r;

    visit->role = (uint8_t)role;
    if (m->mark.round == RECORD_NONE)
        return;
    visit->round = m->mark.round;
    r = &m->record->round[m->mark.round];
    if (r->inside++ == 0)
        r->first_in = r->last_in = visit->entered;
    if (visit->entered < r->first_in)
        r->first_in = visit->entered;
    if (visit->entered > r->last_in && (r->handler == 0 || visit->entered <= r->handler))
        r->last_in = visit->entered;
}

static void begin_round(machine *m, uint32_t cpu)
{
    round_record *r;

    m->mark.bsps++;
    if (m->mark.bsps > 1) {
        machine_break(m, "broken invariant: two CPUs are BSP at once");
        return;
    }
    m->mark.round = record_round(m->record);
    r = current_round(m);
    *r = (round_record){.bsp_in = m->now, .bsp = (uint16_t)cpu, .first_trigger = RECORD_NONE};
    join_round(m, cpu, VISIT_BSP);
}

static void count_timeout(machine *m, uint32_t cpu, int first)
{
    visit_record *visit = &m->record->visit[m->cpu[cpu].deliver.visit];

    m->record->count.timeout1 += (uint64_t)first;
    m->record->count.timeout2 += (uint64_t)!first;
    *(first ? &visit->timeout1 : &visit->timeout2) = 1;
}

static void waited_for_bsp(machine *m, uint32_t cpu, const step_result *result)
{
    trigger_record *trigger = open_trigger(m, cpu);
    int first = m->cpu[cpu].driver.request.bound == STEP_TIMEOUT1;

    if (!result->timed_out)
        return;
    count_timeout(m, cpu, first);
    if (trigger)
        trigger->at[first ? AT_BSP_TIMEOUT1 : AT_BSP_TIMEOUT2] = m->now;
}

static void waited_for_aps(machine *m, uint32_t cpu, const step_result *result)
{
    round_record *r = current_round(m);
    int first = m->cpu[cpu].driver.request.bound == STEP_TIMEOUT1;

    if (!r)
        return;
    if (!result->timed_out) {
        if (r->handler == 0)
            r->all_in = m->now;
        return;
    }
    count_timeout(m, cpu, first);
    if (r->handler == 0)
        *(first ? &r->aps_timeout1 : &r->aps_timeout2) = m->now;
}

/* Outcome and times of the round, for all requests that it serves; but the phases of one whose
 * writer has gone on before are over. */
static void settle(machine *m)
{
    const round_record *r = current_round(m);

    for (uint32_t t = r->first_trigger; t != RECORD_NONE;) {
        trigger_record *trigger = &m->record->trigger[t];

        t = trigger->next_in_round;
        trigger->outcome = trigger->closed ? TRIGGER_LATE : TRIGGER_SERVED;
        if (trigger->closed)
            continue;
        trigger->at[AT_BSP_IN] = r->bsp_in;
        trigger->at[AT_APS_TIMEOUT1] = r->aps_timeout1;
        trigger->at[AT_APS_TIMEOUT2] = r->aps_timeout2;
        trigger->at[AT_ALL_IN] = r->all_in;
        trigger->at[AT_HANDLER] = r->handler;
        trigger->at[AT_HANDLER_END] = m->now;
        trigger->flash = r->flash;
    }
}

static void handler_begins(machine *m, uint32_t cpu)
{
    round_record *r;

    if (m->mark.round == RECORD_NONE) /* a protocol without a BSP that says it is in */
        begin_round(m, cpu);
    r = current_round(m);
    if (!r)
        return;
    r->handler = m->now;
    if (r->all_in == 0)
        r->all_in = m->now;
    handler_begin(m);
}

static void handler_ended(machine *m)
{
    round_record *r = current_round(m);

    if (!r)
        return;
    r->handler_end = m->now;
    settle(m);
    if (r->served == 0)
        m->record->count.spurious++;
}

static void door_reset(machine *m)
{
    round_record *r = current_round(m);

    if (r)
        r->reset = m->now;
    m->mark.round = RECORD_NONE;
    m->mark.bsps -= m->mark.bsps > 0;
}

static void released(machine *m, uint32_t cpu)
{
    trigger_record *trigger = open_trigger(m, cpu);

    if (trigger)
        trigger->at[AT_RELEASED] = m->now;
}

void mark_step(machine *m, uint32_t cpu, step_mark mark, const step_result *result)
{
    const machine_cpu *c = &m->cpu[cpu];
    round_record *r = current_round(m);
    trigger_record *trigger = open_trigger(m, cpu);

    switch (mark) {
    case MARK_BSP_IN:
        begin_round(m, cpu);
        break;
    case MARK_WAITED_BSP:
        waited_for_bsp(m, cpu, result);
        break;
    case MARK_WAITED_APS:
        waited_for_aps(m, cpu, result);
        break;
    case MARK_LOCKED:
        if (r)
            r->aps = c->driver.local.counted;
        break;
    case MARK_PRESENT:
        join_round(m, cpu, VISIT_AP);
        break;
    case MARK_HANDLER:
        handler_begins(m, cpu);
        break;
    case MARK_HANDLER_END:
        handler_ended(m);
        break;
    case MARK_TOO_LATE:
        m->record->visit[c->deliver.visit].role = VISIT_TOO_LATE;
        break;
    case MARK_ABANDONED:
        m->record->visit[c->deliver.visit].role = VISIT_ABANDONED;
        if (trigger)
            trigger->abandoned = 1;
        break;
    case MARK_RELEASED:
        released(m, cpu);
        break;
    case MARK_RESET:
        door_reset(m);
        break;
    case MARK_CHECKED_IN:
    case MARK_NONE:
        break;
    }
}

void mark_start(machine *m)
{
    m->mark = (mark_part){.bsps = 0, .round = RECORD_NONE};
}
