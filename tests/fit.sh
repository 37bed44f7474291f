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

# Labels that are numbers keep them: nobody says label 1 here, and label 3 is spoken first or second.
accept '^# runs = 20' simulate -N 4 -K 3 -a 0.3 --init 0,0.8,0.2 --runs 20 --at 0,60 --quiet --transcript rare.tsv
accept '^# data.labels.0 = 1' fit -K 3 --init 0,0.8,0.2 --fit alpha rare.tsv --runs 50
refuse 2 "has no chance at all" fit -K 3 --init 0.8,0,0.2 --fit alpha rare.tsv --runs 50
"$QSG" help fit >out 2>err
! grep -q '(required)' out && [ "$(grep -c '\[from the data\]$' out)" -eq 3 ] && grep -q '\[fitted\]$' out
result $? "nothing is required to fit but a file"

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
