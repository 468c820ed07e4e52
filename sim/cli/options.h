/* SPDX-License-Identifier: Apache-2.0 */
/* options: what the words of all commands but explore and replay say. */
#ifndef SMMSIM_SIM_CLI_OPTIONS_H
#define SMMSIM_SIM_CLI_OPTIONS_H

#include "sim/cli/words.h"
#include "workloads/experiment.h"

enum { OPTIONS_SETTINGS_MAX = 256 };

typedef struct {
    experiment_setting setting[OPTIONS_SETTINGS_MAX];
    char names[OPTIONS_SETTINGS_MAX][64]; /* of settings given as NAME=VALUE */
    int settings;
    int64_t repetitions;   /* as the table of options has it unless said */
    uint64_t seed;         /* 1 unless said */
    const char *out;       /* folder, or NULL */
    int csv;               /* --format csv */
    const char *trace;     /* file or "-", or NULL */
    int64_t trace_smis;    /* how many SMIs to trace: 3 unless said */
    int trace_slowest;     /* the slowest ones instead of the first */
    const char *trace_how; /* which option said one of these two, or NULL */
    int64_t jobs;          /* threads; 0: as many as there are processors */
    const char *until;     /* when there are repetitions enough, or NULL */
    const char *metric;    /* or NULL */
    int reps_given;
    int detail, hgrm, resume, dry_run;
    int force;            /* another result in the folder may be replaced */
    const char *violates; /* a rule, or NULL */
    const char *digest;   /* of a schedule, or NULL */
    const char *check;    /* rules to watch, or NULL */
    int markdown;
    const char *operand[WORDS_MAX]; /* words that are no options */
    int operands;
} options;

/* argv[0] is the command's name. What the command does not take is refused, and an option that does
 * nothing without another one. */
SIM_MUST_CHECK sim_status options_parse(int argc, char **argv, options *out, sim_err *err);

#endif
