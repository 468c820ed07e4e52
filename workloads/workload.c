/* SPDX-License-Identifier: Apache-2.0 */
/* workload: reads a workload file and expands its operations into calls, thread by thread. */
#include "workloads/workload.h"

#include <stdlib.h>
#include <string.h>

#include "models/topology.h"
#include "sim/csv.h"
#include "sim/units.h"

enum { COL_THREAD, COL_OP, COL_NAME, COL_BYTES, COL_THINK, COL_CPU, COL_REPEAT, COLUMNS };
enum { REPEAT_MAX = 1000000, CALLS_MAX = 20000000, BYTES_MAX = 1 << 20, NAME_MAX_CHARS = 512 };
enum { OP_FREAD = CALL_KIND_COUNT, OP_FWRITE, OP_COUNT };
enum { EACH = -1 };

typedef struct {
    const csv_table *table;
    program *out;
    sim_err *err;
    const char **name; /* of the variables; point into the table */
    int at[COLUMNS];
    int cpus;
    uint32_t call_room;
} compiler;

/* One row of the file, read and checked. */
typedef struct {
    int number; /* row */
    int thread; /* as written, or EACH */
    int op;     /* call_kind, OP_FREAD or OP_FWRITE */
    int64_t bytes;
    int64_t repeat;
    int32_t cpu;
    int32_t target;
    uint32_t variable;
} row;

static const char *field(const compiler *c, int number, int column)
{
    int at = c->at[column];

    return at < 0 ? "" : csv_field(c->table, number, at);
}

/* Where to point to for a column that the file may not have. */
static int place_of(const compiler *c, int column)
{
    return c->at[column] < 0 ? 0 : c->at[column];
}

static sim_status wrong(const compiler *c, int number, int column, const char *text)
{
    return csv_error(c->table, number, place_of(c, column), c->err, "%s", text);
}

static sim_status read_count(const compiler *c, int number, int column, int64_t *value)
{
    const char *text = field(c, number, column);
    sim_err why;

    if (*text == '\0')
        return SIM_OK;
    if (units_parse(column == COL_BYTES ? UNIT_BYTES : UNIT_COUNT, text, value, &why) != SIM_OK)
        return csv_error(c->table, number, c->at[column], c->err, "%s: %s",
                         csv_name(c->table, c->at[column]), why.text);
    return SIM_OK;
}

static sim_status in_bounds(const compiler *c, int number, int column, const int64_t value[3])
{
    if (value[0] >= value[1] && value[0] <= value[2])
        return SIM_OK;
    return csv_error(c->table, number, c->at[column], c->err,
                     "%s: %lld is out of bounds (%lld to %lld)", csv_name(c->table, c->at[column]),
                     (long long)value[0], (long long)value[1], (long long)value[2]);
}

/* ---- one row ---------------------------------------------------------------------------- */

static const char *const *op_names(void)
{
    static const char *const names[OP_COUNT] = {
        [CALL_GET] = "get",         [CALL_SIZE] = "size",     [CALL_NEXT] = "next",
        [CALL_SET] = "set",         [CALL_APPEND] = "append", [CALL_DELETE] = "delete",
        [CALL_QUERY] = "query",     [CALL_SMI] = "smi",       [CALL_JOB] = "job",
        [CALL_COMPUTE] = "compute", [CALL_HOLD] = "hold",     [OP_FREAD] = "fread",
        [OP_FWRITE] = "fwrite"};

    return names;
}

static sim_status read_op(const compiler *c, row *r)
{
    const char *text = field(c, r->number, COL_OP);
    const char *near;

    for (int op = 0; op < OP_COUNT; op++)
        if (strcmp(op_names()[op], text) == 0) {
            r->op = op;
            return SIM_OK;
        }
    near = err_nearest(text, op_names(), OP_COUNT);
    return csv_error(c->table, r->number, c->at[COL_OP], c->err,
                     "unknown operation \"%s\" (%s%s%sget, size, next, set, append, delete, query, "
                     "fread, fwrite, smi, job, compute or hold)",
                     text, near ? "did you mean \"" : "", near ? near : "",
                     near ? "\"? one of " : "");
}

