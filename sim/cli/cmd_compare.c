/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_compare: `smmsim compare`: the paired difference of two results, and whether it is real. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/folder.h"
#include "sim/lib/table.h"
#include "sim/lib/units.h"
#include "sim/cli/cmd.h"
#include "sim/cli/options.h"
#include "sim/cli/match.h"
#include "workloads/reps.h"

enum { MEASURES_MAX = METRIC_TIME_COUNT + METRIC_COUNT_COUNT + PHASE_COUNT };

typedef struct {
    const char *name; /* as the user wrote it */
    char folder[512];
    int has_point;
    uint64_t point;
    reps *file;
    reps_row row;
    int more;
} side;

typedef struct {
    side a, b;
    measure of[MEASURES_MAX];
    int measures;
    stat_sums first[MEASURES_MAX], second[MEASURES_MAX], difference[MEASURES_MAX];
    uint64_t common;    /* repetitions of the present point that both have */
    uint64_t known[2];  /* repetitions in common in which A and B have the first measure */
    reps_pools pool[2]; /* of A and B, if the measure is a quantile */
    uint64_t lines, points;
    int per_point;     /* a line for each point, of one measure */
    matches pairs;     /* then */
    reps_place *place; /* by B's point; line 0: it has no repetitions */
    uint64_t alone;    /* pairs of points without a repetition in common */
    text_table *table; /* what is printed at the end; NULL: nothing */
} comparison;

/* ---- sides ------------------------------------------------------------------------------ */

/* FOLDER:DIGITS is a point. */
static sim_status split_name(const char *name, side *s, sim_err *err)
{
    const char *colon = strrchr(name, ':');
    char *end;

    s->name = name;
    if ((size_t)snprintf(s->folder, sizeof s->folder, "%s", name) >= sizeof s->folder)
        return err_set(err, SIM_BAD_INPUT, "%.40s...: name too long (at most 511 bytes)", name);
    if (!colon || colon == name || colon[1] == '\0' ||
        strspn(colon + 1, "0123456789") != strlen(colon + 1))
        return SIM_OK;
    errno = 0;
    s->point = strtoull(colon + 1, &end, 10);
    if (errno != 0)
        return err_set(err, SIM_BAD_INPUT, "%s: there are not so many points", name);
    s->has_point = 1;
    s->folder[colon - name] = '\0';
    return SIM_OK;
}

/* Without the same seed, repetition N of one has nothing to do with repetition N of the other. */
static sim_status check_seeds(const comparison *c, sim_err *err)
{
    char *a = NULL, *b = NULL;
    sim_status s = folder_fact(c->a.folder, "seed", &a, err);

    if (s == SIM_OK)
        s = folder_fact(c->b.folder, "seed", &b, err);
    if (s == SIM_OK && strcmp(a ? a : "", b ? b : "") != 0)
        s = err_set(err, SIM_BAD_INPUT,
                    "the seed is %s in %s and %s in %s: repetitions are not pairs (run both with "
                    "the same --seed)",
                    a ? a : "", c->a.folder, b ? b : "", c->b.folder);
    free(a);
    free(b);
    return s;
}

/* What is read must be of the results, unchanged. */
static sim_status check_files(const comparison *c, const char *const *names, sim_err *err)
{
    const sim_status s = folder_check(c->a.folder, names, err);

    return s == SIM_OK ? folder_check(c->b.folder, names, err) : s;
}

/* The next repetition of a side, of its point if it has one. */
static sim_status advance(side *s, sim_err *err)
{
    sim_status status;

    do
        status = reps_next(s->file, &s->row, &s->more, err);
    while (status == SIM_OK && s->more && s->has_point && s->row.point != s->point);
    return status;
}

static sim_status open_side(side *s, sim_err *err)
{
    sim_status status = reps_open(s->folder, &s->file, err);

    if (status == SIM_OK)
        status = advance(s, err);
    if (status == SIM_OK && !s->more)
        return err_set(err, SIM_BAD_INPUT,
                       "%s: no such point, or no figures of it (points.csv in the folder says)",
                       s->name);
    return status;
}

/* ---- one point -------------------------------------------------------------------------- */

