/* SPDX-License-Identifier: Apache-2.0 */
/* param: the parameter table engine: names, units, bounds, defaults, where each value came from. */
#include "sim/lib/param.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "sim/lib/param_entry.h" /* circle: what its files share */
#include "sim/lib/table.h"

enum { SHOWN = 80 /* bytes of the user's text that an error shows */ };

/* One value, never changed once it is in a set, shared by the copies of the set. */
typedef struct {
    atomic_int users;
    param_rank rank;
    param_rank claim;  /* of the one who spoke: above `rank` while a user's "auto" is in force */
    param_value value; /* its text is kept for a name and a choice only */
    const char *place, *source;
    char store[]; /* text, place, source */
} slot;

struct param_set {
    const param_table *table;
    param_use use;
    slot *slots[];
};

/* Appends a text with its NUL; NULL is "". */
static const char *store_text(char **end, const char *text)
{
    char *begin = *end;
    size_t length = text != NULL ? strlen(text) : 0;

    if (length != 0)
        memcpy(begin, text, length);
    begin[length] = '\0';
    *end = begin + length + 1;
    return begin;
}

static size_t text_size(const char *text)
{
    return text != NULL ? strlen(text) + 1 : 1;
}

/* Takes over value->latency. */
static slot *new_slot(const param_def *def, const param_value *value, const param_origin *origin)
{
    bool keep = !value->is_auto &&
                (def->kind == PARAM_NAME || def->kind == PARAM_ENUM || def->kind == PARAM_CPUS);
    const char *text = keep ? value->text : "";
    const char *place = value->is_auto ? "auto" : origin->place;
    const char *source = value->is_auto ? def->source : origin->source;
    slot *s = sim_alloc(1, sizeof *s + text_size(text) + text_size(place) + text_size(source));
    char *end = s->store;

    atomic_init(&s->users, 1);
    s->rank = value->is_auto ? PARAM_DEFAULT : origin->rank;
    s->claim = origin->rank;
    s->value = *value;
    s->value.text = store_text(&end, text);
    s->value.dir = NULL;
    s->place = store_text(&end, place);
    s->source = store_text(&end, source);
    return s;
}

static void release(slot *s)
{
    if (atomic_fetch_sub(&s->users, 1) != 1)
        return;
    dist_free(s->value.latency);
    free(s);
}

/* Who may take the place of `now`. A derived value replaces an "auto" of any rank. */
static bool wins(const slot *now, param_rank rank)
{
    return rank >= now->claim || (rank == PARAM_DERIVED && now->rank <= PARAM_DERIVED);
}

static param_set *new_set(const param_table *table, param_use use)
{
    param_set *set = sim_alloc(1, sizeof *set + (size_t)table->count * sizeof(slot *));

    set->table = table;
    set->use = use;
    return set;
}

/* The default where orders are asked for, or where times are. */
static const char *default_of(const param_table *table, int id, param_use use)
{
    for (int i = 0; use == PARAM_FOR_ORDER && i < table->ordered_count; i++)
        if (table->ordered[i].id == id)
            return table->ordered[i].value;
    return table->defs[id].value;
}

param_set *param_new(const param_table *table)
{
    return param_new_for(table, PARAM_FOR_BOTH);
}

param_set *param_new_for(const param_table *table, param_use use)
{
    param_set *set = new_set(table, use);

    for (int id = 0; id < table->count; id++) {
        const param_def *def = &table->defs[id];
        param_value value = {.text = default_of(table, id, use)};
        param_origin origin = {PARAM_DEFAULT, "default", def->source, NULL};
        sim_err err;

        param_entry_check(def);
        if (param_find(table, def->name) != id)
            param_entry_panic(def, "the name is there twice");
        if (param_entry_parse(def, &value, &err) != SIM_OK)
            param_entry_panic(def, err.text);
        set->slots[id] = new_slot(def, &value, &origin);
    }
    return set;
}

void param_accept(param_set *set, param_use use)
{
    set->use = use;
}

param_set *param_copy(const param_set *set)
{
    param_set *copy = new_set(set->table, set->use);

    for (int id = 0; id < set->table->count; id++) {
        copy->slots[id] = set->slots[id];
        atomic_fetch_add(&copy->slots[id]->users, 1);
    }
    return copy;
}

void param_free(param_set *set)
{
    if (set == NULL)
        return;
    for (int id = 0; id < set->table->count; id++)
        release(set->slots[id]);
    free(set);
}

int param_find(const param_table *table, const char *name)
{
    for (int id = 0; id < table->count; id++)
        if (strcmp(table->defs[id].name, name) == 0)
            return id;
    return -1;
}

