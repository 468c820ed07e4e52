/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_demo: `smmsim demo`: the three-second slowdown as one table, and its data for the picture. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/lib/units.h"
#include "workloads/attempt.h"
#include "sim/cli/cmd.h"
#include "sim/cli/options.h"
#include "sim/cli/output.h"
#include "sim/cli/report.h"

typedef struct {
    const char *protocol;
    const char *delivery;
    const char *caller;
} variant;

/* The table shows those of the first protocol, the picture all. */
static const variant variants[] = {
    {"edk2-2017", "unicast", "1"},   {"edk2-2017", "unicast", "0"},
    {"edk2-2017", "broadcast", "1"}, {"edk2-2017", "broadcast", "0"},
    {"edk2-head", "unicast", "1"},   {"edk2-head", "unicast", "0"},
    {"edk2-head", "broadcast", "1"}, {"edk2-head", "broadcast", "0"}};
enum { VARIANTS = sizeof variants / sizeof variants[0], ROWS = 4, RECORD_TEXT = 2048 };
enum { REPETITIONS = 40 /* of 30 SMIs each: enough for p99 */ };

/* What happened, over all repetitions. */
typedef struct {
    experiment experiment;
    metrics_point point;
    uint8_t used[P_COUNT];
    int loaded;
    uint64_t stuck;        /* repetitions that hung or broke an invariant */
    uint64_t stopped;      /* that run.limit ended */
    uint64_t first_bad;    /* repetition of one of these */
    uint64_t waits;        /* SMIs for which timeout 1 passed */
    __int128 waited;       /* how long all of them waited */
    uint32_t first, last;  /* CPUs that called: lowest and highest */
    char why[RECORD_TEXT]; /* what it was; "" if none was */
} outcome;

/* Returns how many there are. */
static int settings_of(const options *o, const variant *v, experiment_setting *all)
{
    int count = 3;

    all[0] = (experiment_setting){"protocol", v->protocol, "demo"};
    all[1] = (experiment_setting){"smi.delivery", v->delivery, "demo"};
    all[2] = (experiment_setting){"caller.cpu", v->caller, "demo"};
    for (int i = 0; i < o->settings; i++)
        all[count++] = o->setting[i];
    return count;
}

static sim_status load_variant(const options *o, const variant *v, outcome *out, sim_err *err)
{
    experiment_setting all[OPTIONS_SETTINGS_MAX + 3];
    int count = settings_of(o, v, all);
    sim_status s;

    s = experiment_load(all, count, &out->experiment, err);
    out->loaded = s == SIM_OK;
    return s;
}

static void note(outcome *out, uint64_t repetition, const run_record *record)
{
    int64_t phase[PHASE_COUNT];

    out->stopped += record->count.stopped != 0;
    out->stuck += record->stuck[0] && !record->count.stopped;
    if (record->stuck[0] && out->why[0] == '\0') {
        out->first_bad = repetition;
        (void)snprintf(out->why, sizeof out->why, "%s", record->stuck);
    }
    for (uint64_t i = 0; i < record->triggers; i++) {
        const trigger_record *t = &record->trigger[i];

        out->first = t->cpu < out->first ? t->cpu : out->first;
        out->last = t->cpu > out->last ? t->cpu : out->last;
        if (!t->closed)
            continue;
        record_phases(t, phase);
        out->waits += phase[PHASE_BSP_TIMEOUT1] > 0;
        out->waited += phase[PHASE_BSP_TIMEOUT1];
    }
}

static sim_status run_variant(const options *o, const variant *v, outcome *out, sim_err *err)
{
    sim_status s = load_variant(o, v, out, err);
    attempt a;

    if (s != SIM_OK)
        return s;
    attempt_init(&a);
    attempt_setup(&a, &out->experiment.setup);
    metrics_point_init(&out->point);
    out->first = UINT32_MAX;
    for (int64_t i = 0; i < o->repetitions; i++) {
        (void)attempt_run(&a, o->seed, (uint32_t)i); /* what broke is noted as any end */
        metrics_point_add(&out->point, &a.one, &a.record);
        note(out, (uint64_t)i, &a.record);
    }
    memcpy(out->used, a.used, sizeof out->used);
    attempt_free(&a);
    return SIM_OK;
}

