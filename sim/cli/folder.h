/* SPDX-License-Identifier: Apache-2.0 */
/* folder: the folder of a result: one owner at a time, one result in it, and nothing of others. */
#ifndef SMMSIM_SIM_CLI_FOLDER_H
#define SMMSIM_SIM_CLI_FOLDER_H

#include "sim/lib/csv.h"

/* A result is run.csv and the files that it lists. run.csv has the columns name, value, place and
 * source; its first row is "command" and what has made the result, and each data file has a row
 * "file": value is what POSIX's cksum prints of it, checksum and bytes, and place its name. It is
 * renamed last, so that a folder without it holds no result.
 *
 * A file is ours if run.csv lists it and its content is what was written: nothing else is ever
 * replaced or removed, nor written through a link. The new files grow in a stage and take the place
 * of the old result all at once, in folder_commit: what fails or is interrupted before leaves the
 * old result as it was. */
typedef struct folder_owned folder_owned;

typedef struct {
    const char *path;
    const char *command;      /* that makes the result */
    const char *const *names; /* files and folders that results are made of, NULL at the end */
    int force;                /* another command's result, or a journal, may be replaced, too */
    int journal;              /* the command keeps a journal of its own there (sweep.h)... */
    int resume;               /* ... and goes on with the one that is there */
} folder_request;

/* Makes the folder, with those above it, and locks it until folder_close. SIM_BAD_INPUT, which
 * names the file: another command's result or journal is there, a file of the result was changed,
 * or a file of one of the names is not of it. SIM_SYSTEM: another process owns the folder, or what
 * the file system says. */
SIM_MUST_CHECK sim_status folder_open(const folder_request *r, folder_owned **out, sim_err *err);

/* A new file of the result, in the folder or in its folder hgrm ("hgrm/NAME"), to be closed before
 * folder_commit. SIM_BAD_INPUT if a file of that name is there that is not of the old result. */
SIM_MUST_CHECK sim_status folder_file(folder_owned *f, const char *name, outfile **out,
                                      sim_err *err);
/* run.csv, with its head and the row "command"; the folder's, for the caller's rows. */
csv_writer *folder_facts(folder_owned *f);
/* If `path` is a file right in the folder, its name there; else NULL. */
const char *folder_name_in(const folder_owned *f, const char *path);
/* Replaces the old result by the new one. After an error the old one is as it was. */
SIM_MUST_CHECK sim_status folder_commit(folder_owned *f, sim_err *err);
/* Removes what was not committed, unlocks and frees; NULL is fine. */
void folder_close(folder_owned *f);

/* ---- for who reads, or writes a single file ---- */

/* The value of the first row `name` of the folder's run.csv, to be freed; NULL: it has none. */
SIM_MUST_CHECK sim_status folder_fact(const char *folder, const char *name, char **value,
                                      sim_err *err);
/* Those of the files that are there must be of the result, unchanged; SIM_BAD_INPUT. */
SIM_MUST_CHECK sim_status folder_check(const char *path, const char *const *names, sim_err *err);
/* SIM_BAD_INPUT if `path`, a file that the user has named, is or leads to a part of the result in
 * its folder: run.csv, a listed file or one of `names`; or to a lock. */
SIM_MUST_CHECK sim_status folder_spare(const char *path, const char *const *names, sim_err *err);

#endif
