/* SPDX-License-Identifier: Apache-2.0 */
/* test_path: a timed run is a path of the explored graph: its steps, taken there in its order. */
#include "models/explore/smm_parts.h"
#include "models/machine/state.h"
#include "tests/rig.h"

enum { LOG_MAX = 20000, PATH_TRIGGERS = 7 };

/* One step of the timed run as the explorer calls it. */
typedef struct {
    uint32_t label;
    uint32_t value; /* that was read */
    uint32_t ask;   /* STEP_ASK: what was answered */
    int word;       /* that was written, or -1 */
    uint32_t before;
    uint8_t row, mark, op;
} path_step;

/* Writes down a run. SMIs that are taken and port writes are no events of the protocol: they stand
 * in the record, and are noted before the next event. */
typedef struct {
    const rig *g;
    path_step step[LOG_MAX];
    int64_t count;
    int64_t now;
    uint64_t visits;
    uint64_t pending; /* CPUs with an SMI on its way or latched: a set */
    uint8_t pulsed[PATH_TRIGGERS];
    int triggers, timeouts, moved;
    uint32_t words[SMM_WORDS_MAX];
} path;

static path_step *append(path *p, uint32_t label)
{
    assert_true(p->count < LOG_MAX);
    p->step[p->count] = (path_step){.label = label, .word = -1};
    return &p->step[p->count++];
}

static int next_pulse(const path *p)
{
    const run_record *r = &p->g->r;

    for (uint64_t t = 0; t < r->triggers && t < PATH_TRIGGERS; t++)
        if (!p->pulsed[t] && r->trigger[t].at[AT_DELIVERED] != 0)
            return (int)t;
    return -1;
}

static void append_pulse(path *p, int trigger, int hardware)
{
    uint32_t actor = hardware ? p->g->e.setup.config.cpus : p->g->r.trigger[trigger].cpu;

    p->pulsed[trigger] = 1;
    p->pending |= p->g->e.setup.delivery == DELIVERY_UNICAST ? UINT64_C(1) << actor : UINT64_MAX;
    p->triggers++;
    (void)append(p, SMM_LABEL(SMM_TRIGGER, actor, 0));
}

/* Between two events the order is that of time. At one instant threads come last, but nobody takes
 * an SMI that was not sent, and who has stopped writes no port. */
static int enters_first(const path *p, const visit_record *visit, const trigger_record *trigger)
{
    int64_t written = trigger->at[AT_PORT_WRITE];

    if (!(p->pending >> visit->cpu & 1))
        return 0;
    return visit->stopped < written || (visit->stopped == written && visit->cpu != trigger->cpu);
}

static void catch_up(path *p)
{
    const run_record *r = &p->g->r;
    int hardware = p->g->e.setup.delivery == DELIVERY_HARDWARE;

    for (;;) {
        int trigger = next_pulse(p);
        const visit_record *visit = p->visits < r->visits ? &r->visit[p->visits] : NULL;

        if (trigger < 0 && !visit)
            return;
        if (visit && (trigger < 0 || enters_first(p, visit, &r->trigger[trigger]))) {
            (void)append(p, SMM_LABEL(SMM_ENTER, visit->cpu, 0));
            p->pending &= ~(UINT64_C(1) << visit->cpu);
            p->visits++;
        } else {
            append_pulse(p, trigger, hardware);
        }
    }
}

/* A CPU that finds its time over looks at the timer, not at the word: its last look at that was
 * before, and read false. So the timeout stands before the change that it did not see. */
static void move_before_the_change(path *p, const step_request *request)
{
    uint32_t value = p->words[request->word];
    path_step timeout = p->step[p->count - 1];
    int64_t at = p->count - 1;

    while (step_holds(request, value)) {
        const path_step *earlier;

        assert_true(at > 0);
        earlier = &p->step[--at];
        if (SMM_ACTOR(earlier->label) == SMM_ACTOR(timeout.label) &&
            SMM_KIND(earlier->label) == SMM_STEP)
            fail_msg("a wait ended by its bound, but its condition held all the time");
        if (earlier->word == (int)request->word)
            value = earlier->before;
    }
    p->moved += at < p->count - 1;
    memmove(&p->step[at + 1], &p->step[at], (size_t)(p->count - 1 - at) * sizeof timeout);
    p->step[at] = timeout;
}

