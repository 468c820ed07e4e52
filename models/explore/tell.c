/* SPDX-License-Identifier: Apache-2.0 */
/* tell: repeats a schedule on a model and tells it: its steps as lanes, who is stuck. */
#include "models/explore/tell.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/lib/bytes.h"
#include "sim/explore/terminal.h"

/* ---- words ------------------------------------------------------------------------------ */

void explore_tell_row_of(const explore_tell_row *row, FILE *out)
{
    (void)fprintf(out, "%-3s %s%s%s (%s) ", row->role, row->name, row->marker[0] ? " " : "",
                  row->marker, row->what);
}

/* ---- steps ------------------------------------------------------------------------------ */

static void print_step(const explore_teller *teller, uint32_t label, const void *const unpacked[2],
                       lanes *out)
{
    const int actor = teller->actor(teller, label);
    lanes_turn turn = {.kind = LANES_STEP, .actor = actor, .to = LANES_NOBODY, .at = PS_NEVER};
    char name[EXPLORE_TELL_NAME];

    teller->actor_name(teller, actor, name);
    turn.who = name;
    turn.role = teller->row(teller, unpacked[0], label).role;
    for (int c = 0; teller->inside && c < teller->actors; c++)
        lanes_inside(out, c, teller->inside(teller, unpacked[0], c));
    teller->turn(teller, label, unpacked, &turn);
    lanes_put(out, &turn);
}

static void print_end(const explore_teller *teller, const void *unpacked, FILE *out)
{
    (void)fprintf(out, "then\n");
    for (int actor = 0; actor < teller->actors; actor++)
        (void)teller->position(teller, unpacked, actor, out);
}

/* ---- replay ----------------------------------------------------------------------------- */

/* The edge with this label out of the unpacked state, or NULL. */
static const explore_edge *find_edge(const explore_teller *teller, const void *unpacked,
                                     uint32_t label, explore_workspace *workspace)
{
    uint64_t state[EXPLORE_WORDS_MAX];

    teller->pack(teller, unpacked, state);
    teller->model->expand(teller->model, workspace->scratch, state, &workspace->fan);
    for (uint32_t e = 0; e < workspace->fan.count; e++)
        if (workspace->fan.edges[e].label == label)
            return &workspace->fan.edges[e];
    return NULL;
}

/* Steps that lead back, and nothing that can follow them is an end: a schedule cannot show that,
 * but a search from where it leads can. */
static sim_status end_loop(const explore_teller *teller, const void *unpacked,
                           const uint64_t *again, FILE *out, sim_err *err)
{
    uint64_t state[EXPLORE_WORDS_MAX], states = 0;
    sim_status status;

    teller->pack(teller, unpacked, state);
    if (memcmp(state, again, teller->model->words * sizeof *state) != 0)
        return err_set(err, SIM_FINDING,
                       "the model diverges: the last steps do not lead back to where they begin");
    status = explore_terminal_none(teller->model, state, &states, err);
    if (status == SIM_OK && out)
        (void)fprintf(out, "in none of the %" PRIu64 " states that can follow is everything over\n",
                      states);
    return status;
}

/* A run of the schedule: the first of the two unpacked states is the last one in the end. */
typedef struct {
    void *unpacked[2];
    uint64_t digest;
    FILE *out;    /* or NULL: nothing is printed */
    lanes *lanes; /* on `out` */
} telling;

/* Who takes which step: the same for every order of the step table, and in every layout of it. */
static void fold_step(const explore_teller *teller, telling *t, uint32_t label)
{
    const explore_tell_row row = teller->row(teller, t->unpacked[0], label);
    const uint8_t actor = (uint8_t)teller->actor(teller, label);

    t->digest = bytes_hash(t->digest, &actor, 1);
    t->digest = bytes_hash(t->digest, row.id, strlen(row.id) + 1);
}

static sim_status walk(const explore_teller *teller, const explore_schedule *schedule, telling *t,
                       sim_err *err)
{
    void *const *unpacked = t->unpacked;
    FILE *out = t->out;
    uint64_t again[EXPLORE_WORDS_MAX];
    explore_workspace workspace;
    uint32_t violated = 0;
    int dead = 0;
    sim_status status = SIM_OK;

    explore_workspace_init(&workspace, teller->model);
    teller->initial(teller, unpacked[0]);
    t->digest = BYTES_HASH;
    for (int64_t i = 0; i < schedule->count; i++) {
        uint32_t label = schedule->labels[i];
        const explore_edge *edge = dead ? NULL : find_edge(teller, unpacked[0], label, &workspace);

        if (!edge) {
            status = err_set(
                err, SIM_FINDING,
                "the model diverges: step %" PRId64 " of the schedule cannot be taken here", i + 1);
            break;
        }
        violated = edge->violated;
        dead = edge->dead;
        if (i == schedule->count - schedule->loop) {
            teller->pack(teller, unpacked[0], again);
            if (out)
                (void)fprintf(out, "and now these %" PRId64 " steps repeat without end\n",
                              schedule->loop);
        }
        fold_step(teller, t, label);
        memcpy(unpacked[1], unpacked[0], teller->unpacked_bytes);
        teller->apply(teller, unpacked[1], label);
        if (out)
            print_step(teller, label, (const void *const[2]){unpacked[0], unpacked[1]}, t->lanes);
        memcpy(unpacked[0], unpacked[1], teller->unpacked_bytes);
    }
    if (status == SIM_OK && !dead) {
        (void)find_edge(teller, unpacked[0], 0, &workspace);
        violated |= workspace.fan.violated;
    }
    explore_workspace_free(&workspace);
    t->digest = teller->memory(teller, unpacked[0], t->digest);
    if (status == SIM_OK && schedule->loop)
        return end_loop(teller, unpacked[0], again, out, err);
    if (status == SIM_OK && schedule->property >= 0 && !(violated >> schedule->property & 1))
        status = err_set(err, SIM_FINDING, "the model diverges: the schedule ends without %s",
                         teller->property(teller, schedule->property));
    return status;
}

sim_status explore_tell_digest(const explore_teller *teller, const explore_schedule *schedule,
                               uint64_t *digest, sim_err *err)
{
    uint8_t *room = sim_alloc(2, teller->unpacked_bytes);
    telling t = {.unpacked = {room, room + teller->unpacked_bytes}};
    sim_status status = walk(teller, schedule, &t, err);

    *digest = t.digest;
    free(room);
    return status;
}

sim_status explore_tell_replay(const explore_teller *teller, const explore_schedule *schedule,
                               FILE *out, sim_err *err)
{
    uint8_t *room = sim_alloc(2, teller->unpacked_bytes);
    telling t = {.unpacked = {room, room + teller->unpacked_bytes}, .out = out};
    sim_status status;

    t.lanes = lanes_new(out, teller->actors, teller->names, PS_NEVER);
    lanes_head(t.lanes, PS_NEVER);
    status = walk(teller, schedule, &t, err);
    lanes_end(t.lanes);
    if (status == SIM_OK && schedule->has_digest && schedule->digest != t.digest)
        status = err_set(err, SIM_FINDING,
                         "the model diverges: these steps come to %016" PRIx64
                         ", the schedule was recorded with %016" PRIx64,
                         t.digest, schedule->digest);
    if (status == SIM_OK)
        print_end(teller, t.unpacked[0], out);
    free(room);
    return status;
}
