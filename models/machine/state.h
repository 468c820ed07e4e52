/* SPDX-License-Identifier: Apache-2.0 */
/* state: the state of a machine, for the machine's own files only. */
#ifndef SMMSIM_MODELS_MACHINE_STATE_H
#define SMMSIM_MODELS_MACHINE_STATE_H

#include "sim/lib/chain.h"
#include "models/machine/chipset.h"
#include "models/machine/fabric.h"
#include "models/machine/host.h"
#include "models/machine/lockq.h"
#include "models/machine/machine.h" /* circle: what its files share */
#include "sim/lib/evset.h"
#include "sim/lib/rng.h"

/* Order at one instant. A hold ends or begins before the CPU does anything at that time; a timer
 * is read before the word that is waited for (SyncTimer before InsideSmm in each test of the
 * loop); threads come last, since an SMI at the same instant interrupts them. Behind the last
 * thread host cores change hands: what happens at that instant is still done with them. */
typedef enum { CLASS_HOLD, CLASS_DEADLINE, CLASS_CPU, CLASS_THREAD } event_class;

typedef enum {
    CPU_RUNNING,   /* normal code, or halted */
    CPU_SIGNALLED, /* an SMI is on its way */
    CPU_LOCK,      /* sleeps until it has the emulator's lock; only where host cores are counted */
    CPU_ENTERING,  /* taking it */
    CPU_SMM,       /* runs the protocol */
    CPU_LEAVING    /* firmware exit and RSM */
} cpu_mode;

typedef enum {
    WAIT_NONE,
    WAIT_START,      /* bounded: reads the timer to start */
    WAIT_TEST,       /* bounded: reads it again before the first test */
    WAIT_FIRST,      /* the first read of the word is on its way */
    WAIT_SUBSCRIBED, /* costs no events until the word changes or the bound passes */
    WAIT_WOKEN,      /* the next poll will find the change */
    WAIT_POLLING     /* that read is on its way */
} wait_state;

/* Woken where pollers share a host core, and another vCPU has it. */
typedef enum {
    CORE_OWN,  /* not so */
    CORE_LOST, /* until its turn, or until a vCPU on the way out halts */
    CORE_SOON  /* one has, and the host brings it back */
} core_state;

enum { NOBODY = CHAIN_NONE };

typedef struct {
    /* written by delivery */
    int64_t stopped;       /* normal execution stopped */
    int64_t frozen_to;     /* held still until then */
    int64_t reaction;      /* from the SMI on its way until the CPU can take it */
    uint32_t visit;        /* record of this visit */
    uint32_t trigger;      /* open trigger of the thread that runs here, or RECORD_NONE */
    uint16_t threads;      /* threads that use this CPU now */
    uint16_t first_thread; /* chain of them */
    uint8_t mode;          /* cpu_mode */
    uint8_t latch;         /* an SMI is pending behind the present one: one bit */
    uint8_t via;           /* visit_via of the SMI on its way */
    uint8_t emulated;      /* it comes from the emulator and needs its lock */
    uint8_t blocked;       /* waits for SIPI */
    uint8_t disabled;      /* SMI disabled */
    /* written by the host's cores */
    uint8_t on_core; /* it has one; always 1 where they are not counted */
    uint8_t due;     /* without one: what it is to act on has come */
    int64_t left;    /* without one: of what it was computing, or -1 */
    /* written by the protocol driver */
    uint8_t waiting; /* wait_state */
    uint8_t claimed; /* the line of the coming CAS is held */
    step_cpu local;
    step_request request;
    int64_t wait_start; /* timer value at the start of a bounded wait */
    int64_t anchor;     /* a poll was made here */
    int64_t period;     /* from poll to poll, alone */
    int64_t lock_hold;  /* of the emulator's lock, by a poll or to take the SMI */
    uint32_t count;     /* STEP_WAIT_COUNT: words that are not 0 */
    uint32_t answer;    /* STEP_ASK: what will be answered */
    uint8_t spins;      /* counted at the emulator's lock */
    uint8_t displaced;  /* core_state */
    /* written by the handler */
    uint8_t handler_part;
    uint8_t handler_service; /* next of the services that each handler asks for */
    uint32_t handler_thread; /* next thread to look at for jobs */
    uint32_t handler_job;    /* trigger of the job that was asked for last */
    int64_t handler_work;    /* what is to be done after the services */
} machine_cpu;

