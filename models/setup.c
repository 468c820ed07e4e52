/* SPDX-License-Identifier: Apache-2.0 */
/* setup: derives automatic values as the firmware does, and refuses what does not fit together. */
#include "models/setup.h"

#include <stdio.h>
#include <string.h>

#include "models/chipset.h"
#include "models/coreboot.h"
#include "models/designs.h"
#include "models/edk2.h"
#include "models/plain.h"

static const struct {
    const step_protocol *first;
    const int *count;
} groups[] = {{edk2_protocols, &edk2_protocol_count},
              {&coreboot_protocol, &coreboot_protocol_count},
              {designs_protocols, &designs_protocol_count}};

const step_protocol *setup_protocol_at(int number)
{
    for (size_t g = 0; g < sizeof groups / sizeof groups[0]; g++) {
        if (number < *groups[g].count)
            return groups[g].first + number;
        number -= *groups[g].count;
    }
    return NULL;
}

const step_protocol *setup_protocol(const char *name)
{
    const step_protocol *p;

    for (int i = 0; (p = setup_protocol_at(i)); i++)
        if (strcmp(p->name, name) == 0)
            return p;
    return NULL;
}

sim_status setup_find_protocol(const char *place, const char *wanted, const step_protocol **out,
                               sim_err *err)
{
    const char *names[32];
    const char *near;
    const step_protocol *p;
    int count = 0;

    *out = setup_protocol(wanted);
    if (*out)
        return SIM_OK;
    for (; count < 32 && (p = setup_protocol_at(count)); count++)
        names[count] = p->name;
    near = err_nearest(wanted, names, count);
    return err_set(err, SIM_BAD_INPUT,
                   "%s: unknown protocol \"%s\" (%s%s%s`smmsim list protocols` shows all)", place,
                   wanted, near ? "did you mean \"" : "", near ? near : "", near ? "\"? " : "");
}

/* OVMF's SmmControl2 driver asks for what it knows of what the host offers (SmiFeatures.c). If it
 * does not ask, or asks for a bit that is not offered, nothing is in force. */
static uint64_t negotiate(const param_set *params)
{
    int64_t delivery = param_int(params, P_DELIVERY);
    uint64_t offered = delivery == DELIVERY_BROADCAST
                           ? CHIPSET_BROADCAST | CHIPSET_HOTPLUG | CHIPSET_HOTUNPLUG
                           : 0;
    chipset c;

    chipset_reset(&c, offered, delivery == DELIVERY_HARDWARE);
    if (param_int(params, P_NEGOTIATION) == NEGOTIATION_AGREED)
        chipset_request(&c, offered);
    else if (param_int(params, P_NEGOTIATION) == NEGOTIATION_REFUSED)
        chipset_request(&c, ~UINT64_C(0));
    return chipset_validate(&c) ? c.negotiated : 0;
}

static sim_status derive(param_set *params, int id, const char *value, sim_err *err)
{
    const param_origin origin = {PARAM_DERIVED, "auto", "derived from the firmware's choices", ""};

    if (!param_is_auto(params, id))
        return SIM_OK;
    return param_assign(params, params_table.defs[id].name, value, &origin, err);
}

/* What the protocol has not is not said by the user, and shown as not used; what the platform's
 * firmware says is for other protocols. */
static sim_status leave_out(param_set *params, const machine_setup *out, sim_err *err)
{
    static const struct {
        int id;
        const char *value; /* no matter which */
    } unused[] = {{P_MODE, "traditional"}, {P_TIMEOUT1, "1s"},     {P_TIMEOUT2, "1s"},
                  {P_MTRR, "off"},         {P_DEBUG_AGENT, "off"}, {P_LMCE, "off"},
                  {P_REGISTERS, "off"},    {P_BLOCKING, "off"},    {P_ELECTION, "fixed"},
                  {P_SERVICES, "none"}};
    sim_status s = SIM_OK;

    for (size_t i = 0; s == SIM_OK && i < sizeof unused / sizeof unused[0]; i++) {
        int id = unused[i].id;
        param_rank rank = param_rank_of(params, id);
        const param_origin origin = {rank > PARAM_DERIVED ? rank : PARAM_DERIVED, "not used",
                                     "the protocol has no such setting", ""};

        if (rank > PARAM_PLATFORM)
            return err_set(err, SIM_BAD_INPUT, "%s: %s has no %s (leave it out)",
                           param_place(params, id), out->protocol->name,
                           params_table.defs[id].name);
        s = param_assign(params, params_table.defs[id].name, unused[i].value, &origin, err);
    }
    return s;
}

