# Density of three labels on the triangle at up to four times, atoms at its corners and edges in per cent.
# SPDX-License-Identifier: GPL-3.0-or-later
# Table 0: x1 x2 x3, a density a time; table 1: time tau corner_1..3 edge_1..3 mass
stats DATA index 1 using 2 nooutput
N = int(STATS_records)
array ROW[8*N]
do for [c=2:9] { stats DATA index 1 using (ROW[int(column(0))*8 + c - 1] = column(c)) nooutput }
SHOWN = N > 4 ? 4 : N
pick(i) = SHOWN > 1 ? 1 + floor((i - 1.0)*(N - 1)/(SHOWN - 1) + 0.5) : 1
array PEAK[SHOWN] # before any range is set, since stats obeys them
do for [i=1:SHOWN] {
    stats DATA index 0 using 3 + pick(i) nooutput
    PEAK[i] = STATS_max
}
stats DATA index 0 using 3 nooutput
SIDE = (sqrt(8*STATS_records + 1) - 3)/2

H = sqrt(3)/2
px(a, b) = b + 0.5*(1 - a - b) # label 1 at the left, label 2 at the right, label 3 at the top
py(a, b) = H*(1 - a - b)
set palette defined (0 '#FFFFFF', 0.15 '#CDE6F5', 0.4 SKY, 0.75 BLUE, 1 '#002B45')
unset border
unset tics
unset key
set cbtics out scale 0.4 font ',6' offset -0.8,0
set format cb '%.3g'
set size ratio -1
set xrange [-0.2:1.2]
set yrange [-0.3:1.0]
set multiplot layout (SHOWN > 2 ? 2 : 1), (SHOWN > 1 ? 2 : 1) margins 0.01, 0.89, 0.03, 0.97 spacing 0.13, 0.07
atom(c) = ROW[(T - 1)*8 + c] # of table 1, behind the time
per(x) = x > 0.00005 ? sprintf(x < 0.0995 ? '%.1f%%' : '%.0f%%', 100*x) : ''
do for [i=1:SHOWN] {
    T = pick(i)
    unset label
    unset object
    set arrow 1 from 0, 0 to 1, 0 nohead front linewidth 0.6 linecolor rgb BLACK
    set arrow 2 from 1, 0 to 0.5, H nohead front linewidth 0.6 linecolor rgb BLACK
    set arrow 3 from 0.5, H to 0, 0 nohead front linewidth 0.6 linecolor rgb BLACK
    set label 1 sprintf('λt = %.3g', atom(1)) at -0.2, 0.97 left
    set label 2 "1\n".per(atom(2)) at -0.04, -0.08 center
    set label 3 "2\n".per(atom(3)) at 1.04, -0.08 center
    set label 4 '3  '.per(atom(4)) at 0.48, H + 0.07 left
    set label 5 per(atom(5)) at 0.80, 0.52 left textcolor rgb VERMILION # label 1 lost: between 2 and 3
    set label 6 per(atom(6)) at 0.20, 0.52 right textcolor rgb VERMILION
    set label 7 per(atom(7)) at 0.5, -0.08 center textcolor rgb VERMILION
    set cbrange [0:PEAK[i]]
    set cbtics 0, PEAK[i]/2.0
    plot DATA index 0 using (px(column(1), column(2))):(py(column(1), column(2))):(column(3 + T)) \
         with points pointtype 7 pointsize 30.0/SIDE/(SHOWN > 1 ? 2 : 1) linecolor palette
}
unset multiplot
