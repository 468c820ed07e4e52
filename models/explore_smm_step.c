/* SPDX-License-Identifier: Apache-2.0 */
/* explore_smm_step: every way on from a state: who can move, and what the move does. */
#include <string.h>

#include "models/explore_smm_parts.h"
#include "models/mutants.h"

#define BIT(id) (1u << EXPLORE_SMM_##id)

void explore_smm_initial(const explore_smm *smm, smm_view *view)
{
    memset(view, 0, sizeof *view);
    memcpy(view->words, smm->fresh, smm->word_count * sizeof view->words[0]);
    view->env.pulses = smm->settings.smis;
}

/* ---- who can move ----------------------------------------------------------------------- */

/* What CPU c reads: its own youngest buffered store, else memory. */
static uint32_t read_word(const explore_smm *smm, const smm_view *view, int cpu, uint32_t word)
{
    if (smm->settings.tso)
        for (uint32_t i = view->buffer[cpu].count; i-- > 0;)
            if (view->buffer[cpu].store[i].word == word)
                return view->buffer[cpu].store[i].value;
    return view->words[word];
}

static uint32_t count_true(const explore_smm *smm, const smm_view *view, int cpu,
                           const step_request *request)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < request->b; i++)
        count += read_word(smm, view, cpu, request->word + i) != 0;
    return count;
}

/* Locked instructions, directed SMIs and RSM wait until the store buffer is empty. */
static int buffer_allows(const smm_view *view, int cpu, const step_request *request)
{
    switch ((step_op)request->op) {
    case STEP_CAS:
    case STEP_ADD:
    case STEP_IPI:
    case STEP_LEAVE:
        return view->buffer[cpu].count == 0;
    case STEP_STORE:
        return view->buffer[cpu].count < EXPLORE_SMM_BUFFER;
    default:
        return 1;
    }
}

smm_readiness explore_smm_readiness(const explore_smm *smm, const smm_view *view, int cpu)
{
    const step_request *request = &smm_local(smm, view, cpu)->request;

    if (smm->settings.tso && !buffer_allows(view, cpu, request))
        return SMM_STUCK;
    if (request->op == STEP_WAIT_COUNT)
        return count_true(smm, view, cpu, request) >= request->a ? SMM_READY : SMM_STUCK;
    if (request->op != STEP_WAIT || request->word >= smm->word_count ||
        step_holds(request, read_word(smm, view, cpu, request->word)))
        return SMM_READY;
    if (request->bound != STEP_UNBOUNDED && smm->settings.timeouts)
        return SMM_WAITS;
    return SMM_STUCK;
}

static int may_enter(const explore_smm *smm, const smm_view *view, int cpu)
{
    uint64_t bit = UINT64_C(1) << cpu;

    if (!(view->env.latch & bit) || (smm->settings.blocked & bit))
        return 0;
    if (!(smm->settings.late & bit))
        return 1;
    for (int c = 0; c < smm->settings.cpus; c++)
        if (smm_local(smm, view, c)->where & STEP_IN_HANDLER)
            return 1;
    return 0;
}

static int may_trigger(const explore_smm *smm, const smm_view *view, int cpu)
{
    if (view->env.pulses == 0 || (smm->settings.blocked >> cpu & 1) || view->local[cpu])
        return 0;
    return smm->settings.trigger == EXPLORE_SMM_ANY || smm->settings.trigger == cpu;
}

static int may_suspend(const explore_smm *smm, const smm_view *view)
{
    if (!smm->settings.suspend || (view->env.flags & SMM_SUSPENDED))
        return 0;
    for (int c = 0; c < smm->settings.cpus; c++)
        if (smm_local(smm, view, c)->where & STEP_IN_HANDLER)
            return 1;
    return 0;
}

/* ---- what a move does ------------------------------------------------------------------- */

static void set_word(const explore_smm *smm, smm_view *view, uint32_t word, uint32_t value,
                     smm_effect *effect)
{
    effect->word = (int)word;
    effect->value = view->words[word];
    view->words[word] = value;
    if (!explore_smm_pack_fits(smm, word, value)) {
        effect->violated |= BIT(BOUNDS);
        effect->dead = 1;
    }
}

/* What an access leaves in a word that holds `value`. */
static uint32_t value_after(const step_request *request, uint32_t value)
{
    switch ((step_op)request->op) {
    case STEP_STORE:
        return request->a;
    case STEP_CAS:
        return value == request->a ? request->b : value;
    case STEP_ADD:
        return value + request->a;
    default:
        return value;
    }
}

