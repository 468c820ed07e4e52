/* SPDX-License-Identifier: Apache-2.0 */
/* csv_read: reads a CSV file through libcsv, knows the line of every row and says what is wrong. */
#include "sim/lib/csv.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/lib/input.h"

/* Two functions of one name: ours is the one that this file sees. */
#define csv_error libcsv_error
#include <csv.h>
#undef csv_error

enum {
    FILE_MAX = 256 << 20, /* bytes; also keeps offsets and line numbers in 32 bits */
    COLUMNS_MAX = 4096,
    SHOWN = 60 /* bytes of the user's text that an error shows */
};

struct csv_table {
    char *path;
    char *text;     /* all fields, each with its NUL */
    uint32_t *cell; /* offsets into text, row by row, the header first */
    int *line;      /* of every row, the header first */
    int columns;
    int rows; /* without the header */
};

/* A file being read. */
typedef struct {
    csv_table *table;
    struct csv_parser parser;
    sim_status status; /* of the first error; nothing is kept after it */
    sim_err *err;
    size_t text_used, text_size;
    size_t cells_used, cells_size;
    size_t lines_used, lines_size;
    int line;         /* being fed */
    int row_line;     /* where the present row begins */
    int field_line;   /* where the present field begins */
    int fields;       /* of the present row that are complete */
    size_t letters;   /* bytes in them */
    size_t beyond;    /* bytes in those that the header does not have */
    bool in_row;      /* begun and not ended */
    size_t row_cells; /* cells before it */
} reader;

static sim_status fail(reader *r, int line, int column, const char *fmt, ...) SIM_PRINTF(4, 5);

static sim_status fail(reader *r, int line, int column, const char *fmt, ...)
{
    char what[sizeof r->err->text];
    va_list args;

    SIM_ASSERT(line > 0 && column > 0);
    if (r->status != SIM_OK)
        return r->status;
    va_start(args, fmt);
    (void)vsnprintf(what, sizeof what, fmt, args);
    va_end(args);
    r->status = err_set(r->err, SIM_BAD_INPUT, "%s:%d:%d: %s", r->table->path, line, column, what);
    return r->status;
}

/* Doubles an array when it is full. */
static void *grow(void *array, size_t used, size_t *size, size_t item)
{
    if (used < *size)
        return array;
    *size = *size != 0 ? 2 * *size : 256;
    return sim_realloc(array, *size, item);
}

static void *grow_entry(void *old, size_t size)
{
    return sim_realloc(old, size, 1);
}

/* libcsv: a field is complete. The text has room: a field and its NUL are never longer than what
 * stands in the file with the separator. */
static void take_field(void *from, size_t length, void *to)
{
    reader *r = to;
    csv_table *t = r->table;
    int limit = t->columns != 0 ? t->columns : COLUMNS_MAX;

    r->letters += length;
    r->beyond += r->fields < limit ? 0 : length;
    if (r->fields++ < limit) {
        SIM_ASSERT(r->text_used + length < r->text_size);
        t->cell = grow(t->cell, r->cells_used, &r->cells_size, sizeof *t->cell);
        t->cell[r->cells_used++] = (uint32_t)r->text_used;
        if (length != 0)
            memcpy(t->text + r->text_used, from, length);
        t->text[r->text_used + length] = '\0';
        r->text_used += length + 1;
    }
    r->field_line = r->line;
}

/* What has separated the fields in the stead of commas, or NULL: no name and no value of ours has
 * such a sign in it. */
static const char *other_separator(const char *field)
{
    return strchr(field, ';') ? "semicolons" : strchr(field, '\t') ? "tabs" : NULL;
}

static sim_status separator_error(reader *r, int column, const char *separator)
{
    return fail(r, r->row_line, column,
                "fields separated by %s (separate them by commas, and write 1.5 for 1,5)",
                separator);
}

static sim_status trailing_error(reader *r, int column)
{
    return fail(r, r->row_line, column,
                "%d comma%s too many at the end (the last field of a row has none behind it)",
                r->fields - column + 1, r->fields == column ? "" : "s");
}

static sim_status check_name(reader *r, int column)
{
    const csv_table *t = r->table;
    const char *name = t->text + t->cell[column];
    const char *separator = other_separator(name);
    int last = r->fields - 1;

    while (last > 0 && t->text[t->cell[last]] == '\0')
        last--;
    if (column == 0 && strncasecmp(name, "sep=", 4) == 0)
        return fail(r, r->row_line, 1, "no header, but a line for spreadsheets (remove it)");
    if (separator)
        return separator_error(r, column + 1, separator);
    if (column > last)
        return trailing_error(r, column + 1);
    if (*name == '\0')
        return fail(r, r->row_line, column + 1,
                    "a column without a name (every field of the header names its column)");
    for (int j = 0; j < column; j++)
        if (strcmp(name, t->text + t->cell[j]) == 0)
            return fail(r, r->row_line, column + 1,
                        "duplicate column \"%.*s\" (column %d has this name)", SHOWN, name, j + 1);
    return SIM_OK;
}

