# SPDX-License-Identifier: Apache-2.0
# services: the share of calls that take no longer, a line for each kind of call.
load here."/panels.gp"
stats data using (valid(1) ? $1 : NaN) nooutput
eval span("x", STATS_min * 1e-9, STATS_max * 1e-9)
eval between("x", STATS_min * 1e-9, STATS_max * 1e-9)
set xlabel "latency of a call".log
set ylabel "share of the calls that take no longer"
set format x "%.0s %cs"
set yrange [0 : 1.02]
set ytics ("0" 0, "25 %%" 0.25, "50 %%" 0.5, "75 %%" 0.75, "100 %%" 1)
set multiplot title "How long do the calls of each variable service take?".below_title font ",25"
do for [p = 1 : panels] {
    eval place(p)
    plot for [i = 1 : lines] data index (p - 1) * lines + i - 1 using ($1 * 1e-9):2 \
        with steps ls i notitle, \
        for [i = 1 : lines] data index (p - 1) * lines + i - 1 using ($1 * 1e-9):3 \
        with points ls i notitle
}
eval legend("with linespoints ls i")
unset multiplot
