/* SPDX-License-Identifier: Apache-2.0 */
/* csv_read: reads a CSV file through libcsv, knows the line of every row and says what is wrong. */
#include "sim/csv.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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
static void take_field(void *bytes, size_t length, void *to)
{
    reader *r = to;
    csv_table *t = r->table;
    int limit = t->columns != 0 ? t->columns : COLUMNS_MAX;

    if (r->fields++ < limit) {
        SIM_ASSERT(r->text_used + length < r->text_size);
        t->cell = grow(t->cell, r->cells_used, &r->cells_size, sizeof *t->cell);
        t->cell[r->cells_used++] = (uint32_t)r->text_used;
        if (length != 0)
            memcpy(t->text + r->text_used, bytes, length);
        t->text[r->text_used + length] = '\0';
        r->text_used += length + 1;
    }
    r->field_line = r->line;
}

static void check_header(reader *r)
{
    const csv_table *t = r->table;

    if (r->fields > COLUMNS_MAX) {
        (void)fail(r, r->row_line, COLUMNS_MAX + 1, "%d columns (at most %d)", r->fields,
                   COLUMNS_MAX);
        return;
    }
    for (int i = 0; i < r->fields; i++) {
        const char *name = t->text + t->cell[i];
        if (*name == '\0')
            (void)fail(r, r->row_line, i + 1,
                       "a column without a name (every field of the header names its column)");
        for (int j = 0; j < i; j++)
            if (strcmp(name, t->text + t->cell[j]) == 0)
                (void)fail(r, r->row_line, i + 1,
                           "duplicate column \"%.*s\" (column %d has this name)", SHOWN, name,
                           j + 1);
    }
}

