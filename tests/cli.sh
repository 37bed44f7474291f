#!/bin/bash
# The command line from outside: standard output, standard error, exit status, verb by verb.
# Tables of bad options; a verb in `verbs` is put to all of those that concern every verb.
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh" || exit 99

# The density of one agent's belief: stationary, in time, and where there is none.
accept '^# method = adiabatic' density --of beliefs -N 100 -a 0.3 --init 0.6,0.4
accept '^# mean_belief = 0.25 ' density --of beliefs -N 100 -a 0.3 --start 0.25 --cells 64
accept '^# statement = no density exists .dimension <= 0.559.' density --of beliefs -N 100 -a 0.7 --init 0.6,0.4
accept '^# method = kinetic' density --of beliefs -N 100 -a 0.3 --temper 0.5 --init 0.52,0.48 --at 0,20r --cells 64
accept '^2000.20.(1|0.99999)' density --of beliefs -N 100 -a 0.3 --temper 0.5 --init 0.52,0.48 --at 0,20r --cells 64
accept '^# method = finite-volume' density --of mean -N 100 -a 0.3 --at 1c --cells 64
accept '^# growth_rate = - .*does not support --field' predict -N 24 -K 3 -a 0.5 --field 0.1,0,0 --innovation 0.01 --at 0,48
accept '^48.0.33[0-9]*.[0-9.]*.[0-9.e-]*.0.35' predict -N 24 -K 3 -a 0.5 --field 0.1,0,0 --innovation 0.01 --at 0,48
accept '^# slow_rate = 0.2' predict -N 24 -K 3 -a 0.5 --temper 0.5 --exchange broadcast --innovation 0.1
accept '^# growth_rate = - .*low .0.03' predict -N 24 -a 0.5 --temper 0.03
accept '^1e.18.(1|0.99999)' predict -N 24 -a 0.5 --temper 0.5 --init 0.7,0.3 --at 0,1e18
accept '^1000.0.0019[0-9]*.0.9999' predict -N 24 -a 0.5 --field 1 --at 0,1000
accept '^1e.18.0.99999[0-9]*.0.88' predict -N 24 -a 0.5 --field 1 --exchange broadcast --at 0,1e18
accept '^# strain = 0.0' density -N 64 -a 0.3 --temper 0.95 --init 0.4,0.6 --at 1c --cells 64
# Words that getopt would take for something else, and tables apart by commas.
refuse 2 '(-alpha); expected --alpha' predict -N 24 -alpha 0.3
refuse 2 '(-json); expected --json' predict -N 24 -a 0.3 -json
refuse 2 '(--self); expected one before --at' predict -N 24 -a 0.3 --self --at 3
accept '^# model.field = -0.1' predict -N 24 -a 0.3 --field -.1 --at 3
refuse 2 'graphs go with simulate' density -N 24 -a 0.3 --graph ring
printf 'agent,alpha\n1,0.1\n2,0.3\n' >commas.csv
refuse 2 'commas (agent,alpha); expected tabs' predict -N 2 --agents-file commas.csv
printf 'run_id,t,speaker,listener,label\n0,1,0,1,1\n' >commas.csv
refuse 2 'commas (run_id,t,speaker,listener,label); expected tabs' fit commas.csv
refuse 2 'commas (run_id' compare --data commas.csv
accept '^# singular = -  .exact; not proved' density --of beliefs -N 100 -a 0.3
accept '^# fixation.mean_time = - ' predict -N 24 -a 0.3 --field 0.1,0,0 -K 3
accept '^# fixation.probability = 1,-  .exact' predict -N 1000 -a 1 --chain wright-fisher --field 1
refuse 2 'strain 0.4' density -N 64 -a 0.3 --temper 0.7 --at 1c
refuse 2 'does not support --temper (0.95)' density -N 64 -a 0.3 --temper 0.95 --at 1c --method spectral
refuse 2 '(x)' density --of x -N 100 -a 0.3
refuse 2 '(spectral)' density --of beliefs --method spectral -N 100 -a 0.3
accept '^# method = diffusion' simulate -N 1e12 -a 0.5 --method diffusion --at 0,0.5c,1c --runs 100
refuse 2 '(spectral)' simulate --method spectral -N 100 -a 0.3
refuse 2 '(diffusion)' density --method diffusion -N 100 -a 0.3
refuse 2 '(1c)' simulate --method diffusion -N 100 -a 0.3 --at 1c --horizon 1c
refuse 2 '(0.9)' simulate --method diffusion -N 100 -a 0.3 --at 1c --temper 0.9
refuse 2 'or --method diffusion' simulate -N 1e12 -a 0.5 --at 1
refuse 2 '--stationary' density --of beliefs --stationary -N 100 -a 0.3
refuse 2 '(3)' density --of beliefs -N 100 -K 3 -a 0.3
refuse 2 '(65)' density --of beliefs -N 100 -a 0.3 --cells 65
refuse 2 '--start' density --of beliefs -N 100 -a 0.3 --start 0.4 --at 5r
refuse 2 'broadcast' density --of beliefs -N 100 -a 0.3 --exchange broadcast

