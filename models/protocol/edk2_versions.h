/* SPDX-License-Identifier: Apache-2.0 */
/* edk2_versions: which commit of edk2 changed what, and which stable tag has it first. */
#ifndef SMMSIM_MODELS_PROTOCOL_EDK2_VERSIONS_H
#define SMMSIM_MODELS_PROTOCOL_EDK2_VERSIONS_H

#include "models/protocol/step.h"

/* A version has every change whose first tag is not later than itself: it is computed, no set is
 * written by hand. A tag is a number, edk2-stable202408.01 is 20240801. */
#define EDK2_BEFORE 20170200 /* cb8674999c, older than all tags: has none of the changes */
#define EDK2_HEAD 99999900   /* c5aa7e7d94 of August 2026: has all that upstream has */
#define EDK2_FIXED 99999901  /* with what is proposed here, too (docs/EXPLORE.md) */

/* clang-format off */

/* How far a change is in the model: in the table of steps; in the firmware's defaults; or not at
 * all, with what docs/MODEL.md says of it among its simplifications. */
typedef enum { EDK2_STEPS, EDK2_DEFAULTS, EDK2_LEFT_OUT } edk2_part;

/* X(passed on, name, commit, its date, first tag, part, what it changes). By first tag and date. */
#define EDK2_CHANGES(X, v)                                                                         \
    X(v, BSP_ACQUIRE, "170a3c1e0f", "2017-04-19", 20180800, STEPS,                                 \
      "the BSP acquires its own BUSY lock, before it tried")                                       \
    X(v, NO_SUCH_CPU, "b7025df8f9", "2017-05-11", 20180800, LEFT_OUT,                              \
      "StartupThisAp refuses a CPU that does not exist by its id, before as absent")               \
    X(v, LMCE, "12c663822d", "2017-08-04", 20180800, STEPS,                                        \
      "a local machine check skips timeout 1")                                                     \
    X(v, START_ALL, "51dd408ae1", "2019-07-16", 20190800, STEPS,                                   \
      "MM MP protocol: StartupAllAPs in four passes, tokens; an AP that is busy is not ready")     \
    X(v, AP_ACQUIRE, "832c4c7ad6", "2019-09-20", 20191100, STEPS,                                  \
      "StartupThisAp acquires the AP's BUSY lock; before only a blocking one, the other tried")    \
    X(v, CACHE, "aab3b9b9a1", "2019-11-05", 20191100, DEFAULTS,                                    \
      "variables can be read outside SMM: runtime cache, on by default")                           \
    X(v, OVMF_NO_CACHE, "d511d6e0e7", "2019-11-05", 20191100, DEFAULTS,                            \
      "OVMF: no runtime cache")                                                                    \
    X(v, TOKEN_POOL, "9caaa79dd7", "2019-12-06", 20200200, LEFT_OUT,                               \
      "tokens come from a pool")                                                                   \
    X(v, TOKEN_COUNT, "a457823f27", "2019-12-24", 20200200, STEPS,                                 \
      "a token counts the APs that run, and is counted down before BUSY is freed")                 \
    X(v, ASCEND, "70911f1f4a", "2020-01-08", 20200200, LEFT_OUT,                                   \
      "loops over CPUs go upwards, before downwards")                                              \
    X(v, OVMF_HOOK, "43df61878d", "2020-03-04", 20200500, DEFAULTS,                                \
      "OVMF: BSP is elected by the APIC base flag, before it was CPU 0")                           \
    X(v, TOKEN_FREE, "3fdc47c65b", "2020-04-13", 20200500, LEFT_OUT,                               \
      "a free token is found at once")                                                             \
    X(v, PAUSE, "9001b750df", "2020-07-31", 20200800, STEPS,                                       \
      "PAUSE in the semaphore wait")                                                               \
    X(v, NO_TOKEN, "54ba08c6b6", "2021-03-11", 20210500, LEFT_OUT,                                 \
      "SmmStartupThisAp takes no token that nobody asks about")                                    \
    X(v, SERVICE, "4a68176cb5", "2022-03-04", 20220500, STEPS,                                     \
      "rendezvous service; arrival is kept in AllApArrivedWithException")                          \
    X(v, AAX_CLEAR, "4364d66168", "2022-10-08", 20221100, STEPS,                                   \
      "AllApArrivedWithException is cleared at the end")                                           \
    X(v, SUM, "c14c4719f9", "2022-12-08", 20230200, LEFT_OUT,                                      \
      "arrival and exceptions are added up, before each CPU was looked at")                        \
    X(v, MODE_CHECK, "5bb7bfbe81", "2023-05-31", 20230800, STEPS,                                  \
      "the rendezvous service does not wait again in traditional mode")                            \
    X(v, REMAINING, "9f12d6b6ec", "2023-05-31", 20230800, LEFT_OUT,                                \
      "tasks after ReadyToLock ask for a rendezvous first")                                        \
    X(v, FIXED_BSP, "68d506e0d1", "2023-11-29", 20240200, STEPS,                                   \
      "a fixed BSP is the boot CPU, before index 0")                                               \
    X(v, TWO_WRITES, "88580a79d4", "2023-11-29", 20240200, LEFT_OUT,                               \
      "a variable is written in two steps, before in four")                                        \
    X(v, SYNC_LIB, "a83d953dc2", "2023-12-20", 20240200, STEPS,                                    \
      "SmmCpuSyncLib: a check-out on a locked door is refused, before it spoiled the count")       \
    X(v, DECREMENT, "cc698d0335", "2023-12-20", 20240200, LEFT_OUT,                                \
      "an absent CPU is counted off a token by one instruction, before by a semaphore wait")       \
    X(v, LESS_ROUNDS, "58d9463939", "2023-12-26", 20240200, STEPS,                                 \
      "one exit round less, unless for MTRRs or a debug agent")                                    \
    X(v, FLUSH_ALL, "cfe4846572", "2024-01-12", 20240200, LEFT_OUT,                                \
      "TLBs are flushed by StartupAllAPs, before AP by AP")                                        \
    X(v, CAS_CHECK, "2ca8d55974", "2024-02-21", 20240500, STEPS,                                   \
      "the election looks at the BSP's number before its CAS")                                     \
    X(v, OVMF_TIMEOUT2, "ce91687a1b", "2024-06-14", 20240800, DEFAULTS,                            \
      "OVMF: timeout 2 as timeout 1")                                                              \
    X(v, TIMEOUT2, "f8bf46be59", "2024-07-05", 20240800, STEPS,                                    \
      "timeout 2 has a setting of its own")                                                        \
    X(v, PLATFORM_HOOK, "fcd9570c8d", "2024-10-12", 20241100, STEPS,                               \
      "platform hook before the handlers, behind release #2")                                      \
    X(v, ALWAYS_SYNC, "f6afd87663", "2025-01-22", 20250200, LEFT_OUT,                              \
      "a platform can ask for timeout 1 although there is a local machine check; none does")       \
    X(v, OVMF_STANDALONE, "4ea31ba020", "2025-06-19", 20250800, LEFT_OUT,                          \
      "OVMF can be built with Standalone MM, which negotiates no broadcast SMI")                   \
    X(v, ZERO_BUFFER, "23e1fc6b0b", "2025-06-26", 20250800, LEFT_OUT,                              \
      "the variable driver zeroes its buffer before a call: an SMI not served reads success")      \
    X(v, HOOK_GATHER, "d49364779c", "2025-07-01", 20250800, STEPS,                                 \
      "gather #7 behind the platform hook, release #6 before it")                                  \
    X(v, RECHECK, "6fb7117e28", "2025-07-18", 20250800, STEPS,                                     \
      "arrival is tested once more after both waits")                                              \
    X(v, OVMF_BROADCAST, "fe89a63da4", "2026-07-15", EDK2_HEAD, LEFT_OUT,                          \
      "OVMF's Standalone MM negotiates broadcast SMI")                                             \
    X(v, JOIN, "", "", EDK2_FIXED, STEPS,                                                          \
      "a CPU whose check-out is refused was counted: it joins")                                    \
    X(v, RELOCK, "", "", EDK2_FIXED, STEPS,                                                        \
      "a BSP that saw all arrive waits again if one has left since")                               \
    X(v, CALL, "", "", EDK2_FIXED, STEPS,                                                          \
      "an AP that knows no BSP fetches the boot CPU (hook election)")                              \
    X(v, DOOR_WAIT, "", "", EDK2_FIXED, STEPS,                                                     \
      "who is done or late waits for the door, not for AllCpusInSync")                             \
    X(v, PRESENT, "", "", EDK2_FIXED, STEPS,                                                       \
      "the rendezvous service waits until all are present")                                        \
    X(v, SEIZED, "", "", EDK2_FIXED, STEPS,                                                        \
      "StartupAllAPs gives work to those whose BUSY lock it has taken")                            \
    X(v, STAND, "", "", EDK2_FIXED, STEPS,                                                         \
      "who knows no BSP after timeout 1 stands for election, if it may")

