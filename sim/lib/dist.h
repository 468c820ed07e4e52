/* SPDX-License-Identifier: Apache-2.0 */
/* dist: latencies as constants or distributions: parsed at set-up, drawn in integers only. */
#ifndef SMMSIM_SIM_LIB_DIST_H
#define SMMSIM_SIM_LIB_DIST_H

#include <stddef.h>
#include "sim/lib/base.h"

/* Syntax, blanks allowed between the parts:
 *     3.3us                            a constant
 *     uniform(1us,3us)                 every picosecond from 1 us to 3 us, both included
 *     exp(50us)                        exponential with this mean
 *     lognormal(2us,0.4)               median, sigma of the natural logarithm (0 to 10)
 *     pareto(1us,1ms,1.5)              bounded Pareto: from, to, index (0.01 to 100)
 *     table(file.csv)                  empirical, columns `latency` and `count`: each value is
 *                                      drawn as it stands, as often as it was counted
 *     mix(0.95:1us,0.05:exp(133us))    weight:part
 * The weights of a mix (plain or %) add up to 1 exactly; a part may be any of these, mixes go 4
 * deep, 64 parts and a million rows of tables in all. Durations are 0 to PS_MAX. */
typedef struct dist dist;

/* Parses the whole text. `dir` is the folder that a table's file name is relative to (NULL or "":
 * the working folder). On success *out is owned by the caller. The error text has no file prefix,
 * except that an error inside a table's file names that file's line. */
SIM_MUST_CHECK sim_status dist_parse(const char *text, const char *dir, dist **out, sim_err *err);
dist *dist_constant(int64_t ps);
void dist_free(dist *d);           /* NULL is fine */
uint64_t dist_rows(const dist *d); /* of its tables, which are what takes memory */

/* One draw, in picoseconds, from a uniform 64-bit word by inverse transform: non-decreasing in the
 * word for every kind but mix (whose upper bits choose the part and are then stretched back to a
 * full word), so equal words couple two scenarios. Saturates at PS_MAX. No floating point. */
int64_t dist_draw(const dist *d, uint64_t word);

int dist_is_constant(const dist *d);
int64_t dist_mean(const dist *d); /* of the exact distribution, rounded; at most PS_MAX; for reports
                                   */
int64_t dist_min(const dist *d);  /* the smallest possible draw */
int64_t dist_max(const dist *d);  /* the largest possible draw, or PS_NEVER if unbounded */

/* Folds what its tables hold into a hash (bytes_hash); without tables the hash stays as it is. */
uint64_t dist_hash_tables(const dist *d, uint64_t hash);

/* Canonical text, parses back to the same distribution. Returns the length, as snprintf does. */
int dist_print(const dist *d, char *out, size_t size);

#endif
