/* SPDX-License-Identifier: Apache-2.0 */
/* rules: what must hold of a rendezvous: one table for the explorer, for runs and for following. */
#ifndef SMMSIM_MODELS_PROTOCOL_RULES_H
#define SMMSIM_MODELS_PROTOCOL_RULES_H

#include "models/protocol/step.h"

/* What a rule is judged by. */
typedef enum {
    OVER_WORDS,  /* the shared words, between SMIs or at any time */
    OVER_PLACES, /* where each CPU is, and what the words say then */
    OVER_EVENT,  /* one step */
    OVER_SEARCH  /* all that can happen from here */
} rule_over;

#define RULE_NEEDS(kind) (1u << FIELD_##kind)

/* Rules: id, name, checked unless told otherwise, judged by, the words that a protocol must have,
 * what it says, whose it is: upstream's, by what place, or ours. */
#define RULES(X)                                                                                  \
    X(NO_DEADLOCK, "no-deadlock", 1, SEARCH, 0, "every CPU that entered SMM leaves it",           \
      "edk2: each wait of SmiRendezvous is meant to end")                                         \
    X(NO_LIVELOCK, "no-livelock", 1, SEARCH, 0,                                                   \
      "from every state that is reached, a state can be reached where everything is over",        \
      "ours: as no-deadlock, for waits that go round")                                            \
    X(ONE_BSP, "one-bsp", 1, PLACES, 0, "at most one CPU is the BSP inside",                      \
      "edk2: the CAS of BspIndex (SmiRendezvous); coreboot: smi_obtain_lock")                     \
    X(DOOR, "door", 1, PLACES, RULE_NEEDS(DOOR) | RULE_NEEDS(GATE),                               \
      "the door is locked exactly while one BSP is in its locked section, and then "              \
      "AllCpusInSync is set",                                                                     \
      "edk2: BSPHandler sets AllCpusInSync before it locks the door")                             \
    X(ALL_IN, "all-in", 1, PLACES, RULE_NEEDS(GATE),                                              \
      "traditional, and the BSP's wait ended because all had arrived: nobody runs normal code "   \
      "while the handler runs",                                                                   \
      "edk2: SmmWaitForApArrival waits for all CPUs")                                             \
    X(NO_LOST_SMI, "no-lost-smi", 1, SEARCH, 0, "every trigger is followed by a handler run",     \
      "ours: who triggers relies on it (SmmControl2 Trigger)")                                    \
    X(CLEAN, "clean", 1, WORDS, 0, "between SMIs the shared words are as at the start",           \
      "ours: what the next SMI relies on")                                                        \
    X(JOB_HELD, "job-held", 1, PLACES, RULE_NEEDS(BUSY),                                          \
      "an AP runs a procedure only while its BUSY lock is held",                                  \
      "edk2: InternalSmmStartupThisAp takes Busy, APHandler frees it behind the procedure")       \
    X(RENDEZVOUS_TRUE, "rendezvous-true", 1, PLACES, RULE_NEEDS(PRESENT),                         \
      "after the rendezvous service said success, every CPU is in SMM and can be given work "     \
      "until the handler ends",                                                                   \
      "ours: more than rendezvous-in, which is what the service promises")                        \
    X(BOUNDS, "bounds", 1, EVENT, 0, "no access outside of the arrays, and no counter runs away", \
      "ours: memory safety")                                                                      \
    X(TOGETHER, "together", 0, EVENT, RULE_NEEDS(GATE),                                           \
      "nobody resumes normal code while the SMI is being torn down",                              \
      "ours: stronger than what edk2 needs")                                                      \
    X(NO_STALL, "no-stall", 0, EVENT, RULE_NEEDS(INSIDE),                                         \
      "no CPU sits out a timeout, with nobody else able to move, although all CPUs are in SMM",   \
      "ours: a timeout is for CPUs that do not come")                                             \
    X(JOB_ACCEPTED, "job-accepted", 0, EVENT, RULE_NEEDS(BUSY),                                   \
      "a procedure that the handler starts is accepted",                                          \
      "ours: edk2 may refuse one, as for an AP that is not present")                              \
    X(NO_SPURIOUS, "no-spurious", 0, EVENT, RULE_NEEDS(PRESENT),                                  \
      "no CPU is sent a directed SMI while it is in SMM", "ours: it costs one more SMI")          \
    X(RENDEZVOUS_FOUND, "rendezvous-found", 0, EVENT, RULE_NEEDS(PRESENT),                        \
      "the rendezvous service does not say timeout while every CPU is present",                   \
      "edk2: SmmCpuRendezvousLib.h, EFI_TIMEOUT is for a CPU that does not check in")             \
    X(RENDEZVOUS_IN, "rendezvous-in", 0, PLACES, RULE_NEEDS(PRESENT),                             \
      "after the rendezvous service said success, every CPU is in SMM until the handler ends",    \
      "edk2: SmmCpuRendezvousLib.h, success means that all CPUs have checked in to SMM")          \
    X(BSP_COMES, "bsp-comes", 0, EVENT, RULE_NEEDS(INSIDE) | RULE_NEEDS(BSP),                     \
      "with an election, no CPU sits out a timeout for a BSP that is not in SMM",                 \
      "ours: what an election is for")

#define RULE_ID(id, ...) RULE_##id,
enum { RULES(RULE_ID) RULE_COUNT };
#undef RULE_ID

typedef struct {
    const char *name, *text, *contract;
    uint8_t on;     /* checked unless told otherwise */
    uint8_t over;   /* rule_over */
    uint32_t needs; /* kinds of fields: a set */
} rule;
extern const rule rules[RULE_COUNT];

/* The rules that have a meaning for a protocol: a set. */
uint32_t rules_for(const step_protocol *protocol);
/* Reads "all", "default" or names with commas between, into a set; `place` begins the error. */
SIM_MUST_CHECK sim_status rules_parse(const char *place, const char *text, uint32_t *set,
                                      sim_err *err);
int rules_find(const char *name); /* its number, or -1 */

/* Between SMIs: is each word as it was at the start, but for the fields in `differ`? */
/* What is seen at one moment: the CPUs as a whole, and the words. */
typedef struct {
    const step_protocol *protocol;
    const step_config *config;
    const uint32_t *words, *fresh;
    uint32_t differ;            /* fields that need not be clean: a set */
    uint32_t door, gate;        /* words; UINT32_MAX: there is none */
    int bsps, locked, handlers; /* CPUs that are there */
    int unheld;                 /* CPUs at a job without their lock */
    uint8_t arrived;            /* the BSP's wait ended because all had */
    uint8_t promised;           /* the rendezvous service said success in this handler */
    uint8_t outside;            /* a CPU that takes SMIs is outside of SMM */
    uint8_t present;            /* all such CPUs can be given work; if promised */
    uint8_t quiet;              /* nobody is inside, and nothing is pending or on its way */
    uint8_t moving;             /* a store of door or gate is on its way to memory */
} rules_sight;

/* The rules over words and places that are broken now: a set. */
uint32_t rules_judge(const rules_sight *s);

int rules_clean(const step_protocol *protocol, const step_config *config, uint32_t differ,
                const uint32_t *const words[2]);

#endif
