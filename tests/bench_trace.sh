#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# bench_trace.sh: instructions of a run that could be traced and is not, against one that could not.
# Usage: tests/bench_trace.sh   (needs valgrind; part of `make bench`)
set -euo pipefail
cd "$(dirname "$0")/.."

command -v valgrind >/dev/null || { echo 'bench_trace: skipped, valgrind is missing'; exit 0; }
build=${BUILD:-build}
mk() { "${MAKE:-make}" -s "$@" >/dev/null; }
run=(run --workload smi-idle --set cpus=64 --set run.limit=1000h --reps 2)

instructions() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$1" "${run[@]}" 2>&1 >/dev/null |
        sed -n 's/.*Collected : //p'
}

mk all
mk all BUILD="$build/unwatched" CFLAGS=-DSMMSIM_NO_OBSERVER SMMSIM="$build/unwatched/smmsim"
with=$(instructions ./smmsim)
without=$(instructions "$build/unwatched/smmsim")
awk -v a="$with" -v b="$without" 'BEGIN {
    printf "instructions: not traced %d, untraceable %d: ", a, b
    printf "%.4f of it (at most 1.02)\n", a / b
    if (a > 1.02 * b) { print "missed: instructions: more than 1.02 of it"; exit 1 }
}'
