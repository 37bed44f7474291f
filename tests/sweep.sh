#!/bin/bash
# Sweeps: the same bytes for any threads, ranks, shards and after kills; broken and foreign journals; full disks.
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh" || exit 99
same() { # FILE NAME: the table is the reference, and no journal is left
  cmp one.tsv "$1" >out 2>err && [ ! -e "$1.partial" ]
  result $? "$2"
}
rows() { grep -v '^#' "$1"; }

# The reference; one point in each three is impossible and says so.
# shellcheck disable=SC2054
sweep=(sweep --vary N=6:12:*2 --vary alpha=0.2,0.5,1.5 --vary h=0:0.2:+0.1 --do simulate --runs 60)
run "${sweep[@]}" --threads 1 -o one.tsv
[ "$status" -eq 0 ] && [ "$(rows one.tsv | wc -l)" -eq 18 ] && [ "$(rows one.tsv | grep -c 'ok$')" -eq 12 ] &&
  [ "$(rows one.tsv | grep -c 'alpha is out of range (1.5)')" -eq 6 ]
result $? "a table with refused points"
rows one.tsv | cut -f1-3 >out
for n in 6 12; do
  for a in 0.2 0.5 1.5; do printf "$n\t$a\t%s\n" 0 0.1 0.2; done
done | cmp - out
result $? "grid order, the first option slowest"
for threads in 2 3; do
  run "${sweep[@]}" --threads $threads -o "t$threads.tsv"
  same "t$threads.tsv" "$threads threads"
done
run "${sweep[@]}" -o one.tsv
[ "$status" -eq 0 ] && grep -q 'is complete' err
result $? "a complete table is left alone"

# A row is what the verb says.
run simulate -N 12 -a 0.5 --field 0.1 --runs 60 --seed 14
mean=$(sed -n 's/^# consensus_time.mean = \([^ ]*\) .*/\1/p' out)
[ -n "$mean" ] && [ "$(rows one.tsv | sed -n 14p | cut -f4,5,8)" = "$(printf '60\t14\t%s' "$mean")" ]
result $? "row 14 is simulate --seed 14"
run sweep --vary N=8:16:*2 -a 0.5 --at 10,40 --columns 'slow_rate,U[last],U[1],nothing' -o p.tsv
[ "$status" -eq 0 ] && grep -q 'no point has the key of a column (nothing)' err
result $? "columns by key"
run sweep --vary N=8,16 --graph ring -a 0.5 --columns slow_rate,effective_size -o g.tsv
rates=$(rows g.tsv | cut -f2)
run predict -N 16 -a 0.5 --graph ring
[ "$(printf '%s\n' "$rates" | tail -n 1)" = "$(sed -n 's/^# slow_rate = \([^ ]*\) .*/\1/p' out)" ]
result $? "graphs are swept"
run predict -N 16 -a 0.5 --at 10,40
rate=$(sed -n 's/^# slow_rate = \([^ ]*\) .*/\1/p' out)
[ "$(rows p.tsv | tail -n 1 | cut -f2-4)" = "$(printf '%s\t%s\t%s' "$rate" \
  "$(rows out | tail -n 1 | cut -f2)" "$(rows out | head -n 1 | cut -f2)")" ]
result $? "the columns are what predict says"
run sweep --vary N=8,12 -a 0.3 --json -o p.json
[ "$status" -eq 0 ] && "$json_check" <p.json >out 2>err && grep -q '"parameters"' p.json
result $? "JSON"
run sweep --vary N=8,12 -a 0.3 --json -o p.json
[ "$status" -eq 0 ] && grep -q 'is complete' err
result $? "complete JSON is left alone"
run sweep --vary N=16 -a 0.3 --do compare --runs 200 -o c.tsv
[ "$status" -eq 0 ] && [ "$(rows c.tsv | awk -F'\t' '{ print $(NF-1) }')" = 1 ]
result $? "compare"

# Runs until a standard error is reached: a row of simulate at that number of runs.
run sweep --vary N=8,16 -a 0.5 --do simulate --runs 50 --at 1c --target-se U=0.008 -o se.tsv
[ "$status" -eq 0 ] &&
  rows se.tsv | awk -F'\t' '$2 <= 50 || $2 % 50 || $12 > 0.008 || $12 < 0.004 { bad = 1 } END { exit bad }'
