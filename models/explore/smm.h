/* SPDX-License-Identifier: Apache-2.0 */
/* smm: an SMM rendezvous with its environment as a model for the explorer. */
#ifndef SMMSIM_MODELS_EXPLORE_SMM_H
#define SMMSIM_MODELS_EXPLORE_SMM_H

#include <stdio.h>
#include "models/explore/tell.h"
#include "models/machine/params.h"
#include "models/protocol/rules.h"
#include "sim/explore/explore.h"
#include "models/protocol/step.h"

enum {
    EXPLORE_SMM_CPUS_MAX = 64,
    EXPLORE_SMM_POSSIBLE_MAX = 66,
    EXPLORE_SMM_HANDLER_PLAN_MAX = 7,
    EXPLORE_SMM_SMIS_MAX = 7,
    EXPLORE_SMM_BUFFER = 4, /* stores that a CPU's store buffer holds, with --memory tso */
    EXPLORE_SMM_ANY = -1
};

/* What the user chose. Plain values: the machine is made from them. */
typedef struct {
    const step_protocol *protocol;
    uint16_t cpus, possible, boot_cpu, excused;
    uint8_t smis;
    uint8_t delivery;    /* smi_delivery; hardware: a source outside of the CPUs triggers */
    uint8_t traditional; /* sync mode */
    uint8_t election;    /* step_election */
    uint8_t timeouts;    /* may fire wherever the condition was read false */
    uint8_t tso;         /* each CPU has a store buffer */
    uint8_t lmce, mtrr, debug_agent;
    uint8_t suspend;  /* the machine may sleep out of a handler and resume, once */
    uint8_t sources;  /* 2: a second, asynchronous source of SMIs beside the communicate buffer */
    uint8_t reduce;   /* leave out orders that cannot matter */
    int16_t trigger;  /* the CPU that triggers, or ANY */
    uint64_t blocked; /* CPUs that do not take their SMI: a set */
    uint64_t late;    /* CPUs that take it once a handler runs, or nobody else can move */
    uint32_t handler_plan[EXPLORE_SMM_HANDLER_PLAN_MAX]; /* what each handler does: answers to
                                                            ASK_HANDLER */
    uint8_t handler_plan_length;
    uint32_t mutant;         /* the protocol's and the environment's bits */
    const char *mutant_name; /* or of the bug that is fixed here */
    uint8_t fixed;           /* the mutant's settings without the bug */
    uint8_t reserved[3];
    uint32_t watch; /* properties */
} explore_smm_settings;

/* head, 2 CPUs, 1 SMI, broadcast, traditional, hook election, timeouts may fire. */
void explore_smm_defaults(explore_smm_settings *settings);

/* All of them but the bug and the properties, from parameters; the error text starts with a name.
 */
SIM_MUST_CHECK sim_status explore_smm_read(const param_set *params, explore_smm_settings *settings,
                                           sim_err *err);
/* Is there no contradiction among them? Fills the machine's configuration. */
SIM_MUST_CHECK sim_status explore_smm_check_settings(const explore_smm_settings *settings,
                                                     step_config *config, sim_err *err);
/* What the user set, and what has another default elsewhere, as arguments that any command takes:
 * "--protocol edk2-head --cpus 3 --set sync.mode=relaxed --set bsp.election=hook". */
void explore_smm_print_settings(const param_set *params, const explore_smm_settings *settings,
                                FILE *out);

typedef struct explore_smm explore_smm;

/* The settings are copied. NULL never: memory that is out ends the program. */
explore_smm *explore_smm_new(const explore_smm_settings *settings, const step_config *config);
void explore_smm_free(explore_smm *smm);
const explore_model *explore_smm_model(const explore_smm *smm);
const char *explore_smm_reduction(const explore_smm *smm); /* what was reduced, for the verdict */

/* Labels: what kind of choice, whose, which outcome. The order of kinds is the usual order. */
enum {
    SMM_STEP,
    SMM_DRAIN, /* the oldest store of a store buffer reaches memory */
    SMM_ENTER,
    SMM_TRIGGER,
    SMM_SUSPEND,
    SMM_TIMEOUT,
    SMM_KINDS
};
#define SMM_LABEL(kind, actor, answer) \
    ((uint32_t)(kind) << 24 | (uint32_t)(actor) << 16 | (uint32_t)(answer))
#define SMM_KIND(label) ((label) >> 24)
#define SMM_ACTOR(label) ((label) >> 16 & 0xffu)
#define SMM_ANSWER(label) ((label)&0xffffu)
/* Of a CPU, or of another model's actor. */
#define EXPLORE_SMM_OWN_STEP(actor) SMM_LABEL(SMM_STEP, actor, 0)

/* Schedules as text: "p0 e0 0*12 1t ...": trigger by CPU 0, CPU 0 enters, 12 steps of CPU 0, a
 * timeout of CPU 1. A step that has several outcomes says which: "0=1". One step at least, ten
 * million at most. An error names the place as the text's first line and the column in it, and
 * leaves no labels. */
void explore_smm_print_schedule(const uint32_t *labels, int64_t count, FILE *out);
SIM_MUST_CHECK sim_status explore_smm_parse_schedule(const char *text, uint32_t **labels,
                                                     int64_t *count, sim_err *err);

/* A step of a schedule, as it is written there: "t1". */
void explore_smm_step_name(uint32_t label, char name[EXPLORE_TELL_NAME]);
/* Can each step be one of some run with these settings? */
SIM_MUST_CHECK sim_status explore_smm_check_schedule(const explore_smm_settings *settings,
                                                     const explore_schedule *schedule,
                                                     sim_err *err);

typedef explore_schedule explore_smm_schedule;

/* explore_tell_replay and explore_tell_digest of a run of edk2. */
SIM_MUST_CHECK sim_status explore_smm_replay(const explore_smm *smm,
                                             const explore_smm_schedule *schedule, FILE *out,
                                             sim_err *err);
SIM_MUST_CHECK sim_status explore_smm_digest(const explore_smm *smm,
                                             const explore_smm_schedule *schedule, uint64_t *digest,
                                             sim_err *err);

/* Places, timeouts and barriers reached and missed; detail 1: and the steps that were never taken;
 * 2: and each step with the branches that were. */
void explore_smm_print_coverage(const explore_smm *smm, int detail, FILE *out);
/* Has any handler run in what was explored? If not, a clean verdict says nothing. */
int explore_smm_handler_ran(const explore_smm *smm);

#endif
