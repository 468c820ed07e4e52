/* SPDX-License-Identifier: Apache-2.0 */
/* folders: where the shipped data files are, whatever the working folder is. */
#ifndef SMMSIM_WORKLOADS_FOLDERS_H
#define SMMSIM_WORKLOADS_FOLDERS_H

#include "sim/lib/base.h"

enum { FOLDERS_MAX = 4, FOLDERS_BYTES = 256 };

typedef struct {
    int count;
    char path[FOLDERS_MAX][FOLDERS_BYTES];
} folders;

/* Folders with models/platforms and workloads, in the order in which they are searched: the working
 * folder as ".", that of the program file (it was built there), share/smmsim beside its bin (it was
 * installed there, or moved with all that belongs to it), and last where `make install` would have
 * put them. The first and the last are named even if nothing is there, the others only if they
 * have files; none is named twice, and none that is longer than FOLDERS_BYTES. */
void folders_find(folders *out);

/* The path for data files: that of a shipped file without its folder, so that results do not depend
 * on where it was found; another one as it is. Points into `path`. */
const char *folders_shown(const char *path);

#endif
