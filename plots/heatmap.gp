# SPDX-License-Identifier: Apache-2.0
# heatmap: latency by timeout 1 and another parameter, a cell for each point.
question = other eq "cpu.late" ? "How long does an SMI take when a CPU comes late?" : \
    "How does SMI latency change with sync.timeout1 and ".other."?"
set title question.below_title
set xlabel other
set ylabel "sync.timeout1"
set cblabel "mean SMI latency (log)" offset 2,0
set rmargin 16
set bmargin 5
set palette defined (0 "#ffffff", 1 "#F0E442", 2 "#E69F00", 3 "#D55E00")
set tics scale 0
unset grid
unset key
set autoscale fix
set offsets 0.5, 0.5, 0.5, 0.5
set object 1 rectangle from graph 0, 0 to graph 1, 1 behind fc rgb "#bbbbbb" fs pattern 4 noborder
stats data using 1 nooutput
set xrange [-0.5 : STATS_max + 0.5]
stats data using 2 nooutput
set yrange [-0.5 : STATS_max + 0.5]
stats data using (valid(3) ? $3 * 1e-9 : NaN) nooutput
eval bar(STATS_min, STATS_max)
plot data using 1:2:(0.5):(0.5):(valid(3) ? $3 * 1e-9 : NaN):xtic(column_name[int($1) + 1])\
    :ytic(row_name[int($2) + 1]) with boxxyerror fs solid noborder lc palette, \
    "" using 1:2:(valid(3) ? seconds($3 * 1e-9) : "no data") with labels
