/* SPDX-License-Identifier: Apache-2.0 */
/* dist_parse: reads a distribution from its text, without recursion, and says what is wrong. */
#include "sim/lib/dist_node.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "sim/lib/csv.h"
#include "sim/lib/units.h"

enum {
    WORD_MAX = 255,     /* bytes of one value or file name */
    ROWS_MAX = 1000000, /* of all tables of one distribution */
    PATH_SIZE = 4096,
    SHOWN = 60 /* bytes of the user's text that an error shows */
};

/* A mix whose parts are being read. */
typedef struct {
    int node;
    int last;    /* its newest part, or -1 */
    int64_t sum; /* of the weights so far */
} open_mix;

typedef struct {
    const char *at; /* what is still to be read */
    const char *dir;
    dist *d;
    sim_err *err;
    int depth;
    open_mix open[DIST_DEPTH];
} parser;

static int is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* The text up to one of `stops` or the end, without the blanks around it. */
static sim_status take(parser *p, const char *stops, char word[WORD_MAX + 1])
{
    while (is_blank(*p->at))
        p->at++;
    size_t length = strcspn(p->at, stops);
    const char *start = p->at;
    p->at += length;
    while (length > 0 && is_blank(start[length - 1]))
        length--;
    if (length > WORD_MAX)
        return err_set(p->err, SIM_BAD_INPUT, "\"%.20s...\": too long (at most %d bytes)", start,
                       WORD_MAX);
    memcpy(word, start, length);
    word[length] = '\0';
    return SIM_OK;
}

static sim_status parse_duration(const char *word, int64_t *ps, sim_err *err)
{
    int64_t value;
    char most[48];
    sim_status status = units_parse(UNIT_TIME, word, &value, err);

    if (status != SIM_OK)
        return status;
    if (value < 0)
        return err_set(err, SIM_BAD_INPUT, "\"%.*s\": negative (a duration is 0 or more)", SHOWN,
                       word);
    (void)units_print(UNIT_TIME, DIST_PS_MAX, most, sizeof most);
    if (value > DIST_PS_MAX)
        return err_set(err, SIM_BAD_INPUT, "\"%.*s\": too long (at most %s)", SHOWN, word, most);
    *ps = value;
    return SIM_OK;
}

/* A table's file and the columns of latency and count in it. */
typedef struct {
    const csv_table *csv;
    int at[2];
} table_file;

static sim_status read_row(const table_file *t, int row, dist_node *n, sim_err *err)
{
    const char *latency = csv_field(t->csv, row, t->at[0]);
    const char *count = csv_field(t->csv, row, t->at[1]);
    uint64_t total = n->rows > 0 ? n->row[n->rows - 1].upto : 0;
    int64_t ps = 0, times = 0;
    sim_err inner = {""};

    if (parse_duration(latency, &ps, &inner) != SIM_OK)
        return csv_error(t->csv, row, t->at[0], err, "%s", inner.text);
    if (units_parse(UNIT_COUNT, count, &times, &inner) != SIM_OK)
        return csv_error(t->csv, row, t->at[1], err, "%s", inner.text);
    if (times < 0)
        return csv_error(t->csv, row, t->at[1], err, "\"%s\": negative (a count is 0 or more)",
                         count);
    if (total + (uint64_t)times > INT64_MAX)
        return csv_error(t->csv, row, t->at[1], err,
                         "the counts add up to more than 2^63 - 1 (scale them down)");
    if (times > 0)
        n->row[n->rows++] = (dist_row){ps, total + (uint64_t)times};
    return SIM_OK;
}

static int compare_rows(const void *a, const void *b)
{
    const dist_row *x = a, *y = b;
    if (x->ps != y->ps)
        return x->ps < y->ps ? -1 : 1;
    return (x->upto > y->upto) - (x->upto < y->upto);
}

/* Rows in any order of latency. Equal ones add up; their order is that of their counts, so that the
 * table is one and the same for any qsort, and for dist_hash_tables. */
