/* SPDX-License-Identifier: Apache-2.0 */
/* folders: where the shipped data files are, whatever the working folder is. */
#include "workloads/folders.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef SMMSIM_DATADIR
#define SMMSIM_DATADIR "/usr/local/share/smmsim"
#endif

static int same(const char *a, const char *b)
{
    struct stat of_a, of_b;

    if (strcmp(a, b) == 0)
        return 1;
    return stat(a, &of_a) == 0 && stat(b, &of_b) == 0 && of_a.st_dev == of_b.st_dev &&
           of_a.st_ino == of_b.st_ino;
}

static void add(folders *out, const char *folder)
{
    SIM_ASSERT(out->count < FOLDERS_MAX);
    if (strlen(folder) >= FOLDERS_BYTES)
        return;
    for (int i = 0; i < out->count; i++)
        if (same(out->path[i], folder))
            return;
    (void)snprintf(out->path[out->count++], FOLDERS_BYTES, "%s", folder);
}

static void add_if_filled(folders *out, const char *folder)
{
    char inside[FOLDERS_BYTES + 32];
    int length = snprintf(inside, sizeof inside, "%s/models/platforms", folder);

    if (length < (int)sizeof inside && access(inside, F_OK) == 0)
        add(out, folder);
}

void folders_find(folders *out)
{
    char own[FOLDERS_BYTES + 32];
    ssize_t length = readlink("/proc/self/exe", own, FOLDERS_BYTES);
    char *slash;

    out->count = 0;
    add(out, ".");
    own[length > 0 && length < FOLDERS_BYTES ? length : 0] = '\0';
    slash = strrchr(own, '/');
    if (slash) {
        *slash = '\0';
        add_if_filled(out, own);
        slash = strrchr(own, '/');
        (void)snprintf(slash ? slash : own, 32, "/share/smmsim");
        add_if_filled(out, own);
    }
    add(out, SMMSIM_DATADIR);
}

const char *folders_shown(const char *path)
{
    static const char *const shipped[] = {"models/platforms/", "workloads/"};
    folders all;

    if (path[0] != '/') /* all of them but "." begin at the root */
        return path;
    folders_find(&all);
    for (int i = 1; i < all.count; i++) {
        size_t length = strlen(all.path[i]);

        if (strncmp(path, all.path[i], length) != 0 || path[length] != '/')
            continue;
        for (int k = 0; k < 2; k++)
            if (strncmp(path + length + 1, shipped[k], strlen(shipped[k])) == 0)
                return path + length + 1;
    }
    return path;
}
