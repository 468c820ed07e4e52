/* SPDX-License-Identifier: Apache-2.0 */
/* steps: runs a protocol that is written as a table of steps. */
#include "models/protocol/steps.h"

#include "sim/lib/bytes.h"

enum {
    PART_HELD = 5,          /* of a loop: is the CPU's lock held? */
    INDEX_OPEN = UINT16_MAX /* free_order: a loop that has not chosen its next CPU */
};

static int is_gated(const step_code *code) /* part 0 asks whether the CPU is present */
{
    return code->loop >= LOOP_PRESENT && code->loop <= LOOP_ABSENT;
}

/* ---- request ---------------------------------------------------------------------------- */

static uint32_t cpu_at(const step_code *code, const step_cpu *cpu)
{
    switch ((steps_at)code->at) {
    case AT_ME:
        return cpu->me;
    case AT_I:
        return cpu->index;
    case AT_BSP:
        return cpu->bsp;
    case AT_HEIR:
        return cpu->bsp - 1u;
    default:
        return 0;
    }
}

static uint32_t value_of(const step_code *code, const step_cpu *cpu)
{
    switch ((steps_value)code->value) {
    case VALUE_A:
        return code->a;
    case VALUE_ME:
        return cpu->me;
    case VALUE_FLAG:
        return (cpu->flags & code->a) != 0;
    case VALUE_JOB:
        return (cpu->loaded & (STEP_JOB_TOKEN - 1)) - 1;
    }
    sim_panic(__FILE__, __LINE__, "no such value");
}

static void swap(step_request *out, uint32_t from, uint32_t to)
{
    out->op = STEP_CAS;
    out->a = from;
    out->b = to;
}

static void wait_own(step_request *out, step_cond cond, uint32_t a)
{
    out->op = STEP_WAIT;
    out->cond = (uint8_t)cond;
    out->a = a;
    out->own = 1;
}

static void request_wait(const step_config *config, const step_code *code, const step_cpu *cpu,
                         step_request *out)
{
    out->op = STEP_WAIT;
    out->cond = code->cond;
    out->bound = code->bound;
    out->a = code->a;
    out->b = code->b;
    if (code->at == AT_I && cpu->index >= config->cpus) /* there is no such CPU to wait for */
        *out = (step_request){.op = STEP_LOAD, .word = out->word};
}

/* The CPU that a loop is at comes first in question. */
static void request_gate(const steps_program *program, const step_config *config,
                         const step_cpu *cpu, step_request *out)
{
    uint8_t field = cpu->part == PART_HELD ? program->lock : program->present;

    *out = (step_request){.op = STEP_LOAD, .word = config->first[field] + cpu->index};
}

static void request_hand(const steps_program *program, const step_config *config,
                         const step_cpu *cpu, step_request *out)
{
    int token = cpu->flags & program->token_flag;

    out->op = STEP_STORE;
    out->a = (cpu->ticket + 1u) | (token ? STEP_JOB_TOKEN : 0);
    if (cpu->part == 2) /* an absent AP counts as finished */
        *out =
            (step_request){.op = STEP_ADD, .word = config->first[program->token], .a = UINT32_MAX};
}

static void request_lock(int part, step_request *out)
{
    if (part == 0) {
        wait_own(out, STEP_EQ, STEPS_LOCK_FREE);
    } else if (part == 1) {
        swap(out, STEPS_LOCK_FREE, STEPS_LOCK_HELD);
    } else {
        out->op = STEP_STORE;
        out->a = STEPS_LOCK_FREE;
    }
}

static void request_counter(const step_code *code, const step_cpu *cpu, int part, step_request *out)
{
    if (part == 1) {
        swap(out, cpu->loaded, (cpu->loaded & code->a) + code->b);
    } else if (code->op == OP_DOWN) {
        wait_own(out, STEP_NE, 0);
        out->local = code->local;
    } else {
        out->op = STEP_LOAD_OWN;
    }
}

