# The law of one agent's belief: densities, and where there is none, its distribution function.
# SPDX-License-Identifier: GPL-3.0-or-later
# Columns x end, then density_i below_i for each of the laws.i (alpha, bandwidth, dimension, gaps); mean_belief
eval page(96)
LAWS = 4
COLOURS = BLUE.' '.VERMILION.' '.GREEN.' '.BLACK
gaps(i) = value(sprintf('laws_%d_gaps', i))
name(i) = sprintf('α = %.2g, m = %.0f', value(sprintf('laws_%d_alpha', i)), value(sprintf('laws_%d_bandwidth', i)))
style(i) = i == 0 ? 2 : i == 2 ? 4 : 1
DENSITY(i) = COL_density_0 + 2*i
BELOW(i) = COL_below_0 + 2*i
set multiplot
set lmargin at screen 0.125
set rmargin at screen 0.98
set xrange [0:1]
set xtics 0,0.2,1
set tmargin at screen 0.985
set bmargin at screen 0.56
set yrange [0:*]
set format x ''
set ytics 0,2
set ylabel 'density' offset 0.8,0
set key top left Left reverse
set label 1 'a' at graph 0.97, graph 0.94 right font sprintf(',%.3g', 9*SCALE)
set arrow 1 from mean_belief, graph 0 to mean_belief, graph 1 nohead back linewidth 0.7 linecolor rgb '#999999'
plot for [i=0:LAWS-1] DATA using COL_x:(gaps(i) ? NaN : column(DENSITY(i))) with lines linewidth 1.4 \
         dashtype style(i) linecolor rgb word(COLOURS, i + 1) title (gaps(i) ? '' : name(i))
set tmargin at screen 0.525
set bmargin at screen 0.10
set yrange [0:1]
set ytics 0,0.25,1
set format x '%g'
set xlabel "one agent's belief in label 1" offset 0,0.3
set ylabel 'probability of a lower belief' offset 0.8,0
set label 1 'b' at graph 0.97, graph 0.06 right
SINGULAR = LAWS - 1
set label 2 sprintf("singular, no density:\ndimension ≤ %.2f", value(sprintf('laws_%d_dimension', SINGULAR))) at 0.03, 0.75
set label 3 'mean' at mean_belief + 0.01, 0.04
plot DATA using COL_end:BELOW(1) with lines linewidth 1.4 dashtype style(1) linecolor rgb word(COLOURS, 2) title name(1), \
     DATA using COL_end:BELOW(SINGULAR) with lines linewidth 1.2 dashtype 1 linecolor rgb BLACK title name(SINGULAR)
unset multiplot
