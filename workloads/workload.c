/* SPDX-License-Identifier: Apache-2.0 */
/* workload: reads a workload file and expands its operations into calls, thread by thread. */
#include "workloads/workload.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/machine/topology.h"
#include "sim/lib/bytes.h"
#include "sim/lib/csv.h"
#include "sim/lib/units.h"

enum { COL_THREAD, COL_OP, COL_NAME, COL_BYTES, COL_THINK, COL_CPU, COL_REPEAT, COLUMNS };
enum { ROWS_MAX = 1000000, REPEAT_MAX = 1000000, CALLS_MAX = 5000000, NAME_MAX_CHARS = 512 };
enum { BYTES_MAX = 1 << 20, TABLE_ROWS_MAX = 2000000 };
enum { OP_FREAD = CALL_KIND_COUNT, OP_FWRITE, OP_COUNT };
enum { EACH = -1 };
enum { SLOTS = 2 * PROGRAM_VARIABLES_MAX };

/* What an operation finds in the column `name`. */
typedef enum { NAME_NONE, NAME_VARIABLE, NAME_TIME, NAME_AP } name_use;
/* And in the column `bytes`: nothing, the size of what it reads, or of what it writes. */
typedef enum { BYTES_NONE, BYTES_READ, BYTES_WRITTEN } bytes_use;

typedef struct {
    const char *name;
    name_use names;
    bytes_use bytes;
    int calls;
} op_def;

static const op_def ops[OP_COUNT] = {[CALL_GET] = {"get", NAME_VARIABLE, BYTES_READ, 1},
                                     [CALL_SIZE] = {"size", NAME_VARIABLE, BYTES_NONE, 1},
                                     [CALL_NEXT] = {"next", NAME_NONE, BYTES_NONE, 1},
                                     [CALL_SET] = {"set", NAME_VARIABLE, BYTES_WRITTEN, 1},
                                     [CALL_APPEND] = {"append", NAME_VARIABLE, BYTES_WRITTEN, 1},
                                     [CALL_DELETE] = {"delete", NAME_VARIABLE, BYTES_NONE, 1},
                                     [CALL_QUERY] = {"query", NAME_NONE, BYTES_NONE, 1},
                                     [CALL_SMI] = {"smi", NAME_NONE, BYTES_NONE, 1},
                                     [CALL_JOB] = {"job", NAME_AP, BYTES_NONE, 1},
                                     [CALL_COMPUTE] = {"compute", NAME_TIME, BYTES_NONE, 1},
                                     [CALL_HOLD] = {"hold", NAME_TIME, BYTES_NONE, 1},
                                     [OP_FREAD] = {"fread", NAME_VARIABLE, BYTES_READ, 6},
                                     [OP_FWRITE] = {"fwrite", NAME_VARIABLE, BYTES_WRITTEN, 3}};

typedef struct {
    const char *name; /* in the table */
    int sized;        /* a row that reads it has said its size at the start */
    int made;         /* a row writes it, and none before says that it exists */
} variable;

typedef struct {
    const csv_table *table;
    program *out;
    sim_err *err;
    variable *variable;
    uint16_t *slot; /* by the hash of a name: number of its variable + 1; 0: empty */
    int at[COLUMNS];
    int cpus;
    int64_t calls;       /* of the rows so far */
    uint64_t table_rows; /* in the tables that they name */
} compiler;

/* One row of the file, read and checked. */
typedef struct {
    int number; /* row */
    int next;   /* row of the same thread, or -1 */
    int thread; /* as written, or EACH */
    int op;     /* call_kind, OP_FREAD or OP_FWRITE */
    int64_t bytes;
    int64_t repeat;
    dist *think, *time; /* the program's; or NULL */
    int32_t cpu;
    int32_t target;
    uint32_t variable;
} row;

static const char *field(const compiler *c, int number, int column)
{
    int at = c->at[column];

    return at < 0 ? "" : csv_field(c->table, number, at);
}

/* At a field of the row; a column that the file does not have counts as the first one. */
static sim_status wrong(const compiler *c, int number, int column, const char *fmt, ...)
    SIM_PRINTF(4, 5);

static sim_status wrong(const compiler *c, int number, int column, const char *fmt, ...)
{
    char text[sizeof c->err->text];
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    return csv_error(c->table, number, c->at[column] < 0 ? 0 : c->at[column], c->err, "%s", text);
}

