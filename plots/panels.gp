# SPDX-License-Identifier: Apache-2.0
# panels: places for panels in rows, one title above and one legend below them.
panels = int(panels)
lines = int(lines)
width = int(width)
rows = int(rows)
wrapped = int(wrapped)
across = int(across)
down = int(down)
# In screen units; `height` is the picture's in pixels.
height = real(height)
left = 200.0 / width
right = 1 - 40.0 / width
gap = panels > 1 ? 50.0 / width : 0
each = (right - left - gap * (across - 1)) / across
low = (128 + 32 * rows) / height
high = 1 - (30 + 36 * title_rows + (panels > 1 ? 42 : 0) + 28 * wrapped) / height
between_rows = (120.0 + 28 * wrapped) / height
tall = (high - low - between_rows * (down - 1)) / down
from(p) = left + (p - 1) % across * (each + gap)
top(p) = high - (p - 1) / across * (tall + between_rows)
# A name of the y axis in two lines where it is longer than a panel is high.
half(t) = strlen(t) / 2
space(t) = half(t) - 1 + strstrt(t[half(t) : *], " ")
folded(t) = strlen(t) * 11 < tall * height || space(t) < half(t) ? t : \
    t[1 : space(t) - 1]."\n".t[space(t) + 1 : *]
# What the first panel of a row has: x_name, y_name and y_format are the axes'; `bare` and `full`
# take the labels off the marks and put them on again, where they are not the format's.
bare = ""
full = ""
# To be called (eval place(p)) before the plot of panel p.
place(p) = sprintf("set lmargin at screen %f; set rmargin at screen %f; ", from(p), from(p) + each).\
    sprintf("set tmargin at screen %f; set bmargin at screen %f; ", top(p), top(p) - tall).\
    "unset key; set title panel_name[".p."] font ',20' offset 0,-0.4; ".\
    (p + across > panels ? "set xlabel x_name; " : "unset xlabel; ").\
    ((p - 1) % across == 0 ? "set format y y_format; set ylabel folded(y_name); ".full : \
    "set format y ''; unset ylabel; ".bare)
# After the last panel (eval legend("...")); how: what stands before each name. A single line needs
# no name.
legend(how) = "unset title; unset xlabel; unset ylabel; unset tics; unset border; unset grid; ".\
    "unset logscale; set xrange [0 : 1]; set yrange [0 : 1]; set lmargin at screen 0; ".\
    sprintf("set rmargin at screen 1; set tmargin at screen %f; set bmargin at screen 0; ", low / 2).\
    "set key at screen 0.53, ".sprintf("%f", 10 / height)." center bottom horizontal Left reverse ".\
    "samplen 3.5 maxrows ".rows."; plot NaN notitle".\
    (lines > 1 ? ", for [i = 1 : lines] keyentry ".how." title line_name[i]" : "")
