/* SPDX-License-Identifier: Apache-2.0 */
/* file: the bytes of a journal's file: its head, its records, and reading them one by one. */
#ifndef SMMSIM_SIM_SWEEP_FILE_H
#define SMMSIM_SIM_SWEEP_FILE_H

#include "sim/sweep/sweep.h"

/* Private to sweep. All numbers are little-endian.
 *   head:   "smmjrnl2", length of the key, key, hash of all that
 *   record: length of the result and "SMMR", point, repetition and ordinal, first, result, hash of
 *           all that
 * By the four letters the next record is found behind a damaged one; by the ordinal, which counts
 * the records of a file, how many are missing. */
enum { SWEEP_FILE_MAGIC = 8 };
/* Whether `length` bytes at the front of a file, that many or all that it has, can be ours. */
int sweep_file_begins(const char head[SWEEP_FILE_MAGIC], int64_t length);

typedef struct {
    uint64_t point;
    uint64_t first;  /* all tasks of points below were done */
    uint64_t offset; /* of the result in the file */
    uint32_t repetition;
    uint32_t ordinal;
    uint32_t length; /* of the result */
    uint32_t reserved;
} sweep_file_entry;
_Static_assert(sizeof(sweep_file_entry) == 40, "no padding");

void sweep_file_head(bytes *to, const char *key);
/* Sets entry->length to that of the result. */
void sweep_file_record(bytes *to, sweep_file_entry *entry, const bytes *result);

/* Why a record cannot be used: its bytes were changed or are missing; the file ends in it; what it
 * says cannot be. */
enum { SWEEP_DAMAGED, SWEEP_CUT, SWEEP_IMPLAUSIBLE, SWEEP_FAULTS };

/* It may be closed at any time and is opened again when it is needed. */
typedef struct {
    char *path;
    int fd;          /* -1: closed */
    int ended;       /* no whole record follows */
    size_t read_min; /* bytes that are read at once; the caller's */
    uint64_t offset; /* of buffer.at[used] in the file */
    size_t used;     /* bytes of the buffer that were read */
    bytes buffer;
    uint32_t next;               /* ordinal */
    uint32_t tries;              /* to find a record again, that failed */
    uint64_t lost[SWEEP_FAULTS]; /* records */
    int headless;                /* the head is damaged: nothing is known of the rest */
    int rest_lost;               /* at least: to the end of the file none was found again */
} sweep_file;

/* Opens for reading. 1: the head is whole and *key (to be freed) is its key; 0: it is not, and the
 * file counts as empty; negative: -errno. */
int sweep_file_open(const char *path, sweep_file *out, char **key);
void sweep_file_rest(sweep_file *f); /* closes the descriptor until it is needed */
void sweep_file_close(sweep_file *f);
/* The next whole record; 0 at the end. */
int sweep_file_next(sweep_file *f, sweep_file_entry *entry);
/* The result of a record that was read; 0 if the file gives it no more. */
int sweep_file_result(sweep_file *f, const sweep_file_entry *entry, bytes *result);

#endif
