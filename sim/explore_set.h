/* SPDX-License-Identifier: Apache-2.0 */
/* explore_set: a set of packed states, kept in order of arrival, that several threads may fill. */
#ifndef SMMSIM_SIM_EXPLORE_SET_H
#define SMMSIM_SIM_EXPLORE_SET_H

#include "sim/base.h"

/* One cache line: twelve places with a fingerprint byte each. A fingerprint only chooses what to
 * look at: a state is known if all its bits are equal. A bucket that is full flows over into the
 * next one; nothing is ever removed. */
typedef struct {
    uint32_t index[12];
    uint8_t tag[12];
    uint8_t used;
    uint8_t lock;
    uint16_t reserved;
} explore_bucket;
_Static_assert(sizeof(explore_bucket) == 64, "a bucket is a cache line");

typedef struct {
    uint64_t *states; /* `words` each, in order of arrival; address space up to the ceiling */
    explore_bucket *buckets;
    uint64_t bucket_mask;
    uint64_t count;
    uint64_t ceiling; /* bytes, states and buckets together */
    uint64_t reserved_bytes;
    uint32_t words; /* of 64 bits, in a state */
} explore_set;

enum { EXPLORE_NEW = 1, EXPLORE_KNOWN = 0 };

/* The ceiling is in bytes. Memory is taken as it fills. SIM_SYSTEM if the address space is out. */
SIM_MUST_CHECK sim_status explore_set_init(explore_set *set, uint32_t words, uint64_t ceiling,
                                           sim_err *err);
void explore_set_free(explore_set *set);

/* Makes room for `more` states; 0 if that would break the ceiling. Not while others insert. */
int explore_set_reserve(explore_set *set, uint64_t more);
uint64_t explore_set_bytes(const explore_set *set); /* what is in use */

uint64_t explore_set_hash(const uint64_t *state, uint32_t words);

/* In two stages, so that a batch of insertions overlaps its cache misses. */
void explore_set_prefetch(const explore_set *set, uint64_t hash);
void explore_set_prefetch_state(const explore_set *set, uint64_t hash);

/* EXPLORE_NEW or EXPLORE_KNOWN; *index is the state's number either way. Room must have been
 * reserved. Any number of threads at once. */
int explore_set_insert(explore_set *set, const uint64_t *state, uint64_t hash, uint64_t *index);

/* The number of a state, or UINT64_MAX. */
uint64_t explore_set_find(const explore_set *set, const uint64_t *state);

#endif
