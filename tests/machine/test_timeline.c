/* SPDX-License-Identifier: Apache-2.0 */
/* test_timeline: whole SMIs computed by hand, step by step, to the picosecond. */
#include "tests/rig.h"

/* How to check the figures: times are nanoseconds, and each step adds one cost of RIG_PLATFORM. A
 * line that the CPU has as it needs it costs 1, one from elsewhere (a first touch, a line that
 * another CPU has written, a store to a line that another has read) 10, a CAS after its load 2
 * more. A waiter that found nothing polls every 5 (PAUSE 4, read 1), or every 105 with the timer
 * (100), counted from that read; a change is noticed at the first poll at or after it, and read
 * again for 10. "X 1714" means that step X takes effect at 1714.
 *
 * Before SMM: two port writes, 100; a kick for each CPU, 200 each; the writer's own SMI comes when
 * the last kick is out; others react 400 later (300 if they run something); SMM and firmware entry
 * 1100. After it: firmware exit and RSM, 2200. */

#define NS(n) (INT64_C(1000) * (n))

static const trigger_record *trigger_of(const rig *g, uint64_t number, trigger_outcome outcome)
{
    assert_true(number < g->r.triggers);
    assert_int_equal(g->r.trigger[number].outcome, outcome);
    return &g->r.trigger[number];
}

/* All milestones in nanoseconds; 0 for those that did not happen. */
static void assert_milestones(const trigger_record *t, const int64_t expected[MILESTONE_COUNT])
{
    for (int m = 0; m < MILESTONE_COUNT; m++)
        if (t->at[m] != NS(expected[m]))
            fail_msg("%s: %lld ps, by hand %lld", milestone_names[m], (long long)t->at[m],
                     (long long)NS(expected[m]));
}

static void assert_phases(const trigger_record *t, const int64_t expected[PHASE_COUNT])
{
    int64_t phases[PHASE_COUNT];
    int64_t sum = 0;

    record_phases(t, phases);
    for (int p = 0; p < PHASE_COUNT; p++) {
        if (phases[p] != NS(expected[p]))
            fail_msg("%s: %lld ps, by hand %lld", phase_names[p], (long long)phases[p],
                     (long long)NS(expected[p]));
        sum += phases[p];
    }
    assert_int_equal(sum, t->at[AT_RESUMED] - t->at[AT_PORT_WRITE]);
}

static void assert_visit(const rig *g, uint64_t number, visit_record expected)
{
    const visit_record *v = &g->r.visit[number];

    assert_true(number < g->r.visits);
    assert_int_equal(v->cpu, expected.cpu);
    assert_int_equal(v->role, expected.role);
    assert_int_equal(v->via, expected.via);
    assert_int_equal(v->entered, NS(expected.entered));
    assert_int_equal(v->left, NS(expected.left));
    assert_int_equal(v->timeout1, expected.timeout1);
    assert_int_equal(v->timeout2, expected.timeout2);
}

