# SPDX-License-Identifier: Apache-2.0
# phases: a stack of shares for each setting, the latency above it.
longest = int(widest)
set title "Where does the time of an SMI go?".below_title
set ylabel "share of the mean SMI latency (above: the latency)"
set style data histograms
set style histogram rowstacked
set boxwidth 0.7
set yrange [0 : 112]
set ytics 0, 20, 100
set format y "%.0f %%"
label_font = longest > 11 ? ",14" : ",18"
set xtics scale 0 font label_font
set key outside right center Left reverse invert samplen 2 width 1
set bmargin 5
stats data using 2 skip 1 nooutput
set rmargin 24
names = "port reaction entry 'bsp timeout1' 'bsp timeout2' 'bsp wait' 'aps timeout1' ".\
    "'aps timeout2' 'aps wait' barriers handler flash release exit"
array colour[14] = [0x999999, 0x999999, 0x56B4E9, 0xD55E00, 0xD55E00, 0xF0E442, 0xCC79A7, \
    0xCC79A7, 0xE69F00, 0x0072B2, 0x009E73, 0x009E73, 0x0072B2, 0x56B4E9]
array pattern[14] = [3, 4, 3, 3, 5, 3, 3, 5, 3, 3, 3, 4, 4, 5]
columns = int(system("head -n 1 '".data."' | tr '\t' '\n' | wc -l"))
phase(i) = system("head -n 1 '".data."' | cut -f ".i)
array number[columns]
do for [i = 3 : columns] {
    do for [n = 1 : 14] {
        if (word(names, n) eq phase(i)) { number[i] = n }
    }
}
plot for [i = 3 : columns] data using (100 * column(i) / column(2)):xtic(1) \
    fs pattern pattern[number[i]] border rgb "black" lc rgb colour[number[i]] \
    title columnheader(i), \
    data skip 1 using 0:(105):(valid(2) ? seconds($2 * 1e-9) : "no SMI") with labels notitle
