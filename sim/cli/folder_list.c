/* SPDX-License-Identifier: Apache-2.0 */
/* folder_list: reads run.csv, keeps names and checksums, and sums files up again. */
#include "sim/cli/folder_list.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/lib/cksum.h"

enum { BLOCK = 256 * 1024 };
static const char hgrm[] = "hgrm/";

/* ---- places ----------------------------------------------------------------------------- */

void folder_place_close(folder_place *p)
{
    if (p->hgrm >= 0)
        (void)close(p->hgrm);
    if (p->fd >= 0)
        (void)close(p->fd);
    p->hgrm = p->fd = -1;
}

int folder_place_of(folder_place *p, const char *name, int make, const char **rest)
{
    *rest = name;
    if (strncmp(name, hgrm, sizeof hgrm - 1) != 0)
        return p->fd;
    *rest = name + sizeof hgrm - 1;
    if (p->hgrm >= 0)
        return p->hgrm;
    if (make && mkdirat(p->fd, "hgrm", 0777) != 0 && errno != EEXIST)
        return -1;
    p->hgrm = openat(p->fd, "hgrm", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return p->hgrm;
}

/* ---- lists ------------------------------------------------------------------------------ */

int folder_list_may(const char *name)
{
    if (strncmp(name, hgrm, sizeof hgrm - 1) == 0)
        name += sizeof hgrm - 1;
    return *name != '\0' && !strchr(name, '/') && strcmp(name, ".") != 0 &&
           strcmp(name, "..") != 0 && strcmp(name, STAGE_LIST) != 0 && strcmp(name, "hgrm") != 0 &&
           strcmp(name, "journal") != 0;
}

folder_entry *folder_list_add(folder_list *list, const char *name)
{
    folder_entry *e = sim_alloc(1, sizeof *e);

    if (list->count == list->room) {
        list->room = list->room ? 2 * list->room : 32;
        list->entry = sim_realloc(list->entry, list->room, sizeof(folder_entry *));
    }
    e->name = strdup(name);
    SIM_ASSERT(e->name);
    list->entry[list->count++] = e;
    return e;
}

void folder_list_free(folder_list *list)
{
    for (uint64_t i = 0; i < list->count; i++) {
        free(list->entry[i]->name);
        free(list->entry[i]);
    }
    free(list->entry);
    *list = (folder_list){0};
}

static int by_name(const void *left, const void *right)
{
    const folder_entry *const *a = left;
    const folder_entry *const *b = right;

    return strcmp((*a)->name, (*b)->name);
}

folder_entry *folder_list_find(const folder_list *list, const char *name)
{
    folder_entry **found, key = {.name = (char *)name}, *wanted = &key;

    if (list->count == 0)
        return NULL;
    found = bsearch(&wanted, list->entry, list->count, sizeof(folder_entry *), by_name);
    return found ? *found : NULL;
}

/* "CHECKSUM BYTES" */
static int read_sum(const char *text, outfile_sum *sum)
{
    char *end;
    uint64_t crc;

    errno = 0;
    crc = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != ' ' || crc > UINT32_MAX)
        return 0;
    text = end + 1;
    sum->crc = (uint32_t)crc;
    sum->bytes = strtoull(text, &end, 10);
    return *text >= '0' && *text <= '9' && *end == '\0' && errno == 0;
}

static int take_rows(const csv_table *t, folder_list *list)
{
    static const char *const names[] = {"name", "value", "place", "source"};

    if (csv_columns(t) != 4 || csv_rows(t) == 0 || strcmp(csv_field(t, 0, 0), "command") != 0 ||
        strlen(csv_field(t, 0, 1)) >= sizeof list->command)
        return 0;
    for (int i = 0; i < 4; i++)
        if (strcmp(csv_name(t, i), names[i]) != 0)
            return 0;
    memcpy(list->command, csv_field(t, 0, 1), strlen(csv_field(t, 0, 1)) + 1);
    for (int row = 1; row < csv_rows(t); row++) {
        const char *name = csv_field(t, row, 2);

        if (strcmp(csv_field(t, row, 0), "file") != 0)
            continue;
        if (!folder_list_may(name) ||
            !read_sum(csv_field(t, row, 1), &folder_list_add(list, name)->sum))
            return 0;
    }
    return 1;
}

int folder_list_read(const char *path, folder_list *list)
{
    struct stat info;
    csv_table *t;
    int ours;

    *list = (folder_list){0};
    if (lstat(path, &info) != 0)
        return errno == ENOENT ? -1 : 0;
    if (!S_ISREG(info.st_mode) || csv_read(path, &t, NULL) != SIM_OK)
        return 0;
    ours = take_rows(t, list);
    csv_free_table(t);
    if (ours && list->count > 0)
        qsort(list->entry, list->count, sizeof(folder_entry *), by_name);
    if (!ours)
        folder_list_free(list);
    return ours;
}

/* ---- content ---------------------------------------------------------------------------- */

static int sum_of(int fd, const outfile_sum *wanted)
{
    cksum *c = sim_alloc(1, sizeof *c);
    char *block = sim_alloc(BLOCK, 1);
    int error = 0;
    ssize_t n;

    cksum_init(c);
    while ((n = read(fd, block, BLOCK)) > 0 || (n < 0 && errno == EINTR))
        if (n > 0)
            cksum_add(c, block, (size_t)n);
    if (n < 0)
        error = errno;
    else if (c->bytes != wanted->bytes || cksum_end(c) != wanted->crc)
        error = EBADMSG;
    free(block);
    free(c);
    return error;
}

int folder_list_same(folder_place *p, folder_entry *e)
{
    const char *name;
    const int folder = folder_place_of(p, e->name, 0, &name);
    int fd, error;

    e->there = 0;
    if (folder < 0)
        return errno == ENOENT ? 0 : EBADMSG;
    fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? 0 : errno == ELOOP ? EBADMSG : errno;
    if (fstat(fd, &e->info) != 0)
        error = errno;
    else if (!S_ISREG(e->info.st_mode) || (uint64_t)e->info.st_size != e->sum.bytes)
        error = EBADMSG;
    else
        error = sum_of(fd, &e->sum);
    (void)close(fd);
    e->there = error == 0;
    return error;
}

/* ---- other rows of run.csv -------------------------------------------------------------- */

sim_status folder_fact(const char *folder, const char *name, char **value, sim_err *err)
{
    char path[600];
    csv_table *t;
    sim_status s;

    *value = NULL;
    (void)snprintf(path, sizeof path, "%s/run.csv", folder);
    s = csv_read(path, &t, err);
    if (s != SIM_OK)
        return s;
    for (int row = 0; row < csv_rows(t) && csv_columns(t) > 1 && !*value; row++)
        if (strcmp(csv_field(t, row, 0), name) == 0) {
            *value = strdup(csv_field(t, row, 1));
            SIM_ASSERT(*value);
        }
    csv_free_table(t);
    return SIM_OK;
}
