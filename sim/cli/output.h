/* SPDX-License-Identifier: Apache-2.0 */
/* output: the data files of a run or a sweep, as docs/smmsim.1 describes them. */
#ifndef SMMSIM_SIM_CLI_OUTPUT_H
#define SMMSIM_SIM_CLI_OUTPUT_H

#include "sim/cli/folder.h"
#include "workloads/experiment.h"
#include "workloads/metrics.h"

/* Which files; those of OUTPUT_DETAIL have a row for each event and can be large. */
#define OUTPUT_SUMMARY 0x1u /* run.csv summary.csv reps.csv hist.csv */
#define OUTPUT_DETAIL 0x2u  /* ops.csv smis.csv cpus.csv */
#define OUTPUT_POINTS 0x4u  /* points.csv, whose columns are the caller's */

typedef struct {
    folder_owned *folder;
    csv_writer *run; /* the folder's */
    csv_writer *summary, *reps, *hist, *points, *ops, *smis, *cpus;
} output;

/* The names of data files that any command writes or any picture is drawn from. */
extern const char *const output_names[];

/* Opens the files in the folder, which stays the caller's; an error leaves nothing open. */
SIM_MUST_CHECK sim_status output_open(folder_owned *f, uint32_t files, output *out, sim_err *err);

/* One of them on a writer of the caller's; and the names of its columns, with blanks between. */
SIM_MUST_CHECK sim_status output_file(folder_owned *f, const char *name, csv_writer **w,
                                      sim_err *err);
void output_header(csv_writer *w, const char *words);

/* A row of run.csv: what, value, and where it was set and comes from. */
void output_fact(output *out, const char *name, const char *value, const char *place,
                 const char *source);
void output_number(output *out, const char *name, uint64_t value);
void output_digest(output *out, const char *name, uint64_t value, const char *place);
void output_param(output *out, const param_set *params, int id);
/* Version, seed and repetitions; and with these digests of the inputs, and every parameter. */
void output_head(output *out, uint64_t seed, uint64_t repetitions);
void output_experiment(output *out, const experiment *e, uint64_t seed, uint64_t repetitions);

/* Rows of one repetition: reps.csv (none if it is broken), and the detail files if they are open.
 * A phase that took no time has no row. */
void output_repetition(output *out, uint64_t point, uint64_t repetition, const run_record *record,
                       const metrics *one);
/* The same in two parts: reps.csv; and the rows of ops.csv, smis.csv and cpus.csv on writers of
 * the caller's. */
void output_reps_rows(csv_writer *w, uint64_t point, uint64_t repetition, const metrics *one);
void output_detail_rows(csv_writer *const to[3], uint64_t point, uint64_t repetition,
                        const run_record *record);
/* Rows of one point: summary.csv and hist.csv. */
void output_point(output *out, uint64_t point, const metrics_point *p);

/* Closes all files and commits the folder; the first failure is reported and leaves the old files.
 */
SIM_MUST_CHECK sim_status output_close(output *out, sim_err *err);
void output_abandon(output *out);

/* The header and rows of summary.csv on a writer of the caller's. */
void output_summary_header(csv_writer *w);
void output_summary_rows(csv_writer *w, uint64_t point, const metrics_point *p);

#endif
