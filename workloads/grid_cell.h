/* SPDX-License-Identifier: Apache-2.0 */
/* grid_cell: one cell of a sweep file: a list of values and ranges. */
#ifndef SMMSIM_WORKLOADS_GRID_CELL_H
#define SMMSIM_WORKLOADS_GRID_CELL_H

#include "sim/lib/param.h"
#include "sim/lib/units.h"

/* Private to grid. */
typedef struct {
    uint64_t count;       /* values */
    char *text;           /* a value as it was written; NULL: a range */
    int64_t from, factor; /* of a range; factor in 10^-12, or 0 */
    int64_t step;
    unit_kind unit;
} grid_part;

typedef struct {
    grid_part *part;
    uint32_t parts;
} grid_cell;

/* The error names neither file nor parameter. */
SIM_MUST_CHECK sim_status grid_cell_parse(const param_def *def, const char *text, grid_cell *out,
                                          sim_err *err);
void grid_cell_free(grid_cell *cell);
uint64_t grid_cell_count(const grid_cell *cell); /* 1 for an empty cell, whose value is "" */
void grid_cell_get(const grid_cell *cell, uint64_t number, char value[512]);

#endif
