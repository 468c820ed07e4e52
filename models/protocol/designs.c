/* SPDX-License-Identifier: Apache-2.0 */
/* designs: the step machines of the gathering designs. */
#include "models/protocol/designs.h"

#include <string.h>

#include "models/protocol/basic.h"
#include "models/protocol/steps_words.h"

/* Two gathers in each SMI, each with words of its own: arrival (0) and exit (1). */
enum { F_GO, F_ALL0, F_ALL1, F_ONE0, F_ONE1, F_UP0, F_UP1, FIELDS };
typedef enum { KIND_COUNTER, KIND_BITS, KIND_FLAGS, KIND_TREE } design_kind;

#define FIELDS_OF(all, one, up)                                                     \
    {                                                                               \
        {"GO", "", "all may go on", 0, PLACE_OWN_LINE, FIELD_GATE},                 \
            {"ARRIVED", "", "arrival counter", 0, PLACE_OWN_LINE, FIELD_##all},     \
            {"DEPARTED", "", "exit counter", 0, PLACE_OWN_LINE, FIELD_##all},       \
            {"ARRIVE", "", "arrival word", 1, PLACE_OWN_LINE, FIELD_##one},         \
            {"DEPART", "", "exit word", 1, PLACE_OWN_LINE, FIELD_##one},            \
            {"UP", "", "arrival, upper tree nodes", 1, PLACE_OWN_LINE, FIELD_##up}, \
        {                                                                           \
            "DOWN", "", "exit, upper tree nodes", 1, PLACE_OWN_LINE, FIELD_##up     \
        }                                                                           \
    }
static const step_field fields[][FIELDS] = {[KIND_COUNTER] = FIELDS_OF(COUNTER, UNUSED, UNUSED),
                                            [KIND_BITS] = FIELDS_OF(UNUSED, BITS, UNUSED),
                                            [KIND_FLAGS] = FIELDS_OF(UNUSED, FLAG, UNUSED),
                                            [KIND_TREE] = FIELDS_OF(FLAG, NODE, NODE)};
#define FIELD(name) F_##name

/* Rows of this file's own: how a CPU arrives, and how the boot CPU gathers. */
enum { OWN_ARRIVE, OWN_GATHER };
#define ARRIVE(word)                                                                           \
    .op = kind_of(c) == KIND_COUNTER ? OP_UP : OP_OWN, .local = OWN_ARRIVE, .field = F_##word, \
    .a = UINT32_MAX, .b = 1,
#define GATHER(word) .op = OP_OWN, .local = OWN_GATHER, .field = F_##word,

/* clang-format off */
#define STEPS(STEP)                                                                               \
STEP(OUT,     "-",    "", ANY,     "outside SMM",                                                 \
     OUTSIDE                  IF(BOOT_CPU, COME, ARRIVE))                                         \
STEP(ARRIVE,  "D1",   "", AP,      "say that this CPU is in",                                     \
     ARRIVE(ALL0)             GO(SEE) MARK(CHECKED_IN))                                           \
STEP(COME,    "D2",   "", BSP,     "boot CPU: is in",                                             \
     LOAD(GO)                 GO(GATHER) MARK(BSP_IN))                                            \
STEP(GATHER,  "D3",   "", BSP,     "boot CPU: wait until all are in",                             \
     GATHER(ALL0)             GO(HANDLER) MARK(HANDLER))                                          \
STEP(HANDLER, "D4",   "", HANDLER, "the handlers run",                                            \
     HANDLERS                 GO(RAISE) MARK(HANDLER_END))                                        \
STEP(RAISE,   "D5",   "", BSP,     "release all",                                                 \
     STORE(1, GO)             GO(GATHER2))                                                        \
STEP(GATHER2, "D6",   "", BSP,     "boot CPU: wait until all have seen it",                       \
     GATHER(ALL1)             GO(LOWER))                                                          \
STEP(LOWER,   "D7",   "", BSP,     "let all leave",                                               \
     STORE(0, GO)             GO(LEAVE) MARK(RESET))                                              \
STEP(SEE,     "D8",   "", AP,      "wait for the release",                                        \
     WAIT(1, UNBOUNDED, GO)   GO(DEPART) MARK(PRESENT))                                           \
STEP(DEPART,  "D9",   "", AP,      "say that this CPU has seen it",                               \
     ARRIVE(ALL1)             GO(SEE2))                                                           \
STEP(SEE2,    "D10",  "", AP,      "wait until all may leave",                                    \
     WAIT(0, UNBOUNDED, GO)   GO(LEAVE) MARK(RELEASED))                                           \
STEP(LEAVE,   "D11",  "", AP,      "leave: RSM",                                                  \
     RSM                      GO(OUT))
/* clang-format on */

enum { STEPS(STEPS_NUMBER) ROWS };
static const step_row rows[ROWS] = {STEPS(STEPS_ROW)};

#define HAS(kind, degree) ((uint32_t)(kind) | (uint32_t)(degree) << 8)

static design_kind kind_of(const step_config *config)
{
    return (design_kind)(config->features & 0xff);
}

static uint32_t degree_of(const step_config *config)
{
    return (uint32_t)config->features >> 8;
}

/* Words of the gather that this row is of, by the field of its first one. */
static uint32_t of_gather(const step_config *config, const step_cpu *cpu, int first)
{
    int second = config->code[cpu->row].field == F_ALL1;

    return config->first[first + second];
}

static uint32_t one(const step_config *config, const step_cpu *cpu, uint32_t index)
{
    return of_gather(config, cpu, F_ONE0) + index;
}

static uint32_t all(const step_config *config, const step_cpu *cpu)
{
    return of_gather(config, cpu, F_ALL0);
}

/* ---- tree ------------------------------------------------------------------------------- */

/* Nodes lie level by level: level 0 has a node for each `degree` CPUs. The boot CPU is no child. */
typedef struct {
    uint32_t first, width; /* of the level */
    uint32_t span;         /* CPUs below one node */
} tree_level;

static tree_level level_at(const step_config *config, uint32_t number)
{
    uint32_t degree = degree_of(config);
    tree_level l = {0, (config->cpus + degree - 1) / degree, degree};

    for (uint32_t i = 0; i < number; i++)
        l = (tree_level){l.first + l.width, (l.width + degree - 1) / degree, l.span * degree};
    return l;
}

/* CPUs below a node, the boot CPU left out. */
static uint32_t below(const step_config *config, uint32_t span, uint32_t node)
{
    uint32_t from = node * span;
    uint32_t to = from + span < config->cpus ? from + span : config->cpus;

    if (from >= to)
        return 0;
    return to - from - (config->boot_cpu >= from && config->boot_cpu < to);
}

/* Children that will come to a node: CPUs, or nodes that have CPUs below them. */
static uint32_t children(const step_config *config, uint32_t level, uint32_t node)
{
    uint32_t degree = degree_of(config);
    tree_level l = level_at(config, level);
    uint32_t count = 0;

    if (level == 0)
        return below(config, degree, node);
    for (uint32_t i = 0; i < degree; i++)
        count += below(config, l.span / degree, node * degree + i) > 0;
    return count;
}

/* Level 0 fits into one array, all levels above it into another. */
static uint32_t node_word(const step_config *config, const step_cpu *cpu)
{
    tree_level level = level_at(config, cpu->index);
    uint32_t node = cpu->me / level.span;

    if (cpu->index == 0)
        return one(config, cpu, node);
    return of_gather(config, cpu, F_UP0) + level.first - level_at(config, 1).first + node;
}

/* cpu->index is the level. Parts: 0 count up, 1 reset the full node, 2 tell the boot CPU. */
static void request_tree(const step_config *config, const step_cpu *cpu, step_request *out)
{
    out->word = cpu->part == 2 ? all(config, cpu) : node_word(config, cpu);
    out->op = cpu->part == 0 ? STEP_ADD : STEP_STORE;
    out->a = cpu->part != 1;
}

/* 1 when this CPU has nothing more to say. */
static int consume_tree(const step_config *config, step_cpu *cpu, uint32_t value)
{
    tree_level level = level_at(config, cpu->index);

    if (cpu->part == 2)
        return 1;
    if (cpu->part == 0) {
        cpu->part = 1;
        return value + 1 < children(config, cpu->index, cpu->me / level.span);
    }
    cpu->part = level.width == 1 ? 2 : 0;
    cpu->index = (uint16_t)(cpu->index + (level.width > 1));
    return 0;
}

/* ---- arriving and gathering ------------------------------------------------------------- */

static void request_arrive(const step_config *config, const step_cpu *cpu, step_request *out)
{
    if (kind_of(config) == KIND_TREE) {
        request_tree(config, cpu, out);
    } else if (kind_of(config) == KIND_BITS) {
        out->op = STEP_ADD;
        out->word = one(config, cpu, cpu->me / 32);
        out->a = UINT32_C(1) << (cpu->me % 32);
    } else {
        out->op = STEP_STORE;
        out->word = one(config, cpu, cpu->me);
        out->a = 1;
    }
}

/* What a full word looks like. */
static uint32_t full(const step_config *config, uint32_t index)
{
    uint32_t bits = 0;

    switch (kind_of(config)) {
    case KIND_COUNTER:
        return config->cpus - 1u;
    case KIND_BITS:
        for (uint32_t i = 32 * index; i < 32 * index + 32 && i < config->cpus; i++)
            bits |= i == config->boot_cpu ? 0 : UINT32_C(1) << (i % 32);
        return bits;
    default:
        return 1;
    }
}

static uint32_t gather_words(const step_config *config)
{
    switch (kind_of(config)) {
    case KIND_BITS:
        return (config->cpus + 31u) / 32u;
    case KIND_FLAGS:
        return config->cpus;
    default:
        return 1;
    }
}

/* Words that nobody writes are passed over. */
static int nobody_writes(const step_config *config, uint32_t index)
{
    if (kind_of(config) == KIND_FLAGS)
        return index == config->boot_cpu;
    return kind_of(config) == KIND_BITS ? full(config, index) == 0 : config->cpus == 1;
}

/* The word that the boot CPU is at, or how many there are. */
static uint32_t gather_index(const step_config *config, const step_cpu *cpu)
{
    uint32_t index = cpu->index;

    while (index < gather_words(config) && nobody_writes(config, index))
        index++;
    return index;
}

/* Each word in turn: part 0 waits until it is full, part 1 empties it for the next SMI. */
static void request_gather(const step_config *config, const step_cpu *cpu, step_request *out)
{
    int single = kind_of(config) == KIND_COUNTER || kind_of(config) == KIND_TREE;
    uint32_t index = gather_index(config, cpu);

    *out = (step_request){.op = STEP_LOAD, .word = F_GO};
    if (index == gather_words(config))
        return;
    out->word = single ? all(config, cpu) : one(config, cpu, index);
    out->op = cpu->part == 0 ? STEP_WAIT : STEP_STORE;
    out->cond = STEP_EQ;
    out->a = cpu->part == 0 ? full(config, index) : 0;
}

static int consume_gather(const step_config *config, step_cpu *cpu)
{
    uint32_t index = gather_index(config, cpu);

    if (index == gather_words(config))
        return 1;
    cpu->part = !cpu->part;
    cpu->index = (uint16_t)(cpu->part ? index : index + 1);
    return gather_index(config, cpu) == gather_words(config);
}

/* ---- the frame -------------------------------------------------------------------------- */

static void request_own(const step_config *config, const step_cpu *cpu, step_request *out)
{
    if (config->code[cpu->row].local == OWN_ARRIVE)
        request_arrive(config, cpu, out);
    else
        request_gather(config, cpu, out);
}

static int consume_own(const step_config *config, step_cpu *cpu, uint32_t value)
{
    if (config->code[cpu->row].local == OWN_GATHER)
        return consume_gather(config, cpu);
    return kind_of(config) != KIND_TREE || consume_tree(config, cpu, value);
}

static const steps_program program = {
    .handlers = basic_handlers, .request = request_own, .consume = consume_own};

static void table(step_config *c)
{
    const step_code code[ROWS] = {STEPS(STEPS_CODE)};

    memcpy(c->code, code, sizeof code);
}

static void initial(const step_config *config, uint32_t *words)
{
    memset(words, 0, sizeof *words * (config->first[F_UP1] + config->possible));
}

#define DESIGN(label, kind, degree, text) \
    {.name = (label),                     \
     .summary = (text),                   \
     .fields = fields[kind],              \
     .field_count = FIELDS,               \
     .rows = rows,                        \
     .row_count = ROWS,                   \
     .features = HAS(kind, degree),       \
     .configure = basic_configure,        \
     .table = table,                      \
     .initial = initial,                  \
     .program = &program,                 \
     .gathers = 1,                        \
     .separate_timeouts = 1,              \
     .hook_election = 1},

/* clang-format off */
const step_protocol designs_protocols[] = {
    DESIGN("design-counter", KIND_COUNTER, 0, "gather by one counter, load and CAS")
    DESIGN("design-bits", KIND_BITS, 0, "gather by a bit for each CPU")
    DESIGN("design-flags", KIND_FLAGS, 0, "gather by a word for each CPU, scanned")
    DESIGN("design-tree2", KIND_TREE, 2, "gather by a combining tree of degree 2")
    DESIGN("design-tree4", KIND_TREE, 4, "gather by a combining tree of degree 4")
    DESIGN("design-tree8", KIND_TREE, 8, "gather by a combining tree of degree 8")};
/* clang-format on */
const int designs_protocol_count = sizeof designs_protocols / sizeof designs_protocols[0];
