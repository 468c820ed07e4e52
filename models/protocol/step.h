/* SPDX-License-Identifier: Apache-2.0 */
/* step: what a rendezvous protocol and its driver say to each other. */
#ifndef SMMSIM_MODELS_PROTOCOL_STEP_H
#define SMMSIM_MODELS_PROTOCOL_STEP_H

#include <stddef.h>
#include "sim/lib/base.h"

/* A protocol is a step machine: one step names one access to one shared word, and a driver performs
 * it. steps_request says what the CPU does next, steps_consume takes the value that came back: both
 * are pure functions of the configuration and of that CPU's private part, and know neither the
 * clock nor the engine. The timed driver performs an access when the cache line is granted; the
 * untimed one performs it in every order. */

typedef enum {
    STEP_LOAD,       /* value = word */
    STEP_LOAD_OWN,   /* the same, and the line is taken exclusively: a CAS of this word follows */
    STEP_STORE,      /* word = a */
    STEP_CAS,        /* value = word; if value == a then word = b */
    STEP_ADD,        /* value = word; word = value + a */
    STEP_WAIT,       /* until `cond` holds between word and a; value = word. `own`: a CAS follows */
    STEP_WAIT_COUNT, /* until at least a of the b words from `word` on are not 0; value = count */
    STEP_LOCAL,      /* no shared access: a delay of the kind `local`, with operand a */
    STEP_IPI,        /* a directed SMI to CPU `target` */
    STEP_ASK,  /* a question of the kind `local` to the environment, operand a; value = answer */
    STEP_LEAVE /* RSM */
} step_op;

typedef enum { STEP_EQ, STEP_NE, STEP_ARRIVED } step_cond;
/* STEP_ARRIVED: word == a, or b > 0 and word + b >= a (b CPUs are excused). */

/* Every wait names its timeout; STEP_UNBOUNDED means that it has none. */
typedef enum { STEP_UNBOUNDED, STEP_TIMEOUT1, STEP_TIMEOUT2 } step_bound;

/* Delays that cost no shared access. */
typedef enum {
    LOCAL_CLEAR_STATUS,
    LOCAL_PLATFORM_HOOK,
    LOCAL_MTRR_SAVE,
    LOCAL_MTRR_PROGRAM,
    LOCAL_MTRR_RESTORE,
    LOCAL_CPU_UPDATE,
    LOCAL_ELECTION_HOOK, /* read of the APIC base register */
    LOCAL_JOB,           /* a procedure on an AP; operand: the job's number */
    LOCAL_KINDS
} step_local;

enum { STEP_NO_PAUSE = 1 }; /* the loop of this wait has no PAUSE */

/* Questions to the environment. */
typedef enum {
    ASK_VALID_SMI,   /* 1 if the platform's status says that there is an SMI */
    ASK_SYNC_NEEDED, /* 0 if a local machine check makes the first wait pointless */
    ASK_HANDLER,     /* what the handler does next: STEP_ACTION; operand: outcome of the last one */
    ASK_NEXT_CPU     /* free_order: which CPU a loop visits next; operand: those left, as a set */
} step_question;

/* Answers to ASK_HANDLER: action in the upper 8 bits, argument in the lower 24. The time that the
 * handler itself takes passes within the question. */
typedef enum {
    ACTION_DONE,
    ACTION_COMPUTE,    /* time has passed; ask again */
    ACTION_START_THIS, /* StartupThisAp: argument = AP + (job << 12) + (blocking << 23) */
    ACTION_START_ALL,  /* StartupAllAPs: argument = (job << 12) + (blocking << 23) */
    ACTION_RENDEZVOUS, /* wait for all CPUs (the rendezvous service) */
    ACTION_SWITCH_BSP  /* argument = next BSP */
} step_action;
#define STEP_ANSWER(action, argument) ((uint32_t)(action) << 24 | (uint32_t)(argument))
#define STEP_JOB_ARGUMENT(ap, job, blocking) \
    ((uint32_t)(ap) | (uint32_t)(job) << 12 | (uint32_t)(blocking) << 23)
enum { STEP_JOB_MAX = 2047 };
/* What an AP is handed: a job's number + 1, and this if it counts a token down at the end. */
#define STEP_JOB_TOKEN 0x1000u
typedef enum {
    OUTCOME_SUCCESS,
    OUTCOME_NOT_READY,
    OUTCOME_NOT_STARTED,
    OUTCOME_TIMEOUT
} step_outcome;

