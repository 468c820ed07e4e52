/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_noise: `smmsim noise`: the times at which a CPU is away in SMM, as a noise trace. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/lib/units.h"
#include "workloads/attempt.h"
#include "sim/cli/cmd.h"
#include "sim/cli/options.h"
#include "sim/cli/output.h"
#include "sim/cli/report.h"

typedef struct {
    uint64_t times;
    int64_t total, longest;
} away;

static int64_t rounded(int64_t ps)
{
    return (ps + PS_PER_NS / 2) / PS_PER_NS;
}

/* Visits of a CPU follow each other in the record; one right after another is the same absence.
 * The last line has no end: LogGOPSim would read an empty line behind it as another absence. */
static away write_trace(FILE *to, const run_record *record, uint32_t cpu)
{
    away sum = {0};
    int64_t from = -1;
    int64_t end = -1;

    for (uint64_t i = 0; i <= record->visits; i++) {
        const visit_record *v = i < record->visits ? &record->visit[i] : NULL;

        if (v && (v->cpu != cpu || v->left == 0))
            continue;
        if (v && v->stopped == end) {
            end = v->left;
            continue;
        }
        if (from >= 0) {
            (void)fprintf(to, "\n%lld\t%lld", (long long)rounded(from),
                          (long long)rounded(end - from));
            sum.times++;
            sum.total += end - from;
            sum.longest = end - from > sum.longest ? end - from : sum.longest;
        }
        from = v ? v->stopped : -1;
        end = v ? v->left : -1;
    }
    return sum;
}

static void print_summary(const away *sum, const run_record *record, int64_t cpu)
{
    char longest[32];
    char length[32];
    int64_t ppm = record->end > 0 ? (int64_t)((__int128)sum->total * 1000000 / record->end) : 0;

    (void)fprintf(
        stderr, "CPU %lld: away %llu times in %s, longest %s, %lld.%04lld %% of the time\n",
        (long long)cpu, (unsigned long long)sum->times, report_time(record->end, length),
        report_time(sum->longest, longest), (long long)(ppm / 10000), (long long)(ppm % 10000));
}

static sim_status write_file(const options *o, const run_record *record, int64_t cpu, sim_err *err)
{
    outfile *file = NULL;
    FILE *to = stdout;
    away sum;
    sim_status s = o->out ? folder_spare(o->out, output_names, err) : SIM_OK;

    if (s == SIM_OK && o->out)
        s = outfile_create(o->out, &file, err);
    if (s != SIM_OK)
        return err_set(err, s, "%s (give --out another name)", err->text);
    if (file)
        to = outfile_stream(file);
    (void)fprintf(to, "# smmsim: CPU %lld, seed %llu; start and duration in ns", (long long)cpu,
                  (unsigned long long)o->seed);
    sum = write_trace(to, record, (uint32_t)cpu);
    if (file) {
        (void)fclose(to); /* the file keeps what went wrong */
        s = outfile_close(file, err);
    } else if (fflush(to) != 0 || ferror(to)) {
        s = err_set(err, SIM_SYSTEM, "standard output: cannot be written to the end");
    }
    if (s == SIM_OK)
        print_summary(&sum, record, cpu);
    return s;
}

/* Of a run that did not come to its end there is the trace up to there; of one whose invariant
 * broke there is none. */
static sim_status simulate(const options *o, const machine_setup *setup, int64_t cpu, sim_err *err)
{
    const attempt_again again = {o->setting, o->settings, o->seed, 0, NULL};
    sim_status s = SIM_OK;
    attempt a;

    attempt_init(&a);
    attempt_setup(&a, setup);
    if (attempt_run(&a, o->seed, 0))
        s = write_file(o, &a.record, cpu, err);
    if (s == SIM_OK && a.record.stuck[0]) {
        attempt_tell(stderr, "", a.record.stuck, &again);
        s = SIM_FINDING;
    }
    attempt_free(&a);
    return s;
}

static sim_status noise(const options *o, sim_err *err)
{
    experiment e;
    int64_t cpu = 0;
    sim_status s = SIM_OK;

    if (o->operands == 1 && units_parse(UNIT_COUNT, o->operand[0], &cpu, err) != SIM_OK)
        s = err_prefix(err, SIM_BAD_INPUT, "noise: CPU");
    if (s == SIM_OK)
        s = experiment_load(o->setting, o->settings, &e, err);
    if (s != SIM_OK)
        return s;
    if (cpu < 0 || cpu >= param_int(e.params, P_CPUS)) {
        s = err_set(err, SIM_BAD_INPUT, "noise: CPU %lld, but there are %lld CPUs (0 to %lld)",
                    (long long)cpu, (long long)param_int(e.params, P_CPUS),
                    (long long)param_int(e.params, P_CPUS) - 1);
    } else if (o->out) {
        s = experiment_spare(&e, o->out, err);
    }
    if (s == SIM_OK)
        s = simulate(o, &e.setup, cpu, err);
    experiment_free(&e);
    return s;
}

int cmd_noise(int argc, char **argv)
{
    options *o = sim_alloc(1, sizeof *o);
    sim_err err = {""};
    sim_status s = options_parse(argc, argv, o, &err);

    if (s == SIM_OK)
        s = noise(o, &err);
    if (s != SIM_OK && err.text[0])
        err_tell("%s", err.text);
    free(o);
    return (int)s;
}
