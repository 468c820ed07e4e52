/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_info: `smmsim params` and `smmsim list`: what there is. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/protocol/rules.h"
#include "sim/lib/input.h"
#include "sim/lib/csv.h"
#include "sim/lib/table.h"
#include "sim/lib/text.h"
#include "sim/cli/cmd.h"
#include "sim/cli/cmd_explore.h"
#include "workloads/folders.h"
#include "workloads/metrics.h"
#include "sim/cli/options.h"
#include "sim/cli/protocols_list.h"
#include "sim/cli/sigpipe.h"
#include "sim/cli/steps_list.h"

enum { NAMES_MAX = 512 };

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* First comment of a file: what it is for. */
static void add_purpose(const char *path, const char *name, text_table *t)
{
    char line[256] = "";
    FILE *file = NULL;
    sim_err ignored; /* what cannot be read has no purpose */

    if (input_stream(path, &file, &ignored) == SIM_OK && fgets(line, sizeof line, file) &&
        line[0] == '#')
        line[strcspn(line, "\r\n")] = '\0';
    else
        line[0] = '\0';
    if (file)
        (void)fclose(file);
    table_row(t, name, line[0] && line[1] ? line + 2 : "");
}

/* The CSV files of a folder, in order, without .csv; the caller frees them. */
static int names_in(const char *folder, char *names[NAMES_MAX])
{
    int count = 0;
    DIR *dir = opendir(folder);

    for (struct dirent *e = dir ? readdir(dir) : NULL; e && count < NAMES_MAX; e = readdir(dir)) {
        size_t length = strlen(e->d_name);

        if (length > 4 && strcmp(e->d_name + length - 4, ".csv") == 0)
            names[count++] = strndup(e->d_name, length - 4);
    }
    if (dir)
        (void)closedir(dir);
    qsort(names, (size_t)count, sizeof names[0], by_name);
    return count;
}

