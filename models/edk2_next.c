/* SPDX-License-Identifier: Apache-2.0 */
/* edk2_next: where each step of edk2's rendezvous leads, given the value that came back. */
#include "models/edk2_rows.h"

/* E17 only tries the BUSY lock of an AP. */
static int tries_busy(const step_config *config)
{
    return !(config->era & ERA_TOKENS) || (config->mutant & EDK2_MUTANT_TRY) != 0;
}

/* Jumps that depend on this CPU alone and cost no access. */
static int redirect(const step_config *config, step_cpu *cpu, int row)
{
    switch (row) {
    case ROW_R10_ELECT:
        return cpu->me == config->boot_cpu ? row : ROW_R10_ROLE;
    case ROW_B4:
        return (cpu->flags & FLAG_SKIP_T1) ? ROW_B5 : row;
    case ROW_B8: /* the wait for the APs is over: whoever asked for it goes on */
        if (cpu->back || !(config->era & ERA_RELOCK))
            cpu->flags &= (uint8_t)~FLAG_ARRIVED;
        cpu->flags &= (uint8_t)~FLAG_SKIP_T1;
        row = cpu->back ? cpu->back : row;
        cpu->back = 0;
        return row;
    case ROW_B26_CAND:
        return cpu->bsp ? row : ROW_B27;
    case ROW_A13_TOKEN:
        if ((cpu->seen & JOB_TOKEN) && (config->mutant & EDK2_MUTANT_F20))
            cpu->flags |= FLAG_TOKEN;
        return (cpu->seen & JOB_TOKEN) && !(cpu->flags & FLAG_TOKEN) ? row : ROW_A13_CLEAR;
    default:
        return row;
    }
}

static uint32_t everybody(const step_config *config)
{
    SIM_ASSERT(config->possible <= 31);
    return (1u << config->possible) - 1;
}

static void begin_loop(const step_config *config, step_cpu *cpu)
{
    cpu->index = cpu->me == 0;
    if (config->free_order) {
        cpu->done = 1u << cpu->me;
        cpu->index = INDEX_OPEN;
    }
}

/* Has a loop visited all CPUs? */
static int loop_over(const step_config *config, const step_cpu *cpu)
{
    return config->free_order ? cpu->done == everybody(config) : cpu->index >= config->possible;
}

static void begin_row(const step_config *config, step_cpu *cpu, int row)
{
    int tries = row == ROW_B15 || (row == ROW_J2 && tries_busy(config)); /* the BUSY lock, once */

    cpu->row = (uint8_t)row;
    cpu->part = tries && (row == ROW_J2 || !(config->era & ERA_TOKENS));
    if (row != ROW_A13_WORK && row != ROW_A13_TOKEN)
        cpu->seen = 0;
    if (edk2_operations[row].code == CODE_GATHER)
        cpu->left = cpu->count;
    cpu->done = 0;
    if (edk2_is_loop(row))
        begin_loop(config, cpu);
    else if (row < ROW_J1 || row > ROW_V3)
        cpu->index = 0;
    if (row > ROW_B28 && row < ROW_J1)
        cpu->count = 0;
    if (row == ROW_B27 || row == ROW_R12 || row == ROW_A4 || row == ROW_A6_BSP)
        cpu->bsp = 0;
}

/* Begins the first row in force at or after `row`; jumps and empty loops are followed. */
static void go(const step_config *config, step_cpu *cpu, int row)
{
    for (;;) {
        row = redirect(config, cpu, config->next[row]);
        begin_row(config, cpu, row);
        if (edk2_operations[row].code == CODE_GATHER
                ? cpu->count > 0
                : !edk2_is_loop(row) || !loop_over(config, cpu))
            return;
        row++;
    }
}

static step_mark jump(const step_config *config, step_cpu *cpu, int row)
{
    go(config, cpu, row);
    return MARK_NONE;
}

