/* SPDX-License-Identifier: Apache-2.0 */
/* guest: the first and only program of the measured guest: raises the SMIs of all rows in turn.
 *
 * The kernel's command line says rounds=N rows=TRIGGER:BEFORE:AFTER,... (CPU, ms, ms). For each row
 * it writes the row's letter to the debug port, sleeps BEFORE, writes port 0xB2, sleeps AFTER, and
 * writes a full stop; at the end, E. */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <time.h>
#include <unistd.h>

enum { DEBUG_PORT = 0xe9, APM_CNT = 0xb2, NO_COMMAND = 0xee, REST_MS = 40000, GAP_MS = 300 };

static void rest(long ms)
{
    struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

    (void)nanosleep(&t, NULL);
}

static void stay_on(long cpu)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET((size_t)cpu, &set);
    (void)sched_setaffinity(0, sizeof set, &set);
}

static void do_row(char letter, const char *row)
{
    char *next;
    long trigger = strtol(row, &next, 10);
    long before = strtol(next + 1, &next, 10);
    long after = strtol(next + 1, &next, 10);

    stay_on(trigger);
    rest(GAP_MS);
    outb((unsigned char)letter, DEBUG_PORT);
    rest(before);
    outb(NO_COMMAND, APM_CNT);
    rest(after);
    outb('.', DEBUG_PORT);
}

static void do_rows(const char *rows)
{
    for (char letter = 'a';; letter++) {
        do_row(letter, rows);
        rows = strpbrk(rows, ", \n");
        if (!rows || *rows != ',')
            return;
        rows++;
    }
}

int main(void)
{
    char line[4096] = "";
    const char *rows, *rounds;
    int file;

    if (mount("proc", "/proc", "proc", 0, NULL) || iopl(3)) {
        perror("guest");
        return 1;
    }
    file = open("/proc/cmdline", O_RDONLY);
    if (file < 0 || read(file, line, sizeof line - 1) < 0) {
        perror("guest");
        return 1;
    }
    rows = strstr(line, "rows=");
    rounds = strstr(line, "rounds=");
    rest(REST_MS); /* until the host has forgotten the boot */
    for (long i = rows && rounds ? strtol(rounds + 7, NULL, 10) : 0; i > 0; i--)
        do_rows(rows + 5);
    outb('E', DEBUG_PORT);
    rest(1000);
    return reboot(RB_POWER_OFF);
}
