/* SPDX-License-Identifier: Apache-2.0 */
/* test_shared: a vCPU that is woken on the host core of its waker, and when it is not. */
#include "tests/rig.h"

#include "models/machine/state.h"

#define US(n) (INT64_C(1000000) * (n))
#define LOCKED "lock=barging host.tick=10us host.waker_waits=0 host.settle="
#define TWO "smi.delivery=broadcast " LOCKED
#define UNICAST "smi.delivery=unicast sync.timeout1=30us apic.locked=on protocol=edk2-2017 " LOCKED
#define WAKER_WAITS "lock=barging host.tick=10us host.waker_waits=1 host.settle="
#define IDLE_WRITER "0,smi,,,20us,0,\n"
#define BUSY_WRITER "0,compute,30us,,20us,0,\n0,smi,,,0,0,\n"

/* When CPU `cpu` enters for the first or, with `last`, for the last time; *at_tick: whether that is
 * a tick of the host. */
static int64_t enters(const char *rows, const char *settings, uint32_t cpu, int last, int *at_tick)
{
    int64_t at = -1;
    rig g;

    rig_run(&g, rows, settings);
    assert_string_equal(g.r.stuck, "");
    for (uint64_t i = 0; i < g.r.visits; i++)
        if (g.r.visit[i].cpu == cpu && (at < 0 || last))
            at = g.r.visit[i].entered;
    assert_true(at >= 0);
    *at_tick = (at - g.m->lock.phase) % g.m->lock.tick == 0;
    rig_free(&g);
    return at;
}

/* CPU `cpu` with host.shared=1 and =0: whether it must wait for the next tick. */
static int waits_for_the_tick(const char *rows, const char *settings, uint32_t cpu)
{
    char text[512];
    int64_t alone, shared;
    int tick;

    assert_true(snprintf(text, sizeof text, "%s host.shared=0", settings) < (int)sizeof text);
    alone = enters(rows, text, cpu, 0, &tick);
    assert_false(tick);
    text[strlen(text) - 1] = '1';
    shared = enters(rows, text, cpu, 0, &tick);
    if (shared == alone)
        return 0;
    assert_true(tick && shared > alone && shared - alone < US(10));
    return 1;
}

static void who_has_just_woken_shares_with_whom_it_wakes(void **state)
{
    (void)state;
    assert_true(waits_for_the_tick(IDLE_WRITER, TWO "5us", 1));
    assert_true(waits_for_the_tick("0,compute,4us,,20us,0,\n0,smi,,,0,0,\n", TWO "5us", 1));
}

static void who_has_been_awake_for_long_does_not(void **state)
{
    (void)state;
    assert_false(waits_for_the_tick(BUSY_WRITER, TWO "5us", 1));
    assert_true(waits_for_the_tick(BUSY_WRITER, TWO "40us", 1));
    assert_false(
        waits_for_the_tick("0,smi,,,0,0,\n", TWO "5us", 1)); /* has run before the first call */
}

/* A pause between two calls is sleep, and the second comes from a CPU that has just woken. */
static void sleep_between_two_calls_counts(void **state)
{
    (void)state;
    assert_true(waits_for_the_tick("0,compute,30us,,20us,0,\n0,smi,,,1us,0,\n", TWO "5us", 1));
}

static void a_short_sleep_does_not(void **state)
{
    static const char rows[] = "0,compute,30us,,20us,0,\n0,smi,,,1us,0,\n";

    (void)state;
    assert_false(waits_for_the_tick(rows, TWO "5us host.gather=1us", 1));
    assert_true(waits_for_the_tick(rows, TWO "5us host.gather=999ns", 1));
}

/* CPU 2 sleeps; CPU 1 has just woken, but CPU 0 has long been awake. */
static void another_cpu_that_has_been_awake_for_long_is_enough(void **state)
{
    static const char rows[] = "0,compute,90us,,20us,0,\n1,smi,,,40us,1,\n";

    (void)state;
    assert_false(waits_for_the_tick(rows, "cpus=3 " TWO "5us", 2));
    assert_true(waits_for_the_tick(rows, "cpus=3 " TWO "25us", 2));
}

static void who_is_held_still_is_not_woken(void **state)
{
    int tick;

    (void)state;
    assert_int_equal(
        enters("0,hold,100us,,0,1,\n1,smi,,,20us,0,\n", TWO "5us host.shared=1", 1, 0, &tick),
        US(100));
}

static void who_was_held_still_has_just_woken(void **state)
{
    (void)state;
    assert_true(waits_for_the_tick("0,hold,50us,,0,0,\n1,compute,30us,,1us,0,\n1,smi,,,0,0,\n",
                                   TWO "35us", 1));
    assert_false(waits_for_the_tick("0,hold,50us,,0,0,\n1,compute,30us,,1us,0,\n1,smi,,,0,0,\n",
                                    TWO "20us", 1));
}

