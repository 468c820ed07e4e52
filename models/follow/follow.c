/* SPDX-License-Identifier: Apache-2.0 */
/* follow: can what a schedule of smmsim explore shows happen in time, and how wide is the window.
 */
#include "models/follow/follow.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "models/protocol/edk2.h"
#include "models/explore/smm.h"
#include "models/follow/scan.h"
#include "models/follow/second.h"
#include "models/follow/settings.h"

enum { ANCHORS_MAX = 20, EDGES_MAX = 6, STRETCHES_MAX = 8 };

/* A moment of the held CPU that a hold may begin around. */
typedef struct {
    int64_t at;
    int gap; /* after a step, where the schedule leaves it; -1: its timeout */
} anchor;

/* A stretch of each delay in which the violation shows. */
typedef struct {
    int found;
    int gap;                       /* anchor.gap */
    int64_t hold_first, hold_last; /* after the anchor */
    int64_t late_first, late_last;
} window;

typedef struct {
    follow_try try;
    const follow_request *request;
    int64_t length; /* of the hold under trial */
    window hint;    /* found with a shorter hold: the longer ones begin there, too */
    uint64_t cpus;  /* of the schedule: a set */
    int hardware;   /* the trigger comes from outside of the CPUs */
    int alone;      /* found without a second hold: none is tried any more */
    FILE *out;
} follower;

/* ---- scans ------------------------------------------------------------------------------ */

/* The hold stays and the late CPU comes earlier and later; then the other way round. */
static void measure(follower *f, follow_scan *s, const anchor *t, window *best)
{
    int64_t length = s->fixed.length;
    window w = {.found = 1, .gap = t->gap};

    s->what = FOLLOW_LATE;
    s->from = s->edge > length ? s->edge - length : 0;
    s->to = s->edge + 2 * length;
    follow_scan_run(&f->try, s);
    if (!follow_scan_widest(s, &w.late_first, &w.late_last))
        return;
    s->what = FOLLOW_HOLD;
    s->fixed.late = w.late_first + (w.late_last - w.late_first) / 2;
    s->from = s->fixed.from - PS_PER_US;
    s->to = s->fixed.from + PS_PER_US;
    follow_scan_run(&f->try, s);
    if (!follow_scan_widest(s, &w.hold_first, &w.hold_last))
        return;
    w.hold_first -= t->at;
    w.hold_last -= t->at;
    if (!best->found || w.late_last - w.late_first > best->late_last - best->late_first)
        *best = w;
}

/* The late CPU comes at the middle of the hold. Each begin of the hold with an outcome of its own
 * is worth a closer look: one of each stretch. After a step there is one begin only. */
static void try_hold(follower *f, follow_scan *s, const anchor *t, window *best)
{
    follow_delays fixed = {.late_from = s->fixed.late_from,
                           .late = s->edge + s->fixed.length / 2,
                           .length = s->fixed.length};
    const window *hint = &f->hint;
    int64_t begins[STRETCHES_MAX] = {t->at + 1};
    int known = t->gap >= 0 || hint->found;
    int count = known;

    if (hint->found && hint->gap != t->gap)
        return;
    if (hint->found)
        begins[0] = t->at + hint->hold_first + (hint->hold_last - hint->hold_first) / 2;

    s->fixed = fixed;
    s->what = FOLLOW_HOLD;
    s->from = t->at > fixed.length ? t->at - fixed.length : 0;
    s->to = t->at + fixed.length / 2;
    if (!known)
        follow_scan_run(&f->try, s);
    for (int i = 0, end; !known && i < s->count && count < STRETCHES_MAX; i = end) {
        for (end = i + 1; end < s->count && s->probe[end].kind == s->probe[i].kind;)
            end++;
        begins[count++] = s->probe[i].at + (s->probe[end - 1].at - s->probe[i].at) / 2;
    }
    for (int i = 0; i < count; i++) {
        s->fixed = fixed;
        s->fixed.from = begins[i];
        measure(f, s, t, best);
    }
}