static step_mark advance(const step_config *config, step_cpu *cpu)
{
    step_mark mark = (step_mark)edk2_rows[cpu->row].mark;
    int row = cpu->row + 1;

    if (cpu->row <= ROW_B32 && config->next[row] == ROW_J1) /* the end of the BSP's rows */
        row = ROW_R12;
    go(config, cpu, row);
    return mark;
}

static step_mark part(step_cpu *cpu, uint8_t number)
{
    cpu->part = number;
    cpu->seen = 0;
    return MARK_NONE;
}

/* ---- jobs on APs ------------------------------------------------------------------------ */

static void next_other(const step_cpu *cpu, uint16_t *index)
{
    *index = (uint16_t)(*index + 1);
    if (*index == cpu->me)
        *index = (uint16_t)(*index + 1);
}

/* Back to the handler with the outcome of what it asked for. */
static step_mark answer(const step_config *config, step_cpu *cpu, step_outcome outcome)
{
    cpu->flags &= (uint8_t) ~(FLAG_SERIAL | FLAG_BLOCKING | FLAG_TOKEN);
    cpu->left = 0;
    go(config, cpu, ROW_B16);
    cpu->ticket = (uint16_t)outcome;
    return MARK_NONE;
}

/* One AP is done, or was absent: with StartupAllAPs one by one, the next. */
static step_mark next_ap(const step_config *config, step_cpu *cpu, step_outcome outcome)
{
    uint16_t index = cpu->index;
    uint16_t end = (config->mutant & EDK2_MUTANT_HOLES) ? config->possible : config->cpus;

    if (!(cpu->flags & FLAG_SERIAL) || index >= config->cpus)
        return answer(config, cpu, outcome);
    next_other(cpu, &index);
    if (index >= end)
        return answer(config, cpu, OUTCOME_SUCCESS);
    begin_row(config, cpu, ROW_J1);
    cpu->index = index;
    return MARK_NONE;
}

static step_mark start_job(const step_config *config, step_cpu *cpu, uint32_t value)
{
    int all = value >> 24 == ACTION_START_ALL;
    int parallel = (config->era & ERA_START_ALL) != 0;
    uint32_t ap = value & 0xfff;

    cpu->ticket = (value >> 12) & STEP_JOB_MAX;
    cpu->flags |= (value >> 23 & 1) ? FLAG_BLOCKING : 0;
    if (all ? config->possible == 1 : ap >= config->cpus || ap == cpu->me)
        return answer(config, cpu, OUTCOME_NOT_STARTED);
    if (all && (config->era & ERA_TOKENS) && parallel && !(cpu->flags & FLAG_BLOCKING))
        cpu->flags |= FLAG_TOKEN;
    if (all && parallel) {
        begin_row(config, cpu, ROW_K1);
        return MARK_NONE;
    }
    cpu->flags |= all ? FLAG_SERIAL : 0;
    begin_row(config, cpu, ROW_J1);
    cpu->index = all ? cpu->me == 0 : (uint16_t)ap;
    return MARK_NONE;
}

static step_mark handler_says(const step_config *config, step_cpu *cpu, uint32_t value)
{
    cpu->ticket = 0;
    switch ((step_action)(value >> 24)) {
    case ACTION_DONE:
        return advance(config, cpu);
    case ACTION_COMPUTE:
        return MARK_NONE;
    case ACTION_START_THIS:
    case ACTION_START_ALL:
        return start_job(config, cpu, value);
    case ACTION_RENDEZVOUS:
        if (!(config->era & ERA_SERVICE))
            return answer(config, cpu, OUTCOME_NOT_READY);
        begin_row(config, cpu, ROW_V1);
        return MARK_NONE;
    case ACTION_SWITCH_BSP:
        SIM_ASSERT((value & 0xfff) < config->cpus && config->election != ELECTION_FIXED);
        if ((value & 0xfff) != cpu->me)
            cpu->bsp = (uint16_t)((value & 0xfff) + 1);
        return MARK_NONE;
    }
    sim_panic(__FILE__, __LINE__, "no such action of a handler");
}

