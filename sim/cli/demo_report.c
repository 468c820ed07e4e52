/* SPDX-License-Identifier: Apache-2.0 */
/* demo_report: prints no sentence that the runs do not bear out. */
#include "sim/cli/demo_report.h"

#include <stdlib.h>
#include <string.h>

#include "sim/cli/report.h"
#include "sim/lib/table.h"

int demo_report_finished(const demo_point *p)
{
    return p->point.broken == 0;
}

int64_t demo_report_time(const demo_point *p)
{
    return hist_mean(&p->point.all.time[METRIC_COMMAND]);
}

uint64_t demo_report_per_run(const demo_point *p, int counter)
{
    return p->point.all.count[counter] / p->point.repetitions;
}

/* Repetitions that hung or broke an invariant; the others that did not finish met run.limit. */
static uint64_t stuck(const demo_point *p)
{
    return p->point.broken - p->point.all.count[COUNT_STOPPED];
}

static int hung(const demo_point *p)
{
    return p->point.all.count[COUNT_HANG] > 0;
}

/* Where the SMIs were written: the setting is not always what decides. */
static const char *caller(const demo_point *p, char text[32])
{
    if (p->first == p->last)
        (void)snprintf(text, 32, "CPU %u", p->first);
    else
        (void)snprintf(text, 32, "%s", p->first == UINT32_MAX ? "-" : "many");
    return text;
}

static const char *name(const demo_point *p, int id)
{
    return param_name(p->experiment.params, id);
}

/* ---- the table -------------------------------------------------------------------------- */

/* Returns the quantiles that are left blank. */
static uint32_t add_row(const demo_point *p, text_table *t)
{
    char who[32], time[32], p50[32], p99[32];
    char *groups = NULL;
    size_t length;
    FILE *text = open_memstream(&groups, &length);
    uint32_t blank = report_quantile(&p->point, METRIC_SMI, METRIC_P50, p50);

    SIM_ASSERT(text != NULL);
    blank |= report_quantile(&p->point, METRIC_SMI, METRIC_P99, p99);
    report_main_groups(text, &p->point);
    SIM_ASSERT(fclose(text) == 0);
    /* One cell: it says the row where the table is split. */
    table_add(t, "%-9s  %s", name(p, P_DELIVERY), caller(p, who));
    table_row(t, name(p, P_MODE),
              demo_report_finished(p) ? report_time(demo_report_time(p), time)
              : stuck(p) == 0         ? "stopped"
              : hung(p)               ? "hang"
                                      : "broken");
    table_add(t, "%llu", (unsigned long long)demo_report_per_run(p, COUNT_SMIS));
    table_add(t, "%llu", (unsigned long long)demo_report_per_run(p, COUNT_SERVED));
    table_add(t, "%llu",
              (unsigned long long)demo_report_per_run(p, COUNT_LOST) +
                  demo_report_per_run(p, COUNT_LATE));
    table_row(t, p50, p99, groups);
    free(groups);
    return blank;
}

static void print_title(const demo_point *p, uint64_t seed)
{
    const param_set *params = p->experiment.params;
    const uint32_t variables = p->experiment.prog.variables;
    const int64_t cpus = param_int(params, P_CPUS);

    (void)printf(
        "%.*s: %u variable%s on %lld CPU%s, %s in %s on %s, %llu repetition%s, seed %llu\n",
        (int)strcspn(name(p, P_WORKLOAD), "-"), name(p, P_WORKLOAD), variables,
        variables == 1 ? "" : "s", (long long)cpus, cpus == 1 ? "" : "s", name(p, P_PROTOCOL),
        param_int(params, P_FIRMWARE) == FIRMWARE_OVMF ? "OVMF" : "stock firmware",
        name(p, P_PLATFORM), (unsigned long long)p->point.repetitions,
        p->point.repetitions == 1 ? "" : "s", (unsigned long long)seed);
}

/* ---- the words below it ----------------------------------------------------------------- */

static void print_unfinished(const demo_point *p)
{
    const uint64_t ended = stuck(p) ? stuck(p) : p->point.broken;
    char limit[32], who[32];

    (void)param_print(p->experiment.params, P_LIMIT, limit, sizeof limit);
    (void)printf("  %s, %s SMI, %s: %s%s, in %llu of %llu repetitions.\n", name(p, P_PROTOCOL),
                 name(p, P_DELIVERY), caller(p, who),
                 stuck(p) == 0 ? "stopped by run.limit="
                 : hung(p)     ? "hang, no CPU can go on"
                               : "a broken invariant",
                 stuck(p) == 0 ? limit : "", (unsigned long long)ended,
                 (unsigned long long)p->point.repetitions);
}