result $? "a standard error that was asked for"
runs=$(rows se.tsv | sed -n 2p | cut -f2)
run simulate -N 16 -a 0.5 --at 1c --runs "$runs" --seed 2
[ "$(rows out | cut -f3)" = "$(rows se.tsv | sed -n 2p | cut -f12)" ]
result $? "the row of $runs runs"
run sweep --vary N=8 -a 0.5 --do simulate --runs 50 --at 1c --target-se U=0.001 --max-runs 120 -o cap.tsv
[ "$(rows cap.tsv | cut -f2)" = 120 ] && rows cap.tsv | grep -q 'target not reached$'
result $? "a cap on the runs"

# Bad usage.
while IFS='|' read -r text words; do
  # shellcheck disable=SC2086
  refuse 2 "$text" sweep $words
done <<'TABLE'
nothing is varied|-N 8 -a 0.5 -o x.tsv
needs a file for its table|--vary N=8 -a 0.5
unknown model option (M)|--vary M=8 -a 0.5 -o x.tsv
not NAME=LIST (N)|--vary N -a 0.5 -o x.tsv
empty or broken|--vary N=8,,9 -a 0.5 -o x.tsv
empty or broken|--vary N= -a 0.5 -o x.tsv
does not lead to its end|--vary N=8:4:*2 -a 0.5 -o x.tsv
does not lead to its end|--vary N=8:16:+0 -a 0.5 -o x.tsv
does not lead to its end|--vary N=0:16:*2 -a 0.5 -o x.tsv
one option twice (N)|--vary agents=8 --vary N=9 -a 0.5 -o x.tsv
too many points|--vary N=1:10000:+1 --vary alpha=0.0001:1:+0.0001 -o x.tsv
varied and fixed (alpha)|--vary N=8 -a 0.5 --vary alpha=0.3 -o x.tsv
model option is missing (alpha)|--vary N=8 -o x.tsv
(fit)|--vary N=8 -a 0.5 --do fit -o x.tsv
does not support --evidence|--vary N=8 -a 1 --evidence 0.1,0.2 --do compare --runs 5 -o x.tsv
does not support --runs|--vary N=8 -a 0.5 --runs 5 -o x.tsv
does not support --target-se|--vary N=8 -a 0.5 --do compare --target-se U=0.1 -o x.tsv
names no quantity|--vary N=8 -a 0.5 --do simulate --target-se W=0.1 -o x.tsv
out of range (U=0)|--vary N=8 -a 0.5 --do simulate --target-se U=0 -o x.tsv
needs --target-se|--vary N=8 -a 0.5 --do simulate --max-runs 9 -o x.tsv
(3/2)|--vary N=8,9,10 -a 0.5 --shard 3/2 -o x.tsv
(0/2)|--vary N=8 -a 0.5 --shard 0/2 -o x.tsv
no points|--vary N=8 -a 0.5 --shard 2/2 -o x.tsv
column twice (U)|--vary N=8 -a 0.5 --columns U,U -o x.tsv
has no key (U[0])|--vary N=8 -a 0.5 --columns U[0] -o x.tsv
no point of the sweep has a result|--vary N=8 -a 1.5 -o x.tsv
--at is not a time (x)|--vary N=8 -a 0.5 --at x -o x.tsv
stray word|--vary N=8 -a 0.5 -o x.tsv word
not made by this command|--vary N=8 -a 0.5 -o one.tsv
no plain file|--vary N=8 -a 0.5 -o /dev/null
needs shards|--merge -o x.tsv
needs shards|--merge one.tsv
is no shard|--merge one.tsv -o x.tsv
TABLE
refuse 4 /no/dir sweep --vary N=8 -a 0.5 -o /no/dir/x.tsv
refuse 2 /no/file sweep --vary N=8 -a 0.5 --init /no/file -o x.tsv
[ ! -e x.tsv ] && [ ! -e x.tsv.partial ]
result $? "no table after a refusal"

