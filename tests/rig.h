/* SPDX-License-Identifier: Apache-2.0 */
/* rig: one run of the machine for a test, from a platform, a workload and settings in text. */
#ifndef SMMSIM_TESTS_RIG_H
#define SMMSIM_TESTS_RIG_H

#include "models/machine/machine.h"
#include "tests/scratch.h"
#include "tests/watch.h"
#include "workloads/experiment.h"

typedef struct {
    experiment e;
    machine *m;
    run_record r;
    watch w;        /* of the last run */
    uint32_t known; /* rules that its runs are known to break: a set */
} rig;

/* Every latency a round constant, so that times can be added by hand. Halted CPUs take 400 ns to
 * react, running ones 300; the timer has microseconds for ticks. */
#define RIG_PLATFORM                                                                        \
    "parameter,value,source\n"                                                              \
    "tie,index,test\ncpus,2,test\n"                                                         \
    "fabric.hit,1ns,test\nfabric.same_core,5ns,test\nfabric.same_die,10ns,test\n"           \
    "fabric.same_socket,20ns,test\nfabric.other_socket,40ns,test\nfabric.atomic,2ns,test\n" \
    "fabric.read_busy,0ns,test\npause,4ns,test\ntimer.read,100ns,test\n"                    \
    "timer.frequency,1MHz,test\nport.write,50ns,test\nsmi.kick,200ns,test\n"                \
    "smi.travel,300ns,test\ncpu.cstate_exit,400ns,test\nsmi.inject,0ns,test\n"              \
    "smi.entry,1us,test\nsmi.rsm,2us,test\nfirmware.entry,100ns,test\n"                     \
    "firmware.exit,200ns,test\napic.icr,20ns,test\napic.same_core,500ns,test\n"             \
    "apic.same_die,600ns,test\napic.same_socket,700ns,test\napic.other_socket,800ns,test\n" \
    "handler.dispatch,5us,test\nhandler.smi,1us,test\nfirmware.cpu_update,0ns,test\n"       \
    "firmware.election_hook,50ns,test\nvariable.read,3us,test\nvariable.write,20us,test\n"  \
    "variable.byte,1ns,test\nflash.mmio,2us,test\nos.call,0ns,test\nos.file,0ns,test\n"     \
    "job.work,30us,test\n"
#define RIG_WORKLOAD "thread,op,name,bytes,think,cpu,repeat\n"

/* "name=value" words, separated by single spaces, become settings; `text` is cut up. */
static inline int rig_settings(char *text, experiment_setting *out, int room)
{
    int count = 0;

    while (*text) {
        char *equals = strchr(text, '=');
        char *end = strchrnul(text, ' ');

        assert_non_null(equals);
        assert_true(count < room && equals < end);
        out[count++] = (experiment_setting){text, equals + 1, "--set"};
        *equals = '\0';
        text = *end ? end + 1 : end;
        *end = '\0';
    }
    return count;
}

/* Files are made in the working folder and removed at once; `rows` goes below RIG_WORKLOAD. */
static inline sim_status rig_try(rig *g, const char *rows, const char *settings, sim_err *err)
{
    experiment_setting list[40] = {{"platform", "./tiny.csv", "--platform"},
                                   {"workload", "./load.csv", "--workload"}};
    char text[1024];
    char load[4096];
    int count = 2;
    sim_status s;

    memset(g, 0, sizeof *g);
    assert_true(snprintf(text, sizeof text, "%s", settings) < (int)sizeof text);
    assert_true(snprintf(load, sizeof load, "%s%s", RIG_WORKLOAD, rows) < (int)sizeof load);
    count += rig_settings(text, list + count, 38);
    scratch_write("tiny.csv", RIG_PLATFORM, sizeof RIG_PLATFORM - 1);
    scratch_write("load.csv", load, strlen(load));
    s = experiment_load(list, count, &g->e, err);
    assert_int_equal(unlink("tiny.csv") | unlink("load.csv"), 0);
    return s;
}

static inline void rig_load(rig *g, const char *rows, const char *settings)
{
    sim_err err = {""};

    if (rig_try(g, rows, settings, &err) != SIM_OK)
        fail_msg("%s", err.text);
    g->m = machine_new(&g->e.setup);
    record_init(&g->r);
}

/* One run, in which edk2's invariants hold after every step. `also` looks, too; or NULL. */
static inline void rig_again(rig *g, uint64_t seed, uint32_t repetition,
                             const machine_observer *also)
{
    const machine_observer *observer = watch_on(&g->w, &g->e.setup);
    const char *wrong;

    g->w.also = also;
    g->w.known = g->known;
    machine_run(g->m, seed, repetition, &g->r, observer);
    wrong = watch_off(&g->w);
    if (wrong[0])
        fail_msg("%s", wrong);
    assert_int_equal(g->w.rules.inside > 0 && !g->r.count.hang && !g->r.count.stopped, 0);
}

static inline void rig_run(rig *g, const char *rows, const char *settings)
{
    rig_load(g, rows, settings);
    rig_again(g, 1, 0, NULL);
}

static inline void rig_free(rig *g)
{
    record_free(&g->r);
    machine_free(g->m);
    experiment_free(&g->e);
}

#endif
