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
 * what it says, what happens where it is broken, whose it is: upstream's, by what words at what
 * place, or ours. Last, if a timed run cannot judge it: why. edk2 is c5aa7e7d94. */
#define RULES(X)                                                                                  \
    X(NO_DEADLOCK, "no-deadlock", 1, SEARCH, 0, "every CPU that entered SMM leaves it",           \
      "some CPU never leaves SMM",                                                                \
      "ours: edk2 itself warns of two barriers that they \"may wait for ever\" (BSPHandler)")     \
    X(NO_LIVELOCK, "no-livelock", 1, SEARCH, 0,                                                   \
      "from every state that is reached, a state can be reached where everything is over",        \
      "the CPUs can go round without end", "ours: as no-deadlock, for waits that go round",       \
      "it is about every way on from a state, and a run is one of them")                          \
    X(ONE_BSP, "one-bsp", 1, PLACES, 0, "at most one CPU is the BSP inside",                      \
      "two CPUs are BSP inside at once",                                                          \
      "edk2: BspIndex == CpuIndex \"means this is the BSP\" (SmiRendezvous), asserted in "        \
      "BSPHandler; coreboot: smi_obtain_lock")                                                    \
    X(DOOR, "door", 1, PLACES, RULE_NEEDS(DOOR) | RULE_NEEDS(GATE),                               \
      "the door is locked exactly while one BSP is in its locked section, and then "              \
      "AllCpusInSync is set",                                                                     \
      "the door is locked without its BSP, or open in the locked section",                        \
      "edk2: \"The elected BSP calls LockDoor()\" (SmmCpuSyncLib.h); BSPHandler sets "            \
      "AllCpusInSync before that, and clears it behind the reset")                                \
    X(ALL_IN, "all-in", 1, PLACES, RULE_NEEDS(GATE),                                              \
      "traditional, and the BSP's wait ended because all had arrived: nobody runs normal code "   \
      "while the handler runs",                                                                   \
      "a CPU runs normal code while the handler runs",                                            \
      "edk2: \"no AP will execute normal mode code before entering SMM, except SMI disabled "     \
      "APs\" (SmmWaitForApArrival)")                                                              \
    X(NO_LOST_SMI, "no-lost-smi", 1, SEARCH, 0, "every trigger is followed by a handler run",     \
      "no handler runs after a trigger",                                                          \
      "ours: edk2 says that the SMI \"has been engendered\" (MmControl.h, Trigger), and clears "  \
      "its status first lest it \"miss the SMI\" that comes behind the handlers (BSPHandler)")    \
    X(CLEAN, "clean", 1, WORDS, 0, "between SMIs the shared words are as at the start",           \
      "between SMIs a shared word is not as at the start",                                        \
      "edk2: \"will be reset to the initialized state\" (SmmCpuSyncContextReset), of the "        \
      "counters; of the other words ours")                                                        \
    X(JOB_HELD, "job-held", 1, PLACES, RULE_NEEDS(BUSY),                                          \
      "an AP runs a procedure only while its BUSY lock is held",                                  \
      "an AP runs a procedure without its BUSY lock",                                             \
      "edk2: \"BUSY should be acquired by SmmStartupThisAp()\", asserted in APHandler")           \
    X(RENDEZVOUS_TRUE, "rendezvous-true", 1, PLACES, RULE_NEEDS(PRESENT),                         \
      "after the rendezvous service said success, every CPU is in SMM and can be given work "     \
      "until the handler ends",                                                                   \
      "the service said success, and a CPU can be given no work",                                 \
      "ours: more than rendezvous-in, which is what the service promises")                        \
    X(BOUNDS, "bounds", 1, EVENT, 0, "no access outside of the arrays, and no counter runs away", \
      "an access outside of the arrays, or a counter that runs away",                             \
      "edk2: an index that \"exceeds the range of all CPUs\" is asserted (SmmCpuSyncLib.h); the " \
      "counters' range is ours",                                                                  \
      "a run asserts every access unasked, and a counter's range is what a search keeps of it")   \
    X(TOGETHER, "together", 0, EVENT, RULE_NEEDS(GATE),                                           \
      "nobody resumes normal code while the SMI is being torn down",                              \
      "a CPU resumes normal code while the SMI is being torn down",                               \
      "ours: edk2 has those that have arrived \"exit SMI synchronously\", and later ones \"run "  \
      "through freely\" (BSPHandler, relaxed)")                                                   \
    X(NO_STALL, "no-stall", 0, EVENT, RULE_NEEDS(INSIDE),                                         \
      "no CPU sits out a timeout, with nobody else able to move, although all CPUs are in SMM",   \
      "a CPU sits out a timeout though all CPUs are in SMM",                                      \
      "ours: a timeout is for CPUs that do not come")                                             \
    X(JOB_ACCEPTED, "job-accepted", 0, EVENT, RULE_NEEDS(BUSY),                                   \
      "a procedure that the handler starts is accepted",                                          \
      "a procedure that the handler starts is refused",                                           \
      "ours: edk2 may refuse an AP that \"did not enter SMM\" or \"is busy\" "                    \
      "(InternalSmmStartupThisAp, whose code waits for a busy one)")                              \
    X(NO_SPURIOUS, "no-spurious", 0, EVENT, RULE_NEEDS(PRESENT),                                  \
      "no CPU is sent a directed SMI while it is in SMM", "a CPU in SMM is sent a directed SMI",  \
      "ours: edk2 expects that a \"(spurious) SMI may occur after this SMM run\" "                \
      "(SmmWaitForApArrival); it costs one more")                                                 \
    X(RENDEZVOUS_FOUND, "rendezvous-found", 0, EVENT, RULE_NEEDS(PRESENT),                        \
      "the rendezvous service does not say timeout while every CPU is present",                   \
      "the service says timeout though every CPU is present",                                     \
      "edk2: EFI_TIMEOUT, \"There are APs not in SMM mode\" (SmmCpuService.h)")                   \
    X(RENDEZVOUS_IN, "rendezvous-in", 0, PLACES, RULE_NEEDS(PRESENT),                             \
      "after the rendezvous service said success, every CPU is in SMM until the handler ends",    \
      "the service said success, and a CPU is not in SMM",                                        \
      "edk2: EFI_SUCCESS, \"All processors checked in to SMM\" (SmmCpuRendezvousLib.h), "         \
      "\"except SMI disabled APs\" (SmmCpuService.h); that they stay is ours")                    \
    X(BSP_COMES, "bsp-comes", 0, EVENT, RULE_NEEDS(INSIDE) | RULE_NEEDS(BSP),                     \
      "with an election, no CPU sits out a timeout for a BSP that is not in SMM",                 \
      "a CPU sits out a timeout for a BSP that is not in SMM",                                    \
      "ours: what an election is for; edk2 sends for the BSP and waits again (APHandler)")

