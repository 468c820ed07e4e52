/* SPDX-License-Identifier: Apache-2.0 */
/* param_entry: one entry of a parameter table: kind, bounds, choices, and a value from text. */
#include "sim/lib/param_entry.h"

#include <stdio.h>
#include <string.h>

#include "sim/lib/units.h"

enum {
    CHOICES_MAX = 32,
    SHOWN = 80 /* bytes of the user's text that an error shows */
};

static const struct {
    const char *word;
    bool quantity; /* a number of `unit`, with bounds */
    unit_kind unit;
} kinds[] = {
    [PARAM_LATENCY] = {"latency", true, UNIT_TIME}, [PARAM_TIME] = {"time", true, UNIT_TIME},
    [PARAM_COUNT] = {"count", true, UNIT_COUNT},    [PARAM_BYTES] = {"bytes", true, UNIT_BYTES},
    [PARAM_FREQ] = {"frequency", true, UNIT_FREQ},  [PARAM_RATIO] = {"ratio", true, UNIT_RATIO},
    [PARAM_BOOL] = {"switch", false, UNIT_COUNT},   [PARAM_ENUM] = {"choice", false, UNIT_COUNT},
    [PARAM_NAME] = {"name", false, UNIT_COUNT},     [PARAM_CPUS] = {"CPUs", false, UNIT_COUNT},
};

typedef struct {
    char text[PARAM_RANGE_MAX];
    const char *names[CHOICES_MAX];
    int count;
} choice_list;

_Noreturn void param_entry_panic(const param_def *def, const char *what)
{
    sim_err err;

    (void)err_set(&err, SIM_SYSTEM, "parameter table: %s: %s", def->name, what);
    sim_panic(__FILE__, __LINE__, err.text);
}

static bool default_is_auto(const param_def *def)
{
    return strcmp(def->value, "auto") == 0;
}

/* The choices, and "auto" as the last one where it may be written. */
static void split_choices(const param_def *def, choice_list *list)
{
    size_t length = def->choices != NULL ? strlen(def->choices) : 0;
    char *p;

    if (length == 0 || length >= sizeof list->text)
        param_entry_panic(def, "no choices, or too many of them");
    memcpy(list->text, def->choices, length + 1);
    list->count = 0;
    for (p = list->text; p != NULL;) {
        char *bar = strchr(p, '|');
        if (*p == '\0' || p == bar || list->count + 1 == CHOICES_MAX)
            param_entry_panic(def, "an empty choice, or too many of them");
        list->names[list->count++] = p;
        if (bar != NULL)
            *bar++ = '\0';
        p = bar;
    }
    if (default_is_auto(def))
        list->names[list->count++] = "auto";
}

const char *param_entry_nearest(const char *name, const char *const *names, int count)
{
    const char *found = err_nearest(name, names, count);
    size_t length = strlen(name);
    int matches = 0;

    if (found != NULL || length < 2)
        return found;
    for (int i = 0; i < count; i++) {
        size_t other = strlen(names[i]);
        if (strncmp(names[i], name, length) == 0 ||
            (other > length && names[i][other - length - 1] == '.' &&
             strcmp(names[i] + other - length, name) == 0)) {
            found = names[i];
            matches++;
        }
    }
    return matches == 1 ? found : NULL;
}

static int64_t parse_bound(const param_def *def, const char *text, int64_t otherwise)
{
    sim_err err;
    int64_t bound = otherwise;

    if (text != NULL && units_parse(kinds[def->kind].unit, text, &bound, &err) != SIM_OK)
        param_entry_panic(def, err.text);
    return bound;
}

static int64_t lower_bound(const param_def *def)
{
    return parse_bound(def, def->min, 0);
}

static int64_t upper_bound(const param_def *def)
{
    return parse_bound(def, def->max, def->kind == PARAM_RATIO ? RATIO_ONE : INT64_MAX);
}

static const char *lower_text(const param_def *def)
{
    return def->min != NULL ? def->min : "0";
}

static const char *upper_text(const param_def *def)
{
    return def->max != NULL ? def->max : def->kind == PARAM_RATIO ? "1" : NULL;
}

