/* SPDX-License-Identifier: Apache-2.0 */
/* bench_explore: states per second, bytes per state, and how many CPUs fit into 20 seconds. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/explore_args.h"

/* reduce: 2: without, and every state is judged by whether an end can be reached from it. */
static explore_result search(const char *arguments, int reduce, int threads)
{
    explore_smm_settings settings;
    explore_options options = {.threads = threads,
                               .all = 1,
                               .ceiling = UINT64_C(6) << 30,
                               .livelock = reduce == 2 ? 1u << RULE_NO_LIVELOCK : 0};
    explore_result result;
    explore found;
    explore_smm *smm;
    step_config config;
    sim_err err;

    if (explore_args(arguments, &settings, &err) != SIM_OK ||
        explore_smm_check_settings(&settings, &config, &err) != SIM_OK) {
        (void)fprintf(stderr, "bench_explore: %s\n", err.text);
        exit(SIM_BAD_INPUT);
    }
    settings.reduce = reduce == 1;
    options.watch = settings.watch;
    smm = explore_smm_new(&settings, &config);
    if (explore_run(&found, explore_smm_model(smm), &options, &result, &err) != SIM_OK) {
        (void)fprintf(stderr, "bench_explore: %s\n", err.text);
        exit(SIM_SYSTEM);
    }
    explore_free(&found);
    explore_smm_free(smm);
    return result;
}

static void show(const char *arguments, int reduce, int threads)
{
    static const char *const how[] = {"exact", "reduced", "livelock"};
    explore_result r = search(arguments, reduce, threads);

    (void)printf("%-34s %-9s %d  %10llu  %6.2f  %6.2f  %5.1f  %7.2f%s\n", arguments, how[reduce],
                 threads, (unsigned long long)r.states, (double)r.states / r.seconds / 1e6,
                 (double)r.transitions / r.seconds / 1e6, (double)r.bytes / (double)r.states,
                 r.seconds, r.complete ? "" : " (not all)");
}

static void show_largest(const char *more)
{
    int largest = 0;

    for (int n = 2; n <= 8; n++) {
        char arguments[64];
        explore_result r;

        (void)snprintf(arguments, sizeof arguments, "--cpus %d%s", n, more);
        r = search(arguments, 1, 0);
        if (!r.complete || r.seconds > 20)
            break;
        largest = n;
        if (r.seconds > 4) /* the next one takes five times as long, or more */
            break;
    }
    (void)printf("largest N in 20 s%s: %d\n", *more ? more : " with timeouts", largest);
}

int main(void)
{
    (void)printf("edk2-head, broadcast, traditional, one SMI\n"
                 "%-34s %-9s %s  %10s  %6s  %6s  %5s  %7s\n",
                 "arguments", "search", "T", "states", "M st/s", "M tr/s", "B/st", "s");
    show("--cpus 3", 0, 1);
    show("--cpus 3", 2, 1);
    show("--cpus 5 --set timeouts=off", 0, 1);
    show("--cpus 5 --set timeouts=off", 2, 1);
    show("--cpus 5 --set timeouts=off", 0, 2);
    show("--cpus 4", 0, 1);
    show("--cpus 4", 0, 2);
    show("--cpus 4", 1, 2);
    show("--cpus 7 --set timeouts=off", 1, 1);
    show_largest(" --set timeouts=off");
    show_largest("");
    return 0;
}
