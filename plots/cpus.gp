# SPDX-License-Identifier: Apache-2.0
# cpus: latency against the number of CPUs, a line for each of the other settings.
set title "How does SMI latency grow with the number of CPUs?".below_title
set xlabel "CPUs (log)"
stats data using (valid(3) ? $2 : NaN) nooutput
low = STATS_min
stats data using 3 nooutput
eval scale("y", low, STATS_max)
set ylabel "SMI latency: p50 (line) to p99 (bar)".log
set logscale x 2
set format y "%.0s %cs"
set offsets graph 0.03, graph 0.03, 0, 0
eval key_below
lines = int(lines)
plot for [i = 0 : lines - 1] data index i using 1:($2 * 1e-9):($2 * 1e-9):($3 * 1e-9) \
    with yerrorbars ls i + 1 dt 1 lw 2 notitle, \
    for [i = 0 : lines - 1] data index i using 1:($2 * 1e-9) with linespoints ls i + 1 \
    title columnheader(1)
