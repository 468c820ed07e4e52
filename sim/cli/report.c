/* SPDX-License-Identifier: Apache-2.0 */
/* report: aligned tables with units; shares as bars. */
#include "sim/cli/report.h"

#include <string.h>

#include "sim/lib/table.h"
#include "sim/lib/text.h"
#include "sim/lib/units.h"

static const char *const titles[METRIC_QUANTILE_COUNT] = {"min", "p50",   "p90",
                                                          "p99", "p99.9", "max"};

static __int128 total_phases(const metrics_point *p)
{
    __int128 total = 0;

    for (int i = 0; i < PHASE_COUNT; i++)
        total += p->all.phase[i];
    return total;
}

static int share_of(__int128 part, __int128 total)
{
    return total > 0 ? (int)(part * 1000 / total) : 0;
}

int report_main_phase(const metrics_point *p, int *share)
{
    int best = 0;

    for (int i = 1; i < PHASE_COUNT; i++)
        if (p->all.phase[i] > p->all.phase[best])
            best = i;
    *share = share_of(p->all.phase[best], total_phases(p));
    return best;
}

/* Returns the characters that the bar takes. */
static int bar(FILE *to, int share, int width)
{
    static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    int units = (share * width * 8 + 500) / 1000;

    SIM_ASSERT(share >= 0 && share <= 1000);
    for (int i = 0; i < units / 8; i++)
        text_put(to, "█");
    text_put(to, eighths[units % 8]);
    return units / 8 + (units % 8 > 0);
}

void report_bar(FILE *to, int share, int width)
{
    for (int used = bar(to, share, width); used < width; used++)
        (void)fputc(' ', to);
}

/* ---- where the time went, in a few words ------------------------------------------------- */

#define PHASE_BIT(id) (1u << PHASE_##id)
typedef struct {
    const char *name;
    uint32_t phases; /* a set */
} phase_group;

static const phase_group groups[] = {
    {"delivery", PHASE_BIT(PORT) | PHASE_BIT(REACTION)},
    {"entry and exit", PHASE_BIT(ENTRY) | PHASE_BIT(EXIT)},
    {"waiting for BSP, timeout 1", PHASE_BIT(BSP_TIMEOUT1)},
    {"waiting for BSP, timeout 2", PHASE_BIT(BSP_TIMEOUT2)},
    {"waiting for APs, timeout 1", PHASE_BIT(APS_TIMEOUT1)},
    {"waiting for APs, timeout 2", PHASE_BIT(APS_TIMEOUT2)},
    {"until all are in", PHASE_BIT(BSP_WAIT) | PHASE_BIT(APS_WAIT)},
    {"barriers", PHASE_BIT(BARRIERS) | PHASE_BIT(RELEASE)},
    {"handler", PHASE_BIT(HANDLER)},
    {"flash", PHASE_BIT(FLASH)},
};
enum { GROUPS = sizeof groups / sizeof groups[0] };

static int group_share(const metrics_point *p, int group)
{
    __int128 part = 0;

    for (int i = 0; i < PHASE_COUNT; i++)
        if (groups[group].phases >> i & 1)
            part += p->all.phase[i];
    return share_of(part, total_phases(p));
}

void report_main_groups(FILE *to, const metrics_point *p)
{
    uint32_t printed = 0;

    for (int place = 0; place < 2; place++) {
        int best = -1;

        for (int g = 0; g < GROUPS; g++)
            if (!(printed >> g & 1) && (best < 0 || group_share(p, g) > group_share(p, best)))
                best = g;
        if (group_share(p, best) < 100)
            return;
        (void)fputs(place ? "  " : "", to);
        (void)bar(to, group_share(p, best), 6);
        (void)fprintf(to, " %d %% %s", (group_share(p, best) + 5) / 10, groups[best].name);
        printed |= 1u << best;
    }
}

void report_title(FILE *to, const experiment *e, uint64_t repetitions, uint64_t seed)
{
    const param_set *p = e->params;
    bytes line = {0};

    text_format(&line, "%s: %lld CPU%s, %s in %s firmware on %s, %llu repetition%s, seed %llu",
                param_name(p, P_WORKLOAD), (long long)param_int(p, P_CPUS),
                param_int(p, P_CPUS) == 1 ? "" : "s", param_name(p, P_PROTOCOL),
                param_name(p, P_FIRMWARE), param_name(p, P_PLATFORM),
                (unsigned long long)repetitions, repetitions == 1 ? "" : "s",
                (unsigned long long)seed);
    text_end(to, &line, 2);
}