/* CPU 0 writes 0xB2 at 100; kicks end at 300 (itself) and 500 (CPU 1, which reacts at 900).
 * CPU 0 enters at 500 and shares from 1600: R5 INS 1610, R7 load CNT 1620, CAS 1622 (1 in),
 *   R8 BUSY[0] 1632, R10 SWB 1642, hook 1692, BSP:=0 1702, role 1703, R11 1704, B1 INS:=1 1714,
 *   B2 PRE[0] 1724, B4 timer 1824 and 1924, CNT 1925 (1 of 2): polls every 105 from 1925.
 * CPU 1 shares from 2000: R5 2010 (inside), R7 2020, CAS 2022 (2 in); CPU 0's poll is at 2030.
 *   R8 2032, A1 timer 2132 and 2232, INS 2233 and again 2234.
 * CPU 0: CNT 2040, all in. AAX 2041, B5 CNT 2042, B7 CNT 2043, AAX 2044, B8 SYN:=1 2054,
 *   B9 load CNT 2064, lock 2066, k = 1. B10 RUN[0] 2076, 0: polls every 5.
 * CPU 1: A6 BSP 2244, PRE[1] 2254, A7 #1 RUN[0] 2264, CAS 2266. A8 RUN[1] 2276, 0.
 * CPU 0: poll 2266 (2076 + 38 * 5), RUN[0] 2276, CAS 2278. B11 #2 PRE[1] 2288, RUN[1] 2298,
 *   CAS 2300. B13 #7 RUN[0] 2301, 0.
 * CPU 1: poll 2301 (2276 + 25), 2311, CAS 2313. A11 #7 RUN[0] 2323, CAS 2325. A12 RUN[1] 2326, 0.
 * CPU 0: poll 2326 (2301 + 25), 2336, CAS 2338. B15 BUSY[0] 2339, CAS 2341: the handler begins,
 *   5000 + 1000, ends 8341. B17 PRE[1] 8342, BUSY[1] 8352, CAS 8354, free 8355. B22 INS:=0 8365.
 *   B23 #8 PRE[1] 8366, RUN[1] 8376, CAS 8378. B27 PRE[0] 8379. B28 #13 RUN[0] 8380, 0.
 * CPU 1: poll 8381 (2326 + 1211 * 5), 8391, CAS 8393. A13 INS 8403. A16 PRE[1] 8413.
 *   A17 RUN[0] 8423, CAS 8425. R12 SYN 8435, 1.
 * CPU 0: poll 8425 (8380 + 45), 8435, CAS 8437. B29 BSP 8447, B30 CNT:=0 8448, B31 SYN:=0 8458,
 *   B32 AAX 8459, R12 SYN 8460, out 10660.
 * CPU 1: poll 8460 (8435 + 25), SYN 8470, out 10670. */
static void broadcast_traditional_on_2_cpus(void **state)
{
    rig g;
    const trigger_record *t;

    (void)state;
    rig_run(&g, "0,smi,,,,0,\n", "sync.timeout1=100us sync.timeout2=50us");
    t = trigger_of(&g, 0, TRIGGER_SERVED);
    assert_milestones(t, (int64_t[MILESTONE_COUNT]){[AT_DELIVERED] = 500,
                                                    [AT_MAY_ENTER] = 500,
                                                    [AT_ENTERED] = 1600,
                                                    [AT_BSP_IN] = 1714,
                                                    [AT_ALL_IN] = 2040,
                                                    [AT_HANDLER] = 2341,
                                                    [AT_HANDLER_END] = 8341,
                                                    [AT_RELEASED] = 8460,
                                                    [AT_RESUMED] = 10660});
    assert_phases(t, (int64_t[PHASE_COUNT]){[PHASE_PORT] = 500,
                                            [PHASE_ENTRY] = 1100,
                                            [PHASE_BSP_WAIT] = 114,
                                            [PHASE_APS_WAIT] = 326,
                                            [PHASE_BARRIERS] = 301,
                                            [PHASE_HANDLER] = 6000,
                                            [PHASE_RELEASE] = 119,
                                            [PHASE_EXIT] = 2200});
    assert_int_equal(g.r.visits, 2);
    assert_visit(&g, 0, (visit_record){.cpu = 0, .role = VISIT_BSP, .entered = 500, .left = 10660});
    assert_visit(&g, 1, (visit_record){.cpu = 1, .role = VISIT_AP, .entered = 900, .left = 10670});
    assert_int_equal(t->last_out, NS(10670));
    assert_int_equal(t->skew, NS(400));
    assert_int_equal(g.r.round[0].aps, 1);
    assert_int_equal(g.r.stolen, NS(10160 + 9770));
    rig_free(&g);
}

