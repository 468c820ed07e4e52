/* SPDX-License-Identifier: Apache-2.0 */
/* match: which points of two sweeps have the same settings. */
#ifndef SMMSIM_SIM_CLI_MATCH_H
#define SMMSIM_SIM_CLI_MATCH_H

#include <stdint.h>
#include "sim/lib/base.h"

#define MATCH_NONE UINT64_MAX

/* Settings are the columns of points.csv that the files of both sweeps have: what only one of them
 * has, what was set for all points, and what follows from it, may be what is compared. */
typedef struct {
    uint64_t points[2];
    uint64_t *match;    /* by the first one's point: the second one's, or MATCH_NONE */
    uint64_t single[2]; /* points of each without a match */
    char by[256];       /* the settings: "protocol, cpus"; cut if it is too long */
} matches;

/* Reads points.csv and run.csv of both folders. Refused if there is no such column, if two points
 * of a sweep have the same settings, or if no points match. */
SIM_MUST_CHECK sim_status match_load(const char *const folder[2], matches *out, sim_err *err);
void match_free(matches *p); /* a zeroed one is fine */

#endif