static int64_t command_mean(const outcome *o)
{
    return hist_mean(&o->point.all.time[METRIC_COMMAND]);
}

/* A run that was not over has no time, and must not look like a fast one. */
static int finished(const outcome *o)
{
    return o->stuck == 0 && o->stopped == 0;
}

static const char *how_it_ended(const outcome *o)
{
    if (o->stuck == 0)
        return "stopped";
    return o->point.all.count[COUNT_HANG] > 0 ? "hang" : "broken";
}

/* Where the SMIs were written: the setting is not always what decides. */
static int one_caller(const outcome *o)
{
    return o->first == o->last;
}

static void caller_text(const outcome *o, char *text, size_t size)
{
    if (one_caller(o))
        (void)snprintf(text, size, "CPU %u", o->first);
    else
        (void)snprintf(text, size, "%s", o->first == UINT32_MAX ? "-" : "many");
}

/* For data files: the number alone. */
static void caller_column(csv_writer *w, const variant *v, const outcome *o)
{
    if (o->first == UINT32_MAX)
        csv_text(w, v->caller);
    else if (one_caller(o))
        csv_u64(w, o->first);
    else
        csv_text(w, "many");
}

/* ---- the table -------------------------------------------------------------------------- */

static uint64_t per_run(const outcome *o, int counter)
{
    return o->point.all.count[counter] / o->point.repetitions;
}

/* Returns the quantiles that are left blank. */
static uint32_t print_row(const variant *v, const outcome *o)
{
    uint32_t blank;
    uint64_t missed = per_run(o, COUNT_LOST) + per_run(o, COUNT_LATE);
    char text[3][32];
    char caller[32];

    caller_text(o, caller, sizeof caller);
    if (finished(o))
        (void)units_human(UNIT_TIME, command_mean(o), 3, text[0], sizeof text[0]);
    else
        (void)snprintf(text[0], sizeof text[0], "%s", how_it_ended(o));
    blank = report_quantile(&o->point, METRIC_SMI, METRIC_P50, text[1]);
    blank |= report_quantile(&o->point, METRIC_SMI, METRIC_P99, text[2]);
    (void)printf("  %-9s  %-6s  %-11s %10s %5llu %6llu %4llu %8s %8s  ", v->delivery, caller,
                 param_name(o->experiment.params, P_MODE), text[0],
                 (unsigned long long)per_run(o, COUNT_SMIS),
                 (unsigned long long)per_run(o, COUNT_SERVED), (unsigned long long)missed, text[1],
                 text[2]);
    report_main_groups(stdout, &o->point);
    (void)fputc('\n', stdout);
    return blank;
}

static void print_title(const options *o, const experiment *e)
{
    const param_set *p = e->params;
    const char *name = param_name(p, P_WORKLOAD);
    int64_t cpus = param_int(p, P_CPUS);

    (void)printf(
        "%.*s: %u variable%s on %lld CPU%s, %s in %s on %s, %lld repetition%s, seed %llu\n",
        (int)strcspn(name, "-"), name, e->prog.variables, e->prog.variables == 1 ? "" : "s",
        (long long)cpus, cpus == 1 ? "" : "s", param_name(p, P_PROTOCOL),
        param_int(p, P_FIRMWARE) == FIRMWARE_OVMF ? "OVMF" : "stock firmware",
        param_name(p, P_PLATFORM), (long long)o->repetitions, o->repetitions == 1 ? "" : "s",
        (unsigned long long)o->seed);
}

/* ---- the words below it ----------------------------------------------------------------- */

