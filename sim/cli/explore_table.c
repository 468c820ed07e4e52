/* SPDX-License-Identifier: Apache-2.0 */
/* explore_table: every version in every setting, searched and put into one table. */
#include "sim/cli/explore_table.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "models/machine/setup.h"
#include "sim/lib/input.h"
#include "sim/lib/units.h"

/* With the rendezvous service in relaxed mode: what it promises is part of the claim. */
typedef struct {
    uint16_t cpus;
    uint8_t smis;
    uint8_t reduce;
} column;
static const column columns[] = {{2, 1, 0}, {2, 2, 0}, {3, 1, 1}, {3, 2, 1}, {4, 1, 1}, {4, 2, 1}};
enum { COLUMNS = sizeof columns / sizeof columns[0] };

typedef struct {
    uint64_t violated[2][RULE_COUNT]; /* [broadcast]: searches in which it was */
    uint64_t searches[2], unfinished[2];
} tally;

typedef struct {
    const explore_options *options;
    const char *journal;
    FILE *out;
    tally sum;
} table;

enum { KEY_MAX = 80, LINE_MAX_BYTES = 1024 };

/* ---- searches that are done ------------------------------------------------------------- */

static void print_key(const explore_smm_settings *s, char key[KEY_MAX])
{
    (void)snprintf(key, KEY_MAX, "%s %u %u %u %u %u:", s->protocol->name, s->traditional,
                   s->delivery, s->election, s->cpus, s->smis);
}

/* "KEY complete out-of-time first... end"; a line without its end was cut off. */
static int parse_line(const char *line, const char *key, explore_result *result)
{
    size_t length = strlen(key);
    const char *at = line + length;
    char *end;

    if (strncmp(line, key, length) != 0 || !strstr(line, " end\n"))
        return 0;
    result->complete = (int)strtol(at, &end, 10);
    result->out_of_time = (int)strtol(end, &end, 10);
    for (int p = 0; p < RULE_COUNT; p++)
        result->first[p] = strtoll(end, &end, 10);
    for (int p = 0; p < RULE_COUNT; p++)
        if (result->first[p] < EXPLORE_NO_DEPTH)
            return 0;
    return strcmp(end, " end\n") == 0 && (result->complete & ~1) == 0 &&
           (result->out_of_time & ~1) == 0;
}

static int recall(const table *t, const explore_smm_settings *settings, explore_result *result)
{
    char key[KEY_MAX], line[LINE_MAX_BYTES];
    FILE *in;
    int found = 0;
    sim_err ignored; /* it was there at the start, or nothing is kept */

    if (!t->journal || input_stream(t->journal, &in, &ignored) != SIM_OK)
        return 0;
    print_key(settings, key);
    while (!found && fgets(line, sizeof line, in)) {
        memset(result, 0, sizeof *result);
        found = parse_line(line, key, result);
    }
    (void)fclose(in);
    return found;
}

/* The first line of a journal says that it is one. A file that is not, and is not empty, stays as
 * it is. */
static const char journal_head[] = "smmsim explore --table journal";

static sim_status open_journal(const char *name, sim_err *err)
{
    char line[LINE_MAX_BYTES] = "";
    FILE *file;
    int bad = 0, empty;

    if (!name)
        return SIM_OK;
    if (access(name, F_OK) == 0) { /* no pipe, which would keep us waiting */
        sim_status s = input_stream(name, &file, err);

        if (s != SIM_OK)
            return s;
        (void)fclose(file);
    }
    file = fopen(name, "a+");
    if (!file)
        return err_set(err, SIM_SYSTEM, "%s: cannot be written", name);
    rewind(file);
    empty = !fgets(line, sizeof line, file);
    if (empty)
        bad = fseek(file, 0, SEEK_END) != 0 || fprintf(file, "%s\n", journal_head) < 0;
    bad |= fclose(file) != 0;
    if (bad)
        return err_set(err, SIM_SYSTEM, "%s: cannot be written (is the disk full?)", name);
    if (!empty && strncmp(line, journal_head, sizeof journal_head - 1) != 0)
        return err_set(err, SIM_BAD_INPUT,
                       "%s:1:1: no journal (would be right: a new file, or one that begins with "
                       "'%s')",
                       name, journal_head);
    return SIM_OK;
}

static sim_status note(const table *t, const explore_smm_settings *settings,
                       const explore_result *result, sim_err *err)
{
    char key[KEY_MAX];
    FILE *out = t->journal ? fopen(t->journal, "a") : NULL;
    int bad;

    if (!t->journal)
        return SIM_OK;
    if (!out)
        return err_set(err, SIM_SYSTEM, "%s: cannot be written", t->journal);
    print_key(settings, key);
    bad = fprintf(out, "%s %d %d", key, result->complete, result->out_of_time) < 0;
    for (int p = 0; p < RULE_COUNT; p++)
        bad |= fprintf(out, " %" PRId64, result->first[p]) < 0;
    bad |= fprintf(out, " end\n") < 0;
    bad |= fclose(out) != 0;
    return bad ? err_set(err, SIM_SYSTEM, "%s: cannot be written (is the disk full?)", t->journal)
               : SIM_OK;
}

/* ---- the table -------------------------------------------------------------------------- */

