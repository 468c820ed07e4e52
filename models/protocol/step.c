/* SPDX-License-Identifier: Apache-2.0 */
/* step: what is common to all drivers of a protocol: word numbers, conditions, plain accesses. */
#include "models/protocol/step.h"

#include <stdio.h>

#include "sim/lib/bytes.h"

uint32_t step_word(const step_protocol *protocol, const step_config *config, int field, int cpu)
{
    uint32_t word = 0;

    SIM_ASSERT(field >= 0 && field < protocol->field_count);
    for (int f = 0; f < field; f++)
        word += protocol->fields[f].per_cpu ? config->possible : 1;
    SIM_ASSERT(cpu == 0 || (protocol->fields[field].per_cpu && cpu < config->possible));
    return word + (uint32_t)cpu;
}

int step_field_of(const step_protocol *protocol, step_kind kind)
{
    SIM_ASSERT(kind < FIELD_KINDS);
    for (int f = 0; f < protocol->field_count; f++)
        if (protocol->fields[f].kind == kind)
            return f;
    return -1;
}

uint32_t step_word_count(const step_protocol *protocol, const step_config *config)
{
    int last = protocol->field_count - 1;
    uint32_t width = protocol->fields[last].per_cpu ? config->possible : 1;

    return step_word(protocol, config, last, 0) + width;
}

/* The field of a word, which gets the number that the word has in it. */
static const step_field *field_of(const step_protocol *protocol, const step_config *config,
                                  uint32_t *word)
{
    for (int f = 0; f < protocol->field_count; f++) {
        uint32_t width = protocol->fields[f].per_cpu ? config->possible : 1;

        if (*word < width)
            return &protocol->fields[f];
        *word -= width;
    }
    sim_panic(__FILE__, __LINE__, "no such word");
}

step_kind step_word_kind(const step_protocol *protocol, const step_config *config, uint32_t word)
{
    return (step_kind)field_of(protocol, config, &word)->kind;
}

void step_word_name(const step_protocol *protocol, const step_config *config, uint32_t word,
                    char *out, size_t size)
{
    const step_field *field = field_of(protocol, config, &word);

    if (field->per_cpu)
        (void)snprintf(out, size, "%s[%u]", field->name, word);
    else
        (void)snprintf(out, size, "%s", field->name);
}

void step_name_rows(const step_protocol *protocol, step_config *config)
{
    SIM_ASSERT(protocol->row_count <= STEP_ROWS_MAX);
    for (int row = 0; row < protocol->row_count; row++)
        config->id[row] = bytes_hash_name(protocol->rows[row].id);
}

const char *step_role_name(step_role role)
{
    return role == ROLE_ANY ? "" : role < ROLE_LONE ? "BSP" : "AP";
}

static int count_true(const step_request *request, const uint32_t *words, step_result *result)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < request->b; i++)
        count += words[request->word + i] != 0;
    if (count < request->a)
        return 0;
    *result = (step_result){.value = count};
    return 1;
}

int step_perform(const step_request *request, uint32_t *words, step_result *result)
{
    uint32_t *word = &words[request->word];
    uint32_t value = *word;

    SIM_ASSERT(request->op < STEP_LOCAL);
    if (request->op == STEP_WAIT_COUNT)
        return count_true(request, words, result);
    if (request->op == STEP_WAIT && !step_holds(request, value))
        return 0;
    *word = step_value_after(request, value);
    *result = (step_result){.value = value};
    return 1;
}
