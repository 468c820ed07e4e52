# SPDX-License-Identifier: Apache-2.0
# slowdown: a bar for each CPU and delivery, in groups by protocol; above it, how many of the SMIs
# were served, and hatched if some were not.
question = "How long does ".program." take, by the CPU that it runs on?".below_title
set ylabel "time of the calls (log)"
set logscale y
set format y "%.0s %cs"
set style fill solid 1.0 border rgb "black"
set boxwidth 0.75
stats data using 1:(valid(3) ? $3 : NaN) nooutput
low = floor(log10(STATS_min_y * 0.9e-3))
high = ceil(log10(STATS_max_y * 1e-3))
set yrange [10 ** low : 10 ** (high + 0.7)]
set xtics scale 0
set bmargin 5.5
unset key
# Of a delivery: unicast, broadcast, another one.
array colour[3] = [0xD55E00, 0x56B4E9, 0x009E73]
above(row) = !valid(4) || !valid(5) ? "" : \
    sprintf($5 < $4 ? "only %s/%s served" : "%s/%s served", strcol(5), strcol(4))
names = |group_name|
beside = int(beside)
rows = (names + beside - 1) / beside
set multiplot layout rows, 1 title question font ",25"
do for [row = 0 : rows - 1] {
    unset label
    do for [i = beside * row + 1 : beside * (row + 1)] {
        if (i <= names) {
            middle = (first[i] + last[i]) / 2.0
            set label i group_name[i] at first middle, graph -0.26 center font ",22"
        }
    }
    # All rows are as wide, so that bars are.
    set xrange [first[beside * row + 1] - 0.6 : first[beside * row + 1] + int(bars) - 0.4]
    plot data using 1:($3 * 1e-3):(colour[int($2)]):xtic(bar_name[int(column(0)) + 1]) \
        with boxes lc rgb variable, \
        "" using 1:($5 < $4 ? $3 * 1e-3 : NaN) with boxes fs pattern 5 lc rgb "black", \
        "" using 1:($3 * 1e-3):(seconds($3 * 1e-3)) with labels offset 0,2.3 font ",24", \
        "" using 1:($3 * 1e-3):(above(0)) \
        with labels offset 0,0.8 font ",18"
}
unset multiplot
