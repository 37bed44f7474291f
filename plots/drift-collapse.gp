# What is left of the disagreement against time in units of the mean-field rate, and of the exact one.
# SPDX-License-Identifier: GPL-3.0-or-later
# agents labels alpha bandwidth meanfield_tau tau H low high exact
eval pages(100)
SERIES = 6
TIMES = 12
array X[2] = [COL_meanfield_tau, COL_tau]
LABEL = "'mean-field time α^2t/(mN^2)' 'exact time λt'"
series(i) = int(column(0))/TIMES == i - 1
set multiplot
set logscale y
set yrange [0.03:1.3]
set ytics ('0.03' 0.03, '0.1' 0.1, '0.3' 0.3, '1' 1)
unset mytics
set xrange [0:3.4]
set xtics 0,1,3
set ylabel '(1 − U)/(1 − 1/K)' offset 0.8,0
array TEXT[SERIES]
stats DATA using (TEXT[1 + int(column(0))/TIMES] = sprintf('%g, %g, %g, %g', column(COL_agents), column(COL_labels), \
                  column(COL_alpha), column(COL_bandwidth))) nooutput
do for [p=1:2] {
    eval panel(p, 2, 0)
    eval under(2, 2, word(LABEL, p))
    set label 1 word('a b', p) at graph 0.95, graph 0.93 font sprintf(',%.3g', 9*SCALE)
    if (p == 2) { set key bottom left Left reverse enhanced maxrows 8 title 'N, K, α, m' left } else { unset key }
    plot for [i=1:SERIES] DATA using (series(i) ? column(X[p]) : NaN):(column(COL_low)):(0): \
             (column(COL_high) - column(COL_low)) with vectors nohead linewidth 0.8 dashtype solid linecolor rgb colour(i) \
             notitle, \
         for [i=1:SERIES] DATA using (series(i) ? column(X[p]) : NaN):COL_H with points pointtype mark(i) pointsize 0.45 \
             linecolor rgb colour(i) title TEXT[i], \
         exp(-x) with lines linetype 1 title (p == 1 ? '' : 'e^{−λt}, large N')
}
unset multiplot
