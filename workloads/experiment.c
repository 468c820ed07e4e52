/* SPDX-License-Identifier: Apache-2.0 */
/* experiment: finds and reads the platform and the workload, and resolves all parameters. */
#include "workloads/experiment.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/lib/bytes.h"
#include "sim/lib/csv.h"
#include "workloads/folders.h"

enum { NAME_MAX_BYTES = 400 };

static int ends_with_csv(const char *name)
{
    size_t length = strlen(name);

    return length > 4 && strcmp(name + length - 4, ".csv") == 0;
}

static int is_csv(const struct dirent *entry)
{
    return ends_with_csv(entry->d_name);
}

/* The nearest name among the files of a folder, in near[]; "" if none is near. */
static void nearest_file(const char *folder, const char *name, char near[64])
{
    const char *names[256];
    struct dirent **files = NULL;
    int found = scandir(folder, &files, is_csv, alphasort);
    int count = 0;
    const char *best;

    for (int i = 0; i < found && count < 256; i++) {
        files[i]->d_name[strlen(files[i]->d_name) - 4] = '\0'; /* without .csv */
        names[count++] = files[i]->d_name;
    }
    best = err_nearest(name, names, count);
    (void)snprintf(near, 64, "%s", best ? best : "");
    for (int i = 0; i < found; i++)
        free(files[i]);
    free(files);
}

/* A path is taken as it is, if there is something. */
static sim_status check_path(const char *what, const char *name, char path[512], sim_err *err)
{
    struct stat info;

    (void)snprintf(path, 512, "%s", name);
    if (stat(path, &info) == 0)
        return SIM_OK; /* whether it can be read is its reader's to say */
    return err_set(err, SIM_BAD_INPUT,
                   "%s: %s (the path of a %s, or a name that `smmsim list %ss` shows)", name,
                   strerror(errno), what, what);
}

static const char *what_is(const char *kind)
{
    if (strcmp(kind, "workloads") == 0)
        return "workload";
    return strcmp(kind, "workloads/sweeps") == 0 ? "sweep" : "platform";
}

/* Not a slip of the pen if there is no folder to look in. */
static sim_status not_found(const char *kind, const char *name, const char *near, sim_err *err)
{
    const char *what = what_is(kind);
    char where[512];
    folders all;

    folders_find(&all);
    for (int i = 0; i < all.count; i++) {
        (void)snprintf(where, sizeof where, "%s/%s", all.path[i], kind);
        if (access(where, F_OK) == 0)
            return err_set(err, SIM_BAD_INPUT,
                           "unknown %s \"%s\" (%s%s%s`smmsim list %ss` shows all)", what, name,
                           near[0] ? "did you mean \"" : "", near, near[0] ? "\"? " : "", what);
    }
    return err_set(err, SIM_BAD_INPUT,
                   "%s \"%s\": no folder %s here, beside the program or in %s (run smmsim where "
                   "it was built, or install it: make install)",
                   what, name, kind, all.path[all.count - 1]);
}

sim_status experiment_find(const char *kind, const char *name, char path[512], sim_err *err)
{
    const char *what = what_is(kind);
    char near[64] = "";
    char where[512];
    folders all;

    if (strlen(name) > NAME_MAX_BYTES)
        return err_set(err, SIM_BAD_INPUT, "%.40s...: name of a %s too long (at most %d bytes)",
                       name, what, NAME_MAX_BYTES);
    if (strcmp(name, "-") == 0)
        return err_set(err, SIM_BAD_INPUT,
                       "-: standard input is not read, since a result is repeated from its files "
                       "(write the %s to a file)",
                       what);
    if (strchr(name, '/') || ends_with_csv(name))
        return check_path(what, name, path, err);
    folders_find(&all);
    for (int i = 0; i < all.count; i++) {
        if (snprintf(path, 512, "%s/%s/%s.csv", all.path[i], kind, name) < 512 &&
            access(path, F_OK) == 0) {
            if (strcmp(all.path[i], ".") == 0)
                (void)snprintf(path, 512, "%s/%s.csv", kind, name);
            return SIM_OK;
        }
        (void)snprintf(where, sizeof where, "%s/%s", all.path[i], kind);
        if (near[0] == '\0')
            nearest_file(where, name, near);
    }
    return not_found(kind, name, near, err);
}