# Shards, in any order.
for i in 1 2 3; do run "${sweep[@]}" --shard $i/3 -o shard$i; done
run sweep --merge shard3 shard1 shard2 -o merged.tsv
same merged.tsv "three shards"
refuse 2 "points of the sweep are missing (6 of 18, the first is 2)" sweep --merge shard1 shard3 -o x.tsv
refuse 2 "--output would overwrite a shard (shard1)" sweep --merge shard1 shard2 shard3 -o ./shard1
refuse 2 "a point twice" sweep --merge shard1 shard1 shard2 -o x.tsv
run sweep --vary N=6:12:*2 -a 0.5 --shard 1/2 -o other
refuse 2 "a shard of another command" sweep --merge shard1 other -o x.tsv
refuse 2 "not made by this command" "${sweep[@]}" --shard 2/3 -o shard1

# Merging takes everything from the shards.
while IFS='|' read -r text words; do
  # shellcheck disable=SC2086
  refuse 2 "$text" sweep --merge shard1 shard2 shard3 -o x.tsv $words
done <<TABLE
--merge takes its options from the shards (--json given)|--json
(--columns given)|--columns U
(--seed given)|--seed 5
(--at given)|--at 7
--merge takes its model from the shards (--agents given)|-N 7
TABLE

# A comparison that disagrees: of 20,000 points tried, this one has p < 1e-6.  The status is 1 whatever the columns, again when
# all is done already, of a shard, and of shards together.
noisy=(sweep --vary a=0.37667,0.5 -N 3 -K 3 --do compare --at 2,3,5,9 --seed 7767 --runs 100)
for words in "" "--columns p_value" "--json" "--shard 1/2"; do
  # shellcheck disable=SC2086
  for _ in 1 2; do
    run "${noisy[@]}" $words -o "noisy${words%%/*}.tsv" --quiet
    [ "$status" -eq 1 ] && [ ! -s err ]
    result $? "exit 1 of a disagreement $words (status $status)"
  done
done
grep -q "^# disagreeing = 1 points" noisy.tsv && ! grep -q "^# .*	agree" "noisy--columns p_value.tsv"
result $? "the table counts them, and shows the columns asked for"
run "${noisy[@]}" --shard 2/2 -o noisy2 --quiet
[ "$status" -eq 0 ]
result $? "the other shard agrees (status $status)"
run sweep --merge noisy2 "noisy--shard 1.tsv" -o together.tsv
[ "$status" -eq 1 ]
result $? "exit 1 of a merged disagreement (status $status)"

# Journals: foreign, torn, damaged, cut within the header, of another version, in use.
run "${sweep[@]}" --shard 1/1 -o whole.tsv
{ sed '/^[0-9]/,$d' shard1 | sed 's/^shard .*/shard 1 1/'; grep -h '^[0-9]' shard2 shard1; } >half
n=$(wc -l <half)
cp half torn.tsv.partial
tail -n 1 shard3 | head -c 40 >>torn.tsv.partial
run "${sweep[@]}" -o torn.tsv
same torn.tsv "a torn last line"
{ grep -v '^[0-9]' half; grep '^[0-9]' shard2; head -c 40 <(tail -n 1 shard3); } >again.tsv.partial
( # stopped once more, a few points later
  trap '' XFSZ
  ulimit -f $(($(stat -c %s again.tsv.partial) / 1024 + 2))
  exec "$QSG" "${sweep[@]}" -o again.tsv >out 2>err
)
[ $? -eq 4 ] && [ "$(grep -c '^[0-9]' again.tsv.partial)" -gt 7 ]
result $? "stopped again after a torn line"
run "${sweep[@]}" -o again.tsv
same again.tsv "a torn line is gone when others follow"
head -c 30 half >cut.tsv.partial
run "${sweep[@]}" -o cut.tsv
same cut.tsv "a torn header"
sed "$((n - 2))s/\t60:/\t61:/" half >bad.tsv.partial
cp bad.tsv.partial kept
refuse 2 "bad.tsv.partial is damaged" "${sweep[@]}" -o bad.tsv
cmp -s kept bad.tsv.partial
result $? "a damaged journal is left as it was"
sed 's/^version .*/version 0.0.1/' half >old.tsv.partial
refuse 2 "belongs to another sweep (qsg 0.0.1" "${sweep[@]}" -o old.tsv
cp half else.tsv.partial
refuse 2 "belongs to another sweep" "${sweep[@]}" --seed 2 -o else.tsv
cmp -s half else.tsv.partial
result $? "a foreign journal is left as it was"
echo "my thesis" >mine.tsv.partial
refuse 2 "no journal of a sweep" "${sweep[@]}" -o mine.tsv
if command -v flock >/dev/null; then
  cp half busy.tsv.partial
  exec 9<busy.tsv.partial
  flock 9
  refuse 2 "another process writes" "${sweep[@]}" -o busy.tsv
  exec 9<&-
