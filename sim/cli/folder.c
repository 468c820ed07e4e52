/* SPDX-License-Identifier: Apache-2.0 */
/* folder: locks a folder, looks at what is in it, and puts one result in the place of another. */
#include "sim/cli/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/cli/folder_list.h" /* circle: lists are made of the same names */
#include "sim/sweep/sweep.h"
#include "sim/sweep/journal.h"

enum { FOLDER = PATH_MAX, PATH = FOLDER + 300 };
static const char lock_name[] = ".smmsim.lock";
static const char stage_kind[] = ".smmsim.result.";

struct folder_owned {
    char path[512];
    folder_request request;
    folder_place place;
    int lock;   /* -1: not open */
    int locked; /* else the file system has no locks */
    interrupt_duty unlock;
    stage stage;
    folder_list old, fresh;
    int has_run;       /* there is a run.csv... */
    uint32_t old_run;  /* ... and its number in the stage, while it is replaced */
    int other_journal; /* to be removed with the old result */
    csv_writer *facts;
};

static const char *join(char path[PATH], const char *folder, const char *name)
{
    (void)snprintf(path, PATH, "%s/%s", folder, name);
    return path;
}

static int is_among(const char *name, const char *const *names)
{
    for (; *names; names++)
        if (strcmp(*names, name) == 0)
            return 1;
    return 0;
}

/* ---- making and locking ----------------------------------------------------------------- */

static sim_status make_folder(folder_owned *f, sim_err *err)
{
    char path[sizeof f->path];

    if ((size_t)snprintf(path, sizeof path, "%s", f->request.path) >= sizeof path)
        return err_set(err, SIM_BAD_INPUT, "%.40s...: folder name too long (at most 511 bytes)",
                       f->request.path);
    memcpy(f->path, path, sizeof path);
    for (char *slash = path + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
        *slash = '\0';
        (void)mkdir(path, 0777);
        *slash = '/';
    }
    if (mkdir(path, 0777) != 0 && errno != EEXIST)
        return err_set(err, SIM_SYSTEM, "%s: %s (give --out another name)", path, strerror(errno));
    f->place.fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (f->place.fd < 0 && errno == ENOTDIR)
        return err_set(err, SIM_SYSTEM, "%s: not a folder (give --out another name)", path);
    if (f->place.fd < 0)
        return err_set(err, SIM_SYSTEM, "%s: %s (give --out another name)", path, strerror(errno));
    return SIM_OK;
}

static void remove_lock(void *self)
{
    const folder_owned *f = self;

    (void)unlinkat(f->place.fd, lock_name, 0);
}

/* Opens the file of the lock, and locks it if it is still the one of that name: its last owner
 * removes it before others can have it. 1: done; 0: once more; negative: refused. */
