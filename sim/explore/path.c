/* SPDX-License-Identifier: Apache-2.0 */
/* path: one run through a model: by wishes, by deviations from the usual order, by chance. */
#include "sim/explore/path.h"

#include <stdlib.h>
#include <string.h>

void explore_path_init(explore_path *path, uint64_t steps)
{
    *path = (explore_path){.labels = sim_alloc(steps, sizeof *path->labels),
                           .actors = sim_alloc(steps, sizeof *path->actors),
                           .deviated = sim_alloc(steps, sizeof *path->deviated),
                           .property = -1};
}

void explore_path_free(explore_path *path)
{
    free(path->labels);
    free(path->actors);
    free(path->deviated);
}

static int first_bit(uint32_t set)
{
    return set ? __builtin_ctz(set) : -1;
}

static int edge_labelled(const explore_fan *fan, uint32_t label)
{
    for (uint32_t e = 0; e < fan->count; e++)
        if (fan->edges[e].label == label)
            return (int)e;
    return -1;
}

static uint64_t draw(explore_chooser *c, uint64_t bound)
{
    c->address.ordinal++;
    return rng_below(rng_word(&c->address), bound);
}

/* Of the actors that can move the one with the highest priority: some run far ahead of others,
 * which even odds would never give. Unusual steps have a chance of 1 in 8. */
static int choose_by_priority(const explore_fan *fan, explore_chooser *c, int usual)
{
    uint64_t highest = 0;
    int best = usual;
    int unusual = draw(c, 8) == 0;

    SIM_ASSERT(usual >= 0 && (uint32_t)usual < fan->count);
    for (uint32_t e = 0; e < fan->count; e++) {
        const explore_edge *edge = &fan->edges[e];
        rng_address address = c->address;
        uint64_t priority;

        if (edge->rank > fan->edges[usual].rank && !unusual)
            continue;
        address.stream = c->priorities;
        address.index = (uint16_t)edge->actor;
        address.ordinal = c->epoch[edge->actor];
        priority = rng_word(&address);
        if (priority >= highest) {
            highest = priority;
            best = (int)e;
        }
    }
    if (draw(c, 32) == 0)
        c->epoch[fan->edges[best].actor]++;
    return best;
}

/* Where a run is in what it was told. */
typedef struct {
    int64_t wish, deviation;
    uint32_t gap; /* usual steps since the last deviation */
} progress;

/* The edge of the deviation that is due, or -1. */
static int choose_deviation(const explore_fan *fan, const explore_chooser *c, progress *at)
{
    const explore_deviation *deviation = &c->planned[at->deviation];
    int e = -1;

    SIM_ASSERT(at->deviation >= 0 && at->deviation <= c->deviation_count);
    if (at->deviation < c->deviation_count && at->gap >= deviation->gap)
        e = edge_labelled(fan, deviation->label);
    at->deviation += e >= 0;
    at->gap = e >= 0 ? 0 : at->gap + 1;
    return e;
}

/* The edge to take, or -1 at the end. */
static int choose(const explore_fan *fan, explore_chooser *c, progress *at, int usual)
{
    int e = -1;

    while (e < 0 && at->wish < c->wishes)
        e = edge_labelled(fan, c->wish[at->wish++]);
    if (e < 0 && c->deviation_count)
        e = choose_deviation(fan, c, at);
    if (e >= 0)
        return e;
    if (usual < 0)
        return -1;
    if (c->priorities)
        return choose_by_priority(fan, c, usual);
    if (c->odds && draw(c, c->odds) == 0)
        return (int)draw(c, fan->count);
    return usual;
}

void explore_path_walk(const explore_model *model, explore_workspace *workspace, explore_chooser *c,
                       explore_path *path)
{
    uint64_t state[EXPLORE_WORDS_MAX];
    progress at = {0};
    int last = 0;

    path->length = path->deviations = 0;
    path->property = -1;
    model->initial(model, workspace->scratch, state);
    while ((uint64_t)path->length < c->steps) {
        int usual, e;

        model->expand(model, workspace->scratch, state, &workspace->fan);
        path->property = first_bit(workspace->fan.violated & c->watch);
        if (path->property >= 0)
            return;
        usual = explore_usual(&workspace->fan, last);
        e = choose(&workspace->fan, c, &at, usual);
        if (e < 0)
            return;
        SIM_ASSERT((uint32_t)e < workspace->fan.count && workspace->fan.count <= model->fanout);
        path->actors[path->length] = workspace->fan.edges[e].actor;
        path->deviated[path->length] = e != usual;
        path->labels[path->length++] = workspace->fan.edges[e].label;
        path->deviations += e != usual;
        SIM_ASSERT(path->deviations <= path->length);
        path->property = first_bit(workspace->fan.edges[e].violated & c->watch);
        if (path->property >= 0 || workspace->fan.edges[e].dead)
            return;
        last = workspace->fan.edges[e].actor;
        memcpy(state, &workspace->fan.states[(uint64_t)e * model->words],
               model->words * sizeof *state);
    }
}
