/* SPDX-License-Identifier: Apache-2.0 */
/* help: --help of the program and of each command, from the tables of commands and options. */
#ifndef SMMSIM_SIM_CLI_HELP_H
#define SMMSIM_SIM_CLI_HELP_H

#include <stdio.h>
#include "sim/cli/words.h"

/* All in TEXT_COLUMNS columns. */
void help_program(FILE *out);
void help_command(command_id command, FILE *out);

/* Is one of the words behind the command's name --help or -h? */
int help_is_asked(int argc, char **argv);

#endif