static void begin_point(comparison *c)
{
    for (int i = 0; i < c->measures; i++) {
        stat_init(&c->first[i]);
        stat_init(&c->second[i]);
        stat_init(&c->difference[i]);
    }
    c->common = 0;
}

static void add_pair(comparison *c)
{
    for (int i = 0; i < c->measures; i++) {
        int64_t a, b;

        const int in_a = reps_value(&c->a.row, &c->of[i], &a);
        const int in_b = reps_value(&c->b.row, &c->of[i], &b);

        c->known[0] += (uint64_t)(i == 0 && in_a);
        c->known[1] += (uint64_t)(i == 0 && in_b);
        if (!in_a || !in_b)
            continue;
        if (c->of[i].counter) { /* means of whole numbers: three decimals of them are kept */
            a *= 1000;
            b *= 1000;
        }
        stat_add(&c->first[i], a);
        stat_add(&c->second[i], b);
        stat_add(&c->difference[i], b - a);
    }
    c->common++;
}

static void print_value(const measure *m, int64_t value, char *out)
{
    if (m->counter)
        (void)snprintf(out, 32, "%s%lld.%03lld", value < 0 ? "-" : "",
                       (long long)(value < 0 ? -value : value) / 1000,
                       (long long)(value < 0 ? -value : value) % 1000);
    else
        (void)units_human(UNIT_TIME, value, 4, out, 32);
}

/* A difference `d` to `a` that is not chance. */
static void print_change(text_table *t, const measure *m, int64_t a, int64_t d)
{
    const int64_t size = d < 0 ? -d : d;
    const char *word = d > 0 ? "more" : "less";

    if (a == 0)
        table_add(t, "B has %s", word);
    else if (size / 2 > a && a > 0)
        table_add(t, "B %s %s: %lld.%lld times as much", m->counter ? "has" : "takes", word,
                  (long long)((a + d) / a), (long long)((__int128)(a + d) * 10 / a % 10));
    else
        table_add(t, "B %s %s: %s%lld.%lld %%", m->counter ? "has" : "takes", word,
                  d > 0 ? "+" : "-", (long long)((__int128)size * 100 / a),
                  (long long)((__int128)size * 1000 / a % 10));
}

static void print_verdict(text_table *t, const measure *m, int64_t a, const stat_sums *sums)
{
    const stat_result d = stat_mean(sums, 95);
    const int64_t size = d.mean < 0 ? -d.mean : d.mean;

    if (sums->count < 2)
        table_add(t, "one repetition: nothing can be said");
    else if (sums->min == 0 && sums->max == 0)
        table_add(t, "the same in every repetition");
    else if (size <= d.half_width)
        table_add(t, "not distinguishable from zero");
    else
        print_change(t, m, a, d.mean);
}

/* A phase that took no time on either side is not worth a line of all metrics. */
static int is_idle(const comparison *c, int i)
{
    return c->of[i].phase && c->measures > 1 && c->first[i].max == 0 && c->second[i].max == 0;
}

/* The metric; of several points their numbers. */
static void line_name(const comparison *c, int i, const uint64_t point[2], char name[64])
{
    measure_print(&c->of[i], name, 64);
    if (c->per_point)
        (void)snprintf(name, 64, point[0] == point[1] ? "%llu" : "%llu and %llu",
                       (unsigned long long)point[0], (unsigned long long)point[1]);
}

static void print_line(comparison *c, int i, const uint64_t point[2])
{
    const measure *m = &c->of[i];
    const stat_sums *sums = &c->difference[i];
    stat_result a = stat_mean(&c->first[i], 95);
    stat_result b = stat_mean(&c->second[i], 95);
    stat_result d = stat_mean(sums, 95);
    char text[4][32] = {"", "", "", "?"};
    char name[64];

    if (sums->count == 0 || is_idle(c, i))
        return;
    line_name(c, i, point, name);
    print_value(m, a.mean, text[0]);
    print_value(m, b.mean, text[1]);
    print_value(m, d.mean, text[2]);
    if (d.half_width >= 0)
        print_value(m, d.half_width, text[3]);
    table_add(c->table, "%s", name);
    for (int k = 0; k < 3; k++)
        table_add(c->table, "%s", text[k]);
    table_add(c->table, "± %s", text[3]);
    print_verdict(c->table, m, a.mean, sums);
    c->lines++;
}

