/* SPDX-License-Identifier: Apache-2.0 */
/* edk2_table: the shared words of edk2's SMM rendezvous, and what its steps test and keep. */
#ifndef SMMSIM_MODELS_PROTOCOL_EDK2_TABLE_H
#define SMMSIM_MODELS_PROTOCOL_EDK2_TABLE_H

/* clang-format off */

/* Shared words: name, edk2's name, one for each CPU, placement in memory, what it is, what it says.
 * The head of SMM_DISPATCHER_MP_SYNC_DATA is one block, the semaphores have lines of their own
 * (UefiCpuPkg/PiSmmCpuDxeSmm/PiSmmCpuCommon.h, MpService.c InitializeSmmCpuSemaphores). */
#define EDK2_FIELDS(X)                                                                             \
    X(CNT,  "CpuCount",                  0, OWN_LINE, DOOR,      "CPUs that are in, or locked")    \
    X(INS,  "InsideSmm",                 0, OWN_LINE, INSIDE,    "a BSP is inside")                \
    X(SYN,  "AllCpusInSync",             0, OWN_LINE, GATE,      "nobody may leave yet")           \
    X(BSP,  "BspIndex",                  0, HEAD,     BSP,       "who is BSP")                     \
    X(SWB,  "SwitchBsp",                 0, HEAD,     ORDER,     "the next BSP is ordered")        \
    X(AAX,  "AllApArrivedWithException", 0, HEAD,     FLAG,      "the last arrival test said yes") \
    X(TOK,  "RunningApCount",            0, OWN_LINE, TOKEN,     "APs that work for the token")    \
    X(RUN,  "CpuSem.Run",                1, OWN_LINE, SEMAPHORE, "the CPU's semaphore")            \
    X(PRE,  "Present",                   1, OWN_LINE, PRESENT,   "the CPU takes part")             \
    X(BUSY, "Busy",                      1, OWN_LINE, BUSY,      "held while the CPU has a job")   \
    X(JOB,  "Procedure",                 1, 48,       JOB,       "the job handed to the CPU")      \
    X(CAND, "CandidateBsp",              1, BYTES,    ORDER,     "the CPU may be the next BSP")

/* clang-format on */

/* clang-format off */

/* What steps test, beside `value` being 0 or not: name, when it holds, in words. `value` came back;
 * c is the configuration. */
#define EDK2_TESTS(X)                                                                              \
    X(SERVED,      value || !(cpu->flags & FLAG_INVALID),         "a BSP is in, or it is valid")   \
    X(OPEN,        value != EDK2_LOCKED,                          "the door is not locked")        \
    X(NO_BSP_IN,   !(cpu->flags & FLAG_INSIDE),                   "no BSP was inside at R5")       \
    X(NOBODY,      value == EDK2_NONE,                            "nobody is BSP")                 \
    X(SOMEBODY,    value != EDK2_NONE,                            "somebody is BSP")               \
    X(IS_ME,       value == cpu->me,                              "it is this CPU")                \
    X(IN_TM,       TRADITIONAL(c),                                "T or M")                        \
    X(MISSING,     value < c->cpus,                               "fewer than N are in")           \
    X(STAYED,      !left_again(c, cpu, value),                    "none has left again")           \
    X(IN_SERVICE,  cpu->return_row,                               "it did")                        \
    X(HEIR,        cpu->bsp,                                      "a switch was asked for")        \
    X(IS_FREE,     value == EDK2_FREE,                            "it was free")                   \
    X(BLOCKING,    cpu->flags & FLAG_BLOCKING,                    "the call is blocking")          \
    X(NO_WAIT,     !(cpu->flags & FLAG_BLOCKING),                 "the call is not blocking")      \
    X(MORE_APS,    more_aps(c, cpu),                              "one by one, and one is left")   \
    X(ONE_BY_ONE,  one_by_one(c, cpu),                            "one by one")                    \
    X(MORE_CPUS,   steps_next_other(cpu) < c->possible,           "there is another")              \
    X(ANY_PRESENT, cpu->rounds_left,                              "one is")                        \
    X(TOKEN,       cpu->flags & FLAG_TOKEN,                       "a token is to be released")     \
    X(TOKEN_DUE,   token_due(c, cpu),                             "there is a token")              \
    X(MAY_WAIT,    may_wait(c),                                   "it may wait in this mode")      \
    X(IN_TIME,     !result->timed_out,                            "in time")                       \
    X(BARRED,      !may_be_bsp(c, cpu),                           "this CPU may not be BSP")       \
    X(MAY_BE,      may_be_bsp(c, cpu),                            "this CPU may be BSP")           \
    X(IDLE,        value != EDK2_HELD || cpu->index == cpu->bsp,  "no other AP is busy")

/* What a CPU notes of a step: name, how, in words. `holds`: the step's test did. */
#define EDK2_KEEPS(X)                                                                              \
    X(VALID,       note(cpu, FLAG_INVALID, !value),               "whether the SMI is valid")      \
    X(INSIDE,      note(cpu, FLAG_INSIDE, value != 0),            "whether a BSP is inside")       \
    X(FORGET,      cpu->flags = 0,                                "that nothing is known yet")     \
    X(SKIP,        note(cpu, FLAG_SKIP_T1, !value),               "whether to wait at first")      \
    X(WAITED,      note(cpu, FLAG_ARRIVED, !result->timed_out),   "whether all have arrived")      \
    X(LOOKED,      note_look(c, cpu, value, holds),               "whether all have arrived")      \
    X(WAIT_OVER,   end_wait(c, cpu),                              "that it is over")               \
    X(COUNTED,     if (holds) count_aps(cpu),                     "k, the APs that are in")        \
    X(NO_COUNT,    cpu->counted = 0,                              "that k is 0")                   \
    X(NO_BSP,      cpu->bsp = 0,                                  "that no BSP is known")          \
    X(FOUND,       if (holds) cpu->bsp = (uint16_t)value,         "who is BSP")                    \
    X(BOOT,        if (!holds) cpu->bsp = c->boot_cpu,            "the boot CPU as BSP")           \
    X(COME_BACK,   if (holds) cpu->return_row = ROW_V2,           "to return to V2")               \
    X(NEXT,        if (holds) cpu->index = steps_next_other(cpu), "which AP it is")                \
    X(ONE_MORE,    if (holds) cpu->rounds_left++,                 "that one more is present")      \
    X(WORK,        seen = value,                                  "the procedure")                 \
    X(TOKEN,       seen = keep_token(c, cpu, holds),              "the token")                     \
    X(SUCCESS,     answer(cpu, OUTCOME_SUCCESS),                  "")                              \
    X(NOT_READY,   answer(cpu, OUTCOME_NOT_READY),                "")                              \
    X(NOT_STARTED, answer(cpu, OUTCOME_NOT_STARTED),              "")                              \
    X(TIMEOUT,     answer(cpu, OUTCOME_TIMEOUT),                  "")
/* clang-format on */

#endif
