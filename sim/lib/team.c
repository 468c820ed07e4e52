/* SPDX-License-Identifier: Apache-2.0 */
/* team: makes threads as OpenMP would, counts them, and lets OpenMP make no more than these. */
#include "sim/lib/team.h"

#include <errno.h>
#include <omp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

enum { WAITS_MAX = 200, WORK_BYTES = 4 << 20 /* memory that is left for each to work in */ };

/* OpenMP's threads have stacks of OMP_STACKSIZE, which is in KiB unless it says otherwise. */
static void set_stack(pthread_attr_t *attr)
{
    const char *text = getenv("OMP_STACKSIZE");
    char *unit = NULL;
    const unsigned long long size = text ? strtoull(text, &unit, 10) : 0;
    const char *units = "BKMG";
    const char *at;

    if (size == 0)
        return;
    unit += strspn(unit, " ");
    at = *unit ? strchr(units, *unit & ~0x20) : NULL;
    (void)pthread_attr_setstacksize(attr, (size_t)size << (at && *at ? 10 * (at - units) : 10));
}

static void *wait_at(void *gate)
{
    (void)pthread_mutex_lock(gate);
    (void)pthread_mutex_unlock(gate);
    return NULL;
}

/* Threads of this process and 2; 0: not known. */
static long counted(void)
{
    struct stat tasks;

    return stat("/proc/self/task", &tasks) == 0 ? (long)tasks.st_nlink : 0;
}

/* A thread that was joined counts against the limits for a moment more. */
static void wait_until_gone(long before)
{
    const struct timespec nap = {.tv_nsec = 500000};

    for (int i = 0; i < WAITS_MAX && counted() > before; i++)
        (void)nanosleep(&nap, NULL);
}

typedef struct {
    pthread_t thread;
    void *memory;
} member;

static int member_make(member *m, const pthread_attr_t *attr, pthread_mutex_t *gate)
{
    int error = 0;

    m->memory =
        mmap(NULL, WORK_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (m->memory == MAP_FAILED)
        return errno;
    error = pthread_create(&m->thread, attr, wait_at, gate);
    if (error != 0)
        (void)munmap(m->memory, WORK_BYTES);
    return error;
}

/* How many of so many threads can be there at once; *error says why no more. */
static int try_threads(int wanted, int *error)
{
    const long before = counted();
    member *members = sim_alloc((uint64_t)wanted, sizeof *members);
    pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
    pthread_attr_t attr;
    int made = 0;

    *error = pthread_attr_init(&attr);
    set_stack(&attr);
    (void)pthread_mutex_lock(&gate);
    while (made < wanted && *error == 0) {
        *error = member_make(&members[made], &attr, &gate);
        made += *error == 0;
    }
    (void)pthread_mutex_unlock(&gate);
    for (int i = 0; i < made; i++) {
        (void)pthread_join(members[i].thread, NULL);
        (void)munmap(members[i].memory, WORK_BYTES);
    }
    wait_until_gone(before);
    (void)pthread_attr_destroy(&attr);
    (void)pthread_mutex_destroy(&gate);
    free(members);
    return made;
}

sim_status team_gather(int wanted, int *got, sim_err *err)
{
    const int limit = omp_get_thread_limit();
    int threads = wanted < limit ? wanted : limit;
    int error = 0;

    SIM_ASSERT(wanted > 0);
    omp_set_dynamic(0);
    if (threads > 1)
        threads = 1 + try_threads(threads - 1, &error);
    if (threads == 1 && error != 0)
        return err_set(err, SIM_SYSTEM,
                       "no thread can be made: %s (raise the limit, see ulimit -u and -v; with "
                       "OMP_THREAD_LIMIT=1 none is needed)",
                       strerror(error));
    *got = 1;
#pragma omp parallel num_threads(threads)
    {
#pragma omp single
        *got = omp_get_num_threads();
    }
    return SIM_OK;
}

void team_tell(int got, int wanted)
{
    if (got < wanted)
        err_tell("%d thread%s instead of %d: there are no more (OMP_THREAD_LIMIT, ulimit -u, "
                 "ulimit -v)",
                 got, got == 1 ? "" : "s", wanted);
}
