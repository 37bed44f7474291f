#!/bin/sh
# The verb figure: pictures, the tables beside them, and every complaint.  SPDX-License-Identifier: GPL-3.0-or-later
command -v gnuplot >/dev/null || { echo "gnuplot is missing: skipped"; exit 77; }
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 99
bad=0
fail() { echo "FAILED: $*"; bad=1; }

# expect CODE TEXT command..: exit code, TEXT on one line of stderr, nothing on stdout
expect() {
    code=$1 text=$2; shift 2
    "$@" >out 2>err
    got=$?
    [ $got -eq "$code" ] || fail "exit $got instead of $code: $*"
    grep -q -- "$text" err || fail "no '$text' in: $(cat err)"
    [ "$(wc -l <err)" -eq 1 ] || fail "not one line: $(cat err)"
    [ ! -s out ] || fail "something on stdout: $*"
}

"$QSG" figure list >list || fail "figure list"
for name in $(grep -v '^#' list | cut -f1); do
    "$QSG" figure "$name" -o "it's $name.png" || fail "figure $name"
    [ -s "it's $name.png" ] || fail "$name.png is empty"
    grep -q '^# column 1: ' "it's $name.tsv" || fail "no table beside $name"
    rm -f "it's $name".*
done
[ "$(grep -vc '^#' list)" -ge 2 ] || fail "too few figures"
"$QSG" figure list --json | grep -q '"names"' || fail "figure list --json"

"$QSG" figure belief -o a.pdf && head -c 4 a.pdf | grep -q %PDF || fail "a.pdf is no PDF"
"$QSG" figure belief -o a.svg && grep -q '<svg' a.svg || fail "a.svg is no SVG"
"$QSG" figure belief -o a.png && head -c 4 a.png | grep -q PNG || fail "a.png is no PNG"
rm -f a.* out err list

expect 2 'unknown figure (nonsense)' "$QSG" figure nonsense -o a.pdf
expect 2 'none given' "$QSG" figure
expect 2 'takes one name' "$QSG" figure drift llm -o a.pdf
expect 2 'no --output' "$QSG" figure drift
expect 2 'kind of picture is unknown (a.gif)' "$QSG" figure drift -o a.gif
expect 2 'kind of picture is unknown (.png)' "$QSG" figure drift -o .png
expect 2 'does not support --agents' "$QSG" figure drift -N 3 -o a.pdf
expect 4 'cannot write none/a.tsv' "$QSG" figure drift -o none/a.pdf
expect 4 'apt-get install gnuplot-nox' env PATH=/nonexistent "$QSG" figure drift -o a.pdf
mkdir -p broken/plots
echo 'nonsense here' >broken/plots/style.gp
expect 4 'gnuplot failed in compare.gp' env QSG_DATADIR="$dir/broken" "$QSG" figure drift -o a.pdf
expect 4 'cannot read .*claude35_K10.tsv' env QSG_DATADIR="$dir/broken" "$QSG" figure llm -o a.pdf
rm -rf broken out err
[ -z "$(ls -A)" ] || fail "left behind: $(ls -A)"
exit $bad
