/* SPDX-License-Identifier: Apache-2.0 */
/* bounded: restricts a model to runs with at most `most` scheduling deviations. */
#include "sim/explore/bounded.h"

#include <string.h>

/* Behind the inner state one word more: who moved last, and deviations so far. */
enum { USED_SHIFT = 16 };

static uint64_t edge_words(const explore_model *inner)
{
    return (inner->fanout * sizeof(explore_edge) + 7) / 8;
}

static void bounded_initial(const explore_model *model, void *scratch, uint64_t *state)
{
    const explore_bounded *bounded = model->self;

    if (bounded->begin)
        memcpy(state, bounded->begin, bounded->inner->words * sizeof *state);
    else
        bounded->inner->initial(bounded->inner, scratch, state);
    state[bounded->inner->words] = bounded->last_actor;
}

/* Edge e out of the inner fan, moved to place `to` of the outer one. */
static void keep_edge(const explore_bounded *bounded, explore_fan *fan, const explore_fan *inner,
                      const uint32_t which[2])
{
    uint32_t words = bounded->inner->words;
    uint64_t *state = &fan->states[(uint64_t)fan->count * (words + 1)];

    SIM_ASSERT(which[0] < inner->count && fan->count <= which[0] && which[1] <= bounded->most);
    fan->edges[fan->count] = inner->edges[which[0]];
    memcpy(state, &inner->states[(uint64_t)which[0] * words], words * sizeof *state);
    state[words] = inner->edges[which[0]].actor | (uint64_t)which[1] << USED_SHIFT;
    fan->count++;
}

static int may_deviate(const explore_bounded *bounded, uint16_t actor)
{
    return !bounded->limited || (bounded->only[actor / 64] >> (actor % 64) & 1);
}

static void bounded_expand(const explore_model *model, void *scratch, const uint64_t *state,
                           explore_fan *fan)
{
    const explore_bounded *bounded = model->self;
    uint64_t scratch_words = (bounded->inner->scratch_bytes + 7) / 8;
    explore_fan inner = {0};
    uint32_t used = (uint32_t)(state[bounded->inner->words] >> USED_SHIFT);
    explore_edge *edges = (explore_edge *)(void *)((uint64_t *)scratch + scratch_words);
    int usual;

    SIM_ASSERT(used <= bounded->most && bounded->model.words == bounded->inner->words + 1);
    inner.edges = edges;
    inner.states = (uint64_t *)scratch + scratch_words + edge_words(bounded->inner);
    bounded->inner->expand(bounded->inner, scratch, state, &inner);
    usual = explore_usual(&inner, (int)(state[bounded->inner->words] & 0xffff));
    fan->count = 0;
    fan->violated = inner.violated;
    for (uint32_t e = 0; e < inner.count; e++) {
        uint32_t after = used + ((int)e != usual);

        if (after <= bounded->most && (after == used || may_deviate(bounded, inner.edges[e].actor)))
            keep_edge(bounded, fan, &inner, (uint32_t[2]){e, after});
    }
}

void explore_bounded_init(explore_bounded *bounded, const explore_model *inner, uint32_t most)
{
    uint64_t scratch_words = (inner->scratch_bytes + 7) / 8;

    SIM_ASSERT(inner->words < EXPLORE_WORDS_MAX);
    *bounded = (explore_bounded){.inner = inner, .most = most};
    bounded->model = *inner;
    bounded->model.self = bounded;
    bounded->model.words = inner->words + 1;
    bounded->model.initial = bounded_initial;
    bounded->model.expand = bounded_expand;
    bounded->model.scratch_bytes =
        8 * (scratch_words + edge_words(inner) + (uint64_t)inner->fanout * inner->words);
}

void explore_bounded_allow(explore_bounded *bounded, uint16_t actor)
{
    SIM_ASSERT(actor < EXPLORE_ACTORS_MAX);
    bounded->limited = 1;
    bounded->only[actor / 64] |= UINT64_C(1) << (actor % 64);
}

void explore_bounded_begin(explore_bounded *bounded, const uint64_t *state, uint16_t last_actor)
{
    SIM_ASSERT(state && last_actor < EXPLORE_ACTORS_MAX);
    bounded->begin = state;
    bounded->last_actor = last_actor;
}
