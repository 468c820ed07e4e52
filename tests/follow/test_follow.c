/* SPDX-License-Identifier: Apache-2.0 */
/* test_follow: the window of a schedule in time is what single runs say, to the picosecond. */
#include "models/protocol/edk2.h"
#include "tests/rig.h"
#include "models/follow/follow.h"
#include "models/follow/scan.h"
#include "sim/lib/units.h"

#define HANG "p0 e0 0*6 e1 1*7 t1 1*2 0*14 1"           /* docs/EXPLORE.md, finding 1 */
#define LOST "p1 e1 1*7 t1 1*6"                         /* finding 3 */
#define RACE_HANG "p0 e0 0*9 e1 1*7 t1 1*3 t1 1 0*11 1" /* with race election */
#define DOOR "p0 e0 0*27 e1 1*18 0 1*2"                 /* finding 5 */
#define ALL_IN "p0 e0 0*6 e1 1*7 t1 1*2 0*11 1*3 0*7 1"
#define PROMISE "p0 e0 0*17 e1 1*3 0*6" /* finding 6 */
#define BARRED "p0 e0 0*12 t0 0*4 t0 0*20 p1 e1 1*2 0*5 1*2 e0 0*7 t0 0*6"
#define SWITCHED "p0 e0 0*12 t0 0*4 t0 0*25 p0 e0 0*7 e1 1*8 t0 0*6 t1 1*6" /* finding 8 */
/* timeouts short: a scan is as long as they are */
#define SHORT "sync.timeout1=1ms sync.timeout2=1ms"

/* Scans of the same kind as those of other tests, which take the sanitizers ten seconds. */
static void not_with_sanitizers(void)
{
#ifdef __SANITIZE_ADDRESS__
    skip();
#endif
}

static sim_status follow_as(const follow_request *request, const char *settings, char *text,
                            size_t size)
{
    FILE *out = fmemopen(text, size, "w");
    sim_err err = {""};
    sim_status s;
    rig g;

    assert_non_null(out);
    rig_load(&g, "0,smi,,,,0,\n", settings);
    s = follow_run(&g.e.setup, request, out, &err);
    assert_int_equal(fclose(out), 0);
    if (err.text[0])
        (void)snprintf(text, size, "%s", err.text);
    rig_free(&g);
    return s;
}

static sim_status follow(const char *schedule, const char *settings, char *text, size_t size)
{
    return follow_as(
        &(follow_request){.schedule = schedule, .property = -1, .seed = 1, .repetitions = 1},
        settings, text, size);
}

/* The picoseconds of "from 1.5 ns to 2.25 s, " behind `mark`. */
static void read_range(const char *text, const char *mark, int64_t range[2])
{
    const char *at = strstr(text, mark);
    sim_err err;

    assert_non_null(at);
    at += strlen(mark);
    assert_memory_equal(at, "from ", 5);
    at += 5;
    for (int i = 0; i < 2; i++) {
        const char *end = strstr(at, i ? ", " : " to ");
        char word[40];

        assert_non_null(end);
        (void)snprintf(word, sizeof word, "%.*s", (int)(end - at), at);
        assert_int_equal(units_parse(UNIT_TIME, word, &range[i], &err), SIM_OK);
        at = end + 4;
    }
}

/* One SMI by CPU 0, which is held besides; is there a handler behind a door that is open? */
typedef struct {
    const rig *g;
    uint32_t cnt, syn;
    int hit, steps;
    int64_t step27;
} door_watch;

static void watch_the_door(void *self, const machine_event *e)
{
    door_watch *w = self;
    const step_request *r = e->request;

    if (r && e->cpu == 0 && r->op != STEP_ASK && ++w->steps == 26) /* the 27th without ASK */
        w->step27 = e->at;
    if (!r || (r->op != STEP_STORE && (r->op != STEP_CAS || e->result.value != r->a)))
        return;
    if (r->word == EDK2_CNT)
        w->cnt = r->op == STEP_STORE ? r->a : r->b;
    if (r->word == EDK2_SYN)
        w->syn = r->a;
    w->hit |= w->cnt == EDK2_LOCKED && !w->syn;
}

