#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# run.sh: runs unit tests and script checks, shows what failed, ends with `N passed, N failed`.
# Usage: tests/run.sh [unit|sanitize|test]   (test if nothing is said: everything)
set -euo pipefail
cd "$(dirname "$0")/.."

build=${BUILD:-build}
logs=$build/log
totals=$build/totals
processors=$(nproc 2>/dev/null || echo 2)
limit=120 # seconds for one test binary
passed=0
failed=0
# The first error ends a test, with a stack.
export ASAN_OPTIONS=${ASAN_OPTIONS-detect_stack_use_after_return=1}
export UBSAN_OPTIONS=${UBSAN_OPTIONS-print_stacktrace=1}

mk() { "${MAKE:-make}" -s "$@"; }

milliseconds() { echo $((${EPOCHREALTIME/[.,]/} / 1000)); }

# ---- jobs ---------------------------------------------------------------------------------------

# Jobs run side by side, one for each processor, and are reported in the order of these lists.
names=()
needs=()    # which of them must have ended before, if any
commands=() # for eval
states=()   # waiting, running, ended
pids=()
declare -A number=([-]="")

# What takes longest starts first, so that nothing long is alone at the end.
first=("build" "build unit" "build sanitize" "warnings of the other compiler" "determinism" "sweep"
    "plots" "hostile names" "sanitize follow" "sanitize explore" "sanitize machine_all"
    "sanitize explore_naive" "unit explore" "unit follow" "interrupted search")

