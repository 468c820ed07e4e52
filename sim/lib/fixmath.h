/* SPDX-License-Identifier: Apache-2.0 */
/* fixmath: logarithm, exponential and normal quantile in fixed point, the same bits everywhere. */
#ifndef SMMSIM_SIM_LIB_FIXMATH_H
#define SMMSIM_SIM_LIB_FIXMATH_H

#include "sim/lib/base.h"

/* Qn means: the integer is the value times 2^n. Every function here is monotone in its argument in
 * the very last bit, because it adds and multiplies nothing but non-negative numbers rounded down:
 * the inverse transforms in dist.c depend on it. Errors are absolute unless said otherwise. */

/* -log2(v / 2^128) in Q57, 0..128, v > 0; non-increasing in v; error below 2^-36. */
uint64_t fixmath_minus_log2_q57(unsigned __int128 v);

/* -log2(1 - u) in Q57 for u = (word + 1/2) / 2^64: 0..65. */
uint64_t fixmath_tail_q57(uint64_t word);

/* Standard normal quantile of (word + 1/2) / 2^64 in Q58, from -9.16 to 9.16; odd about the middle
 * (quantile(~word) = -quantile(word)); error below 2.1e-9. */
int64_t fixmath_normal_q58(uint64_t word);

/* base * 2^y for y in Q48, rounded half up; at most 2^63, to which larger results saturate;
 * relative error below 2^-34 besides the rounding. base <= 2^63. */
uint64_t fixmath_scale_exp2(uint64_t base, int64_t y_q48);

#endif
