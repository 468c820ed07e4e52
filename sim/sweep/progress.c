/* SPDX-License-Identifier: Apache-2.0 */
/* progress: counts, rate and time left of a sweep as one line of text. */
#include "sim/sweep/progress.h"

#include <stdio.h>
#include <unistd.h>

#define SHOW_EVERY_NS INT64_C(500000000)

void sweep_progress_begin(sweep_progress *p, sweep_engine *e)
{
    *p = (sweep_progress){.start = sweep_engine_clock()};
    p->shown = p->start;
    p->on = e->spec->progress && e->rank == 0 && isatty(STDERR_FILENO);
}

void sweep_progress_text(const sweep_progress_state *state, char *out, size_t size)
{
    double seconds = (double)state->elapsed_ns / 1e9;
    double rate = seconds > 0 ? (double)state->runs / seconds : 0;
    int used = snprintf(out, size, "%llu of %llu points, %llu runs", // as far as they fit
                        (unsigned long long)state->points, (unsigned long long)state->points_all,
                        (unsigned long long)state->runs);

    if (used > 0 && (size_t)used < size && rate > 0)
        used += snprintf(out + used, size - (size_t)used, ", %.*f runs/s", rate < 10 ? 1 : 0, rate);
    if (used > 0 && (size_t)used < size && rate > 0 && state->left > 0) {
        uint64_t left = (uint64_t)((double)state->left / rate);

        if (left >= 3600)
            (void)snprintf(out + used, size - (size_t)used, ", %llu:%02llu:%02llu left",
                           (unsigned long long)(left / 3600), (unsigned long long)(left / 60 % 60),
                           (unsigned long long)(left % 60));
        else
            (void)snprintf(out + used, size - (size_t)used, ", %llu:%02llu left",
                           (unsigned long long)(left / 60), (unsigned long long)(left % 60));
    }
}

void sweep_progress_show(sweep_progress *p, sweep_engine *e, int64_t now)
{
    sweep_progress_state state = {.elapsed_ns = now - p->start};
    char text[128];

    if (!p->on || now - p->shown < SHOW_EVERY_NS)
        return;
    p->shown = now;
    sweep_engine_lock(e);
    state.points = e->plan.first;
    state.points_all = e->spec->points;
    state.runs = e->count.tasks - e->count.before;
    if (!e->model->enough)
        state.left = e->spec->points * e->spec->repetitions - e->count.tasks;
    sweep_engine_unlock(e);
    sweep_progress_text(&state, text, sizeof text);
    (void)fprintf(stderr, "\r%s\033[K", text);
    (void)fflush(stderr);
}

void sweep_progress_end(sweep_progress *p)
{
    if (p->on)
        (void)fputs("\r\033[K", stderr);
}
