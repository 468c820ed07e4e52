/* SPDX-License-Identifier: Apache-2.0 */
/* second: a schedule with two triggers: when must the second one come to be lost. */
#ifndef SMMSIM_MODELS_FOLLOW_SECOND_H
#define SMMSIM_MODELS_FOLLOW_SECOND_H

#include <stdio.h>

#include "models/follow/scan.h"

/* The CPU of the schedule's second trigger, or -1. Nobody's ("p2" of 2 CPUs) is CPU 0's. */
int follow_second_cpu(const explore_schedule *schedule, int cpus);

/* The second trigger comes about when the schedule leaves the CPU of the first one, or if that
 * triggers again, up to twice both timeouts later; no CPU is held. Prints after which times
 * since the first trigger the violation shows; 1 if for some. */
int follow_second_run(follow_try *f, follow_scan *s, FILE *out);

#endif
