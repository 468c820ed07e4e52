/* SPDX-License-Identifier: Apache-2.0 */
/* stage: files that are not complete yet, in a hidden folder beside their place. */
#ifndef SMMSIM_SIM_LIB_STAGE_H
#define SMMSIM_SIM_LIB_STAGE_H

#include "sim/lib/interrupt.h"

/* The hidden folder is new, for its owner alone, and of a name that nobody can foresee; what is in
 * it are numbered files, made exclusively: nothing is ever written through a link. A program that
 * ends early takes it along (interrupt.h), but for kill -9. */
typedef struct {
    int place; /* the folder in which it is; the caller's */
    int fd;
    uint32_t files;
    char name[32]; /* KIND and six letters and digits */
    interrupt_duty duty;
} stage;

enum { STAGE_LETTERS = 6 };
/* A file of a stage that has no number. */
#define STAGE_LIST "run.csv"

/* All of these give 0 or an errno. */
SIM_MUST_CHECK int stage_open(stage *s, int place, const char *kind);
SIM_MUST_CHECK int stage_file(stage *s, uint32_t *number, int *fd); /* a new one, for writing */
SIM_MUST_CHECK int stage_list(const stage *s, int *fd);             /* STAGE_LIST, for writing */
/* Gives a file the name in a folder on the same disk; EEXIST, if there is one of that name and it
 * is not to be replaced. `number` -1 is STAGE_LIST. */
SIM_MUST_CHECK int stage_put(const stage *s, int64_t number, int folder, const char *name);
SIM_MUST_CHECK int stage_replace(const stage *s, int64_t number, int folder, const char *name);
/* Takes a file out of a folder and gives it a number. */
SIM_MUST_CHECK int stage_take(stage *s, int folder, const char *name, uint32_t *number);
/* Removes what is left in it. */
void stage_close(stage *s);

#endif
