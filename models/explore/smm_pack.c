/* SPDX-License-Identifier: Apache-2.0 */
/* smm_pack: states as few bits: how wide each word is, and where it lies. */
#include <string.h>

#include "models/explore/smm_parts.h"

static uint8_t bits_for(uint32_t values)
{
    uint8_t bits = 0;

    while ((UINT32_C(1) << bits) < values)
        bits++;
    return bits;
}

/* Width and bias of one word, from what its field is for. */
static smm_field field_for(const explore_smm *smm, step_kind kind, uint32_t index)
{
    uint32_t n = smm->config.cpus;
    int jobs = handler_plan_has(&smm->services, ACTION_START_THIS) ||
               handler_plan_has(&smm->services, ACTION_START_ALL);
    int switches = handler_plan_has(&smm->services, ACTION_SWITCH_BSP) || smm->settings.suspend;

    switch (kind) {
    case FIELD_UNUSED:
        return (smm_field){0};
    case FIELD_DOOR: /* locked is -1; a corrupted door counts down from there */
        return (smm_field){.width = bits_for(n + 4), .bias = 3};
    case FIELD_COUNTER:
        return (smm_field){.width = bits_for(n + 1)};
    case FIELD_NODE:
        return (smm_field){.width = 4};
    case FIELD_BITS:
        n -= n > 32 * index ? 32 * index : n;
        return (smm_field){.width = (uint8_t)(n < 32 ? n : 32)};
    case FIELD_SEMAPHORE:
        return (smm_field){.width = bits_for(2 * n + 1)};
    case FIELD_TOKEN:
        return (smm_field){.width = jobs ? bits_for(4 * n + 1) : 0, .bias = 2 * n};
    case FIELD_BSP:
        return (smm_field){.width = smm->config.election == ELECTION_FIXED ? 0 : bits_for(n + 1),
                           .bias = 1};
    case FIELD_BUSY:
        return (smm_field){.width = 2};
    case FIELD_JOB: /* number, and the token's bit folded down */
        return (smm_field){.width = jobs ? 4 : 0, .folds = 1};
    case FIELD_ORDER:
        return (smm_field){.width = switches ? 1 : 0};
    default: /* flags, a lock */
        return (smm_field){.width = 1};
    }
}

/* Gives a field its place; fields do not cross words of 64 bits. */
static void place(smm_field *field, uint32_t *next)
{
    if (field->width == 0)
        return;
    if (*next % 64 + field->width > 64)
        *next = (*next / 64 + 1) * 64;
    field->at = (uint8_t)(*next / 64);
    field->shift = (uint8_t)(*next % 64);
    field->mask = UINT64_MAX >> (64 - field->width);
    *next += field->width;
}

static void place_env(explore_smm *smm, uint32_t *next)
{
    const explore_smm_settings *s = &smm->settings;

    smm->latch_field.width = (uint8_t)s->cpus;
    smm->triggers_field.width = bits_for(s->smis + 1u);
    smm->handler_plan_field.width = bits_for(s->handler_plan_length + 1u);
    smm->flags_field.width = s->suspend                                            ? 5
                             : handler_plan_has(&smm->services, ACTION_RENDEZVOUS) ? 4
                                                                                   : 3;
    place(&smm->latch_field, next);
    place(&smm->triggers_field, next);
    place(&smm->handler_plan_field, next);
    place(&smm->flags_field, next);
}

static void place_word(explore_smm *smm, int f, uint32_t index, uint32_t *next)
{
    uint32_t word = smm->config.first[f] + index;

    smm->word_field[word] = field_for(smm, (step_kind)smm->machine.protocol->fields[f].kind, index);
    place(&smm->word_field[word], next);
}

/* What one CPU has lies together. CPUs that are only possible change nothing. */
static void place_words(explore_smm *smm, uint32_t *next)
{
    const step_protocol *protocol = smm->machine.protocol;

    for (int f = 0; f < protocol->field_count; f++)
        if (!protocol->fields[f].per_cpu)
            place_word(smm, f, 0, next);
    for (uint32_t cpu = 0; cpu < smm->config.cpus; cpu++)
        for (int f = 0; f < protocol->field_count; f++)
            if (protocol->fields[f].per_cpu)
                place_word(smm, f, cpu, next);
    for (int f = 0; f < protocol->field_count; f++)
        if (protocol->fields[f].per_cpu && smm->word_field[smm->config.first[f]].width)
            smm->array[smm->arrays++] = smm->config.first[f];
    for (uint32_t w = 0; w < smm->word_count; w++)
        if (smm->word_field[w].width)
            smm->kept[smm->kept_count++] = (uint16_t)w;
        else
            smm->word_field[w] = (smm_field){.bias = 0 - smm->fresh[w]};
}

static void place_buffers(explore_smm *smm, uint32_t *next)
{
    for (int cpu = 0; smm->settings.tso && cpu < smm->settings.cpus; cpu++) {
        smm_field *fields = smm->buffer_field[cpu];

        fields[0].width = bits_for(EXPLORE_SMM_BUFFER + 1);
        place(&fields[0], next);
        for (int i = 0; i < EXPLORE_SMM_BUFFER; i++) {
            fields[1 + 2 * i].width = bits_for(smm->word_count);
            fields[2 + 2 * i].width = 6;
            place(&fields[1 + 2 * i], next);
            place(&fields[2 + 2 * i], next);
        }
    }
}