/* Timeouts of the held CPU, and where the schedule leaves it inside SMM. */
static int find_anchors(const follower *f, anchor anchors[ANCHORS_MAX])
{
    const follow_try *try = &f->try;
    int count = 0;

    for (int t = 0; t < try->timeout_count; t++)
        if (try->timeouts[t].cpu == try->held)
            anchors[count++] = (anchor){try->timeouts[t].at, -1};
    for (int g = 0; g < try->gaps; g++)
        if (try->gap[g].cpu == try->held && try->gap_at[g] >= 0)
            anchors[count++] = (anchor){try->gap_at[g], g};
    return count;
}

/* At an edge of the outcome a timeout and an arrival meet: there a short hold may matter. */
static void try_edge(follower *f, follow_scan *s, window *best)
{
    follow_delays alone = {.late_from = s->fixed.late_from};
    anchor anchors[ANCHORS_MAX];
    int count;

    s->fixed = alone;
    s->what = FOLLOW_LATE;
    (void)follow_scan_at(&f->try, s, s->edge);
    count = find_anchors(f, anchors);
    for (int t = 0; t < count; t++) {
        s->fixed = alone;
        s->fixed.length = f->length;
        try_hold(f, s, &anchors[t], best);
    }
}

static window try_edges(follower *f, follow_scan *s, const int64_t *edges, int count)
{
    window best = {0};

    for (int e = 0; e < count; e++) {
        s->edge = edges[e];
        try_edge(f, s, &best);
    }
    return best;
}

static const char *step_name(const follower *f, int gap)
{
    return f->try.setup.protocol->rows[f->try.gap_row[gap]].name;
}

static void print_window(const follower *f, const follow_scan *s, const window *w)
{
    if (w->gap >= 0)
        (void)fprintf(f->out, "      the hold begins after its step %d, %s, ",
                      f->try.gap[w->gap].steps, step_name(f, w->gap));
    else
        (void)fprintf(f->out, "      the hold begins after its timeout ");
    follow_scan_print_range(f->out, w->hold_first, w->hold_last);
    (void)fprintf(f->out, "      CPU %d is %s ", f->try.late, s->place < 0 ? "late" : "held");
    follow_scan_print_range(f->out, w->late_first, w->late_last);
}

/* Another CPU is held as well, from about its timeout on, or from where the schedule leaves
 * it; 1 if that does it. */
static int hold_too(follower *f, follow_scan *s, const int64_t *edges, int count)
{
    static const int64_t lengths[] = {PS_PER_US, 10 * PS_PER_US, 100 * PS_PER_US, PS_PER_MS,
                                      10 * PS_PER_MS};
    int reached = 0;

    f->hint = (window){0};
    for (int i = 0; i < (int)(sizeof lengths / sizeof lengths[0]); i++) {
        window best;

        f->length = lengths[i];
        best = try_edges(f, s, edges, count);
        if (f->hint.found && !best.found) {
            f->hint = (window){0};
            best = try_edges(f, s, edges, count);
        }
        f->hint = best;
        (void)fprintf(f->out, "    and CPU %d held for ", f->try.held);
        follow_scan_print_time(f->out, lengths[i]);
        (void)fprintf(f->out, best.found ? ": YES\n" : ": not seen\n");
        if (best.found)
            print_window(f, s, &best);
        reached |= best.found;
    }
    return reached;
}

/* Where the outcome changes; EDGES_MAX at most. */
static int find_edges(const follower *f, const follow_scan *s, int64_t *edges)
{
    int count = 0;

    for (int i = 0; i + 1 < s->count && count < EDGES_MAX; i++)
        if (s->probe[i].kind != s->probe[i + 1].kind)
            edges[count++] = s->probe[i + 1].at;
    for (int i = 0; i < count; i++) {
        (void)fprintf(f->out, i ? ", " : "    the outcome changes at ");
        follow_scan_print_time(f->out, edges[i]);
    }
    (void)fprintf(f->out, count ? "\n" : "    the outcome never changes\n");
    return count;
}

/* From when on the late CPU is held: when the SMI comes, or after a step inside SMM. -1: it never
 * takes that step. */
static int64_t late_from(follower *f, int place)
{
    const follow_delays none = {.late_from = FOLLOW_START};

    if (place < 0)
        return FOLLOW_START;
    (void)follow_try_run(&f->try, &none);
    return f->try.gap_at[place] < 0 ? -1 : f->try.gap_at[place] + 1;
}

