/* SPDX-License-Identifier: Apache-2.0 */
/* explore_smm_set: what the user may choose for an exploration, by name. */
#include <stdlib.h>
#include <string.h>

#include "models/edk2.h"
#include "models/edk2_table.h"
#include "models/explore_smm.h"
#include "models/mutants.h"
#include "models/script.h"

_Static_assert((int)EXPLORE_SMM_SCRIPT_MAX == (int)SCRIPT_MAX, "settings hold any script");

void explore_smm_defaults(explore_smm_settings *settings)
{
    *settings = (explore_smm_settings){.protocol = &edk2_protocols[0],
                                       .cpus = 2,
                                       .smis = 1,
                                       .delivery = EXPLORE_SMM_BROADCAST,
                                       .traditional = 1,
                                       .election = ELECTION_HOOK,
                                       .timeouts = 1,
                                       .sources = 1,
                                       .reduce = 1,
                                       .trigger = EXPLORE_SMM_ANY};
    for (int p = 0; p < edk2_protocol_count; p++)
        if (strcmp(edk2_protocols[p].name, "edk2-head") == 0)
            settings->protocol = &edk2_protocols[p];
    for (int p = 0; p < EXPLORE_SMM_PROPERTY_COUNT; p++)
        settings->watch |= (uint32_t)explore_smm_properties[p].on << p;
}

/* ---- values ----------------------------------------------------------------------------- */

static sim_status parse_number(const char *text, uint64_t most, uint64_t *out, sim_err *err)
{
    char *end;
    unsigned long long value = strtoull(text, &end, 10);

    if (*text < '0' || *text > '9' || *end || value > most)
        return err_set(err, SIM_BAD_INPUT, "'%s' is not a number up to %llu", text,
                       (unsigned long long)most);
    *out = value;
    return SIM_OK;
}

static sim_status parse_choice(const char *text, const char *choices, uint8_t *out, sim_err *err)
{
    size_t length = strlen(text);
    uint8_t index = 0;

    for (const char *at = choices; at; at = strchr(at, '|'), index++) {
        at += *at == '|';
        if (strncmp(at, text, length) == 0 && (at[length] == '|' || !at[length])) {
            *out = index;
            return SIM_OK;
        }
    }
    return err_set(err, SIM_BAD_INPUT, "'%s' is unknown (would be right: %s)", text, choices);
}

static sim_status parse_cpus(const char *text, uint64_t *set, sim_err *err)
{
    char word[32];

    *set = 0;
    if (strcmp(text, "none") == 0)
        return SIM_OK;
    while (*text) {
        size_t length = strcspn(text, ",");
        uint64_t cpu = 0;

        if (length >= sizeof word)
            length = sizeof word - 1;
        memcpy(word, text, length);
        word[length] = 0;
        if (parse_number(word, EXPLORE_SMM_CPUS_MAX - 1, &cpu, err) != SIM_OK)
            return SIM_BAD_INPUT;
        *set |= UINT64_C(1) << cpu;
        text += length;
        text += *text == ',';
    }
    return SIM_OK;
}

static sim_status set_handler(explore_smm_settings *settings, const char *value, sim_err *err)
{
    script own;

    if (script_parse(value, &own, err) != SIM_OK)
        return SIM_BAD_INPUT;
    memcpy(settings->script, own.action, sizeof settings->script);
    settings->script_length = (uint8_t)own.length;
    return SIM_OK;
}

/* The handler of these settings. */
static script handler_of(const explore_smm_settings *s)
{
    script own = {.length = s->script_length};

    memcpy(own.action, s->script, sizeof own.action);
    return own;
}

static sim_status set_protocol(explore_smm_settings *settings, const char *value, sim_err *err)
{
    const char *names[16];
    const char *near;

    for (int p = 0; p < edk2_protocol_count; p++) {
        if (strcmp(edk2_protocols[p].name, value) == 0) {
            settings->protocol = &edk2_protocols[p];
            return SIM_OK;
        }
        names[p] = edk2_protocols[p].name;
    }
    near = err_nearest(value, names, edk2_protocol_count);
    return err_set(err, SIM_BAD_INPUT, "'%s' is unknown (would be right: %s)", value,
                   near ? near : "a name that `smmsim list protocols` shows");
}

