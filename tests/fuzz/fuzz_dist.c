/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_dist: a distribution is refused in one line, or what is printed of it is the same one. */
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

enum { PRINTED_MAX = 1 << 20 };

static char *print(const dist *d)
{
    char *text = sim_alloc(PRINTED_MAX, 1);

    FUZZ_CHECK(dist_print(d, text, PRINTED_MAX) < PRINTED_MAX, "what is printed is short");
    return text;
}

static void compare(const dist *a, const dist *b, const char *text)
{
    FUZZ_CHECK(dist_min(a) == dist_min(b) && dist_max(a) == dist_max(b), text);
    FUZZ_CHECK(dist_mean(a) == dist_mean(b) && dist_rows(a) == dist_rows(b), text);
    for (uint64_t word = 1; word != 0; word <<= 1)
        FUZZ_CHECK(dist_draw(a, word * 3) == dist_draw(b, word * 3), text);
}

/* A table t.csv is there. */
static void take(const uint8_t *data, size_t size)
{
    static const char table[] = "latency,count\n1us,3\n5us,2\n40us,1\n";
    char *text = fuzz_text(data, size), *printed, *again;
    dist *d, *back;
    sim_err err = {""};
    sim_status s;

    fuzz_write("t.csv", table, sizeof table - 1);
    s = dist_parse(text, "", &d, &err);
    if (s != SIM_OK) {
        fuzz_refused(s, &err, NULL);
    } else {
        fuzz_draws(d, strstr(text, "mix") != NULL);
        printed = print(d);
        FUZZ_CHECK(dist_parse(printed, "", &back, &err) == SIM_OK, err.text);
        compare(d, back, printed);
        again = print(back);
        FUZZ_CHECK(strcmp(printed, again) == 0, printed);
        dist_free(d);
        dist_free(back);
        free(printed);
        free(again);
    }
    free(text);
}

static const char *const words[] = {
    "uniform(", "exp(", "lognormal(", "pareto(", "table(t.csv)", "mix(",   "mix(0.5:1us,0.5:2us)",
    "0.5:",     "50%:", "1us",        "3.3us",   "1000h",        "0",      ")",
    ",",        "0.4",  "1.5",        "100",     "1ps",          "table(", "mix(1:",
    NULL};

const fuzz_target fuzz_dist = {.words = words, .take = take};
