/* SPDX-License-Identifier: Apache-2.0 */
/* scratch: a fresh folder for the tests that make files, and files in it by their bytes. */
#ifndef SMMSIM_TESTS_SCRATCH_H
#define SMMSIM_TESTS_SCRATCH_H

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
 * short and known. A file left behind fails the teardown. */
static inline int scratch_enter(void **state)
{
    char *folder = strdup("/tmp/smmsim_test_XXXXXX");

    *state = folder;
    return folder == NULL || mkdtemp(folder) == NULL || chdir(folder) != 0;
}

static inline int scratch_leave(void **state)
{
    int failed = chdir("/") != 0 || rmdir(*state) != 0;

    free(*state);
    return failed;
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
