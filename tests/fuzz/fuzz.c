/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz: chooses the target by FUZZ_TARGET, makes its scratch folder, puts words into inputs. */
#include "tests/fuzz/fuzz.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "models/machine/params.h"
#include "sim/lib/bytes.h"
#include "sim/lib/rng.h"

static const struct {
    const char *name;
    const fuzz_target *target;
} targets[] = {
#define FUZZ_ROW(name) {#name, &fuzz_##name},
    FUZZ_TARGETS(FUZZ_ROW)
#undef FUZZ_ROW
};
enum { TARGETS = sizeof targets / sizeof targets[0] };

static const fuzz_target *chosen;
static FILE *real_stderr;

_Noreturn void fuzz_fail(const char *file, int line, const char *what, const char *text)
{
    (void)fprintf(real_stderr, "%s:%d: does not hold: %s\n  with: %s\n", file, line, what, text);
    abort();
}

/* ---- set-up ----------------------------------------------------------------------------- */

static void choose(void)
{
    const char *name = getenv("FUZZ_TARGET");

    for (int i = 0; i < TARGETS; i++)
        if (name && strcmp(name, targets[i].name) == 0)
            chosen = targets[i].target;
    if (chosen)
        return;
    for (int i = 0; i < TARGETS; i++)
        (void)puts(targets[i].name);
    exit(name && *name ? SIM_BAD_INPUT : SIM_OK);
}

/* Platforms and workloads that are shipped are found from the scratch folder as from the root. */
static void enter_scratch(void)
{
    char root[PATH_MAX], shipped[PATH_MAX + 16], folder[PATH_MAX];
    const char *place = getenv("TMPDIR");

    (void)snprintf(folder, sizeof folder, "%s/fuzz.XXXXXX", place ? place : "/tmp");
    if (!getcwd(root, sizeof root) || !mkdtemp(folder) || chdir(folder) != 0)
        fuzz_fail(__FILE__, __LINE__, "a scratch folder can be made", folder);
    (void)snprintf(shipped, sizeof shipped, "%s/models", root);
    FUZZ_CHECK(symlink(shipped, "models") == 0, shipped);
    (void)snprintf(shipped, sizeof shipped, "%s/workloads", root);
    FUZZ_CHECK(symlink(shipped, "workloads") == 0, shipped);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    real_stderr = stderr;
    choose();
    for (int i = 1; i < *argc; i++) {
        char *whole = (*argv)[i][0] == '-' ? NULL : realpath((*argv)[i], NULL);

        (*argv)[i] = whole ? whole : (*argv)[i];
    }
    enter_scratch();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    chosen->take(data, size);
    return 0;
}

/* ---- for targets ------------------------------------------------------------------------ */

char *fuzz_text(const uint8_t *data, size_t size)
{
    char *text = sim_alloc(size + 1, 1);

    if (size > 0)
        memcpy(text, data, size);
    return text;
}

void fuzz_write(const char *name, const void *data, size_t size)
{
    FILE *f;

    (void)unlink(name);
    f = fopen(name, "wb");
    FUZZ_CHECK(f && (size == 0 || fwrite(data, 1, size, f) == size), name);
    FUZZ_CHECK(fclose(f) == 0, name);
}

static int is_one_line(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return 0;
    return 1;
}

static int has_place(const char *text, const char *path)
{
    const size_t length = strlen(path);

    if (strncmp(text, path, length) != 0)
        return 0;
    text += length;
    for (int i = 0; i < 2; i++) {
        const size_t digits = *text == ':' ? strspn(text + 1, "0123456789") : 0;

        if (digits == 0 || text[1] == '0')
            return 0;
        text += 1 + digits;
    }
    return strncmp(text, ": ", 2) == 0 && text[2] != '\0';
}

void fuzz_refused(sim_status s, const sim_err *err, const char *path)
{
    FUZZ_CHECK(s == SIM_BAD_INPUT, err->text);
    FUZZ_CHECK(err->text[0] != '\0' && is_one_line(err->text), err->text);
    FUZZ_CHECK(!path || has_place(err->text, path), err->text);
}

