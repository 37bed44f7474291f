# What the scripts that test the command line share, to be sourced: a directory to work in, checks and their count.
# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
set -u
: "${QSG:?the program, as make check sets it}"
build=$(dirname "$QSG")
json_check=$build/tests/json_check
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 99
: >out
: >err
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
# refuse STATUS TEXT ARGUMENTS..: one line on stderr that starts with "qsg: " and holds TEXT, nothing on stdout
refuse() {
  local want=$1 text=$2
  shift 2
  run "$@"
  [ "$status" -eq "$want" ] && [ ! -s out ] && [ "$(wc -l <err)" -eq 1 ] && grep -q '^qsg: ' err &&
    grep -qF -- "$text" err
  result $? "refuse $want $text: qsg $* (status $status)"
}
# accept PATTERN ARGUMENTS..: status 0, nothing on stderr, PATTERN (extended) on stdout
accept() {
  local pattern=$1
  shift
  run "$@"
  [ "$status" -eq 0 ] && [ ! -s err ] && grep -Eq -- "$pattern" out
  result $? "accept $pattern: qsg $* (status $status)"
}
finish() { # the count, and the script's exit status
  echo "$passed passed, $failed failed"
  [ "$failed" -eq 0 ]
}
