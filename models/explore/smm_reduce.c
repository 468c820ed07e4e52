/* SPDX-License-Identifier: Apache-2.0 */
/* smm_reduce: orders that cannot matter, and CPUs that are alike. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/explore/smm_parts.h"

/* Partial order: if a CPU's next step is one that no step of any other CPU can depend on, now or
 * later, and that no property can see, then only that step is taken (a persistent set of one). What
 * a CPU may still access follows from its row: the rows that lead on from it, found by walking the
 * protocol with up to three CPUs and every value that a word can hold.
 *
 * Symmetry: loops over CPUs may visit them in any order (more orders than the real one, so a clean
 * verdict holds for it), then APs differ only by number and are put into an order of their own. A
 * violation found here is searched for again without any reduction. */

enum { SMALL_CPUS = 3, SMALL_BITS = 17 };

/* Places: fields, each at the CPU's own index; then the same fields at another's. */
static uint32_t place_bit(const explore_smm *smm, uint32_t word, int cpu)
{
    uint32_t field = smm->field_of[word];
    int others = smm->machine.protocol->fields[field].per_cpu &&
                 word - smm->config.first[field] != (uint32_t)cpu;

    return 1u << (field + (others ? STEP_FIELDS_MAX : 0));
}

/* ---- what a row may lead to ------------------------------------------------------------- */

typedef struct {
    explore_smm *small;
    int cpu;
    smm_future *future; /* [row] */
    uint64_t next[STEP_ROWS_MAX][STEP_ROWS_MAX / 64];
    uint32_t entry; /* the row in which a CPU that enters begins */
} survey;

static void follow(survey *s, uint32_t number, uint32_t value, explore_smm_how how)
{
    explore_smm_locals *locals = &s->small->locals[s->cpu];
    explore_smm_arc arc = {.value = value, .how = (uint8_t)how};
    uint32_t from = explore_smm_local_at(locals, number)->cpu.row;
    uint32_t to;

    arc = explore_smm_local_follow(locals, &s->small->machine, number, &arc);
    to = explore_smm_local_at(locals, arc.next)->cpu.row;
    s->next[from][to / 64] |= UINT64_C(1) << (to % 64);
    if (how == EXPLORE_SMM_ENTERED)
        s->entry = to;
}

/* Every value that a word may hold, as wide as its field is. */
static void follow_values(survey *s, uint32_t number, const step_request *request)
{
    const smm_field *field = &s->small->word_field[request->word];
    uint32_t values = field->width ? 1u << field->width : 1;

    for (uint32_t code = 0; code < values; code++) {
        uint32_t value = field->width ? explore_smm_pack_value(s->small, request->word, code)
                                      : s->small->fresh[request->word];

        if (request->op != STEP_WAIT || step_holds(request, value))
            follow(s, number, value, EXPLORE_SMM_DONE);
        if (request->op == STEP_WAIT && request->bound != STEP_UNBOUNDED)
            follow(s, number, value, EXPLORE_SMM_TIMED_OUT);
    }
}

static void note_access(survey *s, uint32_t row, const step_request *request)
{
    uint32_t bit = place_bit(s->small, request->word, s->cpu);

    if (request->op == STEP_WAIT_COUNT) /* a whole array: its own word, and the others' */
        bit |= place_bit(s->small, request->word + (s->cpu == 0), s->cpu) |
               place_bit(s->small, request->word + (uint32_t)s->cpu, s->cpu);
    s->future[row].reads |= bit;
    if (request->op == STEP_STORE || request->op == STEP_CAS || request->op == STEP_ADD)
        s->future[row].writes |= bit;
}

static void survey_one(survey *s, uint32_t number)
{
    const explore_smm_settings *settings = &s->small->settings;
    const explore_smm_local *local = explore_smm_local_at(&s->small->locals[s->cpu], number);
    const step_request *request = &local->request;
    uint32_t row = local->cpu.row;

    if (row == 0) {
        follow(s, number, 0, EXPLORE_SMM_ENTERED);
    } else if (request->op == STEP_ASK && request->local == ASK_HANDLER) {
        follow(s, number, STEP_ANSWER(ACTION_DONE, 0), EXPLORE_SMM_DONE);
        for (int i = 0; i < settings->handler_plan_length; i++)
            follow(s, number, settings->handler_plan[i], EXPLORE_SMM_DONE);
    } else if (request->op >= STEP_LOCAL) {
        s->future[row].sends |= request->op == STEP_IPI;
        follow(s, number, 0, EXPLORE_SMM_DONE);
        if (request->op == STEP_ASK)
            follow(s, number, 1, EXPLORE_SMM_DONE);
    } else if (request->word < s->small->word_count) {
        note_access(s, row, request);
        if (request->op == STEP_WAIT_COUNT)
            follow(s, number, request->a, EXPLORE_SMM_DONE);
        else
            follow_values(s, number, request);
    }
}

