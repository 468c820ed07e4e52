# SPDX-License-Identifier: Apache-2.0
# blackout: a mark for each visit to SMM, by CPU.
set title "When does each CPU stand still, and for how long?".below_title
set xlabel "time"
stats data using (valid(2) ? $2 : NaN) nooutput
eval scale("y", STATS_min, STATS_max)
set ylabel "blackout: normal code stopped".log
set format y "%.0s %cs"
set format x "%.1s %cs"
set xrange [0 : *]
set offsets 0, graph 0.02, graph 0.1, 0
eval key_below
lines = int(lines)
plot for [i = 0 : lines - 1] data index i using ($1 * 1e-9):($2 * 1e-9) with points ls i + 1 \
    title columnheader(1)
