/* SPDX-License-Identifier: Apache-2.0 */
/* trace: slices, arrows and counters on named tracks, written in the Trace Event format. */
#ifndef SMMSIM_SIM_LIB_TRACE_H
#define SMMSIM_SIM_LIB_TRACE_H

#include "sim/lib/outfile.h"

/* Collects what happened and writes it as the JSON that Perfetto and chrome://tracing open. Tracks
 * lie in groups ("processes" there). Times are picoseconds; the format counts in microseconds, and
 * all six decimals are written. Text is copied; it may be any UTF-8. */
typedef struct trace trace;

typedef struct {
    uint32_t group, track;
} trace_place;
_Static_assert(sizeof(trace_place) == 8, "no padding");

typedef struct {
    trace_place place;
    int64_t at;
} trace_point;
_Static_assert(sizeof(trace_point) == 16, "no padding");

typedef struct {
    int64_t begin, end; /* end >= begin */
    const char *name;
    const char *detail; /* shown when the slice is selected; NULL: none */
} trace_span;
_Static_assert(sizeof(trace_span) == 32, "no padding");

trace *trace_new(void);
void trace_free(trace *t); /* NULL is fine */

void trace_name_group(trace *t, uint32_t group, const char *name);
void trace_name_track(trace *t, trace_place place, const char *name);

/* The slices of one track lie within each other or apart; of two with the same bounds the one that
 * was added last is the outer one: add a slice when it ends. */
void trace_slice(trace *t, trace_place place, const trace_span *span);

/* An arrow between two tracks of one group; both ends lie within a slice of their track, and `to`
 * is not before `from`. */
void trace_arrow(trace *t, const char *name, trace_point from, trace_point to);

/* The counter `name` of the point's group has this value from then on; the track plays no part. */
void trace_counter(trace *t, const char *name, trace_point at, int64_t value);

/* Writes everything, ordered by group and track, and by time within them, and closes the file. */
SIM_MUST_CHECK sim_status trace_save(const trace *t, outfile *to, sim_err *err);

#endif
