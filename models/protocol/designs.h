/* SPDX-License-Identifier: Apache-2.0 */
/* designs: other ways to gather CPUs, as small protocols to compare with edk2's: what does arrival
 * cost? */
#ifndef SMMSIM_MODELS_PROTOCOL_DESIGNS_H
#define SMMSIM_MODELS_PROTOCOL_DESIGNS_H

#include "models/protocol/step.h"

/* All share one frame: every CPU arrives, the boot CPU waits for all, runs the handlers, raises a
 * flag that releases all, waits until all have seen it, lowers the flag, and everybody leaves. They
 * differ in how the others tell the boot CPU that they are there:
 *   design-counter  one counter, load and CAS by each
 *   design-bits     a bit for each CPU, 32 to a word, set by an atomic addition
 *   design-flags    a word for each CPU on a line of its own, scanned by the boot CPU
 *   design-tree2/4/8  counters in a tree of that degree; the last one to arrive goes up
 * They count on every CPU to come: their waits are unbounded, so an SMI that does not reach all
 * hangs, which is reported as a hang. */
extern const step_protocol designs_protocols[];
extern const int designs_protocol_count;

#endif
