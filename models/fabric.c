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

/* From the owner; a line that nobody has had comes from memory, taken as another core's. */
static int64_t transfer_time(const fabric *f, const fabric_line *l, uint32_t cpu,
                             const fabric_times *times)
{
    nearness from = NEAR_DIE;

    if (l->owner != FABRIC_NOBODY)
        from = topology_nearness(f->place, l->owner, cpu);
    return from == NEAR_SELF ? times->hit : times->transfer[from];
}

static int64_t book_read(fabric *f, uint32_t line, uint32_t cpu, int64_t now,
                         const fabric_times *times)
{
    fabric_line *l = &f->line[line];
    int64_t start = now > l->free_at ? now : l->free_at;
    int64_t busy;

    if (holds_copy(f, line, cpu) || l->owner == cpu)
        return now + times->hit;
    busy = transfer_time(f, l, cpu, times);
    l->free_at = start + (times->read_busy < busy ? times->read_busy : busy);
    l->shared = 1;
    readers_of(f, line)[cpu / 64] |= UINT64_C(1) << (cpu % 64);
    return start + busy;
}

static void take_over(fabric *f, uint32_t line, uint32_t cpu)
{
    fabric_line *l = &f->line[line];

    if (l->shared)
        memset(readers_of(f, line), 0, f->span * sizeof(uint64_t));
    l->shared = 0;
    l->owner = cpu;
}

/* The farthest copy decides how long an invalidation takes; the owner stands for it. */
static int64_t book_write(fabric *f, uint32_t line, uint32_t cpu, int64_t now,
                          const fabric_times *times)
{
    fabric_line *l = &f->line[line];
    int64_t start = now > l->free_at ? now : l->free_at;
    int64_t done = start + transfer_time(f, l, cpu, times);

    if (l->owner == cpu && l->shared) /* copies elsewhere must go first */
        done = start + times->transfer[NEAR_DIE];
    take_over(f, line, cpu);
    l->free_at = done;
    return done;
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
        f->line[line].free_at = done + times->atomic;
        return done;
    case FABRIC_LOCKED:
        return now + times->atomic;
    case FABRIC_ATOMIC:
        done = book_write(f, line, cpu, now, times) + times->atomic;
        f->line[line].free_at = done;
        return done;
    }
    sim_panic(__FILE__, __LINE__, "no such access");
}
