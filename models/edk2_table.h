/* SPDX-License-Identifier: Apache-2.0 */
/* edk2_table: every shared word and every step of edk2's SMM rendezvous, all versions in one list.
 */
#ifndef SMMSIM_MODELS_EDK2_TABLE_H
#define SMMSIM_MODELS_EDK2_TABLE_H

/* Shared words: name, edk2's name, one for each CPU, placement in memory. The head of
 * SMM_DISPATCHER_MP_SYNC_DATA is one block, the semaphores have lines of their own
 * (UefiCpuPkg/PiSmmCpuDxeSmm/PiSmmCpuCommon.h, MpService.c InitializeSmmCpuSemaphores). */
#define EDK2_FIELDS(X)                                 \
    X(CNT, "CpuCount", 0, PLACE_OWN_LINE)              \
    X(INS, "InsideSmm", 0, PLACE_OWN_LINE)             \
    X(SYN, "AllCpusInSync", 0, PLACE_OWN_LINE)         \
    X(BSP, "BspIndex", 0, PLACE_HEAD)                  \
    X(SWB, "SwitchBsp", 0, PLACE_HEAD)                 \
    X(AAX, "AllApArrivedWithException", 0, PLACE_HEAD) \
    X(TOK, "RunningApCount", 0, PLACE_OWN_LINE)        \
    X(RUN, "CpuSem.Run", 1, PLACE_OWN_LINE)            \
    X(PRE, "Present", 1, PLACE_OWN_LINE)               \
    X(BUSY, "Busy", 1, PLACE_OWN_LINE)                 \
    X(JOB, "Procedure", 1, PLACE_48)                   \
    X(CAND, "CandidateBsp", 1, PLACE_BYTES)

/* Versions, as the set of what each has: T stands for traditional mode, M for MTRRs that must be
 * programmed, D for the debug agent. Sources: edk2 commits named in docs/MODEL.md. */
#define ERA_PAUSE 0x0001u       /* PAUSE in the semaphore wait */
#define ERA_AAX 0x0002u         /* the arrival test is kept in AllApArrivedWithException */
#define ERA_LMCE 0x0004u        /* a local machine check skips timeout 1 */
#define ERA_SERVICE 0x0008u     /* rendezvous service */
#define ERA_TOKENS 0x0010u      /* MM MP tokens; BUSY is acquired, not tried */
#define ERA_MODE_CHECK 0x0020u  /* the service does not wait again in T or M */
#define ERA_SYNC_LIB 0x0040u    /* SmmCpuSyncLib: check-out on a locked door is refused */
#define ERA_CAS_CHECK 0x0080u   /* election reads before its CAS */
#define ERA_START_ALL 0x0100u   /* StartupAllAPs works in parallel */
#define ERA_TIMEOUT2 0x0200u    /* a second timeout of its own */
#define ERA_HOOK 0x0400u        /* platform hook before the handlers, after release #2 */
#define ERA_RECHECK 0x0800u     /* the arrival test is made once more after both waits */
#define ERA_HOOK_GATHER 0x1000u /* gather #7 after the hook, release #6 before it */
#define ERA_EXIT_ROUND 0x2000u  /* gather #11 and release #12 on every SMI */
/* Proposed here (docs/EXPLORE.md), in no version of edk2: */
#define ERA_JOIN 0x4000u       /* a CPU whose check-out is refused was counted: it joins */
#define ERA_RELOCK 0x8000u     /* a BSP that saw all arrive waits again if one has left since */
#define ERA_CALL 0x10000u      /* an AP that knows no BSP fetches the boot CPU (hook election) */
#define ERA_DOOR_WAIT 0x20000u /* who is done or late waits for the door, not for AllCpusInSync */
#define ERA_PRESENT 0x40000u   /* the rendezvous service waits until all are present */
#define ERA_SEIZED 0x80000u    /* StartupAllAPs gives work to those whose BUSY lock it has taken */
#define ERA_STAND 0x100000u    /* who knows no BSP after timeout 1 stands for election, if it may */

#define ERA_E17 (ERA_EXIT_ROUND)
#define ERA_E22 (ERA_EXIT_ROUND | ERA_PAUSE | ERA_AAX | ERA_LMCE | ERA_SERVICE | ERA_TOKENS)
#define ERA_E24A                                                                                 \
    (ERA_PAUSE | ERA_AAX | ERA_LMCE | ERA_SERVICE | ERA_TOKENS | ERA_MODE_CHECK | ERA_SYNC_LIB | \
     ERA_CAS_CHECK | ERA_START_ALL)
