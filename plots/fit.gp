# A fitted transcript on one page: profile likelihoods, calibration, coordination, winners.  SPDX-License-Identifier: GPL-3.0-or-later
# Tables: models; [time S se S_fit S_fit_se]; calibration; winners; [profiles]
set datafile separator tab # labels are texts
WIDE = STYLE eq 'double' # letters of slides leave room for three in a row only
TIMES = exists('COL_S')
PROFILES = exists('COL_deviance')
AT_CALIBRATION = TIMES ? 2 : 1
AT_WINNERS = AT_CALIBRATION + 1
AT_PROFILES = AT_WINNERS + 1
NAMES = 'alpha self temper innovation field'
SYMBOLS = "'adaptation α' 'own output β' 'temper T' 'innovation ε' 'field h'"
MANY = exists('estimates_field_1_value') # fields: one a label
N_LABELS = 0
do for [k=0:999] { if (exists(sprintf("estimates_field_%d_value", k))) { N_LABELS = k + 1 } }
is(found, name) = found eq name || (MANY && name eq 'field' && found[1:5] eq 'field')

# Before any range is set, since statistics obey them.
if (TIMES) { stats DATA index 1 using COL_time nooutput name 'TIME' }
stats DATA index AT_WINNERS using COL_won_high nooutput name 'FORECAST'
stats DATA index AT_WINNERS using COL_won nooutput name 'WON'
array LOW[5]
array HIGH[5]
N_PROFILES = 0
do for [g=1:5] {
    LOW[g] = NaN
    if (PROFILES && (exists('estimates_'.word(NAMES, g).'_value') || (g == 5 && MANY))) {
        stats DATA index AT_PROFILES using (is(strcol(COL_parameter), word(NAMES, g)) ? column(COL_held_at) : NaN) nooutput name 'HELD'
        LOW[g] = HELD_min
        HIGH[g] = HELD_max
        N_PROFILES = N_PROFILES + 1
    }
}

LABELS = WON_records
short(text) = LABELS > 24 ? '' : strlen(text) > 8 ? text[1:7].'…' : text

# Cells on a grid of rows, in mm of a column: what is to the left of a cell and below it is its own.
PER_ROW = WIDE ? (N_PROFILES > 0 ? N_PROFILES : 1) : 3
PROFILE_ROWS = WIDE ? (N_PROFILES > 0) : (N_PROFILES + 3)/3 # in a column, calibration stands among them
ROWS = PROFILE_ROWS + (WIDE ? 1 : 1 + TIMES)
eval page((WIDE ? 52 : STYLE eq 'slide' ? 60 : 47)*ROWS)
TALL = HEIGHT/ROWS
cell(row, i, n) = frame((i - 1)*WIDTH/n + 11*SCALE, i*WIDTH/n - 2.2*SCALE, HEIGHT - row*TALL + 9*SCALE, HEIGHT - (row - 1)*TALL - 4.5*SCALE)
tag(text) = sprintf("set label 1 '%s' at graph 0, graph 1 left offset -1,0.6 font ',%.3g' front", text, 9*SCALE)
LETTERS = 'a b c d e f g h i'
CLEAN = 'unset label; unset arrow; unset object; unset key; set xtics auto; set ytics auto scale 0.5; set xtics scale 0.5 enhanced font PLAIN; set ytics enhanced font PLAIN; set xrange [*:*]; set yrange [*:*]; '. \
        "set mxtics 2; set mytics 2; set format; set xlabel ''; set ylabel ''"
nice(r) = r <= 1.2 ? 1 : r <= 2.4 ? 2 : r <= 6 ? 5 : 10
step(span) = 10.0**floor(log10(span/3))*nice(span/3/10.0**floor(log10(span/3)))
small(x) = x < 0.01 ? 10.0**(3*floor(log10(x)/3.0)) : 1.0 # a unit for small numbers
unit_text(u) = u < 1 ? sprintf(' (10^{%d})', floor(log10(u) + 0.5)) : ''
FONT = sprintf(',%.3g', 6*SCALE)
PLAIN = sprintf(',%.3g', 7*SCALE)

set multiplot
used = 0
do for [g=1:5] {
    if (LOW[g] == LOW[g]) {
        NAME = word(NAMES, g)
        used = used + 1
        eval CLEAN
        eval cell(1 + (used - 1)/PER_ROW, 1 + (used - 1)%PER_ROW, PER_ROW)
        eval tag(word(LETTERS, used))
        U = small(HIGH[g])
        set xlabel word(SYMBOLS, g).unit_text(U) offset 0,0.4
        set xrange [LOW[g]/U:HIGH[g]/U]
        set xtics step(1.25*(HIGH[g] - LOW[g])/U) font FONT # few: they may have five digits
        set ytics font FONT
        if (!MANY || g < 5) {
            if ((used - 1)%PER_ROW == 0) { set ylabel '2 log-likelihood lost' offset 1.5,0 }
            set yrange [0:7.8]
            set ytics 0,2,6
            TOP = value('estimates_'.NAME.'_value')/U
            IN = value('estimates_'.NAME.'_low')/U
            OUT = value('estimates_'.NAME.'_high')/U
            set arrow 1 from graph 0, first 3.84 to graph 1, first 3.84 nohead dashtype (5,4) linewidth 0.8 linecolor rgb BLACK
            set arrow 2 from TOP, graph 0 to TOP, first 3.84 nohead linewidth 0.8 dashtype solid linecolor rgb BLUE
            set object 1 rectangle from IN, graph 0 to OUT, first 3.84 fillcolor rgb BAND fillstyle solid 0.25 noborder behind
            plot DATA index AT_PROFILES using (strcol(COL_parameter) eq NAME ? column(COL_held_at)/U : NaN):COL_deviance \
                smooth mcsplines with lines linetype 1 linecolor rgb BLUE notitle
        } else {
            # One field a label: where its profile crosses the cut.
            set yrange [N_LABELS - 0.3:-0.7]
            set ytics scale 0 noenhanced ('' -1)
            set mytics 1
            set arrow 1 from 0, graph 0 to 0, graph 1 nohead dashtype (5,4) linewidth 0.8 linecolor rgb BLACK
            do for [k=0:N_LABELS - 1] {
                H = sprintf('estimates_field_%d_', k)
                if (N_LABELS < 24) { set ytics add (short(value(sprintf('data_labels_%d', k))) k) }
                set arrow k + 2 from value(H.'low')/U, k to value(H.'high')/U, k nohead linewidth 1.2 dashtype solid linecolor rgb BLUE
                set label k + 2 '' at value(H.'value')/U, k point pointtype 7 pointsize 0.4 linecolor rgb BLUE
            }
            plot NaN notitle
        }
    }
}

