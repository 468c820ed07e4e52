/* SPDX-License-Identifier: Apache-2.0 */
/* evset: the pending events as a packed winner tree; one fixed slot for each kind of wake-up. */
#ifndef SMMSIM_SIM_LIB_EVSET_H
#define SMMSIM_SIM_LIB_EVSET_H

#include "sim/lib/base.h"

/* A slot holds at most one pending time. Setting it again re-times it and PS_NEVER cancels it, so
 * there is no handle, no search and no stale event. Each tree node is one 64-bit word: time
 * relative to a base above, slot below; equal times are taken in slot order. Times too far ahead of
 * the base to be packed wait in the exact side array and the base moves when they come up: int64 is
 * the only limit. Ties stay exact across such a move. */
typedef struct {
    int64_t base;    /* instant that packed times count from; a peek may move it past now */
    int64_t now;     /* time of the last event taken, 0 at first; no time is set before it */
    uint64_t far;    /* packed in place of a time that does not fit: the exact one is in at[] */
    uint32_t slots;  /* slots in use: 0..slots-1 */
    uint32_t leaves; /* power of two, at least slots */
    uint32_t bits;   /* log2(leaves) */
    uint32_t hole;   /* leaf of the event just taken while the nodes above it are stale, or 0 */
    uint64_t *node;  /* 2 * leaves words, slot s at leaves + s; node[1] wins; UINT64_MAX: free */
    int64_t *at;     /* exact time per slot, PS_NEVER if none */
} evset;
_Static_assert(sizeof(evset) == 56, "no padding");

#define EVSET_SLOTS_MAX (UINT32_C(1) << 24) /* 2^40 ps, a second, between moves of the base */

/* `memory` holds evset_bytes(slots) bytes, 8-byte aligned, owned by the caller; 1 slot at least. */
uint64_t evset_bytes(uint32_t slots);
void evset_init(evset *set, uint32_t slots, void *memory);

/* Sets, re-times or (PS_NEVER) cancels. Times before `now` are a broken invariant. */
static inline void evset_set(evset *set, uint32_t slot, int64_t at);
static inline void evset_cancel(evset *set, uint32_t slot);
static inline int64_t evset_at(const evset *set, uint32_t slot);

/* Many slots at once: evset_put changes leaves only, evset_rebuild repairs the tree once, in a step
 * per leaf: cheaper than sets from a tenth to a fifth of the slots on. No other call may come
 * between the first put and the rebuild. */
static inline void evset_put(evset *set, uint32_t slot, int64_t at);
void evset_rebuild(evset *set);

/* Time of the earliest event, PS_NEVER if none; its slot in *slot if slot is not NULL. Not const:
 * it may repair the tree or move the base. */
static inline int64_t evset_peek(evset *set, uint32_t *slot);

/* Takes the earliest event out (its slot becomes free, now is its time); 0 if there was none. */
static inline int evset_take(evset *set, int64_t *at, uint32_t *slot);

/* Slots with a time. Counts them: for reports, not for the run loop. */
uint32_t evset_pending(const evset *set);

/* The rest is private; it stands here so that the run loop gets it inline. */

/* Out of line, seldom. The packed form of a time that the base does not fit; moves the base back
 * to now if that is what it takes. And the winner after the base moved on to the earliest time. */
uint64_t evset_outside(evset *set, int64_t at);
uint64_t evset_base_on(evset *set);

static inline uint64_t evset_min(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static inline uint64_t evset_pack(const evset *set, uint32_t slot, int64_t at, uint64_t ahead)
{
    uint64_t free_slot = -(uint64_t)(at == PS_NEVER);
    return ahead << set->bits | slot | free_slot;
}

/* Stores the exact time, gives the leaf's word. No branch depends on whether it is PS_NEVER. */
static inline uint64_t evset_store(evset *set, uint32_t slot, int64_t at)
{
    SIM_ASSERT(slot < set->slots);
    SIM_ASSERT(at >= set->now);
    set->at[slot] = at;
    uint64_t ahead = (uint64_t)at - (uint64_t)set->base; /* before the base: beyond far */
    if (__builtin_expect((ahead >= set->far) & (at != PS_NEVER), 0))
        ahead = evset_outside(set, at);
    return evset_pack(set, slot, at, ahead);
}

/* The levels are counted, not told from `leaf`: so the end of the loop is known before the winner
 * is (a hold at 16 slots: 1.1 times faster with gcc, 1.6 with clang). */
static inline void evset_climb(const evset *set, uint64_t leaf, uint64_t word)
{
    uint64_t *node = set->node;
    node[leaf] = word;
    for (uint32_t level = set->bits; level > 0; level--) {
        word = evset_min(node[leaf ^ 1], word);
        leaf >>= 1;
        node[leaf] = word;
    }
}

/* The word of the earliest event, its time exact, or UINT64_MAX. A handler often sets the slot that
 * woke it, and that repairs the path from it: so a take leaves the repair until now. Before it only
 * nodes above the hole can be stale, and the climb from the hole renews them all. */
static inline uint64_t evset_winner(evset *set)
{
    if (set->hole != 0) {
        evset_climb(set, set->hole, UINT64_MAX);
        set->hole = 0;
    }
    uint64_t word = set->node[1];
    if (__builtin_expect(word >> set->bits >= set->far, 0) && word != UINT64_MAX)
        word = evset_base_on(set);
    return word;
}

static inline void evset_set(evset *set, uint32_t slot, int64_t at)
{
    uint64_t word = evset_store(set, slot, at);
    uint32_t leaf = set->leaves + slot;
    set->hole = set->hole == leaf ? 0 : set->hole;
    evset_climb(set, leaf, word);
}

static inline void evset_put(evset *set, uint32_t slot, int64_t at)
{
    uint64_t word = evset_store(set, slot, at);
    set->node[set->leaves + slot] = word;
}

static inline void evset_cancel(evset *set, uint32_t slot)
{
    evset_set(set, slot, PS_NEVER);
}

static inline int64_t evset_at(const evset *set, uint32_t slot)
{
    SIM_ASSERT(slot < set->slots);
    return set->at[slot];
}

static inline int64_t evset_peek(evset *set, uint32_t *slot)
{
    uint64_t word = evset_winner(set);
    if (word == UINT64_MAX)
        return PS_NEVER;
    if (slot)
        *slot = (uint32_t)(word & (set->leaves - 1));
    return set->base + (int64_t)(word >> set->bits);
}

static inline int evset_take(evset *set, int64_t *at, uint32_t *slot)
{
    uint64_t word = evset_winner(set);
    if (word == UINT64_MAX)
        return 0;
    *slot = (uint32_t)(word & (set->leaves - 1));
    *at = set->base + (int64_t)(word >> set->bits);
    SIM_ASSERT(*at >= set->now);
    set->now = *at;
    set->at[*slot] = PS_NEVER;
    set->hole = set->leaves + *slot;
    set->node[set->hole] = UINT64_MAX;
    return 1;
}

#endif
