# SPDX-License-Identifier: Apache-2.0
# panels: places for panels side by side, one title above and one legend below them.
load data.".names"
panels = int(panels)
lines = int(lines)
width = int(width)
rows = int(rows)
# In screen units; `tall` is the picture's height in pixels.
tall = 700.0 + 32 * rows
left = 200.0 / width
right = 1 - 40.0 / width
gap = panels > 1 ? 0.022 : 0
each = (right - left - gap * (panels - 1)) / panels
high = 1 - (30 + 36 * title_rows + (panels > 1 ? 42 : 0)) / tall
low = (128 + 32 * rows) / tall
from(p) = left + (p - 1) * (each + gap)
# To be called (eval place(p)) before the plot of panel p.
place(p) = sprintf("set lmargin at screen %f; set rmargin at screen %f; ", from(p), from(p) + each).\
    sprintf("set tmargin at screen %f; set bmargin at screen %f; ", high, low).\
    "unset key; set title panel_name[".p."] font ',20' offset 0,-0.4; ".\
    (p == 1 ? "" : "set format y ''; unset ylabel; ")
# After the last panel (eval legend("...")); how: what stands before each name. A single line needs
# no name.
legend(how) = "unset title; unset xlabel; unset ylabel; unset tics; unset border; unset grid; ".\
    "unset logscale; set xrange [0 : 1]; set yrange [0 : 1]; set lmargin at screen 0; ".\
    sprintf("set rmargin at screen 1; set tmargin at screen %f; set bmargin at screen 0; ", low / 2).\
    "set key at screen 0.53, 0.015 center bottom horizontal Left reverse samplen 3.5 maxrows ".\
    rows."; plot NaN notitle".\
    (lines > 1 ? ", for [i = 1 : lines] keyentry ".how." title line_name[i]" : "")
