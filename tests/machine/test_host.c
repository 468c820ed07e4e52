/* SPDX-License-Identifier: Apache-2.0 */
/* test_host: vCPUs that share host cores: who runs when, by hand, to the picosecond. */
#include "tests/rig.h"

#include "models/machine/state.h"

/* ---- the queue and the turns by themselves ---------------------------------------------- */

enum { CPUS = 8 };

typedef struct {
    host h;
    host_vcpu vcpu[CPUS];
    chain_link link[CPUS];
    uint16_t occupant[CPUS];
} small_host;

static host *small(small_host *s, uint32_t cores)
{
    s->h = (host){.cores = cores,
                  .least = 1500,
                  .period = 12000,
                  .tick = 4000,
                  .phase = -1000,
                  .vcpu = s->vcpu,
                  .link = s->link,
                  .occupant = s->occupant};
    host_reset(&s->h, CPUS);
    return &s->h;
}

static void assert_queue(const host *h, const char *expected)
{
    char got[CPUS + 1] = "";
    int count = 0;

    for (uint32_t i = h->first; i != HOST_NOBODY; i = chain_next(h->link, h->first, i))
        got[count++] = (char)('0' + i);
    assert_string_equal(got, expected);
    assert_int_equal(count, h->queued);
}

static void queue_is_first_come_first_served(void **state)
{
    small_host s;
    host *h = small(&s, 1);

    (void)state;
    for (uint32_t i = 0; i < 5; i++)
        host_queue(h, i * 3 % 5); /* 0 3 1 4 2 */
    assert_queue(h, "03142");
    host_unqueue(h, 0, 0);
    assert_queue(h, "3142");
    host_unqueue(h, 4, 0); /* from the middle: the others keep their places */
    assert_queue(h, "312");
    host_unqueue(h, 2, 1); /* the last one has nobody behind it to rotate to */
    assert_queue(h, "31");
    host_queue(h, 4);
    host_queue(h, 5);
    host_unqueue(h, 4, 1); /* 3 and 1 have had a turn before it */
    assert_queue(h, "531");
    host_unqueue(h, 1, 0);
    host_queue(h, 0);
    assert_queue(h, "530");
    host_unqueue(h, 5, 1);
    host_unqueue(h, 3, 0);
    host_unqueue(h, 0, 0);
    assert_queue(h, "");
}

static void slice_is_a_share_of_the_period_but_not_less_than_the_least(void **state)
{
    static const int64_t by_number[] = {12000, 12000, 8000, 6000, 4800, 4000, 3428, 3000};
    small_host s;
    host *h = small(&s, 2);

    (void)state;
    for (uint32_t i = 0; i < CPUS; i++) {
        host_queue(h, i);
        assert_int_equal(host_slice(h), by_number[i]);
    }
    h->least = 3001;
    assert_int_equal(host_slice(h), 3001);
    assert_int_equal(host_burn(h), 4000);
    h->period = 0;
    h->least = 4001;
    assert_int_equal(host_slice(h), 4001);
    assert_int_equal(host_burn(h), 8000); /* whole ticks */
}

/* Ticks are at 3000, 7000, ...; the slice is 6000. */
static void turn_ends_at_the_tick_at_or_after_its_slice(void **state)
{
    static const int64_t rows[][2] = {{0, 7000}, {1000, 7000}, {1001, 11000}, {3000, 11000}};
    small_host s;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        host *h = small(&s, 1);

        host_queue(h, 1);
        host_begin(h, 0, 0, rows[i][0]);
        assert_int_equal(host_turn(h, 0, rows[i][0]), rows[i][1]); /* one waits: no tick sooner */
    }
}

