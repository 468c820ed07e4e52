/* SPDX-License-Identifier: Apache-2.0 */
/* lockq: waiting time at a lock that pollers load, in a few divisions whatever their number. */
#include "models/machine/lockq.h"

enum { TRIES_MAX = 64 };

/* Of all spinners, one after the other. */
static int64_t turns(const lockq *q)
{
    return ps_times(q->hold, q->spinners);
}

static int saturated(const lockq *q)
{
    return q->spinners > 0 && turns(q) >= q->period;
}

void lockq_join(lockq *q, int64_t now, int64_t period, int64_t hold)
{
    if (q->policy == LOCKQ_NONE || hold == 0)
        return;
    if (q->spinners == 0)
        q->anchor = now;
    q->spinners++;
    q->period = period > hold ? period : hold;
    q->hold = hold;
}

void lockq_quit(lockq *q, int64_t now)
{
    if (q->policy == LOCKQ_NONE || q->spinners == 0)
        return;
    SIM_ASSERT(now >= q->anchor);
    q->spinners--;
}

int64_t lockq_period(const lockq *q, int64_t period)
{
    return saturated(q) && turns(q) > period ? turns(q) : period;
}

/* What the pollers make a newcomer wait that comes at `at` when no booked hold is in the way. */
static int64_t behind_spinners(const lockq *q, int64_t at)
{
    int64_t gap, into;

    if (q->spinners == 0 || at < q->anchor)
        return 0;
    if (saturated(q)) { /* one is served, the others queue before the newcomer */
        into = (at - q->anchor) % q->hold;
        return turns(q) - into;
    }
    gap = q->period / q->spinners; /* their polls are spread evenly over a period */
    into = (at - q->anchor) % gap;
    return into < q->hold ? q->hold - into : 0;
}

static int64_t next_tick(const lockq *q, int64_t at)
{
    int64_t into = (at - q->phase) % q->tick;

    return ps_add(at, into > 0 ? q->tick - into : -into);
}

/* A sleeper is awake at `at`. If a poller has the lock again, it sleeps for the rest of that hold
 * and its way back, as often as it takes, but not beyond a tick, at which the host stops the
 * poller. */
static int64_t behind_bargers(const lockq *q, int64_t at)
{
    int64_t end = next_tick(q, at);
    int64_t rest = behind_spinners(q, at);

    if (saturated(q))
        return end;
    for (int i = 0; rest > 0 && i < TRIES_MAX && at + ps_add(rest, q->wake) < end; i++) {
        at += ps_add(rest, q->wake);
        rest = behind_spinners(q, at);
    }
    return rest > 0 ? end : at;
}

int64_t lockq_book(lockq *q, int64_t now, int64_t hold, int sleeps)
{
    int64_t start = now > q->free_at ? now : q->free_at;
    int64_t wait;

    if (q->policy == LOCKQ_NONE)
        return now;
    wait = behind_spinners(q, start);
    if (start + wait > now && sleeps) {
        wait = ps_add(wait, q->wake);
        q->woken = 1;
        if (q->policy == LOCKQ_BARGING)
            wait = behind_bargers(q, ps_add(start, wait)) - start;
    }
    start = ps_add(start, wait);
    q->free_at = ps_add(start, hold);
    return start;
}

void lockq_share(lockq *q, int64_t until)
{
    q->shared_until = until;
}

void lockq_charge_wake(lockq *q)
{
    q->woken = 1;
}

int64_t lockq_turn(const lockq *q, int64_t at)
{
    return q->policy == LOCKQ_BARGING && at < q->shared_until ? next_tick(q, at) : at;
}

void lockq_extend(lockq *q, int64_t until)
{
    if (q->policy != LOCKQ_NONE && until > q->free_at)
        q->free_at = until;
}

int64_t lockq_many(lockq *q, int64_t count, int64_t alone, int64_t hold)
{
    int64_t each = alone;

    SIM_ASSERT(count >= 0 && alone >= hold);
    if (q->policy != LOCKQ_NONE && q->spinners > 0) {
        if (saturated(q))
            each = ps_add(each, turns(q));
        else { /* chance of meeting a hold, times what is left of it on average and the way back */
            each = ps_add(each,
                          (int64_t)((__int128)turns(q) * ps_add(q->hold / 2, q->wake) / q->period));
            q->woken = 1;
        }
    }
    return ps_times(each, count);
}
