/* SPDX-License-Identifier: Apache-2.0 */
/* test_machine: latch, blocked and held CPUs, timers, lost and late requests, repeatability, the
 * hang.
 */
#include "tests/rig.h"

#define NS(n) (INT64_C(1000) * (n))

static int visits_of(const rig *g, uint16_t cpu)
{
    int count = 0;

    for (uint64_t v = 0; v < g->r.visits; v++)
        count += g->r.visit[v].cpu == cpu;
    return count;
}

static const visit_record *visit_of(const rig *g, uint16_t cpu, int number)
{
    for (uint64_t v = 0; v < g->r.visits; v++)
        if (g->r.visit[v].cpu == cpu && number-- == 0)
            return &g->r.visit[v];
    fail_msg("CPU %d has no such visit", cpu);
    return NULL;
}

static void assert_outcomes(const rig *g, const trigger_outcome *expected, uint64_t count)
{
    assert_int_equal(g->r.triggers, count);
    for (uint64_t t = 0; t < count; t++)
        assert_int_equal(g->r.trigger[t].outcome, expected[t]);
}

static void assert_statuses(const rig *g, const call_status *expected, uint64_t count)
{
    assert_int_equal(g->r.calls, count);
    for (uint64_t i = 0; i < count; i++)
        assert_int_equal(g->r.call[i].status, expected[i]);
}

/* ---- latch, blocked and disabled CPUs --------------------------------------------------- */

/* CPU 0 is in the handler when CPUs 1 and 2 write: two SMIs, one bit, one more visit. */
static void latch_is_one_bit(void **state)
{
    rig g;

    (void)state;
    rig_run(&g,
            "0,smi,,,,0,\n1,compute,3us,,,1,\n1,smi,,,,1,\n"
            "2,compute,4us,,,2,\n2,smi,,,,2,\n",
            "cpus=3 sync.mode=relaxed smi.travel=20us");
    assert_int_equal(visits_of(&g, 0), 2);
    assert_int_equal(visit_of(&g, 0, 0)->via, VIA_TRIGGER);
    assert_int_equal(visit_of(&g, 0, 1)->via, VIA_LATCH);
    assert_int_equal(visit_of(&g, 0, 1)->entered, visit_of(&g, 0, 0)->left);
    assert_int_equal(visits_of(&g, 1), 2); /* CPU 2's write met it in SMM */
    assert_int_equal(visits_of(&g, 2), 1);
    assert_int_equal(g.r.count.latched, 2);
    rig_free(&g);
}

static void blocked_cpu_keeps_one_smi_pending_for_ever(void **state)
{
    rig g;

    (void)state;
    rig_run(&g, "0,smi,,,,0,5\n",
            "cpus=3 cpus.blocked=last:1 sync.timeout1=50us sync.timeout2=20us");
    assert_int_equal(visits_of(&g, 2), 0);
    assert_int_equal(visits_of(&g, 1), 5);
    assert_int_equal(g.r.count.timeout1, 5);
    assert_int_equal(g.r.count.timeout2, 5);
    assert_int_equal(g.r.count.directed, 5);
    assert_int_equal(g.r.count.latched, 1);
    assert_int_equal(g.r.count.coalesced, 9); /* 4 broadcasts and 5 directed ones behind it */
    assert_int_equal(g.r.count.served, 5);
    rig_free(&g);
}

static void disabled_cpu_never_sees_an_smi(void **state)
{
    rig g;

    (void)state;
    rig_run(&g, "0,smi,,,,0,5\n",
            "cpus=3 cpus.disabled=last:1 sync.timeout1=50us sync.timeout2=20us");
    assert_int_equal(visits_of(&g, 2), 0);
    assert_int_equal(g.r.count.timeout1, 5);
    assert_int_equal(g.r.count.latched, 0);
    assert_int_equal(g.r.count.coalesced, 0);
    assert_int_equal(g.r.count.served, 5);
    rig_free(&g);
}