static uint32_t access_memory(const explore_smm *smm, smm_view *view, int cpu, smm_effect *effect)
{
    const step_request *request = &smm_local(smm, view, cpu)->request;
    uint32_t value;

    if (request->word >= smm->word_count) {
        effect->violated |= BIT(BOUNDS);
        effect->dead = 1;
        return 0;
    }
    if (request->op == STEP_WAIT_COUNT)
        return count_true(smm, view, cpu, request);
    value = read_word(smm, view, cpu, request->word);
    if (request->op == STEP_STORE && smm->settings.tso) {
        smm_buffer *buffer = &view->buffer[cpu];

        SIM_ASSERT(buffer->count < EXPLORE_SMM_BUFFER);
        buffer->store[buffer->count].word = request->word;
        buffer->store[buffer->count++].value = request->a;
    } else if (value_after(request, value) != value) { /* not what a load saw in the buffer */
        set_word(smm, view, request->word, value_after(request, value), effect);
    }
    return value;
}

static void send_directed(const explore_smm *smm, smm_view *view, uint32_t target,
                          smm_effect *effect)
{
    if (target >= smm->config.cpus) {
        effect->violated |= BIT(BOUNDS);
        effect->dead = 1;
        return;
    }
    if (view->local[target])
        effect->violated |= BIT(NO_SPURIOUS);
    view->env.latch |= UINT64_C(1) << target;
}

static uint32_t handler_next(const explore_smm *smm, smm_view *view, uint32_t outcome,
                             smm_effect *effect)
{
    const explore_smm_settings *s = &smm->settings;

    if (view->env.script > 0) {
        uint32_t last = s->script[view->env.script - 1] >> 24;

        if (last == ACTION_RENDEZVOUS && outcome == OUTCOME_TIMEOUT &&
            explore_smm_check_present(smm, view))
            effect->violated |= BIT(RENDEZVOUS_FOUND);
        if (last == ACTION_RENDEZVOUS && outcome == OUTCOME_SUCCESS)
            view->env.flags |= SMM_PROMISED;
        if ((last == ACTION_START_THIS || last == ACTION_START_ALL) && outcome != OUTCOME_SUCCESS)
            effect->violated |= BIT(JOB_ACCEPTED);
    }
    if (view->env.script >= s->script_length) {
        view->env.script = 0;
        return STEP_ANSWER(ACTION_DONE, 0);
    }
    return s->script[view->env.script++];
}

static uint32_t environment(const explore_smm *smm, smm_view *view, uint32_t label,
                            smm_effect *effect)
{
    int cpu = (int)SMM_ACTOR(label);
    const step_request *request = &smm_local(smm, view, cpu)->request;

    switch ((step_op)request->op) {
    case STEP_IPI:
        send_directed(smm, view, request->target, effect);
        return 0;
    case STEP_ASK:
        if (request->local == ASK_HANDLER)
            return handler_next(smm, view, request->a, effect);
        return request->local == ASK_VALID_SMI ? 1 : SMM_ANSWER(label);
    case STEP_LEAVE:
        for (int c = 0; c < smm->settings.cpus; c++)
            if (c != cpu &&
                (smm_local(smm, view, c)->where & (STEP_IN_BSP | STEP_IN_TEARDOWN)) != 0)
                effect->violated |= BIT(TOGETHER);
        return 0;
    default:
        return 0;
    }
}

/* Which triggers this handler serves: all, or with F42 only one kind of them. */
static void serve(const explore_smm *smm, smm_env *env)
{
    if ((smm->settings.mutant & MUTANT_COMMUNICATE_ONLY) && (env->flags & SMM_OWED))
        env->flags &= (uint8_t)~SMM_OWED;
    else
        env->flags &= (uint8_t) ~(SMM_OWED | SMM_OWED_ASYNC);
}

static void note_mark(const explore_smm *smm, smm_view *view, const explore_smm_arc *arc)
{
    smm_env *env = &view->env;

    switch ((step_mark)arc->mark) {
    case MARK_WAITED_APS:
        env->flags &= (uint8_t)~SMM_ARRIVED;
        if (arc->how == EXPLORE_SMM_DONE && (smm->config.traditional || smm->config.mtrr))
            env->flags |= SMM_ARRIVED;
        break;
    case MARK_HANDLER:
        serve(smm, env);
        break;
    case MARK_HANDLER_END:
        env->flags &= (uint8_t) ~(SMM_ARRIVED | SMM_PROMISED);
        break;
    default:
        break;
    }
}

