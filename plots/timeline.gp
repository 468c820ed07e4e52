# SPDX-License-Identifier: Apache-2.0
# timeline: a lane for each CPU; if most of the time nothing happens, the end once more.
kinds = |names| - 2
array colour[11] = [0x000000, 0x56B4E9, 0xFFFFFF, 0xF0E442, 0xE69F00, 0x0072B2, 0x009E73, \
    0x777777, 0xCC79A7, 0x0072B2, 0x000000]
array pattern[11] = [1, 6, 3, 3, 3, 3, 2, 4, 3, 5, 3]
stats data using ($1 == 0 ? NaN : $2) nooutput
last = STATS_max
stats data using ($1 == 0 ? $5 : NaN) nooutput
end = STATS_max
gap = real(gap)
set yrange [last + 0.6 : -0.6]
set ytics 0, last > 32 ? 8 : 1
set format y "CPU %.0f"
set format x "%.0s %cs"
set style fill border rgb "#444444"
unset grid
set grid xtics lc rgb "#dddddd" lw 1
set key at screen 0.53, 0.01 center bottom horizontal Left reverse samplen 2 font ",18"
from = 0
x(ns) = (ns - from) * 1e-9
bar = last > 8 ? 0.42 : 0.32
# What has the number i; nothing in the legend if there is none.
is(i) = $1 == i ? x($4) : NaN
key(i) = int(used[i]) > 0 ? names[i] : ""
lanes = 'plot for [i = 1 : kinds] data using (is(i)):2:(x($4)):(x($5)):($2 - bar):($2 + bar) '.\
    'with boxxyerror fs pattern pattern[i] border rgb "#444444" fc rgb colour[i] title key(i), '.\
    '"" using (is(kinds + 1)):2:(x($5) - x($4)):($3 - $2) with vectors filled head '.\
    'size screen 0.008, 20 lc rgb "#D55E00" lw 2 dt (4,3) title names[kinds + 1], '.\
    '"" using (is(kinds + 2)):2:(x($5) - x($4)):($3 - $2) with vectors filled head '.\
    'lc rgb "black" lw 3 title key(kinds + 2)'
if (gap > 0) {
    set multiplot title title.below_title font ",26"
    set tmargin at screen 0.86
    set bmargin at screen 0.68
    unset key
    set xlabel "time since the port write"
    set xrange [0 : x(end)]
    eval lanes
    set tmargin at screen 0.53
    set bmargin at screen 0.30
    set key
    from = gap
    set xlabel sprintf("the end, enlarged: time since %s", gprintf("%.4s %cs", gap * 1e-9))
    set xrange [0 : x(end)]
    eval lanes
    unset multiplot
} else {
    set title title.below_title
    set bmargin at screen (last > 11 ? 0.21 : 0.28)
    set xlabel "time since the port write"
    set xrange [0 : x(end)]
    eval lanes
}
