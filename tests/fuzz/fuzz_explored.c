/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_explored: the journal of `explore --table` is refused, or gone on from and not changed. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "sim/lib/input.h"
#include "tests/fuzz/fuzz.h"
#include "sim/cli/explore_table.h"

/* Told to stop before it begins: so it only reads, up to the first search that is not there. */
static void take(const uint8_t *data, size_t size)
{
    static const volatile sig_atomic_t stop = 1;
    const explore_options options = {.threads = 1, .ceiling = 1 << 20, .stop = &stop};
    char *told = NULL;
    size_t told_size;
    FILE *out = open_memstream(&told, &told_size);
    bytes after = {0};
    sim_err err = {""};
    sim_status s;

    fuzz_write("journal", data, size);
    s = explore_table_print(&options, "journal", out, &err);
    (void)fclose(out);
    if (s == SIM_BAD_INPUT)
        fuzz_refused(s, &err, "journal");
    else
        FUZZ_CHECK(s == SIM_OK || s == SIM_INTERRUPTED, err.text);
    FUZZ_CHECK(input_read("journal", 1 << 20, &after, &err) == SIM_OK, err.text);
    FUZZ_CHECK(size == 0 || (after.length == size && memcmp(after.at, data, size) == 0),
               "the journal is as it was");
    bytes_free(&after);
    free(told);
}

static const char *const words[] = {"smmsim explore --table journal\n",
                                    "edk2-2016 ",
                                    " 0 0 0 2 1:",
                                    " 1 0",
                                    " -1",
                                    " end\n",
                                    " 12",
                                    "9223372036854775807",
                                    NULL};

const fuzz_target fuzz_explored = {.words = words, .take = take};
