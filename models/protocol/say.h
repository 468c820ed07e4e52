/* SPDX-License-Identifier: Apache-2.0 */
/* say: the value of a shared word, and what a step did to it, in words. */
#ifndef SMMSIM_MODELS_PROTOCOL_SAY_H
#define SMMSIM_MODELS_PROTOCOL_SAY_H

#include "models/protocol/step.h"

enum { SAY_VALUE = 32, SAY_TEXT = 160 };

/* As the kind of its field has it: "locked", "nobody", "CPU 3", "free", "held", "job 2"; others are
 * numbers. */
void say_value(step_kind kind, uint32_t value, char out[SAY_VALUE]);

/* A step that was taken, and what came back. */
typedef struct {
    step_request request;
    step_result result;
} say_step;

/* "INS is 0", "CNT := 2, was 1", "BSP is CPU 0, not nobody", "timeout 1; INS is 0", "to CPU 2"; ""
 * if the step is about no shared word and no other CPU. */
void say_access(const step_protocol *protocol, const step_config *config, const say_step *step,
                char out[SAY_TEXT]);
/* What a step does, upstream's marker, and `access` unless it is "": "wait for k APs #1: RUN[0] is
 * 1", "is a BSP inside? INS is 0". */
void say_row(const step_row *row, const char *access, char *out, size_t size);

#endif
