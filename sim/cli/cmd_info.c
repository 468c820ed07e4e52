/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_info: `smmsim params` and `smmsim list`: what there is. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/protocol/rules.h"
#include "sim/lib/input.h"
#include "sim/cli/cmd.h"
#include "sim/cli/cmd_explore.h"
#include "workloads/folders.h"
#include "workloads/metrics.h"
#include "sim/cli/options.h"
#include "sim/cli/pipe.h"
#include "sim/cli/protocols_list.h"
#include "sim/cli/steps_list.h"

static const char params_help[] =
    "usage: smmsim params [--markdown]\n"
    "\n"
    "Every parameter: unit, default, bounds or choices, meaning, and where the default comes\n"
    "from. Set one with --set NAME=VALUE, in a platform file or in a sweep.\n";

static const char list_help[] =
    "usage: smmsim list platforms | workloads | sweeps | protocols | metrics | mutants | steps "
    "| rules\n"
    "\n"
    "Names that the other commands take; and every step of a protocol, the BSP's beside the\n"
    "APs': what it accesses and where it leads. Rules are what must hold: * not checked unless\n"
    "asked for; whose each is, upstream's or ours.\n"
    "  --protocol P         of steps: edk2-head\n"
    "  --format text|csv    of steps and rules: csv for programs\n";

static int end(options *o, sim_status status, const sim_err *err)
{
    if (status != SIM_OK)
        err_tell("%s", err->text);
    free(o);
    return (int)status;
}

int cmd_params(int argc, char **argv)
{
    options *o = sim_alloc(1, sizeof *o);
    sim_err err;
    sim_status s = options_parse(argc, argv, "m", o, &err);

    if (s == SIM_OK && o->help)
        (void)fputs(params_help, stdout);
    else if (s == SIM_OK)
        param_print_table(&params_table, o->markdown, stdout);
    return end(o, s, &err);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* First comment of a file: what it is for. */
static void print_purpose(const char *path, const char *name)
{
    char line[256] = "";
    FILE *file = NULL;
    sim_err ignored; /* what cannot be read has no purpose */
    sim_err plain;   /* the file may be somebody else's: nothing that a terminal obeys */

    if (input_stream(path, &file, &ignored) == SIM_OK && fgets(line, sizeof line, file) &&
        line[0] == '#')
        line[strcspn(line, "\r\n")] = '\0';
    else
        line[0] = '\0';
    if (file)
        (void)fclose(file);
    (void)err_set(&plain, SIM_OK, "  %-24s %s", name, line[0] && line[1] ? line + 2 : "");
    (void)printf("%s\n", plain.text);
}

static void list_folder(const char *folder)
{
    char *names[512];
    int count = 0;
    DIR *dir = opendir(folder);

    for (struct dirent *e = dir ? readdir(dir) : NULL; e && count < 512; e = readdir(dir)) {
        size_t length = strlen(e->d_name);

        if (length > 4 && strcmp(e->d_name + length - 4, ".csv") == 0)
            names[count++] = strndup(e->d_name, length - 4);
    }
    if (dir)
        (void)closedir(dir);
    if (count == 0)
        return;
    qsort(names, (size_t)count, sizeof names[0], by_name);
    (void)printf("%s/\n", folder);
    for (int i = 0; i < count; i++) {
        char path[1024];

        (void)snprintf(path, sizeof path, "%s/%s.csv", folder, names[i]);
        print_purpose(path, names[i]);
        free(names[i]);
    }
}

static void list_files(const char *kind)
{
    folders all;

    folders_find(&all);
    for (int i = 0; i < all.count; i++) {
        char path[512];

        if (strcmp(all.path[i], ".") == 0)
            (void)snprintf(path, sizeof path, "%s", kind);
        else
            (void)snprintf(path, sizeof path, "%s/%s", all.path[i], kind);
        list_folder(path);
    }
}

static void list_protocols(void)
{
    protocols_list_print(stdout);
}

static void list_mutants(void)
{
    explore_list_mutants(stdout);
}

static void list_metrics(void)
{
    for (int i = 0; i < METRIC_TIME_COUNT; i++)
        (void)printf("  %-18s time   %s\n", metric_time_names[i], metric_time_meanings[i]);
    for (int i = 0; i < METRIC_COUNT_COUNT; i++)
        (void)printf("  %-18s count  %s\n", metric_count_names[i], metric_count_meanings[i]);
    for (int i = 0; i < PHASE_COUNT; i++)
        (void)printf("  phase.%-12s time   %s\n", phase_names[i], phase_meanings[i]);
}

typedef struct {
    const char *name;
    void (*print)(void);
} list_kind;

static void list_platforms(void)
{
    list_files("models/platforms");
}

static void list_workloads(void)
{
    list_files("workloads");
}

static void list_sweeps(void)
{
    list_files("workloads/sweeps");
}

static const list_kind list_kinds[] = {{"platforms", list_platforms}, {"workloads", list_workloads},
                                       {"sweeps", list_sweeps},       {"protocols", list_protocols},
                                       {"metrics", list_metrics},     {"mutants", list_mutants}};
enum { LIST_KINDS = sizeof list_kinds / sizeof list_kinds[0] };

static sim_status list_steps(const options *o, sim_err *err)
{
    const char *name = o->settings ? o->setting[o->settings - 1].value : "edk2-head";
    const step_protocol *protocol;
    csv_writer *w;
    sim_status s = setup_find_protocol("--protocol", name, &protocol, err);

    if (s == SIM_OK && !o->csv)
        steps_list_print(protocol, stdout);
    if (s == SIM_OK && o->csv)
        s = csv_create("/dev/stdout", &w, err);
    if (s != SIM_OK || !o->csv)
        return s;
    steps_list_csv(protocol, w);
    return pipe_forgive(csv_close(w, err));
}

static sim_status rules_csv(sim_err *err)
{
    static const char *const columns[] = {"name", "default", "over", "text", "contract"};
    static const char *const over[] = {"words", "places", "event", "search"};
    csv_writer *w;
    sim_status s = csv_create("/dev/stdout", &w, err);

    if (s != SIM_OK)
        return s;
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++)
        csv_text(w, columns[i]);
    csv_end_row(w);
    for (const rule *r = rules; r < rules + RULE_COUNT; r++) {
        csv_text(w, r->name);
        csv_text(w, r->on ? "on" : "off");
        csv_text(w, over[r->over]);
        csv_text(w, r->text);
        csv_text(w, r->contract);
        csv_end_row(w);
    }
    return pipe_forgive(csv_close(w, err));
}

