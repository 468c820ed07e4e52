/* SPDX-License-Identifier: Apache-2.0 */
/* rules_watch: holds the rules against a timed run, step by step, as its observer. */
#ifndef SMMSIM_MODELS_MACHINE_RULES_WATCH_H
#define SMMSIM_MODELS_MACHINE_RULES_WATCH_H

#include "models/machine/machine.h"
#include "models/protocol/rules.h"
#include "models/protocol/steps.h"

/* It keeps its own words and each CPU's private part, and asks the protocol of each step that the
 * machine takes: so each step of a timed run is also one of the protocol's. */
typedef struct {
    const machine_setup *setup;
    machine_observer observer; /* for machine_run */
    uint32_t rules;            /* to be watched: a set */
    uint32_t broken;           /* of those */
    int first;                 /* the rule that was broken first, or -1; when, and at whose step */
    int64_t at;
    uint16_t cpu;
    rules_sight sight;
    uint32_t *words, *fresh;
    step_cpu *cpus;
    uint32_t inside, tearing, working; /* CPUs: in SMM, in the teardown, at a job */
    uint32_t asked;                    /* step_action that the handler asked for last */
    uint32_t words_of[FIELD_KINDS];    /* the first word of each kind, or UINT32_MAX */
} rules_watch;

/* What a run cannot judge (`untimed`), and what the protocol has no words for, is left out. */
uint32_t rules_watch_can(const machine_setup *setup, uint32_t rules);
/* rules_parse of --check; refused if nothing is left that a run of this setup can judge. */
SIM_MUST_CHECK sim_status rules_watch_parse(const machine_setup *setup, const char *text,
                                            uint32_t *set, sim_err *err);
void rules_watch_init(rules_watch *w, const machine_setup *setup, uint32_t rules);
void rules_watch_begin(rules_watch *w); /* before each run */
/* If nobody is in SMM, and the caller knows of nothing that is pending: judges what must hold then.
 */
void rules_watch_quiet(rules_watch *w, int64_t at, uint16_t cpu);
/* The run is over; what only its end shows is judged, too. Gives w->broken. */
uint32_t rules_watch_end(rules_watch *w, const run_record *record);
int rules_watch_present(const rules_watch *w); /* each CPU that takes SMIs: in SMM, and said so */
void rules_watch_free(rules_watch *w);

#endif