/* A bug's settings with the bug or without it; what it breaks is what is judged. */
static sim_status set_bug(explore_smm_settings *settings, const char *value, int mended,
                          sim_err *err)
{
    const mutant *m = mutant_find(value);

    if (!m)
        return err_set(err, SIM_BAD_INPUT,
                       "'%s' is unknown (would be right: an id that `smmsim list mutants` shows)",
                       value);
    if (settings->mutant_name && (m->id != settings->mutant_name || mended != settings->mended))
        return err_set(err, SIM_BAD_INPUT, "%s and %s%s cannot both be (would be right: one)",
                       settings->mutant_name, m->id, mended ? " mended" : "");
    if (mutant_apply(settings, mended ? m->without : m->with, err) != SIM_OK)
        return SIM_BAD_INPUT;
    settings->mutant = mended ? m->bits_fixed : m->bits;
    settings->mutant_name = m->id;
    settings->mended = (uint8_t)mended;
    for (int p = 0; p < EXPLORE_SMM_PROPERTY_COUNT; p++)
        if (strcmp(explore_smm_properties[p].name, m->property) == 0)
            settings->watch = 1u << p;
    return SIM_OK;
}

static sim_status set_mutant(explore_smm_settings *settings, const char *value, sim_err *err)
{
    return set_bug(settings, value, 0, err);
}

static sim_status set_mended(explore_smm_settings *settings, const char *value, sim_err *err)
{
    return set_bug(settings, value, 1, err);
}

static sim_status set_properties(explore_smm_settings *settings, const char *value, sim_err *err)
{
    settings->watch = 0;
    do {
        size_t length = strcspn(value, ",");
        int found = 0;

        for (int p = 0; p < EXPLORE_SMM_PROPERTY_COUNT; p++) {
            const explore_smm_property *property = &explore_smm_properties[p];

            if ((length == 3 && strncmp(value, "all", 3) == 0) ||
                (length == 7 && strncmp(value, "default", 7) == 0 && property->on) ||
                (strlen(property->name) == length && strncmp(property->name, value, length) == 0)) {
                settings->watch |= 1u << p;
                found = 1;
            }
        }
        if (!found)
            return err_set(err, SIM_BAD_INPUT,
                           "'%.*s' is no property (`smmsim explore --help` lists them)",
                           (int)length, value);
        value += length;
        value += *value == ',';
    } while (*value);
    return SIM_OK;
}

static sim_status set_trigger(explore_smm_settings *settings, const char *value, sim_err *err)
{
    uint64_t cpu = 0;

    settings->trigger = EXPLORE_SMM_ANY;
    if (strcmp(value, "any") == 0)
        return SIM_OK;
    if (strcmp(value, "bsp") == 0) {
        settings->trigger = (int16_t)settings->boot_cpu;
        return SIM_OK;
    }
    if (strcmp(value, "ap") == 0) {
        settings->trigger = settings->boot_cpu == 0;
        return SIM_OK;
    }
    if (parse_number(value, EXPLORE_SMM_CPUS_MAX - 1, &cpu, err) != SIM_OK)
        return err_set(err, SIM_BAD_INPUT,
                       "'%s' is no CPU (would be right: any, bsp, ap or a number)", value);
    settings->trigger = (int16_t)cpu;
    return SIM_OK;
}

/* ---- names ------------------------------------------------------------------------------ */

typedef enum {
    SET_NUMBER16,
    SET_NUMBER8,
    SET_CHOICE,
    SET_CPUS,
    SET_OWN /* a function */
} set_kind;

typedef struct {
    const char *name;
    set_kind kind;
    uint16_t offset;
    uint16_t most;
    const char *choices;
    sim_status (*own)(explore_smm_settings *, const char *, sim_err *);
} set_row;