/* A line that is repeated has its tables in each call: once is enough. */
static uint64_t hash_tables(const program *prog, uint64_t hash)
{
    uint32_t line = 0;

    for (uint32_t i = 0; i < prog->calls; i++) {
        const program_call *call = &prog->call[i];

        if (call->line == line && i > 0)
            continue;
        line = call->line;
        hash = call->think ? dist_hash_tables(call->think, hash) : hash;
        hash = call->time ? dist_hash_tables(call->time, hash) : hash;
    }
    return hash;
}

uint64_t experiment_tables(const experiment *e)
{
    uint64_t hash = BYTES_HASH;

    for (int id = 0; id < P_COUNT; id++)
        if (params_table.defs[id].kind == PARAM_LATENCY)
            hash = dist_hash_tables(param_dist(e->params, id), hash);
    return hash == BYTES_HASH ? 0 : hash;
}

/* ---- the shelf -------------------------------------------------------------------------- */

enum { ENTRIES = 12, KEPT_CALLS = 1000000 };

typedef struct {
    uint64_t used; /* when it was last asked for; 0: empty */
    uint64_t digest;
    param_set *params; /* of a platform: defaults and its file */
    program prog;      /* of a workload */
    int cpus;          /* of a workload; 0: a platform */
    char name[512];
    char path[512];
} shelf_entry;

struct experiment_shelf {
    uint64_t clock;
    shelf_entry entry[ENTRIES];
};

experiment_shelf *experiment_shelf_new(void)
{
    return sim_alloc(1, sizeof(experiment_shelf));
}

static void empty(shelf_entry *entry)
{
    param_free(entry->params);
    workload_free(&entry->prog);
    *entry = (shelf_entry){0};
}

void experiment_shelf_free(experiment_shelf *shelf)
{
    for (int i = 0; shelf && i < ENTRIES; i++)
        empty(&shelf->entry[i]);
    free(shelf);
}

/* 1: the entry of this name is there. 0: the one that was not asked for for longest is to become
 * it. */
static int take_entry(experiment_shelf *shelf, const char *name, int cpus, shelf_entry **out)
{
    shelf_entry *oldest = &shelf->entry[0];

    for (int i = 0; i < ENTRIES; i++) {
        shelf_entry *e = &shelf->entry[i];

        oldest = e->used < oldest->used ? e : oldest;
        if (e->used > 0 && e->cpus == cpus && strcmp(e->name, name) == 0) {
            e->used = ++shelf->clock;
            *out = e;
            return 1;
        }
    }
    empty(oldest);
    (void)snprintf(oldest->name, sizeof oldest->name, "%s", name);
    oldest->cpus = cpus;
    oldest->used = ++shelf->clock;
    *out = oldest;
    return 0;
}

enum { AT_NAME, AT_VALUE, AT_SOURCE, AT_LOW, AT_HIGH, AT_CONFIDENCE, AT_COUNT };

/* One number for a figure: of a distribution its mean. */
static int64_t size_of(const param_set *params, int id)
{
    return params_table.defs[id].kind == PARAM_LATENCY ? dist_mean(param_dist(params, id))
                                                       : param_int(params, id);
}

/* An end of the range: fields of the name and of the end. */
static sim_status check_end(const csv_table *table, int row, const int field[2],
                            const shelf_entry *out, sim_err *err)
{
    int id = param_find(&params_table, csv_field(table, row, field[0]));
    const char *text = csv_field(table, row, field[1]);
    const char *side = csv_name(table, field[1]);
    const param_origin origin = {PARAM_USER, "", "", ""};
    param_kind kind = params_table.defs[id].kind;
    param_set *end = param_copy(out->params);
    int64_t beyond = 0;
    sim_err why = {""};
    sim_status s = param_assign(end, params_table.defs[id].name, text, &origin, &why);

    if (kind == PARAM_NAME || kind == PARAM_CPUS || param_is_auto(out->params, id))
        s = err_set(&why, SIM_BAD_INPUT, "has no range (leave low and high empty)");
    if (s == SIM_OK)
        beyond = size_of(end, id) - size_of(out->params, id);
    param_free(end);
    if (s != SIM_OK)
        return csv_error(table, row, field[1], err, "%s", why.text);
    if (strcmp(side, "low") == 0 ? beyond > 0 : beyond < 0)
        return csv_error(table, row, field[1], err,
                         "%s is %s the value (low, value, high: in order)", text,
                         beyond > 0 ? "above" : "below");
    return SIM_OK;
}

/* The range in which the figure may lie, and how well it is known: measured on this machine or
 * elsewhere, summed from parts, guessed. Each may be left out. */
