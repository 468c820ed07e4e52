/* SPDX-License-Identifier: Apache-2.0 */
/* smm_local: one CPU's private states as a numbered automaton, built as it is walked. */
#include "models/explore/smm_local.h"

#include <stdlib.h>
#include <string.h>

#include "sim/lib/bytes.h"
#include "sim/lib/relax.h"

static uint64_t digest_of(const step_cpu *cpu)
{
    const uint8_t *at = (const uint8_t *)cpu;
    uint64_t h = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < sizeof *cpu; i++)
        h = (h ^ at[i]) * UINT64_C(0x100000001b3);
    h ^= h >> 29;
    return h * UINT64_C(0x9E3779B97F4A7C15);
}

/* The same for every order of the table and every processor, since it orders CPUs that are alike.
 */
static uint64_t identity_of(const step_config *config, const step_cpu *cpu)
{
    const uint64_t parts[] = {config->id[cpu->row],
                              config->id[cpu->return_row],
                              (uint64_t)cpu->part << 32 | (uint64_t)cpu->flags << 16 | cpu->me,
                              (uint64_t)cpu->index << 48 | (uint64_t)cpu->counted << 32 |
                                  (uint64_t)cpu->rounds_left << 16 | cpu->bsp,
                              (uint64_t)cpu->ticket << 32 | cpu->loaded,
                              cpu->done};
    uint64_t h = BYTES_HASH;

    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        h = (h ^ parts[i]) * UINT64_C(0x9E3779B97F4A7C15);
        h ^= h >> 29;
    }
    return h;
}

void explore_smm_local_init(explore_smm_locals *locals, const explore_smm_machine *machine, int cpu,
                            int bits)
{
    step_cpu outside = {.me = (uint16_t)cpu};

    SIM_ASSERT(bits >= 10 && (1u << bits) <= EXPLORE_SMM_CHUNK * EXPLORE_SMM_CHUNKS);
    memset(locals, 0, sizeof *locals);
    locals->most = 1u << bits;
    locals->slot_mask = 2 * locals->most - 1;
    locals->slots = sim_alloc(locals->slot_mask + 1, sizeof *locals->slots);
    (void)explore_smm_local_number(locals, machine, &outside);
}

void explore_smm_local_free(explore_smm_locals *locals)
{
    for (int i = 0; i < EXPLORE_SMM_CHUNKS; i++)
        free(locals->chunk[i]);
    free(locals->slots);
    memset(locals, 0, sizeof *locals);
}

static void lock(explore_smm_locals *locals)
{
    while (__atomic_exchange_n(&locals->lock, 1, __ATOMIC_ACQUIRE))
        relax();
}

static void unlock(explore_smm_locals *locals)
{
    __atomic_store_n(&locals->lock, 0, __ATOMIC_RELEASE);
}

/* Does it change, beside its own number, when the CPUs that are alike move up by one? */
static uint32_t names_others(const explore_smm_machine *machine, const step_cpu *cpu)
{
    uint64_t alike = machine->alike;
    uint16_t map[64];
    step_cpu moved = *cpu;

    for (uint16_t c = 0; c < machine->config->possible; c++) {
        uint64_t above = c < 63 ? alike >> (c + 1) << (c + 1) : 0;

        map[c] = c;
        if (alike >> c & 1)
            map[c] = (uint16_t)__builtin_ctzll(above ? above : alike);
    }
    machine->protocol->renumber(machine->config, &moved, map);
    moved.me = cpu->me;
    return memcmp(&moved, cpu, sizeof moved) != 0;
}

/* In whole cache lines, which sim_alloc does not promise. */
static explore_smm_local *new_chunk(void)
{
    size_t room = EXPLORE_SMM_CHUNK * sizeof(explore_smm_local);
    explore_smm_local *chunk = aligned_alloc(_Alignof(explore_smm_local), room);

    if (chunk)
        return memset(chunk, 0, room);
    sim_panic(__FILE__, __LINE__, "out of memory");
}