sim_status param_unknown(const param_table *table, const char *name, sim_err *err)
{
    const char **names = sim_alloc((uint64_t)table->count, sizeof *names);
    const char *nearest;

    for (int i = 0; i < table->renamed_count; i++)
        if (strcmp(table->renamed[i].old, name) == 0) {
            free(names);
            return err_set(err, SIM_BAD_INPUT, "\"%s\" is called \"%s\"", name,
                           table->renamed[i].now);
        }
    for (int id = 0; id < table->count; id++)
        names[id] = table->defs[id].name;
    nearest = param_entry_nearest(name, names, table->count);
    free(names);
    if (nearest == NULL)
        return err_set(err, SIM_BAD_INPUT,
                       "unknown parameter \"%.*s\" (\"smmsim params\" lists them)", SHOWN, name);
    return err_set(err, SIM_BAD_INPUT, "unknown parameter \"%.*s\" (did you mean \"%s\"?)", SHOWN,
                   name, nearest);
}

const char *param_for(param_use use)
{
    return use == PARAM_FOR_TIME ? "time" : use == PARAM_FOR_ORDER ? "order" : "both";
}

/* Before its value is looked at: a right value would not help. */
static sim_status without_effect(const param_set *set, const char *name, sim_err *err)
{
    return set->use == PARAM_FOR_ORDER
               ? err_set(err, SIM_BAD_INPUT,
                         "%s has no effect: it is about time, and here every order of the steps "
                         "is looked at, however long they take (leave it out)",
                         name)
               : err_set(err, SIM_BAD_INPUT,
                         "%s has no effect: it is about the orders that explore and replay look "
                         "at (leave it out)",
                         name);
}

sim_status param_assign(param_set *set, const char *name, const char *value,
                        const param_origin *origin, sim_err *err)
{
    int id = param_find(set->table, name);
    param_value parsed = {.text = value, .dir = origin->dir};
    sim_status status;
    slot *old;

    SIM_ASSERT(origin->rank >= PARAM_DEFAULT && origin->rank <= PARAM_USER);
    if (id < 0)
        return param_unknown(set->table, name, err);
    if ((set->table->defs[id].use & set->use) == 0)
        return without_effect(set, name, err);
    status = param_entry_parse(&set->table->defs[id], &parsed, err);
    if (status != SIM_OK)
        return err_prefix(err, status, "%s", name);
    old = set->slots[id];
    if (!wins(old, origin->rank)) {
        dist_free(parsed.latency);
        return SIM_OK;
    }
    set->slots[id] = new_slot(&set->table->defs[id], &parsed, origin);
    if (old->claim > origin->rank)
        set->slots[id]->claim = old->claim;
    release(old);
    return SIM_OK;
}

sim_status param_assign_pair(param_set *set, const char *pair, const param_origin *origin,
                             sim_err *err)
{
    const char *sign = strchr(pair, '=');
    char *name;
    sim_status status;

    if (sign == NULL)
        return err_set(err, SIM_BAD_INPUT, "\"%.*s\" has no value (write NAME=VALUE)", SHOWN, pair);
    if (sign == pair)
        return err_set(err, SIM_BAD_INPUT, "\"%.*s\" has no name (write NAME=VALUE)", SHOWN, pair);
    name = sim_alloc((uint64_t)(sign - pair) + 1, 1);
    memcpy(name, pair, (size_t)(sign - pair));
    status = param_assign(set, name, sign + 1, origin, err);
    free(name);
    return status;
}

static const slot *slot_of(const param_set *set, int id)
{
    SIM_ASSERT(id >= 0 && id < set->table->count);
    return set->slots[id];
}

int param_is_auto(const param_set *set, int id)
{
    return slot_of(set, id)->value.is_auto;
}

int64_t param_int(const param_set *set, int id)
{
    const slot *s = slot_of(set, id);
    param_kind kind = set->table->defs[id].kind;

    SIM_ASSERT(kind != PARAM_LATENCY && kind != PARAM_NAME && kind != PARAM_CPUS);
    SIM_ASSERT(!s->value.is_auto);
    return s->value.number;
}

const dist *param_dist(const param_set *set, int id)
{
    const slot *s = slot_of(set, id);

    SIM_ASSERT(set->table->defs[id].kind == PARAM_LATENCY);
    SIM_ASSERT(!s->value.is_auto);
    return s->value.latency;
}

