/* SPDX-License-Identifier: Apache-2.0 */
/* deliver: whom the SMI of a port write goes to, and how a CPU takes it and comes back. */
#include <string.h>

#include "models/machine/state.h"
#include "sim/lib/rng.h"

static void observe(machine *m, uint32_t cpu)
{
    machine_event event = {.at = m->now, .cpu = (uint16_t)cpu, .row = m->cpu[cpu].driver.local.row};

    if (MACHINE_OBSERVED(m))
        m->observer->event(m->observer->self, &event);
}

static trigger_record *open_trigger(machine *m, uint32_t cpu)
{
    uint32_t trigger = m->cpu[cpu].thread.trigger;

    return trigger == RECORD_NONE ? NULL : &m->record->trigger[trigger];
}

/* From the signal until the CPU can stop what it does: a halted one leaves its C-state, a running
 * one reaches the end of its instruction. */
static int64_t reaction(machine *m, uint32_t cpu)
{
    const param_set *p = m->setup->params;
    int64_t share = param_int(p, P_LONG_SHARE);
    int64_t time = 0;

    if (cpu == m->setup->last_taker)
        time = machine_cost(m, cpu, P_LATE);
    if (thread_idle_cpu(m, cpu))
        return ps_add(time, machine_cost(m, cpu, P_CSTATE));
    time = ps_add(time, machine_cost(m, cpu, P_TRAVEL));
    machine_use(m, P_LONG_SHARE, share);
    if (share > 0 &&
        (int64_t)rng_below(machine_word64(m, cpu, P_LONG_SHARE), (uint64_t)RATIO_ONE) < share)
        time = ps_add(time, machine_cost(m, cpu, P_LONG_TIME));
    return time;
}

/* Swallowed by the SMI that is pending; but it may be that this one lets the CPU begin earlier. */
static void coalesce(machine *m, uint32_t cpu, int64_t at)
{
    m->record->count.coalesced++;
    if (at < machine_scheduled(m, CLASS_CPU, cpu))
        machine_schedule(m, CLASS_CPU, cpu, at);
}

/* Whether the emulator's lock stands before the entry. */
static uint8_t from_emulator(const machine *m, visit_via via)
{
    return via == VIA_TRIGGER || param_int(m->setup->params, P_APIC_LOCKED) != 0;
}

/* An SMI that comes to `cpu` at `at`; it can take it after `reaction`. One bit: what is pending
 * already swallows it, and an idle state that the CPU is leaving is not left faster for it. */
static void signal_cpu(machine *m, uint32_t cpu, int64_t at, int64_t reaction, visit_via via)
{
    deliver_cpu *c = &m->cpu[cpu].deliver;

    if (c->disabled)
        return;
    if (c->blocked || c->mode > CPU_SIGNALLED) {
        m->record->count.coalesced += c->latch;
        m->record->count.latched += !c->latch;
        c->latch = 1;
        return;
    }
    if (c->mode == CPU_SIGNALLED) {
        coalesce(m, cpu, ps_add(at, c->reaction));
        return;
    }
    c->mode = CPU_SIGNALLED;
    c->via = (uint8_t)via;
    c->reaction = reaction;
    c->emulated = from_emulator(m, via);
    m->deliver.busy++;
    machine_schedule(m, CLASS_CPU, cpu, ps_add(at, reaction));
    sharing_spins(m);
}

/* The writer has just ended an instruction, so that it can take any SMI at `at`. */
static void signal_writer(machine *m, uint32_t cpu, int64_t at)
{
    if (m->cpu[cpu].deliver.mode == CPU_SIGNALLED)
        coalesce(m, cpu, at);
    else
        signal_cpu(m, cpu, at, 0, VIA_TRIGGER);
}

/* Asleep, and woken by an SMI: one that is held comes when it is released, others never. */
static int wakes_now(const machine *m, uint32_t cpu)
{
    const deliver_cpu *c = &m->cpu[cpu].deliver;

    return m->cpu[cpu].thread.count == 0 && c->mode == CPU_RUNNING && !c->blocked && !c->disabled &&
           m->now >= c->held_to;
}

static int wakes_another(const machine *m, uint32_t writer)
{
    for (uint32_t i = 0; i < m->cpus; i++)
        if (i != writer && wakes_now(m, i))
            return 1;
    return 0;
}

/* The emulator holds its lock and signals one CPU after the other; the writer's own SMI is taken
 * before its next instruction. Gives the time when the lock is free. */
static int64_t broadcast(machine *m, uint32_t writer, int64_t begin)
{
    int writer_waits = sharing_waker_waits(m, writer);
    int64_t at = begin;
    int64_t wait;
    int woken = 0;

    for (uint32_t i = 0; i < m->cpus; i++) {
        at = ps_add(at, machine_cost(m, writer, P_KICK));
        if (i == writer)
            continue;
        wait = reaction(m, i);
        woken += wakes_now(m, i);
        if (wakes_now(m, i) && !writer_waits)
            wait = sharing_turn(m, ps_add(at, wait)) - at;
        signal_cpu(m, i, at, wait, VIA_TRIGGER);
    }
    lockq_extend(&m->lock, at);
    signal_writer(m, writer, woken && writer_waits ? sharing_turn(m, at) : at);
    return at;
}

