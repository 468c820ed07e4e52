/* SPDX-License-Identifier: Apache-2.0 */
/* steps_list: a protocol's table of steps in words, for people and for programs. */
#include "sim/cli/steps_list.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "models/protocol/say.h"
#include "sim/lib/table.h"

enum { SETTINGS = 96 };

/* A version's table: as written, and under which settings each row is in force. */
typedef struct {
    const step_protocol *protocol;
    step_config raw;
    uint8_t known[SETTINGS]; /* a setting that this version does not refuse */
    uint8_t in_force[STEP_ROWS_MAX][SETTINGS];
    uint8_t ever[STEP_ROWS_MAX];
} listing;

/* ---- settings --------------------------------------------------------------------------- */

static step_config setting(int number)
{
    return (step_config){.cpus = 4,
                         .possible = 4,
                         .traditional = number & 1,
                         .mtrr = number >> 1 & 1,
                         .debug_agent = number >> 2 & 1,
                         .valid_status = number >> 3 & 1,
                         .lmce = number >> 4 & 1,
                         .election = (uint8_t)(number >> 5)};
}

static void fill(listing *l, const step_protocol *protocol)
{
    sim_err err;

    memset(l, 0, sizeof *l);
    l->protocol = protocol;
    l->raw = setting(0);
    l->raw.features = protocol->features;
    protocol->table(&l->raw);
    for (int s = 0; s < SETTINGS; s++) {
        step_config config = setting(s);

        l->known[s] = protocol->configure(protocol, &config, &err) == SIM_OK;
        for (int row = 0; l->known[s] && row < protocol->row_count; row++) {
            l->in_force[row][s] = !config.code[row].off;
            l->ever[row] |= l->in_force[row][s];
        }
    }
}

/* What settings may decide about a row, in the letters of docs/MODEL.md. */
typedef enum {
    WHEN_ALWAYS,
    WHEN_R,
    WHEN_TM,
    WHEN_M,
    WHEN_MD,
    WHEN_ELECTION,
    WHEN_HOOK,
    WHEN_RACE,
    WHEN_STATUS,
    WHEN_LMCE,
    WHENS
} steps_when;
static const char *const when_words[] = {
    "", "R", "T or M", "M", "M or D", "election", "hook", "race", "status", "T or M; LMCE", "some"};

static int is_so(steps_when which, const step_config *c)
{
    int tm = c->traditional || c->mtrr;

    switch (which) {
    case WHEN_R:
        return !tm;
    case WHEN_TM:
        return tm;
    case WHEN_M:
        return c->mtrr;
    case WHEN_MD:
        return c->mtrr || c->debug_agent;
    case WHEN_ELECTION:
        return c->election != ELECTION_FIXED;
    case WHEN_HOOK:
        return c->election == ELECTION_HOOK;
    case WHEN_RACE:
        return c->election == ELECTION_RACE;
    case WHEN_STATUS:
        return c->valid_status;
    case WHEN_LMCE:
        return tm && c->lmce;
    default:
        return which == WHEN_ALWAYS;
    }
}

static const char *when_in_force(const listing *l, int row)
{
    for (int which = 0; which < WHENS; which++) {
        int differ = 0;

        for (int s = 0; s < SETTINGS; s++) {
            step_config config = setting(s);

            differ |= l->known[s] && l->in_force[row][s] != is_so((steps_when)which, &config);
        }
        if (!differ)
            return when_words[which];
    }
    return when_words[WHENS];
}

/* ---- one row ---------------------------------------------------------------------------- */

/* %w the word, %v what is stored, %a what it is compared with, %n and %d what is
 * added, %b the bound. */
static const char *const formats[] = {
    [OP_OUTSIDE] = "-",
    [OP_AT_ONCE] = "-",
    [OP_LOAD] = "read %w",
    [OP_STORE] = "%w := %v",
    [OP_CAS] = "%w := %v if it is %a",
    [OP_ADD] = "%w %n",
    [OP_WAIT] = "until %w is %a, %b",
    [OP_WAIT_K] = "until k + 1 of %w are set, %b",
    [OP_UP] = "%w + 1",
    [OP_DOOR] = "%w %d",
    [OP_DOWN] = "until %w > 0, %b, then - 1",
    [OP_ACQUIRE] = "acquire %w, %b",
    [OP_TRY] = "try %w",
    [OP_PASS] = "acquire %w, %b, and free it",
    [OP_HAND] = "%w := procedure",
    [OP_DELAY] = "delay",
    [OP_ASK] = "ask",
    [OP_HANDLERS] = "ask: own code",
    [OP_IPI] = "SMI to CPU%w",
    [OP_OWN] = "%w: own code",
    [OP_RSM] = "RSM",
};

