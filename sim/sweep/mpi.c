/* SPDX-License-Identifier: Apache-2.0 */
/* mpi: rank 0 answers questions for tasks, the other ranks ask; or there is only one rank. */
#include "sim/sweep/mpi.h"

#ifndef SMMSIM_MPI

int sweep_mpi_begin(void)
{
    return 0;
}

int sweep_mpi_rank(void)
{
    return 0;
}

int sweep_mpi_ranks(void)
{
    return 1;
}

void sweep_mpi_end(void) {}

void sweep_mpi_share(void *data, size_t size)
{
    (void)data;
    (void)size;
}

void sweep_mpi_talk(sweep_engine *e)
{
    SIM_ASSERT(e->ranks == 1);
}

int sweep_mpi_leave(sweep_engine *e)
{
    return e->ranks == 1;
}

#else

#include <mpi.h>
#include <stdlib.h>
#include <string.h>

enum { ASK = 1, GIVE, RANK_WORKER = 4096 };

/* A failing call ends all ranks: that is MPI's default handler. */
int sweep_mpi_begin(void)
{
    int given;

    (void)MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &given);
    SIM_ASSERT(given >= MPI_THREAD_FUNNELED);
    return sweep_mpi_rank();
}

int sweep_mpi_rank(void)
{
    int rank;

    (void)MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    return rank;
}

int sweep_mpi_ranks(void)
{
    int ranks;

    (void)MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    return ranks;
}

void sweep_mpi_end(void)
{
    (void)MPI_Finalize();
}

/* Waits asleep: a rank that has nothing to do would otherwise take a processor. */
void sweep_mpi_share(void *data, size_t size)
{
    MPI_Request request;
    int there = 0;

    (void)MPI_Ibcast(data, (int)size, MPI_BYTE, 0, MPI_COMM_WORLD, &request);
    for (;;) {
        (void)MPI_Test(&request, &there, MPI_STATUS_IGNORE);
        if (there)
            break;
        sweep_engine_nap(500000);
    }
    (void)MPI_Wait(&request, MPI_STATUS_IGNORE); /* at once */
}

static void send(const bytes *message, int to, int tag)
{
    (void)MPI_Send(message->at, (int)message->length, MPI_BYTE, to, tag, MPI_COMM_WORLD);
}