static void print_place(const follower *f, int place)
{
    if (f->hardware)
        (void)fprintf(f->out, "  hardware triggers, ");
    else
        (void)fprintf(f->out, "  CPU %d triggers, ", f->try.writer);
    if (place < 0)
        (void)fprintf(f->out, "CPU %d is late ", f->try.late);
    else
        (void)fprintf(f->out, "CPU %d is held inside SMM after its step %d, %s, ", f->try.late,
                      f->try.gap[place].steps, step_name(f, place));
}

/* With the late CPU out of the way: when does the held one come to where the schedule leaves it?
 * There the late one may have to come. */
static int add_gaps(follower *f, follow_scan *s, int64_t *edges, int count)
{
    const follow_try *try = &f->try;

    s->fixed = (follow_delays){.late_from = s->fixed.late_from};
    s->what = FOLLOW_LATE;
    (void)follow_scan_at(&f->try, s, s->to);
    for (int g = 0; g < try->gaps; g++)
        if (try->gap[g].cpu == try->held && try->gap_at[g] > s->fixed.late_from)
            edges[count++] = try->gap_at[g] - s->fixed.late_from;
    return count;
}

/* This CPU is late, or held inside SMM. Prints what comes of it; 1 if the violation shows. */
static int follow_late(follower *f, follow_scan *s, int place)
{
    int64_t edges[EDGES_MAX + FOLLOW_GAPS_MAX];
    int64_t first, last;
    int64_t to;
    int count;
    int reached = 0;
    const machine_setup *setup = &f->try.setup;

    f->try.held = f->try.late;
    s->place = place;
    s->fixed = (follow_delays){.late_from = late_from(f, place)};
    if (s->fixed.late_from < 0)
        return 0;
    s->what = FOLLOW_LATE;
    s->from = 0;
    s->to = (setup->timeout[STEP_TIMEOUT1] + setup->timeout[STEP_TIMEOUT2]) / 8 * 9;
    follow_scan_run(&f->try, s);
    print_place(f, place);
    if (follow_scan_widest(s, &first, &last)) {
        (void)fprintf(f->out, "(0 to ");
        follow_scan_print_time(f->out, s->to);
        (void)fprintf(f->out, "): YES, ");
        follow_scan_print_all(s, f->out);
        f->alone = 1;
        return 1;
    }
    (void)fprintf(f->out, place < 0 ? "by 0 to " : "for 0 to ");
    follow_scan_print_time(f->out, s->to);
    (void)fprintf(f->out, ": not seen\n");
    if (f->alone)
        return 0;
    to = s->to;
    count = find_edges(f, s, edges);
    for (int c = 0; c < setup->config.cpus; c++) {
        f->try.held = c;
        s->to = to;
        if (c != f->try.late && (f->cpus >> c & 1))
            reached |= hold_too(f, s, edges, add_gaps(f, s, edges, count));
    }
    return reached;
}

/* ---- the schedule ----------------------------------------------------------------------- */

/* Steps of each CPU since it entered, as the schedule goes on. */
typedef struct {
    int steps[EXPLORE_SMM_CPUS_MAX], timeouts[EXPLORE_SMM_CPUS_MAX];
    int last; /* who stepped last */
    int triggers;
} reading;

/* A CPU inside SMM is left for another one: between two of its steps it may have to be held. */
static void note_step(follower *f, reading *r, int cpu)
{
    follow_try *try = &f->try;

    for (int c = 0; c < try->setup.config.cpus && r->last != cpu; c++) {
        int known = c == cpu || r->steps[c] == 0;

        for (int g = 0; g < try->gaps; g++)
            known |= try->gap[g].cpu == c && try->gap[g].steps == r->steps[c];
        if (!known && try->gaps < FOLLOW_GAPS_MAX)
            try->gap[try->gaps++] = (follow_gap){c, r->steps[c], r->timeouts[c]};
    }
    r->steps[cpu]++;
    r->last = cpu;
}

