/* SPDX-License-Identifier: Apache-2.0 */
/* parts: the parts of a machine, each with a state that only its own file writes. */
#ifndef SMMSIM_MODELS_MACHINE_PARTS_H
#define SMMSIM_MODELS_MACHINE_PARTS_H

#include "models/machine/deliver.h"
#include "models/machine/driver.h"
#include "models/machine/handler.h"
#include "models/machine/mark.h"
#include "models/machine/sharing.h"
#include "models/machine/stuck.h"
#include "models/machine/thread.h"

/* What each part keeps of a CPU. What belongs to one CPU stands together, because an event is about
 * one CPU: three cache lines at most, with thousands of CPUs, too. */
typedef struct {
    driver_cpu driver;
    sharing_cpu sharing;
    deliver_cpu deliver;
    thread_cpu thread;
} machine_cpu;
_Static_assert(sizeof(machine_cpu) == 160, "no padding");

#endif