/* Turns the delivery into targets, at `at` or later. Gives the time when the writer goes on. */
static int64_t send_smi(machine *m, uint32_t writer, int64_t at)
{
    switch (m->setup->delivery) {
    case DELIVERY_UNICAST:
        break;
    case DELIVERY_BROADCAST:
        return broadcast(m, writer, at);
    case DELIVERY_HARDWARE: /* SMI# reaches all at once; the write is trapped at the writer */
        for (uint32_t i = 0; i < m->cpus; i++)
            if (i != writer)
                signal_cpu(m, i, at, reaction(m, i), VIA_TRIGGER);
        break;
    }
    signal_writer(m, writer, at);
    return at;
}

void deliver_port_write(machine *m, uint32_t writer)
{
    trigger_record *trigger = open_trigger(m, writer);
    uint8_t command = (uint8_t)param_int(m->setup->params, P_COMMAND);
    int raised = chipset_write(&m->deliver.chipset, CHIPSET_APM_CNT, command);
    int emulated = !raised || m->setup->delivery != DELIVERY_HARDWARE;
    int64_t hold = emulated ? machine_cost(m, writer, P_LOCK_PORT) : 0;
    int64_t at = m->now;

    SIM_ASSERT(trigger && m->cpu[writer].deliver.mode <= CPU_SIGNALLED);
    if (m->deliver.busy == 0)
        sharing_ends(m);
    if (raised && m->setup->delivery == DELIVERY_BROADCAST && wakes_another(m, writer))
        sharing_wakes(m, writer);
    m->deliver.smi_status |= raised != 0;
    trigger->coalesced = raised && m->cpu[writer].deliver.mode == CPU_SIGNALLED;
    if (emulated && m->lock.policy != LOCKQ_NONE)
        at = lockq_book(&m->lock, m->now, hold, 0);
    if (raised)
        at = send_smi(m, writer, ps_add(at, hold));
    trigger->at[AT_DELIVERED] = at;
}

void deliver_directed(machine *m, uint32_t from, uint32_t to)
{
    static const int latency[NEARNESSES] = {P_APIC_CORE, P_APIC_CORE, P_APIC_DIE, P_APIC_SOCKET,
                                            P_APIC_OTHER};
    nearness near = topology_nearness(&m->setup->place, from, to);
    int64_t at = ps_add(m->now, machine_cost(m, to, latency[near]));
    int64_t wait = reaction(m, to);

    m->record->count.directed++;
    if (wakes_now(m, to)) {
        sharing_wakes(m, from);
        if (!sharing_waker_waits(m, from))
            wait = sharing_turn(m, ps_add(at, wait)) - at;
    }
    signal_cpu(m, to, at, wait, VIA_DIRECTED);
}

/* ---- entry ------------------------------------------------------------------------------ */

/* Nothing stands before the entry any more from `at` on. */
static void begin_entry(machine *m, uint32_t cpu, int64_t at)
{
    deliver_cpu *c = &m->cpu[cpu].deliver;
    trigger_record *trigger = open_trigger(m, cpu);
    visit_record *visit;

    at = ps_add(at, machine_cost(m, cpu, P_INJECT));
    c->visit = record_visit(m->record);
    visit = &m->record->visit[c->visit];
    *visit = (visit_record){.stopped = c->stopped,
                            .entered = at,
                            .round = RECORD_NONE,
                            .cpu = (uint16_t)cpu,
                            .via = c->via};
    c->mode = CPU_ENTERING;
    at = ps_add(at, machine_cost(m, cpu, P_ENTRY));
    at = ps_add(at, machine_cost(m, cpu, P_FW_ENTRY));
    if (trigger && trigger->visits++ == 0)
        trigger->at[AT_ENTERED] = at;
    machine_schedule(m, CLASS_CPU, cpu, at);
}

/* Normal code stops; the emulator's lock may stand before the entry. Who waits for it sleeps, and
 * gives up its host core. */
static void take_smi(machine *m, uint32_t cpu)
{
    deliver_cpu *c = &m->cpu[cpu].deliver;
    trigger_record *trigger = open_trigger(m, cpu);
    int64_t at = m->now;

    if (c->via != VIA_LATCH) {
        c->stopped = m->now;
        thread_stop_cpu(m, cpu);
        if (m->cpu[cpu].thread.count == 0)
            sharing_awakes(m, cpu);
    }
    m->deliver.inside++;
    if (trigger && trigger->visits == 0)
        trigger->at[AT_MAY_ENTER] = m->now;
    c->lock_hold = 0;
    if (c->emulated && m->lock.policy != LOCKQ_NONE) {
        c->lock_hold = machine_cost(m, cpu, P_LOCK_CLEAR);
        at = lockq_book(&m->lock, m->now, c->lock_hold, 1);
    }
    if (at > m->now && m->setup->host_cores > 0) {
        c->mode = CPU_LOCK;
        machine_schedule(m, CLASS_CPU, cpu, at);
        sharing_sleeps(m, cpu);
        return;
    }
    begin_entry(m, cpu, ps_add(at, c->lock_hold));
}

