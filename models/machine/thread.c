/* SPDX-License-Identifier: Apache-2.0 */
/* thread: the operating system's threads: calls, the EFI lock, the port write, statuses. */
#include <stdlib.h>
#include <string.h>

#include "models/machine/state.h"
#include "sim/lib/rng.h"

static const program_call *call_of(const machine *m, const thread_entry *t)
{
    return &m->setup->program->call[t->at];
}

static int is_service(const program_call *call)
{
    return call->kind <= CALL_QUERY;
}

/* ---- a thread and its CPU --------------------------------------------------------------- */

static void use_cpu(machine *m, uint32_t thread, uint32_t cpu)
{
    thread_entry *t = &m->thread.list[thread];
    machine_cpu *c = &m->cpu[cpu];

    t->cpu = (uint16_t)cpu;
    if (c->thread.count == 0)
        sharing_awakes(m, cpu);
    chain_prepend(m->thread.link, &c->thread.first, thread);
    m->thread.working += c->thread.count++ == 0;
    if (c->deliver.mode != CPU_LOCK)
        sharing_wants(m, cpu);
}

static void leave_cpu(machine *m, uint32_t thread)
{
    thread_entry *t = &m->thread.list[thread];
    machine_cpu *c = &m->cpu[t->cpu];

    chain_remove(m->thread.link, &c->thread.first, thread);
    m->thread.working -= --c->thread.count == 0;
    sharing_idles(m, t->cpu);
}

/* The next one that uses this CPU, or NOBODY. */
static uint32_t next_thread(const machine *m, uint32_t cpu, uint32_t thread)
{
    return chain_next(m->thread.link, m->cpu[cpu].thread.first, thread);
}

/* In SMM, or behind a port write whose SMI comes before the next instruction, or without a core. */
static int is_stopped(const machine_cpu *c)
{
    return !c->sharing.on_core || c->deliver.mode > CPU_SIGNALLED ||
           (c->deliver.mode == CPU_SIGNALLED && c->deliver.via == VIA_LATCH) ||
           c->thread.trigger != RECORD_NONE;
}

/* The thread needs its CPU for `time`; if that is in SMM or held, later. */
static void work(machine *m, uint32_t thread, thread_state state, int64_t time)
{
    thread_entry *t = &m->thread.list[thread];
    machine_cpu *c = &m->cpu[t->cpu];

    t->state = (uint8_t)state;
    if (is_stopped(c)) {
        t->stalled = 1;
        t->remaining = time;
        return;
    }
    if (m->now < c->deliver.held_to)
        time = ps_add(time, c->deliver.held_to - m->now);
    machine_schedule(m, CLASS_THREAD, thread, ps_add(m->now, time));
}

void thread_stop_cpu(machine *m, uint32_t cpu)
{
    for (uint32_t i = m->cpu[cpu].thread.first; i != NOBODY; i = next_thread(m, cpu, i)) {
        thread_entry *t = &m->thread.list[i];
        int64_t at = machine_scheduled(m, CLASS_THREAD, i);

        if (at == PS_NEVER)
            continue;
        t->stalled = 1;
        t->remaining = at - m->now;
        machine_schedule(m, CLASS_THREAD, i, PS_NEVER);
    }
}

void thread_put_off(machine *m, uint32_t cpu, int64_t by)
{
    for (uint32_t i = m->cpu[cpu].thread.first; i != NOBODY; i = next_thread(m, cpu, i)) {
        int64_t at = machine_scheduled(m, CLASS_THREAD, i);

        if (at != PS_NEVER)
            machine_schedule(m, CLASS_THREAD, i, ps_add(at, by));
    }
}

int thread_idle_cpu(const machine *m, uint32_t cpu)
{
    return m->cpu[cpu].thread.count == 0 && param_int(m->setup->params, P_OTHERS) == OTHERS_IDLE;
}

/* ---- the end of a call ------------------------------------------------------------------ */

static void begin_think(machine *m, uint32_t thread);

/* Which call follows: the next one, or past the operation if this one failed. */
static uint32_t call_after(const thread_entry *t, const program_call *call)
{
    int fine;

    switch ((call_kind)call->kind) {
    case CALL_SIZE:
        fine = t->status == STATUS_BUFFER_TOO_SMALL;
        break;
    case CALL_NEXT:
        fine = t->status == STATUS_SUCCESS || t->status == STATUS_NOT_FOUND;
        break;
    default:
        fine = t->status == STATUS_SUCCESS;
        break;
    }
    return fine ? t->at + 1 : call->skip;
}