/* Adds what the rows that it leads to may do; 1 if that is news. */
static int add_futures(survey *s, int row)
{
    smm_future *f = &s->future[row];
    smm_future old = *f;

    for (int i = 0; i < STEP_ROWS_MAX / 64; i++)
        for (uint64_t left = s->next[row][i]; left; left &= left - 1) {
            const smm_future *to = &s->future[64 * i + __builtin_ctzll(left)];

            f->reads |= to->reads;
            f->writes |= to->writes;
            f->sends |= to->sends;
        }
    return memcmp(&old, f, sizeof old) != 0;
}

/* Adds up along the rows until nothing changes. A CPU that has left may come back: that is the
 * environment's to know, so nothing is carried through row 0, whose future is empty here. */
static void close_over(survey *s)
{
    for (int changed = 1; changed;) {
        changed = 0;
        for (int row = s->small->machine.protocol->row_count - 1; row > 0; row--)
            changed |= add_futures(s, row);
    }
}

static void run_survey(explore_smm *smm, explore_smm *small, int cpu)
{
    survey *s = sim_alloc(1, sizeof *s);
    const explore_smm_locals *locals = &small->locals[cpu];

    s->small = small;
    s->cpu = cpu;
    s->future = smm->future[cpu != 0];
    for (uint32_t number = 0; number < locals->used; number++)
        /* the door's counter cannot count more APs than there are */
        if (explore_smm_local_at(locals, number)->cpu.counted < small->config.cpus)
            survey_one(s, number);
    close_over(s);
    s->future[0] = s->future[s->entry];
    free(s);
}

/* ---- plan ------------------------------------------------------------------------------- */

static void plan_partial_order(explore_smm *smm)
{
    explore_smm_settings small_settings = smm->settings;
    step_config config = smm->config;
    explore_smm *small;

    small_settings.cpus = config.cpus =
        small_settings.cpus < SMALL_CPUS ? small_settings.cpus : SMALL_CPUS;
    config.possible = (uint16_t)(config.cpus + (smm->config.possible > smm->config.cpus));
    config.free_order = 0;
    config.boot_cpu = small_settings.boot_cpu = 0;
    small_settings.blocked = small_settings.late = 0;
    for (int i = 0; i < small_settings.handler_plan_length; i++)
        if ((small_settings.handler_plan[i] & 0xfff) >= small_settings.cpus)
            small_settings.handler_plan[i] =
                (small_settings.handler_plan[i] & ~UINT32_C(0xfff)) | (small_settings.cpus - 1u);
    small = explore_smm_build(&small_settings, &config, SMALL_BITS);
    for (int c = 0; c < small_settings.cpus && c < 2; c++)
        run_survey(smm, small, c);
    explore_smm_free(small);
    smm->partial_order = 1;
}

static int names_cpus(const explore_smm_settings *s)
{
    for (int i = 0; i < s->handler_plan_length; i++)
        if (s->handler_plan[i] >> 24 != ACTION_RENDEZVOUS)
            return 1;
    return 0;
}

/* CPUs that nothing tells apart. */
static uint64_t alike(const explore_smm_settings *s, const step_config *config)
{
    uint64_t same = (UINT64_C(1) << s->cpus) - 1;

    if (s->cpus > 8 || config->possible > s->cpus || names_cpus(s) || s->suspend ||
        !s->protocol->renumber)
        return 0;
    same &= ~(s->blocked | s->late);
    if (s->trigger != EXPLORE_SMM_ANY)
        same &= ~(UINT64_C(1) << s->trigger);
    if (s->election != ELECTION_RACE)
        same &= ~(UINT64_C(1) << s->boot_cpu) & ~UINT64_C(1);
    return (same & (same - 1)) ? same : 0; /* one CPU is always like itself */
}

