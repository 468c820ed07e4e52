/* SPDX-License-Identifier: Apache-2.0 */
/* designs: the step machines of the gathering designs. */
#include "models/designs.h"

#include <string.h>

#include "models/plain.h"

/* Two gathers in each SMI, each with words of its own: arrival (0) and departure (1). */
enum { F_GO, F_ALL0, F_ALL1, F_ONE0, F_ONE1, F_UP0, F_UP1, FIELDS };
enum {
    ROW_OUT,
    ROW_ARRIVE,
    ROW_COME,
    ROW_GATHER,
    ROW_HANDLER,
    ROW_RAISE,
    ROW_GATHER2,
    ROW_LOWER,
    ROW_SEE,
    ROW_DEPART,
    ROW_SEE2,
    ROW_LEAVE,
    ROWS
};

static const step_field fields[FIELDS] = {
    {"GO", "release flag", 0, PLACE_OWN_LINE},
    {"ARRIVED", "arrival counter", 0, PLACE_OWN_LINE},
    {"DEPARTED", "departure counter", 0, PLACE_OWN_LINE},
    {"ARRIVE", "arrival word", 1, PLACE_OWN_LINE},
    {"DEPART", "departure word", 1, PLACE_OWN_LINE},
    {"UP", "arrival, upper tree nodes", 1, PLACE_OWN_LINE},
    {"DOWN", "departure, upper tree nodes", 1, PLACE_OWN_LINE},
};

static const step_row rows[ROWS] = {
    [ROW_OUT] = {"OUT", "-", "", "outside SMM", MARK_NONE},
    [ROW_ARRIVE] = {"ARRIVE", "D1", "", "say that this CPU is in", MARK_CHECKED_IN},
    [ROW_COME] = {"COME", "D2", "", "boot CPU: is in", MARK_BSP_IN},
    [ROW_GATHER] = {"GATHER", "D3", "", "boot CPU: wait until all are in", MARK_HANDLER},
    [ROW_HANDLER] = {"HANDLER", "D4", "", "the handlers run", MARK_HANDLER_END},
    [ROW_RAISE] = {"RAISE", "D5", "", "release all", MARK_NONE},
    [ROW_GATHER2] = {"GATHER2", "D6", "", "boot CPU: wait until all have seen it", MARK_NONE},
    [ROW_LOWER] = {"LOWER", "D7", "", "let all leave", MARK_RESET},
    [ROW_SEE] = {"SEE", "D8", "", "wait for the release", MARK_PRESENT},
    [ROW_DEPART] = {"DEPART", "D9", "", "say that this CPU has seen it", MARK_NONE},
    [ROW_SEE2] = {"SEE2", "D10", "", "wait until all may leave", MARK_RELEASED},
    [ROW_LEAVE] = {"LEAVE", "D11", "", "leave: RSM", MARK_NONE},
};

typedef enum { KIND_COUNTER, KIND_BITS, KIND_FLAGS, KIND_TREE } design_kind;
#define ERA(kind, degree) ((uint32_t)(kind) | (uint32_t)(degree) << 8)

static design_kind kind_of(const step_config *config)
{
    return (design_kind)(config->era & 0xff);
}

static uint32_t degree_of(const step_config *config)
{
    return config->era >> 8;
}

static uint32_t word_of(const step_config *config, uint32_t field, uint32_t cpu)
{
    return field < F_ONE0 ? field : F_ONE0 + (field - F_ONE0) * config->possible + cpu;
}

static int second(const step_cpu *cpu)
{
    return cpu->row == ROW_GATHER2 || cpu->row == ROW_DEPART;
}

static uint32_t one(const step_config *config, const step_cpu *cpu, uint32_t index)
{
    return word_of(config, second(cpu) ? F_ONE1 : F_ONE0, index);
}

static uint32_t all(const step_cpu *cpu)
{
    return second(cpu) ? F_ALL1 : F_ALL0;
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
    uint32_t above = level_at(config, cpu->index).first - level_at(config, 1).first;

    if (cpu->index == 0)
        return one(config, cpu, cpu->left);
    return word_of(config, second(cpu) ? F_UP1 : F_UP0, above + cpu->left);
}

/* cpu->index is the level, cpu->left the node in it. Parts: 0 count up, 1 reset the full node, 2
 * tell the boot CPU. */
