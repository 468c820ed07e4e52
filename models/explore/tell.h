/* SPDX-License-Identifier: Apache-2.0 */
/* tell: repeats a schedule on a model and tells it: steps, who is stuck, a picture. */
#ifndef SMMSIM_MODELS_EXPLORE_TELL_H
#define SMMSIM_MODELS_EXPLORE_TELL_H

#include <stdio.h>

#include "models/protocol/lanes.h"
#include "sim/explore/explore.h"

enum { EXPLORE_TELL_NAME = 24 };

typedef struct {
    const uint32_t *labels;
    int64_t count;
    int64_t loop;    /* the last so many steps lead back, and there is no end; 0: none do */
    int property;    /* that the last step or state must violate, or -1 */
    int has_digest;  /* 0: not known */
    uint64_t digest; /* of the ids of its steps, and of the memory that they leave */
} explore_schedule;

/* What one step is called; "" where there is nothing to say. */
typedef struct {
    const char *role, *name, *marker, *what; /* "AP", "B10", "#1" as upstream has it, one line */
    const char *id;                          /* of the step itself, as digests have it */
} explore_tell_row;

/* A model that can be told. It is told state by state, each unpacked: unpacked_bytes of the model's
 * own.
 */
typedef struct explore_teller {
    const explore_model *model;
    const void *self;
    uint64_t unpacked_bytes;
    int actors;
    const char *const *names; /* of their columns, or NULL: those of CPUs */
    void (*initial)(const struct explore_teller *teller, void *unpacked);
    void (*pack)(const struct explore_teller *teller, const void *unpacked, uint64_t *state);
    void (*apply)(const struct explore_teller *teller, void *unpacked, uint32_t label);
    /* Folds the shared memory of a state into a hash, as numbers, whatever the processor. */
    uint64_t (*memory)(const struct explore_teller *teller, const void *unpacked, uint64_t hash);
    int (*actor)(const struct explore_teller *teller, uint32_t label); /* whose step */
    void (*actor_name)(const struct explore_teller *teller, int actor,
                       char name[EXPLORE_TELL_NAME]);
    const char *(*property)(const struct explore_teller *teller, int property);
    /* The step as it is about to be taken. */
    explore_tell_row (*row)(const struct explore_teller *teller, const void *unpacked,
                            uint32_t label);
    /* The line of a step, from before it to behind it: all but who and role. */
    void (*turn)(const struct explore_teller *teller, uint32_t label, const void *const unpacked[2],
                 lanes_turn *turn);
    /* Is an actor in SMM? NULL: that is not told. */
    int (*inside)(const struct explore_teller *teller, const void *unpacked, int actor);
    /* Where an actor is at the end, and what it waits for. 0: nothing to say, no line for it. */
    int (*position)(const struct explore_teller *teller, const void *unpacked, int actor,
                    FILE *out);
} explore_teller;

/* Runs a schedule and prints it: its steps as lanes, and who is stuck on what. A step that cannot
 * be taken, another digest, or no violation where one is claimed is an error that says where the
 * model diverges. A loop must lead back, and in nothing that can follow it may there be an end.
 */
SIM_MUST_CHECK sim_status explore_tell_replay(const explore_teller *teller,
                                              const explore_schedule *schedule, FILE *out,
                                              sim_err *err);
/* The same without a word: *digest of the schedule. */
SIM_MUST_CHECK sim_status explore_tell_digest(const explore_teller *teller,
                                              const explore_schedule *schedule, uint64_t *digest,
                                              sim_err *err);

/* For tellers: "AP  A1 (wait for the BSP) ", with which a line of the end begins. */
void explore_tell_row_of(const explore_tell_row *row, FILE *out);

#endif
