/* SPDX-License-Identifier: Apache-2.0 */
/* units: quantities with their unit, parsed and printed from one table; exact decimal arithmetic.
 */
#ifndef SMMSIM_SIM_LIB_UNITS_H
#define SMMSIM_SIM_LIB_UNITS_H

#include <stddef.h>
#include "sim/lib/base.h"

typedef enum {
    UNIT_TIME,  /* ps ns us ms s min h        -> picoseconds */
    UNIT_BYTES, /* B kB MB KiB MiB GiB        -> bytes */
    UNIT_FREQ,  /* Hz kHz MHz GHz             -> millihertz */
    UNIT_RATIO, /* plain number or %          -> parts per 10^12 */
    UNIT_COUNT  /* plain integer, 1e3 allowed -> count */
} unit_kind;

/* Parses one quantity, the whole string: optional sign, decimal number (digits, point, exponent; at
 * most 400 significant digits), unit without or after one space. A zero needs no unit; any other
 * time, size or frequency does. Rounds half to even at the last place of the base unit; errors are
 * a nonzero quantity that would round to zero, a count that is not whole, overflow of int64, NaN,
 * inf, hex, an unknown unit (suggests the nearest) and anything left over. Negative results are
 * given back as they are: bounds are the caller's. The error text has no file prefix: the caller
 * adds it. */
SIM_MUST_CHECK sim_status units_parse(unit_kind kind, const char *text, int64_t *out, sim_err *err);

/* Prints exactly: of the units in which the value is at least 1 the one with the fewest digits,
 * ties: the largest ("3.3us", "1s", "1.5min", "100us", "0"). A ratio is a plain number ("0.05"),
 * for programs. units_parse reads back the same value. Returns the length, as snprintf does. */
int units_print(unit_kind kind, int64_t value, char *out, size_t size);

/* For people: `digits` (1..9) significant digits and a space ("3.30 s", "412 us", "-1.20 ms"),
 * rounded half to even, seconds at most, sizes in B to GiB, ratios in %, counts exact and without a
 * unit. Returns the length. */
int units_human(unit_kind kind, int64_t value, int digits, char *out, size_t size);

#endif