static void turns_of_spinners_go_on_unseen(void **state)
{
    small_host s;
    host *h = small(&s, 1);

    (void)state;
    host_queue(h, 1);
    host_begin(h, 0, 0, 0); /* to 11000, then two ticks each */
    h->vcpu[0].turn_end = 11000;
    assert_int_equal(host_turn(h, 0, 11000), 11000);
    assert_int_equal(host_turn(h, 0, 11001), 19000);
    assert_int_equal(host_turn(h, 0, 19000), 19000);
    assert_int_equal(host_turn(h, 0, 19001), 27000);
    h->contended = 1;
    host_refresh(h, 12000);
    assert_int_equal(h->vcpu[0].turn_end, 19000);
    h->contended = 0; /* nobody waited: the slice is used up, the next tick ends it */
    host_refresh(h, 19001);
    assert_int_equal(h->vcpu[0].turn_end, 23000);
    host_refresh(h, 23000);
    assert_int_equal(h->vcpu[0].turn_end, 23000);
}

static void core_time_is_the_sum_of_the_turns(void **state)
{
    small_host s;
    host *h = small(&s, 2);
    int64_t sum = 0;

    (void)state;
    for (uint32_t i = 0; i < 100; i++) {
        host_begin(h, i % 3, 0, 10 * i);
        host_begin(h, 3 + i % 2, 1, 10 * i + 2);
        host_end(h, 3 + i % 2, 10 * i + 9);
        host_end(h, i % 3, 10 * i + 10);
    }
    for (int i = 0; i < CPUS; i++)
        sum += h->vcpu[i].used;
    assert_int_equal(sum, 100 * 10 + 100 * 7);
    assert_int_equal(h->turns, 200);
    assert_int_equal(h->vcpu[0].used, 340);
}

/* ---- in the machine --------------------------------------------------------------------- */

#define NS(n) (INT64_C(1000) * (n))
#define US(n) (INT64_C(1000000) * (n))
#define SHARED "host.cores=1 host.period=0 host.slice=20us host.tick=10us"

static int64_t tick_from(const rig *g, int64_t at)
{
    return host_tick(&g->m->sharing.host, at);
}

static const visit_record *visit_of(const rig *g, uint32_t cpu)
{
    for (uint64_t i = 0; i < g->r.visits; i++)
        if (g->r.visit[i].cpu == cpu)
            return &g->r.visit[i];
    fail_msg("cpu %u was not in", cpu);
    return NULL;
}

/* Steps and their times are those of the first timeline of test_timeline, which see; here what a
 * CPU has not done when it loses the core comes in its next turn, T[n] to T[n + 1].
 *
 * CPU 0 writes 0xB2 at 100, enters at 500, shares from 1600, and polls CNT from 1925 on. CPU 1 is
 *   halted; the SMI is there at 900, but not the core: CPU 0 burns its slice.
 * T0 (first tick from 20 us on): CPU 1 enters, shares from T0 + 1100, is counted at + 22, joins,
 *   posts #1 at + 266, and polls RUN[1] from + 276 on.
 * T1: CPU 0 polls, CNT + 10: all in. AAX + 20 (CPU 1 has read that line). Locks, takes #1 (it is
 *   there) at + 57, #2 + 79, polls for #7 from + 80 on.
 * T2: CPU 1 takes #2 at + 12, posts #7 at + 24, polls for #8. T3: CPU 0 takes #7 at + 12; the
 *   handler from + 15 to + 6015; #8 + 6052; polls for #13 from + 6054 on.
 * T4: CPU 1 takes #8 at + 12, posts #13 at + 44, polls SYN. T5: CPU 0 takes #13 at + 12, resets up
 *   to + 25, SYN + 26, is out at + 2226 and halts: the core is CPU 1's at once, and it polls:
 *   SYN + 10, out 2200 later. */
static void spinner_burns_its_slice_while_the_other_waits(void **state)
{
    int64_t t[6];
    rig g;

    (void)state;
    rig_run(&g, "0,smi,,,,0,\n", SHARED);
    assert_string_equal(g.r.stuck, "");
    t[0] = tick_from(&g, US(20));
    for (int i = 1; i < 6; i++)
        t[i] = t[i - 1] + US(20);
    assert_int_equal(visit_of(&g, 0)->entered, NS(500));
    assert_int_equal(visit_of(&g, 1)->entered, t[0]);
    assert_int_equal(g.r.round[0].all_in, t[1] + NS(10));
    assert_int_equal(g.r.round[0].handler, t[3] + NS(15));
    assert_int_equal(g.r.round[0].handler_end, t[3] + NS(6015));
    assert_int_equal(visit_of(&g, 0)->left, t[5] + NS(2226));
    assert_int_equal(visit_of(&g, 1)->left, t[5] + NS(4436));
    assert_int_equal(g.r.trigger[0].at[AT_RESUMED], t[5] + NS(2226));
    rig_free(&g);
}