static void list_folder(const char *folder)
{
    char *names[NAMES_MAX];
    const int count = names_in(folder, names);
    text_table *t = count > 0 ? table_new("lw") : NULL;

    for (int i = 0; i < count; i++) {
        char path[1024];

        (void)snprintf(path, sizeof path, "%s/%s.csv", folder, names[i]);
        add_purpose(path, names[i], t);
        free(names[i]);
    }
    if (t) {
        (void)printf("%s/\n", folder);
        table_print(t, 2, stdout);
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

static void list_metrics(void)
{
    text_table *t = table_new("llw");
    char name[64];

    for (int i = 0; i < METRIC_TIME_COUNT; i++)
        table_row(t, metric_time_names[i], "time", metric_time_meanings[i]);
    for (int i = 0; i < METRIC_COUNT_COUNT; i++)
        table_row(t, metric_count_names[i], "count", metric_count_meanings[i]);
    for (int i = 0; i < PHASE_COUNT; i++) {
        (void)snprintf(name, sizeof name, "phase.%s", phase_names[i]);
        table_row(t, name, "time", phase_meanings[i]);
    }
    table_print(t, 2, stdout);
}

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
    return sigpipe_forgive(csv_close(w, err));
}

static sim_status rules_csv(sim_err *err)
{
    static const char *const over[] = {"words", "places", "event", "search"};
    csv_writer *w;
    sim_status s = csv_create("/dev/stdout", &w, err);

    if (s != SIM_OK)
        return s;
    csv_header(w, "name default over text contract untimed");
    for (const rule *r = rules; r < rules + RULE_COUNT; r++)
        csv_row(w, r->name, r->on ? "on" : "off", over[r->over], r->text, r->contract, r->untimed);
    return sigpipe_forgive(csv_close(w, err));
}

static sim_status list_rules(const options *o, sim_err *err)
{
    text_table *t;
    char untimed[512];

    if (o->settings)
        return err_set(err, SIM_BAD_INPUT, "list rules: takes no --protocol (list steps does)");
    if (o->csv)
        return rules_csv(err);
    t = table_new("llw");
    for (int r = 0; r < RULE_COUNT; r++) {
        table_row(t, rules[r].name, rules[r].on ? "" : "*", rules[r].text);
        table_row(t, "", "", rules[r].contract);
        if (rules[r].untimed[0]) {
            (void)snprintf(untimed, sizeof untimed, "not judged in runs: %s", rules[r].untimed);
            table_row(t, "", "", untimed);
        }
    }
    table_print(t, 2, stdout);
    return SIM_OK;
}

/* What is listed: files of a folder, or what a function prints, or what takes options. */
typedef struct {
    const char *name, *folder;
    void (*print)(void);
    sim_status (*print_with)(const options *o, sim_err *err);
} list_kind;
static const list_kind list_kinds[] = {{.name = "platforms", .folder = "models/platforms"},
                                       {.name = "workloads", .folder = "workloads"},
                                       {.name = "sweeps", .folder = "workloads/sweeps"},
                                       {.name = "protocols", .print = list_protocols},
                                       {.name = "metrics", .print = list_metrics},
                                       {.name = "mutants", .print = cmd_list_mutants},
                                       {.name = "steps", .print_with = list_steps},
                                       {.name = "rules", .print_with = list_rules}};
enum { LIST_KINDS = sizeof list_kinds / sizeof list_kinds[0] };

static sim_status print_list(const options *o, sim_err *err)
{
    const char *kind = o->operand[0];
    const char *names[LIST_KINDS];
    const list_kind *found = NULL;
    const char *near;

    if (!kind)
        return err_set(err, SIM_BAD_INPUT,
                       "list: of what? (platforms, workloads, sweeps, protocols, metrics, mutants, "
                       "steps or rules)");
    for (int i = 0; i < LIST_KINDS; i++) {
        names[i] = list_kinds[i].name;
        if (strcmp(kind, names[i]) == 0)
            found = &list_kinds[i];
    }
    if (found && found->print_with)
        return found->print_with(o, err);
    if (o->settings || o->csv)
        return err_set(err, SIM_BAD_INPUT,
                       "list %s: takes no --protocol and no --format (list steps does)", kind);
    if (found && found->print)
        found->print();
    else if (found)
        list_files(found->folder);
    if (found)
        return SIM_OK;
    near = err_nearest(kind, names, LIST_KINDS);
    return err_set(
        err, SIM_BAD_INPUT,
        "nothing called \"%s\" to list (%s%s%splatforms, workloads, sweeps, protocols, metrics, "
        "mutants, steps or rules)",
        kind, near ? "did you mean \"" : "", near ? near : "", near ? "\"? one of " : "");
}

/* ---- parameters ------------------------------------------------------------------------- */

enum { PAGE_COLUMN = 15 };

static void fact(const char *name, const char *text)
{
    (void)printf("  %-*s", PAGE_COLUMN - 2, name);
    text_wrap(stdout, text, PAGE_COLUMN, text_columns(stdout));
}

static const char *const kind_meanings[] = {
    [PARAM_LATENCY] =
        ("a time with its unit (ps, ns, us, ms, s, min, h), or a distribution: uniform(1us,3us), "
         "exp(50us), lognormal(2us,0.4), pareto(1us,1ms,1.5), table(FILE.csv), "
         "mix(0.9:2us,0.1:exp(50us))"),
    [PARAM_TIME] = "a time with its unit: ps, ns, us, ms, s, min or h",
    [PARAM_COUNT] = "a whole number",
    [PARAM_BYTES] = "a size with its unit: B, kB, MB, KiB, MiB or GiB",
    [PARAM_FREQ] = "a frequency with its unit: Hz, kHz, MHz or GHz",
    [PARAM_RATIO] = "a ratio: a plain number, or in %",
    [PARAM_BOOL] = "a switch",
    [PARAM_ENUM] = "one of the choices",
    [PARAM_NAME] = "a text",
    [PARAM_CPUS] = "a set of CPUs: none, the last N, or some by number",
};

/* The default, and that of explore where it is another one. */
static void page_default(int id)
{
    const param_def *def = &params_table.defs[id];
    param_set *order = param_new_for(&params_table, PARAM_FOR_ORDER);
    char text[160], other[64];

    (void)param_print(order, id, other, sizeof other);
    param_free(order);
    (void)snprintf(text, sizeof text, "%s%s%s%s", def->value,
                   strcmp(def->value, "auto") == 0 ? ": derived from the other settings" : "",
                   strcmp(def->value, other) ? "; of explore and replay " : "",
                   strcmp(def->value, other) ? other : "");
    fact("default", text);
}

/* Commands that take it with --set. The rows of demo say what it compares; follow sends one SMI. */
static void page_commands(int id)
{
    const param_def *def = &params_table.defs[id];
    const uint32_t refusers = id == P_WORKLOAD                     ? OF_FOLLOW
                              : id == P_DELIVERY || id == P_CALLER ? OF_DEMO
                                                                   : 0;
    const uint32_t takers = ((def->use & PARAM_FOR_TIME ? OF_TIMED : 0) |
                             (def->use & PARAM_FOR_ORDER ? OF_ORDER | OF_FOLLOW : 0)) &
                            ~refusers;
    char text[160];
    int used = snprintf(text, sizeof text, "%s",
                        def->use == PARAM_FOR_BOTH ? "time and order" : param_for(def->use));

    for (int c = 0; c < COMMANDS; c++)
        if (takers >> c & 1)
            used += snprintf(text + used, sizeof text - (size_t)used, "%s %s",
                             strchr(text, ':') ? "," : ":", command_rows[c].name);
    fact("for", text);
}

static void page_protocols(int id)
{
    char text[400] = "";
    const step_protocol *p;

    for (int i = 0; (p = setup_protocol_at(i)); i++)
        if (!setup_has(p, id)) {
            const size_t used = strlen(text);

            (void)snprintf(text + used, sizeof text - used, "%s%s", used ? ", " : "refused by ",
                           p->name);
        }
    fact("protocols", *text ? text : "all");
}

/* What the platforms that are shipped say: value, confidence, source. */
static void add_platform(const char *path, const char *name, const char *parameter, text_table *t)
{
    static const char *const required[] = {"parameter", "value", "source", NULL};
    static const char *const optional[] = {"low", "high", "confidence", NULL};
    int at[6];
    csv_table *file;
    sim_err ignored; /* a file that is no platform says nothing */

    if (csv_read(path, &file, &ignored) != SIM_OK)
        return;
    for (int row = 0;
         csv_map(file, required, optional, at, &ignored) == SIM_OK && row < csv_rows(file); row++)
        if (strcmp(csv_field(file, row, at[0]), parameter) == 0) {
            table_row(t, name, csv_field(file, row, at[1]));
            table_add(t, "%s%s%s", at[5] >= 0 ? csv_field(file, row, at[5]) : "",
                      at[5] >= 0 && *csv_field(file, row, at[5]) ? ": " : "",
                      csv_field(file, row, at[2]));
        }
    csv_free_table(file);
}

static void page_platforms(const char *parameter)
{
    char *names[NAMES_MAX];
    text_table *t = table_new("lww");
    folders all;

    folders_find(&all);
    for (int f = 0, found = 0; f < all.count && !found; f++) {
        char folder[512], path[1024];

        (void)snprintf(folder, sizeof folder, "%s/models/platforms", all.path[f]);
        found = names_in(folder, names);
        for (int i = 0; i < found; i++) {
            (void)snprintf(path, sizeof path, "%s/%s.csv", folder, names[i]);
            add_platform(path, names[i], parameter, t);
            free(names[i]);
        }
    }
    (void)printf("\n  platforms that say otherwise%s\n", table_rows(t) ? ":" : ": none");
    table_print(t, 4, stdout);
}

/* All that is known of one. */
static void print_page(int id)
{
    const param_def *def = &params_table.defs[id];
    char range[PARAM_RANGE_MAX];

    (void)printf("%s\n  ", def->name);
    text_wrap(stdout, def->meaning, 2, text_columns(stdout));
    (void)fputc('\n', stdout);
    fact("kind", kind_meanings[def->kind]);
    param_entry_range(def, range, sizeof range);
    if (*range)
        fact(def->kind == PARAM_ENUM || def->kind == PARAM_BOOL ? "choices" : "bounds", range);
    page_default(id);
    page_commands(id);
    page_protocols(id);
    fact("source", *def->source ? def->source : "a setting, not a figure");
    for (int i = 0; i < params_table.renamed_count; i++)
        if (strcmp(params_table.renamed[i].now, def->name) == 0)
            fact("once called", params_table.renamed[i].old);
    page_platforms(def->name);
}

static sim_status params(const options *o, sim_err *err)
{
    const char *name = o->operands ? o->operand[0] : NULL;
    const int id = name ? param_find(&params_table, name) : -1;

    if (name && o->markdown)
        return err_set(err, SIM_BAD_INPUT, "--markdown: prints all parameters (leave %s out)",
                       name);
    if (name && id < 0)
        return param_unknown(&params_table, name, err);
    if (name)
        print_page(id);
    else
        param_print_table(&params_table, o->markdown, stdout);
    return SIM_OK;
}

int cmd_params(int argc, char **argv)
{
    return options_run(argc, argv, params);
}

int cmd_list(int argc, char **argv)
{
    return options_run(argc, argv, print_list);
}
