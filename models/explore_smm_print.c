/* SPDX-License-Identifier: Apache-2.0 */
/* explore_smm_print: schedules as text, and a run told step by step and as a picture. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "models/explore_smm_parts.h"

enum { PICTURE_CPUS = 8, PICTURE_WIDTH = 17, NAME_SIZE = 24 };

static const char kind_letters[SMM_KINDS] = {' ', 'd', 'e', 'p', 's', 't'};

/* ---- schedules -------------------------------------------------------------------------- */

static void print_label(uint32_t label, FILE *out)
{
    uint32_t kind = SMM_KIND(label);

    SIM_ASSERT(kind < SMM_KINDS);
    if (kind != SMM_STEP)
        (void)fprintf(out, "%c", kind_letters[kind]);
    (void)fprintf(out, "%u", SMM_ACTOR(label));
    if (SMM_ANSWER(label))
        (void)fprintf(out, "=%u", SMM_ANSWER(label));
}

void explore_smm_print_schedule(const uint32_t *labels, int64_t count, FILE *out)
{
    for (int64_t i = 0; i < count;) {
        int64_t run = 1;

        while (i + run < count && labels[i + run] == labels[i])
            run++;
        (void)fprintf(out, "%s", i ? " " : "");
        print_label(labels[i], out);
        if (run > 1)
            (void)fprintf(out, "*%" PRId64, run);
        i += run;
    }
}

static sim_status parse_label(const char **at, uint32_t *label, uint64_t *run, sim_err *err)
{
    const char *start = *at;
    uint32_t kind = SMM_STEP;
    unsigned long actor, answer = 0;
    char *end;

    for (uint32_t k = 1; k < SMM_KINDS; k++)
        if (**at == kind_letters[k])
            kind = k;
    *at += kind != SMM_STEP;
    actor = strtoul(*at, &end, 10);
    if (end == *at || **at < '0' || **at > '9' || actor > EXPLORE_SMM_CPUS_MAX)
        return err_set(err, SIM_BAD_INPUT,
                       "'%.12s' is no step (would be right: 0, e1, p0, t1, d0, s0, 0*12, 0=1)",
                       start);
    if (*end == '=')
        answer = strtoul(end + 1, &end, 10);
    *run = 1;
    if (*end == '*')
        *run = strtoul(end + 1, &end, 10);
    if ((*end && *end != ' ') || answer > 0xffff || *run == 0 || *run > 1000000)
        return err_set(err, SIM_BAD_INPUT, "'%.12s' is no step (would be right: 0*12)", start);
    *label = SMM_LABEL(kind, actor, answer);
    *at = end;
    return SIM_OK;
}

sim_status explore_smm_parse_schedule(const char *text, uint32_t **labels, int64_t *count,
                                      sim_err *err)
{
    int64_t room = 0;

    *labels = NULL;
    *count = 0;
    while (*text) {
        uint32_t label = 0;
        uint64_t run = 0;

        if (*text == ' ') {
            text++;
            continue;
        }
        if (parse_label(&text, &label, &run, err) != SIM_OK) {
            free(*labels);
            *labels = NULL;
            return SIM_BAD_INPUT;
        }
        while (*count + (int64_t)run > room) {
            room = room ? 2 * room : 256;
            *labels = sim_realloc(*labels, (uint64_t)room, sizeof **labels);
        }
        for (; run > 0; run--)
            (*labels)[(*count)++] = label;
    }
    return SIM_OK;
}

/* ---- one step --------------------------------------------------------------------------- */

static const char *role(const explore_smm *smm, const step_cpu *cpu)
{
    const step_protocol *protocol = smm->machine.protocol;

    if (cpu->row == 0 || protocol->rows[cpu->row].name[0] == 'R')
        return "";
    return cpu->row >= protocol->roles_bsp_first && cpu->row <= protocol->roles_bsp_last ? "BSP"
                                                                                         : "AP";
}

