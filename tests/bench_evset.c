/* SPDX-License-Identifier: Apache-2.0 */
/* bench_evset: evset against a plain binary heap, hold model, in turn in one process. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "sim/lib/evset.h"

/* Two models. `hold`: the earliest slot is taken and set again one draw later. `timeout`: every
 * slot has a timeout beside it that each hold moves to far ahead, so that it hardly ever comes; the
 * heap cannot find an entry, so it leaves the old one in and drops it when it comes up. */
#define DRAWS 16384u
#define ROUNDS_MAX 99
#define TIMEOUT_PS (20 * PS_PER_US)

typedef struct {
    uint32_t slots; /* of the holds; the model `timeout` has as many again */
    uint32_t timeouts;
    uint64_t holds;
    const int64_t *draw;
} work;

/* The other side: (time, sequence) order as most engines have it, a stamp per slot to know stale
 * entries by. */
typedef struct {
    int64_t at;
    uint64_t sequence;
    uint32_t slot;
    uint32_t stamp;
} entry;

typedef struct {
    entry *heap;
    uint64_t count, room, sequence;
    uint32_t *stamp;
} plain;

static int before(const entry *a, const entry *b)
{
    return a->at < b->at || (a->at == b->at && a->sequence < b->sequence);
}

static void plain_push(plain *q, uint32_t slot, int64_t at)
{
    entry e = {at, q->sequence++, slot, ++q->stamp[slot]};
    if (q->count == q->room)
        q->heap = sim_realloc(q->heap, q->room *= 2, sizeof(entry));
    uint64_t k = q->count++;
    while (k > 0 && before(&e, &q->heap[(k - 1) / 2])) {
        q->heap[k] = q->heap[(k - 1) / 2];
        k = (k - 1) / 2;
    }
    q->heap[k] = e;
}

static entry plain_pop(plain *q)
{
    entry top = q->heap[0], last = q->heap[--q->count];
    uint64_t k = 0;
    for (uint64_t child = 1; child < q->count; child = 2 * k + 1) {
        if (child + 1 < q->count && before(&q->heap[child + 1], &q->heap[child]))
            child++;
        if (!before(&q->heap[child], &last))
            break;
        q->heap[k] = q->heap[child];
        k = child;
    }
    q->heap[k] = last;
    return top;
}

static entry plain_take(plain *q)
{
    entry e = plain_pop(q);
    while (e.stamp != q->stamp[e.slot])
        e = plain_pop(q);
    return e;
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int64_t draw_at(const work *w, uint64_t i)
{
    return w->draw[i % DRAWS];
}

/* A timeout that did come is held like any slot, and then is moved itself. */
static uint32_t timeout_of(const work *w, uint32_t slot)
{
    return slot < w->slots ? slot + w->slots : slot;
}

/* Both give the sum of all times taken: with equal draws it must be equal. */
static uint64_t run_plain(const work *w, double *ns)
{
    uint32_t all = w->slots * (1 + w->timeouts);
    plain q = {.room = 64};
    q.heap = sim_alloc(q.room, sizeof(entry));
    q.stamp = sim_alloc(all, sizeof(uint32_t));
    for (uint32_t slot = 0; slot < w->slots; slot++)
        plain_push(&q, slot, draw_at(w, slot));
    uint64_t sum = 0, warm = w->holds / 8;
    double start = 0;
    for (uint64_t i = 0; i < warm + w->holds; i++) {
        if (i == warm)
            start = seconds();
        entry e = plain_take(&q);
        sum += (uint64_t)e.at;
        plain_push(&q, e.slot, e.at + draw_at(w, i));
        if (w->timeouts)
            plain_push(&q, timeout_of(w, e.slot), e.at + TIMEOUT_PS);
    }
    *ns = (seconds() - start) / (double)w->holds * 1e9;
    free(q.heap);
    free(q.stamp);
    return sum;
}

static uint64_t run_evset(const work *w, double *ns)
{
    uint32_t all = w->slots * (1 + w->timeouts);
    void *memory = sim_alloc(evset_bytes(all), 1);
    evset set;
    evset_init(&set, all, memory);
    for (uint32_t slot = 0; slot < w->slots; slot++)
        evset_set(&set, slot, draw_at(w, slot));
    uint64_t sum = 0, warm = w->holds / 8;
    double start = 0;
    for (uint64_t i = 0; i < warm + w->holds; i++) {
        if (i == warm)
            start = seconds();
        int64_t at = 0;
        uint32_t slot = 0;
        evset_take(&set, &at, &slot);
        sum += (uint64_t)at;
        evset_set(&set, slot, at + draw_at(w, i));
        if (w->timeouts)
            evset_set(&set, timeout_of(w, slot), at + TIMEOUT_PS);
    }
    *ns = (seconds() - start) / (double)w->holds * 1e9;
    free(memory);
    return sum;
}

static int rising(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, int count)
{
    qsort(values, (size_t)count, sizeof(double), rising);
    return values[count / 2];
}

/* A uniform in [0, 1) by a multiply-xor mix of a counter. */
static double uniform(uint64_t *state)
{
    uint64_t x = *state += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 32) * UINT64_C(0xd6e8feb86659fd93);
    x = (x ^ x >> 32) * UINT64_C(0xd6e8feb86659fd93);
    return (double)((x ^ x >> 32) >> 11) * 0x1p-53;
}

