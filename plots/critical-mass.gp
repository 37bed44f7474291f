# Flips by a committed minority: probability within the horizon, and mean time, against its share.
# SPDX-License-Identifier: GPL-3.0-or-later
# Table 0: alpha committed probability mean_time sd_time; table 1: model committed runs flipped low high listens shortest
eval page(96)
ALPHAS = '1 0.5 0.2'
COLOURS = BLACK.' '.BLUE.' '.GREEN
A(i) = real(word(ALPHAS, i))
dash(i) = i == 1 ? 1 : i == 2 ? 2 : 4
NAMES = "'Claude 3.5 Sonnet' 'Llama 3.1 70B'"
POINTS = '7 9'
TINTS = VERMILION.' '.PURPLE
N = 24.0
shift(m) = m == 0 ? -0.003 : 0.003
is(a) = abs(column(COL_alpha) - a) < 1e-9
set multiplot
set lmargin at screen 0.165
set rmargin at screen 0.98
set xrange [0:0.55]
set xtics 0,0.1,0.5
set tmargin at screen 0.985
set bmargin at screen 0.585
set yrange [-0.03:1.05]
set ytics 0,0.25,1
set format x ''
set ylabel 'flipped by 1,600 listens' offset 0.8,0
set label 1 'a' at graph 0.02, graph 0.93 font sprintf(',%.3g', 9*SCALE)
unset key
plot for [i=1:3] DATA index 0 using (is(A(i)) ? column(COL_committed)/N : NaN):COL_probability \
         with lines linewidth 1.5 dashtype dash(i) linecolor rgb word(COLOURS, i) notitle, \
     for [m=0:1] DATA index 1 using ($1 == m ? $2/N + shift(m) : NaN):5:(0):($6 - $5) \
         with vectors nohead linewidth 0.8 dashtype solid linecolor rgb word(TINTS, m + 1) notitle, \
     for [m=0:1] DATA index 1 using ($1 == m ? $2/N + shift(m) : NaN):4 \
         with points pointtype int(word(POINTS, m + 1)) pointsize 0.55 linecolor rgb word(TINTS, m + 1) notitle
set tmargin at screen 0.545
set bmargin at screen 0.105
set logscale y
set yrange [80:20000]
set ytics (100, 200, 500, 1000, 2000, 5000)
unset mytics
set format x '%g'
set xlabel 'committed share z/N' offset 0,0.3
set ylabel 'mean flip time (listens)' offset 0.8,0
set label 1 'b'
set key top right maxrows 3 width -2
plot for [i=1:3] DATA index 0 using (is(A(i)) ? column(COL_committed)/N : NaN):COL_mean_time \
         with lines linewidth 1.5 dashtype dash(i) linecolor rgb word(COLOURS, i) \
         title 'α = '.word(ALPHAS, i).(i == 1 ? ', exact' : ', limit'), \
     for [m=0:1] DATA index 1 using ($1 == m ? $2/N + shift(m) : NaN):7 \
         with points pointtype int(word(POINTS, m + 1)) pointsize 0.55 linecolor rgb word(TINTS, m + 1) \
         title word(NAMES, m + 1)
unset multiplot
