/* SPDX-License-Identifier: Apache-2.0 */
/* machine: memory of a simulated machine, its run loop and dispatch, random draws, the digest. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/machine/state.h"
#include "sim/lib/rng.h"

/* ---- events ----------------------------------------------------------------------------- */

/* Slots: class by class; within a class CPUs by their rank, threads by number. */
static uint32_t slot_of(const machine *m, event_class kind, uint32_t index)
{
    SIM_ASSERT(kind == CLASS_THREAD ? index < m->threads : index < m->cpus);
    return (uint32_t)kind * m->cpus + (kind == CLASS_THREAD ? index : m->rank[index]);
}

/* One more where host cores are counted. */
static uint32_t slot_count(const machine *m)
{
    return (uint32_t)CLASS_THREAD * m->cpus + m->threads + (m->setup->host_cores > 0);
}

void machine_schedule(machine *m, event_class kind, uint32_t index, int64_t at)
{
    SIM_ASSERT(at >= m->now);
    evset_set(&m->events, slot_of(m, kind, index), at);
}

/* Behind the last thread. */
void machine_schedule_host(machine *m, int64_t at)
{
    SIM_ASSERT(at >= m->now);
    evset_set(&m->events, (uint32_t)CLASS_THREAD * m->cpus + m->threads, at);
}

int64_t machine_scheduled(const machine *m, event_class kind, uint32_t index)
{
    return evset_at(&m->events, slot_of(m, kind, index));
}

void machine_fold(machine *m, uint64_t value)
{
    m->digest = (m->digest ^ value) * UINT64_C(0x9e3779b97f4a7c15);
    m->digest ^= m->digest >> 29;
}

/* ---- random draws ----------------------------------------------------------------------- */

rng_address machine_address(const machine *m, uint32_t component, int parameter)
{
    return (rng_address){.seed = m->seed,
                         .stream = m->setup->stream[parameter],
                         .ordinal = m->ordinal,
                         .repetition = m->repetition,
                         .component = (uint16_t)component};
}

uint64_t machine_word64(const machine *m, uint32_t cpu, int parameter)
{
    const rng_address address = machine_address(m, cpu, parameter);

    return rng_word(&address);
}

/* Whether something of that probability happens to this CPU at this moment. */
int machine_chance(machine *m, uint32_t cpu, int parameter)
{
    int64_t share = param_int(m->setup->params, parameter);
    uint64_t word;

    if (share == 0)
        return 0;
    m->used[parameter] = 1;
    word = machine_word64(m, cpu, parameter) ^ (uint64_t)m->now * UINT64_C(0xd1342543de82ef95);
    return (int64_t)rng_below(word, (uint64_t)RATIO_ONE) < share;
}

/* The n-th draw of one parameter by one CPU for one trigger has an address of its own, so one draw
 * more or less elsewhere changes nothing here. */
int64_t machine_draw(machine *m, uint32_t cpu, int parameter)
{
    int number = m->setup->draw_of[parameter];
    int64_t cost = m->setup->fixed[parameter];
    rng_address address;
    draw_count *drawn;

    if (cost < 0) {
        drawn = &m->drawn[(uint64_t)cpu * m->setup->draws + (uint32_t)number];
        if (drawn->ordinal != m->ordinal)
            *drawn = (draw_count){.ordinal = m->ordinal};
        address = machine_address(m, cpu, parameter);
        address.index = (uint16_t)drawn->count;
        address.ordinal = m->ordinal << 16 | (drawn->count >> 16 & 0xffff);
        cost = dist_draw(param_dist(m->setup->params, parameter), rng_word(&address));
        drawn->count++;
    }
    return cost;
}

/* The first one is why the run will not come to its end. */
static void note_beyond(machine *m, int parameter, int64_t cost)
{
    if (__builtin_expect(cost > m->limit, 0) && m->beyond == 0) {
        m->beyond = cost;
        m->beyond_of = parameter;
    }
}

int64_t machine_cost(machine *m, uint32_t cpu, int parameter)
{
    int64_t cost = machine_draw(m, cpu, parameter);

    m->used[parameter] |= cost > 0;
    note_beyond(m, parameter, cost);
    return cost;
}

