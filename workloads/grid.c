/* SPDX-License-Identifier: Apache-2.0 */
/* grid: reads sweep files, and finds the values of a point by its number. */
#include "workloads/grid.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/machine/params.h"
#include "sim/lib/bytes.h"
#include "sim/lib/csv.h"
#include "workloads/folders.h"
#include "workloads/grid_cell.h"

enum { VALUES_MAX = 4000000 }; /* and ranges, in memory */

typedef struct {
    uint64_t begin; /* its first point */
    uint64_t points;
    int file;
    int line;
    grid_cell *cell; /* one for each column of its file */
} grid_row;

typedef struct {
    char path[512];
    int columns;
    int id[GRID_COLUMNS_MAX]; /* parameters */
} grid_file;

struct grid {
    grid_file *file;
    grid_row *row;
    int files, rows, row_room;
    uint64_t points;
    uint64_t values; /* that are written in the files; a range is one */
    uint64_t digest;
    int columns;
    int id[GRID_COLUMNS_MAX]; /* of all files, in the order of their first mention */
};

uint64_t grid_points(const grid *g)
{
    return g->points;
}

int grid_columns(const grid *g)
{
    return g->columns;
}

const char *grid_name(const grid *g, int column)
{
    SIM_ASSERT(column >= 0 && column < g->columns);
    return params_table.defs[g->id[column]].name;
}

uint64_t grid_digest(const grid *g)
{
    return g->digest;
}

/* ---- reading ---------------------------------------------------------------------------- */

static sim_status add_column(grid *g, const csv_table *t, int column, sim_err *err)
{
    grid_file *f = &g->file[g->files - 1];
    int id = param_find(&params_table, csv_name(t, column));
    sim_err why;

    if (id < 0) {
        (void)param_unknown(&params_table, csv_name(t, column), &why);
        return csv_error(t, -1, column, err, "%s", why.text);
    }
    f->id[f->columns++] = id;
    for (int i = 0; i < g->columns; i++)
        if (g->id[i] == id)
            return SIM_OK;
    if (g->columns == GRID_COLUMNS_MAX)
        return csv_error(t, -1, column, err, "too many columns in all (at most %d)",
                         GRID_COLUMNS_MAX);
    g->id[g->columns++] = id;
    return SIM_OK;
}

static sim_status read_columns(grid *g, const csv_table *t, const grid_source *source, sim_err *err)
{
    sim_status s = SIM_OK;

    if (csv_columns(t) > GRID_COLUMNS_MAX)
        return csv_error(t, -1, GRID_COLUMNS_MAX, err, "too many columns (at most %d)",
                         GRID_COLUMNS_MAX);
    for (int c = 0; c < csv_columns(t) && s == SIM_OK; c++) {
        s = add_column(g, t, c, err);
        for (int i = 0; i < source->settings && s == SIM_OK; i++)
            if (strcmp(source->setting[i].name, csv_name(t, c)) == 0)
                s = csv_error(t, -1, c, err, "%s is set by %s, too (once only)", csv_name(t, c),
                              source->setting[i].place);
    }
    return s;
}

static grid_row *new_row(grid *g)
{
    if (g->rows == g->row_room) {
        g->row_room = g->row_room ? 2 * g->row_room : 64;
        g->row = sim_realloc(g->row, (uint64_t)g->row_room, sizeof *g->row);
    }
    g->row[g->rows] = (grid_row){.begin = g->points, .points = 1, .file = g->files - 1};
    return &g->row[g->rows++];
}

