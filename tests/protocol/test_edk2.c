/* SPDX-License-Identifier: Apache-2.0 */
/* test_edk2: the step machine of edk2 without a clock: barrier counts, clean end, random orders. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "models/protocol/edk2.h"
#include "models/protocol/steps.h"
#include "sim/lib/rng.h"

enum { CPUS_MAX = 8, WORDS_MAX = 12 * CPUS_MAX };

typedef struct {
    const step_protocol *protocol;
    step_config config;
    uint32_t words[WORDS_MAX];
    step_cpu cpu[CPUS_MAX];
    int latch[CPUS_MAX];
    int timeouts; /* may fire */
    int handlers, jobs, abandoned, late;
    int gathers, takes, posts, releases; /* completed semaphore operations on RUN */
    uint32_t handler_plan[8];            /* what the handler does */
    uint32_t outcome[8];
    int handler_plan_at;
    uint64_t draws;
} world;

static void world_init(world *w, const step_protocol *protocol, step_config config)
{
    sim_err err;

    memset(w, 0, sizeof *w);
    w->protocol = protocol;
    w->config = config;
    if (!w->config.possible)
        w->config.possible = config.cpus;
    assert_int_equal(protocol->configure(protocol, &w->config, &err), SIM_OK);
    protocol->initial(&w->config, w->words);
    for (int i = 0; i < config.cpus; i++)
        w->cpu[i].me = (uint16_t)i;
}

static const step_protocol *protocol_named(const char *name)
{
    for (int p = 0; p < edk2_protocol_count; p++)
        if (strcmp(edk2_protocols[p].name, name) == 0)
            return &edk2_protocols[p];
    return NULL;
}

static uint32_t word_at(const world *w, int field, int cpu)
{
    return w->words[step_word(w->protocol, &w->config, field, cpu)];
}

static void count_access(world *w, int c, const step_request *request, uint32_t value)
{
    uint32_t run = step_word(w->protocol, &w->config, EDK2_RUN, 0);
    int bsp = c == (int)w->config.boot_cpu;

    if (request->op != STEP_CAS || value != request->a)
        return;
    if (request->word < run || request->word >= run + w->config.possible)
        return;
    if (request->b == request->a - 1)
        bsp ? w->gathers++ : w->takes++;
    else
        bsp ? w->releases++ : w->posts++;
}

static uint32_t handler_next(world *w, uint32_t outcome)
{
    if (w->handler_plan_at > 0)
        w->outcome[w->handler_plan_at - 1] = outcome;
    if (w->handler_plan[w->handler_plan_at] == 0) {
        w->handlers++;
        w->handler_plan_at = 0;
        return STEP_ANSWER(ACTION_DONE, 0);
    }
    return w->handler_plan[w->handler_plan_at++];
}

/* One step of CPU c; 0 if it cannot move. */
static int world_step(world *w, int c)
{
    step_request request;
    step_result result = {0};
    step_mark mark;

    if (w->cpu[c].row == 0) {
        if (!w->latch[c])
            return 0;
        w->latch[c] = 0;
        steps_enter(w->protocol->program, &w->config, &w->cpu[c]);
        return 1;
    }
    steps_request(w->protocol->program, &w->config, &w->cpu[c], &request);
    if (request.op == STEP_IPI)
        w->latch[request.target] = 1;
    else if (request.op == STEP_ASK && request.local == ASK_HANDLER)
        result.value = handler_next(w, request.a);
    else if (request.op == STEP_LOCAL && request.local == LOCAL_JOB)
        w->jobs++;
    else if (request.op < STEP_LOCAL && !step_perform(&request, w->words, &result)) {
        if (!w->timeouts || request.bound == STEP_UNBOUNDED)
            return 0;
        result.timed_out = 1;
    }
    count_access(w, c, &request, result.value);
    mark = steps_consume(w->protocol->program, &w->config, &w->cpu[c], &result);
    w->abandoned += mark == MARK_ABANDONED;
    w->late += mark == MARK_TOO_LATE;
    return 1;
}

