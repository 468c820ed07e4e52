/* SPDX-License-Identifier: Apache-2.0 */
/* mutants: known bugs of edk2 by id, how to put each back in, and what it then violates. */
#include "models/explore/mutants.h"

#include <string.h>

#include "models/protocol/edk2.h"

const mutant mutants[] = {
    {"F01",
     "the AP posts #7 in relaxed mode, too, where the BSP waits for nobody",
     "d49364779c",
     "job-held",
     EDK2_MUTANT_F01,
     0,
     {{P_MODE, "relaxed"}, {P_SMIS, "2"}, {P_TIMEOUTS, "off"}},
     {{0}}},
    {"F02",
     "no gather #7, and RUN is a flag: the start of a job merges with release #2",
     "d49364779c",
     "no-deadlock",
     EDK2_MUTANT_BINARY,
     EDK2_MUTANT_BINARY,
     {{P_PROTOCOL, "edk2-202411"}, {P_SERVICES, "job-wait:1"}, {P_TIMEOUTS, "off"}},
     {{P_PROTOCOL, "edk2-head"}}},
    {"F04",
     "a check-out counts a locked door down",
     "69eb9ad4a1",
     "door",
     0,
     0,
     {{P_PROTOCOL, "edk2-202211"}},
     {{P_PROTOCOL, "edk2-202402"}}},
    {"F05",
     "the rendezvous service waits again behind a locked door",
     "5bb7bfbe81",
     "no-stall",
     0,
     0,
     {{P_PROTOCOL, "edk2-202211"}, {P_SERVICES, "rendezvous"}},
     {{P_PROTOCOL, "edk2-202402"}}},
    {"F06",
     "AllApArrivedWithException stays set after the SMI",
     "4364d66168",
     "rendezvous-in",
     EDK2_MUTANT_F06,
     0,
     {{P_MODE, "relaxed"}, {P_SMIS, "2"}, {P_SERVICES, "rendezvous"}, {P_TIMEOUTS, "off"}},
     {{0}}},
    {"F07",
     "arrival is not looked at again if a machine check skipped the wait",
     "6fb7117e28",
     "rendezvous-found",
     0,
     0,
     {{P_PROTOCOL, "edk2-202411"}, {P_LMCE, "on"}, {P_TIMEOUTS, "off"}, {P_SERVICES, "rendezvous"}},
     {{P_PROTOCOL, "edk2-head"}}},
    {"F08",
     "S3 resume leaves the BSP's number and procedures of before the sleep",
     "e78a2a49ee",
     "bsp-comes",
     MUTANT_RESUME_KEEPS_DATA,
     0,
     {{P_SUSPEND, "on"},
      {P_SMIS, "2"},
      {P_MODE, "relaxed"},
      {P_DELIVERY, "unicast"},
      {P_ELECTION, "race"}},
     {{0}}},
    {"F09",
     "S3 resume leaves semaphores, presence and locks of before the sleep",
     "56e4a7d726",
     "no-deadlock",
     MUTANT_RESUME_KEEPS_LOCKS,
     0,
     {{P_PROTOCOL, "edk2-head-fixed"},
      {P_SUSPEND, "on"},
      {P_SMIS, "2"},
      {P_SERVICES, "job-wait:1"}},
     {{0}}},
    {"F16",
     "tasks that need all CPUs run without a rendezvous in relaxed mode",
     "9f12d6b6ec",
     "job-accepted",
     0,
     0,
     {{P_PROTOCOL, "edk2-head-fixed"},
      {P_MODE, "relaxed"},
      {P_TIMEOUTS, "off"},
      {P_SERVICES, "job-wait:1"}},
     {{P_SERVICES, "rendezvous,job-wait:1"}}},
    {"F17",
     "a loop over all possible CPUs gives work to one that does not exist",
     "b7025df8f9",
     "job-accepted",
     EDK2_MUTANT_HOLES,
     0,
     {{P_PROTOCOL, "edk2-2017"}, {P_POSSIBLE, "3"}, {P_TIMEOUTS, "off"}, {P_SERVICES, "jobs-wait"}},
     {{0}}},
    {"F20",
     "BUSY is freed first, then an AP that sees no other one busy releases the token",
     "a457823f27",
     "clean",
     EDK2_MUTANT_F20,
     0,
     {{P_CPUS, "3"}, {P_SERVICES, "jobs"}, {P_TIMEOUTS, "off"}},
     {{0}}},
    {"F21",
     "a job's start only tries the BUSY lock of an AP that is about to free it",
     "832c4c7ad6",
     "job-accepted",
     EDK2_MUTANT_TRY,
     0,
     {{P_SERVICES, "job:1,job:1"}, {P_TIMEOUTS, "off"}},
     {{0}}},
    {"F30",
     "a machine check skips the first wait although everybody is coming",
     "f6afd87663",
     "no-spurious",
     0,
     0,
     {{P_PROTOCOL, "edk2-202411"}, {P_CPUS, "3"}, {P_LMCE, "on"}, {P_TIMEOUTS, "off"}},
     {{P_LMCE, "off"}}},
    {"F42",
     "an SMI with a communicate buffer serves no other source",
     "9fa90bb491",
     "no-lost-smi",
     MUTANT_COMMUNICATE_ONLY,
     0,
     {{P_CPUS, "1"}, {P_SMIS, "2"}, {P_SOURCES, "2"}, {P_TIMEOUTS, "off"}, {P_ELECTION, "fixed"}},
     {{0}}},
};
const int mutant_count = sizeof mutants / sizeof mutants[0];

const mutant *mutants_find(const char *id)
{
    for (int m = 0; m < mutant_count; m++)
        if (strcmp(mutants[m].id, id) == 0)
            return &mutants[m];
    return NULL;
}

static void put_rows(param_set *params, const mutant_setting rows[MUTANT_SETTINGS])
{
    const param_origin origin = {PARAM_WORKLOAD, "--mutant", "the bug's own setting", ""};

    for (int i = 0; i < MUTANT_SETTINGS && rows[i].value; i++)
        if (param_assign(params, params_table.defs[rows[i].id].name, rows[i].value, &origin,
                         NULL) != SIM_OK)
            sim_panic(__FILE__, __LINE__, "a mutant's setting is refused");
}

void mutants_put(const mutant *m, int fixed, param_set *params, explore_smm_settings *settings)
{
    put_rows(params, m->with);
    if (fixed)
        put_rows(params, m->without);
    settings->mutant = fixed ? m->bits_fixed : m->bits;
    settings->mutant_name = m->id;
    settings->fixed = (uint8_t)fixed;
    for (int p = 0; p < RULE_COUNT; p++)
        if (strcmp(rules[p].name, m->property) == 0)
            settings->watch = 1u << p;
}
