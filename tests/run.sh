#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# run.sh: runs unit tests and script checks, shows what failed, ends with `N passed, N failed`.
# Usage: tests/run.sh [unit|sanitize|test]   (test if nothing is said: everything)
set -euo pipefail
cd "$(dirname "$0")/.."

build=${BUILD:-build}
logs=$build/log
totals=$build/totals
jobs=$(nproc 2>/dev/null || echo 2)
limit=120 # seconds for one test binary
passed=0
failed=0
export logs limit
# The first error ends a test, with a stack.
export ASAN_OPTIONS=${ASAN_OPTIONS-detect_stack_use_after_return=1}
export UBSAN_OPTIONS=${UBSAN_OPTIONS-print_stacktrace=1}

mk() { "${MAKE:-make}" -s "$@"; }

milliseconds() { echo $((${EPOCHREALTIME/[.,]/} / 1000)); }

# report NAME PASSED FAILED MILLISECONDS LOG: one line, and the whole log if something failed.
report() {
    local verdict="$2 passed"
    (($3 == 0)) || verdict+=", $3 FAILED"
    printf '  %-34s %-24s %4d.%02d s\n' "$1" "$verdict" $(($4 / 1000)) $(($4 % 1000 / 10))
    (($3 == 0)) || sed 's/^/    | /' "$5"
    passed=$((passed + $2))
    failed=$((failed + $3))
}

# check NAME COMMAND...: counts as one test.
check() {
    local name=$1 log=$logs/${1// /-}.log start status=0
    shift
    start=$(milliseconds)
    "$@" >"$log" 2>&1 </dev/null || status=$?
    ((status == 0)) || echo "exit status $status" >>"$log"
    report "$name" $((status == 0)) $((status != 0)) $(($(milliseconds) - start)) "$log"
}

# run_binary BINARY LABEL: its output, exit status and time go to files.
run_binary() {
    local log=$logs/$2-${1##*/} start status=0
    start=$(milliseconds)
    [[ -x $1 ]] || { echo "127 0" >"$log.status" && echo "not built" >"$log.log" && return; }
    CMOCKA_MESSAGE_OUTPUT=TAP timeout "$limit" "$1" >"$log.log" 2>&1 </dev/null || status=$?
    ((status != 124)) || echo "stopped after $limit s" >>"$log.log"
    echo "$status $(($(milliseconds) - start))" >"$log.status"
}
export -f run_binary milliseconds

# units LABEL VARIABLE=VALUE...: every unit test as built with these settings of make.
units() {
    local label=$1 folder test log status time ok planned
    shift
    check "build $label" mk -k "$@" unit-binaries
    folder=$(mk "$@" where)/tests
    local tests=(tests/test_*.c)
    tests=("${tests[@]##*/}")
    rm -f "$logs/$label-"*
    # Without the shell's own words on a test that a signal ended: the log says it.
    # shellcheck disable=SC2016 # $1 is for the shell that xargs starts
    printf '%s\n' "${tests[@]%.c}" \
        | xargs -P "$jobs" -I{} bash -c 'run_binary "$1" "$2"' _ "$folder/{}" "$label" 2>/dev/null
    for test in "${tests[@]%.c}"; do
        log=$logs/$label-$test
        read -r status time <"$log.status"
        ok=$(grep -c '^ok ' "$log.log" || true)
        planned=$(awk -F '\\.\\.' '/^1\.\.[0-9]+$/ { n += $2 } /^not ok .*# SKIP/ { n-- }
            END { print n + 0 }' "$log.log")
        # A test that dies takes those after it along; one that fails outside of a test counts, too.
        local bad=$((planned - ok))
        ((bad > 0 || (status == 0 && ok > 0))) || bad=1
        ((status == 0)) || echo "exit status $status" >>"$log.log"
        report "$label ${test#test_}" "$ok" "$bad" "$time" "$log.log"
    done
}

everything() {
    check "build" mk all bench-binaries
    units unit
    check "tidy self-test" tests/tidy --self-test
    check "tidy" tests/tidy
    check "clang-format" mk check-format
    check "warnings of the other compiler" mk check-warnings
    check "regress" tests/regress.sh
    check "demo" tests/demo.sh
    check "README" tests/readme.sh
    check "validation" docs/validation.sh --check
    check "plots" tests/plots.sh
    check "sweep" tests/sweep.sh
    check "interrupted search" tests/explore_stop.sh
    check "schedules of the docs" tests/replay_docs.sh
    if command -v spin >/dev/null; then
        check "states in spin" tests/spin.sh
    else
        printf '  %-34s %s\n' "states in spin" "left out: spin is not installed"
    fi
    units sanitize SAN=address,undefined OPT=-O1
    check "determinism" tests/determinism.sh
}

mkdir -p "$logs"
echo "0 passed, 1 failed" >"$totals" # stands if this script itself is stopped
case ${1-test} in
unit) units unit ;;
sanitize) units sanitize SAN=address,undefined OPT=-O1 ;;
test) everything ;;
*)
    echo "run.sh: unknown set '$1' (would be right: unit, sanitize or test)" >&2
    exit 2
    ;;
esac
echo "$passed passed, $failed failed" | tee "$totals"
((failed == 0))
