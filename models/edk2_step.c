/* SPDX-License-Identifier: Apache-2.0 */
/* edk2_step: what each step of edk2's rendezvous accesses, and what follows from the value. */
#include "models/edk2_rows.h"

#define LIBRARY(config) (((config)->era & ERA_SYNC_LIB) != 0)

/* Words: scalars first, then the arrays (the order of EDK2_FIELDS). */
static uint32_t word_of(const step_config *config, uint32_t field, uint32_t cpu)
{
    if (field < F_RUN)
        return field;
    return F_RUN + (field - F_RUN) * config->possible + cpu;
}

/* ---- what to do next -------------------------------------------------------------------- */

static void access_word(step_request *out, step_op op, uint32_t word, uint32_t a)
{
    out->op = (uint8_t)op;
    out->word = word;
    out->a = a;
}

static void wait_for(step_request *out, step_cond cond, uint32_t word, uint32_t a)
{
    access_word(out, STEP_WAIT, word, a);
    out->cond = (uint8_t)cond;
    /* semaphores and locks: a CAS follows */
    out->own = cond == STEP_NE || (cond == STEP_EQ && a == EDK2_FREE);
}

static void swap(step_request *out, uint32_t word, uint32_t from, uint32_t to)
{
    access_word(out, STEP_CAS, word, from);
    out->b = to;
}

static void local_delay(step_request *out, step_local kind, uint32_t operand)
{
    out->op = STEP_LOCAL;
    out->local = (uint16_t)kind;
    out->a = operand;
}

static void ask(step_request *out, step_question question, uint32_t operand)
{
    out->op = STEP_ASK;
    out->local = (uint16_t)question;
    out->a = operand;
}

/* acquire(lock): part `first` waits until it is free, the next part takes it */
static void acquire(step_request *out, uint32_t word, int part)
{
    if (part == 0)
        wait_for(out, STEP_EQ, word, EDK2_FREE);
    else
        swap(out, word, EDK2_FREE, EDK2_HELD);
}

/* semaphore up: part 0 loads, part 1 swaps */
static void semaphore_up(const step_cpu *cpu, step_request *out, uint32_t word, int part)
{
    if (part == 0)
        access_word(out, STEP_LOAD_OWN, word, 0);
    else
        swap(out, word, cpu->seen, cpu->seen + 1);
}

/* semaphore down: part 0 waits until it is not 0, part 1 swaps */
static void semaphore_down(const step_cpu *cpu, step_request *out, uint32_t word, int part)
{
    if (part == 0)
        wait_for(out, STEP_NE, word, 0);
    else
        swap(out, word, cpu->seen, cpu->seen - 1);
}

static uint32_t job_word(const step_cpu *cpu)
{
    uint32_t token = (cpu->flags & FLAG_TOKEN) ? JOB_TOKEN : 0;

    return (cpu->ticket + 1u) | token;
}

/* A semaphore that is set and cleared: a second post before the first is taken is lost. */
static void make_binary(step_request *out)
{
    if (out->op == STEP_CAS && out->word >= F_RUN)
        out->b = out->b == out->a + 1;
}

static void request_each(const step_config *config, const step_cpu *cpu, step_request *out)
{
    uint32_t i = cpu->index;

    if (cpu->part == 0 || cpu->part == PART_HELD) {
        access_word(out, STEP_LOAD, word_of(config, cpu->part ? F_BUSY : F_PRE, i), 0);
        return;
    }
    switch ((edk2_code)edk2_operations[cpu->row].code) {
    case CODE_RELEASE:
        semaphore_up(cpu, out, word_of(config, F_RUN, i), cpu->part - 1);
        break;
    case CODE_HAND:
        access_word(out, STEP_STORE, word_of(config, F_JOB, i), job_word(cpu));
        if (cpu->part == 2) /* an absent AP counts as finished */
            access_word(out, STEP_ADD, F_TOK, UINT32_MAX);
        break;
    case CODE_DRAIN:
    case CODE_SEIZE:
        if (cpu->part < 3)
            acquire(out, word_of(config, F_BUSY, i), cpu->part - 1);
        else
            access_word(out, STEP_STORE, word_of(config, F_BUSY, i), EDK2_FREE);
        break;
    default:
        sim_panic(__FILE__, __LINE__, "not a loop over the APs");
    }
    if (config->mutant & EDK2_MUTANT_BINARY && edk2_operations[cpu->row].code == CODE_RELEASE)
        make_binary(out);
}