/* The sender, or -1 if nothing has come. */
static int receive(int from, int tag, bytes *message)
{
    MPI_Status status;
    int there = 0;
    int size = 0;

    (void)MPI_Iprobe(from, tag, MPI_COMM_WORLD, &there, &status);
    if (!there)
        return -1;
    (void)MPI_Get_count(&status, MPI_BYTE, &size);
    bytes_clear(message);
    (void)MPI_Recv(bytes_extend(message, (size_t)size), size, MPI_BYTE, status.MPI_SOURCE, tag,
                   MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    return status.MPI_SOURCE;
}

static sweep_task get_task(bytes_reader *from)
{
    sweep_task task = {.point = bytes_get_varint(from)};

    task.ticket = bytes_get_varint(from);
    task.repetition = (uint32_t)bytes_get_varint(from);
    return task;
}

/* ---- rank 0 ----------------------------------------------------------------------------- */

/* How many there were. */
static uint64_t take_reports(sweep_engine *e, bytes_reader *from)
{
    const uint64_t count = bytes_get_varint(from);

    for (uint64_t n = count; n > 0 && !from->bad; n--) {
        sweep_task task = get_task(from);
        size_t length;
        const uint8_t *value = bytes_get_block(from, &length);

        bytes_clear(&e->value);
        bytes_add(&e->value, value, value ? length : 0);
        sweep_plan_done(&e->plan, &task, &e->value);
        e->count.tasks++;
    }
    return count;
}

/* Before a rank has run anything: on a node that does not share the folder all would be lost. */
static void look_for(sweep_engine *e, int rank)
{
    sim_err err;

    if (e->stop || sweep_journal_sees(&e->journal, (uint32_t)rank))
        return;
    (void)err_set(&err, SIM_SYSTEM,
                  "%s/journal: no file of rank %d to be seen (nodes must share the folder)",
                  e->spec->folder, rank);
    sweep_engine_stop(e, SIM_SYSTEM, err.text);
}

static void answer(sweep_engine *e, int rank, uint64_t want, bytes *reply)
{
    sweep_task task[SWEEP_QUEUE];
    plan_answer last = e->stop ? PLAN_END : PLAN_TASK;
    int count = 0;

    while (count < SWEEP_QUEUE && (uint64_t)count < want && last == PLAN_TASK) {
        last = sweep_engine_next(e, RANK_WORKER + rank, &task[count]);
        count += last == PLAN_TASK;
    }
    bytes_clear(reply);
    bytes_add_varint(reply, last == PLAN_END);
    bytes_add_varint(reply, e->plan.first);
    bytes_add_varint(reply, (uint64_t)count);
    for (int i = 0; i < count; i++)
        sweep_engine_add_task(reply, &task[i]);
}

static void serve(sweep_engine *e)
{
    bytes message = {0};
    int rank;

    while (e->ranks_left > 0 && (rank = receive(MPI_ANY_SOURCE, ASK, &message)) >= 0) {
        bytes_reader r = bytes_read(message.at, message.length);
        int leaving = (int)bytes_get_varint(&r);
        sim_status status = (sim_status)bytes_get_varint(&r);
        uint64_t want = bytes_get_varint(&r);
        const uint8_t *why;
        size_t length;

        sweep_engine_lock(e);
        if (take_reports(e, &r) == 0 && !leaving)
            look_for(e, rank);
        why = bytes_get_block(&r, &length);
        SIM_ASSERT(!r.bad && length < sizeof e->err.text);
        if (status != SIM_OK)
            sweep_engine_stop(e, status, (const char *)why);
        if (!leaving)
            answer(e, rank, want, &message);
        sweep_engine_unlock(e);
        e->ranks_left -= leaving;
        if (!leaving)
            send(&message, rank, GIVE);
    }
    bytes_free(&message);
}

/* ---- other ranks ------------------------------------------------------------------------ */

/* What was reported is in the file before rank 0 knows it. */
static void ask(sweep_engine *e, int leaving)
{
    bytes message = {0};
    int want = 2 * e->reported; /* about what is done until the answer comes */

    want = want < e->threads ? e->threads : want;
    want = want < SWEEP_QUEUE - e->queued ? want : SWEEP_QUEUE - e->queued;
    if (!leaving)
        sweep_journal_write(&e->journal);
    e->aim = want;
    bytes_add_varint(&message, (uint64_t)leaving);
    bytes_add_varint(&message, (uint64_t)e->status);
    bytes_add_varint(&message, (uint64_t)want);
    bytes_add_varint(&message, (uint64_t)e->reported);
    bytes_add(&message, e->reports.at, e->reports.length);
    bytes_clear(&e->reports);
    bytes_add_block(&message, e->err.text, strlen(e->err.text) + 1);
    e->reported = 0;
    e->asked = !leaving;
    send(&message, 0, ASK);
    bytes_free(&message);
}

static void take_answer(sweep_engine *e, const bytes *message)
{
    bytes_reader r = bytes_read(message->at, message->length);

    e->no_more = (int)bytes_get_varint(&r);
    e->queued = e->no_more ? 0 : e->queued; /* all is done, or nothing shall be any more */
    e->first = bytes_get_varint(&r);
    for (uint64_t n = bytes_get_varint(&r); n > 0 && !r.bad; n--) {
        SIM_ASSERT(e->queued < SWEEP_QUEUE);
        e->queue[e->queued++] = get_task(&r);
    }
    SIM_ASSERT(!r.bad);
    e->asked = 0;
}

static void inquire(sweep_engine *e)
{
    bytes message = {0};

    sweep_engine_lock(e);
    if (e->asked && receive(0, GIVE, &message) >= 0)
        take_answer(e, &message);
    else if (!e->asked && !e->no_more && !e->stop &&
             (2 * e->queued < e->aim || e->reported >= SWEEP_QUEUE))
        ask(e, 0);
    sweep_engine_unlock(e);
    bytes_free(&message);
}

void sweep_mpi_talk(sweep_engine *e)
{
    if (e->ranks == 1)
        return;
    if (e->rank == 0)
        serve(e);
    else
        inquire(e);
}

int sweep_mpi_leave(sweep_engine *e)
{
    if (e->ranks == 1)
        return 1;
    if (e->rank == 0) {
        serve(e);
        return e->ranks_left == 0;
    }
    if (e->asked) {
        inquire(e);
        return 0;
    }
    ask(e, 1);
    return 1;
}

#endif
