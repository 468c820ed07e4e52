/* SPDX-License-Identifier: Apache-2.0 */
/* log: finds the results of tasks in all files of a journal, reading each file once. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "sim/sweep/file.h"
#include "sim/sweep/journal.h"
#include "sim/sweep/plan.h"

/* Results that were read before their turn: what the plan lets out of order (sweep_plan.h), some
 * times over for starts with other settings. More is in no journal of ours and stays unread.
 * Descriptors and memory do not grow with the number of files but for READ_LEAST of each. */
enum { EARLY_MAX = 8 * PLAN_AHEAD, EARLY_FIRST = 256, OPEN_MAX_FILES = 1024 };
enum { READ_ALL = 64 << 20, READ_LEAST = 4 << 10, READ_MOST = 64 << 10 };

typedef struct {
    sweep_file file;
    uint64_t first;      /* of the record that was read last */
    uint64_t point;      /* its */
    uint32_t repetition; /* its */
    int held;            /* has a place among the open ones */
} log_file;

/* A record that waits for its turn. */
typedef struct {
    sweep_file_entry entry; /* empty: offset 0 */
    uint32_t file;
} early;

struct sweep_log {
    const sweep_spec *spec;
    const sweep_model *model;
    log_file *file;
    uint32_t files;
    uint32_t *live; /* files that have not ended */
    uint32_t lives;
    uint32_t *open; /* files that hold a descriptor, in a ring */
    uint32_t places, opened;
    early *slot; /* a hash table by linear probing, at most half full */
    uint64_t slots, count;
    uint64_t first;   /* nobody asks for a point below */
    uint64_t cleaned; /* `first` when the table was made */
};

/* ---- what was read before its turn ------------------------------------------------------ */

static uint64_t slot_of(const sweep_log *log, uint64_t point, uint64_t repetition)
{
    uint64_t mixed =
        (point * UINT64_C(0x9e3779b97f4a7c15) + repetition) * UINT64_C(0xd6e8feb86659fd93);

    return (mixed ^ mixed >> 32) & (log->slots - 1);
}

static void keep(sweep_log *log, const early *e)
{
    uint64_t at = slot_of(log, e->entry.point, e->entry.repetition);

    SIM_ASSERT(e->entry.offset != 0 && e->file < log->files && 2 * (log->count + 1) <= log->slots);
    while (log->slot[at].entry.offset != 0)
        at = (at + 1) & (log->slots - 1);
    log->slot[at] = *e;
    log->count++;
}

/* Drops what nobody will ask for, and makes the table larger if that was not much. */
static void make_room(sweep_log *log)
{
    early *old = log->slot;
    uint64_t slots = log->slots;
    uint64_t live = 0;

    for (uint64_t i = 0; i < slots; i++)
        live += old[i].entry.offset != 0 && old[i].entry.point >= log->first;
    log->slots = slots == 0 ? EARLY_FIRST : live * 4 > slots ? slots * 2 : slots;
    log->slot = sim_alloc(log->slots, sizeof *log->slot);
    log->count = 0;
    log->cleaned = log->first;
    for (uint64_t i = 0; i < slots; i++)
        if (old[i].entry.offset != 0 && old[i].entry.point >= log->first)
            keep(log, &old[i]);
    SIM_ASSERT(log->count == live);
    free(old);
}

static void forget(sweep_log *log, uint64_t hole)
{
    const uint64_t mask = log->slots - 1;

    SIM_ASSERT(log->count > 0 && log->slot[hole].entry.offset != 0);
    log->count--;
    for (uint64_t at = (hole + 1) & mask; log->slot[at].entry.offset != 0; at = (at + 1) & mask) {
        uint64_t home = slot_of(log, log->slot[at].entry.point, log->slot[at].entry.repetition);

        if (((at - home) & mask) >= ((at - hole) & mask)) {
            log->slot[hole] = log->slot[at];
            hole = at;
        }
    }
    log->slot[hole].entry.offset = 0;
}

/* ---- reading ---------------------------------------------------------------------------- */