/* `held` after the step of CPU 0 that opens the door; 0: not at all. Gives when that step was. */
static int64_t run_door(int64_t from, int64_t held, const char *settings, int *hit)
{
    char rows[200];
    door_watch w = {0};
    const machine_observer observer = {watch_the_door, &w};
    rig g;

    (void)snprintf(rows, sizeof rows,
                   "0,smi,,,1ms,0,\n1,hold,%lldps,,%lldps,0,\n2,hold,0,,5ms,1,\n", (long long)held,
                   (long long)from);
    rig_load(&g, rows, settings);
    machine_run(g.m, 1, 0, &g.r, &observer); /* not watched: that the door breaks is the point */
    rig_free(&g);
    *hit = w.hit;
    return w.step27;
}

/* CPU 0 is late, CPU 1 is held for 100 us from then on; does the machine hang? */
static int hangs(int64_t late, int64_t from)
{
    char rows[200];
    int hang;
    rig g;

    (void)snprintf(rows, sizeof rows,
                   "0,smi,,,1ms,1,\n1,hold,%lldps,,1ms,0,\n2,hold,100us,,%lldps,1,\n",
                   (long long)late, (long long)from);
    rig_run(&g, rows, SHORT);
    hang = (int)g.r.count.hang;
    rig_free(&g);
    return hang;
}

static int64_t timeout_of_the_ap(int64_t late)
{
    char rows[100];
    int64_t at;
    rig g;

    (void)snprintf(rows, sizeof rows, "0,smi,,,1ms,1,\n1,hold,%lldps,,1ms,0,\n", (long long)late);
    rig_run(&g, rows, SHORT);
    at = g.r.trigger[0].at[AT_BSP_TIMEOUT1];
    rig_free(&g);
    return at;
}

static void window_of_the_hang_is_exact(void **state)
{
    char text[8000];
    int64_t hold[2], late[2], middle, timeout;
    const char *at;

    (void)state;
    assert_int_equal(follow(HANG, SHORT, text, sizeof text), SIM_FINDING);
    assert_non_null(strstr(text, "a schedule that violates no-deadlock"));
    assert_non_null(strstr(text, "CPU 1 triggers, CPU 0 is late by 0 to "));
    at = strstr(text, "and CPU 1 held for 100 us: YES");
    assert_non_null(at);
    read_range(at, "the hold begins after its timeout ", hold);
    read_range(at, "CPU 0 is late ", late);
    middle = late[0] + (late[1] - late[0]) / 2;
    timeout = timeout_of_the_ap(middle);
    assert_true(hangs(middle, timeout + hold[0]) && hangs(middle, timeout + hold[1]));
    assert_false(hangs(middle, timeout + hold[0] - 1) || hangs(middle, timeout + hold[1] + 1));
    timeout += hold[0] + (hold[1] - hold[0]) / 2;
    assert_true(hangs(late[0], timeout) && hangs(late[1], timeout));
    assert_false(hangs(late[0] - 1, timeout) || hangs(late[1] + 1, timeout));
    assert_true(late[1] - late[0] > 90 * PS_PER_US);
    assert_non_null(strstr(text, "and CPU 0 held for 100 us: not seen")); /* the AP late: no */
}

/* CPU 1 comes while the door is open and AllCpusInSync is still set: finding 5. */
static void a_hold_between_two_stores_is_answered_with_its_range(void **state)
{
    static const char *const settings[] = {
        SHORT " bsp.election=race sync.mode=relaxed cpu.cstate_exit=40us",
        SHORT " bsp.election=race sync.mode=relaxed smi.delivery=hardware firmware=stock "
              "cpu.cstate_exit=40us"};
    static const char *const triggers[] = {"  CPU 0 triggers, ", "  hardware triggers, "};

    (void)state;
    for (int i = 0; i < 2; i++) {
        char text[8000], mark[100];
        int64_t held[2], step;
        const char *at;
        int hit;

        assert_int_equal(follow(DOOR, settings[i], text, sizeof text), SIM_FINDING);
        (void)snprintf(mark, sizeof mark, "%sCPU 0 is held inside SMM after its step 27, B30, ",
                       triggers[i]);
        at = strstr(text, mark);
        assert_non_null(at);
        at = strstr(at, "YES, ");
        assert_non_null(at);
        read_range(at, "YES, ", held);
        step = run_door(5 * PS_PER_MS, 0, settings[i], &hit) + 1;
        assert_false(hit);
        for (int side = 0; side < 2; side++) {
            (void)run_door(step, held[side], settings[i], &hit);
            assert_true(hit);
            (void)run_door(step, held[side] + 2 * side - 1, settings[i], &hit);
            assert_false(hit);
        }
    }
}

