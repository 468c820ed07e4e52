/* SPDX-License-Identifier: Apache-2.0 */
/* hgrm: prints percentiles, mean and deviation of a histogram. */
#include "sim/cli/hgrm.h"

enum { STEPS = 5, SUB_BUCKETS = 1 << HIST_SUB_BITS };

/* Picoseconds as microseconds with three decimals, in 12 columns, rounded half up. */
static void print_us(FILE *to, const char *before, unsigned __int128 ps)
{
    uint64_t ns = (uint64_t)((ps + 500) / 1000);

    (void)fprintf(to, "%s%8llu.%03llu", before, (unsigned long long)(ns / 1000),
                  (unsigned long long)(ns % 1000));
}

/* Values up to this one, and the cell's upper bound. */
static uint64_t count_up_to(const hist *h, int64_t value)
{
    uint64_t count = 0;
    uint32_t last = hist_cell(value);

    for (uint32_t cell = 0; cell <= last; cell++)
        count += hist_cell_count(h, cell);
    return count;
}

static int64_t value_of_rank(const hist *h, uint64_t rank)
{
    uint64_t below = 0;

    for (uint32_t cell = 0; cell < HIST_CELLS; cell++) {
        below += hist_cell_count(h, cell);
        if (below >= rank)
            return hist_cell_high(cell) < h->max ? hist_cell_high(cell) : h->max;
    }
    return h->max;
}

/* floor(sqrt(x)) */
static uint64_t root(unsigned __int128 x)
{
    unsigned __int128 r = 0;

    for (int bit = 63; bit >= 0; bit--) {
        unsigned __int128 next = r | (unsigned __int128)1 << bit;

        if (next * next <= x)
            r = next;
    }
    return (uint64_t)r;
}

/* From the middles of the cells, in microseconds: of times whose squares are more than was summed
 * (days, many times). */
static uint64_t rough_deviation(const hist *h)
{
    int64_t mean = hist_mean(h);
    unsigned __int128 sum = 0;

    for (uint32_t cell = 0; cell < HIST_CELLS; cell++) {
        int64_t low = hist_cell_low(cell);
        int64_t off = (low + (hist_cell_high(cell) - low) / 2 - mean) / PS_PER_US;

        sum += (unsigned __int128)((__int128)off * off) * hist_cell_count(h, cell);
    }
    return root(sum / h->count) * PS_PER_US;
}

/* Of all values, not of a sample of them: HdrHistogram's is that, too. */
static uint64_t deviation(const hist *h)
{
    if (h->sum_squares == ~(unsigned __int128)0)
        return rough_deviation(h);
    unsigned __int128 mean_square = h->sum_squares / h->count;
    unsigned __int128 mean = h->sum / h->count;

    return mean_square > mean * mean ? root(mean_square - mean * mean) : 0;
}

static void print_level(FILE *to, const hist *h, uint64_t left)
{
    const uint64_t one = RATIO_ONE;
    uint64_t hundredths = left > 0 ? (one * 100 + left / 2) / left : 0; /* of 1 / left */
    unsigned __int128 wanted = (unsigned __int128)(one - left) * h->count;
    uint64_t rank = (uint64_t)((wanted + one - 1) / one);
    int64_t value = value_of_rank(h, rank > 0 ? rank : 1);

    print_us(to, "", (uint64_t)value);
    (void)fprintf(to, " %llu.%012llu %10llu", (unsigned long long)((one - left) / one),
                  (unsigned long long)((one - left) % one),
                  (unsigned long long)count_up_to(h, value));
    if (left > 0)
        (void)fprintf(to, " %11llu.%02llu", (unsigned long long)(hundredths / 100),
                      (unsigned long long)(hundredths % 100));
    (void)fputc('\n', to);
}

void hgrm_write(FILE *to, const hist *h)
{
    const uint64_t one = RATIO_ONE;

    (void)fputs("       Value     Percentile TotalCount 1/(1-Percentile)\n\n", to);
    /* Until less than one value is left: then comes the last, at 100 %. */
    for (uint64_t half = one; h->count > 0; half /= 2) {
        for (uint64_t step = 0; step < STEPS; step++) {
            uint64_t left = half - half / 2 * step / STEPS;

            if ((unsigned __int128)left * h->count < one)
                break;
            print_level(to, h, left);
        }
        if ((unsigned __int128)(half / 2) * h->count < one)
            break;
    }
    if (h->count > 0)
        print_level(to, h, 0);
    print_us(to, "#[Mean    = ", h->count ? h->sum / h->count : 0);
    print_us(to, ", StdDeviation   = ", h->count ? deviation(h) : 0);
    (void)fputs("]\n", to);
    print_us(to, "#[Max     = ", (uint64_t)h->max);
    (void)fprintf(to, ", Total count    = %12llu]\n", (unsigned long long)h->count);
    (void)fprintf(to, "#[Buckets = %12d, SubBuckets     = %12d]\n", HIST_OCTAVES, SUB_BUCKETS);
}

sim_status hgrm_save(folder_owned *f, uint64_t point, const hist time[METRIC_TIME_COUNT],
                     sim_err *err)
{
    char name[96];
    sim_status s = SIM_OK;

    for (int i = 0; i < METRIC_TIME_COUNT && s == SIM_OK; i++) {
        outfile *file;
        FILE *to;

        if (time[i].count == 0)
            continue;
        (void)snprintf(name, sizeof name, "hgrm/%llu-%s.hgrm", (unsigned long long)point,
                       metric_time_names[i]);
        s = folder_file(f, name, &file, err);
        if (s != SIM_OK)
            break;
        to = outfile_stream(file);
        hgrm_write(to, &time[i]);
        (void)fclose(to); /* the file keeps what went wrong */
        s = outfile_close(file, err);
    }
    return s;
}
