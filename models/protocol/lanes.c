/* SPDX-License-Identifier: Apache-2.0 */
/* lanes: what CPUs do one after the other as text: a column each, a line a step, timed or not. */
#include "models/protocol/lanes.h"

#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/lib/text.h"

/* What may stand in a cell beside ASCII. */
typedef enum {
    CELL_OUT = 1, /* normal code */
    CELL_IN,      /* in SMM */
    CELL_TRIGGER,
    CELL_TAKEN,
    CELL_LEFT,
    CELL_LINE, /* of an arrow */
    CELL_TO_LEFT,
    CELL_TO_RIGHT,
    CELL_STEP, /* where no name has room */
    CELL_COUNT
} cell;
static const char *const glyphs[CELL_COUNT] = {" ", "·", "│", "▼", "┌", "└", "─", "◄", "►", "●"};

enum { WIDTH_MAX = LANES_COLUMNS * 6, WIDE = 6, NARROW = 4, TINY = 2, WORDS_MIN = 24 };

struct lanes {
    FILE *to;
    const char *const *names;
    int actors, columns, width; /* of them with a column; characters of one */
    int64_t zero;
    int64_t number;  /* of the next line, without times */
    uint8_t *inside; /* by actor */
    int64_t *last;   /* by actor: its last line */
    uint8_t line[WIDTH_MAX];
};

lanes *lanes_new(FILE *to, int actors, const char *const *names, int64_t zero)
{
    lanes *l = sim_alloc(1, sizeof *l);

    SIM_ASSERT(actors > 0);
    *l = (lanes){.to = to, .names = names, .actors = actors, .zero = zero, .number = 1};
    l->columns = actors < LANES_COLUMNS ? actors : LANES_COLUMNS;
    l->width = actors <= 8 ? WIDE : actors <= 16 ? NARROW : TINY;
    l->inside = sim_alloc((uint64_t)actors, sizeof *l->inside);
    l->last = sim_alloc((uint64_t)actors, sizeof *l->last);
    for (int i = 0; i < actors; i++)
        l->last[i] = PS_NEVER;
    return l;
}

void lanes_end(lanes *l)
{
    if (l->actors > l->columns)
        (void)fprintf(l->to, "\n  (columns for CPUs 0 to %d only)\n", l->columns - 1);
    free(l->inside);
    free(l->last);
    free(l);
}

void lanes_inside(lanes *l, int actor, int inside)
{
    SIM_ASSERT(actor >= 0 && actor < l->actors);
    l->inside[actor] = inside != 0;
}

/* ---- columns ---------------------------------------------------------------------------- */

static void put_name(lanes *l, int actor, const char *name)
{
    for (int i = 0; name[i] && i + 1 < l->width; i++)
        l->line[actor * l->width + i] = (uint8_t)name[i];
}

/* From the sender's name to the head at the target. */
static void put_arrow(lanes *l, int from, int to)
{
    int first, last;

    if (from >= l->columns || to >= l->columns || from == to)
        return;
    first = (from < to ? from : to) * l->width;
    last = (from < to ? to : from) * l->width;
    for (int i = first + 1; i < last; i++)
        if (from > to || i >= first + l->width - 1 || l->line[i] == 0)
            l->line[i] = CELL_LINE;
    if (from > to)
        l->line[first] = CELL_TO_LEFT;
    else
        l->line[last - 1] = CELL_TO_RIGHT;
}

static void fill_line(lanes *l, const lanes_turn *turn)
{
    static const uint8_t own[] = {CELL_TRIGGER, CELL_TAKEN, CELL_IN, CELL_STEP, CELL_LEFT};

    memset(l->line, 0, sizeof l->line);
    for (int i = 0; i < l->columns; i++)
        l->line[i * l->width] = l->inside[i] ? CELL_IN : CELL_OUT;
    if (turn->actor >= l->columns)
        return;
    l->line[turn->actor * l->width] = own[turn->kind];
    if (turn->kind != LANES_STEP)
        return;
    if (l->width >= NARROW)
        put_name(l, turn->actor, turn->name);
    put_arrow(l, turn->actor, turn->to);
}

/* ---- lines ------------------------------------------------------------------------------ */

void lanes_head(lanes *l, int64_t zero)
{
    l->zero = zero;
    if (zero == PS_NEVER)
        (void)fprintf(l->to, "%5s   ", "");
    else
        (void)fprintf(l->to, "%13s  %10s   ", "us", "took");
    for (int i = 0; i < l->columns; i++) {
        char name[16];

        (void)snprintf(name, sizeof name, l->width < WIDE ? "%d" : "CPU%d", i);
        if (l->names)
            (void)snprintf(name, sizeof name, "%s", l->names[i]);
        (void)fprintf(l->to, "%-*s", l->width, l->width > TINY || i % 4 == 0 ? name : "");
    }
    (void)fputc('\n', l->to);
}

static void print_us(const lanes *l, int64_t ps, int width)
{
    char text[32];

    (void)snprintf(text, sizeof text, "%" PRId64 ".%03" PRId64, ps / PS_PER_US,
                   ps % PS_PER_US / PS_PER_NS);
    (void)fprintf(l->to, "%*s", width, text);
}

/* When, and how long after the actor's last line; or which line it is. */
static void print_place(lanes *l, const lanes_turn *turn)
{
    int64_t last = turn->actor < l->actors ? l->last[turn->actor] : PS_NEVER;

    if (l->zero == PS_NEVER) {
        (void)fprintf(l->to, "%5" PRId64, l->number++);
        return;
    }
    print_us(l, turn->at - l->zero, 13);
    if (last == PS_NEVER) {
        (void)fprintf(l->to, "%12s", "");
    } else {
        (void)fputs("  ", l->to);
        print_us(l, turn->at - last, 10);
    }
}

/* Who did what: behind the picture, in further lines there where a terminal is too narrow. */
static void print_words(const lanes *l, const lanes_turn *turn)
{
    const int named = turn->kind == LANES_STEP && (l->width < NARROW || turn->actor >= l->columns);
    const int place = (l->zero == PS_NEVER ? 5 : 13 + 12) + 3 + l->columns * l->width + 1;
    const int end = isatty(fileno(l->to)) ? text_columns(l->to) : INT_MAX;
    bytes words = {0};

    text_format(&words, "%s%s%s%s%s%s %s", turn->who, named ? " " : "", named ? turn->name : "",
                *turn->role ? " (" : "", turn->role, *turn->role ? ")" : "", turn->did);
    bytes_add(&words, "", 1);
    text_wrap(l->to, (const char *)words.at, place, end - place < WORDS_MIN ? INT_MAX : end);
    bytes_free(&words);
}

void lanes_put(lanes *l, const lanes_turn *turn)
{
    SIM_ASSERT(turn->actor >= 0);
    if (turn->kind == LANES_TAKEN)
        lanes_inside(l, turn->actor, 1);
    fill_line(l, turn);
    print_place(l, turn);
    (void)fputs("   ", l->to);
    for (int i = 0; i < l->columns * l->width; i++)
        if (l->line[i] < CELL_COUNT)
            text_put(l->to, glyphs[l->line[i]]);
        else
            (void)fputc(l->line[i], l->to);
    (void)fputc(' ', l->to);
    print_words(l, turn);
    if (turn->actor < l->actors)
        l->last[turn->actor] = turn->kind == LANES_LEFT ? PS_NEVER : turn->at;
    if (turn->kind == LANES_LEFT)
        lanes_inside(l, turn->actor, 0);
}
