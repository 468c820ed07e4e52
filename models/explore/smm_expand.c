/* SPDX-License-Identifier: Apache-2.0 */
/* smm_expand: every way on from a state: who can move, and each move as a packed state. */
#include <string.h>

#include "models/explore/smm_parts.h"

#define BIT(id) (1u << RULE_##id)

/* A thread's own. `copy` is for moves that change all of the view. */
typedef struct {
    smm_view view, copy, sorted;
    const explore_smm_local *local[EXPLORE_SMM_CPUS_MAX];
} smm_scratch;

/* Most moves touch one word. So of the memory only smm->seen is in the view, until something
 * asks for all of it: know_words. */
typedef struct {
    const explore_smm *smm;
    smm_view *view;
    const explore_smm_local **local;
    const uint64_t *state;
    explore_fan *fan;
    uint64_t inside;   /* CPUs: a set */
    uint32_t sections; /* of all CPUs together */
    int words_known;
} expansion;

uint64_t explore_smm_scratch_bytes(void)
{
    return sizeof(smm_scratch);
}

static void know_words(expansion *x)
{
    if (!x->words_known)
        explore_smm_unpack_words(x->smm, x->state, x->view);
    x->words_known = 1;
}

/* ---- who can move ----------------------------------------------------------------------- */

static smm_readiness readiness(expansion *x, int cpu)
{
    const explore_smm *smm = x->smm;
    const step_request *request = &x->local[cpu]->request;

    if (smm->settings.tso || request->op == STEP_WAIT_COUNT) {
        know_words(x);
        return explore_smm_readiness(smm, x->view, cpu);
    }
    if (request->op != STEP_WAIT || request->word >= smm->word_count ||
        step_holds(request, smm_word(smm, x->state, request->word)))
        return SMM_READY;
    return request->bound != STEP_UNBOUNDED && smm->settings.timeouts ? SMM_WAITS : SMM_STUCK;
}

/* CPUs with an SMI pending that they may take: a set. */
static uint64_t may_enter(const expansion *x)
{
    return x->view->env.latch & ~x->smm->settings.blocked & ~x->inside;
}

/* CPUs that may trigger: a set. */
static uint64_t may_trigger(const expansion *x)
{
    const explore_smm_settings *s = &x->smm->settings;
    uint64_t who = s->trigger == EXPLORE_SMM_ANY ? x->smm->all : UINT64_C(1) << s->trigger;

    return x->view->env.triggers == 0 ? 0 : who & ~s->blocked & ~x->inside;
}

static int may_suspend(const expansion *x)
{
    return x->smm->settings.suspend && !(x->view->env.flags & SMM_SUSPENDED) &&
           (x->sections & STEP_IN_HANDLER) != 0;
}

/* ---- moves ------------------------------------------------------------------------------ */

static void pack_changes(const expansion *x, int cpu, const smm_effect *effect, uint64_t *to)
{
    const explore_smm *smm = x->smm;
    const smm_env *env = effect->env;

    memcpy(to, x->state, smm->model.words * sizeof *to);
    if (memcmp(env, &x->view->env, sizeof *env) != 0)
        explore_smm_pack_env(smm, &x->view->env, to);
    if (cpu >= smm->settings.cpus)
        return;
    smm_put(to, smm->local_field[cpu], x->view->local[cpu]);
    if (effect->word >= 0)
        smm_put(to, smm->word_field[effect->word],
                explore_smm_pack_code(smm, (uint32_t)effect->word, x->view->words[effect->word]));
    if (smm->settings.tso)
        explore_smm_pack_buffer(smm, x->view, cpu, to);
}

/* Does a move look at memory other than by one plain access? */
static int needs_words(const expansion *x, uint32_t label)
{
    int cpu = (int)SMM_ACTOR(label);

    if (SMM_KIND(label) == SMM_SUSPEND)
        return 1;
    return SMM_KIND(label) == SMM_STEP &&
           (x->local[cpu]->request.op < STEP_LOCAL || x->local[cpu]->request.op == STEP_ASK);
}