/* "On CPU 1 the calls take 3.00 s with unicast and ..." */
static void print_factor(const outcome *slow, const outcome *fast)
{
    int64_t factor = command_mean(fast) > 0 ? command_mean(slow) / command_mean(fast) : 0;
    char text[2][32];

    if (!finished(slow) || !finished(fast))
        return;
    (void)units_human(UNIT_TIME, command_mean(slow), 3, text[0], sizeof text[0]);
    (void)units_human(UNIT_TIME, command_mean(fast), 3, text[1], sizeof text[1]);
    if (one_caller(slow) && one_caller(fast) && slow->first == fast->first)
        (void)printf("  On CPU %u the calls", slow->first);
    else
        (void)printf("  The calls");
    (void)printf(" take %s with unicast and %s with broadcast SMI", text[0], text[1]);
    if (factor >= 2)
        (void)printf(": %lld times as long", (long long)factor);
    (void)printf(".\n");
}

/* Who does not come, and why. */
static void print_absent(const outcome *slow)
{
    const param_set *params = slow->experiment.params;

    if (param_int(params, P_ELECTION) == ELECTION_FIXED)
        (void)printf("  Only CPU %lld, the BSP, runs the handler, but a unicast SMI %sdoes not "
                     "reach it: ",
                     (long long)param_int(params, P_BOOT_CPU),
                     one_caller(slow) ? "" : "of another CPU ");
    else if (one_caller(slow))
        (void)printf("  No CPU becomes BSP, because the unicast SMI reaches CPU %u alone: ",
                     slow->first);
    else
        (void)printf("  No CPU becomes BSP where a unicast SMI reaches an AP alone: ");
}

/* Why, from what was counted: no sentence is printed that this run does not bear out. */
static void print_reason(const outcome *slow)
{
    const metrics_point *p = &slow->point;
    uint64_t smis = p->all.time[METRIC_SMI].count;
    int share;
    int phase = report_main_phase(p, &share);
    char each[32];

    if (smis == 0 || !finished(slow))
        return;
    if (phase != PHASE_BSP_TIMEOUT1 || share <= 500) {
        (void)units_human(UNIT_TIME, stat_ratio(p->all.phase[phase], smis), 3, each, sizeof each);
        (void)printf("  Each of the %llu unicast SMIs spends %s (%d %%) on average on: %s.\n",
                     (unsigned long long)per_run(slow, COUNT_SMIS), each, (share + 5) / 10,
                     phase_meanings[phase]);
        return;
    }
    print_absent(slow);
    (void)units_human(UNIT_TIME, stat_ratio(slow->waited, slow->waits), 3, each, sizeof each);
    if (slow->waits == smis)
        (void)printf("each of the %llu SMIs\n  waits", (unsigned long long)(smis / p->repetitions));
    else
        (void)printf("%llu %% of the SMIs\n  wait",
                     (unsigned long long)((100 * slow->waits + smis / 2) / smis));
    (void)printf(" %s until timeout 1 has passed%s.\n", each,
                 per_run(slow, COUNT_SERVED) == 0 ? ", and is not served"
                 : p->all.count[COUNT_DIRECTED] >= slow->waits
                     ? "; then a directed SMI brings it in"
                     : "");
}

/* The same calls on today's edk2, where that is another one. */
static void print_newer(const outcome *newer)
{
    uint64_t smis;
    char text[32];

    if (!newer->loaded || !finished(newer))
        return;
    smis = per_run(newer, COUNT_SMIS);
    (void)units_human(UNIT_TIME, command_mean(newer), 3, text, sizeof text);
    (void)printf("  On %s they take %s: %llu SMI%s, %llu of them served.\n",
                 param_name(newer->experiment.params, P_PROTOCOL), text, (unsigned long long)smis,
                 smis == 1 ? "" : "s", (unsigned long long)per_run(newer, COUNT_SERVED));
}

static void print_unfinished(const variant *v, const outcome *o)
{
    uint64_t ended = o->stuck ? o->stuck : o->stopped;
    char text[32];
    char caller[32];

    if (!o->loaded || finished(o))
        return;
    caller_text(o, caller, sizeof caller);
    (void)param_print(o->experiment.params, P_LIMIT, text, sizeof text);
    (void)printf("  %s, %s SMI, %s: ", param_name(o->experiment.params, P_PROTOCOL), v->delivery,
                 caller);
    if (o->stuck == 0)
        (void)printf("stopped by run.limit=%s", text);
    else
        (void)printf("%s", strcmp(how_it_ended(o), "hang") == 0 ? "hang, no CPU can go on"
                                                                : "a broken invariant");
    (void)printf(", in %llu of %llu repetitions.\n", (unsigned long long)ended,
                 (unsigned long long)o->point.repetitions);
}

