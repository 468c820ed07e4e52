/* SPDX-License-Identifier: Apache-2.0 */
/* smm: an SMM rendezvous with its environment as a model for the explorer. */
#include "models/explore/smm.h"

#include <stdlib.h>
#include <string.h>

#include "models/explore/smm_parts.h"

static void packed_initial(const explore_model *model, void *scratch, uint64_t *state)
{
    const explore_smm *smm = model->self;

    explore_smm_initial(smm, scratch);
    explore_smm_pack(smm, scratch, state);
}

explore_smm *explore_smm_build(const explore_smm_settings *settings, const step_config *config,
                               int bits)
{
    explore_smm *smm = sim_alloc(1, sizeof *smm);
    int n = settings->cpus;

    SIM_ASSERT(n >= 1 && n <= EXPLORE_SMM_CPUS_MAX && config->possible <= SMM_POSSIBLE_MAX);
    SIM_ASSERT(!settings->tso || n <= SMM_TSO_CPUS_MAX);
    smm->settings = *settings;
    smm->config = *config;
    smm->all = UINT64_MAX >> (64 - n);
    smm->machine = (explore_smm_machine){.protocol = settings->protocol, .config = &smm->config};
    memcpy(smm->services.action, settings->handler_plan, sizeof smm->services.action);
    smm->services.length = settings->handler_plan_length;
    smm->differ = handler_plan_may_differ(&smm->services, settings->protocol);
    smm->word_count = step_word_count(settings->protocol, &smm->config);
    settings->protocol->initial(&smm->config, smm->fresh);
    smm->model = (explore_model){.self = smm,
                                 .fanout = (uint32_t)(4 * n + 4 + 2 * config->possible),
                                 .scratch_bytes = explore_smm_scratch_bytes(),
                                 .initial = packed_initial,
                                 .expand = explore_smm_expand};
    explore_smm_pack_layout(smm);
    for (int c = 0; c < n; c++)
        explore_smm_local_init(&smm->locals[c], &smm->machine, c,
                               bits ? bits : smm->local_field[c].width);
    smm->detours = settings->tso;
    return smm;
}

explore_smm *explore_smm_new(const explore_smm_settings *settings, const step_config *config)
{
    step_config own = *config;
    explore_smm *smm;

    own.free_order = explore_smm_reduce_symmetric(settings, config) ? 1 : 0;
    smm = explore_smm_build(settings, &own, 0);
    explore_smm_reduce_plan(smm);
    smm->detours |= smm->same != 0;
    return smm;
}

void explore_smm_free(explore_smm *smm)
{
    if (!smm)
        return;
    for (int c = 0; c < smm->settings.cpus; c++)
        explore_smm_local_free(&smm->locals[c]);
    free(smm);
}

const explore_model *explore_smm_model(const explore_smm *smm)
{
    return &smm->model;
}

const char *explore_smm_reduction(const explore_smm *smm)
{
    return smm->reduction;
}

/* ---- coverage --------------------------------------------------------------------------- */

static int covered(const explore_smm *smm, int from, int to)
{
    for (int c = 0; c < smm->settings.cpus; c++)
        if (smm->locals[c].branches[from][to / 64] >> (to % 64) & 1)
            return 1;
    return 0;
}

static int branches_of(const explore_smm *smm, int from)
{
    int count = 0;

    for (int to = 0; to < smm->machine.protocol->row_count; to++)
        count += covered(smm, from, to);
    return count;
}

/* Did a wait of this kind end by this bound? */
static int timed_out(const explore_smm *smm, step_mark kind, step_bound bound)
{
    const step_code *code = smm->config.code;

    for (int row = 0; row < smm->machine.protocol->row_count; row++)
        for (int c = 0; c < smm->settings.cpus; c++)
            if (code[row].mark == kind && code[row].bound == bound &&
                (smm->locals[c].timed_out[row / 64] >> (row % 64) & 1))
                return 1;
    return 0;
}

/* Has the protocol such a step? */
static int has_step(const explore_smm *smm, step_mark mark, step_bound bound)
{
    const step_code *code = smm->config.code;

    for (int row = 0; row < smm->machine.protocol->row_count; row++)
        if (code[row].mark == mark && (bound == STEP_UNBOUNDED || code[row].bound == bound))
            return 1;
    return 0;
}

static int marked(const explore_smm *smm, step_mark mark)
{
    for (int c = 0; c < smm->settings.cpus; c++)
        if (smm->locals[c].marks >> mark & 1)
            return 1;
    return 0;
}

static int visited(const explore_smm *smm, int row)
{
    return branches_of(smm, row) > 0;
}

static int handler_may(const explore_smm *smm, step_action first, step_action last)
{
    for (int i = 0; i < smm->settings.handler_plan_length; i++)
        if (smm->settings.handler_plan[i] >> 24 >= (uint32_t)first &&
            smm->settings.handler_plan[i] >> 24 <= (uint32_t)last)
            return 1;
    return 0;
}