/* Runs to the end in an order drawn from `seed`; 0 if it got stuck. */
static int world_run(world *w, uint64_t seed)
{
    int idle = 0;

    while (idle < 64 * w->config.cpus) {
        rng_address address = {.seed = seed, .ordinal = w->draws++};
        int c = (int)rng_below(rng_word(&address), w->config.cpus);

        idle = world_step(w, c) ? 0 : idle + 1;
    }
    for (int c = 0; c < w->config.cpus; c++)
        if (w->cpu[c].row != 0 || w->latch[c])
            return 0;
    return 1;
}

static void broadcast(world *w)
{
    for (int c = 0; c < w->config.cpus; c++)
        w->latch[c] = 1;
}

static int version_has(const step_protocol *p, uint64_t change)
{
    return (p->features & change) != 0;
}

static void assert_clean(const world *w)
{
    uint32_t fresh[WORDS_MAX];
    uint32_t count = step_word_count(w->protocol, &w->config);
    uint32_t busy = step_word(w->protocol, &w->config, EDK2_BUSY, 0);
    /* BUSY; 202205 and 202208 keep arrival (4364d66168), 201908 and 201911 a token's lock */
    uint32_t kept = w->protocol->may_differ;

    w->protocol->initial(&w->config, fresh);
    for (uint32_t i = 0; i < count; i++)
        if ((i < busy || i >= busy + w->config.possible) && (i >= busy || !(kept >> i & 1)))
            assert_int_equal(w->words[i], fresh[i]);
}

/* Gathers and releases as docs/MODEL.md counts them, per AP. */
static void barriers_per_ap_match_each_version(void **state)
{
    static const struct {
        const char *name;
        int traditional, gathers, releases;
    } cases[] = {
        {"edk2-2017", 1, 3, 2},   {"edk2-2017", 0, 2, 2},   {"edk2-202211", 1, 3, 2},
        {"edk2-202211", 0, 2, 2}, {"edk2-202402", 1, 2, 1}, {"edk2-202402", 0, 1, 1},
        {"edk2-202408", 1, 2, 1}, {"edk2-202408", 0, 1, 1}, {"edk2-202411", 1, 2, 2},
        {"edk2-202411", 0, 1, 1}, {"edk2-head", 1, 3, 2},   {"edk2-head", 0, 1, 1},
        {"edk2-201808", 1, 3, 2}, {"edk2-202311", 1, 3, 2}, {"edk2-202311", 0, 2, 2},
        {"edk2-202405", 1, 2, 1}, {"edk2-202405", 0, 1, 1}, {"edk2-202408.01", 1, 2, 1},
        {"edk2-202505", 1, 2, 2}, {"edk2-202505", 0, 1, 1}, {"edk2-202508", 1, 3, 2},
    };
    static world w;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        step_config config = {.cpus = 4, .election = ELECTION_HOOK};

        config.traditional = (uint8_t)cases[i].traditional;
        world_init(&w, protocol_named(cases[i].name), config);
        /* the APs first, so that in relaxed mode too all of them are in when the door is locked */
        for (int round = 0; round < 12; round++)
            for (int c = 1; c < 4; c++) {
                w.latch[c] = round == 0;
                (void)world_step(&w, c);
            }
        w.latch[0] = 1;
        assert_true(world_run(&w, 1));
        assert_int_equal(w.gathers, 3 * cases[i].gathers);
        assert_int_equal(w.posts, 3 * cases[i].gathers);
        assert_int_equal(w.releases, 3 * cases[i].releases);
        assert_int_equal(w.takes, 3 * cases[i].releases);
        assert_int_equal(w.handlers, 1);
        assert_clean(&w);
    }
}

static void run_all_settings(int jobs)
{
    static world w;

    for (int p = 0; p < edk2_protocol_count; p++)
        for (unsigned bits = 0; bits < 16; bits++)
            for (uint64_t seed = 0; seed < 20; seed++) {
                step_config config = {.cpus = 4,
                                      .possible = 5,
                                      .boot_cpu = 0,
                                      .traditional = bits & 1,
                                      .mtrr = bits >> 1 & 1,
                                      .election = (bits >> 2 & 3) == 3 ? 0 : bits >> 2 & 3};

                world_init(&w, &edk2_protocols[p], config);
                if (jobs) {
                    w.handler_plan[0] =
                        STEP_ANSWER(ACTION_START_ALL, STEP_JOB_ARGUMENT(0, 5, bits & 1));
                    w.handler_plan[1] = STEP_ANSWER(ACTION_START_THIS, STEP_JOB_ARGUMENT(2, 7, 1));
                }
                for (int smi = 1; smi <= 3; smi++) {
                    broadcast(&w);
                    assert_true(world_run(&w, seed + 1000 * bits));
                    /* relaxed: an AP may join between the passes of StartupAllAPs; its token is
                     * then overwritten, here as upstream */
                    if (!jobs || config.traditional || config.mtrr)
                        assert_clean(&w);
                    assert_true(w.handlers >= smi);
                }
            }
}