/* 3 CPUs, CPU 2 waits for SIPI; timeouts 100 us and 50 us. Three kicks: CPU 0 enters at 700.
 * CPU 0 shares from 1800: B1 1914 and B2 1924 as above, 200 later. B4 timer 2024 (start), 2124.
 * CPU 1 shares from 2000: up to A8 as above: CAS of CNT 2022, A6 BSP 2244, A7 RUN[0] CAS 2266,
 *   RUN[1] 2276, 0.
 * CPU 0: CNT 2134 (2 of 3). Timeout 1 at 102024: poll 102094 (2134 + 952 * 105). AAX 102104,
 *   B5 CNT 102105, PRE[1] 102115, PRE[2] 102125, ICR 102145: the latch is set already.
 *   B6 timer 102245 (start), 102345, CNT 102346. Timeout 2 at 152245: poll 152326 (102346 +
 *   476 * 105). AAX 152327, B7 152328, AAX 152329, B8 152339, B9 152349, lock 152351, k = 1.
 *   B10 RUN[0] 152361 (1 since 2266), CAS 152363. B11 PRE[1] 152364, RUN[1] 152374, CAS 152376,
 *   PRE[2] 152377. B13 #7 RUN[0] 152378, 0.
 * CPU 1: poll 152376 (2276 + 30020 * 5), 152386, CAS 152388. A11 152398, CAS 152400.
 *   A12 RUN[1] 152401, 0.
 * CPU 0: poll 152403 (152378 + 25), 152413, CAS 152415. B15 152416, 152418: the handler, to
 *   158418. B17 PRE[1] 158419, BUSY[1] 158429, 158431, 158432, PRE[2] 158433. B22 158443.
 *   B23 PRE[1] 158444, RUN[1] 158454, CAS 158456, PRE[2] 158457. B27 158458. B28 158459, 0.
 * CPU 1: poll 158456 (152401 + 1211 * 5), 158466, 158468. A13 158478. A16 158488. A17 158498,
 *   CAS 158500. R12 158510, 1.
 * CPU 0: poll 158504 (158459 + 45), 158514, 158516. B29 158517 (nobody has read that line since
 *   AAX), B30 158518, B31 158528, B32 158529, R12 158530, out 160730.
 * CPU 1: poll 158530 (158510 + 20), 158540, out 160740. */
static void missing_ap_costs_both_timeouts_and_one_directed_smi(void **state)
{
    rig g;
    const trigger_record *t;

    (void)state;
    rig_run(&g, "0,smi,,,,0,\n",
            "cpus=3 cpus.blocked=last:1 sync.timeout1=100us sync.timeout2=50us");
    t = trigger_of(&g, 0, TRIGGER_SERVED);
    assert_milestones(t, (int64_t[MILESTONE_COUNT]){[AT_DELIVERED] = 700,
                                                    [AT_MAY_ENTER] = 700,
                                                    [AT_ENTERED] = 1800,
                                                    [AT_BSP_IN] = 1914,
                                                    [AT_APS_TIMEOUT1] = 102094,
                                                    [AT_APS_TIMEOUT2] = 152326,
                                                    [AT_ALL_IN] = 152418,
                                                    [AT_HANDLER] = 152418,
                                                    [AT_HANDLER_END] = 158418,
                                                    [AT_RELEASED] = 158530,
                                                    [AT_RESUMED] = 160730});
    assert_visit(&g, 0,
                 (visit_record){.cpu = 0,
                                .role = VISIT_BSP,
                                .entered = 700,
                                .left = 160730,
                                .timeout1 = 1,
                                .timeout2 = 1});
    assert_visit(&g, 1, (visit_record){.cpu = 1, .role = VISIT_AP, .entered = 900, .left = 160740});
    assert_int_equal(g.r.visits, 2);
    assert_int_equal(g.r.round[0].aps, 1);
    assert_int_equal(g.r.count.directed, 1);
    assert_int_equal(g.r.count.timeout1, 1);
    assert_int_equal(g.r.count.timeout2, 1);
    assert_int_equal(g.r.count.latched, 1);   /* the broadcast, at the blocked CPU */
    assert_int_equal(g.r.count.coalesced, 1); /* the directed SMI behind it */
    rig_free(&g);
}