typedef struct {
    uint8_t op;      /* step_op */
    uint8_t cond;    /* step_cond */
    uint8_t bound;   /* step_bound */
    uint8_t own;     /* STEP_WAIT: take the line exclusively once the condition holds */
    uint16_t local;  /* step_local or step_question; a wait: 0, or STEP_NO_PAUSE */
    uint16_t target; /* STEP_IPI */
    uint32_t word;
    uint32_t a, b;
} step_request;
_Static_assert(sizeof(step_request) == 20, "no padding");

typedef struct {
    uint32_t value;
    uint32_t timed_out; /* STEP_WAIT with a bound: the bound passed and the condition was false */
} step_result;
_Static_assert(sizeof(step_result) == 8, "no padding");

/* One CPU's private part of a protocol: plain data, no padding. What a row does not need is 0, so
 * that equal situations are equal bytes. */
typedef struct {
    uint8_t row;          /* of the step table */
    uint8_t part;         /* of the row: a semaphore operation is two accesses */
    uint8_t flags;        /* the protocol's own */
    uint8_t return_row;   /* row to return to after a shared sequence */
    uint16_t me;          /* this CPU's index */
    uint16_t index;       /* of a loop over CPUs */
    uint16_t counted;     /* k: APs counted when the door was locked */
    uint16_t rounds_left; /* rounds left in a gather */
    uint16_t bsp;         /* as this CPU read it */
    uint16_t ticket;      /* target and job of the action under way; outcome of the last one */
    uint32_t loaded;      /* value loaded before a CAS */
    uint32_t done;        /* free_order: CPUs that a loop has visited, a set */
} step_cpu;
_Static_assert(sizeof(step_cpu) == 24, "no padding");

typedef enum { ELECTION_FIXED, ELECTION_HOOK, ELECTION_RACE } step_election;

enum { STEP_ROWS_MAX = 192, STEP_FIELDS_MAX = 16, STEP_CPUS_MAX = 4096 };

/* One row of a step table as it is under one setting; models/protocol/steps.h says what the numbers
 * mean. A variant of a protocol changes these, before the run. */
typedef struct {
    uint32_t a, b; /* operands that no CPU changes */
    uint8_t op;
    uint8_t loop;
    uint8_t field; /* the word: field, and whose */
    uint8_t at;
    uint8_t value;
    uint8_t cond;  /* step_cond */
    uint8_t bound; /* step_bound */
    uint8_t local; /* step_local, step_question or STEP_NO_PAUSE */
    uint8_t test;
    uint8_t keep;
    uint8_t mark;     /* step_mark, if the test holds */
    uint8_t sections; /* STEP_IN_..., a set */
    uint8_t next[2];  /* rows: if the test holds, and if it does not; both in force */
    uint8_t serves;   /* part of what a handler asked for: cpu->index is kept on entry */
    uint8_t off;      /* not in force under this setting */
    uint8_t on;       /* in force, and a CPU may be found there: it has an access */
    uint8_t reserved[3];
} step_code;
_Static_assert(sizeof(step_code) == 28, "no padding");

/* Constant during a run. `first` and `code` are the protocol's tables compiled for this setting. */
typedef struct step_config {
    uint16_t cpus;       /* known now: N */
    uint16_t possible;   /* loops over "all CPUs" go to this: Nmax, at least cpus */
    uint16_t boot_cpu;   /* whose APIC base says BSP; also the fixed BSP */
    uint16_t excused;    /* CPUs reported blocked or with SMI disabled by platform registers */
    uint8_t traditional; /* sync mode: 1 traditional, 0 relaxed */
    uint8_t election;    /* step_election */
    uint8_t mtrr;        /* MTRRs must be programmed in SMM: forces the traditional path */
    uint8_t debug_agent;
    uint8_t valid_status; /* the platform can tell a spurious SMI */
    uint8_t lmce;         /* local machine check exceptions are on: ASK_SYNC_NEEDED is asked */
    uint8_t free_order;   /* loops over CPUs ask ASK_NEXT_CPU for the next one; at most 32 CPUs */
    uint8_t reserved;
    uint64_t features; /* what this version has: a set of features, EDK2_HAS(...) */
    uint32_t mutant;   /* known bugs put back in: a set of the protocol's own bits */
    uint32_t unused;
    uint32_t first[STEP_FIELDS_MAX]; /* the first word of each field */
    step_code code[STEP_ROWS_MAX];
    uint64_t id[STEP_ROWS_MAX]; /* bytes_hash_name of each row's id */
} step_config;
_Static_assert(sizeof(step_config) == 7008, "no padding");

