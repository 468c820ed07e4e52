/* SPDX-License-Identifier: Apache-2.0 */
/* set: a set of packed states, kept in order of arrival, that several threads may fill. */
#include "sim/explore/set.h"

#include <string.h>
#include <sys/mman.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "sim/lib/relax.h"

enum {
    PLACES = 12,
    FIRST_BUCKETS = 1024,
    FILL_PERCENT = 75,
    FULL_PERCENT = 92,
    PARALLEL_STATES = 20000
};

/* A state that is not known, and how many places of a bucket were searched for it. */
typedef struct {
    const uint64_t *state;
    uint8_t tag, used;
} explore_set_key;

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
    *set = (explore_set){.words = words, .ceiling = ceiling, .threads = 1};
    set->bucket_mask = FIRST_BUCKETS - 1;
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

static uint8_t tag_of(uint64_t hash)
{
    return (uint8_t)(hash >> 56);
}

/* Bytes that are `tag`: bit n for byte n, those of `more` behind those of `tags`. */
#ifdef __SSE2__
static uint32_t tags_equal(uint64_t tags, uint32_t more, uint8_t tag)
{
    __m128i all = _mm_set_epi64x((int64_t)more, (int64_t)tags);

    return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(all, _mm_set1_epi8((char)tag)));
}
#else
static uint32_t bytes_equal(uint64_t tags, uint8_t tag)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), low = UINT64_C(0x7f7f7f7f7f7f7f7f);
    uint64_t differ = tags ^ tag * ones;
    uint64_t zero = ~(((differ & low) + low) | differ | low); /* 0x80 where a byte is 0 */

    return (uint32_t)((zero >> 7) * UINT64_C(0x0102040810204080) >> 56);
}

static uint32_t tags_equal(uint64_t tags, uint32_t more, uint8_t tag)
{
    return bytes_equal(tags, tag) | bytes_equal(more, tag) << 8;
}
#endif

/* Places whose fingerprint is `tag`: a set. */
static uint32_t places_of(const explore_bucket *bucket, uint8_t tag)
{
    uint32_t used = __atomic_load_n(&bucket->used, __ATOMIC_ACQUIRE);
    uint64_t tags = __atomic_load_n(&bucket->tags, __ATOMIC_RELAXED);
    uint32_t more = __atomic_load_n(&bucket->more_tags, __ATOMIC_RELAXED);

    return tags_equal(tags, more, tag) & ((1u << used) - 1);
}

void explore_set_prefetch_states(const explore_set *set, const uint64_t *hashes, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const explore_bucket *bucket = &set->buckets[hashes[i] & set->bucket_mask];

        for (uint32_t places = places_of(bucket, tag_of(hashes[i])); places; places &= places - 1)
            __builtin_prefetch(
                &set->states[(uint64_t)bucket->index[__builtin_ctz(places)] * set->words]);
    }
}

static inline int same(const explore_set *set, uint32_t index, const uint64_t *state)
{
    const uint64_t *there = &set->states[(uint64_t)index * set->words];

    for (uint32_t i = 0; i < set->words; i++)
        if (there[i] != state[i])
            return 0;
    return 1;
}

/* The place of a state in a bucket, or -1. */
static inline int place_of(const explore_set *set, const explore_bucket *bucket,
                           const uint64_t *state, uint8_t tag)
{
    for (uint32_t places = places_of(bucket, tag); places; places &= places - 1) {
        int place = __builtin_ctz(places);

        if (same(set, bucket->index[place], state))
            return place;
    }
    return -1;
}

static void lock(explore_bucket *bucket)
{
    while (__atomic_exchange_n(&bucket->lock, 1, __ATOMIC_ACQUIRE))
        while (__atomic_load_n(&bucket->lock, __ATOMIC_RELAXED))
            relax();
}

static void unlock(explore_bucket *bucket)
{
    SIM_ASSERT(bucket->used <= PLACES);
    __atomic_store_n(&bucket->lock, 0, __ATOMIC_RELEASE);
}

static uint64_t append(explore_set *set, explore_set_writer *writer, const uint64_t *state)
{
    if (writer->next == writer->end) {
        writer->next = __atomic_fetch_add(&set->count, EXPLORE_SET_TAKEN, __ATOMIC_RELAXED);
        writer->end = writer->next + EXPLORE_SET_TAKEN;
        SIM_ASSERT(writer->end <= set->room);
    }
    memcpy(&set->states[writer->next * set->words], state, set->words * sizeof(uint64_t));
    return writer->next++;
}

static inline void put(explore_bucket *bucket, uint64_t index, uint8_t tag)
{
    uint8_t place = bucket->used;

    SIM_ASSERT(place < PLACES && index < UINT32_MAX);
    bucket->index[place] = (uint32_t)index;
    if (place < 8)
        __atomic_store_n(&bucket->tags, bucket->tags | (uint64_t)tag << 8 * place,
                         __ATOMIC_RELAXED);
    else
        __atomic_store_n(&bucket->more_tags, bucket->more_tags | (uint32_t)tag << 8 * (place - 8),
                         __ATOMIC_RELAXED);
    __atomic_store_n(&bucket->used, (uint8_t)(place + 1), __ATOMIC_RELEASE);
}

