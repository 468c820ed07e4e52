/* SPDX-License-Identifier: Apache-2.0 */
/* csv_write: lays rows out in a buffer, which goes to a file or grows in memory. */
#include "sim/lib/csv.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    BUFFER = 64 * 1024,
    DIGITS = 20, /* of a uint64_t */
    DECIMALS_MAX = 18
};

struct csv_writer {
    char *buffer; /* of size + 1 bytes: memory ends with a NUL */
    size_t used, size;
    outfile *file; /* NULL: to memory */
    int fields;    /* in the present row */
    int columns;   /* fields of the first row; 0: it is not complete */
    bool blank;    /* all fields of the present row are empty */
};

static const char digit_pairs[] = "00010203040506070809101112131415161718192021222324"
                                  "25262728293031323334353637383940414243444546474849"
                                  "50515253545556575859606162636465666768697071727374"
                                  "75767778798081828384858687888990919293949596979899";

static const uint64_t powers_of_ten[DIGITS] = {
    1,
    10,
    100,
    1000,
    10000,
    100000,
    1000000,
    10000000,
    100000000,
    1000000000,
    10000000000,
    100000000000,
    1000000000000,
    10000000000000,
    100000000000000,
    1000000000000000,
    10000000000000000,
    100000000000000000,
    1000000000000000000,
    10000000000000000000u,
};

static void flush(csv_writer *w)
{
    outfile_write(w->file, w->buffer, w->used);
    w->used = 0;
}

/* Makes room for n bytes, n at most BUFFER. Not inlined: it happens once in thousands of fields. */
static __attribute__((noinline, cold)) void make_room(csv_writer *w, size_t n)
{
    SIM_ASSERT(n <= BUFFER);
    if (w->file) {
        flush(w);
        return;
    }
    w->size = 2 * w->size + n;
    w->buffer = sim_realloc(w->buffer, w->size + 1, 1);
}

static inline char *room(csv_writer *w, size_t n)
{
    if (w->size - w->used < n)
        make_room(w, n);
    return w->buffer + w->used;
}

/* The comma before a field, and room for n bytes of it; the caller adds what it used. */
static inline char *begin_field(csv_writer *w, size_t n)
{
    char *p = room(w, n + 1);

    if (w->fields++ != 0) {
        *p++ = ',';
        w->used++;
    }
    return p;
}

static void put(csv_writer *w, const char *bytes, size_t length)
{
    while (length != 0) {
        size_t part = length < BUFFER ? length : BUFFER;
        memcpy(room(w, part), bytes, part);
        w->used += part;
        bytes += part;
        length -= part;
    }
}

static inline size_t count_digits(uint64_t value)
{
    uint64_t odd = value | 1; /* as many digits, also for 0 */
    size_t digits = (size_t)(64 - __builtin_clzll(odd)) * 1233 >> 12; /* bits * log10(2) */

    return digits + (odd >= powers_of_ten[digits]);
}

static inline void put_pair(char *p, uint32_t value)
{
    memcpy(p, digit_pairs + 2 * value, 2);
}

/* Writes the number at p, returns what follows. From the right; eight digits at a time because
 * their divisions do not wait for each other. */
static inline char *put_digits(char *p, uint64_t value)
{
    char *end = p + count_digits(value), *at = end;
    uint32_t rest;

    for (; value >= 100000000; value /= 100000000) {
        uint32_t low = (uint32_t)(value % 100000000), left = low / 10000, right = low % 10000;
        at -= 8;
        put_pair(at, left / 100);
        put_pair(at + 2, left % 100);
        put_pair(at + 4, right / 100);
        put_pair(at + 6, right % 100);
    }
    for (rest = (uint32_t)value; rest >= 100; rest /= 100) {
        at -= 2;
        put_pair(at, rest % 100);
    }
    if (rest >= 10)
        put_pair(at - 2, rest);
    else
        at[-1] = (char)('0' + rest);
    return end;
}

void csv_u64(csv_writer *w, uint64_t value)
{
    char *p = begin_field(w, DIGITS);

    w->blank = false;
    w->used = (size_t)(put_digits(p, value) - w->buffer);
}

