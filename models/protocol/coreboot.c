/* SPDX-License-Identifier: Apache-2.0 */
/* coreboot: the table of coreboot's SMM lock (src/cpu/x86/smm/smm_module_handler.c). */
#include "models/protocol/coreboot.h"

#include <string.h>

#include "models/protocol/basic.h"
#include "models/protocol/steps_words.h"

enum { F_LOCK };
static const step_field fields[] = {{.name = "LOCK",
                                     .upstream = "smi_handler_status",
                                     .what = "a CPU runs the handlers",
                                     .kind = FIELD_LOCK}};
#define FIELD(name) F_##name

/* A CPU that fails to take the lock spins until it is free and leaves; one that comes after the
 * release takes it itself and runs the handlers with nothing to do. */
/* clang-format off */
#define STEPS(STEP)                                                                               \
STEP(OUT,      "-",  "", ANY,     "outside SMM",                                                  \
     OUTSIDE                   GO(C1))                                                            \
STEP(C1,       "C1", "", AP,      "take the lock",                                                \
     CAS(0, 1, LOCK)           IF(ZERO, C2, C1_TAKEN) MARK(HANDLER))                              \
STEP(C2,       "C2", "", HANDLER, "the handlers run",                                             \
     HANDLERS                  GO(C3) MARK(HANDLER_END))                                          \
STEP(C3,       "C3", "", SHUT,    "free the lock",                                                \
     STORE(0, LOCK)            GO(C5) MARK(RESET))                                                \
STEP(C4,       "C4", "", AP,      "wait until the lock is free",                                  \
     WAIT(0, UNBOUNDED, LOCK)  GO(C5) MARK(RELEASED))                                             \
STEP(C5,       "C5", "", AP,      "leave: RSM",                                                   \
     RSM                       GO(OUT))                                                           \
STEP(C1_TAKEN, "C1", "", AP,      "the lock is taken: wait for this round",                       \
     AT_ONCE                   GO(C4) MARK(PRESENT))
/* clang-format on */

enum { STEPS(STEPS_NUMBER) ROWS };
static const step_row rows[ROWS] = {STEPS(STEPS_ROW)};
static const step_code code[ROWS] = {STEPS(STEPS_CODE)};

static void table(step_config *config)
{
    memcpy(config->code, code, sizeof code);
}

static void initial(const step_config *config, uint32_t *words)
{
    SIM_ASSERT(config->cpus > 0);
    words[F_LOCK] = 0;
}

const step_protocol coreboot_protocol = {
    .name = "coreboot",
    .summary = "coreboot: one lock, the first CPU runs the handlers, nobody waits for the late",
    .fields = fields,
    .field_count = 1,
    .rows = rows,
    .row_count = ROWS,
    .configure = basic_configure,
    .table = table,
    .initial = initial,
    .enter = basic_enter,
    .request = basic_request,
    .consume = basic_consume,
    .sections = steps_sections,
    .separate_timeouts = 1,
    .hook_election = 1,
};
const int coreboot_protocol_count = 1;
