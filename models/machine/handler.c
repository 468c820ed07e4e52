/* SPDX-License-Identifier: Apache-2.0 */
/* handler: what the BSP does inside the SMI: the armed request, services, flash, jobs. */
#include <stdlib.h>

#include "models/machine/state.h"

/* Variable services follow edk2's VariableSmm.c and the flash driver of OVMF (QemuFlash.c): the
 * counts of writes are those of docs/MODEL.md. */

enum { PART_DISPATCH, PART_SERVICES, PART_ASKED, PART_FLASH, PART_JOBS, PART_STARTED };

typedef struct {
    int64_t stores; /* separate runs of bytes that are programmed */
    int64_t bytes;
} flash_work;

static int64_t stored_size(const machine *m, const program_call *call)
{
    int64_t header = param_int(m->setup->params, P_VAR_HEADER);
    int64_t data = call->bytes;

    if (call->kind == CALL_APPEND && m->handler.exists[call->variable])
        data += (int64_t)m->handler.bytes[call->variable];
    return header + m->setup->program->variable[call->variable].name_bytes + (data + 3) / 4 * 4;
}

/* A store is split at block boundaries (UpdateVariableStore). */
static int64_t pieces(const machine *m, int64_t size)
{
    int64_t block = param_int(m->setup->params, P_FLASH_BLOCK);

    return (size + block - 1) / block;
}

static flash_work work_of(const machine *m, const program_call *call)
{
    int existed = m->handler.exists[call->variable];
    int64_t size = stored_size(m, call);

    switch ((call_kind)call->kind) {
    case CALL_SET:
    case CALL_APPEND:
        /* old := in deleted transition; header and data; new := added; old := deleted */
        return existed ? (flash_work){3 + pieces(m, size), 3 + size}
                       : (flash_work){1 + pieces(m, size), 1 + size};
    case CALL_DELETE:
        return existed ? (flash_work){1, 1} : (flash_work){0, 0};
    default:
        return (flash_work){0, 0};
    }
}

static int64_t flash_time(machine *m, uint32_t cpu, const program_call *call)
{
    const param_set *p = m->setup->params;
    flash_work work = work_of(m, call);
    int64_t size = stored_size(m, call);
    int64_t page = param_int(p, P_FLASH_PAGE_SIZE);
    int64_t alone, hold;

    if (work.stores == 0)
        return 0;
    switch (param_int(p, P_FLASH)) {
    case FLASH_QEMU: /* command and data for each byte, and back to read mode after each run */
        alone = machine_cost(m, cpu, P_FLASH_MMIO);
        hold = machine_draw(m, cpu, P_FLASH_LOCK); /* part of the write: not longer than that */
        return lockq_many(&m->lock, 2 * work.bytes + work.stores, alone,
                          hold < alone ? hold : alone);
    case FLASH_NOR: /* one page program for each state byte, and for each page of the record */
        if (call->kind == CALL_DELETE)
            return machine_cost(m, cpu, P_FLASH_PAGE);
        return machine_times(m, P_FLASH_PAGE, machine_cost(m, cpu, P_FLASH_PAGE),
                             work.stores - pieces(m, size) + (size + page - 1) / page);
    default:
        return 0;
    }
}

static call_status execute(machine *m, const program_call *call)
{
    uint32_t v = call->variable;
    int existed = m->handler.exists[v];

    switch ((call_kind)call->kind) {
    case CALL_GET:
        return existed ? STATUS_SUCCESS : STATUS_NOT_FOUND;
    case CALL_SIZE:
        return existed ? STATUS_BUFFER_TOO_SMALL : STATUS_NOT_FOUND;
    case CALL_SET:
        m->handler.exists[v] = 1;
        m->handler.bytes[v] = call->bytes;
        return STATUS_SUCCESS;
    case CALL_APPEND:
        m->handler.bytes[v] = call->bytes + (existed ? m->handler.bytes[v] : 0);
        m->handler.exists[v] = 1;
        return STATUS_SUCCESS;
    case CALL_DELETE:
        m->handler.exists[v] = 0;
        return existed ? STATUS_SUCCESS : STATUS_NOT_FOUND;
    default:
        return STATUS_SUCCESS;
    }
}

/* Data that is copied: out to a reader with a buffer, or in from a writer. The size probe,
 * QueryVariableInfo and a delete carry none. */