/* The same, but CPU 2 is held until 120000 and then takes the SMI that waits for it.
 * CPU 0 up to B6 CNT 102346 and CPU 1 up to A8 as above.
 * CPU 2 shares from 121100: R5 121110, R7 121120, CAS 121122 (3 in). R8 121132, A1 timer 121232,
 *   121332, INS 121333, 121334.
 * CPU 0: poll 121141 (102346 + 179 * 105), CNT 121151: all in. AAX 121152, B7 121153, AAX 121154,
 *   B8 121164, B9 121174, lock 121176, k = 2. B10 RUN[0] 121186 (1), CAS 121188; again 121189, 0.
 * CPU 2: A6 BSP 121344, PRE[2] 121354, A7 RUN[0] 121364, CAS 121366. A8 RUN[2] 121376, 0.
 * CPU 0: poll 121369 (121189 + 180), 121379, CAS 121381. B11 PRE[1] 121382, RUN[1] 121392,
 *   CAS 121394, PRE[2] 121404, RUN[2] 121414, CAS 121416.
 * CPU 1: poll 121396 (2276 + 23824 * 5), 121406, CAS 121408. A11 RUN[0] 121418, CAS 121420.
 *   A12 RUN[1] 121421, 0.
 * CPU 0: B13 #7 RUN[0]: the line is CPU 1's until 121420: 121430 (1), CAS 121432; again:
 * CPU 2: poll 121416, 121426, CAS 121428. A11 RUN[0]: CPU 0's until 121432: 121442, CAS 121444.
 *   A12 RUN[2] 121445, 0.
 * CPU 0: RUN[0] is CPU 2's until 121444: 121454 (1), CAS 121456. B15 121457, 121459: the handler,
 *   to 127459. B17 PRE[1] 127460, BUSY[1] 127470, 127472, 127473, PRE[2] 127474, BUSY[2] 127484,
 *   127486, 127487. B22 127497. B23 PRE[1] 127498, RUN[1] 127508, CAS 127510, PRE[2] 127511,
 *   RUN[2] 127521, CAS 127523. B27 127524. B28 127525, 0.
 * CPU 1: poll 127511 (121421 + 1218 * 5), 127521, 127523. A13 127533. A16 127543. A17 127553,
 *   CAS 127555. R12 127565, 1.
 * CPU 2: poll 127525 (121445 + 1216 * 5), 127535, 127537. A13 127547. A16 127557. A17: RUN[0] is
 *   CPU 0's from 127555 to 127567: 127577, CAS 127579. R12 127589, 1.
 * CPU 0: poll 127555 (127525 + 30), 127565, CAS 127567; RUN[0] is CPU 2's until 127579: 127589,
 *   CAS 127591. B29 127601, B30 127602, B31 127612, B32 127613, R12 127614, out 129814.
 * CPU 1: poll 127615 (127565 + 50), 127625, out 129825.
 * CPU 2: poll 127614 (127589 + 25), 127624, out 129824. */
static void late_ap_is_waited_for_beyond_timeout_1(void **state)
{
    rig g;
    const trigger_record *t;

    (void)state;
    rig_run(&g, "0,smi,,,,0,\n1,hold,120us,,,2,\n",
            "cpus=3 sync.timeout1=100us sync.timeout2=50us");
    t = trigger_of(&g, 0, TRIGGER_SERVED);
    assert_milestones(t, (int64_t[MILESTONE_COUNT]){[AT_DELIVERED] = 700,
                                                    [AT_MAY_ENTER] = 700,
                                                    [AT_ENTERED] = 1800,
                                                    [AT_BSP_IN] = 1914,
                                                    [AT_APS_TIMEOUT1] = 102094,
                                                    [AT_ALL_IN] = 121151,
                                                    [AT_HANDLER] = 121459,
                                                    [AT_HANDLER_END] = 127459,
                                                    [AT_RELEASED] = 127614,
                                                    [AT_RESUMED] = 129814});
    assert_visit(
        &g, 0,
        (visit_record){.cpu = 0, .role = VISIT_BSP, .entered = 700, .left = 129814, .timeout1 = 1});
    assert_visit(&g, 1, (visit_record){.cpu = 1, .role = VISIT_AP, .entered = 900, .left = 129825});
    assert_visit(&g, 2,
                 (visit_record){.cpu = 2, .role = VISIT_AP, .entered = 120000, .left = 129824});
    assert_int_equal(g.r.round[0].aps, 2);
    assert_int_equal(g.r.count.directed, 1);
    assert_int_equal(g.r.count.coalesced, 1); /* the directed SMI met the broadcast one */
    assert_int_equal(t->skew, NS(120000 - 700));
    rig_free(&g);
}

