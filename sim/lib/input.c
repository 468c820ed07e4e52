/* SPDX-License-Identifier: Apache-2.0 */
/* input: opens without waiting, looks at what was opened, and reads it whole. */
#include "sim/lib/input.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static sim_status failed(const char *path, int error, sim_err *err)
{
    int ours = error == EIO || error == EMFILE || error == ENFILE || error == ENOMEM;

    return err_set(err, ours ? SIM_SYSTEM : SIM_BAD_INPUT, "%s: %s", path, strerror(error));
}

/* What cannot be read, and what to do about it; NULL: a regular file. */
static const char *wrong_kind(mode_t mode)
{
    if (S_ISREG(mode))
        return NULL;
    if (S_ISDIR(mode))
        return "a folder (name a file in it)";
    if (S_ISFIFO(mode))
        return "a pipe (write what comes out of it to a file first)";
    return S_ISSOCK(mode) ? "a socket (name a file)" : "a device (name a file)";
}

/* The size is what it was then: the file may grow. */
static sim_status open_regular(const char *path, int *fd, uint64_t *size, sim_err *err)
{
    struct stat info;
    const char *wrong = NULL;
    int error = 0;

    /* A pipe without a writer opens at once, a terminal does not become ours. */
    *fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (*fd >= 0 ? fstat(*fd, &info) != 0
                 : errno != ENXIO || stat(path, &info) != 0) /* a socket cannot be opened */
        error = errno;
    else
        wrong = wrong_kind(info.st_mode);
    if (!error && !wrong && *fd >= 0) {
        *size = (uint64_t)info.st_size;
        return SIM_OK;
    }
    if (*fd >= 0)
        (void)close(*fd);
    return wrong ? err_set(err, SIM_BAD_INPUT, "%s: %s", path, wrong)
                 : failed(path, error ? error : ENXIO, err);
}

sim_status input_stream(const char *path, FILE **out, sim_err *err)
{
    uint64_t size;
    int fd;
    sim_status s = open_regular(path, &fd, &size, err);

    if (s != SIM_OK)
        return s;
    *out = fdopen(fd, "r");
    if (*out)
        return SIM_OK;
    s = failed(path, errno, err);
    (void)close(fd);
    return s;
}

sim_status input_read(const char *path, uint64_t most, bytes *out, sim_err *err)
{
    enum { BLOCK = 64 * 1024 };
    uint64_t size = 0;
    ssize_t got = 1;
    int fd;
    sim_status s = open_regular(path, &fd, &size, err);

    bytes_clear(out);
    if (s != SIM_OK)
        return s;
    while (s == SIM_OK && got != 0 && size <= most) {
        got = read(fd, bytes_extend(out, BLOCK), BLOCK);
        out->length -= BLOCK - (got > 0 ? (size_t)got : 0);
        if (got < 0 && errno != EINTR)
            s = failed(path, errno, err);
        size = out->length > size ? out->length : size;
    }
    (void)close(fd);
    if (s == SIM_OK && size > most)
        return err_set(err, SIM_BAD_INPUT, "%s:1:1: the file is larger than %llu MiB (split it)",
                       path, (unsigned long long)most >> 20);
    return s;
}
