/* SPDX-License-Identifier: Apache-2.0 */
/* edk2: edk2's rendezvous, one protocol for each version: what its table of steps cannot say. */
#include "models/protocol/edk2.h"

#include <string.h>

#include "models/protocol/steps_words.h"

#define STEP STEPS_NUMBER
enum {
#include "models/protocol/edk2_steps.h"
    ROWS
};
_Static_assert((int)ROWS <= (int)STEP_ROWS_MAX, "the step table fits");

#define TEST_NUMBER(name, holds, words) TEST_##name,
enum { TEST_FIRST = TESTS_COMMON - 1, EDK2_TESTS(TEST_NUMBER) TESTS };
#define KEEP_NUMBER(name, how, words) KEEP_##name,
enum { KEEP_NOTHING, EDK2_KEEPS(KEEP_NUMBER) KEEPS };

#define FIELD_ENTRY(name, upstream, per_cpu, place, kind, what) \
    {#name, upstream, what, per_cpu, PLACE_##place, FIELD_##kind},
static const step_field fields[] = {EDK2_FIELDS(FIELD_ENTRY)};

#define WORDS(name, how, words) words,
static const char *const tests[] = {EDK2_TESTS(WORDS)};
static const char *const keeps[] = {EDK2_KEEPS(WORDS)};

#define STEP STEPS_ROW
static const step_row rows[] = {
#include "models/protocol/edk2_steps.h"
};

/* Relaxed mode takes the traditional path, too, if MTRRs must be programmed. */
#define TRADITIONAL(config) ((config)->traditional || (config)->mtrr)

/* step_cpu.flags */
#define FLAG_INSIDE 0x01u   /* a BSP was inside when this CPU came (read once, at R5) */
#define FLAG_INVALID 0x02u  /* the platform says that this SMI is spurious */
#define FLAG_SKIP_T1 0x04u  /* local machine check: no first wait */
#define FLAG_ARRIVED 0x08u  /* outcome of the BSP's wait */
#define FLAG_SERIAL 0x10u   /* StartupAllAPs one AP after the other */
#define FLAG_BLOCKING 0x20u /* of the job under way */
#define FLAG_TOKEN 0x40u

/* ---- tests ------------------------------------------------------------------------------ */

/* Whether a count of CPUs that have checked in says "all", but for those that are excused. */
static int all_in(const step_config *config, uint32_t count)
{
    const step_request wanted = {.cond = STEP_ARRIVED, .a = config->cpus, .b = config->excused};

    return step_holds(&wanted, count);
}

/* RELOCK: has one that had arrived checked out again? */
static int left_again(const step_config *config, const step_cpu *cpu, uint32_t count)
{
    return (config->features & EDK2_HAS(RELOCK)) && (cpu->flags & FLAG_ARRIVED) &&
           !cpu->return_row && count < config->cpus && !all_in(config, count);
}

static int may_be_bsp(const step_config *config, const step_cpu *cpu)
{
    return config->election == ELECTION_RACE || cpu->me == config->boot_cpu;
}

static int one_by_one(const step_config *config, const step_cpu *cpu)
{
    return (cpu->flags & FLAG_SERIAL) && cpu->index < config->cpus;
}

/* StartupAllAPs one by one: is there an AP behind this one? */
static int more_aps(const step_config *config, const step_cpu *cpu)
{
    uint32_t end = (config->mutant & EDK2_MUTANT_HOLES) ? config->possible : config->cpus;

    return one_by_one(config, cpu) && steps_next_other(cpu) < end;
}

/* Before a457823f27 a token is a lock, and an AP that sees behind its own BUSY lock no other one
 * busy releases it, which two may do; since then it counts. F20: a count that is treated so. */
static int old_token(const step_config *config)
{
    return (config->mutant & EDK2_MUTANT_F20) || !(config->features & EDK2_HAS(TOKEN_COUNT));
}

static int token_due(const step_config *config, const step_cpu *cpu)
{
    return (cpu->loaded & STEP_JOB_TOKEN) && !old_token(config);
}

static int may_wait(const step_config *config)
{
    return !TRADITIONAL(config) || !(config->features & EDK2_HAS(MODE_CHECK));
}

static int holds(const step_config *c, const step_cpu *cpu, uint8_t test, const step_result *result)
{
    uint32_t value = result->value;

#define TEST_CASE(name, holds, words) \
    case TEST_##name:                 \
        return (holds) != 0;
    switch (test) {
        EDK2_TESTS(TEST_CASE)
    default:
        sim_panic(__FILE__, __LINE__, "no such test");
    }
}

/* ---- what a CPU keeps in mind ----------------------------------------------------------- */

static void note(step_cpu *cpu, uint8_t flag, int on)
{
    cpu->flags = (uint8_t)(on ? cpu->flags | flag : cpu->flags & ~flag);
}

static void note_look(const step_config *config, step_cpu *cpu, uint32_t count, int holds)
{
    if (holds)
        note(cpu, FLAG_ARRIVED, all_in(config, count));
}

/* The wait for the APs is over; the BSP goes on where it asked for it. */
static void end_wait(const step_config *config, step_cpu *cpu)
{
    if (cpu->return_row || !(config->features & EDK2_HAS(RELOCK)))
        note(cpu, FLAG_ARRIVED, 0);
    note(cpu, FLAG_SKIP_T1, 0);
    cpu->return_row = 0;
}

static void count_aps(step_cpu *cpu)
{
    cpu->counted = (uint16_t)(cpu->loaded - 1);
    cpu->flags = 0;
}

static uint32_t keep_token(const step_config *config, step_cpu *cpu, int due)
{
    note(cpu, FLAG_TOKEN, (cpu->loaded & STEP_JOB_TOKEN) && !token_due(config, cpu));
    return due ? cpu->loaded : 0;
}

/* What the handlers asked for is done. */
static void answer(step_cpu *cpu, step_outcome outcome)
{
    SIM_ASSERT(outcome <= OUTCOME_TIMEOUT);
    note(cpu, FLAG_SERIAL | FLAG_BLOCKING | FLAG_TOKEN, 0);
    cpu->rounds_left = 0;
    cpu->ticket = (uint16_t)outcome;
}

static uint32_t keep(const step_config *c, step_cpu *cpu, const step_result *result, int holds)
{
    uint32_t value = result->value;
    uint32_t seen = 0;

#define KEEP_CASE(name, how, words) \
    case KEEP_##name:               \
        how;                        \
        break;
    switch (c->code[cpu->row].keep) {
        EDK2_KEEPS(KEEP_CASE)
    default:
        sim_panic(__FILE__, __LINE__, "nothing to keep");
    }
    return seen;
}

/* ---- what the handlers ask for ---------------------------------------------------------- */

static uint8_t start_job(const step_config *config, step_cpu *cpu, uint32_t value)
{
    int all = value >> 24 == ACTION_START_ALL;
    int parallel = (config->features & EDK2_HAS(START_ALL)) != 0;
    uint32_t ap = value & 0xfff;

    SIM_ASSERT(value >> 24 == ACTION_START_ALL || value >> 24 == ACTION_START_THIS);
    if (all ? config->possible == 1 : ap >= config->cpus || ap == cpu->me)
        return ROW_NOT_STARTED;
    cpu->ticket = (value >> 12) & STEP_JOB_MAX;
    note(cpu, FLAG_BLOCKING, value >> 23 & 1);
    note(cpu, FLAG_TOKEN, all && parallel && !(cpu->flags & FLAG_BLOCKING));
    note(cpu, FLAG_SERIAL, all && !parallel);
    SIM_ASSERT(!(cpu->flags & FLAG_TOKEN) || parallel);
    cpu->index = all ? cpu->me == 0 : (uint16_t)ap;
    return all && parallel ? ROW_K1 : ROW_J1;
}

static uint8_t handlers(const step_config *config, step_cpu *cpu, uint32_t value)
{
    cpu->ticket = 0;
    switch ((step_action)(value >> 24)) {
    case ACTION_DONE:
        return config->code[cpu->row].next[0];
    case ACTION_COMPUTE:
        return cpu->row;
    case ACTION_START_THIS:
    case ACTION_START_ALL:
        return start_job(config, cpu, value);
    case ACTION_RENDEZVOUS:
        return (config->features & EDK2_HAS(SERVICE)) ? ROW_V1 : ROW_NOT_READY;
    case ACTION_SWITCH_BSP:
        SIM_ASSERT((value & 0xfff) < config->cpus && config->election != ELECTION_FIXED);
        if ((value & 0xfff) != cpu->me)
            cpu->bsp = (uint16_t)((value & 0xfff) + 1);
        return cpu->row;
    }
    sim_panic(__FILE__, __LINE__, "no such action of a handler");
}

static const steps_program program = {.holds = holds,
                                      .keep = keep,
                                      .handlers = handlers,
                                      .present = EDK2_PRE,
                                      .lock = EDK2_BUSY,
                                      .token = EDK2_TOK,
                                      .token_flag = FLAG_TOKEN};

/* ---- a setting -------------------------------------------------------------------------- */

/* The words of the table that this protocol adds. */
#define FIELD(name) EDK2_##name
#define LOCK(...) .op = OP_DOOR, .a = 0, .b = EDK2_LOCKED, WORD(__VA_ARGS__)
#define CHECK_OUT(...) \
    .op = HAS(SYNC_LIB) ? OP_DOOR : OP_DOWN, .a = UINT32_MAX, .b = (uint32_t)-1, WORD(__VA_ARGS__)
#define EACH_SEIZED .loop = HAS(SEIZED) ? LOOP_SEIZED : LOOP_PRESENT,
#define WAIT_DOOR                                              \
    .op = OP_WAIT, .cond = HAS(DOOR_WAIT) ? STEP_NE : STEP_EQ, \
    .a = HAS(DOOR_WAIT) ? EDK2_LOCKED : 0, .field = HAS(DOOR_WAIT) ? EDK2_CNT : EDK2_SYN,
#define HAS(name) ((c->features & EDK2_HAS(name)) != 0)
#define TM TRADITIONAL(c)
#define ELECTS (c->election != ELECTION_FIXED)
#define HOOK (c->election == ELECTION_HOOK)
#define RACE (c->election == ELECTION_RACE)
#define MUTANT(name) ((c->mutant & EDK2_MUTANT_##name) != 0)
#define SEVEN ((TM || MUTANT(F01)) && HAS(HOOK_GATHER))
#define CLEARS_AAX (HAS(AAX_CLEAR) && !HAS(DOOR_WAIT) && !MUTANT(F06))
#define WITH_SERVICE HAS(SERVICE)
#define PARALLEL HAS(START_ALL)
#define TRIES (!HAS(AP_ACQUIRE) || MUTANT(TRY))
#define OLD_TOKEN (PARALLEL && old_token(c))
#define LOCK_TOKEN (PARALLEL && !HAS(TOKEN_COUNT))
#define ABSENT(counted) .a = (counted),
#define TOKEN_OF(count, ...)              \
    .op = LOCK_TOKEN ? OP_STORE : OP_ADD, \
    .a = LOCK_TOKEN ? (int32_t)(count) > 0 : (uint32_t)(count), WORD(__VA_ARGS__)
#define WAITS_PRESENT (HAS(PRESENT) && c->cpus > 1)
#define EXIT_ROUND (!HAS(LESS_ROUNDS) || c->mtrr || c->debug_agent)

/* What differs in every access to a semaphore. */
static void set_semaphore(const step_config *c, step_code *code)
{
    if (code->field != EDK2_RUN)
        return;
    if (code->op == OP_DOWN && !HAS(PAUSE))
        code->local = STEP_NO_PAUSE;
    if (MUTANT(BINARY)) {
        code->a = 0;
        code->b = code->op == OP_UP;
    }
}

static void table(step_config *c)
{
#define STEP(id, state, marker, role, what, ...) c->code[ROW_##id] = (step_code){__VA_ARGS__};
#include "models/protocol/edk2_steps.h"
    for (int row = 0; row < ROWS; row++) {
        step_code *code = &c->code[row];

        code->serves = rows[row].role == ROLE_JOBS || rows[row].role == ROLE_SERVICE;
        set_semaphore(c, code);
    }
}

static sim_status configure(const step_protocol *self, step_config *config, sim_err *err)
{
    SIM_ASSERT(config->cpus >= 1 && config->cpus <= config->possible);
    SIM_ASSERT(config->possible <= STEP_CPUS_MAX && config->boot_cpu < config->cpus);
    if (config->lmce && !(self->features & EDK2_HAS(LMCE)))
        return err_set(err, SIM_BAD_INPUT, "%s knows no local machine check (use a later version)",
                       self->name);
    steps_link(self, config);
    return SIM_OK;
}

static void initial(const step_config *config, uint32_t *words)
{
    uint32_t fixed = config->features & EDK2_HAS(FIXED_BSP) ? config->boot_cpu : 0;

    SIM_ASSERT(fixed < config->cpus && config->first[EDK2_BSP] == EDK2_BSP);
    memset(words, 0, sizeof *words * (config->first[EDK2_FIELD_COUNT - 1] + config->possible));
    words[EDK2_BSP] = config->election == ELECTION_FIXED ? fixed : EDK2_NONE;
    for (int i = 0; i < config->cpus; i++)
        words[config->first[EDK2_BUSY] + (uint32_t)i] = EDK2_FREE;
}

static uint16_t renumbered(uint16_t cpu, const uint16_t *map)
{
    return cpu == UINT16_MAX ? cpu : map[cpu]; /* nobody stays nobody */
}

static void renumber(const step_config *config, step_cpu *cpu, const uint16_t *map)
{
    step_role role = (step_role)rows[cpu->row].role;
    uint32_t done = 0;

    SIM_ASSERT(config->free_order);
    cpu->me = map[cpu->me];
    if (steps_visits(&config->code[cpu->row])) {
        for (uint16_t i = 0; i < config->possible; i++)
            done |= (cpu->done >> i & 1) << map[i];
        cpu->done = done;
        cpu->index = renumbered(cpu->index, map);
    }
    if (role == ROLE_AP || role == ROLE_AWAKE || role == ROLE_WORKER)
        cpu->bsp = renumbered(cpu->bsp, map);
}

#define VERSION(version, label, tagged, text)       \
    {.name = "edk2-" label,                         \
     .tag = (tagged),                               \
     .summary = (text),                             \
     .fields = fields,                              \
     .field_count = EDK2_FIELD_COUNT,               \
     .rows = rows,                                  \
     .row_count = ROWS,                             \
     .tests = tests,                                \
     .keeps = keeps,                                \
     .features = EDK2_FEATURES(version),            \
     .configure = configure,                        \
     .table = table,                                \
     .initial = initial,                            \
     .program = &program,                           \
     .renumber = renumber,                          \
     .may_differ = 1u << EDK2_BUSY | KEPT(version), \
     .waits_for_door = SINCE(version, DOOR_WAIT),   \
     .separate_timeouts = SINCE(version, TIMEOUT2), \
     .no_runtime_cache = !SINCE(version, CACHE),    \
     .hook_election = SINCE(version, OVMF_HOOK)},
/* Arrival stays known after the SMI, until 4364d66168 (F06); and a token that is a lock may stay
 * held if a StartupThisAp has made an AP busy again: upstream's is freed with the SMI. */
#define KEPT(version)                                                                   \
    ((SINCE(version, AAX_CLEAR) ? 0u : (uint32_t)SINCE(version, SERVICE) << EDK2_AAX) | \
     (SINCE(version, TOKEN_COUNT) ? 0u : (uint32_t)SINCE(version, START_ALL) << EDK2_TOK))
#define SINCE(version, name) ((EDK2_FEATURES(version) & EDK2_HAS(name)) != 0)
#define TAG(version, label, date) \
    VERSION(version, label, "edk2-stable" label, "edk2-stable" label ", " date)

/* clang-format off */
const step_protocol edk2_protocols[] = {
    VERSION(EDK2_BEFORE, "2017", NULL, "edk2 of February 2017: OVMF's first broadcast SMI")
    EDK2_TAGS(TAG)
    VERSION(EDK2_HEAD, "head", NULL, "edk2 of August 2026 (c5aa7e7d94)")
    VERSION(EDK2_FIXED, "head-fixed", NULL,
            "edk2-head with the changes that docs/EXPLORE.md proposes")
};
/* clang-format on */
const int edk2_protocol_count = sizeof edk2_protocols / sizeof edk2_protocols[0];

#define CHANGE(v, id, commit, date, first, part, what) \
    {#id, commit, date, what, first, EDK2_##part},
const edk2_change edk2_changes[EDK2_CHANGE_COUNT] = {EDK2_CHANGES(CHANGE, 0)};
