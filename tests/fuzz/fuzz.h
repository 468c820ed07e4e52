/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz: what a fuzz target is, and what all of them share: files, words, and what must hold. */
#ifndef SMMSIM_TESTS_FUZZ_FUZZ_H
#define SMMSIM_TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdio.h>
#include "sim/lib/base.h"
#include "sim/lib/dist.h"

/* One for each parser and for everything that is read back. A target takes any bytes. Its finding
 * is a FUZZ_CHECK that fails, a SIM_ASSERT, or what a sanitizer or a limit of time or memory says.
 * Nothing that it does writes outside of its own scratch folder, which is the working folder. */
typedef struct {
    const char *const *words; /* of its language, NULL at the end; the mutators put them in */
    int knows_params;         /* names and values of parameters are words, too */
    void (*take)(const uint8_t *data, size_t size);
} fuzz_target;

/* The name is that of the folder in tests/fuzz/corpus, too. */
#define FUZZ_TARGETS(X) \
    X(csv)              \
    X(units)            \
    X(dist)             \
    X(table)            \
    X(platform)         \
    X(workload)         \
    X(sweep)            \
    X(schedule)         \
    X(explored)         \
    X(journal)          \
    X(trial)            \
    X(compare)          \
    X(options)

#define FUZZ_DECLARE(name) extern const fuzz_target fuzz_##name;
FUZZ_TARGETS(FUZZ_DECLARE)
#undef FUZZ_DECLARE

_Noreturn void fuzz_fail(const char *file, int line, const char *what, const char *text);
/* `text` is shown beside what does not hold. */
#define FUZZ_CHECK(cond, text) ((cond) ? (void)0 : fuzz_fail(__FILE__, __LINE__, #cond, (text)))

/* A NUL-terminated copy, to be freed. */
char *fuzz_text(const uint8_t *data, size_t size);
/* A new file in the scratch folder. */
void fuzz_write(const char *name, const void *data, size_t size);
/* What is refused: status 2, and one printable line. With a path the line begins with
 * "path:line:column: ". */
void fuzz_refused(sim_status s, const sim_err *err, const char *path);
/* Draws lie between the ends that the distribution states, and so does its mean; they do not
 * decrease with the word unless it is a mix. */
void fuzz_draws(const dist *d, int is_mix);
/* Runs a command of the program; argv ends with NULL. Its status is 0, or 1 (a finding), or 2, and
 * then it says one line on standard error, "smmsim..."; with 1 it may. */
void fuzz_command(int (*run)(int argc, char **argv), char **argv);

/* libFuzzer's, or those of tests/fuzz/plain.c. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed);

#endif