static void print_calibration(const outcome *all)
{
    uint8_t used[P_COUNT] = {0};
    int mattered;
    int open;

    for (int i = 0; i < ROWS; i++)
        for (int id = 0; id < P_COUNT; id++)
            used[id] |= all[i].used[id];
    open = report_count_uncalibrated(&all[0].experiment, used, &mattered);
    (void)printf("  %d of %d figures that were used are uncalibrated (smmsim run names them)", open,
                 mattered);
    if (param_rank_of(all[0].experiment.params, P_TIMEOUT1) != PARAM_USER)
        (void)printf("; the timeouts are the firmware's own");
    (void)printf(".\n");
}

static void print_table(const options *o, const outcome *all)
{
    uint32_t blank = 0;

    print_title(o, &all[0].experiment);
    (void)printf("\n  %-9s  %-6s  %-11s %10s %5s %6s %4s %8s %8s  %s\n", "SMI", "caller", "sync",
                 "calls take", "SMIs", "served", "lost", "SMI p50", "SMI p99",
                 "where the time of an SMI went");
    for (int i = 0; i < ROWS; i++)
        blank |= print_row(&variants[i], &all[i]);
    report_blank(stdout, blank);
    (void)fputc('\n', stdout);
    for (int i = 0; i < VARIANTS; i++)
        print_unfinished(&variants[i], &all[i]);
    print_factor(&all[0], &all[2]);
    print_reason(&all[0]);
    print_newer(&all[ROWS]);
    print_calibration(all);
}

/* ---- data for the picture --------------------------------------------------------------- */

static void slowdown_row(csv_writer *w, const variant *v, const outcome *o)
{
    static const int quantiles[] = {METRIC_P50, METRIC_P99};

    csv_text(w, param_name(o->experiment.params, P_PROTOCOL));
    csv_text(w, v->delivery);
    caller_column(w, v, o);
    if (finished(o))
        csv_decimal(w, command_mean(o), 9);
    else
        csv_empty(w);
    csv_u64(w, per_run(o, COUNT_SMIS));
    csv_u64(w, per_run(o, COUNT_SERVED));
    for (int i = 0; i < 2; i++) {
        const quant q = metrics_quantile(&o->point, METRIC_SMI, quantiles[i]);

        if (q.held)
            csv_decimal(w, q.value, 9);
        else
            csv_empty(w);
    }
    csv_end_row(w);
}

static void phase_rows(csv_writer *w, const variant *v, const outcome *o)
{
    uint64_t count = o->point.all.time[METRIC_SMI].count;
    int64_t share[PHASE_COUNT];

    metrics_phase_shares(&o->point.all, share);
    for (int i = 0; i < PHASE_COUNT && count > 0; i++) {
        csv_text(w, param_name(o->experiment.params, P_PROTOCOL));
        csv_text(w, v->delivery);
        caller_column(w, v, o);
        csv_text(w, phase_names[i]);
        csv_decimal(w, stat_ratio(o->point.all.phase[i], count), 9);
        csv_decimal(w, share[i], 9);
        csv_decimal(w, hist_mean(&o->point.all.time[METRIC_SMI]), 9);
        csv_end_row(w);
    }
}

