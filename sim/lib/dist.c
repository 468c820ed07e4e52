/* SPDX-License-Identifier: Apache-2.0 */
/* dist: latencies as constants or distributions: parsed at set-up, drawn in integers only. */
#include "sim/lib/dist_node.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include "sim/lib/bytes.h"
#include "sim/lib/fixmath.h"
#include "sim/lib/rng.h"
#include "sim/lib/units.h"

#define LOG2_E_Q62 INT64_C(0x5c551d94ae0bf85d)
#define LN_2_Q64 UINT64_C(0xb17217f7d1cf79ab)

const dist_kind_def dist_kinds[DIST_KINDS] = {
    [DIST_CONSTANT] = {"", "3.3us", 1, -1, {""}},
    [DIST_UNIFORM] = {"uniform", "uniform(1us,3us)", 2, -1, {"from", "to"}},
    [DIST_EXP] = {"exp", "exp(50us)", 1, -1, {"mean"}},
    [DIST_LOGNORMAL] = {"lognormal", "lognormal(2us,0.4)", 2, 1, {"median", "sigma"}},
    [DIST_PARETO] = {"pareto", "pareto(1us,1ms,1.5)", 3, 2, {"from", "to", "index"}},
    [DIST_TABLE] = {"table", "table(file.csv)", 0, -1, {NULL}},
    [DIST_MIX] = {"mix", "mix(0.95:1us,0.05:exp(133us))", 0, -1, {NULL}},
};

/* The part that the word chooses; the word becomes one that is uniform for that part. */
static const dist_node *choose_part(const dist *d, const dist_node *mix, uint64_t *word)
{
    const dist_node *part = mix + 1;

    while (part->next >= 0 && *word >= d->node[part->next].first_word)
        part = &d->node[part->next];
    SIM_ASSERT(*word >= part->first_word);
    uint64_t inside = (*word - part->first_word) << part->stretch_shift;
    *word = (uint64_t)((unsigned __int128)inside * part->stretch >> 63);
    return part;
}

static int64_t at_most(uint64_t ps, int64_t max)
{
    return ps > (uint64_t)max ? max : (int64_t)ps;
}

/* mean * -ln(1 - u) */
static int64_t draw_exp(const dist_node *n, uint64_t word)
{
    uint64_t ln = (uint64_t)((unsigned __int128)fixmath_tail_q57(word) * LN_2_Q64 >> 64);
    unsigned __int128 product = (unsigned __int128)ln * (uint64_t)n->value[0];

    product = (product + (UINT64_C(1) << 56)) >> 57;
    return product > (uint64_t)DIST_PS_MAX ? DIST_PS_MAX : (int64_t)product;
}

/* median * 2^(sigma log2(e) z) */
static int64_t draw_lognormal(const dist_node *n, uint64_t word)
{
    __int128 y = (__int128)fixmath_normal_q58(word) * (int64_t)n->factor >> 66;

    return at_most(fixmath_scale_exp2((uint64_t)n->value[0], (int64_t)y), DIST_PS_MAX);
}

/* from * v^(-1/index) with v = (1 - u) (1 - r) + r and r = (from/to)^index */
static int64_t draw_pareto(const dist_node *n, uint64_t word)
{
    unsigned __int128 v = (unsigned __int128)~word * n->head;

    v += (unsigned __int128)n->tail << 64; /* < 2^128, because head + tail = 2^64 */
    __int128 y = (__int128)fixmath_minus_log2_q57(v) * (int64_t)n->factor >> 65;
    return at_most(fixmath_scale_exp2((uint64_t)n->value[0], (int64_t)y), n->value[1]);
}

static int64_t draw_table(const dist_node *n, uint64_t word)
{
    int low = 0, high = n->rows - 1;
    uint64_t rank = rng_below(word, n->row[high].upto);

    while (low < high) {
        int middle = low + (high - low) / 2;
        if (rank < n->row[middle].upto)
            high = middle;
        else
            low = middle + 1;
    }
    return n->row[low].ps;
}

int64_t dist_draw(const dist *d, uint64_t word)
{
    const dist_node *n = d->node;

    while (n->kind == DIST_MIX)
        n = choose_part(d, n, &word);
    switch (n->kind) {
    case DIST_CONSTANT:
        return n->value[0];
    case DIST_UNIFORM:
        return n->value[0] + (int64_t)rng_below(word, (uint64_t)(n->value[1] - n->value[0]) + 1);
    case DIST_EXP:
        return draw_exp(n, word);
    case DIST_LOGNORMAL:
        return draw_lognormal(n, word);
    case DIST_PARETO:
        return draw_pareto(n, word);
    case DIST_TABLE:
        return draw_table(n, word);
    case DIST_MIX:
    case DIST_KINDS:
        break;
    }
    sim_panic(__FILE__, __LINE__, "a distribution of no kind");
}

