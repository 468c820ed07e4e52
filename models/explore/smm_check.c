/* SPDX-License-Identifier: Apache-2.0 */
/* smm_check: the properties that a single state can violate. */
#include "models/explore/smm_parts.h"

/* The rendezvous service's success counts from the moment that the handler has it. */
static int promised(const explore_smm *smm, const smm_view *view, int bsp)
{
    const explore_smm_local *local = smm_local(smm, view, bsp);
    uint32_t at = view->env.handler_plan;

    if (view->env.flags & SMM_PROMISED)
        return 1;
    return local->request.op == STEP_ASK && local->request.local == ASK_HANDLER && at > 0 &&
           rules_promises(
               &(rules_step){.asked = (uint8_t)(smm->settings.handler_plan[at - 1] >> 24),
                             .outcome = (uint8_t)local->request.a});
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

static int buffers_empty(const explore_smm *smm, const smm_view *view)
{
    for (int c = 0; smm->settings.tso && c < smm->settings.cpus; c++)
        if (view->buffer[c].count)
            return 0;
    return 1;
}

/* Counts those CPUs that are somewhere in particular; gives the one that runs the handlers, or -1.
 */
static int count_places(const explore_smm *smm, const smm_sight *sight, rules_sight *s)
{
    int handler = -1;

    for (uint64_t left = sight->sections ? sight->inside : 0; left; left &= left - 1) {
        int c = __builtin_ctzll(left);
        uint32_t where = sight->local[c]->sections;

        s->bsps += (where & STEP_IN_BSP) != 0;
        s->locked += (where & STEP_IN_LOCKED) != 0;
        s->handlers += (where & STEP_IN_HANDLER) != 0;
        if (where & STEP_IN_HANDLER)
            handler = c;
        s->unheld += (where & STEP_AT_JOB) &&
                     sight->view->words[smm_array(smm, FIELD_BUSY, c)] != STEPS_LOCK_HELD;
    }
    return handler;
}

uint32_t explore_smm_check_state(const explore_smm *smm, const smm_sight *sight)
{
    const smm_view *view = sight->view;
    uint64_t blocked = smm->settings.blocked;
    rules_sight s = {.protocol = smm->machine.protocol,
                     .config = &smm->config,
                     .words = view->words,
                     .fresh = smm->fresh,
                     .differ = smm->differ,
                     .door = smm->at[FIELD_DOOR],
                     .gate = smm->at[FIELD_GATE],
                     .arrived = (view->env.flags & SMM_ARRIVED) != 0,
                     .quiet = !sight->inside && !(view->env.latch & ~blocked) &&
                              buffers_empty(smm, view),
                     .moving = smm->settings.tso && door_on_its_way(smm, view)};
    int handler = count_places(smm, sight, &s);

    if (handler >= 0) {
        s.outside = (sight->inside | blocked) != smm->all;
        s.promised = smm->settings.handler_plan_length && promised(smm, view, handler);
        s.present = s.promised && explore_smm_check_present(smm, view);
    }
    return rules_judge(&s);
}
