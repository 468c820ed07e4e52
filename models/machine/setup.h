/* SPDX-License-Identifier: Apache-2.0 */
/* setup: parameters resolved into what one machine needs; constant during its runs. */
#ifndef SMMSIM_MODELS_MACHINE_SETUP_H
#define SMMSIM_MODELS_MACHINE_SETUP_H

#include "models/machine/chipset.h"
#include "models/machine/params.h"
#include "models/protocol/program.h"
#include "models/protocol/handler_plan.h"
#include "models/machine/topology.h"
#include "models/protocol/step.h"

typedef struct {
    param_set *params; /* with every automatic value resolved */
    const step_protocol *protocol;
    step_config config;
    topology place;
    const program *program;   /* not owned */
    handler_plan services;    /* what each handler asks for */
    int64_t timeout[3];       /* by step_bound, as the timer counts it: a whole number of ticks */
    int64_t timer_wrap;       /* picoseconds until the timer is back at the same value */
    uint16_t takers;          /* CPUs that take SMIs: neither blocked nor disabled */
    uint16_t last_taker;      /* of them the last one */
    uint32_t host_cores;      /* that vCPUs share, or 0: each has one */
    chipset chipset;          /* as the firmware leaves it: features agreed on, SMIs enabled */
    smi_delivery delivery;    /* that is in force then */
    uint32_t draws;           /* latencies that are distributions */
    int64_t fixed[P_COUNT];   /* latencies that are constants: their value; others: -1 */
    int16_t draw_of[P_COUNT]; /* their numbers, or -1 */
    uint64_t stream[P_COUNT]; /* of each parameter's random words: made from its name */
} machine_setup;

/* All protocols, by number from 0 on and by name, or the tag's; NULL if there is none. */
const step_protocol *setup_protocol_at(int number);
const step_protocol *setup_protocol(const char *name);
/* By name; what is not known is refused with the nearest name, and the place where it was given. */
SIM_MUST_CHECK sim_status setup_find_protocol(const char *place, const char *wanted,
                                              const step_protocol **out, sim_err *err);

/* CPU `cpu` takes SMIs: it is neither blocked nor disabled. */
int setup_takes_smi(const param_set *params, int64_t cpu);
/* Do the sets of CPUs name CPUs that are there, and leave the boot CPU to take SMIs? */
SIM_MUST_CHECK sim_status setup_check_sets(const param_set *params, sim_err *err);

/* Does a parameter mean anything to the protocol? What does not is refused if the user has set it.
 */
int setup_has(const step_protocol *protocol, int id);
SIM_MUST_CHECK sim_status setup_check_unused(const param_set *params, const step_protocol *protocol,
                                             sim_err *err);

/* Derives the automatic values, checks what must fit together, compiles the protocol. The error
 * names the parameters in conflict and where they were set. `params` is changed and not owned;
 * it must live as long as *out. */
SIM_MUST_CHECK sim_status setup_resolve(param_set *params, const program *prog, machine_setup *out,
                                        sim_err *err);

#endif