static int names_variable(int op)
{
    return op == CALL_GET || op == CALL_SIZE || op == CALL_SET || op == CALL_APPEND ||
           op == CALL_DELETE || op == OP_FREAD || op == OP_FWRITE;
}

static sim_status read_variable(compiler *c, row *r)
{
    const char *text = field(c, r->number, COL_NAME);
    program *out = c->out;
    int creates = r->op == CALL_SET || r->op == OP_FWRITE || r->op == CALL_APPEND;

    if (*text == '\0')
        return csv_error(c->table, r->number, place_of(c, COL_NAME), c->err,
                         "%s needs a variable (in column name, such as BootOrder)",
                         op_names()[r->op]);
    if (strlen(text) > NAME_MAX_CHARS)
        return wrong(c, r->number, COL_NAME, "name too long (at most 512 characters)");
    for (r->variable = 0; r->variable < out->variables; r->variable++)
        if (strcmp(c->name[r->variable], text) == 0)
            return SIM_OK;
    if (out->variables == PROGRAM_VARIABLES_MAX)
        return wrong(c, r->number, COL_NAME, "too many variables (at most 4096)");
    c->name[out->variables] = text;
    out->variable[out->variables++] =
        (program_variable){.name_bytes = 2 * ((uint32_t)strlen(text) + 1),
                           .bytes = (uint32_t)r->bytes,
                           .exists = !creates && *field(c, r->number, COL_BYTES) != '\0'};
    return SIM_OK;
}

static sim_status read_target(const compiler *c, row *r)
{
    const char *text = field(c, r->number, COL_NAME);
    int64_t ap = PROGRAM_ALL_APS;
    sim_err why;

    if (strcmp(text, "all") != 0) {
        if (units_parse(UNIT_COUNT, text, &ap, &why) != SIM_OK || ap < 0 || ap >= c->cpus)
            return csv_error(c->table, r->number, place_of(c, COL_NAME), c->err,
                             "job on \"%s\" (in column name: all, or a CPU from 0 to %d)", text,
                             c->cpus - 1);
    }
    r->target = (int32_t)ap;
    return SIM_OK;
}

static sim_status read_thread(const compiler *c, row *r)
{
    const char *text = field(c, r->number, COL_THREAD);
    int64_t number = 0;
    sim_err why;

    if (strcmp(text, "each") == 0) {
        r->thread = EACH;
        return SIM_OK;
    }
    if (units_parse(UNIT_COUNT, text, &number, &why) != SIM_OK || number < 0 ||
        number >= PROGRAM_THREADS_MAX)
        return csv_error(c->table, r->number, c->at[COL_THREAD], c->err,
                         "thread is \"%.60s\" (a number from 0 to %d, or each)", text,
                         PROGRAM_THREADS_MAX - 1);
    r->thread = (int)number;
    return SIM_OK;
}

static sim_status read_cpu(const compiler *c, row *r)
{
    const char *text = field(c, r->number, COL_CPU);
    int64_t cpu = PROGRAM_CALLER;
    sim_err why;

    if (*text != '\0' &&
        (units_parse(UNIT_COUNT, text, &cpu, &why) != SIM_OK || cpu < 0 || cpu >= c->cpus))
        return csv_error(c->table, r->number, c->at[COL_CPU], c->err,
                         "cpu is \"%.60s\" (a CPU from 0 to %d, or empty: the caller's)", text,
                         c->cpus - 1);
    r->cpu = (int32_t)cpu;
    return SIM_OK;
}

