/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_table: the file of table() is refused with its place, or is a distribution. */
#include "sim/lib/bytes.h"
#include "tests/fuzz/fuzz.h"

static void take(const uint8_t *data, size_t size)
{
    dist *d;
    sim_err err = {""};
    sim_status s;

    fuzz_write("t.csv", data, size);
    s = dist_parse("table(t.csv)", "", &d, &err);
    if (s != SIM_OK) {
        fuzz_refused(s, &err, "t.csv");
        return;
    }
    FUZZ_CHECK(dist_rows(d) > 0, "rows");
    FUZZ_CHECK(dist_hash_tables(d, BYTES_HASH) != BYTES_HASH, "the hash of a table");
    FUZZ_CHECK(dist_draw(d, 0) == dist_min(d), "the first draw");
    FUZZ_CHECK(dist_draw(d, UINT64_MAX) == dist_max(d), "the last draw");
    fuzz_draws(d, 0);
    dist_free(d);
}

static const char *const words[] = {"latency,count",
                                    "count,latency",
                                    "\n1us,1",
                                    "\n0,1",
                                    "1e18",
                                    "18446744073709551615",
                                    "9223372036854775807",
                                    "1000h",
                                    ",0\n",
                                    "#",
                                    "1.5",
                                    "\r\n",
                                    "-1",
                                    NULL};

const fuzz_target fuzz_table = {.words = words, .take = take};
