/* SPDX-License-Identifier: Apache-2.0 */
/* attempt: one repetition after the other, where a broken invariant ends no more than its own. */
#ifndef SMMSIM_WORKLOADS_ATTEMPT_H
#define SMMSIM_WORKLOADS_ATTEMPT_H

#include <stdio.h>

#include "models/machine/rules_watch.h"
#include "sim/lib/bytes.h"
#include "workloads/experiment.h"
#include "workloads/metrics.h"

typedef struct {
    const machine_setup *setup;
    machine *machine;      /* NULL: the next run makes it */
    run_record record;     /* of the last run */
    metrics one;           /* its figures */
    uint8_t used[P_COUNT]; /* parameters that had a say in the runs of this setup */
    uint32_t rules;        /* watched in every run: a set, or 0 */
    rules_watch watch;
} attempt;

void attempt_init(attempt *a);
void attempt_free(attempt *a);
/* The runs that follow are of this setup, which must outlive them or the next call; NULL: no runs
 * follow yet. */
void attempt_setup(attempt *a, const machine_setup *setup);

/* Runs it and collects its figures. 0: an invariant broke. Then the record holds a line that says
 * so in `stuck` and nothing else, there are no figures, and the next run gets a machine of its own.
 * A rule that is broken stands in `stuck`, too, with figures. */
int attempt_run(attempt *a, uint64_t seed, uint32_t repetition);

/* The machine of the last run, or a new one. */
machine *attempt_machine(attempt *a);

/* What is to be run again: settings, with the repetitions 0 to `last`. */
typedef struct {
    const experiment_setting *setting;
    int settings;
    uint64_t seed;
    uint64_t last;
    const char *check; /* rules that were watched, or NULL */
} attempt_again;
/* Appends the command as text with its NUL; or what stands behind the name of any command, without
 * a NUL. */
void attempt_command(const attempt_again *again, bytes *to);
void attempt_options(const attempt_again *again, bytes *to);
/* Appends ` WORD`, in quotes where a shell needs them. */
void attempt_word(bytes *to, const char *word);
/* `why` is a record's `stuck`: its lines, the first of them behind "smmsim: WHO repetition ..."
 * (who is "" or ends with a blank); if an invariant broke, with the command that breaks it again.
 */
void attempt_tell(FILE *to, const char *who, const char *why, const attempt_again *again);

#endif
