/* SPDX-License-Identifier: Apache-2.0 */
/* driver: the timed driver: performs each step of the protocol when its access is granted. */
#include <string.h>

#include "models/machine/state.h"

/* ---- waiting without events ------------------------------------------------------------- */

/* The chain of those that wait for the same as this request. */
static uint16_t *waiters(machine *m, const step_request *r)
{
    return r->op == STEP_WAIT_COUNT ? &m->driver.count_waiter : &m->driver.waiter[r->word];
}

static void subscribe(machine *m, uint32_t cpu)
{
    chain_prepend(m->driver.link, waiters(m, &m->cpu[cpu].driver.request), cpu);
    m->cpu[cpu].driver.waiting = WAIT_SUBSCRIBED;
}

static void unsubscribe(machine *m, uint32_t cpu)
{
    chain_remove(m->driver.link, waiters(m, &m->cpu[cpu].driver.request), cpu);
}

/* First poll at or after `at`; the one at the anchor itself is over. */
static int64_t poll_after(const machine *m, const driver_cpu *c, int64_t at)
{
    int64_t period = c->spins ? lockq_period(&m->lock, c->period) : c->period;
    int64_t into;

    SIM_ASSERT(period > 0);
    if (at <= c->anchor)
        return ps_add(c->anchor, period);
    into = (at - c->anchor) % period;
    return ps_add(at, into > 0 ? period - into : 0);
}

/* A held CPU polls again when it goes on; a hold that is over matters no more. */
static int64_t next_poll(machine *m, uint32_t cpu, int64_t at)
{
    driver_cpu *c = &m->cpu[cpu].driver;
    int64_t held_to = m->cpu[cpu].deliver.held_to;

    if (at < held_to && m->now < held_to) {
        c->anchor = held_to - c->period;
        return held_to;
    }
    return poll_after(m, c, at);
}

/* It is at rest until its next poll, for which it may need a host core first. */
static void wake(machine *m, uint32_t cpu)
{
    int64_t at = next_poll(m, cpu, m->now);

    unsubscribe(m, cpu);
    m->cpu[cpu].driver.waiting = WAIT_WOKEN;
    at = sharing_finds(m, cpu, at);
    if (at != PS_NEVER)
        machine_schedule(m, CLASS_CPU, cpu, at);
}

/* A word has changed: who waits for just that finds it at its next poll. */
static void changed(machine *m, uint32_t word, uint32_t before, uint32_t after)
{
    uint32_t clean = m->driver.fresh[word];
    uint32_t next;

    if (!m->driver.lasting[word])
        m->driver.unclean += (uint32_t)(after != clean) - (uint32_t)(before != clean);
    for (uint32_t i = m->driver.waiter[word]; i != NOBODY; i = next) {
        next = chain_next(m->driver.link, m->driver.waiter[word], i);
        if (step_holds(&m->cpu[i].driver.request, after))
            wake(m, i);
    }
    for (uint32_t i = m->driver.count_waiter; i != NOBODY; i = next) {
        driver_cpu *c = &m->cpu[i].driver;

        next = chain_next(m->driver.link, m->driver.count_waiter, i);
        if (word - c->request.word >= c->request.b)
            continue;
        c->count += (uint32_t)(after != 0) - (uint32_t)(before != 0);
        if (c->count >= c->request.a)
            wake(m, i);
    }
}

static void join(machine *m, driver_cpu *c)
{
    c->spins = c->lock_hold > 0 && m->lock.policy != LOCKQ_NONE;
    if (c->spins)
        lockq_join(&m->lock, m->now, c->period, c->lock_hold);
}

static void begin_to_spin(machine *m, driver_cpu *c)
{
    int pauses = c->request.local != STEP_NO_PAUSE;
    int64_t hold = 0;

    if (pauses && m->lock.policy != LOCKQ_NONE)
        hold = machine_cost(m, c->local.me, P_LOCK_PAUSE);
    if (m->lock.policy != LOCKQ_NONE && c->request.bound != STEP_UNBOUNDED)
        hold = ps_add(hold, machine_cost(m, c->local.me, P_LOCK_TIMER));
    c->lock_hold = hold;
    join(m, c);
}