# job NAME NEEDS COMMAND...: NEEDS is the name of a job above, or -
job() {
    number[$1]=${#names[@]}
    names+=("$1")
    needs+=("${number[$2]}")
    states+=(waiting)
    pids+=(0)
    shift 2
    commands+=("$(printf '%q ' "$@")")
}

# units LABEL VARIABLE=VALUE...: a build with these settings of make, and every unit test of it.
units() {
    local label=$1 folder test
    shift
    job "build $label" "$previous" mk -k "$@" unit-binaries
    previous="build $label" # one build after the other: each uses all processors
    folder=$(mk "$@" where)/tests
    for test in tests/*/test_*.c; do
        test=${test#tests/} && test=${test%.c}
        job "$label ${test/\/test_/ }" "build $label" unit_test "$folder/$test"
    done
}
previous=-

unit_test() {
    local status=0
    [[ -x $1 ]] || { echo "not built" && return 127; }
    # In the foreground is in our group: stopped with us.
    CMOCKA_MESSAGE_OUTPUT=TAP timeout --foreground "$limit" "$1" || status=$?
    ((status != 124)) || echo "stopped after $limit s"
    return "$status"
}

# work K: runs a job; what it says goes to one file, its exit status and time to another at the end.
work() {
    local log=$logs/${names[$1]// /-} start status=0
    start=$(milliseconds)
    eval "${commands[$1]}" >"$log.log" 2>&1 </dev/null || status=$?
    echo "$status $(($(milliseconds) - start))" >"$log.new"
    mv "$log.new" "$log.status"
}

# report K: one line, and the whole log if something failed.
report() {
    local log=$logs/${names[$1]// /-} status=unknown time=0 good bad verdict
    [[ ! -e $log.status ]] || read -r status time <"$log.status"
    [[ -e $log.log ]] || echo "was not run" >"$log.log"
    if [[ ${commands[$1]} == unit_test* ]]; then
        good=$(grep -c '^ok ' "$log.log" || true)
        bad=$(awk -F '\\.\\.' '/^1\.\.[0-9]+$/ { n += $2 } /^not ok .*# SKIP/ { n-- }
            END { print n + 0 }' "$log.log")
        # A test that dies takes those after it along; one that fails outside of a test counts, too.
        bad=$((bad - good))
        [[ $bad -gt 0 || ($status == 0 && $good -gt 0) ]] || bad=1
    elif [[ $status == 0 ]]; then
        good=1 bad=0
    else
        good=0 bad=1
    fi
    verdict="$good passed"
    ((bad == 0)) || verdict+=", $bad FAILED"
    printf "  %-34s %-24s %4d.%02d s\n" "${names[$1]}" "$verdict" \
        $((time / 1000)) $((time % 1000 / 10))
    if ((bad > 0)); then
        [[ $status == 0 ]] || echo "exit status $status" >>"$log.log"
        sed 's/^/    | /' "$log.log"
    fi
    passed=$((passed + good))
    failed=$((failed + bad))
}

# ready K: it waits, and what it needs has ended.
ready() {
    [[ ${states[$1]} == waiting ]] || return 1
    [[ -z ${needs[$1]} || ${states[needs[$1]]} == ended ]]
}

stop_all() {
    local k
    for k in "${!names[@]}"; do
        [[ ${states[k]} != running ]] || kill -- "-${pids[k]}" 2>/dev/null || true
    done
}

run_all() {
    local order=() name k running=0 reported=0
    for name in "${first[@]}"; do
        order+=(${number[$name]+"${number[$name]}"})
    done
    order+=("${!names[@]}")
    rm -f "$logs"/*
    trap stop_all EXIT
    trap 'exit 130' INT TERM
    set -m # a process group for each job, which Ctrl-C here does not make deaf to its own signals
    while :; do
        for k in "${order[@]}"; do
            ((running < processors)) || break
            ready "$k" || continue
            work "$k" 2>/dev/null &
            pids[k]=$!
            states[k]=running
            running=$((running + 1))
        done
        ((running > 0)) || break
        wait -n 2>/dev/null || true
        for k in "${order[@]}"; do
            [[ ${states[k]} == running ]] || continue
            if [[ -e $logs/${names[k]// /-}.status ]] || ! kill -0 "${pids[k]}" 2>/dev/null; then
                states[k]=ended
                running=$((running - 1))
            fi
        done
        while ((reported < ${#names[@]})) && [[ ${states[reported]} == ended ]]; do
            report "$reported"
            reported=$((reported + 1))
        done
    done
    set +m
}

# ---- what there is ------------------------------------------------------------------------------

everything() {
    job "build" - mk all bench-binaries regress-binary fault-binary growth-binary
    previous=build
    units unit
    job "tidy self-test" - tests/tidy --self-test
    job "tidy" - tests/tidy
    job "clang-format" - mk check-format
    job "warnings of the other compiler" build mk check-warnings
    job "changes name one line each" - tests/mutation/run --check
    job "changes are caught" "build unit" tests/mutation/run --sample
    job "regress" "build unit" tests/regress.sh
    job "growth with the CPUs" build "$(mk where)/tests/growth"
    job "demo" build tests/demo.sh
    job "README" build tests/readme.sh
    job "validation" build docs/validation.sh --check
    job "tables of the model" build docs/model.sh --check
    job "manual page" build docs/man.sh --check
    job "words" build tests/words.sh
    job "plots" build tests/plots.sh
    job "hostile names" build tests/hostile.sh
    job "installation" build tests/install.sh
    job "missing packages" - tests/deps.sh
    job "sweep" "build unit" tests/sweep.sh
    job "folder" build tests/folder.sh
    job "limits" build tests/limits.sh
    job "clean room" - tests/clean_room.sh
    job "interrupted search" build tests/explore_stop.sh
    job "schedules of the docs" build tests/replay_docs.sh
    if command -v spin >/dev/null; then
        job "states in spin" build tests/spin.sh
    else
        printf '  %-34s %s\n' "states in spin" "left out: spin is not installed"
    fi
    local why
    why=$(tests/threads.sh --possible)
    if [[ -z $why ]]; then
        job "threads" - tests/threads.sh
    else
        printf '  %-34s %s\n' "threads" "left out: $why"
    fi
    units sanitize SAN=address,undefined OPT=-O1
    job "fuzz" "build sanitize" tests/fuzz.sh replay
    # It uses the build that is there for the warnings.
    job "determinism" "warnings of the other compiler" tests/determinism.sh
}

mkdir -p "$logs"
echo "0 passed, 1 failed" >"$totals" # stands if this script itself is stopped
# One name for all builds, even if the sources change meanwhile.
version=$(mk version)
[[ " ${MAKEFLAGS-} " == *" -- "* ]] || MAKEFLAGS="${MAKEFLAGS-} --"
export MAKEFLAGS="$MAKEFLAGS VERSION=$version"
case ${1-test} in
unit) units unit ;;
sanitize) units sanitize SAN=address,undefined OPT=-O1 ;;
test) everything ;;
*)
    echo "run.sh: unknown set '$1' (would be right: unit, sanitize or test)" >&2
    exit 2
    ;;
esac
run_all
echo "$passed passed, $failed failed" | tee "$totals"
((failed == 0))