static void request_door(const step_config *config, const step_cpu *cpu, step_request *out)
{
    switch ((edk2_code)edk2_operations[cpu->row].code) {
    case CODE_CHECK_IN:
        semaphore_up(cpu, out, F_CNT, cpu->part);
        break;
    case CODE_CHECK_OUT:
        semaphore_down(cpu, out, F_CNT, cpu->part);
        if (cpu->part == 0 && LIBRARY(config))
            access_word(out, STEP_LOAD_OWN, F_CNT, 0);
        break;
    case CODE_LOCK:
        if (cpu->part == 0)
            access_word(out, STEP_LOAD_OWN, F_CNT, 0);
        else
            swap(out, F_CNT, cpu->seen, EDK2_LOCKED);
        break;
    case CODE_GATHER:
    case CODE_TAKE:
        semaphore_down(cpu, out, word_of(config, F_RUN, cpu->me), cpu->part);
        out->local = cpu->part == 0 && !(config->era & ERA_PAUSE) ? STEP_NO_PAUSE : 0;
        break;
    case CODE_POST:
        semaphore_up(cpu, out, word_of(config, F_RUN, cpu->bsp), cpu->part);
        break;
    default:
        sim_panic(__FILE__, __LINE__, "not a semaphore operation");
    }
}

static void wait_for_aps(const step_config *config, step_request *out, step_bound bound)
{
    wait_for(out, STEP_ARRIVED, F_CNT, config->cpus);
    out->b = config->excused;
    out->bound = (uint8_t)bound;
}

static void wait_for_bsp(step_request *out, step_bound bound)
{
    wait_for(out, STEP_EQ, F_INS, 1);
    out->own = 0;
    out->bound = (uint8_t)bound;
}

static void request_bsp(const step_config *config, const step_cpu *cpu, step_request *out)
{
    switch (cpu->row) {
    case ROW_R11_CANDIDATES:
        access_word(out, STEP_STORE, word_of(config, F_CAND, cpu->index), 0);
        break;
    case ROW_B3:
        ask(out, ASK_SYNC_NEEDED, 0);
        break;
    case ROW_B4:
        wait_for_aps(config, out, STEP_TIMEOUT1);
        break;
    case ROW_B6:
        wait_for_aps(config, out, STEP_TIMEOUT2);
        break;
    case ROW_B4_AAX:
    case ROW_B6_AAX:
    case ROW_B7_AAX:
        access_word(out, STEP_STORE, F_AAX, (cpu->flags & FLAG_ARRIVED) != 0);
        break;
    case ROW_B5_SCAN:
        access_word(out, STEP_LOAD, word_of(config, F_PRE, cpu->index), 0);
        if (cpu->part == 1) {
            *out = (step_request){.op = STEP_IPI, .target = cpu->index};
        }
        break;
    case ROW_B15:
        acquire(out, word_of(config, F_BUSY, cpu->me), cpu->part);
        break;
    case ROW_B16:
        ask(out, ASK_HANDLER, cpu->ticket);
        break;
    case ROW_B21:
        access_word(out, STEP_WAIT_COUNT, word_of(config, F_PRE, 0), cpu->count + 1u);
        out->b = config->possible;
        break;
    case ROW_B26_CAND:
        access_word(out, STEP_STORE, word_of(config, F_CAND, cpu->bsp - 1u), 1);
        break;
    default:
        sim_panic(__FILE__, __LINE__, "no such step of the BSP");
    }
}

static void request_job(const step_config *config, const step_cpu *cpu, step_request *out)
{
    uint32_t i = cpu->index;

    switch (cpu->row) {
    case ROW_J1:
    case ROW_K1:
        access_word(out, STEP_LOAD, word_of(config, F_PRE, i), 0);
        break;
    case ROW_K2:
        access_word(out, STEP_LOAD, word_of(config, F_BUSY, i), 0);
        break;
    case ROW_J2:
    case ROW_J5:
        acquire(out, word_of(config, F_BUSY, i), cpu->part);
        break;
    case ROW_J3:
        access_word(out, STEP_STORE, word_of(config, F_JOB, i), job_word(cpu));
        break;
    case ROW_J4:
        semaphore_up(cpu, out, word_of(config, F_RUN, i), cpu->part);
        if (config->mutant & EDK2_MUTANT_BINARY)
            make_binary(out);
        break;
    case ROW_J6:
        access_word(out, STEP_STORE, word_of(config, F_BUSY, i), EDK2_FREE);
        break;
    case ROW_K3:
        access_word(out, STEP_ADD, F_TOK, config->possible - 1u);
        break;
    case ROW_V3:
        if (i >= config->cpus) { /* a hole among the possible CPUs: nobody to wait for */
            access_word(out, STEP_LOAD, word_of(config, F_PRE, i), 0);
            break;
        }
        wait_for(out, STEP_EQ, word_of(config, F_PRE, i), 1);
        out->own = 0;
        out->bound = STEP_TIMEOUT2;
        break;
    default:
        sim_panic(__FILE__, __LINE__, "no such step of a job's start");
    }
}