void csv_i64(csv_writer *w, int64_t value)
{
    char *p = begin_field(w, 1 + DIGITS);

    w->blank = false;
    if (value < 0)
        *p++ = '-';
    p = put_digits(p, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
    w->used = (size_t)(p - w->buffer);
}

void csv_decimal(csv_writer *w, int64_t value, int decimals)
{
    uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value, rest;
    char *p = begin_field(w, 2 + DIGITS);

    SIM_ASSERT(decimals >= 0 && decimals <= DECIMALS_MAX);
    w->blank = false;
    if (value < 0)
        *p++ = '-';
    rest = size % powers_of_ten[decimals];
    p = put_digits(p, size / powers_of_ten[decimals]);
    if (rest != 0) {
        char *point = p;
        p = put_digits(p, powers_of_ten[decimals] + rest); /* the 1 keeps the zeros behind it */
        *point = '.';
        while (p[-1] == '0')
            p--;
    }
    w->used = (size_t)(p - w->buffer);
}

void csv_hex64(csv_writer *w, uint64_t value)
{
    char *p = begin_field(w, 16);

    w->blank = false;
    for (int shift = 60; shift >= 0; shift -= 4)
        *p++ = "0123456789abcdef"[(value >> shift) & 15];
    w->used = (size_t)(p - w->buffer);
}

void csv_empty(csv_writer *w)
{
    (void)begin_field(w, 0);
}

void csv_decimal_if(csv_writer *w, int known, int64_t value, int decimals)
{
    if (known)
        csv_decimal(w, value, decimals);
    else
        csv_empty(w);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static void put_quoted(csv_writer *w, const char *field)
{
    put(w, "\"", 1);
    for (const char *quote; (quote = strchr(field, '"')) != NULL; field = quote + 1) {
        put(w, field, (size_t)(quote - field));
        put(w, "\"\"", 2);
    }
    put(w, field, strlen(field));
    put(w, "\"", 1);
}

void csv_text(csv_writer *w, const char *field)
{
    size_t length = 0;
    bool quote = false;

    (void)begin_field(w, 0);
    for (char c; (c = field[length]) != '\0'; length++)
        quote |= c == ',' || c == '"' || c == '\n' || c == '\r';
    if (length == 0)
        return;
    w->blank = false;
    if (quote || is_blank(field[0]) || is_blank(field[length - 1]))
        put_quoted(w, field);
    else
        put(w, field, length);
}

void csv_words(csv_writer *w, const char *words)
{
    char word[64];

    for (size_t length; *words; words += length + (words[length] == ' ')) {
        length = strcspn(words, " ");
        SIM_ASSERT(length > 0 && length < sizeof word);
        memcpy(word, words, length);
        word[length] = '\0';
        csv_text(w, word);
    }
}

void csv_end_row(csv_writer *w)
{
    char *p = room(w, 3);

    SIM_ASSERT(w->fields > 0);
    SIM_ASSERT(w->columns == 0 || w->fields == w->columns);
    if (w->blank && w->fields == 1) { /* an empty line would be no row */
        *p++ = '"';
        *p++ = '"';
    }
    *p++ = '\n';
    *p = '\0'; /* for csv_memory; the buffer has a byte more than its size */
    w->used = (size_t)(p - w->buffer);
    w->columns = w->fields;
    w->fields = 0;
    w->blank = true;
}

void csv_rows_from(csv_writer *w, const char *rows, size_t length)
{
    SIM_ASSERT(w->fields == 0 && (length == 0 || rows[length - 1] == '\n'));
    put(w, rows, length);
}

static csv_writer *new_writer(void)
{
    csv_writer *w = sim_alloc(1, sizeof *w);

    w->size = BUFFER;
    w->buffer = sim_alloc(BUFFER + 1, 1);
    w->blank = true;
    return w;
}

static void free_writer(csv_writer *w)
{
    free(w->buffer);
    free(w);
}

csv_writer *csv_to_memory(void)
{
    return new_writer();
}

const char *csv_memory(const csv_writer *w, size_t *length)
{
    SIM_ASSERT(!w->file && w->fields == 0);
    if (length != NULL)
        *length = w->used;
    return w->buffer;
}

csv_writer *csv_on(outfile *to)
{
    csv_writer *w = new_writer();

    w->file = to;
    return w;
}

sim_status csv_create(const char *path, csv_writer **out, sim_err *err)
{
    outfile *to;
    const sim_status s = outfile_create(path, &to, err);

    if (s == SIM_OK)
        *out = csv_on(to);
    return s;
}

sim_status csv_close(csv_writer *w, sim_err *err)
{
    sim_status s = SIM_OK;

    SIM_ASSERT(w->fields == 0);
    if (w->file) {
        flush(w);
        s = outfile_close(w->file, err);
    }
    free_writer(w);
    return s;
}

void csv_abandon(csv_writer *w)
{
    if (!w)
        return;
    outfile_abandon(w->file);
    free_writer(w);
}