void param_entry_range(const param_def *def, char *out, size_t size)
{
    choice_list list;
    size_t used = 0;

    *out = '\0';
    if (kinds[def->kind].quantity && upper_text(def) != NULL)
        (void)snprintf(out, size, "%s to %s", lower_text(def), upper_text(def));
    else if (kinds[def->kind].quantity)
        (void)snprintf(out, size, "%s or more", lower_text(def));
    else if (def->kind == PARAM_BOOL)
        (void)snprintf(out, size, "on, off");
    else if (def->kind == PARAM_CPUS)
        (void)snprintf(out, size, "none, last:N, cpu:2,3");
    if (def->kind != PARAM_ENUM)
        return;
    split_choices(def, &list);
    for (int i = 0; i < list.count && used < size; i++)
        used +=
            (size_t)snprintf(out + used, size - used, "%s%s", i != 0 ? ", " : "", list.names[i]);
}

static sim_status check_bounds(const param_def *def, const param_value *p, sim_err *err)
{
    bool latency = def->kind == PARAM_LATENCY;
    int64_t low = latency ? dist_min(p->latency) : p->number;
    int64_t high = latency ? dist_max(p->latency) : p->number;
    bool below = low < lower_bound(def);
    bool above = high > upper_bound(def) && !(latency && high == PS_NEVER);
    char range[PARAM_RANGE_MAX], end[64];

    if (!below && !above)
        return SIM_OK;
    param_entry_range(def, range, sizeof range);
    if (low == high)
        return err_set(err, SIM_BAD_INPUT, "%.*s is %s %s (%s)", SHOWN, p->text,
                       below ? "below" : "above", below ? lower_text(def) : upper_text(def), range);
    (void)units_print(UNIT_TIME, below ? low : high, end, sizeof end);
    return err_set(err, SIM_BAD_INPUT, "%.*s goes %s to %s, %s %s (%s)", SHOWN, p->text,
                   below ? "down" : "up", end, below ? "below" : "above",
                   below ? lower_text(def) : upper_text(def), range);
}

static sim_status parse_switch(param_value *p, sim_err *err)
{
    static const char *const words[] = {"off", "on", "false", "true", "no", "yes", "0", "1"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcasecmp(p->text, words[i]) == 0) { /* a spreadsheet writes TRUE */
            p->number = i & 1;
            return SIM_OK;
        }
    return err_set(err, SIM_BAD_INPUT, "\"%.*s\" is not a switch (write on or off)", SHOWN,
                   p->text);
}

static sim_status parse_choice(const param_def *def, param_value *p, sim_err *err)
{
    choice_list list;
    const char *nearest;
    char range[PARAM_RANGE_MAX];

    split_choices(def, &list);
    for (int i = 0; i < list.count; i++)
        if (strcmp(p->text, list.names[i]) == 0) {
            p->number = i;
            return SIM_OK;
        }
    nearest = param_entry_nearest(p->text, list.names, list.count);
    param_entry_range(def, range, sizeof range);
    if (nearest == NULL)
        return err_set(err, SIM_BAD_INPUT, "\"%.*s\" is not one of %s", SHOWN, p->text, range);
    return err_set(err, SIM_BAD_INPUT, "\"%.*s\" is not one of %s (did you mean \"%s\"?)", SHOWN,
                   p->text, range, nearest);
}

