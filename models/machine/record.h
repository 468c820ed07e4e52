/* SPDX-License-Identifier: Apache-2.0 */
/* record: what a run leaves behind: calls, triggers with their phases, visits to SMM, rounds. */
#ifndef SMMSIM_MODELS_MACHINE_RECORD_H
#define SMMSIM_MODELS_MACHINE_RECORD_H

#include "sim/lib/base.h"

/* Milestones of one trigger, in this order; one that did not happen equals the one before. */
#define MILESTONES(X)               \
    X(PORT_WRITE, "port_write")     \
    X(DELIVERED, "delivered")       \
    X(MAY_ENTER, "may_enter")       \
    X(ENTERED, "entered")           \
    X(BSP_TIMEOUT1, "bsp_timeout1") \
    X(BSP_TIMEOUT2, "bsp_timeout2") \
    X(BSP_IN, "bsp_in")             \
    X(APS_TIMEOUT1, "aps_timeout1") \
    X(APS_TIMEOUT2, "aps_timeout2") \
    X(ALL_IN, "all_in")             \
    X(HANDLER, "handler_begin")     \
    X(HANDLER_END, "handler_end")   \
    X(RELEASED, "released")         \
    X(RESUMED, "resumed")

#define MILESTONE_ID(id, name) AT_##id,
enum { MILESTONES(MILESTONE_ID) MILESTONE_COUNT };
#undef MILESTONE_ID

/* Phases are the differences between neighbours; the flash time is taken out of the handler's.
 * Together they are exactly the latency. */
#define PHASES(X)                                                         \
    X(PORT, "port", "port write and delivery by the chipset")             \
    X(REACTION, "reaction", "until the CPU can take the SMI")             \
    X(ENTRY, "entry", "switch to SMM and firmware entry")                 \
    X(BSP_TIMEOUT1, "bsp_timeout1", "waiting for the BSP, timeout 1")     \
    X(BSP_TIMEOUT2, "bsp_timeout2", "waiting for the BSP, timeout 2")     \
    X(BSP_WAIT, "bsp_wait", "waiting for the BSP")                        \
    X(APS_TIMEOUT1, "aps_timeout1", "BSP waiting for the APs, timeout 1") \
    X(APS_TIMEOUT2, "aps_timeout2", "BSP waiting for the APs, timeout 2") \
    X(APS_WAIT, "aps_wait", "BSP waiting for the APs")                    \
    X(BARRIERS, "barriers", "barriers before the handler")                \
    X(HANDLER, "handler", "handler")                                      \
    X(FLASH, "flash", "flash, inside the handler")                        \
    X(RELEASE, "release", "barriers after the handler")                   \
    X(EXIT, "exit", "firmware exit and RSM")

#define PHASE_ID(id, name, meaning) PHASE_##id,
enum { PHASES(PHASE_ID) PHASE_COUNT };
#undef PHASE_ID
extern const char *const phase_names[PHASE_COUNT];
extern const char *const phase_meanings[PHASE_COUNT];
extern const char *const milestone_names[MILESTONE_COUNT];

typedef enum {
    TRIGGER_OPEN,    /* not executed yet: lost, if it is so at the end */
    TRIGGER_SERVED,  /* a handler that began after it had ended when the writer went on */
    TRIGGER_LATE,    /* executed, but the handler ended after the writer had gone on */
    TRIGGER_LOST,    /* never executed, or overwritten by the next request */
    TRIGGER_REFUSED, /* raised no SMI at all */
    TRIGGER_TAKEN    /* the handler works on it; none is so at the end */
} trigger_outcome;

typedef struct {
    int64_t at[MILESTONE_COUNT];
    int64_t flash;          /* part of the handler */
    int64_t last_out;       /* when the last CPU of its round was out of SMM again; 0: no round */
    int64_t skew;           /* between the first and the last entry for it; 0 if one CPU came */
    uint32_t call;          /* index of the call, or RECORD_NONE */
    uint32_t round;         /* that served it, or RECORD_NONE */
    uint16_t cpu;           /* that wrote the port */
    uint16_t visits;        /* of that CPU until it went on */
    uint8_t outcome;        /* trigger_outcome */
    uint8_t coalesced;      /* found an SMI already pending on the writer */
    uint8_t closed;         /* the writer has gone on */
    uint8_t abandoned;      /* the writer checked out */
    uint8_t not_started;    /* a job that no AP was given */
    uint32_t next_in_round; /* next trigger that the same round served, or RECORD_NONE */
} trigger_record;