/* Of a point that summary.csv does not have there are no values. */
static const reps_pooled *pooled_at(const comparison *c, int number, uint64_t point)
{
    static const reps_pooled nothing;

    return point < c->pool[number].points ? &c->pool[number].at[point] : &nothing;
}

/* Why nothing is said of two quantiles, or what is. */
static void print_pool_verdict(text_table *t, const measure *m, const reps_pooled *const of[2],
                               const quant *d)
{
    const int blank = of[0]->of.held ? 1 : 0; /* if one is */

    if (!d->held)
        table_add(t, "blank: fewer than %d of %llu values of %c lie beyond it; needs %llu",
                  QUANT_BEYOND, (unsigned long long)of[blank]->count, "AB"[blank],
                  (unsigned long long)quant_needs(metric_quantiles[m->stat]));
    else if (m->stat == METRIC_MIN || m->stat == METRIC_MAX)
        table_add(t, "no interval: of %llu and %llu values, on which it depends",
                  (unsigned long long)of[0]->count, (unsigned long long)of[1]->count);
    else if (!d->sure)
        table_add(t, "no interval: too few repetitions for values that are so much alike");
    else if (d->low <= 0 && d->high >= 0)
        table_add(t, "not distinguishable from zero");
    else
        print_change(t, m, of[0]->of.value, d->value);
}

/* Of quantiles of all repetitions of each side. From the least to the greatest difference of their
 * two intervals: at least 95 % too, whatever the sides have in common, since the deviation of a
 * difference is at most the sum of both. */
static void print_pool_line(comparison *c, const uint64_t point[2])
{
    const measure *m = &c->of[0];
    const reps_pooled *const of[2] = {pooled_at(c, 0, point[0]), pooled_at(c, 1, point[1])};
    const quant *a = &of[0]->of, *b = &of[1]->of;
    const quant d = {.held = a->held && b->held,
                     .sure = a->sure && b->sure,
                     .value = b->value - a->value,
                     .low = b->low - a->high,
                     .high = b->high - a->low};
    const int known[5] = {a->held, b->held, d.held, d.sure, d.sure};
    const int64_t number[5] = {a->value, b->value, d.value, d.low, d.high};
    char text[5][32], name[64];

    if (of[0]->count == 0 || of[1]->count == 0)
        return;
    line_name(c, 0, point, name);
    for (int i = 0; i < 5; i++) {
        (void)snprintf(text[i], sizeof text[i], "-");
        if (known[i])
            print_value(m, number[i], text[i]);
    }
    table_add(c->table, "%s", name);
    for (int k = 0; k < 3; k++)
        table_add(c->table, "%s", text[k]);
    table_add(c->table, "%s%s%s", text[3], d.sure ? " to " : "", d.sure ? text[4] : "");
    print_pool_verdict(c->table, m, of, &d);
    c->lines++;
}

static void print_head(comparison *c)
{
    const int pooled = measure_is_quantile(&c->of[0]);
    const char *const first = c->per_point ? "point (A and B)" : "metric";
    const char *const titles[2][6] = {{first, "mean of A", "mean of B", "B - A", "95 %", ""},
                                      {first, "A", "B", "B - A", "95 %", ""}};
    char name[64];

    (void)printf("A: %s\nB: %s\n", c->a.name, c->b.name);
    measure_print(&c->of[0], name, sizeof name);
    if (c->per_point)
        (void)printf("%s%s, points paired by %s\n\n", name,
                     pooled ? " of all repetitions together" : "", c->pairs.by);
    else if (pooled)
        (void)printf("%s of all repetitions together\n\n", name);
    else
        (void)printf("%llu repetition%s in common, paired\n\n", (unsigned long long)c->common,
                     c->common == 1 ? "" : "s");
    c->table = table_new("lrrrlw");
    for (int i = 0; i < 6; i++)
        table_add(c->table, "%s", titles[pooled][i]);
}