static int64_t copied_bytes(const machine *m, const program_call *call)
{
    switch ((call_kind)call->kind) {
    case CALL_GET:
        return m->handler.exists[call->variable] ? (int64_t)m->handler.bytes[call->variable] : 0;
    case CALL_SET:
    case CALL_APPEND:
        return call->bytes;
    default:
        return 0;
    }
}

static int64_t driver_time(machine *m, uint32_t cpu, const program_call *call)
{
    int writes = call->kind == CALL_SET || call->kind == CALL_APPEND || call->kind == CALL_DELETE;

    int64_t call_time = machine_cost(m, cpu, writes ? P_VAR_WRITE : P_VAR_READ);

    return ps_add(call_time, machine_times(m, P_VAR_BYTE, machine_cost(m, cpu, P_VAR_BYTE),
                                           copied_bytes(m, call)));
}

/* This round executes the request of the trigger. Whether in time is known when the handler ends.
 */
static void serve(machine *m, uint32_t trigger)
{
    trigger_record *t = &m->record->trigger[trigger];
    round_record *r;

    t->outcome = TRIGGER_TAKEN;
    if (m->mark.round == RECORD_NONE)
        return;
    r = &m->record->round[m->mark.round];
    t->round = m->mark.round;
    t->next_in_round = r->first_trigger;
    r->first_trigger = trigger;
    r->served++;
}

/* What the handlers of all that is pending do, flash apart. */
static int64_t take_requests(machine *m, uint32_t cpu)
{
    int64_t time = 0;
    const program_call *call;

    if (m->handler.comm.trigger != RECORD_NONE) {
        m->handler.comm.taken = m->handler.comm.call;
        call = &m->setup->program->call[m->handler.comm.taken];
        time = driver_time(m, cpu, call);
        serve(m, m->handler.comm.trigger);
    }
    for (uint32_t i = thread_pending(m, 0); i != NOBODY; i = thread_pending(m, i + 1)) {
        const thread_entry *t = &m->thread.list[i];

        serve(m, t->pending);
        time = ps_add(time, t->kind == CALL_SMI ? machine_cost(m, cpu, P_UNKNOWN) : 0);
        if (t->kind == CALL_SMI)
            thread_pend(m, i, RECORD_NONE);
    }
    return time;
}

/* The SMM core finds the handlers. They ask for the CPU driver's services first. */
static int64_t dispatch_part(machine *m, uint32_t cpu)
{
    int64_t core = machine_cost(m, cpu, P_DISPATCH);
    int64_t work = take_requests(m, cpu);

    m->handler.at = m->setup->services.length ? PART_SERVICES : PART_FLASH;
    m->handler.work = m->setup->services.length ? work : 0;
    return m->setup->services.length ? core : ps_add(core, work);
}

static int starts_job(uint32_t answer)
{
    return answer >> 24 == ACTION_START_THIS || answer >> 24 == ACTION_START_ALL;
}

/* The next service, or what there is to be done after the last one. */
static int64_t service_part(machine *m, uint32_t cpu)
{
    if (m->handler.service == m->setup->services.length) {
        m->handler.at = PART_FLASH;
        return m->handler.work;
    }
    m->handler.answer = m->setup->services.action[m->handler.service++];
    m->handler.at = PART_ASKED;
    m->record->count.jobs += (uint64_t)starts_job(m->handler.answer);
    return machine_cost(m, cpu, P_SERVICE);
}

/* What the BSP says of the service or job that was asked for last. */
static int refused(const machine *m, uint32_t cpu)
{
    return m->cpu[cpu].driver.request.a != OUTCOME_SUCCESS;
}

/* What became of it: no time passes, so that an observer sees when the handler knows. */
static int64_t asked_part(machine *m, uint32_t cpu)
{
    uint32_t asked = m->setup->services.action[m->handler.service - 1];

    m->record->count.not_started += starts_job(asked) && refused(m, cpu);
    m->handler.at = PART_SERVICES;
    return 0;
}

static int64_t flash_part(machine *m, uint32_t cpu)
{
    const program_call *call;
    int64_t time;

    if (m->handler.comm.taken == RECORD_NONE)
        return 0;
    call = &m->setup->program->call[m->handler.comm.taken];
    time = flash_time(m, cpu, call);
    if (m->mark.round != RECORD_NONE)
        m->record->round[m->mark.round].flash = ps_add(m->record->round[m->mark.round].flash, time);
    return time;
}

/* The request is done. The SMM core empties the buffer then, and with it one that a CPU outside has
 * armed meanwhile: that one is lost. */