/* Of numbers that are not negative, half to even. */
static int64_t divide_even(unsigned __int128 number, uint64_t divisor)
{
    unsigned __int128 quotient = number / divisor;
    uint64_t rest = (uint64_t)(number % divisor);

    if (rest > divisor - rest || (rest == divisor - rest && (quotient & 1) != 0))
        quotient++;
    SIM_ASSERT(quotient <= (uint64_t)DIST_PS_MAX);
    return (int64_t)quotient;
}

/* (1 - e^-x) / x, by its series for a small x and g(2x) = g(x) (1 + e^-x) / 2 from there. */
static double exp_slope(double x)
{
    double small = x, term = 1, sum = 1;
    int doublings = 0;

    while (small > 0.5 || small < -0.5) {
        small *= 0.5;
        doublings++;
    }
    for (int k = 2; k <= 16; k++) {
        term *= -small / k;
        sum += term;
    }
    for (double power = 1 - small * sum; doublings > 0; doublings--) {
        sum *= 0.5 * (1 + power);
        power *= power;
    }
    return sum;
}

static void finish_lognormal(dist_node *n)
{
    int64_t median = n->value[0], sigma = n->value[1];
    int64_t factor = (int64_t)((__int128)sigma * LOG2_E_Q62 / RATIO_ONE >> 6);
    __int128 y = (__int128)factor * sigma / RATIO_ONE >> 9; /* sigma^2 / 2 log2(e), Q48 */

    SIM_ASSERT(sigma >= 0 && sigma <= 10 * RATIO_ONE);
    n->factor = (uint64_t)factor;
    n->mean = at_most(fixmath_scale_exp2((uint64_t)median, (int64_t)y), DIST_PS_MAX);
    n->min = draw_lognormal(n, 0);
    n->max = sigma == 0 || median == 0 ? median : PS_NEVER;
}

/* The mean is from * g((index - 1) x) / g(index x) with x = ln(to / from) and g of exp_slope. */
static void finish_pareto(dist_node *n)
{
    int64_t from = n->value[0], to = n->value[1], index = n->value[2];
    SIM_ASSERT(from > 0 && from <= to && index > 0);
    uint64_t log2 = fixmath_minus_log2_q57((unsigned __int128)(uint64_t)from << 64) -
                    fixmath_minus_log2_q57((unsigned __int128)(uint64_t)to << 64);
    __int128 y = (__int128)log2 * index / RATIO_ONE >> 9; /* Q48 */
    uint64_t tail = fixmath_scale_exp2(UINT64_C(1) << 63, (int64_t)-y);
    double x = (double)log2 / 0x1p57 * 0.693147180559945309,
           alpha = (double)index / (double)RATIO_ONE;
    double mean = (double)from * exp_slope((alpha - 1) * x) / exp_slope(alpha * x);

    n->tail = tail >> 63 != 0 ? UINT64_MAX : tail != 0 ? 2 * tail : 1;
    n->head = 0 - n->tail;
    n->factor = (uint64_t)(((unsigned __int128)RATIO_ONE << 56) / (uint64_t)index);
    n->mean = mean < (double)to ? (int64_t)(mean + 0.5) : to;
    if (n->mean < from)
        n->mean = from;
    n->min = from;
    n->max = to;
}

static void finish_table(dist_node *n)
{
    unsigned __int128 sum = 0;
    uint64_t before = 0;

    SIM_ASSERT(n->rows > 0);
    for (int i = 0; i < n->rows; i++) {
        sum += (unsigned __int128)(n->row[i].upto - before) * (uint64_t)n->row[i].ps;
        before = n->row[i].upto;
    }
    n->mean = divide_even(sum, before);
    n->min = n->row[0].ps;
    n->max = n->row[n->rows - 1].ps;
}

/* Each part gets its share of the words, exact to one word. */
static void finish_mix(dist *d, dist_node *mix)
{
    unsigned __int128 sum = 0, words = 0;
    uint64_t weights = 0;

    mix->min = INT64_MAX;
    mix->max = 0;
    for (dist_node *n = mix + 1; n != NULL; n = n->next >= 0 ? &d->node[n->next] : NULL) {
        n->first_word = (uint64_t)words;
        weights += (uint64_t)n->weight;
        words = ((unsigned __int128)weights << 64) / (uint64_t)RATIO_ONE;
        unsigned __int128 width = words - n->first_word;
        n->stretch_shift = 0;
        n->stretch = UINT64_C(1) << 63; /* of a part that is the whole: unchanged */
        if (width >> 64 == 0) {
            n->stretch_shift = __builtin_clzll((uint64_t)width);
            uint64_t aligned = (uint64_t)width << n->stretch_shift;
            unsigned __int128 stretch = ((unsigned __int128)1 << 127) / aligned;
            n->stretch = stretch >> 64 != 0 ? UINT64_MAX : (uint64_t)stretch;
        }
        sum += (unsigned __int128)(uint64_t)n->weight * (uint64_t)n->mean;
        mix->min = n->min < mix->min ? n->min : mix->min;
        mix->max = n->max > mix->max ? n->max : mix->max;
    }
    SIM_ASSERT(weights == (uint64_t)RATIO_ONE);
    mix->mean = divide_even(sum, (uint64_t)RATIO_ONE);
}

