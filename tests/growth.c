/* SPDX-License-Identifier: Apache-2.0 */
/* growth: what an SMI costs each CPU must not grow with their number, counted, not timed. */
#include "tests/modes.h"

/* The machine's files are compiled so that each basic block calls this: a count that is the same
 * on every machine, whatever else it does. This file is not. */
void __sanitizer_cov_trace_pc(void);

static uint64_t blocks;

void __sanitizer_cov_trace_pc(void)
{
    blocks++;
}

/* Basic blocks for each SMI and CPU. */
static double cost(const mode *kind, int cpus)
{
    mode_bed b;
    double divisor;

    mode_begin(&b, kind, cpus);
    blocks = 0;
    divisor = mode_run(&b, kind, 0);
    mode_end(&b);
    return (double)blocks / divisor;
}

int main(int argc, char **argv)
{
    int bad = 0;

    (void)printf("basic blocks for each SMI and CPU, or for each SMI (*)\n"
                 "  %-26s %4s   %10s %10s  growth\n",
                 "", "CPUs", "64 CPUs", "as many");
    for (int i = 0; i < MODES; i++) {
        double few, many;

        if (argc > 1 && strcmp(argv[1], modes[i].name) != 0)
            continue;
        few = cost(&modes[i], MODE_SMALL);
        many = cost(&modes[i], mode_large(&modes[i]));
        bad |= many > few * mode_limit(&modes[i]);
        (void)printf("  %-26s %4d %s %10.0f %10.0f  %.2f of %.1f%s\n", modes[i].name,
                     mode_large(&modes[i]), modes[i].alone ? "*" : " ", few, many, many / few,
                     mode_limit(&modes[i]), many > few * mode_limit(&modes[i]) ? "  TOO MUCH" : "");
    }
    return bad;
}
