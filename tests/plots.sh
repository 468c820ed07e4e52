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

# texts SVG: a line for each text that lies flat: where it begins and ends, its height, and itself;
# letters are taken as narrower than they are.
texts() {
    awk '
        match($0, /translate\([0-9.,-]+\)" /) {
            split(substr($0, RSTART + 10, RLENGTH - 13), at, ",")
            match($0, /font-size="[0-9.]+/)
            size = substr($0, RSTART + 11, RLENGTH - 11)
            anchor = /"middle"/ ? 0.5 : /"end"/ ? 1 : 0
        }
        /rotate/ { size = 0 }
        size && match($0, /<text>.*<\/text>/) {
            text = substr($0, RSTART + 6, RLENGTH - 13)
            gsub(/&[a-z]+;/, "x", text)
            wide = length(text) * size * 0.45
            printf "%.2f\t%.2f\t%.0f\t%s\n", at[1] - wide * anchor, at[1] + wide * (1 - anchor), \
                at[2], text
        }' "$1"
}

# figure NAME COLOUR FOLDER [OPTION]: drawn in time; both files are there; the data's colour is on
# it.
figure() {
    local name=$3/${1//:/-} png svg out width height colours ink
    png=$name.png svg=$name.svg
    rm -f "$png" "$svg"
    if ! out=$(timeout "$limit" ./plot.sh "${@:4}" "$1" "$3" 2>&1); then
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
    out=$(texts "$svg" | sort -t $'\t' -k 3,3n -k 1,1n | awk -F '\t' '
        $3 == height && $1 < end && $4 != "" { print "\"" text "\" and \"" $4 "\"" }
        $3 != height || $2 > end { end = $2; text = $4 }
        { height = $3 }')
    [[ -z $out ]] || fail "$1: on each other: $out"
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
fresh run --protocol edk2-2017 --set smi.delivery=unicast --set caller.cpu=1 --reps 1 \
    --out "$work/trace" --trace "$work/trace/trace.csv"
fresh run --reps 1 --workload smi-stress --set cpus=24 --out "$work/many"
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
figure timeline F0E442 "$work/trace"
figure blackout 0072B2 "$work/run"
figure blackout 000000 "$work/many"
says blackout "$work/many" CPU "blackout: normal code stopped (log)"
figure services 0072B2 "$work/run"
says services "$work/run" size set delete query
fresh sweep edk2-tags --reps 1 --out "$work/tags"
figure versions E69F00 "$work/tags"
says versions "$work/tags" edk2-2017 edk2-202002 edk2-202408.01 edk2-head unicast broadcast \
    'not all SMIs served'
figure cpus 0072B2 "$work/cpus"
figure percentiles E69F00 "$work/cpus"
figure phases E69F00 "$work/cpus"
figure heatmap D55E00 "$work/timeouts"
says heatmap "$work/timeouts" 'How long does an SMI take when a CPU comes late?'
printf 'sync.timeout1,cpus\n1ms|10ms,2|4\n' >"$work/by-cpus.csv"
fresh sweep "$work/by-cpus.csv" --reps 1 --out "$work/by-cpus"
figure heatmap D55E00 "$work/by-cpus"
says heatmap "$work/by-cpus" 'How does SMI latency change with sync.timeout1 and cpus?'
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
message 2 "plot.sh: $work/timeouts/summary.csv: not of the result that run.csv" heatmap \
    "$work/timeouts"
figure heatmap D55E00 "$work/timeouts" --unchecked
figure curve:cpu.late 0072B2 "$work/timeouts" --unchecked
says curve:cpu.late "$work/timeouts" '(points without such data: 1)'
grep -q 'no data' "$work/timeouts/heatmap.svg" || fail "heatmap: does not say what is missing"

# Forty-eight lines become panels; more panels than can be read are said, and points can be chosen.
cat >"$work/many.csv" <<'EOF'
protocol,smi.delivery,caller.cpu,cpus
edk2-2017|edk2-head,unicast|broadcast|hardware,0|1,2|4|8|16
EOF
fresh sweep "$work/many.csv" --platform xeon-2s-64c128t --set variable.runtime_cache=off \
    --reps 2 --detail --out "$work/sweep"
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
says timeline "$work/trace" '(CPUs 0, 1 take part, no other has a lane)'

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

# The long blackouts are seen, and each stands where it was: among 24 CPUs that stop for 30 us
# every 20 ms, 25 times for 3.2 ms, each with a short one right after it.
mkdir "$work/worst"
blackouts() { # LONG: that many of the 25 are long, the first one at 17.76 s
    awk -v long="$1" 'BEGIN {
        print "point,repetition,cpu,stopped_ns,blackout_ns"
        for (i = 0; i < 1000; i++) {
            at = i == 888 ? 17760000000 : i * 20000000 + 11000
            for (cpu = 0; cpu < 24; cpu++) {
                worst = i == 888 && cpu == 13 || i % 37 == 5 && i < 888 && cpu == i % 24
                took = worst && seen++ < 25 && 25 - seen < long ? 3200000 : 30000
                printf "0,0,%d,%.0f,%d\n", cpu, at, took
                if (worst)
                    printf "0,0,%d,%.0f,%d\n", cpu, at + 4000000, 31000
            }
        }
    }' >"$work/worst/cpus.csv"
}
blackouts 1
figure blackout 000000 "$work/worst" --unchecked
read -r _ _ _ one < <("$work/png_ink" "$work/worst/blackout.png" 000000)
texts "$work/worst/blackout.svg" >"$work/texts"
place=$(awk -F '\t' -v middle=1 '
    FILENAME != "-" && $4 == "0 s" { zero = ($1 + $2) / 2 }
    FILENAME != "-" && $4 == "15 s" { scale = (($1 + $2) / 2 - zero) / 15 }
    FILENAME == "-" { printf "%.2f\n", ($1 - zero) / scale }' "$work/texts" - < <(
    sed -n "s/.*polygon fill = 'rgb(  0,   0,   0)' points = '\([0-9.]*\),.*/\1/p" \
        "$work/worst/blackout.svg"))
[[ $place == *17.76* ]] || fail "blackout: that at 17.76 s stands at $place s"
blackouts 25
figure blackout 000000 "$work/worst" --unchecked
read -r _ _ _ ink < <("$work/png_ink" "$work/worst/blackout.png" 000000)
((ink - one >= 24 * 30)) || fail "blackout: $((ink - one)) pixels of 24 long ones are seen"
says blackout "$work/worst" '3.2 ms' '30.0 us' '1 ms' '100 us'

# Numbers stand on a colour bar that no decade is in.
sed -i 's/,3200000$/,41000/' "$work/worst/cpus.csv"
figure blackout 000000 "$work/worst" --unchecked
says blackout "$work/worst" '30.0 us' '41.0 us'

# Text stays apart where numbers are many, and no two marks of an axis say the same.
cat >"$work/close.csv" <<'END'
workload,handler.smi,cpus
smi-single,100us|110us|120us|121us|150us|151us|200us|1ms|1100us|1234.5us,2|3|4
END
cat >"$work/all.csv" <<'END'
workload,protocol,cpus
smi-single,edk2-head,1:40:+1
END
fresh sweep "$work/close.csv" --reps 1 --out "$work/close"
fresh sweep "$work/all.csv" --reps 1 --out "$work/all"
figure curve:handler.smi 0072B2 "$work/close"
says curve:handler.smi "$work/close" 100us 200us 1.2345ms
[[ $(grep -c '>1 ms<' "$work/close/curve-handler.smi.svg") == 1 ]] || fail "curve: 1 ms twice"
figure cpus 0072B2 "$work/all"
says cpus "$work/all" 1 2 3 4 5 40

# What is drawn is what the title says.
figure services 0072B2 "$work/many"
says services "$work/many" 'How long do plain SMIs take for their caller?'
says services "$work/run" 'How long do the calls of each variable service take?'

mkdir "$work/empty"
message 2 "plot.sh: slowdown: no data for it in $work/empty" slowdown "$work/empty"
message 2 "plot.sh: versions: no data for it in $work/sweep" versions "$work/sweep"
message 2 'plot.sh: "slow" is neither a figure' slow "$work/empty"
message 2 "plot.sh: curve:job.work: no data for it in $work/work" curve:job.work "$work/work"
message 2 "plot.sh: curve:protocol: protocol is not a plain number" curve:protocol "$work/work"
message 2 "plot.sh: curve:handler.smi:none: no data" curve:handler.smi:none "$work/work"
message 0 "left out: slowdown: no data" "$work/empty"
message 0 "usage: plot.sh" --help
message 2 "plot.sh: $work/work: a second folder (would be right: one, and it was $work/run)" \
    percentiles "$work/run" "$work/work"
message 2 "plot.sh: --points 1: a second list" --points 0 --points 1 percentiles "$work/work"
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