static int try_lock(folder_owned *f, sim_err *err)
{
    const int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    struct flock all = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    struct stat mine, there;
    char path[PATH];

    f->lock = openat(f->place.fd, lock_name, flags, 0666);
    if (f->lock < 0 && errno != ELOOP)
        return -(int)err_set(err, SIM_SYSTEM, "%s: %s", join(path, f->path, lock_name),
                             strerror(errno));
    if (f->lock < 0 || fstat(f->lock, &mine) != 0 || !S_ISREG(mine.st_mode) || mine.st_size > 0)
        return -(int)err_set(err, SIM_BAD_INPUT, "%s: not the lock of smmsim (move it away)",
                             join(path, f->path, lock_name));
    f->locked = fcntl(f->lock, F_OFD_SETLK, &all) == 0;
    if (!f->locked && (errno == EAGAIN || errno == EACCES))
        return -(int)err_set(err, SIM_SYSTEM,
                             "%s: another smmsim is writing there (wait, or use another --out)",
                             f->path);
    if (!f->locked || (fstatat(f->place.fd, lock_name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
                       there.st_ino == mine.st_ino && there.st_dev == mine.st_dev))
        return 1;
    (void)close(f->lock);
    return 0;
}

/* A lock of the open file, on a file and not on the folder: NFS knows it, too, it ends with the
 * process whatever ends that, and one process cannot have it twice. Where a file system has no
 * locks at all (some on clusters), the user hears that nothing keeps others out. */
static sim_status lock(folder_owned *f, sim_err *err)
{
    int done;

    interrupt_hold();
    while ((done = try_lock(f, err)) == 0)
        ;
    if (done > 0) {
        f->unlock = (interrupt_duty){.undo = remove_lock, .self = f};
        interrupt_add(&f->unlock);
    }
    interrupt_release();
    if (done > 0 && !f->locked)
        err_tell("%s: this file system has no locks: write there one after the other only",
                 f->path);
    return done > 0 ? SIM_OK : (sim_status)-done;
}

/* ---- what is there ---------------------------------------------------------------------- */

static int is_ours_of_stage(const char *name)
{
    return strcmp(name, STAGE_LIST) == 0 || strspn(name, "0123456789") == strlen(name);
}

/* What a killed process has left. If it was killed while it replaced a result, some of its files
 * are there already, and no run.csv: its list says which. */
static void clean_stage(folder_owned *f, const char *name)
{
    const int fd = openat(f->place.fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    char path[PATH];
    folder_list list;
    DIR *dir;

    (void)snprintf(path, sizeof path, "%s/%s/%s", f->path, name, STAGE_LIST);
    if (!f->has_run && fd >= 0 && folder_list_read(path, &list) == 1) {
        for (uint64_t i = 0; i < list.count; i++) {
            folder_entry *e = list.entry[i];
            const char *rest;
            const int folder = folder_place_of(&f->place, e->name, 0, &rest);

            if (folder_list_same(&f->place, e) == 0 && e->there)
                (void)unlinkat(folder, rest, 0);
        }
        folder_list_free(&list);
    }
    dir = fd >= 0 ? fdopendir(fd) : NULL;
    for (struct dirent *e = dir ? readdir(dir) : NULL; e; e = readdir(dir))
        if (is_ours_of_stage(e->d_name))
            (void)unlinkat(fd, e->d_name, 0);
    if (dir)
        (void)closedir(dir);
    (void)unlinkat(f->place.fd, name, AT_REMOVEDIR);
}

static void clean_stages(folder_owned *f)
{
    DIR *dir = f->locked ? opendir(f->path) : NULL; /* without a lock it may be somebody's */

    for (struct dirent *e = dir ? readdir(dir) : NULL; e; e = readdir(dir))
        if (strncmp(e->d_name, stage_kind, sizeof stage_kind - 1) == 0 &&
            strlen(e->d_name) == sizeof stage_kind - 1 + STAGE_LETTERS)
            clean_stage(f, e->d_name);
    if (dir)
        (void)closedir(dir);
}

static sim_status check_old(folder_owned *f, sim_err *err)
{
    for (uint64_t i = 0; i < f->old.count; i++) {
        const int error = folder_list_same(&f->place, f->old.entry[i]);

        if (error == EBADMSG)
            return err_set(err, SIM_BAD_INPUT,
                           "%s/%s: changed since smmsim wrote it (move it away, or use another "
                           "--out)",
                           f->path, f->old.entry[i]->name);
        if (error != 0)
            return err_set(err, SIM_SYSTEM, "%s/%s: %s", f->path, f->old.entry[i]->name,
                           strerror(error));
    }
    return SIM_OK;
}

static sim_status foreign(const folder_owned *f, const char *name, sim_err *err)
{
    return err_set(err, SIM_BAD_INPUT,
                   "%s/%s: not of a result that run.csv lists (move it away, or use another --out)",
                   f->path, name);
}

static sim_status check_journal(folder_owned *f, sim_err *err)
{
    const folder_request *r = &f->request;

    if (!sweep_journal_there(f->path))
        return SIM_OK;
    if (r->journal && r->force && !r->resume)
        sweep_journal_remove(f->path);
    if (r->journal)
        return SIM_OK;
    f->other_journal = 1;
    return r->force ? SIM_OK
                    : err_set(err, SIM_BAD_INPUT,
                              "%s: holds an unfinished sweep (use another --out, or add --force to "
                              "give it up)",
                              f->path);
}

static sim_status look(folder_owned *f, sim_err *err)
{
    char path[PATH];
    const int ours = folder_list_read(join(path, f->path, STAGE_LIST), &f->old);
    const folder_request *r = &f->request;
    struct stat info;
    sim_status s;

    f->has_run = ours >= 0;
    clean_stages(f);
    if (ours == 0)
        return err_set(err, SIM_BAD_INPUT,
                       "%s/run.csv: lists no files: of an older smmsim, or not of smmsim (move it "
                       "away, or use another --out)",
                       f->path);
    if (ours > 0 && strcmp(f->old.command, r->command) != 0 && !r->force)
        return err_set(err, SIM_BAD_INPUT,
                       "%s: holds a result of `smmsim %s` (use another --out, or add --force to "
                       "replace it)",
                       f->path, f->old.command);
    s = check_old(f, err);
    for (int i = 0; s == SIM_OK && r->names[i]; i++)
        if (fstatat(f->place.fd, r->names[i], &info, AT_SYMLINK_NOFOLLOW) == 0 &&
            !folder_list_find(&f->old, r->names[i]))
            s = foreign(f, r->names[i], err);
    return s == SIM_OK ? check_journal(f, err) : s;
}

sim_status folder_open(const folder_request *r, folder_owned **out, sim_err *err)
{
    folder_owned *f = sim_alloc(1, sizeof *f);
    sim_status s;

    f->request = *r;
    f->place = (folder_place){-1, -1};
    f->lock = f->stage.fd = -1;
    s = make_folder(f, err);
    if (s == SIM_OK)
        s = lock(f, err);
    if (s == SIM_OK)
        s = look(f, err);
    if (s != SIM_OK) {
        folder_close(f);
        return s;
    }
    f->facts = csv_to_memory();
    csv_header(f->facts, "name value place source");
    csv_row(f->facts, "command", r->command, "", "");
    *out = f;
    return SIM_OK;
}

/* ---- the new result --------------------------------------------------------------------- */

static sim_status failed(const folder_owned *f, const char *name, int error, sim_err *err)
{
    return err_set(err, SIM_SYSTEM, "%s/%s: %s", f->path, name, strerror(error));
}

static sim_status need_stage(folder_owned *f, sim_err *err)
{
    const int error = f->stage.fd < 0 ? stage_open(&f->stage, f->place.fd, stage_kind) : 0;

    return error == 0 ? SIM_OK
                      : err_set(err, SIM_SYSTEM, "%s: %s (give --out another name)", f->path,
                                strerror(error));
}

sim_status folder_file(folder_owned *f, const char *name, outfile **out, sim_err *err)
{
    struct stat info;
    char path[PATH];
    const char *rest;
    int folder;
    sim_status s;

    if (!folder_list_may(name))
        return err_set(err, SIM_BAD_INPUT, "%s/%s: not a name for a file of a result", f->path,
                       name);
    folder = folder_place_of(&f->place, name, 0, &rest);
    if (folder < 0 && errno != ENOENT)
        return foreign(f, "hgrm", err);
    if (folder >= 0 && fstatat(folder, rest, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
        !folder_list_find(&f->old, name))
        return foreign(f, name, err);
    for (uint64_t i = 0; folder == f->place.fd && i < f->fresh.count; i++)
        if (strcmp(f->fresh.entry[i]->name, name) == 0)
            return err_set(err, SIM_BAD_INPUT, "%s/%s: is a data file (use another name)", f->path,
                           name);
    s = need_stage(f, err);
    if (s != SIM_OK)
        return s;
    *out =
        outfile_stage(&f->stage, join(path, f->path, name), &folder_list_add(&f->fresh, name)->sum);
    return *out ? SIM_OK : failed(f, name, errno, err);
}

csv_writer *folder_facts(folder_owned *f)
{
    return f->facts;
}

/* run.csv, complete, in the stage. */
static sim_status write_list(folder_owned *f, sim_err *err)
{
    char text[PATH];
    outfile *to;
    size_t length;
    const char *rows;

    for (uint64_t i = 0; i < f->fresh.count; i++) {
        const folder_entry *e = f->fresh.entry[i];

        (void)snprintf(text, sizeof text, "%u %llu", e->sum.crc, (unsigned long long)e->sum.bytes);
        csv_row(f->facts, "file", text, e->name, "cksum");
    }
    to = outfile_stage(&f->stage, join(text, f->path, STAGE_LIST), NULL);
    if (!to)
        return failed(f, STAGE_LIST, errno, err);
    rows = csv_memory(f->facts, &length);
    outfile_write(to, rows, length);
    return outfile_close(to, err);
}

/* ---- one result in the place of another ------------------------------------------------- */

/* Takes the first `count` old files away, if they are still what was looked at, or puts them back
 * (`back`). How far it came. */
static uint64_t move_old(folder_owned *f, uint64_t count, int back, int *error)
{
    uint64_t done = 0;

    for (*error = 0; done < count; done++) {
        folder_entry *e = f->old.entry[done];
        const char *rest;
        const int folder = folder_place_of(&f->place, e->name, 0, &rest);
        struct stat now;

        if (!e->there)
            continue;
        if (back) {
            (void)!stage_put(&f->stage, e->sum.number, folder, rest);
            continue;
        }
        if (fstatat(folder, rest, &now, AT_SYMLINK_NOFOLLOW) != 0)
            *error = errno;
        else if (now.st_ino != e->info.st_ino || now.st_size != e->info.st_size ||
                 memcmp(&now.st_mtim, &e->info.st_mtim, sizeof now.st_mtim) != 0)
            *error = EBUSY;
        else
            *error = stage_take(&f->stage, folder, rest, &e->sum.number);
        if (*error != 0)
            break;
    }
    return done;
}

/* The same for the new files: to their places, or back into the stage. */
static uint64_t move_new(folder_owned *f, uint64_t count, int back, int *error)
{
    uint64_t done = 0;

    for (*error = 0; done < count; done++) {
        folder_entry *e = f->fresh.entry[done];
        const char *rest;
        const int folder = folder_place_of(&f->place, e->name, 1, &rest);

        if (back)
            (void)!stage_take(&f->stage, folder, rest, &e->sum.number);
        else
            *error = folder < 0 ? errno : stage_put(&f->stage, e->sum.number, folder, rest);
        if (*error != 0)
            break;
    }
    return done;
}

/* Without run.csv there is no result: it goes first and comes last. */
static int replace(folder_owned *f, const char **name)
{
    uint64_t taken, given = 0;
    int error, ignored;

    *name = STAGE_LIST;
    error = f->has_run ? stage_take(&f->stage, f->place.fd, STAGE_LIST, &f->old_run) : 0;
    if (error != 0)
        return error;
    taken = move_old(f, f->old.count, 0, &error);
    if (error != 0)
        *name = f->old.entry[taken]->name;
    if (error == 0) {
        given = move_new(f, f->fresh.count, 0, &error);
        if (error != 0)
            *name = f->fresh.entry[given]->name;
    }
    if (error == 0)
        error = stage_put(&f->stage, -1, f->place.fd, STAGE_LIST);
    if (error == 0)
        return 0;
    (void)move_new(f, given, 1, &ignored);
    (void)move_old(f, taken, 1, &ignored);
    if (f->has_run)
        (void)!stage_put(&f->stage, f->old_run, f->place.fd, STAGE_LIST);
    return error;
}

sim_status folder_commit(folder_owned *f, sim_err *err)
{
    sim_status s = need_stage(f, err);
    const char *name;
    int error;

    if (s == SIM_OK)
        s = write_list(f, err);
    if (s != SIM_OK)
        return s;
    interrupt_hold();
    error = replace(f, &name);
    if (error == 0 && f->other_journal)
        sweep_journal_remove(f->path);
    if (error == 0) /* if the last file has gone, now or when a program was killed */
        (void)unlinkat(f->place.fd, "hgrm", AT_REMOVEDIR);
    stage_close(&f->stage);
    interrupt_release();
    return error == 0        ? SIM_OK
           : error == EEXIST ? foreign(f, name, err)
                             : failed(f, name, error, err);
}

void folder_close(folder_owned *f)
{
    if (!f)
        return;
    stage_close(&f->stage);
    if (f->unlock.undo) {
        remove_lock(f);
        interrupt_drop(&f->unlock);
    }
    if (f->lock >= 0)
        (void)close(f->lock);
    folder_place_close(&f->place);
    folder_list_free(&f->old);
    folder_list_free(&f->fresh);
    csv_abandon(f->facts);
    free(f);
}

/* ---- single files ----------------------------------------------------------------------- */

/* The folder of `path` as text, "." if it names none; and the rest. */
static const char *split(const char *path, char folder[FOLDER])
{
    const char *slash = strrchr(path, '/');

    (void)snprintf(folder, FOLDER, "%.*s", slash ? (int)(slash - path) + 1 : 1, slash ? path : ".");
    return slash ? slash + 1 : path;
}

const char *folder_name_in(const folder_owned *f, const char *path)
{
    struct stat here, there;
    char folder[FOLDER];
    const char *name = split(path, folder);

    if (*name == '\0' || stat(folder, &there) != 0 || fstat(f->place.fd, &here) != 0)
        return NULL;
    return here.st_dev == there.st_dev && here.st_ino == there.st_ino ? name : NULL;
}

sim_status folder_spare(const char *path, const char *const *names, sim_err *err)
{
    char real[FOLDER], folder[FOLDER], list_path[PATH];
    const char *name;
    folder_list list;
    int taken;

    /* Where links lead; of a file that is not there yet it says that, too. */
    if (!realpath(path, real) && errno != ENOENT)
        return SIM_OK; /* who opens it says why it cannot be */
    name = split(real, folder);
    if (strcmp(name, lock_name) == 0)
        return err_set(err, SIM_BAD_INPUT, "%s: the lock of a folder (use another name)", path);
    taken = folder_list_read(join(list_path, folder, STAGE_LIST), &list) == 1;
    if (!taken && strlen(folder) > 6 && strcmp(folder + strlen(folder) - 6, "/hgrm/") == 0) {
        name -= 5;
        folder[strlen(folder) - 5] = '\0';
        taken = folder_list_read(join(list_path, folder, STAGE_LIST), &list) == 1;
    }
    if (!taken)
        return SIM_OK;
    taken = folder_list_find(&list, name) || is_among(name, names) || strcmp(name, STAGE_LIST) == 0;
    folder_list_free(&list);
    if (!taken)
        return SIM_OK;
    return err_set(err, SIM_BAD_INPUT,
                   "%s: a file of the result that is in its folder (use another name, or --out for "
                   "both)",
                   path);
}

sim_status folder_check(const char *path, const char *const *names, sim_err *err)
{
    folder_place place = {open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), -1};
    char list_path[PATH];
    folder_list list = {0};
    const int ours = folder_list_read(join(list_path, path, STAGE_LIST), &list);
    sim_status s = SIM_OK;

    if (place.fd < 0 || ours != 1)
        s = err_set(err, SIM_BAD_INPUT, "%s/run.csv: %s", path,
                    ours < 0 || place.fd < 0
                        ? "not there (a folder that `run --out` or `sweep` has written)"
                        : "lists no files: of an older smmsim, or not of smmsim (make the result "
                          "anew)");
    for (; s == SIM_OK && *names; names++) {
        folder_entry *e = folder_list_find(&list, *names);

        if (e ? folder_list_same(&place, e) != 0
              : faccessat(place.fd, *names, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
            s = err_set(err, SIM_BAD_INPUT,
                        "%s/%s: not of the result that run.csv describes (%s; make the result "
                        "anew)",
                        path, *names, e ? "changed since" : "not listed there");
    }
    folder_list_free(&list);
    folder_place_close(&place);
    return s;
}