static void emit(expansion *x, uint32_t label)
{
    const explore_smm *smm = x->smm;
    smm_view *view = x->view;
    smm_scratch *scratch = (smm_scratch *)view;
    uint64_t *to = &x->fan->states[(uint64_t)x->fan->count * smm->model.words];
    int cpu = (int)SMM_ACTOR(label);
    int inside = cpu < smm->settings.cpus;
    smm_env env = view->env;
    uint32_t local = inside ? view->local[cpu] : 0;
    smm_effect effect;

    if (needs_words(x, label))
        know_words(x);
    if (SMM_KIND(label) == SMM_SUSPEND || smm->settings.tso)
        scratch->copy = *view;
    explore_smm_apply(smm, view, label, &effect);
    effect.env = &env;
    x->fan->edges[x->fan->count++] = (explore_edge){.label = label,
                                                    .violated = effect.violated,
                                                    .actor = (uint16_t)cpu,
                                                    .rank = (uint8_t)SMM_KIND(label),
                                                    .dead = effect.dead};
    if (effect.dead)
        memset(to, 0, smm->model.words * sizeof *to);
    else if (smm->same && explore_smm_reduce_sort(smm, view, &scratch->sorted))
        explore_smm_pack(smm, &scratch->sorted, to);
    else if (effect.whole)
        explore_smm_pack(smm, view, to);
    else
        pack_changes(x, cpu, &effect, to);
    if (SMM_KIND(label) == SMM_SUSPEND || smm->settings.tso) {
        *view = scratch->copy;
        return;
    }
    view->env = env;
    if (inside)
        view->local[cpu] = local;
    if (effect.word >= 0)
        view->words[effect.word] = effect.value;
}

/* The common case without its detours: an access to one word that no ghost follows. It has the same
 * effect as emit; 0: not such a case. */
static int emit_access(expansion *x, int cpu)
{
    const explore_smm *smm = x->smm;
    const step_request *request = &x->local[cpu]->request;
    uint64_t *to = &x->fan->states[(uint64_t)x->fan->count * smm->model.words];
    const explore_smm_arc *arc;
    uint32_t before, after;

    if (request->op > STEP_WAIT || request->word >= smm->word_count)
        return 0;
    before = smm_word(smm, x->state, request->word);
    after = step_value_after(request, before);
    if (after != before && !explore_smm_pack_fits(smm, request->word, after))
        return 0;
    arc = explore_smm_local_known(x->local[cpu], before, EXPLORE_SMM_DONE);
    if (!arc || (SMM_NOTED_MARKS >> arc->mark & 1))
        return 0; /* the first time the protocol is asked */
    for (uint32_t i = 0; i < smm->model.words; i++)
        to[i] = x->state[i];
    smm_put(to, smm->local_field[cpu], arc->next);
    if (after != before)
        smm_put(to, smm->word_field[request->word],
                explore_smm_pack_code(smm, request->word, after));
    x->fan->edges[x->fan->count++] =
        (explore_edge){.label = SMM_LABEL(SMM_STEP, cpu, 0), .actor = (uint16_t)cpu};
    return 1;
}

/* A loop in free order: for each CPU that it may visit next, the choice and the first access to it
 * in one. */
static void emit_each_target(expansion *x, int cpu, uint32_t targets)
{
    const explore_smm *smm = x->smm;
    uint32_t before = x->view->local[cpu];

    for (uint32_t t = 0; t < smm->config.possible; t++) {
        explore_smm_arc arc = {.value = t, .how = EXPLORE_SMM_DONE};

        if (!(targets >> t & 1))
            continue;
        arc = explore_smm_local_follow((explore_smm_locals *)&smm->locals[cpu], &smm->machine,
                                       before, &arc);
        if (explore_smm_local_at(&smm->locals[cpu], arc.next)->request.op == STEP_WAIT) {
            emit(x, SMM_LABEL(SMM_STEP, cpu, t)); /* it may have to wait there: only the choice */
            continue;
        }
        x->view->local[cpu] = arc.next;
        emit(x, SMM_LABEL(SMM_STEP, cpu, 0));
        x->fan->edges[x->fan->count - 1].label = SMM_LABEL(SMM_STEP, cpu, t);
        x->view->local[cpu] = before;
    }
}

static void emit_step(expansion *x, int cpu)
{
    const step_request *request = &x->local[cpu]->request;

    if (!x->smm->detours && emit_access(x, cpu))
        return;
    if (request->op == STEP_ASK && request->local == ASK_NEXT_CPU) {
        emit_each_target(x, cpu, request->a);
        return;
    }
    emit(x, SMM_LABEL(SMM_STEP, cpu, 0));
    if (request->op == STEP_ASK && request->local == ASK_SYNC_NEEDED)
        emit(x, SMM_LABEL(SMM_STEP, cpu, 1));
}

static void emit_pulses(expansion *x)
{
    const explore_smm_settings *s = &x->smm->settings;

    for (int source = 0; source < s->sources; source++) {
        if (s->delivery == DELIVERY_HARDWARE) {
            if (x->view->env.triggers)
                emit(x, SMM_LABEL(SMM_TRIGGER, s->cpus, source));
            continue;
        }
        for (uint64_t left = may_trigger(x); left; left &= left - 1)
            emit(x, SMM_LABEL(SMM_TRIGGER, __builtin_ctzll(left), source));
    }
}

