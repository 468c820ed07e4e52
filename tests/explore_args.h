/* SPDX-License-Identifier: Apache-2.0 */
/* explore_args: a request to explore or replay from the words that a user would write. */
#ifndef SMMSIM_TESTS_EXPLORE_ARGS_H
#define SMMSIM_TESTS_EXPLORE_ARGS_H

#include <stdio.h>
#include <string.h>

#include "sim/cli/explore_request.h"

enum { EXPLORE_ARGS_WORDS = 32, EXPLORE_ARGS_TEXT = 400 };

/* "explore --cpus 3"; '-' alone is an empty word. Words of the request point into `text`. */
static inline sim_status explore_args_line(const char *line, char text[EXPLORE_ARGS_TEXT],
                                           explore_request *r, sim_err *err)
{
    char *argv[EXPLORE_ARGS_WORDS];
    int argc = 0;

    (void)snprintf(text, EXPLORE_ARGS_TEXT, "%s", line);
    for (char *at = text; *at && argc < EXPLORE_ARGS_WORDS; argc++) {
        argv[argc] = at;
        at += strcspn(at, " ");
        if (*at)
            *at++ = 0;
        if (strcmp(argv[argc], "-") == 0)
            argv[argc] = argv[argc] + 1;
    }
    return explore_request_parse(r, argc, argv, err);
}

/* The settings alone: "--cpus 3 --set timeouts=off". */
static inline sim_status explore_args(const char *arguments, explore_smm_settings *settings,
                                      sim_err *err)
{
    char line[EXPLORE_ARGS_TEXT], text[EXPLORE_ARGS_TEXT];
    explore_request r;
    sim_status s;

    (void)snprintf(line, sizeof line, "explore %s", arguments);
    s = explore_args_line(line, text, &r, err);
    if (s != SIM_OK)
        return s;
    *settings = r.settings;
    explore_request_free(&r);
    return SIM_OK;
}

#endif