static void request_tree(const step_config *config, const step_cpu *cpu, step_request *out)
{
    out->word = cpu->part == 2 ? all(cpu) : node_word(config, cpu);
    out->op = cpu->part == 0 ? STEP_ADD : STEP_STORE;
    out->a = cpu->part != 1;
}

/* 1 when this CPU has nothing more to say. */
static int consume_tree(const step_config *config, step_cpu *cpu, uint32_t value)
{
    if (cpu->part == 2)
        return 1;
    if (cpu->part == 0) {
        cpu->part = 1;
        return value + 1 < children(config, cpu->index, cpu->left);
    }
    if (level_at(config, cpu->index).width == 1) {
        cpu->part = 2;
        return 0;
    }
    cpu->index++;
    cpu->left = (uint16_t)(cpu->left / degree_of(config));
    cpu->part = 0;
    return 0;
}

/* ---- arriving and gathering ------------------------------------------------------------- */

static void request_arrive(const step_config *config, const step_cpu *cpu, step_request *out)
{
    switch (kind_of(config)) {
    case KIND_COUNTER:
        out->op = cpu->part == 0 ? STEP_LOAD_OWN : STEP_CAS;
        out->word = all(cpu);
        out->a = cpu->seen;
        out->b = cpu->seen + 1;
        break;
    case KIND_BITS:
        out->op = STEP_ADD;
        out->word = one(config, cpu, cpu->me / 32);
        out->a = UINT32_C(1) << (cpu->me % 32);
        break;
    case KIND_FLAGS:
        out->op = STEP_STORE;
        out->word = one(config, cpu, cpu->me);
        out->a = 1;
        break;
    case KIND_TREE:
        request_tree(config, cpu, out);
        break;
    }
}

