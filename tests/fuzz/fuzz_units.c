/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_units: a quantity is refused in one line, or what is printed of it is the same quantity. */
#include <stdlib.h>
#include <string.h>

#include "sim/lib/units.h"
#include "tests/fuzz/fuzz.h"

/* The first byte is the kind, as a digit. */
static void take(const uint8_t *data, size_t size)
{
    const unit_kind kind = size ? (unit_kind)(data[0] % (UNIT_COUNT + 1)) : UNIT_TIME;
    char *text = fuzz_text(data + (size > 0), size - (size > 0));
    char printed[64], again[64];
    int64_t value = 0, back = 0;
    sim_err err = {""};
    sim_status s = units_parse(kind, text, &value, &err);

    if (s != SIM_OK) {
        fuzz_refused(s, &err, NULL);
    } else {
        FUZZ_CHECK(units_print(kind, value, printed, sizeof printed) < (int)sizeof printed, text);
        FUZZ_CHECK(units_parse(kind, printed, &back, &err) == SIM_OK, err.text);
        FUZZ_CHECK(back == value, printed);
        (void)units_print(kind, back, again, sizeof again);
        FUZZ_CHECK(strcmp(printed, again) == 0, printed);
        for (int digits = 1; digits <= 9; digits++) {
            const int length = units_human(kind, value, digits, again, sizeof again);

            FUZZ_CHECK(0 < length && length < (int)sizeof again, text);
            FUZZ_CHECK((again[0] == '-') <= (value < 0), again);
        }
    }
    free(text);
}

static const char *const words[] = {"ps",
                                    "ns",
                                    "us",
                                    "\xc2\xb5s",
                                    "ms",
                                    "s",
                                    "min",
                                    "h",
                                    "B",
                                    "kB",
                                    "MB",
                                    "KiB",
                                    "MiB",
                                    "GiB",
                                    "Hz",
                                    "kHz",
                                    "MHz",
                                    "GHz",
                                    "%",
                                    "e3",
                                    "e-12",
                                    "0x1",
                                    "1.5",
                                    "inf",
                                    "nan",
                                    "-",
                                    "+",
                                    "1,5",
                                    "1 000",
                                    "1'000",
                                    "9223372036854775807",
                                    "-9223372036854775808",
                                    "4611686018427387904",
                                    "0.5",
                                    NULL};

const fuzz_target fuzz_units = {.words = words, .take = take};
