# SPDX-License-Identifier: Apache-2.0
# curve: latency against a number that was swept, a line for each of the other settings.
question = x eq "cpus" ? "How does ".what." grow with the number of CPUs?" : \
    "How does ".what." change with ".x."?"
title_rows = title_rows + 1
counter = int(counter)
scale = counter ? 1 : 1e-9
below_title = "\n(".(counter ? "line: mean, bar: its confidence interval of 95 %" : \
    "line: p50, thick bar: to p99, thin bar: to the slowest").")".below_title
load here."/panels.gp"
stats data using (valid(1) ? $1 : NaN) nooutput
first = STATS_min
last = STATS_max
log_x = first > 0 && last > 10 * first || x eq "cpus" && first > 0
stats data using (valid(2) ? $2 : NaN) nooutput
bottom = STATS_min
stats data using (counter ? $2 + (valid(3) ? $3 : 0) : valid(4) ? $4 : NaN) nooutput
eval bottom > 0 || !counter ? span("y", bottom * scale, STATS_max * scale) : \
    sprintf("set yrange [0 : %g]; log = ''", STATS_max > 0 ? STATS_max * 1.1 : 1)
if (!counter) { eval between("y", bottom * scale, STATS_max * scale) }
y_name = what.(counter ? ", mean of a run" : "").log
y_format = counter ? "%g" : "%.0s %cs"
# Lines stand a little apart, so that none hides another.
apart(i) = (i - (lines + 1) / 2.0) / (lines > 1 ? lines - 1 : 1)
if (log_x) {
    set logscale x
    reach = (last / first) ** 0.03
    shifted(v, i) = v * reach ** apart(i)
    from_x = first / reach ** 2.5
    to_x = last * reach ** 2.5
} else {
    reach = (last - first) * 0.03
    shifted(v, i) = v + reach * apart(i)
    from_x = first - 2.5 * reach
    to_x = last + 2.5 * reach
}
set xrange [from_x : to_x]
# A mark for each number; text for as many as have room, the first and the last among them. In
# pixels, a letter being 13 wide.
place_of(i) = (log_x ? log(tic_at[i] / from_x) / log(to_x / from_x) : \
    (tic_at[i] - from_x) / (to_x - from_x)) * each * width
apart_of(i, k) = place_of(k) - place_of(i) >= 6.5 * strlen(tic_text[i].tic_text[k]) + 12
final = |tic_at|
kept = 0
set xtics ()
do for [i = 1 : final] {
    shown = i == final || (kept == 0 || apart_of(kept, i)) && apart_of(i, final)
    if (shown) { kept = i }
    set xtics add (shown ? tic_text[i] : "" real(tic_at[i]))
}
set mxtics 1
x_name = (x eq "cpus" ? "CPUs" : x).(log_x ? " (log)" : "")
set multiplot title question.below_title font ",25"
do for [p = 1 : panels] {
    eval place(p)
    plot for [i = 1 : lines] data index (p - 1) * lines + i - 1 \
        using (shifted($1, i)):($2 * scale):($2 * scale):(counter ? NaN : $4 * scale) \
        with yerrorbars ls i dt 1 lw 1.5 pt -1 notitle, \
        for [i = 1 : lines] data index (p - 1) * lines + i - 1 \
        using (shifted($1, i)):($2 * scale):($2 * scale):(counter ? NaN : $3 * scale) \
        with yerrorbars ls i dt 1 lw 5 pt -1 notitle, \
        for [i = 1 : lines] data index (p - 1) * lines + i - 1 \
        using (shifted($1, i)):2:(counter && valid(3) ? $3 : NaN) \
        with yerrorbars ls i dt 1 lw 3 pt -1 notitle, \
        for [i = 1 : lines] data index (p - 1) * lines + i - 1 \
        using (shifted($1, i)):($2 * scale) with linespoints ls i notitle
}
eval legend("with linespoints ls i")
unset multiplot