/* Does a CPU wait for the BSP, who is known and not in SMM? */
static uint8_t bsp_away(const expansion *x, int cpu)
{
    const explore_smm *smm = x->smm;
    uint32_t bsp;

    if (x->local[cpu]->request.word != smm->at[FIELD_INSIDE])
        return 0;
    bsp = smm_word(smm, x->state, smm->at[FIELD_BSP]);
    return bsp < smm->settings.cpus && !(x->inside >> bsp & 1);
}

static void emit_timeouts(expansion *x, uint64_t waits)
{
    rules_step step = {.timed_out = 1,
                       .alone = x->fan->count == 0,
                       .all_in = x->inside == x->smm->all,
                       .election = x->smm->config.election};

    for (; waits; waits &= waits - 1) {
        int c = __builtin_ctzll(waits);
        explore_edge *edge = &x->fan->edges[x->fan->count];

        emit(x, SMM_LABEL(SMM_TIMEOUT, c, 0));
        step.bsp_away = bsp_away(x, c);
        edge->violated |= rules_judge_step(&step);
    }
}

static void emit_entries(expansion *x, uint64_t cpus)
{
    for (; cpus; cpus &= cpus - 1)
        emit(x, SMM_LABEL(SMM_ENTER, __builtin_ctzll(cpus), 0));
}

/* Late CPUs come once a handler runs, or when there is nothing else that could happen: nobody is
 * late without end. */
static void emit_all(expansion *x)
{
    uint64_t late = x->sections & STEP_IN_HANDLER ? 0 : may_enter(x) & x->smm->settings.late;
    uint64_t waits = 0;

    for (uint64_t left = x->inside; left; left &= left - 1) {
        int c = __builtin_ctzll(left);
        smm_readiness ready = readiness(x, c);

        if (ready == SMM_READY)
            emit_step(x, c);
        else if (ready == SMM_WAITS)
            waits |= UINT64_C(1) << c;
    }
    for (int c = 0; x->smm->settings.tso && c < x->smm->settings.cpus; c++)
        if (x->view->buffer[c].count)
            emit(x, SMM_LABEL(SMM_DRAIN, c, 0));
    emit_entries(x, may_enter(x) & ~late);
    emit_pulses(x);
    if (may_suspend(x))
        emit(x, SMM_LABEL(SMM_SUSPEND, 0, 0));
    if (waits)
        emit_timeouts(x, waits);
    if (x->fan->count == 0)
        emit_entries(x, late);
}

/* Nobody can move. With timeouts off, a CPU in a wait that has a bound is not dead: that
 * is a stall, and what would follow it is not known. */
static uint32_t judge_end(const explore_smm *smm, const smm_view *view)
{
    int inside = 0, bounded = 0;

    for (int c = 0; c < smm->settings.cpus; c++) {
        const step_request *request = &smm_local(smm, view, c)->request;

        inside += view->local[c] != 0;
        bounded += view->local[c] && request->op == STEP_WAIT && request->bound != STEP_UNBOUNDED;
    }
    if (bounded)
        return rules_judge_step(
            &(rules_step){.timed_out = 1, .alone = 1, .all_in = inside == smm->settings.cpus});
    if (inside)
        return BIT(NO_DEADLOCK);
    return view->env.flags & (SMM_OWED | SMM_OWED_ASYNC) ? BIT(NO_LOST_SMI) : 0;
}

/* The CPUs, and of the memory what every state is asked for. */
static void see(expansion *x)
{
    const explore_smm *smm = x->smm;

    explore_smm_unpack_cpus(smm, x->state, x->view);
    for (uint32_t i = 0; i < smm->seen_count; i++)
        x->view->words[smm->seen[i]] = smm_word(smm, x->state, smm->seen[i]);
    for (int c = 0; c < smm->settings.cpus; c++) {
        x->local[c] = smm_local(smm, x->view, c);
        x->inside |= (uint64_t)(x->view->local[c] != 0) << c;
        x->sections |= x->local[c]->sections;
    }
}

void explore_smm_expand(const explore_model *model, void *scratch, const uint64_t *state,
                        explore_fan *fan)
{
    const explore_smm *smm = model->self;
    smm_scratch *own = scratch;
    expansion x = {.smm = smm, .view = &own->view, .local = own->local, .state = state, .fan = fan};
    smm_sight sight = {.view = &own->view, .local = own->local};
    int single = -1;

    fan->count = 0;
    see(&x);
    sight.inside = x.inside;
    sight.sections = x.sections;
    if (smm->detours || smm->partial_order || explore_smm_check_asks(smm, &sight))
        know_words(&x);
    fan->violated = explore_smm_check_state(smm, &sight);
    if (smm->partial_order)
        single = explore_smm_reduce_single(smm, x.view);
    if (single >= 0)
        emit_step(&x, single);
    else
        emit_all(&x);
    if (fan->count == 0)
        fan->violated |= judge_end(smm, x.view);
}