static void put_part(const listing *l, const step_code *code, char part, FILE *out)
{
    static const char *const whose[] = {"", "[me]", "[i]", "[bsp]", "[next]"};
    static const char *const values[] = {"", "me", "all arrived"};
    static const char *const bounds[] = {"no bound", "at most timeout 1", "at most timeout 2"};
    const step_field *field = &l->protocol->fields[code->field];
    const step_kind kind = (step_kind)field->kind;
    char value[SAY_VALUE];
    const char *text = bounds[code->bound];

    if (part == 'w')
        (void)fprintf(out, "%s", code->op == OP_IPI ? "" : field->name);
    if (part == 'w')
        text = whose[code->at];
    if (part == 'v')
        say_value(kind, code->op == OP_CAS ? code->b : code->a, value);
    else if (part == 'a')
        say_value(kind, code->a, value);
    if (part == 'v')
        text = code->value ? values[code->value] : value;
    else if (part == 'a')
        text = code->cond == STEP_ARRIVED ? "N" : value;
    else if (part == 'n') /* 1, or as many as there may be others */
        text = code->a == UINT32_MAX ? "- 1" : code->a >> 31 ? "- (Nmax - 1)" : "+ Nmax - 1";
    else if (part == 'd')
        text = code->a == 0 ? ":= locked" : code->b == 1 ? "+ 1" : "- 1";
    (void)fprintf(out, "%s%s", part == 'a' && code->cond == STEP_NE ? "not " : "", text);
}

static void put_access(const listing *l, int row, FILE *out)
{
    static const char *const loops[] = {
        "",      "k times: ", "other CPUs: ", "present CPUs: ", "held CPUs: ", "absent CPUs: ",
        "CPUs: "};
    const step_code *code = &l->raw.code[row];

    (void)fprintf(out, "%s", loops[code->loop]);
    for (const char *c = formats[code->op]; *c; c++)
        if (*c == '%')
            put_part(l, code, *++c, out);
        else
            (void)fputc(*c, out);
}

/* Where a step leads that is ever in force. */
static const char *leads_to(const listing *l, int row, int way)
{
    uint8_t next = l->raw.code[row].next[way];

    while (!l->ever[next])
        next = l->raw.code[next].next[0];
    return l->protocol->rows[next].id;
}

static const char *test_words(const listing *l, int row)
{
    static const char *const common[] = {[TEST_ALWAYS] = "",
                                         [TEST_NEVER] = "never",
                                         [TEST_TRUE] = "it is not 0",
                                         [TEST_ZERO] = "it is 0",
                                         [TEST_BOOT_CPU] = "this is the boot CPU"};
    uint8_t test = l->raw.code[row].test;

    return test < TESTS_COMMON ? common[test] : l->protocol->tests[test - TESTS_COMMON];
}

static const char *keep_words(const listing *l, int row)
{
    uint8_t keep = l->raw.code[row].keep;

    return keep ? l->protocol->keeps[keep - 1] : "";
}

static int listed(const listing *l, int row)
{
    return l->ever[row] && l->raw.code[row].op != OP_OUTSIDE;
}

/* ---- text ------------------------------------------------------------------------------- */

/* A row with an access, of one side, from `row` on; row_count: none. */
static int next_of(const listing *l, int row, const char *side)
{
    for (; row < l->protocol->row_count; row++)
        if (listed(l, row) && l->raw.code[row].op != OP_AT_ONCE &&
            strcmp(step_role_name((step_role)l->protocol->rows[row].role), side) == 0 &&
            l->protocol->rows[row].role != ROLE_JOBS && l->protocol->rows[row].role != ROLE_SERVICE)
            return row;
    return l->protocol->row_count;
}

static void print_beside(const listing *l, FILE *out)
{
    const step_row *rows = l->protocol->rows;
    int end = l->protocol->row_count;
    int bsp = next_of(l, 0, "BSP"), ap = next_of(l, 0, "AP");

    text_table *t = table_new("lwllw");

    for (int c = 0; c < 5; c++)
        table_add(t, "%s", ((const char *const[]){"BSP", "", "sync", "AP", ""})[c]);
    while (bsp < end || ap < end) {
        const char *sync[2] = {bsp < end ? rows[bsp].marker : "", ap < end ? rows[ap].marker : ""};
        int meet = bsp < end && ap < end && strcmp(sync[0], sync[1]) == 0;
        int left = bsp < end && (meet || *sync[0] == '\0' || ap == end);
        int right = ap < end && (meet || *sync[1] == '\0' || !left);

        table_add(t, "%s", left ? rows[bsp].name : "");
        table_add(t, "%s", left ? rows[bsp].what : "");
        table_add(t, "%s", meet ? sync[0] : "");
        table_add(t, "%s", right ? rows[ap].name : "");
        table_add(t, "%s", right ? rows[ap].what : "");
        bsp = left ? next_of(l, bsp + 1, "BSP") : bsp;
        ap = right ? next_of(l, ap + 1, "AP") : ap;
    }
    table_print(t, 0, out);
}

static FILE *to_memory(char *text, size_t size)
{
    FILE *memory = fmemopen(text, size, "w");

    if (memory)
        return memory;
    sim_panic(__FILE__, __LINE__, "out of memory");
}