static sim_status derive_firmware(param_set *params, machine_setup *out, sim_err *err)
{
    int ovmf = param_int(params, P_FIRMWARE) == FIRMWARE_OVMF;
    int broadcast = (out->smi_features & CHIPSET_BROADCAST) != 0;
    const char *election = !ovmf ? "race" : out->protocol->hook_election ? "hook" : "fixed";
    int short_wait = ovmf && !broadcast; /* OVMF's build default, kept when nothing is negotiated */
    char timeout1[64];
    sim_status s;

    if (plain_protocol(out->protocol))
        return leave_out(params, out, err);
    s = derive(params, P_MODE, short_wait ? "relaxed" : "traditional", err);
    if (s == SIM_OK)
        s = derive(params, P_TIMEOUT1, short_wait ? "100ms" : "1s", err);
    if (s == SIM_OK)
        s = derive(params, P_ELECTION, election, err);
    if (s != SIM_OK)
        return s;
    if (!out->protocol->separate_timeouts) {
        if (!param_is_auto(params, P_TIMEOUT2) &&
            param_int(params, P_TIMEOUT2) != param_int(params, P_TIMEOUT1))
            return err_set(err, SIM_BAD_INPUT,
                           "%s: sync.timeout2 cannot be set apart in %s, which has one timeout for "
                           "both (use edk2-202408 or later, or leave it out)",
                           param_place(params, P_TIMEOUT2), out->protocol->name);
        (void)param_print(params, P_TIMEOUT1, timeout1, sizeof timeout1);
        return derive(params, P_TIMEOUT2, timeout1, err);
    }
    return derive(params, P_TIMEOUT2, short_wait ? "100ms" : "1s", err);
}

static sim_status derive_topology(param_set *params, machine_setup *out, sim_err *err)
{
    int64_t cpus = param_int(params, P_CPUS);
    int64_t per_core = param_int(params, P_THREADS);
    int64_t others = per_core * param_int(params, P_DIES) * param_int(params, P_SOCKETS);
    char text[32];
    sim_status s;
    int64_t cores;
    int64_t room;

    (void)snprintf(text, sizeof text, "%lld", (long long)((cpus + others - 1) / others));
    s = derive(params, P_CORES, text, err);
    if (s != SIM_OK)
        return s;
    (void)snprintf(text, sizeof text, "%lld", (long long)cpus);
    s = derive(params, P_POSSIBLE, text, err);
    if (s != SIM_OK)
        return s;
    cores = param_int(params, P_CORES);
    room = cores * others;
    if (room < cpus)
        return err_set(err, SIM_BAD_INPUT,
                       "cpus: %lld do not fit the topology of %lld CPUs (set topology.cores, or "
                       "fewer cpus)",
                       (long long)cpus, (long long)room);
    out->place.threads = (uint32_t)per_core;
    out->place.die = (uint32_t)(per_core * cores);
    out->place.socket = out->place.die * (uint32_t)param_int(params, P_DIES);
    out->place.machine = (uint32_t)cpus;
    return SIM_OK;
}

static sim_status check_cpus(const param_set *params, sim_err *err)
{
    int64_t cpus = param_int(params, P_CPUS);
    int64_t out_of_reach = param_int(params, P_BLOCKED) + param_int(params, P_DISABLED);
    static const int numbers[] = {P_CALLER, P_BOOT_CPU};

    for (int i = 0; i < 2; i++)
        if (param_int(params, numbers[i]) >= cpus)
            return err_set(
                err, SIM_BAD_INPUT, "%s: %s is %lld, but there are %lld CPUs (0 to %lld)",
                param_place(params, numbers[i]), params_table.defs[numbers[i]].name,
                (long long)param_int(params, numbers[i]), (long long)cpus, (long long)cpus - 1);
    if (param_int(params, P_POSSIBLE) < cpus)
        return err_set(err, SIM_BAD_INPUT,
                       "%s: cpus.possible is %lld, fewer than the %lld cpus (at least as many)",
                       param_place(params, P_POSSIBLE), (long long)param_int(params, P_POSSIBLE),
                       (long long)cpus);
    if (out_of_reach >= cpus)
        return err_set(err, SIM_BAD_INPUT,
                       "cpus.blocked and cpus.disabled leave no CPU (together fewer than %lld)",
                       (long long)cpus);
    if (param_int(params, P_BOOT_CPU) >= cpus - out_of_reach)
        return err_set(err, SIM_BAD_INPUT,
                       "bsp.boot_cpu: CPU %lld is blocked or disabled (choose another)",
                       (long long)param_int(params, P_BOOT_CPU));
    return SIM_OK;
}

