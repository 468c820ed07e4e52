/* SPDX-License-Identifier: Apache-2.0 */
/* test_naive: the search against a naive one that shares only the step machines with it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "models/protocol/edk2.h"
#include "models/explore/smm.h"
#include "tests/explore_args.h"
#include "tests/livelock.h"

/* Whole states in a sorted list: no packing, no hashing, no reduction, no shortcuts. With store
 * buffers, what a CPU sees is memory with its own stores laid over it, in a copy. */

enum { NAIVE_CPUS = 3, NAIVE_WORDS = 12 * NAIVE_CPUS, NAIVE_STORES = 4 };

typedef struct {
    uint32_t word, value;
} store;

typedef struct {
    uint32_t words[NAIVE_WORDS];
    step_cpu cpu[NAIVE_CPUS];
    uint32_t latch, triggers, owed, arrived;
    store stores[NAIVE_CPUS][NAIVE_STORES]; /* oldest first; the rest is 0 */
    uint32_t store_count[NAIVE_CPUS];
} naive_state;

typedef struct {
    const explore_smm_settings *settings;
    step_config config;
    uint32_t fresh[NAIVE_WORDS];
    naive_state *list; /* in order of arrival */
    uint32_t *sorted;  /* numbers in the order of the states' bytes */
    uint32_t count, room;
    uint64_t transitions;
    uint32_t (*moves)[3]; /* from, to, 1: a timeout */
    uint64_t move_room;
    uint32_t from;     /* whose moves are looked for */
    uint32_t timeout;  /* 1: of these moves, those that are timeouts */
    uint32_t violated; /* properties: a set */
} naive;

#define BIT(id) (1u << RULE_##id)
#define JUDGED \
    (BIT(NO_DEADLOCK) | BIT(ONE_BSP) | BIT(DOOR) | BIT(ALL_IN) | BIT(NO_LOST_SMI) | BIT(CLEAN))

