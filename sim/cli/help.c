/* SPDX-License-Identifier: Apache-2.0 */
/* help: --help of the program and of each command, from the tables of commands and options. */
#include "sim/cli/help.h"

#include <string.h>

#include "sim/lib/text.h"

enum { OPTION_COLUMN = 23, STATUS_COLUMN = 7 };

void help_program(FILE *out)
{
    (void)fputs("usage: smmsim COMMAND [options]\n"
                "\n"
                "Simulates how the CPUs of an x86 machine meet in System Management Mode.\n",
                out);
    for (int c = 0; c < COMMANDS; c++)
        (void)fprintf(out, "  %-8s %s\n", command_rows[c].name, command_rows[c].summary);
    (void)fputs("\n`smmsim COMMAND --help` explains a command; the manual page is smmsim(1).\n",
                out);
}

static void put_option(const option_row *row, FILE *out)
{
    char text[512];
    int used = fprintf(out, "  %s%s%s", row->name, *row->argument ? " " : "", row->argument);

    (void)snprintf(text, sizeof text, "%s%s%s%s", row->help, *row->value ? " Default: " : "",
                   row->value, *row->value ? "." : "");
    if (used >= OPTION_COLUMN - 1) {
        (void)fputc('\n', out);
        used = 0;
    }
    (void)fprintf(out, "%*s", OPTION_COLUMN - used, "");
    text_wrap(out, text, OPTION_COLUMN, TEXT_COLUMNS);
}

static void put_status(int status, const char *meaning, FILE *out)
{
    if (!meaning)
        return;
    (void)fprintf(out, "%5d  ", status);
    text_wrap(out, meaning, STATUS_COLUMN, TEXT_COLUMNS);
}

void help_command(command_id command, FILE *out)
{
    const command_row *row = &command_rows[command];

    (void)fprintf(out, "usage: smmsim %s%s%s [options]\n\n%s\noptions:\n", row->name,
                  *row->usage ? " " : "", row->usage, row->text);
    for (int o = 0; o < OPTIONS; o++)
        if (option_rows[o].commands >> command & 1)
            put_option(&option_rows[o], out);
    (void)fputs("\nexit status:\n", out);
    put_status(SIM_OK, row->ok, out);
    put_status(SIM_FINDING, row->finding, out);
    put_status(SIM_BAD_INPUT, "bad input: one line says what is wrong and what would be right",
               out);
    put_status(SIM_SYSTEM, "the system failed: no space, no memory, no thread, no permission", out);
    put_status(SIM_INTERRUPTED, row->interrupted, out);
    (void)fprintf(out, "\nexample:\n  smmsim %s\n", row->example);
}

int help_is_asked(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return 1;
    return 0;
}
