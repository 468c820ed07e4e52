# SPDX-License-Identifier: Apache-2.0
# services: the share of calls that take no longer, a line for each kind of call.
load here."/panels.gp"
plain = kinds eq "smi" || kinds eq "job"
stats data using (valid(1) ? $1 : NaN) nooutput
set format x "%.0s %cs"
# Calls that all sit out the same timeout differ in little: the axis begins near the first.
zoom = STATS_max < 1.5 * STATS_min
if (!zoom) {
    eval span("x", STATS_min * 1e-9, STATS_max * 1e-9)
} else {
    eval near("x", STATS_min * 1e-9, STATS_max * 1e-9)
    set xtics step(STATS_max * 1e-9 - STATS_min * 1e-9)
    set format x "%.2s %cs"
    log = ", without its beginning"
}
eval between("x", STATS_min * 1e-9, STATS_max * 1e-9)
x_name = (plain ? "latency of an SMI for its caller" : "latency of a call").log
y_name = "share of the ".(plain ? "SMIs" : "calls").(down > 1 ? "" : " that take no longer")
y_format = ""
set yrange [0 : 1.02]
full = 'set ytics ("0" 0, "25 %%" 0.25, "50 %%" 0.5, "75 %%" 0.75, "100 %%" 1)'
bare = 'set ytics ("" 0, "" 0.25, "" 0.5, "" 0.75, "" 1)'
question = kinds eq "smi" ? "How long do plain SMIs take for their caller?" : \
    kinds eq "job" ? "How long do SMIs that start jobs take for their caller?" : \
    strstrt(" ".kinds." ", " smi ") || strstrt(" ".kinds." ", " job ") ? \
    "How long does each kind of call take?" : \
    "How long do the calls of each variable service take?"
set multiplot title question.below_title font ",25"
do for [p = 1 : panels] {
    eval place(p)
    plot for [i = 1 : lines] data index (p - 1) * lines + i - 1 using ($1 * 1e-9):2 \
        with steps ls i notitle, \
        for [i = 1 : lines] data index (p - 1) * lines + i - 1 using ($1 * 1e-9):3 \
        with points ls i notitle
}
eval legend("with linespoints ls i")
unset multiplot
