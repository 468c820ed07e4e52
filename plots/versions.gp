# SPDX-License-Identifier: Apache-2.0
# versions: a line for each setting over the versions of the firmware; a cross where not all SMIs
# were served.
lines = int(lines)
versions = int(versions)
stats data using ($2 * 1e-3) nooutput
eval span("y", STATS_min, STATS_max)
set ylabel "time of the calls".log
set format y "%.0s %cs"
eval between("y", STATS_min, STATS_max)
set xrange [0.5 : versions + 0.5]
set xtics rotate by 60 right scale 0.5 font ",16"
set xtics ("" 0)
do for [i = 1 : versions] { set xtics add (version_name[i] i) }
set bmargin 8
set key above horizontal maxrows 2
set title "How long does the command take in each version of the firmware?".below_title offset 0,0.3
plot for [i = 1 : lines] data index i - 1 using 1:($2 * 1e-3) with linespoints ls i \
    title line_name[i], \
    for [i = 1 : lines] data index i - 1 using 1:($4 < $3 ? $2 * 1e-3 : NaN) with points \
    pt 2 ps 3 lw 3 lc rgb "black" notitle, \
    NaN with points pt 2 ps 3 lw 3 lc rgb "black" title "not all SMIs served"
