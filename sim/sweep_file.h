/* SPDX-License-Identifier: Apache-2.0 */
/* sweep_file: the bytes of a journal's file: its head, its records, and reading them one by one. */
#ifndef SMMSIM_SIM_SWEEP_FILE_H
#define SMMSIM_SIM_SWEEP_FILE_H

#include "sim/sweep.h"

/* Private to sweep. All numbers are little-endian.
 *   head:   "smmjrnl1", length of the key, key, hash of all that
 *   record: length of the result, point, repetition, first, result, hash of all that */
enum { SWEEP_FILE_MAGIC = 8 };
/* Whether `length` bytes at the front of a file, that many or all that it has, can be ours. */
int sweep_file_begins(const char head[SWEEP_FILE_MAGIC], int64_t length);
void sweep_file_head(bytes *to, const char *key);
void sweep_file_record(bytes *to, const sweep_task *task, uint64_t first, const bytes *result);

typedef struct {
    uint64_t point, repetition;
    uint64_t first;  /* all tasks of points below were done */
    uint64_t offset; /* of the result in the file */
    uint64_t length; /* of the result */
} sweep_file_entry;

typedef struct {
    int fd;
    int ended;       /* no whole record follows */
    uint64_t offset; /* of buffer.at[used] in the file */
    size_t used;     /* bytes of the buffer that were read */
    bytes buffer;
} sweep_file;

/* Opens for reading. 1: the head is whole and *key (to be freed) is its key; 0: it is not, and the
 * file counts as empty; negative: -errno. */
int sweep_file_open(const char *path, sweep_file *out, char **key);
void sweep_file_close(sweep_file *f);
/* The next record; 0 at the end or where a record is not whole. */
int sweep_file_next(sweep_file *f, sweep_file_entry *entry);
/* The result of a record that was read; 0 if the file gives it no more. */
int sweep_file_result(const sweep_file *f, const sweep_file_entry *entry, bytes *result);

#endif
