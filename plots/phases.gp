# SPDX-License-Identifier: Apache-2.0
# phases: a stack of shares for each setting, the latency above it.
rows = int(rows)
set ylabel "share of the mean SMI latency\n(above: the latency)"
set style data histograms
set style histogram rowstacked
set boxwidth 0.7
set xrange [-0.6 : int(across) - 0.4]
set yrange [0 : 1.12]
set ytics ("0 %%" 0, "20 %%" 0.2, "40 %%" 0.4, "60 %%" 0.6, "80 %%" 0.8, "100 %%" 1)
set xtics scale 0 font ",17"
set key outside right center Left reverse invert samplen 2 width 1
set lmargin 14
set bmargin 6
set rmargin 22
names = "port reaction entry 'bsp timeout1' 'bsp timeout2' 'bsp wait' 'aps timeout1' ".\
    "'aps timeout2' 'aps wait' barriers handler flash release exit"
# The last one is for a name that is not among them.
array colour[15] = [0x000000, 0x000000, 0x56B4E9, 0xD55E00, 0xD55E00, 0xF0E442, 0xCC79A7, \
    0xCC79A7, 0xE69F00, 0x0072B2, 0x009E73, 0x009E73, 0x0072B2, 0x000000, 0x777777]
array pattern[15] = [1, 5, 6, 3, 4, 3, 1, 2, 3, 3, 2, 4, 5, 3, 7]
array number[|phase_name|]
do for [i = 1 : |phase_name|] {
    number[i] = 15
    do for [n = 1 : 14] {
        if (word(names, n) eq phase_name[i]) { number[i] = n }
    }
}
set multiplot layout rows, 1 title "Where does the time of an SMI go?".below_title font ",25"
do for [row = 1 : rows] {
    first = int(across) * (row - 1) + 1
    plot for [i = 1 : |phase_name|] data.".".row \
        using (column(i + 1)):xtic(bar_name[first + int(column(0))]) \
        fs pattern pattern[number[i]] border rgb "black" lc rgb colour[number[i]] \
        title phase_name[i], \
        data.".".row using 0:(1.05):(valid(1) ? seconds($1) : "no SMI") with labels notitle
}
unset multiplot