/* What an observer (time stamps, traces, invariants) may want to know: returned by steps_consume.
 */
typedef enum {
    MARK_NONE,
    MARK_CHECKED_IN,
    MARK_TOO_LATE,   /* found the door locked */
    MARK_BSP_IN,     /* the BSP has said that it is inside */
    MARK_WAITED_BSP, /* an AP's wait for the BSP is over; timed_out tells how */
    MARK_WAITED_APS, /* the BSP's wait for the APs is over; timed_out tells how */
    MARK_LOCKED,     /* the BSP has locked the door */
    MARK_PRESENT,    /* an AP has joined */
    MARK_HANDLER,    /* the handler begins */
    MARK_HANDLER_END,
    MARK_ABANDONED, /* an AP has checked out */
    MARK_RELEASED,  /* this CPU may leave */
    MARK_RESET      /* the BSP has reset the door: new check-ins succeed */
} step_mark;

/* How the words lie in memory. */
typedef enum {
    PLACE_OWN_LINE, /* a cache line for each word */
    PLACE_HEAD,     /* all of these share one line */
    PLACE_BYTES,    /* an array of bytes: 64 CPUs share a line */
    PLACE_48        /* an array of 48-byte elements from a line boundary on */
} step_place;

/* What a word is for, which says what it may hold; n: the number of CPUs. Of the kinds from
 * FIELD_DOOR on a protocol has at most one field, and rules ask for it by its kind. */
typedef enum {
    FIELD_UNUSED,    /* in this variant of the protocol: never changes */
    FIELD_COUNTER,   /* 0 to n */
    FIELD_FLAG,      /* 0 or 1 */
    FIELD_BITS,      /* a bit for each CPU, 32 in a word */
    FIELD_NODE,      /* of a tree: 0 to 8, the children that have come */
    FIELD_LOCK,      /* 0: free, 1: held */
    FIELD_ORDER,     /* a flag of a switch of the BSP, which stands until the next SMI */
    FIELD_DOOR,      /* counts the CPUs that are in, or -1: locked */
    FIELD_INSIDE,    /* a flag: a BSP is inside */
    FIELD_GATE,      /* a flag: holds the CPUs together */
    FIELD_BSP,       /* a CPU, or -1: nobody */
    FIELD_TOKEN,     /* counts the APs that work for a token */
    FIELD_SEMAPHORE, /* a CPU's, counts what was posted */
    FIELD_PRESENT,   /* a flag: the CPU takes part and can be given work */
    FIELD_BUSY,      /* 1: free, 2: held while the CPU has a job */
    FIELD_JOB,       /* handed to the CPU: STEP_JOB_TOKEN */
    FIELD_KINDS
} step_kind;

#define STEP_LOCKED UINT32_MAX /* FIELD_DOOR */

typedef struct {
    const char *name;     /* short, as used in docs and traces */
    const char *upstream; /* edk2's name */
    const char *what;     /* one line */
    uint8_t per_cpu;      /* an array of `possible` words, or one word */
    uint8_t place;        /* step_place */
    uint8_t kind;         /* step_kind */
} step_field;

/* What a CPU is while it is in a row. */
typedef enum {
    ROLE_ANY,      /* on its way in or out */
    ROLE_ELECTED,  /* the BSP before it has said that it is inside */
    ROLE_BSP,      /* the door is open */
    ROLE_BSP_T,    /* the same; locked in traditional mode */
    ROLE_SHUT,     /* the BSP behind the locked door */
    ROLE_TEARDOWN, /* the BSP after it has reset the door */
    ROLE_HANDLER,  /* the BSP runs the handlers */
    ROLE_JOBS,     /* the BSP does what a handler asked for: gives work to APs */
    ROLE_SERVICE,  /* the same: waits for all CPUs */
    ROLE_LONE,     /* an AP that knows no BSP */
    ROLE_AP,
    ROLE_AWAKE, /* an AP that was woken: for a procedure, or to leave */
    ROLE_WORKER /* an AP that was woken for a procedure, and has not ended it */
} step_role;

