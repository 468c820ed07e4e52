/* SPDX-License-Identifier: Apache-2.0 */
/* explore_set: a set of packed states, kept in order of arrival, that several threads may fill. */
#include "sim/explore_set.h"

#include <string.h>
#include <sys/mman.h>

enum { PLACES = 12, FIRST_BUCKETS = 1024, FILL_PERCENT = 75, FULL_PERCENT = 92 };

static void *map(uint64_t bytes)
{
    void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (at == MAP_FAILED)
        return NULL;
    (void)madvise(at, bytes, MADV_HUGEPAGE); /* fewer misses of the address translation */
    return at;
}

static uint64_t bucket_bytes(const explore_set *set)
{
    return (set->bucket_mask + 1) * sizeof(explore_bucket);
}

sim_status explore_set_init(explore_set *set, uint32_t words, uint64_t ceiling, sim_err *err)
{
    SIM_ASSERT(words > 0);
    *set = (explore_set){.words = words, .ceiling = ceiling, .bucket_mask = FIRST_BUCKETS - 1};
    set->reserved_bytes = ceiling;
    set->states = map(set->reserved_bytes);
    set->buckets = map(bucket_bytes(set));
    if (!set->states || !set->buckets)
        return err_set(err, SIM_SYSTEM, "no address space for %llu MiB of states",
                       (unsigned long long)(ceiling >> 20));
    return SIM_OK;
}

void explore_set_free(explore_set *set)
{
    if (set->states)
        (void)munmap(set->states, set->reserved_bytes);
    if (set->buckets)
        (void)munmap(set->buckets, bucket_bytes(set));
    *set = (explore_set){0};
}

uint64_t explore_set_bytes(const explore_set *set)
{
    return set->count * set->words * sizeof(uint64_t) + bucket_bytes(set);
}

uint64_t explore_set_hash(const uint64_t *state, uint32_t words)
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

static uint8_t tag_of(uint64_t hash)
{
    return (uint8_t)(hash >> 56);
}

void explore_set_prefetch(const explore_set *set, uint64_t hash)
{
    __builtin_prefetch(&set->buckets[hash & set->bucket_mask], 1);
}

/* Places whose fingerprint may be `tag`: a high bit in each byte, places 0-7 and 8-11. Bytes are
 * compared eight at a time; a borrow can only add a place, and states are compared in full. */
typedef struct {
    uint64_t low, high;
} candidates;

static uint64_t equal_bytes(uint64_t bytes, uint64_t tag)
{
    uint64_t x = bytes ^ tag * UINT64_C(0x0101010101010101);

    return (x - UINT64_C(0x0101010101010101)) & ~x & UINT64_C(0x8080808080808080);
}

static candidates candidates_of(const explore_bucket *bucket, uint8_t tag)
{
    uint32_t used = __atomic_load_n(&bucket->used, __ATOMIC_ACQUIRE);
    uint64_t low, high = 0;
    candidates found;

    memcpy(&low, &bucket->tag[0], sizeof low);
    memcpy(&high, &bucket->tag[8], 4);
    found.low = equal_bytes(low, tag);
    found.high = equal_bytes(high, tag);
    if (used < 8) {
        found.low &= (UINT64_C(1) << used * 8) - 1;
        found.high = 0;
    } else {
        found.high &= (UINT64_C(1) << (used - 8) * 8) - 1;
    }
    return found;
}

/* Takes the next place out of the candidates, or -1. */
static int next_candidate(candidates *found)
{
    int place = -1;

    if (found->low) {
        place = __builtin_ctzll(found->low) / 8;
        found->low &= found->low - 1;
    } else if (found->high) {
        place = 8 + __builtin_ctzll(found->high) / 8;
        found->high &= found->high - 1;
    }
    return place;
}

void explore_set_prefetch_state(const explore_set *set, uint64_t hash)
{
    const explore_bucket *bucket = &set->buckets[hash & set->bucket_mask];
    candidates found = candidates_of(bucket, tag_of(hash));

    for (int i = next_candidate(&found); i >= 0; i = next_candidate(&found))
        __builtin_prefetch(&set->states[(uint64_t)bucket->index[i] * set->words]);
}

static int same(const explore_set *set, uint32_t index, const uint64_t *state)
{
    const uint64_t *there = &set->states[(uint64_t)index * set->words];

    for (uint32_t i = 0; i < set->words; i++)
        if (there[i] != state[i])
            return 0;
    return 1;
}

/* The place of a state in a bucket, or -1. */
static int place_of(const explore_set *set, const explore_bucket *bucket, const uint64_t *state,
                    uint8_t tag)
{
    candidates found = candidates_of(bucket, tag);
    int place = next_candidate(&found);

    while (place >= 0 && !same(set, bucket->index[place], state))
        place = next_candidate(&found);
    return place;
}

