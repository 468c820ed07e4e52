/* SPDX-License-Identifier: Apache-2.0 */
/* setup: derives automatic values as the firmware does, and refuses what does not fit together. */
#include "models/machine/setup.h"

#include <stdio.h>
#include <string.h>

#include "models/protocol/coreboot.h"
#include "models/protocol/designs.h"
#include "models/protocol/edk2.h"
#include "models/machine/lockq.h"
#include "models/protocol/basic.h"
#include "sim/lib/bytes.h"

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
        if (strcmp(p->name, name) == 0 || (p->tag && strcmp(p->tag, name) == 0))
            return p;
    return NULL;
}

sim_status setup_find_protocol(const char *place, const char *wanted, const step_protocol **out,
                               sim_err *err)
{
    const char *names[128];
    const char *near;
    const step_protocol *p;
    int count = 0;

    *out = setup_protocol(wanted);
    if (*out)
        return SIM_OK;
    for (int i = 0; count < 127 && (p = setup_protocol_at(i)); i++) {
        names[count++] = p->name;
        if (p->tag)
            names[count++] = p->tag;
    }
    near = err_nearest(wanted, names, count);
    return err_set(err, SIM_BAD_INPUT,
                   "%s: unknown protocol \"%s\" (%s%s%s`smmsim list protocols` shows all)", place,
                   wanted, near ? "did you mean \"" : "", near ? near : "", near ? "\"? " : "");
}

/* OVMF's SmmControl2 driver asks for what it knows of what the host offers (SmiFeatures.c). If it
 * does not ask, or asks for a bit that is not offered, nothing is in force. */
static void negotiate(const param_set *params, machine_setup *out)
{
    int64_t delivery = param_int(params, P_DELIVERY);
    uint64_t offered = delivery == DELIVERY_BROADCAST
                           ? CHIPSET_BROADCAST | CHIPSET_HOTPLUG | CHIPSET_HOTUNPLUG
                           : 0;
    chipset *c = &out->chipset;

    chipset_reset(c, offered, delivery == DELIVERY_HARDWARE);
    if (param_int(params, P_NEGOTIATION) == NEGOTIATION_AGREED)
        chipset_request(c, offered);
    else if (param_int(params, P_NEGOTIATION) == NEGOTIATION_REFUSED)
        chipset_request(c, ~UINT64_C(0));
    (void)chipset_validate(c);
    c->smi_en = CHIPSET_GBL_SMI_EN; /* SmmControl2 turns both on */
    c->smi_en |= param_int(params, P_APMC_EN) ? CHIPSET_APMC_EN : 0;
    out->delivery = chipset_delivery(c);
}

static sim_status derive(param_set *params, int id, const char *value, sim_err *err)
{
    const param_origin origin = {PARAM_DERIVED, "auto", "derived from the firmware's choices", ""};

    if (!param_is_auto(params, id))
        return SIM_OK;
    return param_assign(params, params_table.defs[id].name, value, &origin, err);
}

static const struct {
    int id;
    const char *value; /* no matter which; NULL: of exploring */
} edk2_only[] = {{P_MODE, "traditional"}, {P_TIMEOUT1, "1s"},     {P_TIMEOUT2, "1s"},
                 {P_MTRR, "off"},         {P_DEBUG_AGENT, "off"}, {P_LMCE, "off"},
                 {P_REGISTERS, "off"},    {P_BLOCKING, "off"},    {P_ELECTION, "fixed"},
                 {P_SERVICES, "none"},    {P_TIMEOUTS, NULL},     {P_SUSPEND, NULL}};
enum { EDK2_ONLY = sizeof edk2_only / sizeof edk2_only[0] };

int setup_has(const step_protocol *protocol, int id)
{
    for (int i = 0; i < EDK2_ONLY && basic_protocol(protocol); i++)
        if (edk2_only[i].id == id)
            return 0;
    return 1;
}

