/* SPDX-License-Identifier: Apache-2.0 */
/* edk2_steps: every step of edk2's SMM rendezvous, all versions in one table. */

/* R: SmiRendezvous. B: BSPHandler. A: APHandler. J: StartupThisAp. K: StartupAllAPs. V: rendezvous
 * service. models/protocol/steps_words.h explains the words; models/protocol/edk2_table.h has the
 * shared words, what is tested (IF) and noted (KEEP), models/protocol/edk2_versions.h the
 * features. TM: traditional mode, or MTRRs to be programmed. The file that includes this
 * one defines STEP(...) first; it may include it again.
 *
 * STEP(id,          state, sync   role      what it does
 *                          point
 *      access                            keep, where it leads, mark, in force when */

/* clang-format off */

#ifndef STEP
#define STEP(...)
#endif

/* Every CPU on its way in. */
STEP(OUT,           "-",   "",    ANY,      "outside SMM",
     OUTSIDE                           GO(R4))
STEP(R4,            "R4",  "",    ANY,      "ask the platform whether the SMI is valid",
     ASK(VALID_SMI)                    KEEP(VALID) GO(R5) WHEN(c->valid_status))
STEP(R5,            "R5",  "",    ANY,      "is a BSP inside?",
     LOAD(INS)                         KEEP(INSIDE) IF(SERVED, R7, R13))
STEP(R7,            "R7",  "",    ANY,      "check in: count up unless the door is locked",
     CHECK_IN(CNT)                     IF(OPEN, R8, R7_LOCKED) MARK(CHECKED_IN))
STEP(R7_LOCKED,     "R7",  "",    ANY,      "the door is locked",
     AT_ONCE                           KEEP(FORGET) GO(R7_LATE) MARK(TOO_LATE))
STEP(R7_LATE,       "R7",  "",    ANY,      "too late: wait until AllCpusInSync is false",
     WAIT_DOOR                         GO(R13) MARK(RELEASED))
STEP(R8,            "R8",  "",    ANY,      "own BUSY lock := free",
     STORE(EDK2_FREE, BUSY, ME)        KEEP(FORGET) IF(NO_BSP_IN, R10_SWITCH, A1))
STEP(R10_SWITCH,    "R10", "",    ANY,      "is a switch of the BSP ordered?",
     LOAD(SWB)                         IF(TRUE, R10_CANDIDATE, R10_HOOK) WHEN(ELECTS))
STEP(R10_CANDIDATE, "R10", "",    ANY,      "is this CPU the candidate?",
     LOAD(CAND, ME)                    IF(TRUE, R10_HOOK, R10_ROLE) WHEN(ELECTS))
STEP(R10_HOOK,      "R10", "",    ANY,      "ask the platform who is BSP",
     DELAY(ELECTION_HOOK)              IF(BOOT_CPU, R10_ELECT, R10_ROLE) WHEN(HOOK))
STEP(R10_ELECT,     "R10", "",    ANY,      "BSP := this CPU",
     STORE_ME(BSP)                     GO(R10_CHECK) WHEN(HOOK))
STEP(R10_CHECK,     "R10", "",    ANY,      "is there a BSP already?",
     LOAD(BSP)                         IF(NOBODY, R10_RACE, R10_ROLE) WHEN(RACE && HAS(CAS_CHECK)))
STEP(R10_RACE,      "R10", "",    ANY,      "BSP := this CPU if nobody is",
     CAS_ME(EDK2_NONE, BSP)            GO(R10_ROLE) WHEN(RACE))
STEP(R10_ROLE,      "R10", "",    ANY,      "BSP or AP?",
     LOAD(BSP)                         IF(IS_ME, R11_SWITCH, A1))

/* The BSP. */
STEP(R11_SWITCH,    "R11", "",    ELECTED,  "was this BSP switched in?",
     LOAD(SWB)                         IF(TRUE, R11_CLEAR, B1) WHEN(ELECTS))
