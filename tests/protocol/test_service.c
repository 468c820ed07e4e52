/* SPDX-License-Identifier: Apache-2.0 */
/* test_service: what the BSP does for a handler, and tells it, while CPUs come and go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "models/protocol/edk2.h"
#include "models/protocol/edk2_table.h"

enum { WORDS = 64, STEPS_MAX = 200 };

/* The BSP of two CPUs; what the AP would do to the shared words the test does. */
typedef struct {
    const step_protocol *protocol;
    step_config config;
    uint32_t words[WORDS];
    step_cpu bsp;
    step_request request; /* of its next step */
} lone_bsp;

static void begin(lone_bsp *w, const char *name, uint16_t possible)
{
    sim_err err;

    memset(w, 0, sizeof *w);
    for (int p = 0; p < edk2_protocol_count; p++)
        if (strcmp(edk2_protocols[p].name, name) == 0)
            w->protocol = &edk2_protocols[p];
    assert_non_null(w->protocol);
    w->config = (step_config){.cpus = 2, .possible = possible, .election = ELECTION_HOOK};
    assert_int_equal(w->protocol->configure(w->protocol, &w->config, &err), SIM_OK);
    assert_true(step_word_count(w->protocol, &w->config) <= WORDS);
    w->protocol->initial(&w->config, w->words);
    w->protocol->enter(&w->config, &w->bsp);
    w->protocol->request(&w->config, &w->bsp, &w->request);
}

static const char *state_of(const lone_bsp *w)
{
    return w->protocol->rows[w->bsp.row].name;
}

/* One step; a question is answered by `answer`. No wait may last. */
static void step(lone_bsp *w, uint32_t answer)
{
    step_result result = {.value = answer};

    if (w->request.op < STEP_LOCAL)
        assert_true(step_perform(&w->request, w->words, &result));
    (void)w->protocol->consume(&w->config, &w->bsp, &result);
    w->protocol->request(&w->config, &w->bsp, &w->request);
}

static void go_to(lone_bsp *w, const char *state)
{
    for (int i = 0; strcmp(state_of(w), state) != 0; i++) {
        assert_true(i < STEPS_MAX && w->request.op != STEP_IPI);
        step(w, 0);
    }
}

/* The AP has been seen to come, and has checked out again when the BSP looks for the last time: the
 * handler is told so, and nobody is called or waited for once more. */
static void who_leaves_behind_the_wait_of_the_service_is_not_waited_for_again(void **state)
{
    static lone_bsp w;
    uint32_t *count;

    (void)state;
    begin(&w, "edk2-head-fixed", 2);
    count = &w.words[step_word(w.protocol, &w.config, EDK2_CNT, 0)];
    go_to(&w, "B16");
    step(&w, STEP_ANSWER(ACTION_RENDEZVOUS, 0));
    go_to(&w, "B4");
    assert_int_equal(*count, 1);
    *count = 2;
    go_to(&w, "B7");
    *count = 1;
    go_to(&w, "B16");
    assert_int_equal(w.request.a, OUTCOME_TIMEOUT);
}

/* Also at those for CPUs that might come: two CPUs, four slots. */
static void a_job_for_all_aps_looks_at_every_slot(void **state)
{
    static lone_bsp w;
    uint16_t slot = 0;

    (void)state;
    begin(&w, "edk2-head", 4);
    go_to(&w, "B16");
    step(&w, STEP_ANSWER(ACTION_START_ALL, 0));
    for (int i = 0; strcmp(state_of(&w), "B16") != 0; i++) {
        assert_true(i < STEPS_MAX);
        if (strcmp(state_of(&w), "K1") == 0)
            assert_int_equal(w.request.word, step_word(w.protocol, &w.config, EDK2_PRE, ++slot));
        step(&w, 0);
    }
    assert_int_equal(slot, 3);
    assert_int_equal(w.request.a, OUTCOME_NOT_STARTED);
}

/* A version that tries the AP's lock, and does not wait for it. */
static void a_busy_ap_is_given_no_second_job(void **state)
{
    (void)state;
    for (int busy = 0; busy < 2; busy++) {
        static lone_bsp w;

        begin(&w, "edk2-2017", 2);
        go_to(&w, "B16");
        w.words[step_word(w.protocol, &w.config, EDK2_PRE, 1)] = 1;
        w.words[step_word(w.protocol, &w.config, EDK2_BUSY, 1)] = busy ? EDK2_HELD : EDK2_FREE;
        step(&w, STEP_ANSWER(ACTION_START_THIS, STEP_JOB_ARGUMENT(1, 0, 0)));
        go_to(&w, "B16");
        assert_int_equal(w.request.a, busy ? OUTCOME_NOT_READY : OUTCOME_SUCCESS);
        assert_int_equal(w.words[step_word(w.protocol, &w.config, EDK2_JOB, 1)] != 0, !busy);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_leaves_behind_the_wait_of_the_service_is_not_waited_for_again),
        cmocka_unit_test(a_job_for_all_aps_looks_at_every_slot),
        cmocka_unit_test(a_busy_ap_is_given_no_second_job),
    };

    return cmocka_run_group_tests_name("service", tests, NULL, NULL);
}
