/* SPDX-License-Identifier: Apache-2.0 */
/* boot: small models around the rendezvous: first SMI, S3 resume, CPU hot-plug; known bugs.
 */
#include "models/explore/boot.h"

#include <string.h>

#include "models/explore/smm.h"

#define ROW(role, name, marker, what) ((explore_tell_row){role, name, marker, what, name})

/* One step: what the actor does, and where it goes on. */
static int tell(explore_boot_step *t, uint8_t *pc, uint8_t next, explore_tell_row row)
{
    t->row = row;
    *pc = next;
    return 1;
}

/* The actor cannot move until the variable has that value. */
static int waits(explore_boot_step *t, int variable, uint8_t until, explore_tell_row row)
{
    SIM_ASSERT(variable < EXPLORE_BOOT_BYTES && t->v[variable] != until);
    t->row = row;
    t->waits_for = variable;
    t->until = until;
    return 0;
}

static int is_over(explore_boot_step *t, explore_tell_row row)
{
    t->row = row;
    return 0;
}

static void sends(explore_boot_step *t, int to, const char *what)
{
    t->to = to;
    t->sent = what;
}

/* ---- F12: who is the BSP in the first SMI ----------------------------------------------- */

enum { F12_PC, F12_FLAG = 2, F12_INITS }; /* v[0..1]: each CPU's place */
static const explore_boot_variable f12_variables[EXPLORE_BOOT_BYTES] = {
    [F12_FLAG] = {"IsBsp", 0}, [F12_INITS] = {"times set up", 0}};

static int f12_step(explore_boot_step *t)
{
    uint8_t *pc = &t->v[F12_PC + t->actor];
    int takes = t->bug ? t->v[F12_FLAG] : t->actor == 0;

    switch (*pc) {
    case 0:
        if (t->actor == 0)
            t->v[F12_FLAG] = 1;
        return tell(t, pc, 1,
                    ROW("", "R1", "SmmInitHandler",
                        t->actor ? "enters its first SMI" : "the boot CPU enters; IsBsp := true"));
    case 1:
        if (!takes)
            return tell(t, pc, 3,
                        ROW("AP", "R1", "SmmInitHandler", "is not the BSP: sets itself up only"));
        t->wrong = t->v[F12_INITS]++ > 0 || t->actor != 0;
        return tell(
            t, pc, 2,
            ROW("BSP", "R1", "InitializeMpSyncData", "is the BSP: sets up the shared data"));
    case 2:
        t->v[F12_FLAG] = 0;
        return tell(t, pc, 3, ROW("BSP", "R1", "SmmInitHandler", "IsBsp := false"));
    default:
        return is_over(t, ROW("", "R13", "", "is done"));
    }
}

static int f12_done(const uint8_t *v)
{
    return v[0] == 3 && v[1] == 3;
}

/* ---- F10: whose number the core has in the first SMI after S3 ---------------------------- */

/* The core's copy is that of the SMI before S3: CPU 0. */
enum { F10_PC, F10_BSP = 2, F10_CORE, F10_PASSED };
static const explore_boot_variable f10_variables[EXPLORE_BOOT_BYTES] = {
    [F10_BSP] = {"BSP", 1}, [F10_CORE] = {"the core's BSP", 0}, [F10_PASSED] = {"passed over", 1}};

static int f10_step(explore_boot_step *t)
{
    uint8_t me = (uint8_t)(t->actor + 1);
    uint8_t *pc = &t->v[F10_PC + t->actor];

    switch (*pc) {
    case 0:
        if (t->v[F10_BSP])
            return tell(t, pc, 3,
                        ROW("AP", "R10", "SmiRendezvous", "another is BSP: waits for work"));
        t->v[F10_BSP] = me;
        return tell(t, pc, 1, ROW("", "R10", "SmiRendezvous", "is elected BSP"));
    case 1:
        t->v[F10_PASSED] = t->bug ? (uint8_t)(t->v[F10_CORE] + 1) : t->v[F10_BSP];
        t->wrong = t->v[F10_PASSED] != me;
        return tell(t, pc, 2,
                    ROW("BSP", "B15", "ConfigSmmCodeAccessCheck",
                        "before the handlers: work for all CPUs but the BSP"));
    case 2:
        t->v[F10_CORE] = (uint8_t)t->actor;
        return tell(t, pc, 3,
                    ROW("BSP", "B16", "SmmEntryPoint", "the core learns who is BSP; handlers run"));
    default:
        return is_over(t, ROW("", "R13", "", "is done, or waits for work"));
    }
}