static void request_ap(const step_config *config, const step_cpu *cpu, step_request *out)
{
    switch (cpu->row) {
    case ROW_R4:
        ask(out, ASK_VALID_SMI, 0);
        break;
    case ROW_R10_ELECT:
        access_word(out, STEP_STORE, F_BSP, cpu->me);
        break;
    case ROW_R10_RACE:
    case ROW_A2_STAND:
        swap(out, F_BSP, EDK2_NONE, cpu->me);
        break;
    case ROW_A1:
        wait_for_bsp(out, STEP_TIMEOUT1);
        break;
    case ROW_A3:
        wait_for_bsp(out, STEP_TIMEOUT2);
        break;
    case ROW_A2_SEND:
        *out = (step_request){.op = STEP_IPI, .target = cpu->bsp};
        break;
    case ROW_A13_WORK:
        local_delay(out, LOCAL_JOB, (cpu->seen & (JOB_TOKEN - 1)) - 1);
        break;
    case ROW_A13_TOKEN:
        access_word(out, STEP_ADD, F_TOK, UINT32_MAX);
        break;
    case ROW_A13_OTHERS:
        access_word(out, STEP_LOAD, word_of(config, F_BUSY, cpu->index), 0);
        break;
    case ROW_A13_RELEASE:
        access_word(out, STEP_ADD, F_TOK, 1u - config->possible);
        break;
    case ROW_R12:
    case ROW_R7_LATE:
        wait_for(out, STEP_EQ, F_SYN, 0);
        if (config->era & ERA_DOOR_WAIT)
            wait_for(out, STEP_NE, F_CNT, EDK2_LOCKED);
        out->own = 0;
        break;
    case ROW_R13:
        out->op = STEP_LEAVE;
        break;
    default:
        sim_panic(__FILE__, __LINE__, "no such step");
    }
}

void edk2_request(const step_config *config, const step_cpu *cpu, step_request *out)
{
    const edk2_operation *operation = &edk2_operations[cpu->row];
    uint32_t field = operation->operand;

    *out = (step_request){.op = STEP_LOAD};
    if (cpu->index == INDEX_OPEN) {
        ask(out, ASK_NEXT_CPU, ~cpu->done & ((1u << config->possible) - 1));
        return;
    }
    switch ((edk2_code)operation->code) {
    case CODE_LOAD:
        out->word = field;
        break;
    case CODE_LOAD_MINE:
        out->word = word_of(config, field, cpu->me);
        break;
    case CODE_STORE_0:
    case CODE_STORE_1:
    case CODE_STORE_NONE:
        access_word(out, STEP_STORE, field, operation->code == CODE_STORE_1);
        if (operation->code == CODE_STORE_NONE)
            out->a = EDK2_NONE;
        break;
    case CODE_STORE_MINE:
    case CODE_STORE_MINE_0:
        access_word(out, STEP_STORE, word_of(config, field, cpu->me),
                    operation->code == CODE_STORE_MINE);
        break;
    case CODE_LOCAL:
        local_delay(out, (step_local)field, 0);
        break;
    case CODE_PLAIN:
        if (cpu->row >= ROW_J1 && cpu->row <= ROW_V3)
            request_job(config, cpu, out);
        else if (cpu->row >= ROW_R11_SWITCH && cpu->row <= ROW_B32)
            request_bsp(config, cpu, out);
        else
            request_ap(config, cpu, out);
        break;
    case CODE_RELEASE:
    case CODE_DRAIN:
    case CODE_SEIZE:
    case CODE_HAND:
        request_each(config, cpu, out);
        break;
    default:
        request_door(config, cpu, out);
        if (config->mutant & EDK2_MUTANT_BINARY)
            make_binary(out);
    }
}
