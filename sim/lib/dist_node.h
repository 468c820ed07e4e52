/* SPDX-License-Identifier: Apache-2.0 */
/* dist_node: the parsed form of a distribution; only dist.c and dist_parse.c look at it. */
#ifndef SMMSIM_SIM_LIB_DIST_NODE_H
#define SMMSIM_SIM_LIB_DIST_NODE_H

#include "sim/lib/dist.h" /* circle: what its files share */

#define DIST_PS_MAX PS_MAX

enum {
    DIST_NODES = 64, /* parts and mixes in one distribution */
    DIST_DEPTH = 4,  /* mixes inside each other */
    DIST_VALUES = 3  /* values of one part */
};

typedef enum {
    DIST_CONSTANT,
    DIST_UNIFORM,
    DIST_EXP,
    DIST_LOGNORMAL,
    DIST_PARETO,
    DIST_TABLE,
    DIST_MIX,
    DIST_KINDS
} dist_kind;

/* How a kind is written. A table has a file name instead of values, a mix has parts. */
typedef struct {
    const char *name;
    const char *usage;
    int values;
    int ratio; /* which value is a ratio and not a duration, or -1 */
    const char *value[DIST_VALUES];
} dist_kind_def;

extern const dist_kind_def dist_kinds[DIST_KINDS];

typedef struct {
    int64_t ps;
    uint64_t upto; /* counts of this value and all smaller ones */
} dist_row;

/* A tree in the order of its text: the first part of a mix stands right behind it. */
typedef struct {
    dist_kind kind;
    int parent, next;           /* the mix this is a part of, and its next part; or -1 */
    int64_t weight;             /* in the mix, of RATIO_ONE */
    int64_t value[DIST_VALUES]; /* as written */
    int64_t mean, min, max;

    uint64_t first_word; /* of the words that choose this part */
    int stretch_shift;   /* how those become a full word again */
    uint64_t stretch;
    uint64_t factor;     /* lognormal: sigma log2(e) in Q56; pareto: 1 / index in Q56 */
    uint64_t head, tail; /* pareto: 1 - (from/to)^index and its complement, in Q64 */

    char *file; /* table: as written */
    dist_row *row;
    int rows;
} dist_node;

struct dist {
    int count;
    dist_node node[];
};

/* From the values as written to everything that a draw needs. */
void dist_finish(dist *d);

#endif