/* X(tag, its name behind "edk2-stable", its date). Oldest first. */
#define EDK2_TAGS(X)                                                                               \
    X(20180800, "201808", "2018-08-15")                                                            \
    X(20181100, "201811", "2018-11-14")                                                            \
    X(20190300, "201903", "2019-03-08")                                                            \
    X(20190500, "201905", "2019-06-06")                                                            \
    X(20190800, "201908", "2019-08-29")                                                            \
    X(20191100, "201911", "2019-11-25")                                                            \
    X(20200200, "202002", "2020-03-02")                                                            \
    X(20200500, "202005", "2020-06-02")                                                            \
    X(20200800, "202008", "2020-09-03")                                                            \
    X(20201100, "202011", "2020-11-27")                                                            \
    X(20210200, "202102", "2021-03-02")                                                            \
    X(20210500, "202105", "2021-05-27")                                                            \
    X(20210800, "202108", "2021-08-24")                                                            \
    X(20211100, "202111", "2021-11-26")                                                            \
    X(20220200, "202202", "2022-02-21")                                                            \
    X(20220500, "202205", "2022-05-26")                                                            \
    X(20220800, "202208", "2022-08-28")                                                            \
    X(20221100, "202211", "2022-11-17")                                                            \
    X(20230200, "202302", "2023-03-01")                                                            \
    X(20230500, "202305", "2023-05-24")                                                            \
    X(20230800, "202308", "2023-08-25")                                                            \
    X(20231100, "202311", "2023-11-22")                                                            \
    X(20240200, "202402", "2024-02-14")                                                            \
    X(20240500, "202405", "2024-05-24")                                                            \
    X(20240800, "202408", "2024-08-13")                                                            \
    X(20240801, "202408.01", "2024-11-06")                                                         \
    X(20241100, "202411", "2024-11-17")                                                            \
    X(20250200, "202502", "2025-02-21")                                                            \
    X(20250500, "202505", "2025-05-23")                                                            \
    X(20250800, "202508", "2025-08-12")                                                            \
    X(20250801, "202508.01", "2025-09-29")                                                         \
    X(20251100, "202511", "2025-11-19")                                                            \
    X(20260200, "202602", "2026-02-13")                                                            \
    X(20260500, "202605", "2026-05-08")

