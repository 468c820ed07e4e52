/* SPDX-License-Identifier: Apache-2.0 */
/* walk: beyond what can be searched in full: random runs. */
#include "sim/explore/walk.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "sim/lib/bytes.h"

void explore_walk_random(const explore_model *model, const explore_walk_options *options,
                         explore_walk_result *result)
{
    static const uint32_t odds[] = {2, 8, 32, 128};
    explore_workspace workspace;
    explore_path path;
    explore_chooser c = {.watch = options->watch, .steps = options->steps};
    double end = options->seconds ? omp_get_wtime() + (double)options->seconds : 0;

    explore_workspace_init(&workspace, model);
    explore_path_init(&path, options->steps);
    *result = (explore_walk_result){.property = -1};
    for (; result->runs < options->runs && path.property < 0; result->runs++) {
        result->out_of_time = end > 0 && omp_get_wtime() >= end;
        if (result->out_of_time || (options->stop && *options->stop))
            break;
        c.address = (rng_address){.seed = options->seed,
                                  .stream = bytes_hash_name("explore.choice"),
                                  .repetition = (uint32_t)result->runs,
                                  .component = (uint16_t)(result->runs >> 32)};
        memset(c.epoch, 0, sizeof c.epoch);
        c.priorities = result->runs % 2 == 1 ? bytes_hash_name("explore.priority") : 0;
        c.odds = odds[result->runs / 2 % (sizeof odds / sizeof odds[0])];
        explore_path_walk(model, &workspace, &c, &path);
        result->steps += (uint64_t)path.length;
    }
    result->found_length = path.length;
    result->found_deviations = path.deviations;
    result->run = result->runs - 1;
    if (path.property >= 0)
        result->shrunk = explore_shrink(model,
                                        &(explore_shrink_options){.watch = options->watch,
                                                                  .steps = options->steps,
                                                                  .stop = options->stop,
                                                                  .deadline = end},
                                        &path);
    result->property = path.property;
    SIM_ASSERT(result->runs <= options->runs && path.deviations <= path.length);
    result->labels = path.labels;
    result->length = path.length;
    result->deviations = path.deviations;
    path.labels = NULL;
    explore_path_free(&path);
    explore_workspace_free(&workspace);
}
