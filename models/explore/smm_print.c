/* SPDX-License-Identifier: Apache-2.0 */
/* smm_print: schedules as text, and what explore_tell needs to tell a run of edk2. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "models/explore/smm_parts.h"
#include "models/explore/tell.h"

enum { PICTURE_WIDTH = 17, NAME_SIZE = 24, RUN_MOST = 1000000, STEPS_MOST = 10000000 };

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
    if (kind == SMM_PULSE && SMM_ACTOR(label) == s->cpus && s->delivery != DELIVERY_HARDWARE)
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
        if (SMM_ACTOR(label) >= s->cpus + (uint32_t)(SMM_KIND(label) == SMM_PULSE))
            return err_set(err, SIM_BAD_INPUT,
                           "schedule, step %" PRId64 ": '%s': no such CPU (would be right: 0 to "
                           "%d)",
                           i + 1, name, s->cpus - 1);
    }
    return SIM_OK;
}

/* ---- one step --------------------------------------------------------------------------- */

static void print_changes(const explore_smm *smm, const smm_view *before, const smm_view *after,
                          FILE *out)
{
    char name[NAME_SIZE];

    for (uint32_t w = 0; w < smm->word_count; w++) {
        if (before->words[w] == after->words[w])
            continue;
        step_word_name(smm->machine.protocol, &smm->config, w, name, sizeof name);
        explore_tell_change(name, before->words[w], after->words[w], out);
    }
    if (before->env.latch != after->env.latch) {
        (void)fprintf(out, "  pending SMIs:");
        for (int c = 0; c < smm->settings.cpus; c++)
            if (after->env.latch >> c & 1)
                (void)fprintf(out, " %d", c);
        if (!after->env.latch)
            (void)fprintf(out, " none");
    }
}

/* What a step that changes nothing shared was about. */
static void print_access(const explore_smm *smm, const smm_view *before, int cpu, FILE *out)
{
    const step_request *request = &smm_local(smm, before, cpu)->request;
    uint8_t row = smm_local(smm, before, cpu)->cpu.row;
    char name[NAME_SIZE];

    if (request->op >= STEP_LOCAL || request->word >= smm->word_count)
        return;
    step_word_name(smm->machine.protocol, &smm->config, request->word, name, sizeof name);
    if (request->op == STEP_STORE) {
        (void)fprintf(out, "  %s := ", name);
        explore_tell_value(request->a, out);
    } else if (request->op == STEP_CAS && before->words[request->word] != request->a) {
        (void)fprintf(out, "  %s is not ", name);
        explore_tell_value(request->a, out);
        if (smm->config.code[row].op != OP_CAS) /* which is tried once */
            (void)fprintf(out, " any more: again");
    } else if (request->op != STEP_CAS && request->op != STEP_ADD) {
        (void)fprintf(out, "  %s is ", name);
        explore_tell_value(before->words[request->word], out);
    }
}

static explore_tell_row tell_row(const explore_teller *teller, const void *scene, uint32_t label)
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
    const step_row *row;
    const step_cpu *cpu;

    if (kind != SMM_STEP && kind != SMM_TIMEOUT)
        return (explore_tell_row){"", "", "", what[kind], ids[kind]};
    cpu = &smm_local(smm, scene, (int)SMM_ACTOR(label))->cpu;
    row = &smm->machine.protocol->rows[cpu->row];
    return (explore_tell_row){step_role_name((step_role)row->role), row->name, row->marker,
                              row->what, row->id};
}

static void tell_changes(const explore_teller *teller, uint32_t label, const void *const scenes[2],
                         FILE *out)
{
    const explore_smm *smm = teller->self;
    const smm_view *before = scenes[0], *after = scenes[1];
    uint32_t kind = SMM_KIND(label);

    if (kind == SMM_TIMEOUT)
        (void)fprintf(out, ": timeout");
    if (kind == SMM_STEP || kind == SMM_TIMEOUT) {
        const step_request *request = &smm_local(smm, before, (int)SMM_ACTOR(label))->request;

        if (memcmp(before->words, after->words, sizeof before->words) == 0)
            print_access(smm, before, (int)SMM_ACTOR(label), out);
        if (request->op == STEP_ASK && request->local == ASK_SYNC_NEEDED)
            (void)fprintf(out, "  %s", SMM_ANSWER(label) ? "yes" : "no: local machine check");
    }
    print_changes(smm, before, after, out);
}

/* ---- the end ---------------------------------------------------------------------------- */

