#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# fuzz.sh: runs the fuzz targets of tests/fuzz: replays their corpus, or searches for new inputs.
# Usage: tests/fuzz.sh replay [TARGET] [RUNS]        the corpus, then RUNS (2000) new inputs for
#                                                    each target, always the same ones
#        tests/fuzz.sh search [SECONDS] [TARGET...]  each target with libFuzzer (60 s, all of them)
#        tests/fuzz.sh try TARGET FILE...            these inputs
# What is found stays in build/fuzz/TARGET. To keep it as a test: copy the file to
# tests/fuzz/corpus/TARGET, a few hundred bytes under a name that says what it is, see
# `tests/fuzz.sh replay TARGET` fail with it, and fix the code. The next `make test` replays it.
set -euo pipefail
cd "$(dirname "$0")/.."

build=${BUILD:-build}
corpus=$PWD/tests/fuzz/corpus
plain=("SAN=address,undefined" OPT=-O1)
libfuzzer=("SAN=address,undefined,fuzzer-no-link" OPT=-O1 CC=clang)
bytes_max=8192 # of an input, as in tests/fuzz/plain.c
export ASAN_OPTIONS=${ASAN_OPTIONS-detect_stack_use_after_return=1}
export UBSAN_OPTIONS=${UBSAN_OPTIONS-print_stacktrace=1}

# Targets write their files to memory where they can; all is removed at the end.
memory=/dev/shm
[[ -w $memory ]] || memory=${TMPDIR:-/tmp}
TMPDIR=$(mktemp -d "$memory/smmsim-fuzz.XXXXXX")
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
trap 'exit 130' INT TERM

mk() { "${MAKE:-make}" -s "$@"; }

# make_binary SETTING...: sets `binary`.
make_binary() {
    mk "$@" fuzz-binary
    binary=$(mk "$@" where)/tests/fuzz/fuzz
}

# Those that the binary has; each must have a corpus, and nothing else may have one.
targets() {
    local names
    names=$(FUZZ_TARGET='' "$binary" | sort)
    if [[ $names != "$(ls "$corpus")" ]]; then
        echo "fuzz.sh: the targets of tests/fuzz/fuzz.h and the folders of tests/fuzz/corpus" \
            "are not the same" >&2
        return 1
    fi
    echo "$names"
}

# shipped TARGET: a folder with the shipped files that are inputs of it, too.
shipped() {
    local folder=$TMPDIR/shipped/$1
    mkdir -p "$folder"
    case $1 in
    platform) cp models/platforms/*.csv "$folder" ;;
    workload) cp workloads/*.csv "$folder" ;;
    sweep) cp workloads/sweeps/*.csv "$folder" ;;
    esac
    echo "$folder"
}

# keep TARGET: the folder of what is found.
keep() {
    mkdir -p "$build/fuzz/$1"
    (cd "$build/fuzz/$1" && pwd)
}

replay() {
    local target=$1 runs=$2 last
    last=$(keep "$target")/last
    FUZZ_TARGET=$target FUZZ_LAST=$last "$binary" "$corpus/$target" "$(shipped "$target")" \
        "-runs=$runs" && return
    echo "    $target: the input is $last; a corpus file has its name above, or is the last one"
    return 1
}

search() {
    local target=$1 seconds=$2 found status=0 log
    found=$(keep "$target")
    log=$found/log
    mkdir -p "$found/grown"
    FUZZ_TARGET=$target nice "$binary" "$found/grown" "$corpus/$target" \
        "$(shipped "$target")" -max_total_time="$seconds" -max_len=$bytes_max -timeout=20 \
        -rss_limit_mb=2560 -print_final_stats=1 -artifact_prefix="$found/" >"$log" 2>&1 || status=$?
    printf '  %-10s %9s inputs, %5s new ones kept, %s\n' "$target" \
        "$(awk '/number_of_executed_units/ { n = $2 } END { print n + 0 }' "$log")" \
        "$(awk '/new_units_added/ { n = $2 } END { print n + 0 }' "$log")" \
        "$( ((status == 0)) && echo nothing found || echo FOUND)"
    ((status == 0)) && return
    grep -E 'does not hold|  with: |broken invariant|ERROR: |runtime error|Test unit' "$log" || true
    echo "    the input is beside $log; how to keep it: head of tests/fuzz.sh"
    return 1
}

word=${1-}
shift $(($# > 0))
bad=0
case $word in
replay)
    make_binary "${plain[@]}"
    names=${1-$(targets)}
    for target in $names; do
        replay "$target" "${2-2000}" || bad=1
    done
    ;;
search)
    make_binary "${libfuzzer[@]}"
    seconds=${1-60}
    shift $(($# > 0))
    names=${*:-$(targets)}
    for target in $names; do
        search "$target" "$seconds" || bad=1
    done
    ;;
try)
    make_binary "${plain[@]}"
    FUZZ_TARGET=$1 "$binary" "${@:2}" || bad=1
    ;;
*)
    echo "fuzz.sh: unknown word '$word' (would be right: replay, search or try)" >&2
    exit 2
    ;;
esac
exit "$bad"
