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
    local name=$3/${1//:/-} png svg out width height colours ink
    png=$name.png svg=$name.svg
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
    ! grep -q '(the first [0-9]' "$svg" || fail "$1: not all is drawn"
}

# says FIGURE FOLDER TEXT...: each text stands in the picture.
says() {
    local svg=$2/${1//:/-}.svg figure=$1 text
    shift 2
    for text; do
        grep -q ">$text<" "$svg" || fail "$figure: does not say \"$text\""
    done
}

# Figures are smmsim's: what is drawn is read from columns, not computed on the way.
if grep -nE 'smooth|sum *\[' plots/*.gp \
    || grep -nE '(\+=|[-+/]) *\$[0-9]' plot.sh plots/read.sh; then
    fail "arithmetic that belongs into smmsim"
fi

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

# What colours lose in grey print, dashes and marks keep: no two styles have the same.
for word in dt pt 'lc rgb'; do
    twice=$(sed -n "s/^set style line.* $word \([^ ]*\).*/\1/p" plots/style.gp | sort | uniq -d)
    [[ -z $twice ]] || fail "two styles with \"$word $twice\""
done

fresh demo --reps 2 --out "$work/demo"
fresh run --reps 40 --workload variable-write --out "$work/run"
fresh run --reps 1 --workload smi-stress --set cpus=24 --out "$work/many"
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
cat >"$work/modes.csv" <<'EOF'
workload,smi.delivery,sync.mode,os.others,cpus
smi-single|efibootmgr-next|ap-jobs,unicast|broadcast,traditional|relaxed,idle,2|4
EOF
cat >"$work/work.csv" <<'EOF'
protocol,workload,handler.smi
edk2-head|coreboot,smi-single,500ns|10us|1ms
EOF
fresh sweep "$work/cpus.csv" --reps 2 --out "$work/cpus"
fresh sweep "$work/timeouts.csv" --reps 2 --out "$work/timeouts"
fresh sweep "$work/modes.csv" --reps 1 --out "$work/modes"
fresh sweep "$work/work.csv" --reps 1 --out "$work/work"

figure slowdown D55E00 "$work/demo"
figure phases E69F00 "$work/demo"
figure percentiles 0072B2 "$work/run"
figure timeline F0E442 "$work/run"
figure blackout 0072B2 "$work/run"
figure blackout 000000 "$work/many"
says blackout "$work/many" CPU "blackout: normal code stopped (log)"
figure services 0072B2 "$work/run"
says services "$work/run" size set delete query
figure cpus 0072B2 "$work/cpus"
figure percentiles E69F00 "$work/cpus"
figure phases E69F00 "$work/cpus"
figure heatmap D55E00 "$work/timeouts"
figure curve:handler.smi E69F00 "$work/work"
says curve:handler.smi "$work/work" edk2-head coreboot 500ns 10us 1ms
figure percentiles:last_out E69F00 "$work/work"

# Twelve lines: a panel for each workload, and nothing left out.
figure cpus CC79A7 "$work/modes"
says cpus "$work/modes" smi-single efibootmgr-next ap-jobs 'unicast, traditional' \
    'unicast, relaxed' 'broadcast, traditional' 'broadcast, relaxed'
figure phases E69F00 "$work/modes"

# A point without data is said, not drawn.
sed -i '/^4,smi_latency,/d' "$work/timeouts/summary.csv"
figure heatmap D55E00 "$work/timeouts"
figure curve:cpu.late 0072B2 "$work/timeouts"
says curve:cpu.late "$work/timeouts" '(points without such data: 1)'
grep -q 'no data' "$work/timeouts/heatmap.svg" || fail "heatmap: does not say what is missing"

# Forty-eight lines become panels; more panels than can be read are said, and points can be chosen.
cat >"$work/many.csv" <<'EOF'
protocol,smi.delivery,caller.cpu,cpus
edk2-2017|edk2-head,unicast|broadcast|hardware,0|1,2|4|8|16
EOF
fresh sweep "$work/many.csv" --platform xeon-2s-64c128t --reps 2 --detail --out "$work/sweep"
figure percentiles 0072B2 "$work/sweep"
says percentiles "$work/sweep" 'edk2-2017, unicast' 'edk2-head, hardware' 'caller.cpu 1, cpus 16'
figure slowdown D55E00 "$work/sweep"
read -r width _ < <("$work/png_ink" "$work/sweep/slowdown.png" D55E00)
((width <= 2600)) || fail "slowdown: $width pixels wide, too much for its letters"
./plot.sh services "$work/sweep" >/dev/null
says services "$work/sweep" '(the first 12 of 48 panels; others: --points)'
./plot.sh --points 40-42,47 services "$work/sweep" >/dev/null
says services "$work/sweep" '(points 40-42,47 only)' 'caller.cpu 0, cpus 8' \
    'caller.cpu 1, cpus 16'
((($(grep -o '>100 %<' "$work/sweep/services.svg" | wc -l)) == 1)) \
    || fail "services: labels of an axis inside the picture"
./plot.sh blackout "$work/sweep" >/dev/null
grep -q '(point 0: edk2-2017, unicast' "$work/sweep/blackout.svg" \
    || fail "blackout: does not say which point is drawn"
sed 's/<[^>]*>//g' "$work/sweep/blackout.svg" | tr -s '\n\t ' ' ' \
    | grep -q 'first of 2 repetitions' \
    || fail "blackout: does not say that there are more repetitions"
fresh run --reps 1 --set cpus=1 --out "$work/one"
figure blackout 0072B2 "$work/one"
says blackout "$work/one" '(CPU 0, the only one in SMM)'
figure curve:cpus:smis 0072B2 "$work/sweep"
says timeline "$work/run" '(CPUs 0, 1 take part, no other has a lane)'

# A sweep that changes a few settings at a time: each bar says which.
cat >"$work/terms.csv" <<'EOF'
workload,os.others,cpu.cstate_exit,smi.delivery,smi.kick,lock,lock.clear
smi-single,idle,0,broadcast,0,none,0
smi-single,running,50us,broadcast,0,none,0
smi-single,idle,0,broadcast,2us,none,0
smi-single,idle,0,broadcast,2us,fair,500ns
EOF
fresh sweep "$work/terms.csv" --reps 1 --out "$work/terms"
figure phases E69F00 "$work/terms"
says phases "$work/terms" 'lock fair' 'lock.clear 500ns' 'others running' 'cstate_exit 50us'

mkdir "$work/empty"
message 2 "plot.sh: slowdown: no data for it in $work/empty" slowdown "$work/empty"
message 2 'plot.sh: "slow" is neither a figure' slow "$work/empty"
message 2 "plot.sh: curve:job.work: no data for it in $work/work" curve:job.work "$work/work"
message 2 "plot.sh: curve:protocol: protocol is not a plain number" curve:protocol "$work/work"
message 2 "plot.sh: curve:handler.smi:none: no data" curve:handler.smi:none "$work/work"
message 0 "left out: slowdown: no data" "$work/empty"
message 0 "usage: ./plot.sh" --help
message 2 "plot.sh: --points: $work/run has one point only" --points 1 percentiles "$work/run"
message 2 "plot.sh: --points: $work/sweep/points.csv has no point 48" --points 48 "$work/sweep"
message 2 'plot.sh: --points "x": numbers' --points x "$work/sweep"

# What cannot be written is an error, for root, too: a folder is where the picture should be.
rm -f "$work/demo/slowdown.png"
mkdir "$work/demo/slowdown.png"
message 3 "plot.sh: $work/demo/slowdown.png: cannot be written" slowdown "$work/demo"
chmod a-w "$work/work"
if [[ ! -w $work/work ]]; then
    message 3 "plot.sh: $work/work/percentiles.png: cannot be written" percentiles "$work/work"
fi
chmod u+w "$work/work"
[[ -z $(ls "$work/empty") ]] || fail "files where there is no data"

((failed == 0))
