#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# spin.sh: the rendezvous in Promela has as many states as the explorer finds, and no violation.
# Usage: tests/spin.sh [SMMSIM [CPUS...]]   (says so and ends well where spin is not installed)
set -euo pipefail
cd "$(dirname "$0")/.."

smmsim=${1:-./smmsim}
sizes=("${@:2}")
((${#sizes[@]} > 0)) || sizes=(2 3)
command -v spin >/dev/null || {
    echo "spin.sh: spin is not installed: skipped"
    exit 0
}
model=$PWD/tests/rendezvous.pml
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

for cpus in "${sizes[@]}"; do
    ours=$("$smmsim" explore --cpus "$cpus" --no-timeouts --no-reduction \
        | awk '/^states/ { sub(",", "", $2); print $2 }')
    # -o3: no merging of statements, so that each access is a step
    theirs=$(cd "$folder" && spin -o3 -DN="$cpus" -a "$model" >/dev/null \
        && ${CC:-cc} -O0 -w -DSAFETY -DNOREDUCE -o pan pan.c && ./pan -m100000)
    grep -q 'errors: 0' <<<"$theirs" || {
        echo "spin.sh: $cpus CPUs: spin finds a violation"
        exit 1
    }
    theirs=$(awk '/states, stored/ { print $1 }' <<<"$theirs")
    echo "$cpus CPUs: $ours states, in spin $theirs"
    [[ $ours == "$theirs" ]] || exit 1
done
