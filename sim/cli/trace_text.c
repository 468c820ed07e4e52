/* SPDX-License-Identifier: Apache-2.0 */
/* trace_text: draws the columns, and says what each step did in words. */
#include "sim/cli/trace_text.h"

#include <stdlib.h>
#include <string.h>

#include "sim/lib/text.h"

/* What may stand in a cell beside ASCII. */
typedef enum {
    CELL_OUT = 1, /* normal code */
    CELL_IN,      /* in SMM */
    CELL_PORT,
    CELL_TAKEN,
    CELL_LEFT,
    CELL_LINE, /* of an arrow */
    CELL_TO_LEFT,
    CELL_TO_RIGHT,
    CELL_STEP, /* where no name has room */
    CELL_COUNT
} cell;
static const char *const glyphs[CELL_COUNT] = {" ", "·", "│", "▼", "┌", "└", "─", "◄", "►", "●"};

enum { WIDTH_MAX = TRACE_TEXT_COLUMNS * 6 };

typedef struct {
    const trace_log *log;
    FILE *to;
    uint32_t columns, width; /* CPUs with a column, characters of one */
    int64_t zero;            /* port write of the SMI above */
    uint32_t inside;         /* CPUs in SMM */
    uint8_t *in;             /* by CPU */
    int64_t *last;           /* by CPU: its last event */
    uint8_t *part;           /* by CPU: the row of a step without access that was just told, or 0 */
    uint8_t line[WIDTH_MAX];
} page;

/* ---- words ------------------------------------------------------------------------------ */

static int say_access(const page *p, const trace_event *e, char *out, size_t size)
{
    const step_request *r = &e->request;
    const char *sent = e->result.timed_out ? "timeout" : "";
    char word[32] = "";

    if (r->op <= STEP_WAIT_COUNT)
        step_word_name(p->log->setup->protocol, &p->log->setup->config, r->word, word, sizeof word);
    switch ((step_op)r->op) {
    case STEP_LOAD:
    case STEP_LOAD_OWN:
        return snprintf(out, size, "%s is %d", word, (int32_t)e->result.value);
    case STEP_STORE:
        return snprintf(out, size, "%s := %d", word, (int32_t)r->a);
    case STEP_CAS:
        if (e->result.value != r->a)
            return snprintf(out, size, "%s is %d, not %d", word, (int32_t)e->result.value,
                            (int32_t)r->a);
        return snprintf(out, size, "%s := %d, was %d", word, (int32_t)r->b, (int32_t)r->a);
    case STEP_ADD:
        return snprintf(out, size, "%s := %d, was %d", word, (int32_t)(e->result.value + r->a),
                        (int32_t)e->result.value);
    case STEP_WAIT:
    case STEP_WAIT_COUNT:
        if (e->result.timed_out)
            return snprintf(out, size, "timeout %d; %s is %d", r->bound == STEP_TIMEOUT1 ? 1 : 2,
                            word, (int32_t)e->result.value);
        return snprintf(out, size, "%s is %d", word, (int32_t)e->result.value);
    case STEP_IPI:
        return snprintf(out, size, "to CPU %u", r->target);
    case STEP_LOCAL:
    case STEP_ASK:
    case STEP_LEAVE:
        break;
    }
    return snprintf(out, size, "%s", sent);
}

static void say(const page *p, const trace_event *e, char *out, size_t size)
{
    static const char *const via[] = {"the SMI", "the directed SMI", "the latched SMI"};
    const step_row *row = &p->log->setup->protocol->rows[e->row];
    char access[80];

    switch ((trace_kind)e->kind) {
    case LOG_TRIGGER:
        (void)snprintf(out, size, "writes port 0xB2");
        break;
    case LOG_TAKEN:
        (void)snprintf(out, size, "stops for %s", via[p->log->record.visit[e->index].via]);
        break;
    case LOG_ENTERED:
        (void)snprintf(out, size, "is in SMM");
        break;
    case LOG_LEFT:
        (void)snprintf(out, size, "goes on");
        break;
    case LOG_STEP:
        (void)say_access(p, e, access, sizeof access);
        (void)snprintf(out, size, "%s%s%s%s%s", row->what, *row->marker ? " " : "", row->marker,
                       *access ? ": " : "", access);
        break;
    }
}

/* ---- columns ---------------------------------------------------------------------------- */

static void put_name(page *p, uint32_t cpu, const char *name)
{
    for (uint32_t i = 0; name[i] && i + 1 < p->width; i++)
        p->line[cpu * p->width + i] = (uint8_t)name[i];
}

/* From the sender's name to the head at the target. */
static void put_arrow(page *p, uint32_t from, uint32_t to)
{
    uint32_t first = (from < to ? from : to) * p->width;
    uint32_t last = (from < to ? to : from) * p->width;

    if (from >= p->columns || to >= p->columns || from == to)
        return;
    for (uint32_t i = first + 1; i < last; i++)
        if (from > to || i >= first + p->width - 1 || p->line[i] == 0)
            p->line[i] = CELL_LINE;
    if (from > to)
        p->line[first] = CELL_TO_LEFT;
    else
        p->line[last - 1] = CELL_TO_RIGHT;
}

