/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_compare: two folders of results, compared: the files of each, and how they are asked for. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/lib/bytes.h"
#include "sim/lib/cksum.h"
#include "sim/cli/folder_list.h"
#include "tests/fuzz/fuzz.h"
#include "sim/cli/cmd.h"

/* An input is files one behind the other, each begins with a line "==> NAME". "==> words" are the
 * command's words; without it they are A and B. Where a run.csv has ",@,NAME" the checksum of that
 * file stands in the place of the @: else only the owner could change a byte. */
static const char *const names[] = {"A/run.csv",  "A/reps.csv",   "A/points.csv", "B/run.csv",
                                    "B/reps.csv", "B/points.csv", "words"};
enum { NAMES = sizeof names / sizeof names[0], WORDS = NAMES - 1, WORDS_MAX = 12 };

typedef struct {
    const char *at; /* NULL: it is not there */
    size_t length;
} section;

/* Cuts `text` into sections; what is named otherwise is left out. */
static void cut(const char *text, const char *end, section found[NAMES])
{
    section *present = NULL;

    while (text < end) {
        const char *line = memchr(text, '\n', (size_t)(end - text));
        const char *next = line ? line + 1 : end;

        if (next - text > 5 && memcmp(text, "==> ", 4) == 0) {
            present = NULL;
            for (int i = 0; i < NAMES; i++)
                if (strlen(names[i]) == (size_t)(next - text) - 5 &&
                    memcmp(text + 4, names[i], strlen(names[i])) == 0)
                    present = &found[i];
            if (present)
                *present = (section){.at = next};
        } else if (present) {
            present->length += (size_t)(next - text);
        }
        text = next;
    }
}

static void add_sum(bytes *to, const section *of)
{
    cksum *c = sim_alloc(1, sizeof *c);
    char sum[48];

    cksum_init(c);
    if (of->at)
        cksum_add(c, of->at, of->length);
    (void)snprintf(sum, sizeof sum, "%u %llu", cksum_end(c), (unsigned long long)c->bytes);
    bytes_add(to, sum, strlen(sum));
    free(c);
}

/* run.csv with its checksums, those of the two sections behind it. */
static void write_run(const char *name, const section *run)
{
    bytes text = {0};

    for (size_t i = 0; i < run->length; i++) {
        const char *at = run->at + i;
        const size_t left = run->length - i;

        if (left > 10 && memcmp(at, "@,reps.csv", 10) == 0)
            add_sum(&text, run + 1);
        else if (left > 12 && memcmp(at, "@,points.csv", 12) == 0)
            add_sum(&text, run + 2);
        else
            bytes_add(&text, at, 1);
    }
    fuzz_write(name, text.at, text.length);
    bytes_free(&text);
}

static void write_files(const section found[NAMES])
{
    (void)mkdir("A", 0777);
    (void)mkdir("B", 0777);
    for (int i = 0; i < WORDS; i++) {
        if (!found[i].at)
            (void)unlink(names[i]);
        else if (i % 3 == 0)
            write_run(names[i], &found[i]);
        else
            fuzz_write(names[i], found[i].at, found[i].length);
    }
}

/* Whether a name leads out of the folder of a result. */
static int leads_away(const char *name)
{
    name += strncmp(name, "hgrm/", 5) == 0 ? 5 : 0;
    return !*name || strchr(name, '/') || strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* A list is in order, and stays in its folder. */
static void check_list(const char *path)
{
    folder_list list;

    if (folder_list_read(path, &list) != 1)
        return;
    for (uint64_t i = 0; i < list.count; i++) {
        FUZZ_CHECK(!leads_away(list.entry[i]->name), list.entry[i]->name);
        FUZZ_CHECK(i == 0 || strcmp(list.entry[i - 1]->name, list.entry[i]->name) <= 0,
                   list.entry[i]->name);
        FUZZ_CHECK(folder_list_find(&list, list.entry[i]->name), list.entry[i]->name);
    }
    folder_list_free(&list);
}

static void take(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size), *words, *rest;
    char *argv[WORDS_MAX + 4] = {"compare", "A", "B"};
    section found[NAMES] = {{0}};
    int argc = 1;

    cut(text, text + size, found);
    write_files(found);
    check_list(names[0]);
    check_list(names[3]);
    words = fuzz_text((const uint8_t *)found[WORDS].at, found[WORDS].length);
    rest = words;
    while (found[WORDS].at && rest && argc <= WORDS_MAX) {
        char *word = strsep(&rest, " \n");

        if (*word)
            argv[argc++] = word;
    }
    if (argc > 1)
        argv[argc] = NULL;
    fuzz_command(cmd_compare, argv);
    free(words);
    free(text);
}

static const char *const words[] = {"==> A/reps.csv\n",
                                    "==> B/reps.csv\n",
                                    "==> words\nA:0 B:1\n",
                                    "==> A/points.csv\n",
                                    "==> A/run.csv\n",
                                    "file,@,reps.csv,",
                                    "file,@,points.csv,",
                                    "command,run,,",
                                    "command,sweep,,",
                                    "columns,cpus,,",
                                    "seed,1,,",
                                    "--metric ",
                                    "smi_latency.p99",
                                    "phase.handler",
                                    "timeout1",
                                    "command_time",
                                    "smis",
                                    "9223372036854775.807",
                                    "9223372036854775807",
                                    "0,1,",
                                    "1,0,",
                                    NULL};

const fuzz_target fuzz_compare = {.words = words, .take = take};