/* Registers excuse the absent: the BSP waits for nobody, but the raw count is short, so it sends an
 * SMI to each CPU that is not present. In the first SMI that is CPU 1, too: it has checked in and
 * does not say that it is present before it has seen the BSP. The SMI stays latched; CPU 1 is back
 * in SMM before each of the next ones, and after the last one waits alone until timeout 1. */
static void registers_excuse_blocked_and_disabled_cpus(void **state)
{
    static const char *const eras[] = {"edk2-202211", "edk2-head"};

    (void)state;
    for (int era = 0; era < 2; era++) {
        char settings[200];
        rig g;

        (void)snprintf(
            settings, sizeof settings,
            "protocol=%s cpus=4 cpus.blocked=last:1 cpus.disabled=cpu:2 sync.smm_registers=on "
            "sync.timeout1=50us",
            eras[era]);
        rig_run(&g, "0,smi,,,,0,5\n", settings);
        assert_int_equal(visits_of(&g, 0), 5);
        for (int i = 0; i < 5; i++)
            assert_int_equal(visit_of(&g, 0, i)->timeout1, 0);
        assert_int_equal(g.r.count.timeout2, 0);
        assert_int_equal(g.r.count.served, 5);
        assert_int_equal(g.r.count.directed, 3 + 4 * 2);
        assert_int_equal(g.r.round[0].aps, 1);
        assert_int_equal(visits_of(&g, 1), 6);
        assert_int_equal(visit_of(&g, 1, 5)->via, VIA_LATCH);
        assert_int_equal(visit_of(&g, 1, 5)->role, VISIT_ABANDONED);
        assert_int_equal(g.r.count.timeout1, 1);
        assert_int_equal(g.r.count.spurious, 1);
        rig_free(&g);
    }
}

/* It must not look again and again for somebody who has left, where nobody has. */
static void the_fixed_protocol_locks_the_door_without_those_excused(void **state)
{
    rig g;

    (void)state;
    rig_run(
        &g, "0,smi,,,,0,5\n",
        "protocol=edk2-head-fixed cpus=2 cpus.blocked=last:1 sync.smm_registers=on run.limit=1s");
    assert_int_equal(g.r.count.served, 5);
    assert_int_equal(g.r.count.directed, 5);
    assert_int_equal(g.r.count.timeout1, 0);
    assert_int_equal(g.r.count.timeout2, 0);
    rig_free(&g);
}

/* The write of a CPU with SMI disabled is the others' SMI, and served there; alone it is nobody's.
 */
static void smi_of_a_disabled_cpu(void **state)
{
    rig g;

    (void)state;
    rig_run(&g, "0,smi,,,,1,\n",
            "cpus=2 cpus.disabled=last:1 sync.timeout1=50us sync.timeout2=20us");
    assert_int_equal(visits_of(&g, 0), 1);
    assert_int_equal(visits_of(&g, 1), 0);
    assert_outcomes(&g, (trigger_outcome[]){TRIGGER_LATE}, 1);
    rig_free(&g);
    rig_run(&g, "0,smi,,,,1,\n", "cpus=2 cpus.disabled=last:1 smi.delivery=unicast");
    assert_int_equal(g.r.visits, 0);
    assert_outcomes(&g, (trigger_outcome[]){TRIGGER_REFUSED}, 1);
    rig_free(&g);
}

/* Only CPUs of the first broadcast that run something react with smi.travel, others leave a
 * C-state; on hardware nobody is kicked one after the other. */
static void hardware_reaches_all_at_once(void **state)
{
    rig g;

    (void)state;
    rig_run(&g, "0,smi,,,,0,\n1,compute,1ms,,,2,\n",
            "cpus=4 smi.delivery=hardware firmware=stock bsp.election=hook");
    assert_int_equal(visit_of(&g, 0, 0)->entered, NS(100));
    assert_int_equal(visit_of(&g, 1, 0)->entered, NS(500));
    assert_int_equal(visit_of(&g, 2, 0)->entered, NS(400));
    assert_int_equal(visit_of(&g, 3, 0)->entered, NS(500));
    rig_free(&g);
}

