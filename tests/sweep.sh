#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# sweep.sh: sweeps give the same bytes on any threads and ranks, and after whatever stopped them.
# Usage: tests/sweep.sh [BINARY]   (what `make` builds if nothing is said)
set -euo pipefail
cd "$(dirname "$0")/.."

mk() { "${MAKE:-make}" -s "$@"; }

if (($# > 0)); then
    binary=$1
else
    mk binary
    binary=$(mk where)/smmsim
fi
[[ $binary == /* ]] || binary=$PWD/$binary
mk fault-binary
fault=$(mk where)/tests/fault
here=$(mktemp -d)
# shellcheck disable=SC2064 # the name as it is now
trap "rm -rf '$here'" EXIT
bad=0
wrong() { echo "sweep: $*" && bad=1; }

cat >"$here/some.csv" <<'END'
# some: enough to be stopped in, and one point that does not end
protocol,smi.delivery,caller.cpu,cpus,sync.timeout1,run.limit
edk2-2017|edk2-head,unicast|broadcast,0|1,2|4,10ms:100ms:+10ms,
edk2-2017,unicast,1,4,100ms,1ms
END
args=(sweep "$here/some.csv" --reps 6 --seed 5 --detail)

# sweep FOLDER OPTION...: status in $status, both outputs in FOLDER.log
sweep() {
    local out=$1
    shift
    status=0
    "$binary" "${args[@]}" --out "$here/$out" "$@" >"$here/$out.log" 2>&1 </dev/null || status=$?
}
same() { diff -rq "$here/one" "$here/$1" || wrong "$2: other bytes"; }
expect() { # expect STATUS WORDS LOG WHAT; wherever a line is broken
    ((status == $1)) || wrong "$4: status $status instead of $1: $(tail -n 1 "$here/$3.log")"
    tr -s ' \n' ' ' <"$here/$3.log" | grep -qF -- "$2" || wrong "$4: does not say: $2"
}

threads() {
    local jobs
    sweep one --jobs 1
    expect 0 "966 runs: 960 ok, 6 stopped" one "one thread"
    for jobs in 2 3 8; do
        sweep jobs --jobs "$jobs"
        same jobs "$jobs threads"
        rm -rf "$here/jobs"
    done
}

# Each start is killed at a random moment, goes on where the last one was, and must come to the end.
kills() {
    local killed=0 done_once=0
    rm -rf "$here/kill"
    while ((killed < 20 || !done_once)); do
        status=0
        timeout --foreground -s KILL "0.$(printf %03d $((RANDOM % 200 + 5)))" \
            "$binary" "${args[@]}" --jobs 2 \
            --out "$here/kill" --resume >"$here/kill.log" 2>&1 </dev/null || status=$?
        case $status in
        137) killed=$((killed + 1)) ;;
        0)
            same kill "after kill -9"
            rm -rf "$here/kill"
            done_once=1
            ;;
        *) wrong "kill -9: status $status: $(tail -n 1 "$here/kill.log")" && return ;;
        esac
        ((killed < 60)) || break
    done 2>/dev/null
    sweep kill --resume
    same kill "after $killed times kill -9"
    expect 0 "" kill "the last one"
    sweep kill --resume
    expect 0 "complete already" kill "resumed when nothing is left"
}

interrupt() {
    status=0
    timeout --foreground --preserve-status -s INT 2 "$binary" "${args[@]}" --reps 20000 \
        --out "$here/int" \
        >"$here/int.log" 2>&1 </dev/null || status=$?
    expect 130 "go on with: $binary sweep" int "interrupted"
    sweep int
    expect 2 "unfinished sweep is there (add --resume to go on with it, or --force to begin anew)" \
        int "without --resume"
    sweep int --resume --seed 6
    expect 2 'of another sweep: "seed: 5" there, "seed: 6" now' int "another seed"
    sweep int --resume
    same int "interrupted, and fewer repetitions then"
}

# A limit on the size of files is an error of write as a full disk is, for who is not root, too.
full_disk() {
    local blocks
    for blocks in 40 700; do # kB: in the journal; in the files that are made of it
        rm -rf "$here/full"
        status=0
        (
            ulimit -f "$blocks"
            exec "$binary" "${args[@]}" --out "$here/full"
        ) >"$here/full.log" 2>&1 </dev/null || status=$?
        expect 3 "File too large" full "full at $blocks kB"
        expect 3 "--resume" full "full at $blocks kB"
        [[ ! -e $here/full/reps.csv ]] || wrong "full at $blocks kB: half a result is there"
        sweep full --resume
        same full "after a full disk at $blocks kB"
    done
    unshare -rm true 2>/dev/null || return 0
    mkdir "$here/disk"
    # shellcheck disable=SC2016 # for the shell inside
    unshare -rm bash -c 'set -e; disk=$1; shift; mount -t tmpfs -o size=120k none "$disk"
        "$@" --out "$disk/full" >"$disk.log" 2>&1 && exit 1
        grep -q "No space left on device" "$disk.log"
        mount -o remount,size=200m "$disk"; "$@" --out "$disk/full" --resume >/dev/null 2>&1
        diff -rq "$disk/full" "$disk/../one"' _ "$here/disk" "$binary" "${args[@]}" </dev/null \
        || wrong "a full disk: $(tail -n 1 "$here/disk.log")"
}

# malformed TEXT WORDS: exit 2 with these words, and nothing is made.
malformed() {
    printf '%b' "$1" >"$here/bad.csv"
    status=0
    "$binary" sweep "$here/bad.csv" --out "$here/none" >"$here/bad.log" 2>&1 </dev/null \
        || status=$?
    sed -i "s|$here/||g" "$here/bad.log"
    expect 2 "smmsim: $2" bad "malformed"
    [[ ! -e $here/none ]] || wrong "malformed: a folder was made"
}

all_malformed() {
    malformed '' 'bad.csv:1:1: the file is empty'
    malformed 'cpus\n2' 'bad.csv:2:1: the last line has no line end'
    malformed 'cpu\n2\n' 'bad.csv:1:1: unknown parameter "cpu" (did you mean "cpus"?'
    malformed 'cpus\n2|x\n' 'bad.csv:2:1: cpus: '
    malformed 'cpus\n2:8:2\n' 'bad.csv:2:1: cpus: "2:8:2": no range (FROM:TO:*FACTOR or FROM:TO'
    malformed 'cpus,caller.cpu\n4|2,3\n' 'bad.csv:2'
    malformed 'protocol,sync.timeout2\nedk2-2017,2s\n' 'bad.csv:2:2: sync.timeout2 cannot be set'
    malformed 'workload\nefibootmgr-lst\n' 'bad.csv:2:1: unknown workload "efibootmgr-lst" (did'
    malformed 'platform\nnone.csv\n' 'bad.csv:2:1: none.csv: No such file or directory'
    malformed 'protocol\nedk2\n' 'bad.csv:2:1: unknown protocol "edk2"'
}

# The rows of a point are those of `run` with the same settings.
like_run() {
    "$binary" run --set protocol=edk2-head --set smi.delivery=broadcast --set caller.cpu=1 \
        --set cpus=4 --set sync.timeout1=10ms --reps 6 --seed 5 --out "$here/run" >/dev/null
    local point file
    point=$(awk -F , '$2 == "edk2-head" && $3 == "broadcast" && $4 == 1 && $5 == 4 \
        && $6 == "10ms" { print $1 }' "$here/one/points.csv")
    for file in reps summary hist ops smis cpus; do
        awk -v FS=, -v p="$point" '$1 == p' "$here/one/$file.csv" | cut -d, -f2- >"$here/a"
        tail -n +2 "$here/run/$file.csv" | cut -d, -f2- >"$here/b"
        [[ -s $here/a ]] && cmp -s "$here/a" "$here/b" || wrong "$file.csv: not what run writes"
    done
    grep -q '^160,.*,stopped,6,smmsim run --set protocol=.*--seed 5 --reps 1$' \
        "$here/one/points.csv" || wrong "the point that does not end has no such row"
}

# The percentiles of a point are those of `run`, too.
percentiles() {
    printf 'cpus\n2\n' >"$here/point.csv"
    "$binary" sweep "$here/point.csv" --reps 3 --hgrm --out "$here/point" >/dev/null
    "$binary" run --set cpus=2 --reps 3 --hgrm --out "$here/run2" >"$here/run2.log"
    status=0
    expect 0 "csv, hgrm/*.hgrm" run2 "run --hgrm"
    diff -r "$here/point/hgrm" "$here/run2/hgrm" || wrong "run --hgrm: other bytes than sweep"
    [[ -s $here/run2/hgrm/0-smi_latency.hgrm ]] || wrong "run --hgrm: no percentiles"
}

# A program whose invariants break in some runs (tests/fault.c): a row for each, the others go on.
faults() {
    local jobs last why="tests/fault.c:15: broken invariant: "
    printf 'protocol,caller.cpu,cpus\nedk2-2017,0|1,2|3|4|5\n' >"$here/sick.csv"
    local sick=(sweep "$here/sick.csv" --reps 4 --detail)
    for jobs in 1 3; do
        status=0
        "$fault" "${sick[@]}" --jobs "$jobs" --out "$here/sick$jobs" >"$here/sick$jobs.log" 2>&1 \
            || status=$?
        expect 0 "32 runs: 22 ok, 10 broken" "sick$jobs" "broken invariants"
        expect 0 "smmsim: point " "sick$jobs" "broken invariants"
        (($(grep -c '^smmsim: ' "$here/sick$jobs.log") == 1)) || wrong "a fault is told twice"
    done
    diff -rq "$here/sick1" "$here/sick3" || wrong "broken invariants: other bytes on 3 threads"
    last="$here/sick1/points.csv"
    (($(grep -c ',4,broken,4,smmsim run .* --reps 1$' "$last") == 2)) || wrong "broken: $last"
    (($(grep -c ',4,broken,1,smmsim run .* --reps 3$' "$last") == 2)) || wrong "broken: $last"
    (($(grep -c ',4,ok,0,$' "$last") == 4)) || wrong "the others did not go on: $last"
    # The broken one of four repetitions is in no mean.
    awk -F, '$1 == 2 && $2 == "smis" && $3 == 3 && $13 == 30 { n++ } END { exit n != 1 }' \
        "$here/sick1/summary.csv" \
        || wrong "a broken run is in the means"
    # What is well is as it always is, in a machine that was made again, too.
    "$binary" "${sick[@]}" --out "$here/well" >/dev/null
    cmp -s <(awk -F, '$1 == 0 || $1 == 2 && $2 == 3' "$here/well/reps.csv") \
        <(awk -F, '$1 == 0 || $1 == 2 && $2 == 3' "$here/sick1/reps.csv") \
        || wrong "a broken run changed another one"
    # The command of the row breaks it again: in one line, with itself, and the others are kept.
    status=0
    last=$(sed -n 's/^2,.*,smmsim run /run /p' "$last")
    # shellcheck disable=SC2086 # words
    "$fault" $last --out "$here/loud" >"$here/loud.txt" 2>"$here/loud.log" || status=$?
    expect 1 "smmsim: repetition 2 (seed 1): $why" loud "the command of a row"
    expect 1 "(again: smmsim $last)" loud "the command of a row"
    (($(wc -l <"$here/loud.log") == 1)) || wrong "a broken invariant takes more than a line"
    grep -q 'broken: 1 of 3 repetitions' "$here/loud.txt" || wrong "others are not kept"
    "$binary" run --set protocol=edk2-2017 --set cpus=4 --reps 2 --out "$here/kept" >/dev/null
    for last in reps smis; do
        cmp -s "$here/kept/$last.csv" "$here/loud/$last.csv" || wrong "run: $last.csv of the others"
    done
    # So do the other commands that run machines.
    for last in demo noise; do
        status=0
        "$fault" "$last" --set cpus=3 >/dev/null 2>"$here/$last.log" || status=$?
        expect 1 "$why" "$last" "a broken invariant in $last"
        expect 1 "(again: smmsim run " "$last" "a broken invariant in $last"
    done
    # Stopped and gone on with.
    "$fault" "${sick[@]}" --reps 400 --out "$here/sick" >/dev/null 2>&1
    timeout --foreground -s KILL 0.15 "$fault" "${sick[@]}" --reps 400 --out "$here/stop" \
        >/dev/null 2>&1 && wrong "broken invariants: not killed"
    "$fault" "${sick[@]}" --reps 400 --out "$here/stop" --resume >/dev/null 2>&1 \
        || wrong "broken invariants: --resume fails"
    diff -rq "$here/sick" "$here/stop" || wrong "broken invariants: other bytes after kill -9"
}

# A reader of standard output who leaves: the files are there, and nobody says a word.
closed_pipe() {
    local form codes
    for form in text csv; do
        rm -rf "$here/pipe"
        set +o pipefail
        "$binary" "${args[@]}" --out "$here/pipe" --format $form 2>"$here/pipe.log" </dev/null \
            | head -n 1 >/dev/null
        codes=${PIPESTATUS[0]}
        set -o pipefail
        [[ $codes == 0 && ! -s $here/pipe.log ]] || wrong "closed pipe, $form: status $codes"
        same pipe "closed pipe, $form"
    done
    for form in text csv; do
        set +o pipefail
        "$binary" run --set cpus=2 --reps 400 --format $form --trace-smis 500 --trace - \
            --out "$here/piped" 2>"$here/pipe.log" | head -n 1 >/dev/null
        codes=${PIPESTATUS[0]}
        set -o pipefail
        [[ $form == csv ]] && break # --trace - and csv do not go together
        [[ $codes == 0 && -s $here/piped/smis.csv && ! -s $here/pipe.log ]] \
            || wrong "closed pipe of run: status $codes"
    done
    status=0
    "$binary" "${args[@]}" --out "$here/dev" >/dev/full 2>"$here/dev.log" </dev/null || status=$?
    expect 3 "standard output: cannot be written" dev "a report on a full disk"
    (($(wc -l <"$here/dev.log") == 1)) || wrong "a report on a full disk: more than one line"
    same dev "a report on a full disk"
}

# goal WORDS LOG: the row of the last point, and what the report says
goals() {
    printf 'cpus\n2|4\n' >"$here/goal.csv"
    local sweep=("$binary" sweep "$here/goal.csv" --out "$here/goal")
    status=0
    "${sweep[@]}" --until 'p99 ci<5%' >"$here/goal.log" 2>&1 || status=$?
    expect 0 "p99 ci<5%: reached; judged: 95 % interval of smi_latency.p99 of all" goal "a goal"
    [[ $(cut -d, -f 1 "$here/goal/points.csv" | wc -l) == 3 ]] || wrong "a goal: rows"
    # The interval holds the quantile of all repetitions, which summary.csv has, too: of 1000 SMIs
    # or more, so that it is one.
    awk -F, 'FNR == 1 { for (i = 1; i <= NF; i++) at[NR == FNR, $i] = i; next }
        NR == FNR { p99[$1] = $(at[1, "goal_p99_ns"]); low[$1] = $(at[1, "goal_low_ns"])
            high[$1] = $(at[1, "goal_high_ns"]); reached += $(at[1, "goal"]) == "reached"; next }
        $2 == "smi_latency" {
            good += $(at[0, "p99_ns"]) == p99[$1] && $(at[0, "count"]) >= 1000 \
                && low[$1] <= p99[$1] && p99[$1] <= high[$1] \
                && high[$1] - low[$1] <= 0.1 * p99[$1] \
                && $(at[0, "p99_low_ns"]) == low[$1] && $(at[0, "p99_high_ns"]) == high[$1] }
        END { exit !(reached == 2 && good == 2) }' "$here"/goal/{points,summary}.csv \
        || wrong "a goal: $(tail -n 1 "$here/goal/points.csv")"
    "${sweep[@]}" --until 'p99.9 ci<5%' --reps 9 >"$here/goal.log" 2>&1 || status=$?
    expect 0 "(blank at some: fewer than 10 of 270 values lie beyond it; needs 10000); judged" \
        goal "a quantile that the sample does not hold"
    (($(grep -c ',9,ok,0,not reached,,,,$' "$here/goal/points.csv") == 2)) \
        || wrong "a quantile that the sample does not hold"
    "${sweep[@]}" --until 'mean ci<0.1%' --reps 9 >"$here/goal.log" 2>&1 || status=$?
    expect 0 "mean ci<0.1%: not reached at 2 of 2 points; judged" goal "a goal that is too far"
    grep -q ',9,ok,0,not reached,' "$here/goal/points.csv" || wrong "a goal that is too far"
    "${sweep[@]}" --until 'max ci<5%' >"$here/goal.log" 2>&1 || status=$?
    expect 2 "--until: max has no interval" goal "a goal of a maximum"
    status=0
    "${sweep[@]}" --until 'call_set mean ci<2%' >"$here/goal.log" 2>&1 || status=$?
    expect 0 "not reached at 2 of 2 points (no repetition has such a value" goal "a goal of nothing"
    (($(grep -c ',8,ok,0,not reached,,,,$' "$here/goal/points.csv") == 2)) \
        || wrong "a goal of nothing"
}

dry_run() {
    status=0
    "$binary" "${args[@]}" --dry-run --format csv >"$here/dry.csv" 2>"$here/dry.log" || status=$?
    ((status == 0)) && [[ ! -s $here/dry.log ]] || wrong "--dry-run --format csv: status $status"
    cmp -s <(cut -d, -f 1-5 "$here/one/points.csv") <(cut -d, -f 1-5 "$here/dry.csv") \
        || wrong "--dry-run --format csv: not the points that are run"
    "$binary" "${args[@]}" --dry-run >"$here/dry.log" 2>&1 </dev/null || status=$?
    expect 0 "161 points, 966 runs, all settings are right" dry "--dry-run"
    [[ ! -e $here/none ]] || wrong "--dry-run makes a folder"
}

# Points match by what they are, not by their numbers.
matches() {
    printf 'smi.delivery,cpus\nbroadcast|unicast,2|4|8\n' >"$here/left.csv"
    printf 'cpus,smi.delivery,sync.timeout1\n8|2,unicast|broadcast,200ms\n' >"$here/right.csv"
    printf 'cpus\n2|4\n' >"$here/few.csv"
    printf 'caller.cpu\n0|1\n' >"$here/other.csv"
    local name
    for name in left right few other; do
        "$binary" sweep "$here/$name.csv" --reps 2 --out "$here/$name" >/dev/null
    done
    status=0
    (cd "$here" && "$binary" compare left right >cmp.log 2>&1) || status=$?
    expect 0 "points paired by smi.delivery, cpus" cmp "two sweeps"
    expect 0 "without a match: 2 of 6 points of A, 0 of 4 of B" cmp "two sweeps"
    [[ $(grep -oE '^  [0-9]+ and [0-9]+' "$here/cmp.log" | tr -d '\n') == \
        "  0 and 3  2 and 1  3 and 2  5 and 0" ]] || wrong "two sweeps: $(cat "$here/cmp.log")"
    (($(grep -c 'the same in every repetition' "$here/cmp.log") == 4)) \
        || wrong "not the same points"
    (cd "$here" && "$binary" compare left few >cmp.log 2>&1) || status=$?
    expect 2 "left: points 0 and 3 differ in no parameter that is a column" cmp "an open question"
    (cd "$here" && "$binary" compare few other >cmp.log 2>&1) || status=$?
    expect 2 "few and other: no parameter is a column in the files of both" cmp "nothing in common"
}

# Of 600 SMIs a side there is a p90, and no p99; of 20 repetitions a paired mean of maxima lies
# elsewhere than the p99.9 of all.
quantiles() {
    local p name
    for name in q2 q4; do
        "$binary" run --set "cpus=${name#q}" --out "$here/$name" >"$here/$name.log"
    done
    "$binary" compare "$here/q2" "$here/q4" --metric p90 >"$here/cmp.log" 2>&1
    expect 0 "smi_latency.p90 of all repetitions together" cmp "p90"
    for name in q2 q4; do
        p=$(awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
            $2 == "smi_latency" { printf "%.2f us", $(at["p90_ns"]) / 1000 }' \
            "$here/$name/summary.csv")
        grep -q "^  smi_latency.p90 .*$p" "$here/cmp.log" || wrong "p90 of $name: not $p"
    done
    grep -qE 'us +[0-9.]+ us to [0-9.]+ us +B takes more: ' "$here/cmp.log" || wrong "p90 of both"
    "$binary" compare "$here/q2" "$here/q4" --metric p99 >"$here/cmp.log" 2>&1
    expect 0 "blank: fewer than 10 of 600 values of A lie beyond it; needs 1000" cmp "p99"
    "$binary" compare "$here/q2" "$here/q4" --metric max >"$here/cmp.log" 2>&1
    expect 0 "no interval: of 600 and 600 values, on which it depends" cmp "the maximum"
    grep -qE '^  smi_latency +600( +[0-9.]+ us){3} +- +- ' "$here/q2.log" || wrong "p99 in a report"
    grep -q '^  -: blank, fewer than 10 values lie beyond it: p90 needs 100, p99 1000, ' \
        "$here/q2.log" || wrong "no reason in a report"
    grep -qE '^  smi_latency( +[0-9.]+ us to [0-9.]+ us){2}$' "$here/q2.log" \
        || wrong "no intervals in a report"
    (($(grep -cE '^0,[0-9]+,smi_latency,30,[0-9.]+,[0-9.]+,,,,[0-9.]+,[0-9.]+$' \
        "$here/q2/reps.csv") == 20)) || wrong "reps.csv: quantiles of 30 values"
}

comparison() {
    status=0
    "$binary" compare "$here/one:1" "$here/one:1" >"$here/cmp.log" 2>&1 || status=$?
    expect 0 "the same in every repetition" cmp "a point and itself"
    "$binary" compare "$here/one:0" "$here/one:20" --metric smi_latency >"$here/cmp.log" 2>&1
    expect 0 "6 repetitions in common" cmp "two points"
    quantiles
    "$binary" compare "$here/one" "$here/run" >"$here/cmp.log" 2>&1 || status=$?
    expect 2 "has several points (say which one:" cmp "a sweep and a run"
    status=0
    "$binary" compare "$here/one:0" "$here/one:1" --metric call_set >"$here/cmp.log" 2>&1
    expect 0 "none: of the repetitions in common 0 of A and 0 of B have call_set.mean" cmp \
        "a metric that nobody has"
    "$binary" compare "$here/one:0" "$here/one:1" --metric phase.handler >"$here/cmp.log" 2>&1
    expect 0 "phase.handler " cmp "a phase"
    "$binary" run --set cpus=2 --reps 1 --out "$here/single" >/dev/null
    "$binary" compare "$here/single" "$here/single" --metric smis >"$here/cmp.log" 2>&1
    expect 0 "one repetition: nothing can be said" cmp "one repetition"
}

python_reads() {
    command -v python3 >/dev/null || { echo "sweep: no python3: no round trip" && return; }
    python3 - "$here"/one/*.csv <<'END' || wrong "Python's csv writes other bytes"
import csv, io, sys
for path in sys.argv[1:]:
    text = open(path, newline='').read()
    rows = list(csv.reader(io.StringIO(text)))
    again = io.StringIO()
    csv.writer(again, lineterminator='\n').writerows(rows)
    assert again.getvalue() == text, path
    assert len(set(map(len, rows))) == 1, path
END
}

ranks() {
    if ! command -v mpirun >/dev/null || ! command -v mpicc >/dev/null; then
        echo "sweep: no MPI: ranks left out" && return
    fi
    mk MPI=1 binary || { wrong "make MPI=1 fails" && return; }
    local mpi ranks pids
    mpi=$(mk MPI=1 where)/smmsim
    export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
    # Open MPI 4, and 5
    export OMPI_MCA_rmaps_base_oversubscribe=1
    export PRTE_MCA_rmaps_default_mapping_policy=:oversubscribe
    for ranks in 1 2 4; do
        timeout 60 mpirun -n "$ranks" "$mpi" "${args[@]}" --jobs 1 --out "$here/mpi" \
            >"$here/mpi.log" 2>&1 </dev/null || wrong "$ranks ranks: $(tail -n 1 "$here/mpi.log")"
        same mpi "$ranks ranks"
        rm -rf "$here/mpi"
    done
    timeout 60 mpirun -n 2 "$mpi" "${args[@]}" --reps 20000 --jobs 1 --out "$here/mpi" \
        >"$here/mpi.log" 2>&1 </dev/null &
    local mpirun=$!
    for _ in {1..200}; do
        [[ -s $here/mpi/journal/0000-0001 ]] && break
        sleep 0.05
    done
    kill -INT "$(pgrep -f "^$mpi .*--out $here/mpi" | head -n 1)"
    status=0
    wait "$mpirun" || status=$?
    expect 130 "go on with: mpirun -n 2 $mpi sweep " mpi "a rank is interrupted"
    rm -rf "$here/mpi"
    mk MPI=1 fault-binary
    timeout 60 mpirun -n 2 "$(mk MPI=1 where)/tests/fault" sweep "$here/sick.csv" --reps 4 \
        --detail --jobs 1 --out "$here/mpi" >"$here/mpi.log" 2>&1 </dev/null \
        || wrong "broken invariants on 2 ranks: $(tail -n 1 "$here/mpi.log")"
    diff -rq "$here/sick1" "$here/mpi" || wrong "broken invariants: other bytes on 2 ranks"
    rm -rf "$here/mpi"
    cp "$mpi" "$here/one-rank-dies"
    timeout 60 mpirun -n 3 "$here/one-rank-dies" "${args[@]}" --reps 2000 --jobs 1 \
        --out "$here/mpi" >"$here/mpi.log" 2>&1 </dev/null &
    local starter=$!
    for _ in {1..100}; do
        [[ -s $here/mpi/journal/0000-0002 ]] && break
        sleep 0.05
    done
    mapfile -t pids < <(pgrep -f "^$here/one-rank-dies") # ours: the name has our folder in it
    ((${#pids[@]} == 3)) || wrong "a rank dies: ${#pids[@]} ranks found"
    kill -9 "${pids[1]}" 2>/dev/null || true
    wait "$starter" 2>/dev/null && wrong "a rank dies: status 0"
    sweep mpi --resume
    same mpi "a rank was killed"
}

threads
like_run
percentiles
faults
comparison
closed_pipe
goals
dry_run
matches
python_reads
all_malformed
interrupt
full_disk
kills
ranks
((bad == 0)) || exit 1
echo "sweep: same bytes on all threads and ranks and after every stop"