#define ERA_E24B (ERA_E24A | ERA_TIMEOUT2)
#define ERA_E24C (ERA_E24B | ERA_HOOK)
#define ERA_HEAD (ERA_E24C | ERA_RECHECK | ERA_HOOK_GATHER)

#define ERA_FIXED                                                                             \
    (ERA_HEAD | ERA_JOIN | ERA_RELOCK | ERA_CALL | ERA_DOOR_WAIT | ERA_PRESENT | ERA_SEIZED | \
     ERA_STAND)

#define EDK2_ERAS(X)                                                                   \
    X("edk2-2017", E17, 0, "edk2 of February 2017: OVMF's first broadcast SMI")        \
    X("edk2-202211", E22, 1, "edk2-stable202211")                                      \
    X("edk2-202402", E24A, 1, "edk2-stable202402: SmmCpuSyncLib, one exit round less") \
    X("edk2-202408", E24B, 1, "edk2-stable202408: a second timeout of its own")        \
    X("edk2-202411", E24C, 1, "edk2-stable202411: platform hook behind release #2")    \
    X("edk2-head", HEAD, 1, "edk2 of August 2026 (c5aa7e7d94)")                        \
    X("edk2-head-fixed", FIXED, 1, "edk2-head with the changes that docs/EXPLORE.md proposes")

/* Steps: id, state, upstream's sync point, kind, operand, mark, in force when, what it does.
 * Rows run from top to bottom; a row that is not in force is passed over; jumps are in edk2_next.c.
 * R rows: SmiRendezvous; B: BSPHandler; A: APHandler; J: jobs on APs; V: rendezvous service. */
#define EDK2_ROWS_ENTRY(X)                                                                        \
    X(OUT, "-", "", PLAIN, 0, NONE, 1, "outside SMM")                                             \
    X(R4, "R4", "", PLAIN, 0, NONE, c->valid_status, "ask the platform whether the SMI is valid") \
    X(R5, "R5", "", LOAD, F_INS, NONE, 1, "is a BSP inside?")                                     \
    X(R7, "R7", "", CHECK_IN, 0, CHECKED_IN, 1, "check in: count up unless the door is locked")   \
    X(R8, "R8", "", STORE_MINE, F_BUSY, NONE, 1, "own BUSY lock := free")                         \
    X(R10_SWITCH, "R10", "", LOAD, F_SWB, NONE, ELECTS, "is a switch of the BSP ordered?")        \
    X(R10_CANDIDATE, "R10", "", LOAD_MINE, F_CAND, NONE, ELECTS, "is this CPU the candidate?")    \
    X(R10_HOOK, "R10", "", LOCAL, LOCAL_ELECTION_HOOK, NONE, HOOK, "ask the platform who is BSP") \
    X(R10_ELECT, "R10", "", PLAIN, 0, NONE, HOOK, "BSP := this CPU")                              \
    X(R10_CHECK, "R10", "", LOAD, F_BSP, NONE, RACE &&ERA(CAS_CHECK), "is there a BSP already?")  \
    X(R10_RACE, "R10", "", PLAIN, 0, NONE, RACE, "BSP := this CPU if nobody is")                  \
    X(R10_ROLE, "R10", "", LOAD, F_BSP, NONE, 1, "BSP or AP?")