static step_mark consume_all_aps(const step_config *config, step_cpu *cpu, uint32_t value)
{
    uint16_t index = cpu->index;
    uint16_t present = cpu->left;

    if (cpu->row == ROW_K3) {
        go(config, cpu, ROW_K4);
        return MARK_NONE;
    }
    if (cpu->row == ROW_K2 && value != EDK2_FREE)
        return answer(config, cpu, OUTCOME_NOT_READY);
    if (cpu->row == ROW_K1 && value) {
        begin_row(config, cpu, ROW_K2);
        cpu->index = index;
        return MARK_NONE;
    }
    present = (uint16_t)(present + (cpu->row == ROW_K2));
    next_other(cpu, &index);
    if (index < config->possible)
        begin_row(config, cpu, ROW_K1);
    else if (present == 0)
        return answer(config, cpu, OUTCOME_NOT_STARTED);
    else
        begin_row(config, cpu, (cpu->flags & FLAG_TOKEN) ? ROW_K3 : ROW_K4);
    cpu->left = present;
    if (cpu->row == ROW_K1)
        cpu->index = index;
    return MARK_NONE;
}

static step_mark consume_job(const step_config *config, step_cpu *cpu, uint32_t value)
{
    uint16_t index = cpu->index;
    int row = cpu->row;

    switch (row) {
    case ROW_J1:
        if (!value)
            return next_ap(config, cpu, OUTCOME_NOT_STARTED);
        break;
    case ROW_J2:
    case ROW_J5:
        if (cpu->part == 0)
            return part(cpu, 1);
        if (value != EDK2_FREE && row == ROW_J2 && tries_busy(config))
            return next_ap(config, cpu, OUTCOME_NOT_READY);
        if (value != EDK2_FREE)
            return part(cpu, 0);
        break;
    case ROW_J4:
        if (cpu->part == 0) {
            cpu->part = 1;
            cpu->seen = value;
            return MARK_NONE;
        }
        if (value != cpu->seen)
            return part(cpu, 0);
        if (!(cpu->flags & FLAG_BLOCKING))
            return next_ap(config, cpu, OUTCOME_SUCCESS);
        break;
    case ROW_J6:
        return next_ap(config, cpu, OUTCOME_SUCCESS);
    default:
        break;
    }
    begin_row(config, cpu, row + 1);
    cpu->index = index;
    return MARK_NONE;
}

/* ---- loops over the present APs --------------------------------------------------------- */

static step_mark end_loop(const step_config *config, step_cpu *cpu)
{
    switch (cpu->row) {
    case ROW_K6:
        if (!(cpu->flags & FLAG_BLOCKING))
            return answer(config, cpu, OUTCOME_SUCCESS);
        break;
    case ROW_K7:
    case ROW_V3:
        return answer(config, cpu, OUTCOME_SUCCESS);
    default:
        break;
    }
    return advance(config, cpu);
}

static step_mark next_in_loop(const step_config *config, step_cpu *cpu)
{
    if (config->free_order) {
        cpu->done |= 1u << cpu->index;
        cpu->index = INDEX_OPEN;
    } else {
        next_other(cpu, &cpu->index);
    }
    cpu->part = 0;
    cpu->seen = 0;
    return loop_over(config, cpu) ? end_loop(config, cpu) : MARK_NONE;
}