static sim_status read_count(const compiler *c, int number, int column, int64_t *value)
{
    const char *text = field(c, number, column);
    sim_err why;

    if (*text == '\0')
        return SIM_OK;
    if (units_parse(column == COL_BYTES ? UNIT_BYTES : UNIT_COUNT, text, value, &why) != SIM_OK)
        return wrong(c, number, column, "%s: %s", csv_name(c->table, c->at[column]), why.text);
    return SIM_OK;
}

static sim_status in_bounds(const compiler *c, int number, int column, const int64_t value[3])
{
    if (value[0] >= value[1] && value[0] <= value[2])
        return SIM_OK;
    return wrong(c, number, column, "%s: %lld is out of bounds (%lld to %lld)",
                 csv_name(c->table, c->at[column]), (long long)value[0], (long long)value[1],
                 (long long)value[2]);
}

/* ---- one row ---------------------------------------------------------------------------- */

static sim_status read_op(const compiler *c, row *r)
{
    const char *text = field(c, r->number, COL_OP);
    const char *names[OP_COUNT];
    const char *near;

    for (int op = 0; op < OP_COUNT; op++)
        names[op] = ops[op].name;
    r->op = err_index(text, names, OP_COUNT);
    if (r->op >= 0)
        return SIM_OK;
    near = err_nearest(text, names, OP_COUNT);
    return wrong(c, r->number, COL_OP,
                 "unknown operation \"%s\" (%s%s%sget, size, next, set, append, delete, query, "
                 "fread, fwrite, smi, job, compute or hold)",
                 text, near ? "did you mean \"" : "", near ? near : "", near ? "\"? one of " : "");
}

/* What the operation has no use for would mislead who reads the file. */
static sim_status check_unused(const compiler *c, const row *r)
{
    const op_def *op = &ops[r->op];

    if (op->names == NAME_NONE && *field(c, r->number, COL_NAME))
        return wrong(c, r->number, COL_NAME, "%s uses no name (leave it empty)", op->name);
    if (op->bytes == BYTES_NONE && *field(c, r->number, COL_BYTES))
        return wrong(c, r->number, COL_BYTES, "%s uses no bytes (leave it empty)", op->name);
    return SIM_OK;
}

/* Which variable the row names; a new one does not exist at the start. */
static sim_status find_variable(compiler *c, row *r)
{
    const char *text = field(c, r->number, COL_NAME);
    program *out = c->out;
    uint64_t at = bytes_hash(BYTES_HASH, text, strlen(text)) % SLOTS;

    if (*text == '\0')
        return wrong(c, r->number, COL_NAME,
                     "%s needs a variable (in column name, such as BootOrder)", ops[r->op].name);
    if (strlen(text) > NAME_MAX_CHARS)
        return wrong(c, r->number, COL_NAME, "name too long (at most 512 characters)");
    for (; c->slot[at] != 0; at = (at + 1) % SLOTS) {
        r->variable = c->slot[at] - 1u;
        if (strcmp(c->variable[r->variable].name, text) == 0)
            return SIM_OK;
    }
    if (out->variables == PROGRAM_VARIABLES_MAX)
        return wrong(c, r->number, COL_NAME, "too many variables (at most 4096)");
    r->variable = out->variables++;
    c->slot[at] = (uint16_t)out->variables;
    c->variable[r->variable].name = text;
    out->variable[r->variable].name_bytes = 2 * ((uint32_t)strlen(text) + 1);
    return SIM_OK;
}

static sim_status read_variable(compiler *c, row *r)
{
    sim_status s = find_variable(c, r);
    int reads = ops[r->op].bytes == BYTES_READ && *field(c, r->number, COL_BYTES);
    variable *v;
    program_variable *start;

    if (s != SIM_OK)
        return s;
    v = &c->variable[r->variable];
    start = &c->out->variable[r->variable];
    v->made |= ops[r->op].bytes == BYTES_WRITTEN && !v->sized;
    if (!reads)
        return SIM_OK;
    if (v->made)
        return wrong(c, r->number, COL_BYTES,
                     "a row before writes this variable, so its size is known (leave bytes empty)");
    if (v->sized && start->bytes != r->bytes)
        return wrong(c, r->number, COL_BYTES,
                     "a row before says that this variable has %u bytes (the same, or empty)",
                     start->bytes);
    v->sized = 1;
    start->bytes = (uint32_t)r->bytes;
    start->exists = 1;
    return SIM_OK;
}

