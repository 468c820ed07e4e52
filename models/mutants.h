/* SPDX-License-Identifier: Apache-2.0 */
/* mutants: known bugs of edk2 by id, how to put each back in, and what it then violates. */
#ifndef SMMSIM_MODELS_MUTANTS_H
#define SMMSIM_MODELS_MUTANTS_H

#include "models/explore_smm.h"

/* Bugs of the environment; those of the protocol are EDK2_MUTANT_..., below. */
enum {
    MUTANT_COMMUNICATE_ONLY = 0x00010000,   /* a communicate SMI serves no other source */
    MUTANT_RESUME_KEEPS_LOCKS = 0x00020000, /* S3 resume leaves RUN, PRE and BUSY */
    MUTANT_RESUME_KEEPS_DATA = 0x00040000   /* S3 resume leaves BSP, JOB and candidates */
};

typedef struct {
    const char *id;
    const char *what;     /* one line */
    const char *fix;      /* upstream's commit */
    uint32_t bits;        /* of settings.mutant, or 0 if the settings below make the difference */
    uint32_t bits_fixed;  /* that stay when the bug is mended */
    const char *with;     /* settings that show it: "--protocol P --set n=v ..." */
    const char *without;  /* settings with the bug mended */
    const char *property; /* that the bug violates and the fix does not */
} mutant;

extern const mutant mutants[];
extern const int mutant_count;

const mutant *mutant_find(const char *id); /* NULL: no such */

/* Applies "--name value" and "--set name=value" pairs, separated by spaces. */
SIM_MUST_CHECK sim_status mutant_apply(explore_smm_settings *settings, const char *arguments,
                                       sim_err *err);

#endif