/* Unicast: nobody is woken at the write. The AP waits, then wakes the boot CPU itself. */
static void directed_smi_wakes_like_any_other(void **state)
{
    (void)state;
    assert_false(waits_for_the_tick("0,smi,,,20us,1,\n", UNICAST "5us", 0));
    assert_true(waits_for_the_tick("0,smi,,,20us,1,\n", UNICAST "1ms", 0));
}

/* The writer may lose the core instead, and so may who sends a directed SMI; the woken comes as if
 * each had one. A CPU that runs is not woken at all. */
static void the_waker_may_lose_the_core_instead(void **state)
{
    static const char runs[] = "0,compute,400us,,20us,0,\n1,smi,,,20us,1,\n";

    (void)state;
    assert_true(waits_for_the_tick(IDLE_WRITER, "smi.delivery=broadcast " WAKER_WAITS "5us", 0));
    assert_false(waits_for_the_tick(IDLE_WRITER, "smi.delivery=broadcast " WAKER_WAITS "5us", 1));
    assert_false(waits_for_the_tick("0,smi,,,20us,1,\n",
                                    "smi.delivery=unicast " WAKER_WAITS
                                    "1ms sync.timeout1=30us apic.locked=on protocol=edk2-2017",
                                    0));
    assert_false(waits_for_the_tick(runs, UNICAST "1ms", 0));
}

/* A vCPU that has shared is moved to another core, and stays there: the second SMI comes at once,
 * but not if all have slept meanwhile. */
static void only_the_first_smi_after_sleep_is_slow(void **state)
{
    static const char rows[] = "0,smi,,,20us,0,\n0,compute,1us,,2us,0,\n0,smi,,,0,0,\n";
    int tick;

    (void)state;
    (void)enters(rows, TWO "1ms host.shared=1 host.gather=5us", 1, 0, &tick);
    assert_true(tick);
    (void)enters(rows, TWO "1ms host.shared=1 host.gather=5us", 1, 1, &tick);
    assert_false(tick);
    (void)enters(rows, TWO "1ms host.shared=1 host.gather=1us", 1, 1, &tick);
    assert_true(tick);
}

/* Three sleep, one of them is held: the SMI is shared at first, but not always. */
static void sharing_ends_during_a_long_smi(void **state)
{
    static const char rows[] = "0,hold,900us,,0,3,\n1,smi,,,20us,0,\n";
    int64_t alone, shared;
    rig g;

    (void)state;
    rig_run(&g, rows, "cpus=4 host.keeps_core=1 host.shared=0 " TWO "50us");
    alone = g.r.trigger[0].last_out;
    rig_free(&g);
    rig_run(&g, rows, "cpus=4 host.keeps_core=1 host.shared=1 " TWO "50us");
    shared = g.r.trigger[0].last_out;
    assert_true(g.m->lock.shared_until > 0);
    rig_free(&g);
    assert_true(shared - alone < US(1) && alone - shared < US(1));
}

/* A thread that waits on a held CPU does not keep the host from seeing that another
 * one has been awake for long. */
static void thread_on_a_held_cpu_is_not_awake(void **state)
{
    static const char rows[] = "0,hold,500us,,0,0,\n1,compute,1us,,1us,0,\n"
                               "2,compute,200us,,20us,1,\n2,smi,,,0,1,\n";

    (void)state;
    assert_false(
        waits_for_the_tick(rows, "cpus=3 sync.timeout1=30us sync.timeout2=30us " TWO "5us", 2));
    assert_true(
        waits_for_the_tick(rows, "cpus=3 sync.timeout1=30us sync.timeout2=30us " TWO "1ms", 2));
}

static void who_takes_no_smi_is_not_woken(void **state)
{
    static const char settings[] = " smi.delivery=broadcast " WAKER_WAITS "5us";
    char text[256];

    (void)state;
    assert_true(snprintf(text, sizeof text, "cpus.blocked=last:1%s", settings) < (int)sizeof text);
    assert_false(waits_for_the_tick(IDLE_WRITER, text, 0));
    assert_true(snprintf(text, sizeof text, "cpus.disabled=last:1%s", settings) < (int)sizeof text);
    assert_false(waits_for_the_tick(IDLE_WRITER, text, 0));
}

/* CPU 0 is held until the writer has given up and sleeps: it comes to sleepers, waits, and
 * wakes the writer itself. */
#define LATE_BSP "0,hold,200us,,0,0,\n1,smi,,,20us,1,\n"
#define SHORT " host.shared=1 sync.timeout1=30us sync.timeout2=30us"