/* Unicast, relaxed, on the BSP. No kicks: delivered at 100, shares from 1200.
 * B1 1314, B2 1324, B15 BUSY[0] 1325, CAS 1327: the handler, to 7327. B17 PRE[1] 7337, absent.
 * B19 SYN:=1 7347. B20 CNT 7348, lock 7350, k = 0. B21 PRE[0] 7351, PRE[1] 7352. B22 7353.
 * B23 PRE[1] 7354. B27 7355, B29 7356, B30 7357, B31 7358, B32 7359, R12 7360, out 9560. */
static void relaxed_unicast_on_the_bsp_waits_for_nobody(void **state)
{
    rig g;
    const trigger_record *t;

    (void)state;
    rig_run(&g, "0,smi,,,,0,\n", "smi.delivery=unicast");
    t = trigger_of(&g, 0, TRIGGER_SERVED);
    assert_milestones(t, (int64_t[MILESTONE_COUNT]){[AT_DELIVERED] = 100,
                                                    [AT_MAY_ENTER] = 100,
                                                    [AT_ENTERED] = 1200,
                                                    [AT_BSP_IN] = 1314,
                                                    [AT_ALL_IN] = 1327,
                                                    [AT_HANDLER] = 1327,
                                                    [AT_HANDLER_END] = 7327,
                                                    [AT_RELEASED] = 7360,
                                                    [AT_RESUMED] = 9560});
    assert_int_equal(g.r.visits, 1);
    assert_int_equal(g.r.round[0].aps, 0);
    assert_int_equal(t->last_out, NS(9560));
    assert_int_equal(t->skew, 0);
    rig_free(&g);
}

/* Unicast on an AP, the BSP is fixed (edk2-2017), timeout 100 us.
 * CPU 1 shares from 1200: R5 1210, R7 1220, CAS 1222, R8 1232, R10 BSP 1242 (0). A1 timer 1342
 *   (start), 1442, INS 1443, 0: polls every 105. Timeout 1 at 101342: poll 101403 (1443 +
 *   952 * 105). A1 INS 101404, A2' BSP 101405, ICR 101425: CPU 0 reacts at 101425 + 600 + 400.
 *   A3 timer 101525 (start), 101625, INS 101626, 0.
 * CPU 0 enters at 102425, shares from 103525: R5 103535, R7 103545, CAS 103547, R8 103557, R10 BSP
 *   103567. B1 INS:=1 103577, B2 103587, B15 CAS of BUSY[0] without a load: 1 + 2, 103590: the
 *   handler, to 109590.
 * CPU 1: poll 103621 (101626 + 19 * 105), INS 103631, 103632, A6 BSP 103633, PRE[1] 103643,
 *   A12 RUN[1] 103653, 0.
 * CPU 0: B17 PRE[1] 109600, BUSY[1] 109610, 109612, 109613. B19 109623. B20 109624, 109626, k = 1.
 *   B21 109627, 109628. B22 109638. B23 PRE[1] 109639, RUN[1] 109649, CAS 109651. B25 #11 RUN[0]
 *   109661, 0.
 * Semaphores are polled without PAUSE in this version: every 1.
 * CPU 1: poll 109651 (103653 + 5998), 109661, 109663. A13 109673. A15 #11 RUN[0] 109683,
 *   CAS 109685; #12 RUN[1] 109686, 0.
 * CPU 0: poll 109685 (109661 + 24), 109695, 109697. #12 PRE[1] 109698, RUN[1] 109708, CAS 109710.
 *   B27 109711. B28 109712, 0.
 * CPU 1: poll 109710 (109686 + 24), 109720, 109722. A16 109732. A17 109742, CAS 109744.
 *   R12 109754, 1.
 * CPU 0: poll 109744 (109712 + 32), 109754, 109756. B30 109757, B31 109767, R12 109768, out 111968.
 * CPU 1: poll 109769 (109754 + 3 * 5, with PAUSE), 109779, out 111979. */