static void a_bsp_held_inside_for_its_timeouts_hangs_the_machine(void **state)
{
    char text[8000];
    const char *at;
    int64_t held[2];

    (void)state;
    not_with_sanitizers();
    assert_int_equal(follow(RACE_HANG, SHORT " bsp.election=race", text, sizeof text), SIM_FINDING);
    at = strstr(text, "CPU 0 is held inside SMM after its step 9, R11, for 0 to ");
    assert_non_null(at);
    at = strstr(at, "and CPU 1 held for 10 us: YES");
    assert_non_null(at);
    assert_non_null(strstr(at, "the hold begins after its step 13, A3, "));
    read_range(at, "CPU 0 is held ", held);
    assert_true(held[0] > 2 * PS_PER_MS && held[1] < 2 * PS_PER_MS + 100 * PS_PER_US);
}

static void early_bsp_window_needs_a_long_handler(void **state)
{
    char text[8000];

    (void)state;
    not_with_sanitizers();
    assert_int_equal(follow(ALL_IN, SHORT " handler.smi=1ns", text, sizeof text), SIM_FINDING);
    assert_int_equal(
        follow(ALL_IN, SHORT " handler.smi=1ns handler.dispatch=1ns", text, sizeof text), SIM_OK);
    assert_non_null(strstr(text, "NOT SEEN within the delays above"));
}

static void lost_smi_needs_no_delay(void **state)
{
    char text[8000];

    (void)state;
    assert_int_equal(follow(LOST, SHORT " smi.delivery=unicast", text, sizeof text), SIM_FINDING);
    assert_non_null(strstr(text, "): YES, from 0 to "));
}

static void fixed_election_serves_it(void **state)
{
    char text[8000];

    (void)state; /* the schedule is none of that election's */
    assert_int_equal(
        follow(LOST, SHORT " smi.delivery=unicast bsp.election=fixed", text, sizeof text),
        SIM_BAD_INPUT);
    assert_non_null(strstr(text, "schedule: the model diverges"));
}

/* CPU 1 triggers `after` CPU 0 did: how many SMIs are lost? */
static uint64_t lost_when_second_comes(int64_t after, const char *settings)
{
    char rows[200];
    uint64_t lost;
    rig g;

    (void)snprintf(rows, sizeof rows, "0,smi,,,1ms,0,\n1,smi,,,%lldps,1,\n2,hold,0,,5ms,1,\n",
                   (long long)(after + PS_PER_MS));
    rig_load(&g, rows, settings);
    machine_run(g.m, 1, 0, &g.r, NULL);
    lost = g.r.count.lost;
    rig_free(&g);
    return lost;
}

/* Finding 4: the second SMI must come while the handler runs. */
static void a_second_trigger_is_lost_behind_the_door(void **state)
{
    static const char settings[] =
        SHORT " smi.delivery=unicast sync.mode=relaxed bsp.election=fixed handler.smi=10us";
    char text[8000];
    int64_t window[2];

    (void)state;
    assert_int_equal(follow("p0 e0 0*21 p1 e1 1*2 0*5 1*2", settings, text, sizeof text),
                     SIM_FINDING);
    read_range(text, "YES, ", window);
    assert_true(window[1] - window[0] > 1000000 && window[1] - window[0] < 20000000);
    assert_int_equal(lost_when_second_comes(window[0] - 1, settings), 0);
    assert_int_equal(lost_when_second_comes(window[0], settings), 1);
    assert_int_equal(lost_when_second_comes(window[1], settings), 1);
    assert_int_equal(lost_when_second_comes(window[1] + 1, settings), 0);
    /* the BSP fetches CPU 1 before it waits for the last time */
    assert_int_equal(follow("p0 e0 0*8 t0 0*4 t0 0*16 p1 e1 1*2 0*5 1*2",
                            SHORT " smi.delivery=unicast sync.mode=traditional bsp.election=fixed",
                            text, sizeof text),
                     SIM_OK);
}

/* ---- what a handler asks for ------------------------------------------------------------ */

/* Looks for one thing at each step, in words that are kept apart from those of follow. */
typedef struct {
    rig g;
    int hit;
} looker;