STEP(R11_CLEAR,     "R11", "",    ELECTED,  "the switch is done",
     STORE(0, SWB)                     GO(R11_CANDIDATES) WHEN(ELECTS))
STEP(R11_CANDIDATES,"R11", "",    ELECTED,  "no candidates any more",
     EACH(c->possible) STORE(0, CAND, I) GO(B1) WHEN(ELECTS))
STEP(B1,            "B1",  "",    ELECTED,  "InsideSmm := true",
     STORE(1, INS)                     GO(B2) MARK(BSP_IN))
STEP(B2,            "B2",  "",    BSP,      "BSP is present",
     STORE(1, PRE, ME)                 GO(B2_CLEAR))
STEP(B2_CLEAR,      "B2",  "",    BSP,      "clear the platform's SMI status",
     DELAY(CLEAR_STATUS)               IF(IN_TM, B3, B13))
STEP(B3,            "B3",  "",    BSP,      "is the first wait needed?",
     ASK(SYNC_NEEDED)                  KEEP(SKIP) IF(TRUE, B4, B5) WHEN(TM && HAS(LMCE) && c->lmce))
STEP(B4,            "B4",  "",    BSP,      "wait for the APs, at most timeout 1",
     WAIT_ALL(TIMEOUT1, CNT)           KEEP(WAITED) GO(B4_AAX) MARK(WAITED_APS))
STEP(B4_AAX,        "B4",  "",    BSP,      "AllApArrivedWithException := all arrived",
     STORE_FLAG(FLAG_ARRIVED, AAX)     GO(B5) WHEN(HAS(SERVICE)))
STEP(B5,            "B5",  "",    BSP,      "is anybody missing?",
     LOAD(CNT)                         IF(MISSING, B5_SCAN, B7))
STEP(B5_SCAN,       "B5",  "",    BSP,      "directed SMI to every absent CPU",
     EACH_ABSENT IPI(I)                GO(B6))
STEP(B6,            "B6",  "",    BSP,      "wait for the APs, at most timeout 2",
     WAIT_ALL(TIMEOUT2, CNT)           KEEP(WAITED) GO(B6_AAX) MARK(WAITED_APS))
STEP(B6_AAX,        "B6",  "",    BSP,      "AllApArrivedWithException := all arrived",
     STORE_FLAG(FLAG_ARRIVED, AAX)     GO(B7) WHEN(HAS(SERVICE)))
STEP(B7,            "B7",  "",    BSP,      "have all arrived after all?",
     LOAD(CNT)                         KEEP(LOOKED) IF(STAYED, B7_AAX, B5) WHEN(HAS(RECHECK)))
STEP(B7_AAX,        "B7",  "",    BSP,      "AllApArrivedWithException := all arrived",
     STORE_FLAG(FLAG_ARRIVED, AAX)     GO(B7_END) WHEN(HAS(RECHECK)))
STEP(B7_END,        "B7",  "",    BSP,      "did the rendezvous service ask for this wait?",
     AT_ONCE                           KEEP(WAIT_OVER) IF(IN_SERVICE, V2, B8))
STEP(B8,            "B8",  "",    BSP,      "AllCpusInSync := true",
     STORE(1, SYN)                     GO(B9))
STEP(B9,            "B9",  "",    BSP,      "lock the door; k = APs that are in",
     LOCK(CNT)                         KEEP(COUNTED) IF(STAYED, B10, B5) MARK(LOCKED) WHEN(TM))
STEP(B10,           "B10", "#1",  BSP_T,    "wait for k APs",
     K_TIMES DOWN(RUN, ME)             GO(B11) WHEN(TM))
STEP(B11,           "B11", "#2",  BSP_T,    "release the APs",
     EACH_PRESENT UP(RUN, I)           GO(B12_SAVE) WHEN(c->mtrr || (TM && HAS(PLATFORM_HOOK))))
