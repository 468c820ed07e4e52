/* SPDX-License-Identifier: Apache-2.0 */
/* csv: CSV in through libcsv with places for errors, CSV out (RFC 4180) through a buffer. */
#ifndef SMMSIM_SIM_LIB_CSV_H
#define SMMSIM_SIM_LIB_CSV_H

#include "sim/lib/outfile.h"

/* A whole file in memory. The first row that is not a comment is the header. Rows whose first field
 * starts with '#', empty lines and rows of empty cells, as spreadsheets write them, are skipped;
 * the rest of a line that begins with '#' may be anything. Every row has as many fields as the
 * header: another number is an error. Fields are NUL-terminated, outer blanks removed unless
 * quoted. LF, CRLF and CR end a line; a UTF-8 byte-order mark is skipped. A NUL byte, UTF-16,
 * invalid UTF-8, an unclosed quote, a duplicate or empty column name, another separator than the
 * comma, more than 4096 columns, no header, a file over 256 MiB, and a missing line end in the last
 * line (a truncated file) are errors that name line and column. What cannot be opened, or is no
 * file (sim/lib/input.h): "path: No such file or directory". All of them are SIM_BAD_INPUT; a
 * failing disk is SIM_SYSTEM. *out is set on success only. */
typedef struct csv_table csv_table;

SIM_MUST_CHECK sim_status csv_read(const char *path, csv_table **out, sim_err *err);
/* The same, and folds the file's bytes into the hash (bytes_hash). */
SIM_MUST_CHECK sim_status csv_read_hash(const char *path, uint64_t *hash, csv_table **out,
                                        sim_err *err);
void csv_free_table(csv_table *t); /* NULL is fine */
const char *csv_path(const csv_table *t);
int csv_columns(const csv_table *t);
int csv_rows(const csv_table *t); /* without header and comments */
const char *csv_name(const csv_table *t, int column);
const char *csv_field(const csv_table *t, int row, int column);
/* Line number in the file, from 1, where the row begins; row -1 is the header. */
int csv_line(const csv_table *t, int row);

/* Maps wanted column names to columns. Each of `required` must be there and nothing else than
 * `required` and `optional` (NULL-terminated lists; optional ones get -1 when absent). at[] is
 * filled in the order required, then optional. Unknown names are refused with the nearest one.
 * Either list may be NULL. */
SIM_MUST_CHECK sim_status csv_map(const csv_table *t, const char *const *required,
                                  const char *const *optional, int *at, sim_err *err);

/* Error at a field: "path:line:column: text"; the column printed counts fields from 1, row and
 * column given are those of csv_field, row -1 is the header. Returns SIM_BAD_INPUT. The other link
 * name is there because libcsv has a csv_error too. */
sim_status csv_error(const csv_table *t, int row, int column, sim_err *err, const char *fmt,
                     ...) __asm__("smmsim_csv_error") SIM_PRINTF(5, 6);

/* Output, as outfile_create says: a regular file is there when all of it was written. csv_create
 * fails where the file cannot be made; write errors are kept and reported by csv_close: "path: No
 * space left on device". Both give SIM_SYSTEM. Lines end with \n. A field is quoted only when it
 * must be: comma, quote, CR, LF, outer blanks, and the empty field of a row that has only this one.
 * Every row has as many fields as the first one: another number is a broken invariant. */
typedef struct csv_writer csv_writer;
SIM_MUST_CHECK sim_status csv_create(const char *path, csv_writer **out, sim_err *err);
csv_writer *csv_on(outfile *to); /* which is its own from now on */
csv_writer *csv_to_memory(void);
void csv_text(csv_writer *w, const char *field);
void csv_i64(csv_writer *w, int64_t value);
void csv_u64(csv_writer *w, uint64_t value);
/* value / 10^decimals (0 to 18), exactly, trailing zeros removed: csv_decimal(w, 1500, 3): 1.5 */
void csv_decimal(csv_writer *w, int64_t value, int decimals);
void csv_hex64(csv_writer *w, uint64_t value); /* 16 lower-case digits */
void csv_empty(csv_writer *w);
/* csv_decimal of a value that is known, csv_empty of another one. */
void csv_decimal_if(csv_writer *w, int known, int64_t value, int decimals);
/* A field for each word, words being apart by one blank: the names of columns. */
void csv_words(csv_writer *w, const char *words);
void csv_end_row(csv_writer *w);
/* Whole rows as csv_memory gives them. */
void csv_rows_from(csv_writer *w, const char *rows, size_t length);
SIM_MUST_CHECK sim_status csv_close(csv_writer *w, sim_err *err); /* frees w, also on error */
void csv_abandon(csv_writer *w); /* frees w, leaves what was there */
/* The whole rows of csv_to_memory, NUL-terminated, until the next call; length may be NULL. */
const char *csv_memory(const csv_writer *w, size_t *length);

#endif
