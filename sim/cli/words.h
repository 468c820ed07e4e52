/* SPDX-License-Identifier: Apache-2.0 */
/* words: the command line word by word, as the tables of commands and options have it. */
#ifndef SMMSIM_SIM_CLI_WORDS_H
#define SMMSIM_SIM_CLI_WORDS_H

#include "sim/cli/command_table.h"
#include "sim/cli/option_table.h"
#include "sim/lib/base.h"

enum { WORDS_MAX = 64 /* words that are no options */ };

#define COMMAND_ID(id, ...) COMMAND_##id,
typedef enum { COMMAND_TABLE(COMMAND_ID) COMMANDS } command_id;
#undef COMMAND_ID

#define COMMAND_BIT(id, ...) OF_##id = 1u << COMMAND_##id,
enum { COMMAND_TABLE(COMMAND_BIT) };
#undef COMMAND_BIT

#define OPTION_ID(id, ...) OPTION_##id,
typedef enum {
    OPTION_TABLE(OPTION_ID) OPTIONS,
    OPTION_NONE, /* a word that is no option */
    OPTION_END
} option_id;
#undef OPTION_ID

typedef struct {
    const char *name;
    int words;
    const char *usage, *summary, *text, *ok, *finding, *interrupted, *example;
} command_row;
extern const command_row command_rows[COMMANDS];

typedef struct {
    const char *name, *argument;
    uint32_t commands;
    const char *value, *help;
} option_row;
extern const option_row option_rows[OPTIONS];

/* Where a command line is read; zero but for argc and argv, whose first is the command's name. */
typedef struct {
    int argc;
    char **argv;
    int at;    /* words that were read behind the name */
    int words; /* of them no options */
} words;

typedef struct {
    option_id id;
    const char *name;  /* "--reps" */
    const char *value; /* of an option without argument NULL; of OPTION_NONE the option_word */
} option_word;

/* The next one: `--name value`, `--name=value`, `--name`, or a word. OPTION_END at the end, and
 * again. An option that the command does not take, a value that is missing or too much, and one
 * word too many are refused. */
SIM_MUST_CHECK sim_status words_next(words *w, option_word *out, sim_err *err);

command_id words_command(const char *name); /* COMMANDS: there is none */

#endif