static void sort_rows(dist_node *n)
{
    uint64_t total = 0;

    for (int i = n->rows - 1; i > 0; i--)
        n->row[i].upto -= n->row[i - 1].upto;
    qsort(n->row, (size_t)n->rows, sizeof n->row[0], compare_rows);
    for (int i = 0; i < n->rows; i++) {
        total += n->row[i].upto;
        n->row[i].upto = total;
    }
}

/* `before`: rows of the tables that the distribution has already. */
static sim_status read_rows(const csv_table *csv, int before, dist_node *n, sim_err *err)
{
    static const char *const required[] = {"latency", "count", NULL};
    static const char *const optional[] = {NULL};
    table_file t = {csv, {-1, -1}};
    sim_status status = csv_map(csv, required, optional, t.at, err);

    if (status != SIM_OK)
        return status;
    if (csv_rows(csv) > ROWS_MAX - before)
        return csv_error(csv, ROWS_MAX - before, 0, err,
                         "more than %d rows in the tables of a distribution (count equal values)",
                         ROWS_MAX);
    n->row = sim_alloc((uint64_t)csv_rows(csv), sizeof n->row[0]);
    for (int row = 0; row < csv_rows(csv) && status == SIM_OK; row++)
        status = read_row(&t, row, n, err);
    if (status != SIM_OK)
        return status;
    if (n->rows == 0)
        return csv_error(csv, -1, t.at[1], err, "nothing to draw (at least one count above 0)");
    sort_rows(n);
    return SIM_OK;
}

static sim_status read_table(parser *p, dist_node *n, const char *file)
{
    char path[PATH_SIZE];
    const char *dir = p->dir != NULL && file[0] != '/' ? p->dir : "";
    csv_table *table;
    int before = 0;
    sim_status status;

    if (*file == '\0')
        return err_set(p->err, SIM_BAD_INPUT, "table: no file (write %s)",
                       dist_kinds[n->kind].usage);
    int length = snprintf(path, sizeof path, "%s%s%s", dir, *dir != '\0' ? "/" : "", file);
    if (length >= (int)sizeof path)
        return err_set(p->err, SIM_BAD_INPUT, "table: \"%.*s\": too long a path", SHOWN, file);
    n->file = sim_alloc(strlen(file) + 1, 1);
    memcpy(n->file, file, strlen(file) + 1);
    status = csv_read(path, &table, p->err);
    if (status != SIM_OK)
        return status;
    for (int i = 0; i < p->d->count; i++)
        before += p->d->node[i].rows;
    status = read_rows(table, before, n, p->err);
    csv_free_table(table);
    return status;
}

static sim_status parse_ratio(const dist_node *n, const char *word, int64_t *value, sim_err *err)
{
    int64_t low = n->kind == DIST_PARETO ? RATIO_ONE / 100 : 0;
    int64_t high = n->kind == DIST_PARETO ? 100 * RATIO_ONE : 10 * RATIO_ONE;
    sim_status status = units_parse(UNIT_RATIO, word, value, err);
    char least[48], most[48];

    if (status != SIM_OK || (*value >= low && *value <= high))
        return status;
    (void)units_print(UNIT_RATIO, low, least, sizeof least);
    (void)units_print(UNIT_RATIO, high, most, sizeof most);
    return err_set(err, SIM_BAD_INPUT, "\"%.*s\": out of range (%s to %s)", SHOWN, word, least,
                   most);
}

/* What one value alone cannot tell. */
static sim_status check_values(const dist_node *n, sim_err *err)
{
    const dist_kind_def *def = &dist_kinds[n->kind];
    char from[48], to[48];

    if (n->kind != DIST_UNIFORM && n->kind != DIST_PARETO)
        return SIM_OK;
    (void)units_print(UNIT_TIME, n->value[0], from, sizeof from);
    (void)units_print(UNIT_TIME, n->value[1], to, sizeof to);
    if (n->value[0] > n->value[1])
        return err_set(err, SIM_BAD_INPUT, "%s: from %s to %s is backwards (the smaller one first)",
                       def->name, from, to);
    if (n->kind == DIST_PARETO && n->value[0] == 0)
        return err_set(err, SIM_BAD_INPUT, "%s: from is 0 (it must be above 0)", def->name);
    return SIM_OK;
}

