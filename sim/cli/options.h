/* SPDX-License-Identifier: Apache-2.0 */
/* options: the command-line options that run, sweep and demo share. */
#ifndef SMMSIM_SIM_CLI_OPTIONS_H
#define SMMSIM_SIM_CLI_OPTIONS_H

#include "workloads/experiment.h"

enum { OPTIONS_SETTINGS_MAX = 256, OPTIONS_WORDS_MAX = 64 };

typedef struct {
    experiment_setting setting[OPTIONS_SETTINGS_MAX];
    char names[OPTIONS_SETTINGS_MAX][64]; /* of settings given as NAME=VALUE */
    int settings;
    int64_t repetitions;   /* 20 unless said */
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
    int help;
    const char *operand[OPTIONS_WORDS_MAX]; /* words that are no options */
    int operands;
} options;

/* Which of them a command takes: a string of o(ut) f(ormat) s(ettings) m(arkdown) t(race)
 * s(w)eep (c)ompare (v)iolates (h)grm (r)eplace (p)rotocol chec(k); and for words that are no
 * options a digit, how many at most, or + for many (0 if left out). --help is always taken. An
 * unknown option is refused with the nearest one, and one that does nothing without another one.
 * argv[0] is the command's name. */
SIM_MUST_CHECK sim_status options_parse(int argc, char **argv, const char *takes, options *out,
                                        sim_err *err);

#endif