static void note_access(path *p, path_step *step, const machine_event *e)
{
    step_result mine = {0};

    if (e->request->op >= STEP_LOCAL || e->result.timed_out)
        return;
    step->word = e->request->op == STEP_WAIT_COUNT ? -1 : (int)e->request->word;
    step->before = p->words[e->request->word];
    assert_true(step_perform(e->request, p->words, &mine));
    assert_int_equal(mine.value, e->result.value);
}

static void path_event(void *self, const machine_event *e)
{
    path *p = self;
    path_step *step;

    catch_up(p);
    assert_true(e->at >= p->now);
    p->now = e->at;
    if (!e->request)
        return;
    step = append(p, SMM_LABEL(e->result.timed_out ? SMM_TIMEOUT : SMM_STEP, e->cpu, 0));
    step->value = e->result.value;
    step->op = e->request->op;
    step->ask = e->request->op == STEP_ASK ? e->request->local : UINT32_MAX;
    step->row = e->row;
    step->mark = e->mark;
    if (e->request->op == STEP_IPI)
        p->pending |= UINT64_C(1) << e->request->target;
    note_access(p, step, e);
    if (e->result.timed_out) {
        p->timeouts++;
        move_before_the_change(p, e->request);
    }
}

/* ---- the same in the explorer ----------------------------------------------------------- */

static explore_smm *explorer_of(const rig *g, int smis)
{
    const machine_setup *s = &g->e.setup;
    explore_smm_settings settings;

    explore_smm_defaults(&settings);
    settings.protocol = s->protocol;
    settings.cpus = s->config.cpus;
    settings.possible = s->config.possible;
    settings.boot_cpu = s->config.boot_cpu;
    settings.traditional = s->config.traditional;
    settings.election = s->config.election;
    settings.mtrr = s->config.mtrr;
    settings.debug_agent = s->config.debug_agent;
    settings.smis = (uint8_t)smis;
    settings.delivery = (uint8_t)s->delivery;
    settings.reduce = 0;
    settings.handler_plan[0] = STEP_ANSWER(ACTION_START_ALL, STEP_JOB_ARGUMENT(0, 1, 0));
    settings.handler_plan[1] = STEP_ANSWER(ACTION_SWITCH_BSP, 0); /* its words need room, too */
    settings.handler_plan_length = settings.election == ELECTION_FIXED ? 1 : 2;
    return explore_smm_build(&settings, &s->config, 0);
}

/* The timed handler says what it does; the explorer's does the same. */
static void follow_handler(explore_smm *smm, smm_view *view, const path_step *step)
{
    if (step->op != STEP_ASK || step->ask != ASK_HANDLER)
        return;
    view->env.handler_plan =
        step->value >> 24 == ACTION_DONE ? smm->settings.handler_plan_length : 0;
    if (!view->env.handler_plan)
        smm->settings.handler_plan[0] = step->value;
}

/* Is this step one of those that the explorer tries here? */
static int offered(const explore_smm *smm, const smm_view *view, uint32_t label,
                   explore_workspace *workspace)
{
    uint64_t state[EXPLORE_WORDS_MAX];
    smm_view back;

    explore_smm_pack(smm, view, state);
    explore_smm_unpack(smm, state, &back);
    assert_memory_equal(back.words, view->words, smm->word_count * sizeof back.words[0]);
    smm->model.expand(&smm->model, workspace->scratch, state, &workspace->fan);
    for (uint32_t e = 0; e < workspace->fan.count; e++)
        if (workspace->fan.edges[e].label == label)
            return !workspace->fan.edges[e].dead;
    return 0;
}

static void take_step(const explore_smm *smm, smm_view *view, const path_step *step,
                      const char *what)
{
    int cpu = (int)SMM_ACTOR(step->label);
    smm_effect effect;

    if (SMM_KIND(step->label) == SMM_STEP || SMM_KIND(step->label) == SMM_TIMEOUT) {
        const explore_smm_local *local = smm_local(smm, view, cpu);

        if (local->cpu.row != step->row)
            fail_msg("%s: CPU %d is in another state (%s) than in time (%s)", what, cpu,
                     smm->machine.protocol->rows[local->cpu.row].name,
                     smm->machine.protocol->rows[step->row].name);
        if (SMM_KIND(step->label) == SMM_STEP && step->word >= 0 &&
            view->words[step->word] != step->value)
            fail_msg("%s: CPU %d reads another value than in time", what, cpu);
    }
    explore_smm_apply(smm, view, step->label, &effect);
    if (SMM_KIND(step->label) == SMM_STEP)
        assert_int_equal(effect.mark, step->mark);
}