static void print_wait(const explore_smm *smm, const smm_view *view, int cpu, FILE *out)
{
    const step_request *request = &smm_local(smm, view, cpu)->request;
    char name[NAME_SIZE];

    if (request->op == STEP_WAIT || request->op == STEP_WAIT_COUNT) {
        step_word_name(smm->machine.protocol, &smm->config, request->word, name, sizeof name);
        if (request->op == STEP_WAIT_COUNT)
            (void)fprintf(out, "until %u of the %u words from %s on are not 0", request->a,
                          request->b, name);
        else
            explore_tell_wait(name,
                              request->cond == STEP_NE   ? "is not"
                              : request->cond == STEP_EQ ? "is"
                                                         : "reaches",
                              out);
        if (request->op == STEP_WAIT)
            explore_tell_wanted(request->a, view->words[request->word], out);
        (void)fprintf(out, ", %s",
                      request->bound == STEP_UNBOUNDED  ? "without a bound"
                      : request->bound == STEP_TIMEOUT1 ? "at most timeout 1"
                                                        : "at most timeout 2");
    }
}

static int tell_where(const explore_teller *teller, const void *scene, int c, FILE *out)
{
    const explore_smm *smm = teller->self;
    const smm_view *view = scene;
    const step_cpu *cpu = &smm_local(smm, view, c)->cpu;
    const step_row *row = &smm->machine.protocol->rows[cpu->row];
    int pending = (int)(view->env.latch >> c & 1);

    if (smm->settings.cpus > EXPLORE_TELL_PICTURED && !view->local[c] && !pending)
        return 0;
    (void)fprintf(out, "  CPU %-2d ", c);
    if (!view->local[c]) {
        (void)fprintf(out, "runs normal code%s\n", pending ? ", an SMI is pending" : "");
        return 1;
    }
    explore_tell_row_of(&(explore_tell_row){step_role_name((step_role)row->role), row->name,
                                            row->marker, row->what, row->id},
                        out);
    print_wait(smm, view, c, out);
    (void)fprintf(out, "%s\n", pending ? "; an SMI is pending" : "");
    return 1;
}

/* ---- the picture ------------------------------------------------------------------------ */

static void tell_cell(const explore_teller *teller, const void *scene, uint32_t label,
                      explore_tell_cell *cell)
{
    static const char *const short_what[SMM_KINDS] = {"",        "drain", ">> SMM",
                                                      "trigger", "sleep", ""};
    const explore_smm *smm = teller->self;
    uint32_t kind = SMM_KIND(label);
    int cpu = (int)SMM_ACTOR(label);
    const explore_smm_local *local;
    const step_row *row;

    if (kind != SMM_STEP && kind != SMM_TIMEOUT) {
        (void)snprintf(cell->text, sizeof cell->text, "%s", short_what[kind]);
        return;
    }
    local = smm_local(smm, scene, cpu);
    row = &smm->machine.protocol->rows[local->cpu.row];
    (void)snprintf(cell->text, sizeof cell->text, "%s%s%s%s", row->name, row->marker[0] ? " " : "",
                   row->marker, kind == SMM_TIMEOUT ? " TIMEOUT" : "");
    if (kind == SMM_STEP && local->request.op == STEP_IPI) {
        cell->to = local->request.target;
        cell->sent = "directed SMI";
    }
}

/* ---- replay ----------------------------------------------------------------------------- */

static void tell_initial(const explore_teller *teller, void *scene)
{
    explore_smm_initial(teller->self, scene);
}

static void tell_pack(const explore_teller *teller, const void *scene, uint64_t *state)
{
    explore_smm_pack(teller->self, scene, state);
}

static void tell_apply(const explore_teller *teller, void *scene, uint32_t label)
{
    smm_effect effect;

    explore_smm_apply(teller->self, scene, label, &effect);
}

static uint64_t tell_memory(const explore_teller *teller, const void *scene, uint64_t hash)
{
    const explore_smm *smm = teller->self;
    const smm_view *view = scene;

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
                            .scene_bytes = sizeof(smm_view),
                            .actors = smm->settings.cpus,
                            .width = PICTURE_WIDTH,
                            .name_width = 4,
                            .marker_width = 3,
                            .initial = tell_initial,
                            .pack = tell_pack,
                            .apply = tell_apply,
                            .memory = tell_memory,
                            .actor = tell_actor,
                            .actor_name = tell_actor_name,
                            .property = tell_property,
                            .row = tell_row,
                            .cell = tell_cell,
                            .changes = tell_changes,
                            .where = tell_where};
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
