/* SPDX-License-Identifier: Apache-2.0 */
/* driver_memory: the words that the timed driver works on, and the cache line of each. */
#include <stdlib.h>
#include <string.h>

#include "models/machine/state.h"

/* Cache lines: fields of the head share line 0; the others follow in order. */
static uint32_t place_words(const machine_setup *s, uint32_t *line_of)
{
    const step_protocol *p = s->protocol;
    uint32_t lines = 1;

    for (int f = 0; f < p->field_count; f++) {
        uint32_t first = step_word(p, &s->config, f, 0);
        uint32_t width = p->fields[f].per_cpu ? s->config.possible : 1;
        uint32_t base = lines;

        for (uint32_t i = 0; i < width; i++) {
            switch ((step_place)p->fields[f].place) {
            case PLACE_HEAD:
                line_of[first + i] = 0;
                break;
            case PLACE_OWN_LINE:
                line_of[first + i] = base + i;
                break;
            case PLACE_BYTES:
                line_of[first + i] = base + i / 64;
                break;
            case PLACE_48:
                line_of[first + i] = base + i * 48 / 64;
                break;
            }
            if (line_of[first + i] >= lines)
                lines = line_of[first + i] + 1;
        }
    }
    return lines;
}

/* Between SMIs all shared words are as they were at the start; but an ordered switch of the BSP
 * stands until the next SMI. */
static void mark_lasting(const machine_setup *s, uint8_t *lasting)
{
    const step_protocol *p = s->protocol;
    uint32_t differ = handler_plan_may_differ(&s->services, p);

    for (int f = 0; f < p->field_count; f++)
        memset(&lasting[step_word(p, &s->config, f, 0)], differ >> f & 1,
               p->fields[f].per_cpu ? s->config.possible : 1);
}

void driver_new(machine *m)
{
    const machine_setup *s = m->setup;
    driver_part *d = &m->driver;

    d->words = step_word_count(s->protocol, &s->config);
    d->word = sim_alloc(d->words, sizeof *d->word);
    d->fresh = sim_alloc(d->words, sizeof *d->fresh);
    d->lasting = sim_alloc(d->words, sizeof *d->lasting);
    d->line_of = sim_alloc(d->words, sizeof *d->line_of);
    d->waiter = sim_alloc(d->words, sizeof *d->waiter);
    d->link = sim_alloc(m->cpus, sizeof *d->link);
    d->lines.lines = place_words(s, d->line_of);
    d->lines.line = sim_alloc(1, fabric_bytes(&s->place, d->lines.lines));
    mark_lasting(s, d->lasting);
    s->protocol->initial(&s->config, d->fresh);
    for (int i = 0; i < FABRIC_TIMES; i++)
        d->times_vary |= s->draw_of[driver_parameters[i]] >= 0;
}

void driver_free(machine *m)
{
    free(m->driver.word);
    free(m->driver.fresh);
    free(m->driver.lasting);
    free(m->driver.line_of);
    free(m->driver.waiter);
    free(m->driver.link);
    free(m->driver.lines.line);
}
