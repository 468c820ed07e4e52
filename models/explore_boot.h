/* SPDX-License-Identifier: Apache-2.0 */
/* explore_boot: small models around the rendezvous: first SMI, S3 resume, CPU hot-plug; known bugs.
 */
#ifndef SMMSIM_MODELS_EXPLORE_BOOT_H
#define SMMSIM_MODELS_EXPLORE_BOOT_H

#include <stdio.h>
#include "sim/explore.h"

/* Each is a handful of actors (CPUs, the operating system, the platform's hot-plug registers) that
 * take turns in every order; one bit says whether the known bug is in. */

enum { EXPLORE_BOOT_HANG, EXPLORE_BOOT_WRONG, EXPLORE_BOOT_PROPERTIES };
enum { EXPLORE_BOOT_BYTES = 16 };

/* One actor's turn: what it does to the state, and how that is told. */
typedef struct {
    int bug, actor;
    uint8_t *v; /* EXPLORE_BOOT_BYTES variables, all 0 at the start */
    const char *text;
    int wrong; /* the scenario's property is violated */
} explore_boot_turn;

typedef struct {
    const char *id;   /* of the known bug */
    const char *what; /* one line */
    const char *fix;  /* upstream's commit */
    int violates;     /* with the bug: EXPLORE_BOOT_... */
    int actors;
    const char *const *names;
    int (*step)(explore_boot_turn *turn); /* 0: this actor cannot move now */
    int (*done)(const uint8_t *v);        /* everybody may stop here */
} explore_boot_scenario;

extern const explore_boot_scenario explore_boot_scenarios[];
extern const int explore_boot_count;

typedef struct {
    explore_model model;
    const explore_boot_scenario *scenario;
    int bug;
} explore_boot;

/* `boot` must stay where it is while the model is in use. */
void explore_boot_init(explore_boot *boot, const explore_boot_scenario *scenario, int bug);
/* Tells a schedule, a line for each step. */
void explore_boot_print(const explore_boot *boot, const uint32_t *labels, int64_t count, FILE *out);

#endif
