#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# readme.sh: runs every `$ ./smmsim ...` of README.md, and the demo, and compares what stands below.
# Usage: tests/readme.sh [--accept]   (--accept writes README.md anew from the runs)
set -euo pipefail
cd "$(dirname "$0")/.."
export LC_ALL=C.UTF-8 # as README.md shows it

root=$PWD
binary=${SMMSIM:-$root/smmsim}
[[ -x $binary ]] || { echo "readme: no $binary (run make first)" && exit 1; }
binary=$(realpath "$binary")
here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT

# Results go to a folder of their own.
mkdir "$here/run"
ln -s "$root/models" "$root/workloads" "$here/run"
ln -s "$binary" "$here/run/smmsim"

commands=0

# answer COMMAND: what a reader sees who types it.
answer() {
    (cd "$here/run" && bash -c "$1" 2>&1 </dev/null) || true
}

# README.md with every output replaced; the table of the demo has no command above it.
code=0
old=0 # in lines that the output replaces
while IFS= read -r line; do
    command=""
    if [[ $line == '```'* ]]; then
        code=$((1 - code))
        old=0
    elif ((code)) && [[ $line == '$ ./smmsim '* ]]; then
        command=${line#'$ '}
    elif ((code && !old)) && [[ $line == 'efibootmgr: '*', seed '* ]]; then
        command="./smmsim demo"
    fi
    if [[ $command != "./smmsim demo" ]] && { ((!old)) || [[ -n $command ]]; }; then
        printf '%s\n' "$line"
    fi
    [[ -n $command ]] || continue
    answer "$command"
    old=1
    commands=$((commands + 1))
done <README.md >"$here/new"

if ((commands < 8)); then
    echo "readme: only $commands commands found: is this README.md?"
    exit 1
fi
if [[ ${1-} == --accept ]]; then
    cmp -s "$here/new" README.md || cp "$here/new" README.md
    echo "readme: $commands commands, README.md is as they are now"
    exit
fi
if ! diff -u README.md "$here/new"; then
    echo "readme: README.md shows something else than the program (tests/readme.sh --accept)"
    exit 1
fi
for command in "" run demo sweep compare explore replay follow noise params list; do
    # shellcheck disable=SC2086 # a command or none
    wide=$("$binary" $command --help | awk 'length($0) > 80 { print; exit }')
    [[ -z $wide ]] || { echo "readme: $command --help: over 80 columns: $wide" && exit 1; }
done
echo "readme: $commands commands, all as shown"