STEP(B12_SAVE,      "B12", "",    BSP_T,    "save the MTRRs",
     DELAY(MTRR_SAVE)                  GO(B12_3) WHEN(c->mtrr))
STEP(B12_3,         "B12", "#3",  BSP_T,    "wait for k APs",
     K_TIMES DOWN(RUN, ME)             GO(B12_4) WHEN(c->mtrr))
STEP(B12_4,         "B12", "#4",  BSP_T,    "release the APs",
     EACH_PRESENT UP(RUN, I)           GO(B12_LOAD) WHEN(c->mtrr))
STEP(B12_LOAD,      "B12", "",    BSP_T,    "load the MTRRs of SMM",
     DELAY(MTRR_PROGRAM)               GO(B12_5) WHEN(c->mtrr))
STEP(B12_5,         "B12", "#5",  BSP_T,    "wait for k APs",
     K_TIMES DOWN(RUN, ME)             GO(B12_6) WHEN(c->mtrr))
STEP(B12_6,         "B12", "#6",  BSP_T,    "release the APs",
     EACH_PRESENT UP(RUN, I)           GO(B13) WHEN(c->mtrr && HAS(HOOK_GATHER)))
STEP(B13,           "B13", "",    BSP_T,    "platform hook",
     DELAY(PLATFORM_HOOK)              GO(B13_7) WHEN(HAS(PLATFORM_HOOK)))
STEP(B13_7,         "B13", "#7",  BSP_T,    "wait for k APs",
     K_TIMES DOWN(RUN, ME)             GO(B15) WHEN(SEVEN))
STEP(B15,           "B15", "",    BSP_T,    "acquire the own BUSY lock",
     GRAB(HAS(BSP_ACQUIRE), BUSY, ME)       GO(B16) MARK(HANDLER))
STEP(B16,           "B16", "",    HANDLER,  "the handlers run",
     HANDLERS                          GO(B17) MARK(HANDLER_END))
STEP(B17,           "B17", "",    BSP_T,    "wait until no AP is busy",
     EACH_PRESENT PASS(BUSY, I)        GO(B19))
STEP(B19,           "B19", "",    BSP_T,    "AllCpusInSync := true",
     STORE(1, SYN)                     GO(B20) WHEN(!TM))
STEP(B20,           "B20", "",    BSP_T,    "lock the door; k = APs that are in",
     LOCK(CNT)                         KEEP(COUNTED) IF(STAYED, B21, B5) MARK(LOCKED) WHEN(!TM))
STEP(B21,           "B21", "",    SHUT,     "wait until k APs are present",
     WAIT_K(PRE)                       GO(B22) WHEN(!TM))
STEP(B22,           "B22", "",    SHUT,     "InsideSmm := false",
     STORE(0, INS)                     GO(B23))
STEP(B23,           "B23", "#8",  SHUT,     "release the APs",
     EACH_PRESENT UP(RUN, I)           GO(B24_9))
STEP(B24_9,         "B24", "#9",  SHUT,     "wait for k APs",
     K_TIMES DOWN(RUN, ME)             GO(B24_10) WHEN(c->mtrr))
STEP(B24_10,        "B24", "#10", SHUT,     "release the APs",
     EACH_PRESENT UP(RUN, I)           GO(B24_LOAD) WHEN(c->mtrr))
STEP(B24_LOAD,      "B24", "",    SHUT,     "restore the MTRRs",
     DELAY(MTRR_RESTORE)               GO(B25_11) WHEN(c->mtrr))
STEP(B25_11,        "B25", "#11", SHUT,     "wait for k APs",
     K_TIMES DOWN(RUN, ME)             GO(B25_12) WHEN(EXIT_ROUND))
STEP(B25_12,        "B25", "#12", SHUT,     "release the APs",
     EACH_PRESENT UP(RUN, I)           GO(B26) WHEN(EXIT_ROUND))
STEP(B26,           "B26", "",    SHUT,     "SmmCpuUpdate",
     DELAY(CPU_UPDATE)                 IF(HEIR, B26_CAND, B27))
