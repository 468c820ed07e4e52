# SPDX-License-Identifier: Apache-2.0
# percentiles: value against the share of values that are no greater, rare ones spread out.
question = metric eq "smi_latency" ? "How long do the slowest SMIs take?" : \
    "How long is ".what." at worst?"
load here."/panels.gp"
stats data using (valid(2) ? $2 : NaN) nooutput
eval span("y", STATS_min * 1e-9, STATS_max * 1e-9)
eval between("y", STATS_min * 1e-9, STATS_max * 1e-9)
y_name = what.log
y_format = "%.0s %cs"
rest = 10 ** -(int(nines) + 2) # what is beyond stands at the right end
set xrange [0 : 1 - rest]
set nonlinear x via -log10(1.000001 - x) inverse 1.000001 - 10 ** (-x)
set xtics ("50" 0.5, "90" 0.9, "99" 0.99, "99.9" 0.999, "99.99" 0.9999, "99.999" 0.99999)
if (panels == 1) { set xtics add ("0" 0) }
set xtics add ("max" 1 - rest)
x_name = "percentile (%): share that is no longer"
set multiplot title question.below_title font ",25"
do for [p = 1 : panels] {
    eval place(p)
    plot for [i = 1 : lines] data index (p - 1) * lines + i - 1 \
        using ($1 > 1 - rest ? 1 - rest : $1):($2 * 1e-9) with fsteps ls i notitle, \
        for [i = 1 : lines] data index (p - 1) * lines + i - 1 \
        using ($3 > 1 - rest ? 1 - rest : $3):($2 * 1e-9) with points ls i notitle
}
eval legend("with linespoints ls i")
unset multiplot
