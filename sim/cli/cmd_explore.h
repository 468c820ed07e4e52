/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_explore: the subcommands explore and replay. */
#ifndef SMMSIM_SIM_CLI_CMD_EXPLORE_H
#define SMMSIM_SIM_CLI_CMD_EXPLORE_H

#include <stdio.h>

/* argv[0] is the subcommand. Both print on stdout and return the exit status. */
int cmd_explore(int argc, char **argv);
int cmd_replay(int argc, char **argv);

/* For `smmsim list mutants`: id, upstream's fix, property violated, what it is. */
void cmd_list_mutants(FILE *out);

#endif
