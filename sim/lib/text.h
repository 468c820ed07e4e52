/* SPDX-License-Identifier: Apache-2.0 */
/* text: text on a terminal: how wide it may be, where lines break, ASCII where the locale says so.
 */
#ifndef SMMSIM_SIM_LIB_TEXT_H
#define SMMSIM_SIM_LIB_TEXT_H

#include <stdio.h>
#include "sim/lib/bytes.h"

enum {
    TEXT_COLUMNS = 80,      /* of help */
    TEXT_FILE_COLUMNS = 100 /* of what goes to a pipe or a file: the same bytes everywhere */
};

/* The width of the terminal: COLUMNS if it says, else what the terminal says. Of what is no
 * terminal: TEXT_FILE_COLUMNS. */
int text_columns(FILE *out);

/* Columns that a UTF-8 text takes. */
int text_width(const char *text);

/* The first line of *text in `width` columns (1 or more), broken at a space if there is one: its
 * length in bytes. *text moves behind it and its spaces; at its end it points to the NUL. */
int text_line(const char **text, int width);

/* Prints what begins at column `indent` as lines up to column `end`; the first begins where the
 * cursor is. */
void text_wrap(FILE *out, const char *text, int indent, int end);

/* The same of several lines, which begin at column 0, in the width of `out`. */
void text_wrap_lines(FILE *out, const char *text, int indent);

/* Prints an item of a list behind `gap`, on a new line from column `indent` on if it does not fit
 * any more. *column: where the cursor is, 0 at the start. */
typedef struct {
    int indent, column;
    const char *gap;
} text_list;
void text_item(FILE *out, text_list *list, const char *item);

/* Appends; without a NUL, as text_add. text_end prints it as lines, those behind the first with
 * `indent` blanks before them, and frees it. */
void text_format(bytes *to, const char *fmt, ...) SIM_PRINTF(2, 3);
void text_end(FILE *out, bytes *text, int indent);

/* As the locale has it, of which LC_ALL outranks LC_CTYPE, and that LANG: UTF-8 where it names
 * that, else ASCII, in which each character of ours has a twin. For people: files of data do not
 * pass here. */
void text_add(bytes *to, const char *text); /* without a NUL */
void text_put(FILE *out, const char *text);

#endif
