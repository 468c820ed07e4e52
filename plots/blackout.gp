# SPDX-License-Identifier: Apache-2.0
# blackout: a mark for each visit to SMM, in the colour of its CPU, or in the lane of its CPU.
question = "When does each CPU stand still, and for how long?".below_title
last = int(last)
x_name = "time"
set xlabel x_name
stats data using (valid(1) ? $1 : NaN) nooutput
set xrange [0 : STATS_max * 1.02e-9]
eval spaced("x", STATS_max * 1e-9, 1)
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
    stats data using 2 nooutput
    eval bar(STATS_min * 1e-9, STATS_max * 1e-9)
    stats data using ($1 + $2) nooutput
    end = STATS_max * 1e-9
    set ylabel "CPU"
    set yrange [last + 1 : -1]
    set rmargin 16
    set cblabel "blackout: normal code stopped (log)" offset 2,0
    set palette defined (0 "#F0E442", 1 "#E69F00", 2 "#D55E00", 3 "#000000")
    unset key
    # A mark is as long as the blackout, or as wide as can be seen, and begins where that does.
    set xlabel x_name." (a mark begins when normal code stops)"
    set xrange [0 : end * 1.01]
    wide(s) = s < end * 0.004 ? end * 0.004 : s
    high = last < 32 ? 0.36 : 0.5
    plot data using ($1 * 1e-9):3:($1 * 1e-9):($1 * 1e-9 + wide($2 * 1e-9)):($3 - high):($3 + high)\
        :($2 * 1e-9) with boxxyerror fs solid noborder lc palette
}
