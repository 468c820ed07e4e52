/* SPDX-License-Identifier: Apache-2.0 */
/* grid_cell: parses lists and ranges, and computes the values of a range. */
#include "workloads/grid_cell.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VALUE_MAX = 512, TEXT_MAX = 65536, RANGE_MAX = 1000000 };
/* Fewer, since each value is found from the first one on. */
enum { GEOMETRIC_MAX = 10000 };

static sim_status unit_of(const param_def *def, unit_kind *unit, sim_err *err)
{
    switch (def->kind) {
    case PARAM_LATENCY:
    case PARAM_TIME:
        *unit = UNIT_TIME;
        return SIM_OK;
    case PARAM_COUNT:
        *unit = UNIT_COUNT;
        return SIM_OK;
    case PARAM_BYTES:
        *unit = UNIT_BYTES;
        return SIM_OK;
    case PARAM_FREQ:
        *unit = UNIT_FREQ;
        return SIM_OK;
    case PARAM_RATIO:
        *unit = UNIT_RATIO;
        return SIM_OK;
    default:
        return err_set(err, SIM_BAD_INPUT, "has no ranges (a list, such as a|b)");
    }
}

/* The next value of a geometric range, or 0 if it is too large. Rounded half up. */
static int64_t times(int64_t value, int64_t factor)
{
    __int128 product = ((__int128)value * factor + RATIO_ONE / 2) / RATIO_ONE;

    return product > INT64_MAX ? 0 : (int64_t)product;
}

static sim_status count_geometric(grid_part *p, int64_t to, const char *text, sim_err *err)
{
    int64_t value = p->from;

    if (p->factor <= RATIO_ONE)
        return err_set(err, SIM_BAD_INPUT, "\"%s\": the factor is not above 1", text);
    if (p->from <= 0)
        return err_set(
            err, SIM_BAD_INPUT,
            "\"%s\": a range with a factor begins above 0 (or use a step, FROM:TO:+STEP)", text);
    for (p->count = 0; value > 0 && value <= to; p->count++) {
        int64_t next = times(value, p->factor);

        if (next != 0 && next <= value)
            return err_set(err, SIM_BAD_INPUT,
                           "\"%s\": the factor is too small to reach the next value", text);
        if (p->count == GEOMETRIC_MAX)
            return err_set(err, SIM_BAD_INPUT, "\"%s\": more than %d values (a larger factor)",
                           text, GEOMETRIC_MAX);
        value = next;
    }
    return SIM_OK;
}

static sim_status count_arithmetic(grid_part *p, int64_t to, const char *text, sim_err *err)
{
    if (p->step <= 0)
        return err_set(err, SIM_BAD_INPUT, "\"%s\": the step is not above 0", text);
    p->count = (uint64_t)(((__int128)to - p->from) / p->step) + 1;
    if (p->count > RANGE_MAX)
        return err_set(err, SIM_BAD_INPUT, "\"%s\": more than %d values (a larger step)", text,
                       RANGE_MAX);
    return SIM_OK;
}

/* The third part of a range begins with how it goes on. */
static sim_status parse_step(grid_part *p, const char *how, const char *text, sim_err *err)
{
    sim_status s;

    if (*how != '*' && *how != '+')
        return err_set(err, SIM_BAD_INPUT, "\"%s\": no range (FROM:TO:*FACTOR or FROM:TO:+STEP)",
                       text);
    s = units_parse(*how == '*' ? UNIT_RATIO : p->unit, how + 1,
                    *how == '*' ? &p->factor : &p->step, err);
    return s == SIM_OK ? s : err_prefix(err, s, "\"%s\"", text);
}

/* `colon` is where the two outer colons are. */
static sim_status parse_range(const param_def *def, const char *text, const size_t colon[2],
                              grid_part *p, sim_err *err)
{
    char copy[VALUE_MAX];
    int64_t to;
    sim_status s = unit_of(def, &p->unit, err);

    (void)snprintf(copy, sizeof copy, "%s", text);
    copy[colon[0]] = copy[colon[1]] = '\0';
    if (s == SIM_OK)
        s = units_parse(p->unit, copy, &p->from, err);
    if (s == SIM_OK)
        s = units_parse(p->unit, copy + colon[0] + 1, &to, err);
    if (s != SIM_OK)
        return err_prefix(err, s, "\"%s\"", text);
    s = parse_step(p, copy + colon[1] + 1, text, err);
    if (s != SIM_OK)
        return s;
    if (p->from > to)
        return err_set(err, SIM_BAD_INPUT, "\"%s\": the range is empty (FROM is above TO)", text);
    return p->factor != 0 || copy[colon[1] + 1] == '*' ? count_geometric(p, to, text, err)
                                                       : count_arithmetic(p, to, text, err);
}