static void unicast_on_an_ap_fetches_a_fixed_bsp(void **state)
{
    rig g;
    const trigger_record *t;

    (void)state;
    rig_run(&g, "0,smi,,,,1,\n", "protocol=edk2-2017 smi.delivery=unicast sync.timeout1=100us");
    t = trigger_of(&g, 0, TRIGGER_SERVED);
    assert_milestones(t, (int64_t[MILESTONE_COUNT]){[AT_DELIVERED] = 100,
                                                    [AT_MAY_ENTER] = 100,
                                                    [AT_ENTERED] = 1200,
                                                    [AT_BSP_TIMEOUT1] = 101403,
                                                    [AT_BSP_IN] = 103577,
                                                    [AT_ALL_IN] = 103590,
                                                    [AT_HANDLER] = 103590,
                                                    [AT_HANDLER_END] = 109590,
                                                    [AT_RELEASED] = 109779,
                                                    [AT_RESUMED] = 111979});
    assert_phases(t, (int64_t[PHASE_COUNT]){[PHASE_PORT] = 100,
                                            [PHASE_ENTRY] = 1100,
                                            [PHASE_BSP_TIMEOUT1] = 100203,
                                            [PHASE_BSP_WAIT] = 2174,
                                            [PHASE_APS_WAIT] = 13,
                                            [PHASE_HANDLER] = 6000,
                                            [PHASE_RELEASE] = 189,
                                            [PHASE_EXIT] = 2200});
    assert_visit(
        &g, 0,
        (visit_record){.cpu = 1, .role = VISIT_AP, .entered = 100, .left = 111979, .timeout1 = 1});
    assert_visit(
        &g, 1,
        (visit_record){
            .cpu = 0, .role = VISIT_BSP, .via = VIA_DIRECTED, .entered = 102425, .left = 111968});
    assert_int_equal(t->skew, NS(102425 - 100));
    assert_int_equal(g.r.count.directed, 1);
    assert_int_equal(g.r.round[0].aps, 1);
    rig_free(&g);
}

/* The same with the BSP elected by the platform hook (edk2-head): nobody is BSP, the AP gives up.
 * R5 1210, R7 1220, 1222, R8 1232, R10 SWB 1242, hook 1292, BSP 1293 (nobody). A1 timer 1393
 * (start), 1493, INS 1494. Timeout 1 at 101393: poll 101454 (1494 + 952 * 105). INS 101455,
 * A2' BSP 101456, A4' CNT 101457, CAS 101459. R12 SYN 101469, out 103669. */
static void unicast_on_an_ap_is_lost_when_the_bsp_is_elected(void **state)
{
    rig g;
    const trigger_record *t;

    (void)state;
    rig_run(&g, "0,smi,,,,1,\n", "smi.delivery=unicast sync.timeout1=100us");
    t = trigger_of(&g, 0, TRIGGER_LOST);
    assert_milestones(t, (int64_t[MILESTONE_COUNT]){[AT_DELIVERED] = 100,
                                                    [AT_MAY_ENTER] = 100,
                                                    [AT_ENTERED] = 1200,
                                                    [AT_BSP_TIMEOUT1] = 101454,
                                                    [AT_RELEASED] = 101469,
                                                    [AT_RESUMED] = 103669});
    assert_phases(t, (int64_t[PHASE_COUNT]){[PHASE_PORT] = 100,
                                            [PHASE_ENTRY] = 1100,
                                            [PHASE_BSP_TIMEOUT1] = 100254,
                                            [PHASE_RELEASE] = 15,
                                            [PHASE_EXIT] = 2200});
    assert_int_equal(t->abandoned, 1);
    assert_int_equal(t->round, RECORD_NONE);
    assert_int_equal(g.r.rounds, 0);
    assert_int_equal(g.r.count.directed, 0);
    rig_free(&g);
}

