/* SPDX-License-Identifier: Apache-2.0 */
/* plain: runs a fuzz target without libFuzzer: the corpus, then inputs that a seed makes of it. */
#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/lib/input.h"
#include "sim/lib/rng.h"
#include "tests/fuzz/fuzz.h"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#endif

enum { INPUT_MAX = 8192, CORPUS_MAX = 4096, ROUNDS_MAX = 6, LEAKS_EVERY = 64 };

typedef struct {
    bytes file[CORPUS_MAX];
    int files;
    const char *last; /* where the input is written before it is tried; or NULL */
} corpus;

static uint64_t draws; /* words that were drawn; the whole state of what is made */

static uint64_t draw(uint64_t below)
{
    return rng_word(&(rng_address){.seed = 1, .ordinal = draws++}) % below;
}

/* ---- inputs ----------------------------------------------------------------------------- */

static size_t put_in(uint8_t *data, size_t size, size_t most)
{
    const size_t at = draw(size + 1), from = size ? draw(size) : 0;
    size_t length = size ? 1 + draw(size - from < 32 ? size - from : 32) : 1;
    uint8_t part[32] = {(uint8_t)draw(256)};

    length = length > most - size ? most - size : length;
    if (size > 0 && draw(2))
        memcpy(part, data + from, length);
    memmove(data + at + length, data + at, size - at);
    memcpy(data + at, part, length);
    return size + length;
}

static size_t take_out(uint8_t *data, size_t size)
{
    const size_t at = draw(size);
    const size_t length = 1 + draw(size - at < 32 ? size - at : 32);

    memmove(data + at, data + at + length, size - at - length);
    return size - length;
}

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most)
{
    static const uint8_t bytes_that_matter[] = "\0\x01\x7f\x80\xff\n\r\"',;:.|=*()#-+ 0189eE%";
    const uint64_t how = draw(5);

    if (size == 0 || (how == 0 && size < most))
        return put_in(data, size, most);
    if (how == 1)
        return take_out(data, size);
    if (how == 2)
        data[draw(size)] ^= (uint8_t)(1 << draw(8));
    else if (how == 3)
        data[draw(size)] = bytes_that_matter[draw(sizeof bytes_that_matter - 1)];
    else
        data[draw(size)] = (uint8_t)(draw(256));
    return size;
}

/* The beginning of one file, the end of another, and some changes. */
static size_t make(const corpus *c, uint8_t *data)
{
    const bytes *first = &c->file[draw((uint64_t)c->files)];
    const bytes *second = &c->file[draw((uint64_t)c->files)];
    size_t size = first->length < INPUT_MAX ? first->length : INPUT_MAX;

    memcpy(data, first->at, size);
    if (draw(4) == 0 && second->length > 0) {
        const size_t from = draw(second->length), at = draw(size + 1);
        const size_t length = second->length - from;

        size = at + (length < INPUT_MAX - at ? length : INPUT_MAX - at);
        memcpy(data + at, second->at + from, size - at);
    }
    for (uint64_t rounds = 1 + draw(ROUNDS_MAX); rounds > 0; rounds--)
        size = LLVMFuzzerCustomMutator(data, size, INPUT_MAX, (unsigned)draw(UINT32_MAX));
    return size;
}

/* ---- runs ------------------------------------------------------------------------------- */

/* In memory of exactly its size, so that a byte behind it is found. */
static void try_input(const corpus *c, const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);

    if (c->last)
        fuzz_write(c->last, data, size);
    if (size > 0)
        memcpy(copy, data, size);
    (void)LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static void find_leaks(const char *where)
{
#ifdef __SANITIZE_ADDRESS__
    FUZZ_CHECK(!__lsan_do_recoverable_leak_check(), where);
#endif
    (void)where;
}

static void replay_file(corpus *c, const char *path)
{
    sim_err err;

    FUZZ_CHECK(c->files < CORPUS_MAX, path);
    FUZZ_CHECK(input_read(path, UINT64_C(1) << 20, &c->file[c->files], &err) == SIM_OK, path);
    try_input(c, c->file[c->files].at, c->file[c->files].length);
    c->files++;
    find_leaks(path);
}

static void replay(corpus *c, const char *path)
{
    struct dirent **entry;
    const int found = scandir(path, &entry, NULL, alphasort);

    if (found < 0)
        replay_file(c, path);
    for (int i = 0; i < found; i++) {
        char file[PATH_MAX];

        (void)snprintf(file, sizeof file, "%s/%s", path, entry[i]->d_name);
        if (entry[i]->d_name[0] != '.')
            replay_file(c, file);
        free(entry[i]);
    }
    if (found >= 0)
        free(entry);
}

/* Arguments: files and folders, and -runs=N for so many new inputs. */
int main(int argc, char **argv)
{
    corpus *c = sim_alloc(1, sizeof *c);
    uint8_t *data = sim_alloc(INPUT_MAX, 1);
    long runs = 0;

    (void)LLVMFuzzerInitialize(&argc, &argv);
    c->last = getenv("FUZZ_LAST");
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "-runs=", 6) == 0)
            runs = strtol(argv[i] + 6, NULL, 10);
        else
            replay(c, argv[i]);
    }
    FUZZ_CHECK(c->files > 0, "a file or a folder of files");
    for (long i = 0; i < runs; i++) {
        const size_t size = make(c, data);

        try_input(c, data, size);
        if (i % LEAKS_EVERY == LEAKS_EVERY - 1 || i == runs - 1)
            find_leaks("one of the last inputs");
    }
    if (c->last)
        (void)unlink(c->last);
    (void)printf("  %-10s %4d files, %ld new inputs\n", getenv("FUZZ_TARGET"), c->files, runs);
    for (int i = 0; i < c->files; i++)
        bytes_free(&c->file[i]);
    free(c);
    free(data);
    return 0;
}