static void pass_efi_lock(machine *m)
{
    uint32_t next = m->thread.efi_first;

    m->thread.efi_owner = NOBODY;
    if (next == NOBODY)
        return;
    chain_remove(m->thread.link, &m->thread.efi_first, next);
    m->thread.efi_owner = (uint16_t)next;
    machine_schedule(m, CLASS_THREAD, next, m->now);
}

static void end_call(machine *m, uint32_t thread)
{
    thread_entry *t = &m->thread.list[thread];
    const program_call *call = call_of(m, t);
    uint32_t number = record_call(m->record); /* may move the table */
    call_record *r = &m->record->call[number];

    *r = (call_record){.begin = t->begin,
                       .end = m->now,
                       .trigger = t->trigger,
                       .line = call->line,
                       .thread = (uint16_t)thread,
                       .cpu = t->cpu,
                       .kind = call->kind,
                       .status = t->status,
                       .first = call->first};
    if (t->trigger != RECORD_NONE) {
        const trigger_record *trigger = &m->record->trigger[t->trigger];

        r->served = trigger->outcome;
        r->smm = trigger->at[AT_RESUMED] - trigger->at[AT_PORT_WRITE];
    }
    if (call->kind < CALL_COMPUTE) /* what goes to the firmware */
        record_sum(&m->record->command, m->now - t->begin);
    if (call->kind != CALL_HOLD)
        leave_cpu(m, thread);
    else
        sharing_let_go(m, t->cpu);
    if (is_service(call))
        pass_efi_lock(m);
    t->at = call_after(t, call);
    begin_think(m, thread);
}

/* ---- a call ----------------------------------------------------------------------------- */

/* `share` in parts of RATIO_ONE. */
static int64_t scaled(int64_t time, int64_t share)
{
    __int128 product = (__int128)time * share / RATIO_ONE;

    return product > PS_MAX ? PS_MAX : (int64_t)product;
}

static void begin_think(machine *m, uint32_t thread)
{
    thread_entry *t = &m->thread.list[thread];
    const program_call *call;
    int64_t think = 0;

    if (t->at >= m->setup->program->thread[thread].to) {
        t->state = THREAD_DONE;
        m->thread.left--;
        return;
    }
    call = call_of(m, t);
    if (call->think) {
        rng_address address = machine_address(m, thread, P_THINK);

        address.ordinal = t->at;
        think = dist_draw(call->think, rng_word(&address));
        think = scaled(think, param_int(m->setup->params, P_THINK));
    }
    t->state = THREAD_THINK;
    machine_schedule(m, CLASS_THREAD, thread, ps_add(m->now, think));
}

/* A kernel worker runs on any CPU that takes SMIs. */
static uint32_t worker_cpu(const machine *m)
{
    uint64_t nth = rng_below(machine_word64(m, 0, P_EFI_CPU), m->setup->takers);
    uint32_t cpu = m->setup->takers == m->cpus ? (uint32_t)nth : 0;

    for (; m->setup->takers < m->cpus; cpu++)
        if (!m->cpu[cpu].deliver.blocked && !m->cpu[cpu].deliver.disabled && nth-- == 0)
            break;
    return cpu;
}

static uint32_t cpu_for(machine *m, const program_call *call)
{
    const param_set *p = m->setup->params;

    if (call->kind == CALL_HOLD)
        return (uint32_t)call->cpu;
    if (param_int(p, P_PHASE) == PHASE_BOOT)
        return (uint32_t)param_int(p, P_BOOT_CPU);
    if (is_service(call) && param_int(p, P_EFI_CPU) == EFI_WORKER) {
        machine_next_ordinal(m);
        return worker_cpu(m);
    }
    return call->cpu == PROGRAM_CALLER ? (uint32_t)param_int(p, P_CALLER) : (uint32_t)call->cpu;
}

static int64_t length_of(machine *m, uint32_t thread, const program_call *call)
{
    rng_address address = machine_address(m, thread, P_WORKLOAD);

    address.ordinal = m->thread.list[thread].at;
    return dist_draw(call->time, rng_word(&address));
}

static int64_t time_before(machine *m, const thread_entry *t, const program_call *call)
{
    const param_set *p = m->setup->params;
    int64_t time = 0;

    if (!is_service(call))
        return 0;
    time = machine_cost(m, t->cpu, P_OS_CALL);
    if (call->syscall)
        time = ps_add(time, machine_cost(m, t->cpu, P_OS_FILE));
    if (param_int(p, P_EFI_CPU) == EFI_WORKER)
        time = ps_add(time, machine_cost(m, t->cpu, P_OS_WORKER));
    return time;
}