/* The values of one part, behind its "(", and the ")". */
static sim_status read_values(parser *p, dist_node *n)
{
    const dist_kind_def *def = &dist_kinds[n->kind];
    char word[WORD_MAX + 1];
    size_t length = strcspn(p->at, "()");
    int commas = 0;
    sim_status status;

    if (p->at[length] == '(')
        return err_set(p->err, SIM_BAD_INPUT,
                       "%s: \"(\" among the values (only the parts of a mix are distributions)",
                       def->name);
    if (p->at[length] == '\0')
        return err_set(p->err, SIM_BAD_INPUT, "%s: no \")\" at the end (write for example %s)",
                       def->name, def->usage);
    if (n->kind == DIST_TABLE) {
        status = take(p, ")", word);
        p->at++;
        return status != SIM_OK ? status : read_table(p, n, word);
    }
    for (size_t i = 0; i < length; i++)
        commas += p->at[i] == ',';
    if (commas + 1 != def->values)
        return err_set(p->err, SIM_BAD_INPUT, "%s: %d values instead of %d (write for example %s)",
                       def->name, commas + 1, def->values, def->usage);
    for (int i = 0; i < def->values; i++, p->at++) {
        status = take(p, ",)", word);
        if (status == SIM_OK && i == def->ratio)
            status = parse_ratio(n, word, &n->value[i], p->err);
        else if (status == SIM_OK)
            status = parse_duration(word, &n->value[i], p->err);
        if (status != SIM_OK)
            return err_prefix(p->err, status, "%s: %s", def->name, def->value[i]);
    }
    return check_values(n, p->err);
}

/* "0.95:" before a part of the innermost mix; links the part to the one before it. */
static sim_status read_weight(parser *p, dist_node *n)
{
    open_mix *mix = &p->open[p->depth - 1];
    int index = (int)(n - p->d->node);
    char word[WORD_MAX + 1];
    sim_status status = take(p, ":,()", word);

    if (status != SIM_OK)
        return status;
    if (*p->at != ':')
        return err_set(p->err, SIM_BAD_INPUT, "mix: \"%.*s\": a part without a weight (write %s)",
                       SHOWN, word, dist_kinds[DIST_MIX].usage);
    p->at++;
    status = units_parse(UNIT_RATIO, word, &n->weight, p->err);
    if (status != SIM_OK)
        return err_prefix(p->err, status, "mix: weight");
    if (n->weight <= 0 || n->weight > RATIO_ONE)
        return err_set(p->err, SIM_BAD_INPUT, "mix: weight: \"%.*s\": out of range (above 0, to 1)",
                       SHOWN, word);
    n->parent = mix->node;
    if (mix->last >= 0)
        p->d->node[mix->last].next = index;
    mix->last = index;
    mix->sum += n->weight;
    return SIM_OK;
}

static sim_status unknown_name(parser *p, const char *name)
{
    const char *names[DIST_KINDS];
    int count = 0;

    for (int kind = DIST_UNIFORM; kind < DIST_KINDS; kind++)
        names[count++] = dist_kinds[kind].name;
    const char *nearest = err_nearest(name, names, count);
    return err_set(p->err, SIM_BAD_INPUT,
                   "unknown distribution \"%.*s\" (use uniform, exp, lognormal, pareto, table or "
                   "mix%s%s%s)",
                   SHOWN, name, nearest != NULL ? "; did you mean \"" : "",
                   nearest != NULL ? nearest : "", nearest != NULL ? "\"?" : "");
}

