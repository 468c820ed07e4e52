/* SPDX-License-Identifier: Apache-2.0 */
/* holder: holds one thread of QEMU still when the guest says which row comes, and marks the trace.
 *
 * holder QEMU-PID CPU:MS ... < debug port: for the letter a the thread of vCPU CPU is stopped for
 * MS milliseconds, for b the second pair, and so on. Each mark says how much time the machine
 * beneath has taken from the host so far (steal of /proc/stat, in its units). */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* The thread "CPU n/TCG" (QEMU's -name debug-threads=on), or 0. */
static int thread_of(const char *process, long cpu)
{
    char name[300], want[32], path[280];
    struct dirent *entry;
    DIR *folder;
    int thread = 0;

    (void)snprintf(path, sizeof path, "/proc/%s/task", process);
    (void)snprintf(want, sizeof want, "CPU %ld/TCG\n", cpu);
    folder = opendir(path);
    while (folder && (entry = readdir(folder)) != NULL) {
        FILE *comm;

        (void)snprintf(path, sizeof path, "/proc/%s/task/%s/comm", process, entry->d_name);
        comm = fopen(path, "r");
        if (comm && fgets(name, sizeof name, comm) && strcmp(name, want) == 0)
            thread = (int)strtol(entry->d_name, NULL, 10);
        if (comm)
            (void)fclose(comm);
    }
    if (folder)
        (void)closedir(folder);
    return thread;
}

static long steal(void)
{
    char line[256] = "";
    char *field = line + 3; /* "cpu": user nice system idle iowait irq softirq steal */
    FILE *file = fopen("/proc/stat", "r");
    long value = -1;

    if (file && fgets(line, sizeof line, file))
        for (int i = 0; i < 8; i++)
            value = strtol(field, &field, 10);
    if (file)
        (void)fclose(file);
    return value;
}

static int hold(int thread, long ms, int trace)
{
    struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    int status;

    if (ptrace(PTRACE_SEIZE, thread, NULL, NULL) || ptrace(PTRACE_INTERRUPT, thread, NULL, NULL) ||
        waitpid(thread, &status, __WALL) < 0)
        return -1;
    (void)nanosleep(&t, NULL);
    if (dprintf(trace, "let go\n") < 0)
        return -1;
    return (int)ptrace(PTRACE_DETACH, thread, NULL, NULL);
}

int main(int count, char *words[])
{
    char path[300] = "";
    char said = 0;
    int trace;

    if (count > 2)
        (void)snprintf(path, sizeof path, "%s/trace_marker", words[2]);
    trace = open(path, O_WRONLY);
    while (said != 'E' && read(STDIN_FILENO, &said, 1) == 1) {
        int row = said - 'a';
        char *ms = NULL;
        long cpu = row >= 0 && row + 3 < count ? strtol(words[row + 3], &ms, 10) : -1;

        if (dprintf(trace, "row %c steal %ld\n", said, steal()) < 0) {
            perror("holder: trace_marker");
            return 1;
        }
        if (cpu >= 0 && hold(thread_of(words[1], cpu), strtol(ms + 1, NULL, 10), trace)) {
            perror("holder: hold");
            return 1;
        }
    }
    return said != 'E';
}