verbs="predict simulate compare density"
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
(1e-310)|--init dirichlet:1e-310
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
(0)|--consensus 0
(1)|--consensus 1
(nan)|--consensus nan
TABLE

# Nothing relaxes, so there is no unit c; no density either.
for verb in predict simulate compare; do
  # shellcheck disable=SC2086
  refuse 2 "(2c)" $verb $model -m inf --at 2c
done
# shellcheck disable=SC2086
refuse 2 "slow rate 0" density $model -m inf

# Bad options of an ensemble, for the verbs that run one.
while IFS='|' read -r value options; do
  for verb in simulate compare; do
    # shellcheck disable=SC2086
    refuse 2 "$value" $verb $model --at 5 $options
  done
done <<'TABLE'
(0)|--runs 0
(2.5)|--runs 2.5
(-5)|--runs=-5
(nan)|--runs nan
(1e10)|--runs 1e10
(-1)|--seed=-1
(0.5)|--seed 0.5
(x)|--seed x
(1e20)|--seed 1e20
(0)|--threads 0
(5000)|--threads 5000
(1.5)|--threads 1.5
(-1)|--horizon=-1
(2.5)|--horizon 2.5
(nan)|--horizon nan
(x)|--horizon x
TABLE

# What only compare takes.
while IFS='|' read -r value options; do
  # shellcheck disable=SC2086
  refuse 2 "$value" compare $model --at 5 --runs 100 $options
done <<'TABLE'
(10)|--runs 10
(alpha)|--assume alpha
(colour)|--assume colour=red
(2)|--assume alpha=2
(nan)|--assume alpha=nan
differ in size|--assume N=30
(x.gif)|--plot x.gif
(.png)|--plot .png
does not support --at|--data x.tsv
TABLE
refuse 4 /no/file compare --data /no/file
refuse 2 "does not support --runs" compare --data x.tsv --runs 5
refuse 2 "does not support --assume" compare --data x.tsv --assume alpha=0.2
refuse 2 "(x.gif)" compare --data x.tsv --plot x.gif
printf 'run_id\tt\tspeaker\tlistener\tlabel\nr\t0\tx\ty\n' >short.tsv
refuse 2 "short.tsv:2" compare --data short.tsv
refuse 2 "does not support --assume" simulate $model --assume alpha=0.2
refuse 2 "does not support --data" density $model --data x.tsv

# Graphs and agents who differ: simulated; bad files are refused with their line.
{ printf 'agent\talpha\n'; for i in $(seq 24); do printf '%s\t0.%s\n' "$i" $((i % 9 + 1)); done; } >agents.tsv
printf 'a b weight\n1 2 1\n2 3 0.5\n' >edges.tsv
accept '^# unresolved = 0 ' simulate -N 24 -a 0.5 --agents-file agents.tsv --runs 20
accept '^# model.alpha = -' predict -N 24 --agents-file agents.tsv
accept '^# fixation.z = ' compare -N 24 --agents-file agents.tsv --runs 200 --at 100
accept '^# wins = ' simulate -N 3 -a 0.5 --graph edges.tsv --pairs edge --runs 20
accept '^# wins = ' simulate -N 40 -a 1 --evidence 0.2,0.2 --adoption 0.3 --pairs with-replacement --until 10r --runs 20
accept '^# unresolved = 20 ' simulate -N 40 -a 1 --zealots 3,3 --graph ba:2:1 --runs 20
accept '"zealots": "3,3"' simulate -N 40 -a 1 --zealots 3,3 --runs 20 --json
accept '"graph": "ba:2:1"' simulate -N 40 -a 1 --graph ba:2:1 --runs 20 --at 10 --json
while IFS='|' read -r message content; do
  printf '%b' "$content" >bad.tsv
  refuse 2 "bad.tsv:$message" simulate -N 3 -a 0.5 --graph bad.tsv --runs 2
