/* SPDX-License-Identifier: Apache-2.0 */
/* follow_second: a schedule with two triggers: when must the second one come to be lost. */
#include "workloads/follow_second.h"

#include <stdlib.h>
#include <string.h>

/* Before and after. A window that begins before that is measured in full. */
#define SPAN (100 * PS_PER_US)

int follow_second_cpu(const char *schedule)
{
    const char *first = strchr(schedule, 'p');
    const char *second = first ? strchr(first + 1, 'p') : NULL;

    return second ? (int)strtol(second + 1, NULL, 10) : -1;
}

/* Around that step of the first trigger's CPU; 1 if the violation shows. */
static int scan_about(follow_try *f, follow_scan *s, int gap, FILE *out)
{
    int64_t first = 0, last = 0;
    int found;

    s->to = f->gap_at[gap] - FOLLOW_START + SPAN;
    s->from = s->to > 2 * SPAN ? s->to - 2 * SPAN : 0;
    (void)fprintf(out, "  CPU %d triggers, CPU %d triggers about its step %d, %s, ", f->writer,
                  f->second, f->gap[gap].steps, f->setup.protocol->rows[f->gap_row[gap]].name);
    follow_scan_run(f, s);
    found = follow_scan_widest(s, &first, &last);
    if (found && first == s->from && s->from > 0) {
        s->from = 0;
        follow_scan_run(f, s);
        found = follow_scan_widest(s, &first, &last);
    }
    (void)fprintf(out, found ? "YES, " : "not seen\n");
    if (found)
        follow_scan_print_range(out, first, last);
    return found;
}

int follow_second_run(follow_try *f, follow_scan *s, FILE *out)
{
    const int64_t *timeout = f->setup.timeout;
    int reached = 0;

    f->late = f->held = f->writer;
    s->what = FOLLOW_SECOND;
    s->fixed = (follow_delays){.late_from = FOLLOW_START};
    for (int g = 0; g < f->gaps; g++) {
        if (f->gap[g].cpu != f->writer)
            continue;
        /* when is that step, if the second trigger is long after */
        (void)follow_scan_at(f, s, 2 * (timeout[STEP_TIMEOUT1] + timeout[STEP_TIMEOUT2]));
        if (f->gap_at[g] >= 0)
            reached |= scan_about(f, s, g, out);
    }
    return reached;
}
