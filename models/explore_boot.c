/* SPDX-License-Identifier: Apache-2.0 */
/* explore_boot: small models around the rendezvous: first SMI, S3 resume, CPU hot-plug; known bugs.
 */
#include "models/explore_boot.h"

#include <string.h>

/* One step: what the actor does, and where it goes on. */
static int tell(explore_boot_turn *t, uint8_t *pc, uint8_t next, const char *text)
{
    t->text = text;
    *pc = next;
    return 1;
}

/* ---- F12: who is the BSP in the first SMI ----------------------------------------------- */

enum { F12_PC, F12_FLAG = 2, F12_INITS }; /* v[0..1]: each CPU's place */

static int f12_step(explore_boot_turn *t)
{
    uint8_t *pc = &t->v[F12_PC + t->actor];
    int takes = t->bug ? t->v[F12_FLAG] : t->actor == 0;

    switch (*pc) {
    case 0:
        if (t->actor == 0)
            t->v[F12_FLAG] = 1;
        return tell(t, pc, 1, t->actor ? "enters its first SMI" : "enters; IsBsp := true");
    case 1:
        if (!takes)
            return tell(t, pc, 3, "is not the BSP: sets itself up only");
        t->wrong = t->v[F12_INITS]++ > 0 || t->actor != 0;
        return tell(t, pc, 2, "is the BSP: sets up the shared data");
    case 2:
        t->v[F12_FLAG] = 0;
        return tell(t, pc, 3, "IsBsp := false");
    default:
        return 0;
    }
}

static int f12_done(const uint8_t *v)
{
    return v[0] == 3 && v[1] == 3;
}

/* ---- F10: whose number the core has in the first SMI after S3 ---------------------------- */

enum { F10_PC, F10_BSP = 2, F10_CORE }; /* CPU + 1; the core's copy is that of the SMI before S3 */

static int f10_step(explore_boot_turn *t)
{
    uint8_t me = (uint8_t)(t->actor + 1);
    uint8_t *pc = &t->v[F10_PC + t->actor];
    uint8_t skipped = t->bug ? (t->v[F10_CORE] ? t->v[F10_CORE] : 1) : t->v[F10_BSP];

    switch (*pc) {
    case 0:
        if (t->v[F10_BSP])
            return tell(t, pc, 3, "another is BSP: waits for work");
        t->v[F10_BSP] = me;
        return tell(t, pc, 1, "is elected BSP");
    case 1:
        t->wrong = skipped != me;
        return tell(t, pc, 2, "before the handlers: work for all CPUs but the BSP");
    case 2:
        t->v[F10_CORE] = me;
        return tell(t, pc, 3, "the core learns who is BSP; handlers run");
    default:
        return 0;
    }
}

static int f10_done(const uint8_t *v)
{
    return v[0] == 3 && v[1] == 3;
}

/* ---- F31, F32: a CPU is plugged in just before, or just after, the hot-plug SMI ----------- */

enum {
    PLUG_OS,        /* place of the operating system's hot-plug method */
    PLUG_BSP,       /* place of the firmware's hot-plug handler */
    PLUG_X,         /* the new CPU: see below */
    PLUG_EVENT,     /* its insert event */
    PLUG_COLLECTED, /* the operating system saw the event before it raised the SMI */
    PLUG_LATCH,     /* an SMI is pending on it */
    PLUG_KNOWN,     /* the firmware knows it */
    PLUG_LEAVES,    /* AboutToLeaveSmm */
    PLUG_SMI,       /* an SMI was raised and is not over */
    PLUG_ROUND
};
enum { X_ABSENT, X_RESET, X_PEN, X_GATE, X_READY, X_IDLE };

