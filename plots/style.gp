# SPDX-License-Identifier: Apache-2.0
# style: what all pictures share; colours of Okabe and Ito in an order whose greys differ.

# Lines differ in dashes and marks, too.
set encoding utf8
set datafile separator "\t"
set datafile missing "?"
set border 3 lw 1.5 lc rgb "#444444"
set tics nomirror out textcolor rgb "black"
set grid ytics lt 1 lc rgb "#cccccc" lw 1 dt 1
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
set style line 8 lc rgb "#777777" lw 4 dt (34,8) pt 12 ps 2
# Sets the range of an axis: log where the values need it, else linear from 0.
span(axis, low, high) = high > 10 * low ? \
    sprintf("set logscale %s; set %srange [%g : %g]; log = ' (log)'", axis, axis, low * 0.8, \
    high * 1.25) : sprintf("set %srange [0 : %g]; log = ''; ", axis, high * 1.1).\
    (axis eq "y" ? sprintf("full = spaced('y', %g, 1); bare = spaced('y', %g, 0)", high * 1.1, \
    high * 1.1) : spaced(axis, high * 1.1, 1))
# More marks on an axis of a few decades, in seconds (eval between("y", low, high)).
between(axis, low, high) = high > 1000 * low || high <= 10 * low ? "" : marks(axis, low, high)
marks(axis, low, high) = "do for [k = -12 : 3] { do for [m in '2 5'] { v = m * 10.0 ** k; ".\
    sprintf("if (v > %g && v < %g) { set %stics add (v) } } }", low, high, axis)
# The distance of about five marks on a linear axis.
decade(range) = 10 ** floor(log10(range / 5.0))
step(range) = range <= 0 ? 1 : decade(range) * (range / 5.0 / decade(range) < 1.1 ? 1 : \
    range / 5.0 / decade(range) < 2.2 ? 2 : range / 5.0 / decade(range) < 5.5 ? 5 : 10)
# Such marks from 0 to last, in seconds, each with the unit that fits, or bare; more of them on y.
neat(s) = (text = gprintf("%.1s %cs", s), zero = strstrt(text, ".0 "), \
    zero ? text[1 : zero - 1].text[zero + 2 : *] : text)
spaced(axis, last, text) = spread_out(axis, last, step(axis eq "y" ? last * 0.6 : last), \
    text ? "neat(v)" : "''")
spread_out(axis, last, step, text) = sprintf("set %stics (); ", axis).\
    sprintf("do for [k = 0 : %d] { v = k * %g; ", int(last / step + 1e-6), step).\
    sprintf("set %stics add (%s v) }", axis, text)
# The range of an axis that does not begin at 0, for values that differ in little.
near(axis, low, high) = sprintf("set %srange [%.12g : %.12g]", axis, low - (high - low) * 0.05, \
    high + (high - low) * 0.05)
# A colour bar of the range low to high in seconds, with numbers on it however short it is: its ends
# and, where they have room, 1, 2 and 5 of each decade (only 1 if there are many).
bar(low, high) = sprintf("set cbrange [%g : %g]; ", low * (high > low ? 1 : 0.9), \
    high * (high > low ? 1 : 1.1)).\
    "set logscale cb; set format cb '%.0s %cs'; set cbtics (); set mcbtics 1; ".\
    "do for [k = -12 : 6] { do for [m in '".(high > 1000 * low ? "1" : "1 2 5")."'] { ".\
    sprintf("v = m * 10.0 ** k; if (v >= %g && v <= %g) ", low * (high / low) ** 0.06, \
    high / (high / low) ** 0.06)."{ set cbtics add (neat(v) v) } } }; ".\
    sprintf("set cbtics add ('%s' %g); set cbtics add ('%s' %g)", seconds(low), low, \
    seconds(high), high)
# Three digits at most and a unit.
seconds(s) = s < 1e-12 ? "0" : \
    gprintf(real(gprintf("%.3s", s)) >= 99.95 ? "%.0s %cs" : "%.1s %cs", s)