STEP(B26_CAND,      "B26", "",    SHUT,     "name the next BSP a candidate",
     STORE(1, CAND, HEIR)              GO(B26_SWITCH))
STEP(B26_SWITCH,    "B26", "",    SHUT,     "order the switch of the BSP",
     STORE(1, SWB)                     KEEP(NO_BSP) GO(B27))
STEP(B27,           "B27", "",    SHUT,     "BSP is not present",
     STORE(0, PRE, ME)                 GO(B28))
STEP(B28,           "B28", "#13", SHUT,     "wait for k APs",
     K_TIMES DOWN(RUN, ME)             KEEP(NO_COUNT) GO(B29_AAX))
STEP(B29_AAX,       "B29", "",    SHUT,     "arrival is unknown again",
     STORE(0, AAX)                     GO(B29) WHEN(HAS(DOOR_WAIT)))
STEP(B29,           "B29", "",    SHUT,     "nobody is BSP",
     STORE(EDK2_NONE, BSP)             GO(B30) WHEN(ELECTS))
STEP(B30,           "B30", "",    SHUT,     "open the door",
     STORE(0, CNT)                     GO(B31) MARK(RESET))
STEP(B31,           "B31", "",    TEARDOWN, "AllCpusInSync := false: everybody may leave",
     STORE(0, SYN)                     GO(B32))
STEP(B32,           "B32", "",    TEARDOWN, "arrival is unknown again",
     STORE(0, AAX)                     GO(R12) WHEN(CLEARS_AAX))

/* What the handlers ask for: StartupThisAp, StartupAllAPs, the rendezvous service. */
STEP(J1,            "J1",  "",    JOBS,     "StartupThisAp: is the AP present?",
     LOAD(PRE, I)                      IF(TRUE, J2_HOW, J1_ABSENT))
STEP(J1_ABSENT,     "J1",  "",    JOBS,     "absent: one by one, it is passed over",
     AT_ONCE                           IF(ONE_BY_ONE, J7, NOT_STARTED))
STEP(J2_HOW,        "J2",  "",    JOBS,     "is the call blocking?",
     AT_ONCE                           IF(NO_WAIT, J2, J2_WAIT) WHEN(TRIES))
STEP(J2,            "J2",  "",    JOBS,     "acquire the AP's BUSY lock",
     GRAB(!TRIES, BUSY, I)             IF(IS_FREE, J3, J2_BUSY))
STEP(J2_WAIT,       "J2",  "",    JOBS,     "blocking: acquire it all the same",
     ACQUIRE(BUSY, I)                  GO(J3) WHEN(TRIES))
STEP(J2_BUSY,       "J2",  "",    JOBS,     "busy: one by one, it is passed over",
     AT_ONCE                           IF(ONE_BY_ONE, J7, NOT_READY))
STEP(J3,            "J3",  "",    JOBS,     "hand the procedure over",
     HAND(JOB, I)                      GO(J4))
STEP(J4,            "J4",  "",    JOBS,     "release the AP to run it",
     UP(RUN, I)                        IF(BLOCKING, J5, J7))
STEP(J5,            "J5",  "",    JOBS,     "blocking: wait for the AP's BUSY lock",
     ACQUIRE(BUSY, I)                  GO(J6))
STEP(J6,            "J6",  "",    JOBS,     "blocking: free it",
     STORE(EDK2_FREE, BUSY, I)         GO(J7))
STEP(J7,            "J7",  "",    JOBS,     "StartupAllAPs one by one: another AP?",
     AT_ONCE                           KEEP(NEXT) IF(MORE_APS, J1, SUCCESS))
STEP(K1,            "K1",  "",    JOBS,     "StartupAllAPs: is this AP present?",
     LOAD(PRE, I)                      IF(TRUE, K2, K2_NEXT) WHEN(PARALLEL))
