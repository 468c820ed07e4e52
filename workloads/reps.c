/* SPDX-License-Identifier: Apache-2.0 */
/* reps: splits lines of reps.csv and summary.csv, which smmsim writes without quotes, and gathers.
 */
#include "workloads/reps.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/lib/input.h"

enum { FIELDS = 11, FIELDS_MAX = 40, LINE_MAX_BYTES = 1024 };
static const char header[] =
    "point,repetition,metric,count,min_ns,p50_ns,p90_ns,p99_ns,p999_ns,max_ns,mean_ns\n";

struct reps {
    FILE *file;
    int line;
    int fields;
    int held;       /* `field` is a row that is not used yet */
    int64_t begin;  /* of `text` in the file */
    int64_t length; /* of `text` */
    char path[600];
    char text[LINE_MAX_BYTES];
    char *field[FIELDS_MAX];
};

static sim_status wrong(const reps *r, int field, const char *what, sim_err *err)
{
    return err_set(err, SIM_BAD_INPUT, "%s:%d:%d: %s (a file that smmsim wrote, not changed)",
                   r->path, r->line, field, what);
}

/* Opens a file and reads its header, with as many fields as that has. */
static sim_status open_file(const char *folder, const char *name, reps **out, sim_err *err)
{
    reps *r = sim_alloc(1, sizeof *r);
    sim_status s;

    (void)snprintf(r->path, sizeof r->path, "%s/%s", folder, name);
    r->line = 1;
    r->fields = 1;
    s = input_stream(r->path, &r->file, err);
    if (s != SIM_OK)
        s = err_set(err, s, "%s (a folder that `run --out` or `sweep` has written)", err->text);
    else if (!fgets(r->text, sizeof r->text, r->file))
        s = wrong(r, 1, "no header", err);
    for (const char *c = r->text; *c; c++)
        r->fields += *c == ',';
    if (s == SIM_OK && r->fields > FIELDS_MAX)
        s = wrong(r, FIELDS_MAX + 1, "too many fields", err);
    r->length = (int64_t)strlen(r->text);
    if (s == SIM_OK)
        *out = r;
    else
        reps_close(r);
    return s;
}

sim_status reps_open(const char *folder, reps **out, sim_err *err)
{
    sim_status s = open_file(folder, "reps.csv", out, err);

    if (s != SIM_OK || strcmp((*out)->text, header) == 0)
        return s;
    s = wrong(*out, 1, "not the header of reps.csv", err);
    reps_close(*out);
    *out = NULL;
    return s;
}

void reps_close(reps *r)
{
    if (r && r->file)
        (void)fclose(r->file);
    free(r);
}

/* Reads a line into r->field; *more is 0 at the end of the file. */
static sim_status split(reps *r, int *more, sim_err *err)
{
    char *rest = r->text;
    size_t length;

    *more = r->held || fgets(r->text, sizeof r->text, r->file) != NULL;
    if (!*more && ferror(r->file))
        return err_set(err, SIM_SYSTEM, "%s: %s", r->path, strerror(errno));
    if (!*more || r->held)
        return SIM_OK;
    r->line++;
    length = strlen(r->text);
    r->begin += r->length;
    r->length = (int64_t)length;
    if (length == 0 || r->text[length - 1] != '\n')
        return wrong(r, 1, "the line is cut short", err);
    r->text[length - 1] = '\0';
    for (int i = 0; i < r->fields; i++) {
        r->field[i] = strsep(&rest, ",");
        if (!r->field[i])
            return wrong(r, i + 1, "too few fields", err);
    }
    r->held = 1;
    return rest ? wrong(r, r->fields + 1, "too many fields", err) : SIM_OK;
}

/* A number with up to three decimals, in thousandths. 0: it is none, or one that no statistics
 * take. */