done <<'TABLE'
1: missing column|a\n1\n
1: weight is out of range (-2)|1 2 -2\n
2: agent is out of range (4)|1 2\n3 4\n
1: agent 2 is joined to itself|2 2\n
1: the file ends without an edge|
2: the edge of 2 and 1 is in line 1|1 2\n2 1\n
1: unknown column (rubbish)|rubbish\nrubbish\n
TABLE
while IFS='|' read -r message content; do
  printf '%b' "$content" >bad.tsv
  refuse 2 "bad.tsv:$message" simulate -N 2 -a 0.5 --agents-file bad.tsv --runs 2
done <<'TABLE'
1: missing column (agent)|alpha\n0.5\n
2: alpha is out of range (-1)|agent\talpha\n1\t-1\n
3: agent is out of range (3)|agent\n1\n3\n
1: the file ends without a header|
TABLE
refuse 2 '(graph ring)' simulate -N 4 -a 1 --graph ring --pairs with-replacement
refuse 2 'bandwidth 2' simulate -N 4 -a 1 -m 2 --adoption 0.2
refuse 2 '--graph' simulate -N 1000 -a 0.5 --graph ring --method diffusion --at 10

# Growth rates of more than two labels: with their error, or the reason why there is none.
accept '^# growth_rate = 0.18' predict -N 100 -K 5 -m 4 -a 0.3 --temper 0.5
accept '^# growth_rate_se = 0.00' predict -N 100 -K 5 -m 2 -a 0.3 --temper 0.5 --self 0.1 --exchange mutual
accept '^# growth_rate = - .*bandwidth 65; expected at most 64, or inf' predict -N 100 -K 3 -m 65 -a 0.3 --temper 0.5
accept '^# growth_rate = - .*takes too long at --alpha 1e-05' predict -N 100 -K 3 -a 1e-5 --temper 0.5

# Valid models that no law covers: refused, not ignored.
while IFS='|' read -r option options; do
  # shellcheck disable=SC2086
  refuse 2 "does not support --$option" predict -N 24 -a 0.5 $options
done <<'TABLE'
adoption|--adoption 0.1
graph|--graph ring --field 0.1
zealots|--zealots 1,1 --temper 0.5
runs|--runs 5
plot|--plot x.png
TABLE

# The program itself.
refuse 2 "verb is missing"
refuse 2 "(nonsense)" nonsense
refuse 2 "(nonsense)" help nonsense
refuse 2 "help takes one verb (extra comes after it)" help predict extra words
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

# The law suite: some laws, a mutation that fails, what is refused.
accept '^voter	exact	yes' validate --quick --law voter
run validate --quick --law voter --mutate voter
[ "$status" -eq 1 ] && [ ! -s err ] && grep -q '^voter	exact	no' out
result $? "a mutated law fails with status 1 (status $status)"
accept '^Example: qsg validate' validate --help
refuse 2 "(nothing)" validate --law nothing
refuse 2 "(nothing)" validate --mutate nothing
refuse 2 "--thorough" validate --quick --thorough
refuse 2 "(winner)" validate --quick --law voter --mutate winner
refuse 2 "--agents" validate -N 5
refuse 2 "--law" compare $model --law=3

