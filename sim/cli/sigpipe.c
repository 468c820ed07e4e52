/* SPDX-License-Identifier: Apache-2.0 */
/* sigpipe: ignores SIGPIPE; poll tells whether the reader has closed the pipe. */
#include "sim/cli/sigpipe.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

void sigpipe_ignore(void)
{
    const struct sigaction ignore = {.sa_handler = SIG_IGN};

    (void)sigaction(SIGPIPE, &ignore, NULL);
}

/* stdio and csv record that a write failed, not why. */
static int reader_closed(void)
{
    struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};

    return poll(&out, 1, 0) == 1 && (out.revents & (POLLERR | POLLHUP)) != 0;
}

sim_status sigpipe_forgive(sim_status s)
{
    return s == SIM_SYSTEM && reader_closed() ? SIM_OK : s;
}

void sigpipe_end(void)
{
    if ((fflush(stdout) == 0 && !ferror(stdout)) || !reader_closed())
        return;
    if (!freopen("/dev/null", "w", stdout)) /* else main reports the failed write */
        (void)fputs("smmsim: /dev/null: cannot be opened\n", stderr);
}
