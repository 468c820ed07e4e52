/* SPDX-License-Identifier: Apache-2.0 */
/* host: the queue before the host's cores and the arithmetic of turns. */
#include "models/machine/host.h"

#include <string.h>

void host_reset(host *h, uint32_t cpus)
{
    SIM_ASSERT(h->tick > 0 && h->least >= 0 && h->phase <= 0);
    h->queued = h->busy = 0;
    h->turns = 0;
    h->contended = 0;
    h->first = HOST_NOBODY;
    memset(h->vcpu, 0, cpus * sizeof *h->vcpu);
    memset(h->occupant, 0xff, h->cores * sizeof *h->occupant);
}

void host_queue(host *h, uint32_t cpu)
{
    host_vcpu *v = &h->vcpu[cpu];

    SIM_ASSERT(v->place == HOST_ASLEEP);
    v->place = HOST_QUEUED;
    v->ready_at = PS_NEVER;
    h->queued++;
    chain_append(h->link, &h->first, cpu);
}

void host_unqueue(host *h, uint32_t cpu, int rotate)
{
    host_vcpu *v = &h->vcpu[cpu];

    SIM_ASSERT(v->place == HOST_QUEUED && h->queued > 0);
    if (rotate) /* the queue is a ring */
        h->first = (uint16_t)cpu;
    chain_remove(h->link, &h->first, cpu);
    v->place = HOST_ASLEEP;
    h->queued--;
}

void host_begin(host *h, uint32_t cpu, uint32_t core, int64_t now)
{
    host_vcpu *v = &h->vcpu[cpu];

    SIM_ASSERT(v->place == HOST_ASLEEP && core < h->cores);
    SIM_ASSERT(h->occupant[core] == HOST_NOBODY);
    h->occupant[core] = (uint16_t)cpu;
    h->busy++;
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
    h->busy--;
    v->used += now - v->since;
    v->place = HOST_ASLEEP;
}

int64_t host_slice(const host *h)
{
    uint32_t want = h->queued + h->busy;
    int64_t share = want > h->cores ? h->period * h->cores / want : h->period;
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
    int64_t burn;

    if (at <= end)
        return end;
    burn = host_burn(h);
    return ps_add(end, (at - end + burn - 1) / burn * burn);
}

void host_refresh(host *h, int64_t now)
{
    for (uint32_t i = 0; i < h->cores; i++) {
        host_vcpu *v = h->occupant[i] == HOST_NOBODY ? NULL : &h->vcpu[h->occupant[i]];

        if (v && v->turn_end < now)
            v->turn_end = h->contended ? host_turn(h, h->occupant[i], now) : host_tick(h, now);
    }
}
