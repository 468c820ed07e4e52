/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_workload: a workload's file is refused with its place, or is a program without loose ends.
 */
#include "tests/fuzz/fuzz.h"
#include "workloads/workload.h"

static void check_call(const program *p, const program_call *call, uint32_t end)
{
    FUZZ_CHECK(call->kind < CALL_KIND_COUNT, "kind");
    FUZZ_CHECK(call->skip <= end, "where a failing call leads");
    FUZZ_CHECK(p->variables == 0 || call->variable < p->variables, "variable");
    FUZZ_CHECK((call->kind == CALL_COMPUTE || call->kind == CALL_HOLD) == (call->time != NULL),
               "time");
    FUZZ_CHECK(call->cpu >= PROGRAM_CALLER && call->target >= PROGRAM_ALL_APS, "CPU");
}

static void check(const program *p)
{
    uint32_t next = 0;

    FUZZ_CHECK(p->threads > 0 && p->threads <= PROGRAM_THREADS_MAX, "threads");
    FUZZ_CHECK(p->variables <= PROGRAM_VARIABLES_MAX, "variables");
    for (uint32_t i = 0; i < p->threads; i++) {
        FUZZ_CHECK(p->thread[i].from == next && p->thread[i].to > next, "calls of a thread");
        for (next = p->thread[i].from; next < p->thread[i].to; next++)
            check_call(p, &p->call[next], p->thread[i].to);
    }
    FUZZ_CHECK(next == p->calls, "calls");
    for (uint32_t i = 0; i < p->dists; i++)
        FUZZ_CHECK(p->dist[i] != NULL, "distributions");
}

static void take(const uint8_t *data, size_t size)
{
    static const int cpus[] = {1, 5};
    static const char table[] = "latency,count\n1us,3\n5us,2\n";

    fuzz_write("in.csv", data, size);
    fuzz_write("t.csv", table, sizeof table - 1);
    for (int i = 0; i < 2; i++) {
        program p = {0};
        sim_err err = {""};
        const sim_status s = workload_load("in.csv", cpus[i], &p, &err);

        if (s == SIM_OK)
            check(&p);
        else
            fuzz_refused(s, &err, "in.csv");
        if (s == SIM_OK)
            workload_free(&p);
    }
}

static const char *const words[] = {"thread,op,name,bytes,think,cpu,repeat",
                                    "each",
                                    "get",
                                    "size",
                                    "next",
                                    "set",
                                    "append",
                                    "delete",
                                    "query",
                                    "smi",
                                    "job",
                                    "compute",
                                    "hold",
                                    "fread",
                                    "fwrite",
                                    "Boot0000",
                                    "BootOrder",
                                    "1KiB",
                                    "uniform(1us,3us)",
                                    "table(t.csv)",
                                    "exp(50us)",
                                    "1ms",
                                    "5000000",
                                    "caller",
                                    "all",
                                    "boot",
                                    "4095",
                                    "0",
                                    ",,,",
                                    NULL};

const fuzz_target fuzz_workload = {.words = words, .take = take};
