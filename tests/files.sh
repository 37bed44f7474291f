#!/bin/bash
# Files that the program reads and writes, and the texts of its complaints: what a first day with it stumbles on.
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh" || exit 99

# Six runs of two agents and three labels.
{
  printf 'run_id\tt\tspeaker\tlistener\tlabel\n'
  for r in 1 2 3 4 5 6; do
    for t in 1 2 3 4; do
      printf '%d\t%d\ta\tb\tL%d\n%d\t%d\tb\ta\tL%d\n' $r $t $((r * t % 3)) $r $t $(((r + t) % 3))
    done
  done
} >game.tsv
data="compare --data game.tsv --exchange mutual"
printf '0.5\t0.5\n0.25\t0.75\n' >keep.tsv
printf '0.25 1\n0.75 1\n' >start.tsv
ln game.tsv hard.tsv
ln -s game.tsv soft.tsv
cp game.tsv game.before
cp keep.tsv keep.before

# Nothing that is read is overwritten, nor one output by another.
while IFS='|' read -r text words; do
  # shellcheck disable=SC2086
  refuse 2 "$text" $words
done <<TABLE
the table beside the figure would overwrite the transcript of --data (game.tsv)|$data --plot game.pdf
would overwrite the transcript|$data --plot ./game.svg
would overwrite the transcript|$data --plot hard.png
would overwrite the transcript|$data --plot soft.png
--output would overwrite the transcript of --data (game.tsv)|$data -o game.tsv
would overwrite the transcript|$data --output=../${work##*/}/game.tsv
the table beside the figure would overwrite the file of --init|compare -N 2 -a 0.5 --init keep.tsv --plot keep.pdf
--output would overwrite the file of --init|predict -N 2 -a 0.5 --init keep.tsv -o keep.tsv
--output would overwrite the file of --assume|compare -N 2 -a 0.5 --assume init=keep.tsv -o keep.tsv
--output would overwrite the file of --graph|predict -N 2 -a 0.5 --graph keep.tsv -o keep.tsv
--output would overwrite the --agents-file|predict -N 2 -a 0.5 --agents-file keep.tsv -o keep.tsv
would overwrite the file of --start|density -N 50 -a 0.2 --start start.tsv --plot start.pdf
--plot would overwrite --output (x.pdf)|compare -N 5 -a 0.5 -o x.pdf --plot x.pdf
--plot would overwrite --output (./x.pdf)|compare -N 5 -a 0.5 -o x.pdf --plot ./x.pdf
the table beside the figure would overwrite --output (x.tsv)|compare -N 5 -a 0.5 -o x.tsv --plot x.pdf --json
TABLE
mkdir -p data/buri
cp game.tsv data/buri/flies.tsv
QSG_DATADIR=$work refuse 2 "would overwrite the data of a figure (data/buri/flies.tsv)" figure buri -o data/buri/flies.pdf
cmp -s game.tsv game.before && cmp -s keep.tsv keep.before && [ ! -e x.pdf ] && [ ! -e x.tsv ]
result $? "all inputs are as they were"

# Empty names and values; standard output by its short name.
for option in output plot data assume at; do
  refuse 2 "--$option is empty ()" compare -N 5 -a 0.5 --$option ''
done
refuse 2 "--graph is empty ()" predict -N 5 -a 0.5 --graph ''
accept '^5	' predict -N 5 -a 0.5 --at 5 -o -
[ ! -e - ]
result $? "no file called -"

# Numbers.
refuse 2 "agents is not a whole number (abc)" predict -N abc -a 0.5
refuse 2 "agents is not a whole number (0x18)" predict -N 0x18 -a 0.5
refuse 2 "(0x1p-1)" predict -N 5 -a 0x1p-1
refuse 2 "(0x1c)" predict -N 5 -a 0.5 --at 0x1c
refuse 2 "--points is not a whole number (2.5)" predict -N 5 -a 0.5 --until 9 --points 2.5
refuse 2 "entry 1 of nan,0.5,0.5" predict -N 5 -K 3 -a 0.5 --init nan,0.5,0.5

# Beliefs at the start from a file.
printf 'yes\tno\n0.5\t0.5\n0.25\t0.75\n' >headed.tsv
printf '\xef\xbb\xbf0.5\t0.5\n0.25\t0.75\n' >marked.tsv
accept '^# model.init = headed.tsv' predict -N 2 -a 0.5 --init headed.tsv
cp out headed.out
for file in keep.tsv marked.tsv; do
  accept '^# model.init' predict -N 2 -a 0.5 --init $file
  cmp -s <(grep -v '^# [mc]' out) <(grep -v '^# [mc]' headed.out)
  result $? "the same start from $file and from a file with a header"
done
: >empty.tsv
printf '0.5 0.5\n0.5\n' >short.tsv
printf '0.5 0.5\n0.5 half\n' >word.tsv
printf '0.5 0.5\n0.5 0.5 0\n' >long.tsv
refuse 2 "empty.tsv has too few rows of beliefs (0); expected 2" predict -N 2 -a 0.5 --init empty.tsv
refuse 2 "headed.tsv has too few rows of beliefs (2 below a header); expected 3" predict -N 3 -a 0.5 --init headed.tsv
refuse 2 "short.tsv:2: the row is short (1 number); expected 2" predict -N 2 -a 0.5 --init short.tsv
refuse 2 "word.tsv:2: belief 2 is not a number (half)" predict -N 2 -a 0.5 --init word.tsv
refuse 2 "long.tsv:2: the row goes on after its numbers (0" predict -N 2 -a 0.5 --init long.tsv

# Transcripts: alpha is shown when it was given; complaints name file and line.
# shellcheck disable=SC2086
accept '^# model.alpha = - ' $data
# shellcheck disable=SC2086
accept '^# model.alpha = 0.3 ' $data -a 0.3
# shellcheck disable=SC2086
accept '^# model.self = 0.7 ' $data --self 0.7
# shellcheck disable=SC2086
accept '^# time	n	runs_present	runs_carried	' $data
# shellcheck disable=SC2086
accept '"runs_carried"' $data --json
grep -q '"alpha"' <(sed -n '/"model"/,/}/p' out)
[ $? -eq 1 ]
result $? "no model.alpha in JSON"
sed 7d game.tsv >odd.tsv
refuse 2 "odd.tsv:6: rows with one run_id and t are not one interaction (run 1, t = 3: 1 row)" compare --data odd.tsv \
  --exchange mutual
sed 's/L[0-9]/L0/' game.tsv >same.tsv
refuse 2 "same.tsv:2: every row has one label (L0)" compare --data same.tsv --exchange mutual
sed '5s/^/\n/' game.tsv >gap.tsv
refuse 2 "gap.tsv:5: the line is empty" compare --data gap.tsv --exchange mutual

# Full devices: which file, and why.
if [ -w /dev/full ]; then
  refuse 4 "writing /dev/full failed: No space left on device" predict -N 24 -a 0.5 -o /dev/full
  refuse 4 "writing /dev/full failed: No space left on device" predict -N 24 -a 0.5 --json -o /dev/full
  for words in "predict -N 24 -a 0.5" "predict -N 24 -a 0.5 --until 1e6 --points 9000" "predict -N 24 -a 0.5 --json" --help; do
    # shellcheck disable=SC2086
    "$QSG" $words >/dev/full 2>err
    [ $? -eq 4 ] && grep -qx 'qsg: writing to standard output failed: No space left on device' err
    result $? "full standard output: qsg $words"
  done
fi

# Help: each default in brackets that close.
"$QSG" help compare >out 2>err
! grep -E '\[[^]]*$' out | grep -q . && grep -q '\[0\]$' out && grep -q '(required)$' out
result $? "brackets of the help text"

# Figures.
refuse 2 "figure list writes a table, not a picture (x.pdf)" figure list -o x.pdf
refuse 2 "figure drift does not support --json" figure drift -o x.svg --json
if command -v gnuplot >/dev/null; then
  # shellcheck disable=SC2086
  for words in "compare -N 6 -a 0.5 --runs 400 --at 20" "compare -N 6 -a 0.5 --runs 400 --at 0" \
    "compare -N 6 -K 5 -a 0.1 --runs 400 --until 5" "compare -N 6 -a 0.5 --runs 100 --innovation 0.05 --until 20" \
    "$data"; do
    accept '^# (agree|verdict) =' $words --plot one.svg
    [ -s one.svg ] && grep -q '^# column 1: time' one.tsv
    result $? "a picture and its table: $words"
    rm -f one.*
  done
  "$QSG" compare -N 6 -a 0.5 --runs 400 --at 20 --plot same.svg -o same.tsv 2>err && [ -s same.svg ] &&
    grep -q '^# agree' same.tsv
  result $? "the table beside the figure as --output"
fi

# The pages of a report have names of their own, also when its directory is not there yet.
for words in "--report pages -o pages/index.html" "--report ./pages/ -o pages/voter.svg" "--report . -o voter.tsv"; do
  # shellcheck disable=SC2086
  refuse 2 "--output would overwrite a page of --report" validate --quick --law voter $words
done
[ ! -e pages ]
result $? "no directory after a refusal"

finish
