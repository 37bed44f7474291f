# Polarization and disagreement for messages of one to infinitely many labels.  SPDX-License-Identifier: GPL-3.0-or-later
# series rounds U V U_mean U_low U_high V_mean V_low V_high
eval pages(92)
NAMES = '1 2 4 16 ∞'
array LAW[2] = [COL_U, COL_V]
array MEAN[2] = [COL_U_mean, COL_V_mean]
array LOW[2] = [COL_U_low, COL_V_low]
array HIGH[2] = [COL_U_high, COL_V_high]
rounds(i) = column(COL_series) == i - 1 ? column(COL_rounds) : NaN
set multiplot
set logscale x
set xrange [0.2:1200]
do for [p=1:2] {
    eval panel(p, 2, 1)
    eval under(p, 2, 'time (rounds)')
    eval letter(word('a b', p))
    if (p == 1) {
        set yrange [0:1]
        set ytics 0,0.2,1
        set ylabel 'polarization U' offset 0.8,0
        set key at graph 0.02, graph 0.84 left top Left reverse title 'bandwidth m' left
    } else {
        set logscale y
        set yrange [1e-3:1.6]
        set ytics ('10^{−3}' 1e-3, '10^{−2}' 0.01, '0.1' 0.1, '1' 1)
        set label 1 at graph 0.96, graph 0.92
        set ylabel 'disagreement V/N' offset 0.8,0
        set key at graph 0.02, graph 0.03 left bottom Left reverse notitle
    }
    plot for [i=1:5] DATA using (rounds(i)):(column(LAW[p])) with lines linewidth 1.3 dashtype solid linecolor rgb colour(i) notitle, \
         for [i=1:5] DATA using (rounds(i)):(column(LOW[p])):(0):(column(HIGH[p]) - column(LOW[p])) with vectors nohead \
             linewidth 0.8 dashtype solid linecolor rgb colour(i) notitle, \
         for [i=1:5] DATA using (rounds(i)):(column(MEAN[p])) with points pointtype mark(i) pointsize 0.4 \
             linecolor rgb colour(i) title (p == 1 ? word(NAMES, i) : ''), \
         keyentry with lines linewidth 1.3 linecolor rgb BLACK title (p == 2 ? 'exact' : ''), \
         keyentry with points pointtype 7 pointsize 0.4 linecolor rgb BLACK title (p == 2 ? 'simulation, 95%' : '')
}
unset multiplot
