# Phases of the flag game over the number of agents and the rival's share of the evidence.
# SPDX-License-Identifier: GPL-3.0-or-later
# Table 0: agents rival correct wrong polarized undecided, a block of 65 shares for each N
eval page(56)
set palette defined (0 '#FFFFFF', 0.15 '#CDE6F5', 0.4 SKY, 0.75 BLUE, 1 '#002B45')
set cbrange [0:1]
set logscale x 2
set xrange [1.5:128.5]
set yrange [0:1]
set xtics (4, 16, 64)
unset mxtics
set ytics 0,0.25,1
unset mytics
set border 15 linewidth 0.6 front
set tics front
unset key
WORDS = 'correct wrong polarized'
set multiplot
set tmargin at screen 0.89
set bmargin at screen 0.20
SIDE = 65.0
do for [p=1:3] {
    set lmargin at screen 0.135 + 0.255*(p - 1)
    set rmargin at screen 0.135 + 0.255*(p - 1) + 0.225
    if (p == 1) {
        set ylabel 'rival share of the evidence' offset 0.9,0
        set format y '%g'
    } else {
        unset ylabel
        set format y ''
    }
    set xlabel 'agents N' offset 0,0.4
    set label 1 word(WORDS, p) at graph 0.5, graph 1.07 center
    if (p == 3) {
        set colorbox user origin screen 0.885, screen 0.20 size screen 0.018, screen 0.69
        set cbtics 0,0.25,1 out scale 0.4 offset -0.6,0
    } else {
        unset colorbox
    }
    # each box reaches under the next ones, so that no seam shows
    plot DATA index 0 using COL_agents:COL_rival:(column(COL_agents) - 0.5):(column(COL_agents)*1.06 + 0.5): \
         (column(COL_rival) - 0.5/(SIDE - 1)):(column(COL_rival) + 0.9/(SIDE - 1)):(column(2 + p)) \
         with boxxyerror fillstyle solid 1 noborder linecolor palette
}
unset multiplot
