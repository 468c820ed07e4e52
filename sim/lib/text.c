/* SPDX-License-Identifier: Apache-2.0 */
/* text: text on a terminal: how wide it may be, where lines break, ASCII where the locale says so.
 */
#include "sim/lib/text.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { NARROW = 40, WIDE = 1000 /* what a terminal says beyond is taken as these */ };

int text_columns(FILE *out)
{
    const char *said = getenv("COLUMNS");
    struct winsize size = {0};
    long columns;

    if (!isatty(fileno(out)))
        return TEXT_FILE_COLUMNS;
    columns = said ? strtol(said, NULL, 10) : 0;
    if (columns <= 0 && ioctl(fileno(out), TIOCGWINSZ, &size) == 0)
        columns = size.ws_col;
    if (columns <= 0)
        return TEXT_COLUMNS;
    return columns < NARROW ? NARROW : columns > WIDE ? WIDE : (int)columns;
}

/* Bytes behind the first of a character take no column. */
static int begins(char c)
{
    return ((unsigned char)c & 0xc0) != 0x80;
}

int text_width(const char *text)
{
    int width = 0;

    for (; *text; text++)
        width += begins(*text);
    return width;
}

int text_line(const char **text, int width)
{
    const char *begin = *text, *end = begin, *space = NULL;
    int used = 0;

    SIM_ASSERT(width > 0);
    for (; *end && (used < width || !begins(*end)); end++) {
        used += begins(*end);
        if (*end == ' ')
            space = end;
    }
    if (*end && *end != ' ' && space)
        end = space;
    *text = end + strspn(end, " ");
    return (int)(end - begin);
}

/* `column`: where the cursor is. */
static void wrap(FILE *out, const char *text, int column, int indent, int end)
{
    do {
        const char *line = text;
        int length = text_line(&text, end > column ? end - column : 1);

        (void)fprintf(out, "%.*s\n", length, line);
        if (*text)
            (void)fprintf(out, "%*s", indent, "");
        column = indent;
    } while (*text);
}

void text_wrap(FILE *out, const char *text, int indent, int end)
{
    wrap(out, text, indent, indent, end);
}

void text_wrap_lines(FILE *out, const char *text, int indent)
{
    while (*text) {
        const size_t length = strcspn(text, "\n");
        char *line = strndup(text, length);

        if (line)
            wrap(out, line, 0, indent, text_columns(out));
        free(line);
        text += length + (text[length] == '\n');
    }
}

static int is_utf8(void)
{
    static const char *const variables[] = {"LC_ALL", "LC_CTYPE", "LANG"};

    for (int i = 0; i < 3; i++) {
        const char *value = getenv(variables[i]);

        if (value && *value)
            return strcasestr(value, "utf-8") || strcasestr(value, "utf8");
    }
    return 0;
}

static const struct {
    const char *utf8, *ascii;
} twins[] = {
    {"█", "#"}, {"▉", "#"}, {"▊", "#"},  {"▋", "#"},  {"▌", "="},  {"▍", "-"},  {"▎", "-"},
    {"▏", "."}, {"·", "."}, {"│", "|"},  {"▼", "v"},  {"┌", "+"},  {"└", "+"},  {"─", "-"},
    {"◄", "<"}, {"►", ">"}, {"●", "*"},  {"±", "+-"}, {"µ", "u"},  {"μ", "u"},  {"×", "x"},
    {"–", "-"}, {"—", "-"}, {"…", ".."}, {"→", "->"}, {"≤", "<="}, {"≥", ">="},
};
enum { TWINS = sizeof twins / sizeof twins[0] };

void text_add(bytes *to, const char *text)
{
    const int whole = is_utf8();

    while (*text) {
        const char *twin = NULL;
        size_t length = 1;

        while (!begins(text[length]))
            length++;
        for (int i = 0; i < TWINS && length > 1 && !whole; i++)
            if (strncmp(twins[i].utf8, text, length) == 0)
                twin = twins[i].ascii;
        if (whole || length == 1)
            bytes_add(to, text, length);
        else
            bytes_add(to, twin ? twin : "?", twin ? strlen(twin) : 1);
        text += length;
    }
}

void text_put(FILE *out, const char *text)
{
    bytes local = {0};

    text_add(&local, text);
    bytes_add(&local, "", 1);
    (void)fputs((const char *)local.at, out);
    bytes_free(&local);
}

void text_item(FILE *out, text_list *list, const char *item)
{
    const int width = text_width(item), gap = (int)strlen(list->gap);
    const int first = list->column == 0;

    if (first || list->column + gap + width > text_columns(out)) {
        (void)fprintf(out, "%s%*s", first ? "" : "\n", list->indent, "");
        list->column = list->indent;
    } else {
        (void)fputs(list->gap, out);
        list->column += gap;
    }
    text_put(out, item);
    list->column += width;
}

void text_format(bytes *to, const char *fmt, ...)
{
    char text[1024];
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    text_add(to, text);
}

void text_end(FILE *out, bytes *text, int indent)
{
    const char *begin;
    int blanks;

    bytes_add(text, "", 1);
    begin = (const char *)text->at;
    blanks = (int)strspn(begin, " ");
    (void)fprintf(out, "%*s", blanks, "");
    wrap(out, begin + blanks, blanks, indent, text_columns(out));
    bytes_free(text);
}