static void held_cpu_that_comes_to_sleepers_has_just_woken(void **state)
{
    int tick;

    (void)state;
    (void)enters(LATE_BSP, TWO "100us" SHORT, 1, 1, &tick);
    assert_true(tick);
    (void)enters(LATE_BSP, TWO "10us" SHORT, 1, 1, &tick);
    assert_false(tick);
    /* a thread that runs meanwhile does not begin to count anew */
    (void)enters(LATE_BSP "2,compute,1us,,215us,1,\n", TWO "20us" SHORT, 1, 1, &tick);
    assert_false(tick);
}

/* Nor is a CPU without threads asleep while it is in SMM: 2 us after it came out is a short sleep.
 */
static void sleep_begins_with_the_end_of_the_smi(void **state)
{
    char rows[256];
    int64_t left = 0;
    int tick;
    rig g;

    (void)state;
    rig_run(&g, LATE_BSP, TWO "10us" SHORT);
    for (uint64_t i = 0; i < g.r.visits; i++)
        if (g.r.visit[i].left > left)
            left = g.r.visit[i].left;
    rig_free(&g);
    assert_true(snprintf(rows, sizeof rows, "%s2,smi,,,%lldps,1,\n", LATE_BSP,
                         (long long)(left + US(2))) < (int)sizeof rows);
    (void)enters(rows, TWO "10us host.gather=5us" SHORT, 0, 1, &tick);
    assert_false(tick);
    (void)enters(rows, TWO "10us host.gather=1us" SHORT, 0, 1, &tick);
    assert_true(tick);
}

static void nobody_shares_where_cores_are_counted(void **state)
{
    static const char settings[] = "host.cores=1 smi.delivery=broadcast " WAKER_WAITS "1ms";
    int64_t alone, shared;
    int tick;

    (void)state;
    alone = enters(IDLE_WRITER, settings, 0, 0, &tick);
    shared =
        enters(IDLE_WRITER, "host.shared=1 host.cores=1 smi.delivery=broadcast " WAKER_WAITS "1ms",
               0, 0, &tick);
    assert_int_equal(alone, shared);
}

static void nobody_shares_where_all_run(void **state)
{
    (void)state;
    assert_false(waits_for_the_tick(IDLE_WRITER, TWO "5us os.others=running", 1));
}

/* The turn of its rival is longer than its timeout: it goes on when that is over, and from then on
 * the host brings it nothing any more. */
static void a_wait_that_times_out_without_its_core_is_over(void **state)
{
    rig g;

    (void)state;
    rig_run(&g, IDLE_WRITER,
            "cpus=4 protocol=edk2-2017 sync.timeout1=30us lock.pause=1us apic.locked=on "
            "host.shared=1 host.keeps_core=1 host.turn=20us " TWO "1ms");
    assert_string_equal(g.r.stuck, "");
    assert_int_equal(g.r.count.timeout1, 3);
    assert_int_equal(g.m->sharing.lost_cores, NOBODY);
    for (uint32_t i = 0; i < g.m->cpus; i++)
        assert_int_equal(g.m->cpu[i].sharing.displaced, CORE_OWN);
    rig_free(&g);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_has_just_woken_shares_with_whom_it_wakes),
        cmocka_unit_test(who_has_been_awake_for_long_does_not),
        cmocka_unit_test(sleep_between_two_calls_counts),
        cmocka_unit_test(a_short_sleep_does_not),
        cmocka_unit_test(another_cpu_that_has_been_awake_for_long_is_enough),
        cmocka_unit_test(who_is_held_still_is_not_woken),
        cmocka_unit_test(who_was_held_still_has_just_woken),
        cmocka_unit_test(directed_smi_wakes_like_any_other),
        cmocka_unit_test(the_waker_may_lose_the_core_instead),
        cmocka_unit_test(only_the_first_smi_after_sleep_is_slow),
        cmocka_unit_test(sharing_ends_during_a_long_smi),
        cmocka_unit_test(thread_on_a_held_cpu_is_not_awake),
        cmocka_unit_test(who_takes_no_smi_is_not_woken),
        cmocka_unit_test(held_cpu_that_comes_to_sleepers_has_just_woken),
        cmocka_unit_test(sleep_begins_with_the_end_of_the_smi),
        cmocka_unit_test(nobody_shares_where_cores_are_counted),
        cmocka_unit_test(nobody_shares_where_all_run),
        cmocka_unit_test(a_wait_that_times_out_without_its_core_is_over),
    };

    return cmocka_run_group_tests_name("shared", tests, scratch_enter, scratch_leave);
}
