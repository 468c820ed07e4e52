/* SPDX-License-Identifier: Apache-2.0 */
/* options: the command-line options that run, sweep and demo share. */
#ifndef SMMSIM_WORKLOADS_OPTIONS_H
#define SMMSIM_WORKLOADS_OPTIONS_H

#include "workloads/experiment.h"

enum { OPTIONS_SETTINGS_MAX = 256 };

typedef struct {
    experiment_setting setting[OPTIONS_SETTINGS_MAX];
    char names[OPTIONS_SETTINGS_MAX][64]; /* of settings given as NAME=VALUE */
    int settings;
    int64_t repetitions; /* 20 unless said */
    uint64_t seed;       /* 1 unless said */
    const char *out;     /* folder, or NULL */
    int csv;             /* --format csv */
    int markdown;
    int help;
    const char *operand[8]; /* words that are no options */
    int operands;
} options;

/* Which of them a command takes: a string of o(ut) f(ormat) s(ettings) m(arkdown). --help is always
 * taken. An unknown option is refused with the nearest one. */
SIM_MUST_CHECK sim_status options_parse(int argc, char **argv, const char *takes, options *out,
                                        sim_err *err);

#endif