static void print_value(uint32_t value, FILE *out)
{
    if (value >= UINT32_MAX - 3)
        (void)fprintf(out, "-%u", UINT32_MAX - value + 1);
    else
        (void)fprintf(out, "%u", value);
}

static void print_changes(const explore_smm *smm, const smm_view *before, const smm_view *after,
                          FILE *out)
{
    char name[NAME_SIZE];

    for (uint32_t w = 0; w < smm->word_count; w++) {
        if (before->words[w] == after->words[w])
            continue;
        step_word_name(smm->machine.protocol, &smm->config, w, name, sizeof name);
        (void)fprintf(out, "  %s ", name);
        print_value(before->words[w], out);
        (void)fprintf(out, "->");
        print_value(after->words[w], out);
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
static void print_access(const explore_smm *smm, const smm_view *before,
                         const step_request *request, FILE *out)
{
    char name[NAME_SIZE];

    if (request->op >= STEP_LOCAL || request->word >= smm->word_count)
        return;
    step_word_name(smm->machine.protocol, &smm->config, request->word, name, sizeof name);
    if (request->op == STEP_STORE) {
        (void)fprintf(out, "  %s := ", name);
        print_value(request->a, out);
    } else if (request->op == STEP_CAS && before->words[request->word] != request->a) {
        (void)fprintf(out, "  %s is not ", name);
        print_value(request->a, out);
        (void)fprintf(out, " any more: again");
    } else if (request->op != STEP_CAS && request->op != STEP_ADD) {
        (void)fprintf(out, "  %s is ", name);
        print_value(before->words[request->word], out);
    }
}

static void print_step(const explore_smm *smm, int64_t number, uint32_t label,
                       const smm_view views[2], FILE *out)
{
    static const char *const what[SMM_KINDS] = {"",
                                                "a buffered store reaches memory",
                                                "enters SMM",
                                                "triggers an SMI",
                                                "the machine sleeps and resumes",
                                                "timeout"};
    uint32_t kind = SMM_KIND(label);
    int cpu = (int)SMM_ACTOR(label);

    (void)fprintf(out, "%5" PRId64 "  ", number);
    if (cpu < smm->settings.cpus)
        (void)fprintf(out, "CPU %-2d ", cpu);
    else
        (void)fprintf(out, "chipset");
    if (kind == SMM_STEP || kind == SMM_TIMEOUT) {
        const explore_smm_local *local = smm_local(smm, &views[0], cpu);
        const step_row *row = &smm->machine.protocol->rows[local->cpu.row];

        (void)fprintf(out, "%-3s %-4s%-3s %s%s%s", role(smm, &local->cpu), row->name, row->marker,
                      row->what, kind == SMM_TIMEOUT ? ": " : "", what[kind]);
        if (memcmp(views[0].words, views[1].words, sizeof views[0].words) == 0)
            print_access(smm, &views[0], &local->request, out);
        if (local->request.op == STEP_ASK && local->request.local == ASK_SYNC_NEEDED)
            (void)fprintf(out, "  %s", SMM_ANSWER(label) ? "yes" : "no: local machine check");
    } else {
        (void)fprintf(out, "            %s", what[kind]);
    }
    print_changes(smm, &views[0], &views[1], out);
    (void)fprintf(out, "\n");
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
            (void)fprintf(out, "until %s %s ", name,
                          request->cond == STEP_NE   ? "is not"
                          : request->cond == STEP_EQ ? "is"
                                                     : "reaches");
        if (request->op == STEP_WAIT) {
            print_value(request->a, out);
            (void)fprintf(out, " (it is ");
            print_value(view->words[request->word], out);
            (void)fprintf(out, ")");
        }
        (void)fprintf(out, ", %s",
                      request->bound == STEP_UNBOUNDED  ? "without a bound"
                      : request->bound == STEP_TIMEOUT1 ? "at most timeout 1"
                                                        : "at most timeout 2");
    }
}

static void print_end(const explore_smm *smm, const smm_view *view, FILE *out)
{
    (void)fprintf(out, "then\n");
    for (int c = 0; c < smm->settings.cpus; c++) {
        const step_cpu *cpu = &smm_local(smm, view, c)->cpu;
        const step_row *row = &smm->machine.protocol->rows[cpu->row];
        int pending = (int)(view->env.latch >> c & 1);

        if (smm->settings.cpus > PICTURE_CPUS && !view->local[c] && !pending)
            continue;
        (void)fprintf(out, "  CPU %-2d ", c);
        if (!view->local[c]) {
            (void)fprintf(out, "runs normal code%s\n", pending ? ", an SMI is pending" : "");
            continue;
        }
        (void)fprintf(out, "%-3s %s%s%s ", role(smm, cpu), row->name, row->marker[0] ? " " : "",
                      row->marker);
        (void)fprintf(out, "(%s) ", row->what);
        print_wait(smm, view, c, out);
        (void)fprintf(out, "%s\n", pending ? "; an SMI is pending" : "");
    }
}

/* ---- the picture ------------------------------------------------------------------------ */

static void print_cell(const explore_smm *smm, uint32_t label, const smm_view *before,
                       char text[PICTURE_WIDTH + 16])
{
    static const char *const short_what[SMM_KINDS] = {"",        "drain", ">> SMM",
                                                      "trigger", "sleep", ""};
    uint32_t kind = SMM_KIND(label);
    int cpu = (int)SMM_ACTOR(label);
    const step_row *row;

    if (kind != SMM_STEP && kind != SMM_TIMEOUT) {
        (void)snprintf(text, PICTURE_WIDTH + 16, "%s", short_what[kind]);
        return;
    }
    row = &smm->machine.protocol->rows[smm_local(smm, before, cpu)->cpu.row];
    (void)snprintf(text, PICTURE_WIDTH + 16, "%s%s%s%s", row->name, row->marker[0] ? " " : "",
                   row->marker, kind == SMM_TIMEOUT ? " TIMEOUT" : "");
}

/* One row for each stretch of steps that a CPU spends in one state. */
static void print_picture_row(const explore_smm *smm, int cpu, const char *cell, uint32_t ipi,
                              FILE *out)
{
    for (int c = 0; c < smm->settings.cpus; c++) {
        if (c == cpu)
            (void)fprintf(out, " %-*s", PICTURE_WIDTH, cell);
        else if (ipi != UINT32_MAX && (uint32_t)c == ipi)
            (void)fprintf(out, " %-*s", PICTURE_WIDTH, "<-- directed SMI");
        else
            (void)fprintf(out, " %-*s", PICTURE_WIDTH, "|");
    }
    (void)fprintf(out, "\n");
}

static void print_picture(const explore_smm *smm, const explore_smm_schedule *schedule,
                          smm_view views[2], FILE *out)
{
    char cell[PICTURE_WIDTH + 16], last[PICTURE_WIDTH + 16] = "";
    int last_cpu = -1;
    smm_effect effect;

    explore_smm_initial(smm, &views[0]);
    for (int c = 0; c < smm->settings.cpus; c++)
        (void)fprintf(out, " CPU %-*d", PICTURE_WIDTH - 4, c);
    (void)fprintf(out, "\n");
    for (int64_t i = 0; i < schedule->count; i++) {
        int cpu = (int)SMM_ACTOR(schedule->labels[i]);
        uint32_t ipi = UINT32_MAX;

        print_cell(smm, schedule->labels[i], &views[0], cell);
        if (SMM_KIND(schedule->labels[i]) == SMM_STEP && cpu < smm->settings.cpus &&
            smm_local(smm, &views[0], cpu)->request.op == STEP_IPI)
            ipi = smm_local(smm, &views[0], cpu)->request.target;
        if (cpu != last_cpu || strcmp(cell, last) != 0 || ipi != UINT32_MAX)
            print_picture_row(smm, cpu, cell, ipi, out);
        last_cpu = cpu;
        memcpy(last, cell, sizeof last);
        explore_smm_apply(smm, &views[0], schedule->labels[i], &effect);
    }
}

/* ---- replay ----------------------------------------------------------------------------- */

static uint64_t digest_view(const explore_smm *smm, const smm_view *view)
{
    uint64_t h = view->env.latch * UINT64_C(0x9E3779B97F4A7C15) + view->env.flags +
                 ((uint64_t)view->env.pulses << 8) + ((uint64_t)view->env.script << 16);

    for (uint32_t w = 0; w < smm->word_count; w++)
        h = (h ^ view->words[w]) * UINT64_C(0x100000001b3);
    for (int c = 0; c < smm->settings.cpus; c++)
        h = ((h ^ h >> 31) + smm_local(smm, view, c)->digest) * UINT64_C(0xD6E8FEB86659FD93);
    return h ^ h >> 32;
}

/* The edge with this label out of the view's state, or NULL. */
static const explore_edge *find_edge(const explore_smm *smm, const smm_view *view, uint32_t label,
                                     explore_bench *bench)
{
    uint64_t state[EXPLORE_WORDS_MAX];

    explore_smm_pack(smm, view, state);
    smm->model.expand(&smm->model, bench->scratch, state, &bench->fan);
    for (uint32_t e = 0; e < bench->fan.count; e++)
        if (bench->fan.edges[e].label == label)
            return &bench->fan.edges[e];
    return NULL;
}

static sim_status walk(const explore_smm *smm, const explore_smm_schedule *schedule, FILE *out,
                       smm_view views[2], sim_err *err)
{
    explore_bench bench;
    uint32_t violated = 0;
    smm_effect effect;
    sim_status status = SIM_OK;

    explore_bench_init(&bench, &smm->model);
    explore_smm_initial(smm, &views[0]);
    for (int64_t i = 0; i < schedule->count && status == SIM_OK; i++) {
        const explore_edge *edge = find_edge(smm, &views[0], schedule->labels[i], &bench);

        if (!edge) {
            status = err_set(
                err, SIM_FINDING,
                "the model diverges: step %" PRId64 " of the schedule cannot be taken here", i + 1);
            break;
        }
        violated = edge->violated;
        views[1] = views[0];
        explore_smm_apply(smm, &views[1], edge->label, &effect);
        if (out)
            print_step(smm, i + 1, edge->label, views, out);
        views[0] = views[1];
    }
    if (status == SIM_OK && !(violated & 1u << EXPLORE_SMM_BOUNDS)) {
        (void)find_edge(smm, &views[0], 0, &bench);
        violated |= bench.fan.violated;
    }
    explore_bench_free(&bench);
    if (status == SIM_OK && schedule->property >= 0 && !(violated >> schedule->property & 1))
        status = err_set(err, SIM_FINDING, "the model diverges: the schedule ends without %s",
                         explore_smm_properties[schedule->property].name);
    return status;
}

sim_status explore_smm_digest(const explore_smm *smm, const explore_smm_schedule *schedule,
                              uint64_t *digest, sim_err *err)
{
    smm_view *views = sim_alloc(2, sizeof *views);
    sim_status status = walk(smm, schedule, NULL, views, err);

    *digest = digest_view(smm, &views[0]);
    free(views);
    return status;
}

sim_status explore_smm_replay(const explore_smm *smm, const explore_smm_schedule *schedule,
                              FILE *out, sim_err *err)
{
    smm_view *views = sim_alloc(2, sizeof *views);
    sim_status status = walk(smm, schedule, out, views, err);
    uint64_t digest = digest_view(smm, &views[0]);

    if (status == SIM_OK && schedule->digest && schedule->digest != digest)
        status = err_set(err, SIM_FINDING,
                         "the model diverges: the last state is %016" PRIx64
                         ", the schedule was recorded with %016" PRIx64,
                         digest, schedule->digest);
    if (status == SIM_OK) {
        print_end(smm, &views[0], out);
        if (smm->settings.cpus <= PICTURE_CPUS) {
            (void)fprintf(out, "picture\n");
            print_picture(smm, schedule, views, out);
        }
    }
    free(views);
    return status;
}
