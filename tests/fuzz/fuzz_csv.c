/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_csv: a CSV file is refused with its place, or written and read again it is the same. */
#include <string.h>

#include "sim/lib/csv.h"
#include "tests/fuzz/fuzz.h"

/* At the start of a file these are not a part of the first field. */
static int is_mark(const char *field)
{
    return field[0] == '#' || strncmp(field, "\xef\xbb\xbf", 3) == 0;
}

/* Such a row is no row once its quotes are gone, and is not written by anybody. */
static int is_lost(const csv_table *t, int row)
{
    int empty = 1;

    for (int i = 0; i < csv_columns(t); i++)
        empty &= csv_field(t, row, i)[0] == '\0';
    return empty || csv_field(t, row, 0)[0] == '#';
}

static int write_again(const csv_table *t)
{
    csv_writer *w = csv_to_memory();
    size_t length;
    const char *rows;
    int written = 0;

    for (int i = 0; i < csv_columns(t); i++)
        csv_text(w, csv_name(t, i));
    csv_end_row(w);
    for (int row = 0; row < csv_rows(t); row++) {
        if (is_lost(t, row))
            continue;
        for (int i = 0; i < csv_columns(t); i++)
            csv_text(w, csv_field(t, row, i));
        csv_end_row(w);
        written++;
    }
    rows = csv_memory(w, &length);
    fuzz_write("again.csv", rows, length);
    csv_abandon(w);
    return written;
}

static void compare(const csv_table *t, const csv_table *again)
{
    int to = 0;

    FUZZ_CHECK(csv_columns(t) == csv_columns(again), "columns");
    for (int i = 0; i < csv_columns(t); i++)
        FUZZ_CHECK(strcmp(csv_name(t, i), csv_name(again, i)) == 0, csv_name(t, i));
    for (int row = 0; row < csv_rows(t); row++) {
        FUZZ_CHECK(csv_line(t, row) > csv_line(t, row - 1), "lines follow each other");
        if (is_lost(t, row))
            continue;
        for (int i = 0; i < csv_columns(t); i++)
            FUZZ_CHECK(strcmp(csv_field(t, row, i), csv_field(again, to, i)) == 0,
                       csv_field(t, row, i));
        to++;
    }
}

static void take(const uint8_t *data, size_t size)
{
    static const char *const required[] = {"latency", "count", NULL};
    csv_table *t, *again;
    int at[2];
    sim_err err = {""};
    sim_status s;

    fuzz_write("in.csv", data, size);
    s = csv_read("in.csv", &t, &err);
    if (s != SIM_OK) {
        fuzz_refused(s, &err, "in.csv");
        return;
    }
    FUZZ_CHECK(csv_columns(t) > 0 && csv_rows(t) >= 0, "a table");
    s = csv_map(t, required, NULL, at, &err);
    if (s != SIM_OK)
        fuzz_refused(s, &err, "in.csv");
    if (!is_mark(csv_name(t, 0))) {
        const int rows = write_again(t);

        FUZZ_CHECK(csv_read("again.csv", &again, &err) == SIM_OK, err.text);
        FUZZ_CHECK(csv_rows(again) == rows, "rows");
        compare(t, again);
        csv_free_table(again);
    }
    csv_free_table(t);
}

static const char *const words[] = {"\r\n",     "\"\"",          "\",\"", "\xef\xbb\xbf",
                                    "\n#",      "latency,count", "sep=;", "\t",
                                    "\xff\xfe", "\xe2\x82\xac",  ",,,",   NULL};

const fuzz_target fuzz_csv = {.words = words, .take = take};
