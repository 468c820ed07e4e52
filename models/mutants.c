/* SPDX-License-Identifier: Apache-2.0 */
/* mutants: known bugs of edk2 by id, how to put each back in, and what it then violates. */
#include "models/mutants.h"

#include <string.h>

#include "models/edk2.h"

const mutant mutants[] = {
    {"F01", "barrier #7 in relaxed mode, where the BSP waits for nobody", "d49364779c",
     EDK2_MUTANT_F01, "--set sync.mode=relaxed --smis 2", "--set sync.mode=relaxed --smis 2",
     "job-held"},
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