STEP(K2,            "K2",  "",    JOBS,     "is it idle?",
     LOAD(BUSY, I)                    KEEP(ONE_MORE) IF(IS_FREE, K2_NEXT, NOT_READY) WHEN(PARALLEL))
STEP(K2_NEXT,       "K2",  "",    JOBS,     "the next AP, if there is one",
     AT_ONCE                           KEEP(NEXT) IF(MORE_CPUS, K1, K2_ANY) WHEN(PARALLEL))
STEP(K2_ANY,        "K2",  "",    JOBS,     "is any AP present?",
     AT_ONCE                           IF(ANY_PRESENT, K2_TOKEN, NOT_STARTED) WHEN(PARALLEL))
STEP(K2_TOKEN,      "K2",  "",    JOBS,     "is there a token?",
     AT_ONCE                           IF(TOKEN, K3, K4) WHEN(PARALLEL))
STEP(K3,            "K3",  "",    JOBS,     "token: all are running",
     TOKEN_OF(c->possible - 1u, TOK)   GO(K4) WHEN(PARALLEL))
STEP(K4,            "K4",  "",    JOBS,     "acquire each present AP's BUSY lock",
     EACH_PRESENT ACQUIRE(BUSY, I)     GO(K5) WHEN(PARALLEL))
STEP(K5,            "K5",  "",    JOBS,     "hand each present AP the procedure",
     EACH_SEIZED HAND(JOB, I)          ABSENT(!LOCK_TOKEN) GO(K6) WHEN(PARALLEL))
STEP(K6,            "K6",  "",    JOBS,     "release each present AP",
     EACH_SEIZED UP(RUN, I)            GO(K6_WAIT) WHEN(PARALLEL))
STEP(K6_WAIT,       "K6",  "",    JOBS,     "is the call blocking?",
     AT_ONCE                           IF(BLOCKING, K7, SUCCESS) WHEN(PARALLEL))
STEP(K7,            "K7",  "",    JOBS,     "blocking: wait until none is busy",
     EACH_PRESENT PASS(BUSY, I)        GO(SUCCESS) WHEN(PARALLEL))
STEP(V1,            "V1",  "",    SERVICE,  "rendezvous service: are all in already?",
     LOAD(AAX)                         IF(TRUE, V3, V1_WAIT) WHEN(WITH_SERVICE))
STEP(V1_WAIT,       "V1",  "",    SERVICE,  "wait as at first, then look again",
     AT_ONCE                           KEEP(COME_BACK) IF(MAY_WAIT, B4, TIMEOUT) WHEN(WITH_SERVICE))
STEP(V2,            "V2",  "",    SERVICE,  "rendezvous service: are all in now?",
     LOAD(AAX)                         IF(TRUE, V3, TIMEOUT) WHEN(WITH_SERVICE))
STEP(V3,            "V3",  "",    SERVICE,  "rendezvous service: wait until each CPU is present",
     EACH_OTHER WAIT(1, TIMEOUT2, PRE, I) IF(IN_TIME, SUCCESS, TIMEOUT) WHEN(WAITS_PRESENT))
STEP(SUCCESS,       "J",   "",    SERVICE,  "the handler is told: success",
     AT_ONCE                           KEEP(SUCCESS) GO(B16))
STEP(NOT_READY,     "J",   "",    SERVICE,  "the handler is told: not ready",
     AT_ONCE                           KEEP(NOT_READY) GO(B16))
STEP(NOT_STARTED,   "J",   "",    SERVICE,  "the handler is told: not started",
     AT_ONCE                           KEEP(NOT_STARTED) GO(B16))
STEP(TIMEOUT,       "J",   "",    SERVICE,  "the handler is told: timeout",
     AT_ONCE                           KEEP(TIMEOUT) GO(B16))

/* An AP, and the way out. */
STEP(A1,            "A1",  "",    LONE,     "wait for the BSP, at most timeout 1",
     WAIT(1, TIMEOUT1, INS)            GO(A1_TEST) MARK(WAITED_BSP))