static void begin_work(machine *m, uint32_t thread)
{
    thread_entry *t = &m->thread.list[thread];
    const program_call *call = call_of(m, t);

    t->trigger = RECORD_NONE;
    t->status = STATUS_SUCCESS;
    if (call->kind == CALL_HOLD) {
        t->cpu = (uint16_t)cpu_for(m, call);
        t->state = THREAD_HOLD;
        t->remaining = length_of(m, thread, call);
        deliver_hold(m, t->cpu, t->remaining);
        machine_schedule(m, CLASS_THREAD, thread, ps_add(m->now, t->remaining));
        return;
    }
    use_cpu(m, thread, cpu_for(m, call));
    if (call->kind == CALL_COMPUTE)
        work(m, thread, THREAD_COMPUTE, length_of(m, thread, call));
    else
        work(m, thread, THREAD_BEFORE, time_before(m, t, call));
}

static void begin_call(machine *m, uint32_t thread)
{
    thread_entry *t = &m->thread.list[thread];

    t->begin = m->now;
    if (is_service(call_of(m, t)) && m->thread.efi_owner != NOBODY) {
        t->state = THREAD_QUEUE;
        chain_append(m->thread.link, &m->thread.efi_first, thread);
        return;
    }
    if (is_service(call_of(m, t)))
        m->thread.efi_owner = (uint16_t)thread;
    begin_work(m, thread);
}

static int served_outside(const machine *m, const program_call *call)
{
    return param_int(m->setup->params, P_VAR_CACHE) &&
           (call->kind == CALL_GET || call->kind == CALL_SIZE || call->kind == CALL_NEXT);
}

static void begin_port(machine *m, uint32_t thread)
{
    thread_entry *t = &m->thread.list[thread];

    if (served_outside(m, call_of(m, t))) {
        t->status = (uint8_t)handler_outside(m, thread);
        work(m, thread, THREAD_AFTER, machine_cost(m, t->cpu, P_VAR_CACHE_READ));
        return;
    }
    t->trigger = record_trigger(m->record);
    machine_next_ordinal(m);
    m->record->trigger[t->trigger] = (trigger_record){
        .call = t->at, .round = RECORD_NONE, .next_in_round = RECORD_NONE, .cpu = t->cpu};
    m->record->trigger[t->trigger].at[AT_PORT_WRITE] = m->now;
    work(m, thread, THREAD_PORT, /* the data port, then the command port */
         ps_add(machine_cost(m, t->cpu, P_PORT), machine_cost(m, t->cpu, P_PORT)));
}

void thread_pend(machine *m, uint32_t thread, uint32_t trigger)
{
    uint64_t bit = UINT64_C(1) << thread % 64;

    m->thread.list[thread].pending = trigger;
    m->thread.pending[thread / 64] &= ~bit;
    m->thread.pending[thread / 64] |= trigger == RECORD_NONE ? 0 : bit;
}

uint32_t thread_pending(const machine *m, uint32_t from)
{
    uint64_t skip = (UINT64_C(1) << from % 64) - 1;

    for (uint32_t word = from / 64; word * 64 < m->threads; word++) {
        uint64_t left = m->thread.pending[word] & ~skip;

        if (left)
            return 64 * word + (uint32_t)__builtin_ctzll(left);
        skip = 0;
    }
    return NOBODY;
}

/* What was pending and nobody has executed is lost. */
static void overwrite(machine *m, uint32_t trigger)
{
    if (trigger != RECORD_NONE && m->record->trigger[trigger].outcome == TRIGGER_OPEN)
        m->record->trigger[trigger].outcome = TRIGGER_LOST;
}

/* The request replaces what the buffer or this thread had pending. */
static void arm(machine *m, uint32_t thread)
{
    thread_entry *t = &m->thread.list[thread];
    const program_call *call = call_of(m, t);

    if (is_service(call)) {
        overwrite(m, handler_arm(m, t->trigger, t->at));
        return;
    }
    overwrite(m, t->pending);
    thread_pend(m, thread, t->trigger);
    t->kind = call->kind;
}

/* What the driver reads back after the SMI: if no handler ran, what the last one left behind. */
static uint8_t status_read(const machine *m, const thread_entry *t)
{
    const program_call *call = call_of(m, t);

    if (!is_service(call))
        return m->record->trigger[t->trigger].not_started ? STATUS_NOT_STARTED : STATUS_SUCCESS;
    if (m->record->trigger[t->trigger].outcome != TRIGGER_SERVED && call->kind == CALL_SIZE &&
        m->handler.comm.status == STATUS_SUCCESS)
        return STATUS_INVALID_PARAMETER; /* success, but there is no buffer to copy to */
    return m->handler.comm.status;
}

