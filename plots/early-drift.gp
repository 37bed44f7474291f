# Rise of the polarization in the first two rounds against N, m, alpha and K.  SPDX-License-Identifier: GPL-3.0-or-later
# panel value drift drift_meanfield drift_mean low high
eval page(84)
NAMES = "'agents N' 'bandwidth m' 'adaptation rate α' 'labels K'"
array TICS[4] = ['(16, 64, 256)', '(1, 4, 16)', '(0.1, 0.3, 1)', '(2, 5, 10, 40)']
array FROM[4] = [6, 0.8, 0.04, 1.7]
array TO[4] = [330, 42, 1.3, 48]
set multiplot
set logscale xy
set yrange [5e-7:3e-3]
set format y '10^{%L}'
unset mxtics
is(p) = column(COL_panel) == p - 1
do for [p=1:4] {
    column_ = (p - 1)%2
    row_ = (p - 1)/2
    eval frame((column_ == 0 ? 12.0 : 51.0)/86*WIDTH, (column_ == 0 ? 46.0 : 85.0)/86*WIDTH, \
               HEIGHT*(row_ == 0 ? 0.62 : 0.11), HEIGHT*(row_ == 0 ? 0.985 : 0.495))
    set xrange [FROM[p]:TO[p]]
    eval 'set xtics '.TICS[p]
    set xlabel word(NAMES, p) offset 0,0.3
    set label 1 word('a b c d', p) at graph 0.03, graph 0.92 font sprintf(',%.3g', 9*SCALE) front
    if (column_ == 0) { set ylabel 'drift of U' offset 0.6,0; set format y '10^{%L}' } else { unset ylabel; set format y '' }
    if (p == 1) { set label 1 at graph 0.9, graph 0.92 }
    if (p == 4) { set key at graph 0.98, graph 0.62 right top } else { unset key }
    plot DATA using (is(p) ? column(COL_value) : NaN):COL_drift_meanfield with lines linetype 2 title 'mean field', \
         DATA using (is(p) ? column(COL_value) : NaN):COL_drift with lines linetype 1 title 'exact', \
         DATA using (is(p) ? column(COL_value) : NaN):COL_low:(0):(column(COL_high) - column(COL_low)) with vectors nohead \
             linewidth 0.8 dashtype solid linecolor rgb BLUE notitle, \
         DATA using (is(p) ? column(COL_value) : NaN):COL_drift_mean with points pointtype 7 pointsize 0.5 \
             linecolor rgb BLUE title 'simulation'
}
unset multiplot
