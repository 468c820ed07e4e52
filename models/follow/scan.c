/* SPDX-License-Identifier: Apache-2.0 */
/* scan: one delay from end to end of a range: where the outcome of a run changes. */
#include "models/follow/scan.h"

#include <string.h>

#include "sim/lib/units.h"

enum { COARSE = 32, OTHERS_MAX = 4 };

uint64_t follow_scan_at(follow_try *f, const follow_scan *s, int64_t at)
{
    follow_delays d = s->fixed;

    *(s->what == FOLLOW_HOLD ? &d.from : s->what == FOLLOW_SECOND ? &d.second : &d.late) = at;
    return follow_try_run(f, &d);
}

void follow_scan_run(follow_try *f, follow_scan *s)
{
    s->count = 0;
    for (int i = 0; i <= COARSE; i++) {
        int64_t at = s->from + (s->to - s->from) / COARSE * i;

        s->probe[s->count++] = (follow_probe){at, follow_scan_at(f, s, at)};
    }
    for (int i = 0; i + 1 < s->count;) {
        follow_probe *p = &s->probe[i];
        int64_t middle = p[0].at + (p[1].at - p[0].at) / 2;

        if (p[0].kind == p[1].kind || p[1].at - p[0].at < 2 || s->count == FOLLOW_PROBES_MAX) {
            i++;
            continue;
        }
        memmove(p + 2, p + 1, (size_t)(s->count - i - 1) * sizeof *p);
        s->count++;
        p[1] = (follow_probe){middle, follow_scan_at(f, s, middle)};
    }
}

int follow_scan_next(const follow_scan *s, int *at, int64_t *first, int64_t *last)
{
    int i = *at;

    while (i < s->count && !(s->probe[i].kind & 1))
        i++;
    if (i == s->count)
        return 0;
    for (*first = s->probe[i].at; i < s->count && (s->probe[i].kind & 1); i++)
        *last = s->probe[i].at;
    *at = i;
    return 1;
}

int follow_scan_widest(const follow_scan *s, int64_t *first, int64_t *last)
{
    int64_t begin = 0, end = 0;
    int found = 0;

    for (int at = 0; follow_scan_next(s, &at, &begin, &end); found = 1)
        if (!found || end - begin > *last - *first) {
            *first = begin;
            *last = end;
        }
    return found;
}

void follow_scan_print_time(FILE *out, int64_t ps)
{
    char text[40];
    int digits;

    (void)units_print(UNIT_TIME, ps, text, sizeof text);
    digits = (int)strspn(text, "-.0123456789");
    (void)fprintf(out, "%.*s%s%s", digits, text, text[digits] ? " " : "", text + digits);
}

void follow_scan_print_range(FILE *out, int64_t first, int64_t last)
{
    (void)fprintf(out, "from ");
    follow_scan_print_time(out, first);
    (void)fprintf(out, " to ");
    follow_scan_print_time(out, last);
    (void)fprintf(out, ", ");
    follow_scan_print_time(out, last - first + 1);
    (void)fprintf(out, " wide\n");
}

void follow_scan_print_all(const follow_scan *s, FILE *out)
{
    int64_t first = 0, last = 0, begin = 0, end = 0;
    int shown = 0, more = 0;

    if (!follow_scan_widest(s, &first, &last))
        return;
    follow_scan_print_range(out, first, last);
    for (int at = 0; follow_scan_next(s, &at, &begin, &end);) {
        if (begin == first)
            continue;
        if (shown++ == OTHERS_MAX) {
            more++;
            shown--;
            continue;
        }
        (void)fprintf(out, "      and ");
        follow_scan_print_range(out, begin, end);
    }
    if (more)
        (void)fprintf(out, "      and in %d narrower stretches\n", more);
}
