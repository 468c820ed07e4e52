/* SPDX-License-Identifier: Apache-2.0 */
/* fabric: ownership and queue of each cache line, as times booked ahead. */
#include "models/fabric.h"

#include <string.h>

uint64_t fabric_bytes(const topology *place, uint32_t lines)
{
    uint64_t span = (place->machine + 63) / 64;

    return lines * (sizeof(fabric_line) + span * sizeof(uint64_t));
}

void fabric_init(fabric *f, const topology *place, uint32_t lines, void *memory)
{
    f->place = place;
    f->lines = lines;
    f->span = (place->machine + 63) / 64;
    f->charged = 0;
    f->line = memory;
    f->readers = (uint64_t *)(void *)(f->line + lines);
    for (uint32_t i = 0; i < lines; i++)
        f->line[i] = (fabric_line){.owner = FABRIC_NOBODY};
}

static uint64_t *readers_of(fabric *f, uint32_t line)
{
    return f->readers + (uint64_t)line * f->span;
}

static int holds_copy(fabric *f, uint32_t line, uint32_t cpu)
{
    return readers_of(f, line)[cpu / 64] >> (cpu % 64) & 1;
}

static int64_t charge(fabric *f, uint32_t number, int64_t time)
{
    f->charged |= (uint32_t)(time > 0) << number;
    return time;
}

/* A line is shared from a read until the next write, so what is booked of it is a reader's. */
static void charge_wait(fabric *f, const fabric_line *l, int64_t now, const fabric_times *times)
{
    if (l->shared && l->free_at > now)
        (void)charge(f, FABRIC_TIME_BUSY, times->read_busy);
}

/* A line that nobody has had comes from memory, taken as another core's. */
static nearness owner_nearness(const fabric *f, const fabric_line *l, uint32_t cpu)
{
    return l->owner == FABRIC_NOBODY ? NEAR_DIE : topology_nearness(f->place, l->owner, cpu);
}

static int64_t book_read(fabric *f, uint32_t line, uint32_t cpu, int64_t now,
                         const fabric_times *times)
{
    fabric_line *l = &f->line[line];
    int64_t start = now > l->free_at ? now : l->free_at;
    nearness from;
    int64_t busy;

    if (holds_copy(f, line, cpu) || l->owner == cpu)
        return ps_add(now, charge(f, FABRIC_HIT, times->hit));
    charge_wait(f, l, now, times);
    from = owner_nearness(f, l, cpu);
    busy = charge(f, from, times->transfer[from]);
    l->free_at = ps_add(start, times->read_busy < busy ? times->read_busy : busy);
    l->shared = 1;
    readers_of(f, line)[cpu / 64] |= UINT64_C(1) << (cpu % 64);
    return ps_add(start, busy);
}

static void take_over(fabric *f, uint32_t line, uint32_t cpu)
{
    fabric_line *l = &f->line[line];

    if (l->shared)
        memset(readers_of(f, line), 0, f->span * sizeof(uint64_t));
    l->shared = 0;
    l->owner = cpu;
}

/* The reader that is farthest from `cpu`. Cores, dies and sockets are ranges of CPU numbers, one
 * within the other, so the lowest or the highest reader is as far as any between them. */
static nearness farthest_reader(fabric *f, uint32_t line, uint32_t cpu)
{
    const uint64_t *readers = readers_of(f, line);
    nearness far = NEAR_SELF;
    uint32_t low = 0;
    uint32_t high = f->span;

    while (low < f->span && readers[low] == 0)
        low++;
    while (high > low && readers[high - 1] == 0)
        high--;
    if (low == high)
        return NEAR_SELF;
    low = 64 * low + (uint32_t)__builtin_ctzll(readers[low]);
    high = 64 * high - 1 - (uint32_t)__builtin_clzll(readers[high - 1]);
    far = topology_nearness(f->place, low, cpu);
    return far > topology_nearness(f->place, high, cpu) ? far
                                                        : topology_nearness(f->place, high, cpu);
}

/* The line comes from its owner while all copies are dropped: the farthest of them decides. */
static int64_t book_write(fabric *f, uint32_t line, uint32_t cpu, int64_t now,
                          const fabric_times *times)
{
    fabric_line *l = &f->line[line];
    int64_t start = now > l->free_at ? now : l->free_at;
    nearness from = owner_nearness(f, l, cpu);

    if (l->shared && farthest_reader(f, line, cpu) > from)
        from = farthest_reader(f, line, cpu);
    charge_wait(f, l, now, times);
    take_over(f, line, cpu);
    l->free_at =
        ps_add(start, charge(f, from, from == NEAR_SELF ? times->hit : times->transfer[from]));
    return l->free_at;
}

int64_t fabric_book(fabric *f, uint32_t line, uint32_t cpu, fabric_access kind, int64_t now,
                    const fabric_times *times)
{
    int64_t done;

    SIM_ASSERT(line < f->lines && cpu < f->place->machine);
    switch (kind) {
    case FABRIC_READ:
        return book_read(f, line, cpu, now, times);
    case FABRIC_WRITE:
        return book_write(f, line, cpu, now, times);
    case FABRIC_CLAIM:
        done = book_write(f, line, cpu, now, times);
        f->line[line].free_at = ps_add(done, times->atomic);
        return done;
    case FABRIC_LOCKED:
        return ps_add(now, charge(f, FABRIC_TIME_ATOMIC, times->atomic));
    case FABRIC_ATOMIC:
        done = ps_add(book_write(f, line, cpu, now, times),
                      charge(f, FABRIC_TIME_ATOMIC, times->atomic));
        f->line[line].free_at = done;
        return done;
    }
    sim_panic(__FILE__, __LINE__, "no such access");
}
