/* SPDX-License-Identifier: Apache-2.0 */
/* second: a schedule with two triggers: when must the second one come to be lost. */
#include "models/follow/second.h"

/* Before and after. A window that begins before that or ends behind it is measured in full. */
#define SPAN (100 * PS_PER_US)

int follow_second_cpu(const explore_schedule *schedule, int cpus)
{
    int triggers = 0;

    for (int64_t i = 0; i < schedule->count; i++)
        if (SMM_KIND(schedule->labels[i]) == SMM_TRIGGER && ++triggers == 2)
            return (int)SMM_ACTOR(schedule->labels[i]) % cpus;
    return -1;
}

/* As long after the first trigger its round is over, no matter who sits out timeouts. */
static int64_t longest(const follow_try *f)
{
    return 2 * (f->setup.timeout[STEP_TIMEOUT1] + f->setup.timeout[STEP_TIMEOUT2]);
}

static int is_hardware(const follow_try *f)
{
    return f->setup.delivery == DELIVERY_HARDWARE;
}

static void print_first(const follow_try *f, FILE *out)
{
    if (is_hardware(f))
        (void)fprintf(out, "  hardware triggers, ");
    else
        (void)fprintf(out, "  CPU %d triggers, ", f->writer);
}

/* Around that step of the first trigger's CPU; 1 if the violation shows. */
static int scan_about(follow_try *f, follow_scan *s, int gap, FILE *out)
{
    int64_t end = longest(f);
    int64_t first = 0, last = 0;
    int found, before, behind; /* the range ends too early on that side */

    s->to = f->gap_at[gap] - FOLLOW_START + SPAN;
    s->from = s->to > 2 * SPAN ? s->to - 2 * SPAN : 0;
    print_first(f, out);
    if (is_hardware(f))
        (void)fprintf(out, "and again about CPU %d's", f->writer);
    else
        (void)fprintf(out, "CPU %d triggers about its", f->second);
    (void)fprintf(out, " step %d, %s, ", f->gap[gap].steps,
                  f->setup.protocol->rows[f->gap_row[gap]].name);
    follow_scan_run(f, s);
    found = follow_scan_widest(s, &first, &last);
    before = found && first == s->from && s->from > 0;
    behind = found && last == s->probe[s->count - 1].at && s->to < end;
    if (before || behind) {
        s->from = before ? 0 : s->from;
        s->to = behind ? end : s->to;
        follow_scan_run(f, s);
        found = follow_scan_widest(s, &first, &last);
    }
    (void)fprintf(out, found ? "YES, " : "not seen\n");
    if (found)
        follow_scan_print_all(s, out);
    return found;
}

/* The same CPU again: that waits until it is out of SMM. 1 if the violation shows. */
static int scan_again(follow_try *f, follow_scan *s, FILE *out)
{
    int64_t end = longest(f);
    int64_t first = 0, last = 0;
    int found;

    s->from = 0;
    s->to = end;
    print_first(f, out);
    (void)fprintf(out, "and again after 0 to ");
    follow_scan_print_time(out, end);
    follow_scan_run(f, s);
    found = follow_scan_widest(s, &first, &last);
    (void)fprintf(out, found ? ": YES, " : ": not seen\n");
    if (found)
        follow_scan_print_all(s, out);
    return found;
}

int follow_second_run(follow_try *f, follow_scan *s, FILE *out)
{
    int reached = 0;

    f->late = f->held = f->writer;
    s->what = FOLLOW_SECOND;
    s->fixed = (follow_delays){.late_from = FOLLOW_START};
    if (f->second == f->writer)
        return scan_again(f, s, out);
    for (int g = 0; g < f->gaps; g++) {
        if (f->gap[g].cpu != f->writer)
            continue;
        /* when is that step, if the second trigger is long after */
        (void)follow_scan_at(f, s, longest(f));
        if (f->gap_at[g] >= 0)
            reached |= scan_about(f, s, g, out);
    }
    return reached;
}