static void look_at_promise(void *self, const machine_event *e)
{
    looker *l = self;

    if (e->request && e->result.value && e->row > 0 &&
        strchr("V", l->g.e.setup.protocol->rows[e->row].name[0]))
        l->hit |= !watch_word(&l->g.w, EDK2_PRE, 0) || !watch_word(&l->g.w, EDK2_PRE, 1);
}

static void look_at_lock(void *self, const machine_event *e)
{
    looker *l = self;
    const char *row = l->g.e.setup.protocol->rows[e->row].id;

    if (e->request && strcmp(row, "A13") == 0 && e->request->word == EDK2_INS && e->result.value)
        l->hit |= watch_word(&l->g.w, EDK2_BUSY, e->cpu) != EDK2_HELD;
}

static void look_at_nothing(void *self, const machine_event *e)
{
    (void)self;
    (void)e;
}

typedef void (*look)(void *self, const machine_event *e);

/* An SMI by CPU 0 with CPU `late` held by so much from then on: is what `see` looks for there, or
 * anything wrong? */
static int late_run(look see, int cpu, int64_t late, const char *settings)
{
    char rows[200];
    looker l = {.hit = 0};
    const machine_observer observer = {see, &l};
    const machine_observer *both;

    (void)snprintf(rows, sizeof rows, "0,smi,,,1ms,0,\n1,hold,%lldps,,1ms,%d,\n2,hold,0,,5ms,0,\n",
                   (long long)late, cpu);
    rig_load(&l.g, rows, settings);
    both = watch_on(&l.g.w, &l.g.e.setup);
    l.g.w.also = &observer;
    machine_run(l.g.m, 1, 0, &l.g.r, both);
    l.hit |= watch_off(&l.g.w)[0] != 0;
    rig_free(&l.g);
    return l.hit;
}

/* The range that was found, at both of its ends. */
static void assert_late_range(const int64_t late[2], int cpu, look see, const char *settings)
{
    assert_true(late[0] > 0 && late[0] <= late[1]);
    assert_true(late_run(see, cpu, late[0], settings) && late_run(see, cpu, late[1], settings));
    assert_false(late_run(see, cpu, late[0] - 1, settings));
    assert_false(late_run(see, cpu, late[1] + 1, settings));
}

static void a_promise_is_broken_from_when_the_handler_asks(void **state)
{
    static const char settings[] = SHORT " sync.mode=relaxed handler.services=rendezvous";
    char text[8000];
    int64_t late[2];
    const char *at;

    (void)state;
    assert_int_equal(follow(PROMISE, settings, text, sizeof text), SIM_FINDING);
    assert_non_null(strstr(text, "a schedule that violates rendezvous-true"));
    at = strstr(text, "CPU 1 is late (0 to ");
    assert_non_null(at);
    read_range(at, "YES, ", late);
    assert_late_range(late, 1, look_at_promise, settings);
    at = strstr(at, "      and "); /* behind timeout 1 once more */
    assert_non_null(at);
    read_range(at, "      and ", late);
    assert_late_range(late, 1, look_at_promise, settings);
}

/* Only the scan of follow in which CPU 2 is late: all of it takes seconds for three CPUs. */
static void scan_lateness(int property, const char *settings, int64_t late[2])
{
    follow_try *f = sim_alloc(1, sizeof *f);
    follow_scan *s = sim_alloc(1, sizeof *s);
    rig g;

    rig_load(&g, "0,smi,,,,0,\n", settings);
    follow_try_init(f, &g.e.setup, -1);
    f->property = property;
    f->seed = 1;
    f->late = 2;
    s->fixed = (follow_delays){.late_from = FOLLOW_START};
    s->what = FOLLOW_LATE;
    s->to = 2 * PS_PER_MS;
    follow_scan_run(f, s);
    assert_true(follow_scan_widest(s, &late[0], &late[1]));
    follow_try_free(f);
    rig_free(&g);
    free(s);
    free(f);
}

static void an_ap_between_two_passes_is_woken_without_its_lock(void **state)
{
    static const char settings[] = SHORT " cpus=3 sync.mode=relaxed handler.services=jobs";
    int64_t late[2];

    (void)state;
    scan_lateness(RULE_JOB_HELD, settings, late);
    assert_late_range(late, 2, look_at_lock, settings);
}

/* It is still in its platform hook when the BSP is done. */
static void an_ap_in_a_long_hook_drops_the_job_it_was_handed(void **state)
{
    static const char settings[] = SHORT " cpus=3 sync.mode=relaxed handler.services=jobs "
                                         "firmware.platform_hook=20us job.work=1us";
    int64_t late[2];

    (void)state;
    scan_lateness(RULE_CLEAN, settings, late);
    assert_late_range(late, 2, look_at_nothing, settings);
}

