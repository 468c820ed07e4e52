/* SPDX-License-Identifier: Apache-2.0 */
/* match: hashes the settings of every point, sorts both sweeps, and merges them. */
#include "sim/cli/match.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/machine/params.h"
#include "sim/lib/bytes.h"
#include "sim/lib/csv.h"
#include "sim/cli/folder.h"
#include "workloads/grid.h"

enum { COLUMNS_MAX = GRID_COLUMNS_MAX + P_COUNT };

typedef struct {
    uint64_t hash;
    int row;
} entry;

/* Two tables and the columns that both have; side 0 and 1. */
typedef struct {
    const char *const *folder;
    csv_table *table[2];
    char *set[2];    /* "cpus protocol": what its files set, from run.csv */
    entry *entry[2]; /* sorted */
    int column[2][COLUMNS_MAX];
    int columns;
} search;

static int column_of(const csv_table *t, const char *name)
{
    for (int i = 0; i < csv_columns(t); i++)
        if (strcmp(csv_name(t, i), name) == 0)
            return i;
    return -1;
}

static sim_status read_set(search *m, int side, sim_err *err)
{
    const sim_status s = folder_fact(m->folder[side], "columns", &m->set[side], err);

    if (s == SIM_OK && !m->set[side])
        return err_set(err, SIM_BAD_INPUT,
                       "%s/run.csv: no row \"columns\" (of a sweep by this version)",
                       m->folder[side]);
    return s;
}

/* Whether a name is one of those that the files of a side set. */
static int is_set(const search *m, int side, const char *name)
{
    const size_t length = strlen(name);

    for (const char *at = m->set[side]; (at = strstr(at, name)) != NULL; at += length)
        if ((at == m->set[side] || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0'))
            return 1;
    return 0;
}

static void find_columns(search *m, matches *out)
{
    size_t used = 0;

    for (int i = 0; i < csv_columns(m->table[0]) && m->columns < COLUMNS_MAX; i++) {
        const char *name = csv_name(m->table[0], i);
        const int other = column_of(m->table[1], name);

        if (other < 0 || !is_set(m, 0, name) || !is_set(m, 1, name))
            continue;
        m->column[0][m->columns] = i;
        m->column[1][m->columns++] = other;
        if (used < sizeof out->by)
            used += (size_t)snprintf(out->by + used, sizeof out->by - used, "%s%s",
                                     used ? ", " : "", name);
    }
}

static const char *setting(const search *m, int side, int row, int i)
{
    return csv_field(m->table[side], row, m->column[side][i]);
}

static int by_hash(const void *left, const void *right)
{
    const entry *a = left;
    const entry *b = right;

    if (a->hash != b->hash)
        return a->hash < b->hash ? -1 : 1;
    return (a->row > b->row) - (a->row < b->row);
}

static void sort_side(search *m, int side)
{
    const int rows = csv_rows(m->table[side]);

    m->entry[side] = sim_alloc((uint64_t)rows, sizeof *m->entry[side]);
    for (int row = 0; row < rows; row++) {
        entry *e = &m->entry[side][row];

        *e = (entry){BYTES_HASH, row};
        for (int i = 0; i < m->columns; i++) {
            const char *text = setting(m, side, row, i);

            e->hash = bytes_hash(e->hash, text, strlen(text) + 1);
        }
    }
    qsort(m->entry[side], (size_t)rows, sizeof *m->entry[side], by_hash);
}

/* Of several twins the first ones are told. */
static sim_status check_side(const search *m, int side, sim_err *err)
{
    const entry *first = NULL;

    for (int i = 1; i < csv_rows(m->table[side]); i++) {
        const entry *e = &m->entry[side][i - 1];

        if (e[0].hash == e[1].hash && (!first || e->row < first->row))
            first = e;
    }
    if (!first)
        return SIM_OK;
    return err_set(err, SIM_BAD_INPUT,
                   "%s: points %d and %d differ in no parameter that is a column in the files of "
                   "both (compare single points: %s:%d)",
                   m->folder[side], first[0].row, first[1].row, m->folder[side], first[0].row);
}

static int same(const search *m, int a, int b)
{
    for (int i = 0; i < m->columns; i++)
        if (strcmp(setting(m, 0, a, i), setting(m, 1, b, i)) != 0)
            return 0;
    return 1;
}

static void merge(const search *m, matches *out)
{
    const int rows[2] = {csv_rows(m->table[0]), csv_rows(m->table[1])};
    uint64_t paired = 0;

    out->match = sim_alloc((uint64_t)rows[0], sizeof *out->match);
    for (int a = 0, b = 0; a < rows[0]; a++) {
        const entry *e = &m->entry[0][a];

        while (b < rows[1] && m->entry[1][b].hash < e->hash)
            b++;
        out->match[e->row] = MATCH_NONE;
        if (b < rows[1] && m->entry[1][b].hash == e->hash && same(m, e->row, m->entry[1][b].row)) {
            out->match[e->row] = (uint64_t)m->entry[1][b].row;
            paired++;
        }
    }
    for (int side = 0; side < 2; side++) {
        out->points[side] = (uint64_t)rows[side];
        out->single[side] = (uint64_t)rows[side] - paired;
    }
}

static sim_status find_matches(search *m, matches *out, sim_err *err)
{
    sim_status s = SIM_OK;

    find_columns(m, out);
    if (m->columns == 0)
        return err_set(err, SIM_BAD_INPUT,
                       "%s and %s: no parameter is a column in the files of both (compare single "
                       "points: FOLDER:POINT)",
                       m->folder[0], m->folder[1]);
    for (int side = 0; side < 2 && s == SIM_OK; side++) {
        sort_side(m, side);
        s = check_side(m, side, err);
    }
    if (s != SIM_OK)
        return s;
    merge(m, out);
    if (out->single[0] == out->points[0])
        return err_set(err, SIM_BAD_INPUT,
                       "%s and %s: no two points have the same %s (compare single points: "
                       "FOLDER:POINT)",
                       m->folder[0], m->folder[1], out->by);
    return SIM_OK;
}

sim_status match_load(const char *const folder[2], matches *out, sim_err *err)
{
    search *m = sim_alloc(1, sizeof *m);
    sim_status s = SIM_OK;
    char path[600];

    *out = (matches){.match = NULL};
    m->folder = folder;
    for (int side = 0; side < 2 && s == SIM_OK; side++) {
        (void)snprintf(path, sizeof path, "%s/points.csv", folder[side]);
        s = csv_read(path, &m->table[side], err);
        if (s == SIM_OK)
            s = read_set(m, side, err);
    }
    if (s == SIM_OK)
        s = find_matches(m, out, err);
    for (int side = 0; side < 2; side++) {
        csv_free_table(m->table[side]);
        free(m->entry[side]);
        free(m->set[side]);
    }
    free(m);
    return s;
}

void match_free(matches *p)
{
    free(p->match);
    *p = (matches){.match = NULL};
}
