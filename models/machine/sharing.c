/* SPDX-License-Identifier: Apache-2.0 */
/* sharing: what it means for a CPU to have a host core, to lose it and to get it back. */
#include <stdlib.h>

#include "models/machine/state.h"

/* All changes of hands happen in one event, the last one of its instant: what comes just then still
 * takes effect, and a CPU that halts and has work again at the same instant has not lost its core.
 */
static void look(machine *m)
{
    machine_schedule_host(m, m->now);
}

void sharing_spins(machine *m)
{
    if (m->sharing.host.queued > 0)
        look(m);
}

/* Waits in SMM for what has not happened. */
static int polls(const machine *m, uint32_t cpu)
{
    const machine_cpu *c = &m->cpu[cpu];

    return c->deliver.mode == CPU_SMM && c->driver.waiting == WAIT_SUBSCRIBED && !c->sharing.due;
}

/* A core is wasted on this vCPU: it only polls, or runs background load. */
static int spins(const machine *m, uint32_t cpu)
{
    const machine_cpu *c = &m->cpu[cpu];

    return polls(m, cpu) || (c->deliver.mode == CPU_RUNNING && c->thread.count == 0);
}

/* Who queues and has something to do by now waits for the turns of the spinners before it: each
 * keeps others from its core for a poll, or for its slice. */
static void find_work(machine *m)
{
    host *h = &m->sharing.host;
    int64_t burn = host_burn(h);
    int64_t wait = 0;

    h->ready = PS_NEVER;
    for (uint32_t i = h->first; i != NOBODY; i = chain_next(h->link, h->first, i)) {
        host_vcpu *v = &h->vcpu[i];

        if (spins(m, i))
            wait = ps_add(wait, h->yields && polls(m, i) ? driver_period(m, i) : burn);
        else if (v->ready_at == PS_NEVER)
            v->ready_at = ps_add(m->now, wait / h->cores);
        if (v->ready_at < h->ready)
            h->ready = v->ready_at;
    }
}

void sharing_wants(machine *m, uint32_t cpu)
{
    host_vcpu *v;

    if (m->sharing.host.cores == 0)
        return;
    v = &m->sharing.host.vcpu[cpu];
    v->wants = 1;
    if (m->now < m->cpu[cpu].deliver.held_to)
        return;
    if (v->place == HOST_ASLEEP)
        host_queue(&m->sharing.host, cpu);
    look(m);
}

void sharing_sleeps(machine *m, uint32_t cpu)
{
    if (m->sharing.host.cores == 0)
        return;
    m->sharing.host.vcpu[cpu].wants = 0;
    if (m->sharing.host.vcpu[cpu].place == HOST_QUEUED)
        host_unqueue(&m->sharing.host, cpu, 0);
    look(m);
}

void sharing_due(machine *m, uint32_t cpu)
{
    machine_cpu *c = &m->cpu[cpu];

    SIM_ASSERT(!c->sharing.on_core);
    c->sharing.due = 1;
    if (m->sharing.host.vcpu[cpu].place == HOST_QUEUED)
        look(m);
    else if (c->deliver.mode == CPU_SIGNALLED || c->deliver.mode == CPU_LOCK)
        sharing_wants(m, cpu);
}

void sharing_idles(machine *m, uint32_t cpu)
{
    m->sharing.asleep = m->now;
    if (thread_idle_cpu(m, cpu))
        sharing_sleeps(m, cpu);
}

static void lose_core(machine *m, uint32_t cpu)
{
    m->cpu[cpu].sharing.displaced = CORE_LOST;
    chain_prepend(m->sharing.link, &m->sharing.lost_cores, cpu);
}

static void gain_core(machine *m, uint32_t cpu, core_state how)
{
    if (m->cpu[cpu].sharing.displaced == CORE_LOST)
        chain_remove(m->sharing.link, &m->sharing.lost_cores, cpu);
    m->cpu[cpu].sharing.displaced = (uint8_t)how;
}

/* ---- a CPU stops and goes on ------------------------------------------------------------ */

/* What it computes waits for its next turn. What others send it (an SMI, the lock) goes on. */
static void stop(machine *m, uint32_t cpu)
{
    machine_cpu *c = &m->cpu[cpu];
    uint8_t mode = c->deliver.mode;
    int64_t at = machine_scheduled(m, CLASS_CPU, cpu);

    host_end(&m->sharing.host, cpu, m->now);
    c->sharing.on_core = 0;
    if (at != PS_NEVER && (mode == CPU_ENTERING || mode == CPU_SMM || mode == CPU_LEAVING)) {
        c->sharing.left = at - m->now; /* but a poll is made at once: driver_unpark */
        machine_schedule(m, CLASS_CPU, cpu, PS_NEVER);
    }
    driver_park(m, cpu);
    thread_stop_cpu(m, cpu);
}

