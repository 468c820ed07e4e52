/* SPDX-License-Identifier: Apache-2.0 */
/* set: a set of packed states, kept in order of arrival, that several threads may fill. */
#ifndef SMMSIM_SIM_EXPLORE_SET_H
#define SMMSIM_SIM_EXPLORE_SET_H

#include "sim/lib/base.h"

/* One cache line: twelve places with a fingerprint byte each, which are read while others are
 * written: place p is byte p of the two words, the lowest first. A fingerprint only chooses what to
 * look at: a state is known if all its bits are equal. A bucket that is full flows over into the
 * next one; nothing is ever removed. */
typedef struct {
    uint64_t tags;      /* of places 0 to 7 */
    uint32_t more_tags; /* of places 8 to 11 */
    uint8_t used;
    uint8_t lock;
    uint16_t reserved;
    uint32_t index[12];
} explore_bucket;
_Static_assert(sizeof(explore_bucket) == 64, "no padding: a bucket is a cache line");

enum { EXPLORE_LINE = 64 }; /* bytes between what one thread writes and what others read */

typedef struct {
    uint64_t *states; /* `words` each, in order of arrival; address space up to the ceiling */
    explore_bucket *buckets;
    uint64_t bucket_mask;
    uint64_t room;    /* states that fit as it is */
    uint64_t ceiling; /* bytes, states and buckets together */
    uint64_t reserved_bytes;
    uint32_t words;   /* of 64 bits, in a state */
    uint32_t threads; /* that insert, at most; 1 takes no locks */
    uint8_t apart[EXPLORE_LINE];
    uint64_t count; /* states, and while writers are open the numbers that they hold */
    uint8_t apart_too[EXPLORE_LINE];
} explore_set;
_Static_assert(sizeof(explore_set) == 192, "no padding");

/* A thread's own supply of numbers for new states: taken some at a time, the rest given back. */
typedef struct {
    uint64_t next, end;
    uint64_t number; /* of the state that was inserted last, new or known */
} explore_set_writer;
_Static_assert(sizeof(explore_set_writer) == 24, "no padding");

enum { EXPLORE_NEW = 1, EXPLORE_KNOWN = 0, EXPLORE_SET_TAKEN = 64 };

/* The ceiling is in bytes. Memory is taken as it fills. SIM_SYSTEM if the address space is out. */
SIM_MUST_CHECK sim_status explore_set_init(explore_set *set, uint32_t words, uint64_t ceiling,
                                           sim_err *err);
void explore_set_free(explore_set *set);

/* Makes room for `more` states, EXPLORE_SET_TAKEN for each writer among them; 0 if that would break
 * the ceiling. Not while others insert, and not while writers are open. */
int explore_set_reserve(explore_set *set, uint64_t more);
uint64_t explore_set_bytes(const explore_set *set); /* what is in use */

/* May `more` states still be inserted without another reservation? Any thread may ask. */
static inline int explore_set_has_room(const explore_set *set, uint64_t more)
{
    return __atomic_load_n(&set->count, __ATOMIC_RELAXED) + more <= set->room;
}

static inline uint64_t explore_set_hash(const uint64_t *state, uint32_t words)
{
    uint64_t h = UINT64_C(0x9E3779B97F4A7C15);

    for (uint32_t i = 0; i < words; i++) {
        unsigned __int128 product =
            (unsigned __int128)(h ^ state[i]) * UINT64_C(0xDA942042E4DD58B5);

        h = (uint64_t)product ^ (uint64_t)(product >> 64);
    }
    h *= UINT64_C(0xD6E8FEB86659FD93);
    return h ^ h >> 32;
}

/* In two stages, so that a batch of insertions overlaps its cache misses. */
static inline void explore_set_prefetch(const explore_set *set, uint64_t hash)
{
    __builtin_prefetch(&set->buckets[hash & set->bucket_mask], 1);
}
void explore_set_prefetch_states(const explore_set *set, const uint64_t *hashes, uint32_t count);

/* EXPLORE_NEW or EXPLORE_KNOWN. Room must have been reserved. Up to `threads` threads at once, each
 * with a writer of its own, {0} at first. A new state's number may be another one once the writers
 * are closed, and is then still not below what `count` was when they began. */
int explore_set_insert(explore_set *set, explore_set_writer *writer, const uint64_t *state,
                       uint64_t hash);

/* Takes back what the writers have left over: the last states move there, so that numbers are
 * 0..count-1 again. Not while others insert. */
void explore_set_close(explore_set *set, explore_set_writer *const *writers, int count);

/* The number of a state, or UINT64_MAX. */
uint64_t explore_set_find(const explore_set *set, const uint64_t *state);

#endif