static sim_status write_one(folder_owned *f, const outcome *all, int phases, sim_err *err)
{
    csv_writer *w;
    outfile *to;
    const sim_status s = folder_file(f, phases ? "phases.csv" : "slowdown.csv", &to, err);

    if (s != SIM_OK)
        return s;
    w = csv_on(to);
    if (phases) {
        for (const char *const *n =
                 (const char *const[]){"protocol", "delivery", "caller_cpu", "phase", "mean_ms",
                                       "share", "smi_mean_ms", NULL};
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
    for (int i = 0; i < VARIANTS && all[i].loaded; i++)
        phases ? phase_rows(w, &variants[i], &all[i]) : slowdown_row(w, &variants[i], &all[i]);
    return csv_close(w, err);
}

/* The files, and run.csv with what was asked for. */
static sim_status write_files(const options *o, folder_owned *f, const outcome *all, sim_err *err)
{
    output out = {.folder = f, .run = folder_facts(f)};
    sim_status s = write_one(f, all, 0, err);

    if (s == SIM_OK)
        s = write_one(f, all, 1, err);
    if (s != SIM_OK)
        return s;
    output_head(&out, o->seed, (uint64_t)o->repetitions);
    for (int i = 0; i < o->settings; i++)
        output_fact(&out, o->setting[i].name, o->setting[i].value, o->setting[i].place, "");
    return folder_commit(f, err);
}

/* What the rows of the table are about cannot be set for all of them. */
static sim_status check_settings(const options *o, sim_err *err)
{
    static const char *const own[] = {"smi.delivery", "caller.cpu"};

    if (o->settings > OPTIONS_SETTINGS_MAX - 4)
        return err_set(err, SIM_BAD_INPUT, "too many settings");
    for (int i = 0; i < o->settings; i++)
        for (size_t n = 0; n < sizeof own / sizeof own[0]; n++)
            if (strcmp(o->setting[i].name, own[n]) == 0)
                return err_set(err, SIM_BAD_INPUT,
                               "%s: demo compares its values (use `smmsim run`)", own[n]);
    return SIM_OK;
}

static sim_status demo(const options *o, outcome *all, sim_err *err)
{
    const folder_request request = {
        .path = o->out, .command = "demo", .names = output_names, .force = o->force};
    sim_status s = check_settings(o, err);
    int count = VARIANTS;
    folder_owned *folder = NULL;

    for (int i = 0; i < o->settings; i++) /* one protocol, if the user names it */
        if (strcmp(o->setting[i].name, "protocol") == 0)
            count = ROWS;
    if (s == SIM_OK && o->out)
        s = folder_open(&request, &folder, err);
    for (int i = 0; i < count && s == SIM_OK; i++)
        s = run_variant(o, &variants[i], &all[i], err);
    if (s == SIM_OK && o->out)
        s = write_files(o, folder, all, err);
    folder_close(folder);
    if (s == SIM_OK)
        print_table(o, all);
    return s;
}

/* As `run` does: what did not come to its end is the program's to tell, with where it happened. */
static sim_status bad_status(const options *o, const outcome *all)
{
    experiment_setting settings[OPTIONS_SETTINGS_MAX + 3];
    char who[80];

    for (int i = 0; i < VARIANTS; i++)
        if (all[i].loaded && all[i].why[0]) {
            const int count = settings_of(o, &variants[i], settings);
            const attempt_again again = {settings, count, o->seed, all[i].first_bad, NULL};

            (void)snprintf(who, sizeof who, "%s, caller.cpu=%s, ", variants[i].delivery,
                           variants[i].caller);
            attempt_tell(stderr, who, all[i].why, &again);
            return SIM_FINDING;
        }
    return SIM_OK;
}

int cmd_demo(int argc, char **argv)
{
    outcome *all = sim_alloc(VARIANTS, sizeof *all);
    options *o = sim_alloc(1, sizeof *o);
    sim_err err = {""};
    sim_status s = options_parse(argc, argv, o, &err);

    if (!o->reps_given)
        o->repetitions = REPETITIONS;
    if (s == SIM_OK)
        s = demo(o, all, &err);
    if (s == SIM_OK)
        s = bad_status(o, all);
    for (int i = 0; i < VARIANTS; i++)
        if (all[i].loaded) {
            metrics_point_free(&all[i].point);
            experiment_free(&all[i].experiment);
        }
    free(all);
    free(o);
    if (s != SIM_OK && err.text[0])
        err_tell("%s", err.text);
    return (int)s;
}