# Forecasts that came true.
used = used + 1
eval CLEAN
if (WIDE) { eval cell(ROWS, 1, 3) } else { eval cell(1 + N_PROFILES/3, 1 + N_PROFILES%3, 3) }
eval tag(word(LETTERS, used))
set xlabel 'forecast' offset 0,0.4
set ylabel 'came true' offset 1.5,0
set xrange [-0.03:1.03]
set yrange [-0.03:1.03]
set xtics 0.5
set ytics 0,0.5,1
set arrow 1 from 0,0 to 1,1 nohead linewidth 0.6 dashtype solid linecolor rgb BLACK back
plot DATA index AT_CALIBRATION using COL_forecast:(column(COL_observed) - 1.96*column(COL_observed_se)):(0): \
         (2*1.96*column(COL_observed_se)) with vectors nohead linewidth 1 dashtype solid linecolor rgb BLUE notitle, \
     DATA index AT_CALIBRATION using COL_forecast:COL_observed with points pointtype 7 pointsize 0.4 linecolor rgb BLUE notitle

# Coordination, with the band in which 95% of the means of as many games lie.
if (TIMES) {
    used = used + 1
    eval CLEAN
    if (WIDE) { eval cell(ROWS, 2, 3) } else { eval cell(ROWS - 1, 1, 1) }
    eval tag(word(LETTERS, used))
    UNIT = unit_of(TIME_max)
    set xlabel 'time t ('.unit_name(TIME_max).')' offset 0,0.4
    set ylabel 'coordination S' offset 1.5,0
    set xrange [0:TIME_max > 0 ? TIME_max/UNIT*1.03 : 1]
    set yrange [0:1.06]
    if (WIDE && TIME_max > 0) { set xtics step(TIME_max/UNIT) }
    set ytics 0,0.2,1
    set key bottom right
    clip(x) = x < 0 ? 0 : x > 1 ? 1 : x
    WIDTH_OF = 1.96*sqrt(real(games_played)/data_runs)
    plot DATA index 1 using (column(COL_time)/UNIT):(clip(column(COL_S_fit) - WIDTH_OF*column(COL_S_fit_se))): \
             (clip(column(COL_S_fit) + WIDTH_OF*column(COL_S_fit_se))) with filledcurves fillcolor rgb BAND fillstyle solid 0.35 noborder \
             title 'fit, 95% band', \
         DATA index 1 using (column(COL_time)/UNIT):COL_S_fit with lines linetype 1 linewidth 1.2 title 'fit, mean', \
         DATA index 1 using (column(COL_time)/UNIT):(clip(column(COL_S) - 1.96*column(COL_se))):(0): \
             (clip(column(COL_S) + 1.96*column(COL_se)) - clip(column(COL_S) - 1.96*column(COL_se))) \
             with vectors nohead linetype 3 linecolor rgb VERMILION notitle, \
         DATA index 1 using (column(COL_time)/UNIT):COL_S with points pointtype 7 pointsize 0.4 linecolor rgb VERMILION \
             title data_runs > 1 ? sprintf('data, mean of %d runs', data_runs) : 'data, one run'
}

# Winners beside the forecast.
used = used + 1
eval CLEAN
if (WIDE) { eval cell(ROWS, 3, 3) } else { eval cell(ROWS, 1, 1) }
eval tag(word(LETTERS, used))
TOP = FORECAST_max > WON_max ? FORECAST_max : WON_max
set xlabel 'winner' offset 0,0.4
set ylabel 'runs' offset 1.5,0
set xrange [-0.6:LABELS - 0.4]
set yrange [0:1.28*(TOP > 0 ? TOP : 1)]
NARROW = LABELS > 8 ? FONT : PLAIN
set xtics scale 0 noenhanced font NARROW
set mxtics 1
set key top center horizontal maxrows 1 samplen 1.2
plot DATA index AT_WINNERS using 0:COL_expected:(0.6) with boxes fillcolor rgb BAND fillstyle solid 0.35 noborder title 'forecast', \
     DATA index AT_WINNERS using 0:COL_won_low:(0):(column(COL_won_high) - column(COL_won_low)) with vectors nohead linewidth 1.2 \
         dashtype solid linecolor rgb BLACK title 'its 95%', \
     DATA index AT_WINNERS using 0:COL_won:xtic(short(strcol(COL_label))) with points pointtype 7 pointsize 0.6 \
         linecolor rgb VERMILION title 'data'
unset multiplot
