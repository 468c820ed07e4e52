# SPDX-License-Identifier: Apache-2.0
# percentiles: latency against the share of SMIs that take no longer, rare ones spread out.
set title "How long do the slowest SMIs take?".below_title
set xlabel "percentile: share of the SMIs that take no longer"
lines = int(lines)
do for [i = 1 : lines] {
    set table data.".".i
    plot data index i - 1 using ($1 * 1e-9):2 smooth cnorm
    unset table
}
stats data using (valid(2) ? $1 : NaN) nooutput
eval scale("y", STATS_min, STATS_max)
set ylabel "SMI latency".log
set datafile separator whitespace
set format y "%.0s %cs"
rest = 10 ** -(int(nines) + 2) # what is beyond stands at the right end
set xrange [0 : 1 - rest]
set nonlinear x via -log10(1.000001 - x) inverse 1.000001 - 10 ** (-x)
set xtics ("0" 0, "50 %%" 0.5, "90 %%" 0.9, "99 %%" 0.99, "99.9 %%" 0.999, "99.99 %%" 0.9999, \
    "99.999 %%" 0.99999)
set xtics add ("100 %%" 1 - rest)
eval key_below
name(i) = system(sprintf("sed -n '/^\"/p' '%s' | sed -n '%dp' | tr -d '\"'", data, i))
plot for [i = 1 : lines] data.".".i using ($2 > 1 - rest ? 1 - rest : $2):1 with lines ls i \
    title name(i)
