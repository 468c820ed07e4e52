/* SPDX-License-Identifier: Apache-2.0 */
/* trace_lanes: follows each CPU through a log, and gives its slices to JSON or CSV. */
#include "sim/cli/trace_lanes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/lib/bytes.h"
#include "sim/lib/stat.h"

/* Phases of one CPU, in the words of docs/MODEL.md. */
#define LANES(X)                    \
    X(ENTRY, "entry")               \
    X(ARRIVAL, "arrival")           \
    X(WAIT_BSP, "wait for the BSP") \
    X(WAIT_APS, "wait for the APs") \
    X(BARRIERS, "barriers")         \
    X(HANDLER, "handler")           \
    X(HELD, "held")                 \
    X(JOB, "job")                   \
    X(RELEASE, "release")           \
    X(EXIT, "exit")

#define LANE_ID(id, name) LANE_##id,
typedef enum { LANES(LANE_ID) LANE_COUNT } lane;
#undef LANE_ID
#define LANE_NAME(id, name) name,
static const char *const lane_names[LANE_COUNT] = {LANES(LANE_NAME)};
#undef LANE_NAME

typedef enum { KIND_PORT, KIND_VISIT, KIND_PHASE, KIND_STEP } slice_kind;
static const char *const kind_names[] = {"port", "visit", "phase", "step"};

/* Where slices, arrows and the counter go. */
typedef struct sink {
    void (*slice)(const struct sink *s, uint32_t cpu, slice_kind kind, const trace_span *span);
    void (*arrow)(const struct sink *s, const char *name, trace_point from, trace_point to);
    void (*arrived)(const struct sink *s, int64_t at, uint32_t count);
    const trace_log *log;
    trace *json;
    csv_writer *csv;
    const trace_smi *smi;
    bytes *edges; /* of the rows of CSV: instants at which something changed */
} sink;

typedef struct {
    int64_t port;  /* an unserved port write began, or PS_NEVER */
    int64_t taken; /* or PS_NEVER: not stopped */
    int64_t last;  /* its last event */
    int64_t phase_begin;
    int64_t ipi_at; /* a directed SMI was sent to it then, or PS_NEVER */
    uint32_t visit;
    uint16_t ipi_from;
    uint8_t phase; /* lane */
    uint8_t held;  /* the BSP, or the holder of a lock, decides when it goes on */
    uint8_t begun; /* it is or was the BSP in this visit: 1 before its handler, 2 in it, 3 after */
    uint8_t reserved;
} track;

typedef struct {
    int64_t at;
    uint16_t cpu;
    uint8_t by_bsp;
} last_write;

typedef struct {
    const trace_log *log;
    sink *to;
    track *cpu;
    last_write *write; /* by word */
    uint32_t inside;
} walk;

/* ---- one CPU ---------------------------------------------------------------------------- */

static void end_phase(walk *w, uint32_t cpu, int64_t at)
{
    track *t = &w->cpu[cpu];
    trace_span span = {.begin = t->phase_begin, .end = at, .name = lane_names[t->phase]};

    if (span.end > span.begin)
        w->to->slice(w->to, cpu, KIND_PHASE, &span);
    t->phase_begin = at;
}

static void change_phase(walk *w, uint32_t cpu, lane to, int64_t at)
{
    if (w->cpu[cpu].phase == to)
        return;
    end_phase(w, cpu, at);
    w->cpu[cpu].phase = (uint8_t)to;
}

/* The phase that a step belongs to, from what the CPU did before and what the row is for. */
static lane phase_of(const walk *w, const trace_event *e)
{
    const track *t = &w->cpu[e->cpu];
    step_mark mark = (step_mark)w->log->setup->config.code[e->row].mark;

    if (mark == MARK_WAITED_BSP)
        return LANE_WAIT_BSP;
    if (mark == MARK_WAITED_APS)
        return LANE_WAIT_APS;
    if (e->request.op == STEP_LOCAL && e->request.local == LOCAL_JOB)
        return LANE_JOB;
    if (e->request.op == STEP_LEAVE)
        return t->held ? LANE_HELD : t->begun ? LANE_RELEASE : LANE_ARRIVAL;
    if (t->begun)
        return t->begun == 1 ? LANE_BARRIERS : t->begun == 2 ? LANE_HANDLER : LANE_RELEASE;
    return t->held ? LANE_HELD : LANE_ARRIVAL;
}

static void note_mark(track *t, step_mark mark)
{
    if (mark == MARK_BSP_IN)
        t->begun = 1;
    else if (mark == MARK_HANDLER)
        t->begun = 2;
    else if (mark == MARK_HANDLER_END)
        t->begun = 3;
    else if (mark == MARK_PRESENT || mark == MARK_TOO_LATE)
        t->held = 1;
}

static int writes(const trace_event *e)
{
    return e->request.op == STEP_STORE || e->request.op == STEP_ADD ||
           (e->request.op == STEP_CAS && e->result.value == e->request.a);
}