/* ---- exit ------------------------------------------------------------------------------- */

void deliver_leave(machine *m, uint32_t cpu)
{
    int64_t at = ps_add(m->now, machine_cost(m, cpu, P_FW_EXIT));

    m->cpu[cpu].deliver.mode = CPU_LEAVING;
    machine_schedule(m, CLASS_CPU, cpu, ps_add(at, machine_cost(m, cpu, P_RSM)));
}

static void note_last_out(machine *m, uint32_t round)
{
    round_record *r = &m->record->round[round];

    SIM_ASSERT(r->inside > 0);
    if (--r->inside > 0)
        return;
    for (uint32_t t = r->first_trigger; t != RECORD_NONE;) {
        trigger_record *trigger = &m->record->trigger[t];

        trigger->last_out = m->now;
        trigger->skew = r->last_in - r->first_in;
        t = trigger->next_in_round;
    }
}

static void back_to_normal(machine *m, uint32_t cpu)
{
    deliver_cpu *c = &m->cpu[cpu].deliver;
    visit_record *visit = &m->record->visit[c->visit];

    visit->left = m->now;
    record_sum(&m->record->stolen, m->now - visit->stopped);
    if (visit->role == VISIT_UNDECIDED)
        visit->role = VISIT_SPURIOUS;
    if ((visit->role == VISIT_ABANDONED || visit->role == VISIT_SPURIOUS) &&
        m->cpu[cpu].thread.trigger == RECORD_NONE)
        m->record->count.spurious++;
    if (visit->round != RECORD_NONE)
        note_last_out(m, visit->round);
    observe(m, cpu);
    c->visit = RECORD_NONE;
    c->mode = CPU_RUNNING;
    m->deliver.busy--;
    m->deliver.inside--;
    sharing_leaves(m, cpu);
    if (c->latch) { /* taken right after RSM, before the next instruction */
        c->latch = 0;
        c->mode = CPU_SIGNALLED;
        c->via = VIA_LATCH;
        c->reaction = 0;
        c->stopped = m->now;
        m->deliver.busy++;
        machine_schedule(m, CLASS_CPU, cpu, m->now);
        return;
    }
    if (m->deliver.busy == 0 && m->driver.unclean > 0)
        machine_break(m, "broken invariant: shared words are not clean between SMIs");
    thread_resume_cpu(m, cpu);
    if (m->cpu[cpu].thread.count == 0)
        sharing_idles(m, cpu);
}

void deliver_event(machine *m, uint32_t cpu)
{
    deliver_cpu *c = &m->cpu[cpu].deliver;

    switch ((cpu_mode)c->mode) {
    case CPU_SIGNALLED:
        take_smi(m, cpu);
        break;
    case CPU_LOCK:
        begin_entry(m, cpu, ps_add(m->now, c->lock_hold));
        break;
    case CPU_ENTERING:
        observe(m, cpu);
        c->mode = CPU_SMM;
        driver_enter(m, cpu);
        break;
    case CPU_LEAVING:
        back_to_normal(m, cpu);
        break;
    case CPU_RUNNING:
    case CPU_SMM:
        sim_panic(__FILE__, __LINE__, "no delivery is under way");
    }
}

/* The CPU does nothing until the hold is over: what it computes is put off by as long, what others
 * do to it waits. */
void deliver_hold(machine *m, uint32_t cpu, int64_t duration)
{
    deliver_cpu *c = &m->cpu[cpu].deliver;
    int64_t from = c->held_to > m->now ? c->held_to : m->now;
    int64_t end = ps_add(m->now, duration);
    int64_t more = end > from ? end - from : 0; /* holds may overlap */
    int64_t pending;
    const step_request *r = &m->cpu[cpu].driver.request;
    int computes = c->mode == CPU_ENTERING || c->mode == CPU_LEAVING ||
                   (c->mode == CPU_SMM && (r->op == STEP_LOCAL || r->op == STEP_ASK));

    SIM_ASSERT(duration >= 0);
    sharing_held(m, cpu);
    pending = machine_scheduled(m, CLASS_CPU, cpu);
    c->held_to = from + more;
    if (m->deliver.held_until < c->held_to)
        m->deliver.held_until = c->held_to;
    if (pending != PS_NEVER && computes)
        machine_schedule(m, CLASS_CPU, cpu, ps_add(pending, more));
    thread_put_off(m, cpu, more);
}

void deliver_clear_status(machine *m)
{
    m->deliver.smi_status = 0;
}

void deliver_start(machine *m)
{
    const param_set *p = m->setup->params;

    memset(&m->deliver, 0, sizeof m->deliver);
    m->deliver.chipset = m->setup->chipset;
    for (uint32_t i = 0; i < m->cpus; i++)
        m->cpu[i].deliver =
            (deliver_cpu){.visit = RECORD_NONE,
                          .blocked = (uint8_t)param_has_cpu(p, P_BLOCKED, i, m->cpus),
                          .disabled = (uint8_t)param_has_cpu(p, P_DISABLED, i, m->cpus)};
}