static int thousandths(const char *text, int64_t *out)
{
    int64_t value = 0;
    int decimals = -1; /* none before the point */

    if (*text < '0' || *text > '9')
        return 0;
    for (; *text != '\0' && decimals < 3; text++) {
        if (*text == '.' && decimals < 0) {
            decimals = 0;
            continue;
        }
        if (*text < '0' || *text > '9' || __builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, *text - '0', &value))
            return 0;
        decimals += decimals >= 0;
    }
    for (decimals = decimals < 0 ? 0 : decimals; decimals < 3; decimals++)
        if (__builtin_mul_overflow(value, 10, &value))
            return 0;
    *out = value;
    return *text == '\0' && value <= STAT_VALUE_MAX;
}

static int index_of(const char *name, const char *const *names, int count)
{
    for (int i = 0; i < count; i++)
        if (strcmp(name, names[i]) == 0)
            return i;
    return -1;
}

static sim_status take_row(reps *r, reps_row *row, sim_err *err)
{
    int metric = index_of(r->field[2], metric_time_names, METRIC_TIME_COUNT);
    int64_t value;

    if (!thousandths(r->field[3], &value))
        return wrong(r, 4, "not a number", err);
    if (strncmp(r->field[2], "phase.", 6) == 0) {
        metric = index_of(r->field[2] + 6, phase_names, PHASE_COUNT);
        if (metric < 0)
            return wrong(r, 3, "unknown metric", err);
        return thousandths(r->field[FIELDS - 1], &row->phase[metric])
                   ? SIM_OK
                   : wrong(r, FIELDS, "not a number", err);
    }
    if (metric < 0) {
        metric = index_of(r->field[2], metric_count_names, METRIC_COUNT_COUNT);
        if (metric < 0)
            return wrong(r, 3, "unknown metric", err);
        row->count[metric] = value / 1000;
        return SIM_OK;
    }
    row->known[metric] = value > 0;
    for (int i = 0; i < MEASURE_STATS && value > 0; i++) {
        const char *text = r->field[4 + i];

        if (*text == '\0' && i < MEASURE_MEAN &&
            !quant_held((uint64_t)value / 1000, metric_quantiles[i]))
            continue;
        if (!thousandths(text, &row->time[metric])) /* the mean comes last */
            return wrong(r, 5 + i, "not a number", err);
    }
    return SIM_OK;
}

sim_status reps_next(reps *r, reps_row *row, int *more, sim_err *err)
{
    int first = 1;

    memset(row, 0, sizeof *row);
    for (;; first = 0) {
        int64_t key[2];
        sim_status s = split(r, more, err);

        if (s != SIM_OK)
            return s;
        if (!*more)
            break;
        for (int i = 0; i < 2; i++)
            if (!thousandths(r->field[i], &key[i]))
                return wrong(r, i + 1, "not a number", err);
        if (!first && (row->point != (uint64_t)key[0] || row->repetition != (uint64_t)key[1]))
            break;
        if (first)
            row->place = (reps_place){r->begin, r->line};
        row->point = (uint64_t)key[0];
        row->repetition = (uint64_t)key[1];
        s = take_row(r, row, err);
        if (s != SIM_OK)
            return s;
        r->held = 0;
    }
    *more = !first;
    row->point /= 1000;
    row->repetition /= 1000;
    return SIM_OK;
}

sim_status reps_seek(reps *r, const reps_place *place, sim_err *err)
{
    if (fseeko(r->file, place->offset, SEEK_SET) != 0)
        return err_set(err, SIM_SYSTEM, "%s: %s", r->path, strerror(errno));
    r->begin = place->offset;
    r->length = 0;
    r->line = place->line - 1;
    r->held = 0;
    return SIM_OK;
}

int reps_value(const reps_row *row, const measure *m, int64_t *value)
{
    if (m->counter) {
        *value = row->count[m->metric];
        return 1;
    }
    if (m->phase) {
        *value = row->phase[m->metric];
        return row->known[METRIC_SMI];
    }
    *value = row->time[m->metric];
    return row->known[m->metric];
}