static void report_settings(FILE *to, const experiment *e)
{
    /* the last one is what says on which CPU calls are made */
    const int caller = param_int(e->params, P_PHASE) == PHASE_BOOT     ? P_PHASE
                       : param_int(e->params, P_EFI_CPU) == EFI_WORKER ? P_EFI_CPU
                                                                       : P_CALLER;
    const int shown[] = {P_DELIVERY, P_MODE, P_TIMEOUT1, P_TIMEOUT2, P_ELECTION, caller};
    text_list list = {.indent = 2, .gap = "   "};
    char text[128], item[256];

    for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++) {
        const char *place = param_place(e->params, shown[i]);

        (void)param_print(e->params, shown[i], text, sizeof text);
        (void)snprintf(item, sizeof item, "%s=%s%s%s%s", params_table.defs[shown[i]].name, text,
                       *place ? " (" : "", place, *place ? ")" : "");
        text_item(to, &list, item);
    }
    (void)fputs("\n\n", to);
}

/* If all calls were of one kind, its row would be that of call_latency once more. */
static int only_kind(const metrics_point *p, int time)
{
    return !metrics_always(time) && p->all.time[time].count == p->all.time[METRIC_CALL].count;
}

const char *report_time(int64_t ps, char text[32])
{
    (void)units_human(UNIT_TIME, ps, 3, text, 32);
    return text;
}

uint32_t report_quantile(const metrics_point *p, int time, int quantile, char text[32])
{
    const quant q = metrics_quantile(p, time, quantile);

    (void)snprintf(text, 32, "-");
    if (q.held)
        (void)report_time(q.value, text);
    return q.held || p->all.time[time].count == 0 ? 0 : 1u << quantile;
}

void report_blank(FILE *to, uint32_t blank)
{
    const char *between = ": ", *needs = "needs ";
    bytes line = {0};

    if (blank == 0)
        return;
    text_format(&line, "  -: blank, fewer than %d values lie beyond it", QUANT_BEYOND);
    for (int i = 0; i < METRIC_QUANTILE_COUNT; i++)
        if (blank >> i & 1) {
            text_format(&line, "%s%s %s%llu", between, titles[i], needs,
                        (unsigned long long)quant_needs(metric_quantiles[i]));
            between = ", ", needs = "";
        }
    text_end(to, &line, 5);
}

static void report_times(FILE *to, const metrics_point *p)
{
    text_table *t = table_new("lrrrrrrrrl");
    uint32_t blank = 0;
    char text[32];

    table_add(t, "%s", "");
    table_add(t, "count");
    for (int i = 0; i < METRIC_QUANTILE_COUNT; i++)
        table_add(t, "%s", titles[i]);
    table_add(t, "mean");
    table_add(t, "95 %% CI");
    for (int i = 0; i < METRIC_TIME_COUNT; i++) {
        const hist *h = &p->all.time[i];
        stat_result r = stat_mean(&p->mean[i], 95);

        if (h->count == 0 || only_kind(p, i))
            continue;
        table_add(t, "%s", metric_time_names[i]);
        table_add(t, "%llu", (unsigned long long)h->count);
        for (int q = 0; q < METRIC_QUANTILE_COUNT; q++) {
            blank |= report_quantile(p, i, q, text);
            table_add(t, "%s", text);
        }
        table_add(t, "%s", report_time(hist_mean(h), text));
        (void)units_human(UNIT_TIME, r.half_width, 2, text, sizeof text);
        table_add(t, "%s%s", r.half_width >= 0 ? "± " : "", r.half_width >= 0 ? text : "");
    }
    table_print(t, 2, to);
    report_blank(to, blank);
}

/* "75.0 us to 78.1 us"; "-" without an interval, nothing without a quantile. */
static void interval_text(const quant *q, char text[80])
{
    char low[32], high[32];

    if (q->sure)
        (void)snprintf(text, 80, "%s to %s", report_time(q->low, low), report_time(q->high, high));
    else
        (void)snprintf(text, 80, "%s", q->held ? "-" : "");
}

/* A row of intervals; returns how many quantiles have none. */
static int interval_row(text_table *t, const metrics_point *p, int time)
{
    int none = 0;
    char text[80];

    table_add(t, "%s", metric_time_names[time]);
    for (int i = METRIC_P50; i < METRIC_MAX; i++) {
        const quant q = metrics_quantile(p, time, i);

        none += q.held && !q.sure;
        interval_text(&q, text);
        table_add(t, "%s", text);
    }
    return none;
}