/* "On CPU 1 the calls take 3.00 s with unicast and ..." */
static void print_factor(const demo_point *slow, const demo_point *fast)
{
    const int64_t factor =
        demo_report_time(fast) > 0 ? demo_report_time(slow) / demo_report_time(fast) : 0;
    char text[2][32];

    if (!demo_report_finished(slow) || !demo_report_finished(fast))
        return;
    if (slow->first == slow->last && fast->first == fast->last && slow->first == fast->first)
        (void)printf("  On CPU %u the calls", slow->first);
    else
        (void)printf("  The calls");
    (void)printf(" take %s with unicast and %s with broadcast SMI",
                 report_time(demo_report_time(slow), text[0]),
                 report_time(demo_report_time(fast), text[1]));
    if (factor >= 2)
        (void)printf(": %lld times as long", (long long)factor);
    (void)printf(".\n");
}

/* Who does not come, and why. */
static void print_absent(const demo_point *p)
{
    const param_set *params = p->experiment.params;
    const int one = p->first == p->last;

    if (param_int(params, P_ELECTION) == ELECTION_FIXED)
        (void)printf("  Only CPU %lld, the BSP, runs the handler, but a unicast SMI %sdoes not "
                     "reach it: ",
                     (long long)param_int(params, P_BOOT_CPU), one ? "" : "of another CPU ");
    else if (one)
        (void)printf("  No CPU becomes BSP, because the unicast SMI reaches CPU %u alone: ",
                     p->first);
    else
        (void)printf("  No CPU becomes BSP where a unicast SMI reaches an AP alone: ");
}

static void print_reason(const demo_point *slow)
{
    const metrics *all = &slow->point.all;
    const uint64_t smis = all->time[METRIC_SMI].count;
    int share;
    const int phase = report_main_phase(&slow->point, &share);
    char each[32];

    if (smis == 0 || !demo_report_finished(slow))
        return;
    if (phase != PHASE_BSP_TIMEOUT1 || share <= 500) {
        (void)printf("  Each of the %llu unicast SMIs spends %s (%d %%) on average on: %s.\n",
                     (unsigned long long)demo_report_per_run(slow, COUNT_SMIS),
                     report_time(stat_ratio(all->phase[phase], smis), each), (share + 5) / 10,
                     phase_meanings[phase]);
        return;
    }
    print_absent(slow);
    if (slow->waits == smis)
        (void)printf("each of the %llu SMIs\n  waits",
                     (unsigned long long)(smis / slow->point.repetitions));
    else
        (void)printf("%llu %% of the SMIs\n  wait",
                     (unsigned long long)((100 * slow->waits + smis / 2) / smis));
    (void)printf(" %s until timeout 1 has passed%s.\n",
                 report_time(stat_ratio(all->phase[phase], slow->waits), each),
                 demo_report_per_run(slow, COUNT_SERVED) == 0 ? ", and is not served"
                 : all->count[COUNT_DIRECTED] >= slow->waits  ? "; then a directed SMI brings it in"
                                                              : "");
}

/* The same calls on the newer protocol. */
static void print_newer(const demo_point *p)
{
    const uint64_t smis = demo_report_per_run(p, COUNT_SMIS);
    char text[32];

    (void)printf("  On %s they take %s: %llu SMI%s, %llu of them served.\n", name(p, P_PROTOCOL),
                 report_time(demo_report_time(p), text), (unsigned long long)smis,
                 smis == 1 ? "" : "s", (unsigned long long)demo_report_per_run(p, COUNT_SERVED));
}

static void print_calibration(const demo_point *all)
{
    uint8_t used[P_COUNT] = {0};
    int mattered, open;

    for (int i = 0; i < DEMO_ROWS; i++)
        for (int id = 0; id < P_COUNT; id++)
            used[id] |= all[i].used[id];
    open = report_count_uncalibrated(&all->experiment, used, &mattered);
    (void)printf("  %d of %d figures that were used are uncalibrated (smmsim run names them)%s.\n",
                 open, mattered,
                 param_rank_of(all->experiment.params, P_TIMEOUT1) != PARAM_USER
                     ? "; the timeouts are the firmware's own"
                     : "");
}

void demo_report(const demo_point *all, uint64_t seed)
{
    text_table *t = table_new("llrrrrrrl");
    uint32_t blank = 0;

    print_title(all, seed);
    (void)fputc('\n', stdout);
    table_row(t, "SMI        caller", "sync", "calls take", "SMIs", "served", "lost", "SMI p50",
              "SMI p99", "where the time of an SMI went");
    for (int i = 0; i < DEMO_ROWS; i++)
        blank |= add_row(&all[i], t);
    table_print(t, 2, stdout);
    report_blank(stdout, blank);
    (void)fputc('\n', stdout);
    for (int i = 0; i < DEMO_POINTS; i++)
        if (all[i].loaded && !demo_report_finished(&all[i]))
            print_unfinished(&all[i]);
    print_factor(all, &all[DEMO_BROADCAST]);
    print_reason(all);
    if (all[DEMO_ROWS].loaded && demo_report_finished(&all[DEMO_ROWS]))
        print_newer(&all[DEMO_ROWS]);
    print_calibration(all);
}