#define EDK2_ROWS_BSP(X)                                                                         \
    X(R11_SWITCH, "R11", "", LOAD, F_SWB, NONE, ELECTS, "was this BSP switched in?")             \
    X(R11_CLEAR, "R11", "", STORE_0, F_SWB, NONE, ELECTS, "the switch is done")                  \
    X(R11_CANDIDATES, "R11", "", PLAIN, 0, NONE, ELECTS, "no candidates any more")               \
    X(B1, "B1", "", STORE_1, F_INS, BSP_IN, 1, "InsideSmm := true")                              \
    X(B2, "B2", "", STORE_MINE, F_PRE, NONE, 1, "BSP is present")                                \
    X(B2_CLEAR, "B2", "", LOCAL, LOCAL_CLEAR_STATUS, NONE, 1, "clear the platform's SMI status") \
    X(B3, "B3", "", PLAIN, 0, NONE, TM &&ERA(LMCE) && c->lmce, "is the first wait needed?")      \
    X(B4, "B4", "", PLAIN, 0, WAITED_APS, 1, "wait for the APs, at most timeout 1")              \
    X(B4_AAX, "B4", "", PLAIN, 0, NONE, ERA(AAX), "keep whether all have arrived")               \
    X(B5, "B5", "", LOAD, F_CNT, NONE, 1, "is anybody missing?")                                 \
    X(B5_SCAN, "B5", "", PLAIN, 0, NONE, 1, "directed SMI to every absent CPU")                  \
    X(B6, "B6", "", PLAIN, 0, WAITED_APS, 1, "wait for the APs, at most timeout 2")              \
    X(B6_AAX, "B6", "", PLAIN, 0, NONE, ERA(AAX), "keep whether all have arrived")               \
    X(B7, "B7", "", LOAD, F_CNT, NONE, ERA(RECHECK), "have all arrived after all?")              \
    X(B7_AAX, "B7", "", PLAIN, 0, NONE, ERA(RECHECK), "keep it")                                 \
    X(B8, "B8", "", STORE_1, F_SYN, NONE, 1, "AllCpusInSync := true")                            \
    X(B9, "B9", "", LOCK, 0, LOCKED, TM, "lock the door; k = APs that are in")                   \
    X(B10, "B10", "#1", GATHER, 0, NONE, TM, "wait for k APs")                                   \
    X(B11, "B11", "#2", RELEASE, 0, NONE, c->mtrr || (TM && ERA(HOOK)), "release the APs")       \
    X(B12_SAVE, "B12", "", LOCAL, LOCAL_MTRR_SAVE, NONE, c->mtrr, "save the MTRRs")              \
    X(B12_3, "B12", "#3", GATHER, 0, NONE, c->mtrr, "wait for k APs")                            \
    X(B12_4, "B12", "#4", RELEASE, 0, NONE, c->mtrr, "release the APs")                          \
    X(B12_LOAD, "B12", "", LOCAL, LOCAL_MTRR_PROGRAM, NONE, c->mtrr, "load the MTRRs of SMM")    \
    X(B12_5, "B12", "#5", GATHER, 0, NONE, c->mtrr, "wait for k APs")                            \
    X(B12_6, "B12", "#6", RELEASE, 0, NONE, c->mtrr &&ERA(HOOK_GATHER), "release the APs")       \
    X(B13, "B13", "", LOCAL, LOCAL_PLATFORM_HOOK, NONE, ERA(HOOK), "platform hook")              \
    X(B13_7, "B13", "#7", GATHER, 0, NONE, SEVEN, "wait for k APs")                              \
    X(B15, "B15", "", PLAIN, 0, HANDLER, 1, "acquire the own BUSY lock")                         \
    X(B16, "B16", "", PLAIN, 0, HANDLER_END, 1, "the handlers run")                              \
    X(B17, "B17", "", DRAIN, 0, NONE, 1, "wait until no AP is busy")                             \
    X(B19, "B19", "", STORE_1, F_SYN, NONE, !TM, "AllCpusInSync := true")                        \
    X(B20, "B20", "", LOCK, 0, LOCKED, !TM, "lock the door; k = APs that are in")                \
    X(B21, "B21", "", PLAIN, 0, NONE, !TM, "wait until k APs are present")                       \
    X(B22, "B22", "", STORE_0, F_INS, NONE, 1, "InsideSmm := false")                             \
    X(B23, "B23", "#8", RELEASE, 0, NONE, 1, "release the APs")                                  \
    X(B24_9, "B24", "#9", GATHER, 0, NONE, c->mtrr, "wait for k APs")                            \
    X(B24_10, "B24", "#10", RELEASE, 0, NONE, c->mtrr, "release the APs")                        \
    X(B24_LOAD, "B24", "", LOCAL, LOCAL_MTRR_RESTORE, NONE, c->mtrr, "restore the MTRRs")        \
    X(B25_11, "B25", "#11", GATHER, 0, NONE, EXIT_ROUND, "wait for k APs")                       \
    X(B25_12, "B25", "#12", RELEASE, 0, NONE, EXIT_ROUND, "release the APs")                     \
    X(B26, "B26", "", LOCAL, LOCAL_CPU_UPDATE, NONE, 1, "SmmCpuUpdate")                          \
    X(B26_CAND, "B26", "", PLAIN, 0, NONE, 1, "name the next BSP a candidate")                   \
    X(B26_SWITCH, "B26", "", STORE_1, F_SWB, NONE, 1, "order the switch of the BSP")             \
    X(B27, "B27", "", STORE_MINE_0, F_PRE, NONE, 1, "BSP is not present")                        \
    X(B28, "B28", "#13", GATHER, 0, NONE, 1, "wait for k APs")                                   \
    X(B29_AAX, "B29", "", STORE_0, F_AAX, NONE, ERA(DOOR_WAIT), "arrival is unknown again")      \
    X(B29, "B29", "", STORE_NONE, F_BSP, NONE, ELECTS, "nobody is BSP")                          \
    X(B30, "B30", "", STORE_0, F_CNT, RESET, 1, "open the door")                                 \
    X(B31, "B31", "", STORE_0, F_SYN, NONE, 1, "AllCpusInSync := false: everybody may leave")    \
    X(B32, "B32", "", STORE_0, F_AAX, NONE, CLEARS_AAX, "arrival is unknown again")