static void finish_node(dist *d, dist_node *n)
{
    switch (n->kind) {
    case DIST_CONSTANT:
        n->mean = n->min = n->max = n->value[0];
        break;
    case DIST_UNIFORM:
        n->min = n->value[0];
        n->max = n->value[1];
        n->mean = divide_even((unsigned __int128)n->min + (uint64_t)n->max, 2);
        break;
    case DIST_EXP:
        n->mean = n->value[0];
        n->min = 0;
        n->max = n->mean == 0 ? 0 : PS_NEVER;
        break;
    case DIST_LOGNORMAL:
        finish_lognormal(n);
        break;
    case DIST_PARETO:
        finish_pareto(n);
        break;
    case DIST_TABLE:
        finish_table(n);
        break;
    case DIST_MIX:
        finish_mix(d, n);
        break;
    case DIST_KINDS:
        sim_panic(__FILE__, __LINE__, "a distribution of no kind");
    }
}

void dist_finish(dist *d)
{
    SIM_ASSERT(d->count >= 1 && d->count <= DIST_NODES);
    for (int i = d->count - 1; i >= 0; i--) /* parts stand behind their mix */
        finish_node(d, &d->node[i]);
}

dist *dist_constant(int64_t ps)
{
    dist *d = sim_alloc(1, sizeof *d + sizeof d->node[0]);

    SIM_ASSERT(ps >= 0 && ps <= DIST_PS_MAX);
    d->count = 1;
    d->node[0] = (dist_node){.kind = DIST_CONSTANT, .parent = -1, .next = -1, .value = {ps}};
    dist_finish(d);
    return d;
}

void dist_free(dist *d)
{
    if (d == NULL)
        return;
    for (int i = 0; i < d->count; i++) {
        free(d->node[i].file);
        free(d->node[i].row);
    }
    free(d);
}

uint64_t dist_rows(const dist *d)
{
    uint64_t rows = 0;

    for (int i = 0; i < d->count; i++)
        rows += (uint64_t)d->node[i].rows;
    return rows;
}

int dist_is_constant(const dist *d)
{
    return d->node[0].min == d->node[0].max;
}

int64_t dist_mean(const dist *d)
{
    return d->node[0].mean;
}

int64_t dist_min(const dist *d)
{
    return d->node[0].min;
}

int64_t dist_max(const dist *d)
{
    return d->node[0].max;
}

/* Text that grows; what does not fit is counted only. */
typedef struct {
    char *out;
    size_t size, length;
} printer;

static void put(printer *to, const char *text)
{
    size_t left = to->length < to->size ? to->size - to->length : 0;

    to->length += (size_t)snprintf(left != 0 ? to->out + to->length : NULL, left, "%s", text);
}

static void put_quantity(printer *to, unit_kind kind, int64_t value)
{
    char text[64];

    (void)units_print(kind, value, text, sizeof text);
    put(to, text);
}

/* A part without its closing parentheses' mixes: "exp(50us)", or "mix(" alone. */
static void put_node(printer *to, const dist_node *n)
{
    const dist_kind_def *def = &dist_kinds[n->kind];

    if (n->parent >= 0) {
        put_quantity(to, UNIT_RATIO, n->weight);
        put(to, ":");
    }
    put(to, def->name);
    if (n->kind != DIST_CONSTANT)
        put(to, "(");
    for (int i = 0; i < def->values; i++) {
        put(to, i > 0 ? "," : "");
        put_quantity(to, i == def->ratio ? UNIT_RATIO : UNIT_TIME, n->value[i]);
    }
    if (n->kind == DIST_TABLE)
        put(to, n->file);
    if (n->kind != DIST_CONSTANT && n->kind != DIST_MIX)
        put(to, ")");
}

uint64_t dist_hash_tables(const dist *d, uint64_t hash)
{
    for (int i = 0; i < d->count; i++)
        for (int r = 0; d->node[i].kind == DIST_TABLE && r < d->node[i].rows; r++) {
            hash = bytes_hash_u64(hash, (uint64_t)d->node[i].row[r].ps);
            hash = bytes_hash_u64(hash, d->node[i].row[r].upto);
        }
    return hash;
}

int dist_print(const dist *d, char *out, size_t size)
{
    printer to = {out, size, 0};

    for (int i = 0; i < d->count; i++) {
        const dist_node *n = &d->node[i];
        put_node(&to, n);
        if (n->kind == DIST_MIX)
            continue;
        for (; n->parent >= 0 && n->next < 0; n = &d->node[n->parent])
            put(&to, ")");
        if (n->next >= 0)
            put(&to, ",");
    }
    return (int)to.length;
}
