/* SPDX-License-Identifier: Apache-2.0 */
/* smm_print: schedules as text, and what explore_tell needs to tell a run of edk2. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "models/explore/smm_parts.h"
#include "models/explore/tell.h"
#include "models/protocol/say.h"

enum { NAME_SIZE = 24, RUN_MOST = 1000000, STEPS_MOST = 10000000 };
enum { CPUS_FEW = 8 }; /* of more than that those in normal code have no line at the end */

static const char kind_letters[SMM_KINDS] = {' ', 'd', 'e', 'p', 's', 't'};

/* ---- schedules -------------------------------------------------------------------------- */

void explore_smm_step_name(uint32_t label, char name[EXPLORE_TELL_NAME])
{
    uint32_t kind = SMM_KIND(label);
    int used;

    SIM_ASSERT(kind < SMM_KINDS);
    used = snprintf(name, EXPLORE_TELL_NAME, "%.*s%u", kind != SMM_STEP, &kind_letters[kind],
                    SMM_ACTOR(label));
    if (SMM_ANSWER(label))
        (void)snprintf(name + used, EXPLORE_TELL_NAME - (size_t)used, "=%u", SMM_ANSWER(label));
}

void explore_smm_print_schedule(const uint32_t *labels, int64_t count, FILE *out)
{
    for (int64_t i = 0; i < count;) {
        char name[EXPLORE_TELL_NAME];
        int64_t run = 1;

        while (i + run < count && run < RUN_MOST && labels[i + run] == labels[i])
            run++;
        explore_smm_step_name(labels[i], name);
        (void)fprintf(out, "%s%s", i ? " " : "", name);
        if (run > 1)
            (void)fprintf(out, "*%" PRId64, run);
        i += run;
    }
}

/* Decimal digits, no zero in front, up to `most`; 0: something else stands there. */
static int parse_digits(const char **at, uint64_t most, uint64_t *out)
{
    const char *start = *at;
    uint64_t value = 0;

    while (**at >= '0' && **at <= '9' && value <= most)
        value = value * 10 + (uint64_t)(*(*at)++ - '0');
    *out = value;
    return *at != start && value <= most && (*start != '0' || *at == start + 1);
}

/* One word; 0: it is no step. */
static int parse_label(const char **at, uint32_t *label, uint64_t *run)
{
    uint32_t kind = SMM_STEP;
    uint64_t actor, answer = 0;

    for (uint32_t k = 1; k < SMM_KINDS; k++)
        if (**at == kind_letters[k])
            kind = k;
    *at += kind != SMM_STEP;
    *run = 1;
    if (!parse_digits(at, EXPLORE_SMM_CPUS_MAX, &actor))
        return 0;
    if (**at == '=' && (++*at, !parse_digits(at, 0xffff, &answer)))
        return 0;
    if (**at == '*' && (++*at, !parse_digits(at, RUN_MOST, run)))
        return 0;
    *label = SMM_LABEL(kind, actor, answer);
    return *run > 0 && (!**at || **at == ' ');
}

/* Counts the steps of a text; `labels` NULL, or has room for them, and gets them. */
static sim_status read_words(const char *text, uint32_t *labels, int64_t *count, sim_err *err)
{
    *count = 0;
    for (const char *at = text + strspn(text, " "); *at; at += strspn(at, " ")) {
        const char *word = at;
        uint32_t label = 0;
        uint64_t run = 0;

        if (!parse_label(&at, &label, &run))
            return err_set(err, SIM_BAD_INPUT,
                           "schedule:1:%td: '%.*s' is no step (would be right: 0, e1, p0, t1, d0, "
                           "s0, 0*12, 0=1)",
                           word - text + 1, (int)strcspn(word, " "), word);
        if (*count + (int64_t)run > STEPS_MOST)
            return err_set(err, SIM_BAD_INPUT,
                           "schedule:1:%td: more than %d steps (would be right: fewer, in all)",
                           word - text + 1, STEPS_MOST);
        for (uint64_t i = 0; labels && i < run; i++)
            labels[*count + (int64_t)i] = label;
        *count += (int64_t)run;
    }
    if (*count == 0)
        return err_set(err, SIM_BAD_INPUT,
                       "schedule:1:1: no step (would be right: what explore printed)");
    return SIM_OK;
}