static sim_status check_range(const csv_table *table, int row, const int at[AT_COUNT],
                              const shelf_entry *out, sim_err *err)
{
    static const char *const words[] = {"measured", "elsewhere", "summed", "guessed"};
    sim_status s = SIM_OK;

    for (int i = AT_LOW; i <= AT_HIGH && s == SIM_OK; i++)
        if (at[i] >= 0 && csv_field(table, row, at[i])[0] != '\0')
            s = check_end(table, row, (const int[2]){at[AT_NAME], at[i]}, out, err);
    if (s != SIM_OK || at[AT_CONFIDENCE] < 0 || csv_field(table, row, at[AT_CONFIDENCE])[0] == '\0')
        return s;
    if (err_index(csv_field(table, row, at[AT_CONFIDENCE]), words, 4) >= 0)
        return SIM_OK;
    return csv_error(table, row, at[AT_CONFIDENCE], err,
                     "\"%s\" is no confidence (write measured, elsewhere, summed or guessed)",
                     csv_field(table, row, at[AT_CONFIDENCE]));
}

static sim_status read_platform_row(const csv_table *table, int row, const int at[AT_COUNT],
                                    shelf_entry *out, sim_err *err)
{
    static const char *const not_here[] = {"platform", "workload", "protocol"};
    char place[600];
    char dir[512];
    char *slash;
    const param_origin origin = {PARAM_PLATFORM, place, csv_field(table, row, at[AT_SOURCE]), dir};
    const char *name = csv_field(table, row, at[AT_NAME]);
    sim_err why;
    sim_status s;

    (void)snprintf(place, sizeof place, "%s:%d:%d", folders_shown(csv_path(table)),
                   csv_line(table, row), at[AT_VALUE] + 1);
    (void)snprintf(dir, sizeof dir, "%s", csv_path(table));
    slash = strrchr(dir, '/');
    *(slash ? slash : dir) = '\0';
    if (err_index(name, not_here, 3) >= 0)
        return csv_error(table, row, at[AT_NAME], err,
                         "a platform cannot set \"%s\" (use the option --%s)", name, name);
    for (int before = 0; before < row; before++)
        if (strcmp(csv_field(table, before, at[AT_NAME]), name) == 0)
            return csv_error(table, row, at[AT_NAME], err,
                             "%s was set in line %d already (once only)", name,
                             csv_line(table, before));
    if (origin.source[0] == '\0')
        return csv_error(table, row, at[AT_SOURCE], err,
                         "no source (where the figure comes from, or \"uncalibrated\")");
    s = param_assign(out->params, name, csv_field(table, row, at[AT_VALUE]), &origin, &why);
    return s == SIM_OK ? check_range(table, row, at, out, err)
                       : csv_error(table, row,
                                   param_find(&params_table, name) < 0 ? at[AT_NAME] : at[AT_VALUE],
                                   err, "%s", why.text);
}

static sim_status read_platform(shelf_entry *out, sim_err *err)
{
    static const char *const required[] = {"parameter", "value", "source", NULL};
    static const char *const optional[] = {"low", "high", "confidence", NULL};
    csv_table *table;
    int at[AT_COUNT];
    sim_status s = experiment_find("models/platforms", out->name, out->path, err);

    if (s != SIM_OK)
        return s;
    out->digest = BYTES_HASH;
    s = csv_read_hash(out->path, &out->digest, &table, err);
    if (s != SIM_OK)
        return s;
    s = csv_map(table, required, optional, at, err);
    for (int row = 0; row < csv_rows(table) && s == SIM_OK; row++)
        s = read_platform_row(table, row, at, out, err);
    csv_free_table(table);
    return s;
}

static sim_status get_platform(experiment_shelf *shelf, const char *name, shelf_entry **out,
                               sim_err *err)
{
    sim_status s;

    if (take_entry(shelf, name, 0, out))
        return SIM_OK;
    (*out)->params = param_new_for(&params_table, PARAM_FOR_TIME);
    s = read_platform(*out, err);
    if (s != SIM_OK)
        empty(*out);
    return s;
}

/* Beside the newest one only those are kept that are small together. */
static void drop_large(experiment_shelf *shelf, const shelf_entry *newest)
{
    uint64_t calls = 0;

    for (int i = 0; i < ENTRIES; i++) {
        shelf_entry *e = &shelf->entry[i];

        if (e != newest && calls + e->prog.calls > KEPT_CALLS)
            empty(e);
        calls += e != newest ? e->prog.calls : 0;
    }
}