static void read_label(follower *f, reading *r, uint32_t label)
{
    const int cpus = f->try.setup.config.cpus;
    const int cpu = (int)SMM_ACTOR(label);

    if (cpu < cpus)
        f->cpus |= UINT64_C(1) << cpu;
    switch (SMM_KIND(label)) {
    case SMM_TRIGGER:
        if (r->triggers++ == 0)
            f->try.writer = cpu % cpus;
        break;
    case SMM_TIMEOUT:
        r->timeouts[cpu]++;
        note_step(f, r, cpu);
        break;
    case SMM_STEP:
        note_step(f, r, cpu);
        break;
    default:
        break;
    }
}

/* Who takes part, who triggers, and where CPUs are left inside SMM. */
static sim_status read_schedule(follower *f, const explore_schedule *schedule, sim_err *err)
{
    reading r = {.last = -1};

    for (int64_t i = 0; i < schedule->count; i++)
        read_label(f, &r, schedule->labels[i]);
    for (int g = f->try.gaps - 1; g >= 0; g--) /* who takes no step any more is held by nobody */
        if (r.steps[f->try.gap[g].cpu] == f->try.gap[g].steps)
            f->try.gap[g] = f->try.gap[--f->try.gaps];
    if (r.triggers < 1 || r.triggers > 2)
        return err_set(err, SIM_BAD_INPUT, "schedule: %d triggers (would be right: one or two)",
                       r.triggers);
    return SIM_OK;
}

/* With hardware delivery a trigger is nobody's: "p0" is read as that. */
static void trigger_by_hardware(explore_schedule *schedule, uint32_t *labels, int cpus)
{
    for (int64_t i = 0; i < schedule->count; i++)
        if (SMM_KIND(labels[i]) == SMM_TRIGGER)
            labels[i] = SMM_LABEL(SMM_TRIGGER, cpus, SMM_ANSWER(labels[i]));
}

/* What it violates, of what explore judges unless told otherwise or of the rest; or -1. */
static int find_violation(const follower *f, const explore_smm *smm,
                          const explore_schedule *schedule, int on)
{
    for (int p = 0; p < RULE_COUNT; p++) {
        explore_schedule judged = *schedule;
        uint64_t digest;
        sim_err ignored;

        judged.property = p;
        if (rules[p].on == on && (f->request->property < 0 || f->request->property == p) &&
            explore_smm_digest(smm, &judged, &digest, &ignored) == SIM_OK)
            return p;
    }
    return -1;
}

/* What the schedule violates on this machine's protocol. */
static sim_status judge_schedule(follower *f, const explore_smm *smm,
                                 const explore_schedule *schedule, sim_err *err)
{
    const follow_request *request = f->request;
    uint64_t digest;

    if (explore_smm_digest(smm, schedule, &digest, err) != SIM_OK)
        return err_set(err, SIM_BAD_INPUT,
                       "schedule: %s (would be right: the settings that explore had)", err->text);
    if (request->has_digest && request->digest != digest)
        return err_set(err, SIM_BAD_INPUT,
                       "schedule: these steps come to %016" PRIx64 ", it was recorded with "
                       "%016" PRIx64 " (would be right: the settings that explore had)",
                       digest, request->digest);
    f->try.property = find_violation(f, smm, schedule, 1);
    if (f->try.property < 0)
        f->try.property = find_violation(f, smm, schedule, 0);
    if (f->try.property < 0)
        return err_set(err, SIM_BAD_INPUT,
                       "schedule: it does not violate %s with these settings (would be right: "
                       "those that explore had)",
                       request->property < 0 ? "anything" : rules[request->property].name);
    if (!follow_judge_knows(f->try.property))
        return err_set(err, SIM_BAD_INPUT,
                       "schedule: %s cannot be seen in time (would be right: no-deadlock, "
                       "no-lost-smi, all-in, door, clean, job-held or rendezvous-true)",
                       rules[f->try.property].name);
    return SIM_OK;
}

/* `labels` are those of the schedule. */
static sim_status check(follower *f, explore_schedule *schedule, uint32_t *labels, sim_err *err)
{
    explore_smm_settings settings;
    step_config config;
    explore_smm *smm;
    sim_status s = follow_settings_fill(&f->try.setup, f->try.second < 0 ? 1 : 2, &settings, err);

    if (s == SIM_OK)
        s = explore_smm_check_settings(&settings, &config, err);
    if (s == SIM_OK)
        s = explore_smm_check_schedule(&settings, schedule, err);
    if (s == SIM_OK)
        s = read_schedule(f, schedule, err);
    if (s != SIM_OK)
        return s;
    if (f->hardware)
        trigger_by_hardware(schedule, labels, settings.cpus);
    smm = explore_smm_new(&settings, &config);
    s = judge_schedule(f, smm, schedule, err);
    explore_smm_free(smm);
    return s;
}