/* Which word is which. Scalars come first in every table. */
static void find_words(explore_smm *smm)
{
    const step_protocol *protocol = smm->machine.protocol;

    for (int kind = 0; kind < FIELD_KINDS; kind++) {
        int f = step_field_of(protocol, (step_kind)kind);

        smm->at[kind] = f < 0 ? SMM_NOWHERE : smm->config.first[f];
        if (f >= 0 && (kind == FIELD_DOOR || kind == FIELD_GATE))
            smm->seen[smm->seen_count++] = smm->at[kind];
    }
    for (int f = 0; f < protocol->field_count; f++) {
        uint32_t first = smm->config.first[f];
        uint32_t words = protocol->fields[f].per_cpu ? smm->config.possible : 1;

        SIM_ASSERT(protocol->fields[f].per_cpu || smm->scalars == first);
        memset(&smm->field_of[first], f, words);
        if (!protocol->fields[f].per_cpu)
            smm->scalars = first + 1;
    }
}

void explore_smm_pack_layout(explore_smm *smm)
{
    uint32_t next = 0;

    SIM_ASSERT(smm->word_count <= SMM_WORDS_MAX);
    find_words(smm);
    place_env(smm, &next);
    for (int cpu = 0; cpu < smm->settings.cpus; cpu++) {
        smm->local_field[cpu].width = smm->settings.cpus <= 8 ? 14 : 20;
        place(&smm->local_field[cpu], &next);
    }
    place_words(smm, &next);
    place_buffers(smm, &next);
    smm->model.words = (next + 63) / 64;
    SIM_ASSERT(smm->model.words <= EXPLORE_WORDS_MAX);
}

/* ---- values ----------------------------------------------------------------------------- */

void explore_smm_pack_env(const explore_smm *smm, const smm_env *env, uint64_t *state)
{
    smm_put(state, smm->latch_field, env->latch);
    smm_put(state, smm->flags_field, env->flags);
    smm_put(state, smm->triggers_field, env->triggers);
    smm_put(state, smm->handler_plan_field, env->handler_plan);
}

void explore_smm_pack_buffer(const explore_smm *smm, const smm_view *view, int cpu, uint64_t *state)
{
    const smm_field *fields = smm->buffer_field[cpu];
    const smm_buffer *buffer = &view->buffer[cpu];

    smm_put(state, fields[0], buffer->count);
    for (uint32_t i = 0; i < EXPLORE_SMM_BUFFER; i++) {
        uint32_t word = i < buffer->count ? buffer->store[i].word : 0;
        uint32_t code =
            i < buffer->count ? explore_smm_pack_code(smm, word, buffer->store[i].value) : 0;

        SIM_ASSERT(code < 64);
        smm_put(state, fields[1 + 2 * i], word);
        smm_put(state, fields[2 + 2 * i], code);
    }
}

void explore_smm_pack(const explore_smm *smm, const smm_view *view, uint64_t *state)
{
    memset(state, 0, smm->model.words * sizeof *state);
    explore_smm_pack_env(smm, &view->env, state);
    for (int cpu = 0; cpu < smm->settings.cpus; cpu++)
        smm_put(state, smm->local_field[cpu], view->local[cpu]);
    for (uint32_t i = 0; i < smm->kept_count; i++) {
        uint32_t w = smm->kept[i];

        smm_put(state, smm->word_field[w], explore_smm_pack_code(smm, w, view->words[w]));
    }
    for (int cpu = 0; smm->settings.tso && cpu < smm->settings.cpus; cpu++)
        explore_smm_pack_buffer(smm, view, cpu, state);
}

static void unpack_buffer(const explore_smm *smm, const uint64_t *state, smm_view *view, int cpu)
{
    const smm_field *fields = smm->buffer_field[cpu];
    smm_buffer *buffer = &view->buffer[cpu];

    *buffer = (smm_buffer){.count = (uint32_t)smm_get(state, fields[0])};
    for (uint32_t i = 0; i < buffer->count; i++) {
        uint32_t word = (uint32_t)smm_get(state, fields[1 + 2 * i]);

        buffer->store[i].word = word;
        buffer->store[i].value =
            explore_smm_pack_value(smm, word, (uint32_t)smm_get(state, fields[2 + 2 * i]));
    }
}

void explore_smm_unpack_cpus(const explore_smm *smm, const uint64_t *state, smm_view *view)
{
    view->env = (smm_env){.latch = smm_get(state, smm->latch_field),
                          .triggers = (uint8_t)smm_get(state, smm->triggers_field),
                          .handler_plan = (uint8_t)smm_get(state, smm->handler_plan_field),
                          .flags = (uint8_t)smm_get(state, smm->flags_field)};
    for (int cpu = 0; cpu < smm->settings.cpus; cpu++)
        view->local[cpu] = (uint32_t)smm_get(state, smm->local_field[cpu]);
    for (int cpu = 0; smm->settings.tso && cpu < smm->settings.cpus; cpu++)
        unpack_buffer(smm, state, view, cpu);
}

void explore_smm_unpack_words(const explore_smm *smm, const uint64_t *state, smm_view *view)
{
    if (smm->kept_count < smm->word_count)
        memcpy(view->words, smm->fresh, smm->word_count * sizeof view->words[0]);
    for (uint32_t i = 0; i < smm->kept_count; i++) {
        uint32_t w = smm->kept[i];

        view->words[w] =
            explore_smm_pack_value(smm, w, (uint32_t)smm_get(state, smm->word_field[w]));
    }
}

void explore_smm_unpack(const explore_smm *smm, const uint64_t *state, smm_view *view)
{
    explore_smm_unpack_cpus(smm, state, view);
    explore_smm_unpack_words(smm, state, view);
}
