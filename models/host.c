/* SPDX-License-Identifier: Apache-2.0 */
/* host: the queue before the host's cores and the arithmetic of turns. */
#include "models/host.h"

#include <string.h>

void host_reset(host *h, uint32_t cpus)
{
    SIM_ASSERT(h->tick > 0 && h->least >= 0 && h->phase <= 0);
    h->queued = 0;
    h->turns = 0;
    h->contended = 0;
    h->first = h->last = HOST_NOBODY;
    memset(h->vcpu, 0, cpus * sizeof *h->vcpu);
    memset(h->occupant, 0xff, h->cores * sizeof *h->occupant);
}

void host_queue(host *h, uint32_t cpu)
{
    host_vcpu *v = &h->vcpu[cpu];

    SIM_ASSERT(v->place == HOST_ASLEEP);
    v->place = HOST_QUEUED;
    v->next = HOST_NOBODY;
    v->ready_at = PS_NEVER;
    if (h->queued++ == 0)
        h->first = (uint16_t)cpu;
    else
        h->vcpu[h->last].next = (uint16_t)cpu;
    h->last = (uint16_t)cpu;
}

void host_unqueue(host *h, uint32_t cpu, int rotate)
{
    uint16_t before = HOST_NOBODY;
    host_vcpu *v = &h->vcpu[cpu];

    SIM_ASSERT(v->place == HOST_QUEUED && h->queued > 0);
    for (uint16_t i = h->first; i != cpu; i = h->vcpu[i].next)
        before = i;
    if (before == HOST_NOBODY) {
        h->first = v->next;
    } else if (rotate && v->next != HOST_NOBODY) { /* [first..before] behind the last */
        h->vcpu[h->last].next = h->first;
        h->last = before;
        h->first = v->next;
        h->vcpu[before].next = HOST_NOBODY;
    } else {
        h->vcpu[before].next = v->next;
        if (h->last == cpu)
            h->last = before;
    }
    v->place = HOST_ASLEEP;
    h->queued--;
}

void host_begin(host *h, uint32_t cpu, uint32_t core, int64_t now)
{
    host_vcpu *v = &h->vcpu[cpu];

    SIM_ASSERT(v->place == HOST_ASLEEP && core < h->cores);
    SIM_ASSERT(h->occupant[core] == HOST_NOBODY);
    h->occupant[core] = (uint16_t)cpu;
    v->place = HOST_ON;
    v->core = (uint16_t)core;
    v->since = now;
    v->turn_end = host_tick(h, now + host_slice(h));
    h->turns++;
}

void host_end(host *h, uint32_t cpu, int64_t now)
{
    host_vcpu *v = &h->vcpu[cpu];

    SIM_ASSERT(v->place == HOST_ON && h->occupant[v->core] == cpu && now >= v->since);
    h->occupant[v->core] = HOST_NOBODY;
    v->used += now - v->since;
    v->place = HOST_ASLEEP;
}

int64_t host_slice(const host *h)
{
    uint32_t want = h->queued;
    int64_t share;

    for (uint32_t i = 0; i < h->cores; i++)
        want += h->occupant[i] != HOST_NOBODY;
    share = want > h->cores ? h->period * h->cores / want : h->period;
    return share > h->least ? share : h->least;
}

int64_t host_tick(const host *h, int64_t at)
{
    int64_t into = (at - h->phase) % h->tick;

    return ps_add(at, into > 0 ? h->tick - into : 0);
}

int64_t host_burn(const host *h)
{
    int64_t slice = host_slice(h);

    return slice == 0 ? h->tick : (slice + h->tick - 1) / h->tick * h->tick;
}

int64_t host_turn(const host *h, uint32_t cpu, int64_t at)
{
    int64_t end = h->vcpu[cpu].turn_end;
    int64_t burn = host_burn(h);

    return at <= end ? end : ps_add(end, (at - end + burn - 1) / burn * burn);
}

void host_refresh(host *h, int64_t now)
{
    for (uint32_t i = 0; i < h->cores; i++) {
        host_vcpu *v = h->occupant[i] == HOST_NOBODY ? NULL : &h->vcpu[h->occupant[i]];

        if (v && v->turn_end < now)
            v->turn_end = h->contended ? host_turn(h, h->occupant[i], now) : host_tick(h, now);
    }
}
