/* SPDX-License-Identifier: Apache-2.0 */
/* bench_machine: cost of a protocol step with time and without; how an SMI grows with the CPUs. */
#include <time.h>

#include "tests/modes.h"
#include "models/protocol/steps.h"

enum { ROUNDS = 5, SIZES = 4 };
static const int sizes[SIZES] = {4, 64, 512, 4096};

static program_call call = {.kind = CALL_SMI, .cpu = PROGRAM_CALLER, .first = 1, .line = 2};

static double cpu_seconds(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *values)
{
    qsort(values, ROUNDS, sizeof *values, by_value);
    return values[ROUNDS / 2];
}

static void count_step(void *self, const machine_event *event)
{
    *(uint64_t *)self += event->request != NULL;
}

typedef struct {
    param_set *params;
    program prog;
    program_thread thread;
    machine_setup setup;
    machine *m;
    run_record record;
    uint64_t steps; /* of one run */
    uint32_t smis;
} bed;

static void set(param_set *params, const char *name, const char *value)
{
    const param_origin origin = {PARAM_USER, "bench", "", ""};
    sim_err err;

    if (param_assign(params, name, value, &origin, &err) != SIM_OK)
        sim_panic(__FILE__, __LINE__, err.text);
}

static void make_bed(bed *b, int cpus)
{
    machine_observer counter = {count_step, &b->steps};
    char text[16];
    sim_err err;

    memset(b, 0, sizeof *b);
    b->smis = 40000u / (uint32_t)cpus + 1;
    b->prog = (program){.calls = b->smis, .threads = 1, .thread = &b->thread};
    b->thread = (program_thread){0, b->smis};
    b->prog.call = sim_alloc(b->smis, sizeof call);
    for (uint32_t i = 0; i < b->smis; i++) {
        b->prog.call[i] = call;
        b->prog.call[i].skip = i + 1;
    }
    b->params = param_new_for(&params_table, PARAM_FOR_BOTH);
    (void)snprintf(text, sizeof text, "%d", cpus);
    set(b->params, "cpus", text);
    set(b->params, "smi.delivery", "hardware");
    set(b->params, "firmware", "stock");
    set(b->params, "bsp.election", "hook");
    set(b->params, "cpu.cstate_exit", "lognormal(5us,0.8)");
    if (setup_resolve(b->params, &b->prog, &b->setup, &err) != SIM_OK)
        sim_panic(__FILE__, __LINE__, err.text);
    b->m = machine_new(&b->setup);
    record_init(&b->record);
    machine_run(b->m, 1, 0, &b->record, &counter);
}

static double timed_step(bed *b)
{
    double before = cpu_seconds();

    machine_run(b->m, 1, 0, &b->record, NULL);
    return (cpu_seconds() - before) * 1e9 / (double)b->steps;
}

/* The same protocol without a clock: CPUs take turns, each as far as it gets. */
static double untimed_step(const bed *b)
{
    const step_protocol *p = b->setup.protocol;
    const step_config *config = &b->setup.config;
    uint32_t *words = sim_alloc(step_word_count(p, config), sizeof *words);
    step_cpu *cpu = sim_alloc(config->cpus, sizeof *cpu);
    uint64_t steps = 0;
    double before;
    uint32_t left = 0;

    p->initial(config, words);
    before = cpu_seconds();
    for (uint32_t smi = 0; smi < b->smis; smi++) {
        for (uint32_t c = 0; c < config->cpus; c++) {
            cpu[c] = (step_cpu){.me = (uint16_t)c};
            steps_enter(p->program, config, &cpu[c]);
        }
        for (left = config->cpus; left > 0;)
            for (uint32_t c = 0; c < config->cpus; c++)
                while (cpu[c].row != 0) {
                    step_request request;
                    step_result result = {0};

                    steps_request(p->program, config, &cpu[c], &request);
                    if (request.op < STEP_LOCAL && !step_perform(&request, words, &result))
                        break;
                    (void)steps_consume(p->program, config, &cpu[c], &result);
                    left -= cpu[c].row == 0;
                    steps++;
                }
    }
    before = (cpu_seconds() - before) * 1e9 / (double)steps;
    free(words);
    free(cpu);
    return before;
}

/* CPU time in ns for each SMI and CPU. */
static double timed_mode(mode_bed *b, const mode *kind, uint32_t runs)
{
    double before = cpu_seconds();
    double divisor = 0;

    for (uint32_t repetition = 0; repetition < runs; repetition++)
        divisor += mode_run(b, kind, repetition);
    return (cpu_seconds() - before) * 1e9 / divisor;
}

/* Both sizes in turn, for about as long; the limit is for the median of the ratios. */
static int growth_of(const mode *kind)
{
    double few[ROUNDS], many[ROUNDS], growth[ROUNDS];
    mode_bed small, large;
    int bad;

    mode_begin(&small, kind, MODE_SMALL);
    mode_begin(&large, kind, mode_large(kind));
    (void)timed_mode(&small, kind, 1);
    (void)timed_mode(&large, kind, 1);
    for (int round = 0; round < ROUNDS; round++) {
        few[round] = timed_mode(&small, kind, (uint32_t)mode_large(kind) / MODE_SMALL);
        many[round] = timed_mode(&large, kind, 1);
        growth[round] = many[round] / few[round];
    }
    mode_end(&small);
    mode_end(&large);
    bad = median(growth) > mode_limit(kind);
    (void)printf("  %-26s %4d %8.0f %10.0f  %.2fx of %.1fx%s\n", kind->name, mode_large(kind),
                 median(few), median(many), median(growth), mode_limit(kind),
                 bad ? "  TOO MUCH" : "");
    return bad;
}

/* Where few CPUs take part in an SMI, tests/growth.c counts. */
static int growth(void)
{
    int bad = 0;

    (void)printf("CPU time in ns for each SMI and CPU, median of %d\n  %-26s %4s %8s %10s\n",
                 ROUNDS, "", "CPUs", "64 CPUs", "as many");
    for (int i = 0; i < MODES; i++)
        bad |= !modes[i].alone && growth_of(&modes[i]);
    return bad;
}

static void steps(void)
{
    static bed beds[SIZES];
    static double with[SIZES][ROUNDS];
    static double without[SIZES][ROUNDS];
    double reference = 0;

    for (int s = 0; s < SIZES; s++)
        make_bed(&beds[s], sizes[s]);
    for (int round = 0; round < ROUNDS; round++)
        for (int s = 0; s < SIZES; s++) {
            with[s][round] = timed_step(&beds[s]);
            without[s][round] = untimed_step(&beds[s]);
        }
    (void)printf("edk2-head, hardware SMI: CPU time for one protocol step, median of %d\n", ROUNDS);
    (void)printf(
        "  CPUs  steps/SMI  timed ns  untimed ns  timed / untimed  steps/s against 64 CPUs\n");
    for (int s = 0; s < SIZES; s++) {
        double t = median(with[s]);
        double u = median(without[s]);

        reference = sizes[s] == 64 ? t : reference;
        (void)printf("  %4d  %9.0f  %8.1f  %10.1f  %14.2fx", sizes[s],
                     (double)beds[s].steps / beds[s].smis, t, u, t / u);
        (void)printf(reference > 0 ? "  %.2fx\n" : "\n", reference / t);
        record_free(&beds[s].record);
        machine_free(beds[s].m);
        param_free(beds[s].params);
        free(beds[s].prog.call);
    }
}

int main(void)
{
    steps();
    return growth();
}