/* ---- holds and timers ------------------------------------------------------------------- */

static void overlapping_holds_end_with_the_last(void **state)
{
    rig g;

    (void)state;
    rig_run(&g, "0,smi,,,,0,\n1,hold,100us,,,1,\n2,hold,100us,,50us,1,\n", "cpus=2");
    assert_int_equal(visit_of(&g, 1, 0)->entered, NS(150000));
    rig_free(&g);
    /* the second hold lies within the first */
    rig_run(&g, "0,smi,,,70us,0,\n1,hold,100us,,,1,\n2,hold,10us,,50us,1,\n", "cpus=2");
    assert_int_equal(visit_of(&g, 1, 0)->entered, NS(100000));
    rig_free(&g);
}

/* Two CPUs: CPU 1 enters at 900, runs 1100 and is held from 1000 on: what it does is put off by
 * the union of the holds, once. */
static void first_step_of(void *self, const machine_event *e)
{
    int64_t *at = self;

    if (e->cpu == 1 && e->request && *at == 0)
        *at = e->at;
}

static void hold_during_the_entry_puts_it_off_by_its_length(void **state)
{
    int64_t at = 0;
    const machine_observer observer = {first_step_of, &at};
    rig g;

    (void)state;
    rig_load(&g, "0,smi,,,,0,\n1,hold,100us,,1us,1,\n2,hold,100us,,51us,1,\n", "cpus=2");
    rig_again(&g, 1, 0, &observer);
    assert_int_equal(at, NS(2000 + 150000 + 10)); /* and the load of R5 */
    rig_free(&g);
}

/* The BSP polls every 105 and finds timeout 1 at 102094 (see test_timeline); the poll before was at
 * 101989. CPU 2 checks in 1122 after its hold. At a poll the timer is read first: a change that
 * comes after the last one in time is too late, although the BSP finds all CPUs there. */
static void change_after_the_last_poll_in_time_is_too_late(void **state)
{
    static const struct {
        const char *rows;
        int fires;
    } pair[] = {
        {"0,smi,,,,0,\n1,hold,100867ns,,,2,\n", 0}, /* in at 101989 */
        {"0,smi,,,,0,\n1,hold,100868ns,,,2,\n", 1}, /* in at 101990 */
        {"0,smi,,,,0,\n1,hold,100972ns,,,2,\n", 1}, /* in at 102094 */
    };

    (void)state;
    for (int i = 0; i < 3; i++) {
        rig g;

        rig_run(&g, pair[i].rows, "cpus=3 sync.timeout1=100us sync.timeout2=50us");
        assert_int_equal(g.r.count.timeout1, pair[i].fires);
        assert_int_equal(g.r.round[0].aps_timeout1, pair[i].fires ? NS(102094) : 0);
        assert_int_equal(g.r.round[0].all_in, pair[i].fires ? g.r.round[0].handler : NS(101999));
        assert_int_equal(g.r.count.directed, 0);
        assert_int_equal(g.r.round[0].aps, 2);
        rig_free(&g);
    }
}

/* The BSP waits from about 0 for an AP that is held for 6 s, and is itself held from 0.5 s to 5.3
 * s. Its 24-bit timer has wrapped at 4.687 s by then and shows 0.61 s: timeout 1 of 1 s ends
 * at 5.687, not at once. */
