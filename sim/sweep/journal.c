/* SPDX-License-Identifier: Apache-2.0 */
/* journal: makes, appends to and removes the files of a journal. */
#include "sim/sweep/journal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/sweep/file.h"

enum { WRITE_AT = 256 * 1024, PATH = 600 };

static void journal_path(const char *folder, char path[PATH])
{
    (void)snprintf(path, PATH, "%s/journal", folder);
}

/* The number of the start in the name of a file, START-RANK as printf writes them; -1: another
 * name.
 */
static int64_t start_of(const char *name)
{
    char same[32];
    char *end;
    unsigned long long start, rank;

    if (strlen(name) >= sizeof same)
        return -1;
    start = strtoull(name, &end, 10);
    rank = strtoull(end + (*end == '-'), &end, 10);
    (void)snprintf(same, sizeof same, "%04llu-%04llu", start, rank);
    return start < UINT32_MAX && strcmp(same, name) == 0 ? (int64_t)start : -1;
}

/* NULL: there is none, or it is a link, which leads to what is not ours. */
static DIR *open_journal(const char *folder)
{
    char path[PATH];
    DIR *dir = NULL;
    int fd;

    journal_path(folder, path);
    fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0)
        dir = fdopendir(fd);
    return dir;
}

int sweep_journal_owns(int journal, const char *name)
{
    char head[SWEEP_FILE_MAGIC];
    struct stat info;
    int fd, ours;

    if (start_of(name) < 0)
        return 0;
    fd = openat(journal, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return 0;
    ours = fstat(fd, &info) == 0 && S_ISREG(info.st_mode) &&
           sweep_file_begins(head, read(fd, head, sizeof head));
    (void)close(fd);
    return ours;
}

sim_status sweep_journal_open(const char *folder, sim_err *err)
{
    char path[PATH];
    struct stat info;

    journal_path(folder, path);
    if (mkdir(path, 0777) == 0)
        return SIM_OK;
    if (errno != EEXIST)
        return err_set(err, SIM_SYSTEM, "%s: %s", path, strerror(errno));
    if (lstat(path, &info) != 0 || !S_ISDIR(info.st_mode))
        return err_set(err, SIM_BAD_INPUT,
                       "%s: a link or a file (move it away, or use another --out)", path);
    return SIM_OK;
}

/* Also after files of that name that are not ours: theirs stay. */
uint32_t sweep_journal_starts(const char *folder)
{
    DIR *dir = open_journal(folder);
    int64_t starts = 0;

    for (struct dirent *e = dir ? readdir(dir) : NULL; e; e = readdir(dir))
        if (start_of(e->d_name) >= starts)
            starts = start_of(e->d_name) + 1;
    if (dir)
        (void)closedir(dir);
    return (uint32_t)starts;
}

int sweep_journal_there(const char *folder)
{
    DIR *dir = open_journal(folder);
    int there = 0;

    for (struct dirent *e = dir ? readdir(dir) : NULL; e && !there; e = readdir(dir))
        there = sweep_journal_owns(dirfd(dir), e->d_name);
    if (dir)
        (void)closedir(dir);
    return there;
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
    sweep_file_entry entry = {.point = task->point,
                              .first = first,
                              .repetition = task->repetition,
                              .ordinal = (uint32_t)j->records};

    sweep_file_record(&j->buffer, &entry, result);
    j->records++;
    SIM_ASSERT(j->records <= UINT32_MAX);
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
    DIR *dir = open_journal(folder);
    char path[PATH];

    for (struct dirent *e = dir ? readdir(dir) : NULL; e; e = readdir(dir))
        if (sweep_journal_owns(dirfd(dir), e->d_name))
            (void)unlinkat(dirfd(dir), e->d_name, 0);
    if (dir)
        (void)closedir(dir);
    journal_path(folder, path);
    (void)rmdir(path); /* what others have in it stays */
}