static sim_status read_row(compiler *c, row *r)
{
    sim_status s = read_thread(c, r);

    if (s == SIM_OK)
        s = read_op(c, r);
    if (s == SIM_OK)
        s = read_count(c, r->number, COL_BYTES, &r->bytes);
    if (s == SIM_OK && *field(c, r->number, COL_BYTES))
        s = in_bounds(c, r->number, COL_BYTES, (int64_t[]){r->bytes, 0, BYTES_MAX});
    if (s == SIM_OK)
        s = read_count(c, r->number, COL_REPEAT, &r->repeat);
    if (s == SIM_OK && *field(c, r->number, COL_REPEAT))
        s = in_bounds(c, r->number, COL_REPEAT, (int64_t[]){r->repeat, 1, REPEAT_MAX});
    if (s == SIM_OK)
        s = read_cpu(c, r);
    if (s == SIM_OK && names_variable(r->op))
        s = read_variable(c, r);
    if (s == SIM_OK && r->op == CALL_JOB)
        s = read_target(c, r);
    if (s == SIM_OK && r->op == CALL_HOLD && r->thread != EACH && r->cpu == PROGRAM_CALLER)
        s = wrong(c, r->number, COL_CPU,
                  "hold needs a CPU (in column cpu: which one to hold still)");
    return s;
}

/* ---- calls ------------------------------------------------------------------------------ */

static program_call *new_call(compiler *c, const row *r, int kind)
{
    program *out = c->out;
    program_call *call;

    if (out->calls == c->call_room) {
        c->call_room = c->call_room ? 2 * c->call_room : 64;
        out->call = sim_realloc(out->call, c->call_room, sizeof *out->call);
    }
    call = &out->call[out->calls++];
    *call = (program_call){.variable = r->variable,
                           .bytes = (uint32_t)r->bytes,
                           .line = (uint32_t)csv_line(c->table, r->number),
                           .cpu = r->cpu,
                           .target = r->target,
                           .kind = (uint8_t)kind};
    return call;
}

/* SetVariable of size 0 deletes (UEFI specification). */
static int set_kind(const row *r)
{
    return r->bytes == 0 ? CALL_DELETE : CALL_SET;
}

static void expand(compiler *c, const row *r)
{
    uint32_t first = c->out->calls;

    switch (r->op) {
    case OP_FREAD:
        for (int reads = 0; reads < 3; reads++) { /* attributes, data, end of file */
            new_call(c, r, CALL_SIZE)->syscall = 1;
            (void)new_call(c, r, CALL_GET);
        }
        break;
    case OP_FWRITE:
        new_call(c, r, CALL_QUERY)->syscall = 1;
        (void)new_call(c, r, set_kind(r));
        (void)new_call(c, r, CALL_SIZE);
        break;
    case CALL_SET:
        (void)new_call(c, r, set_kind(r));
        break;
    default:
        (void)new_call(c, r, r->op);
        break;
    }
    c->out->call[first].first = 1;
    for (uint32_t i = first; i < c->out->calls; i++)
        c->out->call[i].skip = c->out->calls;
}

static sim_status parse_time(const compiler *c, const row *r, int column, dist **out)
{
    sim_err why;
    const char *text = field(c, r->number, column);
    const char *op = column == COL_NAME ? op_names()[r->op] : "think";

    if (*text == '\0')
        return csv_error(c->table, r->number, place_of(c, column), c->err,
                         "%s needs a time (in column name, such as 1ms)", op);
    if (dist_parse(text, "", out, &why) == SIM_OK)
        return SIM_OK;
    return csv_error(c->table, r->number, place_of(c, column), c->err, "%s: %s", op, why.text);
}

static sim_status add_times(compiler *c, const row *r, uint32_t first)
{
    int has_time = r->op == CALL_COMPUTE || r->op == CALL_HOLD;
    sim_status s = SIM_OK;

    if (*field(c, r->number, COL_THINK))
        s = parse_time(c, r, COL_THINK, &c->out->call[first].think);
    if (s == SIM_OK && has_time)
        s = parse_time(c, r, COL_NAME, &c->out->call[first].time);
    return s;
}