/* Rows that this configuration can take: what the handler never asks for does not count. */
static int in_force(const explore_smm *smm, int row)
{
    if (!smm->config.code[row].on)
        return 0;
    switch ((step_role)smm->machine.protocol->rows[row].role) {
    case ROLE_JOBS:
    case ROLE_AWAKE:
    case ROLE_WORKER:
        return handler_may(smm, ACTION_START_THIS, ACTION_START_ALL) || visited(smm, row);
    case ROLE_SERVICE:
        return handler_may(smm, ACTION_RENDEZVOUS, ACTION_RENDEZVOUS);
    default:
        return 1;
    }
}

int explore_smm_handler_ran(const explore_smm *smm)
{
    return marked(smm, MARK_HANDLER);
}

typedef struct {
    const char *name;
    step_mark mark;
    step_bound bound; /* that ended a wait, or UNBOUNDED: the mark alone */
    int possible;     /* with these settings */
} goal;

static void print_goals(const explore_smm *smm, FILE *out)
{
    const explore_smm_settings *s = &smm->settings;
    int bsp_waits = s->timeouts && s->traditional;
    const goal goals[] = {
        {"handler", MARK_HANDLER, STEP_UNBOUNDED, 1},
        {"late CPU", MARK_TOO_LATE, STEP_UNBOUNDED, s->timeouts || s->smis > 1},
        {"gives up", MARK_ABANDONED, STEP_UNBOUNDED, s->timeouts},
        {"AP timeout 1", MARK_WAITED_BSP, STEP_TIMEOUT1, s->timeouts},
        {"AP timeout 2", MARK_WAITED_BSP, STEP_TIMEOUT2, s->timeouts},
        {"BSP timeout 1", MARK_WAITED_APS, STEP_TIMEOUT1, bsp_waits},
        {"BSP timeout 2", MARK_WAITED_APS, STEP_TIMEOUT2, bsp_waits},
    };

    for (size_t i = 0; i < sizeof goals / sizeof goals[0]; i++) {
        const goal *g = &goals[i];
        int reached = g->bound ? timed_out(smm, g->mark, g->bound) : marked(smm, g->mark);

        if (reached || (g->possible && has_step(smm, g->mark, g->bound)))
            (void)fprintf(out, "%s %s%s", i ? "," : "", reached ? "" : "NOT ", g->name);
    }
}

/* The barriers, by upstream's number, where their BSP's or their AP's side was never passed. */
static void print_barriers(const explore_smm *smm, FILE *out)
{
    const step_protocol *protocol = smm->machine.protocol;
    int sides = 0, passed = 0;
    const char *before = "";

    for (int row = 0; row < protocol->row_count; row++)
        if (in_force(smm, row) && protocol->rows[row].marker[0] == '#') {
            sides++;
            passed += visited(smm, row);
        }
    if (sides == 0)
        return;
    (void)fprintf(out, "barriers    %d of %d sides passed", passed, sides);
    for (int row = 0; row < protocol->row_count; row++)
        if (in_force(smm, row) && protocol->rows[row].marker[0] == '#' && !visited(smm, row)) {
            (void)fprintf(out, "%s %s %s", *before ? before : ", NOT", protocol->rows[row].name,
                          protocol->rows[row].marker);
            before = ",";
        }
    (void)fprintf(out, "\n");
}

static void print_never(const explore_smm *smm, FILE *out)
{
    const step_row *rows = smm->machine.protocol->rows;

    (void)fprintf(out, "never      ");
    for (int row = 0; row < smm->machine.protocol->row_count; row++)
        if (in_force(smm, row) && !visited(smm, row))
            (void)fprintf(out, " %s%s (%s)", rows[row].name, rows[row].marker, rows[row].what);
    (void)fprintf(out, "\n");
}

static void print_branches(const explore_smm *smm, FILE *out)
{
    const step_protocol *protocol = smm->machine.protocol;

    for (int row = 0; row < protocol->row_count; row++) {
        if (!visited(smm, row))
            continue;
        (void)fprintf(out, "  %-4s %-3s %-50s ->", protocol->rows[row].name,
                      protocol->rows[row].marker, protocol->rows[row].what);
        for (int to = 0; to < protocol->row_count; to++)
            if (covered(smm, row, to))
                (void)fprintf(out, " %s", protocol->rows[to].name);
        (void)fprintf(out, "\n");
    }
}

void explore_smm_print_coverage(const explore_smm *smm, int detail, FILE *out)
{
    int steps = 0, seen = 0, branches = 0;

    for (int row = 0; row < smm->machine.protocol->row_count; row++) {
        steps += in_force(smm, row);
        seen += in_force(smm, row) && visited(smm, row);
        branches += branches_of(smm, row);
    }
    (void)fprintf(out, "coverage    %d of %d steps, %d branches; reached:", seen, steps, branches);
    print_goals(smm, out);
    (void)fprintf(out, "\n");
    print_barriers(smm, out);
    if (detail)
        print_never(smm, out);
    if (detail > 1)
        print_branches(smm, out);
}
