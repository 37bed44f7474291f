# What all figures share.  SPDX-License-Identifier: GPL-3.0-or-later
# Colours: Okabe and Ito, told apart with every kind of colour vision and in grey.
BLACK = '#000000'; ORANGE = '#E69F00'; SKY = '#56B4E9'; GREEN = '#009E73'
YELLOW = '#F0E442'; BLUE = '#0072B2'; VERMILION = '#D55E00'; PURPLE = '#CC79A7'

set encoding utf8
set termoption enhanced
set datafile commentschars '#'
set datafile missing '-'
unset title
set border 3 linewidth 0.6
set tics nomirror out scale 0.5
set mxtics 2
set mytics 2
set key samplen 2.2 spacing 1.15 noenhanced
set bars 0.4

# Times of 10,000 and more are written in thousands, millions, ..: unit_of(end) divides, unit_name(end) says so.
unit_of(end) = end >= 1e4 ? 10.0**(3*floor(log10(end)/3)) : 1.0
unit_name(end) = end >= 1e4 ? sprintf('10^{%d} interactions', 3*floor(log10(end)/3)) : 'interactions'

set linetype 1 linecolor rgb BLACK linewidth 1.6 dashtype solid pointtype 7 pointsize 0.35
set linetype 2 linecolor rgb VERMILION linewidth 1.4 dashtype (8,5) pointtype 5 pointsize 0.35
set linetype 3 linecolor rgb BLUE linewidth 1.0 dashtype solid pointtype 7 pointsize 0.35
set linetype 4 linecolor rgb GREEN linewidth 1.6 dashtype (3,6) pointtype 9 pointsize 0.35
set linetype 5 linecolor rgb PURPLE linewidth 1.2 dashtype (8,3,2,3) pointtype 11 pointsize 0.35
BAND = SKY
