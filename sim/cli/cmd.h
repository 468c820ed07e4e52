/* SPDX-License-Identifier: Apache-2.0 */
/* cmd: the subcommands; argv[0] is the subcommand's name, the value is the exit status. */
#ifndef SMMSIM_SIM_CLI_CMD_H
#define SMMSIM_SIM_CLI_CMD_H

int cmd_run(int argc, char **argv);
int cmd_demo(int argc, char **argv);
int cmd_sweep(int argc, char **argv);
int cmd_compare(int argc, char **argv);
int cmd_follow(int argc, char **argv);
int cmd_params(int argc, char **argv);
int cmd_list(int argc, char **argv);
int cmd_noise(int argc, char **argv);

#endif
