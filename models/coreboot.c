/* SPDX-License-Identifier: Apache-2.0 */
/* coreboot: the step machine of coreboot's SMM lock (src/cpu/x86/smm/smm_module_handler.c). */
#include "models/coreboot.h"

#include "models/plain.h"

/* A CPU that fails to take the lock spins until it is free and leaves; one that comes after the
 * release takes it itself and runs the handlers with nothing to do. */
enum { F_LOCK };
enum { ROW_OUT, ROW_C1, ROW_C2, ROW_C3, ROW_C4, ROW_C5, ROWS };

static const step_field fields[] = {{"LOCK", "smi_handler_status", 0, PLACE_OWN_LINE}};

static const step_row rows[ROWS] = {
    {"OUT", "-", "", "outside SMM", MARK_NONE},
    {"C1", "C1", "", "take the lock", MARK_NONE},
    {"C2", "C2", "", "the handlers run", MARK_HANDLER_END},
    {"C3", "C3", "", "free the lock", MARK_RESET},
    {"C4", "C4", "", "wait until the lock is free", MARK_RELEASED},
    {"C5", "C5", "", "leave: RSM", MARK_NONE},
};

static void initial(const step_config *config, uint32_t *words)
{
    SIM_ASSERT(config->cpus > 0);
    words[F_LOCK] = 0;
}

static void enter(const step_config *config, step_cpu *cpu)
{
    SIM_ASSERT(cpu->row == ROW_OUT && cpu->me < config->cpus);
    cpu->row = ROW_C1;
}

static void request(const step_config *config, const step_cpu *cpu, step_request *out)
{
    SIM_ASSERT(cpu->me < config->cpus);
    *out = (step_request){.op = STEP_LEAVE, .word = F_LOCK};
    switch (cpu->row) {
    case ROW_C1:
        out->op = STEP_CAS;
        out->b = 1;
        break;
    case ROW_C2:
        out->op = STEP_ASK;
        out->local = ASK_HANDLER;
        out->a = cpu->ticket;
        break;
    case ROW_C3:
        out->op = STEP_STORE;
        break;
    case ROW_C4:
        out->op = STEP_WAIT;
        out->cond = STEP_EQ;
        break;
    default:
        break;
    }
}

static step_mark handler_says(step_cpu *cpu, uint32_t value)
{
    switch ((step_action)(value >> 24)) {
    case ACTION_DONE:
        cpu->ticket = 0;
        cpu->row = ROW_C3;
        return MARK_HANDLER_END;
    case ACTION_COMPUTE:
        cpu->ticket = 0;
        return MARK_NONE;
    default: /* no jobs on other CPUs, no rendezvous, no roles */
        cpu->ticket = OUTCOME_NOT_STARTED;
        return MARK_NONE;
    }
}

static step_mark consume(const step_config *config, step_cpu *cpu, const step_result *result)
{
    SIM_ASSERT(cpu->me < config->cpus);
    switch (cpu->row) {
    case ROW_C1:
        cpu->row = result->value == 0 ? ROW_C2 : ROW_C4;
        return result->value == 0 ? MARK_HANDLER : MARK_PRESENT; /* waits for this round */
    case ROW_C2:
        return handler_says(cpu, result->value);
    case ROW_C3:
        cpu->row = ROW_C5;
        return MARK_RESET;
    case ROW_C4:
        cpu->row = ROW_C5;
        return MARK_RELEASED;
    default:
        *cpu = (step_cpu){.me = cpu->me};
        return MARK_NONE;
    }
}

const step_protocol coreboot_protocol = {
    .name = "coreboot",
    .summary = "coreboot: one lock, the first CPU runs the handlers, nobody waits for the late",
    .fields = fields,
    .field_count = 1,
    .rows = rows,
    .row_count = ROWS,
    .configure = plain_configure,
    .initial = initial,
    .enter = enter,
    .request = request,
    .consume = consume,
    .roles_bsp_first = ROW_C2,
    .roles_bsp_last = ROW_C3,
    .separate_timeouts = 1,
    .hook_election = 1,
};
const int coreboot_protocol_count = 1;