static step_mark consume_each(const step_config *config, step_cpu *cpu, uint32_t value)
{
    edk2_code code = (edk2_code)edk2_operations[cpu->row].code;

    if (cpu->part == PART_HELD)
        value = value == EDK2_HELD;
    else if (cpu->part == 0 && value && (config->era & ERA_SEIZED) &&
             (cpu->row == ROW_K5 || cpu->row == ROW_K6))
        return part(cpu, PART_HELD);
    if ((cpu->part == 0 || cpu->part == PART_HELD) && !value && code == CODE_HAND &&
        (cpu->flags & FLAG_TOKEN))
        return part(cpu, 2);
    if (cpu->part == 0 || cpu->part == PART_HELD)
        return value ? part(cpu, 1) : next_in_loop(config, cpu);
    switch (code) {
    case CODE_RELEASE:
        if (cpu->part == 1) {
            cpu->part = 2;
            cpu->seen = value;
            return MARK_NONE;
        }
        return value == cpu->seen ? next_in_loop(config, cpu) : part(cpu, 1);
    case CODE_HAND:
        return next_in_loop(config, cpu);
    case CODE_DRAIN:
    case CODE_SEIZE:
        if (cpu->part == 1)
            return part(cpu, 2);
        if (cpu->part == 2 && value != EDK2_FREE)
            return part(cpu, 1);
        if (cpu->part == 2 && code == CODE_DRAIN)
            return part(cpu, 3);
        return next_in_loop(config, cpu);
    default:
        sim_panic(__FILE__, __LINE__, "not a loop over the APs");
    }
}

/* ---- semaphores and the door ------------------------------------------------------------ */

static step_mark consume_swapped(const step_config *config, step_cpu *cpu)
{
    switch ((edk2_code)edk2_operations[cpu->row].code) {
    case CODE_CHECK_OUT:
        go(config, cpu, ROW_R12);
        return MARK_ABANDONED;
    case CODE_LOCK:
        cpu->count = (uint16_t)(cpu->seen - 1);
        cpu->flags = 0;
        return advance(config, cpu);
    case CODE_GATHER:
        cpu->left--;
        return cpu->left ? part(cpu, 0) : advance(config, cpu);
    default:
        return advance(config, cpu);
    }
}

static step_mark consume_door(const step_config *config, step_cpu *cpu, uint32_t value)
{
    edk2_code code = (edk2_code)edk2_operations[cpu->row].code;

    if (cpu->part == 1)
        return value == cpu->seen ? consume_swapped(config, cpu) : part(cpu, 0);
    if (code == CODE_LOCK && (cpu->flags & FLAG_ARRIVED) && value < config->cpus &&
        !edk2_all_in(config, value))
        return jump(config, cpu, ROW_B5); /* one has left again */
    if (value == EDK2_LOCKED && code == CODE_CHECK_IN) {
        cpu->flags = 0;
        go(config, cpu, ROW_R7_LATE);
        return MARK_TOO_LATE;
    }
    if (value == EDK2_LOCKED && code == CODE_CHECK_OUT && (config->era & ERA_SYNC_LIB)) {
        if (config->era & ERA_JOIN)
            return jump(config, cpu, ROW_A6_BSP);
        go(config, cpu, ROW_R12); /* refused: ABORTED */
        return MARK_ABANDONED;
    }
    cpu->part = 1;
    cpu->seen = value;
    return MARK_NONE;
}

/* ---- entry, BSP, AP --------------------------------------------------------------------- */

static step_mark consume_entry(const step_config *config, step_cpu *cpu, uint32_t value)
{
    switch (cpu->row) {
    case ROW_R4:
        cpu->flags |= value ? 0 : FLAG_INVALID;
        break;
    case ROW_R5:
        cpu->flags |= value ? FLAG_INSIDE : 0;
        if (!value && (cpu->flags & FLAG_INVALID))
            return jump(config, cpu, ROW_R13);
        break;
    case ROW_R8:
        if (cpu->flags & FLAG_INSIDE) {
            cpu->flags = 0;
            return jump(config, cpu, ROW_A1);
        }
        cpu->flags = 0;
        break;
    case ROW_R10_SWITCH:
        if (!value)
            return jump(config, cpu, ROW_R10_HOOK);
        break;
    case ROW_R10_CANDIDATE:
        if (!value)
            return jump(config, cpu, ROW_R10_ROLE);
        break;
    case ROW_R10_CHECK:
        if (value != EDK2_NONE)
            return jump(config, cpu, ROW_R10_ROLE);
        break;
    case ROW_R10_ROLE:
        return jump(config, cpu, value == cpu->me ? ROW_R11_SWITCH : ROW_A1);
    default:
        break;
    }
    return advance(config, cpu);
}

