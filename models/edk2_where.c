/* SPDX-License-Identifier: Apache-2.0 */
/* edk2_where: where a CPU is in edk2's rendezvous, and whether all are in it. */
#include "models/edk2_rows.h"

int edk2_is_loop(int row)
{
    edk2_code code = (edk2_code)edk2_operations[row].code;

    return code == CODE_RELEASE || code == CODE_DRAIN || code == CODE_SEIZE || code == CODE_HAND ||
           row == ROW_B5_SCAN || row == ROW_K1 || row == ROW_V3;
}

static int in_service(const step_cpu *cpu) /* jobs, or a wait that the handler asked for */
{
    return (cpu->row >= ROW_J1 && cpu->row <= ROW_V3) || cpu->back != 0;
}

uint32_t edk2_where(const step_config *config, const step_cpu *cpu)
{
    uint32_t where = 0;
    int row = cpu->row;
    int lock = TRADITIONAL(config) ? ROW_B9 : ROW_B20;

    if (row == ROW_A13_JOB || row == ROW_A13_WORK)
        return STEP_AT_JOB;
    if (row < ROW_R11_SWITCH || row > ROW_V3)
        return 0;
    if (row == ROW_B31 || row == ROW_B32)
        return STEP_IN_TEARDOWN;
    if (row > ROW_B1)
        where |= STEP_IN_BSP;
    if (in_service(cpu) ? TRADITIONAL(config) : row > lock)
        where |= STEP_IN_LOCKED;
    if (row == ROW_B16 || in_service(cpu))
        where |= STEP_IN_HANDLER;
    return where;
}

static uint16_t renumbered(uint16_t cpu, const uint16_t *map)
{
    return cpu == UINT16_MAX ? cpu : map[cpu]; /* nobody stays nobody */
}

void edk2_renumber(const step_config *config, step_cpu *cpu, const uint16_t *map)
{
    uint32_t done = 0;
    int row = cpu->row;

    SIM_ASSERT(config->free_order);
    cpu->me = map[cpu->me];
    if (edk2_is_loop(row)) {
        for (uint16_t i = 0; i < config->possible; i++)
            done |= (cpu->done >> i & 1) << map[i];
        cpu->done = done;
        cpu->index = renumbered(cpu->index, map);
    }
    if (row == ROW_A2_SEND || row == ROW_A3 || row == ROW_A3_TEST ||
        (row >= ROW_A6 && row <= ROW_A17))
        cpu->bsp = renumbered(cpu->bsp, map);
}

int edk2_all_in(const step_config *config, uint32_t count)
{
    const step_request wanted = {.cond = STEP_ARRIVED, .a = config->cpus, .b = config->excused};

    return step_holds(&wanted, count);
}