static sim_status add_row(compiler *c, const row *r)
{
    for (int64_t i = 0; i < r->repeat; i++) {
        uint32_t first = c->out->calls;
        sim_status s;

        if (first > CALLS_MAX)
            return wrong(c, r->number, COL_REPEAT, "too many calls (at most 20 million in all)");
        expand(c, r);
        s = add_times(c, r, first);
        if (s != SIM_OK)
            return s;
    }
    return SIM_OK;
}

static void begin_thread(compiler *c)
{
    program *out = c->out;

    out->thread[out->threads++] = (program_thread){out->calls, out->calls};
}

/* All rows of one thread; `number` as written, or EACH for the copy that runs on `cpu`. */
static sim_status add_thread(compiler *c, const row *rows, int number, int cpu)
{
    begin_thread(c);
    for (int i = 0; i < csv_rows(c->table); i++) {
        row r = rows[i];
        sim_status s;

        if (r.thread != number)
            continue;
        if (number == EACH && r.cpu == PROGRAM_CALLER)
            r.cpu = cpu;
        s = add_row(c, &r);
        if (s != SIM_OK)
            return s;
    }
    c->out->thread[c->out->threads - 1].to = c->out->calls;
    return SIM_OK;
}

static sim_status add_threads(compiler *c, const row *rows)
{
    uint8_t *done = sim_alloc(PROGRAM_THREADS_MAX, 1);
    int each_done = 0;
    sim_status s = SIM_OK;

    c->out->thread = sim_alloc(2 * PROGRAM_THREADS_MAX, sizeof *c->out->thread);
    for (int i = 0; i < csv_rows(c->table) && s == SIM_OK; i++) {
        if (rows[i].thread == EACH) {
            for (int cpu = 0; cpu < c->cpus && !each_done && s == SIM_OK; cpu++)
                s = add_thread(c, rows, EACH, cpu);
            each_done = 1;
        } else if (!done[rows[i].thread]) {
            done[rows[i].thread] = 1;
            s = add_thread(c, rows, rows[i].thread, 0);
        }
        if (s == SIM_OK && c->out->threads > PROGRAM_THREADS_MAX)
            s = wrong(c, i, COL_THREAD, "too many threads (at most 8192)");
    }
    free(done);
    return s;
}

static sim_status compile(compiler *c)
{
    row *rows = sim_alloc((uint64_t)csv_rows(c->table) + 1, sizeof *rows);
    sim_status s = SIM_OK;

    c->name = sim_alloc(PROGRAM_VARIABLES_MAX, sizeof *c->name);
    c->out->variable = sim_alloc(PROGRAM_VARIABLES_MAX, sizeof *c->out->variable);
    for (int i = 0; i < csv_rows(c->table) && s == SIM_OK; i++) {
        rows[i] = (row){.number = i, .repeat = 1};
        s = read_row(c, &rows[i]);
    }
    if (s == SIM_OK && csv_rows(c->table) == 0)
        s = csv_error(c->table, -1, 0, c->err, "no operations (at least one row below the header)");
    if (s == SIM_OK)
        s = add_threads(c, rows);
    free(c->name);
    free(rows);
    return s;
}

sim_status workload_load(const char *path, int cpus, program *out, sim_err *err)
{
    static const char *const required[] = {"thread", "op", NULL};
    static const char *const optional[] = {"name", "bytes", "think", "cpu", "repeat", NULL};
    csv_table *table;
    compiler c = {.out = out, .err = err, .cpus = cpus};
    sim_status s = csv_read(path, &table, err);

    SIM_ASSERT(cpus > 0);
    memset(out, 0, sizeof *out);
    if (s != SIM_OK)
        return s;
    c.table = table;
    s = csv_map(table, required, optional, c.at, err);
    if (s == SIM_OK)
        s = compile(&c);
    csv_free_table(table);
    if (s != SIM_OK)
        workload_free(out);
    return s;
}

void workload_free(program *p)
{
    for (uint32_t i = 0; i < p->calls; i++) {
        dist_free(p->call[i].think);
        dist_free(p->call[i].time);
    }
    free(p->call);
    free(p->thread);
    free(p->variable);
    memset(p, 0, sizeof *p);
}