void explore_smm_reduce_plan(explore_smm *smm)
{
    int symmetry = smm->config.free_order;

    (void)snprintf(smm->reduction, sizeof smm->reduction, "none");
    if (!smm->settings.reduce || smm->settings.tso || smm->settings.cpus > 8 ||
        !smm->machine.protocol->renumber)
        return;
    smm->first = (int)smm->config.boot_cpu;
    if (smm->config.election == ELECTION_FIXED)
        smm->first = (int)smm->fresh[smm->at[FIELD_BSP]];
    if (!smm->settings.suspend)
        plan_partial_order(smm);
    if (symmetry)
        smm->machine.alike = smm->same = alike(&smm->settings, &smm->config);
    (void)snprintf(smm->reduction, sizeof smm->reduction, "%s%s%s",
                   smm->partial_order ? "partial order" : "",
                   smm->partial_order && smm->same ? ", " : "",
                   smm->same ? "symmetry of the CPUs that nothing tells apart" : "");
}

int explore_smm_reduce_symmetric(const explore_smm_settings *settings, const step_config *config)
{
    return settings->reduce && !settings->tso && alike(settings, config) != 0;
}

/* ---- partial order ---------------------------------------------------------------------- */

/* May any CPU enter SMM again, or for the first time? */
static int may_come_back(const explore_smm *smm, const smm_view *view)
{
    if (view->env.triggers || view->env.latch)
        return 1;
    for (int c = 0; c < smm->settings.cpus; c++)
        if (view->local[c] && smm->future[c != smm->first][smm_local(smm, view, c)->cpu.row].sends)
            return 1;
    return 0;
}

/* Can any other CPU, now or later, touch `word` so that it matters to this access? */
static int others_touch(const explore_smm *smm, const smm_view *view, int cpu,
                        const step_request *request, int come_back)
{
    int writes = request->op == STEP_STORE || request->op == STEP_CAS || request->op == STEP_ADD;

    for (int c = 0; c < smm->settings.cpus; c++) {
        uint32_t bit = place_bit(smm, request->word, c);
        const smm_future *table = smm->future[c != smm->first];
        uint32_t touched = 0;

        if (c == cpu)
            continue;
        if (view->local[c]) {
            const smm_future *f = &table[smm_local(smm, view, c)->cpu.row];

            touched |= writes ? f->reads | f->writes : f->writes;
        }
        if (come_back)
            touched |= writes ? table[0].reads | table[0].writes : table[0].writes;
        if (touched & bit)
            return 1;
    }
    return 0;
}

static int property_sees(const explore_smm *smm, const step_request *request, int cpu)
{
    uint32_t word = request->word;

    if (request->op != STEP_STORE && request->op != STEP_CAS && request->op != STEP_ADD)
        return 0;
    switch ((step_kind)smm->machine.protocol->fields[smm->field_of[word]].kind) {
    case FIELD_DOOR:
    case FIELD_GATE:
        return 1;
    case FIELD_PRESENT:
    case FIELD_BUSY: /* nobody is given work: nobody asks who could be */
        return smm->settings.handler_plan_length > 0 ||
               word - smm->config.first[smm->field_of[word]] != (uint32_t)cpu;
    default:
        return 0;
    }
}

static int step_is_alone(const explore_smm *smm, const smm_view *view, int cpu, int come_back)
{
    const explore_smm_local *local = smm_local(smm, view, cpu);
    const step_request *request = &local->request;
    explore_smm_arc arc = {.how = EXPLORE_SMM_DONE};

    if (request->op == STEP_WAIT || request->op == STEP_WAIT_COUNT || request->op > STEP_LOCAL)
        return 0;
    if (request->op < STEP_LOCAL) {
        if (request->word >= smm->word_count || property_sees(smm, request, cpu) ||
            others_touch(smm, view, cpu, request, come_back))
            return 0;
        arc.value = view->words[request->word];
    }
    arc = explore_smm_local_follow((explore_smm_locals *)&smm->locals[cpu], &smm->machine,
                                   view->local[cpu], &arc);
    return !(SMM_NOTED_MARKS >> arc.mark & 1) && arc.next != 0 &&
           explore_smm_local_at(&smm->locals[cpu], arc.next)->sections == local->sections;
}

int explore_smm_reduce_single(const explore_smm *smm, const smm_view *view)
{
    int come_back = may_come_back(smm, view);

    for (int c = 0; c < smm->settings.cpus; c++)
        if (view->local[c] && step_is_alone(smm, view, c, come_back))
            return c;
    return -1;
}