static void report_intervals(FILE *to, const metrics_point *p)
{
    text_table *t;
    int none = 0;

    if (p->known < 2)
        return;
    t = table_new("lrrrr");
    (void)fputc('\n', to);
    table_add(t, "95 %% CI of");
    for (int i = METRIC_P50; i < METRIC_MAX; i++)
        table_add(t, "%s", titles[i]);
    for (int i = 0; i < METRIC_TIME_COUNT; i++)
        if (quant_held(p->all.time[i].count, metric_quantiles[METRIC_P50]) && !only_kind(p, i))
            none += interval_row(t, p, i);
    table_print(t, 2, to);
    if (none > 0)
        (void)fputs("  -: no interval, too few repetitions for values that are so much alike\n",
                    to);
}

static void report_counts(FILE *to, const metrics_point *p)
{
    int printed = 0;
    bytes line = {0};

    if (p->known == 0)
        return;
    (void)fputc('\n', to);
    text_format(&line, "  per run:");
    for (int i = 0; i < METRIC_COUNT_COUNT; i++) {
        uint64_t count = p->all.count[i];

        if (count == 0 && i > COUNT_LOST)
            continue;
        text_format(&line, "%s %s ", printed++ ? "," : "", metric_count_names[i]);
        if (count % p->known == 0)
            text_format(&line, "%llu", (unsigned long long)(count / p->known));
        else
            text_format(&line, "%.2f", (double)count / (double)p->known);
    }
    text_end(to, &line, 4);
}

/* Repetitions of which figures are left out. */
static void report_incomplete(FILE *to, const metrics_point *p)
{
    static const int sums[] = {METRIC_COMMAND, METRIC_STOLEN, METRIC_CPU_TIME};
    uint64_t stopped = p->all.count[COUNT_STOPPED];
    uint64_t whole = p->known - stopped - p->all.count[COUNT_HANG];

    if (stopped > 0)
        (void)fprintf(to,
                      "  stopped: run.limit came first in %llu of %llu repetitions: command_time, "
                      "stolen_time and\n  cpu_time are of whole runs and leave them out\n",
                      (unsigned long long)stopped, (unsigned long long)p->repetitions);
    for (size_t i = 0; i < sizeof sums / sizeof sums[0]; i++)
        if (p->all.time[sums[i]].count < whole)
            (void)fprintf(to, "  %s: over 1281 h in %llu of %llu repetitions, and left out there\n",
                          metric_time_names[sums[i]],
                          (unsigned long long)(whole - p->all.time[sums[i]].count),
                          (unsigned long long)p->repetitions);
    if (p->known < p->repetitions)
        (void)fprintf(to, "  broken: %llu of %llu repetitions, which are left out of all figures\n",
                      (unsigned long long)(p->repetitions - p->known),
                      (unsigned long long)p->repetitions);
}

enum { PHASE_COLUMN = 47 /* where the meaning of a phase begins */ };

static void report_phases(FILE *to, const metrics_point *p)
{
    __int128 total = total_phases(p);
    uint64_t smis = p->all.time[METRIC_SMI].count;
    char text[32];

    if (total == 0)
        return;
    (void)fprintf(to, "\n  where the time of an SMI went (mean; from port write to next "
                      "instruction)\n");
    for (int i = 0; i < PHASE_COUNT; i++) {
        int share = share_of(p->all.phase[i], total);

        if (p->all.phase[i] == 0)
            continue;
        (void)fprintf(to, "  %10s %3d.%d %% ", report_time(stat_ratio(p->all.phase[i], smis), text),
                      share / 10, share % 10);
        report_bar(to, share, 25);
        (void)fputc(' ', to);
        text_wrap(to, phase_meanings[i], PHASE_COLUMN, text_columns(to));
    }
}

void report_point(FILE *to, const experiment *e, const metrics_point *p)
{
    report_settings(to, e);
    report_times(to, p);
    report_intervals(to, p);
    report_counts(to, p);
    report_incomplete(to, p);
    report_phases(to, p);
}

int report_count_uncalibrated(const experiment *e, const uint8_t *used, int *mattered)
{
    int open = 0;

    *mattered = 0;
    for (int id = 0; id < P_COUNT; id++) {
        *mattered += used[id] != 0;
        open += used[id] && param_uncalibrated(e->params, id);
    }
    return open;
}

void report_uncalibrated(FILE *to, const experiment *e, const uint8_t *used)
{
    int mattered;
    int open = report_count_uncalibrated(e, used, &mattered);
    text_list list = {.indent = 4, .gap = " "};

    (void)fprintf(to, "\n  %d of %d figures that were used are uncalibrated (those of 0 apart)%s\n",
                  open, mattered, open ? ":" : "");
    for (int id = 0; id < P_COUNT && open; id++) {
        const char *name = params_table.defs[id].name;

        if (!used[id] || !param_uncalibrated(e->params, id))
            continue;
        text_item(to, &list, name);
    }
    if (open)
        (void)fputc('\n', to);
}
