/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_sweep: a sweep file is refused with its place, or its points can be counted and loaded. */
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "workloads/grid.h"

static void check_point(const grid *g, uint64_t point, grid_point *p)
{
    grid_get(g, point, p);
    FUZZ_CHECK(0 <= p->count && p->count <= grid_columns(g), p->row);
    FUZZ_CHECK(strncmp(p->row, "in.csv:", 7) == 0, p->row);
    for (int i = 0; i < p->count; i++) {
        int column = 0;

        while (column < grid_columns(g) && strcmp(grid_name(g, column), p->setting[i].name) != 0)
            column++;
        FUZZ_CHECK(column < grid_columns(g), p->setting[i].name);
        FUZZ_CHECK(p->setting[i].value[0] != '\0', p->setting[i].name);
        FUZZ_CHECK(strncmp(p->setting[i].place, "in.csv:", 7) == 0, p->setting[i].place);
    }
}

static void load_point(const grid_point *p)
{
    experiment e;
    sim_err err = {""};
    const sim_status s = experiment_load(p->setting, p->count, &e, &err);

    if (s == SIM_OK)
        experiment_free(&e);
    else
        fuzz_refused(s, &err, NULL);
}

static void take(const uint8_t *data, size_t size)
{
    static const char *const path[] = {"in.csv"};
    static const experiment_setting none[1];
    const grid_source source = {path, 1, none, 0};
    uint64_t points;
    grid *g;
    grid_point *p;
    sim_err err = {""};
    sim_status s;

    fuzz_write("in.csv", data, size);
    s = grid_load(&source, &g, &err);
    if (s != SIM_OK) {
        fuzz_refused(s, &err, "in.csv");
        return;
    }
    points = grid_points(g);
    FUZZ_CHECK(0 < points && points <= GRID_POINTS_MAX, "points");
    FUZZ_CHECK(0 < grid_columns(g) && grid_columns(g) <= GRID_COLUMNS_MAX, "columns");
    p = sim_alloc(1, sizeof *p);
    for (uint64_t i = 0; i < points && i < 8; i++) {
        check_point(g, i, p);
        check_point(g, points - 1 - i, p);
        check_point(g, points / 8 * i, p);
    }
    load_point(p);
    free(p);
    grid_free(g);
}

static const char *const words[] = {"2:64:*2",
                                    "10ms:100ms:+10ms",
                                    "1|2|4",
                                    "1:1000000:+1",
                                    "0:1:+0.1",
                                    "1:1e6:*1.5",
                                    "on|off",
                                    "edk2-head|edk2-2017",
                                    "unicast|broadcast",
                                    "auto",
                                    "uniform(1us,3us)|1us",
                                    ":",
                                    "*1",
                                    "+0",
                                    "4GiB",
                                    "1h",
                                    NULL};

const fuzz_target fuzz_sweep = {.words = words, .knows_params = 1, .take = take};
