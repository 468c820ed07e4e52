/* SPDX-License-Identifier: Apache-2.0 */
/* steps_words: the words in which a protocol's table of steps is written. */
#ifndef SMMSIM_MODELS_PROTOCOL_STEPS_WORDS_H
#define SMMSIM_MODELS_PROTOCOL_STEPS_WORDS_H

#include "models/protocol/steps.h"

/* A row is STEP(id, state, upstream's marker, role, what it does, words ...). The words say
 *   for whom      nothing: once; or one of K_TIMES, EACH_OTHER, EACH_PRESENT, EACH_ABSENT, EACH(n)
 *   the access    to FIELD, or to FIELD, WHOSE: ME, I (the loop's or the job's CPU), BSP or HEIR
 *   KEEP(what)    what this CPU keeps in mind
 *   GO(row)       where the step leads; or IF(test, row, else row)
 *   MARK(what)    what an observer may want to know, unless a test fails
 *   WHEN(setting) in force; without it: always
 * and stand for initialisers of a step_code. The file that includes a table defines FIELD(name),
 * and has numbers ROW_..., TEST_... and KEEP_... for its names; in WHEN and in operands `c` is the
 * configuration. */

/* What a table is made of: row numbers, names, code. */
#define STEPS_NUMBER(id, ...) ROW_##id,
#define STEPS_ROW(id, state, marker, role, what, ...) {#id, state, marker, what, ROLE_##role},
#define STEPS_CODE(id, state, marker, role, what, ...) {__VA_ARGS__},

#define K_TIMES .loop = LOOP_K_TIMES,
#define EACH_OTHER .loop = LOOP_OTHERS,
#define EACH_PRESENT .loop = LOOP_PRESENT,
#define EACH_ABSENT .loop = LOOP_ABSENT,
#define EACH(n) .loop = LOOP_EACH, .b = (n),

#define WORD(f, ...) .field = FIELD(f), .at = AT_##__VA_ARGS__,
#define OUTSIDE .op = OP_OUTSIDE,
#define AT_ONCE .op = OP_AT_ONCE,
#define LOAD(...) .op = OP_LOAD, WORD(__VA_ARGS__)
#define STORE(number, ...) .op = OP_STORE, .a = (number), WORD(__VA_ARGS__)
#define STORE_ME(...) .op = OP_STORE, .value = VALUE_ME, WORD(__VA_ARGS__)
#define STORE_FLAG(flag, ...) .op = OP_STORE, .value = VALUE_FLAG, .a = (flag), WORD(__VA_ARGS__)
#define CAS(from, to, ...) .op = OP_CAS, .a = (from), .b = (to), WORD(__VA_ARGS__)
#define CAS_ME(from, ...) .op = OP_CAS, .value = VALUE_ME, .a = (from), WORD(__VA_ARGS__)
#define ADD(number, ...) .op = OP_ADD, .a = (uint32_t)(number), WORD(__VA_ARGS__)
#define WAIT(is, most, ...) \
    .op = OP_WAIT, .cond = STEP_EQ, .a = (is), .bound = STEP_##most, WORD(__VA_ARGS__)
#define WAIT_ALL(most, ...)                                                                   \
    .op = OP_WAIT, .cond = STEP_ARRIVED, .a = c->cpus, .b = c->excused, .bound = STEP_##most, \
    WORD(__VA_ARGS__)
#define WAIT_K(...) .op = OP_WAIT_K, .b = c->possible, WORD(__VA_ARGS__)
#define UP(...) .op = OP_UP, .a = UINT32_MAX, .b = 1, WORD(__VA_ARGS__)
#define DOWN(...) .op = OP_DOWN, .a = UINT32_MAX, .b = UINT32_MAX, WORD(__VA_ARGS__)
#define CHECK_IN(...) .op = OP_DOOR, .a = UINT32_MAX, .b = 1, WORD(__VA_ARGS__)
#define ACQUIRE(...) .op = OP_ACQUIRE, WORD(__VA_ARGS__)
#define PASS(...) .op = OP_PASS, WORD(__VA_ARGS__)
#define GRAB(acquires, ...) .op = (acquires) ? OP_ACQUIRE : OP_TRY, WORD(__VA_ARGS__)
#define HAND(...) .op = OP_HAND, WORD(__VA_ARGS__)
#define DELAY(kind) .op = OP_DELAY, .local = LOCAL_##kind,
#define RUN_JOB .op = OP_DELAY, .local = LOCAL_JOB, .value = VALUE_JOB,
#define ASK(question) .op = OP_ASK, .local = ASK_##question,
#define HANDLERS .op = OP_HANDLERS, .local = ASK_HANDLER,
#define IPI(whose) .op = OP_IPI, .at = AT_##whose,
#define RSM .op = OP_RSM,

#define KEEP(what) .keep = KEEP_##what,
#define GO(then) .next = {ROW_##then},
#define IF(test_, then, other) .test = TEST_##test_, .next = {ROW_##then, ROW_##other},
#define MARK(what) .mark = MARK_##what,
#define WHEN(setting) .off = !(setting),

#endif