/* The number of a state, which may be new. */
static uint32_t naive_add(naive *n, const naive_state *state)
{
    uint32_t low = 0, high = n->count;

    while (low < high) {
        uint32_t middle = (low + high) / 2;
        int order = memcmp(&n->list[n->sorted[middle]], state, sizeof *state);

        if (order == 0)
            return n->sorted[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (n->count == n->room) {
        n->room = n->room ? 2 * n->room : 1024;
        n->list = sim_realloc(n->list, n->room, sizeof *n->list);
        n->sorted = sim_realloc(n->sorted, n->room, sizeof *n->sorted);
    }
    memmove(n->sorted + low + 1, n->sorted + low, (n->count - low) * sizeof *n->sorted);
    n->sorted[low] = n->count;
    n->list[n->count] = *state;
    return n->count++;
}

static void naive_move(naive *n, const naive_state *state)
{
    if (n->transitions == n->move_room) {
        n->move_room = n->move_room ? 2 * n->move_room : 1024;
        n->moves = sim_realloc(n->moves, n->move_room, sizeof *n->moves);
    }
    n->moves[n->transitions][0] = n->from;
    n->moves[n->transitions][2] = n->timeout;
    n->moves[n->transitions++][1] = naive_add(n, state);
}

/* ---- moves ------------------------------------------------------------------------------ */

/* An access of a CPU with a store buffer; 0: it cannot be made now. */
static int naive_buffered(naive_state *s, int c, const step_request *request, step_result *result)
{
    uint32_t seen[NAIVE_WORDS];
    uint32_t *count = &s->store_count[c];

    if (request->op == STEP_CAS || request->op == STEP_ADD)
        return *count == 0 && step_perform(request, s->words, result);
    if (request->op == STEP_STORE) {
        if (*count == NAIVE_STORES)
            return 0;
        s->stores[c][(*count)++] = (store){request->word, request->a};
        return 1;
    }
    memcpy(seen, s->words, sizeof seen);
    for (uint32_t i = 0; i < *count; i++)
        seen[s->stores[c][i].word] = s->stores[c][i].value;
    return step_perform(request, seen, result);
}

static int naive_drain(naive_state *s, int c)
{
    if (s->store_count[c] == 0)
        return 0;
    s->words[s->stores[c][0].word] = s->stores[c][0].value;
    s->store_count[c]--;
    for (int i = 0; i + 1 < NAIVE_STORES; i++)
        s->stores[c][i] = s->stores[c][i + 1];
    s->stores[c][NAIVE_STORES - 1] = (store){0};
    return 1;
}

/* What one step of a CPU does, or 0. */
static int naive_step(naive *n, naive_state *s, int c, int timeout)
{
    const step_protocol *protocol = n->settings->protocol;
    step_request request;
    step_result result = {0};
    step_mark mark;

    protocol->request(&n->config, &s->cpu[c], &request);
    if ((request.op == STEP_IPI || request.op == STEP_LEAVE) && s->store_count[c])
        return 0;
    if (request.op == STEP_IPI)
        s->latch |= 1u << request.target;
    else if (request.op == STEP_ASK)
        result.value = STEP_ANSWER(ACTION_DONE, 0);
    else if (request.op < STEP_LOCAL &&
             !(n->settings->tso ? naive_buffered(s, c, &request, &result)
                                : step_perform(&request, s->words, &result))) {
        if (!timeout || !n->settings->timeouts || request.op != STEP_WAIT ||
            request.bound == STEP_UNBOUNDED)
            return 0;
        result.timed_out = 1;
    } else if (timeout) {
        return 0;
    }
    if (timeout && !result.timed_out)
        return 0;
    mark = protocol->consume(&n->config, &s->cpu[c], &result);
    if (mark == MARK_WAITED_APS)
        s->arrived = n->config.traditional && !result.timed_out;
    if (mark == MARK_HANDLER)
        s->owed = 0;
    if (mark == MARK_HANDLER_END)
        s->arrived = 0;
    return 1;
}

static void naive_moves_of(naive *n, const naive_state *state, int c)
{
    naive_state s = *state;

    if (naive_drain(&s, c))
        naive_move(n, &s);
    for (int timeout = 0; state->cpu[c].row && timeout < 2; timeout++) {
        s = *state;
        n->timeout = (uint32_t)timeout;
        if (naive_step(n, &s, c, timeout))
            naive_move(n, &s);
    }
    n->timeout = 0;
    if (state->cpu[c].row)
        return;
    s = *state;
    if (s.latch >> c & 1) {
        s.latch &= ~(1u << c);
        n->settings->protocol->enter(&n->config, &s.cpu[c]);
        naive_move(n, &s);
    }
    if (state->triggers) {
        s = *state;
        s.triggers--;
        s.owed = 1;
        s.latch |= n->settings->delivery == DELIVERY_UNICAST ? 1u << c : (1u << n->config.cpus) - 1;
        naive_move(n, &s);
    }
}

/* ---- properties, in words of their own --------------------------------------------------- */

static int naive_clean(const naive *n, const naive_state *s)
{
    int edk2 = strncmp(n->settings->protocol->name, "edk2", 4) == 0;
    uint32_t first_busy =
        edk2 ? step_word(n->settings->protocol, &n->config, EDK2_BUSY, 0) : UINT32_MAX / 2;
    uint32_t count = step_word_count(n->settings->protocol, &n->config);

    for (uint32_t w = 0; w < count; w++)
        if (s->words[w] != n->fresh[w] && (w < first_busy || w >= first_busy + n->config.possible))
            return 0;
    return 1;
}

static void naive_judge(naive *n, const naive_state *s, int stuck)
{
    int inside = 0, bsps = 0, locked = 0, handlers = 0;
    int buffered = 0, on_its_way = 0;

    for (int c = 0; c < n->config.cpus; c++) {
        uint32_t where = n->settings->protocol->sections(&n->config, &s->cpu[c]);

        inside += s->cpu[c].row != 0;
        bsps += (where & STEP_IN_BSP) != 0;
        locked += (where & STEP_IN_LOCKED) != 0;
        handlers += (where & STEP_IN_HANDLER) != 0;
        buffered += s->store_count[c] != 0;
        for (uint32_t i = 0; i < s->store_count[c]; i++)
            on_its_way |= s->stores[c][i].word == EDK2_CNT || s->stores[c][i].word == EDK2_SYN;
    }
    if (bsps > 1)
        n->violated |= BIT(ONE_BSP);
    if (strncmp(n->settings->protocol->name, "edk2", 4) == 0 && !on_its_way &&
        (s->words[EDK2_CNT] == EDK2_LOCKED) != (locked == 1 && s->words[EDK2_SYN]) &&
        (locked || s->words[EDK2_CNT] == EDK2_LOCKED))
        n->violated |= BIT(DOOR);
    if (handlers && s->arrived && inside < n->config.cpus)
        n->violated |= BIT(ALL_IN);
    if (!inside && !s->latch && !buffered && !naive_clean(n, s))
        n->violated |= BIT(CLEAN);
    if (stuck && inside)
        n->violated |= BIT(NO_DEADLOCK);
    if (stuck && !inside && s->owed)
        n->violated |= BIT(NO_LOST_SMI);
}

static void naive_search(naive *n, const explore_smm_settings *settings)
{
    naive_state first;
    sim_err err;

    memset(n, 0, sizeof *n);
    n->settings = settings;
    assert_int_equal(explore_smm_check_settings(settings, &n->config, &err), SIM_OK);
    assert_true(n->config.cpus <= NAIVE_CPUS);
    memset(&first, 0, sizeof first);
    settings->protocol->initial(&n->config, first.words);
    memcpy(n->fresh, first.words, sizeof first.words);
    for (int c = 0; c < n->config.cpus; c++)
        first.cpu[c].me = (uint16_t)c;
    first.triggers = settings->smis;
    (void)naive_add(n, &first);
    for (uint32_t i = 0; i < n->count; i++) {
        naive_state s = n->list[i]; /* the list moves as it grows */
        uint64_t before = n->transitions;

        n->from = i;
        for (int c = 0; c < n->config.cpus; c++)
            naive_moves_of(n, &s, c);
        naive_judge(n, &s, n->transitions == before);
    }
}

static void naive_free(naive *n)
{
    free(n->list);
    free(n->sorted);
    free(n->moves);
}

/* Steps to the first state from which nothing leads to a state without a move, or NO_DEPTH. */
static int64_t naive_livelock(const naive *n)
{
    uint8_t *can_terminate = sim_alloc(n->count, 1);
    int64_t *depth = sim_alloc(n->count, sizeof *depth);
    int64_t first = EXPLORE_NO_DEPTH;
    int changed = 1;

    memset(can_terminate, 1, n->count);
    for (uint64_t m = 0; m < n->transitions; m++) {
        can_terminate[n->moves[m][0]] = 0;
        if (n->moves[m][1] && !depth[n->moves[m][1]]) /* the first move to it is a shortest */
            depth[n->moves[m][1]] = depth[n->moves[m][0]] + 1;
    }
    while (changed) {
        changed = 0;
        for (uint64_t m = n->transitions; m-- > 0;)
            if (can_terminate[n->moves[m][1]] && !can_terminate[n->moves[m][0]])
                changed = can_terminate[n->moves[m][0]] = 1;
    }
    for (uint32_t i = n->count; i-- > 0;)
        if (!can_terminate[i])
            first = depth[i];
    free(can_terminate);
    free(depth);
    return first;
}

/* Is there a run without end? `patient`: among those in which a timeout passes only where nothing
 * else can happen. Moves are taken away from states that nothing leads to; those left lie on a
 * cycle, or behind one. */
static int naive_endless(const naive *n, int patient)
{
    uint32_t *into = sim_alloc(n->count, sizeof *into);
    uint8_t *other = sim_alloc(n->count, 1), *gone = sim_alloc(n->transitions, 1);
    uint8_t *reached = sim_alloc(n->count, 1);
    uint64_t left = 0, before;

    for (uint64_t m = 0; m < n->transitions; m++)
        other[n->moves[m][0]] |= !n->moves[m][2];
    reached[0] = 1;
    for (int changed = 1; changed;) {
        changed = 0;
        for (uint64_t m = 0; m < n->transitions; m++)
            if (reached[n->moves[m][0]] && !reached[n->moves[m][1]] &&
                !(patient && n->moves[m][2] && other[n->moves[m][0]]))
                changed = reached[n->moves[m][1]] = 1;
    }
    for (uint64_t m = 0; m < n->transitions; m++) {
        gone[m] = !reached[n->moves[m][0]] || (patient && n->moves[m][2] && other[n->moves[m][0]]);
        into[n->moves[m][1]] += !gone[m];
        left += !gone[m];
    }
    do {
        before = left;
        for (uint64_t m = 0; m < n->transitions; m++)
            if (!gone[m] && into[n->moves[m][0]] == 0) {
                gone[m] = 1;
                into[n->moves[m][1]]--;
                left--;
            }
    } while (left < before);
    free(into);
    free(other);
    free(gone);
    free(reached);
    return left > 0;
}

/* ---- the comparison ----------------------------------------------------------------------- */

static int64_t compare(const char *arguments, const step_protocol *other)
{
    explore_smm_settings settings;
    explore_options options = {
        .threads = 2, .all = 1, .ceiling = UINT64_C(1) << 30, .livelock = BIT(NO_LIVELOCK)};
    explore_result result;
    explore search;
    explore_smm *smm;
    step_config config;
    uint32_t violated = 0;
    sim_err err;
    naive n;

    assert_int_equal(explore_args(arguments, &settings, &err), SIM_OK);
    settings.reduce = 0;
    if (other)
        settings.protocol = other;
    assert_int_equal(explore_smm_check_settings(&settings, &config, &err), SIM_OK);
    options.watch = settings.watch;
    smm = explore_smm_new(&settings, &config);
    assert_int_equal(explore_run(&search, explore_smm_model(smm), &options, &result, &err), SIM_OK);
    naive_search(&n, &settings);
    for (int p = 0; p < RULE_COUNT; p++)
        violated |= (uint32_t)(result.first[p] != EXPLORE_NO_DEPTH) << p;
    if (!settings.timeouts) /* a wait with a bound is no deadlock then, nor a lost SMI behind it */
        n.violated &= ~BIT(NO_DEADLOCK);
    if (result.states != n.count || result.transitions != n.transitions ||
        (violated & JUDGED) != n.violated)
        fail_msg("%s: %llu states, %llu transitions, properties %x; naive: %u, %llu, %x", arguments,
                 (unsigned long long)result.states, (unsigned long long)result.transitions,
                 violated & JUDGED, n.count, (unsigned long long)n.transitions, n.violated);
    assert_true(result.judged_terminal);
    assert_int_equal(result.first[RULE_NO_LIVELOCK], naive_livelock(&n));
    naive_free(&n);
    explore_free(&search);
    explore_smm_free(smm);
    return result.first[RULE_NO_LIVELOCK];
}

static void a_naive_search_finds_the_same_states(void **state)
{
    static const char *const cases[] = {
        "--cpus 1",
        "--cpus 2",
        "--cpus 2 --set timeouts=off",
        "--cpus 3 --set timeouts=off",
        "--cpus 2 --smis 2",
        "--cpus 2 --set sync.mode=relaxed --smis 2",
        "--cpus 2 --set bsp.election=race",
        "--cpus 2 --set bsp.election=fixed --set smi.delivery=unicast",
        "--cpus 3 --set smi.delivery=unicast",
        "--cpus 2 --set sync.mtrr=on",
        "--cpus 2 --set sync.debug_agent=on",
        "--cpus 2 --protocol edk2-2017",
        "--cpus 2 --protocol edk2-202211 --set sync.mode=relaxed",
        "--cpus 2 --protocol edk2-202402",
        "--cpus 2 --protocol edk2-202411 --set bsp.election=race --set timeouts=off",
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(compare(cases[i], NULL), EXPLORE_NO_DEPTH);
}

/* Coreboot's lock, and gathers without a bound. */
static void and_those_of_other_protocols(void **state)
{
    static const char *const names[] = {"coreboot",     "design-counter", "design-bits",
                                        "design-flags", "design-tree2",   "design-tree8"};
    static const char *const cases[] = {"--cpus 2", "--cpus 2 --smis 2", "--cpus 3",
                                        "--cpus 2 --smis 2 --set smi.delivery=unicast",
                                        "--cpus 2 --memory tso"};

    (void)state;
    for (size_t p = 0; p < sizeof names / sizeof names[0]; p++)
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
            char arguments[160];

            (void)snprintf(arguments, sizeof arguments, "%s --protocol %s", cases[i], names[p]);
            assert_int_equal(compare(arguments, NULL), EXPLORE_NO_DEPTH);
        }
}

#ifdef __SANITIZE_ADDRESS__ /* the same code in all cases, eight seconds */
enum { STORE_BUFFER_STRIDE = 4 };
#else
enum { STORE_BUFFER_STRIDE = 1 };
#endif

static void and_with_store_buffers(void **state)
{
    static const char *const cases[] = {
        "--cpus 1",
        "--cpus 2",
        "--cpus 2 --set timeouts=off",
        "--cpus 2 --set bsp.election=race",
        "--cpus 2 --set bsp.election=fixed",
        "--cpus 2 --set sync.mode=relaxed",
        "--cpus 2 --set sync.mode=relaxed --set bsp.election=race --smis 2 --set timeouts=off",
        "--cpus 2 --set smi.delivery=unicast --smis 2",
        ("--cpus 2 --set smi.delivery=unicast --set bsp.election=fixed --set sync.mode=relaxed "
         "--smis 2"),
        "--cpus 2 --set sync.mtrr=on --set timeouts=off",
        "--cpus 2 --protocol edk2-2017 --set timeouts=off",
        "--cpus 2 --protocol edk2-202211",
        "--cpus 2 --protocol edk2-head-fixed",
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i += STORE_BUFFER_STRIDE) {
        char arguments[160];

        (void)snprintf(arguments, sizeof arguments, "%s --memory tso", cases[i]);
        assert_int_equal(compare(arguments, NULL), EXPLORE_NO_DEPTH);
    }
}

/* An AP that knows no BSP fetches itself without end: at once if it is alone, else once the SMI
 * that the others came for is over. */
static void and_the_same_livelock(void **state)
{
    static const struct {
        const char *arguments;
        int64_t first;
    } cases[] = {
        {"--cpus 1", EXPLORE_NO_DEPTH},
        {"--cpus 2 --set timeouts=off", EXPLORE_NO_DEPTH},
        {"--cpus 2 --set smi.delivery=unicast", 1},
        {"--cpus 2 --set smi.delivery=unicast --memory tso", 1},
        {"--cpus 2", 19},
        {"--cpus 2 --set sync.mode=relaxed --smis 2", 14},
    };
    step_protocol protocol = livelock_protocol();

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(compare(cases[i].arguments, &protocol), cases[i].first);
}

/* CPUs can fetch each other without end, but only if each of them comes later than the other's
 * timeouts. */
static void a_run_without_end_needs_a_timeout_that_is_too_short(void **state)
{
    static const struct {
        const char *arguments;
        int livelock;
    } cases[] = {
        {"--cpus 2 --set timeouts=off", 0},
        {"--cpus 2 --set smi.delivery=unicast", 0},
        {"--cpus 2", 1},
        {"--cpus 2 --set bsp.election=fixed", 1},
        {"--cpus 2 --set bsp.election=fixed --set smi.delivery=unicast", 1},
        {"--cpus 2 --set bsp.election=race --set smi.delivery=unicast", 1},
        {"--cpus 2 --set sync.mode=relaxed", 0},
        {"--cpus 2 --protocol edk2-2017 --set smi.delivery=unicast --set bsp.election=fixed", 1},
        {"--cpus 2 --protocol edk2-head-fixed --set smi.delivery=unicast", 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        explore_smm_settings settings;
        sim_err err;
        naive n;

        assert_int_equal(explore_args(cases[i].arguments, &settings, &err), SIM_OK);
        naive_search(&n, &settings);
        assert_int_equal(naive_endless(&n, 0), cases[i].livelock);
        assert_false(naive_endless(&n, 1));
        naive_free(&n);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_naive_search_finds_the_same_states),
    cmocka_unit_test(and_those_of_other_protocols),
    cmocka_unit_test(and_with_store_buffers),
    cmocka_unit_test(and_the_same_livelock),
    cmocka_unit_test(a_run_without_end_needs_a_timeout_that_is_too_short),
};

int main(void)
{
    return cmocka_run_group_tests_name("explore_naive", tests, NULL, NULL);
}
