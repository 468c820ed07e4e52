/* SPDX-License-Identifier: Apache-2.0 */
/* rules: the table of what must hold, and which rows of it mean something to a protocol. */
#include "models/protocol/rules.h"

#include <stdio.h>
#include <string.h>

#define RULE_ENTRY(id, name, on, over, needs, text, broken, contract, ...) \
    {name, text, broken, contract, "" __VA_ARGS__, on, OVER_##over, needs},
const rule rules[RULE_COUNT] = {RULES(RULE_ENTRY)};

uint32_t rules_for(const step_protocol *protocol)
{
    uint32_t has = 0, set = 0;

    for (int f = 0; f < protocol->field_count; f++)
        has |= 1u << protocol->fields[f].kind;
    for (int r = 0; r < RULE_COUNT; r++)
        set |= (uint32_t)((has & rules[r].needs) == rules[r].needs) << r;
    return set;
}

int rules_find(const char *name)
{
    for (int r = 0; r < RULE_COUNT; r++)
        if (strcmp(rules[r].name, name) == 0)
            return r;
    return -1;
}

sim_status rules_parse(const char *place, const char *text, uint32_t *set, sim_err *err)
{
    const char *names[RULE_COUNT];
    char word[32];

    *set = 0;
    for (int r = 0; r < RULE_COUNT; r++)
        names[r] = rules[r].name;
    do {
        size_t length = strcspn(text, ",");
        uint32_t found = 0;
        const char *near;

        (void)snprintf(word, sizeof word, "%.*s", (int)length, text);
        for (int r = 0; r < RULE_COUNT; r++)
            if (strcmp(word, "all") == 0 || (strcmp(word, "default") == 0 && rules[r].on) ||
                strcmp(word, rules[r].name) == 0)
                found |= 1u << r;
        near = err_nearest(word, names, RULE_COUNT);
        if (!found)
            return err_set(err, SIM_BAD_INPUT,
                           "%s: unknown rule \"%.*s\" (%s%s%sall, default, or what `smmsim list "
                           "rules` shows)",
                           place, (int)length, text, near ? "did you mean \"" : "",
                           near ? near : "", near ? "\"? " : "");
        *set |= found;
        text += length;
    } while (*text++ == ',');
    return SIM_OK;
}

int rules_clean(const step_protocol *protocol, const step_config *config, uint32_t differ,
                const uint32_t *const words[2])
{
    for (int f = 0; f < protocol->field_count; f++)
        if (!(differ >> f & 1) && memcmp(&words[0][config->first[f]], &words[1][config->first[f]],
                                         step_width(protocol, config, f) * sizeof words[0][0]) != 0)
            return 0;
    return 1;
}