static step_mark consume_scan(const step_config *config, step_cpu *cpu, uint32_t value)
{
    if (cpu->part == 0 && !value && cpu->index < config->cpus)
        return part(cpu, 1);
    return next_in_loop(config, cpu);
}

/* The service has seen all arrive; ERA_PRESENT makes sure that they can be given work, too. */
static step_mark all_arrived(const step_config *config, step_cpu *cpu)
{
    if (!(config->era & ERA_PRESENT) || config->cpus == 1)
        return answer(config, cpu, OUTCOME_SUCCESS);
    begin_row(config, cpu, ROW_V3);
    return MARK_NONE;
}

static void note_arrival(step_cpu *cpu, int arrived)
{
    cpu->flags &= (uint8_t)~FLAG_ARRIVED;
    cpu->flags |= arrived ? FLAG_ARRIVED : 0;
}

static step_mark consume_bsp(const step_config *config, step_cpu *cpu, const step_result *result)
{
    uint32_t value = result->value;

    switch (cpu->row) {
    case ROW_R11_SWITCH:
        return value ? advance(config, cpu) : jump(config, cpu, ROW_B1);
    case ROW_R11_CANDIDATES:
        cpu->index++;
        return cpu->index < config->possible ? MARK_NONE : advance(config, cpu);
    case ROW_B2_CLEAR:
        return TRADITIONAL(config) ? advance(config, cpu) : jump(config, cpu, ROW_B13);
    case ROW_B3:
        cpu->flags |= value ? 0 : FLAG_SKIP_T1;
        break;
    case ROW_B4:
    case ROW_B6:
        note_arrival(cpu, !result->timed_out);
        break;
    case ROW_B5:
        return value < config->cpus ? advance(config, cpu) : jump(config, cpu, ROW_B7);
    case ROW_B5_SCAN:
        return consume_scan(config, cpu, value);
    case ROW_B7:
        if ((config->era & ERA_RELOCK) && (cpu->flags & FLAG_ARRIVED) && !cpu->back &&
            !edk2_all_in(config, value))
            return jump(config, cpu, ROW_B5); /* one has left again */
        note_arrival(cpu, edk2_all_in(config, value));
        break;
    case ROW_B15:
        if (cpu->part == 0)
            return part(cpu, 1);
        if (value != EDK2_FREE && (config->era & ERA_TOKENS))
            return part(cpu, 0);
        break;
    case ROW_B16:
        return handler_says(config, cpu, value);
    case ROW_V1:
        if (value)
            return all_arrived(config, cpu);
        if (TRADITIONAL(config) && (config->era & ERA_MODE_CHECK))
            return answer(config, cpu, OUTCOME_TIMEOUT);
        cpu->back = ROW_V2;
        return jump(config, cpu, ROW_B4);
    case ROW_V2:
        return value ? all_arrived(config, cpu) : answer(config, cpu, OUTCOME_TIMEOUT);
    case ROW_V3:
        if (result->timed_out)
            return answer(config, cpu, OUTCOME_TIMEOUT);
        return next_in_loop(config, cpu);
    default:
        break;
    }
    return advance(config, cpu);
}

/* Timeout 1 is over and nobody is BSP: with ERA_CALL the boot CPU is fetched, with ERA_STAND a CPU
 * that may be BSP is, whatever has barred it before. */
