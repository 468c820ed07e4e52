/* SPDX-License-Identifier: Apache-2.0 */
/* explore_table: every version in every setting, searched and put into one table. */
#ifndef SMMSIM_SIM_CLI_EXPLORE_TABLE_H
#define SMMSIM_SIM_CLI_EXPLORE_TABLE_H

#include "models/explore/smm.h"

/* Prints a Markdown table: a row for each version, mode, delivery and election; shortest violation
 * of each property with 2 CPUs and 1 and 2 SMIs, and the verdict with 3 and 4 CPUs (reduced
 * search). Uses ceiling, seconds and threads of `options`. `journal` (or NULL): a file that keeps
 * the searches that are done; they are not done again. */
SIM_MUST_CHECK sim_status explore_table_print(const explore_options *options, const char *journal,
                                              FILE *out, sim_err *err);

#endif