static void after_a_switch_of_the_bsp_every_smi_is_lost(void **state)
{
    static const char settings[] = SHORT " handler.services=switch:1";
    char text[8000];
    int64_t again[2];

    (void)state;
    assert_int_equal(follow(SWITCHED, settings, text, sizeof text), SIM_FINDING);
    read_range(text, "CPU 0 triggers, and again after 0 to 4 ms: YES, ", again);
    assert_true(again[0] == 0 && again[1] == 4 * PS_PER_MS);
    for (int i = 0; i < 3; i++) {
        char rows[100];
        rig g;

        (void)snprintf(rows, sizeof rows, "0,smi,,,1ms,0,\n1,smi,,,%dus,0,\n", 1000 + 1500 * i);
        rig_run(&g, rows, settings);
        assert_int_equal(g.r.count.lost, 1);
        rig_free(&g);
        rig_run(&g, rows, SHORT);
        assert_int_equal(g.r.count.lost, 0);
        rig_free(&g);
    }
    assert_int_equal(follow(BARRED, settings, text, sizeof text), SIM_FINDING);
    assert_non_null(strstr(text, " to 4 ms, "));
    assert_int_equal(follow(SWITCHED,
                            SHORT " smi.delivery=hardware firmware=stock sync.mode=traditional "
                                  "bsp.election=hook handler.services=switch:1",
                            text, sizeof text),
                     SIM_FINDING);
    assert_non_null(strstr(text, "hardware triggers, and again after 0 to 4 ms: YES, "));
}

static void runs_that_the_limit_stops_are_no_answer(void **state)
{
    char text[8000];

    (void)state;
    assert_int_equal(follow(LOST, SHORT " smi.delivery=unicast smi.rsm=2h", text, sizeof text),
                     SIM_FINDING);
    assert_non_null(strstr(text, " runs: stopped by run.limit=1h: smi.rsm was 2h"));
    assert_memory_equal(text, "follow: ", 8);
}

static void schedules_that_cannot_be_followed_are_refused(void **state)
{
    static const struct {
        const char *schedule, *settings, *says;
    } wrong[] = {
        {"p0 e0 x", SHORT, "schedule:1:7: 'x' is no step"},
        {"garbage", SHORT, "'garbage' is no step"},
        {"", SHORT, "schedule:1:1: no step (would be right: what explore printed)"},
        {"p0 p0 e0", SHORT, "does not violate anything"},
        {"p0*2 e0", SHORT, "does not violate anything"}, /* two triggers, as above */
        {SWITCHED, SHORT, "the settings that explore had"},
        {PROMISE, SHORT " sync.mode=relaxed handler.services=rendezvous protocol=edk2-head-fixed",
         "schedule: it does not violate anything"},
        {"p0 p1 p0 e0", SHORT, "3 triggers (would be right: one or two)"},
        {"e0", SHORT, "0 triggers (would be right: one or two)"},
        {"p0 e0", SHORT, "does not violate anything"},
        {"p0 e0 e3", SHORT, "schedule, step 3: 'e3': no such CPU (would be right: 0 to 1)"},
        {"p0 e0", "protocol=coreboot cpus=2", "does not violate anything"},
        {"p0 e0", SHORT " cpus=100", "up to 63 CPUs (would be right: --set cpus=2)"},
        {"p-3", SHORT, "'p-3' is no step"},
        {"p0 e0 -1", SHORT, "'-1' is no step"},
        {"p18446744073709551615", SHORT, "is no step"},
        {"p0 d0", SHORT, "schedule, step 2: 'd0' is never possible"},
        {"p0 e0 0*99999999999 0*-5", SHORT, "is no step"},
        {"  ", SHORT, "schedule:1:1: no step"},
        {HANG, SHORT " smi.valid_status=on",
         "follow: explore knows no smi.valid_status, which is a step more (would be right: --set "
         "smi.valid_status=off)"},
        {HANG, SHORT " sync.lmce=on", "schedule: the model diverges"},
        {HANG, SHORT " cpus.blocked=last:1", "schedule: the model diverges: step 9 "},
        {HANG, SHORT " cpus.disabled=last:1", "schedule: the model diverges: step 9 "},
        {"p0 e0 0*6 e1 1*7 t1 1*2 0*4 1*4", SHORT, "schedule: together cannot be seen in time ("},
        {"p0 e0 0*12 e1 t0 0*4", SHORT, "schedule: no-spurious cannot be seen in time ("},
    };
    char text[8000];

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(follow(wrong[i].schedule, wrong[i].settings, text, sizeof text),
                         SIM_BAD_INPUT);
        if (!strstr(text, wrong[i].says))
            fail_msg("\"%s\" does not say \"%s\"", text, wrong[i].says);
    }
}