static void fill_line(page *p, const trace_event *e)
{
    static const uint8_t glyph[] = {CELL_PORT, CELL_TAKEN, CELL_IN, CELL_STEP, CELL_LEFT};
    const char *name = p->log->setup->protocol->rows[e->row].name;
    int narrow = p->width < 4;

    memset(p->line, 0, sizeof p->line);
    for (uint32_t i = 0; i < p->columns; i++)
        p->line[i * p->width] = p->in[i] ? CELL_IN : CELL_OUT;
    if (e->cpu >= p->columns)
        return;
    p->line[e->cpu * p->width] = glyph[e->kind];
    if (e->kind != LOG_STEP)
        return;
    if (!narrow)
        put_name(p, e->cpu, name);
    if (e->request.op == STEP_IPI)
        put_arrow(p, e->cpu, e->request.target);
}

static void print_time(FILE *to, int64_t ps, int width)
{
    char text[32];

    (void)snprintf(text, sizeof text, "%lld.%03lld", (long long)(ps / PS_PER_US),
                   (long long)(ps % PS_PER_US / PS_PER_NS));
    (void)fprintf(to, "%*s", width, text);
}

static void print_line(page *p, const trace_event *e)
{
    char words[200];

    say(p, e, words, sizeof words);
    fill_line(p, e);
    print_time(p->to, e->at - p->zero, 13);
    if (p->last[e->cpu] == PS_NEVER) {
        (void)fprintf(p->to, "%12s", "");
    } else {
        (void)fputs("  ", p->to);
        print_time(p->to, e->at - p->last[e->cpu], 10);
    }
    (void)fputs("   ", p->to);
    for (uint32_t i = 0; i < p->columns * p->width; i++)
        if (p->line[i] < CELL_COUNT)
            text_put(p->to, glyphs[p->line[i]]);
        else
            (void)fputc(p->line[i], p->to);
    (void)fprintf(p->to, " CPU %u %s\n", e->cpu, words);
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
    return is_apart(e) && p->part[e->cpu] == e->row && p->last[e->cpu] == e->at;
}

static void print_heading(page *p, const trace_event *e)
{
    const trigger_record *t = &p->log->record.trigger[e->index];
    const param_set *params = p->log->setup->params;
    char name[16];

    p->zero = e->at;
    (void)fprintf(p->to, "\nSMI %u of repetition %u: CPU %u, %s, %s, %s", e->index,
                  p->log->repetition, e->cpu, param_name(params, P_DELIVERY),
                  param_name(params, P_MODE), param_name(params, P_PROTOCOL));
    if (t->closed) {
        (void)fprintf(p->to, "; %s after ", t->round == RECORD_NONE ? "not served" : "served");
        print_time(p->to, t->at[AT_RESUMED] - t->at[AT_PORT_WRITE], 0);
        (void)fputs(" us", p->to);
    }
    (void)fprintf(p->to, "\n\n%13s  %10s   ", "us", "took");
    for (uint32_t i = 0; i < p->columns; i++) {
        (void)snprintf(name, sizeof name, p->width < 6 ? "%u" : "CPU%u", i);
        (void)fprintf(p->to, "%-*s", (int)p->width, p->width >= 3 || i % 4 == 0 ? name : "");
    }
    (void)fputc('\n', p->to);
}

void trace_text_print(const trace_log *log, const trace_smi *smi, uint32_t count, FILE *to)
{
    uint32_t cpus = log->setup->config.cpus;
    page p = {.log = log, .to = to};
    uint32_t next = 0; /* of the chosen ones */

    p.columns = cpus < TRACE_TEXT_COLUMNS ? cpus : TRACE_TEXT_COLUMNS;
    p.width = cpus <= 8 ? 6 : cpus <= 16 ? 4 : 2;
    p.in = sim_alloc(cpus, sizeof *p.in);
    p.last = sim_alloc(cpus, sizeof *p.last);
    p.part = sim_alloc(cpus, sizeof *p.part);
    for (uint32_t i = 0; i < cpus; i++)
        p.last[i] = PS_NEVER;
    p.zero = count > 0 ? smi[0].begin : 0;
    for (uint64_t i = 0; i < log->count; i++) {
        const trace_event *e = &log->event[i];

        if (e->kind == LOG_TRIGGER && next < count && e->index == smi[next].trigger) {
            print_heading(&p, e);
            next++;
        }
        if (e->kind == LOG_TAKEN)
            p.in[e->cpu] = 1;
        if (is_told(&p, e))
            continue;
        print_line(&p, e);
        p.part[e->cpu] = is_apart(e) ? e->row : 0;
        p.last[e->cpu] = e->at;
        if (e->kind == LOG_LEFT) {
            p.in[e->cpu] = 0;
            p.last[e->cpu] = PS_NEVER;
        }
    }
    if (cpus > p.columns)
        (void)fprintf(to, "\n  (columns for CPUs 0 to %u only)\n", p.columns - 1);
    free(p.in);
    free(p.last);
    free(p.part);
}
