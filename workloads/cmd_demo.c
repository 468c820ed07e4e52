/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_demo: `smmsim demo`: the three-second slowdown as one table, and its data for the picture. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/machine.h"
#include "sim/units.h"
#include "workloads/cmd.h"
#include "workloads/options.h"
#include "workloads/output.h"
#include "workloads/report.h"

static const char help[] =
    "usage: smmsim demo [--out DIR] [--reps N] [--seed S] [--set NAME=VALUE]...\n"
    "\n"
    "Lists the boot entries as `taskset -c N efibootmgr` does, on CPU 1 and on CPU 0, with "
    "unicast\n"
    "and with broadcast SMI, and says where the time went. --out: slowdown.csv and phases.csv go\n"
    "there, from which ./plot.sh draws the picture (results/demo).\n";

typedef struct {
    const char *delivery;
    const char *caller;
} variant;

static const variant variants[] = {
    {"unicast", "1"}, {"unicast", "0"}, {"broadcast", "1"}, {"broadcast", "0"}};
enum { VARIANTS = sizeof variants / sizeof variants[0] };

typedef struct {
    experiment experiment;
    metrics_point point;
    uint8_t used[P_COUNT];
    int loaded;
} outcome;

static sim_status load_variant(const options *o, const variant *v, outcome *out, sim_err *err)
{
    experiment_setting all[OPTIONS_SETTINGS_MAX + 4] = {
        {"protocol", "edk2-2017", "demo"},
        {"smi.delivery", v->delivery, "demo"},
        {"caller.cpu", v->caller, "demo"},
    };
    int count = 3;
    sim_status s;

    for (int i = 0; i < o->settings; i++)
        all[count++] = o->setting[i];
    s = experiment_load(all, count, &out->experiment, err);
    out->loaded = s == SIM_OK;
    return s;
}

static sim_status run_variant(const options *o, const variant *v, outcome *out, sim_err *err)
{
    sim_status s = load_variant(o, v, out, err);
    run_record record;
    metrics one;
    machine *m;

    if (s != SIM_OK)
        return s;
    m = machine_new(&out->experiment.setup);
    record_init(&record);
    metrics_point_init(&out->point);
    for (int64_t i = 0; i < o->repetitions; i++) {
        machine_run(m, o->seed, (uint32_t)i, &record, NULL);
        metrics_init(&one);
        metrics_collect(&one, &record);
        metrics_point_add(&out->point, &one, &record);
        metrics_free(&one);
    }
    memcpy(out->used, machine_used(m), sizeof out->used);
    record_free(&record);
    machine_free(m);
    return SIM_OK;
}

static int64_t command_mean(const outcome *o)
{
    return hist_mean(&o->point.all.time[METRIC_COMMAND]);
}

static void print_phases(const metrics_point *p)
{
    int64_t total = 0;

    for (int i = 0; i < PHASE_COUNT; i++)
        total += p->all.phase[i];
    for (int i = 0; i < PHASE_COUNT && total > 0; i++) {
        int share = (int)((__int128)p->all.phase[i] * 1000 / total);

        if (share < 100)
            continue;
        (void)fputs("  ", stdout);
        report_bar(stdout, share, (share * 12 + 999) / 1000);
        (void)printf(" %d %% %s", (share + 5) / 10, phase_meanings[i]);
    }
    (void)fputc('\n', stdout);
}

static void print_row(const variant *v, const outcome *o)
{
    const metrics_point *p = &o->point;
    char time[32];
    char p50[32];
    char p99[32];

    (void)units_human(UNIT_TIME, command_mean(o), 3, time, sizeof time);
    (void)units_human(UNIT_TIME, hist_quantile(&p->all.time[METRIC_SMI], 500000), 3, p50,
                      sizeof p50);
    (void)units_human(UNIT_TIME, hist_quantile(&p->all.time[METRIC_SMI], 990000), 3, p99,
                      sizeof p99);
    (void)printf("  %-10s CPU %-4s%-12s %10s %6llu %7llu %5llu %12s %9s", v->delivery, v->caller,
                 param_name(o->experiment.params, P_MODE), time,
                 (unsigned long long)(p->all.count[COUNT_SMIS] / p->repetitions),
                 (unsigned long long)(p->all.count[COUNT_SERVED] / p->repetitions),
                 (unsigned long long)((p->all.count[COUNT_LOST] + p->all.count[COUNT_LATE]) /
                                      p->repetitions),
                 p50, p99);
    print_phases(p);
}

static void print_sentence(const outcome *slow, const outcome *fast)
{
    int share;
    int phase = report_main_phase(&slow->point, &share);
    int64_t factor = command_mean(fast) > 0 ? command_mean(slow) / command_mean(fast) : 0;
    uint64_t smis = slow->point.all.count[COUNT_SMIS] / slow->point.repetitions;
    char each[32];

    (void)units_human(
        UNIT_TIME,
        stat_ratio(slow->point.all.phase[phase], slow->point.all.time[METRIC_SMI].count
                                                     ? slow->point.all.time[METRIC_SMI].count
                                                     : 1),
        3, each, sizeof each);
    (void)printf(
        "\n  unicast on CPU 1 is %lld times slower than broadcast there, because each of its %llu "
        "SMIs\n  spends %s (%d %%) on this: %s.\n",
        (long long)factor, (unsigned long long)smis, each, (share + 5) / 10, phase_meanings[phase]);
}

