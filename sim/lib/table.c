/* SPDX-License-Identifier: Apache-2.0 */
/* table: a table for people that fits the terminal: cells wrap, what is still too wide goes below.
 */
#include "sim/lib/table.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "sim/lib/text.h"

enum { COLUMNS_MAX = 80, CELL_MAX = 1024, GAP = 2, WRAPPED_LEAST = 12 };

struct text_table {
    char kinds[COLUMNS_MAX + 1];
    int columns;
    int width[COLUMNS_MAX];
    uint8_t told[COLUMNS_MAX]; /* there is text below the first row */
    uint64_t cells;
    bytes text; /* of the cells, each with its NUL */
};

text_table *table_new(const char *columns)
{
    text_table *t = sim_alloc(1, sizeof *t);

    t->columns = (int)strlen(columns);
    SIM_ASSERT(t->columns > 0 && t->columns <= COLUMNS_MAX);
    memcpy(t->kinds, columns, (size_t)t->columns);
    return t;
}

void table_add(text_table *t, const char *fmt, ...)
{
    int *width = &t->width[t->cells % (uint64_t)t->columns];
    const size_t begin = t->text.length;
    char cell[CELL_MAX];
    va_list args;
    int wide;

    va_start(args, fmt);
    (void)vsnprintf(cell, sizeof cell, fmt, args);
    va_end(args);
    for (char *c = cell; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 127)
            *c = '?';
    text_add(&t->text, cell);
    bytes_add(&t->text, "", 1);
    wide = text_width((const char *)t->text.at + begin);
    *width = wide > *width ? wide : *width;
    t->told[width - t->width] |= wide > 0 && t->cells >= (uint64_t)t->columns;
    t->cells++;
}

int table_rows(const text_table *t)
{
    return (int)(t->cells / (uint64_t)t->columns);
}

void table_free(text_table *t)
{
    if (!t)
        return;
    bytes_free(&t->text);
    free(t);
}

/* The least width of a column. */
static int least(const text_table *t, int c)
{
    return t->kinds[c] == 'w' && t->width[c] > WRAPPED_LEAST ? WRAPPED_LEAST : t->width[c];
}

/* The first column behind those from `from` on that fit beside the first one. */
static int block_end(const text_table *t, int from, int room)
{
    int used = least(t, 0), end = from;

    while (end < t->columns && (end == from || used + GAP + least(t, end) <= room))
        used += GAP + least(t, end++);
    return end;
}

/* Takes columns of w in a block, the widest first, down to what fits. */
static void narrow(text_table *t, const int block[2], int room)
{
    int all = t->width[0];

    for (int c = block[0]; c < block[1]; c++)
        all += GAP + t->width[c];
    for (; all > room; all--) {
        int widest = -1;

        for (int c = 0; c < block[1]; c = c < block[0] ? block[0] : c + 1)
            if (t->width[c] > least(t, c) && (widest < 0 || t->width[c] > t->width[widest]))
                widest = c;
        if (widest < 0)
            return;
        t->width[widest]--;
    }
}

/* One line of a row: what is left of its cells moves on. Returns whether more is left. */
static int print_line(const text_table *t, const char *cell[], const int block[2], FILE *out)
{
    int blank = 0, more = 0; /* columns of blanks that are still to be printed */

    for (int c = 0; c < block[1]; c = c < block[0] ? block[0] : c + 1) {
        const char *text = cell[c];
        const int length = t->width[c] > 0 ? text_line(&cell[c], t->width[c]) : 0;
        int wide = 0;

        SIM_ASSERT(text != NULL && cell[c] != NULL);
        if (t->width[c] < 0)
            continue;
        for (int i = 0; i < length; i++)
            wide += ((unsigned char)text[i] & 0xc0) != 0x80;
        blank += t->kinds[c] == 'r' ? t->width[c] - wide : 0;
        if (length > 0) {
            (void)fprintf(out, "%*s%.*s", blank, "", length, text);
            blank = 0;
        }
        blank += (t->kinds[c] == 'r' ? 0 : t->width[c] - wide) + GAP;
        more |= *cell[c] != '\0';
    }
    (void)fputc('\n', out);
    return more;
}

static void print_block(const text_table *t, const int block[2], int indent, FILE *out)
{
    const char *at = (const char *)t->text.at;

    for (uint64_t row = 0; row < t->cells / (uint64_t)t->columns; row++) {
        const char *cell[COLUMNS_MAX] = {0};

        for (int c = 0; c < t->columns; c++) {
            cell[c] = at;
            at += strlen(at) + 1;
        }
        do
            (void)fprintf(out, "%*s", indent, "");
        while (print_line(t, cell, block, out));
    }
}

void table_print(text_table *t, int indent, FILE *out)
{
    const int room = text_columns(out) - indent;
    int block[2] = {1, 1};

    for (int c = 1; c < t->columns && table_rows(t) > 1; c++)
        if (!t->told[c])
            t->width[c] = -GAP;

    SIM_ASSERT(t->cells % (uint64_t)t->columns == 0);
    do {
        block[1] = block_end(t, block[0], room);
        narrow(t, block, room);
        print_block(t, block, indent, out);
        block[0] = block[1];
        if (block[0] < t->columns)
            (void)fputc('\n', out);
    } while (block[0] < t->columns);
    table_free(t);
}