static void every_version_and_setting_ends_clean_in_any_order(void **state)
{
    (void)state;
    run_all_settings(0);
}

static void jobs_end_clean_in_any_order(void **state)
{
    (void)state;
    run_all_settings(1);
}

static void all_present_aps_run_a_job_once(void **state)
{
    static world w;

    (void)state;
    for (int p = 0; p < edk2_protocol_count; p++)
        for (int blocking = 0; blocking < 2; blocking++) {
            step_config config = {.cpus = 4, .traditional = 1, .election = ELECTION_HOOK};

            world_init(&w, &edk2_protocols[p], config);
            w.handler_plan[0] = STEP_ANSWER(ACTION_START_ALL, STEP_JOB_ARGUMENT(0, 0, blocking));
            w.handler_plan[1] = STEP_ANSWER(ACTION_START_THIS, STEP_JOB_ARGUMENT(3, 4, blocking));
            w.handler_plan[2] = STEP_ANSWER(ACTION_START_THIS, STEP_JOB_ARGUMENT(0, 4, blocking));
            w.handler_plan[3] = STEP_ANSWER(ACTION_START_THIS, STEP_JOB_ARGUMENT(4, 4, blocking));
            broadcast(&w);
            assert_true(world_run(&w, 3));
            assert_int_equal(w.outcome[0], OUTCOME_SUCCESS);
            /* until 832c4c7ad6 only a blocking start waits for the lock of a busy AP */
            if (version_has(&edk2_protocols[p], EDK2_HAS(AP_ACQUIRE)) || blocking) {
                assert_int_equal(w.outcome[1], OUTCOME_SUCCESS);
                assert_int_equal(w.jobs, 4);
            }
            assert_int_equal(w.outcome[2], OUTCOME_NOT_STARTED); /* the BSP itself */
            assert_int_equal(w.outcome[3], OUTCOME_NOT_STARTED); /* there is no such CPU */
        }
}

static void rendezvous_service_brings_absent_cpus_in(void **state)
{
    static world w;
    step_config config = {.cpus = 3, .election = ELECTION_HOOK};

    (void)state;
    world_init(&w, protocol_named("edk2-head"), config);
    w.handler_plan[0] = STEP_ANSWER(ACTION_RENDEZVOUS, 0);
    w.timeouts = 1;
    for (uint64_t seed = 0; seed < 50; seed++) {
        w.latch[0] = 1; /* unicast to the BSP */
        assert_true(world_run(&w, seed));
        assert_clean(&w);
    }
    assert_int_equal(w.handlers >= 50, 1);
}

static void ap_alone_abandons_the_smi_with_hook_election(void **state)
{
    static world w;
    step_config config = {.cpus = 2, .election = ELECTION_HOOK};

    (void)state;
    world_init(&w, protocol_named("edk2-202211"), config);
    w.timeouts = 1;
    w.latch[1] = 1;
    assert_true(world_run(&w, 1));
    assert_int_equal(w.handlers, 0);
    assert_int_equal(w.abandoned, 1);
    assert_clean(&w);
}

static void ap_alone_brings_a_fixed_bsp_in(void **state)
{
    static world w;
    step_config config = {.cpus = 2, .election = ELECTION_FIXED};

    (void)state;
    world_init(&w, protocol_named("edk2-2017"), config);
    w.latch[1] = 1;
    w.timeouts = 1;
    /* the AP times out once and then waits long enough */
    while (w.latch[0] == 0)
        assert_true(world_step(&w, 1));
    w.timeouts = 0;
    assert_true(world_run(&w, 1));
    assert_int_equal(w.handlers, 1);
    assert_int_equal(w.abandoned, 0);
    assert_clean(&w);
}

