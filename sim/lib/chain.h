/* SPDX-License-Identifier: Apache-2.0 */
/* chain: lists of small numbers through an array of links; in and out cost the same everywhere. */
#ifndef SMMSIM_SIM_LIB_CHAIN_H
#define SMMSIM_SIM_LIB_CHAIN_H

#include "sim/lib/base.h"

/* A list is a ring: its variable holds the first number, or CHAIN_NONE, and the one before the
 * first is the last. A number is in one list at most among those that share an array of links. No
 * call looks at links but those of the number, of its neighbours and of the first one. */
typedef struct {
    uint16_t next, before;
} chain_link;
_Static_assert(sizeof(chain_link) == 4, "no padding");

enum { CHAIN_NONE = 0xffff };

/* A number that is in no list, behind the last one. */
static inline void chain_append(chain_link *link, uint16_t *first, uint32_t number)
{
    uint16_t n = (uint16_t)number;
    uint16_t head = *first == CHAIN_NONE ? n : *first;

    SIM_ASSERT(number < CHAIN_NONE);
    link[n] = (chain_link){.next = head, .before = head == n ? n : link[head].before};
    link[link[n].before].next = n;
    link[head].before = n;
    *first = head;
}

/* The same, before the first one. */
static inline void chain_prepend(chain_link *link, uint16_t *first, uint32_t number)
{
    chain_append(link, first, number);
    *first = (uint16_t)number;
}

/* A number that is in this list. */
static inline void chain_remove(chain_link *link, uint16_t *first, uint32_t number)
{
    chain_link l = link[number];

    SIM_ASSERT(*first != CHAIN_NONE);
    SIM_ASSERT(link[l.before].next == number && link[l.next].before == number);
    link[l.before].next = l.next;
    link[l.next].before = l.before;
    if (*first == number)
        *first = l.next == number ? CHAIN_NONE : l.next;
}

/* The one behind it, or CHAIN_NONE. Asked for before a number is taken out, it serves a walk. */
static inline uint32_t chain_next(const chain_link *link, uint16_t first, uint32_t number)
{
    return link[number].next == first ? CHAIN_NONE : link[number].next;
}

#endif
