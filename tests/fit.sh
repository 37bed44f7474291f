#!/bin/bash
# From a simulated transcript to a verdict, through the program alone.
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh" || exit 99

value() { # KEY FILE: the number of a "# KEY = number" line
  sed -n "s/^# $1 = \([^ ]*\).*/\1/p" "$2"
}
between() { # LOW VALUE HIGH
  awk -v a="$1" -v b="$2" -v c="$3" 'BEGIN { exit !(a <= b && b <= c) }'
}

# What simulate writes, fit reads: the interval of alpha holds the truth (seeds fixed).
game="simulate -N 6 -K 3 --runs 40 --at 0,150 --quiet"
while IFS='|' read -r name alpha words; do
  # shellcheck disable=SC2086
  accept '^# runs = 40' $game -a "$alpha" $words --transcript "$name.tsv"
  grep -q "^# qsg simulate .*--transcript $name.tsv$" "$name.tsv" && grep -qx 'run_id	t	speaker	listener	label' "$name.tsv"
  result $? "$name.tsv has the command and the header"
  accept '^# verdict = ' fit --fit alpha --runs 50 -K 3 "$name.tsv"
  cp out "$name.fit"
  between "$(value estimates.alpha.low "$name.fit")" "$alpha" "$(value estimates.alpha.high "$name.fit")"
  result $? "alpha = $alpha in the interval of $name.tsv"
done <<TABLE
plain|0.3|--seed 2
mutual|0.15|--exchange mutual
broadcast|0.1|--exchange broadcast
TABLE
[ "$(grep -c '' mutual.tsv)" -eq $((3 + 40 * 150 * 2)) ] && [ "$(grep -c '' broadcast.tsv)" -eq $((3 + 40 * 150 * 5)) ]
result $? "two rows an interaction when both speak, N - 1 for a broadcast"

# The same bytes again, on any number of threads; the results are those of the runs that were written.
# shellcheck disable=SC2086
"$QSG" $game -a 0.3 --seed 2 --transcript again.tsv --threads 1 -o again.out && cmp -s <(sed 2d plain.tsv) <(sed 2d again.tsv)
result $? "the same transcript twice"
last=$(awk -F '\t' 'NR > 3 { n++ } END { print n }' plain.tsv)
[ "$(value interactions again.out)" = "$last" ]
result $? "as many interactions as rows"

# A neutral game is a lottery, a biased one is not, and both are what the model says: one run of the second ends on eight equal
# labels by chance, which is no rule that ended games.
accept '^# runs = 30' simulate -N 8 -a 0.25 --runs 30 --at 0,100 --quiet --transcript neutral.tsv
accept '^# lottery = yes' fit -K 2 --runs 200 neutral.tsv
grep -q '^# describes_data = yes' out
result $? "the neutral game is described"
accept '^# runs = 20' simulate -N 8 -a 0.25 --field 0.3 --temper 0.8 --innovation 0.1 --runs 20 --at 0,150 --quiet --transcript biased.tsv
accept '^# lottery = no' fit -K 2 --fit alpha,temper,innovation,field --runs 200 biased.tsv
grep -q '^# games.streak = 0 ' out && grep -q '^# describes_data = yes' out
result $? "the biased game is described"

# Too few utterances for a test of calibration: it is absent, and not held against the model.
accept '^# runs = 2' simulate -N 3 -a 0.3 --runs 2 --at 0,6 --seed 3 --quiet --transcript tiny.tsv
accept '^# fit.calibration_p = - ' fit -K 2 --fit alpha --runs 50 tiny.tsv
grep -q '^# fit.calibration_max_z = - ' out && grep -q '^# describes_data = yes' out && between 0.01 "$(value fit.p_value out)" 1
result $? "what cannot be tested is no misfit"
# Fair coins: no predictor of the next one leads another.
accept '^# runs = 20' simulate -N 4 -a 1e-9 --runs 20 --at 0,60 --seed 5 --quiet --transcript coins.tsv
accept '^# baselines.window_lead = ' fit -K 2 --fit alpha --runs 50 coins.tsv
! grep -q 'predicts held-out runs better' out
result $? "a lead within chance is none"