/* ---- summary.csv ------------------------------------------------------------------------ */

enum { POOL_POINT, POOL_METRIC, POOL_COUNT, POOL_VALUE, POOL_LOW, POOL_HIGH, POOL_COLUMNS };

/* Where the columns are; of least and greatest value there is no interval. */
static sim_status find_pool(const reps *r, const measure *m, int at[POOL_COLUMNS], sim_err *err)
{
    static const char *const names[] = {"point", "metric", "count", "_ns", "_low_ns", "_high_ns"};
    const int extreme = m->stat == METRIC_MIN || m->stat == METRIC_MAX;

    for (int i = 0; i < (extreme ? POOL_LOW : POOL_COLUMNS); i++) {
        char text[LINE_MAX_BYTES], name[32];
        char *rest = text, *field;

        (void)snprintf(name, sizeof name, "%s%s", i < POOL_VALUE ? "" : measure_stats[m->stat],
                       names[i]);
        (void)snprintf(text, sizeof text, "%s", r->text);
        for (at[i] = 0; (field = strsep(&rest, ",\n")) && strcmp(field, name) != 0;)
            at[i]++;
        if (!field)
            return err_set(err, SIM_BAD_INPUT,
                           "%s:1: no column %s (a file that this version wrote)", r->path, name);
    }
    for (int i = extreme ? POOL_LOW : POOL_COLUMNS; i < POOL_COLUMNS; i++)
        at[i] = -1;
    return SIM_OK;
}

/* A number, or nothing: then *there is 0. */
static sim_status pool_number(const reps *r, int field, int *there, int64_t *value, sim_err *err)
{
    *there = field >= 0 && *r->field[field];
    if (*there && !thousandths(r->field[field], value))
        return wrong(r, field + 1, "not a number", err);
    return SIM_OK;
}

static sim_status pool_row(const reps *r, const int at[POOL_COLUMNS], reps_pooled *out,
                           sim_err *err)
{
    int low = 0, high = 0;
    int64_t count = 0;
    sim_status s = pool_number(r, at[POOL_COUNT], &low, &count, err);

    out->count = (uint64_t)count / 1000;
    if (s == SIM_OK)
        s = pool_number(r, at[POOL_VALUE], &out->of.held, &out->of.value, err);
    if (s == SIM_OK)
        s = pool_number(r, at[POOL_LOW], &low, &out->of.low, err);
    if (s == SIM_OK)
        s = pool_number(r, at[POOL_HIGH], &high, &out->of.high, err);
    out->of.sure = s == SIM_OK && out->of.held && low && high;
    return s;
}

/* Points come one after the other, each with several rows. */
sim_status reps_pool(const char *folder, const measure *m, reps_pools *out, sim_err *err)
{
    int at[POOL_COLUMNS] = {0}, more = 1;
    int64_t point = 0;
    reps *r = NULL;
    sim_status s = open_file(folder, "summary.csv", &r, err);

    *out = (reps_pools){0};
    if (s == SIM_OK)
        s = find_pool(r, m, at, err);
    while (s == SIM_OK && (s = split(r, &more, err)) == SIM_OK && more) {
        r->held = 0;
        if (!thousandths(r->field[at[POOL_POINT]], &point) ||
            (uint64_t)point > 1000 * out->points) {
            s = wrong(r, at[POOL_POINT] + 1, "not the number of this point or the next", err);
        } else if ((uint64_t)point == 1000 * out->points) {
            out->at = sim_realloc(out->at, out->points + 1, sizeof *out->at);
            out->at[out->points++] = (reps_pooled){0};
        }
        if (s == SIM_OK && strcmp(r->field[at[POOL_METRIC]], metric_time_names[m->metric]) == 0)
            s = pool_row(r, at, &out->at[point / 1000], err);
    }
    reps_close(r);
    return s;
}