sim_status explore_smm_parse_schedule(const char *text, uint32_t **labels, int64_t *count,
                                      sim_err *err)
{
    sim_status s = read_words(text, NULL, count, err);

    *labels = NULL;
    if (s != SIM_OK)
        return s;
    *labels = sim_alloc((uint64_t)*count, sizeof **labels);
    return read_words(text, *labels, count, err);
}

/* With which settings there are such steps, or NULL: with these. */
static const char *step_needs(const explore_smm_settings *s, uint32_t label)
{
    uint32_t kind = SMM_KIND(label);

    if (kind == SMM_DRAIN && !s->tso)
        return "memory=tso";
    if (kind == SMM_SUSPEND && !s->suspend)
        return "suspend=on";
    if (kind == SMM_TIMEOUT && !s->timeouts)
        return "timeouts=on";
    if (kind == SMM_TRIGGER && SMM_ACTOR(label) == s->cpus && s->delivery != DELIVERY_HARDWARE)
        return "smi.delivery=hardware";
    return NULL;
}

sim_status explore_smm_check_schedule(const explore_smm_settings *s,
                                      const explore_schedule *schedule, sim_err *err)
{
    for (int64_t i = 0; i < schedule->count; i++) {
        uint32_t label = schedule->labels[i];
        const char *needs = step_needs(s, label);
        char name[EXPLORE_TELL_NAME];

        explore_smm_step_name(label, name);
        if (needs)
            return err_set(err, SIM_BAD_INPUT,
                           "schedule, step %" PRId64 ": '%s' is never possible (would be right: "
                           "with %s)",
                           i + 1, name, needs);
        if (SMM_ACTOR(label) >= s->cpus + (uint32_t)(SMM_KIND(label) == SMM_TRIGGER))
            return err_set(err, SIM_BAD_INPUT,
                           "schedule, step %" PRId64 ": '%s': no such CPU (would be right: 0 to "
                           "%d)",
                           i + 1, name, s->cpus - 1);
    }
    return SIM_OK;
}

/* ---- one step --------------------------------------------------------------------------- */

static explore_tell_row row_of(const step_row *row)
{
    return (explore_tell_row){step_role_name((step_role)row->role), row->name, row->marker,
                              row->what, row->id};
}

static explore_tell_row tell_row(const explore_teller *teller, const void *unpacked, uint32_t label)
{
    static const char *const what[SMM_KINDS] = {"",
                                                "a buffered store reaches memory",
                                                "enters SMM",
                                                "triggers an SMI",
                                                "the machine sleeps and resumes",
                                                ""};
    static const char *const ids[SMM_KINDS] = {"",        "drain",   "enter",
                                               "trigger", "suspend", "timeout"};
    const explore_smm *smm = teller->self;
    uint32_t kind = SMM_KIND(label);
    const step_cpu *cpu;

    if (kind != SMM_STEP && kind != SMM_TIMEOUT)
        return (explore_tell_row){"", "", "", what[kind], ids[kind]};
    cpu = &smm_local(smm, unpacked, (int)SMM_ACTOR(label))->cpu;
    return row_of(&smm->machine.protocol->rows[cpu->row]);
}

/* The step as the CPU sees it, with its own buffered stores in memory. */
static say_step step_of(const explore_smm *smm, const smm_view *before, uint32_t label)
{
    const int cpu = (int)SMM_ACTOR(label);
    const smm_buffer *buffer = &before->buffer[cpu];
    say_step step = {.request = smm_local(smm, before, cpu)->request,
                     .result = {.value = SMM_ANSWER(label)}};
    uint32_t words[SMM_WORDS_MAX];

    memcpy(words, before->words, sizeof words);
    for (uint32_t i = 0; i < buffer->count; i++)
        words[buffer->store[i].word] = buffer->store[i].value;
    if (SMM_KIND(label) == SMM_TIMEOUT)
        step.result = (step_result){.value = words[step.request.word], .timed_out = 1};
    else if (step.request.op < STEP_LOCAL)
        (void)step_perform(&step.request, words, &step.result);
    return step;
}

