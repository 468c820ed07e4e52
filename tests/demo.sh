#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# demo.sh: the words and the exit status of `smmsim demo` are those of what happened.
# Usage: tests/demo.sh
set -euo pipefail
cd "$(dirname "$0")/.."

binary=${SMMSIM:-./smmsim}
[[ -x $binary ]] || { echo "demo: no $binary (run make first)" && exit 1; }
here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT
bad=0

wrong() {
    echo "demo: $*"
    bad=1
}

# demo STATUS ARGUMENT...: its output goes to $here/out, what it says of a failure to $here/err.
demo() {
    local status=0 expected=$1
    shift
    setting=$*
    "$binary" demo --reps 3 --out "$here/data" "$@" >"$here/out" 2>"$here/err" </dev/null \
        || status=$?
    ((status == expected)) || wrong "$setting: status $status, not $expected"
}

has() { grep -qE -- "$1" "$here/out" || wrong "$setting: no /$1/"; }
has_not() { ! grep -qE -- "$1" "$here/out" || wrong "$setting: /$1/"; }

demo 0
has '^  unicast    CPU 1 .* 3\.00 s '
has 'each of the 30 SMIs$'
has '^  waits 100 ms until timeout 1 has passed; then a directed SMI brings it in\.$'
has_not 'hang|stopped'

demo 1 --set run.limit=50ms # timeout 1 is 100 ms
has '^  unicast    CPU 1 +relaxed +stopped +1 +0 '
has '^  edk2-2017, unicast SMI, CPU 1: stopped by run\.limit=50ms, in 3 of 3 repetitions\.$'
grep -q '^smmsim: unicast, caller\.cpu=1, repetition 0 (seed 1): stopped by run\.limit=50ms: ' \
    "$here/err" || wrong "the limit is not named"
has_not ' 0 s '
has_not 'the calls take 0|times as long'
grep -q '^edk2-2017,unicast,1,,1,0,,$' "$here/data/slowdown.csv" || wrong "a time in slowdown.csv"

demo 1 --set protocol=design-bits
has '^  unicast    CPU 1 +traditional +hang +1 +0 '
has 'unicast SMI, CPU 1: hang, no CPU can go on, in 3 of 3 repetitions\.$'
has_not ' 0 s '
grep -q '^smmsim: unicast, caller\.cpu=1, repetition 0 (seed 1): hang: ' "$here/err" \
    || wrong "the hang is not named"

demo 0 --set os.phase=boot # every call is made on the boot CPU
has '^  unicast    CPU 0 '
has_not 'CPU 1'
demo 0 --set os.phase=boot --set bsp.boot_cpu=2
has '^  broadcast  CPU 2 '
has '^  On CPU 2 the calls take '

demo 0 --set os.efi_cpu=worker # some SMIs are the BSP's own and do not wait
has '^  unicast    many '
has '[0-9] % of the SMIs$'
has '^  wait 100 ms until timeout 1 has passed; then'
has_not 'each of the|CPU 1'

# Its points are those of the sweep of the same name, and their figures are the sweep's.
setting="sweep demo"
"$binary" sweep demo --reps 3 --jobs 1 --out "$here/sweep" >"$here/out" 2>&1 \
    || wrong "no such sweep"
demo 0
: >"$here/sweep.rows"
while IFS=, read -r point protocol delivery caller _; do
    [[ $point != point ]] || continue
    mean=$(awk -F , -v p="$point" '$1 == p && $2 == "command_time" { printf "%.9f", $11 / 1e6 }' \
        "$here/sweep/summary.csv")
    echo "$protocol,$delivery,$caller,$mean" >>"$here/sweep.rows"
done <"$here/sweep/points.csv"
awk -F , 'NR > 1 { printf "%s,%s,%s,%.9f\n", $1, $2, $3, $4 }' "$here/data/slowdown.csv" \
    | cmp -s - "$here/sweep.rows" || wrong "another sweep than that of demo.csv"
[[ $(wc -l <"$here/sweep.rows") == 8 ]] || wrong "not eight points"

((bad == 0)) || exit 1
echo "demo: words and statuses are those of the runs"
