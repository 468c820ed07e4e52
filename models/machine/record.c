/* SPDX-License-Identifier: Apache-2.0 */
/* record: tables of what happened, and the phases of a trigger from its milestones. */
#include "models/machine/record.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define PHASE_NAME(id, name, meaning) name,
const char *const phase_names[PHASE_COUNT] = {PHASES(PHASE_NAME)};
#undef PHASE_NAME
#define PHASE_MEANING(id, name, meaning) meaning,
const char *const phase_meanings[PHASE_COUNT] = {PHASES(PHASE_MEANING)};
#undef PHASE_MEANING
#define MILESTONE_NAME(id, name) name,
const char *const milestone_names[MILESTONE_COUNT] = {MILESTONES(MILESTONE_NAME)};
#undef MILESTONE_NAME

_Static_assert((int)PHASE_COUNT == (int)MILESTONE_COUNT, "one phase between neighbours, and flash");

void record_init(run_record *r)
{
    memset(r, 0, sizeof *r);
}

void record_clear(run_record *r)
{
    const size_t kept = offsetof(run_record, triggers);

    memset((uint8_t *)r + kept, 0, sizeof *r - kept);
}

void record_free(run_record *r)
{
    free(r->trigger);
    free(r->visit);
    free(r->round);
    free(r->call);
    record_init(r);
}

/* At least doubles the room of a table that is too small. */
static void *enlarge(void *table, uint64_t wanted, uint64_t *room, uint64_t size)
{
    SIM_ASSERT(wanted <= RECORD_NONE);
    if (wanted <= *room)
        return table;
    *room = wanted > 2 * *room ? wanted : 2 * *room;
    return sim_realloc(table, *room, size);
}

void record_reserve(run_record *r, const record_room *more)
{
    r->trigger =
        enlarge(r->trigger, r->triggers + more->triggers, &r->trigger_room, sizeof *r->trigger);
    r->visit = enlarge(r->visit, r->visits + more->visits, &r->visit_room, sizeof *r->visit);
    r->round = enlarge(r->round, r->rounds + more->rounds, &r->round_room, sizeof *r->round);
    r->call = enlarge(r->call, r->calls + more->calls, &r->call_room, sizeof *r->call);
}

uint32_t record_trigger(run_record *r)
{
    SIM_ASSERT(r->triggers < r->trigger_room);
    r->trigger[r->triggers] = (trigger_record){0};
    return (uint32_t)r->triggers++;
}

uint32_t record_visit(run_record *r)
{
    SIM_ASSERT(r->visits < r->visit_room);
    r->visit[r->visits] = (visit_record){0};
    return (uint32_t)r->visits++;
}

uint32_t record_round(run_record *r)
{
    SIM_ASSERT(r->rounds < r->round_room);
    r->round[r->rounds] = (round_record){0};
    return (uint32_t)r->rounds++;
}

uint32_t record_call(run_record *r)
{
    SIM_ASSERT(r->calls < r->call_room);
    r->call[r->calls] = (call_record){0};
    return (uint32_t)r->calls++;
}

void record_phases(const trigger_record *t, int64_t phases[PHASE_COUNT])
{
    static const uint8_t phase_of[MILESTONE_COUNT] = {
        [AT_DELIVERED] = PHASE_PORT,
        [AT_MAY_ENTER] = PHASE_REACTION,
        [AT_ENTERED] = PHASE_ENTRY,
        [AT_BSP_TIMEOUT1] = PHASE_BSP_TIMEOUT1,
        [AT_BSP_TIMEOUT2] = PHASE_BSP_TIMEOUT2,
        [AT_BSP_IN] = PHASE_BSP_WAIT,
        [AT_APS_TIMEOUT1] = PHASE_APS_TIMEOUT1,
        [AT_APS_TIMEOUT2] = PHASE_APS_TIMEOUT2,
        [AT_ALL_IN] = PHASE_APS_WAIT,
        [AT_HANDLER] = PHASE_BARRIERS,
        [AT_HANDLER_END] = PHASE_HANDLER,
        [AT_RELEASED] = PHASE_RELEASE,
        [AT_RESUMED] = PHASE_EXIT,
    };
    int64_t end = t->at[AT_RESUMED];
    int64_t last = t->at[AT_PORT_WRITE];
    int64_t sum = 0;

    SIM_ASSERT(end >= last);
    memset(phases, 0, sizeof *phases * PHASE_COUNT);
    for (int m = AT_DELIVERED; m < MILESTONE_COUNT; m++) {
        int64_t at = t->at[m] < last ? last : t->at[m] > end ? end : t->at[m];

        phases[phase_of[m]] = at - last;
        last = at;
    }
    phases[PHASE_FLASH] = t->flash < phases[PHASE_HANDLER] ? t->flash : phases[PHASE_HANDLER];
    phases[PHASE_HANDLER] -= phases[PHASE_FLASH];
    for (int p = 0; p < PHASE_COUNT; p++)
        sum += phases[p];
    SIM_ASSERT(sum == end - t->at[AT_PORT_WRITE]);
}