static sim_status search(const table *t, const explore_smm_settings *settings,
                         explore_result *result, sim_err *err)
{
    explore_options own = *t->options;
    explore found;
    step_config config;
    explore_smm *smm;
    sim_status status = explore_smm_check_settings(settings, &config, err);

    if (status != SIM_OK || recall(t, settings, result))
        return status;
    own.all = 1;
    own.watch = settings->watch;
    own.livelock = 1u << RULE_NO_LIVELOCK;
    smm = explore_smm_new(settings, &config);
    status = explore_run(&found, explore_smm_model(smm), &own, result, err);
    if (status == SIM_OK)
        explore_free(&found);
    explore_smm_free(smm);
    if (status == SIM_OK && result->interrupted)
        return err_set(err, SIM_INTERRUPTED, "interrupted: the table is not whole");
    return status == SIM_OK ? note(t, settings, result, err) : status;
}

static void print_cell(const explore_result *result, const column *c, FILE *out)
{
    const char *before = "";

    for (int p = 0; p < RULE_COUNT; p++) {
        if (result->first[p] == EXPLORE_NO_DEPTH)
            continue;
        (void)fprintf(out, "%s%s", before, rules[p].name);
        if (!c->reduce) /* a reduced search knows that, not how soon */
            (void)fprintf(out, " %" PRId64, result->first[p]);
        before = ", ";
    }
    if (result->complete)
        (void)fprintf(out, "%s | ", *before ? "" : "clean");
    else
        (void)fprintf(out, "%s | ", *before ? " (not finished)" : "not finished");
}

static void count(tally *sum, int broadcast, const explore_result *result)
{
    sum->searches[broadcast]++;
    sum->unfinished[broadcast] += !result->complete;
    for (int p = 0; p < RULE_COUNT; p++)
        sum->violated[broadcast][p] += result->first[p] != EXPLORE_NO_DEPTH;
}

static sim_status print_row(table *t, explore_smm_settings settings, sim_err *err)
{
    static const char *const elections[] = {"fixed", "hook", "race"};

    (void)fprintf(t->out, "| %s | %s | %s | %s | ", settings.protocol->name,
                  settings.traditional ? "traditional" : "relaxed",
                  settings.delivery == DELIVERY_UNICAST ? "unicast" : "broadcast",
                  elections[settings.election]);
    for (size_t c = 0; c < COLUMNS; c++) {
        explore_result result;
        sim_status status;

        settings.cpus = columns[c].cpus;
        settings.smis = columns[c].smis;
        settings.reduce = columns[c].reduce;
        status = search(t, &settings, &result, err);
        if (status != SIM_OK)
            return status;
        print_cell(&result, &columns[c], t->out);
        count(&t->sum, settings.delivery != DELIVERY_UNICAST, &result);
    }
    (void)fprintf(t->out, "\n");
    (void)fflush(t->out);
    return SIM_OK;
}

static void print_sums(const tally *sum, FILE *out)
{
    (void)fprintf(out, "\n| searches | unicast (%" PRIu64 ") | broadcast (%" PRIu64 ") |\n",
                  sum->searches[0], sum->searches[1]);
    (void)fprintf(out, "|---|---|---|\n");
    (void)fprintf(out, "| not finished | %" PRIu64 " | %" PRIu64 " |\n", sum->unfinished[0],
                  sum->unfinished[1]);
    for (int p = 0; p < RULE_COUNT; p++)
        if (rules[p].on)
            (void)fprintf(out, "| violate %s | %" PRIu64 " | %" PRIu64 " |\n", rules[p].name,
                          sum->violated[0][p], sum->violated[1][p]);
}

static void print_head(const table *t)
{
    char most[32];

    (void)units_human(UNIT_BYTES, (int64_t)t->options->ceiling, 3, most, sizeof most);
    (void)fprintf(t->out, "A search ends at %s", most);
    if (t->options->seconds)
        (void)fprintf(t->out, " or after %" PRIu64 " s", t->options->seconds);
    (void)fprintf(t->out, "; what it has violated until then is told, and \"not finished\".\n\n"
                          "| protocol | mode | SMI | election ");
    for (size_t c = 0; c < COLUMNS; c++)
        (void)fprintf(t->out, "| N = %u, K = %u ", columns[c].cpus, columns[c].smis);
    (void)fprintf(t->out, "|\n|---|---|---|---");
    for (size_t c = 0; c < COLUMNS; c++)
        (void)fprintf(t->out, "|---");
    (void)fprintf(t->out, "|\n");
}

/* Two without the rendezvous library, each of its stages, and what is proposed. */
static const char *const versions[] = {"edk2-2017",      "edk2-202211", "edk2-202402",
                                       "edk2-202408",    "edk2-202411", "edk2-head",
                                       "edk2-head-fixed"};

sim_status explore_table_print(const explore_options *options, const char *journal, FILE *out,
                               sim_err *err)
{
    explore_smm_settings settings;
    table t = {.options = options, .journal = journal, .out = out};

    sim_status opened = open_journal(journal, err);

    if (opened != SIM_OK)
        return opened;
    explore_smm_defaults(&settings);
    print_head(&t);
    for (size_t p = 0; p < sizeof versions / sizeof versions[0]; p++)
        for (unsigned bits = 0; bits < 12; bits++) {
            sim_status status;

            settings.protocol = setup_protocol(versions[p]);
            settings.traditional = bits & 1;
            settings.delivery = bits >> 1 & 1 ? DELIVERY_BROADCAST : DELIVERY_UNICAST;
            settings.election = (uint8_t)(bits >> 2);
            settings.handler_plan_length = !settings.traditional && p > 0;
            settings.handler_plan[0] = STEP_ANSWER(ACTION_RENDEZVOUS, 0);
            status = print_row(&t, settings, err);
            if (status != SIM_OK)
                return status;
        }
    print_sums(&t.sum, out);
    return SIM_OK;
}