static void step_cpu_once(const explore_smm *smm, smm_view *view, uint32_t label,
                          smm_effect *effect)
{
    int cpu = (int)SMM_ACTOR(label);
    const explore_smm_local *local = smm_local(smm, view, cpu);
    explore_smm_arc taken = {.how = EXPLORE_SMM_DONE};

    if (SMM_KIND(label) == SMM_TIMEOUT) {
        taken.how = EXPLORE_SMM_TIMED_OUT;
        effect->timed_out = 1;
    } else if (local->request.op < STEP_LOCAL) {
        taken.value = access_memory(smm, view, cpu, effect);
    } else {
        taken.value = environment(smm, view, label, effect);
    }
    if (effect->dead)
        return;
    taken = explore_smm_local_follow((explore_smm_locals *)&smm->locals[cpu], &smm->machine,
                                     view->local[cpu], &taken);
    view->local[cpu] = taken.next;
    effect->mark = taken.mark;
    note_mark(smm, view, &taken);
}

static void enter(const explore_smm *smm, smm_view *view, int cpu)
{
    explore_smm_arc taken = {.how = EXPLORE_SMM_ENTERED};

    view->env.latch &= ~(UINT64_C(1) << cpu);
    taken = explore_smm_local_follow((explore_smm_locals *)&smm->locals[cpu], &smm->machine,
                                     view->local[cpu], &taken);
    view->local[cpu] = taken.next;
}

static void pulse(const explore_smm *smm, smm_view *view, uint32_t label)
{
    uint64_t all = smm->settings.cpus == 64 ? UINT64_MAX : (UINT64_C(1) << smm->settings.cpus) - 1;

    view->env.pulses--;
    view->env.flags |= SMM_ANSWER(label) ? SMM_OWED_ASYNC : SMM_OWED;
    view->env.latch |=
        smm->settings.delivery == EXPLORE_SMM_UNICAST ? UINT64_C(1) << SMM_ACTOR(label) : all;
}

static void drain(const explore_smm *smm, smm_view *view, int cpu, smm_effect *effect)
{
    smm_buffer *buffer = &view->buffer[cpu];

    SIM_ASSERT(buffer->count > 0);
    set_word(smm, view, buffer->store[0].word, buffer->store[0].value, effect);
    buffer->count--;
    memmove(&buffer->store[0], &buffer->store[1], buffer->count * sizeof buffer->store[0]);
}

/* The machine sleeps out of the handler and resumes: firmware starts afresh, and its memory is set
 * up again but for what a mutant forgets. */
static void suspend(const explore_smm *smm, smm_view *view)
{
    for (uint32_t w = 0; w < smm->word_count; w++) {
        int forgets_locks = w >= smm_array(smm, EDK2_RUN, 0) && w < smm_array(smm, EDK2_JOB, 0);
        int forgets_data = (w < SMM_SCALARS && w == EDK2_BSP) || w >= smm_array(smm, EDK2_JOB, 0);

        if (!(forgets_locks && (smm->settings.mutant & MUTANT_RESUME_KEEPS_LOCKS)) &&
            !(forgets_data && (smm->settings.mutant & MUTANT_RESUME_KEEPS_DATA)))
            view->words[w] = smm->fresh[w];
    }
    memset(view->local, 0, sizeof view->local);
    memset(view->buffer, 0, sizeof view->buffer);
    view->env.latch = 0;
    view->env.script = 0;
    view->env.flags = SMM_SUSPENDED;
}

void explore_smm_apply(const explore_smm *smm, smm_view *view, uint32_t label, smm_effect *effect)
{
    int cpu = (int)SMM_ACTOR(label);

    *effect = (smm_effect){.word = -1};
    switch (SMM_KIND(label)) {
    case SMM_STEP:
    case SMM_TIMEOUT:
        step_cpu_once(smm, view, label, effect);
        break;
    case SMM_DRAIN:
        drain(smm, view, cpu, effect);
        break;
    case SMM_ENTER:
        enter(smm, view, cpu);
        break;
    case SMM_PULSE:
        pulse(smm, view, label);
        break;
    case SMM_SUSPEND:
        suspend(smm, view);
        effect->whole = 1;
        break;
    default:
        sim_panic(__FILE__, __LINE__, "no such choice");
    }
}

/* ---- all moves -------------------------------------------------------------------------- */

typedef struct {
    const explore_smm *smm;
    smm_view *view;
    const uint64_t *state;
    explore_fan *fan;
} expansion;

/* Scratch of a thread: the view, and a copy for moves that change all of it. */
typedef struct {
    smm_view view, copy, sorted;
} smm_scratch;

