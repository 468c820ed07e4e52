/* SPDX-License-Identifier: Apache-2.0 */
/* sweep_log: finds the results of tasks in all files of a journal, reading each file once. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/sweep_file.h"
#include "sim/sweep_journal.h"
#include "sim/sweep_plan.h"

/* Results that were read before their turn: at most so many of a file (sweep_plan.h says why). */
enum { EARLY_MAX = 2 * PLAN_AHEAD, EARLY_FIRST = 256, FILES_MAX = 900 };

/* A file and a hash table of its early records, by linear probing, at most half full. */
typedef struct {
    sweep_file file;
    sweep_file_entry *slot; /* empty: offset 0 */
    uint64_t slots, early;
    uint64_t first;   /* of the record that was read last */
    uint64_t cleaned; /* `first` at the last look for what nobody will ask for */
} log_file;

struct sweep_log {
    int files;
    log_file file[];
};

static uint64_t slot_of(const log_file *f, uint64_t point, uint64_t repetition)
{
    uint64_t mixed =
        (point * UINT64_C(0x9e3779b97f4a7c15) + repetition) * UINT64_C(0xd6e8feb86659fd93);

    return (mixed ^ mixed >> 32) & (f->slots - 1);
}

static void keep(log_file *f, const sweep_file_entry *entry)
{
    uint64_t at = slot_of(f, entry->point, entry->repetition);

    while (f->slot[at].offset != 0)
        at = (at + 1) & (f->slots - 1);
    f->slot[at] = *entry;
    f->early++;
}

/* Drops what nobody will ask for, and makes the table larger if that was not much. */
static void make_room(log_file *f, uint64_t first)
{
    sweep_file_entry *old = f->slot;
    uint64_t slots = f->slots;
    uint64_t live = 0;

    for (uint64_t i = 0; i < slots; i++)
        live += old[i].offset != 0 && old[i].point >= first;
    f->slots = slots == 0 ? EARLY_FIRST : live * 4 > slots ? slots * 2 : slots;
    f->slot = sim_alloc(f->slots, sizeof *f->slot);
    f->early = 0;
    f->cleaned = first;
    for (uint64_t i = 0; i < slots; i++)
        if (old[i].offset != 0 && old[i].point >= first)
            keep(f, &old[i]);
    free(old);
}

static void forget(log_file *f, uint64_t hole)
{
    const uint64_t mask = f->slots - 1;

    f->early--;
    for (uint64_t at = (hole + 1) & mask; f->slot[at].offset != 0; at = (at + 1) & mask) {
        uint64_t home = slot_of(f, f->slot[at].point, f->slot[at].repetition);

        if (((at - home) & mask) >= ((at - hole) & mask)) {
            f->slot[hole] = f->slot[at];
            hole = at;
        }
    }
    f->slot[hole].offset = 0;
}

static int take_early(log_file *f, const sweep_task *task, bytes *result)
{
    if (f->early == 0)
        return 0;
    for (uint64_t at = slot_of(f, task->point, task->repetition); f->slot[at].offset != 0;
         at = (at + 1) & (f->slots - 1)) {
        sweep_file_entry entry = f->slot[at];

        if (entry.point == task->point && entry.repetition == task->repetition) {
            forget(f, at);
            return sweep_file_result(&f->file, &entry, result);
        }
    }
    return 0;
}

/* Reads until the task, or until it cannot come any more: a point above was the lowest one not
 * done. */
static int read_on(log_file *f, const sweep_task *task, uint64_t first, bytes *result)
{
    sweep_file_entry entry;

    if (f->early >= EARLY_MAX && f->cleaned < first)
        make_room(f, first);
    while (f->early < EARLY_MAX && f->first <= task->point && sweep_file_next(&f->file, &entry)) {
        f->first = entry.first;
        if (entry.point == task->point && entry.repetition == task->repetition)
            return sweep_file_result(&f->file, &entry, result);
        if (entry.point < first)
            continue;
        if (2 * (f->early + 1) > f->slots)
            make_room(f, first);
        keep(f, &entry);
    }
    return 0;
}

int sweep_log_find(sweep_log *log, const sweep_task *task, uint64_t first, bytes *result)
{
    for (int i = 0; i < log->files; i++)
        if (take_early(&log->file[i], task, result))
            return 1;
    for (int i = 0; i < log->files; i++)
        if (read_on(&log->file[i], task, first, result))
            return 1;
    return 0;
}

/* ---- opening ---------------------------------------------------------------------------- */

static sim_status other_key(const char *path, const char *there, const char *here, sim_err *err)
{
    while (*there && *here) {
        size_t length_there = strcspn(there, "\n");
        size_t length_here = strcspn(here, "\n");

        if (length_there != length_here || memcmp(there, here, length_here) != 0)
            break;
        there += length_there + (there[length_there] == '\n');
        here += length_here + (here[length_here] == '\n');
    }
    return err_set(
        err, SIM_BAD_INPUT,
        "%s: of another sweep: \"%.*s\" there, \"%.*s\" now (use another --out, or remove "
        "the journal)",
        path, (int)strcspn(there, "\n"), there, (int)strcspn(here, "\n"), here);
}

static sim_status add_file(sweep_log *log, const char *path, const char *key, sim_err *err)
{
    char *there = NULL;
    int opened;
    sim_status s = SIM_OK;

    if (log->files == FILES_MAX)
        return err_set(err, SIM_SYSTEM, "%s: more than %d files (start anew in another --out)",
                       path, FILES_MAX);
    opened = sweep_file_open(path, &log->file[log->files].file, &there);
    if (opened < 0)
        return err_set(err, SIM_SYSTEM, "%s: %s", path, strerror(-opened));
    log->files++;
    if (opened && strcmp(there, key) != 0)
        s = other_key(path, there, key, err);
    free(there);
    return s;
}

sim_status sweep_log_open(const char *folder, const char *key, sweep_log **out, sim_err *err)
{
    sweep_log *log = sim_alloc(1, sizeof *log + FILES_MAX * sizeof log->file[0]);
    char path[900];
    sim_status s = SIM_OK;
    DIR *dir;

    (void)snprintf(path, sizeof path, "%s/journal", folder);
    dir = opendir(path);
    for (struct dirent *e = dir ? readdir(dir) : NULL; e && s == SIM_OK; e = readdir(dir)) {
        if (!sweep_journal_owns(dirfd(dir), e->d_name))
            continue;
        (void)snprintf(path, sizeof path, "%s/journal/%s", folder, e->d_name);
        s = add_file(log, path, key, err);
    }
    if (dir)
        (void)closedir(dir);
    if (s == SIM_OK)
        *out = log;
    else
        sweep_log_close(log);
    return s;
}

void sweep_log_close(sweep_log *log)
{
    if (!log)
        return;
    for (int i = 0; i < log->files; i++) {
        sweep_file_close(&log->file[i].file);
        free(log->file[i].slot);
    }
    free(log);
}