static trace_point point(const walk *w, uint32_t cpu, int64_t at)
{
    return (trace_point){{w->log->repetition + 1, cpu + 1}, at};
}

/* A wait that ends because the BSP has written the word meanwhile. */
static void draw_release(walk *w, const trace_event *e)
{
    const last_write *by = &w->write[e->request.word];

    if (e->request.op != STEP_WAIT || e->result.timed_out || !by->by_bsp || by->cpu == e->cpu)
        return;
    if (by->at >= w->cpu[e->cpu].last && by->at <= e->at)
        w->to->arrow(w->to, "release", point(w, by->cpu, by->at), point(w, e->cpu, e->at));
}

static void step(walk *w, const trace_event *e)
{
    const step_row *row = &w->log->setup->protocol->rows[e->row];
    track *t = &w->cpu[e->cpu];
    char name[64];
    trace_span span = {.begin = t->last, .end = e->at, .name = name, .detail = row->what};

    change_phase(w, e->cpu, phase_of(w, e), t->last);
    (void)snprintf(name, sizeof name, "%s%s%s%s", row->name, *row->marker ? " " : "", row->marker,
                   e->result.timed_out ? " timeout" : "");
    w->to->slice(w->to, e->cpu, KIND_STEP, &span);
    draw_release(w, e);
    note_mark(t, (step_mark)e->mark);
    if (e->request.op <= STEP_ADD && writes(e))
        w->write[e->request.word] = (last_write){e->at, e->cpu, t->begun > 0};
    if (e->request.op == STEP_IPI && w->cpu[e->request.target].ipi_at == PS_NEVER) {
        w->cpu[e->request.target].ipi_at = e->at;
        w->cpu[e->request.target].ipi_from = e->cpu;
    }
    if (e->request.op == STEP_LEAVE)
        change_phase(w, e->cpu, LANE_EXIT, e->at);
}

static void taken(walk *w, const trace_event *e)
{
    track *t = &w->cpu[e->cpu];
    uint8_t via = w->log->record.visit[e->index].via;

    if (t->port != PS_NEVER)
        w->to->slice(w->to, e->cpu, KIND_PORT,
                     &(trace_span){t->port, e->at, "port write", "port 0xB2: raises the SMI"});
    if (t->ipi_at != PS_NEVER && via != VIA_TRIGGER && t->ipi_at <= e->at)
        w->to->arrow(w->to, "directed SMI", point(w, t->ipi_from, t->ipi_at),
                     point(w, e->cpu, e->at));
    *t = (track){.port = PS_NEVER,
                 .taken = e->at,
                 .last = e->at,
                 .phase_begin = e->at,
                 .ipi_at = PS_NEVER,
                 .visit = e->index,
                 .phase = LANE_ENTRY};
}

static void entered(walk *w, const trace_event *e)
{
    w->cpu[e->cpu].last = e->at;
    change_phase(w, e->cpu, LANE_ARRIVAL, e->at);
    w->to->arrived(w->to, e->at, ++w->inside);
}

static void end_visit(walk *w, uint32_t cpu, int64_t at)
{
    static const char *const via[] = {"SMI", "directed SMI", "latched SMI"};
    static const char *const role[] = {"?", "BSP", "AP", "too late", "checked out", "spurious"};
    track *t = &w->cpu[cpu];
    const visit_record *v = &w->log->record.visit[t->visit];
    char name[64];
    trace_span span = {.begin = t->taken, .end = at, .name = name};

    end_phase(w, cpu, at);
    (void)snprintf(name, sizeof name, "%s: %s", via[v->via], role[v->role]);
    w->to->slice(w->to, cpu, KIND_VISIT, &span);
    t->taken = PS_NEVER;
}

static void left(walk *w, const trace_event *e)
{
    SIM_ASSERT(w->inside > 0 && w->cpu[e->cpu].taken != PS_NEVER);
    end_visit(w, e->cpu, e->at);
    w->to->arrived(w->to, e->at, --w->inside);
}

static void follow(const trace_log *log, sink *to)
{
    uint32_t cpus = log->setup->config.cpus;
    walk w = {.log = log, .to = to};

    w.cpu = sim_alloc(cpus, sizeof *w.cpu);
    w.write =
        sim_alloc(step_word_count(log->setup->protocol, &log->setup->config), sizeof *w.write);
    for (uint32_t i = 0; i < cpus; i++)
        w.cpu[i] = (track){.port = PS_NEVER, .taken = PS_NEVER, .ipi_at = PS_NEVER};
    for (uint64_t i = 0; i < log->count; i++) {
        const trace_event *e = &log->event[i];

        if (e->kind == LOG_TRIGGER)
            w.cpu[e->cpu].port = e->at;
        else if (e->kind == LOG_TAKEN)
            taken(&w, e);
        else if (e->kind == LOG_ENTERED)
            entered(&w, e);
        else if (e->kind == LOG_STEP)
            step(&w, e);
        else
            left(&w, e);
        if (e->kind != LOG_TRIGGER)
            w.cpu[e->cpu].last = e->at;
    }
    for (uint32_t i = 0; i < cpus; i++) /* the run ended inside: a hang, or run.limit */
        if (w.cpu[i].taken != PS_NEVER)
            end_visit(&w, i, log->record.end > w.cpu[i].last ? log->record.end : w.cpu[i].last);
    free(w.cpu);
    free(w.write);
}

