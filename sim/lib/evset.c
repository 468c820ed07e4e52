/* SPDX-License-Identifier: Apache-2.0 */
/* evset: set-up, rebuilding, and the moves of the base; the hot path is in the header. */
#include "sim/lib/evset.h"

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
    SIM_ASSERT(slots <= leaves && bits < 32);
    *set = (evset){.slots = slots, .leaves = leaves, .bits = bits};
    /* All ones is a free leaf, so the greatest time part is not used. From two slots on, far is
     * below 2^63: a time before the base, whose difference wraps, is beyond it too. With one slot
     * nothing is far and the base stays 0. */
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
    SIM_ASSERT(set->slots <= set->leaves && set->leaves == UINT32_C(1) << set->bits);
    for (uint64_t k = set->leaves - 1; k >= 1; k--)
        set->node[k] = evset_min(set->node[2 * k], set->node[2 * k + 1]);
    set->hole = 0;
}

uint32_t evset_pending(const evset *set)
{
    uint32_t count = 0;
    for (uint32_t slot = 0; slot < set->slots; slot++)
        count += set->at[slot] != PS_NEVER;
    return count;
}

static uint64_t ahead_or_far(const evset *set, int64_t at)
{
    SIM_ASSERT(at >= set->base);
    return evset_min((uint64_t)at - (uint64_t)set->base, set->far);
}

static void move_base(evset *set, int64_t base)
{
    SIM_ASSERT(base >= set->now && base < PS_NEVER);
    set->base = base;
    for (uint32_t slot = 0; slot < set->slots; slot++) {
        int64_t at = set->at[slot];
        set->node[set->leaves + slot] = evset_pack(set, slot, at, ahead_or_far(set, at));
    }
    evset_rebuild(set);
}

__attribute__((cold, noinline)) uint64_t evset_outside(evset *set, int64_t at)
{
    SIM_ASSERT(at >= set->now && at < PS_NEVER);
    if (at < set->base)
        move_base(set, set->now);
    return ahead_or_far(set, at);
}

/* On to the earliest time of all, not to now: so the winner is exact, however long the silence
 * before it. */
__attribute__((cold, noinline)) uint64_t evset_base_on(evset *set)
{
    SIM_ASSERT(set->hole == 0);
    int64_t earliest = PS_NEVER;
    for (uint32_t slot = 0; slot < set->slots; slot++)
        earliest = set->at[slot] < earliest ? set->at[slot] : earliest;
    SIM_ASSERT(earliest > set->base && earliest < PS_NEVER);
    move_base(set, earliest);
    return set->node[1];
}
