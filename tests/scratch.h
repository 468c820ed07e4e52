/* SPDX-License-Identifier: Apache-2.0 */
/* scratch: a fresh folder for the tests that make files, and files in it by their bytes. */
#ifndef SMMSIM_TESTS_SCRATCH_H
#define SMMSIM_TESTS_SCRATCH_H

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

/* Group set-up and teardown: the tests run inside the folder, so that the paths in error texts are
 * short and known. A file left behind fails the teardown. cmocka calls it also when the set-up
 * failed: then there is no folder of ours, *state is NULL, and nothing is removed. */
static inline int scratch_enter(void **state)
{
    char *folder = strdup("/tmp/smmsim_test_XXXXXX");

    if (folder == NULL || mkdtemp(folder) == NULL || chdir(folder) != 0) {
        free(folder);
        folder = NULL;
    }
    *state = folder;
    return folder == NULL;
}

static inline int scratch_leave(void **state)
{
    int failed = *state == NULL || chdir("/") != 0 || rmdir(*state) != 0;

    free(*state);
    *state = NULL;
    return failed;
}

static inline int scratch_remove(const char *path, const struct stat *info, int kind,
                                 struct FTW *where)
{
    (void)info;
    (void)kind;
    return where->level == 0 ? 0 : remove(path);
}

/* The same, with all that the tests left in it. The folder is named, never "the current one". */
static inline int scratch_leave_all(void **state)
{
    int failed =
        *state == NULL || nftw(*state, scratch_remove, 8, FTW_DEPTH | FTW_PHYS | FTW_MOUNT) != 0;

    return scratch_leave(state) != 0 || failed;
}

static inline void scratch_write(const char *path, const void *bytes, size_t length)
{
    (void)unlink(path); /* truncating makes some file systems wait for the disk */
    FILE *f = fopen(path, "wb");

    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, length, f), length);
    assert_int_equal(fclose(f), 0);
}

static inline void scratch_assert(const char *path, const char *expected)
{
    char got[4096];
    FILE *f = fopen(path, "rb");

    assert_non_null(f);
    got[fread(got, 1, sizeof got - 1, f)] = '\0';
    assert_int_equal(fclose(f), 0);
    assert_string_equal(got, expected);
}

#endif