/* Rows without a shared word. */
static void request_other(const step_code *code, const step_cpu *cpu, step_request *out)
{
    *out = (step_request){.op = STEP_LEAVE, .local = code->local};
    switch ((steps_op)code->op) {
    case OP_DELAY:
        out->op = STEP_LOCAL;
        out->a = value_of(code, cpu);
        break;
    case OP_ASK:
    case OP_HANDLERS:
        out->op = STEP_ASK;
        out->a = cpu->ticket;
        break;
    case OP_IPI:
        out->op = STEP_IPI;
        out->target = (uint16_t)cpu_at(code, cpu);
        break;
    default:
        SIM_ASSERT(code->op == OP_RSM);
    }
}

/* free_order: the CPUs that the loop may visit next. */
static void request_choice(const step_config *config, const step_cpu *cpu, step_request *out)
{
    SIM_ASSERT(config->free_order && config->possible <= 31);
    *out = (step_request){
        .op = STEP_ASK, .local = ASK_NEXT_CPU, .a = ~cpu->done & ((1u << config->possible) - 1)};
}

void steps_request(const steps_program *program, const step_config *config, const step_cpu *cpu,
                   step_request *out)
{
    const step_code *code = &config->code[cpu->row];
    int part = cpu->part;

    if (cpu->index == INDEX_OPEN) {
        request_choice(config, cpu, out);
        return;
    }
    if (is_gated(code)) {
        if (part == 0 || part == PART_HELD) {
            request_gate(program, config, cpu, out);
            return;
        }
        part--;
    }
    *out = (step_request){.op = STEP_LOAD, .word = config->first[code->field] + cpu_at(code, cpu)};
    switch ((steps_op)code->op) {
    case OP_LOAD:
        break;
    case OP_STORE:
        out->op = STEP_STORE;
        out->a = value_of(code, cpu);
        break;
    case OP_CAS:
        swap(out, code->a, code->value == VALUE_ME ? cpu->me : code->b);
        break;
    case OP_ADD:
        out->op = STEP_ADD;
        out->a = code->a;
        break;
    case OP_WAIT:
        request_wait(config, code, cpu, out);
        break;
    case OP_WAIT_K:
        out->op = STEP_WAIT_COUNT;
        out->a = cpu->counted + 1u;
        out->b = code->b;
        break;
    case OP_UP:
    case OP_DOOR:
    case OP_DOWN:
        request_counter(code, cpu, part, out);
        break;
    case OP_ACQUIRE:
    case OP_TRY:
    case OP_PASS:
        request_lock(part, out);
        break;
    case OP_HAND:
        request_hand(program, config, cpu, out);
        break;
    case OP_OWN:
        program->request(config, cpu, out);
        break;
    default:
        request_other(code, cpu, out);
    }
}

/* ---- consume ---------------------------------------------------------------------------- */

uint16_t steps_next_other(const step_cpu *cpu)
{
    uint16_t next = (uint16_t)(cpu->index + 1);

    return next == cpu->me ? (uint16_t)(next + 1) : next;
}

/* Has a loop visited all that it has to? */
static inline int loop_over(const step_config *config, const step_cpu *cpu)
{
    const step_code *code = &config->code[cpu->row];

    switch ((steps_loop)code->loop) {
    case LOOP_ONCE:
        return 0;
    case LOOP_K_TIMES:
        return cpu->rounds_left == 0;
    case LOOP_EACH:
        return cpu->index >= code->b;
    default:
        SIM_ASSERT(!config->free_order || config->possible <= 31);
        return config->free_order ? cpu->done == (1u << config->possible) - 1
                                  : cpu->index >= config->possible;
    }
}

static void begin(const step_config *config, step_cpu *cpu, uint8_t row)
{
    const step_code *code = &config->code[row];

    cpu->row = row;
    SIM_ASSERT(row < STEP_ROWS_MAX && !code->off);
    cpu->part = code->op == OP_TRY;
    cpu->loaded = 0;
    cpu->done = 0;
    if (steps_visits(code)) {
        cpu->done = config->free_order ? 1u << cpu->me : 0;
        cpu->index = config->free_order ? INDEX_OPEN : cpu->me == 0;
    } else if (!code->serves) {
        cpu->index = 0;
    }
    if (code->loop == LOOP_K_TIMES)
        cpu->rounds_left = cpu->counted;
}

