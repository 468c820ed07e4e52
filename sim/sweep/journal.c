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

typedef struct {
    int64_t starts; /* also after files of that name that are not ours: theirs stay */
    int there;      /* there are files of ours */
} content;

/* Looks at all names, but not behind a link, which leads to what is not ours; removes the files of
 * ours, if `removing`. */
static content look(const char *folder, int removing)
{
    content c = {0, 0};
    char path[PATH];
    DIR *dir;
    int fd;

    journal_path(folder, path);
    fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    dir = fd >= 0 ? fdopendir(fd) : NULL;

    for (struct dirent *e = dir ? readdir(dir) : NULL; e; e = readdir(dir)) {
        const int ours = sweep_journal_owns(dirfd(dir), e->d_name);

        if (start_of(e->d_name) >= c.starts)
            c.starts = start_of(e->d_name) + 1;
        c.there |= ours;
        if (ours && removing)
            (void)unlinkat(dirfd(dir), e->d_name, 0);
    }
    if (dir)
        (void)closedir(dir);
    return c;
}

uint32_t sweep_journal_starts(const char *folder)
{
    return (uint32_t)look(folder, 0).starts;
}

int sweep_journal_there(const char *folder)
{
    return look(folder, 0).there;
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
    SIM_ASSERT(j->fd >= 0);
    if (j->error == 0)
        j->error = bytes_write(j->fd, j->buffer.at, j->buffer.length);
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

    (void)look(folder, 1);
    journal_path(folder, path);
    (void)rmdir(path); /* what others have in it stays */
}
