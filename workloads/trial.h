/* SPDX-License-Identifier: Apache-2.0 */
/* trial: what one repetition leaves behind, as bytes for the journal of a sweep. */
#ifndef SMMSIM_WORKLOADS_TRIAL_H
#define SMMSIM_WORKLOADS_TRIAL_H

#include "models/machine/params.h"
#include "sim/lib/hist_pack.h"
#include "workloads/metrics.h"

typedef enum { TRIAL_OK, TRIAL_HANG, TRIAL_BROKEN, TRIAL_STOPPED, TRIAL_OUTCOMES } trial_outcome;
extern const char *const trial_outcomes[TRIAL_OUTCOMES];

enum { TRIAL_DETAILS = 3 /* rows of ops.csv, smis.csv and cpus.csv */ };

typedef struct {
    metrics one;
    uint64_t digest;
    uint8_t used[P_COUNT]; /* parameters that mattered, in this run or one before at its point */
    uint8_t outcome;
    const char *stuck; /* not NUL-terminated; these point into the bytes */
    size_t stuck_length;
    const char *detail[TRIAL_DETAILS];
    size_t detail_length[TRIAL_DETAILS];
} trial;

/* Whose rows were not asked for are empty. */
typedef struct {
    const run_record *record;
    const metrics *one;
    const uint8_t *used; /* P_COUNT */
    const char *detail[TRIAL_DETAILS];
    size_t detail_length[TRIAL_DETAILS];
} trial_source;

trial_outcome trial_outcome_of(const run_record *record);
void trial_pack(bytes *to, const trial_source *source);
/* out->one must be initialised and empty. 0 if the bytes are not a trial, or say what no repetition
 * can leave behind: what they are used for later needs no further check. */
int trial_unpack(const bytes *from, trial *out);

#endif
