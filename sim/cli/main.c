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

#ifndef SMMSIM_VERSION
#define SMMSIM_VERSION "unknown"
#endif

/* To follow one SMI from trigger to RSM, read: the step table of edk2
 * (models/protocol/edk2_steps.h), what reads it (models/protocol/steps.c), the parts of the machine
 * that perform it in time (models/machine/thread.c, deliver.c, driver.c), the event set
 * (sim/lib/evset.c). */

typedef struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
} command;

static const command commands[] = {
    {"run", cmd_run, "one setting: latencies, counts, where the time went"},
    {"demo", cmd_demo, "the three-second slowdown, unicast against broadcast"},
    {"sweep", cmd_sweep, "many settings: every point of a sweep file, on all processors"},
    {"compare", cmd_compare, "the difference of two results or points, and whether it is real"},
    {"explore", cmd_explore, "every interleaving: is there an order that breaks the protocol?"},
    {"replay", cmd_replay, "a schedule that explore has found, step by step"},
    {"noise", cmd_noise, "when a CPU is away in SMM, as a trace for noise simulators"},
    {"params", cmd_params, "every parameter: unit, default, bounds, meaning, source"},
    {"list", cmd_list, "platforms, workloads, protocols, metrics, mutants"},
};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

static void print_help(FILE *to)
{
    (void)fprintf(to, "usage: smmsim COMMAND [options]\n\n"
                      "Simulates how the CPUs of an x86 machine meet in System Management Mode.\n");
    for (int i = 0; i < COMMANDS; i++)
        (void)fprintf(to, "  %-8s %s\n", commands[i].name, commands[i].summary);
    (void)fprintf(to,
                  "\n`smmsim COMMAND --help` explains a command; the manual page is smmsim(1).\n");
}

static int run_command(int argc, char **argv)
{
    const char *names[COMMANDS];
    const char *near;

    if (argc < 2) {
        print_help(stderr);
        return SIM_BAD_INPUT;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0) {
        print_help(stdout);
        return SIM_OK;
    }
    if (strcmp(argv[1], "--version") == 0) {
        (void)printf("smmsim %s\n", SMMSIM_VERSION);
        return SIM_OK;
    }
    for (int i = 0; i < COMMANDS; i++) {
        names[i] = commands[i].name;
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    }
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
