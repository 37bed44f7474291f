# Effective size of graphs against the number of agents.  SPDX-License-Identifier: GPL-3.0-or-later
# Table 0: graph agents size size_degrees size_simulated low high
set logscale x 2
set logscale y 2
set xrange [13:300]
set yrange [0.08:64]
set xtics (16, 32, 64, 128, 256)
set ytics ('1/8' 0.125, '1/4' 0.25, '1/2' 0.5, 1, 2, 4, 8, 16, 32)
unset mxtics
unset mytics
set xlabel 'agents N'
set ylabel 'effective size N_e/N' offset 0.8,0
set key top left Left reverse maxrows 6
NAMES = "'ring' 'Erdős–Rényi, degree 8' 'Barabási–Albert, 3 links' 'star'"
COLOURS = BLUE.' '.GREEN.' '.PURPLE.' '.VERMILION
POINTS = '7 9 5 11'
is(g) = column(COL_graph) == g
plot for [g=0:3] DATA index 0 using (is(g) ? column(COL_agents) : NaN):(column(COL_size)/column(COL_agents)) \
         with lines linewidth 1.5 dashtype solid linecolor rgb word(COLOURS, g + 1) title word(NAMES, g + 1), \
     for [g=0:3] DATA index 0 using (is(g) ? column(COL_agents) : NaN):(column(COL_size_degrees)/column(COL_agents)) \
         with lines linewidth 1.2 dashtype 2 linecolor rgb word(COLOURS, g + 1) notitle, \
     for [g=0:3] DATA index 0 using (is(g) ? column(COL_agents) : NaN):(column(COL_low)/column(COL_agents)):(0): \
         ((column(COL_high) - column(COL_low))/column(COL_agents)) \
         with vectors nohead linewidth 0.8 dashtype solid linecolor rgb word(COLOURS, g + 1) notitle, \
     for [g=0:3] DATA index 0 using (is(g) ? column(COL_agents) : NaN):(column(COL_size_simulated)/column(COL_agents)) \
         with points pointtype int(word(POINTS, g + 1)) pointsize 0.5 linecolor rgb word(COLOURS, g + 1) notitle, \
     NaN with lines linewidth 1.2 dashtype 2 linecolor rgb BLACK title 'by degrees', \
     NaN with points pointtype 7 pointsize 0.5 linecolor rgb BLACK title 'simulation, 95%'