static void go_on(machine *m, uint32_t cpu, uint32_t core)
{
    machine_cpu *c = &m->cpu[cpu];

    host_begin(&m->sharing.host, cpu, core, m->now);
    c->sharing.on_core = 1;
    if (c->sharing.left >= 0)
        machine_schedule(m, CLASS_CPU, cpu, ps_add(m->now, c->sharing.left));
    else if (c->sharing.due && (c->deliver.mode == CPU_SIGNALLED || c->deliver.mode == CPU_LOCK))
        machine_schedule(m, CLASS_CPU, cpu, m->now);
    c->sharing.left = -1;
    c->sharing.due = 0;
    driver_unpark(m, cpu);
    thread_go_on(m, cpu);
}

void sharing_held(machine *m, uint32_t cpu)
{
    host_vcpu *v;

    if (m->cpu[cpu].sharing.displaced == CORE_SOON)
        lose_core(m, cpu);
    if (m->sharing.host.cores == 0)
        return;
    v = &m->sharing.host.vcpu[cpu];
    if (v->place == HOST_ON)
        stop(m, cpu);
    else if (v->place == HOST_QUEUED)
        host_unqueue(&m->sharing.host, cpu, 0);
    look(m);
}

void sharing_let_go(machine *m, uint32_t cpu)
{
    if (m->sharing.host.cores > 0 && m->sharing.host.vcpu[cpu].wants)
        sharing_wants(m, cpu);
}

/* ---- cores are passed on ---------------------------------------------------------------- */

/* When this CPU passes its core to one that may have it from `at` on. */
static int64_t passes_on(const machine *m, uint32_t cpu, int64_t at)
{
    if (m->sharing.host.yields && polls(m, cpu))
        return driver_poll(m, cpu, at);
    return host_turn(&m->sharing.host, cpu, at);
}

/* Who is next on the core of `cpu`, now. A spinner passes it on to the first who has something to
 * do, anybody else to the first. */
static uint32_t successor(const machine *m, uint32_t cpu)
{
    const host *h = &m->sharing.host;

    if (h->queued == 0 || passes_on(m, cpu, m->now) != m->now)
        return NOBODY;
    if (!spins(m, cpu))
        return h->first;
    if (h->ready > m->now)
        return NOBODY;
    for (uint32_t i = h->first; i != NOBODY; i = chain_next(h->link, h->first, i))
        if (h->vcpu[i].ready_at <= m->now)
            return i;
    return NOBODY;
}

static int pass_on(machine *m, uint32_t core)
{
    host *h = &m->sharing.host;
    uint32_t cpu = h->occupant[core];
    uint32_t next = h->first;

    if (cpu != NOBODY && !h->vcpu[cpu].wants) {
        stop(m, cpu);
        cpu = NOBODY;
    }
    if (cpu != NOBODY) {
        next = successor(m, cpu);
        if (next == NOBODY)
            return 0;
        host_unqueue(h, next, 1);
        stop(m, cpu);
        host_queue(h, cpu);
    } else if (h->queued > 0) {
        host_unqueue(h, next, 0);
    } else {
        return 0;
    }
    go_on(m, next, core);
    return 1;
}

/* When cores may change hands next if nothing happens before. */
static int64_t next_change(const machine *m)
{
    const host *h = &m->sharing.host;
    int64_t first = PS_NEVER;

    if (h->queued == 0)
        return PS_NEVER;
    for (uint32_t i = 0; i < h->cores; i++) {
        uint32_t cpu = h->occupant[i];
        int64_t from = m->now + 1;
        int64_t at;

        SIM_ASSERT(cpu != NOBODY);
        if (spins(m, cpu) && h->ready > from)
            from = h->ready;
        if (from == PS_NEVER)
            continue;
        at = passes_on(m, cpu, from);
        first = at < first ? at : first;
    }
    return first;
}

void sharing_event(machine *m)
{
    int passed = 0;

    SIM_ASSERT(m->sharing.host.cores > 0);
    host_refresh(&m->sharing.host, m->now);
    find_work(m);
    for (uint32_t i = 0; i < m->sharing.host.cores; i++)
        passed |= pass_on(m, i);
    if (passed)
        find_work(m);
    m->sharing.host.contended = m->sharing.host.queued > 0;
    machine_schedule_host(m, next_change(m));
}

/* ---- sleepers that wake on the core of their waker -------------------------------------- */

static int can_share(const machine *m)
{
    const param_set *p = m->setup->params;

    return m->sharing.host.cores == 0 && m->lock.policy == LOCKQ_BARGING &&
           param_int(p, P_OTHERS) == OTHERS_IDLE && param_int(p, P_HOST_SHARED) > 0;
}

/* In SMM, or used by a thread and not held: who that is, is looked for during holds only. */
static int somebody_is_awake(const machine *m)
{
    if (m->deliver.inside > 0 || m->thread.working == 0 || m->now >= m->deliver.held_until)
        return m->deliver.inside + m->thread.working > 0;
    for (uint32_t i = 0; i < m->cpus; i++)
        if (m->cpu[i].thread.count > 0 && m->now >= m->cpu[i].deliver.held_to)
            return 1;
    return 0;
}