STEP(A1_TEST,       "A1",  "",    LONE,     "is the BSP inside?",
     LOAD(INS)                         IF(TRUE, A6_BSP, A2))
STEP(A2,            "A2'", "",    LONE,     "is a BSP known?",
     LOAD(BSP)                         KEEP(FOUND) IF(SOMEBODY, A2_SEND, A2_NOBODY))
STEP(A2_NOBODY,     "A2'", "",    LONE,     "nobody is BSP: may this CPU be?",
     AT_ONCE                           IF(BARRED, A2_CALL, A2_STAND) WHEN(HAS(STAND) && ELECTS))
STEP(A2_CALL,       "A2'", "",    LONE,     "nobody is BSP: the boot CPU is called",
     AT_ONCE                           KEEP(BOOT) IF(MAY_BE, A4, A2_SEND) WHEN(HAS(CALL)))
STEP(A2_STAND,      "A2'", "",    LONE,     "nobody is BSP: BSP := this CPU if that is still so",
     CAS_ME(EDK2_NONE, BSP)            IF(NOBODY, R11_SWITCH, A3) WHEN(HAS(STAND) && ELECTS))
STEP(A2_SEND,       "A2'", "",    AP,       "directed SMI to the BSP",
     IPI(BSP)                          GO(A3))
STEP(A3,            "A3",  "",    AP,       "wait for the BSP, at most timeout 2",
     WAIT(1, TIMEOUT2, INS)            GO(A3_TEST) MARK(WAITED_BSP))
STEP(A3_TEST,       "A3",  "",    AP,       "is the BSP inside?",
     LOAD(INS)                         KEEP(NO_BSP) IF(TRUE, A6_BSP, A4))
STEP(A4,            "A4'", "",    LONE,     "check out; nobody looks at the result",
     CHECK_OUT(CNT)                    IF(OPEN, R12, A4_LOCKED) MARK(ABANDONED))
STEP(A4_LOCKED,     "A4'", "",    LONE,     "check-out refused: this AP was counted",
     AT_ONCE                           IF(NEVER, A4_REFUSED, A6_BSP) WHEN(HAS(JOIN)))
STEP(A4_REFUSED,    "A4'", "",    LONE,     "it leaves all the same",
     AT_ONCE                           GO(R12) MARK(ABANDONED))
STEP(A6_BSP,        "A6",  "",    LONE,     "who is the BSP?",
     LOAD(BSP)                         KEEP(FOUND) GO(A6))
STEP(A6,            "A6",  "",    AP,       "this AP is present",
     STORE(1, PRE, ME)                 GO(A7) MARK(PRESENT))
STEP(A7,            "A7",  "#1",  AP,       "tell the BSP",
     UP(RUN, BSP)                      GO(A8) WHEN(TM))
STEP(A8,            "A8",  "#2",  AP,       "wait for the BSP",
     DOWN(RUN, ME)                     GO(A9_SAVE) WHEN(c->mtrr || (TM && HAS(PLATFORM_HOOK))))
STEP(A9_SAVE,       "A9",  "",    AP,       "save the MTRRs",
     DELAY(MTRR_SAVE)                  GO(A9_3) WHEN(c->mtrr))
STEP(A9_3,          "A9",  "#3",  AP,       "tell the BSP",
     UP(RUN, BSP)                      GO(A9_4) WHEN(c->mtrr))
STEP(A9_4,          "A9",  "#4",  AP,       "wait for the BSP",
     DOWN(RUN, ME)                     GO(A9_LOAD) WHEN(c->mtrr))
STEP(A9_LOAD,       "A9",  "",    AP,       "load the MTRRs of SMM",
     DELAY(MTRR_PROGRAM)               GO(A9_5) WHEN(c->mtrr))
STEP(A9_5,          "A9",  "#5",  AP,       "tell the BSP",
     UP(RUN, BSP)                      GO(A9_6) WHEN(c->mtrr))
