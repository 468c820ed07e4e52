# SPDX-License-Identifier: Apache-2.0
# blackout: a mark for each visit to SMM, in the colour of its CPU, or in the lane of its CPU.
question = "When does each CPU stand still, and for how long?".below_title
last = int(last)
x_name = "time"
set xlabel x_name
set format x "%.1s %cs"
stats data using (valid(1) ? $1 : NaN) nooutput
set xrange [0 : STATS_max * 1.02e-9]
set xtics 0, step(STATS_max * 1e-9)
if (last < 8) {
    load here."/panels.gp"
    stats data using (valid(2) ? $2 : NaN) nooutput
    eval span("y", STATS_min * 1e-9, STATS_max * 1e-9)
    eval between("y", STATS_min * 1e-9, STATS_max * 1e-9)
    y_name = "blackout: normal code stopped".log
    y_format = "%.0s %cs"
    set offsets 0, graph 0.02, 0, 0
    set multiplot title question font ",25"
    eval place(1)
    plot for [i = 1 : lines] data index i - 1 using ($1 * 1e-9):($2 * 1e-9) with points ls i \
        notitle
    eval legend("with points ls i")
    unset multiplot
} else {
    set title question
    stats data using (valid(2) ? $2 : NaN) nooutput
    set ylabel "CPU"
    set yrange [last + 1 : -1]
    set rmargin 16
    set logscale cb
    if (STATS_max < 1000 * STATS_min) { eval marks("cb", STATS_min * 0.99e-9, STATS_max * 1.01e-9) }
    set format cb "%.0s %cs"
    set cblabel "blackout: normal code stopped (log)" offset 2,0
    set palette defined (0 "#F0E442", 1 "#E69F00", 2 "#D55E00", 3 "#000000")
    unset key
    plot data using ($1 * 1e-9):3:($2 * 1e-9) with points pt 5 ps (last < 32 ? 1.6 : 0.7) lc palette
}