/* While all sleep, the host gathers their threads on one core, where each wakes the next. */
void sharing_awakes(machine *m, uint32_t cpu)
{
    int64_t until = m->cpu[cpu].deliver.held_to;

    if (can_share(m) && !somebody_is_awake(m) &&
        m->now - m->sharing.asleep > machine_cost(m, cpu, P_HOST_GATHER))
        m->sharing.gathered = until > m->now ? until : m->now;
}

/* A vCPU woken on its waker's core shares that core until the host scheduler migrates one of
 * them to another core, where it then stays: it does so if it sees that they want the same one, and
 * in any case some time after the first of them woke up. */
void sharing_wakes(machine *m, uint32_t waker)
{
    if (!can_share(m) || m->sharing.gathered == PS_NEVER)
        return;
    if (machine_chance(m, waker, P_HOST_SHARED))
        lockq_share(&m->lock, ps_add(m->sharing.gathered, machine_cost(m, waker, P_HOST_SETTLE)));
    m->sharing.gathered = PS_NEVER;
}

void sharing_ends(machine *m)
{
    lockq_share(&m->lock, 0);
}

int sharing_waker_waits(machine *m, uint32_t waker)
{
    return m->now < m->lock.shared_until && machine_chance(m, waker, P_HOST_WAKER);
}

int64_t sharing_turn(const machine *m, int64_t at)
{
    return lockq_turn(&m->lock, at);
}

/* Where pollers share a host core, the one that is waited for has it: it may go on, polling or in
 * normal code, until its turn is over. */
int64_t sharing_finds(machine *m, uint32_t cpu, int64_t at)
{
    const machine_cpu *c = &m->cpu[cpu];

    sharing_spins(m);
    if (!c->sharing.on_core)
        return PS_NEVER;
    if (c->driver.spins && m->now < m->lock.shared_until && m->now >= c->deliver.held_to &&
        machine_chance(m, cpu, P_HOST_KEEPS)) {
        at = sharing_turn(m, ps_add(at, machine_cost(m, cpu, P_HOST_TURN)));
        lose_core(m, cpu);
    }
    return at;
}

void sharing_polls(machine *m, uint32_t cpu)
{
    gain_core(m, cpu, CORE_OWN);
}

/* This CPU halts and leaves its host core: who lost the core to it goes on. */
static void free_core(machine *m, uint32_t cpu)
{
    const machine_cpu *c = &m->cpu[cpu];
    uint32_t next;

    /* the thread that wrote the port has no more to do for this call */
    if (m->now >= m->lock.shared_until || c->deliver.latch ||
        c->thread.count > (c->thread.trigger != RECORD_NONE))
        return;
    for (uint32_t i = m->sharing.lost_cores; i != NOBODY; i = next) {
        int64_t at = machine_scheduled(m, CLASS_CPU, i);
        const int64_t soon = ps_add(m->now, m->lock.wake);

        next = chain_next(m->sharing.link, m->sharing.lost_cores, i);
        if (soon < at) {
            at = soon;
            machine_schedule(m, CLASS_CPU, i, at);
            lockq_charge_wake(&m->lock);
        }
        if (at >= m->cpu[i].deliver.held_to)
            gain_core(m, i, CORE_SOON);
    }
}

void sharing_leaves(machine *m, uint32_t cpu)
{
    if (m->cpu[cpu].thread.count == 0)
        m->sharing.asleep = m->now;
    free_core(m, cpu);
}

/* ---- a run ------------------------------------------------------------------------------ */

void sharing_new(machine *m)
{
    host *h = &m->sharing.host;

    h->cores = m->setup->host_cores;
    h->vcpu = sim_alloc(m->cpus, sizeof *h->vcpu);
    h->link = sim_alloc(m->cpus, sizeof *h->link);
    h->occupant = sim_alloc(h->cores, sizeof *h->occupant);
    m->sharing.link = sim_alloc(m->cpus, sizeof *m->sharing.link);
}

void sharing_free(machine *m)
{
    free(m->sharing.host.vcpu);
    free(m->sharing.host.link);
    free(m->sharing.host.occupant);
    free(m->sharing.link);
}

static void start_cores(machine *m)
{
    const param_set *p = m->setup->params;
    host *h = &m->sharing.host;

    h->tick = m->lock.tick;
    h->phase = m->lock.phase;
    h->least = param_int(p, P_HOST_SLICE);
    h->period = param_int(p, P_HOST_PERIOD);
    h->yields = (uint8_t)param_int(p, P_HOST_YIELD);
    host_reset(h, m->cpus);
    for (uint32_t rank = 0; rank < m->cpus; rank++) {
        machine_cpu *c = &m->cpu[m->ranked[rank]];

        c->sharing.on_core = 0;
        if (param_int(p, P_OTHERS) == OTHERS_RUNNING && !c->deliver.blocked)
            sharing_wants(m, m->ranked[rank]);
    }
}

void sharing_start(machine *m)
{
    m->sharing.asleep = 0;
    m->sharing.gathered = PS_NEVER;
    m->sharing.lost_cores = NOBODY;
    for (uint32_t i = 0; i < m->cpus; i++)
        m->cpu[i].sharing = (sharing_cpu){.left = -1, .on_core = 1};
    if (m->sharing.host.cores > 0)
        start_cores(m);
}
