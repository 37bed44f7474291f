#!/bin/bash
# The law suite's report: complete, and in Chromium, when it is there, without overflow on a phone and on a wide screen.
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh" || exit 99
command -v gnuplot >/dev/null || exit 77

laws=voter,consensus-law,paper-polarization
run validate --quick --law $laws --report page
[ "$status" -eq 0 ] && [ ! -s err ]
result $? "a report is written (status $status)"
for name in ${laws//,/ }; do
  [ -s "page/$name.svg" ] && [ -s "page/$name.tsv" ] && grep -q "<section id=\"$name\">" page/index.html &&
    grep -q "qsg validate --quick --seed 1 --law $name" page/index.html
  result $? "section, figure and table of $name"
done
[ "$(grep -c '<svg' page/index.html)" -eq 3 ] && ! grep -Eq '<script|<link|src=' page/index.html
result $? "the page needs no other file"
touch file
refuse 4 "file" validate --quick --law voter --report file/page
run validate --quick --law voter --mutate voter --report wrong
[ "$status" -eq 1 ] && grep -q 'perturbed on purpose' wrong/index.html
result $? "a mutated suite reports its failure (status $status)"

# The whole suite, where it is quick: sanitizers only slow its populations down, and the laws above run under them.
if ! grep -q '^SANITIZER_FLAGS = -f' "$build/Makefile"; then
  run validate --quick
  [ "$status" -eq 0 ] && [ ! -s err ] && grep -q '^# failed = 0 laws' out
  result $? "the whole suite at --quick (status $status)"
fi

# A frame as wide as a phone or a screen around the page, measured from outside.
browser=$(command -v chromium || command -v chromium-browser) || { finish; exit; }
for width in 400 1400; do
  cat >frame.html <<HTML
<iframe id="f" src="page/index.html" style="width:${width}px;height:900px;border:0"></iframe><p id="out">none</p><script>
onload = () => { const d = document.getElementById('f').contentDocument, r = d.documentElement;
  const pictures = [...d.querySelectorAll('svg')].filter(s => s.getBoundingClientRect().width > 100 && s.querySelector('path'));
  document.getElementById('out').textContent = 'over ' + (r.scrollWidth - r.clientWidth) + ' pictures ' + pictures.length; };
</script>
HTML
  timeout 60 "$browser" --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
    --allow-file-access-from-files --user-data-dir="$work/profile$width" --dump-dom "file://$work/frame.html" >out 2>err </dev/null
  grep -q ">over 0 pictures 3<" out
  result $? "Chromium at $width pixels: no overflow, all pictures"
done
finish