static void end_point(comparison *c, const uint64_t point[2])
{
    if (c->common == 0) {
        c->alone++;
        return;
    }
    if (c->points == 0)
        print_head(c);
    c->points++;
    for (int i = 0; i < c->measures; i++)
        if (measure_is_quantile(&c->of[i]))
            print_pool_line(c, point);
        else
            print_line(c, i, point);
}

/* ---- all -------------------------------------------------------------------------------- */

/* Joins the repetitions of one point of each side, which both stand at its first one. */
static sim_status join(comparison *c, sim_err *err)
{
    const uint64_t a = c->a.row.point, b = c->b.row.point;
    sim_status s = SIM_OK;

    begin_point(c);
    while (s == SIM_OK && c->a.more && c->b.more && c->a.row.point == a && c->b.row.point == b) {
        const uint64_t in_a = c->a.row.repetition, in_b = c->b.row.repetition;

        if (in_a == in_b)
            add_pair(c);
        if (in_a <= in_b)
            s = advance(&c->a, err);
        if (s == SIM_OK && in_b <= in_a)
            s = advance(&c->b, err);
    }
    if (s == SIM_OK)
        end_point(c, (const uint64_t[]){a, b});
    return s;
}

/* Where each point of B begins in its file. */
static sim_status find_places(comparison *c, sim_err *err)
{
    sim_status s = SIM_OK;

    c->place = sim_alloc(c->pairs.points[1], sizeof *c->place);
    while (s == SIM_OK && c->b.more) {
        const reps_row *row = &c->b.row;

        if (row->point >= c->pairs.points[1])
            return err_set(err, SIM_BAD_INPUT, "%s/reps.csv: point %llu is not in points.csv",
                           c->b.folder, (unsigned long long)row->point);
        if (c->place[row->point].line == 0)
            c->place[row->point] = row->place;
        s = advance(&c->b, err);
    }
    return s;
}

static sim_status join_points(comparison *c, sim_err *err)
{
    sim_status s = find_places(c, err);

    while (s == SIM_OK && c->a.more) {
        const uint64_t point = c->a.row.point;
        const uint64_t match = point < c->pairs.points[0] ? c->pairs.match[point] : MATCH_NONE;

        if (match != MATCH_NONE && c->place[match].line > 0) {
            s = reps_seek(c->b.file, &c->place[match], err);
            if (s == SIM_OK)
                s = advance(&c->b, err);
            if (s == SIM_OK)
                s = join(c, err);
        }
        while (s == SIM_OK && c->a.more && c->a.row.point == point)
            s = advance(&c->a, err);
    }
    return s;
}

static void print_singles(const comparison *c)
{
    const uint64_t *single = c->pairs.single;

    if (single[0] + single[1] > 0)
        (void)printf("\n  without a match: %llu of %llu points of A, %llu of %llu of B\n",
                     (unsigned long long)single[0], (unsigned long long)c->pairs.points[0],
                     (unsigned long long)single[1], (unsigned long long)c->pairs.points[1]);
    if (c->alone > 0 && c->per_point)
        (void)printf("\n  without a repetition in common: %llu pairs of points\n",
                     (unsigned long long)c->alone);
}

static void print_end(comparison *c)
{
    char name[64];

    table_print(c->table, 2, stdout);
    c->table = NULL;
    measure_print(&c->of[0], name, sizeof name);
    if (c->lines == 0)
        (void)printf("  none: of the repetitions in common %llu of A and %llu of B have %s\n",
                     (unsigned long long)c->known[0], (unsigned long long)c->known[1], name);
    print_singles(c);
    if (c->lines >= 20)
        (void)printf("\n  of %llu comparisons about %llu would differ by chance at 95 %%\n",
                     (unsigned long long)c->lines, (unsigned long long)c->lines / 20);
}

/* How many points a folder has: 1, or more. */
static sim_status has_several(const side *s, int *several, sim_err *err)
{
    side copy = *s;
    uint64_t first = s->row.point;
    sim_status status;

    copy.file = NULL;
    status = reps_open(s->folder, &copy.file, err);
    *several = 0;
    while (status == SIM_OK && !copy.has_point && !*several) {
        status = advance(&copy, err);
        if (!copy.more)
            break;
        *several = copy.row.point != first;
    }
    reps_close(copy.file);
    return status;
}

