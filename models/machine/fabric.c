/* SPDX-License-Identifier: Apache-2.0 */
/* fabric: ownership and queue of each cache line, as times booked ahead. */
#include "models/machine/fabric.h"

#include <string.h>

uint64_t fabric_bytes(const topology *place, uint32_t lines)
{
    uint64_t span = (place->machine + 63) / 64;

    return lines * (sizeof(fabric_line) + span * sizeof(uint64_t));
}

void fabric_init(fabric *f, const topology *place, uint32_t lines, void *memory)
{
    SIM_ASSERT(place->machine <= FABRIC_NOBODY);
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

/* Most lines have one reader or two, so that what goes with the number of CPUs stays untouched. */
static int holds_copy(fabric *f, uint32_t line, uint32_t cpu)
{
    const fabric_line *l = &f->line[line];

    if (l->readers <= 2)
        return l->readers > 0 && (l->low == cpu || l->high == cpu);
    return readers_of(f, line)[cpu / 64] >> (cpu % 64) & 1;
}

static void put(uint64_t *set, uint32_t cpu)
{
    set[cpu / 64] |= UINT64_C(1) << (cpu % 64);
}

static void add_reader(fabric *f, uint32_t line, uint32_t cpu)
{
    fabric_line *l = &f->line[line];
    uint64_t *set = readers_of(f, line);

    if (l->readers == 2) {
        memset(set, 0, f->span * sizeof *set);
        put(set, l->low);
        put(set, l->high);
    }
    if (l->readers >= 2)
        put(set, cpu);
    l->low = l->readers == 0 || cpu < l->low ? (uint16_t)cpu : l->low;
    l->high = l->readers == 0 || cpu > l->high ? (uint16_t)cpu : l->high;
    l->readers++;
}

static int64_t charge(fabric *f, uint32_t number, int64_t time)
{
    f->charged |= (uint32_t)(time > 0) << number;
    return time;
}

/* A line is shared from a read until the next write, so what is booked of it is a reader's. */
static void charge_wait(fabric *f, const fabric_line *l, int64_t now, const fabric_times *times)
{
    if (l->readers > 0 && l->free_at > now)
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
    add_reader(f, line, cpu);
    return ps_add(start, busy);
}

/* The reader that is farthest from `cpu`, of one at least. Cores, dies and sockets are ranges of
 * CPU numbers, one within the other, so the lowest or the highest reader is as far as any between
 * them. */
static nearness farthest_reader(const fabric *f, const fabric_line *l, uint32_t cpu)
{
    nearness low = topology_nearness(f->place, l->low, cpu);
    nearness high = topology_nearness(f->place, l->high, cpu);

    return low > high ? low : high;
}

/* The line comes from its owner while all copies are dropped: the farthest of them decides. */
static int64_t book_write(fabric *f, uint32_t line, uint32_t cpu, int64_t now,
                          const fabric_times *times)
{
    fabric_line *l = &f->line[line];
    int64_t start = now > l->free_at ? now : l->free_at;
    nearness from = owner_nearness(f, l, cpu);
    nearness reader = l->readers > 0 ? farthest_reader(f, l, cpu) : NEAR_SELF;

    from = reader > from ? reader : from;
    charge_wait(f, l, now, times);
    l->readers = 0;
    l->owner = (uint16_t)cpu;
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
