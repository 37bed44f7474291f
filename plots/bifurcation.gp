# Self-consistent mean beliefs against the temperature, stable and unstable.  SPDX-License-Identifier: GPL-3.0-or-later
# A table an equation, each: temper high low middle unstable; critical_even, critical_field
set xlabel 'temperature T'
set ylabel 'self-consistent mean belief' offset 0.5,0
set yrange [0:1]
set ytics 0,0.25,1
set xrange [0.6:1.2]
set key bottom right
array COLOUR[2] = [BLACK, ORANGE]
array NAME[2] = ['no field', 'h = 0.02']
plot for [f=1:2] for [b=2:4] DATA index f-1 using 1:b with lines linewidth 1.6 dashtype solid linecolor rgb COLOUR[f] \
         title (b == 2 ? NAME[f] : ''), \
     for [f=1:2] DATA index f-1 using 1:5 with lines linewidth 1.4 dashtype (8,5) linecolor rgb COLOUR[f] notitle, \
     NaN with lines linewidth 1.4 dashtype (8,5) linecolor rgb '#777777' title 'unstable'