static sim_status parse_name(const param_value *p, sim_err *err)
{
    for (const char *c = p->text; *c != '\0'; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            return err_set(err, SIM_BAD_INPUT,
                           "\"%.*s\" holds a control character (write plain text)", SHOWN, p->text);
    return SIM_OK;
}

/* ---- sets of CPUs ----------------------------------------------------------------------- */

enum { CPUS_MAX = 4096 };

/* A decimal number up to CPUS_MAX; 0: something else stands there. */
static int parse_cpu(const char **at, int64_t *out)
{
    const char *begin = *at;

    for (*out = 0; **at >= '0' && **at <= '9' && *out <= CPUS_MAX; (*at)++)
        *out = *out * 10 + (**at - '0');
    return *at != begin && *out <= CPUS_MAX;
}

/* number: of last:N; of a list the least number of CPUs that there must be. */
static sim_status parse_cpus(param_value *p, sim_err *err)
{
    const char *at = p->text;
    int64_t cpu;

    p->number = 0;
    if (strcmp(at, "none") == 0)
        return SIM_OK;
    if (strncmp(at, "last:", 5) == 0) {
        at += 5;
        if (parse_cpu(&at, &p->number) && *at == '\0' && p->number > 0)
            return SIM_OK;
    } else if (strncmp(at, "cpu:", 4) == 0) {
        int good = 1;

        for (at += 3; good && *at != '\0' && (*at == ',' || at[-1] == 'u');) {
            at++;
            good = parse_cpu(&at, &cpu) && cpu < CPUS_MAX;
            p->number = good && cpu + 1 > p->number ? cpu + 1 : p->number;
        }
        if (good && *at == '\0')
            return SIM_OK;
    } else if (parse_cpu(&at, &cpu) && *at == '\0') {
        return err_set(err, SIM_BAD_INPUT,
                       "\"%s\" is a number or a CPU (write last:%s for so many, the last ones, or "
                       "cpu:%s for that one)",
                       p->text, p->text, p->text);
    }
    return err_set(err, SIM_BAD_INPUT,
                   "\"%.*s\" is no set of CPUs (write none, last:N, or cpu:2,3; at most %d)", SHOWN,
                   p->text, CPUS_MAX);
}

int param_entry_next_cpu(const param_value *p, int64_t cpus, int64_t *cpu)
{
    int64_t next = cpus, one;
    int64_t first = cpus > p->number ? cpus - p->number : 0;

    if (strncmp(p->text, "last:", 5) == 0)
        next = *cpu > first ? *cpu : first;
    for (const char *at = strncmp(p->text, "cpu:", 4) == 0 ? p->text + 3 : ""; *at != '\0';) {
        at++;
        (void)parse_cpu(&at, &one);
        if (one >= *cpu && one < next)
            next = one;
    }
    *cpu = next;
    return next < cpus;
}

sim_status param_entry_parse(const param_def *def, param_value *p, sim_err *err)
{
    sim_status status;

    if (strcmp(p->text, "auto") == 0 && default_is_auto(def)) {
        p->is_auto = true;
        return SIM_OK;
    }
    if (strcmp(p->text, "auto") == 0 && def->kind != PARAM_NAME && def->kind != PARAM_ENUM)
        return err_set(err, SIM_BAD_INPUT, "cannot be auto (write a value; its default is %s)",
                       def->value);
    if (def->kind == PARAM_BOOL)
        return parse_switch(p, err);
    if (def->kind == PARAM_ENUM)
        return parse_choice(def, p, err);
    if (def->kind == PARAM_NAME)
        return parse_name(p, err);
    if (def->kind == PARAM_CPUS)
        return parse_cpus(p, err);
    if (def->kind == PARAM_LATENCY)
        status = dist_parse(p->text, p->dir, &p->latency, err);
    else
        status = units_parse(kinds[def->kind].unit, p->text, &p->number, err);
    if (status == SIM_OK)
        status = check_bounds(def, p, err);
    if (status != SIM_OK) {
        dist_free(p->latency);
        p->latency = NULL;
    }
    return status;
}

int param_entry_print(const param_def *def, const param_value *p, char *out, size_t size)
{
    if (p->is_auto)
        return snprintf(out, size, "auto");
    if (def->kind == PARAM_LATENCY)
        return dist_print(p->latency, out, size);
    if (def->kind == PARAM_BOOL)
        return snprintf(out, size, "%s", p->number != 0 ? "on" : "off");
    if (kinds[def->kind].quantity)
        return units_print(kinds[def->kind].unit, p->number, out, size);
    return snprintf(out, size, "%s", p->text);
}

const char *param_entry_kind(const param_def *def)
{
    return kinds[def->kind].word;
}

void param_entry_check(const param_def *def)
{
    bool bounded = def->min != NULL || def->max != NULL;
    choice_list list;

    if (def->name == NULL || *def->name == '\0' || strchr(def->name, '=') != NULL)
        sim_panic(__FILE__, __LINE__, "parameter table: an entry without a proper name");
    if (def->value == NULL)
        param_entry_panic(def, "no default");
    if (kinds[def->kind].quantity ? lower_bound(def) > upper_bound(def) : bounded)
        param_entry_panic(def, "bounds that cross, or bounds of something without them");
    if ((def->kind == PARAM_ENUM) != (def->choices != NULL))
        param_entry_panic(def, "choices belong to PARAM_ENUM, and to nothing else");
    if (def->kind != PARAM_ENUM)
        return;
    split_choices(def, &list);
    for (int i = 0; i < list.count; i++)
        for (int j = 0; j < i; j++)
            if (strcmp(list.names[i], list.names[j]) == 0)
                param_entry_panic(def, "a choice is there twice");
}
