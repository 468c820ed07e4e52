/* SPDX-License-Identifier: Apache-2.0 */
/* test_rules_watch: timed runs are held against the rules, and those that break one are told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "models/protocol/coreboot.h"
#include "models/machine/rules_watch.h"
#include "tests/rig.h"

#define BIT(id) (1u << RULE_##id)
#define ALL ((1u << RULE_COUNT) - 1)

static const char three_smis[] = "0,smi,,,,,3\n";

/* The rules that a run breaks; `hasty`: the protocol claims to wait for all CPUs. */
static uint32_t broken(const char *settings, uint32_t rules_of, int hasty)
{
    step_protocol protocol;
    rules_watch w;
    uint32_t set;
    rig g;

    rig_load(&g, three_smis, settings);
    protocol = *g.e.setup.protocol;
    protocol.gathers |= (uint8_t)hasty;
    rules_watch_init(&w, &g.e.setup, rules_of);
    if (hasty) {
        g.e.setup.protocol = &protocol;
        w.rules = rules_of;
    }
    rules_watch_begin(&w);
    machine_run(g.m, 1, 0, &g.r, &w.observer);
    set = rules_watch_end(&w, &g.r);
    assert_int_equal(set == 0, w.first < 0);
    if (set)
        assert_true(set >> w.first & 1 && w.at > 0);
    rules_watch_free(&w);
    rig_free(&g);
    return set;
}

static void usual_runs_break_no_rule(void **state)
{
    static const char *const cases[] = {
        "cpus=1",
        "cpus=4",
        "cpus=4 bsp.election=race firmware=stock",
        "cpus=4 sync.mtrr=on sync.debug_agent=on",
        "cpus=4 handler.services=jobs,job-wait:1,rendezvous",
        "cpus=3 protocol=edk2-2017",
        "cpus=3 protocol=edk2-202211 handler.services=rendezvous",
        "cpus=5 protocol=edk2-head-fixed sync.mode=relaxed handler.services=rendezvous,jobs",
        "cpus=4 protocol=coreboot",
        "cpus=4 protocol=design-counter smi.delivery=hardware firmware=stock",
        "cpus=9 protocol=design-tree2 smi.delivery=hardware firmware=stock",
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint32_t set = broken(cases[i], ALL, 0);

        if (set)
            fail_msg("%s: %s", cases[i], rules[__builtin_ctz(set)].name);
    }
}

static void known_findings_are_seen_in_runs(void **state)
{
    const char *const early = "cpus=4 sync.mode=relaxed handler.services=rendezvous "
                              "cpu.cstate_exit=uniform(0,30us)";
    const char *const alone = "cpus=2 smi.delivery=unicast caller.cpu=1 bsp.election=hook";

    (void)state;
    assert_int_equal(broken(early, ALL, 0), BIT(RENDEZVOUS_TRUE));
    assert_true(broken(alone, ALL, 0) & BIT(NO_LOST_SMI));
    assert_int_equal(broken(alone, BIT(DOOR), 0), 0); /* what is not watched is not told */
}

/* An AP that comes once the door is locked waits for its opening, and the service of edk2-202211
 * waits for the AP: nobody else can move. From edk2-202402 on it looks at the mode first. */
static void a_timeout_that_nobody_can_end_is_seen(void **state)
{
    const char *const late = "cpus=2 sync.mode=traditional handler.services=rendezvous "
                             "sync.timeout1=1ms sync.timeout2=1ms cpu.late=%s protocol=%s";
    char text[200];

    (void)state;
    (void)snprintf(text, sizeof text, late, "2500us", "edk2-202211");
    assert_int_equal(broken(text, BIT(NO_STALL), 0), BIT(NO_STALL));
    (void)snprintf(text, sizeof text, late, "2500us", "edk2-202402");
    assert_int_equal(broken(text, BIT(NO_STALL), 0), 0);
    (void)snprintf(text, sizeof text, late, "1500us", "edk2-202211"); /* in time: the wait ends */
    assert_int_equal(broken(text, BIT(NO_STALL), 0), 0);
}

/* At each timeout the flag that the late AP waits for is already down. */
static void see_the_gate_open(void *self, const machine_event *e)
{
    rules_watch *w = self;
    uint32_t *gate = &w->words[w->words_of[FIELD_GATE]];
    uint32_t was = *gate;

    if (e->request && e->result.timed_out)
        *gate = 0;
    w->observer.event(w, e);
    if (e->request && e->result.timed_out)
        *gate = was;
}