static sim_status choose_measures(comparison *c, const char *metric, sim_err *err)
{
    sim_status s;

    if (metric || c->per_point) {
        c->measures = 1;
        s = measure_parse(metric ? metric : "command_time", &c->of[0], err);
        return s == SIM_OK ? s : err_prefix(err, s, "--metric");
    }
    for (int i = 0; i < METRIC_TIME_COUNT; i++)
        c->of[c->measures++] = (measure){.metric = i, .stat = MEASURE_MEAN};
    for (int i = 0; i < METRIC_COUNT_COUNT; i++)
        c->of[c->measures++] = (measure){.counter = 1, .metric = i};
    for (int i = 0; i < PHASE_COUNT; i++)
        c->of[c->measures++] = (measure){.phase = 1, .metric = i};
    return SIM_OK;
}

static sim_status load_pools(comparison *c, sim_err *err)
{
    sim_status s = check_files(c, (const char *const[]){"summary.csv", NULL}, err);

    if (s == SIM_OK)
        s = reps_pool(c->a.folder, &c->of[0], &c->pool[0], err);
    return s == SIM_OK ? reps_pool(c->b.folder, &c->of[0], &c->pool[1], err) : s;
}

static sim_status compare(comparison *c, const options *o, sim_err *err)
{
    int several[2] = {0, 0};
    sim_status s = check_files(c, (const char *const[]){"reps.csv", NULL}, err);

    if (s == SIM_OK)
        s = check_seeds(c, err);
    if (s == SIM_OK)
        s = open_side(&c->a, err);
    if (s == SIM_OK)
        s = open_side(&c->b, err);
    if (s == SIM_OK)
        s = has_several(&c->a, &several[0], err);
    if (s == SIM_OK)
        s = has_several(&c->b, &several[1], err);
    if (s == SIM_OK && several[0] != several[1])
        s = err_set(err, SIM_BAD_INPUT, "%s has several points (say which one: %s:POINT)",
                    several[0] ? c->a.name : c->b.name, several[0] ? c->a.name : c->b.name);
    c->per_point = several[0];
    if (s == SIM_OK)
        s = choose_measures(c, o->metric, err);
    if (s == SIM_OK && measure_is_quantile(&c->of[0]))
        s = load_pools(c, err);
    if (s == SIM_OK && c->per_point)
        s = check_files(c, (const char *const[]){"points.csv", NULL}, err);
    if (s == SIM_OK && c->per_point)
        s = match_load((const char *const[]){c->a.folder, c->b.folder}, &c->pairs, err);
    if (s == SIM_OK)
        s = c->per_point ? join_points(c, err) : join(c, err);
    if (s == SIM_OK && c->points == 0)
        return err_set(err, SIM_BAD_INPUT, "%s and %s have no repetition in common", c->a.name,
                       c->b.name);
    if (s == SIM_OK)
        print_end(c);
    return s;
}

int cmd_compare(int argc, char **argv)
{
    options *o = sim_alloc(1, sizeof *o);
    comparison *c = sim_alloc(1, sizeof *c);
    sim_err err = {""};
    sim_status s = options_parse(argc, argv, o, &err);

    if (s == SIM_OK && o->operands != 2) {
        s = err_set(&err, SIM_BAD_INPUT,
                    "compare: two results (smmsim compare A B, --help for more)");
    } else if (s == SIM_OK) {
        s = split_name(o->operand[0], &c->a, &err);
        if (s == SIM_OK)
            s = split_name(o->operand[1], &c->b, &err);
        if (s == SIM_OK)
            s = compare(c, o, &err);
    }
    if (s != SIM_OK)
        err_tell("%s", err.text);
    reps_close(c->a.file);
    reps_close(c->b.file);
    match_free(&c->pairs);
    free(c->place);
    free(c->pool[0].at);
    free(c->pool[1].at);
    table_free(c->table);
    free(c);
    free(o);
    return (int)s;
}
