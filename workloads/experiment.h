/* SPDX-License-Identifier: Apache-2.0 */
/* experiment: from names and settings to a machine ready to run: platform, workload, parameters. */
#ifndef SMMSIM_WORKLOADS_EXPERIMENT_H
#define SMMSIM_WORKLOADS_EXPERIMENT_H

#include "models/machine/setup.h"
#include "workloads/workload.h"

typedef struct {
    const char *name; /* of the parameter */
    const char *value;
    const char *place; /* for messages: "--set", "sweep.csv:3:2" */
} experiment_setting;

typedef struct {
    param_set *params;
    program prog;
    machine_setup setup;
    char platform_path[512];
    char workload_path[512];
    uint64_t platform_digest;     /* of the file's bytes */
    uint64_t workload_digest;     /* of the file's bytes, and of the tables that it names */
    struct experiment_shelf *own; /* or NULL: the files are on another shelf */
} experiment;

/* Settings are the user's and outrank the platform's file; later ones outrank earlier ones. A name
 * of a platform or workload is looked up as models/platforms/NAME.csv and workloads/NAME.csv in
 * workloads/folders.h's folders; one with a slash or ending in .csv is a path. */
SIM_MUST_CHECK sim_status experiment_load(const experiment_setting *settings, int count,
                                          experiment *out, sim_err *err);
void experiment_free(experiment *e);
/* SIM_BAD_INPUT if `path`, a file to be written, is the platform or the workload that was read. */
SIM_MUST_CHECK sim_status experiment_spare(const experiment *e, const char *path, sim_err *err);

/* Files that were read, kept for the next experiment: for the many of one thread of a sweep. The
 * shelf must outlive its experiments, and no more than one of them may live at a time. */
typedef struct experiment_shelf experiment_shelf;
experiment_shelf *experiment_shelf_new(void);
void experiment_shelf_free(experiment_shelf *shelf); /* NULL is fine */
typedef struct {
    const experiment_setting *setting;
    int count;
    experiment_shelf *shelf; /* NULL: one of its own */
    int orders;              /* what only orders have is taken, too, as explore does */
} experiment_request;
SIM_MUST_CHECK sim_status experiment_load_from(const experiment_request *request, experiment *out,
                                               sim_err *err);

/* Path of a data file, as above. `kind` is "models/platforms" or "workloads". */
SIM_MUST_CHECK sim_status experiment_find(const char *kind, const char *name, char path[512],
                                          sim_err *err);

/* Digest of what is in the tables that parameters name; 0 if none does. */
uint64_t experiment_tables(const experiment *e);

#endif
