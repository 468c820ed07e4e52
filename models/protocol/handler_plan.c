/* SPDX-License-Identifier: Apache-2.0 */
/* handler_plan: reads, prints and checks the actions of a handler. */
#include "models/protocol/handler_plan.h"

#include <stdlib.h>
#include <string.h>

#include "models/protocol/edk2_versions.h"

static sim_status parse_cpu(const char *text, int cpus, uint32_t *cpu, sim_err *err)
{
    char *end;
    unsigned long long value = strtoull(text, &end, 10);

    if (*text < '0' || *text > '9' || *end || value >= STEP_CPUS_MAX)
        return err_set(err, SIM_BAD_INPUT, "'%s' is not a CPU (would be right: 0 to %d)", text,
                       cpus - 1);
    *cpu = (uint32_t)value;
    return SIM_OK;
}

static sim_status parse_action(char *word, int cpus, uint32_t *action, sim_err *err)
{
    static const char *const names[] = {"rendezvous", "job",       "job-wait",
                                        "jobs",       "jobs-wait", "switch"};
    char *colon = strchr(word, ':');
    uint32_t cpu = 0;
    int named = 1;

    if (colon) {
        *colon = 0;
        if (parse_cpu(colon + 1, cpus, &cpu, err) != SIM_OK)
            return SIM_BAD_INPUT;
    }
    if (strcmp(word, "rendezvous") == 0) {
        *action = STEP_ANSWER(ACTION_RENDEZVOUS, 0);
        named = 0;
    } else if (strncmp(word, "jobs", 4) == 0 && (!word[4] || strcmp(word + 4, "-wait") == 0)) {
        *action = STEP_ANSWER(ACTION_START_ALL, STEP_JOB_ARGUMENT(0, 1, word[4] != 0));
        named = 0;
    } else if (strncmp(word, "job", 3) == 0 && (!word[3] || strcmp(word + 3, "-wait") == 0)) {
        *action = STEP_ANSWER(ACTION_START_THIS, STEP_JOB_ARGUMENT(cpu, 2, word[3] != 0));
    } else if (strcmp(word, "switch") == 0) {
        *action = STEP_ANSWER(ACTION_SWITCH_BSP, cpu);
    } else {
        const char *near = err_nearest(word, names, sizeof names / sizeof names[0]);

        return err_set(
            err, SIM_BAD_INPUT, "'%s' is no action of a handler (would be right: %s)", word,
            near ? near : "none, rendezvous, job:CPU, job-wait:CPU, jobs, jobs-wait, switch:CPU");
    }
    if (named != (colon != NULL))
        return err_set(err, SIM_BAD_INPUT, "'%s' %s CPU (would be right: %s%s)", word,
                       named ? "needs a" : "takes no", word, named ? ":1" : "");
    return SIM_OK;
}

sim_status handler_plan_parse(const char *text, int cpus, handler_plan *out, sim_err *err)
{
    char word[32];

    *out = (handler_plan){.length = 0};
    if (strcmp(text, "none") == 0)
        return SIM_OK;
    do {
        size_t length = strcspn(text, ",");

        if (out->length == HANDLER_PLAN_MAX || length >= sizeof word)
            return err_set(err, SIM_BAD_INPUT, "too long (at most %d actions)", HANDLER_PLAN_MAX);
        memcpy(word, text, length);
        word[length] = 0;
        if (parse_action(word, cpus, &out->action[out->length], err) != SIM_OK)
            return SIM_BAD_INPUT;
        out->length++;
        text += length;
    } while (*text++ == ',');
    return SIM_OK;
}

void handler_plan_block(handler_plan *s)
{
    SIM_ASSERT(s->length <= HANDLER_PLAN_MAX);
    for (uint32_t i = 0; i < s->length; i++)
        if (s->action[i] >> 24 == ACTION_START_THIS || s->action[i] >> 24 == ACTION_START_ALL)
            s->action[i] |= STEP_JOB_ARGUMENT(0, 0, 1);
}