static void check_header(reader *r)
{
    if (r->fields > COLUMNS_MAX)
        (void)fail(r, r->row_line, COLUMNS_MAX + 1, "%d columns (at most %d)", r->fields,
                   COLUMNS_MAX);
    for (int i = 0; i < r->fields && r->status == SIM_OK; i++)
        (void)check_name(r, i);
}

static const char *field_of_row(const reader *r, int column)
{
    return r->table->text + r->table->cell[r->row_cells + (size_t)column];
}

/* Which field of the row a decimal comma has cut from the next one, such as 3 from 3us; or -1. */
static int cut_number(const reader *r)
{
    static const char digits[] = "0123456789";

    for (int i = 0; i + 1 < r->table->columns; i++) {
        const char *left = field_of_row(r, i), *right = field_of_row(r, i + 1);
        size_t unit = strspn(right, digits);

        if (*left != '\0' && left[strspn(left, digits)] == '\0' && unit > 0 && right[unit] != '\0')
            return i;
    }
    return -1;
}

static sim_status too_few(reader *r)
{
    const csv_table *t = r->table;

    for (int i = 0; i < r->fields; i++)
        if (other_separator(field_of_row(r, i)))
            return separator_error(r, i + 1, other_separator(field_of_row(r, i)));
    return fail(r, r->row_line, r->fields + 1,
                "%d field%s, but the header has %d (the next would be \"%.*s\")", r->fields,
                r->fields == 1 ? "" : "s", t->columns, SHOWN, csv_name(t, r->fields));
}

static sim_status too_many(reader *r)
{
    int columns = r->table->columns;
    int cut = cut_number(r);

    if (r->beyond == 0)
        return trailing_error(r, columns + 1);
    if (cut < 0)
        return fail(r, r->row_line, columns + 1,
                    "%d fields, but the header has %d (quote a field that holds a comma)",
                    r->fields, columns);
    if (strspn(field_of_row(r, cut + 1), "0123456789") == 3) /* thousands, or decimals */
        return fail(r, r->row_line, cut + 1,
                    "%d fields, but the header has %d: a comma in %.20s,%.20s? (the decimal sign "
                    "is a point, thousands are not marked)",
                    r->fields, columns, field_of_row(r, cut), field_of_row(r, cut + 1));
    return fail(r, r->row_line, cut + 1,
                "%d fields, but the header has %d: a decimal comma in %.20s,%.20s? (write "
                "%.20s.%.20s)",
                r->fields, columns, field_of_row(r, cut), field_of_row(r, cut + 1),
                field_of_row(r, cut), field_of_row(r, cut + 1));
}

/* libcsv: a row is complete. It is looked at when its line is (see read_line). */
static void take_row(int end, void *to)
{
    reader *r = to;

    (void)end;
    SIM_ASSERT(r->fields > 0 && r->in_row);
    r->in_row = false;
}

static sim_status finish_row(reader *r)
{
    csv_table *t = r->table;

    /* A comment in quotes, or empty cells: a spreadsheet writes both so. */
    if (*field_of_row(r, 0) == '#' || r->letters == 0) {
        r->cells_used = r->row_cells;
        return SIM_OK;
    }
    if (t->columns == 0)
        check_header(r);
    else if (r->fields < t->columns)
        (void)too_few(r);
    else if (r->fields > t->columns)
        (void)too_many(r);
    if (t->columns == 0)
        t->columns = r->fields;
    t->line = grow(t->line, r->lines_used, &r->lines_size, sizeof *t->line);
    t->line[r->lines_used++] = r->row_line;
    return r->status;
}

/* Bytes of one line with its end. */
static size_t line_length(const unsigned char *s, size_t left)
{
    size_t n = 0;

    while (n < left && s[n] != '\n' && s[n] != '\r')
        n++;
    if (n + 1 < left && s[n] == '\r' && s[n + 1] == '\n')
        return n + 2;
    return n < left ? n + 1 : n;
}