static void timer_that_wrapped_during_a_hold_shows_only_the_rest(void **state)
{
    static const char rows[] = "0,smi,,,,0,\n1,hold,6s,,,1,\n2,hold,4800ms,,500ms,0,\n";
    int64_t wrap = INT64_C(4686968874535);
    rig g;

    (void)state;
    rig_run(&g, rows, "timer.frequency=3.579545MHz");
    assert_in_range((uint64_t)g.r.round[0].aps_timeout1, (uint64_t)(wrap + PS_PER_S),
                    (uint64_t)(wrap + PS_PER_S + 3 * PS_PER_US));
    assert_int_equal(g.r.count.timeout2, 0);
    rig_free(&g);
    rig_run(&g, rows, "timer.frequency=3.579545MHz timer.bits=32");
    assert_int_equal(g.r.round[0].aps_timeout1, INT64_C(5300) * PS_PER_MS);
    rig_free(&g);
}

/* The AP is held for longer than its timeout before its wait has read the flag for the first time:
 * the bound is over when it does, and the next look at the timer, a poll later, ends the wait. */
static void hold_before_the_first_poll_may_outlast_the_bound(void **state)
{
    (void)state;
    for (int at = 1000; at < 2000; at += 20) {
        char rows[100];
        rig g;

        (void)snprintf(rows, sizeof rows, "0,smi,,,,1,\n1,hold,5ms,,,0,\n2,hold,2ms,,%dns,1,\n",
                       at);
        rig_run(&g, rows, "sync.timeout1=1ms timer.bits=32");
        assert_int_equal(g.r.count.hang, 0);
        assert_true(g.r.count.timeout1 >= 1);
        assert_in_range((uint64_t)g.r.trigger[0].at[AT_BSP_TIMEOUT1], 2 * PS_PER_MS,
                        3 * PS_PER_MS + 5 * PS_PER_US);
        rig_free(&g);
    }
}

/* ---- requests that nobody serves -------------------------------------------------------- */

/* Unicast on an AP with hook election: the AP gives up after timeout 1, the request stays armed. */
static const char unserved[] = "smi.delivery=unicast sync.timeout1=20us";

static void armed_request_is_executed_by_the_next_smi(void **state)
{
    rig g;

    (void)state;
    rig_run(&g, "0,set,A,4B,,1,\n0,smi,,,,0,\n0,get,A,,,0,\n", unserved);
    assert_outcomes(&g, (trigger_outcome[]){TRIGGER_LATE, TRIGGER_SERVED, TRIGGER_SERVED}, 3);
    /* the first set claims success: the stale status; and in the end the variable is there */
    assert_statuses(&g, (call_status[]){STATUS_SUCCESS, STATUS_SUCCESS, STATUS_SUCCESS}, 3);
    assert_int_equal(g.r.trigger[0].round, 0);
    assert_int_equal(g.r.trigger[1].round, 0);
    assert_int_equal(g.r.call[0].served, TRIGGER_OPEN); /* when it ended nobody knew */
    rig_free(&g);
}

static void armed_request_is_lost_when_the_next_overwrites_it(void **state)
{
    rig g;

    (void)state;
    rig_run(&g, "0,set,A,4B,,1,\n0,set,B,4B,,0,\n0,get,B,,,0,\n0,get,A,,,0,\n", unserved);
    assert_outcomes(
        &g, (trigger_outcome[]){TRIGGER_LOST, TRIGGER_SERVED, TRIGGER_SERVED, TRIGGER_SERVED}, 4);
    assert_statuses(
        &g, (call_status[]){STATUS_SUCCESS, STATUS_SUCCESS, STATUS_SUCCESS, STATUS_NOT_FOUND}, 4);
    rig_free(&g);
}

static void unserved_call_returns_the_stale_status(void **state)
{
    static const char *const stale[] = {"success", "not_found", "buffer_too_small"};
    static const call_status expected[] = {STATUS_SUCCESS, STATUS_NOT_FOUND,
                                           STATUS_BUFFER_TOO_SMALL};

    (void)state;
    for (int i = 0; i < 3; i++) {
        char settings[200];
        rig g;

        (void)snprintf(settings, sizeof settings, "%s variable.stale_status=%s", unserved,
                       stale[i]);
        rig_run(&g, "0,get,A,4B,,1,\n", settings);
        assert_statuses(&g, &expected[i], 1);
        assert_outcomes(&g, (trigger_outcome[]){TRIGGER_LOST}, 1);
        rig_free(&g);
    }
}

