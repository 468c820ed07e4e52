/* SPDX-License-Identifier: Apache-2.0 */
/* stuck: why a run did not come to its end, as lines in the record: who waits for what. */
#ifndef SMMSIM_MODELS_MACHINE_STUCK_H
#define SMMSIM_MODELS_MACHINE_STUCK_H

#include "models/machine/machine.h"

void stuck_broken(machine *m, const char *why); /* a hang, or an invariant that does not hold */
void stuck_limit(machine *m, int64_t next);     /* run.limit comes before what would be next */

#endif
