/* SPDX-License-Identifier: Apache-2.0 */
/* follow: can what a schedule of smmsim explore shows happen in time, and how wide is the window.
 */
#include "workloads/follow.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "models/edk2.h"
#include "models/explore_smm.h"
#include "models/machine.h"
#include "sim/units.h"

enum {
    SMI_THREAD,
    LATE_THREAD,
    HELD_THREAD,
    THREADS,
    PROBES_MAX = 3000,
    COARSE = 32,
    TIMEOUTS_MAX = 8,
    EDGES_MAX = 6,
    STRETCHES_MAX = 8
};
/* The SMI comes then, so that a hold can begin before it. */
#define START PS_PER_MS

/* Delays of one run. */
typedef struct {
    int64_t late;   /* the late CPU is held still for so long when the SMI comes */
    int64_t from;   /* the held one from then on */
    int64_t length; /* for so long; 0: not at all */
} delays;

typedef struct {
    int64_t at;
    uint64_t kind; /* of outcome; the lowest bit: the violation */
} probe;

typedef struct {
    uint16_t cpu;
    int64_t at;
} timeout;

typedef struct {
    machine_setup setup;
    program prog;
    program_call call[THREADS];
    program_thread thread[THREADS];
    machine *m;
    run_record record;
    const follow_request *request;
    uint32_t repetition;
    int property;
    uint64_t cpus; /* of the schedule: a set */
    int writer, late, held;
    uint64_t runs;
    FILE *out;
    /* of the run under way */
    uint64_t inside;
    uint32_t cnt, syn;
    int arrived, in_handler, hit;
    timeout timeouts[TIMEOUTS_MAX];
    int timeout_count;
} follower;

/* Which delay is scanned; the others stay. */
typedef struct {
    delays fixed;
    int of_hold; /* 1: `from`, else `late` */
    int64_t from, to;
    int64_t edge; /* delay of the late CPU at which the outcome changes */
    probe probe[PROBES_MAX];
    int count;
} scan;

/* ---- what a run shows ------------------------------------------------------------------- */

/* Nobody runs normal code while the handler of a round runs whose BSP has seen all arrive. */
static void watch_all_in(follower *f, const machine_event *e)
{
    const step_config *c = &f->setup.config;

    if (e->mark == MARK_WAITED_APS)
        f->arrived = !e->result.timed_out && (c->traditional || c->mtrr);
    if (e->mark == MARK_HANDLER)
        f->in_handler = 1;
    if (e->mark == MARK_HANDLER_END)
        f->in_handler = f->arrived = 0;
    if (f->property == EXPLORE_SMM_ALL_IN && f->in_handler && f->arrived &&
        __builtin_popcountll(f->inside) < c->cpus)
        f->hit = 1;
}

static void watch_door(follower *f, const step_request *request, const step_result *result)
{
    uint32_t cnt = step_word(f->setup.protocol, &f->setup.config, EDK2_CNT, 0);
    uint32_t syn = step_word(f->setup.protocol, &f->setup.config, EDK2_SYN, 0);
    uint32_t *word = request->word == cnt ? &f->cnt : &f->syn;

    if (request->word != cnt && request->word != syn)
        return;
    if (request->op == STEP_STORE || (request->op == STEP_CAS && result->value == request->a))
        *word = request->op == STEP_STORE ? request->a : request->b;
    if (f->property == EXPLORE_SMM_DOOR && f->cnt == EDK2_LOCKED && f->syn == 0)
        f->hit = 1;
}

static void event(void *self, const machine_event *e)
{
    follower *f = self;

    if (!e->request)
        f->inside ^= UINT64_C(1) << e->cpu;
    else if (e->request->op < STEP_LOCAL)
        watch_door(f, e->request, &e->result);
    if (e->request && e->result.timed_out && f->timeout_count < TIMEOUTS_MAX)
        f->timeouts[f->timeout_count++] = (timeout){e->cpu, e->at};
    watch_all_in(f, e);
}

static dist *constant(dist *old, int64_t time)
{
    dist_free(old);
    return dist_constant(time > 0 ? time : 0);
}