#define RULE_ID(id, ...) RULE_##id,
enum { RULES(RULE_ID) RULE_COUNT };
#undef RULE_ID

typedef struct {
    const char *name, *text, *broken, *contract;
    const char *untimed; /* why a timed run cannot judge it, or "" */
    uint8_t on;          /* checked unless told otherwise */
    uint8_t over;        /* rule_over */
    uint32_t needs;      /* kinds of fields: a set */
} rule;
extern const rule rules[RULE_COUNT];

/* The rules that have a meaning for a protocol: a set. */
uint32_t rules_for(const step_protocol *protocol);
/* Reads "all", "default" or names with commas between, into a set; `place` begins the error. */
SIM_MUST_CHECK sim_status rules_parse(const char *place, const char *text, uint32_t *set,
                                      sim_err *err);
int rules_find(const char *name); /* its number, or -1 */

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
    uint8_t outside;            /* a CPU that takes SMIs is outside of SMM; if a handler runs */
    uint8_t present;            /* all such CPUs can be given work; if promised */
    uint8_t quiet;              /* nobody is inside, and nothing is pending or on its way */
    uint8_t moving;             /* a store of door or gate is on its way to memory */
} rules_sight;

/* Between SMIs: is each word as it was at the start, but for the fields in `differ`? */
int rules_clean(const step_protocol *protocol, const step_config *config, uint32_t differ,
                const uint32_t *const words[2]);