#define AT(field) offsetof(explore_smm_settings, field)
static const set_row rows[] = {
    {"protocol", SET_OWN, 0, 0, NULL, set_protocol},
    {"mutant", SET_OWN, 0, 0, NULL, set_mutant},
    {"mended", SET_OWN, 0, 0, NULL, set_mended},
    {"cpus", SET_NUMBER16, AT(cpus), EXPLORE_SMM_CPUS_MAX, NULL, NULL},
    {"possible", SET_NUMBER16, AT(possible), EXPLORE_SMM_CPUS_MAX + 2, NULL, NULL},
    {"smis", SET_NUMBER8, AT(smis), EXPLORE_SMM_SMIS_MAX, NULL, NULL},
    {"smi.delivery", SET_CHOICE, AT(delivery), 0, "unicast|broadcast|hardware", NULL},
    {"sync.mode", SET_CHOICE, AT(traditional), 0, "relaxed|traditional", NULL},
    {"bsp.election", SET_CHOICE, AT(election), 0, "fixed|hook|race", NULL},
    {"boot.cpu", SET_NUMBER16, AT(boot_cpu), EXPLORE_SMM_CPUS_MAX - 1, NULL, NULL},
    {"cpus.excused", SET_NUMBER16, AT(excused), EXPLORE_SMM_CPUS_MAX, NULL, NULL},
    {"cpus.blocked", SET_CPUS, AT(blocked), 0, NULL, NULL},
    {"cpus.late", SET_CPUS, AT(late), 0, NULL, NULL},
    {"timeouts", SET_CHOICE, AT(timeouts), 0, "off|on", NULL},
    {"memory", SET_CHOICE, AT(tso), 0, "sc|tso", NULL},
    {"lmce", SET_CHOICE, AT(lmce), 0, "off|on", NULL},
    {"mtrr", SET_CHOICE, AT(mtrr), 0, "off|on", NULL},
    {"debug.agent", SET_CHOICE, AT(debug_agent), 0, "off|on", NULL},
    {"suspend", SET_CHOICE, AT(suspend), 0, "off|on", NULL},
    {"sources", SET_NUMBER8, AT(sources), 2, NULL, NULL},
    {"trigger", SET_OWN, 0, 0, NULL, set_trigger},
    {"handler", SET_OWN, 0, 0, NULL, set_handler},
    {"properties", SET_OWN, 0, 0, NULL, set_properties},
};
enum { ROWS = sizeof rows / sizeof rows[0] };

static sim_status set_row_value(explore_smm_settings *settings, const set_row *row,
                                const char *value, sim_err *err)
{
    char *at = (char *)settings + row->offset;
    uint64_t number = 0;
    sim_status status = SIM_OK;

    switch (row->kind) {
    case SET_NUMBER16:
    case SET_NUMBER8:
        status = parse_number(value, row->most, &number, err);
        if (status == SIM_OK && row->kind == SET_NUMBER16)
            *(uint16_t *)(void *)at = (uint16_t)number;
        else if (status == SIM_OK)
            *(uint8_t *)at = (uint8_t)number;
        return status;
    case SET_CHOICE:
        return parse_choice(value, row->choices, (uint8_t *)at, err);
    case SET_CPUS:
        return parse_cpus(value, (uint64_t *)(void *)at, err);
    case SET_OWN:
        return row->own(settings, value, err);
    }
    return status;
}

sim_status explore_smm_set(explore_smm_settings *settings, const char *name, const char *value,
                           sim_err *err)
{
    const char *names[ROWS];
    const char *near;

    for (size_t r = 0; r < ROWS; r++) {
        if (strcmp(rows[r].name, name) == 0) {
            sim_status status = set_row_value(settings, &rows[r], value, err);

            return status == SIM_OK ? SIM_OK : err_prefix(err, status, "%s", name);
        }
        names[r] = rows[r].name;
    }
    near = err_nearest(name, names, ROWS);
    return err_set(err, SIM_BAD_INPUT, "no setting is called '%s'%s%s%s", name,
                   near ? " (would be right: " : "", near ? near : "", near ? ")" : "");
}

/* ---- all together ----------------------------------------------------------------------- */

