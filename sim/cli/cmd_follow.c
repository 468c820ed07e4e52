/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_follow: `smmsim follow`: can a schedule that explore has found happen in time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/follow/follow.h"
#include "models/protocol/rules.h"
#include "sim/cli/cmd.h"
#include "sim/cli/explore_request.h"
#include "sim/cli/options.h"
#include "sim/cli/sigpipe.h"
#include "workloads/attempt.h"

/* What sim_guard runs. */
typedef struct {
    const machine_setup *setup;
    const follow_request *request;
    sim_err *err;
    sim_status status;
} following;

static void follow(void *self)
{
    following *f = self;

    f->status = follow_run(f->setup, f->request, stdout, f->err);
}

/* An invariant broke: with the command that breaks it again. */
static sim_status tell_broken(const options *o, const follow_request *request, const char *why)
{
    const attempt_again again = {.setting = o->setting,
                                 .settings = o->settings,
                                 .seed = request->seed,
                                 .last = request->repetitions - 1};
    bytes command = {0};

    bytes_add(&command, "smmsim follow", 13);
    attempt_word(&command, request->schedule);
    attempt_options(&again, &command);
    bytes_add(&command, "", 1);
    (void)fflush(stdout);
    err_tell("follow (seed %llu): %s (again: %s)", (unsigned long long)request->seed, why,
             (const char *)command.at);
    bytes_free(&command);
    return SIM_FINDING;
}

static sim_status read_request(const options *o, follow_request *out, sim_err *err)
{
    *out = (follow_request){.property = -1,
                            .seed = o->seed,
                            .repetitions = o->reps_given ? (uint32_t)o->repetitions : 1};
    if (o->operands == 0)
        return err_set(err, SIM_BAD_INPUT,
                       "follow: no schedule (would be right: what explore "
                       "printed)");
    out->schedule = o->operand[0];
    for (int i = 0; i < o->settings; i++)
        if (strcmp(o->setting[i].name, params_table.defs[P_WORKLOAD].name) == 0)
            return err_set(
                err, SIM_BAD_INPUT, "follow: one SMI instead of a workload (leave %s out)",
                strcmp(o->setting[i].place, "--set") == 0 ? "--set workload" : "--workload");
    out->has_digest = o->digest != NULL;
    if (o->digest && explore_request_digest(o->digest, &out->digest, err) != SIM_OK)
        return SIM_BAD_INPUT;
    out->property = o->violates ? rules_find(o->violates) : -1;
    if (o->violates && out->property < 0)
        return err_set(err, SIM_BAD_INPUT,
                       "--violates: '%s' is no rule (would be right: one that `smmsim list rules` "
                       "shows)",
                       o->violates);
    return SIM_OK;
}

static sim_status follow_schedule(const options *o, sim_err *err)
{
    follow_request request;
    experiment e;
    sim_err why;
    sim_status s = read_request(o, &request, err);

    if (s == SIM_OK)
        s = experiment_load_ordered(o->setting, o->settings, &e, err);
    if (s == SIM_OK) {
        following f = {&e.setup, &request, err, SIM_OK};

        err->text[0] = '\0';
        s = sim_guard(follow, &f, &why) ? f.status : tell_broken(o, &request, why.text);
        experiment_free(&e);
    }
    return s;
}

int cmd_follow(int argc, char **argv)
{
    options *o = sim_alloc(1, sizeof *o);
    sim_err err = {""};
    sim_status s = options_parse(argc, argv, o, &err);

    sigpipe_ignore();
    if (s == SIM_OK)
        s = follow_schedule(o, &err);
    if (s != SIM_OK && err.text[0])
        err_tell("%s", err.text);
    sigpipe_end();
    free(o);
    return (int)s;
}
