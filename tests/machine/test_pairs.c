/* SPDX-License-Identifier: Apache-2.0 */
/* test_pairs: one picosecond decides: directed SMIs against RSM and port write, polls against the
 * PM timer.
 */
#include "tests/rig.h"

#define NS(n) (INT64_C(1000) * (n))

/* What CPU 1 sends at, and what became of CPU 0. */
typedef struct {
    int64_t sent;
    int count;
} senders;

static void note_sender(void *self, const machine_event *e)
{
    senders *s = self;

    if (e->request && e->request->op == STEP_IPI && s->count++ == 0)
        s->sent = e->at;
}

static const visit_record *visit_of(const rig *g, uint16_t cpu, int number)
{
    for (uint64_t v = 0; v < g->r.visits; v++)
        if (g->r.visit[v].cpu == cpu && number-- == 0)
            return &g->r.visit[v];
    return NULL;
}

/* Unicast in 2017: an AP that has waited timeout 1 for the BSP sends for it. */
#define FETCHES "protocol=edk2-2017 smi.delivery=unicast sync.timeout1=100us"

static void run_sender(rig *g, const char *rows, int64_t sent)
{
    senders s = {.sent = 0};
    const machine_observer observer = {note_sender, &s};

    rig_load(g, rows, FETCHES);
    rig_again(g, 1, 0, &observer);
    assert_int_equal(s.sent, sent);
    assert_int_equal(s.count, 1);
    assert_int_equal(g->r.count.directed, 1);
}

/* CPU 0 serves its own SMI and is held in its RSM (7297 to 9497) from 8000 on. CPU 1 writes at
 * 10100 and sends 101325 later (see test_timeline). An SMI that is sent before CPU 0 is out is
 * latched and taken at RSM; one that is sent at that moment finds it in normal code, where it
 * travels 600 and 300. */
static void directed_smi_sent_1_ps_before_the_end_of_rsm_is_latched(void **state)
{
    const int64_t sent = NS(10000 + 101425);

    (void)state;
    for (int early = 0; early < 2; early++) {
        int64_t out = sent + early;
        const visit_record *second;
        char rows[200];
        rig g;

        (void)snprintf(rows, sizeof rows,
                       "0,smi,,,,0,\n1,smi,,,10us,1,\n2,hold,%lldps,,8us,0,\n3,compute,1ms,,,0,\n",
                       (long long)(out - NS(9497)));
        run_sender(&g, rows, sent);
        assert_int_equal(visit_of(&g, 0, 0)->left, out);
        second = visit_of(&g, 0, 1);
        assert_non_null(second);
        assert_int_equal(second->via, early ? VIA_LATCH : VIA_DIRECTED);
        assert_int_equal(second->entered, early ? out : sent + NS(900));
        assert_int_equal(g.r.count.latched, early);
        assert_int_equal(g.r.count.served, 2);
        rig_free(&g);
    }
}

/* CPU 1 writes at 100 and sends at 101425; CPU 0, halted, can take that SMI at 102425. If its own
 * port write takes effect 1 ps before, the two are one visit; at the same time, the SMI comes
 * first, and the write is done behind RSM: a visit more. */
static void directed_smi_1_ps_behind_a_port_write_is_swallowed(void **state)
{
    const int64_t sent = NS(101425);
    const int64_t taken = sent + NS(1000);

    (void)state;
    for (int early = 0; early < 2; early++) {
        char rows[200];
        rig g;

        (void)snprintf(rows, sizeof rows, "0,smi,,,,1,\n1,smi,,,%lldps,0,\n",
                       (long long)(taken - early - NS(100)));
        run_sender(&g, rows, sent);
        assert_int_equal(visit_of(&g, 0, 0)->via, VIA_DIRECTED);
        assert_int_equal(visit_of(&g, 0, 0)->entered, taken - early);
        assert_int_equal(visit_of(&g, 0, 1) == NULL, early);
        assert_int_equal(g.r.count.coalesced, early);
        assert_int_equal(g.r.count.latched, 0);
        assert_int_equal(g.r.count.served, 2);
        rig_free(&g);
    }
}

/* The BSP reads its timer to start at 2024 and polls every 105 from 2134 on (see test_timeline):
 * at 102094, too. The timeout is 100070 ticks of 1 ns, or of a little more: 1 ps in all. */
static void poll_1_ps_before_the_timeout_is_not_the_last(void **state)
{
    static const struct {
        const char *settings;
        int64_t bound, found;
    } pair[] = {
        {"cpus=3 timer.frequency=1GHz timer.bits=32 sync.timeout1=100070ns", 100070000, NS(102094)},
        {"cpus=3 timer.frequency=999999995Hz timer.bits=32 sync.timeout1=100071ns", 100070001,
         NS(102199)},
    };

    (void)state;
    for (int i = 0; i < 2; i++) {
        rig g;

        rig_run(&g, "0,smi,,,,0,\n1,hold,500us,,,2,\n", pair[i].settings);
        assert_int_equal(g.e.setup.timeout[STEP_TIMEOUT1], pair[i].bound);
        assert_int_equal(g.r.round[0].aps_timeout1, pair[i].found);
        rig_free(&g);
    }
}

/* CPU 2 checks in 1122 after its hold. The last poll in time is at 101989. */
static void check_in_1_ps_after_the_last_poll_in_time_is_too_late(void **state)
{
    (void)state;
    for (int late = 0; late < 2; late++) {
        char rows[100];
        rig g;

        (void)snprintf(rows, sizeof rows, "0,smi,,,,0,\n1,hold,%lldps,,,2,\n",
                       (long long)(NS(101989 - 1122) + late));
        rig_run(&g, rows, "cpus=3 sync.timeout1=100us sync.timeout2=50us");
        assert_int_equal(g.r.count.timeout1, late);
        assert_int_equal(g.r.round[0].aps_timeout1, late ? NS(102094) : 0);
        assert_int_equal(g.r.round[0].aps, 2);
        rig_free(&g);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(directed_smi_sent_1_ps_before_the_end_of_rsm_is_latched),
        cmocka_unit_test(directed_smi_1_ps_behind_a_port_write_is_swallowed),
        cmocka_unit_test(poll_1_ps_before_the_timeout_is_not_the_last),
        cmocka_unit_test(check_in_1_ps_after_the_last_poll_in_time_is_too_late),
    };

    return cmocka_run_group_tests_name("pairs", tests, scratch_enter, scratch_leave);
}