static void walk_path(const path *p, const char *what)
{
    explore_smm *smm = explorer_of(p->g, p->triggers);
    smm_view *view = sim_alloc(1, sizeof *view);
    explore_workspace workspace;

    explore_workspace_init(&workspace, &smm->model);
    explore_smm_initial(smm, view);
    for (int64_t i = 0; i < p->count; i++) {
        follow_handler(smm, view, &p->step[i]);
        if (!offered(smm, view, p->step[i].label, &workspace))
            fail_msg("%s: step %lld (kind %u of CPU %u, row %s) cannot be taken there", what,
                     (long long)i, SMM_KIND(p->step[i].label), SMM_ACTOR(p->step[i].label),
                     smm->machine.protocol->rows[p->step[i].row].name);
        take_step(smm, view, &p->step[i], what);
    }
    assert_memory_equal(view->words, p->g->m->driver.word, smm->word_count * sizeof view->words[0]);
    assert_memory_equal(view->words, p->words, smm->word_count * sizeof view->words[0]);
    for (uint32_t c = 0; c < p->g->m->cpus; c++)
        assert_int_equal(view->local[c] != 0, p->g->m->cpu[c].deliver.mode == CPU_SMM);
    explore_workspace_free(&workspace);
    free(view);
    explore_smm_free(smm);
}

/* ---- runs ------------------------------------------------------------------------------- */

/* What happened in all runs: paths that miss something say nothing about it. */
typedef struct {
    run_counters runs;
    int64_t steps;
    int moved, hangs, jobs;
    int rendezvous, switches; /* that handlers asked for */
} totals;

static void follow(path *p, rig *g, const char *what, totals *sum)
{
    const machine_observer observer = {path_event, p};

    for (uint32_t repetition = 0; repetition < 3; repetition++) {
        memset(p, 0, sizeof *p);
        p->g = g;
        g->e.setup.protocol->initial(&g->e.setup.config, p->words);
        rig_again(g, 1, repetition, &observer);
        catch_up(p);
        assert_true(g->r.triggers <= PATH_TRIGGERS);
        walk_path(p, what);
        sum->steps += p->count;
        sum->moved += p->moved;
        sum->hangs += (int)g->r.count.hang;
        sum->runs.timeout1 += g->r.count.timeout1;
        sum->runs.timeout2 += g->r.count.timeout2;
        sum->runs.latched += g->r.count.latched;
        sum->runs.directed += g->r.count.directed;
        sum->runs.late += g->r.count.late;
        sum->runs.lost += g->r.count.lost;
        for (int64_t i = 0; i < p->count; i++) {
            uint32_t action = p->step[i].ask == ASK_HANDLER ? p->step[i].value >> 24 : ACTION_DONE;

            sum->jobs += action == ACTION_START_THIS || action == ACTION_START_ALL;
            sum->rendezvous += action == ACTION_RENDEZVOUS;
            sum->switches += action == ACTION_SWITCH_BSP;
        }
    }
}

#define ROWS                                                                                      \
    "0,smi,,,exp(20us),,2\n0,job,all,,exp(10us),,1\n1,smi,,,exp(20us),1,2\n1,job,1,,exp(30us),1," \
    "1\n"
#define HOLDS "2,hold,70us,,exp(60us),1,2\n3,hold,90us,,exp(90us),0,1\n"

/* What the handlers of that deviation ask for, as far as this version and election have it. */
static const char *services_of(const char *era, int deviation)
{
    static const char *const lists[] = {"rendezvous", "rendezvous,jobs-wait",
                                        "jobs,job-wait:1,rendezvous", "switch:1"};
    static const char *const without[] = {"jobs", "jobs-wait", "jobs,job-wait:1", "job:1"};
    int fixed = deviation / 6 % 3 == 0;

    if (strcmp(era, "edk2-2017") == 0 || (fixed && deviation % 4 == 3))
        return without[deviation % 4];
    return lists[deviation % 4];
}

