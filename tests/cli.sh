#!/bin/bash
# The command line from outside: standard output, standard error, exit status, verb by verb.
# To cover another verb, add its name to `verbs` and its own cases to the tables below.
# SPDX-License-Identifier: GPL-3.0-or-later
set -u
: "${QSG:?the program, as make check sets it}"
json_check=$(dirname "$QSG")/tests/json_check
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 99
passed=0
failed=0
result() { # STATUS NAME: count one check
  if [ "$1" -eq 0 ]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAILED: $2"
    sed 's/^/  out: /' out | head -n 5
    sed 's/^/  err: /' err | head -n 5
  fi
}
run() { # ARGUMENTS..: into out, err, $status
  "$QSG" "$@" >out 2>err </dev/null
  status=$?
}
# refuse STATUS VALUE ARGUMENTS..: one line on stderr that starts with "qsg: " and holds VALUE, nothing on stdout
refuse() {
  local want=$1 value=$2
  shift 2
  run "$@"
  [ "$status" -eq "$want" ] && [ ! -s out ] && [ "$(wc -l <err)" -eq 1 ] && grep -q '^qsg: ' err &&
    grep -qF -- "$value" err
  result $? "refuse $want $value: qsg $* (status $status)"
}
# accept PATTERN ARGUMENTS..: status 0, nothing on stderr, PATTERN (extended) on stdout
accept() {
  local pattern=$1
  shift
  run "$@"
  [ "$status" -eq 0 ] && [ ! -s err ] && grep -Eq -- "$pattern" out
  result $? "accept $pattern: qsg $* (status $status)"
}

# The density of one agent's belief: stationary, in time, and where there is none.
accept '^# method = adiabatic' density --of beliefs -N 100 -a 0.3 --init 0.6,0.4
accept '^# mean_belief = 0.25 ' density --of beliefs -N 100 -a 0.3 --start 0.25 --cells 64
accept '^# statement = no density exists .dimension <= 0.559.' density --of beliefs -N 100 -a 0.7 --init 0.6,0.4
accept '^# method = kinetic' density --of beliefs -N 100 -a 0.3 --temper 0.5 --init 0.52,0.48 --at 0,20r --cells 64
accept '^2000.20.(1|0.99999)' density --of beliefs -N 100 -a 0.3 --temper 0.5 --init 0.52,0.48 --at 0,20r --cells 64
accept '^# method = finite-volume' density --of mean -N 100 -a 0.3 --at 1c --cells 64
refuse 2 '(x)' density --of x -N 100 -a 0.3
refuse 2 '(spectral)' density --of beliefs --method spectral -N 100 -a 0.3
refuse 2 '--stationary' density --of beliefs --stationary -N 100 -a 0.3
refuse 2 '(3)' density --of beliefs -N 100 -K 3 -a 0.3
refuse 2 '(65)' density --of beliefs -N 100 -a 0.3 --cells 65
refuse 2 '--start' density --of beliefs -N 100 -a 0.3 --start 0.4 --at 5r
refuse 2 'broadcast' density --of beliefs -N 100 -a 0.3 --exchange broadcast

verbs="predict"
model="-N 24 -K 10 -a 0.5"

# Bad model options, for every verb that takes a model: what the message must show | the options, after -N 24 -K 10 -a .5
while IFS='|' read -r value options; do
  for verb in $verbs; do
    # shellcheck disable=SC2086
    refuse 2 "$value" $verb $model $options
  done
