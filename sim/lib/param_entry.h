/* SPDX-License-Identifier: Apache-2.0 */
/* param_entry: one entry of a parameter table: kind, bounds, choices, and a value from text. */
#ifndef SMMSIM_SIM_LIB_PARAM_ENTRY_H
#define SMMSIM_SIM_LIB_PARAM_ENTRY_H

/* Private to param: others include sim/lib/param.h. */

#include <stdbool.h>
#include <stddef.h>
#include "sim/lib/param.h"

/* A value of an entry. */
typedef struct {
    const char *text; /* as the user wrote it */
    const char *dir;  /* what table() is relative to */
    bool is_auto;
    int64_t number;
    dist *latency; /* PARAM_LATENCY, unless auto; owned by who holds the value */
} param_value;

/* From text and dir to the rest, which is zero before. The error text does not name the entry. */
SIM_MUST_CHECK sim_status param_entry_parse(const param_def *def, param_value *value, sim_err *err);

/* Canonical text, which parses back; returns the length. */
int param_entry_print(const param_def *def, const param_value *value, char *out, size_t size);

/* The CPUs of a PARAM_CPUS that was parsed: 1 and the lowest one from *cpu on, or 0. */
int param_entry_next_cpu(const param_value *value, int64_t cpus, int64_t *cpu);

/* The nearest name, else the only one that begins with `name` or ends with it after a point, else
 * NULL. */
const char *param_entry_nearest(const char *name, const char *const *names, int count);

/* Ends the program if the entry contradicts itself; its default is not looked at. */
void param_entry_check(const param_def *def);
_Noreturn void param_entry_panic(const param_def *def, const char *what);

#endif
