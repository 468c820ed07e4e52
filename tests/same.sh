#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# same.sh: does this tree behave as an earlier commit did? Data files and exit status of many
# command lines, and of explore, replay and follow verdict, counts, schedule, digest. Not prose.
# Usage: tests/same.sh COMMIT
set -euo pipefail
cd "$(dirname "$0")/.."

[[ $# == 1 ]] || { echo "usage: tests/same.sh COMMIT" >&2 && exit 2; }
commit=$(git rev-parse --verify --quiet "$1^{commit}") \
    || { echo "same: $1: no such commit" >&2 && exit 2; }
here=$(realpath -m "${BUILD:-build}/same")
failed=0

# Each has --out of its own; schedules are long enough to be worth a line.
hang='p0 e0 0*6 e1 1*7 t1 1*2 0*14 1'
data=(
    "run"
    "run --set smi.delivery=unicast --set caller.cpu=1"
    "run --set smi.delivery=unicast --set caller.cpu=0 --set sync.mode=traditional"
    "run --protocol edk2-2017 --set smi.delivery=unicast --set caller.cpu=1 --hgrm"
    "run --protocol edk2-202211 --workload efibootmgr-next --set firmware=stock --seed 99"
    "run --protocol edk2-202402 --workload smi-stress --set cpus=16 --reps 2"
    "run --protocol edk2-202408 --workload ap-jobs --set sync.timeout2=10ms"
    "run --protocol edk2-202411 --workload smi-single --set sync.mtrr=on --reps 50"
    "run --protocol edk2-head-fixed --workload hold-bsp --set cpus=8"
    "run --workload hold-ap --platform qemu-tcg-ovmf --reps 5"
    "run --workload smi-storm --platform xeon-2s-64c128t --reps 1"
    "run --workload smi-idle --platform xeon-2s-64c128t --set cpus=32 --reps 3"
    "run --workload variable-write --set flash=nor --set 'smi.entry=lognormal(3us,0.4)'"
    "run --workload rt-poll --reps 1 --set tie=index"
    "run --protocol coreboot --workload smi-single --platform xeon-2s-64c128t --reps 3"
    "run --protocol design-tree4 --workload smi-single --platform xeon-2s-64c128t --reps 3"
    "run --workload smi-single --set cpus.blocked=last:1 --set sync.smm_registers=on"
    "run --workload smi-single --set cpus.disabled=last:2 --set cpus=6"
    "run --workload smi-single --set handler.services=rendezvous,jobs --set sync.mode=relaxed"
    "run --workload smi-single --set fabric.steal=0.01 --set 'cpu.late=exp(1ms)' --reps 50"
    "run --workload smi-stress --set host.cores=2 --set cpus=6 --set host.yield=on --reps 2"
    "run --platform qemu-tcg-ovmf --workload efibootmgr-list --reps 5"
    "run --set os.efi_cpu=worker --set think.scale=2 --set os.others=running"
    "run --workload smi-single --set run.limit=1ms"
    "run --set bsp.election=race --set firmware=stock --set bsp.boot_cpu=1"
    "demo --reps 3"
    "sweep slowdown --reps 2 --detail --hgrm"
    "sweep timeouts --reps 2"
    "sweep cpus --reps 2 --seed 5"
    "noise 3 --workload rt-poll --platform xeon-2s-64c128t"
)
order=(
    "explore"
    "explore --cpus 3 --no-timeouts --properties all"
    "explore --cpus 3 --set smi.delivery=unicast --properties all --all"
    "explore --cpus 2 --smis 2 --set smi.delivery=hardware --all"
    "explore --protocol edk2-2017 --set sync.mode=relaxed --all"
    "explore --protocol edk2-202211 --set sync.mtrr=on"
    "explore --protocol edk2-202402 --set sync.debug_agent=on --set bsp.election=race"
    "explore --protocol edk2-202411 --set sync.lmce=on --no-timeouts --properties no-spurious"
    "explore --protocol edk2-head-fixed --cpus 3 --no-timeouts --properties all --coverage"
    "explore --set bsp.boot_cpu=1 --set bsp.election=fixed --set cpus.possible=3"
    "explore --set cpus.blocked=cpu:1 --set sync.smm_registers=on"
    "explore --cpus 3 --set cpus.late=cpu:1,2 --no-timeouts --set handler.services=rendezvous"
    "explore --set handler.services=job:1,job-wait:1 --set sync.mode=relaxed --no-timeouts"
    "explore --memory tso --no-timeouts"
    "explore --set suspend=on --smis 2 --no-timeouts"
    "explore --set sources=2 --set trigger=ap --no-timeouts"
    "explore --cpus 4 --random 400 --seed 3"
    "explore --cpus 3 --deviations 2"
    "explore --cpus 3 --no-timeouts --no-reduction"
    "explore --mutant F02" "explore --fixed F02" "explore --mutant F31" "explore --mutant F20"
    "replay --violates no-deadlock '$hang'"
    "replay --mutant F10 --violates passes-itself '1*2'"
    "follow '$hang' --set cpus=2"
    "follow 'p0 e0 0*8 t0 0*4 t0 0*16 p1 e1 1*2 0*5 1*2' --set smi.delivery=unicast
     --set bsp.election=fixed --set sync.mode=traditional --set cpus=2"
)

# speak BINARY COMMAND: the command as that binary has it; names have changed once.
speak() {
    local words=$2
    if ! "$1" params | grep -q '^memory '; then
        words=$(sed -E 's/cpus\.(blocked|disabled)=last:/cpus.\1=/g
            /^(explore|replay)/ {
                s/(sync\.)?(mtrr|lmce)=/\2=/g; s/sync\.debug_agent=/debug.agent=/g
                s/bsp\.boot_cpu=/boot.cpu=/g; s/cpus\.possible=/possible=/g
                s/handler\.services=/handler=/g; s/=cpu:/=/g
                s/sync\.smm_registers=on/cpus.excused=1/g
            }' <<<"$words")
    fi
    "$1" explore --help | grep -q -e --fixed || words=${words// --fixed / --mended }
    "$1" --help | grep -q '^  follow ' || words=${words/#follow /run --follow }
    echo "$words"
}

# What is compared of run.csv: the values of what both trees know; who said so is prose.
facts() {
    awk -F , '$1 != "version" && $1 !~ /^(file|digest)/ { print $1 "," $2 }' "$1" \
        | sed -E 's/^(cpus\.(blocked|disabled)),0$/\1,none/
            s/^(cpus\.(blocked|disabled)),([0-9]+)$/\1,last:\3/'
}

# verdict: what is compared of the text of explore, replay and follow.
verdict() {
    grep -E '^(states|VIOLATION|smmsim replay|no violation)|YES|as recorded' \
        | sed -E 's/^smmsim replay.*(--violates [a-z-]+).*(--digest [0-9a-f]+)/\1 \2/
            s/^(VIOLATION +[a-z-]+ in [0-9]+ steps?).*/\1/; s/ +/ /g; s/(YES).*/\1/
            s/(held for [0-9]+)\.0+ /\1 /; s/2250000000\.000 ns/2.25 s/' || true
}

# behave BINARY FOLDER: runs all of them from the tree of the binary.
behave() {
    local binary=$1 folder=$2 number=0 line status words
    rm -rf "$folder"
    mkdir -p "$folder"
    for line in "${data[@]}" "${order[@]}"; do
        words=$(speak "$binary" "${line//$'\n'/ }")
        number=$((number + 1))
        ((number > ${#data[@]})) || words+=" --out '$folder/$number'"
        status=0
        eval "$binary $words" >"$folder/$number.text" 2>/dev/null </dev/null || status=$?
        verdict <"$folder/$number.text" >"$folder/$number.verdict"
        ((number > ${#data[@]})) || : >"$folder/$number.verdict"
        echo "$status" >"$folder/$number.status"
        rm -f "$folder/$number.text"
    done
    find "$folder" -name run.csv | while read -r file; do
        facts "$file" | sort >"$file.facts"
        rm "$file"
    done
}

tree=$here/${commit:0:12}
if [[ ! -d $tree ]]; then
    mkdir -p "$tree.new"
    git archive "$commit" | tar -x -C "$tree.new"
    mv "$tree.new" "$tree"
fi
"${MAKE:-make}" -s -C "$tree" VERSION=same all
"${MAKE:-make}" -s all
(cd "$tree" && behave "$tree/smmsim" "$here/then") &
behave "$PWD/smmsim" "$here/now"
wait

number=0
for line in "${data[@]}" "${order[@]}"; do
    number=$((number + 1))
    for part in status verdict ""; do
        [[ -e $here/then/$number${part:+.$part} ]] || continue
        difference=$(diff -r "$here/then/$number${part:+.$part}" \
            "$here/now/$number${part:+.$part}" | grep -v '^> ') || true
        # What is new beside what was there is no difference: files, facts.
        difference=$(grep -vE '^(Only in .*/now/|[0-9,]+a[0-9,]+$)' <<<"$difference" || true)
        [[ -n $difference ]] || continue
        echo "same: ${line//$'\n'/ }: another ${part:-result}"
        head -n 5 <<<"$difference"
        failed=$((failed + 1))
    done
done
echo "same: $number command lines as at ${commit:0:12}, $failed differences"
((failed == 0))
