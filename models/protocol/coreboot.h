/* SPDX-License-Identifier: Apache-2.0 */
/* coreboot: coreboot's SMM: one lock, the first CPU runs the handlers, nobody counts or waits for
 * the late. */
#ifndef SMMSIM_MODELS_PROTOCOL_COREBOOT_H
#define SMMSIM_MODELS_PROTOCOL_COREBOOT_H

#include "models/protocol/step.h"

extern const step_protocol coreboot_protocol;
extern const int coreboot_protocol_count; /* one */

#endif
