/* SPDX-License-Identifier: Apache-2.0 */
/* modes: ways in which SMIs go, each a machine of any size, whose cost must not outgrow its CPUs.
 */
#ifndef SMMSIM_TESTS_MODES_H
#define SMMSIM_TESTS_MODES_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/machine/machine.h"

typedef struct {
    uint8_t kind; /* call_kind */
    uint8_t cpu;
    uint8_t repeat;
    uint8_t threads; /* 1, MODE_EACH: one on each CPU, MODE_MANY: one for each, all on `cpu` */
    const char *think;
    const char *time;
} mode_row;
enum { MODE_EACH = 2, MODE_MANY };

/* Cost counts for each SMI and CPU, or for each SMI (`alone`): few CPUs take part in one. */
typedef struct {
    const char *name;
    const char *settings; /* NAME=VALUE, single spaces between; half: of the CPUs */
    mode_row row[2];
    int alone;
    int large;    /* number of CPUs to compare with MODE_SMALL, or 0: MODE_LARGE */
    double limit; /* how often the cost there may be that of MODE_SMALL, or 0: MODE_GROWTH */
} mode;
enum { MODE_SMALL = 64, MODE_LARGE = 4096 };
#define MODE_GROWTH 1.5

#define MODE_GUEST                                                             \
    "lock=fair lock.port=1us lock.clear=500ns lock.timer=500ns lock.wake=2us " \
    "smi.kick=2us cpu.cstate_exit=uniform(5us,50us) timer.read=2us "
#define MODE_METAL "firmware=stock smi.delivery=hardware bsp.election=hook "
#define MODE_BOOT "protocol=coreboot smi.delivery=unicast "
#define MODE_LATE "sync.mode=relaxed sync.timeout1=1us sync.timeout2=1us "
#define MODE_SMIS(number, pause) CALL_SMI, 0, number, 1, pause, NULL
#define MODE_HOLD CALL_HOLD, 0, 1, 1, NULL, "1400ms"
#define MODE(label, text, ...) .name = (label), .settings = text, .row = {__VA_ARGS__}
#define MODE_OF(label, text) MODE(label, MODE_GUEST text, {MODE_SMIS(4, "50ms")})

/* Each change of hands looks through the queue and the cores: it grows with them, and no faster. */
#define MODE_SHARED .large = 512, .limit = 8

static const mode modes[] = {
    {MODE_OF("broadcast", "caller.cpu=1")},
    {MODE_OF("broadcast, relaxed", "sync.mode=relaxed")},
    {MODE_OF("unicast, fetched", "smi.delivery=unicast sync.mode=traditional")},
    {MODE_OF("unicast, relaxed", "smi.delivery=unicast sync.mode=relaxed")},
    {MODE("hardware", MODE_METAL "cpu.cstate_exit=lognormal(5us,0.8)", {MODE_SMIS(4, "50ms")})},
    {MODE("all time out: BSP held", MODE_GUEST, {MODE_HOLD}, {CALL_SMI, 1, 1, 1, "200ms", NULL})},
    {MODE("all time out, hardware", MODE_METAL, {MODE_HOLD}, {CALL_SMI, 1, 1, 1, "200ms", NULL})},
    {MODE("all time out, one by one", MODE_GUEST MODE_LATE "smi.kick=2ms", {MODE_SMIS(1, "20s")})},
    {MODE("late, and told so",
          MODE_METAL MODE_LATE "cpu.cstate_exit=uniform(1ms,9s) "
                               "smi.valid_status=on",
          {MODE_SMIS(2, "20s")})},
    {MODE("late, in the round", MODE_METAL "cpu.cstate_exit=uniform(0.1s,2s)",
          {MODE_SMIS(2, "20s")})},
    {MODE_OF("half are blocked", "cpus.blocked=last:half")},
    {MODE("jobs for all", MODE_GUEST, {CALL_JOB, 0, 4, 1, "50ms", NULL})},
    {MODE_OF("services", "handler.services=rendezvous,jobs-wait")},
    {MODE_OF("MTRRs, race", "sync.mtrr=on bsp.election=race")},
    {MODE_OF("edk2-2017", "protocol=edk2-2017")},
    {MODE_OF("edk2-head-fixed", "protocol=edk2-head-fixed")},
    {MODE_OF("coreboot", "protocol=coreboot")},
    {MODE_OF("design-counter", "protocol=design-counter")},
    {MODE_OF("design-bits", "protocol=design-bits")},
    {MODE_OF("design-flags", "protocol=design-flags")},
    {MODE_OF("design-tree2", "protocol=design-tree2")},
    {MODE_OF("sharing after sleep", "lock=barging host.shared=1 lock.pause=500ns "
                                    "host.keeps_core=0.5")},
    {MODE_OF("host cores for half", "host.cores=half"), MODE_SHARED},
    {MODE_OF("host cores, all run", "host.cores=half os.others=running"), MODE_SHARED},
    {MODE_OF("two host cores", "host.cores=2"), MODE_SHARED},
    {MODE("nobody else comes", MODE_GUEST MODE_LATE "smi.delivery=unicast run.limit=100h",
          {CALL_SMI, 0, 2, MODE_EACH, "exp(1000s)", NULL}),
     .alone = 1},
    {MODE("threads on all CPUs", MODE_GUEST MODE_BOOT "lock=barging host.shared=1",
          {CALL_SMI, 0, 4, MODE_EACH, "exp(10s)", NULL}),
     .alone = 1},
    {MODE("threads on one CPU", MODE_GUEST MODE_BOOT,
          {CALL_SMI, 0, 4, MODE_MANY, "exp(10s)", NULL}),
     .alone = 1},
};
enum { MODES = sizeof modes / sizeof modes[0] };

