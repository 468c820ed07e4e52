/* SPDX-License-Identifier: Apache-2.0 */
/* param: the parameter table engine: names, units, bounds, defaults, where each value came from. */
#ifndef SMMSIM_SIM_LIB_PARAM_H
#define SMMSIM_SIM_LIB_PARAM_H

#include <stddef.h>
#include <stdio.h>
#include "sim/lib/base.h"
#include "sim/lib/dist.h"

typedef enum {
    PARAM_LATENCY, /* a dist: constant or distribution, not negative */
    PARAM_TIME,    /* a plain duration, picoseconds */
    PARAM_COUNT,
    PARAM_BYTES,
    PARAM_FREQ,  /* millihertz */
    PARAM_RATIO, /* parts per 10^12, 0..1 unless bounded otherwise */
    PARAM_BOOL,  /* on|off (true|false, yes|no, 1|0 and upper case accepted) */
    PARAM_ENUM,  /* one of choices; value = its index */
    PARAM_NAME,  /* a file or object name, text */
    PARAM_CPUS   /* a set of CPUs: none, last:N, or cpu:2,3 */
} param_kind;

/* What a parameter has an effect on: how long steps take, in which order they may come, or both. */
typedef enum { PARAM_FOR_TIME = 1, PARAM_FOR_ORDER = 2, PARAM_FOR_BOTH = 3 } param_use;

typedef struct {
    const char *name; /* dotted */
    param_kind kind;
    param_use use;
    const char *value;   /* default as a user would write it; "auto" if it is derived */
    const char *min;     /* inclusive bounds as a user would write them; NULL: 0 */
    const char *max;     /* NULL: none, and 1 for a ratio */
    const char *choices; /* PARAM_ENUM: "a|b|c" */
    const char *meaning; /* one line */
    const char *source;  /* where the default comes from; starts with "uncalibrated" if nowhere */
} param_def;

/* Where orders are asked for, another default; and names that went. */
typedef struct {
    int id;
    const char *value;
} param_ordered;
typedef struct {
    const char *old, *now;
} param_renamed;

typedef struct {
    const param_def *defs;
    int count;
    const param_ordered *ordered;
    int ordered_count;
    const param_renamed *renamed;
    int renamed_count;
} param_table;

/* Who said it; a higher one wins, among equals the later one. */
typedef enum {
    PARAM_DEFAULT,
    PARAM_DERIVED,
    PARAM_PLATFORM,
    PARAM_WORKLOAD,
    PARAM_USER
} param_rank;

typedef struct param_set param_set;

/* All defaults. The table must outlive the set and its copies. A table that contradicts itself (a
 * name twice, a default that does not parse or is out of bounds) is a broken invariant that names
 * the entry. */
param_set *param_new(const param_table *table);
/* The same for one use: what has no effect on that is refused, with its reason. With
 * PARAM_FOR_ORDER the other defaults hold. */
param_set *param_new_for(const param_table *table, param_use use);
/* From now on the set takes what has an effect on this. */
void param_accept(param_set *set, param_use use);

/* Independent of the original, which may be copied and freed by several threads at once: values
 * are shared until one is assigned. */
param_set *param_copy(const param_set *set);
void param_free(param_set *set); /* NULL is fine */

int param_find(const param_table *table, const char *name); /* index, or -1 */
/* SIM_BAD_INPUT for a name that is not there: what it is called now, or which one is near. */
sim_status param_unknown(const param_table *table, const char *name, sim_err *err);

/* Assigns by name. Unknown names are refused with the nearest one; values are parsed and checked
 * against kind, bounds and choices; the error text starts with the name, not with a file. `place`
 * ("models/platforms/x.csv:4", "--set") and `source` (may be "") are copied. "auto" is accepted
 * where the default is "auto" and undoes an earlier value: what was derived takes its place, and a
 * lower rank than that of the "auto" does not. `dir` is for table(). A lower rank than the present
 * one is parsed and checked, then ignored. For a distribution both of its ends must be in bounds,
 * as far as they are finite. */
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

/* The values. Of another kind than asked for, or still auto: a broken invariant. */
int param_is_auto(const param_set *set, int id); /* still to be derived */
int64_t param_int(const param_set *set, int id); /* TIME COUNT BYTES FREQ RATIO BOOL ENUM */
const dist *param_dist(const param_set *set, int id);
const char *param_name(const param_set *set, int id); /* NAME, CPUS, or the chosen enum's text */
/* Of a PARAM_CPUS: is CPU `cpu` of `cpus` in it, how many of them are, and how many CPUs there must
 * be at least for it to mean something. */
int param_has_cpu(const param_set *set, int id, int64_t cpu, int64_t cpus);
int64_t param_count_cpus(const param_set *set, int id, int64_t cpus);
int64_t param_least_cpus(const param_set *set, int id);
const char *param_for(param_use use);                   /* "time", "order" or "both" */
param_rank param_rank_of(const param_set *set, int id); /* PARAM_DEFAULT while it is auto */
const char *param_place(const param_set *set, int id);  /* "default", "auto", or the place */
const char *param_source(const param_set *set, int id); /* of the value in force */
int param_uncalibrated(const param_set *set, int id);   /* its source starts with "uncalibrated" */

/* Canonical, parses back ("auto" while it is auto). Returns the length, as snprintf does. */
int param_print(const param_set *set, int id, char *out, size_t size);

/* Of an entry, for people. What may be written: "1 to 4096", "0 or more", "unicast, broadcast". */
enum { PARAM_RANGE_MAX = 256 /* bytes of a range as text, and of all choices of an entry */ };
void param_entry_range(const param_def *def, char *out, size_t size);
const char *param_entry_kind(const param_def *def);

/* The table for people (names, defaults and meanings) or all of it as Markdown. Whether `out` took
 * it all is the caller's to check. */
void param_print_table(const param_table *table, int markdown, FILE *out);

#endif
