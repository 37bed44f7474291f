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

# Every name has its script; the cheap ones are drawn.
plots=$QSG_DATADIR/plots
"$QSG" figure list >list || fail "figure list"
[ "$(grep -vc '^#' list)" -ge 20 ] || fail "too few figures"
"$QSG" figure list --json | grep -q '"names"' || fail "figure list --json"
for name in $(grep -v '^#' list | cut -f1); do
    case $name in llm) script=compare_data ;; *) script=$name ;; esac
    [ -s "$plots/$script.gp" ] || fail "no script for $name"
done
for name in llm density simplex buri sweep belief critical-mass early-drift; do
    "$QSG" figure "$name" -o "it's $name.png" || fail "figure $name"
    [ -s "it's $name.png" ] || fail "$name.png is empty"
    grep -q '^# column 1: ' "it's $name.tsv" || fail "no table beside $name"
    grep -q "^# command = qsg figure $name\$" "it's $name.tsv" || fail "command of $name"
    rm -f "it's $name".*
done

# One computation, every kind of file.
"$QSG" figure buri -o a.pdf a.svg a.png a.tex a.gp || fail "five kinds"
head -c 4 a.pdf | grep -q %PDF || fail "a.pdf is no PDF"
grep -q '<svg' a.svg || fail "a.svg is no SVG"
head -c 4 a.png | grep -q PNG || fail "a.png is no PNG"
head -c 4 a-inc.pdf | grep -q %PDF || fail "a-inc.pdf is no PDF"
grep -q 'includegraphics.*{a-inc.pdf}' a.tex || fail "a.tex does not name its lines"
grep -q 'begin{document}' a.tex || fail "a.tex is no document"
grep -q 'ensuremath{^{.mathrm{75}}}' a.tex || fail "a.tex: an exponent is not in maths"
LC_ALL=C grep -q '[^ -~]' a.tex && fail "a.tex has characters beyond ASCII"
mv a.pdf first.pdf
gnuplot a.gp || fail "gnuplot a.gp"
[ -s a.pdf ] || fail "a.gp draws no a.pdf"
if command -v pdflatex >/dev/null; then
    pdflatex -interaction=batchmode a.tex >/dev/null || fail "pdflatex a.tex"
    printf '%s\n' '\documentclass{article}' '\usepackage{graphicx,color}' '\begin{document}' '\input{a.tex}' \
        '\end{document}' >paper.tex
    pdflatex -interaction=batchmode paper.tex >/dev/null || fail "a.tex in a paper"
    rm -f paper.* a.aux a.log
fi
rm -f first.pdf

# Widths: 86 mm is 1016 pixels at 300 dpi, 178 mm 2102, 240 mm 2835.
width() { od -A n -t u1 -j 16 -N 4 "$1" | awk '{print (($1*256 + $2)*256 + $3)*256 + $4}'; }
for style in column:1016 double:2102 slide:2835; do
    "$QSG" figure buri --style "${style%:*}" -o a.png || fail "--style ${style%:*}"
    w=$(width a.png)
    [ "$w" -ge $((${style#*:} - 1)) ] && [ "$w" -le $((${style#*:} + 1)) ] || fail "--style $style is $w wide"
done
"$QSG" predict -N 10 -a 0.5 --style slide >out 2>err
[ $? -eq 2 ] && grep -q -e "--style" err || fail "predict --style"
"$QSG" density -N 20 -a 0.2 --at 1c --style slide --plot a.svg >/dev/null || fail "density --style"

# What compare sets beside limits is drawn: the path that was asked for, winners, times; a slide has room for two.
for style in column:1 double:1 slide:0; do
    "$QSG" compare -N 16 -a 0.5 --exchange broadcast --temper 0.8 --runs 100 --at 1,5 --style "${style%:*}" --plot a.svg >/dev/null ||
        fail "compare --style ${style%:*}"
    grep -q 'polarization U' a.svg || fail "no path, ${style%:*}"
    grep -q 'time T' a.svg || fail "no times, ${style%:*}"
    [ "$(grep -c 'label 1 wins' a.svg)" -eq "${style#*:}" ] || fail "winners, ${style%:*}"
done

# The old spelling
"$QSG" figure critical_mass -o a.svg || fail "critical_mass"
rm -f a.* a-inc.pdf out err list

expect 2 'unknown figure (nonsense)' "$QSG" figure nonsense -o a.pdf
expect 2 'none given' "$QSG" figure
expect 2 'kind of picture is unknown (llm)' "$QSG" figure drift llm -o a.pdf
expect 2 'takes no other word' "$QSG" figure list drift
expect 2 'style is unknown (poster)' "$QSG" figure drift -o a.pdf --style poster
expect 2 'different files' "$QSG" figure drift -o a.pdf a.pdf
expect 2 'different files' "$QSG" figure drift -o a.tex a-inc.pdf
expect 2 'no --plot' "$QSG" density -N 20 -a 0.2 --style slide
expect 2 'no --output' "$QSG" figure drift
expect 2 'kind of picture is unknown (a.gif)' "$QSG" figure drift -o a.gif
expect 2 'kind of picture is unknown (.png)' "$QSG" figure drift -o .png
expect 2 'does not support --agents' "$QSG" figure drift -N 3 -o a.pdf
expect 4 'cannot write none/a.tsv' "$QSG" figure buri -o none/a.pdf
expect 4 'apt-get install gnuplot-nox' env PATH=/nonexistent "$QSG" figure llm -o a.pdf
mkdir -p broken/plots
echo 'nonsense here' >broken/plots/style.gp
expect 4 'cannot read .*density.gp' env QSG_DATADIR="$dir/broken" "$QSG" figure density -o a.pdf
echo 1 >broken/plots/density.gp
expect 4 'gnuplot failed in density.gp' env QSG_DATADIR="$dir/broken" "$QSG" figure density -o a.pdf
expect 4 'cannot read .*claude35_K10.tsv' env QSG_DATADIR="$dir/broken" "$QSG" figure llm -o a.pdf
rm -rf broken out err
[ -z "$(ls -A)" ] || fail "left behind: $(ls -A)"
exit $bad
