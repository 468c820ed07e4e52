/* SPDX-License-Identifier: Apache-2.0 */
/* sharing: what it means for a CPU to have a host core, to lose it and to get it back. */
#include "models/machine/state.h"

/* All changes of hands happen in one event, the last one of its instant: what comes just then still
 * takes effect, and a CPU that halts and has work again at the same instant has not lost its core.
 */
void sharing_look(machine *m)
{
    evset_set(&m->events, (uint32_t)CLASS_THREAD * m->cpus + m->threads, m->now);
}

/* Waits in SMM for what has not happened. */
static int polls(const machine *m, uint32_t cpu)
{
    const machine_cpu *c = &m->cpu[cpu];

    return c->mode == CPU_SMM && c->waiting == WAIT_SUBSCRIBED && !c->due;
}

/* Nothing comes of its having a core: it polls, or runs what no thread of the workload does. */
static int spins(const machine *m, uint32_t cpu)
{
    const machine_cpu *c = &m->cpu[cpu];

    return polls(m, cpu) || (c->mode == CPU_RUNNING && c->threads == 0);
}

/* Who queues and has something to do by now waits for the turns of the spinners before it: each
 * keeps others from its core for a poll, or for its slice. */
static void find_work(machine *m)
{
    host *h = &m->host;
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

void sharing_need(machine *m, uint32_t cpu)
{
    host_vcpu *v;

    if (m->host.cores == 0)
        return;
    v = &m->host.vcpu[cpu];
    v->wants = 1;
    if (m->now < m->cpu[cpu].frozen_to)
        return;
    if (v->place == HOST_ASLEEP)
        host_queue(&m->host, cpu);
    sharing_look(m);
}

void sharing_rest(machine *m, uint32_t cpu)
{
    if (m->host.cores == 0)
        return;
    m->host.vcpu[cpu].wants = 0;
    if (m->host.vcpu[cpu].place == HOST_QUEUED)
        host_unqueue(&m->host, cpu, 0);
    sharing_look(m);
}

void sharing_due(machine *m, uint32_t cpu)
{
    machine_cpu *c = &m->cpu[cpu];

    SIM_ASSERT(!c->on_core);
    c->due = 1;
    if (m->host.vcpu[cpu].place == HOST_QUEUED)
        sharing_look(m);
    else if (c->mode == CPU_SIGNALLED || c->mode == CPU_LOCK)
        sharing_need(m, cpu);
}

/* ---- a CPU stops and goes on ------------------------------------------------------------ */

/* What it computes waits for its next turn. What others send it (an SMI, the lock) goes on. */
static void stop(machine *m, uint32_t cpu)
{
    machine_cpu *c = &m->cpu[cpu];
    int64_t at = machine_scheduled(m, CLASS_CPU, cpu);

    host_end(&m->host, cpu, m->now);
    c->on_core = 0;
    if (at != PS_NEVER &&
        (c->mode == CPU_ENTERING || c->mode == CPU_SMM || c->mode == CPU_LEAVING)) {
        c->left = at - m->now; /* but a poll is made at once: driver_unpark */
        machine_schedule(m, CLASS_CPU, cpu, PS_NEVER);
    }
    driver_park(m, cpu);
    thread_stop_cpu(m, cpu);
}

static void go_on(machine *m, uint32_t cpu, uint32_t core)
{
    machine_cpu *c = &m->cpu[cpu];

    host_begin(&m->host, cpu, core, m->now);
    c->on_core = 1;
    if (c->left >= 0)
        machine_schedule(m, CLASS_CPU, cpu, ps_add(m->now, c->left));
    else if (c->due && (c->mode == CPU_SIGNALLED || c->mode == CPU_LOCK))
        machine_schedule(m, CLASS_CPU, cpu, m->now);
    c->left = -1;
    c->due = 0;
    driver_unpark(m, cpu);
    thread_go_on(m, cpu);
}

void sharing_hold(machine *m, uint32_t cpu)
{
    host_vcpu *v;

    if (m->host.cores == 0)
        return;
    v = &m->host.vcpu[cpu];
    if (v->place == HOST_ON)
        stop(m, cpu);
    else if (v->place == HOST_QUEUED)
        host_unqueue(&m->host, cpu, 0);
    sharing_look(m);
}

void sharing_release(machine *m, uint32_t cpu)
{
    if (m->host.cores > 0 && m->host.vcpu[cpu].wants)
        sharing_need(m, cpu);
}

/* ---- cores are passed on ---------------------------------------------------------------- */

/* When this CPU passes its core to one that may have it from `at` on. */
static int64_t passes_on(const machine *m, uint32_t cpu, int64_t at)
{
    if (m->host.yields && polls(m, cpu))
        return driver_poll(m, cpu, at);
    return host_turn(&m->host, cpu, at);
}

/* Who is next on the core of `cpu`, now. A spinner passes it on to the first who has something to
 * do, anybody else to the first. */
static uint32_t successor(const machine *m, uint32_t cpu)
{
    const host *h = &m->host;

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
    host *h = &m->host;
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
    const host *h = &m->host;
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

    SIM_ASSERT(m->host.cores > 0);
    host_refresh(&m->host, m->now);
    find_work(m);
    for (uint32_t i = 0; i < m->host.cores; i++)
        passed |= pass_on(m, i);
    if (passed)
        find_work(m);
    m->host.contended = m->host.queued > 0;
    evset_set(&m->events, (uint32_t)CLASS_THREAD * m->cpus + m->threads, next_change(m));
}

void sharing_start(machine *m)
{
    const param_set *p = m->setup->params;

    if (m->host.cores == 0)
        return;
    m->host.tick = m->lock.tick;
    m->host.phase = m->lock.phase;
    m->host.least = param_int(p, P_HOST_SLICE);
    m->host.period = param_int(p, P_HOST_PERIOD);
    m->host.yields = (uint8_t)param_int(p, P_HOST_YIELD);
    host_reset(&m->host, m->cpus);
    for (uint32_t rank = 0; rank < m->cpus; rank++) {
        machine_cpu *c = &m->cpu[m->ranked[rank]];

        c->on_core = 0;
        if (param_int(p, P_OTHERS) == OTHERS_RUNNING && !c->blocked)
            sharing_need(m, m->ranked[rank]);
    }
}

int sharing_idle_cpu(const machine *m, uint32_t cpu)
{
    return m->cpu[cpu].threads == 0 && param_int(m->setup->params, P_OTHERS) == OTHERS_IDLE;
}