static int f10_done(const uint8_t *v)
{
    return v[0] == 3 && v[1] == 3;
}

/* ---- F31, F32: a CPU is plugged in just before, or just after, the hot-plug SMI ----------- */

enum {
    PLUG_BSP,       /* place of the firmware's hot-plug handler */
    PLUG_X,         /* the new CPU: see below */
    PLUG_OS,        /* place of the operating system's hot-plug method */
    PLUG_EVENT,     /* its insert event */
    PLUG_COLLECTED, /* the operating system saw the event before it raised the SMI */
    PLUG_LATCH,     /* an SMI is pending on it */
    PLUG_KNOWN,     /* the firmware knows it */
    PLUG_LEAVES,    /* AboutToLeaveSmm */
    PLUG_SMI,       /* an SMI was raised and is not over */
    PLUG_ROUND
};
enum { X_ABSENT, X_RESET, X_PEN, X_GATE, X_READY, X_IDLE };
enum { PLUG_IS_BSP, PLUG_IS_X, PLUG_IS_OS }; /* actors */
static const explore_boot_variable plug_variables[EXPLORE_BOOT_BYTES] = {
    [PLUG_EVENT] = {"insert event", 0},      [PLUG_COLLECTED] = {"collected", 0},
    [PLUG_LATCH] = {"SMI pending on it", 0}, [PLUG_KNOWN] = {"known", 0},
    [PLUG_LEAVES] = {"AboutToLeaveSmm", 0},  [PLUG_SMI] = {"SMI under way", 0}};

static int plug_os(explore_boot_step *t)
{
    uint8_t *v = t->v;

    switch (v[PLUG_OS]) {
    case 0:
        if (v[PLUG_ROUND] == 2)
            return is_over(t, ROW("", "ACPI", "", "is done"));
        v[PLUG_COLLECTED] = v[PLUG_EVENT];
        return tell(t, &v[PLUG_OS], 1, ROW("", "ACPI", "CSCN", "collects the CPUs with an event"));
    case 1:
        v[PLUG_SMI] = 1;
        v[PLUG_LATCH] = v[PLUG_X] != X_ABSENT;
        if (v[PLUG_LATCH])
            sends(t, PLUG_IS_X, "broadcast SMI");
        return tell(t, &v[PLUG_OS], 2,
                    ROW("", "ACPI", "CSCN", "raises the hot-plug SMI: broadcast"));
    default:
        if (v[PLUG_SMI])
            return waits(t, PLUG_SMI, 0, ROW("", "ACPI", "CSCN", "waits for the SMI's end"));
        if (v[PLUG_COLLECTED])
            v[PLUG_EVENT] = 0;
        v[PLUG_ROUND]++;
        return tell(t, &v[PLUG_OS], 0,
                    ROW("", "ACPI", "CSCN", "clears the events that it had collected"));
    }
}

/* The handler begins: is there anybody new? `again`: a CPU that is known is relocated again. */
static int plug_find(explore_boot_step *t, int again)
{
    uint8_t *v = t->v;

    if (!v[PLUG_SMI])
        return waits(t, PLUG_SMI, 1, ROW("", "", "", "runs normal code"));
    if (v[PLUG_X] == X_READY && v[PLUG_LATCH]) /* traditional: an ordinary CPU is waited for */
        return waits(t, PLUG_LATCH, 0, ROW("BSP", "B4", "", "waits for the APs"));
    if (!v[PLUG_EVENT] || (v[PLUG_KNOWN] && !again))
        return tell(t, &v[PLUG_BSP], 4, ROW("BSP", "B16", "CpuHotplugMmi", "finds no new CPU"));
    v[PLUG_LEAVES] = 0;
    return tell(t, &v[PLUG_BSP], 1,
                ROW("BSP", "B16", "ProcessHotAddedCpus", "finds the new CPU's event"));
}