static void print_table(const options *o, outcome *all)
{
    uint8_t used[P_COUNT] = {0};

    report_title(stdout, &all[0].experiment, (uint64_t)o->repetitions, o->seed);
    (void)printf("\n  %-10s %-8s%-12s %10s %6s %7s %5s %12s %9s  %s\n", "SMI", "caller", "sync",
                 "calls take", "SMIs", "served", "lost", "per SMI p50", "p99",
                 "where the time went");
    for (int i = 0; i < VARIANTS; i++) {
        print_row(&variants[i], &all[i]);
        for (int id = 0; id < P_COUNT; id++)
            used[id] |= all[i].used[id];
    }
    print_sentence(&all[0], &all[2]);
    report_uncalibrated(stdout, &all[0].experiment, used);
}

/* ---- data for the picture --------------------------------------------------------------- */

static void slowdown_row(csv_writer *w, const variant *v, const outcome *o)
{
    const hist *smi = &o->point.all.time[METRIC_SMI];

    csv_text(w, param_name(o->experiment.params, P_PROTOCOL));
    csv_text(w, v->delivery);
    csv_text(w, v->caller);
    csv_decimal(w, command_mean(o), 9);
    csv_u64(w, o->point.all.count[COUNT_SMIS] / o->point.repetitions);
    csv_u64(w, o->point.all.count[COUNT_SERVED] / o->point.repetitions);
    csv_decimal(w, hist_quantile(smi, 500000), 9);
    csv_decimal(w, hist_quantile(smi, 990000), 9);
    csv_end_row(w);
}

static void phase_rows(csv_writer *w, const variant *v, const outcome *o)
{
    uint64_t count = o->point.all.time[METRIC_SMI].count;

    for (int i = 0; i < PHASE_COUNT && count > 0; i++) {
        csv_text(w, v->delivery);
        csv_text(w, v->caller);
        csv_text(w, phase_names[i]);
        csv_decimal(w, stat_ratio(o->point.all.phase[i], count), 9);
        csv_end_row(w);
    }
}

static sim_status write_one(const char *folder, const outcome *all, int phases, sim_err *err)
{
    char path[600];
    csv_writer *w;
    sim_status s;

    (void)snprintf(path, sizeof path, "%s/%s", folder, phases ? "phases.csv" : "slowdown.csv");
    s = csv_create(path, &w, err);
    if (s != SIM_OK)
        return s;
    if (phases) {
        for (const char *const *n =
                 (const char *const[]){"delivery", "caller_cpu", "phase", "mean_ms", NULL};
             *n; n++)
            csv_text(w, *n);
    } else {
        static const char *const names[] = {"protocol",   "delivery",   "caller_cpu",
                                            "command_ms", "smis",       "served",
                                            "smi_p50_ms", "smi_p99_ms", NULL};

        for (int i = 0; names[i]; i++)
            csv_text(w, names[i]);
    }
    csv_end_row(w);
    for (int i = 0; i < VARIANTS; i++)
        phases ? phase_rows(w, &variants[i], &all[i]) : slowdown_row(w, &variants[i], &all[i]);
    return csv_close(w, err);
}

static sim_status demo(const options *o, outcome *all, sim_err *err)
{
    sim_status s = SIM_OK;
    output folder;

    for (int i = 0; i < VARIANTS && s == SIM_OK; i++)
        s = run_variant(o, &variants[i], &all[i], err);
    if (s == SIM_OK && o->out)
        s = output_open(o->out, 0, &folder, err);
    if (s == SIM_OK && o->out)
        s = write_one(o->out, all, 0, err);
    if (s == SIM_OK && o->out)
        s = write_one(o->out, all, 1, err);
    if (s == SIM_OK)
        print_table(o, all);
    return s;
}

int cmd_demo(int argc, char **argv)
{
    static outcome all[VARIANTS];
    static options o;
    sim_err err = {""};
    sim_status s = options_parse(argc, argv, "os", &o, &err);

    if (s == SIM_OK && o.help) {
        (void)fputs(help, stdout);
        return SIM_OK;
    }
    if (s == SIM_OK && o.settings > OPTIONS_SETTINGS_MAX - 4)
        s = err_set(&err, SIM_BAD_INPUT, "too many settings");
    if (s == SIM_OK)
        s = demo(&o, all, &err);
    for (int i = 0; i < VARIANTS; i++)
        if (all[i].loaded) {
            metrics_point_free(&all[i].point);
            experiment_free(&all[i].experiment);
        }
    if (s != SIM_OK)
        (void)fprintf(stderr, "smmsim: %s\n", err.text);
    return (int)s;
}
