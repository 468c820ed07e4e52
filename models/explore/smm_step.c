/* SPDX-License-Identifier: Apache-2.0 */
/* smm_step: one move of an exploration: what it does, and whether a CPU can make one. */
#include <string.h>

#include "models/explore/smm_parts.h"
#include "models/explore/mutants.h"

#define BIT(id) (1u << RULE_##id)

void explore_smm_initial(const explore_smm *smm, smm_view *view)
{
    memset(view, 0, sizeof *view);
    memcpy(view->words, smm->fresh, smm->word_count * sizeof view->words[0]);
    view->env.triggers = smm->settings.smis;
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
    } else if (step_value_after(request, value) != value) { /* not what a load saw in the buffer */
        set_word(smm, view, request->word, step_value_after(request, value), effect);
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
    effect->violated |= rules_judge_step(&(rules_step){.directed = view->local[target] != 0});
    view->env.latch |= UINT64_C(1) << target;
}

static uint32_t handler_next(const explore_smm *smm, smm_view *view, uint32_t outcome,
                             smm_effect *effect)
{
    const explore_smm_settings *s = &smm->settings;

    if (view->env.handler_plan > 0) {
        const rules_step step = {.asked =
                                     (uint8_t)(s->handler_plan[view->env.handler_plan - 1] >> 24),
                                 .outcome = (uint8_t)outcome,
                                 .present = (uint8_t)explore_smm_check_present(smm, view)};

        effect->violated |= rules_judge_step(&step);
        if (rules_promises(&step))
            view->env.flags |= SMM_PROMISED;
    }
    if (view->env.handler_plan >= s->handler_plan_length) {
        view->env.handler_plan = 0;
        return STEP_ANSWER(ACTION_DONE, 0);
    }
    return s->handler_plan[view->env.handler_plan++];
}

static uint8_t others_at_work(const explore_smm *smm, const smm_view *view, int cpu)
{
    uint32_t where = 0;

    for (int c = 0; c < smm->settings.cpus; c++)
        where |= c == cpu ? 0 : smm_local(smm, view, c)->sections;
    return (where & (STEP_IN_BSP | STEP_IN_TEARDOWN)) != 0;
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
        if (smm->at[FIELD_GATE] != SMM_NOWHERE)
            effect->violated |=
                rules_judge_step(&(rules_step){.busy = others_at_work(smm, view, cpu)});
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
        if (smm->machine.protocol->gathers)
            env->flags |= SMM_ARRIVED;
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

static void trigger(const explore_smm *smm, smm_view *view, uint32_t label)
{
    view->env.triggers--;
    view->env.flags |= SMM_ANSWER(label) ? SMM_OWED_ASYNC : SMM_OWED;
    view->env.latch |=
        smm->settings.delivery == DELIVERY_UNICAST ? UINT64_C(1) << SMM_ACTOR(label) : smm->all;
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
        const step_field *field = &smm->machine.protocol->fields[smm->field_of[w]];
        int forgets_locks = field->per_cpu && field->place == PLACE_OWN_LINE;
        int forgets_data = field->kind == FIELD_BSP || (field->per_cpu && !forgets_locks);

        if (!(forgets_locks && (smm->settings.mutant & MUTANT_RESUME_KEEPS_LOCKS)) &&
            !(forgets_data && (smm->settings.mutant & MUTANT_RESUME_KEEPS_DATA)))
            view->words[w] = smm->fresh[w];
    }
    memset(view->local, 0, sizeof view->local);
    memset(view->buffer, 0, sizeof view->buffer);
    view->env.latch = 0;
    view->env.handler_plan = 0;
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
    case SMM_TRIGGER:
        trigger(smm, view, label);
        break;
    case SMM_SUSPEND:
        suspend(smm, view);
        effect->whole = 1;
        break;
    default:
        sim_panic(__FILE__, __LINE__, "no such choice");
    }
}
