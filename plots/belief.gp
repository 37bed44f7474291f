# One agent's belief law.  DATA: columns x, density.  SPDX-License-Identifier: GPL-3.0-or-later
set xlabel "belief in label 1"
set ylabel "density (mass of a cell over its width)"
set xrange [0:1]
set yrange [0:*]
unset key
set output OUT
plot DATA using 1:2 with fillsteps fillstyle solid 0.3 linecolor 1, \
     DATA using 1:2 with steps linecolor 1 linewidth 1
