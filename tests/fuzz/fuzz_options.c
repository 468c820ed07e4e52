/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_options: the words of each command: refused in one line, or a request that can be met. */
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "sim/cli/cmd.h"
#include "sim/cli/explore_request.h"
#include "workloads/measure.h"
#include "sim/cli/options.h"

enum { ARGUMENTS_MAX = 300 };

/* The settings are read, too; files are not written, and nothing is run. */
static void check_options(const options *o)
{
    experiment e;
    measure m;
    measure_goal goal;
    sim_err err = {""};
    sim_status s = SIM_OK;

    FUZZ_CHECK(o->repetitions >= 0 && o->jobs >= 0 && o->trace_smis >= 0, "bounds");
    FUZZ_CHECK(o->settings <= OPTIONS_SETTINGS_MAX && o->operands <= WORDS_MAX, "room");
    if (o->until)
        s = measure_goal_parse(o->until, &goal, &err);
    if (s == SIM_OK && o->metric)
        s = measure_parse(o->metric, &m, &err);
    if (s == SIM_OK)
        s = experiment_load(o->setting, o->settings, &e, &err);
    if (s != SIM_OK)
        fuzz_refused(s, &err, NULL);
    else
        experiment_free(&e);
}

static int words_of(char **argv)
{
    int argc = 0;

    while (argv[argc])
        argc++;
    return argc;
}

static void take_options(char **argv)
{
    options *o = sim_alloc(1, sizeof *o);
    sim_err err = {""};
    const sim_status s = options_parse(words_of(argv), argv, o, &err);

    if (s == SIM_OK)
        check_options(o);
    else
        fuzz_refused(s, &err, NULL);
    free(o);
}

static void take_request(char **argv)
{
    explore_request r;
    sim_err err = {""};
    const sim_status s = explore_request_parse(&r, words_of(argv), argv, &err);

    if (s != SIM_OK) {
        fuzz_refused(s, &err, NULL);
        return;
    }
    FUZZ_CHECK(0 <= (int)r.kind && r.kind < REQUEST_KINDS, "kind");
    FUZZ_CHECK(r.settings.cpus <= EXPLORE_SMM_CPUS_MAX, "CPUs");
    FUZZ_CHECK((r.kind == REQUEST_REPLAY || r.kind == REQUEST_BOOT_REPLAY) == (r.schedule != NULL),
               "a schedule");
    explore_request_free(&r);
}

/* The first line is the command, each further one a word. */
static void take(const uint8_t *data, size_t size)
{
    static const struct {
        const char *name;
        int (*whole)(int argc, char **argv); /* it only prints */
    } commands[] = {
        {"run", NULL},      {"demo", NULL},           {"sweep", NULL},
        {"noise", NULL},    {"compare", cmd_compare}, {"params", cmd_params},
        {"list", cmd_list}, {"follow", NULL},
    };
    char *text = fuzz_text(data, size), *rest = text, *argv[ARGUMENTS_MAX + 1] = {text};
    int argc = 0;

    while (rest && argc < ARGUMENTS_MAX)
        argv[argc++] = strsep(&rest, "\n");
    if (argc > 1 && argv[argc - 1][0] == '\0') /* behind the end of the last line */
        argc--;
    argv[argc] = NULL;
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(argv[0], commands[i].name) != 0)
            continue;
        take_options(argv);
        if (commands[i].whole)
            fuzz_command(commands[i].whole, argv);
    }
    if (strcmp(argv[0], "explore") == 0 || strcmp(argv[0], "replay") == 0)
        take_request(argv);
    free(text);
}

static const char *const starts[] = {"run\n",
                                     "sweep\n",
                                     "explore\n",
                                     "replay\n",
                                     "compare\n",
                                     "noise\n",
                                     "--set\n",
                                     "--set=",
                                     "--platform\n",
                                     "--workload\n",
                                     "--protocol\n",
                                     "--reps\n",
                                     "--seed\n",
                                     "--out\n",
                                     "--format\n",
                                     "--trace\n",
                                     "--trace-smis\n",
                                     "--trace-slowest\n",
                                     "--until\np99 ci<2%",
                                     "--jobs\n",
                                     "--hgrm\n",
                                     "--resume\n",
                                     "--dry-run\n",
                                     "--detail\n",
                                     "--force\n",
                                     "follow\n",
                                     "--metric\n",
                                     "--help\n",
                                     "--cpus\n",
                                     "--smis\n",
                                     "--mutant\n",
                                     "--fixed\n",
                                     "F10",
                                     "F20",
                                     "--properties\n",
                                     "all",
                                     "--all\n",
                                     "--no-reduction\n",
                                     "--random\n",
                                     "--deviations\n",
                                     "--threads\n",
                                     "--max-memory\n",
                                     "--max-depth\n",
                                     "--max-seconds\n",
                                     "--table\n",
                                     "--journal\n",
                                     "--coverage\n",
                                     "--violates\n",
                                     "--digest\n",
                                     "--loop\n",
                                     "no-livelock",
                                     "0123456789abcdef",
                                     "--no-timeouts\n",
                                     "--memory\n",
                                     "handler=job:1",
                                     "cpus.late=1",
                                     "2",
                                     "4GiB",
                                     "p0 e0",
                                     "smi-single",
                                     "qemu-kvm-ovmf",
                                     NULL};

const fuzz_target fuzz_options = {.words = starts, .knows_params = 1, .take = take};
