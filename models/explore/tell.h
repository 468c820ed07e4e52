/* SPDX-License-Identifier: Apache-2.0 */
/* tell: repeats a schedule on a model and tells it: steps, who is stuck, a picture. */
#ifndef SMMSIM_MODELS_EXPLORE_TELL_H
#define SMMSIM_MODELS_EXPLORE_TELL_H

#include <stdio.h>
#include "sim/explore/explore.h"

enum { EXPLORE_TELL_NAME = 24, EXPLORE_TELL_CELL = 40 };
enum { EXPLORE_TELL_PICTURED = 8 }; /* more actors than that have no picture */

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

/* Its place in the picture. */
typedef struct {
    char text[EXPLORE_TELL_CELL];
    int to; /* the actor that it sends something to, or -1 */
    const char *sent;
} explore_tell_cell;

/* A model that can be told. Each call takes one state, unpacked, in bytes of the model's own
 * layout.
 */
typedef struct explore_teller {
    const explore_model *model;
    const void *self;
    uint64_t scene_bytes;
    int actors;       /* columns of the picture */
    int width;        /* of a column */
    int name_width;   /* of the columns of a step's line */
    int marker_width; /* the same */
    void (*initial)(const struct explore_teller *teller, void *scene);
    void (*pack)(const struct explore_teller *teller, const void *scene, uint64_t *state);
    void (*apply)(const struct explore_teller *teller, void *scene, uint32_t label);
    /* Folds the shared memory of a state into a hash, as numbers, whatever the processor. */
    uint64_t (*memory)(const struct explore_teller *teller, const void *scene, uint64_t hash);
    int (*actor)(const struct explore_teller *teller, uint32_t label); /* whose step */
    void (*actor_name)(const struct explore_teller *teller, int actor,
                       char name[EXPLORE_TELL_NAME]);
    const char *(*property)(const struct explore_teller *teller, int property);
    /* The step as it is about to be taken. */
    explore_tell_row (*row)(const struct explore_teller *teller, const void *scene, uint32_t label);
    void (*cell)(const struct explore_teller *teller, const void *scene, uint32_t label,
                 explore_tell_cell *cell);
    /* The rest of a step's line: which shared words it changed. */
    void (*changes)(const struct explore_teller *teller, uint32_t label,
                    const void *const scenes[2], FILE *out);
    /* Where an actor is at the end, and what it waits for. 0: nothing to say, no line for it. */
    int (*where)(const struct explore_teller *teller, const void *scene, int actor, FILE *out);
} explore_teller;

/* Runs a schedule and prints it: numbered steps, who is stuck on what, and the picture. A step that
 * cannot be taken, another digest, or no violation where one is claimed is an error that says where
 * the model diverges. A loop must lead back, and in nothing that can follow it may there be an end.
 */
SIM_MUST_CHECK sim_status explore_tell_replay(const explore_teller *teller,
                                              const explore_schedule *schedule, FILE *out,
                                              sim_err *err);
/* The same without a word: *digest of the schedule. */
SIM_MUST_CHECK sim_status explore_tell_digest(const explore_teller *teller,
                                              const explore_schedule *schedule, uint64_t *digest,
                                              sim_err *err);

/* For tellers: "-1" for nobody and the like; "  CNT 0->1"; "AP  A1 (wait for the BSP) ", with which
 * a line of the end begins; "until INS is "; "1 (it is 0)". */
void explore_tell_value(uint32_t value, FILE *out);
void explore_tell_change(const char *name, uint32_t before, uint32_t after, FILE *out);
void explore_tell_row_of(const explore_tell_row *row, FILE *out);
void explore_tell_wait(const char *name, const char *how, FILE *out);
void explore_tell_wanted(uint32_t wanted, uint32_t is, FILE *out);

#endif