static sim_status get_program(experiment_shelf *shelf, const param_set *params, shelf_entry **out,
                              sim_err *err)
{
    const char *name = param_name(params, P_WORKLOAD);
    const int cpus = (int)param_int(params, P_CPUS);
    shelf_entry *e;
    sim_status s;

    if (take_entry(shelf, name, cpus, out))
        return SIM_OK;
    e = *out;
    s = experiment_find("workloads", name, e->path, err);
    if (s == SIM_OK)
        s = workload_load(e->path, cpus, &e->prog, err);
    if (s == SIM_OK)
        e->digest = hash_tables(&e->prog, e->prog.digest);
    else
        empty(e);
    drop_large(shelf, e);
    return s;
}

/* ---- loading ---------------------------------------------------------------------------- */

/* A place in a file stands before the error; an option is named in the error already. */
static sim_status at_place(sim_status s, const char *place, sim_err *err)
{
    return s != SIM_OK && strchr(place, ':') ? err_prefix(err, s, "%s", place) : s;
}

static sim_status load_platform(const experiment_request *request, experiment *out, sim_err *err)
{
    const char *name = params_table.defs[P_PLATFORM].value;
    const char *place = "";
    shelf_entry *entry;
    sim_status s;

    for (int i = 0; i < request->count; i++)
        if (strcmp(request->setting[i].name, params_table.defs[P_PLATFORM].name) == 0) {
            name = request->setting[i].value;
            place = request->setting[i].place;
        }
    s = at_place(get_platform(request->shelf, name, &entry, err), place, err);
    if (s != SIM_OK)
        return s;
    out->params = param_copy(entry->params);
    if (request->orders)
        param_accept(out->params, PARAM_FOR_BOTH);
    (void)snprintf(out->platform_path, sizeof out->platform_path, "%s", folders_shown(entry->path));
    out->platform_digest = entry->digest;
    return SIM_OK;
}

static sim_status load_workload(const experiment_request *request, experiment *out, sim_err *err)
{
    shelf_entry *entry;
    sim_status s = get_program(request->shelf, out->params, &entry, err);

    if (s != SIM_OK)
        return at_place(s, param_place(out->params, P_WORKLOAD), err);
    out->prog = entry->prog; /* the entry's still */
    (void)snprintf(out->workload_path, sizeof out->workload_path, "%s", folders_shown(entry->path));
    out->workload_digest = entry->digest;
    return SIM_OK;
}

static sim_status load(const experiment_request *request, experiment *out, sim_err *err)
{
    sim_status s = load_platform(request, out, err);

    for (int i = 0; i < request->count && s == SIM_OK; i++) {
        const experiment_setting *set = &request->setting[i];
        const param_origin origin = {PARAM_USER, set->place, "set by the user", ""};

        s = param_assign(out->params, set->name, set->value, &origin, err);
        if (s != SIM_OK)
            return err_prefix(err, s, "%s", set->place);
    }
    if (s == SIM_OK)
        s = load_workload(request, out, err);
    return s == SIM_OK ? setup_resolve(out->params, &out->prog, &out->setup, err) : s;
}

sim_status experiment_load_from(const experiment_request *request, experiment *out, sim_err *err)
{
    experiment_request r = *request;
    sim_status s;

    memset(out, 0, sizeof *out);
    if (!r.shelf)
        r.shelf = out->own = experiment_shelf_new();
    s = load(&r, out, err);
    if (s != SIM_OK)
        experiment_free(out);
    return s;
}

sim_status experiment_load(const experiment_setting *settings, int count, experiment *out,
                           sim_err *err)
{
    const experiment_request request = {.setting = settings, .count = count};

    return experiment_load_from(&request, out, err);
}

sim_status experiment_spare(const experiment *e, const char *path, sim_err *err)
{
    const char *const read[] = {e->platform_path, e->workload_path};
    struct stat input, output;

    for (int i = 0; i < 2; i++)
        if (stat(read[i], &input) == 0 && stat(path, &output) == 0 &&
            input.st_dev == output.st_dev && input.st_ino == output.st_ino)
            return err_set(err, SIM_BAD_INPUT, "%s: the %s that is run (use another name)", path,
                           i == 0 ? "platform" : "workload");
    return SIM_OK;
}

void experiment_free(experiment *e)
{
    param_free(e->params);
    experiment_shelf_free(e->own);
    memset(e, 0, sizeof *e);
}
