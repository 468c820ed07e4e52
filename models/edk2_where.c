/* SPDX-License-Identifier: Apache-2.0 */
/* edk2_where: where a CPU is in edk2's rendezvous, for invariants. */
#include "models/edk2_rows.h"

#define TRADITIONAL(config) ((config)->traditional || (config)->mtrr)

static int in_service(const step_cpu *cpu) /* jobs, or a wait that the handler asked for */
{
    return (cpu->row >= ROW_J1 && cpu->row <= ROW_V2) || cpu->back != 0;
}

uint32_t edk2_where(const step_config *config, const step_cpu *cpu)
{
    uint32_t where = 0;
    int row = cpu->row;
    int lock = TRADITIONAL(config) ? ROW_B9 : ROW_B20;

    if (row == ROW_A13_JOB || row == ROW_A13_WORK)
        return STEP_AT_JOB;
    if (row < ROW_R11_SWITCH || row > ROW_V2)
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