static inline int holds(const steps_program *program, const step_config *config,
                        const step_cpu *cpu, const step_result *result)
{
    uint8_t test = config->code[cpu->row].test;

    if (test >= TESTS_COMMON)
        return program->holds(config, cpu, test, result);
    switch (test) {
    case TEST_ALWAYS:
        return 1;
    case TEST_TRUE:
        return result->value != 0;
    case TEST_ZERO:
        return result->value == 0;
    case TEST_BOOT_CPU:
        return cpu->me == config->boot_cpu;
    default:
        return 0;
    }
}

/* The row is done: on to the next one that has something to do. */
static step_mark leave(const steps_program *program, const step_config *config, step_cpu *cpu,
                       const step_result *result)
{
    step_mark mark = MARK_NONE;
    uint32_t seen;

    do {
        const step_code *code = &config->code[cpu->row];
        int held = holds(program, config, cpu, result);
        uint8_t next = code->next[!held];

        if (code->op == OP_HANDLERS) {
            next = program->handlers(config, cpu, result->value);
            held = next == code->next[0];
        }
        if (held && code->mark)
            mark = (step_mark)code->mark;
        seen = code->keep ? program->keep(config, cpu, result, held) : 0;
        begin(config, cpu, next);
    } while (config->code[cpu->row].op == OP_AT_ONCE || loop_over(config, cpu));
    cpu->loaded = seen;
    return mark;
}

static step_mark part(step_cpu *cpu, int number)
{
    SIM_ASSERT(number >= 0 && number <= PART_HELD);
    cpu->part = (uint8_t)number;
    cpu->loaded = 0;
    return MARK_NONE;
}

/* A row that visits several CPUs is done with one: the next. */
static step_mark next_visit(const steps_program *program, const step_config *config, step_cpu *cpu,
                            const step_result *result)
{
    const step_code *code = &config->code[cpu->row];
    const uint16_t index = cpu->index;
    const uint32_t done = cpu->done;

    SIM_ASSERT(code->loop != LOOP_ONCE && (code->loop != LOOP_K_TIMES || cpu->rounds_left > 0));
    if (!holds(program, config, cpu, result))
        return leave(program, config, cpu, result);
    if (code->loop == LOOP_K_TIMES) {
        cpu->rounds_left--;
    } else if (code->loop == LOOP_EACH) {
        cpu->index++;
    } else if (config->free_order) {
        cpu->done |= 1u << index;
        cpu->index = INDEX_OPEN;
    } else {
        cpu->index = steps_next_other(cpu);
    }
    if (!loop_over(config, cpu))
        return part(cpu, 0);
    cpu->index = index;
    cpu->done = done;
    return leave(program, config, cpu, result);
}

/* Is the CPU that the loop is at one to visit? */
static step_mark consume_gate(const steps_program *program, const step_config *config,
                              step_cpu *cpu, const step_result *result)
{
    const step_code *code = &config->code[cpu->row];
    int visit = result->value != 0;

    if (cpu->part == PART_HELD)
        visit = result->value == STEPS_LOCK_HELD;
    else if (visit && code->loop == LOOP_SEIZED)
        return part(cpu, PART_HELD);
    else if (code->loop == LOOP_ABSENT)
        visit = !visit && cpu->index < config->cpus;
    if (!visit && code->op == OP_HAND && code->a && (cpu->flags & program->token_flag))
        return part(cpu, 2);
    return visit ? part(cpu, 1) : next_visit(program, config, cpu, result);
}