/* `directed`: an SMI of its own for the new CPU first. */
static int plug_bsp(explore_boot_step *t, int again, int directed)
{
    uint8_t *v = t->v;

    switch (v[PLUG_BSP]) {
    case 0:
        return plug_find(t, again);
    case 1:
        v[PLUG_LATCH] |= directed && v[PLUG_X] == X_RESET;
        if (directed)
            sends(t, PLUG_IS_X, "directed SMI");
        return tell(t, &v[PLUG_BSP], 2,
                    ROW("BSP", "B16", "SmbaseRelocate",
                        directed ? "directed SMI to the new CPU" : "(no directed SMI first)"));
    case 2: /* an INIT is held back while the CPU is in SMM */
        if (v[PLUG_X] == X_RESET)
            v[PLUG_X] = v[PLUG_LATCH] ? X_GATE : X_PEN;
        v[PLUG_LATCH] = 0;
        sends(t, PLUG_IS_X, "INIT-SIPI-SIPI");
        return tell(t, &v[PLUG_BSP], 3,
                    ROW("BSP", "B16", "SmbaseRelocate", "INIT-SIPI-SIPI to the new CPU"));
    case 3:
        if (!v[PLUG_LEAVES])
            return waits(t, PLUG_LEAVES, 1,
                         ROW("BSP", "B16", "SmbaseRelocate", "waits for the new CPU"));
        v[PLUG_KNOWN] = 1;
        return tell(t, &v[PLUG_BSP], 4,
                    ROW("BSP", "B16", "ProcessHotAddedCpus", "the new CPU is relocated and known"));
    default:
        v[PLUG_SMI] = 0;
        if (v[PLUG_X] == X_IDLE)
            v[PLUG_X] = X_READY;
        return tell(t, &v[PLUG_BSP], 0, ROW("BSP", "B22", "BSPHandler", "ends the SMI"));
    }
}

static int plug_x(explore_boot_step *t)
{
    uint8_t *v = t->v;

    switch (v[PLUG_X]) {
    case X_ABSENT:
        v[PLUG_EVENT] = 1;
        return tell(t, &v[PLUG_X], X_RESET,
                    ROW("new", "-", "device_add", "is plugged in; event set"));
    case X_RESET:
        return is_over(t, ROW("new", "-", "", "is in reset"));
    case X_PEN:
        return is_over(t, ROW("new", "-", "PostSmmPen", "is in the pen, has had no SMI"));
    case X_GATE:
        v[PLUG_LEAVES] = 1;
        return tell(t, &v[PLUG_X], X_READY,
                    ROW("new", "-", "FirstSmiHandler",
                        "first SMI: relocates itself; AboutToLeaveSmm := true"));
    case X_READY:
        if (!v[PLUG_LATCH] || !v[PLUG_SMI])
            return waits(t, v[PLUG_SMI] ? PLUG_LATCH : PLUG_SMI, 1,
                         ROW("", "", "", "runs normal code"));
        v[PLUG_LATCH] = 0;
        return tell(t, &v[PLUG_X], X_IDLE,
                    ROW("AP", "A12", "APHandler", "enters SMM as an ordinary AP, waits for work"));
    default:
        return waits(t, PLUG_SMI, 0, ROW("AP", "A12", "APHandler", "waits for work or the end"));
    }
}

static int f31_step(explore_boot_step *t)
{
    return t->actor == PLUG_IS_OS    ? plug_os(t)
           : t->actor == PLUG_IS_BSP ? plug_bsp(t, t->bug, 1)
                                     : plug_x(t);
}

static int f32_step(explore_boot_step *t)
{
    return t->actor == PLUG_IS_OS    ? plug_os(t)
           : t->actor == PLUG_IS_BSP ? plug_bsp(t, 0, !t->bug)
                                     : plug_x(t);
}

static int plug_done(const uint8_t *v)
{
    return v[PLUG_ROUND] == 2 && v[PLUG_BSP] == 0;
}

/* ---- F33: the BSP ejects while others are back in the operating system -------------------- */

/* CPU 1 holds the ACPI lock, for it has asked for the ejection. */
enum { EJECT_BSP, EJECT_AP, EJECT_HANDLER, EJECT_SELECTOR, EJECT_EXIT, EJECT_FREED };
static const explore_boot_variable f33_variables[EXPLORE_BOOT_BYTES] = {
    [EJECT_HANDLER] = {"eject handler", 0},
    [EJECT_SELECTOR] = {"selector", 0},
    [EJECT_EXIT] = {"exit begun", 0},
    [EJECT_FREED] = {"ACPI lock freed", 0}};