static void print_action(uint32_t action, FILE *out)
{
    uint32_t cpu = action & 0xfff;
    int wait = action >> 23 & 1;

    switch ((step_action)(action >> 24)) {
    case ACTION_RENDEZVOUS:
        (void)fprintf(out, "rendezvous");
        break;
    case ACTION_START_THIS:
        (void)fprintf(out, "job%s:%u", wait ? "-wait" : "", cpu);
        break;
    case ACTION_START_ALL:
        (void)fprintf(out, "jobs%s", wait ? "-wait" : "");
        break;
    case ACTION_SWITCH_BSP:
        (void)fprintf(out, "switch:%u", cpu);
        break;
    default:
        break;
    }
}

void handler_plan_print(const handler_plan *s, FILE *out)
{
    SIM_ASSERT(s->length <= HANDLER_PLAN_MAX);
    if (s->length == 0)
        (void)fprintf(out, "none");
    for (uint32_t i = 0; i < s->length; i++) {
        (void)fprintf(out, "%s", i ? "," : "");
        print_action(s->action[i], out);
    }
}

int handler_plan_has(const handler_plan *s, step_action action)
{
    SIM_ASSERT(s->length <= HANDLER_PLAN_MAX && action <= ACTION_SWITCH_BSP);
    for (uint32_t i = 0; i < s->length; i++)
        if (s->action[i] >> 24 == (uint32_t)action)
            return 1;
    return 0;
}

uint32_t handler_plan_may_differ(const handler_plan *s, const step_protocol *protocol)
{
    uint32_t fields = protocol->may_differ;

    for (int f = 0; f < protocol->field_count && handler_plan_has(s, ACTION_SWITCH_BSP); f++)
        fields |= (uint32_t)(protocol->fields[f].kind == FIELD_ORDER) << f;
    return fields;
}

/* The CPU that must be BSP, to which no job can go; or -1. */
static int certain_bsp(const handler_plan *s, const step_config *config)
{
    if (config->election == ELECTION_RACE || handler_plan_has(s, ACTION_SWITCH_BSP))
        return -1;
    return config->election == ELECTION_FIXED && !(config->features & EDK2_HAS(FIXED_BSP))
               ? 0
               : config->boot_cpu;
}

/* Names the CPUs that a job can go to. */
static sim_status refuse_target(uint32_t cpu, const step_config *config, int bsp, sim_err *err)
{
    const char *what = cpu >= config->cpus ? "not there" : "the BSP";
    int first = bsp == 0;
    int last = config->cpus - 1 - (bsp == config->cpus - 1);
    char right[48] = "none, or more CPUs";

    SIM_ASSERT(bsp < config->cpus);
    if (bsp > first && bsp < last)
        (void)snprintf(right, sizeof right, "an AP, %d to %d but %d", first, last, bsp);
    else if (first < last)
        (void)snprintf(right, sizeof right, "an AP, %d to %d", first, last);
    else if (first == last)
        (void)snprintf(right, sizeof right, "an AP, %d", first);
    return err_set(err, SIM_BAD_INPUT, "a job for CPU %u, which is %s (would be right: %s)", cpu,
                   what, right);
}

sim_status handler_plan_check(const handler_plan *s, const step_protocol *protocol,
                              const step_config *config, sim_err *err)
{
    SIM_ASSERT(s->length <= HANDLER_PLAN_MAX && config->cpus > 0);
    for (uint32_t i = 0; i < s->length; i++) {
        uint32_t action = s->action[i] >> 24;
        uint32_t cpu = s->action[i] & 0xfff;

        if (action == ACTION_SWITCH_BSP &&
            (config->election == ELECTION_FIXED || cpu >= config->cpus))
            return err_set(err, SIM_BAD_INPUT, "a switch needs an election and a CPU below %d",
                           config->cpus);
        if (action == ACTION_START_THIS &&
            (cpu >= config->cpus || (int)cpu == certain_bsp(s, config)))
            return refuse_target(cpu, config, certain_bsp(s, config), err);
        if (action == ACTION_RENDEZVOUS && !(config->features & EDK2_HAS(SERVICE)))
            return err_set(err, SIM_BAD_INPUT,
                           "%s has no rendezvous service (would be right: edk2-202205 or later)",
                           protocol->name);
    }
    return SIM_OK;
}