done <<'TABLE'
(1)|-N 1
(0)|-N 0
(2.5)|--agents 2.5
(nan)|-N nan
(x)|-N x
(1)|-K 1
(3.5)|--labels 3.5
(-2)|-K -2
(0)|-a 0
(1.2)|-a 1.2
(nan)|-a nan
(-0.1)|--alpha=-0.1
(0.5x)|--alpha 0.5x
(0)|-m 0
(2.5)|-m 2.5
(nan)|--bandwidth nan
(0.6|--self 0.6
(-0.1|--self=-0.1
(nan)|--self nan
(1)|--field 1
1,2|--field 1,2
nan|--field nan
(0)|--temper 0
(-1)|--temper=-1
(1.5)|--innovation 1.5
(nan)|--innovation nan
prior|--prior 0.5,0.5
0.45|-K 2 --prior 0.25,0.2
(twice)|--exchange twice
zealots|--zealots 1
25 of 24|-K 2 --zealots 20,5
1.5|-K 2 --zealots 1.5,0
(0.3|--adoption 0.3
(nan)|-K 2 --adoption nan
torus:5x5|--graph torus:5x5
er:2:1|--graph er:2:1
/no/file|--graph /no/file
/no/file|--agents-file /no/file
1.1|-K 2 --init 0.5,0.6
0.9|-K 2 --init 0.45,0.45
3 numbers|-K 2 --init 0.2,0.3,0.5
-0.5|-K 2 --init 1.5,-0.5
9 of 24|-K 2 --init onehot:4,5
(0)|--init dirichlet:0
/no/file|--init /no/file
(--colour)|--colour red
(-z)|-z
(-N)|-N
(--alpha)|--alpha
takes no value|--json=yes
(stray)|stray
TABLE

# Bad times and thresholds, for the verbs that have them.
while IFS='|' read -r value options; do
  for verb in $verbs; do
    # shellcheck disable=SC2086
    refuse 2 "$value" $verb $model $options
  done
done <<'TABLE'
5,3|--at 5,3
(-1)|--at=-1
(1.5)|--at 1.5
(nan)|--at 0,nan
(x)|--at x
(inf)|--at inf
(,5)|--at 0,,5
cannot go with|--at 5 --until 10
(1)|--until 10 --points 1
(2.5)|--until 10 --points 2.5
(-5)|--until=-5
(1e400)|--until 1e400
(2c)|-m inf --at 2c
(0)|--consensus 0
(1)|--consensus 1
(nan)|--consensus nan
TABLE

# Valid models that a law does not cover yet: refused, not ignored.
while IFS='|' read -r option options; do
  # shellcheck disable=SC2086
  refuse 2 "does not support --$option" predict -N 24 -a 0.5 $options
done <<'TABLE'
field|--field 0.1 --innovation 0.01
temper|--temper 0.5
zealots|--zealots 1,1
adoption|--adoption 0.1
graph|--graph ring
agents-file|--agents-file /dev/null
runs|--runs 5
plot|--plot x.png
TABLE

# The program itself.
refuse 2 "verb is missing"
refuse 2 "(nonsense)" nonsense
refuse 2 "(nonsense)" help nonsense
refuse 2 "--agents" predict -a 0.5
refuse 2 "--alpha" predict -N 5
refuse 2 "(0?1)" predict -N 5 -a $'0\n1'
refuse 2 "(a?b)" $'a\nb'
accept '^qsg [0-9.]+$' --version
accept 'Usage: qsg VERB' --help
accept 'Usage: qsg VERB' help
for verb in $verbs; do
  accept "^Example: qsg $verb " "$verb" --help
  accept "^Example: qsg $verb " help "$verb"
  "$QSG" "$verb" --help >full 2>&1
  example=$(sed -n 's/^Example: qsg //p' full)
  # shellcheck disable=SC2086
  accept '^# version = ' $example
done

# Results.
# shellcheck disable=SC2086
accept '^1500	0\.62186' predict $model --at 0,1500
accept '^1500	0\.62186' predict --agents=24 --labels=10 --alpha=0.5 --bandwidth=1 --at 1500
accept '^36	' predict -N 24 -a 0.5 --at 1.5r
accept '^1e\+18	' predict -N 1e9 -K 10000 -a 0.5 --at 1e18
accept '^# command = qsg predict -N 24 -a 0\.5 --at 5$' predict -N 24 -a 0.5 --quiet --at 5 -o /dev/stdout
accept '^# consensus_time = - ' predict -N 24 -a 0.5 -m inf
for options in "-N 2 -a 1" "-N 2 -a 0.5 --exchange mutual" "-N 24 -a 1 --exchange mutual" "-N 24 -a 0.5 -m inf" \
  "-N 1e12 -K 3 -a 1e-60 -m 1e9" "-N 24 -a 0.5 --init 1,0" "-N 24 -a 0.5 --init dirichlet:1e308" \
  "-N 2 -a 1 --init onehot:1,1 --exchange broadcast" "-N 24 -a 0.3 --self 0.7 --until 2c --points 3"; do
  # shellcheck disable=SC2086
  run predict $options
  [ "$status" -eq 0 ] && ! grep -v '^#' out | grep -Eiq 'nan|inf' &&
    ! grep -v '^# model.bandwidth' out | grep -Eq '= -?(nan|inf)'
  result $? "no nan or inf in the table: predict $options"
  # shellcheck disable=SC2086
  "$QSG" predict $options --json 2>err | "$json_check" version command model.agents model.labels model.alpha model.self \
    model.bandwidth model.field model.temper model.innovation model.prior model.exchange model.zealots model.adoption \
    model.graph model.init slow_rate slow_rate_meanfield times U V S U_meanfield >out 2>>err
  result $? "JSON: predict $options"
done
# A name that is not UTF-8 must not spoil the object.
printf '1 0\n0 1\n' >$'caf\xe9'
"$QSG" predict -N 2 -a 0.5 --init $'caf\xe9' --json 2>err | "$json_check" command model.init >out 2>>err
result $? "JSON with a file name in Latin-1"

# Files: all or nothing.
# shellcheck disable=SC2086
run predict $model --at 5 -o table.tsv
[ "$status" -eq 0 ] && [ ! -s out ] && grep -q '^5	' table.tsv && [ "$(find . -name '*table*' | wc -l)" -eq 1 ]
result $? "-o FILE"
[ "$(stat -c %a table.tsv)" = "$(printf %o $((0666 & ~0$(umask))))" ]
result $? "-o FILE has the usual permissions"
refuse 4 "/no/directory/x" predict -N 24 -a 0.5 -o /no/directory/x
refuse 4 "$work" predict -N 24 -a 0.5 -o "$work"
if [ "$(id -u)" -ne 0 ]; then
  mkdir locked && chmod 555 locked
  refuse 4 "locked/x" predict -N 24 -a 0.5 -o locked/x
fi
if [ -w /dev/full ]; then
  refuse 4 "qsg" predict -N 24 -a 0.5 -o /dev/full
  for words in "predict -N 24 -a 0.5" "predict -N 24 -a 0.5 --json" "--version" "--help" "help predict" "predict --help"; do
    # shellcheck disable=SC2086
    "$QSG" $words >/dev/full 2>err
    status=$?
    : >out
    [ "$status" -eq 4 ] && [ "$(wc -l <err)" -eq 1 ]
    result $? "full device: qsg $words (status $status)"
  done
fi
ln -s table.tsv link.tsv
# shellcheck disable=SC2086
run predict $model --at 7 -o link.tsv
[ "$status" -eq 0 ] && [ -L link.tsv ] && grep -q '^7	' table.tsv
result $? "-o through a symbolic link"
run predict -N 24 -a 2 -o table.tsv
[ "$status" -eq 2 ] && grep -q '^7	' table.tsv
result $? "a failed command leaves the old file"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