static void each_setting(const char *era, int services, path *p, totals *sum)
{
    static const char *const modes[] = {"relaxed", "traditional"};
    static const char *const deliveries[] = {"unicast", "broadcast", "hardware"};
    static const char *const elections[] = {"fixed", "hook", "race"};
    int two = strcmp(era, "edk2-2017") != 0 && strcmp(era, "edk2-202211") != 0 &&
              strcmp(era, "edk2-202402") != 0;

    for (int deviation = 0; deviation < 2 * 3 * 3 * 2; deviation++) {
        char settings[400];
        rig g;

        (void)snprintf(
            settings, sizeof settings,
            "protocol=%s sync.mode=%s smi.delivery=%s bsp.election=%s cpus=%d "
            "sync.timeout1=60us%s firmware=stock tie=permute job.work=3us port.write=0ns "
            "cpu.cstate_exit=uniform(1us,40us) fabric.same_die=uniform(8ns,80ns) "
            "fabric.read_busy=5ns%s handler.services=%s",
            era, modes[deviation % 2], deliveries[deviation / 2 % 3], elections[deviation / 6 % 3],
            2 + deviation / 18, two ? " sync.timeout2=30us" : "",
            deviation % 5 == 4 ? " sync.mtrr=on" : "",
            services ? services_of(era, deviation) : "none");
        rig_load(&g, ROWS HOLDS, settings);
        follow(p, &g, settings, sum);
        rig_free(&g);
    }
}

static void timed_runs_are_paths_of_the_explored_graph(void **state)
{
    static const char *const eras[] = {"edk2-2017",   "edk2-202211", "edk2-202402",
                                       "edk2-202408", "edk2-202411", "edk2-head"};
    path *p = sim_alloc(1, sizeof *p);
    totals sum = {.steps = 0};

    (void)state;
    for (int era = 0; era < 6; era++)
        each_setting(eras[era], 0, p, &sum);
    free(p);
    assert_true(sum.rendezvous == 0 && sum.switches == 0);
    assert_true(sum.steps > 200000 && sum.moved > 100 && sum.jobs > 500);
    assert_true(sum.runs.timeout1 > 500 && sum.runs.timeout2 > 50 && sum.runs.directed > 400);
    assert_true(sum.runs.latched > 500 && sum.runs.late > 5 && sum.runs.lost > 30);
}

static void so_are_those_whose_handlers_ask_for_services(void **state)
{
    static const char *const eras[] = {"edk2-2017", "edk2-202211", "edk2-202402", "edk2-head",
                                       "edk2-head-fixed"};
    path *p = sim_alloc(1, sizeof *p);
    totals sum = {.steps = 0};

    (void)state;
    for (int era = 0; era < 5; era++)
        each_setting(eras[era], 1, p, &sum);
    free(p);
    assert_true(sum.steps > 200000 && sum.moved > 100 && sum.jobs > 2000);
    assert_true(sum.rendezvous > 1000 && sum.switches > 150 && sum.runs.lost > 100);
}

/* The hang of docs/EXPLORE.md, finding 1, as it happens in time (see test_machine). */
static void a_hang_in_time_is_a_path_too(void **state)
{
    path *p = sim_alloc(1, sizeof *p);
    totals sum = {.steps = 0};
    int64_t timeout;
    rig g;

    (void)state;
    rig_run(&g, "0,smi,,,,1,\n1,hold,5s,,,0,\n", "port.write=0ns");
    timeout = g.r.trigger[0].at[AT_BSP_TIMEOUT1];
    rig_free(&g);
    for (int after = 0; after < 10; after++) {
        char rows[200];

        (void)snprintf(rows, sizeof rows,
                       "0,smi,,,,1,\n1,hold,%lldps,,,0,\n2,hold,1ms,,%lldps,1,\n",
                       (long long)timeout, (long long)(timeout + 1000 * after));
        rig_load(&g, rows, "port.write=0ns");
        follow(p, &g, rows, &sum);
        rig_free(&g);
    }
    assert_int_equal(sum.hangs, 3 * 3); /* 3 of the 10 steps of 1 ns, each in 3 repetitions */
    free(p);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(timed_runs_are_paths_of_the_explored_graph),
        cmocka_unit_test(so_are_those_whose_handlers_ask_for_services),
        cmocka_unit_test(a_hang_in_time_is_a_path_too),
    };

    return cmocka_run_group_tests_name("path", tests, scratch_enter, scratch_leave);
}
