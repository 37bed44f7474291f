# Phases of the flag game over the number of agents and the rival's share of the evidence.
# SPDX-License-Identifier: GPL-3.0-or-later
# Table 0: agents rival correct wrong polarized undecided, a block of shares for each N
eval page(58)
set palette defined (0 '#FFFFFF', 0.15 '#CDE6F5', 0.4 SKY, 0.75 BLUE, 1 '#002B45')
set cbrange [0:1]
set logscale x 2
set xrange [2:128]
set yrange [0:1]
set xtics (2, 8, 32, 128)
unset mxtics
set ytics 0,0.25,1
set border 15 linewidth 0.6
unset key
WORDS = "'correct consensus' 'wrong consensus' polarized"
set multiplot
set tmargin at screen 0.90
set bmargin at screen 0.19
do for [p=1:3] {
    set lmargin at screen 0.115 + 0.265*(p - 1)
    set rmargin at screen 0.115 + 0.265*(p - 1) + 0.235
    if (p == 1) {
        set ylabel 'rival share a_2/(a_1 + a_2)' offset 1.2,0
        set format y '%g'
    } else {
        unset ylabel
        set format y ''
    }
    set xlabel 'agents N' offset 0,0.4
    set label 1 word(WORDS, p) at graph 0.5, graph 1.07 center
    if (p == 3) {
        set colorbox user origin screen 0.895, screen 0.19 size screen 0.018, screen 0.71
        set cbtics 0,0.25,1 out scale 0.4 offset -0.6,0
        set cblabel 'probability' offset -0.6,0
    } else {
        unset colorbox
    }
    # each N is a box up to the next, so that the columns stay exact on the logarithmic axis
    plot DATA index 0 using COL_agents:COL_rival:(column(COL_agents) - 0.5):(column(COL_agents) + 0.5): \
         (column(COL_rival) - 0.0079):(column(COL_rival) + 0.0079):(column(2 + p)) \
         with boxxyerror fillstyle solid 1 noborder linecolor palette
}
unset multiplot
