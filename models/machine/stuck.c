/* SPDX-License-Identifier: Apache-2.0 */
/* stuck: why a run did not come to its end, as lines in the record: who waits for what. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "models/machine/state.h"
#include "sim/lib/units.h"

enum { LINE_ROOM = 160 }; /* the longest line; none is begun where it might not fit */

static void add(run_record *r, const char *fmt, ...) SIM_PRINTF(2, 3);
static void add(run_record *r, const char *fmt, ...)
{
    size_t used = strlen(r->stuck);
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(r->stuck + used, sizeof r->stuck - used, fmt, args);
    va_end(args);
}

static int has_room(const run_record *r)
{
    return strlen(r->stuck) + LINE_ROOM < sizeof r->stuck;
}

/* When it goes on, or the end of a line. */
static void add_until(run_record *r, int64_t at)
{
    char text[32];

    (void)units_print(UNIT_TIME, at, text, sizeof text);
    if (at == PS_NEVER)
        add(r, "\n");
    else if (at == PS_MAX)
        add(r, ", beyond all limits\n");
    else
        add(r, ", until %s\n", text);
}

static void add_step(machine *m, uint32_t c)
{
    const machine_cpu *cpu = &m->cpu[c];
    const step_row *row = &m->setup->protocol->rows[cpu->driver.local.row];
    char word[32] = "";

    if (cpu->driver.request.op < STEP_LOCAL)
        step_word_name(m->setup->protocol, &m->setup->config, cpu->driver.request.word, word,
                       sizeof word);
    add(m->record, "  cpu %u: %s %s %s (%s)", c, row->name, row->marker, row->what, word);
}

/* Who is in SMM, and where; the others only if the run might go on. */
static void add_cpus(machine *m, int all)
{
    static const char *const doing[] = {[CPU_SIGNALLED] = "an SMI is on its way",
                                        [CPU_LOCK] = "waits for the emulator's lock",
                                        [CPU_ENTERING] = "enters SMM",
                                        [CPU_LEAVING] = "leaves SMM"};

    for (uint32_t c = 0; c < m->cpus && has_room(m->record); c++) {
        const machine_cpu *cpu = &m->cpu[c];
        int64_t at = machine_scheduled(m, CLASS_CPU, c);

        if (cpu->deliver.mode == CPU_SMM)
            add_step(m, c);
        else if (all && cpu->deliver.mode != CPU_RUNNING)
            add(m->record, "  cpu %u: %s", c, doing[cpu->deliver.mode]);
        else
            continue;
        if (cpu->deliver.mode == CPU_SMM && at == PS_NEVER)
            at = machine_scheduled(m, CLASS_DEADLINE, c);
        add_until(m->record, all ? at : PS_NEVER);
    }
}

static void add_threads(machine *m)
{
    static const char *const doing[] = {[THREAD_THINK] = "thinks",
                                        [THREAD_QUEUE] = "waits for the EFI lock",
                                        [THREAD_BEFORE] = "is about to call",
                                        [THREAD_PORT] = "writes the port",
                                        [THREAD_SMI] = "waits for the end of its SMI",
                                        [THREAD_AFTER] = "returns from a call",
                                        [THREAD_COMPUTE] = "computes",
                                        [THREAD_HOLD] = "holds a CPU still"};

    for (uint32_t t = 0; t < m->threads && has_room(m->record); t++)
        if (m->thread.list[t].state != THREAD_DONE) {
            add(m->record, "  thread %u, line %u of the workload: %s", t,
                m->setup->program->call[m->thread.list[t].at].line, doing[m->thread.list[t].state]);
            add_until(m->record, machine_scheduled(m, CLASS_THREAD, t));
        }
}

void stuck_broken(machine *m, const char *why)
{
    add(m->record, "%s\n", why);
    add_cpus(m, 0);
}

void stuck_limit(machine *m, int64_t next)
{
    run_record *r = m->record;
    char limit[32];
    char time[32];

    r->count.stopped = 1;
    (void)units_print(UNIT_TIME, m->limit, limit, sizeof limit);
    (void)units_print(UNIT_TIME, m->beyond ? m->beyond : next, time, sizeof time);
    add(r, "stopped by run.limit=%s: ", limit);
    if (m->beyond)
        add(r, "%s was %s%s\n", params_table.defs[m->beyond_of].name,
            m->beyond == PS_MAX ? "at least " : "", time);
    else
        add(r, "what is next would come at %s\n", time);
    add_cpus(m, 1);
    add_threads(m);
}
