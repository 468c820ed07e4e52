/* SPDX-License-Identifier: Apache-2.0 */
/* fabric: shared cache lines: each has an owner, readers and a queue, so contention costs time. */
#ifndef SMMSIM_MODELS_MACHINE_FABRIC_H
#define SMMSIM_MODELS_MACHINE_FABRIC_H

#include "models/machine/topology.h"

/* Times of one access; drawn by the caller, so that the fabric itself knows no randomness. */
typedef struct {
    int64_t hit;                  /* the CPU holds the line as it needs it */
    int64_t transfer[NEARNESSES]; /* the line comes from a CPU that near */
    int64_t atomic;               /* more, for a locked operation */
    int64_t read_busy;            /* a reader keeps the next requester waiting for this long */
} fabric_times;

/* The same as numbers; those of the transfers are the nearnesses, a hit is the nearest. */
enum { FABRIC_HIT, FABRIC_TIME_ATOMIC = NEARNESSES, FABRIC_TIME_BUSY, FABRIC_TIMES };

typedef struct {
    int64_t free_at;  /* when the transfers that are booked will be over */
    uint16_t owner;   /* last CPU that had it exclusively; FABRIC_NOBODY: memory */
    uint16_t readers; /* others that hold copies: exclusive use must fetch it again */
    uint16_t low;     /* lowest and highest of them, if there are any */
    uint16_t high;
} fabric_line;
_Static_assert(sizeof(fabric_line) == 16, "no padding");

enum { FABRIC_NOBODY = 0xffff };

typedef struct {
    const topology *place;
    uint32_t lines;
    uint32_t span;    /* 64-bit words of a line's set of readers */
    uint32_t charged; /* set of the times that were charged and are not 0 */
    uint32_t reserved;
    fabric_line *line; /* lines */
    uint64_t *readers; /* lines * span: who holds a copy, where more than two do */
} fabric;
_Static_assert(sizeof(fabric) == 40, "no padding");

typedef enum {
    FABRIC_READ,   /* a copy */
    FABRIC_WRITE,  /* exclusively */
    FABRIC_CLAIM,  /* exclusively, and kept until the locked operation that follows is done */
    FABRIC_LOCKED, /* that operation: its time is part of the claim */
    FABRIC_ATOMIC  /* a locked operation without a claim before it */
} fabric_access;

/* `memory` holds fabric_bytes() bytes, 8-byte aligned, owned by the caller. */
uint64_t fabric_bytes(const topology *place, uint32_t lines);
void fabric_init(fabric *f, const topology *place, uint32_t lines, void *memory);

/* Books an access by `cpu` asked for at `now`; gives the time when it is done. Requests of one
 * line are served in the order of the calls; ties in time are the caller's order. */
int64_t fabric_book(fabric *f, uint32_t line, uint32_t cpu, fabric_access kind, int64_t now,
                    const fabric_times *times);

#endif