static void switch_with(const char *name)
{
    static world w;
    step_config config = {.cpus = 3, .traditional = 1, .election = ELECTION_RACE};

    world_init(&w, protocol_named(name), config);
    w.handler_plan[0] = STEP_ANSWER(ACTION_SWITCH_BSP, 2);
    broadcast(&w);
    for (int i = 0; i < 40 && word_at(&w, EDK2_BSP, 0) == EDK2_NONE; i++)
        (void)world_step(&w, 0);
    assert_int_equal(word_at(&w, EDK2_BSP, 0), 0);
    assert_true(world_run(&w, 1));
    assert_int_equal(word_at(&w, EDK2_SWB, 0), 1);
    assert_int_equal(word_at(&w, EDK2_CAND, 2), 1);
    w.handler_plan[0] = 0;
    broadcast(&w);
    for (int i = 0; i < 400 && word_at(&w, EDK2_INS, 0) == 0; i++)
        for (int c = 0; c < 3; c++)
            (void)world_step(&w, c);
    assert_int_equal(word_at(&w, EDK2_BSP, 0), 2);
    assert_true(world_run(&w, 2));
    assert_clean(&w);
}

static void switched_bsp_runs_the_next_smi(void **state)
{
    (void)state;
    switch_with("edk2-head");
    switch_with("edk2-head-fixed");
}

/* A handler has ordered CPU 1 to be the next BSP, and that SMI is over. */
static void order_switch(world *w, const char *name, step_config config)
{
    world_init(w, protocol_named(name), config);
    w->handler_plan[0] = STEP_ANSWER(ACTION_SWITCH_BSP, 1);
    broadcast(w);
    for (int i = 0; i < 40 && word_at(w, EDK2_BSP, 0) == EDK2_NONE; i++)
        (void)world_step(w, 0);
    assert_true(world_run(w, 1));
    w->handler_plan[0] = 0;
    assert_int_equal(w->handlers, 1);
    assert_int_equal(word_at(w, EDK2_SWB, 0), 1);
}

/* The hook names the boot CPU, which the switch bars: nobody is BSP. */
static void hook_against_a_switch_loses_the_smi_unless_fixed(void **state)
{
    static world w;

    (void)state;
    for (uint8_t traditional = 0; traditional < 2; traditional++)
        for (uint64_t seed = 0; seed < 40; seed++) {
            step_config config = {.cpus = 3, .traditional = traditional, .election = ELECTION_HOOK};

            order_switch(&w, "edk2-head", config);
            w.timeouts = 1;
            broadcast(&w);
            assert_true(world_run(&w, seed));
            assert_int_equal(w.handlers, 1);
            assert_int_equal(word_at(&w, EDK2_SWB, 0), 1);

            order_switch(&w, "edk2-head-fixed", config);
            w.timeouts = 1;
            broadcast(&w);
            assert_true(world_run(&w, seed));
            assert_true(w.handlers >= 2);
            assert_clean(&w); /* and the order is off */
        }
}

/* With race election a switch is followed if its candidate comes, and lapses if not. */
static void candidate_that_does_not_come_is_replaced_when_fixed(void **state)
{
    static world w;
    step_config config = {.cpus = 3, .election = ELECTION_RACE};

    (void)state;
    for (uint64_t seed = 0; seed < 40; seed++)
        for (int fixed = 0; fixed < 2; fixed++) {
            order_switch(&w, fixed ? "edk2-head-fixed" : "edk2-head", config);
            w.timeouts = 1;
            w.latch[0] = w.latch[2] = 1;
            assert_true(world_run(&w, seed));
            assert_int_equal(w.handlers >= 2, fixed);
            assert_int_equal(word_at(&w, EDK2_SWB, 0), !fixed);
        }
}

/* The BSP holds its own BUSY lock while the handlers run, and has no job. */
static void a_token_behind_the_busy_lock_is_released_beside_the_bsp(void **state)
{
    static world w;
    step_config config = {
        .cpus = 2, .traditional = 1, .election = ELECTION_HOOK, .mutant = EDK2_MUTANT_F20};

    (void)state;
    world_init(&w, protocol_named("edk2-head"), config);
    w.handler_plan[0] = STEP_ANSWER(ACTION_START_ALL, STEP_JOB_ARGUMENT(0, 3, 0));
    broadcast(&w);
    assert_true(world_run(&w, 1));
    assert_int_equal(w.jobs, 1);
    assert_clean(&w);
}