static int consume_arrive(const step_config *config, step_cpu *cpu, uint32_t value)
{
    if (kind_of(config) == KIND_TREE)
        return consume_tree(config, cpu, value);
    if (kind_of(config) != KIND_COUNTER)
        return 1;
    if (cpu->part == 1 && value == cpu->seen)
        return 1;
    cpu->seen = cpu->part == 0 ? value : 0;
    cpu->part = cpu->part == 0;
    return 0;
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

static void skip_empty(const step_config *config, step_cpu *cpu)
{
    while (cpu->index < gather_words(config) && nobody_writes(config, cpu->index))
        cpu->index++;
}

/* Each word in turn: part 0 waits until it is full, part 1 empties it for the next SMI. */
static void request_gather(const step_config *config, const step_cpu *cpu, step_request *out)
{
    int single = kind_of(config) == KIND_COUNTER || kind_of(config) == KIND_TREE;

    out->word = single ? all(cpu) : one(config, cpu, cpu->index);
    out->op = cpu->part == 0 ? STEP_WAIT : STEP_STORE;
    out->cond = STEP_EQ;
    out->a = cpu->part == 0 ? full(config, cpu->index) : 0;
}

/* ---- the frame -------------------------------------------------------------------------- */

static void begin(const step_config *config, step_cpu *cpu, int row)
{
    cpu->row = (uint8_t)row;
    cpu->part = 0;
    cpu->seen = 0;
    cpu->index = 0;
    cpu->left = 0;
    if ((row == ROW_ARRIVE || row == ROW_DEPART) && kind_of(config) == KIND_TREE)
        cpu->left = (uint16_t)(cpu->me / degree_of(config));
    if (row == ROW_GATHER || row == ROW_GATHER2)
        skip_empty(config, cpu);
}

static void request(const step_config *config, const step_cpu *cpu, step_request *out)
{
    *out = (step_request){.op = STEP_LEAVE};
    switch (cpu->row) {
    case ROW_ARRIVE:
    case ROW_DEPART:
        request_arrive(config, cpu, out);
        break;
    case ROW_GATHER:
    case ROW_GATHER2:
        if (cpu->index < gather_words(config))
            request_gather(config, cpu, out);
        else
            *out = (step_request){.op = STEP_LOAD, .word = F_GO};
        break;
    case ROW_COME:
        *out = (step_request){.op = STEP_LOAD, .word = F_GO};
        break;
    case ROW_HANDLER:
        *out = (step_request){.op = STEP_ASK, .local = ASK_HANDLER, .a = cpu->ticket};
        break;
    case ROW_RAISE:
    case ROW_LOWER:
        *out = (step_request){.op = STEP_STORE, .word = F_GO, .a = cpu->row == ROW_RAISE};
        break;
    case ROW_SEE:
    case ROW_SEE2:
        *out = (step_request){
            .op = STEP_WAIT, .cond = STEP_EQ, .word = F_GO, .a = cpu->row == ROW_SEE};
        break;
    default:
        break;
    }
}

static step_mark consume_gather(const step_config *config, step_cpu *cpu)
{
    int row = cpu->row;

    if (cpu->index < gather_words(config)) {
        if (cpu->part == 0) {
            cpu->part = 1;
            return MARK_NONE;
        }
        cpu->part = 0;
        cpu->index++;
        skip_empty(config, cpu);
        if (cpu->index < gather_words(config))
            return MARK_NONE;
    }
    begin(config, cpu, row + 1);
    return (step_mark)rows[row].mark;
}

static step_mark handler_says(const step_config *config, step_cpu *cpu, uint32_t value)
{
    cpu->ticket = 0;
    if (value >> 24 == ACTION_DONE) {
        begin(config, cpu, ROW_RAISE);
        return MARK_HANDLER_END;
    }
    if (value >> 24 != ACTION_COMPUTE) /* these designs start no jobs */
        cpu->ticket = OUTCOME_NOT_STARTED;
    return MARK_NONE;
}

static step_mark consume(const step_config *config, step_cpu *cpu, const step_result *result)
{
    int row = cpu->row;

    switch (row) {
    case ROW_ARRIVE:
    case ROW_DEPART:
        if (!consume_arrive(config, cpu, result->value))
            return MARK_NONE;
        begin(config, cpu, row == ROW_ARRIVE ? ROW_SEE : ROW_SEE2);
        break;
    case ROW_COME:
        begin(config, cpu, ROW_GATHER);
        break;
    case ROW_GATHER:
    case ROW_GATHER2:
        return consume_gather(config, cpu);
    case ROW_HANDLER:
        return handler_says(config, cpu, result->value);
    case ROW_RAISE:
        begin(config, cpu, ROW_GATHER2);
        break;
    case ROW_LOWER:
    case ROW_SEE2:
        begin(config, cpu, ROW_LEAVE);
        break;
    case ROW_SEE:
        begin(config, cpu, ROW_DEPART);
        break;
    default:
        *cpu = (step_cpu){.me = cpu->me};
        return MARK_NONE;
    }
    return (step_mark)rows[row].mark;
}

static void enter(const step_config *config, step_cpu *cpu)
{
    SIM_ASSERT(cpu->row == ROW_OUT && cpu->me < config->cpus);
    begin(config, cpu, cpu->me == config->boot_cpu ? ROW_COME : ROW_ARRIVE);
}

static void initial(const step_config *config, uint32_t *words)
{
    memset(words, 0, sizeof *words * word_of(config, FIELDS, 0));
}

#define DESIGN(label, kind, degree, text) \
    {.name = (label),                     \
     .summary = (text),                   \
     .fields = fields,                    \
     .field_count = FIELDS,               \
     .rows = rows,                        \
     .row_count = ROWS,                   \
     .era = ERA(kind, degree),            \
     .configure = plain_configure,        \
     .initial = initial,                  \
     .enter = enter,                      \
     .request = request,                  \
     .consume = consume,                  \
     .roles_bsp_first = ROW_COME,         \
     .roles_bsp_last = ROW_LOWER,         \
     .separate_timeouts = 1,              \
     .hook_election = 1},

const step_protocol designs_protocols[] = {
    DESIGN("design-counter", KIND_COUNTER, 0, "gather by one counter, load and CAS")
        DESIGN("design-bits", KIND_BITS, 0, "gather by a bit for each CPU")
            DESIGN("design-flags", KIND_FLAGS, 0, "gather by a word for each CPU, scanned") DESIGN(
                "design-tree2", KIND_TREE, 2, "gather by a combining tree of degree 2")
                DESIGN("design-tree4", KIND_TREE, 4, "gather by a combining tree of degree 4")
                    DESIGN("design-tree8", KIND_TREE, 8, "gather by a combining tree of degree 8")};
const int designs_protocol_count = sizeof designs_protocols / sizeof designs_protocols[0];
