/* SPDX-License-Identifier: Apache-2.0 */
/* few: restricts a model to runs with at most `most` scheduling deviations. */
#include "sim/explore/few.h"

#include <string.h>

/* Behind the inner state one word more: who moved last, and deviations so far. */
enum { USED_SHIFT = 16 };

static uint64_t edge_words(const explore_model *inner)
{
    return (inner->fanout * sizeof(explore_edge) + 7) / 8;
}

static void few_initial(const explore_model *model, void *scratch, uint64_t *state)
{
    const explore_few *few = model->self;

    if (few->begin)
        memcpy(state, few->begin, few->inner->words * sizeof *state);
    else
        few->inner->initial(few->inner, scratch, state);
    state[few->inner->words] = few->last_actor;
}

/* Edge e out of the inner fan, moved to place `to` of the outer one. */
static void keep_edge(const explore_few *few, explore_fan *fan, const explore_fan *inner,
                      const uint32_t which[2])
{
    uint32_t words = few->inner->words;
    uint64_t *state = &fan->states[(uint64_t)fan->count * (words + 1)];

    SIM_ASSERT(which[0] < inner->count && fan->count <= which[0] && which[1] <= few->most);
    fan->edges[fan->count] = inner->edges[which[0]];
    memcpy(state, &inner->states[(uint64_t)which[0] * words], words * sizeof *state);
    state[words] = inner->edges[which[0]].actor | (uint64_t)which[1] << USED_SHIFT;
    fan->count++;
}

static int may_turn(const explore_few *few, uint16_t actor)
{
    return !few->limited || (few->only[actor / 64] >> (actor % 64) & 1);
}

static void few_expand(const explore_model *model, void *scratch, const uint64_t *state,
                       explore_fan *fan)
{
    const explore_few *few = model->self;
    uint64_t scratch_words = (few->inner->scratch_bytes + 7) / 8;
    explore_fan inner = {0};
    uint32_t used = (uint32_t)(state[few->inner->words] >> USED_SHIFT);
    explore_edge *edges = (explore_edge *)(void *)((uint64_t *)scratch + scratch_words);
    int usual;

    SIM_ASSERT(used <= few->most && few->model.words == few->inner->words + 1);
    inner.edges = edges;
    inner.states = (uint64_t *)scratch + scratch_words + edge_words(few->inner);
    few->inner->expand(few->inner, scratch, state, &inner);
    usual = explore_usual(&inner, (int)(state[few->inner->words] & 0xffff));
    fan->count = 0;
    fan->violated = inner.violated;
    for (uint32_t e = 0; e < inner.count; e++) {
        uint32_t after = used + ((int)e != usual);

        if (after <= few->most && (after == used || may_turn(few, inner.edges[e].actor)))
            keep_edge(few, fan, &inner, (uint32_t[2]){e, after});
    }
}

void explore_few_init(explore_few *few, const explore_model *inner, uint32_t most)
{
    uint64_t scratch_words = (inner->scratch_bytes + 7) / 8;

    SIM_ASSERT(inner->words < EXPLORE_WORDS_MAX);
    *few = (explore_few){.inner = inner, .most = most};
    few->model = *inner;
    few->model.self = few;
    few->model.words = inner->words + 1;
    few->model.initial = few_initial;
    few->model.expand = few_expand;
    few->model.scratch_bytes =
        8 * (scratch_words + edge_words(inner) + (uint64_t)inner->fanout * inner->words);
}

void explore_few_allow(explore_few *few, uint16_t actor)
{
    SIM_ASSERT(actor < EXPLORE_ACTORS_MAX);
    few->limited = 1;
    few->only[actor / 64] |= UINT64_C(1) << (actor % 64);
}

void explore_few_begin(explore_few *few, const uint64_t *state, uint16_t last_actor)
{
    SIM_ASSERT(state && last_actor < EXPLORE_ACTORS_MAX);
    few->begin = state;
    few->last_actor = last_actor;
}
