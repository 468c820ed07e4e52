# SPDX-License-Identifier: Apache-2.0
# style: what all pictures share; colours of Okabe and Ito in an order whose greys differ.

# Lines differ in dashes and marks, too.
set encoding utf8
set datafile separator "\t"
set datafile missing "?"
set border 3 lw 1.5 lc rgb "#444444"
set tics nomirror out textcolor rgb "black"
set grid ytics lc rgb "#dddddd" lw 1 dt 1
set title font ",25" offset 0,0.3
set lmargin 12
set rmargin 4
set style line 1 lc rgb "#0072B2" lw 4 dt 1 pt 7 ps 1.6
set style line 2 lc rgb "#E69F00" lw 4 dt (10,6) pt 5 ps 1.6
set style line 3 lc rgb "#000000" lw 3 dt (3,5) pt 9 ps 1.8
set style line 4 lc rgb "#CC79A7" lw 4 dt (16,5,3,5) pt 13 ps 2
set style line 5 lc rgb "#009E73" lw 4 dt (22,7) pt 4 ps 1.8
set style line 6 lc rgb "#D55E00" lw 4 dt (2,3) pt 6 ps 1.8
set style line 7 lc rgb "#56B4E9" lw 4 dt (12,4,3,4,3,4) pt 8 ps 1.8
set style line 8 lc rgb "#777777" lw 4 dt 1 pt 12 ps 2
# Room for a key of that many rows below the axis.
key_below = "set key at screen 0.53, 0.02 center bottom horizontal Left reverse samplen 3".\
    "; set bmargin 4.6 + int(rows)"
# A log axis where the values need one, else a linear one from 0.
scale(axis, low, high) = high > 10 * low ? sprintf("set logscale %s; log = ' (log)'", axis) : \
    sprintf("set %srange [0 : *]; log = ''", axis)
rows = "1"
note = ""
# Three digits at most and a unit.
seconds(s) = s < 1e-12 ? "0" : \
    gprintf(real(gprintf("%.3s", s)) >= 99.95 ? "%.0s %cs" : "%.1s %cs", s)