fi

# A full disk: the points so far are safe.
(
  trap '' XFSZ
  ulimit -f 1
  exec "$QSG" "${sweep[@]}" --threads 2 -o full.tsv >out 2>err
)
[ $? -eq 4 ] && grep -q 'writing full.tsv.partial failed: File too large' err && [ ! -e full.tsv ] &&
  [ "$(grep -c '^[0-9]' full.tsv.partial)" -ge 2 ]
result $? "a full disk"
run "${sweep[@]}" -o full.tsv
same full.tsv "after a full disk"

late=(sweep --vary N=8,9 -a 0.5 --columns "slow_rate$(printf ',none%d' $(seq 30))" -o late.tsv)
(
  trap '' XFSZ
  ulimit -f 1 # room for the journal of two points, not for their table
  exec "$QSG" "${late[@]}" >out 2> >(tail -n 1 >err)
)
[ $? -eq 4 ] && [ "$(find . -name '*late.tsv*')" = ./late.tsv.partial ] &&
  [ "$(grep -c '^[0-9]' late.tsv.partial)" -eq 2 ]
result $? "a disk that is full when the table is written"
run "${late[@]}"
[ "$status" -eq 0 ] && [ "$(rows late.tsv | wc -l)" -eq 2 ] && [ ! -e late.tsv.partial ]
result $? "the table afterwards"

# By paths of the diffusion.
run sweep --vary N=1e6,1e12 -a 0.5 --do simulate --method diffusion --at 1c --runs 100 -o d.tsv
u=$(rows d.tsv | sed -n 2p | cut -f11,12)
run simulate -N 1e12 -a 0.5 --method diffusion --at 1c --runs 100 --seed 2
[ "$(rows out | cut -f2,3)" = "$u" ]
result $? "row 2 is simulate --method diffusion --seed 2"

# Killed three times, whatever it is doing.  wait_for FILE ROWS PID: until the journal has so many rows
rows_done() { if [ -e "$1" ]; then grep -c '^[0-9]' "$1"; else echo 0; fi; }
wait_for() {
  while kill -0 "$3" 2>/dev/null && [ "$(rows_done "$1")" -lt "$2" ]; do sleep 0.01; done
}
# kill_thrice NAME COMMAND..: a command that appends -o killed.tsv; of ranks the last one, the first, the last is killed
kill_thrice() {
  local name=$1 stop pid victim kills=0 safe=0
  shift
  rm -f killed.tsv killed.tsv.partial before.*
  for stop in 2 5 9; do
    "$@" -o killed.tsv >out 2>err </dev/null &
    pid=$!
    victim=$pid
    if [ "$1" = mpirun ]; then # found before the wait, which leaves the kill to come at once
      while kill -0 $pid 2>/dev/null && [ "$(pgrep -cP $pid)" -lt "$4" ]; do sleep 0.01; done
      victim=$(pgrep -P $pid | sed -n "$([ $stop -eq 5 ] && echo 1p || echo '$p')")
    fi
    wait_for killed.tsv.partial $stop $pid
    kill -9 "$victim" && [ ! -e killed.tsv ] && kills=$((kills + 1))
    for _ in $(seq 100); do # mpirun of Open MPI 4.1 may lock itself up when all ranks are gone
      kill -0 $pid 2>/dev/null || break
      sleep 0.1
    done
    kill -9 $pid 2>/dev/null
    wait $pid 2>/dev/null && kills=0
    # of the ranks that are gone mpirun names one: the killed one, or one that it lost by that
    [ "$1" != mpirun ] || grep -Eq 'signal 9|non-zero exit code' err || kills=0
    for _ in $(seq 500); do # until the other ranks are gone
      [ ! -e killed.tsv.partial ] || flock -n killed.tsv.partial true && break
      sleep 0.02
    done
    cp killed.tsv.partial before.$stop
    [ "$(rows_done before.$stop)" -ge $stop ] && safe=$((safe + 1))
  done
  [ $kills -eq 3 ] && [ $safe -eq 3 ] && [ -z "$(grep -h '^[0-9]' before.9 | cut -f1 | sort | uniq -d)" ] &&
    cmp -s -n "$(($(stat -c %s before.2) - 400))" before.2 before.9
  result $? "three kills, and every point is done once: $name"
  timeout 120 "$@" -o killed.tsv >out 2>err </dev/null
  same killed.tsv "after three kills: $name"
}
# shellcheck disable=SC2054
long=(sweep --vary N=24:48:*2 --vary alpha=0.2:0.9:+0.05 --do simulate --runs 450 --quiet)
rm one.tsv
run "${long[@]}" --threads 2 -o one.tsv
for threads in 1 2; do
  kill_thrice "$threads threads" "$QSG" "${long[@]}" --threads $threads
