/* SPDX-License-Identifier: Apache-2.0 */
/* handler: what the BSP does inside the SMI: the armed request, services, flash, jobs. */
#ifndef SMMSIM_MODELS_MACHINE_HANDLER_H
#define SMMSIM_MODELS_MACHINE_HANDLER_H

#include "models/machine/machine.h"

/* The request that the communicate buffer holds: there is one buffer. */
typedef struct {
    uint32_t trigger; /* RECORD_NONE: nothing armed */
    uint32_t call;
    uint32_t taken; /* call that the handler works on, or RECORD_NONE */
    uint8_t status; /* call_status as the last executed request left it */
    uint8_t reserved[3];
} handler_buffer;

/* Of the machine: one handler runs at a time, as there is one BSP. */
typedef struct {
    int64_t work; /* what is to be done after the services */
    handler_buffer comm;
    uint8_t *exists; /* variables */
    uint64_t *bytes; /* of each: appended to as often as there are calls */
    uint32_t thread; /* next thread to look at for jobs */
    uint32_t job;    /* trigger of the job that was asked for last */
    uint32_t answer; /* to the BSP's step */
    uint8_t at;      /* part of the handler */
    uint8_t service; /* next of the services that each handler asks for */
    uint8_t reserved[2];
} handler_part;
_Static_assert(sizeof(handler_part) == 56, "no padding");

void handler_new(machine *m);
void handler_free(machine *m);
void handler_start(machine *m);
void handler_begin(machine *m);                   /* the BSP begins to run it */
int64_t handler_next(machine *m, uint32_t cpu);   /* its duration; the answer is in its part */
int handler_outside(machine *m, uint32_t thread); /* a call that needs no SMI: its status */
/* The buffer holds this call of this trigger now; gives the trigger that it held before. */
uint32_t handler_arm(machine *m, uint32_t trigger, uint32_t call);

#endif