STEP(A9_6,          "A9",  "#6",  AP,       "wait for the BSP",
     DOWN(RUN, ME)                     GO(A10) WHEN(c->mtrr && HAS(HOOK_GATHER)))
STEP(A10,           "A10", "",    AP,       "platform hook",
     DELAY(PLATFORM_HOOK)              GO(A11) WHEN(HAS(PLATFORM_HOOK)))
STEP(A11,           "A11", "#7",  AP,       "tell the BSP",
     UP(RUN, BSP)                      GO(A12) WHEN(SEVEN))
STEP(A12,           "A12", "#8",  AP,       "idle: wait for a job or the end",
     DOWN(RUN, ME)                     GO(A13))
STEP(A13,           "A13", "",    AWAKE,    "a job or the end?",
     LOAD(INS)                         IF(TRUE, A13_JOB, A14_9))
STEP(A13_JOB,       "A13", "",    WORKER,   "which procedure?",
     LOAD(JOB, ME)                     KEEP(WORK) IF(TRUE, A13_WORK, A13_CLEAR))
STEP(A13_WORK,      "A13", "",    WORKER,   "run the procedure",
     RUN_JOB                           KEEP(TOKEN) IF(TOKEN_DUE, A13_TOKEN, A13_CLEAR))
STEP(A13_TOKEN,     "A13", "",    AWAKE,    "count the token down",
     ADD(UINT32_MAX, TOK)              GO(A13_CLEAR) WHEN(PARALLEL))
STEP(A13_CLEAR,     "A13", "",    AWAKE,    "no procedure any more",
     STORE(0, JOB, ME)                 GO(A13_FREE))
STEP(A13_FREE,      "A13", "",    AWAKE,    "own BUSY lock := free",
     STORE(EDK2_FREE, BUSY, ME)        IF(TOKEN, A13_OTHERS, A12))
STEP(A13_OTHERS,    "A13", "",    AWAKE,    "token as a lock: is any other AP still busy?",
     EACH(c->cpus) LOAD(BUSY, I)       KEEP(FORGET) IF(IDLE, A13_RELEASE, A12) WHEN(OLD_TOKEN))
STEP(A13_RELEASE,   "A13", "",    AWAKE,    "token as a lock: release it",
     TOKEN_OF(1u - c->possible, TOK)   GO(A12) WHEN(OLD_TOKEN))
STEP(A14_9,         "A14", "#9",  AP,       "tell the BSP",
     UP(RUN, BSP)                      GO(A14_10) WHEN(c->mtrr))
STEP(A14_10,        "A14", "#10", AP,       "wait for the BSP",
     DOWN(RUN, ME)                     GO(A14_LOAD) WHEN(c->mtrr))
STEP(A14_LOAD,      "A14", "",    AP,       "restore the MTRRs",
     DELAY(MTRR_RESTORE)               GO(A15_11) WHEN(c->mtrr))
STEP(A15_11,        "A15", "#11", AP,       "tell the BSP",
     UP(RUN, BSP)                      GO(A15_12) WHEN(EXIT_ROUND))
STEP(A15_12,        "A15", "#12", AP,       "wait for the BSP",
     DOWN(RUN, ME)                     GO(A16) WHEN(EXIT_ROUND))
STEP(A16,           "A16", "",    AP,       "this AP is not present",
     STORE(0, PRE, ME)                 GO(A17))
STEP(A17,           "A17", "#13", AP,       "tell the BSP: last access to shared semaphores",
     UP(RUN, BSP)                      KEEP(NO_BSP) GO(R12))
STEP(R12,           "R12", "",    ANY,      "wait until AllCpusInSync is false",
     WAIT_DOOR                         GO(R13) MARK(RELEASED))
STEP(R13,           "R13", "",    ANY,      "leave: RSM",
     RSM                               GO(OUT))

#undef STEP