static step_mark nobody_is_bsp(const step_config *config, step_cpu *cpu)
{
    int may_be = config->election == ELECTION_RACE || cpu->me == config->boot_cpu;

    if (!(config->era & (may_be ? ERA_STAND : ERA_CALL)))
        return jump(config, cpu, ROW_A4);
    cpu->bsp = may_be ? 0 : config->boot_cpu;
    return jump(config, cpu, may_be ? ROW_A2_STAND : ROW_A2_SEND);
}

static step_mark consume_ap(const step_config *config, step_cpu *cpu, uint32_t value)
{
    switch (cpu->row) {
    case ROW_A1_TEST:
    case ROW_A3_TEST:
        return value ? jump(config, cpu, ROW_A6_BSP) : advance(config, cpu);
    case ROW_A2:
        if (value == EDK2_NONE)
            return nobody_is_bsp(config, cpu);
        cpu->bsp = (uint16_t)value;
        break;
    case ROW_A2_STAND: /* who was elected drops the switch, if there is one, and begins at R11 */
        return jump(config, cpu, value == EDK2_NONE ? ROW_R11_SWITCH : ROW_A3);
    case ROW_A6_BSP:
        cpu->bsp = (uint16_t)value;
        break;
    case ROW_A13:
        return value ? advance(config, cpu) : jump(config, cpu, ROW_A14_9);
    case ROW_A13_JOB:
        go(config, cpu, value ? ROW_A13_WORK : ROW_A13_CLEAR);
        cpu->seen = value;
        return MARK_NONE;
    case ROW_A13_FREE:
        return jump(config, cpu, (cpu->flags & FLAG_TOKEN) ? ROW_A13_OTHERS : ROW_A12);
    case ROW_A13_OTHERS:
        if (value == EDK2_HELD && cpu->index != cpu->bsp) {
            cpu->flags = 0;
            return jump(config, cpu, ROW_A12);
        }
        cpu->index++;
        if (cpu->index < config->cpus)
            return MARK_NONE;
        cpu->flags = 0;
        return jump(config, cpu, ROW_A13_RELEASE);
    case ROW_A13_RELEASE:
        return jump(config, cpu, ROW_A12);
    case ROW_R7_LATE:
        go(config, cpu, ROW_R13);
        return MARK_RELEASED;
    case ROW_R13:
        *cpu = (step_cpu){.me = cpu->me};
        return MARK_NONE;
    default:
        break;
    }
    return advance(config, cpu);
}

void edk2_enter(const step_config *config, step_cpu *cpu)
{
    SIM_ASSERT(cpu->row == ROW_OUT && cpu->me < config->cpus);
    go(config, cpu, ROW_R4);
}

step_mark edk2_consume(const step_config *config, step_cpu *cpu, const step_result *result)
{
    edk2_code code = (edk2_code)edk2_operations[cpu->row].code;

    if (cpu->index == INDEX_OPEN) {
        cpu->index = (uint16_t)result->value;
        return MARK_NONE;
    }
    switch (code) {
    case CODE_CHECK_IN:
    case CODE_CHECK_OUT:
    case CODE_LOCK:
    case CODE_GATHER:
    case CODE_POST:
    case CODE_TAKE:
        return consume_door(config, cpu, result->value);
    case CODE_RELEASE:
    case CODE_DRAIN:
    case CODE_SEIZE:
    case CODE_HAND:
        return consume_each(config, cpu, result->value);
    default:
        break;
    }
    if (cpu->row < ROW_R11_SWITCH)
        return consume_entry(config, cpu, result->value);
    if (cpu->row >= ROW_J1 && cpu->row < ROW_K1)
        return consume_job(config, cpu, result->value);
    if (cpu->row >= ROW_K1 && cpu->row < ROW_V1)
        return consume_all_aps(config, cpu, result->value);
    if (cpu->row <= ROW_V3)
        return consume_bsp(config, cpu, result);
    return consume_ap(config, cpu, result->value);
}