/* What the last executed request left is what the next unserved one reads. */
static void stale_status_is_that_of_the_last_executed_request(void **state)
{
    rig g;

    (void)state;
    rig_run(&g, "0,get,None,,,0,\n0,get,A,4B,,1,\n", unserved);
    assert_statuses(&g, (call_status[]){STATUS_NOT_FOUND, STATUS_NOT_FOUND}, 2);
    rig_free(&g);
}

/* A read that is not served fails at its first call: one SMI instead of six. */
static void failed_call_ends_its_file_operation(void **state)
{
    rig g;

    (void)state;
    rig_run(&g, "0,fread,A,4B,,1,2\n", unserved);
    assert_int_equal(g.r.triggers, 2);
    assert_statuses(&g, (call_status[]){STATUS_INVALID_PARAMETER, STATUS_INVALID_PARAMETER}, 2);
    rig_free(&g);
    rig_run(&g, "0,fread,A,4B,,0,2\n", unserved);
    assert_int_equal(g.r.triggers, 12);
    assert_int_equal(g.r.count.served, 12);
    rig_free(&g);
}

/* A round counts only its own CPUs: an AP that gave up before is no part of the next one's skew. */
static void skew_is_that_of_the_round(void **state)
{
    rig g;

    (void)state;
    rig_run(&g, "0,smi,,,,1,\n1,smi,,,1ms,0,\n", unserved);
    assert_outcomes(&g, (trigger_outcome[]){TRIGGER_LATE, TRIGGER_SERVED}, 2);
    assert_int_equal(g.r.trigger[1].skew, 0);
    /* nor do later events change the phases of an SMI that is over */
    assert_int_equal(g.r.trigger[0].at[AT_HANDLER], 0);
    rig_free(&g);
}

/* ---- repeatability ---------------------------------------------------------------------- */

#define STRESS "each,smi,,,exp(20us),,5\n0,fwrite,A,20B,exp(10us),,2\n"
static const char random_run[] = "cpus=4 tie=permute cpu.cstate_exit=uniform(1us,50us)";

static void assert_equal_runs(const rig *a, const rig *b, int equal)
{
    int same = a->r.digest == b->r.digest && a->r.end == b->r.end &&
               a->r.triggers == b->r.triggers && a->r.visits == b->r.visits &&
               memcmp(a->r.trigger, b->r.trigger, a->r.triggers * sizeof *a->r.trigger) == 0 &&
               memcmp(a->r.visit, b->r.visit, a->r.visits * sizeof *a->r.visit) == 0;

    assert_int_equal(a->r.digest == b->r.digest, equal);
    assert_int_equal(same, equal);
}

static void same_seed_gives_the_same_run_and_another_another(void **state)
{
    rig a, b;

    (void)state;
    rig_run(&a, STRESS, random_run);
    rig_run(&b, STRESS, random_run);
    assert_equal_runs(&a, &b, 1);
    rig_again(&b, 2, 0, NULL);
    assert_equal_runs(&a, &b, 0);
    rig_again(&b, 1, 1, NULL);
    assert_equal_runs(&a, &b, 0);
    rig_again(&b, 1, 0, NULL); /* reused: nothing is left of the other runs */
    assert_equal_runs(&a, &b, 1);
    rig_free(&a);
    rig_free(&b);
}

