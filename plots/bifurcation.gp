# Self-consistent mean beliefs.  DATA: columns control, p, slope, stable.  SPDX-License-Identifier: GPL-3.0-or-later
if (!exists("CONTROL")) CONTROL = "temper T"
set xlabel CONTROL
set ylabel "self-consistent mean belief p"
set yrange [-0.02:1.02]
set key outside top center horizontal
set output OUT
plot DATA using 1:($4 == 1 ? $2 : NaN) with points pointtype 7 pointsize 0.4 linecolor 1 title "stable", \
     DATA using 1:($4 == 0 ? $2 : NaN) with points pointtype 6 pointsize 0.4 linecolor 2 title "unstable"