/* Both are counted, but one is not present yet: the service waits for that, by timeout 2. */
static void the_service_waits_for_presence_by_the_second_timeout(void **state)
{
    static world w;
    step_config config = {.cpus = 2, .election = ELECTION_HOOK};
    step_request request = {0};
    uint32_t present;

    (void)state;
    world_init(&w, protocol_named("edk2-head-fixed"), config);
    present = step_word(w.protocol, &w.config, EDK2_PRE, 1);
    w.handler_plan[0] = STEP_ANSWER(ACTION_RENDEZVOUS, 0);
    broadcast(&w);
    while (word_at(&w, EDK2_CNT, 0) == 0)
        assert_true(world_step(&w, 1));
    for (int i = 0; i < 200 && !(request.op == STEP_WAIT && request.word == present); i++) {
        assert_true(world_step(&w, 0));
        steps_request(w.protocol->program, &w.config, &w.cpu[0], &request);
    }
    assert_int_equal(request.word, present);
    assert_int_equal(request.bound, STEP_TIMEOUT2);
    w.timeouts = 1;
    assert_true(world_step(&w, 0));
    w.timeouts = 0;
    assert_true(world_run(&w, 1));
    assert_int_equal(w.outcome[0], OUTCOME_TIMEOUT);
    assert_clean(&w);
}

static void the_service_waits_for_no_slot_without_a_cpu(void **state)
{
    static world w;
    step_config config = {.cpus = 2, .possible = 3, .election = ELECTION_HOOK};

    (void)state;
    for (uint64_t seed = 0; seed < 20; seed++) {
        world_init(&w, protocol_named("edk2-head-fixed"), config);
        w.handler_plan[0] = STEP_ANSWER(ACTION_RENDEZVOUS, 0);
        broadcast(&w);
        assert_true(world_run(&w, seed));
        assert_int_equal(w.outcome[0], OUTCOME_SUCCESS);
    }
}

static void a_switch_to_oneself_orders_nothing(void **state)
{
    static world w;
    step_config config = {.cpus = 2, .election = ELECTION_HOOK};

    (void)state;
    world_init(&w, protocol_named("edk2-head"), config);
    w.handler_plan[0] = STEP_ANSWER(ACTION_SWITCH_BSP, 0);
    broadcast(&w);
    assert_true(world_run(&w, 1));
    assert_clean(&w);
}

static void no_directed_smi_goes_to_a_slot_without_a_cpu(void **state)
{
    static world w;
    step_config config = {.cpus = 2, .possible = 4, .traditional = 1, .election = ELECTION_HOOK};

    (void)state;
    world_init(&w, protocol_named("edk2-head"), config);
    w.timeouts = 1;
    w.latch[0] = 1;
    while (w.latch[1] == 0)
        assert_true(world_step(&w, 0));
    assert_true(world_run(&w, 1));
    assert_int_equal(w.latch[2] + w.latch[3], 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(barriers_per_ap_match_each_version),
    cmocka_unit_test(every_version_and_setting_ends_clean_in_any_order),
    cmocka_unit_test(jobs_end_clean_in_any_order),
    cmocka_unit_test(all_present_aps_run_a_job_once),
    cmocka_unit_test(rendezvous_service_brings_absent_cpus_in),
    cmocka_unit_test(ap_alone_abandons_the_smi_with_hook_election),
    cmocka_unit_test(ap_alone_brings_a_fixed_bsp_in),
    cmocka_unit_test(switched_bsp_runs_the_next_smi),
    cmocka_unit_test(hook_against_a_switch_loses_the_smi_unless_fixed),
    cmocka_unit_test(candidate_that_does_not_come_is_replaced_when_fixed),
    cmocka_unit_test(a_token_behind_the_busy_lock_is_released_beside_the_bsp),
    cmocka_unit_test(the_service_waits_for_presence_by_the_second_timeout),
    cmocka_unit_test(the_service_waits_for_no_slot_without_a_cpu),
    cmocka_unit_test(a_switch_to_oneself_orders_nothing),
    cmocka_unit_test(no_directed_smi_goes_to_a_slot_without_a_cpu),
};

int main(void)
{
    return cmocka_run_group_tests_name("edk2", tests, NULL, NULL);
}