sim_status explore_smm_check_settings(const explore_smm_settings *settings, step_config *config,
                                      sim_err *err)
{
    const explore_smm_settings *s = settings;
    const script own = handler_of(s);

    *config = (step_config){.cpus = s->cpus,
                            .possible = s->possible ? s->possible : s->cpus,
                            .boot_cpu = s->boot_cpu,
                            .excused = s->excused,
                            .traditional = s->traditional,
                            .election = s->election,
                            .mtrr = s->mtrr,
                            .debug_agent = s->debug_agent,
                            .lmce = s->lmce,
                            .mutant = s->mutant};
    if (s->cpus < 1)
        return err_set(err, SIM_BAD_INPUT, "cpus: 0 is too few (would be right: 1 or more)");
    if (config->possible < s->cpus)
        return err_set(err, SIM_BAD_INPUT,
                       "possible: %d is fewer than the CPUs (would be right: %d or more)",
                       config->possible, s->cpus);
    if (s->boot_cpu >= s->cpus || s->trigger >= s->cpus || s->excused >= s->cpus)
        return err_set(err, SIM_BAD_INPUT, "boot.cpu, trigger, cpus.excused: no such CPU among %d",
                       s->cpus);
    if ((s->blocked | s->late) >> (s->cpus - 1) > 1)
        return err_set(err, SIM_BAD_INPUT, "cpus.blocked, cpus.late: no such CPU among %d",
                       s->cpus);
    if (s->tso && s->cpus > 3)
        return err_set(err, SIM_BAD_INPUT, "memory: tso is for up to 3 CPUs");
    if (s->smis < 1 || s->sources < 1)
        return err_set(err, SIM_BAD_INPUT,
                       "smis, sources: 0 is too few (would be right: 1 or more)");
    if (s->protocol->configure(s->protocol, config, err) != SIM_OK)
        return SIM_BAD_INPUT;
    if (script_check(&own, s->protocol, config, err) != SIM_OK)
        return err_prefix(err, SIM_BAD_INPUT, "handler");
    return SIM_OK;
}

static void print_set(const char *name, uint64_t set, FILE *out)
{
    const char *before = "";

    (void)fprintf(out, " --set %s=%s", name, set ? "" : "none");
    for (int c = 0; c < 64; c++)
        if (set >> c & 1) {
            (void)fprintf(out, "%s%d", before, c);
            before = ",";
        }
}

static void print_choice(const set_row *row, const explore_smm_settings *settings, FILE *out)
{
    const char *at = row->choices;

    for (uint8_t left = *((const uint8_t *)settings + row->offset); left > 0; left--)
        at = strchr(at, '|') + 1;
    (void)fprintf(out, " --set %s=%.*s", row->name, (int)strcspn(at, "|"), at);
}

/* What is neither as usual nor, with a bug, as the bug's own settings have it. */
static void print_row(const set_row *row, const explore_smm_settings *s,
                      const explore_smm_settings usual[2], FILE *out)
{
    const char *here = (const char *)s + row->offset;
    size_t size = row->kind == SET_NUMBER16 ? 2 : row->kind == SET_CPUS ? 8 : 1;

    if (row->kind == SET_OWN || (memcmp(here, (const char *)&usual[0] + row->offset, size) == 0 &&
                                 memcmp(here, (const char *)&usual[1] + row->offset, size) == 0))
        return;
    if (row->kind == SET_CHOICE)
        print_choice(row, s, out);
    else if (row->kind == SET_CPUS)
        print_set(row->name, *(const uint64_t *)(const void *)here, out);
    else
        (void)fprintf(out, " --set %s=%u", row->name,
                      size == 2 ? (unsigned)*(const uint16_t *)(const void *)here
                                : (unsigned)*(const uint8_t *)here);
}

void explore_smm_print_settings(const explore_smm_settings *s, FILE *out)
{
    explore_smm_settings usual[2]; /* without the bug's settings, and with them */

    explore_smm_defaults(&usual[0]);
    usual[0].cpus = s->cpus;
    usual[0].smis = s->smis;
    usual[1] = usual[0];
    if (s->mutant_name) {
        (void)fprintf(out, "--%s %s ", s->mended ? "mended" : "mutant", s->mutant_name);
        if (set_bug(&usual[1], s->mutant_name, s->mended, NULL) != SIM_OK)
            sim_panic(__FILE__, __LINE__, "a mutant's settings are refused");
        usual[1].cpus = s->cpus;
        usual[1].smis = s->smis;
    }
    (void)fprintf(out, "--protocol %s --cpus %u --smis %u", s->protocol->name, s->cpus, s->smis);
    for (size_t r = 0; r < ROWS; r++)
        print_row(&rows[r], s, usual, out);
    if (s->trigger != EXPLORE_SMM_ANY)
        (void)fprintf(out, " --set trigger=%d", s->trigger);
    if (s->script_length || usual[1].script_length) {
        const script own = handler_of(s);

        (void)fprintf(out, " --set handler=");
        script_print(&own, out);
    }
}
