/* SPDX-License-Identifier: Apache-2.0 */
/* param: the parameter table engine: names, units, bounds, defaults, where each value came from. */
#ifndef SMMSIM_SIM_PARAM_H
#define SMMSIM_SIM_PARAM_H

#include <stddef.h>
#include "sim/base.h"
#include "sim/dist.h"

typedef enum {
    PARAM_LATENCY, /* a dist: constant or distribution, not negative */
    PARAM_TIME,    /* a plain duration, picoseconds */
    PARAM_COUNT,
    PARAM_BYTES,
    PARAM_FREQ,  /* millihertz */
    PARAM_RATIO, /* parts per 10^12, 0..1 unless bounded otherwise */
    PARAM_BOOL,  /* on|off (true|false, yes|no, 1|0 accepted) */
    PARAM_ENUM,  /* one of choices; value = its index */
    PARAM_NAME   /* a file or object name, text */
} param_kind;

typedef struct {
    const char *name;    /* dotted */
    param_kind kind;
    const char *value;   /* default as a user would write it; "auto" if it is derived */
    const char *min;     /* inclusive bounds as a user would write them, or NULL */
    const char *max;
    const char *choices; /* PARAM_ENUM: "a|b|c" */
    const char *meaning; /* one line */
    const char *source;  /* where the default comes from; starts with "uncalibrated" if nowhere */
} param_def;

typedef struct {
    const param_def *defs;
    int count;
} param_table;

/* Who said it; a higher one wins, among equals the later one. */
typedef enum { PARAM_DEFAULT, PARAM_DERIVED, PARAM_PLATFORM, PARAM_WORKLOAD, PARAM_USER } param_rank;

typedef struct param_set param_set;

param_set *param_new(const param_table *table); /* all defaults */
param_set *param_copy(const param_set *set);
void param_free(param_set *set);

int param_find(const param_table *table, const char *name); /* index, or -1 */

/* Assigns by name. Unknown names are refused with the nearest one; values are parsed and checked
 * against kind, bounds and choices; the error text starts with the name, not with a file. `place`
 * ("models/platforms/x.csv:4", "--set") and `source` (may be "") are copied. "auto" is accepted
 * where the default is "auto" and undoes an earlier value. `dir` is for table(). A lower
 * rank than the present one is parsed and checked, then ignored. */
typedef struct {
    param_rank rank;
    const char *place;
    const char *source;
    const char *dir;
} param_origin;
SIM_MUST_CHECK sim_status param_assign(param_set *set, const char *name, const char *value,
                                       const param_origin *origin, sim_err *err);

/* "NAME=VALUE" split at the first '='. */
SIM_MUST_CHECK sim_status param_assign_pair(param_set *set, const char *pair,
                                            const param_origin *origin, sim_err *err);

int param_is_auto(const param_set *set, int id); /* still to be derived */
int64_t param_int(const param_set *set, int id); /* TIME COUNT BYTES FREQ RATIO BOOL ENUM */
const dist *param_dist(const param_set *set, int id);
const char *param_name(const param_set *set, int id);    /* PARAM_NAME, or the chosen enum's text */
param_rank param_rank_of(const param_set *set, int id);
const char *param_place(const param_set *set, int id);   /* "default", "auto", or the place */
const char *param_source(const param_set *set, int id);  /* of the value in force */
int param_uncalibrated(const param_set *set, int id);    /* its source starts with "uncalibrated" */
int param_print(const param_set *set, int id, char *out, size_t size); /* canonical, parses back */

/* The table for people (aligned) or as Markdown. */
#include <stdio.h>
void param_print_table(const param_table *table, int markdown, FILE *out);

#endif