/* clang-format on */

#define EDK2_CHANGE_NUMBER(v, name, ...) EDK2_CHANGE_##name,
enum { EDK2_CHANGES(EDK2_CHANGE_NUMBER, 0) EDK2_CHANGE_COUNT };
#undef EDK2_CHANGE_NUMBER
_Static_assert(EDK2_CHANGE_COUNT <= 64, "a version is a set of 64 bits");

/* Feature sets: the bit of one change, and all that a version has. */
#define EDK2_HAS(name) (UINT64_C(1) << EDK2_CHANGE_##name)
#define EDK2_HAS_SINCE(v, name, commit, date, first, ...) \
    | ((first) <= (v) ? EDK2_HAS(name) : UINT64_C(0))
#define EDK2_FEATURES(v) (UINT64_C(0) EDK2_CHANGES(EDK2_HAS_SINCE, v))

#define EDK2_HAS_STEPS_STEPS(name) EDK2_HAS(name)
#define EDK2_HAS_STEPS_DEFAULTS(name) UINT64_C(0)
#define EDK2_HAS_STEPS_LEFT_OUT(name) UINT64_C(0)
#define EDK2_IN_STEPS(v, name, commit, date, first, part, what) | EDK2_HAS_STEPS_##part(name)
/* What the table of steps knows: two versions that agree in it are the same rendezvous. */
#define EDK2_RENDEZVOUS (UINT64_C(0) EDK2_CHANGES(EDK2_IN_STEPS, 0))

typedef struct {
    const char *name, *commit, *date; /* commit and date: "" if proposed here */
    const char *what;
    uint32_t first; /* tag */
    uint32_t part;  /* edk2_part */
} edk2_change;

extern const edk2_change edk2_changes[EDK2_CHANGE_COUNT];

#endif