static int plug_os(explore_boot_turn *t)
{
    uint8_t *v = t->v;

    switch (v[PLUG_OS]) {
    case 0:
        if (v[PLUG_ROUND] == 2)
            return 0;
        v[PLUG_COLLECTED] = v[PLUG_EVENT];
        return tell(t, &v[PLUG_OS], 1, "collects the CPUs with an event");
    case 1:
        v[PLUG_SMI] = 1;
        v[PLUG_LATCH] = v[PLUG_X] != X_ABSENT;
        return tell(t, &v[PLUG_OS], 2, "raises the hot-plug SMI: broadcast");
    default:
        if (v[PLUG_SMI])
            return 0;
        if (v[PLUG_COLLECTED])
            v[PLUG_EVENT] = 0;
        v[PLUG_ROUND]++;
        return tell(t, &v[PLUG_OS], 0, "clears the events that it had collected");
    }
}

/* `again`: whether a CPU that is known is relocated again; `directed`: an SMI of its own first. */
static int plug_bsp(explore_boot_turn *t, int again, int directed)
{
    uint8_t *v = t->v;

    switch (v[PLUG_BSP]) {
    case 0:
        if (!v[PLUG_SMI] || (v[PLUG_X] == X_READY && v[PLUG_LATCH]))
            return 0; /* traditional: an ordinary CPU is waited for */
        if (!v[PLUG_EVENT] || (v[PLUG_KNOWN] && !again))
            return tell(t, &v[PLUG_BSP], 4, "finds no new CPU");
        v[PLUG_LEAVES] = 0;
        return tell(t, &v[PLUG_BSP], 1, "finds the new CPU's event");
    case 1:
        v[PLUG_LATCH] |= directed && v[PLUG_X] == X_RESET;
        return tell(t, &v[PLUG_BSP], 2, directed ? "directed SMI to the new CPU" : "(no SMI)");
    case 2: /* an INIT is held back while the CPU is in SMM */
        if (v[PLUG_X] == X_RESET)
            v[PLUG_X] = v[PLUG_LATCH] ? X_GATE : X_PEN;
        v[PLUG_LATCH] = 0;
        return tell(t, &v[PLUG_BSP], 3, "INIT-SIPI-SIPI to the new CPU");
    case 3:
        if (!v[PLUG_LEAVES])
            return 0;
        v[PLUG_KNOWN] = 1;
        return tell(t, &v[PLUG_BSP], 4, "the new CPU is relocated and known");
    default:
        v[PLUG_SMI] = 0;
        if (v[PLUG_X] == X_IDLE)
            v[PLUG_X] = X_READY;
        return tell(t, &v[PLUG_BSP], 0, "ends the SMI");
    }
}

static int plug_x(explore_boot_turn *t)
{
    uint8_t *v = t->v;

    switch (v[PLUG_X]) {
    case X_ABSENT:
        v[PLUG_EVENT] = 1;
        return tell(t, &v[PLUG_X], X_RESET, "is plugged in; event set");
    case X_GATE:
        v[PLUG_LEAVES] = 1;
        return tell(t, &v[PLUG_X], X_READY, "first SMI: relocates itself; AboutToLeaveSmm := true");
    case X_READY:
        if (!v[PLUG_LATCH] || !v[PLUG_SMI])
            return 0;
        v[PLUG_LATCH] = 0;
        return tell(t, &v[PLUG_X], X_IDLE, "enters SMM as an ordinary AP and waits for work");
    default:
        return 0;
    }
}

static int f31_step(explore_boot_turn *t)
{
    return t->actor == 0 ? plug_os(t) : t->actor == 1 ? plug_bsp(t, t->bug, 1) : plug_x(t);
}

static int f32_step(explore_boot_turn *t)
{
    return t->actor == 0 ? plug_os(t) : t->actor == 1 ? plug_bsp(t, 0, !t->bug) : plug_x(t);
}

static int plug_done(const uint8_t *v)
{
    return v[PLUG_ROUND] == 2 && v[PLUG_BSP] == 0;
}

/* ---- F33: the BSP ejects while others are back in the operating system -------------------- */

