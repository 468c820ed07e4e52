/* SPDX-License-Identifier: Apache-2.0 */
/* table: a table for people that fits the terminal: cells wrap, what is still too wide goes below.
 */
#ifndef SMMSIM_SIM_LIB_TABLE_H
#define SMMSIM_SIM_LIB_TABLE_H

#include <stdio.h>
#include "sim/lib/base.h"

typedef struct text_table text_table;

/* A letter for each column: l left, r right, w left and wrapped where the table is too wide. */
text_table *table_new(const char *columns);

/* The next cell, row by row; control characters become '?'. */
void table_add(text_table *t, const char *fmt, ...) SIM_PRINTF(2, 3);

void table_free(text_table *t); /* NULL is fine */
int table_rows(const text_table *t);

/* Prints and frees it. Where the columns do not fit, although those of w are as narrow as they may
 * be, the further ones stand below in a table of their own, the first one before them again. A
 * column that has text in the first row only is left out. */
void table_print(text_table *t, int indent, FILE *out);

#endif
