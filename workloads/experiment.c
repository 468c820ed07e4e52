/* SPDX-License-Identifier: Apache-2.0 */
/* experiment: finds and reads the platform and the workload, and resolves all parameters. */
#include "workloads/experiment.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/csv.h"

#ifndef SMMSIM_DATADIR
#define SMMSIM_DATADIR "/usr/local/share/smmsim"
#endif

const char *const *experiment_folders(void)
{
    static const char *const folders[] = {".", SMMSIM_DATADIR, NULL};

    return folders;
}

static int is_path(const char *name)
{
    size_t length = strlen(name);

    return strchr(name, '/') != NULL || (length > 4 && strcmp(name + length - 4, ".csv") == 0);
}

/* The nearest name among the files of a folder, in near[]; "" if none is near. */
static void nearest_file(const char *folder, const char *name, char near[64])
{
    const char *names[256];
    int count = 0;
    DIR *dir = opendir(folder);
    const char *best;

    near[0] = '\0';
    for (struct dirent *e = dir ? readdir(dir) : NULL; e && count < 256; e = readdir(dir)) {
        size_t length = strlen(e->d_name);

        if (length > 4 && strcmp(e->d_name + length - 4, ".csv") == 0)
            names[count++] = strndup(e->d_name, length - 4);
    }
    best = err_nearest(name, names, count);
    if (best)
        (void)snprintf(near, 64, "%s", best);
    for (int i = 0; i < count; i++)
        free((void *)(uintptr_t)names[i]);
    if (dir)
        (void)closedir(dir);
}

sim_status experiment_find(const char *kind, const char *name, char path[512], sim_err *err)
{
    const char *what = strcmp(kind, "workloads") == 0 ? "workload" : "platform";
    const char *const *folder = experiment_folders();
    char near[64] = "";
    char where[512];

    if (is_path(name)) {
        (void)snprintf(path, 512, "%s", name);
        return SIM_OK;
    }
    for (; *folder; folder++) {
        (void)snprintf(path, 512, "%s/%s/%s.csv", *folder, kind, name);
        if (access(path, F_OK) == 0) {
            if (strcmp(*folder, ".") == 0)
                (void)snprintf(path, 512, "%s/%s.csv", kind, name);
            return SIM_OK;
        }
        (void)snprintf(where, sizeof where, "%s/%s", *folder, kind);
        if (near[0] == '\0')
            nearest_file(where, name, near);
    }
    return err_set(err, SIM_BAD_INPUT, "unknown %s \"%s\" (%s%s%s`smmsim list %ss` shows all)",
                   what, name, near[0] ? "did you mean \"" : "", near, near[0] ? "\"? " : "", what);
}

/* FNV-1a over the file's bytes; files that can't be read are found out by their reader. */
static uint64_t digest_file(const char *path)
{
    uint64_t digest = UINT64_C(0xcbf29ce484222325);
    FILE *file = fopen(path, "rb");

    for (int c = file ? getc(file) : EOF; c != EOF; c = getc(file))
        digest = (digest ^ (uint64_t)c) * UINT64_C(0x100000001b3);
    if (file)
        (void)fclose(file);
    return digest;
}

static sim_status read_platform_row(const csv_table *table, int row, const int at[3],
                                    experiment *out, sim_err *err)
{
    static const char *const not_here[] = {"platform", "workload", "protocol"};
    char place[600];
    char dir[512];
    char *slash;
    const param_origin origin = {PARAM_PLATFORM, place, csv_field(table, row, at[2]), dir};
    const char *name = csv_field(table, row, at[0]);
    sim_err why;
    sim_status s;

    (void)snprintf(place, sizeof place, "%s:%d", csv_path(table), csv_line(table, row));
    (void)snprintf(dir, sizeof dir, "%s", csv_path(table));
    slash = strrchr(dir, '/');
    *(slash ? slash : dir) = '\0';
    for (int i = 0; i < 3; i++)
        if (strcmp(name, not_here[i]) == 0)
            return csv_error(table, row, at[0], err,
                             "a platform cannot set \"%s\" (use the option --%s)", name, name);
    if (origin.source[0] == '\0')
        return csv_error(table, row, at[2], err,
                         "no source (where the figure comes from, or \"uncalibrated\")");
    s = param_assign(out->params, name, csv_field(table, row, at[1]), &origin, &why);
    return s == SIM_OK ? SIM_OK
                       : csv_error(table, row, param_find(&params_table, name) < 0 ? at[0] : at[1],
                                   err, "%s", why.text);
}

static sim_status read_platform(experiment *out, sim_err *err)
{
    static const char *const required[] = {"parameter", "value", "source", NULL};
    static const char *const optional[] = {NULL};
    csv_table *table;
    int at[3];
    sim_status s = experiment_find("models/platforms", param_name(out->params, P_PLATFORM),
                                   out->platform_path, err);

    if (s != SIM_OK)
        return s;
    s = csv_read(out->platform_path, &table, err);
    if (s != SIM_OK)
        return s;
    s = csv_map(table, required, optional, at, err);
    for (int row = 0; row < csv_rows(table) && s == SIM_OK; row++)
        s = read_platform_row(table, row, at, out, err);
    for (int row = 1; row < csv_rows(table) && s == SIM_OK; row++)
        for (int before = 0; before < row && s == SIM_OK; before++)
            if (strcmp(csv_field(table, row, at[0]), csv_field(table, before, at[0])) == 0)
                s = csv_error(table, row, at[0], err, "%s was set in line %d already (once only)",
                              csv_field(table, row, at[0]), csv_line(table, before));
    csv_free_table(table);
    out->platform_digest = digest_file(out->platform_path);
    return s;
}

static sim_status load(const experiment_setting *settings, int count, experiment *out, sim_err *err)
{
    sim_status s = SIM_OK;

    for (int i = 0; i < count; i++) {
        const param_origin origin = {PARAM_USER, settings[i].place, "set by the user", ""};

        s = param_assign(out->params, settings[i].name, settings[i].value, &origin, err);
        if (s != SIM_OK)
            return err_prefix(err, s, "%s", settings[i].place);
    }
    s = read_platform(out, err);
    if (s == SIM_OK)
        s = experiment_find("workloads", param_name(out->params, P_WORKLOAD), out->workload_path,
                            err);
    if (s == SIM_OK)
        s = workload_load(out->workload_path, (int)param_int(out->params, P_CPUS), &out->prog, err);
    if (s != SIM_OK)
        return s;
    out->workload_digest = digest_file(out->workload_path);
    return setup_resolve(out->params, &out->prog, &out->setup, err);
}

sim_status experiment_load(const experiment_setting *settings, int count, experiment *out,
                           sim_err *err)
{
    sim_status s;

    memset(out, 0, sizeof *out);
    out->params = param_new(&params_table);
    s = load(settings, count, out, err);
    if (s != SIM_OK)
        experiment_free(out);
    return s;
}

void experiment_free(experiment *e)
{
    workload_free(&e->prog);
    param_free(e->params);
    memset(e, 0, sizeof *e);
}
