/* SPDX-License-Identifier: Apache-2.0 */
/* stage: makes the hidden folder, and moves files out of it and into it. */
#include "sim/lib/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { NUMBER = 12, NEW = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC };

/* The number as text; safe in a handler of signals. -1: the list. */
static const char *name_of(int64_t number, char text[NUMBER])
{
    char *at = &text[NUMBER - 1];

    if (number < 0)
        return STAGE_LIST;
    *at = '\0';
    do
        *--at = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    return at;
}

static void undo(void *self)
{
    const stage *s = self;
    char text[NUMBER];

    for (int64_t i = -1; i < (int64_t)s->files; i++)
        (void)unlinkat(s->fd, name_of(i, text), 0);
    (void)unlinkat(s->place, s->name, AT_REMOVEDIR);
}

static int make(stage *s, const char *kind)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz012345";
    uint8_t random[STAGE_LETTERS];
    size_t length = strlen(kind);

    SIM_ASSERT(length + STAGE_LETTERS < sizeof s->name);
    memcpy(s->name, kind, length);
    s->name[length + STAGE_LETTERS] = '\0';
    do {
        if (getrandom(random, sizeof random, 0) != sizeof random)
            return errno;
        for (int i = 0; i < STAGE_LETTERS; i++)
            s->name[length + (size_t)i] = letters[random[i] & 31];
        if (mkdirat(s->place, s->name, 0700) == 0)
            return 0;
    } while (errno == EEXIST);
    return errno;
}

int stage_open(stage *s, int place, const char *kind)
{
    int error;

    *s = (stage){.place = place, .fd = -1};
    interrupt_hold();
    error = make(s, kind);
    if (error == 0) {
        s->fd = openat(place, s->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        error = s->fd < 0 ? errno : 0;
        if (error != 0)
            (void)unlinkat(place, s->name, AT_REMOVEDIR);
    }
    s->duty = (interrupt_duty){.undo = undo, .self = s};
    if (error == 0)
        interrupt_add(&s->duty);
    interrupt_release();
    return error;
}

int stage_file(stage *s, uint32_t *number, int *fd)
{
    char text[NUMBER];

    *number = s->files++; /* before there is one, so that none is forgotten */
    SIM_ASSERT(s->fd >= 0 && s->files > 0);
    *fd = openat(s->fd, name_of(*number, text), NEW, 0666);
    return *fd < 0 ? errno : 0;
}

int stage_list(const stage *s, int *fd)
{
    SIM_ASSERT(s->fd >= 0);
    *fd = openat(s->fd, STAGE_LIST, NEW, 0666);
    return *fd < 0 ? errno : 0;
}

/* Where the file system cannot refuse to replace (NFS), a second name can: it is never given twice.
 * Where there are no second names either (FAT), a look has to do. musl has a number for renameat2,
 * but no name. */
static int rename_only(int from, const char *old, int to, const char *name)
{
    struct stat info;

    if (syscall(SYS_renameat2, from, old, to, name, 1u /* RENAME_NOREPLACE */) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return errno;
    if (linkat(from, old, to, name, 0) == 0)
        return unlinkat(from, old, 0) == 0 ? 0 : errno;
    if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS)
        return errno;
    if (fstatat(to, name, &info, AT_SYMLINK_NOFOLLOW) == 0)
        return EEXIST;
    return renameat(from, old, to, name) == 0 ? 0 : errno;
}

int stage_put(const stage *s, int64_t number, int folder, const char *name)
{
    char text[NUMBER];

    return rename_only(s->fd, name_of(number, text), folder, name);
}

int stage_replace(const stage *s, int64_t number, int folder, const char *name)
{
    char text[NUMBER];

    SIM_ASSERT(s->fd >= 0 && number < (int64_t)s->files);
    return renameat(s->fd, name_of(number, text), folder, name) == 0 ? 0 : errno;
}

int stage_take(stage *s, int folder, const char *name, uint32_t *number)
{
    char text[NUMBER];

    SIM_ASSERT(s->fd >= 0);
    *number = s->files++;
    return renameat(folder, name, s->fd, name_of(*number, text)) == 0 ? 0 : errno;
}

void stage_close(stage *s)
{
    if (s->fd < 0)
        return;
    undo(s);
    interrupt_drop(&s->duty);
    (void)close(s->fd);
    s->fd = -1;
}