enum { EJECT_BSP, EJECT_AP, EJECT_HANDLER, EJECT_SELECTOR, EJECT_LOCK };

static int f33_step(explore_boot_turn *t)
{
    uint8_t *v = t->v;
    uint8_t *pc = &v[t->actor];

    if (t->actor == EJECT_BSP) {
        switch (*pc) {
        case 0:
            v[EJECT_HANDLER] = 1;
            v[EJECT_LOCK] = 1;
            return tell(t, pc, 1, "handler marks CPU 2 for ejection; exit begins");
        case 1:
            v[EJECT_SELECTOR] = 2;
            return tell(t, pc, 2, "selector := CPU 2");
        case 2:
            t->wrong = v[EJECT_SELECTOR] != 2;
            return tell(t, pc, 3, "eject the selected CPU");
        case 3:
            v[EJECT_HANDLER] = 0;
            return tell(t, pc, 4, "no ejection any more");
        default:
            return 0;
        }
    }
    switch (*pc) {
    case 0:
        if (!v[EJECT_LOCK] || (!t->bug && v[EJECT_HANDLER]))
            return 0;
        return tell(t, pc, 1, "leaves SMM");
    case 1:
        v[EJECT_LOCK] = 0;
        return tell(t, pc, 2, "ends the eject method: releases the ACPI lock");
    case 2:
        v[EJECT_SELECTOR] = 0;
        return tell(t, pc, 3, "another hot-plug method: selector := CPU 0");
    default:
        return 0;
    }
}

static int f33_done(const uint8_t *v)
{
    return v[EJECT_BSP] == 4 && v[EJECT_AP] == 3;
}

/* ---- F36: an AP is counted as finished before it is out of the borrowed memory ------------- */

enum { PARK_BSP, PARK_AP, PARK_LEFT, PARK_FREED };

static int f36_step(explore_boot_turn *t)
{
    uint8_t *v = t->v;
    uint8_t *pc = &v[t->actor];

    if (t->actor == PARK_BSP) {
        if (*pc || !v[PARK_LEFT])
            return 0;
        v[PARK_FREED] = 1;
        return tell(t, pc, 1, "all are finished: gives the borrowed memory back");
    }
    switch (*pc) {
    case 0:
        if (t->bug)
            v[PARK_LEFT] = 1;
        return tell(t, pc, 1, t->bug ? "counts itself as finished" : "goes to the safe loop");
    case 1:
        t->wrong = t->bug && v[PARK_FREED];
        v[PARK_LEFT] = 1;
        return tell(t, pc, 2,
                    t->bug ? "runs on in the borrowed memory" : "counts itself as finished");
    default:
        return 0;
    }
}

static int f36_done(const uint8_t *v)
{
    return v[PARK_BSP] == 1 && v[PARK_AP] == 2;
}

/* ---- F38: S3 resume waits for CPUs that are possible but not there ------------------------- */

enum { COUNT_BSP, COUNT_AP, COUNT_SEEN };

static int f38_step(explore_boot_turn *t)
{
    uint8_t *v = t->v;

    if (t->actor == COUNT_BSP) {
        if (v[COUNT_BSP] || v[COUNT_SEEN] < (t->bug ? 2 : 1))
            return 0;
        return tell(t, &v[COUNT_BSP], 1, "all APs have reported: resumes");
    }
    if (v[COUNT_AP])
        return 0;
    v[COUNT_SEEN]++;
    return tell(t, &v[COUNT_AP], 1, "reports (there are places for two APs, one is filled)");
}

static int f38_done(const uint8_t *v)
{
    return v[COUNT_BSP] && v[COUNT_AP];
}

/* ---- the list --------------------------------------------------------------------------- */

static const char *const two_cpus[] = {"CPU 0", "CPU 1"};
static const char *const plug_names[] = {"OS", "BSP", "new CPU"};