/* The kind of outcome with these delays. */
static uint64_t run_with(follower *f, const delays *d)
{
    const machine_observer observer = {event, f};
    const run_counters *c = &f->record.count;

    f->call[LATE_THREAD].time = constant(f->call[LATE_THREAD].time, d->late);
    f->call[HELD_THREAD].think = constant(f->call[HELD_THREAD].think, d->from);
    f->call[HELD_THREAD].time = constant(f->call[HELD_THREAD].time, d->length);
    f->call[LATE_THREAD].cpu = f->late;
    f->call[HELD_THREAD].cpu = f->held;
    f->call[SMI_THREAD].cpu = f->writer;
    f->inside = f->cnt = f->syn = 0;
    f->arrived = f->in_handler = f->hit = f->timeout_count = 0;
    machine_run(f->m, f->request->seed, f->repetition, &f->record, &observer);
    f->runs++;
    if (f->property == EXPLORE_SMM_NO_DEADLOCK)
        f->hit = c->hang != 0;
    if (f->property == EXPLORE_SMM_NO_LOST_SMI)
        f->hit = c->lost != 0 && !c->hang;
    return (uint64_t)f->hit | c->hang << 1 | c->lost << 2 | c->late << 8 | c->timeout1 << 16 |
           c->timeout2 << 24 | c->directed << 32;
}

/* ---- scans ------------------------------------------------------------------------------ */

static uint64_t run_at(follower *f, const scan *s, int64_t at)
{
    delays d = s->fixed;

    *(s->of_hold ? &d.from : &d.late) = at;
    return run_with(f, &d);
}

/* COARSE steps; then, wherever two neighbours differ, halves down to one picosecond. */
static void run_scan(follower *f, scan *s)
{
    s->count = 0;
    for (int i = 0; i <= COARSE; i++) {
        int64_t at = s->from + (s->to - s->from) / COARSE * i;

        s->probe[s->count++] = (probe){at, run_at(f, s, at)};
    }
    for (int i = 0; i + 1 < s->count;) {
        probe *p = &s->probe[i];
        int64_t middle = p[0].at + (p[1].at - p[0].at) / 2;

        if (p[0].kind == p[1].kind || p[1].at - p[0].at < 2 || s->count == PROBES_MAX) {
            i++;
            continue;
        }
        memmove(p + 2, p + 1, (size_t)(s->count - i - 1) * sizeof *p);
        s->count++;
        p[1] = (probe){middle, run_at(f, s, middle)};
    }
}

/* The widest stretch in which the violation shows, both ends included; 0 if there is none. */
static int widest(const scan *s, int64_t *first, int64_t *last)
{
    int found = 0;

    for (int i = 0; i < s->count; i++) {
        int end = i;

        if (!(s->probe[i].kind & 1))
            continue;
        while (end + 1 < s->count && (s->probe[end + 1].kind & 1))
            end++;
        if (!found || s->probe[end].at - s->probe[i].at > *last - *first) {
            *first = s->probe[i].at;
            *last = s->probe[end].at;
        }
        found = 1;
        i = end;
    }
    return found;
}

/* Nanoseconds with their thousandths, exactly. */
static void print_ns(FILE *out, int64_t ps)
{
    (void)fprintf(out, "%s%" PRId64 ".%03" PRId64 " ns", ps < 0 ? "-" : "",
                  (ps < 0 ? -ps : ps) / 1000, (ps < 0 ? -ps : ps) % 1000);
}

static void print_range(const follower *f, int64_t first, int64_t last)
{
    (void)fprintf(f->out, "from ");
    print_ns(f->out, first);
    (void)fprintf(f->out, " to ");
    print_ns(f->out, last);
    (void)fprintf(f->out, ", ");
    print_ns(f->out, last - first + 1);
    (void)fprintf(f->out, " wide\n");
}

/* A stretch of each delay in which the violation shows. */
typedef struct {
    int found;
    int64_t hold_first, hold_last; /* after the timeout of the held CPU */
    int64_t late_first, late_last;
} window;