static sim_status read_target(const compiler *c, row *r)
{
    const char *text = field(c, r->number, COL_NAME);
    int64_t ap = PROGRAM_ALL_APS;
    sim_err why;

    if (strcmp(text, "all") != 0) {
        if (units_parse(UNIT_COUNT, text, &ap, &why) != SIM_OK || ap < 0 || ap >= c->cpus)
            return wrong(c, r->number, COL_NAME,
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
        return wrong(c, r->number, COL_THREAD,
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
        return wrong(c, r->number, COL_CPU,
                     "cpu is \"%.60s\" (a CPU from 0 to %d, or empty: the caller's)", text,
                     c->cpus - 1);
    r->cpu = (int32_t)cpu;
    return SIM_OK;
}

/* The calls of the row, in all its repetitions and threads, share the distribution. */
static sim_status read_time(compiler *c, const row *r, int column, dist **out)
{
    sim_err why;
    const char *text = field(c, r->number, column);
    const char *what = column == COL_NAME ? ops[r->op].name : "think";

    if (*text == '\0')
        return wrong(c, r->number, column, "%s needs a time (in column name, such as 1ms)", what);
    if (dist_parse(text, "", out, &why) != SIM_OK)
        return wrong(c, r->number, column, "%s: %s", what, why.text);
    c->out->dist[c->out->dists++] = *out;
    c->table_rows += dist_rows(*out);
    if (c->table_rows > TABLE_ROWS_MAX)
        return wrong(c, r->number, column,
                     "%s: all tables together have more than %d rows (fewer or smaller ones)", what,
                     TABLE_ROWS_MAX);
    return SIM_OK;
}

/* Before there are any: too many are refused without their memory. */
static sim_status count_calls(compiler *c, const row *r)
{
    c->calls += ops[r->op].calls * r->repeat * (r->thread == EACH ? c->cpus : 1);
    if (c->calls <= CALLS_MAX)
        return SIM_OK;
    return wrong(c, r->number, COL_REPEAT,
                 "%lld calls up to this row (at most %d in a run: repeat less, and use --reps)",
                 (long long)c->calls, CALLS_MAX);
}

static sim_status read_numbers(const compiler *c, row *r)
{
    sim_status s = read_count(c, r->number, COL_BYTES, &r->bytes);

    if (s == SIM_OK && *field(c, r->number, COL_BYTES))
        s = in_bounds(c, r->number, COL_BYTES, (int64_t[]){r->bytes, 0, BYTES_MAX});
    if (s == SIM_OK)
        s = read_count(c, r->number, COL_REPEAT, &r->repeat);
    if (s == SIM_OK && *field(c, r->number, COL_REPEAT))
        s = in_bounds(c, r->number, COL_REPEAT, (int64_t[]){r->repeat, 1, REPEAT_MAX});
    return s == SIM_OK ? read_cpu(c, r) : s;
}

static sim_status read_row(compiler *c, row *r)
{
    sim_status s = read_thread(c, r);

    if (s == SIM_OK)
        s = read_op(c, r);
    if (s == SIM_OK)
        s = check_unused(c, r);
    if (s == SIM_OK)
        s = read_numbers(c, r);
    if (s == SIM_OK && ops[r->op].names == NAME_VARIABLE)
        s = read_variable(c, r);
    if (s == SIM_OK && ops[r->op].names == NAME_AP)
        s = read_target(c, r);
    if (s == SIM_OK && r->op == CALL_HOLD && r->thread != EACH && r->cpu == PROGRAM_CALLER)
        s = wrong(c, r->number, COL_CPU,
                  "hold needs a CPU (in column cpu: which one to hold still)");
    if (s == SIM_OK && *field(c, r->number, COL_THINK))
        s = read_time(c, r, COL_THINK, &r->think);
    if (s == SIM_OK && ops[r->op].names == NAME_TIME)
        s = read_time(c, r, COL_NAME, &r->time);
    return s == SIM_OK ? count_calls(c, r) : s;
}

/* ---- calls ------------------------------------------------------------------------------ */

static program_call *new_call(compiler *c, const row *r, int kind)
{
    program_call *call = &c->out->call[c->out->calls++];

    SIM_ASSERT(c->out->calls <= c->calls);
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
    SIM_ASSERT(c->out->calls - first == (uint32_t)ops[r->op].calls);
    c->out->call[first].first = 1;
    c->out->call[first].think = r->think;
    c->out->call[first].time = r->time;
    for (uint32_t i = first; i < c->out->calls; i++)
        c->out->call[i].skip = c->out->calls;
}

/* The rows of one thread, from `first` on; those of a thread EACH run on `cpu`. */
static void add_thread(compiler *c, const row *rows, int first, int cpu)
{
    program_thread *thread = &c->out->thread[c->out->threads++];

    thread->from = c->out->calls;
    for (int i = first; i >= 0; i = rows[i].next) {
        row r = rows[i];

        if (r.thread == EACH && r.cpu == PROGRAM_CALLER)
            r.cpu = cpu;
        for (int64_t n = 0; n < r.repeat; n++)
            expand(c, &r);
    }
    thread->to = c->out->calls;
}

/* Links the rows of each thread; threads stand in the order of their first rows. */
static sim_status add_threads(compiler *c, row *rows)
{
    int *first = sim_alloc(PROGRAM_THREADS_MAX + 1, sizeof *first); /* row + 1; [0]: EACH */
    sim_status s = SIM_OK;

    c->out->thread = sim_alloc(2 * PROGRAM_THREADS_MAX, sizeof *c->out->thread);
    for (int i = csv_rows(c->table) - 1; i >= 0; i--) {
        rows[i].next = first[rows[i].thread + 1] - 1;
        first[rows[i].thread + 1] = i + 1;
    }
    for (int i = 0; i < csv_rows(c->table) && s == SIM_OK; i++) {
        int copies = rows[i].thread == EACH ? c->cpus : 1;

        if (first[rows[i].thread + 1] != i + 1)
            continue;
        for (int cpu = 0; cpu < copies; cpu++)
            add_thread(c, rows, i, cpu);
        if (c->out->threads > PROGRAM_THREADS_MAX)
            s = wrong(c, i, COL_THREAD, "too many threads (at most 8192)");
    }
    free(first);
    return s;
}

static sim_status compile(compiler *c)
{
    const int count = csv_rows(c->table);
    program *out = c->out;
    row *rows;
    sim_status s = SIM_OK;

    if (count == 0)
        return csv_error(c->table, -1, 0, c->err,
                         "no operations (at least one row below the header)");
    if (count > ROWS_MAX)
        return wrong(c, ROWS_MAX, COL_THREAD, "too many rows (at most 1 million; use repeat)");
    rows = sim_alloc((uint64_t)count, sizeof *rows);
    c->variable = sim_alloc(PROGRAM_VARIABLES_MAX, sizeof *c->variable);
    c->slot = sim_alloc(SLOTS, sizeof *c->slot);
    out->variable = sim_alloc(PROGRAM_VARIABLES_MAX, sizeof *out->variable);
    out->dist = sim_alloc(2 * (uint64_t)count, sizeof(dist *));
    for (int i = 0; i < count && s == SIM_OK; i++) {
        rows[i] = (row){.number = i, .repeat = 1};
        s = read_row(c, &rows[i]);
    }
    if (s == SIM_OK) {
        out->call = sim_alloc((uint64_t)c->calls, sizeof *out->call);
        s = add_threads(c, rows);
    }
    free(c->variable);
    free(c->slot);
    free(rows);
    return s;
}

sim_status workload_load(const char *path, int cpus, program *out, sim_err *err)
{
    static const char *const required[] = {"thread", "op", NULL};
    static const char *const optional[] = {"name", "bytes", "think", "cpu", "repeat", NULL};
    csv_table *table;
    compiler c = {.out = out, .err = err, .cpus = cpus};
    sim_status s;

    SIM_ASSERT(cpus > 0);
    memset(out, 0, sizeof *out);
    out->digest = BYTES_HASH;
    s = csv_read_hash(path, &out->digest, &table, err);
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
    for (uint32_t i = 0; i < p->dists; i++)
        dist_free(p->dist[i]);
    free(p->dist);
    free(p->call);
    free(p->thread);
    free(p->variable);
    memset(p, 0, sizeof *p);
}