/* The same with a core passed on after each poll: every 105 with the timer, every 5 without.
 * CPU 0 polls CNT from 1925 on, and passes the core on at T0 = 2030. CPU 1 polls RUN[1] from
 * T0 + 1376: T1 = 3411. CPU 0 polls RUN[0] from T1 + 80: T2 = 3496. CPU 1: + 25, T3 = 3526.
 * CPU 0: + 6054, T4 = 9585. CPU 1: + 54, T5 = 9644. */
static void yielding_spinner_passes_the_core_on_after_a_poll(void **state)
{
    rig g;

    (void)state;
    rig_run(&g, "0,smi,,,,0,\n", SHARED " host.yield=on");
    assert_int_equal(visit_of(&g, 1)->entered, NS(2030));
    assert_int_equal(g.r.round[0].all_in, NS(3421));
    assert_int_equal(g.r.round[0].handler, NS(3541));
    assert_int_equal(visit_of(&g, 0)->left, NS(11870));
    assert_int_equal(visit_of(&g, 1)->left, NS(14080));
    rig_free(&g);
}

/* A handler of 5 + 51 us that begins at T3 + 15 ns needs three turns, and CPU 1 burns two between
 * them. */
static void spinner_takes_turns_from_the_handler(void **state)
{
    int64_t t3;
    rig g;

    (void)state;
    rig_run(&g, "0,smi,,,,0,\n", SHARED " handler.smi=51us");
    t3 = tick_from(&g, US(20)) + US(60);
    assert_int_equal(g.r.round[0].handler, t3 + NS(15));
    assert_int_equal(g.r.round[0].handler_end, t3 + US(80) + NS(16015));
    rig_free(&g);
}

/* The BSP goes on alone after its timeouts. CPU 1 has SMI disabled and runs something all the time:
 * nobody follows whose turn it is while the BSP polls, but the handler's 56 us are in turns again.
 */
static void guest_that_runs_takes_turns_from_the_handler(void **state)
{
    static const char *const timeouts[] = {"100us", "110us", "120us", "130us"};

    (void)state;
    for (int i = 0; i < 4; i++) {
        char settings[256];
        int64_t took;
        rig g;

        (void)snprintf(settings, sizeof settings,
                       SHARED " handler.smi=51us os.others=running cpus.disabled=last:1 "
                              "sync.timeout1=%s sync.timeout2=10us",
                       timeouts[i]);
        rig_run(&g, "0,smi,,,,0,\n", settings);
        assert_string_equal(g.r.stuck, "");
        assert_int_equal(visit_of(&g, 0)->timeout2, 1);
        took = g.r.round[0].handler_end - g.r.round[0].handler;
        assert_true(took == US(56 + 40) || took == US(56 + 60));
        rig_free(&g);
    }
}

/* Ends with the turn: done in time; a picosecond more, and it waits for the other's turn. */
static void what_ends_with_the_turn_is_in_it(void **state)
{
    rig in, out;
    int64_t t3;

    (void)state;
    rig_run(&in, "0,smi,,,,0,\n", SHARED " handler.smi=14985000ps");
    rig_run(&out, "0,smi,,,,0,\n", SHARED " handler.smi=14985001ps");
    t3 = tick_from(&in, US(20)) + US(60);
    assert_int_equal(in.r.round[0].handler_end, t3 + US(20));
    assert_int_equal(out.r.round[0].handler_end, t3 + US(40) + 1);
    rig_free(&in);
    rig_free(&out);
}

/* CPU 0 waits from S + 1824 on, with a bound of 45 us, and has no core from T0 = S + 26824 to
 * T1 = S + 46824. CPU 1 is in by then. At T1 CPU 0 reads the timer before the counter: a bound
 * that passes at T1 has passed; with everything a picosecond later it has not. */