typedef struct {
    const char *id;     /* of this row alone, and final, since digests are made of it: "B12_3" */
    const char *name;   /* state, as in docs/MODEL.md: "B12" */
    const char *marker; /* upstream's sync point: "#3", or "" */
    const char *what;   /* one line */
    uint8_t role;       /* step_role */
} step_row;

/* Where a CPU is, for invariants: a set. */
enum {
    STEP_IN_BSP = 0x01,      /* has said that it is the BSP inside, and has not reset the door */
    STEP_IN_LOCKED = 0x02,   /* the BSP between lock and reset */
    STEP_IN_HANDLER = 0x04,  /* the handlers run, or what they asked for */
    STEP_IN_TEARDOWN = 0x08, /* the BSP after the reset */
    STEP_AT_JOB = 0x10       /* an AP that was woken for a procedure and has not ended it */
};

typedef struct step_protocol {
    const char *name;
    const char *tag; /* upstream's name of it, by which it is found, too; or NULL */
    const char *summary;
    const step_field *fields;
    int field_count;
    const step_row *rows;
    int row_count;
    const char *const *tests; /* in words: when the tests of its own hold, */
    const char *const *keeps; /* and what a CPU keeps in mind of a step */
    uint64_t features;
    /* Fills the feature set, first and code; refuses what this version cannot do. */
    sim_status (*configure)(const struct step_protocol *self, step_config *config, sim_err *err);
    void (*table)(step_config *config); /* fills code as the table has it, for these features */
    void (*initial)(const step_config *config, uint32_t *words); /* memory before the first SMI */
    const struct steps_program *program; /* what the table's words of its own mean: steps.h */
    /* The same private part if each CPU i were called map[i]. With free_order only. NULL: words and
     * CPUs do not belong together one by one, so that no order of theirs is left out. */
    void (*renumber)(const step_config *config, step_cpu *cpu, const uint16_t *map);
    /* Between SMIs, with nothing pending, the words must be as `initial` made them but for these
     * fields: a set of bits by field number. */
    uint32_t may_differ;
    uint8_t gathers;           /* handlers begin once all CPUs have arrived, and no earlier */
    uint8_t waits_for_door;    /* who is done waits for the door to open, not for the gate */
    uint8_t separate_timeouts; /* has a second timeout of its own */
    uint8_t no_runtime_cache;  /* older than edk2's variable cache outside SMM: before November 2019
                                * (aab3b9b9a1) */
    uint8_t hook_election;     /* OVMF's election in this version: 1 hook, 0 fixed */
} step_protocol;

/* Words are numbered field by field: scalars one, arrays `possible`. */
uint32_t step_word(const step_protocol *protocol, const step_config *config, int field, int cpu);
uint32_t step_word_count(const step_protocol *protocol, const step_config *config);

/* Words of a field. */
static inline uint32_t step_width(const step_protocol *protocol, const step_config *config,
                                  int field)
{
    return protocol->fields[field].per_cpu ? config->possible : 1;
}

int step_field_of(const step_protocol *protocol, step_kind kind); /* its number, or -1: none */
step_kind step_word_kind(const step_protocol *protocol, const step_config *config, uint32_t word);
void step_word_name(const step_protocol *protocol, const step_config *config, uint32_t word,
                    char *out, size_t size); /* "RUN[3]" */

const char *step_role_name(step_role role); /* "BSP", "AP" or "" */

/* Does a wait's condition hold? */
static inline int step_holds(const step_request *request, uint32_t value)
{
    SIM_ASSERT(request->cond <= STEP_ARRIVED);
    return request->cond == STEP_NE
               ? value != request->a
               : value == request->a || (request->cond == STEP_ARRIVED && request->b > 0 &&
                                         value + request->b >= request->a);
}

/* What an access leaves in a word that holds `value`. */
static inline uint32_t step_value_after(const step_request *request, uint32_t value)
{
    switch ((step_op)request->op) {
    case STEP_STORE:
        return request->a;
    case STEP_CAS:
        return value == request->a ? request->b : value;
    case STEP_ADD:
        return value + request->a;
    default:
        return value;
    }
}

/* Performs an access on memory at once; waits whose condition is false leave *result alone and
 * give 0. STEP_LOCAL, _IPI, _ASK and _LEAVE are the driver's. */
int step_perform(const step_request *request, uint32_t *words, step_result *result);

#endif