/* Bytes of the UTF-8 character at s (Unicode, table 3-7), 0 if it is none or NUL. */
static size_t character_length(const unsigned char *s, size_t left)
{
    unsigned char c = s[0], low = 0x80, high = 0xbf;
    size_t length = c < 0x80 ? c != 0 : c < 0xc2 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

    if (length < 2)
        return length;
    if (c > 0xf4 || length > left)
        return 0;
    if (c == 0xe0)
        low = 0xa0;
    if (c == 0xf0)
        low = 0x90;
    if (c == 0xed)
        high = 0x9f;
    if (c == 0xf4)
        high = 0x8f;
    if (s[1] < low || s[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++)
        if (s[i] < 0x80 || s[i] > 0xbf)
            return 0;
    return length;
}

/* Bytes before the first one that is no text. */
static size_t clean_length(const unsigned char *s, size_t length)
{
    size_t n = 0;

    while (n < length) {
        size_t step = character_length(s + n, length - n);
        if (step == 0)
            return n;
        n += step;
    }
    return n;
}

/* Where libcsv stops in strict mode: at a quote where none may be, or behind a closing one. */
static sim_status quote_error(reader *r)
{
    if (!r->parser.quoted)
        return fail(r, r->line, r->fields + 1,
                    "a quote inside a field (quote the whole field and write \"\" for a quote)");
    if (r->field_line == r->line)
        return fail(r, r->line, r->fields + 1,
                    "text after the closing quote (write \"\" for a quote inside a field)");
    return fail(r, r->line, r->fields + 1,
                "text after the closing quote of a field that begins in line %d (write \"\" for a "
                "quote inside a field)",
                r->field_line);
}

static sim_status feed(reader *r, const unsigned char *from, size_t length)
{
    if (csv_parse(&r->parser, from, length, take_field, take_row, r) != length)
        return quote_error(r);
    return r->status;
}

static sim_status byte_error(reader *r, unsigned char byte)
{
    if (byte == 0)
        return fail(r, r->line, r->fields + 1,
                    "a NUL byte (a CSV file is text; save it as UTF-8 if it is UTF-16)");
    if (byte >= 0xa0) /* there is such a sign in Latin-1, which its code in UTF-8 prints */
        return fail(r, r->line, r->fields + 1,
                    "byte 0x%02x is not UTF-8 (save the file as UTF-8, if this is %c%c in Latin-1)",
                    byte, 0xc0 | byte >> 6, 0x80 | (byte & 0x3f));
    return fail(r, r->line, r->fields + 1, "byte 0x%02x is not UTF-8 (save the file as UTF-8)",
                byte);
}

static void begin_row(reader *r, const unsigned char *from, size_t length)
{
    size_t blank = 0;

    while (blank < length && (from[blank] == ' ' || from[blank] == '\t'))
        blank++;
    r->fields = 0;
    r->letters = r->beyond = 0;
    r->row_line = r->field_line = r->line;
    r->row_cells = r->cells_used;
    /* libcsv does not see comments: it would refuse quotes in them. */
    r->in_row = blank < length && from[blank] != '\n' && from[blank] != '\r' && from[blank] != '#';
}

/* One line of the file: a row, a part of a row, a comment or nothing. */
static sim_status read_line(reader *r, const unsigned char *from, size_t length)
{
    size_t clean = clean_length(from, length);
    bool ended = from[length - 1] == '\n' || from[length - 1] == '\r', feeding;

    if (!r->in_row)
        begin_row(r, from, length);
    feeding = r->in_row;
    if (feeding && feed(r, from, clean) != SIM_OK)
        return r->status;
    if (clean < length)
        return byte_error(r, from[clean]);
    if (!ended) {
        int column = r->fields + 1;
        if (feeding && feed(r, (const unsigned char *)"\n", 1) != SIM_OK)
            return r->status;
        if (r->in_row)
            return SIM_OK; /* inside quotes: the worse fault of the two */
        return fail(
            r, r->line, column,
            "the last line has no line end (was the file cut short? end it with a newline)");
    }
    if (feeding && !r->in_row)
        return finish_row(r);
    return SIM_OK;
}

static sim_status read_lines(reader *r, const unsigned char *from, size_t size)
{
    static const unsigned char mark[3] = {0xef, 0xbb, 0xbf};
    size_t at = size >= sizeof mark && memcmp(from, mark, sizeof mark) == 0 ? sizeof mark : 0;

    if (at == size)
        return fail(r, 1, 1, "the file is empty (its first row must name the columns)");
    if (size >= 2 && ((from[0] == 0xff && from[1] == 0xfe) ||
                      (from[0] == 0xfe && from[1] == 0xff))) /* its byte-order mark */
        return fail(r, 1, 1, "the file is UTF-16 (save it as UTF-8, or as \"CSV UTF-8\")");
    while (at < size) {
        size_t length = line_length(from + at, size - at);
        r->line++;
        if (read_line(r, from + at, length) != SIM_OK)
            return r->status;
        at += length;
    }
    if (r->in_row)
        return fail(r, r->field_line, r->fields + 1,
                    "a quote that is never closed (the field begins here; end it with a quote)");
    if (r->table->columns == 0)
        return fail(r, 1, 1, "no header (the first row that is no comment must name the columns)");
    SIM_ASSERT(r->cells_used == r->lines_used * (size_t)r->table->columns);
    r->table->rows = (int)r->lines_used - 1;
    return SIM_OK;
}

sim_status csv_read_hash(const char *path, uint64_t *hash, csv_table **out, sim_err *err)
{
    reader r = {.err = err};
    bytes file = {0};
    sim_status status = input_read(path, FILE_MAX, &file, err);
    int ready;

    if (status != SIM_OK) {
        bytes_free(&file);
        return status;
    }
    *hash = bytes_hash(*hash, file.at, file.length);
    r.table = sim_alloc(1, sizeof *r.table);
    r.table->path = strdup(path);
    SIM_ASSERT(r.table->path);
    r.text_size = file.length + 1;
    r.table->text = sim_alloc(r.text_size, 1);
    ready = csv_init(&r.parser, CSV_STRICT);
    SIM_ASSERT(ready == 0);
    csv_set_realloc_func(&r.parser, grow_entry);
    status = read_lines(&r, file.at, file.length);
    csv_free(&r.parser);
    bytes_free(&file);
    if (status == SIM_OK)
        *out = r.table;
    else
        csv_free_table(r.table);
    return status;
}

sim_status csv_read(const char *path, csv_table **out, sim_err *err)
{
    uint64_t hash = BYTES_HASH;

    return csv_read_hash(path, &hash, out, err);
}

void csv_free_table(csv_table *t)
{
    if (t == NULL)
        return;
    free(t->path);
    free(t->text);
    free(t->cell);
    free(t->line);
    free(t);
}

const char *csv_path(const csv_table *t)
{
    return t->path;
}

int csv_columns(const csv_table *t)
{
    return t->columns;
}

int csv_rows(const csv_table *t)
{
    return t->rows;
}

const char *csv_name(const csv_table *t, int column)
{
    return csv_field(t, -1, column);
}

const char *csv_field(const csv_table *t, int row, int column)
{
    SIM_ASSERT(row >= -1 && row < t->rows);
    SIM_ASSERT(column >= 0 && column < t->columns);
    return t->text + t->cell[((size_t)row + 1) * (size_t)t->columns + (size_t)column];
}

int csv_line(const csv_table *t, int row)
{
    SIM_ASSERT(row >= -1 && row < t->rows);
    return t->line[row + 1];
}

sim_status csv_error(const csv_table *t, int row, int column, sim_err *err, const char *fmt, ...)
{
    char what[sizeof err->text];
    va_list args;

    SIM_ASSERT(column >= 0);
    va_start(args, fmt);
    (void)vsnprintf(what, sizeof what, fmt, args);
    va_end(args);
    return err_set(err, SIM_BAD_INPUT, "%s:%d:%d: %s", t->path, csv_line(t, row), column + 1, what);
}

static int list_length(const char *const *list)
{
    int n = 0;

    while (list != NULL && list[n] != NULL)
        n++;
    return n;
}

static sim_status unknown_column(const csv_table *t, int column, const char *const *names,
                                 sim_err *err)
{
    const char *name = csv_name(t, column);
    int count = list_length(names);
    const char *nearest = err_nearest(name, names, count);
    char known[200] = "";
    size_t used = 0;

    if (nearest != NULL)
        return csv_error(t, -1, column, err, "unknown column \"%.*s\" (did you mean \"%s\"?)",
                         SHOWN, name, nearest);
    for (int i = 0; i < count && used < sizeof known; i++)
        used += (size_t)snprintf(known + used, sizeof known - used, "%s%s", i != 0 ? ", " : "",
                                 names[i]);
    return csv_error(t, -1, column, err, "unknown column \"%.*s\" (the columns are %s)", SHOWN,
                     name, known);
}

sim_status csv_map(const csv_table *t, const char *const *required, const char *const *optional,
                   int *at, sim_err *err)
{
    int needed = list_length(required), count = needed + list_length(optional);
    const char **names = sim_alloc((uint64_t)count + 1, sizeof *names);
    sim_status status = SIM_OK;

    for (int i = 0; i < count; i++) {
        names[i] = i < needed ? required[i] : optional[i - needed];
        at[i] = -1;
    }
    for (int c = 0; c < t->columns && status == SIM_OK; c++) {
        int i = err_index(csv_name(t, c), names, count);
        if (i < 0)
            status = unknown_column(t, c, names, err);
        else
            at[i] = c;
    }
    for (int i = 0; i < needed && status == SIM_OK; i++)
        if (at[i] < 0)
            status = csv_error(t, -1, t->columns, err, "no column \"%s\" (add it to the header)",
                               names[i]);
    free(names);
    return status;
}