void fuzz_draws(const dist *d, int is_mix)
{
    static const uint64_t step = UINT64_C(0x0fffffffffffffff);
    const int64_t least = dist_min(d), most = dist_max(d), mean = dist_mean(d);
    int64_t before = 0;

    FUZZ_CHECK(0 <= least && least <= mean && mean <= most, "the mean of a distribution");
    for (uint64_t word = 0, i = 0; i <= 16; i++, word = i * step + i) {
        const int64_t drawn = dist_draw(d, i == 16 ? UINT64_MAX : word);

        FUZZ_CHECK(least <= drawn && drawn <= most, "a draw");
        FUZZ_CHECK(is_mix || before <= drawn, "draws are in order");
        before = drawn;
        FUZZ_CHECK(!dist_is_constant(d) || drawn == mean, "a draw of a constant");
    }
}

/* Standard error of a command: kept, and a broken invariant shown, after which nobody looks. */
static ssize_t keep(void *self, const char *text, size_t length)
{
    bytes_add(self, text, length);
    if (memmem(text, length, "broken invariant", strlen("broken invariant")))
        (void)fwrite(text, 1, length, real_stderr);
    return (ssize_t)length;
}

void fuzz_command(int (*run)(int argc, char **argv), char **argv)
{
    FILE *const old_out = stdout;
    bytes said = {0};
    char *line;
    int argc = 0, status;

    while (argv[argc])
        argc++;
    stdout = fopen("/dev/null", "w");
    stderr = fopencookie(&said, "w", (cookie_io_functions_t){.write = keep});
    FUZZ_CHECK(stdout && stderr && setvbuf(stderr, NULL, _IOLBF, 0) == 0, argv[0]);
    status = run(argc, argv);
    (void)fclose(stdout);
    (void)fclose(stderr);
    stdout = old_out;
    stderr = real_stderr;
    bytes_add(&said, "", 1);
    line = (char *)said.at;
    FUZZ_CHECK(status == SIM_OK || status == SIM_FINDING || status == SIM_BAD_INPUT, line);
    FUZZ_CHECK(status != SIM_OK || *line == '\0', line);
    FUZZ_CHECK(status != SIM_BAD_INPUT || *line != '\0', argv[0]);
    FUZZ_CHECK(*line == '\0' || strncmp(line, "smmsim", 6) == 0, line);
    FUZZ_CHECK(*line == '\0' || line[said.length - 2] == '\n', line);
    if (*line)
        line[said.length - 2] = '\0';
    FUZZ_CHECK(is_one_line(line), line);
    bytes_free(&said);
}

/* ---- words ------------------------------------------------------------------------------ */

/* A word of the target, or what the table of parameters has; NULL: there are none. */
static const char *word_of(uint64_t random)
{
    uint64_t words = 0;
    const param_def *def;
    const char *text;

    while (chosen->words && chosen->words[words])
        words++;
    if (words > 0 && (!chosen->knows_params || random & 1))
        return chosen->words[(random >> 1) % words];
    if (!chosen->knows_params)
        return NULL;
    def = &params_table.defs[(random >> 1) % (uint64_t)params_table.count];
    text = random >> 40 & 1 ? def->name : random >> 41 & 1 ? def->value : def->choices;
    return text ? text : def->name;
}

static size_t token(const uint8_t *data, size_t size)
{
    size_t length = 0;

    while (length < size && !strchr(",;:|=()<> \t\r\n\"*", data[length]))
        length++;
    return length;
}

/* One time in three a word stands in the place of another one, or is put in. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
    const uint64_t random = rng_word(&(rng_address){.seed = seed, .ordinal = size});
    const uint64_t second = rng_word(&(rng_address){.seed = seed, .ordinal = ~(uint64_t)size});
    const char *word = random % 3 == 0 ? word_of(random >> 2) : NULL;
    const size_t at = second % (size + 1), length = word ? strlen(word) : 0;
    const size_t out = second >> 63 ? token(data + at, size - at) : 0;

    if (!word || size - out + length > most)
        return LLVMFuzzerMutate(data, size, most);
    memmove(data + at + length, data + at + out, size - at - out);
    memcpy(data + at, word, length);
    return size - out + length;
}