const char *param_name(const param_set *set, int id)
{
    const slot *s = slot_of(set, id);
    param_kind kind = set->table->defs[id].kind;

    SIM_ASSERT(kind == PARAM_NAME || kind == PARAM_ENUM || kind == PARAM_CPUS);
    SIM_ASSERT(!s->value.is_auto);
    return s->value.text;
}

static const param_value *cpus_of(const param_set *set, int id)
{
    SIM_ASSERT(set->table->defs[id].kind == PARAM_CPUS);
    return &slot_of(set, id)->value;
}

int param_has_cpu(const param_set *set, int id, int64_t cpu, int64_t cpus)
{
    int64_t at = cpu;

    return param_entry_next_cpu(cpus_of(set, id), cpus, &at) && at == cpu;
}

int64_t param_count_cpus(const param_set *set, int id, int64_t cpus)
{
    int64_t count = 0;

    for (int64_t cpu = 0; param_entry_next_cpu(cpus_of(set, id), cpus, &cpu); cpu++)
        count++;
    return count;
}

int64_t param_least_cpus(const param_set *set, int id)
{
    return cpus_of(set, id)->number;
}

param_rank param_rank_of(const param_set *set, int id)
{
    return slot_of(set, id)->rank;
}

const char *param_place(const param_set *set, int id)
{
    return slot_of(set, id)->place;
}

const char *param_source(const param_set *set, int id)
{
    return slot_of(set, id)->source;
}

int param_uncalibrated(const param_set *set, int id)
{
    static const char mark[] = "uncalibrated";

    return strncmp(param_source(set, id), mark, sizeof mark - 1) == 0;
}

int param_print(const param_set *set, int id, char *out, size_t size)
{
    return param_entry_print(&set->table->defs[id], &slot_of(set, id)->value, out, size);
}

enum { NAME, FOR, KIND, DEFAULT, RANGE, MEANING, SOURCE, COLUMNS };
static const char *const titles[COLUMNS] = {"parameter", "for",     "kind",  "default",
                                            "range",     "meaning", "source"};

/* What it means, and what its default is where orders are asked for, if that is another one. */
static void print_meaning(const param_table *table, int id, char *room)
{
    const char *other = NULL;

    for (int i = 0; i < table->ordered_count; i++)
        if (table->ordered[i].id == id)
            other = table->ordered[i].value;
    (void)snprintf(room, PARAM_RANGE_MAX, "%s%s%s%s", table->defs[id].meaning,
                   other ? " (default for order: " : "", other ? other : "", other ? ")" : "");
}

/* The text of a cell, or its column's title if `id` is below 0; `room`: PARAM_RANGE_MAX bytes. */
static const char *cell_text(const param_table *table, int id, int column, char *room)
{
    const param_def *def = &table->defs[id < 0 ? 0 : id];

    SIM_ASSERT(column >= NAME && column < COLUMNS && id < table->count);
    if (id < 0)
        return titles[column];
    if (column == RANGE)
        param_entry_range(def, room, PARAM_RANGE_MAX);
    if (column == MEANING)
        print_meaning(table, id, room);
    const char *const cells[COLUMNS] = {
        def->name, param_for(def->use), param_entry_kind(def), def->value, room, room, def->source};
    return cells[column] != NULL ? cells[column] : "";
}

static void print_plain(const param_table *params, FILE *out)
{
    static const int shown[] = {NAME, FOR, DEFAULT, MEANING};
    text_table *t = table_new("llww");
    char room[PARAM_RANGE_MAX];

    for (int id = -1; id < params->count; id++)
        for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++)
            table_add(t, "%s", cell_text(params, id, shown[i], room));
    table_print(t, 0, out);
}

static void print_markdown_cell(const char *text, bool code, FILE *out)
{
    (void)fputs(code ? " `" : " ", out);
    for (; *text != '\0'; text++) {
        if (*text == '|')
            (void)fputc('\\', out);
        (void)fputc(*text, out);
    }
    (void)fputs(code ? "` |" : " |", out);
}

static void print_markdown(const param_table *table, FILE *out)
{
    char room[PARAM_RANGE_MAX];

    for (int id = -1; id < table->count; id++) {
        (void)fputc('|', out);
        for (int c = 0; c < COLUMNS; c++) {
            const char *text = cell_text(table, id, c, room);
            print_markdown_cell(text, id >= 0 && (c == NAME || c == DEFAULT) && *text, out);
        }
        (void)fputs(id < 0 ? "\n| --- | --- | --- | --- | --- | --- | --- |\n" : "\n", out);
    }
}

void param_print_table(const param_table *table, int markdown, FILE *out)
{
    if (markdown)
        print_markdown(table, out);
    else
        print_plain(table, out);
}
