/* SPDX-License-Identifier: Apache-2.0 */
/* mutants: known bugs of edk2 by id, how to put each back in, and what it then violates. */
#ifndef SMMSIM_MODELS_EXPLORE_MUTANTS_H
#define SMMSIM_MODELS_EXPLORE_MUTANTS_H

#include "models/explore/smm.h"

/* Bugs of the environment; those of the protocol are EDK2_MUTANT_..., below. */
enum {
    MUTANT_COMMUNICATE_ONLY = 0x00010000,   /* a communicate SMI serves no other source */
    MUTANT_RESUME_KEEPS_LOCKS = 0x00020000, /* S3 resume leaves RUN, PRE and BUSY */
    MUTANT_RESUME_KEEPS_DATA = 0x00040000   /* S3 resume leaves BSP, JOB and candidates */
};

enum { MUTANT_SETTINGS = 5 };
typedef struct {
    int id;            /* of a parameter */
    const char *value; /* NULL: the list ends before */
} mutant_setting;

typedef struct {
    const char *id;
    const char *what;     /* one line */
    const char *fix;      /* upstream's commit */
    const char *property; /* that the bug violates and the fix does not */
    uint32_t bits;        /* of settings.mutant, or 0 if the settings below make the difference */
    uint32_t bits_fixed;  /* that stay when the bug is fixed */
    mutant_setting with[MUTANT_SETTINGS];    /* that show it */
    mutant_setting without[MUTANT_SETTINGS]; /* instead of some of them: with the bug fixed */
} mutant;

extern const mutant mutants[];
extern const int mutant_count;

const mutant *mutants_find(const char *id); /* NULL: no such */

/* Its settings, below the user's own, and what it breaks as the one property that is watched. */
void mutants_put(const mutant *m, int fixed, param_set *params, explore_smm_settings *settings);

#endif
