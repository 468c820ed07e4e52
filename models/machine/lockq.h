/* SPDX-License-Identifier: Apache-2.0 */
/* lockq: the queue of an emulator's lock; CPUs that poll through it are a load, not events. */
#ifndef SMMSIM_MODELS_MACHINE_LOCKQ_H
#define SMMSIM_MODELS_MACHINE_LOCKQ_H

#include "sim/lib/base.h"

typedef enum {
    LOCKQ_NONE,   /* no such lock: granted at once */
    LOCKQ_FAIR,   /* in order of arrival */
    LOCKQ_BARGING /* the first that runs takes it: a sleeper that wakes up may find it taken again
                   */
} lockq_policy;

/* Spinners: CPUs that poll with a period and hold the lock for a part of it. They differ in phase
 * only, so k of them are described by one period and hold: while k holds fit into a period they
 * take turns with gaps; when they do not, the lock is never free and each waits for the k - 1
 * others. */
typedef struct {
    int64_t free_at;      /* when the holds that are booked will be over */
    int64_t wake;         /* a sleeper's way back once the lock is free */
    int64_t tick;         /* host tick */
    int64_t phase;        /* of the ticks */
    int64_t hold;         /* of one poll */
    int64_t period;       /* of one spinner that is alone */
    int64_t anchor;       /* a poll of some spinner began here */
    int64_t shared_until; /* the host runs the pollers on one core until then: see lockq_turn */
    uint32_t spinners;    /* CPUs that poll now */
    uint32_t policy;      /* lockq_policy */
    uint32_t woken;       /* `wake` has been charged */
    uint32_t reserved;
} lockq;
_Static_assert(sizeof(lockq) == 80, "no padding");

/* A CPU begins or ends to poll at `now`; `period` is from poll to poll when it is alone. */
void lockq_join(lockq *q, int64_t now, int64_t period, int64_t hold);
void lockq_quit(lockq *q, int64_t now);

/* Poll period of one spinner among the present ones, at least `period`. */
int64_t lockq_period(const lockq *q, int64_t period);

/* Books the lock for `hold` for a CPU that asks at `now`; gives the time of the grant. `sleeps`:
 * it blocks in the host while it waits (a thread outside guest mode): it needs `wake` to come back,
 * and by then a barging poller may have the lock again; a host tick ends that at the latest. */
int64_t lockq_book(lockq *q, int64_t now, int64_t hold, int sleeps);

/* The host runs the pollers on one core until then; 0: no longer. */
void lockq_share(lockq *q, int64_t until);

/* Pollers that share a host core run in turns: who has lost the core, and whose rival keeps it at
 * least until `at`, goes on at the first host tick from then on. At `at` itself if each has a core.
 */
int64_t lockq_turn(const lockq *q, int64_t at);

/* The hold that was booked last goes on until then. */
void lockq_extend(lockq *q, int64_t until);

/* A sleeper comes back: its way back is charged. */
void lockq_charge_wake(lockq *q);

/* Time of `count` uses in a row by a CPU in SMM, each `alone` long without others and holding the
 * lock for `hold` of it: what the spinners add is expected waiting, sleep and way back, not a draw.
 */
int64_t lockq_many(lockq *q, int64_t count, int64_t alone, int64_t hold);

#endif
