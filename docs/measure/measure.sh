#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# measure.sh: measures one vCPU held around an SMI, on a real QEMU and OVMF: each row of
# tests/data/hold_visits.csv ROUNDS times, in the form of tests/data/hold_repeats.csv.
# Usage: docs/measure/measure.sh KERNEL ROUNDS [RSM] >FILE.csv  (as root; 1 min, and 17 s a round)
#
# KERNEL is a Linux for the guest (Debian: linux-image-cloud-amd64). RSM is the place in QEMU's
# program file where the emulation of that instruction has left SMM: it has no name, and this script
# knows it for Debian's 1:7.2+dfsg-7+deb12u18+b3 alone. Needs the Debian packages qemu-system-x86,
# ovmf, gcc, binutils and cpio, and a host kernel with uprobes. QEMU and firmware are as they are.
set -euo pipefail

die() {
    echo "measure: $1" >&2
    exit 2
}

(($# == 2 || $# == 3)) || die "wrong arguments (would be right: measure.sh KERNEL ROUNDS [RSM])"
kernel=$1 rounds=$2 rsm=${3-}
((EUID == 0)) || die "not root, who alone may trace and hold"
[[ -f $kernel && -r $kernel ]] || die "$kernel: cannot be read (would be right: a vmlinuz)"
kernel=$(realpath "$kernel")
cd "$(dirname "$0")"
[[ $rounds =~ ^[1-9][0-9]{0,3}$ ]] || die "rounds \"$rounds\" (would be right: 1 to 9999)"
for tool in qemu-system-x86_64 gcc cpio nm readelf; do
    command -v "$tool" >/dev/null || die "$tool is missing"
done
qemu=$(command -v qemu-system-x86_64)
if [[ -z $rsm ]]; then
    readelf -n "$qemu" | grep -q d9541fd67c4ea37f9ca7fca0f5096f32b3b7e7e0 \
        || die "another build of QEMU than the one that is known (would be right: give RSM)"
    rsm=0x657091
fi
enter=0x$(nm -D --defined-only "$qemu" | awk '$3 == "do_smm_enter" { print $1 }')
[[ $enter != 0x ]] || die "$qemu: has no symbol do_smm_enter"

[[ $(nproc --all) == 2 ]] || die "$(nproc --all) cores (would be right: 2, as in the measurements)"

root=/sys/kernel/tracing
[[ -d $root/events ]] || mount -t tracefs nodev $root
[[ -z $(cat $root/uprobe_events) ]] || die "$root/uprobe_events: somebody else traces here"
trace=$root/instances/smmsim
mkdir $trace
work=$(mktemp -d)
holder='' machine=''
tidy_up() {
    [[ -z $holder ]] || kill "$holder" 2>/dev/null || true
    [[ -z $machine ]] || kill "$machine" 2>/dev/null || true
    echo 0 >$trace/events/uprobes/enable || true
    rmdir $trace || true
    printf '%s\n' -:smm_enter -:smm_rsm >>$root/uprobe_events || true
    rm -rf "$work"
}
trap tidy_up EXIT

# The rows: name, who writes, who is held, ms from hold to write and from write to the end of the
# hold, and how long the writer must wait for the others when it is out.
awk -F, '/^[^#]/ && $1 != "case" {
        if (!($1 in held)) { order[++n] = $1; held[$1] = $3 }
        writer[$1] = $2; before[$1] = int(0.5 - $4); to[$1] = int(0.5 + $5)
        if ($6 == $2 && !($1 in gone)) gone[$1] = $8
        if ($8 + 0 > last[$1]) last[$1] = $8
    }
    END { for (i = 1; i <= n; i++) { k = order[i]
        print k, writer[k], held[k], before[k], to[k], int(last[k] - gone[k] + 300) } }' \
    ../../tests/data/hold_visits.csv >"$work/rows"
names=$(awk '{ printf "%s ", $1 }' "$work/rows")
rows=$(awk '{ printf "%s%d:%d:%d", (NR > 1 ? "," : ""), $2, $4, $6 }' "$work/rows")
mapfile -t holds < <(awk '{ print $3 ":" $4 + $5 }' "$work/rows")

gcc -O2 -Wall -D_GNU_SOURCE -o "$work/holder" holder.c
mkdir "$work/root" "$work/root/proc"
gcc -O2 -Wall -D_GNU_SOURCE -static -o "$work/root/init" guest.c
(cd "$work/root" && find . | cpio -o -H newc --quiet | gzip >../initrd)
cp /usr/share/OVMF/OVMF_VARS_4M.fd "$work/vars"
mkfifo "$work/port.in" "$work/port.out"

printf 'p:smm_enter %s:%s\np:smm_rsm %s:%s\n' "$qemu" "$enter" "$qemu" "$rsm" >>$root/uprobe_events
echo mono >$trace/trace_clock
echo 8192 >$trace/buffer_size_kb
echo 1 >$trace/events/uprobes/enable

exec 3<>"$work/port.out"
"$qemu" -name held,debug-threads=on -machine q35,smm=on -accel tcg,thread=multi -smp 2 -m 512 \
    -nodefaults -no-user-config -display none -no-reboot -serial "file:$work/serial" \
    -global ICH9-LPC.disable_s3=1 -global ICH9-LPC.x-smi-broadcast=on \
    -global driver=cfi.pflash01,property=secure,value=on \
    -drive if=pflash,format=raw,unit=0,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.secboot.fd \
    -drive if=pflash,format=raw,unit=1,file="$work/vars" \
    -chardev pipe,id=port,path="$work/port" -device isa-debugcon,iobase=0xe9,chardev=port \
    -kernel "$kernel" -initrd "$work/initrd" \
    -append "console=ttyS0 quiet panic=-1 rounds=$rounds rows=$rows" 3>&- >&2 &
machine=$!
until grep -qs "CPU 1/TCG" /proc/$machine/task/*/comm; do
    kill -0 $machine 2>/dev/null || die "QEMU ended early"
    sleep 0.1
done
"$work/holder" $machine $trace "${holds[@]}" <"$work/port.out" 3>&- &
holder=$!
exec 3>&-
wait $machine || die "QEMU failed: $(tail -c 300 "$work/serial")"
machine=''
wait $holder || die "the holder failed"
holder=''
grep -q 'row E ' $trace/trace || die "the guest ended early: $(tail -c 300 "$work/serial")"
echo "case,repetition,cpu,enter_ms,leave_ms,steal_percent"
awk -v names="$names" -f visits.awk $trace/trace