/* After every use of a file: it holds a descriptor in the place of the one that came first. */
static void settle(sweep_log *log, uint32_t number)
{
    log_file *f = &log->file[number];
    uint32_t *place = &log->open[log->opened % log->places];

    SIM_ASSERT(number < log->files);
    if (f->held || f->file.fd < 0)
        return;
    if (log->opened >= log->places) {
        sweep_file_rest(&log->file[*place].file);
        log->file[*place].held = 0;
    }
    *place = number;
    f->held = 1;
    log->opened++;
}

/* The result of a record, if it is one. */
static int fetch(sweep_log *log, const early *e, bytes *result)
{
    sweep_file *f = &log->file[e->file].file;
    const int there = sweep_file_result(f, &e->entry, result);
    const int fine = there && (!log->model->usable || log->model->usable(log->model->self, result));

    settle(log, e->file);
    f->lost[there ? SWEEP_IMPLAUSIBLE : SWEEP_DAMAGED] += !fine;
    return fine;
}

static int take_early(sweep_log *log, const sweep_task *task, bytes *result)
{
    uint64_t at = log->count > 0 ? slot_of(log, task->point, task->repetition) : 0;

    while (log->count > 0 && log->slot[at].entry.offset != 0) {
        const early e = log->slot[at];

        if (e.entry.point != task->point || e.entry.repetition != task->repetition) {
            at = (at + 1) & (log->slots - 1);
            continue;
        }
        forget(log, at); /* another one of the task may come into its place */
        if (fetch(log, &e, result))
            return 1;
    }
    return 0;
}

/* Whether a task cannot come any more in a file: a point above was the lowest one not done, or a
 * repetition was given out that waits for its end. */
static int is_past(const log_file *f, const sweep_task *task)
{
    return f->first > task->point ||
           (f->point == task->point && f->repetition >= (uint64_t)task->repetition + PLAN_AHEAD);
}

/* Whether an entry is one that a sweep writes there. */
static int is_plausible(const sweep_log *log, const log_file *f, const sweep_file_entry *entry)
{
    return entry->first >= f->first && entry->first <= entry->point &&
           entry->point < log->spec->points;
}

/* Reads until the task, or until it cannot come any more. */
static int read_on(sweep_log *log, uint32_t number, const sweep_task *task, bytes *result)
{
    log_file *f = &log->file[number];
    early e = {.file = number};

    while (log->count < EARLY_MAX && !is_past(f, task) && sweep_file_next(&f->file, &e.entry)) {
        if (!is_plausible(log, f, &e.entry)) {
            f->file.lost[SWEEP_IMPLAUSIBLE]++;
            continue;
        }
        f->first = e.entry.first;
        f->point = e.entry.point;
        f->repetition = e.entry.repetition;
        if (f->point == task->point && f->repetition == task->repetition) {
            if (fetch(log, &e, result))
                return 1;
        } else if (f->point >= log->first && f->repetition < log->spec->repetitions) {
            if (2 * (log->count + 1) > log->slots)
                make_room(log);
            keep(log, &e);
        }
    }
    return 0;
}

