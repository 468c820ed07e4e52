/* SPDX-License-Identifier: Apache-2.0 */
/* explore_request: what the words of explore and replay say, and which of them go together. */
#ifndef SMMSIM_SIM_CLI_EXPLORE_REQUEST_H
#define SMMSIM_SIM_CLI_EXPLORE_REQUEST_H

#include "models/explore/boot.h"
#include "models/explore/smm.h"

/* What is to be done: one of them. */
typedef enum {
    REQUEST_SEARCH, /* in full */
    REQUEST_FEW,    /* --deviations */
    REQUEST_RANDOM, /* --random */
    REQUEST_TABLE,  /* --table */
    REQUEST_BOOT,   /* a bug outside of the rendezvous, which has a model of its own */
    REQUEST_REPLAY,
    REQUEST_BOOT_REPLAY, /* of a run of such a model */
    REQUEST_KINDS
} request_kind;

typedef struct {
    request_kind kind;
    param_set *params; /* as they were set, to be told again */
    explore_smm_settings settings;
    explore_options options;
    uint64_t runs, seed, deviations;
    int coverage;
    const char *journal;
    const explore_boot_scenario *boot;
    int boot_fixed;
    const char *schedule;
    int property; /* that a replay must violate (of a bug's own model: EXPLORE_BOOT_...), or -1 */
    int has_digest;
    uint64_t digest;
    uint64_t loop; /* of a replay: steps at its end that lead back */
} explore_request;

/* Reads argv[1..]; argv[0] is the subcommand. An option that would have no effect is an error,
 * after which nothing is to be freed. */
SIM_MUST_CHECK sim_status explore_request_parse(explore_request *r, int argc, char **argv,
                                                sim_err *err);

/* The value of --digest. */
SIM_MUST_CHECK sim_status explore_request_digest(const char *value, uint64_t *digest, sim_err *err);

void explore_request_free(explore_request *r);

#endif
