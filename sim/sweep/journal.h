/* SPDX-License-Identifier: Apache-2.0 */
/* journal: results on the disk as they come, and found again in the order of tasks. */
#ifndef SMMSIM_SIM_SWEEP_JOURNAL_H
#define SMMSIM_SIM_SWEEP_JOURNAL_H

#include "sim/sweep/sweep.h"

/* Private to sweep. FOLDER/journal holds a file for each rank of each start, named START-RANK; a
 * file is only ever appended to, by one process, and never after that has ended. It begins with the
 * key; every record has a checksum, and reading ends at the first one that is not whole: what a
 * crash left of the last write. */
typedef struct {
    int fd;
    int error; /* errno of the first write that failed; nothing is written after it */
    char path[600];
    bytes buffer; /* not written yet */
    uint64_t records;
} sweep_journal;

/* Makes FOLDER/journal if it is not there; a link of that name is refused. Who owns the folder
 * (folder.h) is the only one to do so. */
SIM_MUST_CHECK sim_status sweep_journal_open(const char *folder, sim_err *err);
/* Whether a file of the open folder `journal` is ours: its name is START-RANK, and it begins as our
 * files do, or is empty yet. Nothing else there is ever read, counted or removed. */
int sweep_journal_owns(int journal, const char *name);
/* Starts so far; 0 if there is no journal. */
uint32_t sweep_journal_starts(const char *folder);

typedef struct {
    const char *folder;
    const char *key;
    uint32_t start, rank;
} sweep_journal_name;
SIM_MUST_CHECK sim_status sweep_journal_create(const sweep_journal_name *name, sweep_journal *out,
                                               sim_err *err);
/* Whether the file of another rank of the same start is there. */
int sweep_journal_sees(const sweep_journal *j, uint32_t rank);
/* All tasks of points below `first` are in some file by now. */
void sweep_journal_add(sweep_journal *j, const sweep_task *task, uint64_t first,
                       const bytes *result);
void sweep_journal_write(sweep_journal *j); /* to the operating system */
/* Writes what is left and closes; the first error since the beginning. */
SIM_MUST_CHECK sim_status sweep_journal_close(sweep_journal *j, sim_err *err);

/* Removes all files of ours, and the folder if it is empty then. */
void sweep_journal_remove(const char *folder);

/* ---- reading ---- */

typedef struct sweep_log sweep_log;
/* All files, however many. One with another key: SIM_BAD_INPUT, which says what differs. No files:
 * an empty log. What is in the files is input: a record that is damaged, cannot be, or is not
 * `usable` for the model counts as not there. */
SIM_MUST_CHECK sim_status sweep_log_open(const sweep_spec *spec, const sweep_model *model,
                                         sweep_log **out, sim_err *err);
/* A line on standard error for each file with records that were read and cannot be used. */
void sweep_log_tell(const sweep_log *log);
void sweep_log_close(sweep_log *log); /* NULL is fine */
/* The result of a task, in *result; 0 if it is not there. Each task can be asked for once, roughly
 * in the order they were given out; results of points below `first` are forgotten. */
int sweep_log_find(sweep_log *log, const sweep_task *task, uint64_t first, bytes *result);

#endif
