/* SPDX-License-Identifier: Apache-2.0 */
/* smm_set: what the user may choose for an exploration, from the table of parameters. */
#include <stdlib.h>
#include <string.h>

#include "models/explore/smm.h"
#include "models/explore/mutants.h"
#include "models/protocol/basic.h"
#include "models/protocol/handler_plan.h"
#include "models/machine/setup.h"

_Static_assert((int)EXPLORE_SMM_HANDLER_PLAN_MAX == (int)HANDLER_PLAN_MAX,
               "settings hold any handler_plan");

void explore_smm_defaults(explore_smm_settings *settings)
{
    param_set *params = param_new_for(&params_table, PARAM_FOR_ORDER);
    sim_err err;

    *settings = (explore_smm_settings){.mutant_name = NULL};
    if (explore_smm_read(params, settings, &err) != SIM_OK)
        sim_panic(__FILE__, __LINE__, err.text);
    for (int p = 0; p < RULE_COUNT; p++)
        settings->watch |= (uint32_t)rules[p].on << p;
    param_free(params);
}

/* ---- values ----------------------------------------------------------------------------- */

static sim_status read_protocol(const param_set *params, explore_smm_settings *out, sim_err *err)
{
    if (setup_find_protocol("protocol", param_name(params, P_PROTOCOL), &out->protocol, err) !=
        SIM_OK)
        return SIM_BAD_INPUT;
    if (out->mutant_name && basic_protocol(out->protocol))
        return err_set(err, SIM_BAD_INPUT,
                       "%s is a bug of edk2, not of %s (would be right: without it)",
                       out->mutant_name, out->protocol->name);
    return setup_check_unused(params, out->protocol, err);
}

static sim_status read_trigger(const char *text, explore_smm_settings *out, sim_err *err)
{
    char *end;
    unsigned long cpu = strtoul(text, &end, 10);

    out->trigger = EXPLORE_SMM_ANY;
    if (strcmp(text, "bsp") == 0)
        out->trigger = (int16_t)out->boot_cpu;
    else if (strcmp(text, "ap") == 0)
        out->trigger = out->boot_cpu == 0;
    else if (*text >= '0' && *text <= '9' && *end == '\0' && cpu < EXPLORE_SMM_CPUS_MAX)
        out->trigger = (int16_t)cpu;
    else if (strcmp(text, "any") != 0)
        return err_set(err, SIM_BAD_INPUT,
                       "trigger: '%s' is no CPU (would be right: any, bsp, ap or a number)", text);
    return SIM_OK;
}

static sim_status read_services(const param_set *params, explore_smm_settings *out, sim_err *err)
{
    handler_plan own;

    if (handler_plan_parse_for(param_name(params, P_SERVICES), out->cpus, &own, err) != SIM_OK)
        return err_prefix(err, SIM_BAD_INPUT, "handler.services");
    if (param_int(params, P_BLOCKING))
        handler_plan_block(&own); /* as if each said so itself */
    memcpy(out->handler_plan, own.action, sizeof out->handler_plan);
    out->handler_plan_length = (uint8_t)own.length;
    return SIM_OK;
}

static uint64_t cpus_of(const param_set *params, int id)
{
    int64_t cpus = param_int(params, P_CPUS);
    uint64_t set = 0;

    for (int64_t cpu = 0; cpu < cpus; cpu++)
        set |= (uint64_t)param_has_cpu(params, id, cpu, cpus) << cpu;
    return set;
}