/* ---- symmetry --------------------------------------------------------------------------- */

static uint64_t mix(uint64_t h, uint64_t value)
{
    h = (h ^ value) * UINT64_C(0x9E3779B97F4A7C15);
    return h ^ h >> 29;
}

/* What is known of a CPU without its number. `named`: CPUs whose private part names others. */
static uint64_t likeness(const explore_smm *smm, const smm_view *view, int cpu, uint32_t named)
{
    uint64_t h = smm_local(smm, view, cpu)->likeness;
    uint64_t words = view->env.latch >> cpu & 1;

    words |= (uint64_t)(view->words[smm->at[FIELD_BSP]] == (uint32_t)cpu) << 1;
    for (uint32_t a = 0; a < smm->arrays; a++)
        words = words << 8 | view->words[smm->array[a] + (uint32_t)cpu];
    h = mix(h, words);
    for (; named; named &= named - 1) {
        const explore_smm_local *other = smm_local(smm, view, __builtin_ctz(named));
        uint32_t relation = (other->cpu.done >> cpu & 1) |
                            (uint32_t)(other->cpu.index == cpu) << 1 |
                            (uint32_t)(other->cpu.bsp == cpu) << 2;

        if (relation)
            h += mix(other->likeness, relation);
    }
    return h;
}

/* map[i]: what CPU i is to be called. 0: as it is called. */
static int find_order(const explore_smm *smm, const smm_view *view, uint16_t *map)
{
    uint64_t keys[8];
    uint16_t order[8];
    int count = 0, moved = 0, place = 0;
    uint32_t named = 0;

    for (int c = 0; c < smm->settings.cpus; c++)
        named |= smm_local(smm, view, c)->mentions << c;
    for (int c = 0; c < smm->settings.cpus; c++) {
        uint64_t key;
        int at = count;

        map[c] = (uint16_t)c;
        if (!(smm->same >> c & 1))
            continue;
        key = likeness(smm, view, c, named);
        for (; at > 0 && keys[at - 1] > key; at--) {
            keys[at] = keys[at - 1];
            order[at] = order[at - 1];
        }
        keys[at] = key;
        order[at] = (uint16_t)c;
        moved |= at < count;
        count++;
    }
    for (int c = 0; moved && c < smm->settings.cpus; c++)
        if (smm->same >> c & 1)
            map[order[place++]] = (uint16_t)c;
    return moved;
}

/* The number of CPU c's private state as that of CPU map[c]. */
static uint32_t renumber(const explore_smm *smm, const smm_view *view, int c, const uint16_t *map)
{
    explore_smm_local *local = explore_smm_local_at(&smm->locals[c], view->local[c]);
    int to = map[c];
    int simple = !local->mentions;
    uint32_t known = __atomic_load_n(&local->moved[to], __ATOMIC_ACQUIRE);
    step_cpu cpu = local->cpu;

    if (simple && to == c)
        return view->local[c];
    if (simple && known)
        return known - 1;
    smm->machine.protocol->renumber(&smm->config, &cpu, map);
    known = explore_smm_local_number((explore_smm_locals *)&smm->locals[to], &smm->machine, &cpu);
    if (simple)
        __atomic_store_n(&local->moved[to], known + 1, __ATOMIC_RELEASE);
    return known;
}

int explore_smm_reduce_sort(const explore_smm *smm, const smm_view *view, smm_view *sorted)
{
    uint16_t map[EXPLORE_SMM_CPUS_MAX];
    uint32_t bsp = view->words[smm->at[FIELD_BSP]];

    if (!find_order(smm, view, map))
        return 0;
    sorted->env = view->env;
    sorted->env.latch = 0;
    memcpy(sorted->words, view->words, smm->scalars * sizeof view->words[0]);
    if (bsp < smm->settings.cpus)
        sorted->words[smm->at[FIELD_BSP]] = map[bsp];
    for (int c = 0; c < smm->settings.cpus; c++) {
        int to = map[c];

        sorted->env.latch |= (view->env.latch >> c & 1) << to;
        for (uint32_t a = 0; a < smm->arrays; a++)
            sorted->words[smm->array[a] + (uint32_t)to] = view->words[smm->array[a] + (uint32_t)c];
        sorted->local[to] = view->local[c] ? renumber(smm, view, c, map) : 0;
    }
    return 1;
}