#define RECORD_NONE UINT32_MAX
/* Sums over all CPUs or threads of a run end there (1281 h), and are then not known. */
#define RECORD_SUM_MAX (INT64_C(1) << 62)

typedef enum { VIA_TRIGGER, VIA_DIRECTED, VIA_LATCH } visit_via;
typedef enum {
    VISIT_UNDECIDED,
    VISIT_BSP,
    VISIT_AP,
    VISIT_TOO_LATE,
    VISIT_ABANDONED,
    VISIT_SPURIOUS
} visit_role;

typedef struct {
    int64_t stopped; /* normal execution stops */
    int64_t entered; /* SMM entry; -1: the run ended before */
    int64_t left;    /* normal execution goes on */
    uint32_t round;  /* or RECORD_NONE */
    uint16_t cpu;
    uint8_t via;      /* visit_via */
    uint8_t role;     /* visit_role */
    uint8_t timeout1; /* fired in this visit */
    uint8_t timeout2;
    uint16_t reserved;
} visit_record;

typedef struct {
    int64_t bsp_in, aps_timeout1, aps_timeout2, all_in, handler, handler_end, reset;
    int64_t flash;
    int64_t first_in,
        last_in; /* entries of the CPUs that took part, so far as they came before the handler */
    uint16_t bsp;
    uint16_t aps;           /* k */
    uint16_t inside;        /* CPUs still in SMM for it */
    uint16_t served;        /* requests */
    uint32_t first_trigger; /* of those, or RECORD_NONE */
    uint32_t reserved;
} round_record;

typedef struct {
    int64_t begin, end;
    int64_t smm;      /* part of it that the caller's CPU spent in SMM */
    uint32_t trigger; /* first one, or RECORD_NONE */
    uint32_t line;    /* of the workload file */
    uint16_t thread;
    uint16_t cpu;
    uint8_t kind;   /* call_kind */
    uint8_t status; /* call_status */
    uint8_t served; /* trigger_outcome of its SMI */
    uint8_t first;  /* first call of its operation */
} call_record;

typedef struct {
    uint64_t triggers, served, lost, late, refused, spurious, timeout1, timeout2, directed, latched,
        coalesced, visits, jobs, not_started, events;
    uint64_t hang;    /* 1: the machine got stuck */
    uint64_t stopped; /* 1: run.limit came first */
} run_counters;

typedef struct {
    trigger_record *trigger;
    visit_record *visit;
    round_record *round;
    call_record *call;
    uint64_t trigger_room, visit_room, round_room, call_room;
    uint64_t triggers, visits, rounds, calls; /* from here on a clear forgets */
    run_counters count;
    int64_t end;      /* simulated time when all was quiet */
    int64_t command;  /* sum of the calls; all three are at most RECORD_SUM_MAX */
    int64_t stolen;   /* CPU time in SMM, all CPUs */
    int64_t cpu_time; /* until `end`, all CPUs */
    uint64_t digest;  /* folded over all events */
    char stuck[2048]; /* why it did not come to its end, and who waits for what; else "" */
} run_record;

static inline void record_sum(int64_t *sum, int64_t time)
{
    *sum = time < RECORD_SUM_MAX - *sum ? *sum + time : RECORD_SUM_MAX;
}

void record_init(run_record *r);
void record_clear(run_record *r); /* keeps the room */
void record_free(run_record *r);
/* Makes room for so many more of each. This alone allocates, and may move the tables. */
typedef struct {
    uint64_t triggers, visits, rounds, calls;
} record_room;
void record_reserve(run_record *r, const record_room *more);
uint32_t record_trigger(run_record *r); /* a new zeroed one, for which there is room; its index */
uint32_t record_visit(run_record *r);
uint32_t record_round(run_record *r);
uint32_t record_call(run_record *r);

/* Makes the milestones of a trigger non-decreasing and within [port write, resumed], and gives the
 * phases. Their sum is the latency. */
void record_phases(const trigger_record *t, int64_t phases[PHASE_COUNT]);

#endif
