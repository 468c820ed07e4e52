#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# plots.sh: draws every figure of plot.sh from fresh data, and checks pixels, time and messages.
# Usage: tests/plots.sh   (SMMSIM: the binary, ./smmsim if not said)
set -euo pipefail
cd "$(dirname "$0")/.."

smmsim=${SMMSIM:-./smmsim}
limit=10 # seconds for one figure
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

fail() {
    echo "plots.sh: $1"
    failed=1
}

if ! command -v gnuplot >/dev/null; then
    echo "plots.sh: gnuplot is missing (make deps)"
    exit 1
fi
${CC:-cc} -std=gnu17 -O1 -o "$work/png_ink" tests/png_ink.c

# figure NAME COLOUR FOLDER: drawn in time; both files are there; the data's colour is on it.
figure() {
    local png=$3/$1.png svg=$3/$1.svg out width height colours ink
    rm -f "$png" "$svg"
    if ! out=$(timeout "$limit" ./plot.sh "$1" "$3" 2>&1); then
        fail "$1: not drawn in $limit s: $out"
        return
    fi
    [[ $out == "picture: $png" ]] || fail "$1: says \"$out\""
    if ! read -r width height colours ink < <("$work/png_ink" "$png" "$2"); then
        fail "$1: $png cannot be read"
        return
    fi
    echo "$1: $width x $height, $colours colours, $ink pixels of $2"
    ((width >= 1000 && height >= 700)) || fail "$1: too small"
    ((colours >= 20 && ink >= 100)) || fail "$1: the data is not on it"
    if ! grep -q '<svg' "$svg" || ! grep -q '</svg>' "$svg"; then
        fail "$1: $svg is not whole"
    fi
}

# message STATUS TEXT ARGUMENT...: plot.sh ends with this status, and says this text first.
message() {
    local status=$1 text=$2 out got=0
    shift 2
    out=$(./plot.sh "$@" 2>&1) || got=$?
    [[ $got == "$status" && $out == "$text"* ]] || fail "plot.sh $*: status $got, \"$out\""
}

# fresh COMMAND... : a smmsim command that must succeed; its report is of no interest.
fresh() {
    "$smmsim" "$@" >/dev/null || fail "smmsim $* failed"
}

fresh demo --reps 2 --out "$work/demo"
fresh run --reps 40 --workload variable-write --out "$work/run"
fresh run --protocol edk2-2017 --set smi.delivery=unicast --set caller.cpu=1 --reps 1 \
    --trace "$work/run/trace.csv"
cat >"$work/cpus.csv" <<'EOF'
workload,smi.delivery,cpus
smi-single,unicast|broadcast,2:16:*2
EOF
cat >"$work/timeouts.csv" <<'EOF'
platform,workload,sync.timeout1,cpu.late,cpus
xeon-2s-64c128t,smi-single,100us|10ms|1s,0|300us|30ms,4
EOF
fresh sweep "$work/cpus.csv" --reps 2 --out "$work/cpus"
fresh sweep "$work/timeouts.csv" --reps 2 --out "$work/timeouts"

figure slowdown D55E00 "$work/demo"
figure phases 009E73 "$work/demo"
figure percentiles 0072B2 "$work/run"
figure timeline F0E442 "$work/run"
figure blackout 0072B2 "$work/run"
figure services 0072B2 "$work/run"
figure cpus 0072B2 "$work/cpus"
figure percentiles E69F00 "$work/cpus"
figure phases 009E73 "$work/cpus"
figure heatmap D55E00 "$work/timeouts"

# A point without data is said, not drawn.
sed -i '/^4,smi_latency,/d' "$work/timeouts/summary.csv"
figure heatmap D55E00 "$work/timeouts"
grep -q 'no data' "$work/timeouts/heatmap.svg" || fail "heatmap: does not say what is missing"

mkdir "$work/empty"
message 2 "plot.sh: slowdown: no data for it in $work/empty" slowdown "$work/empty"
message 2 'plot.sh: "slow" is neither a figure' slow "$work/empty"
message 0 "left out: slowdown: no data" "$work/empty"
message 0 "usage: ./plot.sh" --help
[[ -z $(ls "$work/empty") ]] || fail "files where there is no data"

((failed == 0))
