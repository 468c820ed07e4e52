#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# deps.sh: install-deps.sh says what it is about to install before it does, can be kept from it, and
# is silent where nothing is missing. Nothing is installed: apt-get, sudo and id are stand-ins.
# Usage: tests/deps.sh
set -euo pipefail
unset DEPS
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

fail() {
    echo "deps.sh: $1"
    failed=1
}

# stand_in NAME LINE...: a script of this name.
stand_in() {
    local name=$1
    shift
    rm -f "$work/bin/$name"
    printf '%s\n' '#!/bin/bash' "$@" >"$work/bin/$name"
    chmod +x "$work/bin/$name"
}

# A path with every command that there is, as far as these tests let it be.
mkdir "$work/bin"
IFS=: read -ra folders <<<"$PATH"
for folder in "${folders[@]}"; do
    [[ ! -d $folder ]] || ln -s "$folder"/* "$work/bin" 2>/dev/null || true
done
stand_in gnuplot 'exit 0'
# What was said so far stands in the log before the call: the word must come first.
# shellcheck disable=SC2016 # for the stand-in
stand_in apt-get "cat '$work/out' >>'$work/log'" "echo \"apt-get \$*\" >>'$work/log'" \
    "[[ \" \$* \" != *' install '* || -e '$work/broken' ]] \\" \
    "    || cp '$work/bin/true' '$work/bin/gnuplot'"
# shellcheck disable=SC2016 # for the stand-in
stand_in sudo "echo \"sudo \$*\" >>'$work/log'" '[[ $1 != -n ]] || shift' 'exec "$@"'
stand_in id 'echo 0'

# deps STATUS LINE [VARIABLE=VALUE...]: ends so, and says this line alone (a pattern; "": nothing).
deps() {
    local status=$1 line=$2 got=0
    shift 2
    : >"$work/log"
    : >"$work/out"
    PATH=$work/bin env "$@" tests/install-deps.sh runtime >"$work/out" 2>&1 || got=$?
    # shellcheck disable=SC2053 # a pattern
    [[ $got == "$status" && $(cat "$work/out") == $line ]] \
        || fail "$*: status $got, \"$(cat "$work/out")\", not $status, \"$line\""
}
quiet() { [[ ! -s $work/log ]] || fail "$1: called: $(cat "$work/log")"; }

deps 0 ""
quiet "nothing is missing"
deps 0 "" DEPS=no
quiet "nothing is missing, DEPS=no"

rm "$work/bin/gnuplot"
deps 3 "deps: missing for runtime, and not installed: DEPS=no. *apt-get install gnuplot-nox" DEPS=no
quiet DEPS=no
deps 2 "deps: DEPS='never' (would be right: yes or no)" DEPS=never
quiet DEPS=never

said="deps: about to install with apt-get, for runtime: gnuplot-nox (DEPS=no: install nothing)"
deps 0 "$said" DEPS=yes
[[ $(head -n 1 "$work/log") == "$said" ]] || fail "apt-get began before a word was said"
grep -q '^apt-get .* install .*gnuplot-nox$' "$work/log" || fail "nothing installed"

rm "$work/bin/gnuplot"
: >"$work/broken"
deps 3 "$said"$'\n'"deps: missing *still missing after the installation*gnuplot-nox"

stand_in id 'echo 1000'
deps 3 "deps: about to install with sudo -n apt-get, for runtime: gnuplot-nox (DEPS=no:*"
grep -q '^sudo -n true' "$work/log" || fail "sudo was not asked"
rm "$work/bin/sudo"
deps 3 "deps: missing *neither root nor sudo. As root: apt-get install gnuplot-nox"
quiet "no sudo"
rm "$work/bin/apt-get"
deps 3 "deps: missing *there is no apt-get here*"

((failed == 0)) || exit 1
echo "deps: a word before anything is installed, and none where nothing is missing"