sim_status setup_check_unused(const param_set *params, const step_protocol *protocol, sim_err *err)
{
    for (int i = 0; i < EDK2_ONLY && basic_protocol(protocol); i++)
        if (param_rank_of(params, edk2_only[i].id) > PARAM_PLATFORM)
            return err_set(err, SIM_BAD_INPUT, "%s: %s has no %s (leave it out)",
                           param_place(params, edk2_only[i].id), protocol->name,
                           params_table.defs[edk2_only[i].id].name);
    return SIM_OK;
}

/* Settings that the protocol does not have are rejected if the user sets them, and reported as "not
 * used" otherwise: the platform's firmware sets them for other protocols. */
static sim_status leave_out(param_set *params, const machine_setup *out, sim_err *err)
{
    sim_status s = setup_check_unused(params, out->protocol, err);

    for (int i = 0; s == SIM_OK && i < EDK2_ONLY; i++) {
        int id = edk2_only[i].id;
        param_rank rank = param_rank_of(params, id);
        const param_origin origin = {rank > PARAM_DERIVED ? rank : PARAM_DERIVED, "not used",
                                     "the protocol has no such setting", ""};

        if (edk2_only[i].value)
            s = param_assign(params, params_table.defs[id].name, edk2_only[i].value, &origin, err);
    }
    return s;
}

/* The variable driver is edk2's with the designs, too. */
static int has_cache(const param_set *params, const step_protocol *protocol)
{
    return param_int(params, P_FIRMWARE) == FIRMWARE_STOCK && protocol != &coreboot_protocol &&
           !protocol->no_runtime_cache;
}

