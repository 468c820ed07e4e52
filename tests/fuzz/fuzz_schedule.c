/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_schedule: a schedule is refused, or printed and read it is the same, and repeats exactly. */
#include <stdlib.h>
#include <string.h>

#include "models/explore/smm.h"
#include "tests/fuzz/fuzz.h"
#include "sim/cli/cmd_explore.h"

enum { STEPS_MAX = 400, WORDS_MAX = 40 };

static char *printed(const uint32_t *labels, int64_t count)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    explore_smm_print_schedule(labels, count, out);
    (void)fclose(out);
    return text;
}

static void print_and_parse(const uint32_t *as_read, int64_t steps)
{
    char *text = printed(as_read, steps);
    uint32_t *labels;
    int64_t count;
    sim_err err = {""};

    FUZZ_CHECK(explore_smm_parse_schedule(text, &labels, &count, &err) == SIM_OK, err.text);
    FUZZ_CHECK(count == steps, text);
    for (int64_t i = 0; i < count; i++)
        FUZZ_CHECK(labels[i] == as_read[i], text);
    free(labels);
    free(text);
}

/* A run that violates nothing else than what was said, or diverges, is told by the status. */
static void repeat(char *line, char *schedule)
{
    char *argv[WORDS_MAX + 3] = {"replay"}, *rest = line;
    int argc = 1;

    while (rest && argc <= WORDS_MAX) {
        char *word = strsep(&rest, " ");

        if (*word)
            argv[argc++] = word;
    }
    argv[argc] = schedule;
    fuzz_command(cmd_replay, argv);
}

/* The first line holds further words of the command, the second one is the schedule. What comes
 * behind a loop is searched, which may take too long. */
static void take(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size), *rest = text;
    char *line = strsep(&rest, "\n");
    int64_t count;
    uint32_t *labels;
    sim_err err = {""};
    sim_status s = explore_smm_parse_schedule(rest ? rest : "", &labels, &count, &err);

    if (s == SIM_OK)
        print_and_parse(labels, count);
    else
        fuzz_refused(s, &err, "schedule");
    if (rest && (s != SIM_OK || count <= STEPS_MAX) && !strstr(line, "--loop"))
        repeat(line, rest);
    free(labels);
    free(text);
}

static const char *const words[] = {"--cpus 3 ",
                                    "--smis 2 ",
                                    "--protocol edk2-2017 ",
                                    "--memory tso ",
                                    "--mutant F20 ",
                                    "--mutant F10 ",
                                    "--fixed F12 ",
                                    "--violates no-deadlock ",
                                    "--digest 8f9f3abad9f7733a ",
                                    "--no-timeouts ",
                                    "--set ",
                                    "smi.delivery=unicast ",
                                    "smi.delivery=hardware ",
                                    "sync.mode=relaxed ",
                                    "bsp.election=race ",
                                    "trigger=0 ",
                                    "cpus.excused=1 ",
                                    "boot.cpu=1 ",
                                    "possible=4 ",
                                    "lmce=on ",
                                    "suspend=on ",
                                    "sources=2 ",
                                    "handler=rendezvous ",
                                    "handler=jobs-wait ",
                                    "handler=switch:1 ",
                                    "cpus.late=1 ",
                                    "cpus.blocked=1 ",
                                    " p0",
                                    " e1",
                                    " t1",
                                    " d0",
                                    " s0",
                                    " 0*12",
                                    " 1*7",
                                    " 0=1",
                                    " p2",
                                    " 1",
                                    NULL};

const fuzz_target fuzz_schedule = {.words = words, .take = take};