static int f33_bsp(explore_boot_step *t)
{
    uint8_t *v = t->v;
    uint8_t *pc = &v[EJECT_BSP];

    switch (*pc) {
    case 0:
        v[EJECT_HANDLER] = 1;
        v[EJECT_EXIT] = 1;
        return tell(t, pc, 1,
                    ROW("BSP", "B16", "UnplugCpus", "marks CPU 2 for ejection; the exit begins"));
    case 1:
        v[EJECT_SELECTOR] = 2;
        return tell(t, pc, 2, ROW("BSP", "R13", "EjectCpu", "selector := CPU 2"));
    case 2:
        t->wrong = v[EJECT_SELECTOR] != 2;
        return tell(t, pc, 3, ROW("BSP", "R13", "EjectCpu", "ejects the selected CPU"));
    case 3:
        v[EJECT_HANDLER] = 0;
        return tell(t, pc, 4, ROW("BSP", "R13", "EjectCpu", "no ejection any more"));
    default:
        return is_over(t, ROW("", "", "", "runs normal code"));
    }
}

static int f33_step(explore_boot_step *t)
{
    uint8_t *v = t->v;
    uint8_t *pc = &v[EJECT_AP];

    if (t->actor == EJECT_BSP)
        return f33_bsp(t);
    switch (*pc) {
    case 0:
        if (!v[EJECT_EXIT])
            return waits(t, EJECT_EXIT, 1, ROW("AP", "R12", "", "waits for the end"));
        if (!t->bug && v[EJECT_HANDLER])
            return waits(t, EJECT_HANDLER, 0, ROW("AP", "R13", "EjectCpu", "waits for the BSP"));
        return tell(t, pc, 1, ROW("AP", "R13", "", "leaves SMM"));
    case 1:
        v[EJECT_FREED] = 1;
        return tell(t, pc, 2, ROW("", "ACPI", "CEJ0", "ends the eject method: frees the lock"));
    case 2:
        v[EJECT_SELECTOR] = 0;
        return tell(t, pc, 3, ROW("", "ACPI", "CSCN", "another method: selector := CPU 0"));
    default:
        return is_over(t, ROW("", "", "", "runs normal code"));
    }
}

static int f33_done(const uint8_t *v)
{
    return v[EJECT_BSP] == 4 && v[EJECT_AP] == 3;
}

/* ---- F36: an AP is counted as finished before it is out of the borrowed memory ------------- */

enum { PARK_BSP, PARK_AP, PARK_LEFT, PARK_FREED };
static const explore_boot_variable f36_variables[EXPLORE_BOOT_BYTES] = {
    [PARK_LEFT] = {"finished", 0}, [PARK_FREED] = {"given back", 0}};

static int f36_step(explore_boot_step *t)
{
    uint8_t *v = t->v;
    uint8_t *pc = &v[t->actor];

    if (t->actor == PARK_BSP) {
        if (*pc)
            return is_over(t, ROW("BSP", "S3", "CpuS3.c", "resumes"));
        if (!v[PARK_LEFT])
            return waits(t, PARK_LEFT, 1, ROW("BSP", "S3", "CpuS3.c", "waits for the APs"));
        v[PARK_FREED] = 1;
        return tell(t, pc, 1,
                    ROW("BSP", "S3", "CpuS3.c", "all are finished: the borrowed memory goes back"));
    }
    switch (*pc) {
    case 0:
        if (!t->bug)
            return tell(t, pc, 1,
                        ROW("AP", "S3", "TransferApToSafeState", "goes to the safe loop"));
        v[PARK_LEFT] = 1;
        return tell(t, pc, 1, ROW("AP", "S3", "CpuS3.c", "counts itself as finished"));
    case 1:
        t->wrong = t->bug && v[PARK_FREED];
        v[PARK_LEFT] = 1;
        return tell(t, pc, 2,
                    t->bug ? ROW("AP", "S3", "CpuS3.c", "runs on in the borrowed memory")
                           : ROW("AP", "S3", "TransferApToSafeState", "counts itself as finished"));
    default:
        return is_over(t, ROW("AP", "S3", "TransferApToSafeState", "is in the safe loop"));
    }
}

static int f36_done(const uint8_t *v)
{
    return v[PARK_BSP] == 1 && v[PARK_AP] == 2;
}

/* ---- F38: S3 resume waits for CPUs that are possible but not there ------------------------- */

enum { COUNT_BSP, COUNT_AP, COUNT_SEEN };
static const explore_boot_variable f38_variables[EXPLORE_BOOT_BYTES] = {
    [COUNT_SEEN] = {"APs that reported", 0}};