/* ---- all of it -------------------------------------------------------------------------- */

/* A CPU that is late writes no port: with broadcast another one triggers in its stead. One that is
 * held inside SMM may have triggered itself. */
static int follow_each(follower *f, follow_scan *s)
{
    follow_try *try = &f->try;
    int unicast = try->setup.delivery == DELIVERY_UNICAST;
    uint64_t reach = follow_settings_reach(&try->setup); /* a blocked CPU writes no port, either */
    int named = try->writer;
    int reached = 0;

    f->alone = 0;
    for (int c = 0; c < try->setup.config.cpus; c++) {
        if (!(f->cpus >> c & 1) || (unicast && c == named && __builtin_popcountll(f->cpus) > 1))
            continue;
        try->late = c;
        try->writer = named;
        for (int w = 0; !unicast && try->writer == c && w < try->setup.config.cpus; w++)
            try->writer = w != c && (reach >> w & 1) ? w : try->writer;
        reached += follow_late(f, s, -1);
    }
    try->writer = named;
    for (int g = 0; g < try->gaps; g++) {
        try->late = try->gap[g].cpu;
        if (try->gap[g].timeouts == 0)
            reached += follow_late(f, s, g);
    }
    return reached > 0;
}

/* The schedule is this machine's. */
static sim_status follow_all(follower *f, follow_scan *s, sim_err *err)
{
    const uint32_t repetitions = f->request->repetitions;
    const machine_setup *setup = &f->try.setup;
    uint32_t reached = 0;

    (void)fprintf(f->out, "follow      %s, %u CPUs: a schedule that violates %s\n",
                  setup->protocol->name, setup->config.cpus, rules[f->try.property].name);
    for (; f->try.repetition < repetitions; f->try.repetition++) {
        (void)fprintf(f->out, "repetition %u\n", f->try.repetition);
        reached += (uint32_t)(f->try.second < 0 ? follow_each(f, s)
                                                : follow_second_run(&f->try, s, f->out));
    }
    (void)fprintf(f->out, "verdict     %s in %u of %u repetitions; %" PRIu64 " runs\n",
                  reached ? "it can happen here:" : "NOT SEEN within the delays above:", reached,
                  repetitions, f->try.runs);
    if (f->try.stopped > 0)
        return err_set(err, SIM_FINDING, "follow: %" PRIu64 " of %" PRIu64 " runs: %s",
                       f->try.stopped, f->try.runs, f->try.why);
    return reached ? SIM_FINDING : SIM_OK;
}

sim_status follow_run(const machine_setup *setup, const follow_request *request, FILE *out,
                      sim_err *err)
{
    explore_schedule schedule = {.property = -1};
    uint32_t *labels;
    follower *f;
    follow_scan *s;
    sim_status status;

    if (setup->config.cpus >= EXPLORE_SMM_CPUS_MAX)
        return err_set(err, SIM_BAD_INPUT,
                       "follow: explore knows up to %d CPUs (would be right: --set cpus=2)",
                       EXPLORE_SMM_CPUS_MAX - 1);
    status = explore_smm_parse_schedule(request->schedule, &labels, &schedule.count, err);
    if (status != SIM_OK)
        return status;
    f = sim_alloc(1, sizeof *f);
    s = sim_alloc(1, sizeof *s);
    schedule.labels = labels;
    follow_try_init(&f->try, setup, follow_second_cpu(&schedule, setup->config.cpus));
    f->request = request;
    f->out = out;
    f->hardware = setup->delivery == DELIVERY_HARDWARE;
    f->try.seed = request->seed;
    status = check(f, &schedule, labels, err);
    if (status == SIM_OK)
        status = follow_all(f, s, err);
    follow_try_free(&f->try);
    free(labels);
    free(s);
    free(f);
    return status;
}