const explore_boot_scenario explore_boot_scenarios[] = {
    {"F10", "work for all CPUs goes by the BSP of the SMI before S3", "f6b0cb17b1",
     EXPLORE_BOOT_WRONG, 2, two_cpus, f10_step, f10_done},
    {"F12", "one flag says who is BSP while first SMIs run in parallel", "85c6c14c4c",
     EXPLORE_BOOT_WRONG, 2, two_cpus, f12_step, f12_done},
    {"F31", "a CPU plugged in just before the SMI is relocated a second time", "020bb4b46d",
     EXPLORE_BOOT_HANG, 3, plug_names, f31_step, plug_done},
    {"F32", "a CPU plugged in just after the broadcast gets no SMI", "cbccf99592",
     EXPLORE_BOOT_HANG, 3, plug_names, f32_step, plug_done},
    {"F33", "APs leave while the BSP still uses the hot-plug registers", "121af960e2",
     EXPLORE_BOOT_WRONG, 2, two_cpus, f33_step, f33_done},
    {"F36", "an AP counts itself as finished before it is in the safe loop", "ec8a387700",
     EXPLORE_BOOT_WRONG, 2, two_cpus, f36_step, f36_done},
    {"F38", "S3 resume waits for possible CPUs instead of present ones", "90e11edd16",
     EXPLORE_BOOT_HANG, 2, two_cpus, f38_step, f38_done},
};
const int explore_boot_count = sizeof explore_boot_scenarios / sizeof explore_boot_scenarios[0];

/* ---- the model -------------------------------------------------------------------------- */

enum { WORDS = EXPLORE_BOOT_BYTES / 8 };

static void boot_initial(const explore_model *model, void *scratch, uint64_t *state)
{
    (void)scratch;
    memset(state, 0, model->words * sizeof *state);
}

static void boot_expand(const explore_model *model, void *scratch, const uint64_t *state,
                        explore_fan *fan)
{
    const explore_boot *boot = model->self;
    uint8_t v[EXPLORE_BOOT_BYTES];

    (void)scratch;
    fan->count = 0;
    fan->violated = 0;
    for (int actor = 0; actor < boot->scenario->actors; actor++) {
        explore_boot_turn turn = {.bug = boot->bug, .actor = actor, .v = v};

        memcpy(v, state, sizeof v);
        if (!boot->scenario->step(&turn))
            continue;
        fan->edges[fan->count] =
            (explore_edge){.label = (uint32_t)actor,
                           .actor = (uint16_t)actor,
                           .violated = turn.wrong ? 1u << EXPLORE_BOOT_WRONG : 0};
        memcpy(&fan->states[(uint64_t)fan->count * model->words], v, sizeof v);
        fan->count++;
    }
    memcpy(v, state, sizeof v);
    if (fan->count == 0 && !boot->scenario->done(v))
        fan->violated = 1u << EXPLORE_BOOT_HANG;
}

void explore_boot_init(explore_boot *boot, const explore_boot_scenario *scenario, int bug)
{
    *boot = (explore_boot){.scenario = scenario, .bug = bug};
    boot->model = (explore_model){.self = boot,
                                  .words = WORDS,
                                  .fanout = (uint32_t)scenario->actors,
                                  .initial = boot_initial,
                                  .expand = boot_expand};
}

void explore_boot_print(const explore_boot *boot, const uint32_t *labels, int64_t count, FILE *out)
{
    uint8_t v[EXPLORE_BOOT_BYTES] = {0};

    for (int64_t i = 0; i < count; i++) {
        explore_boot_turn turn = {.bug = boot->bug, .actor = (int)labels[i], .v = v};

        if (!boot->scenario->step(&turn))
            sim_panic(__FILE__, __LINE__, "a step of the schedule cannot be taken");
        (void)fprintf(out, "%5lld  %-8s %s\n", (long long)i + 1, boot->scenario->names[labels[i]],
                      turn.text);
    }
}