/* Appends ": what" or ", what". */
static void add_change(lanes_turn *turn, int *count, const char *what)
{
    size_t used = strlen(turn->did);

    (void)snprintf(turn->did + used, sizeof turn->did - used, "%s%s", (*count)++ ? ", " : ": ",
                   what);
}

/* What else changed memory: a buffered store, or the machine's resume. */
static void say_changes(const explore_smm *smm, const smm_view *before, const smm_view *after,
                        lanes_turn *turn)
{
    int count = 0;

    for (uint32_t w = 0; w < smm->word_count; w++) {
        const say_step step = {
            .request = {.op = STEP_CAS, .word = w, .a = before->words[w], .b = after->words[w]},
            .result = {.value = before->words[w]}};
        char text[SAY_TEXT];

        if (before->words[w] == after->words[w])
            continue;
        say_access(smm->machine.protocol, &smm->config, &step, text);
        add_change(turn, &count, text);
    }
}

/* For whom an SMI is pending now, and was not. */
static void say_pending(const explore_smm *smm, const smm_view *before, const smm_view *after,
                        lanes_turn *turn)
{
    const uint64_t more = after->env.latch & ~before->env.latch;
    const int cpus = smm->settings.cpus;
    const int all = more == UINT64_MAX >> (64 - cpus);
    int count = 0;

    if (all)
        add_change(turn, &count, "pending for all CPUs");
    for (int c = 0; !all && c < cpus; c++) {
        char cpu[32];

        (void)snprintf(cpu, sizeof cpu, count ? "%d" : "pending for CPU %d", c);
        if (more >> c & 1)
            add_change(turn, &count, cpu);
    }
}

static void tell_turn(const explore_teller *teller, uint32_t label, const void *const unpacked[2],
                      lanes_turn *turn)
{
    static const lanes_kind kinds[SMM_KINDS] = {LANES_STEP,    LANES_STEP, LANES_TAKEN,
                                                LANES_TRIGGER, LANES_STEP, LANES_STEP};
    static const char *const names[SMM_KINDS] = {"", "drain", "", "", "sleep", ""};
    const explore_smm *smm = teller->self;
    const uint32_t kind = SMM_KIND(label);
    const step_protocol *protocol = smm->machine.protocol;

    turn->kind = kinds[kind];
    turn->name = names[kind];
    if (kind == SMM_STEP || kind == SMM_TIMEOUT) {
        const step_cpu *cpu = &smm_local(smm, unpacked[0], (int)SMM_ACTOR(label))->cpu;
        const say_step step = step_of(smm, unpacked[0], label);
        char access[SAY_TEXT];

        turn->name = protocol->rows[cpu->row].name;
        if (step.request.op == STEP_IPI)
            turn->to = step.request.target;
        say_access(protocol, &smm->config, &step, access);
        say_row(&protocol->rows[cpu->row], access, turn->did, sizeof turn->did);
    } else {
        (void)snprintf(turn->did, sizeof turn->did, "%s",
                       tell_row(teller, unpacked[0], label).what);
        say_changes(smm, unpacked[0], unpacked[1], turn);
    }
    say_pending(smm, unpacked[0], unpacked[1], turn);
}

static int tell_inside(const explore_teller *teller, const void *unpacked, int actor)
{
    const smm_view *view = unpacked;

    (void)teller;
    return view->local[actor] != 0;
}

/* ---- the end ---------------------------------------------------------------------------- */

static void print_wait(const explore_smm *smm, const smm_view *view, int cpu, FILE *out)
{
    static const char *const how[] = {
        [STEP_EQ] = "is", [STEP_NE] = "is not", [STEP_ARRIVED] = "reaches"};
    const step_protocol *protocol = smm->machine.protocol;
    const step_request *request = &smm_local(smm, view, cpu)->request;
    char name[NAME_SIZE], wanted[SAY_VALUE], is[SAY_VALUE];

    if (request->op != STEP_WAIT && request->op != STEP_WAIT_COUNT)
        return;
    step_word_name(protocol, &smm->config, request->word, name, sizeof name);
    say_value(step_word_kind(protocol, &smm->config, request->word), request->a, wanted);
    say_value(step_word_kind(protocol, &smm->config, request->word), view->words[request->word],
              is);
    if (request->op == STEP_WAIT_COUNT)
        (void)fprintf(out, "until %u of the %u words from %s on are not 0", request->a, request->b,
                      name);
    else
        (void)fprintf(out, "until %s %s %s (it is %s)", name, how[request->cond], wanted, is);
    (void)fprintf(out, ", %s",
                  request->bound == STEP_UNBOUNDED  ? "without a bound"
                  : request->bound == STEP_TIMEOUT1 ? "at most timeout 1"
                                                    : "at most timeout 2");
}