/* The hold stays and the late CPU comes earlier and later; then the other way round. */
static void measure(follower *f, scan *s, const timeout *t, window *best)
{
    int64_t length = s->fixed.length;
    window w = {.found = 1};

    s->of_hold = 0;
    s->from = s->edge > length ? s->edge - length : 0;
    s->to = s->edge + 2 * length;
    run_scan(f, s);
    if (!widest(s, &w.late_first, &w.late_last))
        return;
    s->of_hold = 1;
    s->fixed.late = w.late_first + (w.late_last - w.late_first) / 2;
    s->from = s->fixed.from - PS_PER_US;
    s->to = s->fixed.from + PS_PER_US;
    run_scan(f, s);
    if (!widest(s, &w.hold_first, &w.hold_last))
        return;
    w.hold_first -= t->at;
    w.hold_last -= t->at;
    if (!best->found || w.late_last - w.late_first > best->late_last - best->late_first)
        *best = w;
}

/* The late CPU comes at the middle of the hold. Each begin of the hold with an outcome of its own
 * is worth a closer look: one of each stretch. */
static void try_hold(follower *f, scan *s, const timeout *t, window *best)
{
    delays fixed = {.late = s->edge + s->fixed.length / 2, .length = s->fixed.length};
    int64_t begins[STRETCHES_MAX];
    int count = 0;

    s->fixed = fixed;
    s->of_hold = 1;
    s->from = t->at > fixed.length ? t->at - fixed.length : 0;
    s->to = t->at + fixed.length / 2;
    run_scan(f, s);
    for (int i = 0, end; i < s->count && count < STRETCHES_MAX; i = end) {
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

/* At an edge of the outcome a timeout and an arrival meet: there a short hold may matter. */
static void try_edge(follower *f, scan *s, int64_t length, window *best)
{
    timeout timeouts[TIMEOUTS_MAX];
    int count;

    s->fixed = (delays){0};
    s->of_hold = 0;
    (void)run_at(f, s, s->edge);
    count = f->timeout_count;
    memcpy(timeouts, f->timeouts, sizeof timeouts);
    for (int t = 0; t < count; t++) {
        s->fixed = (delays){.length = length};
        if (timeouts[t].cpu == f->held)
            try_hold(f, s, &timeouts[t], best);
    }
}

/* Another CPU is held still as well, from about its timeout on; 1 if that does it. */
static int hold_too(follower *f, scan *s, const int64_t *edges, int count)
{
    static const int64_t lengths[] = {PS_PER_US, 10 * PS_PER_US, 100 * PS_PER_US, PS_PER_MS,
                                      10 * PS_PER_MS};
    int reached = 0;

    for (int i = 0; i < (int)(sizeof lengths / sizeof lengths[0]); i++) {
        window best = {0};
        char text[32];

        for (int e = 0; e < count; e++) {
            s->edge = edges[e];
            try_edge(f, s, lengths[i], &best);
        }
        (void)units_human(UNIT_TIME, lengths[i], 3, text, sizeof text);
        (void)fprintf(f->out, "    and CPU %d held for %s: %s\n", f->held, text,
                      best.found ? "YES" : "not seen");
        if (!best.found)
            continue;
        (void)fprintf(f->out, "      the hold begins after its timeout ");
        print_range(f, best.hold_first, best.hold_last);
        (void)fprintf(f->out, "      CPU %d is late ", f->late);
        print_range(f, best.late_first, best.late_last);
        reached = 1;
    }
    return reached;
}

/* Where the outcome changes; EDGES_MAX at most. */
static int find_edges(const follower *f, const scan *s, int64_t edges[EDGES_MAX])
{
    int count = 0;

    for (int i = 0; i + 1 < s->count && count < EDGES_MAX; i++)
        if (s->probe[i].kind != s->probe[i + 1].kind)
            edges[count++] = s->probe[i + 1].at;
    for (int i = 0; i < count; i++) {
        (void)fprintf(f->out, i ? ", " : "    the outcome changes at ");
        print_ns(f->out, edges[i]);
    }
    (void)fprintf(f->out, count ? "\n" : "    the outcome never changes\n");
    return count;
}

/* This CPU is late. Prints what comes of it; 1 if the violation shows. */
static int follow_late(follower *f, scan *s)
{
    int64_t edges[EDGES_MAX];
    int64_t first, last;
    int count;
    int reached = 0;

    s->fixed = (delays){0};
    s->of_hold = 0;
    s->from = 0;
    s->to = (f->setup.timeout[STEP_TIMEOUT1] + f->setup.timeout[STEP_TIMEOUT2]) / 8 * 9;
    f->held = f->late;
    run_scan(f, s);
    (void)fprintf(f->out, "  CPU %d triggers, CPU %d is late ", f->writer, f->late);
    if (widest(s, &first, &last)) {
        (void)fprintf(f->out, "(0 to ");
        print_ns(f->out, s->to);
        (void)fprintf(f->out, "): YES, ");
        print_range(f, first, last);
        return 1;
    }
    (void)fprintf(f->out, "by 0 to ");
    print_ns(f->out, s->to);
    (void)fprintf(f->out, ": not seen\n");
    count = find_edges(f, s, edges);
    for (int c = 0; c < f->setup.config.cpus; c++) {
        f->held = c;
        if (c != f->late && (f->cpus >> c & 1))
            reached |= hold_too(f, s, edges, count);
    }
    return reached;
}

/* ---- the schedule ----------------------------------------------------------------------- */

/* Who takes part and who triggers; steps are "p0", "e1", "0*12", "t1", "0=1". */
static sim_status read_cpus(follower *f, sim_err *err)
{
    int pulses = 0;

    for (const char *at = f->request->schedule; *at;) {
        int pulse = *at == 'p';
        char *end;
        unsigned long cpu;

        at += *at < '0' || *at > '9';
        cpu = strtoul(at, &end, 10);
        if (end != at && cpu < f->setup.config.cpus)
            f->cpus |= UINT64_C(1) << cpu;
        else if (end != at && !pulse)
            return err_set(err, SIM_BAD_INPUT,
                           "--follow: the schedule has a CPU %lu (would be right: --set cpus=%lu)",
                           cpu, cpu + 1);
        f->writer = pulse ? (int)(cpu % f->setup.config.cpus) : f->writer;
        pulses += pulse;
        at = end + strcspn(end, " ");
        at += strspn(at, " ");
    }
    if (pulses != 1)
        return err_set(err, SIM_BAD_INPUT,
                       "--follow: the schedule has %d triggers (would be right: one)", pulses);
    return SIM_OK;
}

static void explored_settings(const machine_setup *setup, explore_smm_settings *out)
{
    const step_config *c = &setup->config;

    explore_smm_defaults(out);
    out->protocol = setup->protocol;
    out->cpus = c->cpus;
    out->possible = c->possible;
    out->boot_cpu = c->boot_cpu;
    out->excused = c->excused;
    out->traditional = c->traditional;
    out->election = c->election;
    out->mtrr = c->mtrr;
    out->debug_agent = c->debug_agent;
    /* the chipset's own is followed as broadcast: who triggers makes no difference to who comes */
    out->delivery = param_int(setup->params, P_DELIVERY) == DELIVERY_UNICAST
                        ? EXPLORE_SMM_UNICAST
                        : EXPLORE_SMM_BROADCAST;
    out->reduce = 0;
}

/* What the schedule violates on this machine's protocol. */
static sim_status judge_schedule(follower *f, const explore_smm *smm, sim_err *err)
{
    explore_smm_schedule schedule = {.property = -1};
    uint32_t *labels;
    uint64_t digest;
    sim_status s = explore_smm_parse_schedule(f->request->schedule, &labels, &schedule.count, err);

    if (s != SIM_OK)
        return err_prefix(err, s, "--follow");
    schedule.labels = labels;
    s = explore_smm_digest(smm, &schedule, &digest, err);
    f->property = -1;
    for (int p = 0; s == SIM_OK && p < EXPLORE_SMM_PROPERTY_COUNT && f->property < 0; p++) {
        sim_err ignored;

        schedule.property = p;
        if (explore_smm_properties[p].on &&
            explore_smm_digest(smm, &schedule, &digest, &ignored) == SIM_OK)
            f->property = p;
    }
    free(labels);
    if (s != SIM_OK)
        return err_set(err, SIM_BAD_INPUT,
                       "--follow: %s (would be right: the settings that explore had)", err->text);
    if (f->property < 0)
        return err_set(err, SIM_BAD_INPUT,
                       "--follow: the schedule violates nothing with these settings");
    if (f->property != EXPLORE_SMM_NO_DEADLOCK && f->property != EXPLORE_SMM_NO_LOST_SMI &&
        f->property != EXPLORE_SMM_ALL_IN && f->property != EXPLORE_SMM_DOOR)
        return err_set(err, SIM_BAD_INPUT,
                       "--follow: %s cannot be seen in time (would be right: no-deadlock, "
                       "no-lost-smi, all-in or door)",
                       explore_smm_properties[f->property].name);
    return SIM_OK;
}

static sim_status check(follower *f, sim_err *err)
{
    explore_smm_settings settings;
    step_config config;
    explore_smm *smm;
    sim_status s;

    if (strncmp(f->setup.protocol->name, "edk2", 4) != 0 ||
        f->setup.config.cpus > EXPLORE_SMM_CPUS_MAX - 1)
        return err_set(err, SIM_BAD_INPUT,
                       "--follow: explore knows edk2 only, up to %d CPUs (would be right: --set "
                       "cpus=2)",
                       EXPLORE_SMM_CPUS_MAX - 1);
    s = read_cpus(f, err);
    if (s != SIM_OK)
        return s;
    explored_settings(&f->setup, &settings);
    s = explore_smm_check_settings(&settings, &config, err);
    if (s != SIM_OK)
        return s;
    smm = explore_smm_new(&settings, &config);
    s = judge_schedule(f, smm, err);
    explore_smm_free(smm);
    return s;
}

/* ---- all of it -------------------------------------------------------------------------- */

static void prepare(follower *f)
{
    f->prog = (program){.call = f->call, .thread = f->thread, .calls = THREADS, .threads = THREADS};
    for (uint32_t i = 0; i < THREADS; i++) {
        f->thread[i] = (program_thread){i, i + 1};
        f->call[i] = (program_call){.skip = i + 1,
                                    .kind = i == SMI_THREAD ? CALL_SMI : CALL_HOLD,
                                    .first = 1,
                                    .think = i == HELD_THREAD ? NULL : dist_constant(START)};
    }
    f->setup.program = &f->prog;
    f->m = machine_new(&f->setup);
    record_init(&f->record);
}

static void end(follower *f)
{
    for (int i = 0; i < THREADS; i++) {
        dist_free(f->call[i].think);
        dist_free(f->call[i].time);
    }
    record_free(&f->record);
    machine_free(f->m);
}

/* A CPU that is held writes no port: with broadcast another one triggers in its stead. */
static int follow_each(follower *f, scan *s)
{
    int unicast = param_int(f->setup.params, P_DELIVERY) == DELIVERY_UNICAST;
    int named = f->writer;
    int reached = 0;

    for (int c = 0; c < f->setup.config.cpus; c++) {
        if (!(f->cpus >> c & 1) || (unicast && c == named && __builtin_popcountll(f->cpus) > 1))
            continue;
        f->late = c;
        f->writer = named;
        for (int w = 0; !unicast && f->writer == c && w < f->setup.config.cpus; w++)
            f->writer = w != c ? w : f->writer;
        reached += follow_late(f, s);
    }
    f->writer = named;
    return reached > 0;
}

sim_status follow_run(const machine_setup *setup, const follow_request *request, FILE *out,
                      sim_err *err)
{
    follower *f = sim_alloc(1, sizeof *f);
    scan *s = sim_alloc(1, sizeof *s);
    uint32_t reached = 0;
    sim_status status;

    f->setup = *setup;
    f->request = request;
    f->out = out;
    status = check(f, err);
    if (status == SIM_OK) {
        prepare(f);
        (void)fprintf(out, "follow      %s, %u CPUs: a schedule that violates %s\n",
                      setup->protocol->name, setup->config.cpus,
                      explore_smm_properties[f->property].name);
        for (; f->repetition < request->repetitions; f->repetition++) {
            (void)fprintf(out, "repetition %u\n", f->repetition);
            reached += (uint32_t)follow_each(f, s);
        }
        (void)fprintf(out, "verdict     %s in %u of %u repetitions; %" PRIu64 " runs\n",
                      reached ? "it can happen here:" : "NOT SEEN within the delays above:",
                      reached, request->repetitions, f->runs);
        status = reached ? SIM_FINDING : SIM_OK;
        end(f);
    }
    free(s);
    free(f);
    return status;
}
