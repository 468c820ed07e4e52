/* SPDX-License-Identifier: Apache-2.0 */
/* main: the subcommands of smmsim; the only file of sim/ that knows the rest. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sim/lib/interrupt.h"
#include "sim/lib/base.h"
#include "sim/cli/cmd.h"
#include "sim/cli/cmd_explore.h"
#include "sim/cli/help.h"

#ifndef SMMSIM_VERSION
#define SMMSIM_VERSION "unknown"
#endif

/* To follow one SMI from trigger to RSM, read: the step table of edk2
 * (models/protocol/edk2_steps.h), what reads it (models/protocol/steps.c), the parts of the machine
 * that perform it in time (models/machine/thread.c, deliver.c, driver.c), the event set
 * (sim/lib/evset.c). */

#define ENTRY(id, name, function, ...) {function},
static const struct {
    int (*run)(int argc, char **argv);
} entries[COMMANDS] = {COMMAND_TABLE(ENTRY)};
#undef ENTRY

static int run_command(int argc, char **argv)
{
    const char *names[COMMANDS];
    const char *near;
    command_id command;

    if (argc < 2) {
        help_program(stderr);
        return SIM_BAD_INPUT;
    }
    if (strcmp(argv[1], "help") == 0 || help_is_asked(2, argv)) {
        help_program(stdout);
        return SIM_OK;
    }
    if (strcmp(argv[1], "--version") == 0) {
        (void)printf("smmsim %s\n", SMMSIM_VERSION);
        return SIM_OK;
    }
    command = words_command(argv[1]);
    if (command < COMMANDS && help_is_asked(argc - 1, argv + 1)) {
        help_command(command, stdout);
        return SIM_OK;
    }
    if (command < COMMANDS)
        return entries[command].run(argc - 1, argv + 1);
    for (int i = 0; i < COMMANDS; i++)
        names[i] = command_rows[i].name;
    near = err_nearest(argv[1], names, COMMANDS);
    err_tell("unknown command \"%s\" (%s%s%s`smmsim --help` shows all)", argv[1],
             near ? "did you mean \"" : "", near ? near : "", near ? "\"? " : "");
    return SIM_BAD_INPUT;
}

/* A file that is opened would take the place of a standard one that is closed, and get what is
 * meant for that. Reading and writing still fail. */
static void hold_standard(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 &&
            open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0)
            return;
}

int main(int argc, char **argv)
{
    int status;

    hold_standard();

    interrupt_begin();
    status = run_command(argc, argv);
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    err_tell("standard output: cannot be written (is the disk full?)");
    return status == SIM_OK ? SIM_SYSTEM : status;
}