/* Puts a state into a bucket; 0 if somebody else was faster. */
static int put_new(explore_set *set, explore_set_writer *writer, explore_bucket *bucket,
                   const explore_set_key *key)
{
    int done;

    if (set->threads > 1)
        lock(bucket);
    done = bucket->used == key->used;
    if (done) {
        writer->number = append(set, writer, key->state);
        put(bucket, writer->number, key->tag);
    }
    if (set->threads > 1)
        unlock(bucket);
    return done;
}

int explore_set_insert(explore_set *set, explore_set_writer *writer, const uint64_t *state,
                       uint64_t hash)
{
    for (uint64_t b = hash & set->bucket_mask;;) {
        explore_bucket *bucket = &set->buckets[b];
        /* `used` is read before the search: what comes meanwhile is searched in another turn */
        explore_set_key key = {state, tag_of(hash),
                               __atomic_load_n(&bucket->used, __ATOMIC_ACQUIRE)};
        int place = place_of(set, bucket, state, key.tag);

        if (place >= 0) {
            writer->number = bucket->index[place];
            return EXPLORE_KNOWN;
        }
        if (key.used == PLACES)
            b = (b + 1) & set->bucket_mask;
        else if (put_new(set, writer, bucket, &key))
            return EXPLORE_NEW;
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

/* ---- room, order ------------------------------------------------------------------------ */

static void place_again(explore_set *set, uint64_t index)
{
    uint64_t hash = explore_set_hash(&set->states[index * set->words], set->words);
    uint64_t b = hash & set->bucket_mask;

    for (int done = 0; !done; b = (b + 1) & set->bucket_mask) {
        explore_bucket *bucket = &set->buckets[b];

        if (set->threads > 1)
            lock(bucket);
        done = bucket->used < PLACES;
        if (done)
            put(bucket, index, tag_of(hash));
        if (set->threads > 1)
            unlock(bucket);
    }
}

static int grow(explore_set *set, uint64_t buckets)
{
    explore_bucket *fresh = map(buckets * sizeof *fresh);

    SIM_ASSERT(buckets > set->bucket_mask + 1 && (buckets & (buckets - 1)) == 0);
    if (!fresh)
        return 0;
    (void)munmap(set->buckets, bucket_bytes(set));
    set->buckets = fresh;
    set->bucket_mask = buckets - 1;
#pragma omp parallel for num_threads(set->threads) if (set->count > PARALLEL_STATES)
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
    uint64_t state_bytes = set->words * sizeof(uint64_t);
    uint64_t buckets = set->bucket_mask + 1;
    uint64_t percent = FILL_PERCENT;
    uint64_t by_bytes;

    if (want >= UINT32_MAX)
        return 0;
    while (want * 100 > buckets * PLACES * FILL_PERCENT)
        buckets *= 2;
    if (want * state_bytes + buckets * sizeof(explore_bucket) > set->ceiling) {
        buckets = set->bucket_mask + 1;
        percent = FULL_PERCENT;
    }
    if (buckets != set->bucket_mask + 1 && !grow(set, buckets))
        return 0;
    if (buckets * sizeof(explore_bucket) > set->ceiling)
        return 0;
    by_bytes = (set->ceiling - buckets * sizeof(explore_bucket)) / state_bytes;
    set->room = buckets * PLACES * percent / 100;
    if (set->room > by_bytes)
        set->room = by_bytes;
    if (set->room > UINT32_MAX - 1)
        set->room = UINT32_MAX - 1;
    return want <= set->room;
}

/* State `from` becomes state `to`. */
static void renumber(explore_set *set, uint64_t from, uint64_t to)
{
    const uint64_t *state = &set->states[from * set->words];
    uint64_t hash = explore_set_hash(state, set->words);
    uint64_t b = hash & set->bucket_mask;
    int place = place_of(set, &set->buckets[b], state, tag_of(hash));

    SIM_ASSERT(to < from && from < set->count);
    while (place < 0) {
        SIM_ASSERT(set->buckets[b].used == PLACES);
        b = (b + 1) & set->bucket_mask;
        place = place_of(set, &set->buckets[b], state, tag_of(hash));
    }
    memcpy(&set->states[to * set->words], state, set->words * sizeof *state);
    set->buckets[b].index[place] = (uint32_t)to;
}

void explore_set_close(explore_set *set, explore_set_writer *const *writers, int count)
{
    uint64_t left = set->count;
    uint64_t last = set->count;

    SIM_ASSERT(count >= 0 && (uint32_t)count <= set->threads);
    for (int w = 0; w < count; w++)
        left -= writers[w]->end - writers[w]->next;
    SIM_ASSERT(left <= set->count);
    for (int w = 0; w < count; w++)
        for (uint64_t hole = writers[w]->next; hole < writers[w]->end && hole < left; hole++) {
            last--;
            for (int v = 0; v < count; v++) /* what a writer has left over is no state */
                if (last >= writers[v]->next && last < writers[v]->end) {
                    last = writers[v]->next - 1;
                    v = -1;
                }
            SIM_ASSERT(last >= left);
            renumber(set, last, hole);
        }
    for (int w = 0; w < count; w++)
        *writers[w] = (explore_set_writer){0};
    set->count = left;
}