/* ---- JSON ------------------------------------------------------------------------------- */

static void json_slice(const sink *s, uint32_t cpu, slice_kind kind, const trace_span *span)
{
    (void)kind;
    trace_slice(s->json, (trace_place){s->log->repetition + 1, cpu + 1}, span);
}

static void json_arrow(const sink *s, const char *name, trace_point from, trace_point to)
{
    trace_arrow(s->json, name, from, to);
}

static void json_arrived(const sink *s, int64_t at, uint32_t count)
{
    trace_counter(s->json, "CPUs in SMM", (trace_point){{s->log->repetition + 1, 0}, at}, count);
}

void trace_lanes_draw(const trace_log *log, trace *to)
{
    sink s = {json_slice, json_arrow, json_arrived, log, to, NULL, NULL, NULL};
    char name[64];

    (void)snprintf(name, sizeof name, "repetition %u", log->repetition);
    trace_name_group(to, log->repetition + 1, name);
    for (uint32_t i = 0; i < log->setup->config.cpus; i++) {
        (void)snprintf(name, sizeof name, "CPU %u", i);
        trace_name_track(to, (trace_place){log->repetition + 1, i + 1}, name);
    }
    follow(log, &s);
}

/* ---- CSV -------------------------------------------------------------------------------- */

typedef struct {
    const char *kind;
    const char *name;
    int64_t begin, end;
    int64_t cpu, to_cpu; /* or -1 */
} lane_row;

static void put_row(const sink *s, const lane_row *row)
{
    if (row->end < s->smi->begin || row->begin > s->smi->end)
        return;
    if (s->edges) {
        bytes_add(s->edges, &row->begin, sizeof row->begin);
        bytes_add(s->edges, &row->end, sizeof row->end);
    }
    csv_text(s->csv, row->kind);
    csv_u64(s->csv, s->smi->repetition);
    csv_u64(s->csv, s->smi->trigger);
    for (int i = 0; i < 2; i++)
        if ((i ? row->to_cpu : row->cpu) >= 0)
            csv_i64(s->csv, i ? row->to_cpu : row->cpu);
        else
            csv_empty(s->csv);
    csv_decimal(s->csv, row->begin - s->smi->begin, 3);
    csv_decimal(s->csv, row->end - s->smi->begin, 3);
    csv_text(s->csv, row->name);
    csv_end_row(s->csv);
}

static void csv_slice(const sink *s, uint32_t cpu, slice_kind kind, const trace_span *span)
{
    sink quiet = *s;

    if (kind == KIND_VISIT || kind == KIND_STEP) /* their ends that matter are a phase's, too */
        quiet.edges = NULL;
    put_row(&quiet, &(lane_row){kind_names[kind], span->name, span->begin, span->end, cpu, -1});
}

static void csv_arrow(const sink *s, const char *name, trace_point from, trace_point to)
{
    put_row(s,
            &(lane_row){"arrow", name, from.at, to.at, from.place.track - 1, to.place.track - 1});
}

static void csv_arrived(const sink *s, int64_t at, uint32_t count)
{
    char text[16];

    (void)snprintf(text, sizeof text, "%u", count);
    put_row(s, &(lane_row){"arrived", text, at, at, -1, -1});
}

/* The longest time in which no CPU went from one phase to the next; of equal ones the first. */
static void put_quiet(sink *s)
{
    int64_t *at = (void *)s->edges->at;
    const uint64_t count = s->edges->length / sizeof *at;
    lane_row row = {.kind = "quiet", .name = "", .cpu = -1, .to_cpu = -1};

    stat_sort(at, count);
    for (uint64_t i = 1; i < count; i++)
        if (at[i] - at[i - 1] > row.end - row.begin) {
            row.begin = at[i - 1];
            row.end = at[i];
        }
    s->edges = NULL;
    if (row.end > row.begin)
        put_row(s, &row);
}

void trace_lanes_csv_header(csv_writer *w)
{
    csv_header(w, "kind repetition smi cpu to_cpu begin_ns end_ns name");
}

void trace_lanes_csv(const trace_log *log, const trace_smi *smi, csv_writer *w)
{
    bytes edges = {0};
    sink s = {csv_slice, csv_arrow, csv_arrived, log, NULL, w, smi, NULL};
    const trigger_record *t = &log->record.trigger[smi->trigger];

    put_row(&s, &(lane_row){"smi", "", smi->begin, smi->end, t->cpu, -1});
    s.edges = &edges;
    follow(log, &s);
    put_quiet(&s);
    bytes_free(&edges);
}
