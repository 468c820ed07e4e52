/* SPDX-License-Identifier: Apache-2.0 */
/* pipe: ignores SIGPIPE, and asks the pipe whether somebody reads it. */
#include "sim/cli/pipe.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

void pipe_begin(void)
{
    const struct sigaction ignore = {.sa_handler = SIG_IGN};

    (void)sigaction(SIGPIPE, &ignore, NULL);
}

/* stdio and csv keep that a write failed; the pipe knows why. */
static int reader_left(void)
{
    struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};

    return poll(&out, 1, 0) == 1 && (out.revents & (POLLERR | POLLHUP)) != 0;
}

sim_status pipe_forgive(sim_status s)
{
    return s == SIM_SYSTEM && reader_left() ? SIM_OK : s;
}

void pipe_end(void)
{
    if ((fflush(stdout) == 0 && !ferror(stdout)) || !reader_left())
        return;
    if (!freopen("/dev/null", "w", stdout)) /* main would tell it otherwise */
        (void)fputs("smmsim: /dev/null: cannot be opened\n", stderr);
}