step_mark steps_consume(const steps_program *program, const step_config *config, step_cpu *cpu,
                        const step_result *result)
{
    const step_code *code = &config->code[cpu->row];
    int first = is_gated(code); /* the first part of the access itself */
    uint32_t value = result->value;

    SIM_ASSERT(code->on);
    if (cpu->index == INDEX_OPEN) {
        SIM_ASSERT(value < config->possible && !(cpu->done >> value & 1));
        cpu->index = (uint16_t)value;
        return MARK_NONE;
    }
    if (first && (cpu->part == 0 || cpu->part == PART_HELD))
        return consume_gate(program, config, cpu, result);
    switch ((steps_op)code->op) {
    case OP_UP:
    case OP_DOOR:
    case OP_DOWN:
        if (cpu->part == first) {
            if (code->op == OP_DOOR && !holds(program, config, cpu, result))
                break;
            cpu->part++;
            cpu->loaded = value;
            return MARK_NONE;
        }
        if (value != cpu->loaded)
            return part(cpu, first);
        break;
    case OP_ACQUIRE:
    case OP_PASS:
        if (cpu->part == first)
            return part(cpu, first + 1);
        if (cpu->part == first + 1 && value != STEPS_LOCK_FREE)
            return part(cpu, first);
        if (cpu->part == first + 1 && code->op == OP_PASS)
            return part(cpu, first + 2);
        break;
    case OP_OWN:
        if (!program->consume(config, cpu, value))
            return MARK_NONE;
        break;
    case OP_RSM:
        *cpu = (step_cpu){.me = cpu->me};
        return MARK_NONE;
    default:
        break;
    }
    return code->loop == LOOP_ONCE ? leave(program, config, cpu, result)
                                   : next_visit(program, config, cpu, result);
}

void steps_enter(const steps_program *program, const step_config *config, step_cpu *cpu)
{
    SIM_ASSERT(cpu->row == 0 && cpu->me < config->cpus);
    (void)leave(program, config, cpu, &(step_result){0});
    SIM_ASSERT(cpu->row != 0);
}

uint32_t steps_sections(const step_config *config, const step_cpu *cpu)
{
    SIM_ASSERT(cpu->row < STEP_ROWS_MAX && cpu->return_row < STEP_ROWS_MAX);
    return config->code[cpu->return_row ? cpu->return_row : cpu->row].sections;
}

/* ---- link ------------------------------------------------------------------------------- */

/* Relaxed mode is traditional if MTRRs must be programmed. */
static uint8_t sections(const step_config *config, step_role role)
{
    uint8_t locked_early = config->traditional || config->mtrr ? STEP_IN_LOCKED : 0;

    switch (role) {
    case ROLE_BSP:
        return STEP_IN_BSP;
    case ROLE_BSP_T:
        return STEP_IN_BSP | locked_early;
    case ROLE_SHUT:
        return STEP_IN_BSP | STEP_IN_LOCKED;
    case ROLE_TEARDOWN:
        return STEP_IN_TEARDOWN;
    case ROLE_HANDLER:
    case ROLE_JOBS:
    case ROLE_SERVICE:
        return STEP_IN_BSP | STEP_IN_HANDLER | locked_early;
    case ROLE_WORKER:
        return STEP_AT_JOB;
    default:
        return 0;
    }
}

void steps_link(const step_protocol *self, step_config *config)
{
    uint8_t then[STEP_ROWS_MAX];

    SIM_ASSERT(self->row_count <= STEP_ROWS_MAX && self->field_count <= STEP_FIELDS_MAX);
    config->features = self->features;
    self->table(config);
    for (int f = 0; f < self->field_count; f++)
        config->first[f] = step_word(self, config, f, 0);
    for (int row = 0; row < self->row_count; row++) {
        config->code[row].sections = sections(config, (step_role)self->rows[row].role);
        config->id[row] = bytes_hash_name(self->rows[row].id);
        then[row] = config->code[row].next[0];
    }
    for (int row = 0; row < self->row_count; row++)
        for (int way = 0; way < 2 && !config->code[row].off; way++) {
            uint8_t *next = &config->code[row].next[way];

            for (int passed = 0; config->code[*next].off; passed++) {
                SIM_ASSERT(passed < self->row_count);
                *next = then[*next];
            }
        }
    for (int row = 0; row < self->row_count; row++)
        config->code[row].on = !config->code[row].off && config->code[row].op > OP_AT_ONCE;
}