uint64_t explore_smm_scratch_bytes(void)
{
    return sizeof(smm_scratch);
}

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
    if (effect->word >= 0 && smm->word_field[effect->word].width)
        smm_put(to, smm->word_field[effect->word],
                explore_smm_pack_code(smm, (uint32_t)effect->word, x->view->words[effect->word]));
    if (smm->settings.tso)
        explore_smm_pack_buffer(smm, x->view, cpu, to);
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
static int emit_access(expansion *x, int cpu, const explore_smm_local *local)
{
    const explore_smm *smm = x->smm;
    const step_request *request = &local->request;
    uint64_t *to = &x->fan->states[(uint64_t)x->fan->count * smm->model.words];
    explore_smm_arc arc = {.how = EXPLORE_SMM_DONE};
    uint32_t after;

    if (request->op > STEP_WAIT || request->word >= smm->word_count)
        return 0;
    arc.value = x->view->words[request->word];
    after = value_after(request, arc.value);
    if (after != arc.value && !explore_smm_pack_fits(smm, request->word, after))
        return 0;
    arc = explore_smm_local_follow((explore_smm_locals *)&smm->locals[cpu], &smm->machine,
                                   x->view->local[cpu], &arc);
    if (SMM_NOTED_MARKS >> arc.mark & 1)
        return 0;
    for (uint32_t i = 0; i < smm->model.words; i++)
        to[i] = x->state[i];
    smm_put(to, smm->local_field[cpu], arc.next);
    if (after != arc.value)
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
    const explore_smm_local *local = smm_local(x->smm, x->view, cpu);
    const step_request *request = &local->request;

    if (!x->smm->detours && emit_access(x, cpu, local))
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
        if (s->delivery == EXPLORE_SMM_HARDWARE) {
            if (x->view->env.pulses)
                emit(x, SMM_LABEL(SMM_PULSE, s->cpus, source));
            continue;
        }
        for (int c = 0; c < s->cpus; c++)
            if (may_trigger(x->smm, x->view, c))
                emit(x, SMM_LABEL(SMM_PULSE, c, source));
    }
}

static void emit_timeouts(expansion *x, uint64_t waits)
{
    int quiet = x->fan->count == 0;
    int all_inside = 1;

    for (int c = 0; c < x->smm->settings.cpus; c++)
        all_inside &= x->view->local[c] != 0;
    for (int c = 0; waits >> c; c++) {
        if (!(waits >> c & 1))
            continue;
        emit(x, SMM_LABEL(SMM_TIMEOUT, c, 0));
        if (quiet && all_inside)
            x->fan->edges[x->fan->count - 1].violated |= BIT(NO_STALL);
        if (c == 63)
            break;
    }
}

static void emit_all(expansion *x)
{
    const explore_smm_settings *s = &x->smm->settings;
    uint64_t waits = 0;

    for (int c = 0; c < s->cpus; c++) {
        smm_readiness readiness = SMM_STUCK;

        if (x->view->local[c])
            readiness = explore_smm_readiness(x->smm, x->view, c);
        if (readiness == SMM_READY)
            emit_step(x, c);
        else if (readiness == SMM_WAITS)
            waits |= UINT64_C(1) << c;
    }
    for (int c = 0; s->tso && c < s->cpus; c++)
        if (x->view->buffer[c].count)
            emit(x, SMM_LABEL(SMM_DRAIN, c, 0));
    for (int c = 0; c < s->cpus; c++)
        if (!x->view->local[c] && may_enter(x->smm, x->view, c))
            emit(x, SMM_LABEL(SMM_ENTER, c, 0));
    emit_pulses(x);
    if (may_suspend(x->smm, x->view))
        emit(x, SMM_LABEL(SMM_SUSPEND, 0, 0));
    emit_timeouts(x, waits);
}

/* Nobody can move. With timeouts off, a CPU in a wait that has a bound is not stuck for ever: that
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
        return inside == smm->settings.cpus ? BIT(NO_STALL) : 0;
    if (inside)
        return BIT(NO_DEADLOCK);
    return view->env.flags & (SMM_OWED | SMM_OWED_ASYNC) ? BIT(NO_LOST_SMI) : 0;
}

void explore_smm_expand(const explore_model *model, void *scratch, const uint64_t *state,
                        explore_fan *fan)
{
    const explore_smm *smm = model->self;
    expansion x = {.smm = smm, .view = &((smm_scratch *)scratch)->view, .state = state, .fan = fan};
    int single = -1;

    fan->count = 0;
    explore_smm_unpack(smm, state, x.view);
    fan->violated = explore_smm_check_state(smm, x.view);
    if (smm->partial_order)
        single = explore_smm_reduce_single(smm, x.view);
    if (single >= 0)
        emit_step(&x, single);
    else
        emit_all(&x);
    if (fan->count == 0)
        fan->violated |= judge_end(smm, x.view);
}