static sim_status derive_firmware(param_set *params, machine_setup *out, sim_err *err)
{
    int ovmf = param_int(params, P_FIRMWARE) == FIRMWARE_OVMF;
    int broadcast = out->delivery == DELIVERY_BROADCAST;
    const char *election = !ovmf ? "race" : out->protocol->hook_election ? "hook" : "fixed";
    int short_wait = ovmf && !broadcast; /* OVMF's build default, kept when nothing is negotiated */
    char timeout1[64];
    sim_status s;

    s = derive(params, P_VAR_CACHE, has_cache(params, out->protocol) ? "on" : "off", err);
    if (s != SIM_OK)
        return s;
    if (basic_protocol(out->protocol))
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

/* ---- what cannot both hold -------------------------------------------------------------- */

static int is_hardware(const machine_setup *s)
{
    return s->delivery == DELIVERY_HARDWARE;
}

static int hardware_with_lock(const machine_setup *s)
{
    return is_hardware(s) && param_int(s->params, P_LOCK) != LOCKQ_NONE;
}

static int hardware_with_ovmf(const machine_setup *s)
{
    return is_hardware(s) && param_int(s->params, P_FIRMWARE) == FIRMWARE_OVMF;
}

static int hardware_with_host(const machine_setup *s)
{
    return is_hardware(s) && s->host_cores > 0;
}

static int cache_before_2019(const machine_setup *s)
{
    return s->protocol->no_runtime_cache && param_int(s->params, P_VAR_CACHE);
}

static int worker_before_the_kernel(const machine_setup *s)
{
    return param_int(s->params, P_PHASE) == PHASE_BOOT &&
           param_int(s->params, P_EFI_CPU) == EFI_WORKER;
}

/* What the timer shows has passed is always less than a wrap (SyncTimer.c, IsSyncTimerTimeout). */
static int timeout1_above_wrap(const machine_setup *s)
{
    return !basic_protocol(s->protocol) && s->timeout[STEP_TIMEOUT1] >= s->timer_wrap;
}

static int timeout2_above_wrap(const machine_setup *s)
{
    return !basic_protocol(s->protocol) && s->timeout[STEP_TIMEOUT2] >= s->timer_wrap;
}

#define HARDWARE_PLATFORM ", or a platform of hardware, such as xeon-2s-64c128t)"
static const struct {
    int (*holds)(const machine_setup *s);
    int id, other; /* whose values do not go together */
    const char *why;
} conflicts[] = {
    {hardware_with_lock, P_DELIVERY, P_LOCK,
     "only an emulator has that lock (lock=none" HARDWARE_PLATFORM},
    {hardware_with_ovmf, P_DELIVERY, P_FIRMWARE,
     "OVMF runs on an emulator (firmware=stock" HARDWARE_PLATFORM},
    {hardware_with_host, P_DELIVERY, P_HOST_CORES,
     "only virtual CPUs share the cores of a host (host.cores=0" HARDWARE_PLATFORM},
    {cache_before_2019, P_VAR_CACHE, P_PROTOCOL,
     "edk2 has that cache since November 2019 (variable.runtime_cache=off, or edk2-201911 or "
     "later)"},
    {worker_before_the_kernel, P_EFI_CPU, P_PHASE,
     "there is no kernel before ExitBootServices (os.efi_cpu=caller, or os.phase=runtime)"},
    {timeout1_above_wrap, P_TIMEOUT1, P_TIMER_BITS,
     "the timer is round before, and such a timeout never ends (a shorter one, a wider timer.bits, "
     "or a lower timer.frequency)"},
    {timeout2_above_wrap, P_TIMEOUT2, P_TIMER_BITS,
     "the timer is round before, and such a timeout never ends (a shorter one, a wider timer.bits, "
     "or a lower timer.frequency)"},
};

/* The place is that of the one which the user has set, or has set last. */
static sim_status check_conflicts(const machine_setup *s, sim_err *err)
{
    const param_set *p = s->params;
    char value[2][64];

    for (size_t i = 0; i < sizeof conflicts / sizeof conflicts[0]; i++) {
        int id = conflicts[i].id;
        int other = conflicts[i].other;
        int at = param_rank_of(p, other) > param_rank_of(p, id) ? other : id;
        const char *place = param_rank_of(p, at) >= PARAM_PLATFORM ? param_place(p, at) : "";

        if (!conflicts[i].holds(s))
            continue;
        (void)param_print(p, id, value[0], sizeof value[0]);
        (void)param_print(p, other, value[1], sizeof value[1]);
        return err_set(err, SIM_BAD_INPUT, "%s%s%s=%s does not go with %s=%s: %s", place,
                       *place ? ": " : "", params_table.defs[id].name, value[0],
                       params_table.defs[other].name, value[1], conflicts[i].why);
    }
    return SIM_OK;
}

int setup_takes_smi(const param_set *params, int64_t cpu)
{
    int64_t cpus = param_int(params, P_CPUS);

    return !param_has_cpu(params, P_BLOCKED, cpu, cpus) &&
           !param_has_cpu(params, P_DISABLED, cpu, cpus);
}

/* The one of the two that the user has set, for the place of an error. */
static int out_of_reach_by(const param_set *params)
{
    return param_rank_of(params, P_DISABLED) > param_rank_of(params, P_BLOCKED) ? P_DISABLED
                                                                                : P_BLOCKED;
}

sim_status setup_check_sets(const param_set *params, sim_err *err)
{
    static const int sets[] = {P_BLOCKED, P_DISABLED, P_LATE_CPUS};
    int64_t cpus = param_int(params, P_CPUS), takers = 0;

    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++)
        if (param_least_cpus(params, sets[i]) > cpus)
            return err_set(err, SIM_BAD_INPUT,
                           "%s: %s=%s goes beyond the %lld CPUs (at most CPU %lld)",
                           param_place(params, sets[i]), params_table.defs[sets[i]].name,
                           param_name(params, sets[i]), (long long)cpus, (long long)cpus - 1);
    for (int64_t cpu = 0; cpu < cpus; cpu++) {
        takers += setup_takes_smi(params, cpu);
        if (param_has_cpu(params, P_BLOCKED, cpu, cpus) &&
            param_has_cpu(params, P_DISABLED, cpu, cpus))
            return err_set(err, SIM_BAD_INPUT,
                           "%s: CPU %lld is in cpus.blocked and in cpus.disabled (name it in one)",
                           param_place(params, P_DISABLED), (long long)cpu);
    }
    if (takers == 0)
        return err_set(err, SIM_BAD_INPUT,
                       "%s: cpus.blocked and cpus.disabled leave no CPU of the %lld (together "
                       "fewer than that)",
                       param_place(params, out_of_reach_by(params)), (long long)cpus);
    if (!setup_takes_smi(params, param_int(params, P_BOOT_CPU)))
        return err_set(err, SIM_BAD_INPUT,
                       "%s: bsp.boot_cpu: CPU %lld is blocked or disabled (choose another)",
                       param_place(params, param_rank_of(params, P_BOOT_CPU) >= PARAM_PLATFORM
                                               ? P_BOOT_CPU
                                               : out_of_reach_by(params)),
                       (long long)param_int(params, P_BOOT_CPU));
    return SIM_OK;
}