static sim_status read_constant(parser *p, dist_node *n, const char *word)
{
    char first = (char)(*word | 0x20);

    if (first >= 'a' && first <= 'z')
        return err_set(p->err, SIM_BAD_INPUT,
                       "\"%.*s\": neither a duration nor a distribution (write for example 3.3us "
                       "or exp(50us))",
                       SHOWN, word);
    n->kind = DIST_CONSTANT;
    return parse_duration(word, &n->value[0], p->err);
}

/* One part up to its end; of a mix only its beginning. */
static sim_status read_part(parser *p)
{
    char word[WORD_MAX + 1] = "";
    dist_node *n = &p->d->node[p->d->count];
    sim_status status = SIM_OK;

    SIM_ASSERT(p->depth <= DIST_DEPTH);
    if (p->d->count == DIST_NODES)
        return err_set(p->err, SIM_BAD_INPUT, "more than %d parts (use a table)", DIST_NODES);
    p->d->count++;
    n->parent = n->next = -1;
    if (p->depth > 0)
        status = read_weight(p, n);
    if (status == SIM_OK)
        status = take(p, p->depth > 0 ? "(,)" : "(", word);
    if (status != SIM_OK)
        return status;
    if (*p->at != '(')
        return read_constant(p, n, word);
    int kind = DIST_UNIFORM;
    while (kind < DIST_KINDS && strcmp(word, dist_kinds[kind].name) != 0)
        kind++;
    if (kind == DIST_KINDS)
        return unknown_name(p, word);
    n->kind = (dist_kind)kind;
    p->at++;
    if (n->kind != DIST_MIX)
        return read_values(p, n);
    if (p->depth == DIST_DEPTH)
        return err_set(p->err, SIM_BAD_INPUT, "mix: more than %d inside each other", DIST_DEPTH);
    p->open[p->depth++] = (open_mix){p->d->count - 1, -1, 0};
    return SIM_OK;
}

static sim_status close_mix(parser *p)
{
    const open_mix *mix = &p->open[--p->depth];
    char sum[48];

    p->at++;
    if (mix->sum == RATIO_ONE)
        return SIM_OK;
    (void)units_print(UNIT_RATIO, mix->sum, sum, sizeof sum);
    return err_set(p->err, SIM_BAD_INPUT, "mix: the weights add up to %s (they must add up to 1)",
                   sum);
}

/* What stands behind a part: the ends of mixes, then a comma and another part, or the end. */
static sim_status read_ends(parser *p)
{
    for (;;) {
        while (is_blank(*p->at))
            p->at++;
        if (p->depth == 0)
            break;
        if (*p->at == ',') {
            p->at++;
            return SIM_OK;
        }
        if (*p->at == '\0')
            return err_set(p->err, SIM_BAD_INPUT, "mix: no \")\" at the end (write for example %s)",
                           dist_kinds[DIST_MIX].usage);
        if (*p->at != ')')
            break;
        sim_status status = close_mix(p);
        if (status != SIM_OK)
            return status;
    }
    if (*p->at == '\0')
        return SIM_OK;
    return err_set(p->err, SIM_BAD_INPUT, "\"%.*s\" is left over at the end (remove it)", SHOWN,
                   p->at);
}

sim_status dist_parse(const char *text, const char *dir, dist **out, sim_err *err)
{
    dist *d = sim_alloc(1, sizeof *d + DIST_NODES * sizeof d->node[0]);
    parser p = {.at = text, .dir = dir, .d = d, .err = err};
    sim_status status;

    do {
        status = read_part(&p);
        if (status == SIM_OK && d->node[d->count - 1].kind != DIST_MIX)
            status = read_ends(&p);
    } while (status == SIM_OK && p.depth > 0);
    if (status != SIM_OK) {
        dist_free(d);
        return status;
    }
    d = sim_realloc(d, 1, sizeof *d + (uint64_t)d->count * sizeof d->node[0]);
    dist_finish(d);
    *out = d;
    return SIM_OK;
}
