/* SPDX-License-Identifier: Apache-2.0 */
/* boot_print: what explore_tell needs to tell a run of a small model around the rendezvous.
 */
#include <inttypes.h>
#include <string.h>

#include "models/explore/boot.h"
#include "models/explore/smm.h"
#include "models/protocol/say.h"
#include "sim/lib/bytes.h"

/* A variable's value in an unpacked state. */
static void say(const explore_boot *boot, int variable, uint8_t value, char out[SAY_VALUE])
{
    if (boot->scenario->variables[variable].is_cpu)
        say_value(FIELD_BSP, value - 1u, out);
    else
        say_value(FIELD_COUNTER, value, out);
}

static int actor_of(const explore_teller *teller, uint32_t label)
{
    for (int actor = 0; actor < teller->actors; actor++)
        if (label == EXPLORE_SMM_OWN_STEP(actor))
            return actor;
    sim_panic(__FILE__, __LINE__, "no actor's step");
}

/* What the actor does next, with nothing changed. */
static int look(const explore_boot *boot, explore_boot_turn *turn, const uint8_t *v, int actor)
{
    uint8_t copy[EXPLORE_BOOT_BYTES];

    memcpy(copy, v, sizeof copy);
    return explore_boot_take(boot, turn, copy, actor);
}

static void tell_initial(const explore_teller *teller, void *scene)
{
    memset(scene, 0, teller->scene_bytes);
}

static void tell_pack(const explore_teller *teller, const void *scene, uint64_t *state)
{
    memcpy(state, scene, teller->scene_bytes);
}

static void tell_apply(const explore_teller *teller, void *scene, uint32_t label)
{
    explore_boot_turn turn;

    if (!explore_boot_take(teller->self, &turn, scene, actor_of(teller, label)))
        sim_panic(__FILE__, __LINE__, "a step of the schedule cannot be taken");
}

/* The unpacked state is bytes; what the actors have come to is told by the ids of their steps. */
static uint64_t tell_memory(const explore_teller *teller, const void *scene, uint64_t hash)
{
    return bytes_hash(hash, scene, teller->scene_bytes);
}

static void tell_actor_name(const explore_teller *teller, int actor, char name[EXPLORE_TELL_NAME])
{
    const explore_boot *boot = teller->self;

    (void)snprintf(name, EXPLORE_TELL_NAME, "%s", boot->scenario->names[actor]);
}

static const char *tell_property(const explore_teller *teller, int property)
{
    const explore_boot *boot = teller->self;

    SIM_ASSERT(property == boot->scenario->violates);
    return boot->scenario->property;
}

static explore_tell_row tell_row(const explore_teller *teller, const void *scene, uint32_t label)
{
    explore_boot_turn turn;

    (void)look(teller->self, &turn, scene, actor_of(teller, label));
    return turn.row;
}

static void tell_turn(const explore_teller *teller, uint32_t label, const void *const scenes[2],
                      lanes_turn *turn)
{
    const explore_boot *boot = teller->self;
    const explore_boot_variable *variables = boot->scenario->variables;
    const uint8_t *before = scenes[0], *after = scenes[1];
    const size_t size = sizeof turn->did;
    explore_boot_turn taken;
    size_t used;

    (void)look(boot, &taken, before, actor_of(teller, label));
    turn->name = taken.row.name;
    turn->to = taken.to < 0 ? LANES_NOBODY : taken.to;
    used = (size_t)snprintf(turn->did, size, "%s%s%s", taken.row.marker,
                            taken.row.marker[0] ? ": " : "", taken.row.what);
    if (taken.to >= 0)
        used += (size_t)snprintf(turn->did + used, size - used, "; sends %s to %s", taken.sent,
                                 boot->scenario->names[taken.to]);
    for (int i = 0; i < EXPLORE_BOOT_BYTES; i++) {
        char was[SAY_VALUE], is[SAY_VALUE];

        if (!variables[i].name || before[i] == after[i])
            continue;
        say(boot, i, before[i], was);
        say(boot, i, after[i], is);
        SIM_ASSERT(used < size);
        used += (size_t)snprintf(turn->did + used, size - used, "; %s := %s, was %s",
                                 variables[i].name, is, was);
    }
}

static int tell_where(const explore_teller *teller, const void *scene, int actor, FILE *out)
{
    const explore_boot *boot = teller->self;
    explore_boot_turn turn;
    int can_move = look(boot, &turn, scene, actor);

    (void)fprintf(out, "  %-7s", boot->scenario->names[actor]);
    if (turn.row.name[0])
        explore_tell_row_of(&turn.row, out);
    else
        (void)fprintf(out, "%s ", turn.row.what);
    if (!can_move && turn.waits_for >= 0) {
        const char *name = boot->scenario->variables[turn.waits_for].name;
        char wanted[SAY_VALUE], is[SAY_VALUE];

        SIM_ASSERT(name != NULL);
        say(boot, turn.waits_for, turn.until, wanted);
        say(boot, turn.waits_for, ((const uint8_t *)scene)[turn.waits_for], is);
        (void)fprintf(out, "until %s is %s (it is %s), without a bound", name, wanted, is);
    }
    (void)fprintf(out, "\n");
    return 1;
}

static explore_teller teller_of(const explore_boot *boot)
{
    return (explore_teller){.model = &boot->model,
                            .self = boot,
                            .scene_bytes = EXPLORE_BOOT_BYTES,
                            .actors = boot->scenario->actors,
                            .names = boot->scenario->names,
                            .initial = tell_initial,
                            .pack = tell_pack,
                            .apply = tell_apply,
                            .memory = tell_memory,
                            .actor = actor_of,
                            .actor_name = tell_actor_name,
                            .property = tell_property,
                            .row = tell_row,
                            .turn = tell_turn,
                            .where = tell_where};
}

sim_status explore_boot_check_schedule(const explore_boot *boot, const explore_schedule *schedule,
                                       sim_err *err)
{
    for (int64_t i = 0; i < schedule->count; i++) {
        char name[EXPLORE_TELL_NAME];
        int known = 0;

        for (int actor = 0; actor < boot->scenario->actors; actor++)
            known |= schedule->labels[i] == EXPLORE_SMM_OWN_STEP(actor);
        if (known)
            continue;
        explore_smm_step_name(schedule->labels[i], name);
        return err_set(err, SIM_BAD_INPUT,
                       "schedule, step %" PRId64 ": %s has no '%s' (would be right: 0 to %d)",
                       i + 1, boot->scenario->id, name, boot->scenario->actors - 1);
    }
    return SIM_OK;
}

sim_status explore_boot_replay(const explore_boot *boot, const explore_schedule *schedule,
                               FILE *out, sim_err *err)
{
    explore_teller teller = teller_of(boot);

    return explore_tell_replay(&teller, schedule, out, err);
}

sim_status explore_boot_digest(const explore_boot *boot, const explore_schedule *schedule,
                               uint64_t *digest, sim_err *err)
{
    explore_teller teller = teller_of(boot);

    return explore_tell_digest(&teller, schedule, digest, err);
}
