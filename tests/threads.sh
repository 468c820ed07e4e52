#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# threads.sh: ThreadSanitizer watches searches and a sweep on three threads, which must not race.
# Usage: tests/threads.sh [--possible]   --possible: says in one line why it cannot run, or nothing
set -euo pipefail
cd "$(dirname "$0")/.."

# Each has levels of more than a thousand states, which several threads share. The first one makes
# the table of states grow on all threads, the second one has reductions, the third one asks for
# ends and for ways to violations, the fourth one counts deviations from the usual order.
commands=(
    "explore --cpus 4 --no-timeouts --no-reduction --threads 3"
    "explore --cpus 5 --no-timeouts --threads 3"
    "explore --cpus 3 --smis 2 --no-timeouts --properties all --all --threads 3"
    "explore --cpus 4 --deviations 2 --no-timeouts --threads 3"
    "sweep timeouts --reps 2 --detail --hgrm --jobs 3"
    "sweep slowdown --until 'p99 ci<20%' --reps 3 --jobs 3"
)

# The OpenMP runtime is not built for ThreadSanitizer: libarcher tells it where threads meet.
export TSAN_OPTIONS=ignore_noninstrumented_modules=1
export ARCHER_OPTIONS=verbose=1

possible() {
    local empty='int main(void) { return 0; }'
    if ! command -v clang >/dev/null; then
        echo "clang is missing (Debian: clang, libclang-rt-dev)"
    elif ! clang -fsanitize=thread -xc -c -o /dev/null - <<<"$empty" 2>/dev/null; then
        echo "clang has no ThreadSanitizer for this processor"
    elif ! clang -fsanitize=thread -xc -o /dev/null - <<<"$empty" 2>/dev/null; then
        echo "clang's ThreadSanitizer is missing (Debian: libclang-rt-dev)"
    fi
}

# run N: shows the first report, if there is one.
run() {
    local log=$out/$1.log words status=0
    eval "words=(${commands[$1]})"
    [[ ${words[0]} != sweep ]] || words+=(--out "$out/$1")
    "${prefix[@]}" "$binary" "${words[@]}" >"$out/$1.out" 2>"$log" </dev/null || status=$?
    if grep -q '^WARNING: ThreadSanitizer' "$log"; then
        sed -n '/^WARNING: ThreadSanitizer/,/^SUMMARY/p; /^SUMMARY/q' "$log"
    elif ((status > 1)); then
        tail -n 3 "$log"
    elif ! grep -q '^Archer detected' "$out/$1.out"; then
        echo "OpenMP did not load libarcher (Debian: libomp-dev)"
    else
        return 0
    fi
    echo "threads: status $status: ${words[*]}"
    return 1
}

why=$(possible)
if [[ ${1-} == --possible ]]; then
    echo "$why"
    exit 0
fi
[[ -z $why ]] || { echo "threads: $why" && exit 1; }

settings=(CC=clang OPT=-O0 SAN=thread)
"${MAKE:-make}" -s "${settings[@]}" binary
binary=$("${MAKE:-make}" -s "${settings[@]}" where)/smmsim
out=${BUILD:-build}/threads
rm -rf "$out"
mkdir -p "$out"
# ThreadSanitizer of LLVM 14 cannot run where addresses are more random than it knows.
prefix=()
"$binary" --version >/dev/null 2>&1 || prefix=(setarch "$(uname -m)" -R)
bad=0
for k in "${!commands[@]}"; do
    run "$k" || bad=$((bad + 1))
done
((bad == 0)) || { echo "threads: $bad of ${#commands[@]} command lines race or fail" && exit 1; }
echo "threads: ${#commands[@]} command lines, no race"