typedef enum {
    THREAD_THINK,
    THREAD_QUEUE,  /* for the operating system's EFI lock */
    THREAD_BEFORE, /* operating system and driver before the port write */
    THREAD_PORT,   /* the port write */
    THREAD_SMI,    /* its CPU is in SMM for it */
    THREAD_AFTER,
    THREAD_COMPUTE,
    THREAD_HOLD,
    THREAD_DONE
} thread_state;

typedef struct {
    int64_t begin;     /* of the call */
    int64_t remaining; /* of what it was doing when its CPU was stopped */
    uint32_t at;       /* its call */
    uint32_t trigger;  /* of this call, or RECORD_NONE */
    uint32_t pending;  /* an SMI of its own that no handler has seen, or RECORD_NONE */
    uint16_t cpu;
    uint8_t state;   /* thread_state */
    uint8_t stalled; /* its CPU is stopped */
    uint8_t status;  /* call_status */
    uint8_t kind;    /* of the pending SMI: CALL_SMI or CALL_JOB */
    uint16_t reserved[3];
} machine_thread;

/* The request that the communicate buffer holds: there is one buffer. */
typedef struct {
    uint32_t trigger; /* RECORD_NONE: nothing armed */
    uint32_t call;
    uint32_t taken; /* call that the handler works on, or RECORD_NONE */
    uint8_t status; /* call_status as the last executed request left it */
} communicate;

typedef struct {
    uint64_t ordinal; /* of the trigger that the count belongs to */
    uint32_t count;
} draw_count;

struct machine {
    const machine_setup *setup;
    int64_t now;
    uint64_t seed;
    uint64_t digest;
    uint64_t ordinal; /* triggers so far */
    uint32_t repetition;
    uint32_t cpus, threads, words;
    uint32_t threads_left;
    uint32_t unclean;      /* words that are not as they must be between SMIs */
    uint32_t busy;         /* CPUs that are not running normal code */
    uint32_t inside;       /* CPUs that have taken an SMI and are not back yet */
    uint32_t working;      /* CPUs that threads use */
    int64_t asleep;        /* when a thread left a CPU, or an SMI that found none, last */
    int64_t held_until;    /* no CPU is held still any more from then on */
    uint32_t bsps;         /* BSPs between entry and reset */
    uint32_t round;        /* current one, or RECORD_NONE */
    uint16_t efi_owner;    /* of the EFI lock: a thread, or NOBODY */
    uint16_t efi_first;    /* chain of the threads that queue for it */
    int64_t gathered;      /* the first vCPU woke up where all slept together; or PS_NEVER */
    int64_t limit;         /* run.limit; -1 once the run is broken: nothing takes effect any more */
    uint64_t visits_until; /* as many visits fit into the record */
    int64_t beyond;        /* the first draw (or product) that was longer than run.limit, or 0 */
    int beyond_of;         /* of which parameter */
    uint8_t broken;        /* an invariant does not hold, or a hang: the run is over */
    uint8_t pause;         /* the run loop returns: broken, or the record needs room */
    communicate comm;
    evset events;
    fabric lines;
    lockq lock;
    host host;
    chipset chipset;
    fabric_times times;
    uint8_t times_vary; /* some fabric latency is a distribution */
    uint8_t smi_status; /* the platform's: a source has asserted and no BSP has cleared it */
    uint8_t used[P_COUNT];
    machine_cpu *cpu;
    machine_thread *thread;
    uint64_t *pending;       /* set of the threads with a pending SMI of their own */
    uint32_t *word;          /* shared memory of the protocol */
    uint32_t *fresh;         /* as it must be between SMIs */
    uint8_t *lasting;        /* but this word need not be so */
    uint32_t *line_of;       /* cache line of a word */
    uint16_t *waiter;        /* chains of the CPUs that wait for a word */
    chain_link *waiter_link; /* by CPU */
    chain_link *thread_link; /* by thread: of the EFI lock's queue or of its CPU, never both */
    uint16_t *rank;          /* of a CPU in a tie, and back */
    uint16_t *ranked;
    uint8_t *exists; /* variables */
    uint64_t *bytes; /* of each: appended to as often as there are calls */
    draw_count *drawn;
    run_record *record;
    const machine_observer *observer;
    uint16_t lost_cores;   /* chain of the CPUs that are CORE_LOST; they wait for no word */
    uint16_t count_waiter; /* chain of those that wait for a count over an array */
};

/* Who watches costs nothing when nobody does; built without watching to measure that. */
#ifdef SMMSIM_NO_OBSERVER
#define MACHINE_OBSERVED(m) 0
#else
#define MACHINE_OBSERVED(m) ((m)->observer != NULL)
#endif

