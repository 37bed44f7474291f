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

# Panels, one above the other in a column and side by side where there is width: `eval pages(96)` for a column 96 mm high,
# `eval panel(i, n, shared)` for the i-th of n, whose axis of x is that of the lowest one if `shared`.
if (!exists('STYLE')) { STYLE = 'column'; SCALE = 1.0; WIDTH = 86.0; HEIGHT = 62.0 }
WIDE = STYLE ne 'column'
pages(h) = page(WIDE ? 62 : h)
frame(left, right, bottom, top) = sprintf('set lmargin at screen %.5f; set rmargin at screen %.5f; '. \
    'set bmargin at screen %.5f; set tmargin at screen %.5f', left/WIDTH, right/WIDTH, bottom/HEIGHT, top/HEIGHT)
gap(shared) = SCALE*(shared ? 3.0 : 11.5)
deep(n, shared) = (HEIGHT - 10.5*SCALE - (n - 1)*gap(shared))/n
beside(i, n) = frame((i - 1)*WIDTH/n + 12*SCALE, i*WIDTH/n - 2.5*SCALE, 9*SCALE, HEIGHT - 1.5*SCALE)
below(i, n, shared) = frame(12*SCALE, WIDTH - 2.5*SCALE, 9*SCALE + (n - i)*(deep(n, shared) + gap(shared)), \
    9*SCALE + (n - i)*(deep(n, shared) + gap(shared)) + deep(n, shared))
panel(i, n, shared) = WIDE ? beside(i, n) : below(i, n, shared)
letter(name) = sprintf("set label 1 '%s' at graph 0.02, graph 0.94 font ',%.3g' front", name, 9*SCALE)
# A label under the axis of x, or nothing where the panel below has it.
under(i, n, text) = i < n && !WIDE ? "unset xlabel; set format x ''" : \
    sprintf("set xlabel '%s' offset 0,0.3; set format x '%%g'", text)

# Times of 10,000 and more are written in thousands, millions, ..: unit_of(end) divides, unit_name(end) says so.
unit_of(end) = end >= 1e4 ? 10.0**(3*floor(log10(end)/3)) : 1.0
unit_name(end) = end >= 1e4 ? sprintf('10^{%d} interactions', 3*floor(log10(end)/3)) : 'interactions'

set linetype 1 linecolor rgb BLACK linewidth 1.6 dashtype solid pointtype 7 pointsize 0.35
set linetype 2 linecolor rgb VERMILION linewidth 1.4 dashtype (8,5) pointtype 5 pointsize 0.35
set linetype 3 linecolor rgb BLUE linewidth 1.0 dashtype solid pointtype 7 pointsize 0.35
set linetype 4 linecolor rgb GREEN linewidth 1.6 dashtype (3,6) pointtype 9 pointsize 0.35
set linetype 5 linecolor rgb PURPLE linewidth 1.2 dashtype (8,3,2,3) pointtype 11 pointsize 0.35
BAND = SKY
COLOURS = BLUE.' '.VERMILION.' '.GREEN.' '.PURPLE.' '.ORANGE.' '.BLACK # of series, with their points
POINTS = '7 5 9 13 11 8'
colour(i) = word(COLOURS, i)
mark(i) = int(word(POINTS, i))
