# Set-up shared by quickstart and check: packages, configure script, build.  Sourced by bash with `set -euo pipefail`.
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
jobs=$(nproc 2>/dev/null || echo 1)
if [ "$jobs" -gt 2 ]; then jobs=2; fi

packages="build-essential autoconf automake libtool pkg-config libgsl-dev libfftw3-dev liblapacke-dev libjansson-dev
librandom123-dev libopenmpi-dev openmpi-bin check gnuplot-nox fonts-dejavu-core mandoc"

say() { printf '== %s\n' "$*"; }
die() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; exit 1; }

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    env DEBIAN_FRONTEND=noninteractive "$@"
  elif command -v sudo >/dev/null; then
    sudo env DEBIAN_FRONTEND=noninteractive "$@"
  else
    die "packages are missing and this is neither root nor a user with sudo; run as root: apt-get install ${missing[*]}"
  fi
}

# The Debian packages that are not there yet; nothing is fetched when all are.
install_packages() {
  local package
  missing=()
  if ! command -v dpkg-query >/dev/null; then
    say "not a Debian system: install by hand what the package names stand for, if configure complains ($packages)"
    return
  fi
  for package in $packages; do
    case $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true) in
      installed) ;;
      *) missing+=("$package") ;;
    esac
  done
  if [ ${#missing[@]} -gt 0 ]; then
    say "installing ${missing[*]}"
    as_root apt-get update -q
    as_root apt-get install -q -y --no-install-recommends "${missing[@]}"
  fi
}

# Run a long command with its output in a log; show the end of the log only when it fails.
quietly() {
  local log=$1
  shift
  if ! "$@" >"$log" 2>&1; then
    tail -n 40 "$log" >&2
    die "failed: $* (whole log: $log)"
  fi
}

# build DIRECTORY [CONFIGURE OPTIONS]: configure when needed, then make.
build() {
  local directory=$1 wanted
  shift
  wanted="$root/configure $*"
  mkdir -p "$directory"
  if [ ! -x "$root/configure" ] || [ "$root/configure.ac" -nt "$root/configure" ]; then
    say "making the configure script"
    quietly "$directory/bootstrap.log" "$root/bootstrap"
  fi
  if [ ! -f "$directory/Makefile" ] || [ "$(cat "$directory/.configured" 2>/dev/null)" != "$wanted" ]; then
    say "configuring $directory"
    (cd "$directory" && quietly configure.log "$root/configure" "$@")
    printf '%s\n' "$wanted" >"$directory/.configured"
  fi
  say "building $directory"
  quietly "$directory/make.log" make -C "$directory" -j"$jobs"
}