static sim_status list_rules(const options *o, sim_err *err)
{
    if (o->settings)
        return err_set(err, SIM_BAD_INPUT, "list rules: takes no --protocol (list steps does)");
    for (int r = 0; !o->csv && r < RULE_COUNT; r++)
        (void)printf("%-16s %c %s\n%-16s   %s\n", rules[r].name, rules[r].on ? ' ' : '*',
                     rules[r].text, "", rules[r].contract);
    return o->csv ? rules_csv(err) : SIM_OK;
}

static sim_status print_list(const options *o, sim_err *err)
{
    const char *kind = o->operand[0];
    const char *names[LIST_KINDS + 2];
    const char *near;

    if (strcmp(kind, "steps") == 0)
        return list_steps(o, err);
    if (strcmp(kind, "rules") == 0)
        return list_rules(o, err);
    if (o->settings || o->csv)
        return err_set(err, SIM_BAD_INPUT,
                       "list %s: takes no --protocol and no --format (list steps does)", kind);

    for (int i = 0; i < LIST_KINDS; i++) {
        names[i] = list_kinds[i].name;
        if (strcmp(kind, names[i]) == 0) {
            list_kinds[i].print();
            return SIM_OK;
        }
    }
    names[LIST_KINDS] = "steps";
    names[LIST_KINDS + 1] = "rules";
    near = err_nearest(kind, names, LIST_KINDS + 2);
    return err_set(
        err, SIM_BAD_INPUT,
        "nothing called \"%s\" to list (%s%s%splatforms, workloads, sweeps, protocols, metrics, "
        "mutants, steps or rules)",
        kind, near ? "did you mean \"" : "", near ? near : "", near ? "\"? one of " : "");
}

int cmd_list(int argc, char **argv)
{
    options *o = sim_alloc(1, sizeof *o);
    sim_err err;
    sim_status s = options_parse(argc, argv, "1fp", o, &err);

    if (s == SIM_OK && o->help)
        (void)fputs(list_help, stdout);
    else if (s == SIM_OK && o->operands == 0)
        s = err_set(&err, SIM_BAD_INPUT,
                    "list: of what? (platforms, workloads, sweeps, protocols, metrics, mutants, "
                    "steps or rules)");
    else if (s == SIM_OK)
        s = print_list(o, &err);
    return end(o, s, &err);
}