static void a_cpu_whose_wait_is_over_can_move(void **state)
{
    rules_watch w;
    machine_observer observer = {see_the_gate_open, &w};
    rig g;

    (void)state;
    rig_load(&g, three_smis,
             "cpus=2 sync.mode=traditional handler.services=rendezvous sync.timeout1=1ms "
             "sync.timeout2=1ms cpu.late=2500us protocol=edk2-202211");
    rules_watch_init(&w, &g.e.setup, BIT(NO_STALL));
    rules_watch_begin(&w);
    machine_run(g.m, 1, 0, &g.r, &observer);
    assert_int_equal(rules_watch_end(&w, &g.r), 0);
    rules_watch_free(&w);
    rig_free(&g);
}

/* The watch of all tests has no rules of its own for what the table says. */
static void the_watch_of_the_tests_judges_by_the_same_rules(void **state)
{
    step_protocol hasty = coreboot_protocol;
    rig g;

    (void)state;
    hasty.gathers = 1;
    rig_load(&g, three_smis, "cpus=4 protocol=coreboot");
    machine_run(g.m, 1, 0, &g.r, watch_on(&g.w, &g.e.setup));
    assert_string_equal(watch_off(&g.w), "");
    g.e.setup.protocol = &hasty;
    (void)watch_on(&g.w, &g.e.setup);
    g.w.rules.rules = BIT(ALL_IN); /* though it has no words for it */
    machine_run(g.m, 1, 0, &g.r, &g.w.observer);
    assert_non_null(strstr(watch_off(&g.w), rules[RULE_ALL_IN].text));
    rig_free(&g);
}

static void a_protocol_that_does_not_keep_its_word_is_seen(void **state)
{
    (void)state;
    assert_int_equal(broken("cpus=4 protocol=coreboot", ALL & ~BIT(TOGETHER), 0), 0);
    assert_int_equal(broken("cpus=4 protocol=coreboot", BIT(ALL_IN), 1), BIT(ALL_IN));
}

static void what_a_run_cannot_show_is_left_out(void **state)
{
    rig g;

    (void)state;
    rig_load(&g, three_smis, "cpus=2 protocol=coreboot");
    assert_int_equal(rules_watch_can(&g.e.setup, ALL),
                     BIT(NO_DEADLOCK) | BIT(ONE_BSP) | BIT(NO_LOST_SMI) | BIT(CLEAN));
    rig_free(&g);
}

static void what_no_run_can_judge_is_refused_if_nothing_else_is_asked_for(void **state)
{
    uint32_t set;
    sim_err err;
    rig g;

    (void)state;
    rig_load(&g, three_smis, "cpus=2 protocol=coreboot");
    assert_int_equal(rules_watch_parse(&g.e.setup, "no-livelock", &set, &err), SIM_BAD_INPUT);
    assert_non_null(strstr(err.text, "no run can judge no-livelock: "));
    assert_non_null(strstr(err.text, "smmsim explore --properties no-livelock"));
    assert_int_equal(rules_watch_parse(&g.e.setup, "door", &set, &err), SIM_BAD_INPUT);
    assert_non_null(strstr(err.text, "coreboot has nothing that door is about"));
    assert_int_equal(rules_watch_parse(&g.e.setup, "bounds,door,clean", &set, &err), SIM_OK);
    assert_int_equal(rules_watch_can(&g.e.setup, set), BIT(CLEAN));
    rig_free(&g);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(usual_runs_break_no_rule),
    cmocka_unit_test(known_findings_are_seen_in_runs),
    cmocka_unit_test(a_protocol_that_does_not_keep_its_word_is_seen),
    cmocka_unit_test(a_timeout_that_nobody_can_end_is_seen),
    cmocka_unit_test(a_cpu_whose_wait_is_over_can_move),
    cmocka_unit_test(the_watch_of_the_tests_judges_by_the_same_rules),
    cmocka_unit_test(what_a_run_cannot_show_is_left_out),
    cmocka_unit_test(what_no_run_can_judge_is_refused_if_nothing_else_is_asked_for),
};

int main(void)
{
    return cmocka_run_group_tests_name("rules_watch", tests, scratch_enter, scratch_leave);
}