static void end_spin(machine *m, driver_cpu *c)
{
    if (c->spins)
        lockq_quit(&m->lock, m->now);
    c->spins = 0;
}

/* The condition was read false: from here on the wait costs nothing until something happens. */
static void settle(machine *m, uint32_t cpu)
{
    driver_cpu *c = &m->cpu[cpu].driver;
    int bounded = c->request.bound != STEP_UNBOUNDED;

    if (c->waiting == WAIT_FIRST) {
        c->period = m->driver.times.hit;
        machine_use(m, P_HIT, c->period);
        if (c->request.local != STEP_NO_PAUSE)
            c->period = ps_add(c->period, machine_cost(m, cpu, P_PAUSE));
        if (bounded)
            c->period = ps_add(c->period, machine_cost(m, cpu, P_TIMER_READ));
        if (c->period == 0)
            c->period = 1;
        begin_to_spin(m, c);
    }
    c->anchor = m->now;
    subscribe(m, cpu);
    if (bounded)
        machine_schedule(m, CLASS_DEADLINE, cpu,
                         next_poll(m, cpu, c->wait_start + m->setup->timeout[c->request.bound]));
    sharing_spins(m);
}

int64_t driver_period(const machine *m, uint32_t cpu)
{
    const driver_cpu *c = &m->cpu[cpu].driver;

    return c->spins ? lockq_period(&m->lock, c->period) : c->period;
}

int64_t driver_poll(const machine *m, uint32_t cpu, int64_t at)
{
    return poll_after(m, &m->cpu[cpu].driver, at);
}

static int polls(const machine *m, uint32_t cpu)
{
    return m->cpu[cpu].deliver.mode == CPU_SMM && m->cpu[cpu].driver.waiting >= WAIT_SUBSCRIBED;
}

/* Its timer runs on: if the bound passes meanwhile, that is something to do. */
void driver_park(machine *m, uint32_t cpu)
{
    driver_cpu *c = &m->cpu[cpu].driver;
    int64_t end;

    if (!polls(m, cpu))
        return;
    end_spin(m, c);
    if (c->request.bound == STEP_UNBOUNDED)
        return;
    end = c->wait_start + m->setup->timeout[c->request.bound];
    machine_schedule(m, CLASS_DEADLINE, cpu, end > m->now ? end : m->now);
}

/* As at the end of a hold. */
void driver_unpark(machine *m, uint32_t cpu)
{
    driver_cpu *c = &m->cpu[cpu].driver;

    if (!polls(m, cpu))
        return;
    join(m, c);
    c->anchor = m->now - driver_period(m, cpu);
    if (c->waiting == WAIT_WOKEN)
        machine_schedule(m, CLASS_CPU, cpu, m->now);
    if (c->request.bound != STEP_UNBOUNDED)
        machine_schedule(m, CLASS_DEADLINE, cpu,
                         poll_after(m, c, c->wait_start + m->setup->timeout[c->request.bound]));
}

/* ---- one access ------------------------------------------------------------------------- */

/* In the order in which the fabric numbers its times. */
const int driver_parameters[FABRIC_TIMES] = {P_HIT,          P_SAME_CORE, P_SAME_DIE, P_SAME_SOCKET,
                                             P_OTHER_SOCKET, P_ATOMIC,    P_READ_BUSY};

/* Draws them anew; which of them are charged, the fabric knows. */
static void read_times(machine *m, uint32_t cpu)
{
    m->driver.times.hit = machine_draw(m, cpu, P_HIT);
    m->driver.times.transfer[NEAR_SELF] = m->driver.times.hit;
    m->driver.times.transfer[NEAR_CORE] = machine_draw(m, cpu, P_SAME_CORE);
    m->driver.times.transfer[NEAR_DIE] = machine_draw(m, cpu, P_SAME_DIE);
    m->driver.times.transfer[NEAR_SOCKET] = machine_draw(m, cpu, P_SAME_SOCKET);
    m->driver.times.transfer[NEAR_OTHER] = machine_draw(m, cpu, P_OTHER_SOCKET);
    m->driver.times.atomic = machine_draw(m, cpu, P_ATOMIC);
    m->driver.times.read_busy = machine_draw(m, cpu, P_READ_BUSY);
}