typedef struct {
    param_set *params;
    program prog;
    dist *dist[4];
    machine_setup setup;
    machine *m;
    run_record record;
} mode_bed;

static inline int mode_large(const mode *kind)
{
    return kind->large ? kind->large : MODE_LARGE;
}

static inline double mode_limit(const mode *kind)
{
    return kind->limit > 0 ? kind->limit : MODE_GROWTH;
}

static inline void mode_fail(const mode *kind, const char *what)
{
    (void)fprintf(stderr, "mode '%s': %s\n", kind->name, what);
    exit(3);
}

static inline void mode_set(mode_bed *b, const mode *kind, const char *name, const char *value)
{
    const param_origin origin = {PARAM_USER, "mode", "", ""};
    sim_err err;

    if (param_assign(b->params, name, value, &origin, &err) != SIM_OK)
        mode_fail(kind, err.text);
}

static inline void mode_settings(mode_bed *b, const mode *kind, int cpus)
{
    char text[400], one[80];
    char number[16];
    char *rest = text;

    b->params = param_new_for(&params_table, PARAM_FOR_BOTH);
    (void)snprintf(number, sizeof number, "%d", cpus);
    mode_set(b, kind, "cpus", number);
    (void)snprintf(number, sizeof number, "%d", cpus / 2);
    (void)snprintf(text, sizeof text, "%s", kind->settings);
    while (rest && *rest) {
        char *word = strsep(&rest, " ");
        char *value = strchr(word, '=');
        const char *half;

        *value++ = '\0';
        half = strstr(value, "half"); /* "half", "last:half" */
        (void)snprintf(one, sizeof one, "%.*s%s", (int)(half ? half - value : 63), value,
                       half ? number : "");
        mode_set(b, kind, word, one);
    }
}

static inline dist *mode_time(const mode *kind, const char *text)
{
    dist *d = NULL;
    sim_err err;

    if (text && dist_parse(text, NULL, &d, &err) != SIM_OK)
        mode_fail(kind, err.text);
    return d;
}

static inline void mode_program(mode_bed *b, const mode *kind, int cpus)
{
    program *p = &b->prog;

    p->thread = sim_alloc(2 * (uint64_t)cpus, sizeof *p->thread);
    p->call = sim_alloc(512 * (uint64_t)cpus, sizeof *p->call);
    for (int r = 0; r < 2 && kind->row[r].repeat > 0; r++) {
        const mode_row *row = &kind->row[r];
        int threads = row->threads == 1 ? 1 : cpus;

        b->dist[2 * r] = mode_time(kind, row->think);
        b->dist[2 * r + 1] = mode_time(kind, row->time);
        for (int t = 0; t < threads; t++) {
            program_thread *thread = &p->thread[p->threads++];

            *thread = (program_thread){p->calls, p->calls + row->repeat};
            for (; p->calls < thread->to; p->calls++)
                p->call[p->calls] = (program_call){.kind = row->kind,
                                                   .cpu = row->threads == MODE_EACH ? t : row->cpu,
                                                   .target = PROGRAM_ALL_APS,
                                                   .think = b->dist[2 * r],
                                                   .time = b->dist[2 * r + 1],
                                                   .first = 1,
                                                   .line = 2,
                                                   .skip = p->calls + 1};
        }
    }
}

static inline void mode_begin(mode_bed *b, const mode *kind, int cpus)
{
    sim_err err;

    memset(b, 0, sizeof *b);
    mode_settings(b, kind, cpus);
    mode_program(b, kind, cpus);
    if (setup_resolve(b->params, &b->prog, &b->setup, &err) != SIM_OK)
        mode_fail(kind, err.text);
    b->m = machine_new(&b->setup);
    record_init(&b->record);
}

/* One run; what its cost is divided by. */
static inline double mode_run(mode_bed *b, const mode *kind, uint32_t repetition)
{
    machine_run(b->m, 1, repetition, &b->record, NULL);
    if (b->record.stuck[0])
        mode_fail(kind, b->record.stuck);
    return (double)b->record.triggers * (kind->alone ? 1 : b->setup.config.cpus);
}

static inline void mode_end(mode_bed *b)
{
    record_free(&b->record);
    machine_free(b->m);
    param_free(b->params);
    for (int i = 0; i < 4; i++)
        dist_free(b->dist[i]);
    free(b->prog.call);
    free(b->prog.thread);
}

#endif
