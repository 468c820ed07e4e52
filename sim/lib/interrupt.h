/* SPDX-License-Identifier: Apache-2.0 */
/* interrupt: SIGINT, SIGTERM and SIGHUP end the program, after what it must undo, or only ask. */
#ifndef SMMSIM_SIM_LIB_INTERRUPT_H
#define SMMSIM_SIM_LIB_INTERRUPT_H

#include <signal.h>
#include "sim/lib/base.h"

/* What has to be undone if the program ends before it is done: by a signal, or by exit(). `undo` is
 * called in the signal's handler and calls nothing but what is safe there. */
typedef struct interrupt_duty {
    void (*undo)(void *self);
    void *self;
    struct interrupt_duty *next;
} interrupt_duty;

/* Once, at the start of the program. A signal that its starter has it ignore stays ignored (nohup),
 * and a limit on the size of files is an error of write, as a full disk is. */
void interrupt_begin(void);
/* From now on the first SIGINT, SIGTERM and SIGHUP only ask for the end; one that comes again ends
 * the program. SIGINT and SIGTERM even if they were ignored: shells do that to what runs in the
 * background. */
void interrupt_ask(void);
/* Not 0 once one has asked. */
const volatile sig_atomic_t *interrupt_asked(void);

/* One thread adds and drops. The duty is the caller's and lives until it is dropped. */
void interrupt_add(interrupt_duty *duty);
void interrupt_drop(interrupt_duty *duty);

/* In between no signal ends the program: one that came does so at the release. */
void interrupt_hold(void);
void interrupt_release(void);

#endif