static int f38_step(explore_boot_step *t)
{
    uint8_t *v = t->v;
    uint8_t awaited = t->bug ? 2 : 1;

    if (t->actor == COUNT_BSP) {
        if (v[COUNT_BSP])
            return is_over(t, ROW("BSP", "S3", "CpuS3.c", "resumes"));
        if (v[COUNT_SEEN] < awaited)
            return waits(t, COUNT_SEEN, awaited, ROW("BSP", "S3", "CpuS3.c", "waits for all APs"));
        return tell(t, &v[COUNT_BSP], 1, ROW("BSP", "S3", "CpuS3.c", "all APs have reported"));
    }
    if (v[COUNT_AP])
        return is_over(t, ROW("AP", "S3", "CpuS3.c", "has reported; the other place is empty"));
    v[COUNT_SEEN]++;
    return tell(t, &v[COUNT_AP], 1,
                ROW("AP", "S3", "CpuS3.c", "reports (of two places for APs one is filled)"));
}

static int f38_done(const uint8_t *v)
{
    return v[COUNT_BSP] && v[COUNT_AP];
}

/* ---- the list --------------------------------------------------------------------------- */

static const char *const names[] = {"CPU 0", "CPU 1", "OS"};
#define GOES_ON "no-deadlock", "a CPU waits and never goes on"

const explore_boot_scenario explore_boot_scenarios[] = {
    {"F10", "work for all CPUs goes by the BSP of the SMI before S3", "f6b0cb17b1",
     EXPLORE_BOOT_WRONG, "passes-itself",
     "work for all CPUs but the BSP does not pass over the BSP", 2, names, f10_variables, f10_step,
     f10_done},
    {"F12", "one flag says who is BSP while first SMIs run in parallel", "85c6c14c4c",
     EXPLORE_BOOT_WRONG, "set-up-once", "the shared data is not set up once, by the boot CPU", 2,
     names, f12_variables, f12_step, f12_done},
    {"F31", "a CPU plugged in just before the SMI is relocated a second time", "020bb4b46d",
     EXPLORE_BOOT_HANG, GOES_ON, 3, names, plug_variables, f31_step, plug_done},
    {"F32", "a CPU plugged in just after the broadcast gets no SMI", "cbccf99592",
     EXPLORE_BOOT_HANG, GOES_ON, 3, names, plug_variables, f32_step, plug_done},
    {"F33", "APs leave while the BSP still uses the hot-plug registers", "121af960e2",
     EXPLORE_BOOT_WRONG, "ejects-marked", "another CPU is ejected than the one that was marked", 2,
     names, f33_variables, f33_step, f33_done},
    {"F36", "an AP counts itself as finished before it is in the safe loop", "ec8a387700",
     EXPLORE_BOOT_WRONG, "memory-owned", "a CPU runs in memory that was given back", 2, names,
     f36_variables, f36_step, f36_done},
    {"F38", "S3 resume waits for possible CPUs instead of present ones", "90e11edd16",
     EXPLORE_BOOT_HANG, GOES_ON, 2, names, f38_variables, f38_step, f38_done},
};
const int explore_boot_count = sizeof explore_boot_scenarios / sizeof explore_boot_scenarios[0];

const explore_boot_scenario *explore_boot_find(const char *id)
{
    for (int i = 0; i < explore_boot_count; i++)
        if (strcmp(explore_boot_scenarios[i].id, id) == 0)
            return &explore_boot_scenarios[i];
    return NULL;
}

/* ---- the model -------------------------------------------------------------------------- */

enum { WORDS = EXPLORE_BOOT_BYTES / 8 };

int explore_boot_take(const explore_boot *boot, explore_boot_step *step, uint8_t *v, int actor)
{
    *step = (explore_boot_step){
        .bug = boot->bug, .actor = actor, .v = v, .to = -1, .sent = "", .waits_for = -1};
    SIM_ASSERT(actor >= 0 && actor < boot->scenario->actors);
    return boot->scenario->step(step);
}

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
        explore_boot_step step;

        memcpy(v, state, sizeof v);
        if (!explore_boot_take(boot, &step, v, actor))
            continue;
        fan->edges[fan->count] =
            (explore_edge){.label = EXPLORE_SMM_OWN_STEP(actor),
                           .actor = (uint16_t)actor,
                           .violated = step.wrong ? 1u << EXPLORE_BOOT_WRONG : 0};
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