# Labels that are numbers keep them: nobody says label 1 here, and label 3 is spoken first or second.
accept '^# runs = 20' simulate -N 4 -K 3 -a 0.3 --init 0,0.8,0.2 --runs 20 --at 0,60 --quiet --transcript rare.tsv
accept '^# data.labels.0 = 1' fit -K 3 --init 0,0.8,0.2 --fit alpha rare.tsv --runs 50
refuse 2 "has no chance at all" fit -K 3 --init 0.8,0,0.2 --fit alpha rare.tsv --runs 50
"$QSG" help fit >out 2>err
! grep -q '(required)' out && [ "$(grep -c '\[from the data\]$' out)" -eq 3 ] && grep -q '\[fitted\]$' out
result $? "nothing is required to fit but a file"

# The figure: its program needs no gnuplot, and its table has the profiles, which are 3.84 high where the interval ends.
accept '^# verdict = ' fit --fit alpha,temper --runs 50 plain.tsv --plot page.gp
grep -q 'AT_PROFILES' page.gp
result $? "the program draws profiles"
while read -r key name; do
  awk -F '\t' -v end="$(value estimates."$key" page.tsv)" -v name="$name" '
    $1 == name && ($2 - end) ^ 2 < 1e-18 && $3 > 3.83 && $3 < 3.86 { found = 1 } END { exit !found }' page.tsv
  result $? "the profile of $name is 3.84 high at $key"
done <<TABLE
alpha.low alpha
alpha.high alpha
temper.low temper
temper.high temper
TABLE
awk -F '\t' 'NF == 3 && $1 == "alpha" { n++; deepest += $3 < 1e-6 } END { exit !(n == 11 && deepest == 1) }' page.tsv
result $? "and 0 at the estimate alone"
awk -F '\t' '/^# label\twon/ { on = 1; next } on && NF == 5 { won += $2; expected += $3 } NF < 5 { on = 0 } END {
  exit !(won == 40 && expected > 39.9 && expected < 40.1) }' page.tsv
result $? "winners and forecast are of all runs"
! grep -q '^# label	won' plain.fit || [ "$(grep -c deviance plain.fit)" -eq 0 ]
result $? "no profiles without a figure"
refuse 2 "the kind of picture is unknown (page.xyz)" fit plain.tsv --plot page.xyz
if command -v gnuplot >/dev/null; then
  accept '^# verdict = ' fit --runs 50 plain.tsv --plot page.svg --style double
  [ -s page.svg ]
  result $? "gnuplot draws it"
fi

