/* SPDX-License-Identifier: Apache-2.0 */
/* edk2: tables of edk2's rendezvous, one protocol for each version, and the memory at the start. */
#include "models/edk2.h"

#include <string.h>

#include "models/edk2_rows.h"

#define FIELD_ENTRY(name, upstream, per_cpu, place) {#name, upstream, per_cpu, place},
static const step_field fields[] = {EDK2_FIELDS(FIELD_ENTRY)};
#undef FIELD_ENTRY

_Static_assert((int)F_CNT == (int)EDK2_CNT && (int)F_AAX == (int)EDK2_AAX &&
                   (int)F_RUN == (int)EDK2_RUN && (int)F_CAND == (int)EDK2_CAND,
               "public field numbers");

_Static_assert(ERA_DOOR_WAIT == EDK2_SYN_UNREAD, "public version bit");

#define ROW_ENTRY(id, name, marker, code, operand, mark, when, what) \
    {#id, name, marker, what, MARK_##mark},
const step_row edk2_rows[] = {EDK2_ROWS(ROW_ENTRY)};
#undef ROW_ENTRY

#define ROW_OPERATION(id, name, marker, code, operand, mark, when, what) {CODE_##code, operand},
const edk2_operation edk2_operations[] = {EDK2_ROWS(ROW_OPERATION)};
#undef ROW_OPERATION

/* The words of the `when` column. */
#define ERA(name) ((c->era & ERA_##name) != 0)
#define TM TRADITIONAL(c)
#define ELECTS (c->election != ELECTION_FIXED)
#define HOOK (c->election == ELECTION_HOOK)
#define RACE (c->election == ELECTION_RACE)
#define MUTANT(name) ((c->mutant & EDK2_MUTANT_##name) != 0)
#define SEVEN ((TM || MUTANT(F01)) && ERA(HOOK_GATHER))
#define CLEARS_AAX (ERA(AAX) && !ERA(DOOR_WAIT) && !MUTANT(F06))
#define EXIT_ROUND ((c->era & ERA_EXIT_ROUND) != 0 || c->mtrr || c->debug_agent)

static void rows_in_force(const step_config *c, uint8_t *on)
{
#define ROW_WHEN(id, name, marker, code, operand, mark, when, what) on[ROW_##id] = (when);
    EDK2_ROWS(ROW_WHEN)
#undef ROW_WHEN
}

static sim_status configure(const step_protocol *self, step_config *config, sim_err *err)
{
    uint8_t on[ROWS];
    uint8_t next = ROW_R12;

    SIM_ASSERT(config->cpus >= 1 && config->cpus <= config->possible);
    SIM_ASSERT(config->possible <= STEP_CPUS_MAX && config->boot_cpu < config->cpus);
    if (config->lmce && !(self->era & ERA_LMCE))
        return err_set(err, SIM_BAD_INPUT, "%s knows no local machine check (use a later version)",
                       self->name);
    config->era = self->era;
    memset(on, 0, sizeof on);
    rows_in_force(config, on);
    for (int row = ROWS - 1; row >= 0; row--) {
        if (on[row])
            next = (uint8_t)row;
        config->next[row] = next;
    }
    step_name_rows(self, config);
    return SIM_OK;
}

static const step_protocol *protocol_of(const step_config *config);

static void initial(const step_config *config, uint32_t *words)
{
    const step_protocol *self = protocol_of(config);
    int old = !(config->era & ERA_SYNC_LIB); /* fixed election: index 0 until 68d506e0d1 */
    uint32_t fixed = old ? 0 : config->boot_cpu;

    memset(words, 0, sizeof *words * step_word_count(self, config));
    words[step_word(self, config, F_BSP, 0)] =
        config->election == ELECTION_FIXED ? fixed : EDK2_NONE;
    for (int i = 0; i < config->cpus; i++)
        words[step_word(self, config, F_BUSY, i)] = EDK2_FREE;
}

#define PROTOCOL(label, version, hook, text)                   \
    {.name = (label),                                          \
     .summary = (text),                                        \
     .fields = fields,                                         \
     .field_count = FIELDS,                                    \
     .rows = edk2_rows,                                        \
     .row_count = ROWS,                                        \
     .era = ERA_##version,                                     \
     .configure = configure,                                   \
     .initial = initial,                                       \
     .enter = edk2_enter,                                      \
     .request = edk2_request,                                  \
     .consume = edk2_consume,                                  \
     .where = edk2_where,                                      \
     .renumber = edk2_renumber,                                \
     .may_differ = 1u << F_BUSY,                               \
     .roles_bsp_first = ROW_R11_SWITCH,                        \
     .roles_bsp_last = ROW_V3,                                 \
     .separate_timeouts = (ERA_##version & ERA_TIMEOUT2) != 0, \
     .no_runtime_cache = (ERA_##version) == ERA_E17,           \
     .hook_election = (hook)},
const step_protocol edk2_protocols[] = {EDK2_ERAS(PROTOCOL)};
const int edk2_protocol_count = sizeof edk2_protocols / sizeof edk2_protocols[0];

static const step_protocol *protocol_of(const step_config *config)
{
    SIM_ASSERT(config->possible > 0);
    return &edk2_protocols[0]; /* the words are the same in all versions */
}
