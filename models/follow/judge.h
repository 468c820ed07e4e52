/* SPDX-License-Identifier: Apache-2.0 */
/* judge: does a timed run violate what a schedule violates: looks at each step it takes. */
#ifndef SMMSIM_MODELS_FOLLOW_JUDGE_H
#define SMMSIM_MODELS_FOLLOW_JUDGE_H

#include "models/explore/smm.h"
#include "models/machine/rules_watch.h"

typedef struct {
    const machine_setup *setup;
    int property; /* RULE_... */
    rules_watch watch;
    uint32_t order; /* of what matters: runs with another order are of another kind; 24 bits */
    int hit;
} follow_judge;

/* Can a timed run show it? */
int follow_judge_knows(int property);

/* `setup` must outlive it. */
void follow_judge_init(follow_judge *j, const machine_setup *setup);
void follow_judge_free(follow_judge *j);

void follow_judge_begin(follow_judge *j, int property);
void follow_judge_event(follow_judge *j, const machine_event *e);
/* The run is over. */
void follow_judge_end(follow_judge *j, const run_record *record);

#endif
