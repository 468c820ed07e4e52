/* SPDX-License-Identifier: Apache-2.0 */
/* boot: small models around the rendezvous: first SMI, S3 resume, CPU hot-plug; known bugs.
 */
#ifndef SMMSIM_MODELS_EXPLORE_BOOT_H
#define SMMSIM_MODELS_EXPLORE_BOOT_H

#include <stdio.h>
#include "models/explore/tell.h"
#include "sim/explore/explore.h"

/* Each is a handful of actors (CPUs, the operating system, the platform's hot-plug registers) that
 * take turns in every order; one bit says whether the known bug is in. */

enum { EXPLORE_BOOT_HANG, EXPLORE_BOOT_WRONG, EXPLORE_BOOT_PROPERTIES };
enum { EXPLORE_BOOT_BYTES = 16, EXPLORE_BOOT_NOWHERE = -1 };

/* One actor's turn: what it does to the state, and how that is told. `row.marker` is upstream's
 * name of the place. */
typedef struct {
    int bug, actor;
    uint8_t *v; /* EXPLORE_BOOT_BYTES variables, all 0 at the start */
    explore_tell_row row;
    int to; /* whom it sends `sent` to, or -1 */
    const char *sent;
    int waits_for; /* it cannot move until this variable has the value `until`; or -1 */
    uint8_t until;
    int wrong; /* the scenario's property is violated */
} explore_boot_step;

typedef struct {
    const char *name; /* NULL: an actor's place, which is not shared */
    int is_cpu;       /* a CPU's number + 1, 0 is nobody */
} explore_boot_variable;

typedef struct {
    const char *id;                /* of the known bug */
    const char *what;              /* one line */
    const char *fix;               /* upstream's commit */
    int violates;                  /* with the bug: EXPLORE_BOOT_... */
    const char *property, *broken; /* what that is called here, and what then happens */
    int actors;
    const char *const *names;
    const explore_boot_variable *variables; /* EXPLORE_BOOT_BYTES, or fewer and then NULL names */
    int (*step)(explore_boot_step *step);   /* 0: this actor cannot move now; `row` tells where */
    int (*done)(const uint8_t *v);          /* everybody may stop here */
} explore_boot_scenario;

extern const explore_boot_scenario explore_boot_scenarios[];
extern const int explore_boot_count;

typedef struct {
    explore_model model;
    const explore_boot_scenario *scenario;
    int bug;
} explore_boot;

/* NULL: no such, or it has no model of its own. */
const explore_boot_scenario *explore_boot_find(const char *id);

/* `boot` must stay where it is while the model is in use. Labels are those of a CPU's ordinary step
 * (EXPLORE_SMM_OWN_STEP), with the actor's number. */
void explore_boot_init(explore_boot *boot, const explore_boot_scenario *scenario, int bug);

/* The turn of one actor on the variables v, which are changed if it can move. */
int explore_boot_take(const explore_boot *boot, explore_boot_step *step, uint8_t *v, int actor);

/* Does each step of a schedule belong to one of the actors? */
SIM_MUST_CHECK sim_status explore_boot_check_schedule(const explore_boot *boot,
                                                      const explore_schedule *schedule,
                                                      sim_err *err);

/* explore_tell_replay and explore_tell_digest of such a model. */
SIM_MUST_CHECK sim_status explore_boot_replay(const explore_boot *boot,
                                              const explore_schedule *schedule, FILE *out,
                                              sim_err *err);
SIM_MUST_CHECK sim_status explore_boot_digest(const explore_boot *boot,
                                              const explore_schedule *schedule, uint64_t *digest,
                                              sim_err *err);

#endif
