# Mean time to consensus against N, alpha and m: diffusion with the exact slow rate, and with that of the mean field.
# SPDX-License-Identifier: GPL-3.0-or-later
# Table 0: panel series value time time_meanfield; table 1: panel_seen series_seen value_seen time_mean low high runs
eval pages(118)
NAMES = "'agents N' 'adaptation rate α' 'bandwidth m'"
array TICS[3] = ['(8, 16, 32, 64, 128, 256)', '(0.05, 0.1, 0.2, 0.4, 1)', '(1, 2, 4, 8, 16, 32)']
array FROM[3] = [7, 0.045, 0.9]
array TO[3] = [290, 1.15, 36]
array LOW[3] = [30, 10, 200]
array HIGH[3] = [5e6, 6e7, 3e6]
array FIRST[3] = ["'α = 0.2' at 14, 3e4", "'N = 24' at 0.052, 4e4", "'α = 0.2' at 1.5, 9e4"]
array SECOND[3] = ["'α = 0.8' at 60, 700", "'N = 96' at 0.3, 6e5", "'α = 0.8' at 4, 450"]
set multiplot
set logscale xy
set format y '10^{%L}'
unset mxtics
law(p, s) = column(COL_panel) == p - 1 && column(COL_series) == s ? column(COL_value) : NaN
seen(p, s) = column(COL_panel_seen) == p - 1 && column(COL_series_seen) == s ? column(COL_value_seen) : NaN
do for [p=1:3] {
    eval panel(p, 3, 0)
    eval under(3, 3, word(NAMES, p))
    eval 'set xtics '.TICS[p]
    set xrange [FROM[p]:TO[p]]
    set yrange [LOW[p]:HIGH[p]]
    if (p == 1 || !WIDE) { set ylabel 'time to U = 0.95' offset 0.5,0 } else { unset ylabel }
    eval letter(word('a b c', p))
    eval 'set label 2 '.FIRST[p].' left textcolor rgb colour(1)'
    eval 'set label 3 '.SECOND[p].' left textcolor rgb colour(2)'
    if (p == 2) { set key bottom left Left reverse } else { unset key }
    plot for [s=0:1] DATA index 0 using (law(p, s)):COL_time_meanfield with lines linewidth 1.2 dashtype (8,5) \
             linecolor rgb colour(1 + s) notitle, \
         for [s=0:1] DATA index 0 using (law(p, s)):COL_time with lines linewidth 1.4 dashtype solid linecolor rgb colour(1 + s) \
             notitle, \
         for [s=0:1] DATA index 1 using (seen(p, s)):COL_low:(0):(column(COL_high) - column(COL_low)) with vectors nohead \
             linewidth 0.8 dashtype solid linecolor rgb colour(1 + s) notitle, \
         for [s=0:1] DATA index 1 using (seen(p, s)):COL_time_mean with points pointtype mark(1 + s) pointsize 0.5 \
             linecolor rgb colour(1 + s) notitle, \
         keyentry with lines linewidth 1.4 dashtype solid linecolor rgb BLACK title 'diffusion, exact λ', \
         keyentry with lines linewidth 1.2 dashtype (8,5) linecolor rgb BLACK title 'diffusion, mean-field λ', \
         keyentry with points pointtype 7 pointsize 0.5 linecolor rgb BLACK title 'simulation, 95%'
}
unset multiplot