static void run_is_stopped_at_its_limit(void **state)
{
    rig a, b;

    (void)state;
    rig_run(&a, STRESS, "cpus=4 run.limit=1h");
    rig_run(&b, STRESS, "cpus=4 run.limit=30us");
    assert_int_equal(a.r.count.stopped, 0);
    assert_int_equal(b.r.count.stopped, 1);
    assert_int_equal(b.r.count.hang, 0);
    assert_true(b.r.triggers < a.r.triggers);
    rig_again(&b, 1, 0, NULL);
    assert_int_equal(b.r.count.stopped, 1);
    rig_free(&a);
    rig_free(&b);
}

/* When things happened, and how often at or before some moment. */
typedef struct {
    int64_t at[4096];
    int count;
} moments;

static void note_moment(void *self, const machine_event *event)
{
    moments *seen = self;

    assert_true(seen->count < 4096);
    seen->at[seen->count++] = event->at;
}

static int run_until(int64_t limit, moments *seen)
{
    const machine_observer observer = {note_moment, seen};
    char settings[64];
    rig g;

    (void)snprintf(settings, sizeof settings, "cpus=2 run.limit=%lldps", (long long)limit);
    rig_load(&g, "0,smi,,,1us,0,\n", settings);
    seen->count = 0;
    rig_again(&g, 1, 0, &observer);
    assert_true(g.r.end <= limit);
    rig_free(&g);
    return seen->count;
}

static void limit_is_exact_to_the_picosecond(void **state)
{
    static moments all, some;
    int last = run_until(PS_PER_S, &all) - 1;

    (void)state;
    assert_true(last > 60 && all.at[0] > PS_PER_US);
    for (int i = 0; i <= last; i++) {
        if (i < last && all.at[i + 1] == all.at[i])
            continue;
        assert_int_equal(run_until(all.at[i], &some), i + 1);
        assert_int_equal(run_until(all.at[i] - 1, &some) < i + 1, 1);
        assert_true(some.count == 0 || some.at[some.count - 1] < all.at[i]);
    }
}

static void observer_changes_nothing(void **state)
{
    rig a, b;

    (void)state;
    rig_load(&a, STRESS, random_run);
    machine_run(a.m, 1, 0, &a.r, NULL);
    rig_run(&b, STRESS, random_run);
    assert_equal_runs(&a, &b, 1);
    assert_true(b.w.handlers > 0);
    rig_free(&a);
    rig_free(&b);
}

/* Four CPUs come at the same time and race for BSP. */
static void ties_are_drawn_or_go_by_number(void **state)
{
    static const char race[] = "cpus=4 firmware=stock smi.delivery=hardware cpu.cstate_exit=0 tie=";
    char settings[200];
    int winners = 0;
    rig g;

    (void)state;
    for (int index = 0; index < 2; index++) {
        (void)snprintf(settings, sizeof settings, "%s%s", race, index ? "index" : "permute");
        rig_load(&g, "0,smi,,,,0,\n", settings);
        for (uint32_t repetition = 0; repetition < 20; repetition++) {
            rig_again(&g, 1, repetition, NULL);
            assert_int_equal(g.r.rounds, 1);
            if (index)
                assert_int_equal(g.r.round[0].bsp, 0);
            else
                winners |= 1 << g.r.round[0].bsp;
        }
        rig_free(&g);
    }
    assert_int_equal(winners, 15); /* each of them at some time */
}

/* ---- the hang --------------------------------------------------------------------------- */

/* edk2's first known hazard. The AP (CPU 1) writes, the BSP is held for about timeout 1. The AP's
 * time is over, it reads that no BSP is inside and is about to check out when it is held itself;
 * the BSP comes, counts two of two and locks the door. What the AP's check-out does then is of no
 * use: the BSP waits without end for one AP, the AP for the flag. */