/* ---- one rule, one line: they stand in a search's hottest loop ----------------------------- */

/* A CPU that waits for the door itself needs no gate. */
static inline int rules_wrong_door(const rules_sight *s)
{
    int shut;

    if (s->door == UINT32_MAX || s->moving)
        return 0;
    shut = s->words[s->door] == STEP_LOCKED;
    if (!shut)
        return s->locked > 0;
    return s->locked != 1 || (!s->words[s->gate] && !s->protocol->waits_for_door);
}

/* The rules over words and places that are broken now: a set. */
static inline uint32_t rules_judge(const rules_sight *s)
{
    const int unclean = s->quiet && !rules_clean(s->protocol, s->config, s->differ,
                                                 (const uint32_t *const[]){s->words, s->fresh});

    return (uint32_t)(s->bsps > 1) << RULE_ONE_BSP | (uint32_t)rules_wrong_door(s) << RULE_DOOR |
           (uint32_t)(s->handlers && s->arrived && s->outside) << RULE_ALL_IN |
           (uint32_t)(s->handlers && s->promised && !s->present) << RULE_RENDEZVOUS_TRUE |
           (uint32_t)(s->handlers && s->promised && s->outside) << RULE_RENDEZVOUS_IN |
           (uint32_t)unclean << RULE_CLEAN | (uint32_t)(s->unheld > 0) << RULE_JOB_HELD;
}

/* ---- over one step ------------------------------------------------------------------------ */

/* What one step shows; what it does not show is 0. */
typedef struct {
    uint8_t busy;      /* a CPU leaves, and another one is the BSP inside or in the teardown */
    uint8_t directed;  /* a CPU that is in SMM is sent a directed SMI */
    uint8_t asked;     /* the handler has its answer: the step_action that it had asked for, */
    uint8_t outcome;   /* what came of it: step_outcome */
    uint8_t present;   /* and all CPUs that take SMIs are in SMM and can be given work */
    uint8_t timed_out; /* a CPU has sat out a timeout, */
    uint8_t alone;     /* nobody else could move, */
    uint8_t all_in;    /* every CPU is in SMM; */
    uint8_t election;  /* step_election */
    uint8_t bsp_away;  /* it waited for the BSP to be inside, who is known and not in SMM */
} rules_step;

/* From here on rendezvous-true and rendezvous-in are about something. */
static inline int rules_promises(const rules_step *s)
{
    return s->asked == ACTION_RENDEZVOUS && s->outcome == OUTCOME_SUCCESS;
}

/* The rules over an event that this step breaks: a set. */
static inline uint32_t rules_judge_step(const rules_step *s)
{
    const int starts = s->asked == ACTION_START_THIS || s->asked == ACTION_START_ALL;
    const int timeout = s->asked == ACTION_RENDEZVOUS && s->outcome == OUTCOME_TIMEOUT;
    const int elected = s->election != ELECTION_FIXED;

    return (uint32_t)s->busy << RULE_TOGETHER | (uint32_t)s->directed << RULE_NO_SPURIOUS |
           (uint32_t)(starts && s->outcome != OUTCOME_SUCCESS) << RULE_JOB_ACCEPTED |
           (uint32_t)(timeout && s->present) << RULE_RENDEZVOUS_FOUND |
           (uint32_t)(s->timed_out && s->alone && s->all_in) << RULE_NO_STALL |
           (uint32_t)(s->timed_out && elected && s->bsp_away) << RULE_BSP_COMES;
}

#endif