/* The access, and behind its end where the step leads. */
static void put_both(const listing *l, int row, char *text, size_t size)
{
    const char *then = leads_to(l, row, 0), *other = leads_to(l, row, 1);
    FILE *memory = to_memory(text, size);

    put_access(l, row, memory);
    if (*keep_words(l, row))
        (void)fprintf(memory, "; note %s", keep_words(l, row));
    (void)fputc('\0', memory);
    (void)fprintf(memory, "-> %s", then);
    if (*test_words(l, row) && strcmp(then, other) != 0)
        (void)fprintf(memory, " if %s, else %s", test_words(l, row), other);
    (void)fclose(memory);
}

/* A line that stands below what a step does. */
static void add_below(text_table *t, const char *text)
{
    for (int c = 0; c < 3; c++)
        table_add(t, "%s", "");
    table_add(t, "%s", text);
}

static void add_row(const listing *l, int row, text_table *t)
{
    const step_row *r = &l->protocol->rows[row];
    const char *in_force = when_in_force(l, row);
    char text[400] = "";

    put_both(l, row, text, sizeof text);
    table_add(t, "%s", r->id);
    table_add(t, "%s", r->marker);
    table_add(t, "%s", step_role_name((step_role)r->role));
    table_add(t, "%s%s%s%s", r->what, *in_force ? " [" : "", in_force, *in_force ? "]" : "");
    add_below(t, text);
    add_below(t, text + strlen(text) + 1);
}

static void print_rows(const listing *l, FILE *out)
{
    text_table *t = table_new("lllw");

    for (int c = 0; c < 4; c++)
        table_add(
            t, "%s",
            ((const char *const[]){"step", "sync", "who",
                                   "what it does [in force]; access; keep; where it leads"})[c]);
    for (int row = 0; row < l->protocol->row_count; row++)
        if (listed(l, row))
            add_row(l, row, t);
    table_print(t, 0, out);
}

static void print_words(const step_protocol *protocol, FILE *out)
{
    static const char *const places[] = {"own line", "head", "bytes", "48 bytes"};
    static const char *const titles[] = {"word", "called", "placement", "kind", "what it says"};
    static const char *const kinds[FIELD_KINDS] = {
        "unused", "counter", "flag", "bits",  "counter",   "lock",    "order", "door",
        "inside", "gate",    "BSP",  "token", "semaphore", "present", "busy",  "job"};

    text_table *t = table_new("lwllw");

    for (int c = 0; c < 5; c++)
        table_add(t, "%s", titles[c]);
    for (int f = 0; f < protocol->field_count; f++) {
        const step_field *field = &protocol->fields[f];

        table_add(t, "%s%s", field->name, field->per_cpu ? "[i]" : "");
        table_add(t, "%s", field->upstream);
        table_add(t, "%s", places[field->place]);
        table_add(t, "%s", kinds[field->kind]);
        table_add(t, "%s", field->what);
    }
    table_print(t, 0, out);
}

void steps_list_print(const step_protocol *protocol, FILE *out)
{
    listing *l = sim_alloc(1, sizeof *l);

    fill(l, protocol);
    (void)fprintf(out, "%s: %s\n\n", protocol->name, protocol->summary);
    print_beside(l, out);
    (void)fputc('\n', out);
    print_rows(l, out);
    (void)fputc('\n', out);
    print_words(protocol, out);
    free(l);
}

/* ---- for programs ----------------------------------------------------------------------- */

static void csv_access(const listing *l, int row, csv_writer *w)
{
    char text[128] = "";
    FILE *memory = to_memory(text, sizeof text);

    put_access(l, row, memory);
    (void)fclose(memory);
    csv_text(w, text);
}

void steps_list_csv(const step_protocol *protocol, csv_writer *w)
{
    static const char *const columns[] = {"step", "state", "sync", "who",  "what", "access",
                                          "keep", "if",    "then", "else", "mark", "when"};
    static const char *const marks[] = {
        "",       "checked in", "too late", "BSP in",      "waited for BSP", "waited for APs",
        "locked", "present",    "handler",  "handler end", "abandoned",      "released",
        "reset"};
    listing *l = sim_alloc(1, sizeof *l);

    fill(l, protocol);
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++)
        csv_text(w, columns[i]);
    csv_end_row(w);
    for (int row = 0; row < protocol->row_count; row++) {
        const step_row *r = &protocol->rows[row];

        if (!listed(l, row))
            continue;
        csv_text(w, r->id);
        csv_text(w, r->name);
        csv_text(w, r->marker);
        csv_text(w, step_role_name((step_role)r->role));
        csv_text(w, r->what);
        csv_access(l, row, w);
        csv_text(w, keep_words(l, row));
        csv_text(w, test_words(l, row));
        csv_text(w, leads_to(l, row, 0));
        csv_text(w, *test_words(l, row) ? leads_to(l, row, 1) : "");
        csv_text(w, marks[l->raw.code[row].mark]);
        csv_text(w, when_in_force(l, row));
        csv_end_row(w);
    }
    free(l);
}
