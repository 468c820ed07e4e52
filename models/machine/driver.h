/* SPDX-License-Identifier: Apache-2.0 */
/* driver: the timed driver: performs each step of the protocol when its access is granted. */
#ifndef SMMSIM_MODELS_MACHINE_DRIVER_H
#define SMMSIM_MODELS_MACHINE_DRIVER_H

#include "models/machine/fabric.h"
#include "models/machine/machine.h"
#include "sim/lib/chain.h"

typedef enum {
    WAIT_NONE,
    WAIT_START,      /* bounded: reads the timer to start */
    WAIT_TEST,       /* bounded: reads it again before the first test */
    WAIT_FIRST,      /* the first read of the word is on its way */
    WAIT_SUBSCRIBED, /* costs no events until the word changes or the bound passes */
    WAIT_WOKEN,      /* the next poll will find the change */
    WAIT_POLLING     /* that read is on its way */
} wait_state;

/* Of each CPU. */
typedef struct {
    int64_t wait_start; /* timer value at the start of a bounded wait */
    int64_t anchor;     /* a poll was made here */
    int64_t period;     /* from poll to poll, alone */
    int64_t lock_hold;  /* of the emulator's lock, by a poll */
    step_cpu local;
    step_request request;
    uint32_t count;  /* STEP_WAIT_COUNT: words that are not 0 */
    uint32_t answer; /* STEP_ASK: what will be answered */
    uint8_t waiting; /* wait_state */
    uint8_t claimed; /* the line of the coming CAS is held */
    uint8_t spins;   /* counted at the emulator's lock */
    uint8_t reserved;
} driver_cpu;
_Static_assert(sizeof(driver_cpu) == 88, "no padding");

/* Of the machine: the protocol's memory, and who waits for what in it. */
typedef struct {
    fabric lines;
    fabric_times times;
    uint32_t *word;    /* shared memory of the protocol */
    uint32_t *fresh;   /* as it must be between SMIs */
    uint8_t *lasting;  /* but this word need not be so */
    uint32_t *line_of; /* cache line of a word */
    uint16_t *waiter;  /* chains of the CPUs that wait for a word */
    chain_link *link;  /* of these chains, by CPU */
    uint32_t words;
    uint32_t unclean;      /* words that are not as they must be between SMIs */
    uint16_t count_waiter; /* chain of those that wait for a count over an array */
    uint8_t times_vary;    /* some fabric latency is a distribution */
    uint8_t reserved[5];
} driver_part;
_Static_assert(sizeof(driver_part) == 168, "no padding");

/* The parameter that each of the fabric's times is. */
extern const int driver_parameters[FABRIC_TIMES];

void driver_new(machine *m);
void driver_free(machine *m);
void driver_start(machine *m);
void driver_enter(machine *m, uint32_t cpu);
void driver_event(machine *m, uint32_t cpu);           /* CLASS_CPU in SMM */
void driver_deadline(machine *m, uint32_t cpu);        /* CLASS_DEADLINE */
void driver_park(machine *m, uint32_t cpu);            /* loses its host core: stops polling */
void driver_unpark(machine *m, uint32_t cpu);          /* polls again, now */
int64_t driver_period(const machine *m, uint32_t cpu); /* from poll to poll */
int64_t driver_poll(const machine *m, uint32_t cpu, int64_t at); /* first poll at or after that */

#endif
