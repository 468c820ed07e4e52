/* SPDX-License-Identifier: Apache-2.0 */
/* trace_text: the events of a log as lanes, and what each of them was in words. */
#include "sim/cli/trace_text.h"

#include <stdlib.h>

#include "models/protocol/lanes.h"
#include "models/protocol/say.h"

/* A step without access that was just told. */
typedef struct {
    int64_t at;
    uint8_t row; /* 0: the last line was of another kind */
} told;

typedef struct {
    const trace_log *log;
    lanes *lanes;
    told *told; /* by CPU */
} page;

static void say_event(const page *p, const trace_event *e, lanes_turn *turn)
{
    static const char *const via[] = {"the SMI", "the directed SMI", "the latched SMI"};
    const machine_setup *setup = p->log->setup;
    const say_step step = {e->request, e->result};
    char access[SAY_TEXT];

    switch ((trace_kind)e->kind) {
    case LOG_TRIGGER:
        (void)snprintf(turn->did, sizeof turn->did, "writes port 0xB2");
        break;
    case LOG_TAKEN:
        (void)snprintf(turn->did, sizeof turn->did, "stops for %s",
                       via[p->log->record.visit[e->index].via]);
        break;
    case LOG_ENTERED:
        (void)snprintf(turn->did, sizeof turn->did, "is in SMM");
        break;
    case LOG_LEFT:
        (void)snprintf(turn->did, sizeof turn->did, "goes on");
        break;
    case LOG_STEP:
        say_access(setup->protocol, &setup->config, &step, access);
        say_row(&setup->protocol->rows[e->row], access, turn->did, sizeof turn->did);
        break;
    }
}

static void print_event(const page *p, const trace_event *e)
{
    static const uint8_t kinds[] = {[LOG_TRIGGER] = LANES_TRIGGER,
                                    [LOG_TAKEN] = LANES_TAKEN,
                                    [LOG_ENTERED] = LANES_ENTERED,
                                    [LOG_STEP] = LANES_STEP,
                                    [LOG_LEFT] = LANES_LEFT};
    const step_row *row = &p->log->setup->protocol->rows[e->row];
    const int steps = e->kind == LOG_STEP;
    lanes_turn turn = {.kind = (lanes_kind)kinds[e->kind],
                       .actor = e->cpu,
                       .to = LANES_NOBODY,
                       .at = e->at,
                       .role = steps ? step_role_name((step_role)row->role) : "",
                       .name = row->name};
    char who[16];

    if (steps && e->request.op == STEP_IPI)
        turn.to = e->request.target;
    (void)snprintf(who, sizeof who, "CPU %u", e->cpu);
    turn.who = who;
    say_event(p, e, &turn);
    lanes_put(p->lanes, &turn);
}

/* A step that touches no shared word. */
static int is_apart(const trace_event *e)
{
    return e->kind == LOG_STEP && (e->request.op == STEP_LOCAL || e->request.op == STEP_ASK);
}

/* A step that takes no time and touches nothing is a part of the one before it, such as the handler
 * and what it writes to the flash: told once. */
static int is_told(const page *p, const trace_event *e)
{
    const told *last = &p->told[e->cpu];

    return is_apart(e) && last->row == e->row && last->at == e->at;
}

/* Its own line, and that of the columns. */
static void print_heading(const page *p, const trace_event *e, FILE *to)
{
    const trigger_record *t = &p->log->record.trigger[e->index];
    const int64_t took = t->at[AT_RESUMED] - t->at[AT_PORT_WRITE];
    const param_set *params = p->log->setup->params;

    (void)fprintf(to, "\nSMI %u of repetition %u: CPU %u, %s, %s, %s", e->index, p->log->repetition,
                  e->cpu, param_name(params, P_DELIVERY), param_name(params, P_MODE),
                  param_name(params, P_PROTOCOL));
    if (t->closed)
        (void)fprintf(to, "; %s after %lld.%03lld us",
                      t->round == RECORD_NONE ? "not served" : "served",
                      (long long)(took / PS_PER_US), (long long)(took % PS_PER_US / PS_PER_NS));
    (void)fputs("\n\n", to);
    lanes_head(p->lanes, e->at);
}

void trace_text_print(const trace_log *log, const trace_smi *smi, uint32_t count, FILE *to)
{
    const int cpus = log->setup->config.cpus;
    uint32_t next = 0; /* of the chosen ones */
    page p = {.log = log};

    p.lanes = lanes_new(to, cpus, NULL, count > 0 ? smi[0].begin : 0);
    p.told = sim_alloc((uint64_t)cpus, sizeof *p.told);
    for (uint64_t i = 0; i < log->count; i++) {
        const trace_event *e = &log->event[i];

        if (e->kind == LOG_TRIGGER && next < count && e->index == smi[next].trigger) {
            print_heading(&p, e, to);
            next++;
        }
        if (is_told(&p, e))
            continue;
        print_event(&p, e);
        p.told[e->cpu] = (told){e->at, is_apart(e) ? e->row : 0};
    }
    lanes_end(p.lanes);
    free(p.told);
}