int64_t machine_times(machine *m, int parameter, int64_t cost, int64_t count)
{
    int64_t product = ps_times(cost, count);

    note_beyond(m, parameter, product);
    return product;
}

void machine_break(machine *m, const char *why)
{
    m->broken = m->pause = 1;
    m->limit = -1;
    stuck_broken(m, why);
}

/* ---- memory ----------------------------------------------------------------------------- */

machine *machine_new(const machine_setup *setup)
{
    machine *m = sim_alloc(1, sizeof *m);

    m->setup = setup;
    m->cpus = setup->config.cpus;
    m->threads = setup->program->threads;
    SIM_ASSERT(m->threads <= PROGRAM_THREADS_MAX && m->cpus <= STEP_CPUS_MAX);
    m->cpu = sim_alloc(m->cpus, sizeof *m->cpu);
    m->rank = sim_alloc(m->cpus, sizeof *m->rank);
    m->ranked = sim_alloc(m->cpus, sizeof *m->ranked);
    m->drawn = sim_alloc((uint64_t)m->cpus * setup->draws, sizeof *m->drawn);
    m->events.node = sim_alloc(1, evset_bytes(slot_count(m)));
    driver_new(m);
    handler_new(m);
    sharing_new(m);
    thread_new(m);
    return m;
}

void machine_free(machine *m)
{
    if (!m)
        return;
    driver_free(m);
    handler_free(m);
    sharing_free(m);
    thread_free(m);
    free(m->cpu);
    free(m->rank);
    free(m->ranked);
    free(m->drawn);
    free(m->events.node);
    free(m);
}

const uint8_t *machine_used(const machine *m)
{
    return m->used;
}

/* ---- one run ---------------------------------------------------------------------------- */

static void reset_ties(machine *m)
{
    const rng_address address = machine_address(m, 0, P_TIE);

    rng_permutation(&address, m->rank, (int)m->cpus);
    for (uint32_t i = 0; i < m->cpus; i++) {
        if (param_int(m->setup->params, P_TIE) == TIE_INDEX)
            m->rank[i] = (uint16_t)i;
        m->ranked[m->rank[i]] = (uint16_t)i;
    }
}

static void reset_lock(machine *m)
{
    const param_set *p = m->setup->params;
    int64_t tick = param_int(p, P_HOST_TICK);

    m->lock = (lockq){
        .policy = (uint32_t)param_int(p, P_LOCK),
        .wake = machine_draw(m, 0, P_LOCK_WAKE),
        .tick = tick,
        .phase = (int64_t)rng_below(machine_word64(m, 0, P_HOST_TICK), (uint64_t)tick) - tick};
}

/* Threads come last: they begin to think. */
static void reset(machine *m)
{
    m->now = 0;
    m->digest = UINT64_C(0x736d6d73696d0001);
    m->ordinal = 0;
    m->limit = param_int(m->setup->params, P_LIMIT);
    SIM_ASSERT(m->limit < PS_MAX);
    m->beyond = 0;
    m->broken = m->pause = 0;
    memset(m->drawn, 0, (uint64_t)m->cpus * m->setup->draws * sizeof *m->drawn);
    evset_init(&m->events, slot_count(m), m->events.node);
    reset_ties(m);
    reset_lock(m);
    deliver_start(m);
    driver_start(m);
    handler_start(m);
    mark_start(m);
    sharing_start(m);
    thread_start(m);
}

enum { RECORD_FIRST = 256 };

/* Each call of the program happens at most once, with at most one trigger. Each visit begins in an
 * event of its own, and has at most one round, ahead of it yet for the CPUs that are inside: so the
 * visits tell when there is room no more. */
static void make_room(machine *m)
{
    run_record *r = m->record;
    const uint64_t calls = m->setup->program->calls;
    uint64_t more;

    record_reserve(r, &(record_room){.triggers = calls - r->triggers,
                                     .visits = RECORD_FIRST,
                                     .rounds = RECORD_FIRST + m->cpus,
                                     .calls = calls - r->calls});
    more = r->round_room - r->rounds - m->cpus;
    if (more > r->visit_room - r->visits)
        more = r->visit_room - r->visits;
    m->visits_until = r->visits + more;
    m->pause = m->broken;
}

