/* SPDX-License-Identifier: Apache-2.0 */
/* explore: breadth-first search of every state that a model can reach, with shortest violations. */
#ifndef SMMSIM_SIM_EXPLORE_EXPLORE_H
#define SMMSIM_SIM_EXPLORE_EXPLORE_H

#include <signal.h>
#include "sim/lib/base.h"
#include "sim/explore/set.h"

enum {
    EXPLORE_WORDS_MAX = 48,
    EXPLORE_PROPERTIES_MAX = 32,
    EXPLORE_ACTORS_MAX = 256,
    EXPLORE_THREADS_MAX = 256,
    EXPLORE_NO_DEPTH = -1
};

/* One way on from a state. */
typedef struct {
    uint32_t label;    /* which choice this is: the model's own code, unique among its siblings */
    uint32_t violated; /* properties that this step violates: a set of bits */
    uint16_t actor;    /* who moves; below EXPLORE_ACTORS_MAX */
    uint8_t rank;      /* how usual: an ordinary step is 0; see explore_usual */
    uint8_t dead;      /* the step leads nowhere (it only violates) */
} explore_edge;
_Static_assert(sizeof(explore_edge) == 12, "no padding");

/* What a state's expansion gives. `states` has room for `fanout` packed states. */
typedef struct {
    explore_edge *edges;
    uint64_t *states;
    uint32_t count;
    uint32_t violated; /* properties that the state itself violates */
} explore_fan;
_Static_assert(sizeof(explore_fan) == 24, "no padding");

/* A system to explore: a packed initial state, and all ways on from a state. `expand` is a pure
 * function of the state; edges come in ascending order of (rank, actor, label). It may be called by
 * several threads at once, each with a scratch of its own. */
typedef struct explore_model {
    const void *self;
    uint32_t words;  /* of 64 bits, in a packed state */
    uint32_t fanout; /* most ways on */
    uint64_t scratch_bytes;
    void (*initial)(const struct explore_model *model, void *scratch, uint64_t *state);
    void (*expand)(const struct explore_model *model, void *scratch, const uint64_t *state,
                   explore_fan *fan);
} explore_model;

typedef struct {
    int threads;       /* 0: as many as the machine has; THREADS_MAX at most */
    int all;           /* 1: go on after a violation, to the shortest one of each property */
    int progress;      /* 1: a line on stderr, twice a second at most */
    uint64_t ceiling;  /* bytes of memory */
    uint64_t deepest;  /* levels to search at most; 0: no bound */
    uint64_t seconds;  /* to search at most; 0: no bound */
    double deadline;   /* the same, as omp_get_wtime tells it; 0: none */
    uint32_t watch;    /* properties: a set of bits */
    uint32_t livelock; /* the livelock property, a bit, or 0: a state violates it if no terminal
                        * state can be reached from it. Judged once all was seen; the model never
                        * reports it */
    const volatile sig_atomic_t *stop; /* the search ends early once this is not 0; or NULL */
} explore_options;

typedef struct {
    uint64_t states, transitions, bytes;
    uint64_t ends;                         /* terminal states: nothing can happen any more */
    int64_t depth;                         /* steps to the last new state */
    int64_t first[EXPLORE_PROPERTIES_MAX]; /* length of its shortest violation, or NO_DEPTH */
    int all_seen;        /* else the ceiling, `deepest`, a bound of time or `stop` */
    int complete;        /* all was seen and, if livelocks were asked for, judged */
    int interrupted;     /* by `stop` */
    int out_of_time;     /* by `seconds` or `deadline` */
    int judged_terminal; /* livelocks were asked for, and every state was judged */
    double seconds;      /* for people */
} explore_result;

/* The search, kept for explore_trace. */
typedef struct {
    const explore_model *model;
    explore_options options;
    explore_set set;
    uint64_t *levels; /* number of the first state of each level; one more at the end */
    int64_t level_count, level_room;
    double deadline;         /* 0: none */
    uint64_t *can_terminate; /* states that can reach a terminal one: a set; NULL: unknown */
} explore;

/* Once in a program, before the first search: makes options->threads those that there are. Fewer
 * than asked for are told on standard error; none to be had: SIM_SYSTEM. */
SIM_MUST_CHECK sim_status explore_gather(explore_options *options, sim_err *err);

/* Searches. Verdict, counts and depths are the same for any number of threads. Without `all` the
 * search ends with the level in which the first violation shows. */
SIM_MUST_CHECK sim_status explore_run(explore *search, const explore_model *model,
                                      const explore_options *options, explore_result *result,
                                      sim_err *err);

/* The first, in the order of edges, of all shortest ways to a violation of `property` whose length
 * is `length`: labels[0..length-1]. The same for any number of threads. */
void explore_trace(const explore *search, int property, int64_t length, uint32_t *labels);

void explore_free(explore *search);

/* True once a stop was requested or the deadline has passed. */
int explore_stopped(const explore *search);

/* The number of the first state at a depth. */
static inline uint64_t explore_level_first(const explore *search, int64_t depth)
{
    return depth < search->level_count ? search->levels[depth] : search->set.count;
}

/* The edge that the usual order takes: of the least rank; among those the actor that moved last,
 * else the next one after it, cyclically. -1 if no edge leads to another state. */
int explore_usual(const explore_fan *fan, int last_actor);

/* Scratch and room for one expansion at a time, for walks. */
typedef struct {
    void *scratch;
    explore_fan fan;
} explore_workspace;
void explore_workspace_init(explore_workspace *workspace, const explore_model *model);
void explore_workspace_free(explore_workspace *workspace);

#endif