static void ap_held_between_timeout_and_check_out_hangs_the_machine(void **state)
{
    static const char *const eras[] = {"edk2-202211", "edk2-head"};

    (void)state;
    for (int era = 0; era < 2; era++) {
        char settings[100], rows[200];
        int64_t timeout;
        int hangs = 0, first = 0;
        rig g;

        (void)snprintf(settings, sizeof settings, "protocol=%s", eras[era]);
        rig_run(&g, "0,smi,,,,1,\n1,hold,5s,,,0,\n", settings);
        timeout = g.r.trigger[0].at[AT_BSP_TIMEOUT1];
        assert_in_range((uint64_t)timeout, (uint64_t)PS_PER_S, (uint64_t)(PS_PER_S + 4000000));
        rig_free(&g);
        for (int after = 0; after < 40; after++) {
            (void)snprintf(rows, sizeof rows,
                           "0,smi,,,,1,\n1,hold,%lldps,,,0,\n2,hold,1ms,,%lldps,1,\n",
                           (long long)timeout, (long long)(timeout + NS(after)));
            rig_load(&g, rows, settings);
            g.known = era == 0 ? 1u << RULE_DOOR : 0; /* later a check-out is refused */
            rig_again(&g, 1, 0, NULL);
            if (!g.r.count.hang) {
                assert_string_equal(g.r.stuck, "");
                rig_free(&g);
                continue;
            }
            assert_int_equal(g.w.rules.broken, g.known);
            first = hangs++ ? first : after;
            assert_non_null(strstr(g.r.stuck, "hang: no CPU can go on\n"));
            assert_non_null(strstr(g.r.stuck, "  cpu 0: B10 #1 wait for k APs (RUN[0])\n"));
            assert_non_null(
                strstr(g.r.stuck, "  cpu 1: R12  wait until AllCpusInSync is false (SYN)\n"));
            assert_int_equal(g.r.trigger[0].outcome, TRIGGER_LOST);
            rig_again(&g, 1, 0, NULL); /* and it does so again */
            assert_int_equal(g.r.count.hang, 1);
            rig_free(&g);
        }
        /* it reads that nobody is BSP 2 after its timeout; the CAS of the check-out is 5 after it
         */
        assert_int_equal(first, 2);
        assert_int_equal(hangs, 3);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(latch_is_one_bit),
        cmocka_unit_test(blocked_cpu_keeps_one_smi_pending_for_ever),
        cmocka_unit_test(disabled_cpu_never_sees_an_smi),
        cmocka_unit_test(registers_excuse_blocked_and_disabled_cpus),
        cmocka_unit_test(the_fixed_protocol_locks_the_door_without_those_excused),
        cmocka_unit_test(smi_of_a_disabled_cpu),
        cmocka_unit_test(hardware_reaches_all_at_once),
        cmocka_unit_test(overlapping_holds_end_with_the_last),
        cmocka_unit_test(hold_during_the_entry_puts_it_off_by_its_length),
        cmocka_unit_test(change_after_the_last_poll_in_time_is_too_late),
        cmocka_unit_test(timer_that_wrapped_during_a_hold_shows_only_the_rest),
        cmocka_unit_test(hold_before_the_first_poll_may_outlast_the_bound),
        cmocka_unit_test(armed_request_is_executed_by_the_next_smi),
        cmocka_unit_test(armed_request_is_lost_when_the_next_overwrites_it),
        cmocka_unit_test(unserved_call_returns_the_stale_status),
        cmocka_unit_test(stale_status_is_that_of_the_last_executed_request),
        cmocka_unit_test(failed_call_ends_its_file_operation),
        cmocka_unit_test(skew_is_that_of_the_round),
        cmocka_unit_test(same_seed_gives_the_same_run_and_another_another),
        cmocka_unit_test(run_is_stopped_at_its_limit),
        cmocka_unit_test(limit_is_exact_to_the_picosecond),
        cmocka_unit_test(observer_changes_nothing),
        cmocka_unit_test(ties_are_drawn_or_go_by_number),
        cmocka_unit_test(ap_held_between_timeout_and_check_out_hangs_the_machine),
    };

    return cmocka_run_group_tests_name("machine", tests, scratch_enter, scratch_leave);
}
