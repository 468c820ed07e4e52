/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_platform: a platform's file is refused, or each value of it is printed as it is read. */
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "workloads/experiment.h"

enum { VALUE_MAX = 1 << 16 };

static void print_and_read(const param_set *params)
{
    static char printed[VALUE_MAX], again[VALUE_MAX];
    const param_origin origin = {PARAM_USER, "--set", "", ""};
    param_set *fresh = param_new_for(&params_table, PARAM_FOR_BOTH);
    sim_err err = {""};

    for (int id = 0; id < P_COUNT; id++) {
        const char *name = params_table.defs[id].name;

        if (id == P_PLATFORM)
            continue;
        FUZZ_CHECK(param_print(params, id, printed, VALUE_MAX) < VALUE_MAX, name);
        FUZZ_CHECK(param_assign(fresh, name, printed, &origin, &err) == SIM_OK, err.text);
        (void)param_print(fresh, id, again, VALUE_MAX);
        FUZZ_CHECK(strcmp(printed, again) == 0, printed);
    }
    param_free(fresh);
}

static void take(const uint8_t *data, size_t size)
{
    static const experiment_setting settings[] = {{"platform", "in.csv", "--platform"},
                                                  {"workload", "smi-single", "--workload"}};
    static const char table[] = "latency,count\n1us,3\n5us,2\n";
    experiment e;
    sim_err err = {""};
    sim_status s;

    fuzz_write("in.csv", data, size);
    fuzz_write("t.csv", table, sizeof table - 1);
    s = experiment_load(settings, 2, &e, &err);
    if (s != SIM_OK) {
        /* what does not fit together is told by its names */
        fuzz_refused(s, &err, strncmp(err.text, "in.csv", 6) == 0 ? "in.csv" : NULL);
        return;
    }
    print_and_read(e.params);
    experiment_free(&e);
}

static const char *const words[] = {"parameter,value,source",
                                    ",uncalibrated\n",
                                    "auto",
                                    "uniform(1us,3us)",
                                    "table(t.csv)",
                                    "exp(50us)",
                                    "lognormal(2us,0.4)",
                                    "pareto(1us,1ms,1.5)",
                                    "mix(0.95:1us,0.05:2us)",
                                    "on",
                                    "off",
                                    "4096",
                                    "1h",
                                    "0",
                                    "100%",
                                    "4GiB",
                                    "edk2-2017",
                                    "coreboot",
                                    NULL};

const fuzz_target fuzz_platform = {.words = words, .knows_params = 1, .take = take};