/* Exponential of mean 1 us without a logarithm (von Neumann 1951): the first falling run of odd
 * length gives the fraction, the runs refused before it the whole part. */
static int64_t exponential(uint64_t *state)
{
    for (int whole = 0;; whole++) {
        double first = uniform(state), last = first;
        int length = 1;
        for (;;) {
            double next = uniform(state);
            if (next >= last)
                break;
            last = next;
            length++;
        }
        if (length % 2 == 1)
            return (int64_t)((whole + first) * (double)PS_PER_US);
    }
}

static int compare(const work *w, int rounds)
{
    double heap[ROUNDS_MAX] = {0}, tree[ROUNDS_MAX] = {0}, ratio[ROUNDS_MAX] = {0};
    for (int k = 0; k < rounds; k++) {
        if (run_plain(w, &heap[k]) != run_evset(w, &tree[k])) {
            printf("bench_evset: the two disagree about the times\n");
            return 0;
        }
        ratio[k] = heap[k] / tree[k];
    }
    printf("%-8s %6" PRIu32 "  %8.1f  %8.1f  %6.2f\n", w->timeouts ? "timeout" : "hold", w->slots,
           median(heap, rounds), median(tree, rounds), median(ratio, rounds));
    return 1;
}

int main(int argc, char **argv)
{
    static const uint32_t slots[] = {16, 128, 1024, 4096};
    static int64_t draw[DRAWS];
    uint64_t state = 1;
    for (uint32_t i = 0; i < DRAWS; i++)
        draw[i] = exponential(&state);
    long rounds = argc > 1 ? strtol(argv[1], NULL, 10) : 9;
    long holds = argc > 2 ? strtol(argv[2], NULL, 10) : 400000;
    if (rounds < 1 || rounds > ROUNDS_MAX || holds < 1) {
        fprintf(stderr, "usage: bench_evset [rounds, 1 to %d] [holds per round]\n", ROUNDS_MAX);
        return SIM_BAD_INPUT;
    }
    printf("ns per hold, CPU time, medians of %ld rounds in turn, ratio by pairs\n", rounds);
    printf("model     slots      heap     evset   ratio\n");
    for (uint32_t timeouts = 0; timeouts <= 1; timeouts++) {
        for (uint32_t i = 0; i < sizeof slots / sizeof slots[0]; i++) {
            work w = {slots[i], timeouts, (uint64_t)holds, draw};
            if (!compare(&w, (int)rounds))
                return SIM_FINDING;
        }
    }
    return SIM_OK;
}
