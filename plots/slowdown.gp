# SPDX-License-Identifier: Apache-2.0
# slowdown: a bar for each CPU and delivery, in groups by protocol.
set title "How long does efibootmgr take, by the CPU that it runs on?".\
    (strlen(note) ? " (".note.")" : "")
set ylabel "time of the calls into the firmware (log)"
set logscale y
set format y "%.0s %cs"
set style fill solid 1.0 border rgb "black"
set boxwidth 0.75
stats data using 1:5 nooutput
set xrange [STATS_min_x - 0.6 : STATS_max_x + 0.6]
low = floor(log10(STATS_min_y * 0.9e-3))
high = ceil(log10(STATS_max_y * 1e-3))
set yrange [10 ** low : 10 ** (high + 0.4)]
set xtics scale 0
set bmargin 6.5
unset key
colour(delivery) = delivery eq "unicast" ? 0xD55E00 : delivery eq "broadcast" ? 0x56B4E9 : 0x009E73
do for [i = 1 : words(groups) / 2] {
    set label i word(groups, 2 * i - 1) at first real(word(groups, 2 * i)), screen 0.04 center \
        font ",22"
}
below(row) = sprintf("%s\nCPU %s", strcol(3), strcol(4))
above(row) = sprintf($7 < $6 ? "only %s/%s SMIs served" : "%s/%s SMIs served", strcol(7), strcol(6))
plot data using 1:($5 * 1e-3):(colour(strcol(3))):xtic(below(0)) \
    with boxes lc rgb variable, \
    "" using 1:($7 < $6 ? $5 * 1e-3 : NaN) with boxes fs pattern 5 lc rgb "black", \
    "" using 1:($5 * 1e-3):(seconds($5 * 1e-3)) with labels offset 0,2.1 font ",24", \
    "" using 1:($5 * 1e-3):(above(0)) \
    with labels offset 0,0.8 font ",15"