# Trajectories: two sizes, 20 runs each of alpha = 0.3, made one by one.
make_runs() { # N: rows without a header
  for ((i = 0; i < 20; i++)); do
    "$QSG" simulate -N "$1" -K 3 -a 0.3 --runs 1 --seed $((i + 1)) --at "0,$1,$(($1 * $1)),$((2 * $1 * $1))" --quiet |
      awk -F '\t' -v n="$1" -v r="$1.$i" '$1 ~ /^(# )?time$/ { for (j = 1; j <= NF; j++) if ($j == "U_mean") u = j } /^[0-9]/ { print r "\t" $1 "\t" n "\t" $u }'
  done
}
{ printf '# made by hand\nrun_id\tt\tagents\tU\n'; make_runs 6; make_runs 12; } >two.tsv
accept '^# describes_data = yes' fit -K 3 two.tsv
cp out two.fit
between "$(value estimates.alpha.low two.fit)" 0.3 "$(value estimates.alpha.high two.fit)"
result $? "one alpha for both sizes: the interval holds the truth"
between "$(value scaling.exponent.low two.fit)" -2 "$(value scaling.exponent.high two.fit)"
result $? "the slow rate falls with N squared"
# A second method: no alpha beside the estimate has a smaller weighted sum of squares with the law that predict tells.
misfit() { # ALPHA: of the population of 12
  "$QSG" predict -N 12 -K 3 -a "$1" --at 0,12,144,288 | awk -F '\t' '
    FNR == 1 { file++ } file == 1 && $1 ~ /^(# )?time$/ { for (j = 1; j <= NF; j++) if ($j == "U") u = j; next }
    file == 1 && /^[0-9]/ { law[$1] = $u }
    file == 2 && /^[0-9]/ && NF > 5 { next } file == 2 && /^# column.*12 agents/ { on = 1 }
    file == 2 && on && /^[0-9]/ && $3 > 0 { sum += (($2 - law[$1]) / $3) ^ 2 } END { printf "%.12g\n", sum }' - two.fit
}
alpha=$(awk -F '\t' '$1 == 12 && NF > 5 { print $3 }' two.fit)
best=$(misfit "$alpha")
for factor in 0.97 1.03; do
  between "$best" "$best" "$(misfit "$(awk -v a="$alpha" -v f=$factor 'BEGIN { print a * f }')")" && [ "$best" != 0 ]
  result $? "alpha times $factor fits worse by the law of predict"
done
# Shares tell U, too; one size needs no column for it.
awk -F '\t' 'NR == 2 { print "run_id\tt\tU" } $3 == 12 { print $1 "\t" $2 "\t" $4 }' two.tsv >one.tsv
accept '^# describes_data = yes' fit -N 12 -K 3 one.tsv
[ "$(value estimates.alpha.value out)" = "$alpha" ]
result $? "the same alpha from the file of one size"
refuse 2 "the number of labels is not in two.tsv; expected -K" fit two.tsv
refuse 2 "the number of agents is neither in one.tsv nor given" fit -K 3 one.tsv
refuse 2 "--agents is in the file, too (9)" fit -K 3 -N 9 two.tsv
accept '^# describes_data = yes' fit -K 3 two.tsv --plot sizes.gp
if command -v gnuplot >/dev/null; then
  gnuplot sizes.gp >sizes.log 2>&1 && [ ! -s sizes.log ]
  result $? "gnuplot draws the picture of two sizes without a complaint"
fi
refuse 2 "fit of trajectories does not support" fit -K 3 two.tsv --bootstrap 5
head -14 one.tsv >few.tsv
head -13 one.tsv >three.tsv
accept '^# estimates.alpha.low' fit -N 12 -K 3 --seed 5 three.tsv
refuse 2 "few.tsv: run 12.3 has other times" fit -N 12 -K 3 few.tsv
printf 'run_id\tt\tU\na\t1\t1.5\n' >high.tsv
refuse 2 "high.tsv:2: the value is not right (1.5); expected a number from 0 to 1" fit -N 5 -K 2 high.tsv
printf 'run_id\tt\tshare_1\tshare_2\na\t1\t0.5\t0.6\n' >sum.tsv
refuse 2 "sum.tsv:2: the shares do not add up to 1 (1.1)" fit -N 5 sum.tsv

# What cannot be written.
refuse 2 "messages are not single labels (bandwidth 2); expected bandwidth 1" simulate -N 5 -a 0.2 -m 2 --transcript x.tsv
refuse 2 "messages are not single labels (bandwidth inf)" simulate -N 5 -a 0.2 -m inf --transcript x.tsv
refuse 2 "--transcript cannot go with --method diffusion (x.tsv)" simulate -N 50 -a 0.2 --method diffusion --transcript x.tsv
refuse 2 "--transcript cannot go to standard output" simulate -N 5 -a 0.2 --transcript -
refuse 2 "--transcript is empty" simulate -N 5 -a 0.2 --transcript ''
refuse 2 "would overwrite" simulate -N 5 -a 0.2 --transcript x.tsv -o ./x.tsv
refuse 2 "--transcript would overwrite the file of --init" simulate -N 2 -a 0.2 --init plain.tsv --transcript plain.tsv
refuse 2 "--output would overwrite the transcript (plain.tsv)" fit plain.tsv -o plain.tsv
refuse 4 "cannot write /nonexistent/x.tsv" simulate -N 5 -a 0.2 --transcript /nonexistent/x.tsv
[ ! -e x.tsv ] && ! ls ./*.tmp >/dev/null 2>&1
result $? "nothing is left of what was refused"
if [ -w /dev/full ]; then
  refuse 4 "writing /dev/full failed: No space left on device" simulate -N 5 -a 0.2 --transcript /dev/full
fi

finish
