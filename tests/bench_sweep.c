/* SPDX-License-Identifier: Apache-2.0 */
/* bench_sweep: what threads cost a sweep, its memory, and CSV against fprintf. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sim/lib/csv.h"
#include "sim/sweep/sweep.h"
#include "sim/cli/cmd.h"

enum { ROWS = 1000000, ROUNDS = 5 };

/* Ratios are medians of neighbouring measurements: a machine that is busy for a while slows both.
 */
static const double threads_most = 1.05, csv_least = 5;

static double seconds(const struct timeval *t)
{
    return (double)t->tv_sec + (double)t->tv_usec / 1e6;
}

static double now(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double values[ROUNDS])
{
    qsort(values, ROUNDS, sizeof *values, by_value);
    return values[ROUNDS / 2];
}

/* Says a limit that is missed; 1 if it is. */
static int missed(const char *what, double is, double limit, int least)
{
    if (least ? is >= limit : is <= limit)
        return 0;
    (void)printf("missed: %s: %.3f instead of at %s %g\n", what, is, least ? "least" : "most",
                 limit);
    return 1;
}

/* ---- a sweep on so many threads --------------------------------------------------------- */

typedef struct {
    double wall, cpu;
    long kilobytes;
} cost;

/* In a process of its own, whose time and memory the system tells. */
static pid_t start(const char *folder, int jobs, int number)
{
    char file[300], out[300], threads[16];
    char *argv[] = {"sweep", file, "--reps", "10", "--jobs", threads, "--out", out, NULL};
    pid_t child;

    (void)snprintf(file, sizeof file, "%s/some.csv", folder);
    (void)snprintf(out, sizeof out, "%s/out-%d", folder, number);
    (void)snprintf(threads, sizeof threads, "%d", jobs);
    (void)fflush(stdout);
    child = fork();
    if (child == 0) {
        if (!freopen("/dev/null", "w", stdout))
            _exit(3);
        _exit(cmd_sweep(8, argv));
    }
    return child;
}

/* `processes` sweeps at once; CPU time and memory are of one of them. */
static cost sweep_on(const char *folder, int jobs, int processes)
{
    cost c = {0};
    double begin = now();

    for (int i = 0; i < processes; i++)
        (void)start(folder, jobs, i);
    for (int i = 0; i < processes; i++) {
        struct rusage used;
        int status;

        if (wait4(-1, &status, 0, &used) < 0 || status != 0) {
            (void)fprintf(stderr, "bench_sweep: the sweep failed\n");
            exit(3);
        }
        c.cpu += (seconds(&used.ru_utime) + seconds(&used.ru_stime)) / processes;
        c.kilobytes = used.ru_maxrss;
    }
    c.wall = now() - begin;
    return c;
}

/* Threads that share a core, and what else runs, make each other slow: the fair comparison is with
 * as many sweeps of one thread at the same time. */
static int bench_threads(const char *folder)
{
    int threads = sweep_jobs(0) > 1 ? sweep_jobs(0) : 2;
    double alone[ROUNDS], apart[ROUNDS];
    double ratio;
    const double runs = 2 * 2 * 2 * 100 * 10;
    char path[300];
    FILE *file;

    (void)snprintf(path, sizeof path, "%s/some.csv", folder);
    file = fopen(path, "w");
    if (!file)
        exit(3);
    (void)fputs("protocol,smi.delivery,caller.cpu,sync.timeout1\n"
                "edk2-2017|edk2-head,unicast|broadcast,0|1,10ms:1s:+10ms\n",
                file);
    (void)fclose(file);
    (void)printf("sweep of the slowdown, 800 points, 10 repetitions\n");
    for (int i = 0; i < ROUNDS; i++) {
        cost one = sweep_on(folder, 1, 1);
        cost all = sweep_on(folder, threads, 1);
        cost many = sweep_on(folder, 1, threads);

        alone[i] = all.cpu / one.cpu;
        apart[i] = all.cpu / many.cpu;
        (void)printf("  1 thread: %5.0f runs/s, %.2f s CPU, %.1f MB; %d threads: %5.0f runs/s, "
                     "%.2f s CPU, %.1f MB; %d sweeps at once: %.2f s CPU each\n",
                     runs / one.wall, one.cpu, (double)one.kilobytes / 1e3, threads,
                     runs / all.wall, all.cpu, (double)all.kilobytes / 1e3, threads, many.cpu);
    }
    ratio = median(apart);
    (void)printf("  CPU time of %d threads: %.3f of a thread's on a processor as busy (at most "
                 "%.2f), %.3f of one's alone; medians of %d\n",
                 threads, ratio, threads_most, median(alone), ROUNDS);
    return missed("CPU time of threads", ratio, threads_most, 0);
}

/* ---- CSV -------------------------------------------------------------------------------- */

static int64_t value(int i, int column)
{
    return (int64_t)((uint64_t)(i + 1) * 0x9e3779b97f4a7c15u >> (column * 3 + 24));
}

static double by_csv(const char *path)
{
    double begin = now();
    csv_writer *w;
    sim_err err;

    if (csv_create(path, &w, &err) != SIM_OK)
        exit(3);
    for (int i = 0; i < ROWS; i++) {
        csv_u64(w, (uint64_t)i / 230);
        csv_u64(w, (uint64_t)i / 23 % 10);
        csv_text(w, "operation_latency");
        csv_u64(w, 30);
        for (int c = 0; c < 7; c++)
            csv_decimal(w, value(i, c), 3);
        csv_end_row(w);
    }
    if (csv_close(w, &err) != SIM_OK)
        exit(3);
    return now() - begin;
}

static double by_fprintf(const char *path)
{
    double begin = now();
    FILE *file = fopen(path, "w");

    if (!file)
        exit(3);
    for (int i = 0; i < ROWS; i++)
        (void)fprintf(file, "%d,%d,%s,%d,%.3f,%.3f,%.3f,%.3f,%.3f,%.3f,%.3f\n", i / 230,
                      i / 23 % 10, "operation_latency", 30, (double)value(i, 0) / 1e3,
                      (double)value(i, 1) / 1e3, (double)value(i, 2) / 1e3,
                      (double)value(i, 3) / 1e3, (double)value(i, 4) / 1e3,
                      (double)value(i, 5) / 1e3, (double)value(i, 6) / 1e3);
    (void)fclose(file);
    return now() - begin;
}

static int bench_csv(void)
{
    double csv = 1e9, plain = 1e9, ratios[ROUNDS];
    double ratio;

    for (int i = 0; i < ROUNDS; i++) {
        double a = by_csv("/dev/null"), b = by_fprintf("/dev/null");

        ratios[i] = b / a;
        csv = a < csv ? a : csv;
        plain = b < plain ? b : plain;
    }
    ratio = median(ratios);
    (void)printf("rows of reps.csv: csv %.1f million/s, fprintf %.1f million/s: %.1f times as fast "
                 "(at least %g)\n",
                 (double)ROWS / csv / 1e6, (double)ROWS / plain / 1e6, ratio, csv_least);
    return missed("rows of reps.csv against fprintf", ratio, csv_least, 1);
}

int main(void)
{
    char folder[] = "/tmp/smmsim_bench_XXXXXX";
    char command[64];
    int bad;

    if (!mkdtemp(folder))
        return 3;
    bad = bench_csv();
    bad |= bench_threads(folder);
    (void)snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command) == 0 ? bad : 3;
}