static void bound_that_passes_without_a_core_is_seen_with_the_next_turn(void **state)
{
    char rows[64];
    int64_t t1;
    rig g;

    (void)state;
    rig_run(&g, "0,smi,,,,0,\n", SHARED);
    t1 = tick_from(&g, US(100));
    rig_free(&g);
    for (int late = 0; late < 2; late++) {
        (void)snprintf(rows, sizeof rows, "0,smi,,,%lldps,0,\n",
                       (long long)(t1 - NS(46824) + late));
        rig_run(&g, rows, SHARED " sync.timeout1=45us sync.timeout2=1s");
        assert_string_equal(g.r.stuck, "");
        assert_int_equal(visit_of(&g, 1)->entered, t1 - US(20));
        assert_int_equal(visit_of(&g, 0)->timeout1, !late);
        assert_int_equal(g.r.round[0].aps_timeout1, late ? 0 : t1);
        assert_int_equal(g.r.round[0].aps, 1);
        assert_int_equal(g.r.trigger[0].outcome, TRIGGER_SERVED);
        rig_free(&g);
    }
}

/* Two threads compute for 10 us each; one of their CPUs may be held from 2 us to 7 us. */
static void held_cpu_frees_its_core(void **state)
{
    rig g;

    (void)state;
    rig_run(&g, "0,compute,10us,,,0,\n1,compute,10us,,,1,\n", SHARED);
    assert_int_equal(g.r.call[0].end, US(10));
    assert_int_equal(g.r.call[1].end, US(20));
    rig_free(&g);
    rig_run(&g, "0,compute,10us,,,0,\n1,compute,10us,,,1,\n2,hold,5us,,2us,0,\n", SHARED);
    assert_int_equal(g.r.calls, 3);
    assert_int_equal(g.r.call[0].end, US(7));  /* the hold */
    assert_int_equal(g.r.call[1].end, US(12)); /* CPU 1: from 2 us on */
    assert_int_equal(g.r.call[2].end, US(20)); /* CPU 0: 2 us before, 8 us behind it */
    assert_int_equal(g.r.call[2].cpu, 0);
    rig_free(&g);
}

/* CPU 0 is held from the start, and has work from 1 us on: until 50 us it takes no turn. */
static void held_cpu_takes_no_turn(void **state)
{
    rig g;

    (void)state;
    rig_run(&g, "0,hold,50us,,,0,\n1,compute,10us,,1us,0,\n2,compute,30us,,,1,\n", SHARED);
    assert_int_equal(g.r.call[0].end, US(30));
    assert_int_equal(g.r.call[0].cpu, 1);
    assert_int_equal(g.r.call[1].end, US(50));
    assert_int_equal(g.r.call[2].end, US(60));
    rig_free(&g);
}

/* CPUs 0 and 1 spin: CPU 1 from T0 on, then each for 20 us. CPU 2 comes at 51100, in CPU 0's turn
 * (T0 + 20 us to T0 + 40 us), and queues behind CPU 1. */
static void newcomer_waits_for_the_turns_of_all_spinners_before_it(void **state)
{
    int64_t t0;
    rig g;

    (void)state;
    rig_run(&g, "0,smi,,,,0,\n", SHARED " cpus=3 cpu.late=50us");
    assert_string_equal(g.r.stuck, "");
    t0 = tick_from(&g, US(20));
    assert_int_equal(visit_of(&g, 1)->entered, t0);
    assert_int_equal(visit_of(&g, 2)->entered, t0 + US(60));
    rig_free(&g);
}

/* Calls in a row are one stretch of work: a CPU that has some again at the same instant has not
 * halted. */