/* A CPU that waits for SIPI runs nothing, so nothing can be called on it. */
static sim_status check_callers(const param_set *params, const program *prog, sim_err *err)
{
    int64_t usable = param_int(params, P_CPUS) - param_int(params, P_BLOCKED);

    if (param_int(params, P_CALLER) >= usable)
        return err_set(err, SIM_BAD_INPUT, "%s: caller.cpu: CPU %lld is blocked (choose another)",
                       param_place(params, P_CALLER), (long long)param_int(params, P_CALLER));
    for (uint32_t i = 0; i < prog->calls; i++)
        if (prog->call[i].cpu >= usable)
            return err_set(err, SIM_BAD_INPUT,
                           "line %u of the workload is for CPU %ld, which is blocked (choose "
                           "another)",
                           prog->call[i].line, (long)prog->call[i].cpu);
    return SIM_OK;
}

static void derive_timer(machine_setup *out)
{
    const param_set *p = out->params;
    __int128 mhz = param_int(p, P_TIMER_FREQ);
    static const int ids[3] = {-1, P_TIMEOUT1, P_TIMEOUT2};
    __int128 wrap = ((__int128)1 << param_int(p, P_TIMER_BITS)) * 1000 * PS_PER_S / mhz;

    for (int bound = 1; bound < 3; bound++) {
        /* ticks are whole (SyncTimer.c); a wait ends when so many have passed */
        __int128 ticks = mhz * param_int(p, ids[bound]) / PS_PER_S / 1000;

        out->timeout[bound] = (int64_t)((ticks * 1000 * PS_PER_S + mhz - 1) / mhz);
    }
    out->timer_wrap = wrap > INT64_MAX / 4 ? INT64_MAX / 4 : (int64_t)wrap;
}

static void fill_config(machine_setup *out)
{
    const param_set *p = out->params;
    step_config *c = &out->config;

    memset(c, 0, sizeof *c);
    c->cpus = (uint16_t)param_int(p, P_CPUS);
    c->possible = (uint16_t)param_int(p, P_POSSIBLE);
    c->boot_cpu = (uint16_t)param_int(p, P_BOOT_CPU);
    c->traditional = param_int(p, P_MODE) == MODE_TRADITIONAL;
    c->election = (uint8_t)param_int(p, P_ELECTION);
    c->mtrr = (uint8_t)param_int(p, P_MTRR);
    c->debug_agent = (uint8_t)param_int(p, P_DEBUG_AGENT);
    c->valid_status = (uint8_t)param_int(p, P_VALID_STATUS);
    c->lmce = (uint8_t)param_int(p, P_LMCE);
    if (param_int(p, P_REGISTERS))
        c->excused = (uint16_t)(param_int(p, P_BLOCKED) + param_int(p, P_DISABLED));
}

static void number_draws(machine_setup *out)
{
    out->draws = 0;
    for (int id = 0; id < P_COUNT; id++) {
        out->draw_of[id] = -1;
        out->fixed[id] = -1;
        if (params_table.defs[id].kind != PARAM_LATENCY)
            continue;
        if (dist_is_constant(param_dist(out->params, id)))
            out->fixed[id] = dist_draw(param_dist(out->params, id), 0);
        else
            out->draw_of[id] = (int16_t)out->draws++;
    }
}

/* A switch of the BSP that stands when an SMI is over is meant to. */
static sim_status find_services(machine_setup *out, sim_err *err)
{
    const char *place = param_place(out->params, P_SERVICES);
    const char *text = param_name(out->params, P_SERVICES);
    sim_status s = script_parse_for(text, out->config.cpus, &out->services, err);

    if (s == SIM_OK && param_int(out->params, P_BLOCKING))
        script_block(&out->services); /* as if each said so itself */
    if (s == SIM_OK)
        s = script_check(&out->services, out->protocol, &out->config, err);
    return s == SIM_OK ? s : err_prefix(err, s, "%s: handler.services", place);
}

sim_status setup_resolve(param_set *params, const program *prog, machine_setup *out, sim_err *err)
{
    sim_status s;

    memset(out, 0, sizeof *out);
    out->params = params;
    out->program = prog;
    s = setup_find_protocol(param_place(params, P_PROTOCOL), param_name(params, P_PROTOCOL),
                            &out->protocol, err);
    if (s != SIM_OK)
        return s;
    out->smi_features = negotiate(params);
    s = derive_firmware(params, out, err);
    if (s == SIM_OK)
        s = derive_topology(params, out, err);
    if (s == SIM_OK)
        s = check_cpus(params, err);
    if (s == SIM_OK)
        s = check_callers(params, prog, err);
    if (s != SIM_OK)
        return s;
    out->host_cores = (uint32_t)param_int(params, P_HOST_CORES);
    if (out->host_cores >= (uint32_t)param_int(params, P_CPUS))
        out->host_cores = 0;
    fill_config(out);
    derive_timer(out);
    number_draws(out);
    s = out->protocol->configure(out->protocol, &out->config, err);
    return s == SIM_OK ? find_services(out, err) : s;
}
