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
static int look(const explore_boot *boot, explore_boot_step *step, const uint8_t *v, int actor)
{
    uint8_t copy[EXPLORE_BOOT_BYTES];

    memcpy(copy, v, sizeof copy);
    return explore_boot_take(boot, step, copy, actor);
}

static void tell_initial(const explore_teller *teller, void *unpacked)
{
    memset(unpacked, 0, teller->unpacked_bytes);
}

static void tell_pack(const explore_teller *teller, const void *unpacked, uint64_t *state)
{
    memcpy(state, unpacked, teller->unpacked_bytes);
}

static void tell_apply(const explore_teller *teller, void *unpacked, uint32_t label)
{
    explore_boot_step step;

    if (!explore_boot_take(teller->self, &step, unpacked, actor_of(teller, label)))
        sim_panic(__FILE__, __LINE__, "a step of the schedule cannot be taken");
}

/* The unpacked state is bytes; what the actors have come to is told by the ids of their steps. */
static uint64_t tell_memory(const explore_teller *teller, const void *unpacked, uint64_t hash)
{
    return bytes_hash(hash, unpacked, teller->unpacked_bytes);
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

static explore_tell_row tell_row(const explore_teller *teller, const void *unpacked, uint32_t label)
{
    explore_boot_step step;

    (void)look(teller->self, &step, unpacked, actor_of(teller, label));
    return step.row;
}

static void tell_turn(const explore_teller *teller, uint32_t label, const void *const unpacked[2],
                      lanes_turn *step)
{
    const explore_boot *boot = teller->self;
    const explore_boot_variable *variables = boot->scenario->variables;
    const uint8_t *before = unpacked[0], *after = unpacked[1];
    const size_t size = sizeof step->did;
    explore_boot_step taken;
    size_t used;

    (void)look(boot, &taken, before, actor_of(teller, label));
    step->name = taken.row.name;
    step->to = taken.to < 0 ? LANES_NOBODY : taken.to;
    used = (size_t)snprintf(step->did, size, "%s%s%s", taken.row.marker,
                            taken.row.marker[0] ? ": " : "", taken.row.what);
    if (taken.to >= 0)
        used += (size_t)snprintf(step->did + used, size - used, "; sends %s to %s", taken.sent,
                                 boot->scenario->names[taken.to]);
    for (int i = 0; i < EXPLORE_BOOT_BYTES; i++) {
        char was[SAY_VALUE], is[SAY_VALUE];

        if (!variables[i].name || before[i] == after[i])
            continue;
        say(boot, i, before[i], was);
        say(boot, i, after[i], is);
        SIM_ASSERT(used < size);
        used += (size_t)snprintf(step->did + used, size - used, "; %s := %s, was %s",
                                 variables[i].name, is, was);
    }
}

static int tell_position(const explore_teller *teller, const void *unpacked, int actor, FILE *out)
{
    const explore_boot *boot = teller->self;
    explore_boot_step step;
    int can_move = look(boot, &step, unpacked, actor);

    (void)fprintf(out, "  %-7s", boot->scenario->names[actor]);
    if (step.row.name[0])
        explore_tell_row_of(&step.row, out);
    else
        (void)fprintf(out, "%s ", step.row.what);
    if (!can_move && step.waits_for >= 0) {
        const char *name = boot->scenario->variables[step.waits_for].name;
        char wanted[SAY_VALUE], is[SAY_VALUE];

        SIM_ASSERT(name != NULL);
        say(boot, step.waits_for, step.until, wanted);
        say(boot, step.waits_for, ((const uint8_t *)unpacked)[step.waits_for], is);
        (void)fprintf(out, "until %s is %s (it is %s), without a bound", name, wanted, is);
    }
    (void)fprintf(out, "\n");
    return 1;
}

static explore_teller teller_of(const explore_boot *boot)
{
    return (explore_teller){.model = &boot->model,
                            .self = boot,
                            .unpacked_bytes = EXPLORE_BOOT_BYTES,
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
                            .position = tell_position};
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
