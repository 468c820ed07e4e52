/* SPDX-License-Identifier: Apache-2.0 */
/* try: one timed run with held CPUs, and whether it violates what a schedule does. */
#include "models/follow/try.h"

#include <stdio.h>
#include <string.h>

static void watch_gaps(follow_try *f, const machine_event *e)
{
    int computes = e->request->op == STEP_ASK && e->request->local == ASK_HANDLER &&
                   e->result.value >> 24 == ACTION_COMPUTE;
    int steps = f->steps[e->cpu] += !computes; /* untimed handlers take no time */

    for (int g = 0; g < f->gaps; g++)
        if (f->gap[g].cpu == e->cpu && f->gap[g].steps == steps) {
            f->gap_at[g] = e->at;
            f->gap_row[g] = e->row;
        }
}

static void event(void *self, const machine_event *e)
{
    follow_try *f = self;

    if (e->request)
        watch_gaps(f, e);
    if (e->request && e->result.timed_out && f->timeout_count < FOLLOW_TIMEOUTS_MAX)
        f->timeouts[f->timeout_count++] = (follow_timeout){e->cpu, e->at};
    follow_judge_event(&f->judge, e);
}

static dist *constant(dist *old, int64_t time)
{
    dist_free(old);
    return dist_constant(time > 0 ? time : 0);
}

/* All holds are over, and a round after them whose CPUs sit out every timeout. */
static int64_t end_of(const follow_try *f, const follow_delays *d)
{
    int64_t late = d->late_from + d->late;
    int64_t held = d->from + d->length;

    if (f->second >= 0 && FOLLOW_START + d->second > late)
        late = FOLLOW_START + d->second;
    return (late > held ? late : held) + FOLLOW_START +
           2 * (f->setup.timeout[STEP_TIMEOUT1] + f->setup.timeout[STEP_TIMEOUT2]);
}

uint64_t follow_try_run(follow_try *f, const follow_delays *d)
{
    const machine_observer observer = {event, f};
    const run_counters *c = &f->record.count;

    program_call *late = &f->call[FOLLOW_LATE_THREAD];
    program_call *held = &f->call[FOLLOW_HELD_THREAD];
    program_call *last = &f->call[FOLLOW_END_THREAD];
    program_call *second = &f->call[FOLLOW_SECOND_THREAD]; /* not in the program without one */

    late->think = constant(late->think, d->late_from);
    late->time = constant(late->time, d->late);
    held->think = constant(held->think, d->from);
    held->time = constant(held->time, d->length);
    last->think = constant(last->think, end_of(f, d));
    last->time = constant(last->time, 0);
    second->think = constant(second->think, FOLLOW_START + d->second);
    second->cpu = f->second;
    late->cpu = f->late;
    held->cpu = f->held;
    f->call[FOLLOW_SMI_THREAD].cpu = last->cpu = f->writer;
    f->timeout_count = 0;
    memset(f->steps, 0, sizeof f->steps);
    memset(f->gap_at, 0xff, sizeof f->gap_at);
    follow_judge_begin(&f->judge, f->property);
    machine_run(f->m, f->seed, f->repetition, &f->record, &observer);
    f->runs++;
    if (c->stopped && f->stopped++ == 0)
        (void)snprintf(f->why, sizeof f->why, "%.*s", (int)strcspn(f->record.stuck, "\n"),
                       f->record.stuck);
    follow_judge_end(&f->judge, &f->record);
    return (uint64_t)f->judge.hit | c->hang << 1 | (c->lost & 15) << 2 | (c->late & 15) << 6 |
           (c->timeout1 & 255) << 10 | (c->timeout2 & 255) << 18 | (c->directed & 255) << 26 |
           (uint64_t)f->judge.order << 34;
}

void follow_try_init(follow_try *f, const machine_setup *setup, int second)
{
    uint32_t threads = second >= 0 ? FOLLOW_THREADS : FOLLOW_SECOND_THREAD;

    *f = (follow_try){.setup = *setup, .second = second};
    f->prog = (program){.call = f->call, .thread = f->thread, .calls = threads, .threads = threads};
    for (uint32_t i = 0; i < FOLLOW_THREADS; i++) {
        int trigger = i == FOLLOW_SMI_THREAD || i == FOLLOW_SECOND_THREAD;

        f->thread[i] = (program_thread){i, i + 1};
        f->call[i] =
            (program_call){.skip = i + 1, .kind = trigger ? CALL_SMI : CALL_HOLD, .first = 1};
    }
    f->call[FOLLOW_SMI_THREAD].think = dist_constant(FOLLOW_START);
    f->setup.program = &f->prog;
    f->m = machine_new(&f->setup);
    follow_judge_init(&f->judge, &f->setup);
    record_init(&f->record);
}

void follow_try_free(follow_try *f)
{
    for (int i = 0; i < FOLLOW_THREADS; i++) {
        dist_free(f->call[i].think);
        dist_free(f->call[i].time);
    }
    record_free(&f->record);
    machine_free(f->m);
    follow_judge_free(&f->judge);
}
