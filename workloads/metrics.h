/* SPDX-License-Identifier: Apache-2.0 */
/* metrics: the figures of a run as histograms and counters that merge exactly. */
#ifndef SMMSIM_WORKLOADS_METRICS_H
#define SMMSIM_WORKLOADS_METRICS_H

#include "models/machine/record.h"
#include "sim/lib/quant.h"
#include "sim/lib/stat.h"

/* Times, in picoseconds: id, name, what one value is. */
#define METRIC_TIMES(X)                                                                         \
    X(COMMAND, "command_time", "sum of the calls of one run; think time apart")                 \
    X(OPERATION, "operation_latency", "one operation of the workload, a file read for example") \
    X(CALL, "call_latency", "one call into the firmware")                                       \
    X(SMI, "smi_latency", "port write until the writing CPU goes on")                           \
    X(LAST_OUT, "last_out", "port write until the last CPU of the round is out of SMM")         \
    X(BLACKOUT, "blackout", "one visit of one CPU: normal code stopped")                        \
    X(RENDEZVOUS, "rendezvous", "port write until all are in or given up")                      \
    X(SKEW, "skew", "between the first and the last entry of a round")                          \
    X(STOLEN, "stolen_time", "CPU time in SMM of one run, all CPUs together")                   \
    X(CPU_TIME, "cpu_time", "CPU time of one run, in SMM or not, all CPUs together")            \
    METRIC_CALLS(X)

/* call_latency by the kind of call, in the order of CALL_KINDS. A run that made no such call has no
 * row of it in summary.csv and reps.csv. */
#define METRIC_CALLS(X)                                                                \
    X(CALL_GET, "call_get", "one call of GetVariable")                                 \
    X(CALL_SIZE, "call_size", "one call of GetVariable without a buffer")              \
    X(CALL_NEXT, "call_next", "one call of GetNextVariableName")                       \
    X(CALL_SET, "call_set", "one call of SetVariable")                                 \
    X(CALL_APPEND, "call_append", "one call of SetVariable with the append attribute") \
    X(CALL_DELETE, "call_delete", "one call of SetVariable of size 0")                 \
    X(CALL_QUERY, "call_query", "one call of QueryVariableInfo")                       \
    X(CALL_SMI, "call_smi", "one write to port 0xB2 that no handler knows")            \
    X(CALL_JOB, "call_job", "one SMI whose handler starts procedures on APs")

/* Counters, per run. */
#define METRIC_COUNTS(X)                                                           \
    X(SMIS, "smis", triggers, "writes to port 0xB2")                               \
    X(SERVED, "served", served, "executed before the writer went on")              \
    X(LATE, "late", late, "executed by a later SMI")                               \
    X(LOST, "lost", lost, "never executed, or overwritten")                        \
    X(REFUSED, "refused", refused, "raised no SMI")                                \
    X(SPURIOUS, "spurious", spurious, "rounds and visits without a request")       \
    X(TIMEOUT1, "timeout1", timeout1, "timeout 1 fired")                           \
    X(TIMEOUT2, "timeout2", timeout2, "timeout 2 fired")                           \
    X(DIRECTED, "directed", directed, "directed SMIs sent")                        \
    X(LATCHED, "latched", latched, "SMIs that waited for the end of another")      \
    X(COALESCED, "coalesced", coalesced, "SMIs swallowed by one that was pending") \
    X(VISITS, "visits", visits, "visits of CPUs to SMM")                           \
    X(JOBS, "jobs", jobs, "procedures that a handler wanted to start on APs")      \
    X(NOT_STARTED, "not_started", not_started, "of those, no AP was given one")    \
    X(HANG, "hang", hang, "1 if the machine got stuck")                            \
    X(STOPPED, "stopped", stopped, "1 if run.limit came first")

/* Quantiles of a time, in millionths. */
#define METRIC_QUANTILES(X) \
    X(MIN, "min", 0)        \
    X(P50, "p50", 500000)   \
    X(P90, "p90", 900000)   \
    X(P99, "p99", 990000)   \
    X(P999, "p999", 999000) \
    X(MAX, "max", 1000000)

#define METRIC_ID(id, ...) METRIC_##id,
enum { METRIC_QUANTILES(METRIC_ID) METRIC_QUANTILE_COUNT };
enum { METRIC_TIMES(METRIC_ID) METRIC_TIME_COUNT };
#undef METRIC_ID
#define COUNT_ID(id, ...) COUNT_##id,
enum { METRIC_COUNTS(COUNT_ID) METRIC_COUNT_COUNT };
#undef COUNT_ID

extern const char *const metric_time_names[METRIC_TIME_COUNT];
extern const char *const metric_time_meanings[METRIC_TIME_COUNT];
extern const char *const metric_quantile_names[METRIC_QUANTILE_COUNT];
extern const uint32_t metric_quantiles[METRIC_QUANTILE_COUNT];
extern const char *const metric_count_names[METRIC_COUNT_COUNT];
extern const char *const metric_count_meanings[METRIC_COUNT_COUNT];

#define METRICS_WHOLE INT64_C(1000000000) /* a share of 1 */

typedef struct {
    hist time[METRIC_TIME_COUNT];
    uint64_t count[METRIC_COUNT_COUNT];
    __int128 phase[PHASE_COUNT]; /* sums over all SMIs, picoseconds */
} metrics;

/* Over repetitions: everything merged, and what the confidence intervals need of each repetition:
 * the mean of a time and how its values keep together, the value of a counter. */
typedef struct {
    metrics all;
    stat_sums mean[METRIC_TIME_COUNT];
    quant_spread spread[METRIC_TIME_COUNT]; /* beside the histograms of `all` */
    stat_sums counter[METRIC_COUNT_COUNT];
    uint64_t repetitions;
    uint64_t known;  /* of them with figures: those without a broken invariant */
    uint64_t broken; /* of them that did not come to their end */
} metrics_point;

void metrics_init(metrics *m);
void metrics_clear(metrics *m);
void metrics_free(metrics *m);
/* A run that did not come to its end has no command_time, stolen_time or cpu_time: they are of a
 * whole one. Nor has one whose sum is not known, because it is over RECORD_SUM_MAX. */
void metrics_collect(metrics *m, const run_record *record);
/* Whether an invariant broke in the run: then its figures cannot be trusted. */
int metrics_broken(const run_record *record);
/* The mean of a phase over the SMIs, in picoseconds; 0 if there was no SMI. */
int metrics_phase_mean(const metrics *m, int phase, int64_t *mean);
/* Whether a time has rows in summary.csv and reps.csv also without a value: all but METRIC_CALLS.
 */
int metrics_always(int time);
/* Each phase's share of the time of all SMIs, in 10^-9; they add up to 10^9 exactly, or are all 0
 * if there was no such time. */
void metrics_phase_shares(const metrics *m, int64_t share[PHASE_COUNT]);

void metrics_point_init(metrics_point *p);
void metrics_point_free(metrics_point *p);
/* Figures of a broken run are left out. */
void metrics_point_add(metrics_point *p, const metrics *one, const run_record *record);
/* A quantile (METRIC_P50 ...) of all repetitions together. */
quant metrics_quantile(const metrics_point *p, int time, int quantile);

#endif
