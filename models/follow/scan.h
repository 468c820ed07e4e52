/* SPDX-License-Identifier: Apache-2.0 */
/* scan: one delay from end to end of a range: where the outcome of a run changes. */
#ifndef SMMSIM_MODELS_FOLLOW_SCAN_H
#define SMMSIM_MODELS_FOLLOW_SCAN_H

#include <stdio.h>

#include "models/follow/try.h"

enum { FOLLOW_PROBES_MAX = 3000 };

typedef struct {
    int64_t at;
    uint64_t kind; /* of outcome; the lowest bit: the violation */
} follow_probe;

/* Which delay is scanned; the others stay. */
typedef enum { FOLLOW_LATE, FOLLOW_HOLD, FOLLOW_SECOND } follow_scanned;
typedef struct {
    follow_delays fixed;
    follow_scanned what;
    int place; /* gap in which the late CPU is held; -1: before it enters */
    int64_t from, to;
    int64_t edge; /* delay of the late CPU at which the outcome changes */
    follow_probe probe[FOLLOW_PROBES_MAX];
    int count;
} follow_scan;

/* The kind of outcome with that delay. */
uint64_t follow_scan_at(follow_try *f, const follow_scan *s, int64_t at);

/* Fills in `probe`: coarse steps; then, wherever two neighbours differ, halves down to one
 * picosecond. */
void follow_scan_run(follow_try *f, follow_scan *s);

/* The widest stretch in which the violation shows, both ends included; 0 if there is none. */
int follow_scan_widest(const follow_scan *s, int64_t *first, int64_t *last);

/* The stretch from probe *at on, or behind it, in which the violation shows; *at moves behind it.
 * 0: there is none. */
int follow_scan_next(const follow_scan *s, int *at, int64_t *first, int64_t *last);

/* A time, exactly, in the unit that takes the fewest digits: "2.25 s"; and "from 1.5 ns to 3 ns,
 * 1.501 ns wide" with the end of the line. */
void follow_scan_print_time(FILE *out, int64_t ps);
void follow_scan_print_range(FILE *out, int64_t first, int64_t last);

/* The widest stretch, which there is, as a range, and the others below it. */
void follow_scan_print_all(const follow_scan *s, FILE *out);

#endif