static void dispatch(machine *m, uint32_t slot)
{
    uint32_t kind = slot / m->cpus;
    uint32_t index;

    machine_fold(m, (uint64_t)m->now << 16 ^ slot);
    m->record->count.events++;
    if (kind >= CLASS_THREAD) {
        index = slot - (uint32_t)CLASS_THREAD * m->cpus;
        if (index < m->threads)
            thread_event(m, index);
        else
            sharing_event(m);
        return;
    }
    index = m->ranked[slot % m->cpus];
    if (m->now < m->cpu[index].deliver.held_to && kind != CLASS_HOLD) {
        machine_schedule(m, (event_class)kind, index, m->cpu[index].deliver.held_to);
        return;
    }
    if (!m->cpu[index].sharing.on_core)
        sharing_due(m, index);
    else if (kind == CLASS_DEADLINE)
        driver_deadline(m, index);
    else if (kind == CLASS_CPU && m->cpu[index].deliver.mode == CPU_SMM)
        driver_event(m, index);
    else if (kind == CLASS_CPU) {
        deliver_event(m, index);
        if (__builtin_expect(m->record->visits >= m->visits_until, 0))
            m->pause = 1;
    }
}

static void note_used(machine *m)
{
    for (int i = 0; i < FABRIC_TIMES; i++)
        m->used[driver_parameters[i]] |= m->driver.lines.charged >> i & 1;
    m->used[P_LOCK_WAKE] |= m->lock.woken && m->lock.wake > 0;
}

/* What the fabric and the lock charge was drawn ahead; constants are told. */
static void note_ahead(machine *m)
{
    for (int i = 0; i < FABRIC_TIMES; i++)
        if (m->driver.lines.charged >> i & 1)
            note_beyond(m, driver_parameters[i], m->setup->fixed[driver_parameters[i]]);
    if (m->lock.woken)
        note_beyond(m, P_LOCK_WAKE, m->lock.wake);
}

static void finish(machine *m)
{
    run_record *r = m->record;

    if (!m->broken && (m->thread.left > 0 || m->deliver.busy > 0) && !r->count.stopped) {
        r->count.hang = 1;
        machine_break(m, "hang: no CPU can go on");
    }
    for (uint64_t v = 0; r->stuck[0] && v < r->visits; v++)
        if (r->visit[v].entered > m->now)
            r->visit[v].entered = -1;
    for (uint64_t t = 0; t < r->triggers; t++) {
        trigger_record *trigger = &r->trigger[t];

        if (trigger->outcome == TRIGGER_OPEN || trigger->outcome == TRIGGER_TAKEN)
            trigger->outcome = TRIGGER_LOST;
        r->count.served += trigger->outcome == TRIGGER_SERVED;
        r->count.late += trigger->outcome == TRIGGER_LATE;
        r->count.lost += trigger->outcome == TRIGGER_LOST;
        r->count.refused += trigger->outcome == TRIGGER_REFUSED;
    }
    r->count.triggers = r->triggers;
    r->count.visits = r->visits;
    r->end = m->now;
    if (__builtin_mul_overflow(m->now, (int64_t)m->cpus, &r->cpu_time) ||
        r->cpu_time > RECORD_SUM_MAX)
        r->cpu_time = RECORD_SUM_MAX;
    r->digest = m->digest;
    note_used(m);
}

/* Allocates nothing. 0: the run is over. */
static int run_loop(machine *m)
{
    int64_t at;
    uint32_t slot;

    while (!m->pause && evset_take(&m->events, &at, &slot)) {
        if (at > m->limit) {
            evset_set(&m->events, slot, at); /* it is what is next */
            note_ahead(m);
            stuck_limit(m, at);
            return 0;
        }
        m->now = at;
        dispatch(m, slot);
    }
    return m->pause && !m->broken;
}

void machine_run(machine *m, uint64_t seed, uint32_t repetition, run_record *record,
                 const machine_observer *observer)
{
    record_clear(record);
    m->record = record;
    m->observer = observer;
    m->seed = seed;
    m->repetition = repetition;
    reset(m);
    do
        make_room(m);
    while (run_loop(m));
    finish(m);
}
