/* SPDX-License-Identifier: Apache-2.0 */
/* steps: runs a protocol that is written as a table of steps. */
#ifndef SMMSIM_MODELS_PROTOCOL_STEPS_H
#define SMMSIM_MODELS_PROTOCOL_STEPS_H

#include "models/protocol/step.h"

/* A row is one access to a shared word, or two, or a delay, a question, a directed SMI, or nothing;
 * then a test of the value that came back says where it leads: next[0] if it holds, else next[1].
 * With a loop the row does that for each of several CPUs, and ends early if the test fails for one.
 * A row that is not in force is passed over to where it leads if its test holds. */
typedef enum {
    OP_OUTSIDE, /* of SMM */
    OP_AT_ONCE, /* no access: only the test */
    OP_LOAD,
    OP_STORE,
    OP_CAS, /* a, to the value */
    OP_ADD,
    OP_WAIT,    /* until cond holds with a and b, at most `bound` */
    OP_WAIT_K,  /* until k + 1 of b words from this one on are not 0 */
    OP_UP,      /* load, CAS to (loaded & a) + b; again if it fails */
    OP_DOOR,    /* the same, but the test is made of what was loaded */
    OP_DOWN,    /* as UP, behind a wait until the word is not 0 */
    OP_ACQUIRE, /* a lock: wait until it is free, CAS; again if that fails */
    OP_TRY,     /* CAS, once */
    OP_PASS,    /* acquire and free */
    OP_HAND,    /* a procedure to an AP; if a, in a loop an absent one counts down the token */
    OP_DELAY,
    OP_ASK,      /* about cpu->ticket */
    OP_HANDLERS, /* ask the handlers; where the answer leads is the protocol's own code */
    OP_IPI,
    OP_OWN, /* several accesses: the protocol's own code */
    OP_RSM
} steps_op;

/* For whom: this CPU alone; k times; each other CPU in turn, of those that are present,
 * present and with their lock held (`free_order` alike), or absent; each of the first b, this one
 * too. */
typedef enum {
    LOOP_ONCE,
    LOOP_K_TIMES,
    LOOP_OTHERS,
    LOOP_PRESENT,
    LOOP_SEIZED,
    LOOP_ABSENT,
    LOOP_EACH
} steps_loop;

/* Whose word, or whose SMI: nobody's, this CPU's, of the CPU that the loop or the job is about, the
 * BSP's as this CPU read it, or the next BSP's (cpu->bsp - 1). */
typedef enum { AT_, AT_ME, AT_I, AT_BSP, AT_HEIR } steps_at;

/* What is stored, and the operand of a delay: a; this CPU's number; whether a flag of the set a is
 * set; the job's number in what this CPU has loaded. */
typedef enum { VALUE_A, VALUE_ME, VALUE_FLAG, VALUE_JOB } steps_value;

/* Tests: the value that came back is not 0, is 0, this CPU is the boot CPU. A protocol adds its
 * own. */
enum { TEST_ALWAYS, TEST_NEVER, TEST_TRUE, TEST_ZERO, TEST_BOOT_CPU, TESTS_COMMON };
enum { STEPS_LOCK_FREE = 1, STEPS_LOCK_HELD = 2 };

/* What a protocol adds to its table. */
typedef struct steps_program {
    /* Does a test of its own hold? */
    int (*holds)(const step_config *config, const step_cpu *cpu, uint8_t test,
                 const step_result *result);
    /* What a CPU keeps in mind of a row: code->keep, if that is not 0. Gives cpu->loaded. */
    uint32_t (*keep)(const step_config *config, step_cpu *cpu, const step_result *result,
                     int holds);
    /* The row that the handlers' answer leads to. */
    uint8_t (*handlers)(const step_config *config, step_cpu *cpu, uint32_t answer);
    /* OP_OWN: its next access; and what follows from the value: 1 if that was the last. */
    void (*request)(const step_config *config, const step_cpu *cpu, step_request *out);
    int (*consume)(const step_config *config, step_cpu *cpu, uint32_t value);
    uint8_t present, lock, token; /* the fields that loops and OP_HAND use */
    uint8_t token_flag;           /* in cpu->flags: the job under way has a token */
} steps_program;

/* Fills the features, first, id and code: each row as the table has it, but leading to rows that
 * are in force.
 */
void steps_link(const step_protocol *self, step_config *config);

/* An SMI has begun on cpu->me. */
void steps_enter(const steps_program *program, const step_config *config, step_cpu *cpu);
void steps_request(const steps_program *program, const step_config *config, const step_cpu *cpu,
                   step_request *out);
/* Gives what an observer may want to know. */
step_mark steps_consume(const steps_program *program, const step_config *config, step_cpu *cpu,
                        const step_result *result);
/* STEP_IN_...: a set. */
uint32_t steps_sections(const step_config *config, const step_cpu *cpu);

/* The CPU behind this one's loop or job; it passes over this CPU itself. */
uint16_t steps_next_other(const step_cpu *cpu);

/* Does this row visit the other CPUs one by one? */
static inline int steps_visits(const step_code *code)
{
    return code->loop > LOOP_K_TIMES && code->loop < LOOP_EACH;
}

#endif
