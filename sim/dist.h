/* SPDX-License-Identifier: Apache-2.0 */
/* dist: latencies as constants or distributions: parsed at set-up, drawn in integers only. */
#ifndef SMMSIM_SIM_DIST_H
#define SMMSIM_SIM_DIST_H

#include <stddef.h>
#include "sim/base.h"

/* Syntax: `3.3us`, `uniform(1us,3us)`, `exp(50us)` (mean), `lognormal(2us,0.4)` (median, sigma of
 * the logarithm), `pareto(1us,1ms,1.5)` (bounded: from, to, index), `table(file.csv)` (columns
 * `latency`, `count`: an empirical distribution, uniform between neighbouring values is not
 * assumed: each value is drawn as it stands), `mix(0.95:1us,0.05:exp(133us))` (weights add up to
 * 1; parts may be any of these, a mix included). Durations are not negative. */
typedef struct dist dist;

/* Parses the whole text. `dir` is the folder that a table's file name is relative to. On success
 * *out is owned by the caller. */
SIM_MUST_CHECK sim_status dist_parse(const char *text, const char *dir, dist **out, sim_err *err);
dist *dist_constant(int64_t ps);
void dist_free(dist *d);

/* One draw, in picoseconds, from a uniform 64-bit word by inverse transform: non-decreasing in the
 * word for every kind but mix (whose upper bits choose the part and are then stretched back to a full
 * word), so equal words couple two scenarios. Saturates at 2^62. No floating point. */
int64_t dist_draw(const dist *d, uint64_t word);

int dist_is_constant(const dist *d);
int64_t dist_mean(const dist *d);  /* exact formula in integers or fixed point; for reports */
int64_t dist_min(const dist *d);   /* the smallest possible draw */
int64_t dist_max(const dist *d);   /* the largest possible draw, or PS_NEVER if unbounded */
int dist_print(const dist *d, char *out, size_t size); /* canonical text, parses back */

/* Fixed-point pieces, shared by the kinds above; public for the tests against published values. */
int64_t dist_log2_q32(uint64_t x);     /* log2(x) in Q32, x > 0; error below 2^-28 */
uint64_t dist_exp2_q32(int64_t y);     /* 2^(y / 2^32) in Q32 for -32 <= y/2^32 < 31 */
int64_t dist_normal_q32(uint64_t word); /* standard normal quantile of (word + 1/2) / 2^64, Q32 */

#endif