static void finish_request(machine *m)
{
    trigger_record *armed;

    if (m->handler.comm.taken == RECORD_NONE)
        return;
    m->handler.comm.status = (uint8_t)execute(m, &m->setup->program->call[m->handler.comm.taken]);
    armed = &m->record->trigger[m->handler.comm.trigger];
    if (armed->outcome == TRIGGER_OPEN)
        armed->outcome = TRIGGER_LOST;
    m->handler.comm.trigger = RECORD_NONE;
    m->handler.comm.taken = RECORD_NONE;
}

/* The next job that a pending SMI asks for, or the end. */
static uint32_t next_job(machine *m)
{
    uint32_t blocking = (uint32_t)param_int(m->setup->params, P_BLOCKING);
    uint32_t i = thread_pending(m, m->handler.thread);

    for (; i != NOBODY; i = thread_pending(m, i + 1)) {
        const thread_entry *t = &m->thread.list[i];
        const trigger_record *trigger;
        int32_t target;

        if (t->kind != CALL_JOB)
            continue;
        trigger = &m->record->trigger[t->pending]; /* its thread may have gone on */
        if (trigger->outcome == TRIGGER_OPEN)      /* came after the dispatch */
            continue;
        target = m->setup->program->call[trigger->call].target;
        m->handler.job = t->pending;
        m->handler.at = PART_STARTED;
        m->record->count.jobs++;
        thread_pend(m, i, RECORD_NONE);
        m->handler.thread = i + 1;
        if (target == PROGRAM_ALL_APS)
            return STEP_ANSWER(ACTION_START_ALL, STEP_JOB_ARGUMENT(0, i % STEP_JOB_MAX, blocking));
        return STEP_ANSWER(ACTION_START_THIS,
                           STEP_JOB_ARGUMENT(target, i % STEP_JOB_MAX, blocking));
    }
    return STEP_ANSWER(ACTION_DONE, 0);
}

/* What became of the job that was asked for last. */
static void note_job(machine *m, uint32_t cpu)
{
    if (m->handler.at == PART_STARTED && refused(m, cpu)) {
        m->record->trigger[m->handler.job].not_started = 1;
        m->record->count.not_started++;
    }
    m->handler.at = PART_JOBS;
}

int64_t handler_next(machine *m, uint32_t cpu)
{
    m->handler.answer = STEP_ANSWER(ACTION_COMPUTE, 0);
    switch (m->handler.at) {
    case PART_DISPATCH:
        return dispatch_part(m, cpu);
    case PART_SERVICES:
        return service_part(m, cpu);
    case PART_ASKED:
        return asked_part(m, cpu);
    case PART_FLASH:
        m->handler.at = PART_JOBS;
        return flash_part(m, cpu);
    default:
        note_job(m, cpu);
        finish_request(m);
        m->handler.answer = next_job(m);
        return 0;
    }
}

int handler_outside(machine *m, uint32_t thread)
{
    const program_call *call = &m->setup->program->call[m->thread.list[thread].at];

    SIM_ASSERT(call->kind == CALL_GET || call->kind == CALL_SIZE || call->kind == CALL_NEXT);
    return (int)execute(m, call);
}

uint32_t handler_arm(machine *m, uint32_t trigger, uint32_t call)
{
    uint32_t before = m->handler.comm.trigger;

    m->handler.comm.trigger = trigger;
    m->handler.comm.call = call;
    return before;
}

void handler_begin(machine *m)
{
    m->handler.at = PART_DISPATCH;
    m->handler.service = 0;
    m->handler.thread = 0;
}

void handler_new(machine *m)
{
    m->handler.exists = sim_alloc(m->setup->program->variables, sizeof *m->handler.exists);
    m->handler.bytes = sim_alloc(m->setup->program->variables, sizeof *m->handler.bytes);
}

void handler_free(machine *m)
{
    free(m->handler.exists);
    free(m->handler.bytes);
}

void handler_start(machine *m)
{
    const program *p = m->setup->program;

    handler_begin(m);
    m->handler.comm =
        (handler_buffer){.trigger = RECORD_NONE, .call = RECORD_NONE, .taken = RECORD_NONE};
    m->handler.comm.status = /* same order as call_status */
        (uint8_t)param_int(m->setup->params, P_VAR_STALE);
    for (uint32_t v = 0; v < p->variables; v++) {
        m->handler.exists[v] = p->variable[v].exists;
        m->handler.bytes[v] = p->variable[v].bytes;
    }
}