static void check_width(reader *r)
{
    const csv_table *t = r->table;

    if (r->fields < t->columns)
        (void)fail(r, r->row_line, r->fields + 1,
                   "%d field%s, but the header has %d (the next would be \"%.*s\")", r->fields,
                   r->fields == 1 ? "" : "s", t->columns, SHOWN, csv_name(t, r->fields));
    if (r->fields > t->columns)
        (void)fail(r, r->row_line, t->columns + 1,
                   "%d fields, but the header has %d (quote a field that holds a comma)", r->fields,
                   t->columns);
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

    if (t->text[t->cell[r->row_cells]] == '#') { /* in quotes, as a spreadsheet writes a comment */
        r->cells_used = r->row_cells;
        return SIM_OK;
    }
    if (t->columns == 0)
        check_header(r);
    else
        check_width(r);
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

static sim_status feed(reader *r, const unsigned char *bytes, size_t length)
{
    if (csv_parse(&r->parser, bytes, length, take_field, take_row, r) != length)
        return quote_error(r);
    return r->status;
}

static sim_status byte_error(reader *r, unsigned char byte)
{
    if (byte == 0)
        return fail(r, r->line, r->fields + 1, "a NUL byte (a CSV file is text, in UTF-8)");
    return fail(r, r->line, r->fields + 1, "byte 0x%02x is not UTF-8 (save the file as UTF-8)",
                byte);
}

static void begin_row(reader *r, const unsigned char *bytes, size_t length)
{
    size_t blank = 0;

    while (blank < length && (bytes[blank] == ' ' || bytes[blank] == '\t'))
        blank++;
    r->fields = 0;
    r->row_line = r->field_line = r->line;
    r->row_cells = r->cells_used;
    /* libcsv does not see comments: it would refuse quotes in them. */
    r->in_row =
        blank < length && bytes[blank] != '\n' && bytes[blank] != '\r' && bytes[blank] != '#';
}

/* One line of the file: a row, a part of a row, a comment or nothing. */
static sim_status read_line(reader *r, const unsigned char *bytes, size_t length)
{
    size_t clean = clean_length(bytes, length);
    bool ended = bytes[length - 1] == '\n' || bytes[length - 1] == '\r', feeding;

    if (!r->in_row)
        begin_row(r, bytes, length);
    feeding = r->in_row;
    if (feeding && feed(r, bytes, clean) != SIM_OK)
        return r->status;
    if (clean < length)
        return byte_error(r, bytes[clean]);
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

static sim_status read_lines(reader *r, const unsigned char *bytes, size_t size)
{
    static const unsigned char mark[3] = {0xef, 0xbb, 0xbf};
    size_t at = size >= sizeof mark && memcmp(bytes, mark, sizeof mark) == 0 ? sizeof mark : 0;

    if (at == size)
        return fail(r, 1, 1, "the file is empty (its first row must name the columns)");
    while (at < size) {
        size_t length = line_length(bytes + at, size - at);
        r->line++;
        if (read_line(r, bytes + at, length) != SIM_OK)
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

static int read_error(FILE *file)
{
    struct stat st;

    if (fstat(fileno(file), &st) != 0)
        return errno;
    if (S_ISDIR(st.st_mode))
        return EISDIR;
    return S_ISREG(st.st_mode) && st.st_size > FILE_MAX ? EFBIG : 0;
}

/* The bytes of an open file that is not larger than FILE_MAX, for the caller to free; NULL and
 * errno on failure. */
static unsigned char *read_bytes(FILE *file, size_t *size)
{
    size_t room = 16 * (size_t)BUFSIZ, used = 0, got;
    unsigned char *bytes = sim_alloc(room, 1);
    int error = read_error(file);

    while (error == 0) {
        errno = 0;
        got = fread(bytes + used, 1, room - used, file);
        used += got;
        if (used > FILE_MAX)
            error = EFBIG;
        else if (got == 0 && ferror(file))
            error = errno != 0 ? errno : EIO;
        else if (got == 0)
            break;
        if (used == room) {
            room *= 2;
            bytes = sim_realloc(bytes, room, 1);
        }
    }
    *size = used;
    errno = error;
    if (error == 0)
        return bytes;
    free(bytes);
    return NULL;
}

/* errno as an error text about the whole file. */
static sim_status file_error(const char *path, sim_err *err)
{
    bool ours = errno == EIO; /* the rest a user can mend */

    if (errno == EFBIG)
        return err_set(err, SIM_BAD_INPUT, "%s:1:1: the file is larger than %d MiB (split it)",
                       path, FILE_MAX >> 20);
    return err_set(err, ours ? SIM_SYSTEM : SIM_BAD_INPUT, "%s: %s", path, strerror(errno));
}

static csv_table *new_table(const char *path)
{
    csv_table *t = sim_alloc(1, sizeof *t);
    size_t size = strlen(path) + 1;

    t->path = sim_alloc(size, 1);
    memcpy(t->path, path, size);
    return t;
}

sim_status csv_read(const char *path, csv_table **out, sim_err *err)
{
    reader r = {.err = err};
    size_t size = 0;
    FILE *file = fopen(path, "rb");
    unsigned char *bytes = file != NULL ? read_bytes(file, &size) : NULL;
    sim_status status = bytes == NULL ? file_error(path, err) : SIM_OK;
    int ready;

    if (file != NULL)
        (void)fclose(file);
    if (bytes == NULL)
        return status;
    r.table = new_table(path);
    r.text_size = size + 1;
    r.table->text = sim_alloc(r.text_size, 1);
    ready = csv_init(&r.parser, CSV_STRICT);
    SIM_ASSERT(ready == 0);
    csv_set_realloc_func(&r.parser, grow_entry);
    status = read_lines(&r, bytes, size);
    csv_free(&r.parser);
    free(bytes);
    if (status == SIM_OK)
        *out = r.table;
    else
        csv_free_table(r.table);
    return status;
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

/* Row -1 is the header. */
static const char *cell_text(const csv_table *t, int row, int column)
{
    SIM_ASSERT(row >= -1 && row < t->rows);
    SIM_ASSERT(column >= 0 && column < t->columns);
    return t->text + t->cell[((size_t)row + 1) * (size_t)t->columns + (size_t)column];
}

const char *csv_name(const csv_table *t, int column)
{
    return cell_text(t, -1, column);
}

const char *csv_field(const csv_table *t, int row, int column)
{
    SIM_ASSERT(row >= 0);
    return cell_text(t, row, column);
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

static int index_of(const char *name, const char *const *names, int count)
{
    for (int i = 0; i < count; i++)
        if (strcmp(name, names[i]) == 0)
            return i;
    return -1;
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
        int i = index_of(csv_name(t, c), names, count);
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
