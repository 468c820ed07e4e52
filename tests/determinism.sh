#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# determinism.sh: two compilers at two levels, with and without FMA, in the tree and installed, must
# write the same bytes.
# Usage: tests/determinism.sh
set -euo pipefail
cd "$(dirname "$0")/.."

# The command lines to compare; --out is added. JOBS becomes another number for each binary.
commands=(
    "run --protocol edk2-2017 --workload efibootmgr-list --set caller.cpu=1
     --set smi.delivery=unicast --reps 3 --seed 7"
    "run --protocol edk2-2017 --workload efibootmgr-list --set cpus=8
     --set smi.delivery=broadcast --reps 3 --seed 7"
    "run --protocol edk2-202211 --workload efibootmgr-next --set firmware=stock
     --set smi.delivery=unicast --reps 2 --seed 18446744073709551"
    "run --protocol edk2-head --workload smi-stress --set cpus=16 --reps 2 --seed 11"
    "run --protocol edk2-202402 --workload smi-stress --set smi.delivery=unicast --reps 2 --seed 3"
    "run --platform xeon-2s-64c128t --protocol coreboot --workload smi-stress --reps 2 --seed 11"
    "run --workload variable-write --set flash=nor --set sync.mtrr=on --reps 2 --seed 5
     --set smi.entry=lognormal(3us,0.4) --set cpu.cstate_exit=mix(0.95:1us,0.05:exp(133us))
     --set smi.rsm=pareto(1us,1ms,1.5) --set fabric.same_die=exp(48ns)"
    "demo --reps 2 --seed 4"
    "sweep slowdown --reps 2 --seed 9 --jobs JOBS --detail --hgrm"
)

# Compiler, level, JOBS. The first one is what the others are compared with.
# The last one is installed, in a folder with a blank, and runs in another folder.
builds=("gcc|-O0|1" "gcc|-O3 -march=native|2" "clang|-O0|3" "clang|-O3|4")

out=$(realpath -m "${BUILD:-build}/determinism")

# One name for all, even if the sources change meanwhile: it is in run.csv.
version=$("${MAKE:-make}" -s version)

mk() { "${MAKE:-make}" -s VERSION="$version" "$@"; }

build_all() {
    local line compiler level
    for line in "${builds[@]}"; do
        IFS='|' read -r compiler level _ <<<"$line"
        if ! command -v "$compiler" >/dev/null; then
            echo "determinism: $compiler is missing: $compiler $level left out"
            continue
        fi
        # Warnings are for the usual build: deep inlining makes gcc -O3 warn of what cannot happen.
        # So is what debuggers need.
        mk CC="$compiler" OPT="$level" WERROR=-w CFLAGS=-g0 binary
        usable+=("$line")
    done
}

# install_last: prints the folder. What has the folder in it is compiled again, here and next time.
install_last() {
    local compiler level to="$out/in stalled"
    IFS='|' read -r compiler level _ <<<"${usable[-1]}"
    mkdir -p "$to"
    mk CC="$compiler" OPT="$level" WERROR=-w CFLAGS=-g0 PREFIX="$to" SMMSIM="$to/smmsim" install >&2
    echo "$to"
}

# run_one BINARY JOBS FOLDER COMMAND: the exit status is part of what is compared.
run_one() {
    local status=0 words
    read -r -d '' -a words <<<"${4//JOBS/$2}" || true
    mkdir -p "$3"
    "$1" "${words[@]}" --out "$3" >"$3.stdout" 2>"$3.stderr" </dev/null || status=$?
    echo "$status" >"$3/exit-status"
    if ((status > 1)) || [[ -z $(find "$3" -name '*.csv' -size +0 -print -quit) ]]; then
        echo "determinism: status $status and no usable result: $1 ${words[*]} --out $3"
        tail -n 3 "$3.stderr"
        return 1
    fi
}

run_all() {
    local line compiler level jobs binary where k
    for line in "${usable[@]}"; do
        IFS='|' read -r compiler level jobs <<<"$line"
        binary=$(realpath "$(mk CC="$compiler" OPT="$level" where)/smmsim")
        where=.
        if [[ $line == "${usable[-1]}" ]]; then
            binary=$installed/bin/smmsim
            where=/
        fi
        for k in "${!commands[@]}"; do
            (cd "$where" && run_one "$binary" "$jobs" "$out/$compiler${level// /}/$k" \
                "${commands[k]}") || bad=1
        done
    done
}

compare_all() {
    local first="" line compiler level here k
    for line in "${usable[@]}"; do
        IFS='|' read -r compiler level _ <<<"$line"
        here=$out/$compiler${level// /}
        if [[ -z $first ]]; then
            first=$here
            continue
        fi
        for k in "${!commands[@]}"; do
            diff -rq "$first/$k" "$here/$k" || bad=1
        done
    done
}

usable=()
bad=0
rm -rf "$out"
build_all
((${#usable[@]} > 1)) || { echo "determinism: no compiler, nothing compared" && exit 1; }
installed=$(install_last)
run_all
compare_all
((bad == 0)) || { echo "determinism: differences or failed runs, see above" && exit 1; }
echo "determinism: ${#commands[@]} command lines, ${#usable[@]} binaries, all bytes equal"
