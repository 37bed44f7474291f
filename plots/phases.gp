# Phase map.  DATA: columns temper, innovation, regime, growth.  SPDX-License-Identifier: GPL-3.0-or-later
set xlabel "temper T"
set ylabel "innovation ε"
stats DATA using 1 nooutput
set xrange [STATS_min:STATS_max]
stats DATA using 2 nooutput
set yrange [STATS_min:STATS_max]
set palette maxcolors 4
set palette defined (0 "#bdbdbd", 1 "#d95f02", 2 "#1b9e77", 3 "#7570b3")
set cbrange [-0.5:3.5]
set cbtics ("drift" 0, "amplification" 1, "pluralism" 2, "selection" 3)
unset key
set rmargin at screen 0.74
set output OUT
plot DATA using 1:2:3 with image