static int tell_position(const explore_teller *teller, const void *unpacked, int c, FILE *out)
{
    const explore_smm *smm = teller->self;
    const smm_view *view = unpacked;
    const step_cpu *cpu = &smm_local(smm, view, c)->cpu;
    const explore_tell_row row = row_of(&smm->machine.protocol->rows[cpu->row]);
    int pending = (int)(view->env.latch >> c & 1);

    if (smm->settings.cpus > CPUS_FEW && !view->local[c] && !pending)
        return 0;
    (void)fprintf(out, "  CPU %-2d ", c);
    if (!view->local[c]) {
        (void)fprintf(out, "runs normal code%s\n", pending ? ", an SMI is pending" : "");
        return 1;
    }
    explore_tell_row_of(&row, out);
    print_wait(smm, view, c, out);
    (void)fprintf(out, "%s\n", pending ? "; an SMI is pending" : "");
    return 1;
}

/* ---- replay ----------------------------------------------------------------------------- */

static void tell_initial(const explore_teller *teller, void *unpacked)
{
    explore_smm_initial(teller->self, unpacked);
}

static void tell_pack(const explore_teller *teller, const void *unpacked, uint64_t *state)
{
    explore_smm_pack(teller->self, unpacked, state);
}

static void tell_apply(const explore_teller *teller, void *unpacked, uint32_t label)
{
    smm_effect effect;

    explore_smm_apply(teller->self, unpacked, label, &effect);
}

static uint64_t tell_memory(const explore_teller *teller, const void *unpacked, uint64_t hash)
{
    const explore_smm *smm = teller->self;
    const smm_view *view = unpacked;

    hash = (hash ^ view->env.latch) * UINT64_C(0xD6E8FEB86659FD93);
    for (uint32_t w = 0; w < smm->word_count; w++)
        hash = ((hash ^ hash >> 31) + view->words[w]) * UINT64_C(0xD6E8FEB86659FD93);
    return hash ^ hash >> 32;
}

static int tell_actor(const explore_teller *teller, uint32_t label)
{
    (void)teller;
    return (int)SMM_ACTOR(label);
}

static void tell_actor_name(const explore_teller *teller, int actor, char name[EXPLORE_TELL_NAME])
{
    const explore_smm *smm = teller->self;

    if (actor < smm->settings.cpus)
        (void)snprintf(name, EXPLORE_TELL_NAME, "CPU %d", actor);
    else
        (void)snprintf(name, EXPLORE_TELL_NAME, "chipset");
}

static const char *tell_property(const explore_teller *teller, int property)
{
    (void)teller;
    SIM_ASSERT(property >= 0 && property < RULE_COUNT);
    return rules[property].name;
}

static explore_teller teller_of(const explore_smm *smm)
{
    return (explore_teller){.model = &smm->model,
                            .self = smm,
                            .unpacked_bytes = sizeof(smm_view),
                            .actors = smm->settings.cpus,
                            .initial = tell_initial,
                            .pack = tell_pack,
                            .apply = tell_apply,
                            .memory = tell_memory,
                            .actor = tell_actor,
                            .actor_name = tell_actor_name,
                            .property = tell_property,
                            .row = tell_row,
                            .turn = tell_turn,
                            .inside = tell_inside,
                            .position = tell_position};
}

sim_status explore_smm_digest(const explore_smm *smm, const explore_smm_schedule *schedule,
                              uint64_t *digest, sim_err *err)
{
    explore_teller teller = teller_of(smm);

    return explore_tell_digest(&teller, schedule, digest, err);
}

sim_status explore_smm_replay(const explore_smm *smm, const explore_smm_schedule *schedule,
                              FILE *out, sim_err *err)
{
    explore_teller teller = teller_of(smm);

    return explore_tell_replay(&teller, schedule, out, err);
}
