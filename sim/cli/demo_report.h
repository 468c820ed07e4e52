/* SPDX-License-Identifier: Apache-2.0 */
/* demo_report: what the points of workloads/sweeps/demo.csv say, as a table and some sentences. */
#ifndef SMMSIM_SIM_CLI_DEMO_REPORT_H
#define SMMSIM_SIM_CLI_DEMO_REPORT_H

#include "workloads/attempt.h"

/* In the order of the file: old and new protocol; unicast and broadcast; CPU 1 and CPU 0. */
enum {
    DEMO_POINTS = 8,
    DEMO_ROWS = 4,      /* of the old protocol: the table has these */
    DEMO_BROADCAST = 2, /* the point that is compared with point 0 */
    DEMO_WHY = 2048
};

/* What happened at a point, over all repetitions. */
typedef struct {
    experiment experiment;
    metrics_point point;
    uint8_t used[P_COUNT];
    int loaded;
    uint32_t first, last; /* lowest and highest CPU that wrote to the port; UINT32_MAX: none */
    uint64_t waits;       /* SMIs for which timeout 1 passed */
    uint64_t bad;         /* first repetition that did not come to its end */
    char why[DEMO_WHY];   /* what happened in it; "" if there is none */
} demo_point;

/* Whether all repetitions came to their end: others have no time, and must not look fast. */
int demo_report_finished(const demo_point *p);
/* Mean time of the calls of a repetition, and the mean of a counter. */
int64_t demo_report_time(const demo_point *p);
uint64_t demo_report_per_run(const demo_point *p, int counter);

/* DEMO_POINTS points, of which the later half may not be loaded. To standard output. */
void demo_report(const demo_point *all, uint64_t seed);

#endif