# Copiers as exact chains.
refuse 2 "every agent is committed" predict -N 10 -a 1 --zealots 4,6
refuse 2 "copiers" predict -N 10 -a 0.5 --evidence 0.2,0.1
refuse 2 "(moran)" predict -N 10 -a 1 --chain moran
refuse 2 "expected K = 2, --alpha 1" predict -N 10 -a 0.5 --chain wright-fisher
accept '^# fixation\.mean_time = 371\.3566197' predict -N 24 -a 1 --init onehot:12,12
accept '^# fixation\.mean_time = 387\.50255' predict -N 24 -a 1 --init onehot:12,12 --pairs with-replacement
accept '^# fixation\.mean_time = 1383\.500977' predict -N 1000 -a 1 --chain wright-fisher --at 1
accept '^0	0\.0833333333333333	0\.01185770750988' predict -N 24 -a 1 --zealots 2,2
accept '^# fixation\.sd_time = 280\.060266276' predict -N 24 -a 1 --init onehot:12,12
accept '^# slow_rate = 0\.01 per generation' predict -N 100 -a 1 --chain wright-fisher
accept '^19	0\.5	0\.83121' predict -N 18 -a 1 --chain wright-fisher --at 19r
accept '^18	0\.5	0\.8' predict -N 18 -a 1 --chain wright-fisher --at 1c
refuse 2 "no slow rate" predict -N 18 -a 1 --chain wright-fisher --field 0.1 --at 1c
accept '^# flip\.critical_mass = 1 agents' predict -N 24 -a 1 --zealots 2,0 --init 0,1 --at 2000
accept '^528	.*	0\.607391' predict -N 24 -a 1 --zealots 2,0 --init 0,1 --at 528
accept '^# phases\.correct = 0\.3470208329' predict -N 9 -a 1 --evidence 0.28,0.17 --adoption 0.3
accept '^# fixation\.probability = 0,1 ' predict -N 1e5 -a 1 --adoption -50 --init onehot:5e4,5e4 --at 1
accept '^# fixation\.probability = 0\.768524783' predict -N 24 -a 1 --adoption 0.1 --init onehot:12,12 --at 1
accept '^# flip\.effective_zealots = 11\.3333' predict -N 50 -a 0.3 --zealots 2,0 --init 0,1 --at 1

accept '^# fixation\.exit_probability = 0\.607009' predict -N 200 -a 1 --adoption 0.02 --init onehot:50,150 --at 1
accept '^# agree = yes' compare -N 20 -a 1 --zealots 0,1 --adoption 0.3 --init onehot:10,9 --runs 500
accept '^correct	0\.34702' compare -N 9 -a 1 --evidence 0.28,0.17 --adoption 0.3 --runs 500
refuse 2 "--plot" compare -N 9 -a 1 --evidence 0.28,0.17 --plot x.pdf
refuse 2 "does not support --consensus (0.9)" compare -N 9 -a 1 --evidence 0.28,0.17 --consensus 0.9
for words in "-N 50 -a 0.2" "-N 50 -a 0.2 --of beliefs"; do
  # shellcheck disable=SC2086
  refuse 2 "--prior says nothing without --innovation (0.3,0.7)" density $words --prior 0.3,0.7
done
refuse 2 "only theory" compare -N 9 -a 1 --assume evidence=0.25,0.2
refuse 2 "5000 agents" predict -N 5000 -a 1 --evidence 0.2,0.1
accept '^# fixation\.probability = 1,0 ' predict -N 1e6 -a 1 --adoption 50 --at 1
accept '^# stationary\.consensus_1 = 0\.15000015000015[0-9]* ' predict -N 1e6 -a 1 --zealots 1,1 --init onehot:1,999997 --at 1
accept '^# fixation\.time_method = none  .the mean time' predict -N 1e6 -a 1 --zealots 1,0 --adoption -50 --init 0,1 --at 1
refuse 2 "every agent is committed" predict -N 1e6 -a 1 --zealots 1e6,0
accept '^# fixation\.probability = 1,0 ' predict -N 10 -a 0.5 --zealots 10,0
accept '^# slow_rate' predict -N 10 -a 1 --zealots 0,0

