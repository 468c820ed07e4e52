/* SPDX-License-Identifier: Apache-2.0 */
/* grid: sweep files as points: lists, ranges and cross products, counted but never written out. */
#ifndef SMMSIM_WORKLOADS_GRID_H
#define SMMSIM_WORKLOADS_GRID_H

#include "workloads/experiment.h"

/* A sweep file's header has names of parameters; a row is a point. A cell is a value, a list
 * `a|b|c`, or a range `2:64:*2` or `10ms:100ms:+10ms` (both ends included, if they are hit); parts
 * of a list may be ranges. A range has a million values at most, 10 000 with a factor; the files
 * hold 4 million values and ranges at most, each of which takes memory. A row with several values
 * in several cells is their cross product, the last column changes fastest. An empty cell leaves
 * the parameter as it is without the file. Points of several files follow each other. */
typedef struct grid grid;

enum { GRID_COLUMNS_MAX = 64, GRID_VALUE_MAX = 512 };
#define GRID_POINTS_MAX UINT64_C(1000000000000)

/* Errors name the field. `settings` are the command line's: a column may not set the same. */
typedef struct {
    const char *const *path;
    int paths;
    const experiment_setting *setting;
    int settings;
} grid_source;
SIM_MUST_CHECK sim_status grid_load(const grid_source *source, grid **out, sim_err *err);
void grid_free(grid *g); /* NULL is fine */

uint64_t grid_points(const grid *g);
int grid_columns(const grid *g); /* of all files together */
const char *grid_name(const grid *g, int column);
uint64_t grid_digest(const grid *g); /* of the files' bytes */

/* A point's settings: text and place are in it, settings that the point leaves alone are not. It is
 * large: one for each thread. */
typedef struct {
    experiment_setting setting[GRID_COLUMNS_MAX];
    int count;
    char value[GRID_COLUMNS_MAX][GRID_VALUE_MAX];
    char place[GRID_COLUMNS_MAX][640];
    char row[600]; /* "file:line" */
} grid_point;
void grid_get(const grid *g, uint64_t point, grid_point *out);

#endif