static uint32_t add(explore_smm_locals *locals, const explore_smm_machine *machine,
                    const step_cpu *cpu, uint32_t slot)
{
    uint32_t number = locals->used;
    uint32_t chunk = number / EXPLORE_SMM_CHUNK;
    step_cpu anonymous = *cpu;
    explore_smm_local *local;

    if (number >= locals->most)
        sim_panic(__FILE__, __LINE__, "a CPU has more private states than were reckoned with");
    if (!locals->chunk[chunk])
        locals->chunk[chunk] = new_chunk();
    local = explore_smm_local_at(locals, number);
    local->cpu = *cpu;
    local->mentions = machine->alike ? names_others(machine, cpu) : 0;
    anonymous.me = anonymous.index = anonymous.bsp = 0;
    anonymous.done = 0;
    local->likeness = identity_of(machine->config, &anonymous);
    local->sections = machine->protocol->sections(machine->config, cpu);
    if (cpu->row)
        machine->protocol->request(machine->config, cpu, &local->request);
    locals->used = number + 1;
    __atomic_store_n(&locals->slots[slot], number + 1, __ATOMIC_RELEASE);
    return number;
}

/* The number of `cpu` from its first slot on, or the slot where it belongs. What is found may be
 * read without the lock; what is not found may have come since. */
static uint32_t find(const explore_smm_locals *locals, const step_cpu *cpu, uint32_t *slot)
{
    for (;; *slot = (*slot + 1) & locals->slot_mask) {
        uint32_t number = __atomic_load_n(&locals->slots[*slot], __ATOMIC_ACQUIRE);

        if (number == 0)
            return UINT32_MAX;
        if (memcmp(&explore_smm_local_at(locals, number - 1)->cpu, cpu, sizeof *cpu) == 0)
            return number - 1;
    }
}

uint32_t explore_smm_local_number(explore_smm_locals *locals, const explore_smm_machine *machine,
                                  const step_cpu *cpu)
{
    uint32_t slot = (uint32_t)(digest_of(cpu) >> 32) & locals->slot_mask;
    uint32_t number = find(locals, cpu, &slot);

    if (number != UINT32_MAX)
        return number;
    lock(locals);
    number = find(locals, cpu, &slot);
    if (number == UINT32_MAX)
        number = add(locals, machine, cpu, slot);
    unlock(locals);
    return number;
}

/* Keeps an arc for the next time, if there is room, and notes it as covered. */
static void remember(explore_smm_locals *locals, explore_smm_local *local,
                     const explore_smm_arc *arc)
{
    uint32_t from = local->cpu.row;
    uint32_t to = explore_smm_local_at(locals, arc->next)->cpu.row;
    uint32_t used;

    lock(locals);
    locals->branches[from][to / 64] |= UINT64_C(1) << (to % 64);
    locals->marks |= UINT64_C(1) << arc->mark;
    if (arc->how == EXPLORE_SMM_TIMED_OUT)
        locals->timed_out[from / 64] |= UINT64_C(1) << (from % 64);
    used = local->arcs_used;
    for (uint32_t i = 0; i < used; i++)
        if (local->arcs[i].value == arc->value && local->arcs[i].how == arc->how)
            used = EXPLORE_SMM_ARCS; /* somebody else was faster */
    if (used < EXPLORE_SMM_ARCS) {
        local->arcs[used] = *arc;
        __atomic_store_n(&local->arcs_used, used + 1, __ATOMIC_RELEASE);
    }
    unlock(locals);
}

explore_smm_arc explore_smm_local_ask(explore_smm_locals *locals,
                                      const explore_smm_machine *machine, uint32_t number,
                                      const explore_smm_arc *taken)
{
    explore_smm_local *local = explore_smm_local_at(locals, number);
    step_cpu cpu = local->cpu;
    explore_smm_arc arc = *taken;

    if (taken->how == EXPLORE_SMM_ENTERED) {
        machine->protocol->enter(machine->config, &cpu);
    } else {
        step_result result = {.value = taken->value,
                              .timed_out = taken->how == EXPLORE_SMM_TIMED_OUT};

        arc.mark = (uint8_t)machine->protocol->consume(machine->config, &cpu, &result);
    }
    arc.next = explore_smm_local_number(locals, machine, &cpu);
    remember(locals, local, &arc);
    return arc;
}
