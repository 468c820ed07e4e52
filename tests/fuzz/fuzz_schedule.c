/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_schedule: a schedule is refused, or printed and read it is the same, and repeats exactly. */
#include <stdlib.h>
#include <string.h>

#include "models/explore_boot.h"
#include "models/explore_smm.h"
#include "tests/fuzz/fuzz.h"

enum { STEPS_MAX = 400, TEXT_MAX = 400 };

static char *printed(const uint32_t *labels, int64_t count)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    explore_smm_print_schedule(labels, count, out);
    (void)fclose(out);
    return text;
}

static void print_and_parse(const explore_schedule *schedule)
{
    char *text = printed(schedule->labels, schedule->count);
    uint32_t *labels;
    int64_t count;
    sim_err err = {""};

    FUZZ_CHECK(explore_smm_parse_schedule(text, &labels, &count, &err) == SIM_OK, err.text);
    FUZZ_CHECK(count == schedule->count, text);
    for (int64_t i = 0; i < count; i++)
        FUZZ_CHECK(labels[i] == schedule->labels[i], text);
    free(labels);
    free(text);
}

/* The digest that is found is the one with which it repeats, and no other is. */
static void repeat(const explore_smm_settings *settings, const step_config *config,
                   explore_schedule schedule)
{
    explore_smm *smm = explore_smm_new(settings, config);
    char *told = NULL;
    size_t size;
    FILE *out = open_memstream(&told, &size);
    sim_err err = {""};

    if (explore_smm_digest(smm, &schedule, &schedule.digest, &err) == SIM_OK) {
        schedule.has_digest = 1;
        FUZZ_CHECK(explore_smm_replay(smm, &schedule, out, &err) == SIM_OK, err.text);
        schedule.digest ^= 1;
        FUZZ_CHECK(explore_smm_replay(smm, &schedule, out, &err) != SIM_OK, "another digest");
    } else {
        FUZZ_CHECK(explore_smm_replay(smm, &schedule, out, &err) != SIM_OK, "without a digest");
    }
    (void)fclose(out);
    free(told);
    explore_smm_free(smm);
}

static void repeat_boot(const explore_boot_scenario *scenario, explore_schedule schedule)
{
    explore_boot boot;
    char *told = NULL;
    size_t size;
    FILE *out = open_memstream(&told, &size);
    sim_err err = {""};
    sim_status s;

    explore_boot_init(&boot, scenario, 1);
    s = explore_boot_check_schedule(&boot, &schedule, &err);
    if (s != SIM_OK)
        fuzz_refused(s, &err, NULL);
    else if (explore_boot_digest(&boot, &schedule, &schedule.digest, &err) == SIM_OK)
        FUZZ_CHECK(explore_boot_replay(&boot, &schedule, out, &err) == SIM_OK, err.text);
    (void)fclose(out);
    free(told);
}

/* NAME=VALUE, with spaces between. */
static sim_status set_all(explore_smm_settings *settings, char *line, sim_err *err)
{
    char *rest = line;

    explore_smm_defaults(settings);
    for (char *name = strsep(&rest, " "); name; name = strsep(&rest, " ")) {
        char *value = strchr(name, '=');
        sim_status s;

        if (!value)
            continue;
        *value++ = '\0';
        s = explore_smm_set(settings, name, value, err);
        if (s != SIM_OK)
            return s;
    }
    return SIM_OK;
}

static void take_schedule(char *line, explore_schedule *schedule)
{
    const explore_boot_scenario *boot = explore_boot_find(line);
    explore_smm_settings settings;
    step_config config;
    sim_err err = {""};
    sim_status s;

    if (boot) {
        repeat_boot(boot, *schedule);
        return;
    }
    s = set_all(&settings, line, &err);
    if (s == SIM_OK)
        s = explore_smm_check_settings(&settings, &config, &err);
    settings.reduce = 0;
    if (s == SIM_OK)
        s = explore_smm_check_schedule(&settings, schedule, &err);
    if (s == SIM_OK)
        repeat(&settings, &config, *schedule);
    else
        fuzz_refused(s, &err, NULL);
}

/* The first line holds settings, or the name of a bug with a model of its own; the second one is
 * the schedule. */
static void take(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size), *rest = text;
    char *line = strsep(&rest, "\n");
    explore_schedule schedule = {.property = -1};
    uint32_t *labels;
    sim_err err = {""};
    sim_status s = explore_smm_parse_schedule(rest ? rest : "", &labels, &schedule.count, &err);

    if (s != SIM_OK) {
        fuzz_refused(s, &err, "schedule");
    } else {
        schedule.labels = labels;
        print_and_parse(&schedule);
        if (schedule.count <= STEPS_MAX)
            take_schedule(line, &schedule);
        free(labels);
    }
    free(text);
}

static const char *const words[] = {"cpus=3",
                                    "smis=2",
                                    "protocol=edk2-2017",
                                    "smi.delivery=unicast",
                                    "smi.delivery=hardware",
                                    "sync.mode=relaxed",
                                    "bsp.election=race",
                                    "timeouts=off",
                                    "memory=tso",
                                    "trigger=0",
                                    "cpus.excused=1",
                                    "boot.cpu=1",
                                    "possible=4",
                                    "lmce=on",
                                    "mtrr=on",
                                    "debug.agent=on",
                                    "suspend=on",
                                    "sources=2",
                                    "handler=rendezvous",
                                    "handler=jobs-wait",
                                    "handler=switch:1",
                                    "cpus.late=1",
                                    "cpus.blocked=1",
                                    "mutant=F20",
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
                                    "F10\n",
                                    NULL};

const fuzz_target fuzz_schedule = {.words = words, .take = take};