done

# Points that take long, the runs of which are shared: by threads, and below by ranks.
shared=(
  "--vary N=100 -a 0.5 --do simulate --runs 500 --target-se U=0.004 --at 0.5c,1c"
  "--vary N=60 -a 0.3 --temper 0.8 --do compare --runs 1000"
  "--vary N=1e6 -a 0.5 --init 0.4,0.6 --field 2e-6 --do simulate --method diffusion --runs 20000"
)
for i in "${!shared[@]}"; do
  # shellcheck disable=SC2086
  run sweep ${shared[i]} --threads 1 -o "shared$i.tsv"
  # shellcheck disable=SC2086
  run sweep ${shared[i]} --threads 2 -o "shared$i.t2"
  cmp "shared$i.tsv" "shared$i.t2" >out 2>&1
  result $? "2 threads share: ${shared[i]}"
done

if [ -x "$build/qsg-mpi" ]; then
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 ASAN_OPTIONS=detect_leaks=0
  ranks() { # R ARGUMENTS..: the program on R ranks, into out, err, $status
    timeout 120 mpirun --oversubscribe -n "$1" "$QSG" "${@:2}" >out 2>err </dev/null
    status=$?
  }
  for n in 1 2 3; do
    ranks $n "${long[@]}" -o "r$n.tsv"
    same "r$n.tsv" "$n ranks"
    kill_thrice "$n ranks" mpirun --oversubscribe -n $n "$QSG" "${long[@]}"
    for i in "${!shared[@]}"; do
      if [ "$i" -gt 0 ] && [ $n -ne 2 ]; then continue; fi
      # shellcheck disable=SC2086
      ranks $n sweep ${shared[i]} -o "shared$i.r$n"
      cmp "shared$i.tsv" "shared$i.r$n" >>out 2>&1
      result $? "$n ranks share: ${shared[i]}"
    done
  done
  # shellcheck disable=SC2086
  ranks 2 sweep ${shared[0]} --threads 2 -o shared.r2t2
  cmp shared0.tsv shared.r2t2 >>out 2>&1
  result $? "2 ranks of 2 threads share: ${shared[0]}"
  ranks 2 sweep --vary N=8 -a 0.5 -o one.tsv
  [ $status -eq 2 ] && [ "$(grep -c '^qsg: ' err)" -eq 1 ] && grep -q '^qsg: one.tsv was not made by this command' err
  result $? "a refusal under mpirun"
  mkdir folder # as a file it cannot be read, which is no fault of one point
  ranks 2 sweep --vary N=8,9,10,11 -a 0.5 --do simulate --init ./folder -o x.tsv
  [ $status -eq 4 ] && grep -q '^qsg: rank [01]: .*folder' err && [ ! -e x.tsv ] && [ -s x.tsv.partial ]
  result $? "a rank that fails ends the job (status $status)"
else
  echo "built without MPI: ranks are skipped"
  OMPI_COMM_WORLD_SIZE=2 refuse 2 "qsg-mpi is missing" sweep --vary N=8 -a 0.5 -o y.tsv
fi

finish
