/* SPDX-License-Identifier: Apache-2.0 */
/* input: opens and reads the files that a user names: regular ones only, up to a stated size. */
#ifndef SMMSIM_SIM_LIB_INPUT_H
#define SMMSIM_SIM_LIB_INPUT_H

#include <stdio.h>
#include "sim/lib/bytes.h"

/* The one way in: everything that is read is opened here. A folder, a pipe, a socket and a device
 * are refused, and nobody waits for one: "path: a pipe (write what comes out of it to a file
 * first)". What is read may be read again, by another thread or to repeat a result: so there is no
 * standard input either, unless it is a file (/dev/stdin). All errors are SIM_BAD_INPUT, but
 * SIM_SYSTEM for a failing disk and a system that has no more files. What is opened is the
 * caller's to close. */
SIM_MUST_CHECK sim_status input_stream(const char *path, FILE **out, sim_err *err);

/* All bytes, to be freed also on error. More than `most`, a whole number of MiB: "path:1:1: the
 * file is larger than 256 MiB (split it)". */
SIM_MUST_CHECK sim_status input_read(const char *path, uint64_t most, bytes *out, sim_err *err);

#endif
