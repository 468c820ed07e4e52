/* SPDX-License-Identifier: Apache-2.0 */
/* edk2: edk2's SMM rendezvous (UefiCpuPkg/PiSmmCpuDxeSmm), all its versions as one step machine. */
#ifndef SMMSIM_MODELS_PROTOCOL_EDK2_H
#define SMMSIM_MODELS_PROTOCOL_EDK2_H

#include "models/protocol/edk2_table.h"
#include "models/protocol/edk2_versions.h"
#include "models/protocol/step.h"

/* The versions, oldest first. */
extern const step_protocol edk2_protocols[];
extern const int edk2_protocol_count;

/* Shared words by field number, for observers and tests: EDK2_CNT ... */
#define EDK2_FIELD_NUMBER(name, ...) EDK2_##name,
enum { EDK2_FIELDS(EDK2_FIELD_NUMBER) EDK2_FIELD_COUNT };
#undef EDK2_FIELD_NUMBER

/* Known bugs that can be put back in: step_config.mutant. Ids F.. are those of docs/EXPLORE.md. */
enum {
    EDK2_MUTANT_F01 = 0x0001,    /* #7 in relaxed mode, too */
    EDK2_MUTANT_BINARY = 0x0002, /* RUN is set and cleared instead of counted */
    EDK2_MUTANT_F06 = 0x0004,    /* arrival stays known after the SMI */
    EDK2_MUTANT_HOLES = 0x0008,  /* loops go over CPUs that do not exist */
    EDK2_MUTANT_TRY = 0x0010,    /* the BUSY lock of an AP is tried, not acquired */
    EDK2_MUTANT_F20 = 0x0020 /* an AP that sees no other one busy releases the token, after BUSY */
};

#define EDK2_LOCKED STEP_LOCKED /* CNT: the door is locked */
#define EDK2_NONE UINT32_MAX    /* BSP: nobody */
#define EDK2_FREE 1u            /* BUSY */
#define EDK2_HELD 2u

#endif
