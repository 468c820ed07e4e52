# SPDX-License-Identifier: Apache-2.0
# services: a cumulative curve of latencies for each kind of call.
set title "How long do the calls of each variable service take?".below_title
stats data using (strlen(strcol(1)) > 0 ? $1 : NaN) nooutput
eval scale("x", STATS_min, STATS_max)
set xlabel "latency of a call".log
set ylabel "share of the calls that take no longer"
set format x "%.0s %cs"
set yrange [0 : 1.02]
set ytics ("0" 0, "25 %%" 0.25, "50 %%" 0.5, "75 %%" 0.75, "100 %%" 1)
set offsets 0, graph 0.05, 0, 0
eval key_below
lines = int(lines)
plot for [i = 0 : lines - 1] data index i using ($1 * 1e-9):(1) smooth cnorm with steps ls i + 1 \
    title columnheader(1)
