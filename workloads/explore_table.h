/* SPDX-License-Identifier: Apache-2.0 */
/* explore_table: every version in every setting, searched and put into one table. */
#ifndef SMMSIM_WORKLOADS_EXPLORE_TABLE_H
#define SMMSIM_WORKLOADS_EXPLORE_TABLE_H

#include "models/explore_smm.h"

/* Prints a Markdown table: a row for each version, mode, delivery and election; shortest violation
 * of each property with 2 CPUs and 1 and 2 SMIs, and the verdict with 3 CPUs (reduced search). Uses
 * ceiling and threads of `options`. */
SIM_MUST_CHECK sim_status explore_table_print(const explore_options *options, FILE *out,
                                              sim_err *err);

#endif
