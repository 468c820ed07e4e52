/* SPDX-License-Identifier: Apache-2.0 */
/* explore_smm_check: the properties that a single state can violate. */
#include "models/explore_smm_parts.h"

#define BIT(id) (1u << RULE_##id)

/* The rendezvous service's success counts from the moment that the handler has it. */
static int promised(const explore_smm *smm, const smm_view *view, int bsp)
{
    const explore_smm_local *local = smm_local(smm, view, bsp);
    uint32_t at = view->env.script;

    if (view->env.flags & SMM_PROMISED)
        return 1;
    return local->request.op == STEP_ASK && local->request.local == ASK_HANDLER && at > 0 &&
           smm->settings.script[at - 1] >> 24 == ACTION_RENDEZVOUS &&
           local->request.a == OUTCOME_SUCCESS;
}

int explore_smm_check_present(const explore_smm *smm, const smm_view *view)
{
    for (int c = 0; c < smm->settings.cpus; c++) {
        if (smm->settings.blocked >> c & 1)
            continue;
        if (!view->local[c] || !view->words[smm_array(smm, FIELD_PRESENT, c)])
            return 0;
    }
    return 1;
}

/* With TSO, a store of the door's words that is still on its way: what memory says is old. */
static int door_on_its_way(const explore_smm *smm, const smm_view *view)
{
    for (int c = 0; smm->settings.tso && c < smm->settings.cpus; c++)
        for (uint32_t i = 0; i < view->buffer[c].count; i++)
            if (view->buffer[c].store[i].word == smm->at[FIELD_DOOR] ||
                view->buffer[c].store[i].word == smm->at[FIELD_GATE])
                return 1;
    return 0;
}

/* `locked`: CPUs in the locked section. Whoever waits for the door itself needs no gate. */
static int door_is_right(const explore_smm *smm, const smm_view *view, int locked)
{
    if (smm->at[FIELD_DOOR] == SMM_NOWHERE)
        return 1;
    if (view->words[smm->at[FIELD_DOOR]] != STEP_LOCKED)
        return locked == 0;
    return locked == 1 &&
           (view->words[smm->at[FIELD_GATE]] != 0 || smm->machine.protocol->waits_for_door);
}

static int buffers_empty(const explore_smm *smm, const smm_view *view)
{
    for (int c = 0; smm->settings.tso && c < smm->settings.cpus; c++)
        if (view->buffer[c].count)
            return 0;
    return 1;
}

/* Of CPUs that are somewhere in particular. */
typedef struct {
    uint32_t violated;
    int bsps, locked, handler;
} roles;

static roles roles_of(const explore_smm *smm, const smm_sight *sight)
{
    roles r = {.handler = -1};

    for (uint64_t left = sight->where ? sight->inside : 0; left; left &= left - 1) {
        int c = __builtin_ctzll(left);
        uint32_t where = sight->local[c]->where;

        r.bsps += (where & STEP_IN_BSP) != 0;
        r.locked += (where & STEP_IN_LOCKED) != 0;
        if (where & STEP_IN_HANDLER)
            r.handler = c;
        if ((where & STEP_AT_JOB) &&
            sight->view->words[smm_array(smm, FIELD_BUSY, c)] != STEPS_LOCK_HELD)
            r.violated |= BIT(JOB_HELD);
    }
    return r;
}

uint32_t explore_smm_check_state(const explore_smm *smm, const smm_sight *sight)
{
    const smm_view *view = sight->view;
    roles r = roles_of(smm, sight);
    uint32_t violated = r.violated;
    int outside = __builtin_popcountll(sight->inside | smm->settings.blocked) < smm->settings.cpus;

    if (r.bsps > 1)
        violated |= BIT(ONE_BSP);
    if (!door_is_right(smm, view, r.locked) && !door_on_its_way(smm, view))
        violated |= BIT(DOOR);
    if (r.handler >= 0 && (view->env.flags & SMM_ARRIVED) && outside)
        violated |= BIT(ALL_IN);
    if (r.handler >= 0 && smm->settings.script_length && promised(smm, view, r.handler))
        violated |= (explore_smm_check_present(smm, view) ? 0 : BIT(RENDEZVOUS_TRUE)) |
                    (outside ? BIT(RENDEZVOUS_IN) : 0);
    if (!sight->inside && !(view->env.latch & ~smm->settings.blocked) && buffers_empty(smm, view) &&
        !rules_clean(smm->machine.protocol, &smm->config, smm->differ,
                     (const uint32_t *const[]){view->words, smm->fresh}))
        violated |= BIT(CLEAN);
    return violated;
}
