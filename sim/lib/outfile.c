/* SPDX-License-Identifier: Apache-2.0 */
/* outfile: writes to a stage, or directly, and counts and sums what it writes. */
#include "sim/lib/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/lib/cksum.h"

struct outfile {
    int fd;
    int error;    /* errno of the first write that failed */
    char *path;   /* for errors */
    char *target; /* its name in own.place; NULL: direct, or of another stage */
    stage own;    /* if there is a target */
    uint32_t number;
    outfile_sum *sum; /* NULL: nobody asks */
    cksum cksum;
};

static outfile *new_file(const char *path)
{
    outfile *f = sim_alloc(1, sizeof *f);

    f->fd = -1;
    f->own.fd = f->own.place = -1;
    f->path = strdup(path);
    SIM_ASSERT(f->path);
    cksum_init(&f->cksum);
    return f;
}

static void free_file(outfile *f)
{
    if (f->fd >= 0)
        (void)close(f->fd);
    stage_close(&f->own);
    if (f->own.place >= 0)
        (void)close(f->own.place);
    free(f->target);
    free(f->path);
    free(f);
}

/* The regular file that `path` names or would make; NULL: written to directly. A link below /dev
 * or /proc stands for an open file, which must not be replaced. */
static char *find_target(const char *path)
{
    struct stat st;

    if (*path == '\0')
        return NULL;
    if (lstat(path, &st) != 0 || S_ISREG(st.st_mode))
        return strdup(path);
    if (!S_ISLNK(st.st_mode) || strncmp(path, "/dev/", 5) == 0 || strncmp(path, "/proc/", 6) == 0)
        return NULL;
    if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
        return NULL;
    return realpath(path, NULL);
}

/* Opens the folder of the target; what is left of the target is its name there. */
static int open_place(outfile *f)
{
    char *slash = strrchr(f->target, '/');
    char *name = strdup(slash ? slash + 1 : f->target);

    SIM_ASSERT(name);
    if (slash)
        slash[1] = '\0';
    f->own.place = open(slash ? f->target : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(f->target);
    f->target = name;
    return f->own.place < 0 ? errno : 0;
}

static int open_target(outfile *f)
{
    struct stat st;
    int place, exists;
    int error = open_place(f);

    if (error != 0)
        return error;
    place = f->own.place;
    exists = fstatat(place, f->target, &st, 0) == 0;
    if (!exists && errno != ENOENT) /* a name that is too long, or ends with a slash */
        return errno;
    if (exists && faccessat(place, f->target, W_OK, AT_EACCESS) != 0)
        return errno; /* read-only: a rename would not mind */
    error = stage_open(&f->own, place, ".smmsim.file.");
    if (error == 0)
        error = stage_file(&f->own, &f->number, &f->fd);
    if (error == 0 && exists)
        (void)fchmod(f->fd, st.st_mode & 0777);
    return error;
}

static int open_output(outfile *f)
{
    if (strcmp(f->path, "/dev/stdout") == 0) { /* opened anew it would begin at its start again */
        (void)fflush(stdout);
        f->fd = dup(STDOUT_FILENO);
        return f->fd < 0 ? errno : 0;
    }
    f->target = find_target(f->path);
    if (f->target)
        return open_target(f);
    f->fd = open(f->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    return f->fd < 0 ? errno : 0;
}

sim_status outfile_create(const char *path, outfile **out, sim_err *err)
{
    outfile *f = new_file(path);
    const int error = open_output(f);

    if (error == 0) {
        *out = f;
        return SIM_OK;
    }
    free_file(f);
    return err_set(err, SIM_SYSTEM, "%s: %s", path, strerror(error));
}

outfile *outfile_stage(stage *s, const char *path, outfile_sum *sum)
{
    outfile *f = new_file(path);
    const int error = sum ? stage_file(s, &f->number, &f->fd) : stage_list(s, &f->fd);

    f->sum = sum;
    if (error == 0)
        return f;
    free_file(f);
    errno = error;
    return NULL;
}

void outfile_write(outfile *f, const void *bytes, size_t length)
{
    const char *at = bytes;

    if (f->sum)
        cksum_add(&f->cksum, bytes, length);
    SIM_ASSERT(f->fd >= 0);
    while (length > 0 && f->error == 0) {
        const ssize_t n = write(f->fd, at, length);

        if (n > 0) {
            at += n;
            length -= (size_t)n;
        } else if (n == 0) {
            f->error = EIO;
        } else if (errno != EINTR) {
            f->error = errno;
        }
    }
}

static ssize_t write_stream(void *self, const char *bytes, size_t length)
{
    outfile *f = self;

    outfile_write(f, bytes, length);
    return f->error == 0 ? (ssize_t)length : 0;
}

FILE *outfile_stream(outfile *f)
{
    FILE *stream = fopencookie(f, "w", (cookie_io_functions_t){.write = write_stream});

    SIM_ASSERT(stream);
    return stream;
}

sim_status outfile_close(outfile *f, sim_err *err)
{
    sim_status s = SIM_OK;

    if (close(f->fd) != 0 && f->error == 0)
        f->error = errno;
    f->fd = -1;
    if (f->target && f->error == 0)
        f->error = stage_replace(&f->own, f->number, f->own.place, f->target);
    if (f->sum)
        *f->sum = (outfile_sum){f->cksum.bytes, cksum_end(&f->cksum), f->number};
    if (f->error != 0)
        s = err_set(err, SIM_SYSTEM, "%s: %s", f->path, strerror(f->error));
    free_file(f);
    return s;
}

void outfile_abandon(outfile *f)
{
    if (f)
        free_file(f);
}