sim_status explore_smm_read(const param_set *params, explore_smm_settings *out, sim_err *err)
{
    int64_t possible = param_is_auto(params, P_POSSIBLE) ? 0 : param_int(params, P_POSSIBLE);

    if (param_is_auto(params, P_MODE) || param_is_auto(params, P_ELECTION))
        return err_set(err, SIM_BAD_INPUT,
                       "%s: auto is whose firmware it is, and here there is none (would be right: "
                       "%s)",
                       param_is_auto(params, P_MODE) ? "sync.mode" : "bsp.election",
                       param_is_auto(params, P_MODE) ? "relaxed or traditional"
                                                     : "fixed, hook or race");
    if (param_int(params, P_CPUS) > EXPLORE_SMM_CPUS_MAX || possible > EXPLORE_SMM_POSSIBLE_MAX)
        return err_set(err, SIM_BAD_INPUT, "%s: too many (would be right: up to %d)",
                       possible > EXPLORE_SMM_POSSIBLE_MAX ? "cpus.possible" : "cpus",
                       possible > EXPLORE_SMM_POSSIBLE_MAX ? EXPLORE_SMM_POSSIBLE_MAX
                                                           : EXPLORE_SMM_CPUS_MAX);
    if (param_int(params, P_BOOT_CPU) < param_int(params, P_CPUS) &&
        setup_check_sets(params, err) != SIM_OK)
        return SIM_BAD_INPUT;
    out->cpus = (uint16_t)param_int(params, P_CPUS);
    out->possible = (uint16_t)possible;
    out->boot_cpu = (uint16_t)param_int(params, P_BOOT_CPU);
    out->smis = (uint8_t)param_int(params, P_SMIS);
    out->delivery = (uint8_t)param_int(params, P_DELIVERY);
    out->traditional = param_int(params, P_MODE) == MODE_TRADITIONAL;
    out->election = (uint8_t)param_int(params, P_ELECTION);
    out->timeouts = (uint8_t)param_int(params, P_TIMEOUTS);
    out->tso = (uint8_t)param_int(params, P_MEMORY);
    out->lmce = (uint8_t)param_int(params, P_LMCE);
    out->mtrr = (uint8_t)param_int(params, P_MTRR);
    out->debug_agent = (uint8_t)param_int(params, P_DEBUG_AGENT);
    out->suspend = (uint8_t)param_int(params, P_SUSPEND);
    out->sources = (uint8_t)param_int(params, P_SOURCES);
    out->reduce = (uint8_t)param_int(params, P_REDUCTION);
    if (read_protocol(params, out, err) != SIM_OK ||
        read_trigger(param_name(params, P_TRIGGER), out, err) != SIM_OK ||
        read_services(params, out, err) != SIM_OK)
        return SIM_BAD_INPUT;
    out->late = cpus_of(params, P_LATE_CPUS);
    /* one that is disabled never sees its SMI, one that is blocked has it pending: neither enters
     */
    out->blocked = cpus_of(params, P_BLOCKED) | cpus_of(params, P_DISABLED);
    out->excused = 0;
    if (param_int(params, P_REGISTERS))
        out->excused = (uint16_t)__builtin_popcountll(out->blocked);
    return SIM_OK;
}

/* ---- all together ----------------------------------------------------------------------- */

sim_status explore_smm_check_settings(const explore_smm_settings *settings, step_config *config,
                                      sim_err *err)
{
    const explore_smm_settings *s = settings;
    handler_plan own = {.length = s->handler_plan_length};

    memcpy(own.action, s->handler_plan, sizeof own.action);
    *config = (step_config){.cpus = s->cpus,
                            .possible = s->possible ? s->possible : s->cpus,
                            .boot_cpu = s->boot_cpu,
                            .excused = s->excused,
                            .traditional = s->traditional,
                            .election = s->election,
                            .mtrr = s->mtrr,
                            .debug_agent = s->debug_agent,
                            .lmce = s->lmce,
                            .mutant = s->mutant};
    if (s->cpus < 1)
        return err_set(err, SIM_BAD_INPUT, "cpus: 0 is too few (would be right: 1 or more)");
    if (config->possible < s->cpus)
        return err_set(err, SIM_BAD_INPUT,
                       "cpus.possible: %d is fewer than the CPUs (would be right: %d or more)",
                       config->possible, s->cpus);
    if (s->boot_cpu >= s->cpus || s->trigger >= s->cpus)
        return err_set(err, SIM_BAD_INPUT, "bsp.boot_cpu, trigger: no such CPU among %d", s->cpus);
    if (s->tso && s->cpus > 3)
        return err_set(err, SIM_BAD_INPUT, "memory: tso is for up to 3 CPUs");
    if (s->smis < 1 || s->sources < 1)
        return err_set(err, SIM_BAD_INPUT,
                       "smis, sources: 0 is too few (would be right: 1 or more)");
    if (s->protocol->configure(s->protocol, config, err) != SIM_OK)
        return SIM_BAD_INPUT;
    if (handler_plan_check(&own, s->protocol, config, err) != SIM_OK)
        return err_prefix(err, SIM_BAD_INPUT, "handler.services");
    return SIM_OK;
}

/* Is it another one where times are asked for? */
static int is_ordered(int id)
{
    for (int i = 0; i < params_table.ordered_count; i++)
        if (params_table.ordered[i].id == id)
            return 1;
    return 0;
}

void explore_smm_print_settings(const param_set *params, const explore_smm_settings *s, FILE *out)
{
    char value[256];

    if (s->mutant_name)
        (void)fprintf(out, "--%s %s ", s->fixed ? "fixed" : "mutant", s->mutant_name);
    (void)fprintf(out, "--protocol %s --cpus %u", s->protocol->name, s->cpus);
    for (int id = 0; id < P_COUNT; id++) {
        if (id == P_PROTOCOL || id == P_CPUS || id == P_REDUCTION ||
            !(params_table.defs[id].use & PARAM_FOR_ORDER) || !setup_has(s->protocol, id))
            continue;
        if (param_rank_of(params, id) == PARAM_DEFAULT && !is_ordered(id))
            continue;
        (void)param_print(params, id, value, sizeof value);
        (void)fprintf(out, " --set %s=%s", params_table.defs[id].name, value);
    }
}
