/* SPDX-License-Identifier: Apache-2.0 */
/* evset: set-up, rebuilding, and the moves of the base; the hot path is in the header. */
#include "sim/evset.h"

static uint32_t leaves_for(uint32_t slots)
{
    SIM_ASSERT(slots >= 1 && slots <= EVSET_SLOTS_MAX);
    uint32_t leaves = 1;
    while (leaves < slots)
        leaves *= 2;
    return leaves;
}

uint64_t evset_bytes(uint32_t slots)
{
    return (2 * (uint64_t)leaves_for(slots) + slots) * sizeof(uint64_t);
}

void evset_init(evset *set, uint32_t slots, void *memory)
{
    SIM_ASSERT((uintptr_t)memory % sizeof(uint64_t) == 0);
    uint32_t leaves = leaves_for(slots);
    uint32_t bits = (uint32_t)__builtin_ctz(leaves);
    *set = (evset){.slots = slots, .leaves = leaves, .bits = bits};
    /* All ones is a free leaf; so the greatest time part is not used, and the next one is far. */
    set->far = (UINT64_MAX >> bits) - 1;
    set->node = memory;
    set->at = (int64_t *)memory + 2 * (uint64_t)leaves;
    for (uint64_t k = 0; k < 2 * (uint64_t)leaves; k++)
        set->node[k] = UINT64_MAX;
    for (uint32_t slot = 0; slot < slots; slot++)
        set->at[slot] = PS_NEVER;
}

void evset_rebuild(evset *set)
{
    for (uint32_t k = set->leaves - 1; k >= 1; k--)
        set->node[k] = evset_min(set->node[2 * k], set->node[2 * k + 1]);
    set->hole = 0;
}

static void repack(evset *set, int64_t base)
{
    set->base = base;
    for (uint32_t slot = 0; slot < set->slots; slot++)
        set->node[set->leaves + slot] = evset_word(set, slot, set->at[slot]);
}

__attribute__((cold, noinline)) void evset_base_back(evset *set, int rebuild)
{
    SIM_ASSERT(set->now < set->base);
    repack(set, set->now);
    if (rebuild)
        evset_rebuild(set);
}

/* The earliest of all, not `now`, becomes the base: its word is then exact for certain, however
 * long the silence before it. */
__attribute__((cold, noinline)) uint64_t evset_base_on(evset *set)
{
    SIM_ASSERT(set->hole == 0 && set->pending > 0);
    int64_t earliest = PS_NEVER;
    for (uint32_t slot = 0; slot < set->slots; slot++)
        earliest = set->at[slot] < earliest ? set->at[slot] : earliest;
    SIM_ASSERT(earliest > set->base && earliest < PS_NEVER);
    repack(set, earliest);
    evset_rebuild(set);
    return set->node[1];
}