static sim_status check_cpus(const param_set *params, machine_setup *out, sim_err *err)
{
    int64_t cpus = param_int(params, P_CPUS);
    static const int numbers[] = {P_CALLER, P_BOOT_CPU};

    for (int64_t cpu = 0; cpu < cpus; cpu++)
        if (setup_takes_smi(params, cpu)) {
            out->takers++;
            out->last_taker = (uint16_t)cpu;
        }
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
    return setup_check_sets(params, err);
}

/* A CPU that waits for SIPI runs nothing, so nothing can be called on it. */
static sim_status check_callers(const param_set *params, const program *prog, sim_err *err)
{
    int64_t cpus = param_int(params, P_CPUS);

    if (param_has_cpu(params, P_BLOCKED, param_int(params, P_CALLER), cpus))
        return err_set(err, SIM_BAD_INPUT, "%s: caller.cpu: CPU %lld is blocked (choose another)",
                       param_place(params, P_CALLER), (long long)param_int(params, P_CALLER));
    for (uint32_t i = 0; i < prog->calls; i++)
        if (param_has_cpu(params, P_BLOCKED, prog->call[i].cpu, cpus))
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
    out->timer_wrap = wrap > PS_MAX ? PS_MAX : (int64_t)wrap; /* no wait is longer than that */
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
        c->excused = (uint16_t)(c->cpus - out->takers);
}

static void number_draws(machine_setup *out)
{
    out->draws = 0;
    for (int id = 0; id < P_COUNT; id++) {
        out->stream[id] = bytes_hash_name(params_table.defs[id].name);
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
    sim_status s = handler_plan_parse(text, out->config.cpus, &out->services, err);

    if (s == SIM_OK && param_int(out->params, P_BLOCKING))
        handler_plan_block(&out->services); /* as if each said so itself */
    if (s == SIM_OK)
        s = handler_plan_check(&out->services, out->protocol, &out->config, err);
    return s == SIM_OK ? s : err_prefix(err, s, "%s: handler.services", place);
}

/* Results and replay lines name it in one way only. */
static sim_status find_protocol(param_set *params, machine_setup *out, sim_err *err)
{
    char place[256];
    char source[256];
    const param_origin origin = {param_rank_of(params, P_PROTOCOL), place, source, ""};
    sim_status s = setup_find_protocol(param_place(params, P_PROTOCOL),
                                       param_name(params, P_PROTOCOL), &out->protocol, err);

    if (s != SIM_OK || strcmp(out->protocol->name, param_name(params, P_PROTOCOL)) == 0)
        return s;
    (void)snprintf(place, sizeof place, "%s", param_place(params, P_PROTOCOL));
    (void)snprintf(source, sizeof source, "%s", param_source(params, P_PROTOCOL));
    return param_assign(params, "protocol", out->protocol->name, &origin, err);
}

sim_status setup_resolve(param_set *params, const program *prog, machine_setup *out, sim_err *err)
{
    sim_status s;

    memset(out, 0, sizeof *out);
    out->params = params;
    out->program = prog;
    s = find_protocol(params, out, err);
    if (s != SIM_OK)
        return s;
    negotiate(params, out);
    s = derive_firmware(params, out, err);
    if (s == SIM_OK)
        s = derive_topology(params, out, err);
    if (s == SIM_OK)
        s = check_cpus(params, out, err);
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
    s = check_conflicts(out, err);
    if (s != SIM_OK)
        return s;
    s = out->protocol->configure(out->protocol, &out->config, err);
    return s == SIM_OK ? find_services(out, err) : s;
}
