/* SPDX-License-Identifier: Apache-2.0 */
/* lanes: what CPUs do one after the other as text: a column each, a line a step, timed or not. */
#ifndef SMMSIM_MODELS_PROTOCOL_LANES_H
#define SMMSIM_MODELS_PROTOCOL_LANES_H

#include <stdio.h>

#include "sim/lib/base.h"

enum {
    LANES_COLUMNS = 32, /* more actors than that are named on the right only */
    LANES_TEXT = 400,
    LANES_NOBODY = INT32_MAX
};

typedef enum {
    LANES_TRIGGER, /* of an SMI */
    LANES_TAKEN,   /* stops for it */
    LANES_ENTERED,
    LANES_STEP,
    LANES_LEFT /* normal code goes on */
} lanes_kind;

/* One line. */
typedef struct {
    lanes_kind kind;
    int actor; /* one beyond the actors, such as the chipset, has no column */
    int to;    /* whom a step sends something, or LANES_NOBODY */
    int64_t at;
    const char *who, *role; /* "CPU 1", "AP" or "" */
    const char *name;       /* of a step, in its column or, without room there, behind who */
    char did[LANES_TEXT];   /* "wait for k APs #1: RUN[0] is 1" */
} lanes_turn;

typedef struct lanes lanes;

/* `names` of the columns; NULL: those of CPUs. An order has no times: `zero` PS_NEVER, and lines
 * are numbered. Else times are microseconds since `zero`, and since the actor's last line. */
lanes *lanes_new(FILE *to, int actors, const char *const *names, int64_t zero);
/* Frees it; with many actors a line says whose columns there are. */
void lanes_end(lanes *l);

/* The line above the columns; times are since `zero` from then on. */
void lanes_head(lanes *l, int64_t zero);
/* How an actor's column looks while others do something: in SMM, or in normal code. */
void lanes_inside(lanes *l, int actor, int inside);
void lanes_put(lanes *l, const lanes_turn *turn);

#endif
