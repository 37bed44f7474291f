#!/bin/bash
# The installed package: make install with DESTDIR and --prefix, then a C program built through pkg-config, against
# the shared and the static library.  SPDX-License-Identifier: GPL-3.0-or-later
set -u
build=$(dirname "${QSG:?the program, as make check sets it}")
stage=$(mktemp -d) || exit 99
trap 'rm -rf "$stage"' EXIT
passed=0
failed=0
check() { # NAME COMMAND..: one check, its output shown when it fails
  local name=$1
  shift
  if "$@" >"$stage/log" 2>&1; then
    passed=$((passed + 1))
  else
    echo "FAILED: $name"
    cat "$stage/log"
    failed=$((failed + 1))
  fi
}
same() { [ "$1" = "$2" ] || { echo "got \"$1\", expected \"$2\""; return 1; }; }

cat >"$stage/user.c" <<'C'
#include <qsg/qsg.h>
#include <stdio.h>
int main(void)
{
    qsg_model model = {0};
    qsg_error error = {""};
    double rate;
    if (qsg_model_parse(&model, "agents=24 labels=10 alpha=0.5", &error) ||
        qsg_moments_slow_rate(&model, &rate, &error))
        return fprintf(stderr, "%s\n", error.message), 1;
    printf("%.9e\n", rate);
    qsg_model_free(&model);
    return 0;
}
C
prefix=$(awk -F= '$1 == "prefix" { print $2 }' "$build/qsg.pc")
check "make install DESTDIR" env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS make -C "$build" install DESTDIR="$stage/root"
export PKG_CONFIG_PATH=$stage/root$prefix/lib/pkgconfig
# DESTDIR is where a packager looks at the tree before it moves to its prefix: define that prefix anew
config() { pkg-config --define-variable=prefix="$stage/root$prefix" "$@" qsg; }
check "the program runs" "$stage/root$prefix/bin/qsg" --version
check "no path is installed" test -z "$(find "$stage/root" -name datadir.path)"
if command -v gnuplot >/dev/null; then
  draw() { env -u QSG_DATADIR "$1" density -N 10 -a 0.5 --cells 50 --at 1c --plot "$stage/$2.svg" && test -s "$stage/$2.svg"; }
  check "the moved tree finds its plots" draw "$stage/root$prefix/bin/qsg" moved
  check "the build tree finds its plots" draw "$QSG" built
fi
check "pkg-config knows the version" same "qsg $(config --modversion)" "$("$stage/root$prefix/bin/qsg" --version | head -n 1)"
check "a header for each included one" test -f "$stage/root$prefix/include/qsg/model.h"
sanitize=
if grep -q '^SANITIZER_FLAGS = -f' "$build/Makefile"; then sanitize=-fsanitize=address,undefined; fi
if [ -z "$sanitize" ]; then # whose reports name the lines of the sources
  strip -o "$stage/stripped" "$stage/root$prefix/bin/qsg" # debugging information names directories
  source=$(sed 's/[][\.*^$]/\\&/g' "$build/datadir.path")
  check "the program names no directory of the sources" test -z "$(strings "$stage/stripped" | grep "^$source")"
fi
if ls "$stage/root$prefix"/lib/libqsg.so >/dev/null 2>&1; then
  # shellcheck disable=SC2046,SC2086
  check "compile against the shared library" ${CC:-cc} $sanitize $(config --cflags) "$stage/user.c" -o "$stage/shared" \
    $(config --libs)
  check "only the public names are exported" test -z \
    "$(nm -D --defined-only "$stage/root$prefix/lib/libqsg.so" | awk '$2 ~ /[TDBR]/ && $3 !~ /^qsg_/ { print $3 }')"
  check "run with the shared library" same \
    "$(LD_LIBRARY_PATH=$stage/root$prefix/lib "$stage/shared")" "5.809858216e-04"
fi
# shellcheck disable=SC2046,SC2086
check "compile against the static library" ${CC:-cc} $sanitize $(config --cflags) "$stage/user.c" -o "$stage/static" \
  "$stage/root$prefix/lib/libqsg.a" $(config --static --libs)
check "run with the static library" same "$("$stage/static")" "5.809858216e-04"
check "make uninstall" env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS make -C "$build" uninstall DESTDIR="$stage/root"
check "nothing is left behind" test -z "$(find "$stage/root" -type f)"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
