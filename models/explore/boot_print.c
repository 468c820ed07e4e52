/* SPDX-License-Identifier: Apache-2.0 */
/* boot_print: what explore_tell needs to tell a run of a small model around the rendezvous.
 */
#include <inttypes.h>
#include <string.h>

#include "models/explore/boot.h"
#include "models/explore/smm.h"
#include "sim/lib/bytes.h"

enum { CELL_WIDTH = 30, NAME_WIDTH = 5, MARKER_WIDTH = 25 };

static uint32_t value_of(const explore_boot *boot, const uint8_t *v, int variable)
{
    return boot->scenario->variables[variable].is_cpu ? v[variable] - 1u : v[variable];
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

static void tell_cell(const explore_teller *teller, const void *scene, uint32_t label,
                      explore_tell_cell *cell)
{
    explore_boot_turn turn;

    (void)look(teller->self, &turn, scene, actor_of(teller, label));
    (void)snprintf(cell->text, sizeof cell->text, "%s %s", turn.row.name, turn.row.marker);
    cell->to = turn.to;
    cell->sent = turn.sent;
}

static void tell_changes(const explore_teller *teller, uint32_t label, const void *const scenes[2],
                         FILE *out)
{
    const explore_boot *boot = teller->self;
    const explore_boot_variable *variables = boot->scenario->variables;

    (void)label;
    for (int i = 0; i < EXPLORE_BOOT_BYTES; i++) {
        uint32_t before = value_of(boot, scenes[0], i), after = value_of(boot, scenes[1], i);

        if (variables[i].name && before != after)
            explore_tell_change(variables[i].name, before, after, out);
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

        SIM_ASSERT(name != NULL);
        explore_tell_wait(name, "is", out);
        explore_tell_wanted(turn.until, value_of(boot, scene, turn.waits_for), out);
        (void)fprintf(out, ", without a bound");
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
                            .width = CELL_WIDTH,
                            .name_width = NAME_WIDTH,
                            .marker_width = MARKER_WIDTH,
                            .initial = tell_initial,
                            .pack = tell_pack,
                            .apply = tell_apply,
                            .memory = tell_memory,
                            .actor = actor_of,
                            .actor_name = tell_actor_name,
                            .property = tell_property,
                            .row = tell_row,
                            .cell = tell_cell,
                            .changes = tell_changes,
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
