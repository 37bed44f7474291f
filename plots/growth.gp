# Cost of an interaction against N and K, from the TSV of make bench.  SPDX-License-Identifier: GPL-3.0-or-later
#     gnuplot -e "DATA='bench.tsv'; set terminal svg size 900,360 font 'sans,13'; set output 'doc/growth.svg'" \
#             plots/style.gp plots/growth.gp
set datafile separator "\t"
set multiplot layout 1,2
set logscale xy
set yrange [0.4:1000]
set ylabel 'ns per interaction'
set key top left Left reverse samplen 1.5 spacing 1.05
set format x '10^{%L}'
set xlabel 'agents N'
plot DATA index 2 using 1:2 with linespoints linetype 3 title 'K = 2', \
     DATA index 2 using 1:3 with linespoints linetype 4 title 'K = 3', \
     DATA index 2 using 1:4 with linespoints linetype 2 title 'K = 10', \
     DATA index 2 using 1:5 with lines linetype 1 title 'random numbers alone'
set format x '%g'
set xlabel 'labels K'
plot DATA index 3 using 1:3 with linespoints linetype 2 title 'N = 24, consensus test', \
     DATA index 3 using 1:2 with linespoints linetype 5 title 'N = 24, beliefs only', \
     DATA index 3 using 1:5 with linespoints linetype 3 title 'N = 1024, consensus test', \
     DATA index 3 using 1:4 with linespoints linetype 4 title 'N = 1024, beliefs only'
unset multiplot