static sim_status read_row(grid *g, const csv_table *t, int number, sim_err *err)
{
    const grid_file *f = &g->file[g->files - 1];
    grid_row *row = new_row(g);

    row->line = csv_line(t, number);
    row->cell = sim_alloc((uint64_t)f->columns, sizeof *row->cell);
    for (int c = 0; c < f->columns; c++) {
        sim_err why;
        sim_status s = grid_cell_parse(&params_table.defs[f->id[c]], csv_field(t, number, c),
                                       &row->cell[c], &why);

        if (s != SIM_OK)
            return csv_error(t, number, c, err, "%s: %s", params_table.defs[f->id[c]].name,
                             why.text);
        g->values += row->cell[c].parts > 0 ? row->cell[c].parts : 1;
        if (g->values > VALUES_MAX)
            return csv_error(t, number, c, err, "more than %d values in all (write them as ranges)",
                             VALUES_MAX);
        if (__builtin_mul_overflow(row->points, grid_cell_count(&row->cell[c]), &row->points) ||
            row->points > GRID_POINTS_MAX - g->points)
            return csv_error(t, number, c, err, "too many points (at most %llu in all)",
                             (unsigned long long)GRID_POINTS_MAX);
    }
    g->points += row->points;
    return SIM_OK;
}

static sim_status read_file(grid *g, const char *path, const grid_source *source, sim_err *err)
{
    csv_table *t;
    sim_status s = csv_read_hash(path, &g->digest, &t, err);

    if (s != SIM_OK)
        return s;
    g->file[g->files] = (grid_file){0};
    (void)snprintf(g->file[g->files++].path, sizeof g->file[0].path, "%s", path);
    s = read_columns(g, t, source, err);
    for (int r = 0; r < csv_rows(t) && s == SIM_OK; r++)
        s = read_row(g, t, r, err);
    if (s == SIM_OK && csv_rows(t) == 0)
        s = csv_error(t, -1, 0, err, "no points (at least one row below the header)");
    csv_free_table(t);
    return s;
}

sim_status grid_load(const grid_source *source, grid **out, sim_err *err)
{
    grid *g = sim_alloc(1, sizeof *g);
    sim_status s = SIM_OK;

    SIM_ASSERT(source->paths > 0);
    g->digest = BYTES_HASH;
    g->file = sim_alloc((uint64_t)source->paths, sizeof *g->file);
    for (int i = 0; i < source->paths && s == SIM_OK; i++)
        s = read_file(g, source->path[i], source, err);
    if (s == SIM_OK)
        *out = g;
    else
        grid_free(g);
    return s;
}

void grid_free(grid *g)
{
    if (!g)
        return;
    for (int r = 0; r < g->rows; r++) {
        for (int c = 0; g->row[r].cell && c < g->file[g->row[r].file].columns; c++)
            grid_cell_free(&g->row[r].cell[c]);
        free(g->row[r].cell);
    }
    free(g->row);
    free(g->file);
    free(g);
}

/* ---- points ----------------------------------------------------------------------------- */

static const grid_row *row_of(const grid *g, uint64_t point)
{
    int low = 0;
    int high = g->rows - 1;

    SIM_ASSERT(point < g->points);
    while (low < high) {
        int middle = low + (high - low + 1) / 2;

        if (g->row[middle].begin <= point)
            low = middle;
        else
            high = middle - 1;
    }
    return &g->row[low];
}

void grid_get(const grid *g, uint64_t point, grid_point *out)
{
    const grid_row *row = row_of(g, point);
    const grid_file *f = &g->file[row->file];
    uint64_t rest = point - row->begin;
    uint64_t number[GRID_COLUMNS_MAX] = {0};

    for (int c = f->columns - 1; c >= 0; c--) {
        uint64_t values = grid_cell_count(&row->cell[c]);

        number[c] = rest % values;
        rest /= values;
    }
    SIM_ASSERT(rest == 0);
    (void)snprintf(out->row, sizeof out->row, "%s:%d", folders_shown(f->path), row->line);
    out->count = 0;
    for (int c = 0; c < f->columns; c++) {
        int n = out->count;

        grid_cell_get(&row->cell[c], number[c], out->value[n]);
        if (out->value[n][0] == '\0')
            continue;
        (void)snprintf(out->place[n], sizeof out->place[n], "%s:%d", out->row, c + 1);
        out->setting[n] =
            (experiment_setting){params_table.defs[f->id[c]].name, out->value[n], out->place[n]};
        out->count++;
    }
}