static void close_trigger(machine *m, uint32_t thread)
{
    thread_entry *t = &m->thread.list[thread];
    trigger_record *trigger = &m->record->trigger[t->trigger];
    int64_t phases[PHASE_COUNT];

    trigger->at[AT_RESUMED] = m->now;
    trigger->closed = 1;
    record_phases(trigger, phases);
    m->cpu[t->cpu].thread.trigger = RECORD_NONE;
    t->status = status_read(m, t);
    work(m, thread, THREAD_AFTER, 0);
}

/* SMIs that reached a CPU so far: on their way, latched, or swallowed by one that is pending. */
static uint64_t signalled(const machine *m)
{
    return m->deliver.busy + m->record->count.latched + m->record->count.coalesced;
}

static void write_port(machine *m, uint32_t thread)
{
    thread_entry *t = &m->thread.list[thread];
    machine_cpu *c = &m->cpu[t->cpu];
    uint64_t before = signalled(m);

    arm(m, thread);
    t->state = THREAD_SMI;
    c->thread.trigger = t->trigger;
    deliver_port_write(m, t->cpu);
    thread_stop_cpu(m, t->cpu);
    if (c->deliver.mode != CPU_RUNNING)
        return;
    /* Nothing came here: SMI disabled, or not enabled in the chipset. What reached other CPUs is
     * theirs; a request that reached nobody is refused, and yet stays in the buffer. */
    if (signalled(m) == before) {
        m->record->trigger[t->trigger].outcome = TRIGGER_REFUSED;
        if (!is_service(call_of(m, t)))
            thread_pend(m, thread, RECORD_NONE);
    }
    thread_resume_cpu(m, t->cpu);
}

/* The open trigger first: as long as it is open its CPU counts as stopped. */
void thread_resume_cpu(machine *m, uint32_t cpu)
{
    for (uint32_t i = m->cpu[cpu].thread.first; i != NOBODY; i = next_thread(m, cpu, i))
        if (m->thread.list[i].state == THREAD_SMI)
            close_trigger(m, i);
    thread_go_on(m, cpu);
}

void thread_go_on(machine *m, uint32_t cpu)
{
    for (uint32_t i = m->cpu[cpu].thread.first; i != NOBODY; i = next_thread(m, cpu, i)) {
        thread_entry *t = &m->thread.list[i];

        if (!t->stalled)
            continue;
        t->stalled = 0;
        work(m, i, (thread_state)t->state, t->remaining);
    }
}

void thread_new(machine *m)
{
    m->thread.list = sim_alloc(m->threads, sizeof *m->thread.list);
    m->thread.pending = sim_alloc((m->threads + 63) / 64, sizeof *m->thread.pending);
    m->thread.link = sim_alloc(m->threads, sizeof *m->thread.link);
}

void thread_free(machine *m)
{
    free(m->thread.list);
    free(m->thread.pending);
    free(m->thread.link);
}

void thread_start(machine *m)
{
    m->thread.left = m->threads;
    m->thread.working = 0;
    m->thread.efi_owner = m->thread.efi_first = NOBODY;
    for (uint32_t i = 0; i < m->cpus; i++)
        m->cpu[i].thread = (thread_cpu){.trigger = RECORD_NONE, .first = NOBODY};
    memset(m->thread.pending, 0, (m->threads + 63) / 64 * sizeof *m->thread.pending);
    for (uint32_t i = 0; i < m->threads; i++) {
        m->thread.list[i] = (thread_entry){.at = m->setup->program->thread[i].from,
                                           .trigger = RECORD_NONE,
                                           .pending = RECORD_NONE};
        begin_think(m, i);
    }
}

void thread_event(machine *m, uint32_t thread)
{
    thread_entry *t = &m->thread.list[thread];

    switch ((thread_state)t->state) {
    case THREAD_THINK:
        begin_call(m, thread);
        break;
    case THREAD_QUEUE:
        begin_work(m, thread);
        break;
    case THREAD_BEFORE:
        begin_port(m, thread);
        break;
    case THREAD_PORT:
        write_port(m, thread);
        break;
    case THREAD_AFTER:
    case THREAD_COMPUTE:
    case THREAD_HOLD:
        end_call(m, thread);
        break;
    case THREAD_SMI:
    case THREAD_DONE:
        sim_panic(__FILE__, __LINE__, "this thread waits for no time");
    }
}