/* Two writers, the second before it takes the first one's SMI.
 * CPU 0 writes at 100: its kicks end at 500, CPU 1 would react at 900. CPU 1 begins its write at
 * 200 and ends it at 300; its kicks end at 700, and it takes the SMI then. CPU 0's second SMI finds
 * the first one pending.
 * CPU 0 shares from 1600: B1 1714, B2 1724, B4 timer 1824, 1924.
 * CPU 1 shares from 1800: R5 1810, R7 1820, CAS 1822, R8 1832, A1 timer 1932, 2032, INS 2033, 2034.
 * CPU 0: CNT 1934 (2), all in. AAX 1935, B5 1936, B7 1937, AAX 1938, B8 1948, B9 1958, lock 1960.
 *   B10 RUN[0] 1970, 0.
 * CPU 1: A6 BSP 2044, PRE[1] 2054, A7 RUN[0] 2064, CAS 2066. A8 2076, 0.
 * CPU 0: poll 2070 (1970 + 100), 2080, 2082. B11 PRE[1] 2092, RUN[1] 2102, CAS 2104. B13 2105, 0.
 * CPU 1: poll 2106 (2076 + 30), 2116, 2118. A11 2128, CAS 2130. A12 2131, 0.
 * CPU 0: poll 2130 (2105 + 25), 2140, 2142. B15 2143, 2145: the handler with two requests,
 *   5000 + 2000, to 9145. B17 9146, 9156, 9158, 9159. B22 9169. B23 9170, 9180, CAS 9182. B27 9183.
 *   B28 9184, 0.
 * CPU 1: poll 9186 (2131 + 1411 * 5), 9196, 9198. A13 9208. A16 9218. A17 9228, CAS 9230.
 *   R12 9240, 1.
 * CPU 0: poll 9234 (9184 + 50), 9244, 9246. B29 9256, B30 9257, B31 9267, B32 9268, R12 9269,
 *   out 11469.
 * CPU 1: poll 9270 (9240 + 30), 9280, out 11480. */
static void second_trigger_before_entry_coalesces_and_both_are_served(void **state)
{
    rig g;
    const trigger_record *first, *second;

    (void)state;
    rig_run(&g, "0,smi,,,,0,\n1,smi,,,200ns,1,\n", "sync.timeout1=100us sync.timeout2=50us");
    first = trigger_of(&g, 0, TRIGGER_SERVED);
    second = trigger_of(&g, 1, TRIGGER_SERVED);
    assert_int_equal(g.r.rounds, 1);
    assert_int_equal(first->round, 0);
    assert_int_equal(second->round, 0);
    assert_int_equal(first->coalesced, 0);
    assert_int_equal(second->coalesced, 1);
    assert_int_equal(g.r.count.coalesced, 2); /* one at each CPU */
    assert_int_equal(g.r.count.latched, 0);
    assert_phases(first, (int64_t[PHASE_COUNT]){[PHASE_PORT] = 500,
                                                [PHASE_ENTRY] = 1100,
                                                [PHASE_BSP_WAIT] = 114,
                                                [PHASE_APS_WAIT] = 220,
                                                [PHASE_BARRIERS] = 211,
                                                [PHASE_HANDLER] = 7000,
                                                [PHASE_RELEASE] = 124,
                                                [PHASE_EXIT] = 2200});
    assert_int_equal(second->at[AT_PORT_WRITE], NS(200));
    /* the BSP was in at 1714, before this CPU shared anything at 1800 */
    assert_phases(second, (int64_t[PHASE_COUNT]){[PHASE_PORT] = 500,
                                                 [PHASE_ENTRY] = 1100,
                                                 [PHASE_APS_WAIT] = 134,
                                                 [PHASE_BARRIERS] = 211,
                                                 [PHASE_HANDLER] = 7000,
                                                 [PHASE_RELEASE] = 135,
                                                 [PHASE_EXIT] = 2200});
    assert_int_equal(second->last_out, NS(11480));
    assert_int_equal(second->skew, NS(200));
    rig_free(&g);
}