/* A replay line that explore prints says which rule, and the digest. */
static void a_rule_or_digest_of_another_schedule_is_refused(void **state)
{
    static const struct {
        int property, has_digest;
        uint64_t digest;
        sim_status status;
        const char *says;
    } each[] = {
        {RULE_NO_LOST_SMI, 1, 0x48756b2ac7ef5832, SIM_FINDING, "violates no-lost-smi"},
        {RULE_DOOR, 0, 0, SIM_BAD_INPUT, "schedule: it does not violate door with these settings"},
        {-1, 1, 1, SIM_BAD_INPUT,
         "schedule: these steps come to 48756b2ac7ef5832, it was recorded with 0000000000000001"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof each / sizeof each[0]; i++) {
        follow_request request = {.schedule = LOST,
                                  .property = each[i].property,
                                  .has_digest = each[i].has_digest,
                                  .digest = each[i].digest,
                                  .seed = 1,
                                  .repetitions = 1};
        char text[8000];

        assert_int_equal(follow_as(&request, SHORT " smi.delivery=unicast", text, sizeof text),
                         each[i].status);
        if (!strstr(text, each[i].says))
            fail_msg("\"%s\" does not say \"%s\"", text, each[i].says);
    }
}

/* The BSP has excused CPU 2, which never comes. */
static void nobody_waits_for_a_cpu_that_takes_no_smi(void **state)
{
    const follow_delays none = {.late_from = FOLLOW_START};
    follow_try *f = sim_alloc(1, sizeof *f);
    rig g;

    (void)state;
    rig_load(&g, "0,smi,,,,0,\n", SHORT " cpus=3 cpus.blocked=last:1 sync.smm_registers=on");
    follow_try_init(f, &g.e.setup, -1);
    f->late = f->held = 1;
    f->property = RULE_ALL_IN;
    assert_int_equal(follow_try_run(f, &none) & 1, 0);
    follow_try_free(f);
    rig_free(&g);
    free(f);
}

static void blanks_around_a_schedule_mean_nothing(void **state)
{
    static const char settings[] = SHORT " smi.delivery=unicast";
    char text[2][8000];

    (void)state;
    assert_int_equal(follow(LOST, settings, text[0], sizeof text[0]), SIM_FINDING);
    assert_int_equal(follow("  " LOST " ", settings, text[1], sizeof text[1]), SIM_FINDING);
    assert_string_equal(text[1], text[0]);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(window_of_the_hang_is_exact),
        cmocka_unit_test(a_hold_between_two_stores_is_answered_with_its_range),
        cmocka_unit_test(a_bsp_held_inside_for_its_timeouts_hangs_the_machine),
        cmocka_unit_test(early_bsp_window_needs_a_long_handler),
        cmocka_unit_test(lost_smi_needs_no_delay),
        cmocka_unit_test(fixed_election_serves_it),
        cmocka_unit_test(a_second_trigger_is_lost_behind_the_door),
        cmocka_unit_test(a_promise_is_broken_from_when_the_handler_asks),
        cmocka_unit_test(an_ap_between_two_passes_is_woken_without_its_lock),
        cmocka_unit_test(an_ap_in_a_long_hook_drops_the_job_it_was_handed),
        cmocka_unit_test(after_a_switch_of_the_bsp_every_smi_is_lost),
        cmocka_unit_test(runs_that_the_limit_stops_are_no_answer),
        cmocka_unit_test(schedules_that_cannot_be_followed_are_refused),
        cmocka_unit_test(a_rule_or_digest_of_another_schedule_is_refused),
        cmocka_unit_test(nobody_waits_for_a_cpu_that_takes_no_smi),
        cmocka_unit_test(blanks_around_a_schedule_mean_nothing),
    };

    return cmocka_run_group_tests_name("follow", tests, scratch_enter, scratch_leave);
}
