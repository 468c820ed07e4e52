/* SPDX-License-Identifier: Apache-2.0 */
/* sweep_journal: makes, appends to and removes the files of a journal. */
#include "sim/sweep_journal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/sweep_file.h"

enum { WRITE_AT = 256 * 1024, PATH = 600 };

static void journal_path(const char *folder, char path[PATH])
{
    (void)snprintf(path, PATH, "%s/journal", folder);
}

sim_status sweep_journal_open(const char *folder, int *lock, sim_err *err)
{
    char path[PATH];

    journal_path(folder, path);
    if (mkdir(path, 0777) != 0 && errno != EEXIST)
        return err_set(err, SIM_SYSTEM, "%s: %s", path, strerror(errno));
    *lock = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*lock < 0)
        return err_set(err, SIM_SYSTEM, "%s: %s", path, strerror(errno));
    if (flock(*lock, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
        return SIM_OK; /* some network file systems have no locks: go on */
    (void)close(*lock);
    *lock = -1;
    return err_set(err, SIM_SYSTEM,
                   "%s: another sweep is writing there (wait, or use another --out)", path);
}

uint32_t sweep_journal_starts(const char *folder)
{
    char path[PATH];
    uint32_t starts = 0;
    DIR *dir;

    journal_path(folder, path);
    dir = opendir(path);
    for (struct dirent *e = dir ? readdir(dir) : NULL; e; e = readdir(dir)) {
        char *end;
        unsigned long start = strtoul(e->d_name, &end, 10);

        if (*end == '-' && start >= starts && start < UINT32_MAX)
            starts = (uint32_t)start + 1;
    }
    if (dir)
        (void)closedir(dir);
    return starts;
}

sim_status sweep_journal_create(const sweep_journal_name *name, sweep_journal *out, sim_err *err)
{
    *out = (sweep_journal){.fd = -1};
    (void)snprintf(out->path, sizeof out->path, "%s/journal/%04u-%04u", name->folder, name->start,
                   name->rank);
    out->fd = open(out->path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0666);
    if (out->fd < 0)
        return err_set(err, SIM_SYSTEM, "%s: %s", out->path, strerror(errno));
    sweep_file_head(&out->buffer, name->key);
    return SIM_OK;
}

int sweep_journal_sees(const sweep_journal *j, uint32_t rank)
{
    const char *own = strrchr(j->path, '-');
    char path[sizeof j->path + 16];

    SIM_ASSERT(own);
    (void)snprintf(path, sizeof path, "%.*s-%04u", (int)(own - j->path), j->path, rank);
    return access(path, F_OK) == 0;
}

void sweep_journal_add(sweep_journal *j, const sweep_task *task, uint64_t first,
                       const bytes *result)
{
    sweep_file_entry entry = {task->point, first, 0, task->repetition, (uint32_t)j->records, 0};

    sweep_file_record(&j->buffer, &entry, result);
    j->records++;
    if (j->buffer.length >= WRITE_AT)
        sweep_journal_write(j);
}

void sweep_journal_write(sweep_journal *j)
{
    size_t done = 0;

    SIM_ASSERT(j->fd >= 0);
    while (done < j->buffer.length && j->error == 0) {
        ssize_t n = write(j->fd, j->buffer.at + done, j->buffer.length - done);

        if (n > 0)
            done += (size_t)n;
        else if (n == 0)
            j->error = EIO;
        else if (errno != EINTR)
            j->error = errno;
    }
    bytes_clear(&j->buffer);
}

sim_status sweep_journal_close(sweep_journal *j, sim_err *err)
{
    sim_status s = SIM_OK;

    if (j->fd < 0)
        return SIM_OK;
    sweep_journal_write(j);
    if (j->error == 0 && fdatasync(j->fd) != 0)
        j->error = errno;
    if (close(j->fd) != 0 && j->error == 0)
        j->error = errno;
    j->fd = -1;
    if (j->error != 0)
        s = err_set(err, SIM_SYSTEM, "%s: %s", j->path, strerror(j->error));
    bytes_free(&j->buffer);
    return s;
}

void sweep_journal_remove(const char *folder)
{
    char path[PATH];
    char name[PATH + 300];
    DIR *dir;

    journal_path(folder, path);
    dir = opendir(path);
    for (struct dirent *e = dir ? readdir(dir) : NULL; e; e = readdir(dir)) {
        if (e->d_name[0] < '0' || e->d_name[0] > '9')
            continue;
        (void)snprintf(name, sizeof name, "%s/%s", path, e->d_name);
        (void)unlink(name);
    }
    if (dir)
        (void)closedir(dir);
    (void)rmdir(path);
}