/* machine.c */
int64_t machine_cost(machine *m, uint32_t cpu, int parameter); /* one draw of a latency */
int64_t machine_draw(machine *m, uint32_t cpu, int parameter); /* that is not charged (yet) */
/* `count` times a cost, which was drawn for this parameter. */
int64_t machine_times(machine *m, int parameter, int64_t cost, int64_t count);
/* Of the words that decide about a parameter, for this trigger; a workload's durations are of
 * P_WORKLOAD, its think times of P_THINK. The component is a CPU or a thread. */
rng_address machine_address(const machine *m, uint32_t component, int parameter);
uint64_t machine_word64(const machine *m, uint32_t cpu, int parameter);
int machine_chance(machine *m, uint32_t cpu, int parameter);
void machine_schedule(machine *m, event_class kind, uint32_t index, int64_t at);
int64_t machine_scheduled(const machine *m, event_class kind, uint32_t index);
void machine_read_times(machine *m, uint32_t cpu); /* draws the latencies of the fabric */
void machine_fold(machine *m, uint64_t value);     /* into the digest */

/* stuck.c: a run ends before its time; the record says why, and what is waited for */
void machine_stuck(machine *m, const char *why);
void machine_stop(machine *m, int64_t next); /* run.limit, before what would be next */

/* sharing.c: nothing happens in these where host.cores is 0 */
void sharing_start(machine *m);
void sharing_event(machine *m);
void sharing_need(machine *m, uint32_t cpu);    /* has something to run */
void sharing_rest(machine *m, uint32_t cpu);    /* halts, or sleeps in the host */
void sharing_look(machine *m);                  /* at the end of this instant: whose turn it is */
void sharing_due(machine *m, uint32_t cpu);     /* something comes to a CPU without a core */
void sharing_hold(machine *m, uint32_t cpu);    /* is held still from now on */
void sharing_release(machine *m, uint32_t cpu); /* no longer, unless by another hold */
int sharing_idle_cpu(const machine *m, uint32_t cpu); /* runs nothing: outside SMM it halts */

/* Somebody begins to spin, or no longer does. */
static inline void sharing_changed(machine *m)
{
    if (m->host.queued > 0)
        sharing_look(m);
}

/* deliver.c */
void deliver_port_write(machine *m, uint32_t writer);
void deliver_directed(machine *m, uint32_t from, uint32_t to);
void deliver_awake(machine *m, uint32_t cpu); /* it has slept and goes on */
void deliver_event(machine *m, uint32_t cpu); /* CLASS_CPU while not in SMM */
void deliver_leave(machine *m, uint32_t cpu); /* the protocol is done on this CPU */
void deliver_hold(machine *m, uint32_t cpu, int64_t duration);

/* driver.c */
void driver_enter(machine *m, uint32_t cpu);
void driver_event(machine *m, uint32_t cpu);     /* CLASS_CPU in SMM */
void driver_deadline(machine *m, uint32_t cpu);  /* CLASS_DEADLINE */
void driver_park(machine *m, uint32_t cpu);      /* loses its host core: stops polling */
void driver_unpark(machine *m, uint32_t cpu);    /* polls again, now */
void driver_lose_core(machine *m, uint32_t cpu); /* which is woken, and has not polled yet */
void driver_gain_core(machine *m, uint32_t cpu, core_state how);
int64_t driver_period(const machine *m, uint32_t cpu);           /* from poll to poll */
int64_t driver_poll(const machine *m, uint32_t cpu, int64_t at); /* first poll at or after that */

/* mark.c */
void mark_step(machine *m, uint32_t cpu, step_mark mark, const step_result *result);
void mark_handler_begin(machine *m, uint32_t cpu);

/* handler.c */
int64_t handler_next(machine *m, uint32_t cpu);   /* its duration; the answer is in cpu->answer */
int handler_outside(machine *m, uint32_t thread); /* a call that needs no SMI: its status */

/* thread.c */
void thread_start(machine *m);
void thread_event(machine *m, uint32_t thread);
void thread_pend(machine *m, uint32_t thread, uint32_t trigger); /* or RECORD_NONE: no more */
uint32_t thread_pending(const machine *m, uint32_t from); /* first from there on, or NOBODY */
void thread_stop_cpu(machine *m, uint32_t cpu);           /* normal execution stops */
void thread_resume_cpu(machine *m, uint32_t cpu);         /* and goes on */
void thread_go_on(machine *m, uint32_t cpu);              /* the same, but the SMI is not over */

#endif