static void lock(explore_bucket *bucket)
{
    while (__atomic_exchange_n(&bucket->lock, 1, __ATOMIC_ACQUIRE))
        while (__atomic_load_n(&bucket->lock, __ATOMIC_RELAXED))
            __builtin_ia32_pause();
}

static void unlock(explore_bucket *bucket)
{
    __atomic_store_n(&bucket->lock, 0, __ATOMIC_RELEASE);
}

static uint64_t append(explore_set *set, const uint64_t *state)
{
    uint64_t index = __atomic_fetch_add(&set->count, 1, __ATOMIC_RELAXED);

    SIM_ASSERT((index + 1) * set->words * sizeof(uint64_t) <= set->reserved_bytes);
    memcpy(&set->states[index * set->words], state, set->words * sizeof(uint64_t));
    return index;
}

static void put(explore_bucket *bucket, uint64_t index, uint8_t tag)
{
    SIM_ASSERT(bucket->used < PLACES && index < UINT32_MAX);
    bucket->index[bucket->used] = (uint32_t)index;
    bucket->tag[bucket->used] = tag;
    __atomic_store_n(&bucket->used, (uint8_t)(bucket->used + 1), __ATOMIC_RELEASE);
}

int explore_set_insert(explore_set *set, const uint64_t *state, uint64_t hash, uint64_t *index)
{
    uint8_t tag = tag_of(hash);

    for (uint64_t b = hash & set->bucket_mask;; b = (b + 1) & set->bucket_mask) {
        explore_bucket *bucket = &set->buckets[b];
        /* read before the search: a bucket that fills up meanwhile is searched again */
        int full = __atomic_load_n(&bucket->used, __ATOMIC_ACQUIRE) == PLACES;
        int place = place_of(set, bucket, state, tag);

        if (place < 0 && !full) {
            lock(bucket);
            place = place_of(set, bucket, state, tag);
            if (place < 0 && bucket->used < PLACES) {
                *index = append(set, state);
                put(bucket, *index, tag);
                unlock(bucket);
                return EXPLORE_NEW;
            }
            unlock(bucket);
        }
        if (place >= 0) {
            *index = bucket->index[place];
            return EXPLORE_KNOWN;
        }
    }
}

uint64_t explore_set_find(const explore_set *set, const uint64_t *state)
{
    uint64_t hash = explore_set_hash(state, set->words);

    for (uint64_t b = hash & set->bucket_mask;; b = (b + 1) & set->bucket_mask) {
        const explore_bucket *bucket = &set->buckets[b];
        int place = place_of(set, bucket, state, tag_of(hash));

        if (place >= 0)
            return bucket->index[place];
        if (bucket->used < PLACES)
            return UINT64_MAX;
    }
}

static void place_again(explore_set *set, uint64_t index)
{
    uint64_t hash = explore_set_hash(&set->states[index * set->words], set->words);
    uint64_t b = hash & set->bucket_mask;

    while (set->buckets[b].used == PLACES)
        b = (b + 1) & set->bucket_mask;
    put(&set->buckets[b], index, tag_of(hash));
}

static int grow(explore_set *set, uint64_t buckets)
{
    explore_bucket *fresh = map(buckets * sizeof *fresh);

    if (!fresh)
        return 0;
    (void)munmap(set->buckets, bucket_bytes(set));
    set->buckets = fresh;
    set->bucket_mask = buckets - 1;
    for (uint64_t i = 0; i < set->count; i++) {
        if (i + 16 < set->count)
            explore_set_prefetch(set,
                                 explore_set_hash(&set->states[(i + 16) * set->words], set->words));
        place_again(set, i);
    }
    return 1;
}

int explore_set_reserve(explore_set *set, uint64_t more)
{
    uint64_t want = set->count + more;
    uint64_t buckets = set->bucket_mask + 1;
    uint64_t state_bytes = want * set->words * sizeof(uint64_t);

    if (want >= UINT32_MAX || state_bytes + bucket_bytes(set) > set->ceiling)
        return 0;
    /* grow when the states that are there fill it; the room for more is a bound, not a guess */
    while (set->count * 100 > buckets * PLACES * FILL_PERCENT ||
           want * 100 > buckets * PLACES * FULL_PERCENT)
        buckets *= 2;
    if (buckets == set->bucket_mask + 1)
        return 1;
    if (state_bytes + buckets * sizeof(explore_bucket) > set->ceiling)
        return want * 100 <= (set->bucket_mask + 1) * PLACES * FULL_PERCENT;
    return grow(set, buckets);
}
