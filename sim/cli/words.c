/* SPDX-License-Identifier: Apache-2.0 */
/* words: the command line word by word, as the tables of commands and options have it. */
#include "sim/cli/words.h"

#include <stdio.h>
#include <string.h>

#define COMMAND_ROW(id, name, function, words, usage, summary, text, ok, finding, interrupted, \
                    example)                                                                   \
    {name, words, usage, summary, text, ok, finding, interrupted, example},
const command_row command_rows[COMMANDS] = {COMMAND_TABLE(COMMAND_ROW)};
#undef COMMAND_ROW

#define OPTION_ROW(id, name, argument, commands, value, help) \
    {name, argument, commands, value, help},
const option_row option_rows[OPTIONS] = {OPTION_TABLE(OPTION_ROW)};
#undef OPTION_ROW

command_id words_command(const char *name)
{
    int command = 0;

    while (command < COMMANDS && strcmp(command_rows[command].name, name) != 0)
        command++;
    return (command_id)command;
}

/* The option of some commands, by the first `length` letters of a word; OPTIONS: there is none. */
static int find(uint32_t commands, const char *word, size_t length)
{
    int o = 0;

    if (length == 2 && strncmp(word, "-h", 2) == 0)
        return OPTION_HELP;
    while (o < OPTIONS &&
           !((option_rows[o].commands & commands) != 0 && strlen(option_rows[o].name) == length &&
             strncmp(option_rows[o].name, word, length) == 0))
        o++;
    return o;
}

/* What another command takes is said so; of what none takes the nearest that this one does. */
static sim_status unknown(command_id command, const char *word, size_t length, sim_err *err)
{
    const char *names[OPTIONS], *near = NULL, *between = "with smmsim ";
    char typed[64], takers[160] = "";
    int count = 0;

    (void)snprintf(typed, sizeof typed, "%.*s", (int)length, word);
    for (int c = 0; c < COMMANDS; c++)
        if (find(1u << c, word, length) < OPTIONS) {
            const size_t used = strlen(takers);

            (void)snprintf(takers + used, sizeof takers - used, "%s%s", between,
                           command_rows[c].name);
            between = ", ";
        }
    if (strcmp(typed, "--follow") == 0)
        return err_set(err, SIM_BAD_INPUT,
                       "--follow: is a command now (would be right: smmsim follow SCHEDULE)");
    if (*takers)
        return err_set(err, SIM_BAD_INPUT, "%s: %s does not take it (would be right: %s)", typed,
                       command_rows[command].name, takers);
    for (int o = 0; o < OPTIONS && length > 2; o++)
        if (option_rows[o].commands >> command & 1)
            names[count++] = option_rows[o].name;
    near = err_nearest(typed, names, count);
    return err_set(err, SIM_BAD_INPUT, "unknown option \"%s\" (%s%s%s--help shows all)", typed,
                   near ? "did you mean \"" : "", near ? near : "", near ? "\"? " : "");
}

static sim_status take_word(words *w, command_id command, const char *text, sim_err *err)
{
    const command_row *row = &command_rows[command];

    if (w->words++ < row->words)
        return SIM_OK;
    if (row->words == 0)
        return err_set(err, SIM_BAD_INPUT, "\"%s\": %s takes options only (--help)", text,
                       row->name);
    return err_set(err, SIM_BAD_INPUT, "\"%s\": %s takes no more than %d word%s (--help)", text,
                   row->name, row->words, row->words == 1 ? "" : "s");
}

sim_status words_next(words *w, option_word *out, sim_err *err)
{
    const command_id command = words_command(w->argv[0]);
    const option_row *row;
    const char *text;
    size_t length;
    int id;

    SIM_ASSERT(command < COMMANDS);
    *out = (option_word){.id = OPTION_END};
    if (w->at + 1 >= w->argc)
        return SIM_OK;
    text = w->argv[++w->at];
    if (text[0] != '-' || text[1] == '\0') {
        *out = (option_word){.id = OPTION_NONE, .value = text};
        return take_word(w, command, text, err);
    }
    length = strcspn(text, "=");
    id = find(1u << command, text, length);
    if (id == OPTIONS)
        return unknown(command, text, length, err);
    row = &option_rows[id];
    *out = (option_word){.id = (option_id)id, .name = row->name};
    if (text[length] == '=')
        out->value = text + length + 1;
    if (*row->argument == '\0' && out->value)
        return err_set(err, SIM_BAD_INPUT, "%s takes no value (leave \"=%s\" out)", row->name,
                       out->value);
    if (*row->argument == '\0' || out->value)
        return SIM_OK;
    if (w->at + 1 >= w->argc)
        return err_set(err, SIM_BAD_INPUT, "%s: no value behind it (--help)", row->name);
    out->value = w->argv[++w->at];
    return SIM_OK;
}