/* Positions of `c` outside of parentheses, as many as fit; how many there are, up to one more. */
static int find_outer(const char *text, char c, size_t *at, int room)
{
    int depth = 0;
    int found = 0;

    for (size_t i = 0; text[i] && found <= room; i++) {
        depth += text[i] == '(';
        depth -= text[i] == ')';
        if (text[i] == c && depth <= 0) {
            if (found < room)
                at[found] = i;
            found++;
        }
    }
    return found;
}

static sim_status parse_part(const param_def *def, const char *text, grid_part *p, sim_err *err)
{
    size_t colon[2];

    /* Names and sets of CPUs have colons of their own. */
    if (def->kind != PARAM_NAME && def->kind != PARAM_CPUS && find_outer(text, ':', colon, 2) > 0) {
        if (find_outer(text, ':', colon, 2) != 2)
            return err_set(err, SIM_BAD_INPUT,
                           "\"%s\": no range (FROM:TO:*FACTOR or FROM:TO:+STEP)", text);
        return parse_range(def, text, colon, p, err);
    }
    p->count = 1;
    p->text = strndup(text, VALUE_MAX);
    return SIM_OK;
}

/* The next part up to a '|' outside of parentheses, without outer blanks; what follows it. */
static const char *next_part(const char *text, char part[VALUE_MAX])
{
    size_t bar;
    size_t end = find_outer(text, '|', &bar, 1) > 0 ? bar : strlen(text);
    size_t length = end;

    while (length > 0 && (*text == ' ' || *text == '\t')) {
        text++;
        end--;
        length--;
    }
    while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\t'))
        length--;
    (void)snprintf(part, VALUE_MAX, "%.*s", (int)length, text);
    return text[end] == '|' ? text + end + 1 : NULL;
}

sim_status grid_cell_parse(const param_def *def, const char *text, grid_cell *out, sim_err *err)
{
    char part[VALUE_MAX];
    sim_status s = SIM_OK;

    *out = (grid_cell){0};
    if (*text == '\0')
        return SIM_OK;
    if (strlen(text) > TEXT_MAX)
        return err_set(err, SIM_BAD_INPUT, "too long (at most 64 kB)");
    for (const char *next = text; next && s == SIM_OK;) {
        size_t bar;

        if ((find_outer(next, '|', &bar, 1) > 0 ? bar : strlen(next)) >= VALUE_MAX)
            return err_set(err, SIM_BAD_INPUT, "value too long (at most %d bytes)", VALUE_MAX - 1);
        next = next_part(next, part);
        if (part[0] == '\0')
            return err_set(err, SIM_BAD_INPUT,
                           "an empty value in a list (leave out the '|', or write the value)");
        out->part = sim_realloc(out->part, (uint64_t)out->parts + 1, sizeof *out->part);
        out->part[out->parts] = (grid_part){0};
        s = parse_part(def, part, &out->part[out->parts++], err);
    }
    return s;
}

void grid_cell_free(grid_cell *cell)
{
    for (uint32_t i = 0; i < cell->parts; i++)
        free(cell->part[i].text);
    free(cell->part);
    *cell = (grid_cell){0};
}

uint64_t grid_cell_count(const grid_cell *cell)
{
    uint64_t count = 0;

    for (uint32_t i = 0; i < cell->parts; i++)
        count += cell->part[i].count;
    return cell->parts == 0 ? 1 : count;
}

void grid_cell_get(const grid_cell *cell, uint64_t number, char value[VALUE_MAX])
{
    const grid_part *p = cell->part;
    int64_t at;

    SIM_ASSERT(number < grid_cell_count(cell));
    value[0] = '\0';
    if (cell->parts == 0)
        return;
    for (; number >= p->count; p++)
        number -= p->count;
    if (p->text) {
        (void)snprintf(value, VALUE_MAX, "%s", p->text);
        return;
    }
    at = p->from + (p->factor ? 0 : (int64_t)number * p->step);
    for (uint64_t i = 0; i < number && p->factor; i++)
        at = times(at, p->factor);
    (void)units_print(p->unit, at, value, VALUE_MAX);
}