static void cpu_keeps_its_core_from_call_to_call(void **state)
{
    rig g;

    (void)state;
    rig_run(&g, "0,compute,4us,,,0,3\n1,compute,4us,,,1,\n", SHARED);
    assert_int_equal(g.r.call[2].end, US(12));
    assert_int_equal(g.r.call[3].end, US(16));
    assert_int_equal(g.r.call[3].cpu, 1);
    rig_free(&g);
    rig_run(&g, "0,compute,4us,,1ns,0,3\n1,compute,4us,,,1,\n", SHARED);
    assert_int_equal(g.r.call[0].cpu, 1); /* thread 1 came first, by 1 ns */
    assert_int_equal(g.r.call[1].end, US(8));
    assert_int_equal(g.r.call[2].end, US(12) + NS(1)); /* thinks for 1 ns, with nobody else there */
    rig_free(&g);
}

/* Kicks end at 300, 500 and 700: CPU 0 takes the lock for 100 us at 700. CPU 1 comes at 900, finds
 * it taken and sleeps until 100700 + 1000: its core is free for CPU 2, which never sees an SMI. */
static void who_waits_for_the_lock_sleeps(void **state)
{
    rig g;

    (void)state;
    rig_run(&g, "0,smi,,,,0,\n1,compute,50us,,10us,2,\n",
            "cpus=3 cpus.disabled=last:1 host.cores=2 lock=fair lock.clear=100us lock.wake=1us "
            "sync.timeout1=1ms sync.timeout2=1ms");
    assert_string_equal(g.r.stuck, "");
    assert_int_equal(visit_of(&g, 0)->entered, NS(100700));
    assert_int_equal(visit_of(&g, 1)->entered, NS(101700) + US(100));
    assert_int_equal(g.r.call[0].cpu, 2);
    assert_int_equal(g.r.call[0].end, US(60));
    rig_free(&g);
}

/* ---- invariants ------------------------------------------------------------------------- */

typedef struct {
    machine *m;
    uint64_t steps;
    uint32_t most;
} watcher;

static void watch_cores(void *self, const machine_event *event)
{
    watcher *w = self;
    uint32_t on = 0;

    assert_true(w->m->cpu[event->cpu].sharing.on_core);
    for (uint32_t i = 0; i < w->m->cpus; i++) {
        on += w->m->cpu[i].sharing.on_core;
        assert_int_equal(w->m->cpu[i].sharing.on_core, w->m->sharing.host.vcpu[i].place == HOST_ON);
    }
    assert_true(on <= w->m->sharing.host.cores);
    w->most = on > w->most ? on : w->most;
    w->steps++;
}

static int64_t core_time(const machine *m)
{
    int64_t sum = 0;

    for (uint32_t i = 0; i < m->cpus; i++) {
        const host_vcpu *v = &m->sharing.host.vcpu[i];

        sum += v->used + (v->place == HOST_ON ? m->now - v->since : 0);
    }
    return sum;
}

#define CROWD "cpus=7 host.slice=50us host.period=400us host.tick=20us tie=permute "
#define CROWD_ROWS                                                          \
    "0,smi,,,10us,0,20\n1,set,a,100B,30us,1,10\n2,smi,,,exp(40us),2,20\n"   \
    "3,compute,exp(100us),,20us,3,20\n4,hold,exp(200us),,exp(300us),1,10\n" \
    "5,hold,exp(100us),,exp(200us),1,10\n6,compute,30us,,,6,5\n7,smi,,,1us,6,20\n"

static void only_cpus_with_a_core_make_progress(void **state)
{
    static const char *const variants[] = {
        CROWD "host.cores=1",
        CROWD "host.cores=2 host.yield=on",
        CROWD "host.cores=3 os.others=running lock=barging lock.clear=2us lock.timer=1us "
              "lock.wake=10us lock.pause=1us pause=5us",
        CROWD "host.cores=6 host.yield=on lock=fair lock.clear=2us lock.timer=1us lock.wake=10us",
        CROWD "host.cores=2 smi.delivery=unicast",
        CROWD
        "host.cores=2 smi.delivery=unicast protocol=edk2-2017 cpus.blocked=none os.efi_cpu=worker",
        CROWD "host.cores=2 os.others=running sync.timeout1=300us sync.timeout2=200us",
        CROWD "host.cores=1 host.yield=on protocol=coreboot os.others=running"};

    (void)state;
    for (size_t i = 0; i < sizeof variants / sizeof variants[0]; i++)
        for (uint32_t rep = 0; rep < 5; rep++) {
            watcher w = {0};
            rig g;

            rig_load(&g, CROWD_ROWS, variants[i]);
            w.m = g.m;
            rig_again(&g, 7, rep, &(machine_observer){.event = watch_cores, .self = &w});
            if (g.r.stuck[0] != '\0')
                fail_msg("variant %zu, repetition %u: %s", i, rep, g.r.stuck);
            assert_true(w.steps > 100);
            assert_true(core_time(g.m) <= g.m->sharing.host.cores * g.r.end);
            assert_int_equal(g.r.count.hang, 0);
            rig_free(&g);
        }
}

