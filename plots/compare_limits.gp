# Limits beside simulation: U over the times that were asked for, who wins, and the mean consensus time against N.
# SPDX-License-Identifier: GPL-3.0-or-later
# Table 0: N P P_mean P_se T T_mean T_se; table 1, where there is one: time U U_mean U_se
theory(basis) = sprintf('theory (%s)', basis eq 'asymptotic' ? 'limit' : basis)
PATH = exists('COL_U_mean')
stats DATA index 0 using COL_N nooutput name 'N' # before any range is set, since stats obeys them
some(name) = exists(name) ? value(name) > 0 : 0
stats DATA index 0 using COL_P nooutput name 'P'
stats DATA index 0 using COL_T nooutput name 'T'
stats DATA index 0 using COL_T_mean nooutput name 'SEEN'
WINS = some('P_records')
TIMES = some('T_records') || (!WINS && !PATH)
if (PATH) {
    stats DATA index 1 using COL_time nooutput name 'TIME'
    stats DATA index 1 using COL_U nooutput name 'LAW'
    stats DATA index 1 using (column(COL_U_mean) - 1.96*column(COL_U_se)) nooutput name 'LOW'
    stats DATA index 1 using (column(COL_U_mean) + 1.96*column(COL_U_se)) nooutput name 'HIGH'
}
if (STYLE eq 'slide' && PATH && WINS && TIMES) { # a slide has room for two: winners unless these are even by symmetry
    if (abs(P_max - 0.5) < 1e-6 && abs(P_min - 0.5) < 1e-6) { WINS = 0 } else { TIMES = 0 }
}
PANELS = PATH + WINS + TIMES
if (PANELS > 1) { eval pages(PANELS == 2 ? 104 : 150) }
AT = 0
next = 'AT = AT + 1; if (PANELS > 1) { eval panel(AT, PANELS, 0); eval letter(substr("abc", AT, AT)) }'
bars = 'vectors nohead linewidth 1.0 dashtype solid linecolor rgb BLUE notitle' # without a halo round the points
dots = 'points linetype 3 pointsize 0.5'
named(axis, text) = sprintf("set %slabel '%s' offset %s", axis, text, PANELS == 1 ? '0,0' : axis eq 'x' ? '0,0.3' : '0.4,0')
if (PANELS > 1) { set multiplot }

if (PATH) {
    eval next
    UNIT = unit_of(TIME_max)
    ONE = TIME_min == TIME_max # marks instead of curves
    set xrange [(ONE ? 0 : TIME_min)/UNIT:(TIME_max > 0 ? TIME_max : 1)*(ONE ? 1.5 : 1.03)/UNIT]
    # A path that stays within a third of [0, 1] gets a scale of its own.
    BOTTOM = LAW_min < LOW_min ? LAW_min : LOW_min
    TOP = LAW_max > HIGH_max ? LAW_max : HIGH_max
    ROOM = TOP - BOTTOM
    SPAN = ROOM > 0.2 ? ROOM : 0.2 # no finer: ticks of one digit, beside which the title has room
    if (ROOM < 0.33) { set yrange [BOTTOM - 0.1*SPAN:BOTTOM + 1.35*SPAN]; set ytics 0.1; set format y '%.1f' } \
    else { set yrange [0:1.03]; set ytics 0,0.2,1 }
    eval named('x', 'time t ('.unit_name(TIME_max).')')
    eval named('y', 'polarization U')
    if (ROOM < 0.33 || LAW_min < 0.4 && LAW_max < 0.6) { set key top left Left reverse at graph 0.08, graph 0.99 } \
    else { set key inside bottom right noreverse Right }
    LAW = path_law eq 'limit of E[U]' ? 'E[U] (limit)' : 'infinite population'
    part = 'DATA index 1 using (column(COL_time)/UNIT)'
    shown = part.':(column(COL_U_mean) - 1.96*column(COL_U_se)):(0):(3.92*column(COL_U_se)) with '.bars.', '. \
            part.':COL_U_mean with '.dots.' title sprintf("simulation, N = %.0f", N_max)'
    eval 'plot '.part.':COL_U with '.(ONE ? 'points linetype 1 pointtype 6 pointsize 0.8' : 'lines linetype 1').' title LAW, '.shown
}

# Against N.
set format y '%g'
set logscale x 2
set xrange [N_min/1.4:N_max*1.4]
set xtics (1)
do for [i=0:N_records - 1] {
    stats [*:*][*:*] DATA index 0 every ::i::i using COL_N nooutput name 'ONE'
    set xtics add (sprintf('%g', ONE_min) ONE_min)
}
eval named('x', 'population N (agents)')
if (WINS) {
    eval next
    eval named('y', sprintf(PANELS == 1 ? 'probability that label %d wins' : 'P(label %d wins)', label))
    stats [*:*][*:*] DATA index 0 using COL_P nooutput name 'P'
    if (P_max > 0.6 && P_min > 0.45) { set key inside bottom right noreverse Right } else { set key inside top right noreverse Right }
    set yrange [0:1.03]
    set ytics 0,0.2,1
    plot DATA index 0 using COL_N:COL_P with linespoints linetype 1 title theory(sizes_probability_basis), \
         DATA index 0 using COL_N:(column(COL_P_mean) - 1.96*column(COL_P_se)):(0):(3.92*column(COL_P_se)) with vectors nohead \
             linewidth 1.0 dashtype solid linecolor rgb BLUE notitle, \
         DATA index 0 using COL_N:COL_P_mean with points linetype 3 pointsize 0.5 title 'simulation, 95%'
}
if (TIMES) {
    eval next
    LAST = some('T_records') ? (SEEN_records > 0 && SEEN_max > T_max ? SEEN_max : T_max) : SEEN_max
    LEAST = some('T_records') ? (SEEN_records > 0 && SEEN_min < T_min ? SEEN_min : T_min) : SEEN_min
    UNIT = LAST >= 1e3 ? 10.0**(3*floor(log10(LAST)/3)) : 1.0
    LAST = LAST/UNIT
    LEAST = LEAST/UNIT
    eval named('y', (PANELS == 1 ? 'mean consensus time (' : 'time T (').(UNIT > 1 ? sprintf('10^{%.0f} ', log10(UNIT)) : '').'interactions'.')')
    if (LAST > 3*LEAST) {
        set logscale y
        set yrange [LEAST/1.6:LAST*2.2]
        set ytics (1) # a list, to which the rest is added
        do for [k=floor(log10(LEAST)) - 1:ceil(log10(LAST)) + 1] {
            do for [j=1:LAST > 50*LEAST ? 1 : 3] { set ytics add (sprintf('%g', word('1 2 5', j)*10.0**k) word('1 2 5', j)*10.0**k) }
        }
    } else { set yrange [0:1.5*LAST]; set ytics autofreq }
    set key top left Left reverse at graph 0.08, graph 0.99
    plot DATA index 0 using COL_N:(column(COL_T)/UNIT) with linespoints linetype 1 title theory(sizes_time_basis), \
         DATA index 0 using COL_N:((column(COL_T_mean) - 1.96*column(COL_T_se))/UNIT):(0):(3.92*column(COL_T_se)/UNIT) with vectors nohead \
             linewidth 1.0 dashtype solid linecolor rgb BLUE notitle, \
         DATA index 0 using COL_N:(column(COL_T_mean)/UNIT) with points linetype 3 pointsize 0.5 title 'simulation, 95%'
}
if (PANELS > 1) { unset multiplot }