#define EDK2_ROWS_JOBS(X)                                                            \
    X(J1, "J1", "", PLAIN, 0, NONE, 1, "StartupThisAp: is the AP present?")          \
    X(J2, "J2", "", PLAIN, 0, NONE, 1, "acquire the AP's BUSY lock")                 \
    X(J3, "J3", "", PLAIN, 0, NONE, 1, "hand the procedure over")                    \
    X(J4, "J4", "", PLAIN, 0, NONE, 1, "release the AP to run it")                   \
    X(J5, "J5", "", PLAIN, 0, NONE, 1, "blocking: wait for the AP's BUSY lock")      \
    X(J6, "J6", "", PLAIN, 0, NONE, 1, "blocking: free it")                          \
    X(K1, "K1", "", PLAIN, 0, NONE, 1, "StartupAllAPs: is this AP present?")         \
    X(K2, "K2", "", PLAIN, 0, NONE, 1, "is it idle?")                                \
    X(K3, "K3", "", PLAIN, 0, NONE, 1, "token: all are running")                     \
    X(K4, "K4", "", SEIZE, 0, NONE, 1, "acquire each present AP's BUSY lock")        \
    X(K5, "K5", "", HAND, 0, NONE, 1, "hand each present AP the procedure")          \
    X(K6, "K6", "", RELEASE, 0, NONE, 1, "release each present AP")                  \
    X(K7, "K7", "", DRAIN, 0, NONE, 1, "blocking: wait until none is busy")          \
    X(V1, "V1", "", LOAD, F_AAX, NONE, 1, "rendezvous service: are all in already?") \
    X(V2, "V2", "", LOAD, F_AAX, NONE, 1, "rendezvous service: are all in now?")     \
    X(V3, "V3", "", PLAIN, 0, NONE, ERA(PRESENT),                                    \
      "rendezvous service: wait until each CPU is present")

