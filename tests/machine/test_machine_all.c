/* SPDX-License-Identifier: Apache-2.0 */
/* test_machine_all: edk2's invariants after every SMI, over all versions, modes, deliveries,
 * elections.
 */
#include "tests/rig.h"

/* Random SMIs of every CPU, jobs on APs, variable calls of two threads, a CPU that is held. */
#define STRESS "each,smi,,,exp(20us),,5\n0,job,all,,exp(10us),,3\n0,get,A,4B,exp(30us),0,4\n"
#define AND_AN_AP                                         \
    "1,set,B,20B,exp(30us),1,3\n2,job,1,,exp(30us),0,3\n" \
    "3,hold,70us,,exp(150us),1,3\n"

static void check_triggers(const rig *g, const char *what)
{
    const run_counters *c = &g->r.count;
    int64_t phases[PHASE_COUNT];

    if (c->served + c->late + c->lost + c->refused != c->triggers)
        fail_msg("%s: some triggers have no outcome", what);
    for (uint64_t t = 0; t < g->r.triggers; t++) {
        const trigger_record *trigger = &g->r.trigger[t];
        int64_t sum = 0;

        if (!trigger->closed)
            continue;
        record_phases(trigger, phases);
        for (int p = 0; p < PHASE_COUNT; p++) {
            assert_true(phases[p] >= 0);
            sum += phases[p];
        }
        if (sum != trigger->at[AT_RESUMED] - trigger->at[AT_PORT_WRITE])
            fail_msg("%s: the phases of SMI %llu do not add up", what, (unsigned long long)t);
    }
}

static void add_up(run_counters *sum, const run_counters *c)
{
    sum->served += c->served;
    sum->late += c->late;
    sum->lost += c->lost;
    sum->timeout1 += c->timeout1;
    sum->timeout2 += c->timeout2;
    sum->latched += c->latched;
    sum->coalesced += c->coalesced;
    sum->spurious += c->spurious;
    sum->directed += c->directed;
}

/* What happened in all runs: a sweep that misses something proves nothing about it. */
typedef struct {
    run_counters runs;
    int jobs, too_late, cleaned;
} totals;

static void run_all(const char *rows, const char *settings, totals *sum)
{
    rig g;

    rig_load(&g, rows, settings);
    rig_again(&g, 1, 0, NULL);
    check_triggers(&g, settings);
    if (g.r.stuck[0] && !(g.r.count.hang && g.w.hung_out))
        fail_msg("%s: %s", settings, g.r.stuck);
    assert_int_equal(g.w.rules.inside == 0, !g.r.count.hang);
    assert_int_equal(g.r.count.stopped, 0);
    add_up(&sum->runs, &g.r.count);
    sum->jobs += g.w.jobs;
    sum->too_late += g.w.too_late;
    sum->cleaned += g.w.cleaned;
    rig_free(&g);
}

static void all_elections_and_sizes(const char *settings, int turn, totals *sum)
{
    static const char *const elections[] = {"fixed", "hook", "race"};
    static const int sizes[] = {1, 2, 3, 8};
    static const char *const extras[] = {
        "", "sync.mtrr=on", "lock=fair lock.timer=90ns lock.port=1us lock.clear=500ns",
        "sync.debug_agent=on smi.valid_status=on",
        "lock=barging lock.timer=90ns lock.pause=4ns lock.wake=3us"};

    for (int election = 0; election < 3; election++)
        for (int size = 0; size < 4; size++) {
            char text[500];
            int cpus = sizes[size];
            const char *extra = extras[(turn + election + size) % 5];

            if (strstr(settings, "hardware") && strncmp(extra, "lock=", 5) == 0)
                extra = strchr(extra, ' ') + 1; /* hardware has no such lock */

            (void)snprintf(text, sizeof text, "%s bsp.election=%s cpus=%d %s", settings,
                           elections[election], cpus, extra);
            text[strlen(text) - (text[strlen(text) - 1] == ' ')] = '\0';
            run_all(cpus > 1 ? STRESS AND_AN_AP : STRESS, text, sum);
        }
}

static void invariants_hold_after_every_smi(void **state)
{
    static const char *const eras[] = {"edk2-2017",   "edk2-202211", "edk2-202402",
                                       "edk2-202408", "edk2-202411", "edk2-head"};
    static const char *const modes[] = {"relaxed", "traditional"};
    static const char *const deliveries[] = {"unicast", "broadcast", "hardware"};
    totals sum = {.jobs = 0};

    (void)state;
    for (int turn = 0; turn < 6 * 2 * 3; turn++) {
        int era = turn / 6;
        char settings[400];

        (void)snprintf(
            settings, sizeof settings,
            "protocol=%s sync.mode=%s smi.delivery=%s firmware=%s sync.timeout1=60us%s tie=permute "
            "job.work=3us cpu.cstate_exit=uniform(1us,40us) variable.write=2us "
            "fabric.same_die=uniform(8ns,80ns) fabric.read_busy=5ns host.tick=50us",
            eras[era], modes[turn / 3 % 2], deliveries[turn % 3], turn % 3 == 2 ? "stock" : "ovmf",
            era > 2 ? " sync.timeout2=30us" : "");
        all_elections_and_sizes(settings, turn, &sum);
    }
    assert_true(sum.runs.served > 5000 && sum.runs.late > 200 && sum.runs.lost > 10);
    assert_true(sum.runs.timeout1 > 300 && sum.runs.timeout2 > 80 && sum.runs.directed > 500);
    assert_true(sum.runs.latched > 5000 && sum.runs.coalesced > 500 && sum.runs.spurious > 300);
    assert_true(sum.jobs > 1000 && sum.too_late > 100 && sum.cleaned > 4000);
}

/* Nanoseconds; the sanitizers see the same code in a tenth of the runs. */
#ifdef __SANITIZE_ADDRESS__
enum { LATER = 10 };
#else
enum { LATER = 1 };
#endif

/* Point 5 in relaxed mode: CPU 2 comes, nanosecond by nanosecond, while StartupAllAPs is under way.
 * Head gives it the job without its lock if it comes between two scans; the fixed version leaves it
 * out. */
static void only_an_ap_that_joins_has_a_job_without_its_lock(void **state)
{
    static const char *const eras[] = {"edk2-head", "edk2-head-fixed"};

    (void)state;
    for (int era = 0; era < 2; era++) {
        int jobs[3] = {0};
        int unseized = 0;

        for (int late = 5500; late < 6500; late += LATER) {
            char rows[100], settings[100];
            rig g;

            (void)snprintf(rows, sizeof rows, "0,job,all,,,0,\n1,hold,%dns,,,2,\n", late);
            (void)snprintf(settings, sizeof settings, "cpus=3 sync.mode=relaxed protocol=%s",
                           eras[era]);
            rig_run(&g, rows, settings);
            assert_in_range(g.w.jobs, 1, 2);
            jobs[g.w.jobs]++;
            unseized += g.w.unseized_jobs;
            rig_free(&g);
        }
        assert_true(jobs[1] > 0 && jobs[2] > 0);
        assert_int_equal(unseized > 0, era == 0);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(invariants_hold_after_every_smi),
        cmocka_unit_test(only_an_ap_that_joins_has_a_job_without_its_lock),
    };

    return cmocka_run_group_tests_name("machine_all", tests, scratch_enter, scratch_leave);
}
