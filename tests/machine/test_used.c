/* SPDX-License-Identifier: Apache-2.0 */
/* test_used: the figures that a run says it used: no other one changes anything in it. */
#include "tests/rig.h"

typedef struct {
    const char *rows;
    const char *settings;
} used_case;

#define LOCKED "lock.port=1us lock.clear=500ns lock.timer=300ns lock.pause=3ns lock.wake=2us "
#define ALONE "smi.delivery=unicast sync.mode=relaxed caller.cpu=1 protocol=edk2-2017"

static const used_case cases[] = {
    {"0,get,X,4B,,,3\n", "cpus=4 lock=fair lock.flash=1us " LOCKED "smi.delivery=broadcast"},
    {"0,get,X,4B,,,3\n", "cpus=4 lock=fair " LOCKED ALONE},
    {"0,get,X,4B,,,3\n", "cpus=4 lock=barging " LOCKED ALONE},
    {"0,set,X,4B,,,2\n", "cpus=4 lock=fair lock.flash=1us " LOCKED "smi.delivery=broadcast"},
    {"0,set,X,4B,,,2\n", "cpus=4 " LOCKED "lock=none flash=nor"},
    {"0,smi,,,,,3\n", "cpus=4 fabric.read_busy=3ns " LOCKED "smi.delivery=hardware firmware=stock"},
    {"0,smi,,,,,3\n", "cpus=1 fabric.read_busy=3ns"},
    {"0,smi,,,,,3\n", "cpus=4 topology.threads=2 fabric.read_busy=3ns fabric.same_die=exp(9ns)"},
    {"0,job,all,,,,\n", "cpus=4 fabric.read_busy=3ns"},
    {"0,get,X,4B,,,3\n", "cpus=4 run.limit=1us os.call=1us"},
};
enum { CASES = sizeof cases / sizeof cases[0] };

/* The events of the run if `id` were 3.3 times as much and a bit. */
static uint64_t digest_with_more(const used_case *c, const rig *g, int id)
{
    const dist *d = param_dist(g->e.params, id);
    char settings[600];
    uint64_t digest;
    rig other;

    (void)snprintf(settings, sizeof settings, "%s %s=%lldps", c->settings,
                   params_table.defs[id].name, (long long)(dist_mean(d) * 33 / 10 + 7));
    rig_run(&other, c->rows, settings);
    digest = other.r.digest;
    rig_free(&other);
    return digest;
}

static void a_figure_that_was_not_used_changes_nothing(void **state)
{
    (void)state;
    for (int i = 0; i < CASES; i++) {
        int left = 0;
        rig g;

        rig_run(&g, cases[i].rows, cases[i].settings);
        for (int id = 0; id < P_COUNT; id++) {
            if (params_table.defs[id].kind != PARAM_LATENCY || machine_used(g.m)[id] ||
                dist_mean(param_dist(g.e.params, id)) == 0)
                continue;
            left++;
            if (digest_with_more(&cases[i], &g, id) != g.r.digest)
                fail_msg("%s (%s): not used?", params_table.defs[id].name, cases[i].settings);
        }
        assert_true(left > 5);
        rig_free(&g);
    }
}

static void assert_used(const used_case *c, int id, int expected)
{
    rig g;

    rig_run(&g, c->rows, c->settings);
    if (machine_used(g.m)[id] != expected)
        fail_msg("%s (%s): %d", params_table.defs[id].name, c->settings, !expected);
    rig_free(&g);
}

static void what_cannot_have_an_effect_does_not_count(void **state)
{
    (void)state;
    assert_used(&cases[0], P_LOCK_PORT, 1);
    assert_used(&cases[5], P_LOCK_PORT, 0); /* SMI# needs no emulator */
    assert_used(&cases[0], P_LOCK_WAKE, 1);
    assert_used(&cases[1], P_LOCK_WAKE, 0); /* nobody waits for the lock */
    assert_used(&cases[4], P_LOCK_TIMER, 0);
    assert_used(&cases[3], P_FLASH_LOCK, 0);
    assert_used(&cases[5], P_READ_BUSY, 1);
    assert_used(&cases[6], P_READ_BUSY, 0); /* no other reader */
    assert_used(&cases[6], P_SAME_CORE, 0);
    assert_used(&cases[7], P_SAME_CORE, 1);
    assert_used(&cases[8], P_JOB, 1);
    assert_used(&cases[5], P_JOB, 0);
}

static void a_run_that_ends_before_its_first_smi_uses_no_firmware(void **state)
{
    rig g;

    (void)state;
    rig_run(&g, cases[9].rows, cases[9].settings);
    for (int id = 0; id < P_COUNT; id++)
        if (machine_used(g.m)[id] && id != P_OS_CALL && id != P_PORT)
            fail_msg("%s", params_table.defs[id].name);
    rig_free(&g);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_figure_that_was_not_used_changes_nothing),
        cmocka_unit_test(what_cannot_have_an_effect_does_not_count),
        cmocka_unit_test(a_run_that_ends_before_its_first_smi_uses_no_firmware),
    };

    return cmocka_run_group_tests_name("used", tests, scratch_enter, scratch_leave);
}
