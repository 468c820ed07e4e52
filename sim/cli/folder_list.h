/* SPDX-License-Identifier: Apache-2.0 */
/* folder_list: the files that a run.csv lists, and whether they are what was written. */
#ifndef SMMSIM_SIM_CLI_FOLDER_LIST_H
#define SMMSIM_SIM_CLI_FOLDER_LIST_H

#include <sys/stat.h>
#include "sim/cli/folder.h"

/* Private to folder. */
typedef struct {
    char *name;
    outfile_sum sum;
    struct stat info; /* of the file, once folder_list_same has found it the same */
    int there;        /* and whether it was there then */
} folder_entry;

typedef struct {
    char command[32];
    folder_entry **entry; /* of a list that was read: sorted by name */
    uint64_t count, room;
} folder_list;

/* A folder and its folder hgrm, which is opened when it is needed. */
typedef struct {
    int fd, hgrm; /* -1: not open */
} folder_place;

void folder_place_close(folder_place *p);
/* The open folder in which `name` lies, and the rest of the name; -1: errno says why not, ELOOP or
 * ENOTDIR for what is no folder of ours. `make`: hgrm is made if it is not there. */
int folder_place_of(folder_place *p, const char *name, int make, const char **rest);

/* NAME or hgrm/NAME, and not run.csv: what a list may hold. A list that somebody else has written
 * leads nowhere else. */
int folder_list_may(const char *name);
/* 1: it is a list of ours, in *list; 0: it is not; -1: there is no such file. */
int folder_list_read(const char *path, folder_list *list);
folder_entry *folder_list_find(const folder_list *list,
                               const char *name); /* in one that was read */
folder_entry *folder_list_add(folder_list *list, const char *name);
void folder_list_free(folder_list *list);
/* The content of the file: 0 the same, or it is not there; EBADMSG another; else an errno. */
int folder_list_same(folder_place *p, folder_entry *e);

#endif