# Results.
# shellcheck disable=SC2086
accept '^1500	0\.62186' predict $model --at 0,1500
accept '^1500	0\.62186' predict --agents=24 --labels=10 --alpha=0.5 --bandwidth=1 --at 1500
accept '^36	' predict -N 24 -a 0.5 --at 1.5r
accept '^1e\+18	' predict -N 1e9 -K 10000 -a 0.5 --at 1e18
accept '^# command = qsg predict -N 24 -a 0\.5 --at 5$' predict -N 24 -a 0.5 --quiet --at 5 -o /dev/stdout
accept '^# consensus_time = - ' predict -N 24 -a 0.5 -m inf
accept '^# stationary.H = 0.475 ' predict -N 20 -a 1 --exchange mutual --innovation 1e-20
accept '^# gamma = [0-9.]*  \(asymptotic; as if' predict -N 16 -K 3 -a 0.9 --field 0.001,0.002,0.005 --init dirichlet:0.001
accept '^# gamma = [0-9.]*  \(exact; slope' predict -N 16 -K 3 -a 0.9 --field 0.002,0.002,0.005 --init dirichlet:0.001
accept '^# fixed_points.slope = 6\.491331351[0-9]*,0\.3123[0-9]*,6\.491331351[0-9]* ' predict -N 1000 -a 0.3 --temper 4
accept '^# slow_rate = [1-9]' predict -N 20 -a 1e-9 --exchange mutual --innovation 1e-300
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
# Every belief drawn is a number, however small or large the parameter.
for c in 1e-300 1e-5 1e308; do
  run simulate -N 24 -K 3 -a 0.5 --init dirichlet:$c --at 0 --runs 20
  [ "$status" -eq 0 ] && grep '^0	' out | grep -vq '	-'
  result $? "numbers from dirichlet:$c"
done

# The same bytes whatever the threads and however they are written.
for words in "simulate -N 24 -K 3 -a 0.3 --at 50,100 --runs 101" "compare -N 24 -K 3 -a 0.3 --at 50,100 --runs 101" \
  "compare -N 8 -a 0.3 --at 50 --runs 100 --json"; do
  # shellcheck disable=SC2086
  "$QSG" $words --threads 1 >one 2>err
  for threads in "--threads 2" "--threads=7" "--thr 1"; do
    # shellcheck disable=SC2086
    run $words $threads
    [ "$status" -eq 0 ] && cmp -s one out
    result $? "same bytes with $threads: $words"
  done
done
accept '^# command = qsg simulate -N 4 --alpha \.5 --at 1 --runs 5 --seed 9$' simulate -N4 --alp=.5 --quie --at 1 --ru 5 \
  --thr 1 --see=9

# Comparisons: exit 0 where theory is that of the simulated model, 1 where it is not.
run compare -N 24 -K 10 -a 0.2 --at 3000,9000,18000 --runs 1000
[ "$status" -eq 0 ] && grep -q '^# agree = yes' out
result $? "compare agrees (status $status)"
run compare -N 24 -K 10 -a 0.2 --at 3000,9000,18000 --runs 1000 --assume alpha=0.25
[ "$status" -eq 1 ] && grep -q '^# agree = no' out && [ ! -s err ]
result $? "compare --assume disagrees (status $status)"
run compare -N 16 -a 0.5 --at 1c --runs 100 --law
[ "$status" -eq 0 ] && grep -q '^# law.verdict = limits, so no pass' out && grep -q '^# law_N' out
result $? "compare --law (status $status)"
refuse 2 "K = 3" compare -N 16 -K 3 -a 0.5 --field 0.1,0,0 --at 1c --runs 100 --law
refuse 2 "does not support --law (given)" compare --data x.tsv --law
llm=$QSG_DATADIR/data/ainorms/claude35_K10.tsv
run compare --data "$llm" --exchange mutual -N 24
[ "$status" -eq 1 ] && grep -q '^# too_fast = yes' out && grep -q '^# agree = no' out
result $? "compare --data is too fast (status $status)"
refuse 2 "(1.2)" compare --data "$llm" --exchange mutual -a 1.2
# Two rows a run: a long silence is no work, and a run without its beginning is refused.
printf 'run_id\tt\tspeaker\tlistener\tlabel\n' >long.tsv
for r in a b c d e f; do
  t=$([ $r = f ] && echo 1000000000 || echo 0)
  printf '%s\t%s\tx\ty\tu\n%s\t%s\ty\tx\tv\n' $r "$t" $r $((t + 1)) >>long.tsv
done
refuse 2 "run f of the transcript begins late (t = 1000000000)" compare --data long.tsv
sed '/^f/d' long.tsv >sound.tsv
printf 'f\t0\tx\ty\tu\nf\t1000000000\ty\tx\tv\n' >>sound.tsv
timeout 60 "$QSG" compare --data sound.tsv >out 2>err
[ $? -ne 124 ]
result $? "a transcript with a silence of 10^9 interactions takes no long time"

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

finish