static const fabric_times *times_of(machine *m, uint32_t cpu)
{
    if (m->driver.times_vary)
        read_times(m, cpu);
    return &m->driver.times;
}

static int64_t book(machine *m, uint32_t cpu, fabric_access kind)
{
    uint32_t word = m->cpu[cpu].driver.request.word;

    SIM_ASSERT(word < m->driver.words);
    return fabric_book(&m->driver.lines, m->driver.line_of[word], cpu, kind, m->now,
                       times_of(m, cpu));
}

/* Reads for a CAS claim the line, unless somebody is drawn to steal it. */
static int64_t book_claim(machine *m, uint32_t cpu)
{
    m->cpu[cpu].driver.claimed = !machine_chance(m, cpu, P_STEAL);
    return book(m, cpu, m->cpu[cpu].driver.claimed ? FABRIC_CLAIM : FABRIC_WRITE);
}

static int64_t book_scan(machine *m, uint32_t cpu)
{
    const step_request *r = &m->cpu[cpu].driver.request;
    int64_t at = m->now;

    for (uint32_t i = 0; i < r->b; i++)
        at = fabric_book(&m->driver.lines, m->driver.line_of[r->word + i], cpu, FABRIC_READ, at,
                         times_of(m, cpu));
    return at;
}

static int64_t book_poll(machine *m, uint32_t cpu)
{
    const step_request *r = &m->cpu[cpu].driver.request;

    if (r->op == STEP_WAIT_COUNT)
        return book_scan(m, cpu);
    return r->own ? book_claim(m, cpu) : book(m, cpu, FABRIC_READ);
}

static int64_t read_timer(machine *m, uint32_t cpu)
{
    int64_t read = machine_cost(m, cpu, P_TIMER_READ);
    int64_t at = m->now;
    int64_t hold;

    if (m->lock.policy == LOCKQ_NONE)
        return ps_add(at, read);
    hold = machine_cost(m, cpu, P_LOCK_TIMER);
    if (hold > 0)
        at = lockq_book(&m->lock, at, hold, 0);
    return ps_add(at, read);
}

/* A bounded wait reads the timer once to start and once before its first test. What comes behind a
 * read is booked when that is over: others may use the line or the lock before. */
static int64_t begin_wait(machine *m, uint32_t cpu)
{
    driver_cpu *c = &m->cpu[cpu].driver;

    c->waiting = c->request.bound == STEP_UNBOUNDED ? WAIT_FIRST : WAIT_START;
    return c->waiting == WAIT_START ? read_timer(m, cpu) : book_poll(m, cpu);
}

static int64_t local_time(machine *m, uint32_t cpu)
{
    static const int parameter[LOCAL_KINDS] = {
        [LOCAL_CLEAR_STATUS] = P_CLEAR_STATUS,   [LOCAL_PLATFORM_HOOK] = P_PLATFORM_HOOK,
        [LOCAL_MTRR_SAVE] = P_MTRR_SAVE,         [LOCAL_MTRR_PROGRAM] = P_MTRR_LOAD,
        [LOCAL_MTRR_RESTORE] = P_MTRR_LOAD,      [LOCAL_CPU_UPDATE] = P_CPU_UPDATE,
        [LOCAL_ELECTION_HOOK] = P_ELECTION_HOOK, [LOCAL_JOB] = P_JOB};
    uint32_t kind = m->cpu[cpu].driver.request.local;
    int64_t time;

    SIM_ASSERT(kind < LOCAL_KINDS);
    time = machine_cost(m, cpu, parameter[kind]);
    return kind == LOCAL_CPU_UPDATE
               ? machine_times(m, P_CPU_UPDATE, time, m->setup->config.possible)
               : time;
}

static int64_t ask_time(machine *m, uint32_t cpu)
{
    driver_cpu *c = &m->cpu[cpu].driver;
    int64_t time;

    switch ((step_question)c->request.local) {
    case ASK_VALID_SMI: /* directed SMIs set no status, and the BSP clears it before the handlers */
        c->answer = m->deliver.smi_status;
        return 0;
    case ASK_SYNC_NEEDED:
        c->answer = !param_int(m->setup->params, P_LMCE);
        return 0;
    case ASK_HANDLER:
        time = handler_next(m, cpu);
        c->answer = m->handler.answer;
        return time;
    case ASK_NEXT_CPU: /* loops keep their order here */
        break;
    }
    sim_panic(__FILE__, __LINE__, "no such question");
}

