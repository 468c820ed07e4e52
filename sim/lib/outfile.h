/* SPDX-License-Identifier: Apache-2.0 */
/* outfile: a file that is written from its start to its end and is there when all of it is. */
#ifndef SMMSIM_SIM_LIB_OUTFILE_H
#define SMMSIM_SIM_LIB_OUTFILE_H

#include <stdio.h>
#include "sim/lib/stage.h"

typedef struct outfile outfile;

/* What was written, as cksum prints it. */
typedef struct {
    uint64_t bytes;
    uint32_t crc;
    uint32_t number; /* of the stage's file */
} outfile_sum;
_Static_assert(sizeof(outfile_sum) == 16, "no padding");

/* A file that the user has named. A regular one is written in a stage beside it and renamed by
 * outfile_close, so that a full disk or an interrupt never destroys what was there; it keeps its
 * permissions; what a symbolic link names is replaced, not the link. Anything else (/dev/stdout,
 * /dev/full, a pipe) is written to directly. SIM_SYSTEM where it cannot be made. */
SIM_MUST_CHECK sim_status outfile_create(const char *path, outfile **out, sim_err *err);
/* A new file of a stage, which stays there; errors name it `path`. *sum is set by outfile_close; if
 * it is NULL, the file is STAGE_LIST. NULL: it cannot be made, errno says why. */
outfile *outfile_stage(stage *s, const char *path, outfile_sum *sum);

/* A write that fails is kept and told by outfile_close; nothing is written after it. */
void outfile_write(outfile *f, const void *bytes, size_t length);
/* The same for who prints; to be closed with fclose before outfile_close. */
FILE *outfile_stream(outfile *f);
/* "path: No space left on device" (SIM_SYSTEM). Frees f, also on error. */
SIM_MUST_CHECK sim_status outfile_close(outfile *f, sim_err *err);
void outfile_abandon(outfile *f); /* leaves what was there; NULL is fine */

#endif
