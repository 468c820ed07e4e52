/* SPDX-License-Identifier: Apache-2.0 */
/* explore_table: every version in every setting, searched and put into one table. */
#include "workloads/explore_table.h"

#include <inttypes.h>

#include "models/edk2.h"

/* With the rendezvous service in relaxed mode: what it promises is part of the claim. */
typedef struct {
    uint16_t cpus;
    uint8_t smis;
    uint8_t reduce;
} column;
static const column columns[] = {{2, 1, 0}, {2, 2, 0}, {3, 1, 1}, {3, 2, 1}};
enum { COLUMNS = sizeof columns / sizeof columns[0] };

typedef struct {
    uint64_t violated[2][EXPLORE_SMM_PROPERTY_COUNT]; /* [broadcast]: searches in which it was */
    uint64_t searches[2];
} tally;

static sim_status search(const explore_smm_settings *settings, const explore_options *options,
                         explore_result *result, sim_err *err)
{
    explore_options own = *options;
    explore found;
    step_config config;
    explore_smm *smm;
    sim_status status = explore_smm_check_settings(settings, &config, err);

    if (status != SIM_OK)
        return status;
    own.all = 1;
    own.watch = settings->watch;
    smm = explore_smm_new(settings, &config);
    status = explore_run(&found, explore_smm_model(smm), &own, result, err);
    if (status == SIM_OK)
        explore_free(&found);
    explore_smm_free(smm);
    return status;
}

static void print_cell(const explore_result *result, const column *c, FILE *out)
{
    const char *before = "";

    for (int p = 0; p < EXPLORE_SMM_PROPERTY_COUNT; p++) {
        if (result->first[p] == EXPLORE_NO_DEPTH)
            continue;
        (void)fprintf(out, "%s%s", before, explore_smm_properties[p].name);
        if (!c->reduce) /* a reduced search knows that, not how soon */
            (void)fprintf(out, " %" PRId64, result->first[p]);
        before = ", ";
    }
    (void)fprintf(out, "%s%s | ", *before ? "" : "clean", result->complete ? "" : " (not all)");
}

static sim_status print_row(explore_smm_settings settings, const explore_options *options,
                            tally *sum, FILE *out)
{
    static const char *const elections[] = {"fixed", "hook", "race"};
    sim_err err;

    (void)fprintf(out, "| %s | %s | %s | %s | ", settings.protocol->name,
                  settings.traditional ? "traditional" : "relaxed",
                  settings.delivery == EXPLORE_SMM_UNICAST ? "unicast" : "broadcast",
                  elections[settings.election]);
    for (size_t c = 0; c < COLUMNS; c++) {
        int broadcast = settings.delivery != EXPLORE_SMM_UNICAST;
        explore_result result;

        settings.cpus = columns[c].cpus;
        settings.smis = columns[c].smis;
        settings.reduce = columns[c].reduce;
        if (search(&settings, options, &result, &err) != SIM_OK)
            return SIM_SYSTEM;
        if (result.interrupted)
            return SIM_INTERRUPTED;
        print_cell(&result, &columns[c], out);
        sum->searches[broadcast]++;
        for (int p = 0; p < EXPLORE_SMM_PROPERTY_COUNT; p++)
            sum->violated[broadcast][p] += result.first[p] != EXPLORE_NO_DEPTH;
    }
    (void)fprintf(out, "\n");
    (void)fflush(out);
    return SIM_OK;
}

static void print_sums(const tally *sum, FILE *out)
{
    (void)fprintf(out,
                  "\n| violated in | unicast (of %" PRIu64 ") | broadcast (of %" PRIu64 ") |\n",
                  sum->searches[0], sum->searches[1]);
    (void)fprintf(out, "|---|---|---|\n");
    for (int p = 0; p < EXPLORE_SMM_PROPERTY_COUNT; p++)
        if (explore_smm_properties[p].on)
            (void)fprintf(out, "| %s | %" PRIu64 " | %" PRIu64 " |\n",
                          explore_smm_properties[p].name, sum->violated[0][p], sum->violated[1][p]);
}

sim_status explore_table_print(const explore_options *options, FILE *out, sim_err *err)
{
    explore_smm_settings settings;
    tally sum = {0};
    sim_status status;

    explore_smm_defaults(&settings);
    (void)fprintf(out, "| protocol | mode | SMI | election ");
    for (size_t c = 0; c < COLUMNS; c++)
        (void)fprintf(out, "| N = %u, K = %u ", columns[c].cpus, columns[c].smis);
    (void)fprintf(out, "|\n|---|---|---|---|---|---|---|---|\n");
    for (int p = 0; p < edk2_protocol_count; p++)
        for (unsigned bits = 0; bits < 12; bits++) {
            settings.protocol = &edk2_protocols[p];
            settings.traditional = bits & 1;
            settings.delivery = bits >> 1 & 1 ? EXPLORE_SMM_BROADCAST : EXPLORE_SMM_UNICAST;
            settings.election = (uint8_t)(bits >> 2);
            settings.script_length = !settings.traditional && p > 0;
            settings.script[0] = STEP_ANSWER(ACTION_RENDEZVOUS, 0);
            status = print_row(settings, options, &sum, out);
            if (status == SIM_INTERRUPTED)
                return err_set(err, status, "interrupted: the table is not whole");
            if (status != SIM_OK)
                return err_set(err, status, "out of memory");
        }
    print_sums(&sum, out);
    return SIM_OK;
}