/* Books the next step; gives the time when it takes effect. */
static int64_t issue(machine *m, uint32_t cpu)
{
    driver_cpu *c = &m->cpu[cpu].driver;

    m->setup->protocol->request(&m->setup->config, &c->local, &c->request);
    switch ((step_op)c->request.op) {
    case STEP_LOAD:
        return book(m, cpu, FABRIC_READ);
    case STEP_LOAD_OWN:
        return book_claim(m, cpu);
    case STEP_STORE:
        return book(m, cpu, FABRIC_WRITE);
    case STEP_CAS:
    case STEP_ADD:
        return book(m, cpu, c->claimed ? FABRIC_LOCKED : FABRIC_ATOMIC);
    case STEP_WAIT:
    case STEP_WAIT_COUNT:
        return begin_wait(m, cpu);
    case STEP_LOCAL:
        return ps_add(m->now, local_time(m, cpu));
    case STEP_IPI:
        return ps_add(m->now, machine_cost(m, cpu, P_ICR));
    case STEP_ASK:
        return ps_add(m->now, ask_time(m, cpu));
    case STEP_LEAVE:
        return m->now;
    }
    sim_panic(__FILE__, __LINE__, "no such step");
}

static void consume(machine *m, uint32_t cpu, const step_result *result)
{
    driver_cpu *c = &m->cpu[cpu].driver;
    uint8_t row = c->local.row;
    step_mark mark = m->setup->protocol->consume(&m->setup->config, &c->local, result);

    machine_fold(m, m->setup->config.id[row] ^ (uint64_t)cpu << 32 ^ result->value);
    if (MACHINE_OBSERVED(m)) {
        machine_event event = {.at = m->now,
                               .request = &c->request,
                               .result = *result,
                               .cpu = (uint16_t)cpu,
                               .row = row,
                               .mark = (uint8_t)mark};

        m->observer->event(m->observer->self, &event);
    }
    if (mark != MARK_NONE || result->timed_out)
        mark_step(m, cpu, mark, result);
}

/* A wait's read has come back; 0 if the CPU goes on waiting. */
static int end_poll(machine *m, uint32_t cpu)
{
    driver_cpu *c = &m->cpu[cpu].driver;
    step_result result;

    if (!step_perform(&c->request, m->driver.word, &result)) {
        c->claimed = 0;
        if (c->request.op == STEP_WAIT_COUNT) {
            c->count = 0;
            for (uint32_t i = 0; i < c->request.b; i++)
                c->count += m->driver.word[c->request.word + i] != 0;
        }
        settle(m, cpu);
        return 0;
    }
    end_spin(m, c);
    c->waiting = WAIT_NONE;
    if (c->request.bound != STEP_UNBOUNDED)
        machine_schedule(m, CLASS_DEADLINE, cpu, PS_NEVER);
    consume(m, cpu, &result);
    return 1;
}

static void take_effect(machine *m, uint32_t cpu)
{
    driver_cpu *c = &m->cpu[cpu].driver;
    step_result result = {0};
    uint32_t before;

    switch ((step_op)c->request.op) {
    case STEP_LOCAL:
        if (c->request.local == LOCAL_CLEAR_STATUS)
            deliver_clear_status(m);
        break;
    case STEP_IPI:
        deliver_directed(m, cpu, c->request.target);
        break;
    case STEP_ASK:
        result.value = c->answer;
        break;
    default:
        before = m->driver.word[c->request.word];
        (void)step_perform(&c->request, m->driver.word, &result);
        if (c->request.op != STEP_LOAD_OWN)
            c->claimed = 0;
        if (m->driver.word[c->request.word] != before)
            changed(m, c->request.word, before, m->driver.word[c->request.word]);
        break;
    }
    consume(m, cpu, &result);
}

/* What was under way is over. Gives the time when what follows will be, or PS_NEVER if the CPU
 * goes on waiting. */