#define EDK2_ROWS_AP(X)                                                                       \
    X(A1, "A1", "", PLAIN, 0, WAITED_BSP, 1, "wait for the BSP, at most timeout 1")           \
    X(A1_TEST, "A1", "", LOAD, F_INS, NONE, 1, "is the BSP inside?")                          \
    X(A2, "A2'", "", LOAD, F_BSP, NONE, 1, "is a BSP known?")                                 \
    X(A2_SEND, "A2'", "", PLAIN, 0, NONE, 1, "directed SMI to the BSP")                       \
    X(A3, "A3", "", PLAIN, 0, WAITED_BSP, 1, "wait for the BSP, at most timeout 2")           \
    X(A3_TEST, "A3", "", LOAD, F_INS, NONE, 1, "is the BSP inside?")                          \
    X(A4, "A4'", "", CHECK_OUT, 0, ABANDONED, 1, "check out; nobody looks at the result")     \
    X(A6_BSP, "A6", "", LOAD, F_BSP, NONE, 1, "who is the BSP?")                              \
    X(A6, "A6", "", STORE_MINE, F_PRE, PRESENT, 1, "this AP is present")                      \
    X(A7, "A7", "#1", POST, 0, NONE, TM, "tell the BSP")                                      \
    X(A8, "A8", "#2", TAKE, 0, NONE, c->mtrr || (TM && ERA(HOOK)), "wait for the BSP")        \
    X(A9_SAVE, "A9", "", LOCAL, LOCAL_MTRR_SAVE, NONE, c->mtrr, "save the MTRRs")             \
    X(A9_3, "A9", "#3", POST, 0, NONE, c->mtrr, "tell the BSP")                               \
    X(A9_4, "A9", "#4", TAKE, 0, NONE, c->mtrr, "wait for the BSP")                           \
    X(A9_LOAD, "A9", "", LOCAL, LOCAL_MTRR_PROGRAM, NONE, c->mtrr, "load the MTRRs of SMM")   \
    X(A9_5, "A9", "#5", POST, 0, NONE, c->mtrr, "tell the BSP")                               \
    X(A9_6, "A9", "#6", TAKE, 0, NONE, c->mtrr &&ERA(HOOK_GATHER), "wait for the BSP")        \
    X(A10, "A10", "", LOCAL, LOCAL_PLATFORM_HOOK, NONE, ERA(HOOK), "platform hook")           \
    X(A11, "A11", "#7", POST, 0, NONE, SEVEN, "tell the BSP")                                 \
    X(A12, "A12", "#8", TAKE, 0, NONE, 1, "idle: wait for a job or the end")                  \
    X(A13, "A13", "", LOAD, F_INS, NONE, 1, "a job or the end?")                              \
    X(A13_JOB, "A13", "", LOAD_MINE, F_JOB, NONE, 1, "which procedure?")                      \
    X(A13_WORK, "A13", "", PLAIN, 0, NONE, 1, "run the procedure")                            \
    X(A13_TOKEN, "A13", "", PLAIN, 0, NONE, ERA(TOKENS), "count the token down")              \
    X(A13_CLEAR, "A13", "", STORE_MINE_0, F_JOB, NONE, 1, "no procedure any more")            \
    X(A13_FREE, "A13", "", STORE_MINE, F_BUSY, NONE, 1, "own BUSY lock := free")              \
    X(A13_OTHERS, "A13", "", PLAIN, 0, NONE, MUTANT(F20), "F20: is any other AP still busy?") \
    X(A13_RELEASE, "A13", "", PLAIN, 0, NONE, MUTANT(F20), "F20: release the token")          \
    X(A14_9, "A14", "#9", POST, 0, NONE, c->mtrr, "tell the BSP")                             \
    X(A14_10, "A14", "#10", TAKE, 0, NONE, c->mtrr, "wait for the BSP")                       \
    X(A14_LOAD, "A14", "", LOCAL, LOCAL_MTRR_RESTORE, NONE, c->mtrr, "restore the MTRRs")     \
    X(A15_11, "A15", "#11", POST, 0, NONE, EXIT_ROUND, "tell the BSP")                        \
    X(A15_12, "A15", "#12", TAKE, 0, NONE, EXIT_ROUND, "wait for the BSP")                    \
    X(A16, "A16", "", STORE_MINE_0, F_PRE, NONE, 1, "this AP is not present")                 \
    X(A17, "A17", "#13", POST, 0, NONE, 1, "tell the BSP: last access to shared semaphores")  \
    X(R12, "R12", "", PLAIN, 0, RELEASED, 1, "wait until AllCpusInSync is false")             \
    X(R13, "R13", "", PLAIN, 0, NONE, 1, "leave: RSM")                                        \
    X(R7_LATE, "R7", "", PLAIN, 0, RELEASED, 1, "too late: wait until AllCpusInSync is false")

/* Last, so that the other rows keep their numbers, which digests of schedules are made of. */
#define EDK2_ROWS_STAND(X)                                       \
    X(A2_STAND, "A2'", "", PLAIN, 0, NONE, ERA(STAND) && ELECTS, \
      "nobody is BSP: BSP := this CPU if that is still so")

#define EDK2_ROWS(X) \
    EDK2_ROWS_ENTRY(X) EDK2_ROWS_BSP(X) EDK2_ROWS_JOBS(X) EDK2_ROWS_AP(X) EDK2_ROWS_STAND(X)

#endif
