/* SPDX-License-Identifier: Apache-2.0 */
/* mutants: known bugs of edk2 by id, how to put each back in, and what it then violates. */
#include "models/mutants.h"

#include <string.h>

#include "models/edk2.h"

#define SAME(text) text, text

const mutant mutants[] = {
    {"F01", "the AP posts #7 in relaxed mode, too, where the BSP waits for nobody", "d49364779c",
     EDK2_MUTANT_F01, 0, SAME("--set sync.mode=relaxed --smis 2 --set timeouts=off"), "job-held"},
    {"F02", "no gather #7, and RUN is a flag: the start of a job merges with release #2",
     "d49364779c", EDK2_MUTANT_BINARY, EDK2_MUTANT_BINARY,
     "--protocol edk2-202411 --set handler=job-wait:1 --set timeouts=off",
     "--protocol edk2-head --set handler=job-wait:1 --set timeouts=off", "no-deadlock"},
    {"F04", "a check-out counts a locked door down", "69eb9ad4a1", 0, 0, "--protocol edk2-202211",
     "--protocol edk2-202402", "door"},
    {"F05", "the rendezvous service waits again behind a locked door", "5bb7bfbe81", 0, 0,
     "--protocol edk2-202211 --set handler=rendezvous --cpus 2 --properties no-stall",
     "--protocol edk2-202402 --set handler=rendezvous --cpus 2 --properties no-stall", "no-stall"},
    {"F06", "AllApArrivedWithException stays set after the SMI", "4364d66168", EDK2_MUTANT_F06, 0,
     SAME("--set sync.mode=relaxed --smis 2 --set handler=rendezvous --set timeouts=off "
          "--properties rendezvous-in"),
     "rendezvous-in"},
    {"F07", "arrival is not looked at again if a machine check skipped the wait", "6fb7117e28", 0,
     0,
     "--protocol edk2-202411 --set lmce=on --set timeouts=off --set handler=rendezvous "
     "--properties rendezvous-found",
     "--protocol edk2-head --set lmce=on --set timeouts=off --set handler=rendezvous "
     "--properties rendezvous-found",
     "rendezvous-found"},
    {"F08", "S3 resume leaves the BSP's number and procedures of before the sleep", "e78a2a49ee",
     MUTANT_RESUME_KEEPS_DATA, 0,
     SAME("--set suspend=on --smis 2 --set sync.mode=relaxed --set smi.delivery=unicast "
          "--set bsp.election=race --properties bsp-comes"),
     "bsp-comes"},
    {"F09", "S3 resume leaves semaphores, presence and locks of before the sleep", "56e4a7d726",
     MUTANT_RESUME_KEEPS_LOCKS, 0,
     SAME("--protocol edk2-head-fixed --set suspend=on --smis 2 --set handler=job-wait:1"),
     "no-deadlock"},
    {"F16", "tasks that need all CPUs run without a rendezvous in relaxed mode", "9f12d6b6ec", 0, 0,
     "--protocol edk2-head-fixed --set sync.mode=relaxed --set timeouts=off "
     "--set handler=job-wait:1 --properties job-accepted",
     "--protocol edk2-head-fixed --set sync.mode=relaxed --set timeouts=off "
     "--set handler=rendezvous,job-wait:1 --properties job-accepted",
     "job-accepted"},
    {"F17", "a loop over all possible CPUs gives work to one that does not exist", "b7025df8f9",
     EDK2_MUTANT_HOLES, 0,
     SAME("--protocol edk2-2017 --set possible=3 --set timeouts=off --set handler=jobs-wait "
          "--properties job-accepted"),
     "job-accepted"},
    {"F20", "BUSY is freed first, then whoever sees no other AP busy releases the token",
     "a457823f27", EDK2_MUTANT_F20, 0, SAME("--cpus 3 --set handler=jobs --set timeouts=off"),
     "clean"},
    {"F21", "a job's start only tries the BUSY lock of an AP that is about to free it",
     "832c4c7ad6", EDK2_MUTANT_TRY, 0,
     SAME("--set handler=job:1,job:1 --set timeouts=off --properties job-accepted"),
     "job-accepted"},
    {"F30", "a machine check skips the first wait although everybody is coming", "f6afd87663", 0, 0,
     "--protocol edk2-202411 --cpus 3 --set lmce=on --set timeouts=off --properties no-spurious",
     "--protocol edk2-202411 --cpus 3 --set lmce=off --set timeouts=off --properties no-spurious",
     "no-spurious"},
    {"F42", "an SMI with a communicate buffer serves no other source", "9fa90bb491",
     MUTANT_COMMUNICATE_ONLY, 0,
     SAME("--cpus 1 --smis 2 --set sources=2 --set timeouts=off --set bsp.election=fixed"),
     "no-lost-smi"},
};
const int mutant_count = sizeof mutants / sizeof mutants[0];

const mutant *mutant_find(const char *id)
{
    for (int m = 0; m < mutant_count; m++)
        if (strcmp(mutants[m].id, id) == 0)
            return &mutants[m];
    return NULL;
}

/* One "--name value" or "--set name=value"; text is cut up. */
static sim_status apply_one(explore_smm_settings *settings, char *name, char *value, sim_err *err)
{
    char *equals = strchr(value, '=');

    if (strcmp(name, "--set") != 0)
        return explore_smm_set(settings, name + 2, value, err);
    if (!equals)
        return err_set(err, SIM_BAD_INPUT, "--set %s: no '=' (would be right: --set NAME=VALUE)",
                       value);
    *equals = 0;
    return explore_smm_set(settings, value, equals + 1, err);
}

sim_status mutant_apply(explore_smm_settings *settings, const char *arguments, sim_err *err)
{
    char text[300];
    char *at = text;

    if (strlen(arguments) >= sizeof text)
        return err_set(err, SIM_BAD_INPUT, "too many arguments in one string");
    memcpy(text, arguments, strlen(arguments) + 1);
    while (*at) {
        char *name = at;
        char *value = strchr(name, ' ');
        char *end;

        if (strncmp(name, "--", 2) != 0 || !value)
            return err_set(err, SIM_BAD_INPUT, "'%s' is no option with a value", name);
        *value++ = 0;
        end = strchr(value, ' ');
        at = end ? end + 1 : value + strlen(value);
        if (end)
            *end = 0;
        if (apply_one(settings, name, value, err) != SIM_OK)
            return SIM_BAD_INPUT;
    }
    return SIM_OK;
}