/* Everybody always has something to run: no core is ever free. */
static void core_time_of_all_cpus_is_that_of_the_cores(void **state)
{
    rig g;

    (void)state;
    rig_run(&g, CROWD_ROWS,
            "cpus=7 host.cores=2 host.slice=50us host.tick=20us os.others=running "
            "host.yield=on host.period=0");
    assert_string_equal(g.r.stuck, "");
    assert_true(g.m->sharing.host.turns > 50);
    assert_int_equal(core_time(g.m), 2 * g.r.end);
    rig_free(&g);
}

static void as_many_cores_as_cpus_change_nothing(void **state)
{
    uint64_t digest[2];
    rig g;

    (void)state;
    for (int i = 0; i < 2; i++) {
        rig_run(&g, CROWD_ROWS, i ? "cpus=7 host.cores=7 host.slice=1us" : "cpus=7");
        digest[i] = g.r.digest;
        rig_free(&g);
    }
    assert_true(digest[0] == digest[1]);
}

static void spinners_that_wait_for_ever_are_a_hang_and_no_endless_run(void **state)
{
    rig g;

    (void)state;
    for (int yield = 0; yield < 2; yield++) {
        rig_run(&g, "0,smi,,,,0,\n1,smi,,,1us,1,\n",
                yield ? "cpus=4 host.cores=1 protocol=design-counter smi.delivery=unicast "
                        "host.yield=on"
                      : "cpus=4 host.cores=1 protocol=design-counter smi.delivery=unicast");
        assert_int_equal(g.r.count.hang, 1);
        assert_true(g.r.count.events < 100);
        rig_free(&g);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(queue_is_first_come_first_served),
        cmocka_unit_test(slice_is_a_share_of_the_period_but_not_less_than_the_least),
        cmocka_unit_test(turn_ends_at_the_tick_at_or_after_its_slice),
        cmocka_unit_test(turns_of_spinners_go_on_unseen),
        cmocka_unit_test(core_time_is_the_sum_of_the_turns),
        cmocka_unit_test(spinner_burns_its_slice_while_the_other_waits),
        cmocka_unit_test(yielding_spinner_passes_the_core_on_after_a_poll),
        cmocka_unit_test(spinner_takes_turns_from_the_handler),
        cmocka_unit_test(guest_that_runs_takes_turns_from_the_handler),
        cmocka_unit_test(what_ends_with_the_turn_is_in_it),
        cmocka_unit_test(bound_that_passes_without_a_core_is_seen_with_the_next_turn),
        cmocka_unit_test(held_cpu_frees_its_core),
        cmocka_unit_test(held_cpu_takes_no_turn),
        cmocka_unit_test(newcomer_waits_for_the_turns_of_all_spinners_before_it),
        cmocka_unit_test(cpu_keeps_its_core_from_call_to_call),
        cmocka_unit_test(who_waits_for_the_lock_sleeps),
        cmocka_unit_test(only_cpus_with_a_core_make_progress),
        cmocka_unit_test(core_time_of_all_cpus_is_that_of_the_cores),
        cmocka_unit_test(as_many_cores_as_cpus_change_nothing),
        cmocka_unit_test(spinners_that_wait_for_ever_are_a_hang_and_no_endless_run),
    };

    return cmocka_run_group_tests_name("host", tests, scratch_enter, scratch_leave);
}