int sweep_log_find(sweep_log *log, const sweep_task *task, uint64_t first, bytes *result)
{
    SIM_ASSERT(first >= log->first && task->point >= first);
    log->first = first;
    if (take_early(log, task, result))
        return 1;
    if (log->count >= EARLY_MAX && log->cleaned < first)
        make_room(log);
    for (uint32_t i = 0; i < log->lives;) {
        const uint32_t number = log->live[i];
        const int found = read_on(log, number, task, result);

        settle(log, number);
        if (found)
            return 1;
        if (log->file[number].file.ended)
            log->live[i] = log->live[--log->lives];
        else
            i++;
    }
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

static int by_name(const void *a, const void *b)
{
    return strcmp(((const log_file *)a)->file.path, ((const log_file *)b)->file.path);
}

/* Every file by its head; none stays open. */
static sim_status add_file(sweep_log *log, const char *path, sim_err *err)
{
    char *there = NULL;
    sim_status s = SIM_OK;
    log_file *f;
    int opened;

    if ((log->files & (log->files - 1)) == 0)
        log->file = sim_realloc(log->file, log->files ? 2 * (uint64_t)log->files : 1, sizeof *f);
    f = &log->file[log->files];
    *f = (log_file){0};
    opened = sweep_file_open(path, &f->file, &there);
    if (opened < 0)
        return err_set(err, SIM_SYSTEM, "%s: %s", path, strerror(-opened));
    log->files++;
    sweep_file_rest(&f->file);
    bytes_free(&f->file.buffer);
    f->file.used = 0;
    if (opened && strcmp(there, log->spec->key) != 0)
        s = other_key(path, there, log->spec->key, err);
    free(there);
    return s;
}

/* In the order of their names, with their share of memory and of descriptors: others need some. */
static void begin(sweep_log *log)
{
    struct rlimit limit = {.rlim_cur = OPEN_MAX_FILES};
    size_t part = READ_ALL / (log->files + 1);

    (void)getrlimit(RLIMIT_NOFILE, &limit);
    log->places =
        limit.rlim_cur < 4 * (rlim_t)OPEN_MAX_FILES ? (uint32_t)limit.rlim_cur / 4 : OPEN_MAX_FILES;
    log->places += log->places == 0;
    log->open = sim_alloc(log->places, sizeof *log->open);
    log->live = sim_alloc(log->files, sizeof *log->live);
    if (log->files > 0)
        qsort(log->file, log->files, sizeof *log->file, by_name);
    part = part < READ_LEAST ? READ_LEAST : part > READ_MOST ? READ_MOST : part;
    for (; log->lives < log->files; log->lives++) {
        log->file[log->lives].file.read_min = part;
        log->live[log->lives] = log->lives;
    }
}

sim_status sweep_log_open(const sweep_spec *spec, const sweep_model *model, sweep_log **out,
                          sim_err *err)
{
    sweep_log *log = sim_alloc(1, sizeof *log);
    char path[900];
    sim_status s = SIM_OK;
    DIR *dir;

    log->spec = spec;
    log->model = model;
    (void)snprintf(path, sizeof path, "%s/journal", spec->folder);
    dir = opendir(path);
    for (struct dirent *e = dir ? readdir(dir) : NULL; e && s == SIM_OK; e = readdir(dir)) {
        if (!sweep_journal_owns(dirfd(dir), e->d_name))
            continue;
        (void)snprintf(path, sizeof path, "%s/journal/%s", spec->folder, e->d_name);
        s = add_file(log, path, err);
    }
    if (dir)
        (void)closedir(dir);
    begin(log);
    if (s == SIM_OK)
        *out = log;
    else
        sweep_log_close(log);
    return s;
}

void sweep_log_tell(const sweep_log *log)
{
    static const char *const why[SWEEP_FAULTS] = {"damaged", "cut off at its end", "implausible"};

    for (uint32_t i = 0; log && i < log->files; i++) {
        const sweep_file *f = &log->file[i].file;
        uint64_t all = 0;
        char whys[160] = "";
        size_t end = 0;

        for (int fault = 0; fault < SWEEP_FAULTS; fault++)
            if (f->lost[fault] > 0) {
                end += (size_t)snprintf(whys + end, sizeof whys - end, "%s%llu %s",
                                        all > 0 ? ", " : "", (unsigned long long)f->lost[fault],
                                        why[fault]);
                all += f->lost[fault];
            }
        if (f->headless)
            err_tell("%s: nothing of it is used (its head is damaged); what is missing is made "
                     "again",
                     f->path);
        else if (all > 0)
            err_tell("%s: %s%llu run%s not used (%s); what is missing is made again", f->path,
                     f->rest_lost && f->lost[SWEEP_CUT] != 1 ? "at least " : "",
                     (unsigned long long)all, all == 1 ? "" : "s", whys);
    }
}

void sweep_log_close(sweep_log *log)
{
    if (!log)
        return;
    for (uint32_t i = 0; i < log->files; i++)
        sweep_file_close(&log->file[i].file);
    free(log->file);
    free(log->live);
    free(log->open);
    free(log->slot);
    free(log);
}