/* Two writers, the second while the handler runs: relaxed mode, and CPU 1 takes 20 us to react, so
 * that it still runs. CPU 0 enters at 500, shares from 1600, B1 1714, B2 1724, B15 1725, 1727: the
 * handler, to 7727. CPU 1 computes until 3000 and writes until 3100; its kicks end at 3500: CPU 0
 * is in SMM and latches one SMI, CPU 1 takes the one that was on its way.
 * CPU 1 shares from 4600: R5 4610, R7 4620, 4622, R8 4632, A1 timer 4732, 4832, INS 4833, 4834,
 *   A6 BSP 4844, PRE[1] 4854, A12 RUN[1] 4864, 0.
 * CPU 0: B17 PRE[1] 7737, BUSY[1] 7747, 7749, 7750. B19 7760. B20 CNT 7770, lock 7772, k = 1.
 *   B21 7773, 7774. B22 7784. B23 7785, 7795, CAS 7797. B27 7798. B28 RUN[0] 7808, 0.
 * CPU 1: poll 7799 (4864 + 587 * 5), 7809, 7811. A13 7821. A16 7831. A17 7841, CAS 7843.
 *   R12 7853, 1.
 * CPU 0: poll 7843 (7808 + 35), 7853, 7855. B29 7865, B30 7866, B31 7876, B32 7877, R12 7878,
 *   out 10078, and in again.
 * CPU 1: poll 7878 (7853 + 25), 7888, out 10088: its request was not seen by any handler.
 * CPU 0 shares from 11178: R5 11179, R7 11180, 11182, R8 11183, R10 SWB 11184, hook 11234, BSP
 *   11235, role 11236, R11 11237, B1 11247, B2 11248, B15 11249, 11251: the handler with CPU 1's
 *   request, to 17251. B17 17261. B19 17271. B20 17272, 17274, k = 0. B21 17275, 17276. B22 17277.
 *   B23 17278. B27 17279, B29 17280, B30 17281, B31 17282, B32 17283, R12 17284, out 19484. */
static void second_trigger_during_the_handler_is_latched_and_served_late(void **state)
{
    rig g;
    const trigger_record *first, *second;

    (void)state;
    rig_run(&g, "0,smi,,,,0,\n1,compute,3us,,,1,\n1,smi,,,,1,\n",
            "sync.mode=relaxed smi.travel=20us");
    first = trigger_of(&g, 0, TRIGGER_SERVED);
    second = trigger_of(&g, 1, TRIGGER_LATE);
    assert_int_equal(g.r.count.latched, 1);
    assert_int_equal(g.r.count.coalesced, 1);
    assert_int_equal(g.r.rounds, 2);
    assert_int_equal(first->round, 0);
    assert_int_equal(first->visits, 2);
    assert_int_equal(second->round, 1);
    assert_int_equal(second->visits, 1);
    assert_int_equal(g.r.round[0].aps, 1);
    assert_int_equal(g.r.round[1].aps, 0);
    assert_phases(first, (int64_t[PHASE_COUNT]){[PHASE_PORT] = 500,
                                                [PHASE_ENTRY] = 1100,
                                                [PHASE_BSP_WAIT] = 114,
                                                [PHASE_APS_WAIT] = 13,
                                                [PHASE_HANDLER] = 6000,
                                                [PHASE_RELEASE] = 9557,
                                                [PHASE_EXIT] = 2200});
    assert_int_equal(second->at[AT_PORT_WRITE], NS(3000));
    assert_phases(
        second,
        (int64_t[PHASE_COUNT]){
            [PHASE_PORT] = 500, [PHASE_ENTRY] = 1100, [PHASE_RELEASE] = 3288, [PHASE_EXIT] = 2200});
    assert_visit(&g, 0, (visit_record){.cpu = 0, .role = VISIT_BSP, .entered = 500, .left = 10078});
    assert_visit(&g, 1, (visit_record){.cpu = 1, .role = VISIT_AP, .entered = 3500, .left = 10088});
    assert_visit(
        &g, 2,
        (visit_record){
            .cpu = 0, .role = VISIT_BSP, .via = VIA_LATCH, .entered = 10078, .left = 19484});
    assert_int_equal(first->last_out, NS(10088));
    assert_int_equal(second->last_out, NS(19484));
    assert_int_equal(second->skew, 0);
    rig_free(&g);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(broadcast_traditional_on_2_cpus),
        cmocka_unit_test(missing_ap_costs_both_timeouts_and_one_directed_smi),
        cmocka_unit_test(late_ap_is_waited_for_beyond_timeout_1),
        cmocka_unit_test(relaxed_unicast_on_the_bsp_waits_for_nobody),
        cmocka_unit_test(unicast_on_an_ap_fetches_a_fixed_bsp),
        cmocka_unit_test(unicast_on_an_ap_is_lost_when_the_bsp_is_elected),
        cmocka_unit_test(second_trigger_before_entry_coalesces_and_both_are_served),
        cmocka_unit_test(second_trigger_during_the_handler_is_latched_and_served_late),
    };

    return cmocka_run_group_tests_name("timeline", tests, scratch_enter, scratch_leave);
}