static int64_t proceed(machine *m, uint32_t cpu)
{
    driver_cpu *c = &m->cpu[cpu].driver;

    switch ((wait_state)c->waiting) {
    case WAIT_NONE:
        take_effect(m, cpu);
        break;
    case WAIT_START:
        c->wait_start = m->now;
        c->waiting = WAIT_TEST;
        return read_timer(m, cpu);
    case WAIT_TEST:
        c->waiting = WAIT_FIRST;
        return book_poll(m, cpu);
    case WAIT_WOKEN:
        c->waiting = WAIT_POLLING;
        sharing_polls(m, cpu);
        return book_poll(m, cpu);
    case WAIT_FIRST:
    case WAIT_POLLING:
        if (!end_poll(m, cpu))
            return PS_NEVER;
        break;
    case WAIT_SUBSCRIBED:
        sim_panic(__FILE__, __LINE__, "a wait that costs no events has one");
    }
    return issue(m, cpu);
}

/* Steps of one CPU in a row as long as nothing else happens before they take effect; the first one
 * does so at `at`. */
static void run_ahead(machine *m, uint32_t cpu, int64_t at)
{
    const machine_cpu *c = &m->cpu[cpu];

    while (at != PS_NEVER) {
        if (c->driver.request.op == STEP_LEAVE) {
            consume(m, cpu, &(step_result){0});
            deliver_leave(m, cpu);
            return;
        }
        if (at >= evset_peek(&m->events, NULL) || at < c->deliver.held_to || at > m->limit) {
            machine_schedule(m, CLASS_CPU, cpu, at);
            return;
        }
        machine_advance(m, at);
        at = proceed(m, cpu);
    }
}

void driver_enter(machine *m, uint32_t cpu)
{
    m->setup->protocol->enter(&m->setup->config, &m->cpu[cpu].driver.local);
    run_ahead(m, cpu, issue(m, cpu));
}

void driver_event(machine *m, uint32_t cpu)
{
    run_ahead(m, cpu, proceed(m, cpu));
}

/* A poll finds that the bound has passed: it reads the timer before the word, so that a change that
 * it was to find comes too late. The timer wraps: a CPU that was held for longer sees only
 * the rest. */
void driver_deadline(machine *m, uint32_t cpu)
{
    driver_cpu *c = &m->cpu[cpu].driver;
    int64_t bound = m->setup->timeout[c->request.bound];
    int64_t elapsed = (m->now - c->wait_start) % m->setup->timer_wrap;
    step_result result = {.timed_out = 1};

    if (c->waiting == WAIT_POLLING) /* a read is on its way, and decides */
        return;
    SIM_ASSERT(c->waiting == WAIT_SUBSCRIBED || c->waiting == WAIT_WOKEN);
    if (elapsed < bound) {
        c->wait_start = m->now - elapsed;
        if (c->waiting == WAIT_SUBSCRIBED)
            machine_schedule(m, CLASS_DEADLINE, cpu, next_poll(m, cpu, c->wait_start + bound));
        return;
    }
    if (c->waiting == WAIT_SUBSCRIBED)
        unsubscribe(m, cpu);
    else
        machine_schedule(m, CLASS_CPU, cpu, PS_NEVER);
    sharing_polls(m, cpu);
    end_spin(m, c);
    c->waiting = WAIT_NONE;
    result.value = m->driver.word[c->request.word];
    sharing_spins(m);
    consume(m, cpu, &result);
    run_ahead(m, cpu, issue(m, cpu));
}

/* ---- a run ------------------------------------------------------------------------------ */

void driver_start(machine *m)
{
    driver_part *d = &m->driver;

    d->unclean = 0;
    d->count_waiter = NOBODY;
    memcpy(d->word, d->fresh, d->words * sizeof *d->word);
    memset(d->waiter, 0xff, d->words * sizeof *d->waiter);
    fabric_init(&d->lines, &m->setup->place, d->lines.lines, d->lines.line);
    for (uint32_t i = 0; i < m->cpus; i++)
        m->cpu[i].driver = (driver_cpu){.local = {.me = (uint16_t)i}};
    read_times(m, 0);
}
