#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# validation.sh: runs what docs/VALIDATION.in compares with measurements and writes VALIDATION.md.
# Usage: docs/validation.sh [--check]   (after `make`; --check: says what would change instead)
# Measured figures are typed in VALIDATION.in; @{NAME} there is a simulated one. Definitions, for
# all of them: an SMI begins when the emulator has the write (port_write_ns of smis.csv and two
# port.write), and the visits of cpus.csv that begin before the next one are its own; in and out are
# entered_ns and left_ns; out of 1 ms, of the last CPU. Quantiles are values that occurred.
set -euo pipefail
cd "$(dirname "$0")/.."
export LC_ALL=C

smmsim=${SMMSIM:-./smmsim}
data=results/validation
page=docs/VALIDATION.md
declare -A value
mkdir -p "$data"

case ${1-} in
'' | --check) ;;
*)
    echo "validation: unknown option '$1' (would be right: --check)" >&2
    exit 2
    ;;
esac

# An SMI a line: repetition, first and last entry, BSP out (- if it was not in), last out; ns.
# shellcheck disable=SC2016 # awk's own
per_smi='
    FNR == 1 { file++; for (i = 1; i <= NF; i++) at[file, $i] = i; next }
    file == 1 { if ($1 == "port.write") written = 2000 * $2; next } # two writes, us
    file == 2 {
        n++
        repetition[n] = $(at[2, "repetition"])
        begin[n] = $(at[2, "port_write_ns"])
        first[repetition[n]] = first[repetition[n]] ? first[repetition[n]] : n
        bsp[n] = "-"
        next
    }
    {
        r = $(at[3, "repetition"])
        if (r != now) { now = r; j = first[r] }
        while (repetition[j + 1] == r && j < n && begin[j + 1] <= $(at[3, "stopped_ns"])) j++
        while (j > first[r] && begin[j] > $(at[3, "stopped_ns"])) j--
        entered = $(at[3, "entered_ns"]) - begin[j] - written
        left = $(at[3, "left_ns"]) - begin[j] - written
        if (!(j in in1) || entered < in1[j]) in1[j] = entered
        if (entered > in2[j]) in2[j] = entered
        if (left > out[j]) out[j] = left
        if ($(at[3, "role"]) == "bsp") bsp[j] = left
    }
    END {
        for (j = 1; j <= n; j++) # with all digits: print would round to six
            printf "%d %.3f %.3f %s %.3f\n", repetition[j], in1[j], in2[j], \
                bsp[j] == "-" ? "-" : sprintf("%.3f", bsp[j]), out[j]
    }'

# smis NAME SETTING...: runs it and leaves data/NAME.smi.
smis() {
    local name=$1 folder=$data/$1
    shift
    "$smmsim" run --platform qemu-tcg-ovmf --protocol edk2-202211 "$@" --out "$folder" >/dev/null
    awk -F, -v now=-1 "$per_smi" "$folder"/{run,smis,cpus}.csv >"$folder.smi"
}

# quantile FILE COLUMN PERCENT UNIT: of all lines that have it; UNIT is in ns.
quantile() {
    awk -v c="$2" '$c != "-" { print $c }' "$1" | sort -n | awk -v p="$3" -v unit="$4" '
        { v[NR] = $1 }
        END {
            i = int(NR * p / 100)
            i += i < NR * p / 100
            if (NR == 0) { print "not in"; exit }
            x = v[i < 1 ? 1 : i] / unit
            form = x < 1 ? "%.2f" : x < (unit > 1000 ? 100 : 10) ? "%.1f" : "%.0f"
            printf form, x
        }'
}

set_pair() { value[$1]="$(quantile "$2" "$3" 50 1000) / $(quantile "$2" "$3" 99 1000)"; }

# ---- one raw SMI ---------------------------------------------------------------------------------

# raw NAME SETTING...: 20 x 50 SMIs; NAME.in, NAME.bsp, NAME.out
raw() {
    local name=$1 settings=() s
    shift
    for s in "$@"; do settings+=(--set "$s"); done
    smis "$name" --workload smi-single --reps 20 "${settings[@]}"
    set_pair "$name.in" "$data/$name.smi" 3
    set_pair "$name.bsp" "$data/$name.smi" 4
    set_pair "$name.out" "$data/$name.smi" 5
    [[ ${value[$name.bsp]} != not* ]] || value[$name.bsp]="not in"
}

# The SMIs whose last CPU comes more than half a millisecond late, and how many ticks of 4 ms behind
# it the BSP is out: none, 1 to 3, more; percent.
ticks() {
    awk '$3 > 5e5 { d = $4 - $3; n++; a += d < 2e6; b += d >= 2e6 && d < 14e6; c += d >= 14e6 }
        END { printf "%.0f %.0f %.0f\n", 100 * a / n, 100 * b / n, 100 * c / n }' "$@"
}

# late FILE: percent of the SMIs whose last CPU comes so late.
late() { awk '{ n++; a += $3 > 5e5 } END { printf "%.0f", 100 * a / n }' "$1"; }

# Medians of the exits of each SMI, from the first CPU out to the last; ms.
exits() {
    awk -F, -v written=4000 '
        FNR == 1 { file++; for (i = 1; i <= NF; i++) at[file, $i] = i; next }
        file == 1 {
            begin[$(at[1, "repetition"]), $(at[1, "round"])] = $(at[1, "port_write_ns"]); next
        }
        { k = $(at[2, "repetition"]) SUBSEP $(at[2, "round"])
          if (k in begin) printf "%s %.3f\n", k, $(at[2, "left_ns"]) - begin[k] - written }' \
        "$1"/{smis,cpus}.csv | sort -k 1,1 -k 2,2g | awk '
        { i = $1 == last ? i + 1 : 1; last = $1; print i, $2 }' | sort -k 1,1n -k 2,2g | awk '
        { n[$1]++; v[$1, n[$1]] = $2 }
        END {
            for (i = 1; i in n; i++)
                printf "%s%.1f", (i > 1 ? ", " : ""), v[i, int((n[i] + 1) / 2)] / 1e6
        }'
}

all_raw() {
    local t none some more
    local crowd=(smi.delivery=broadcast cpus=8 lock=fair host.yield=on)

    raw u1 smi.delivery=unicast cpus=1
    for t in 0 1; do
        raw u2.$t smi.delivery=unicast caller.cpu=$t
        raw b2r.$t smi.delivery=broadcast os.others=running caller.cpu=$t
        raw b2i.$t smi.delivery=broadcast caller.cpu=$t
        raw b2y.$t smi.delivery=broadcast caller.cpu=$t lock=fair host.yield=on
        raw b8i.$t "${crowd[@]}" caller.cpu=$t
        raw b8r.$t "${crowd[@]}" os.others=running caller.cpu=$t
        raw one.$t smi.delivery=broadcast caller.cpu=$t host.cores=1 host.period=0
        raw cfs.$t smi.delivery=broadcast caller.cpu=$t host.cores=1
    done
    raw u8.1 smi.delivery=unicast cpus=8 caller.cpu=1
    raw b1 smi.delivery=broadcast cpus=1
    raw many.0 "${crowd[@]}" host.cores=0
    read -r none some more < <(ticks "$data"/b2i.{0,1}.smi)
    value[none]=$none value[some]=$some value[more]=$more
    for t in 0 1; do
        value[late.$t]=$(late "$data/b2i.$t.smi")
        value[one.$t]=$(quantile "$data/one.$t.smi" 4 50 1000000)
        value[cfs.$t]=$(quantile "$data/cfs.$t.smi" 4 50 1000000)
    done
    value[exits]=$(exits "$data/b8r.0")
}

# ---- one vCPU held still -------------------------------------------------------------------------

measured() { awk -F, -v c="$1" "\$1 == c { $2 }" tests/data/hold_visits.csv; }

# spread FILE: p50 (least to most); ms
spread() {
    sort -g "$1" | awk '{ v[NR] = $1 / 1e6 }
        END { printf "%.1f (%.1f to %.1f)", v[int((NR + 1) / 2)], v[1], v[NR] }'
}

# hold NAME: 200 repetitions; NAME.CPU.VISIT of each exit, and how near it is to the measured one.
hold() {
    local name=$1 folder=$data/hold-$1 cpu nth leave

    # shellcheck disable=SC2016 # awk's own
    measured "$name" 'if (!n++) {
        print "thread,op,name,bytes,think,cpu,repeat"
        printf "0,hold,%gms,,0,%d,\n0,compute,20ms,,0,%d,\n", $5 - $4, $3, $3
        printf "1,smi,,,%gms,%d,\n", -$4, $2 }' >"$folder.csv"
    smis "hold-$name" --workload "./$folder.csv" --set smi.delivery=broadcast --reps 200
    # shellcheck disable=SC2016 # awk's own
    while read -r cpu nth leave; do
        awk -F, -v c="$cpu" -v k="$nth" -v written=4000 '
            FNR == 1 { file++; for (i = 1; i <= NF; i++) at[file, $i] = i; next }
            file == 1 { begin[$(at[1, "repetition"])] = $(at[1, "port_write_ns"]); next }
            $(at[2, "cpu"]) == c {
                r = $(at[2, "repetition"])
                if (++n[r] == k) printf "%.3f\n", $(at[2, "left_ns"]) - begin[r] - written
            }' "$folder"/{smis,cpus}.csv >"$folder.$cpu.$nth"
        value[$name.$cpu.$nth]=$(spread "$folder.$cpu.$nth")
        # Where the CPUs have met chance decides; the others are the same in every repetition.
        case $name.$cpu.$nth in ap-2300.* | bsp-1200.1.1 | bsp-1500.1.1) continue ;; esac
        awk -v leave="$leave" '{ d = $1 / 1e6 - leave; n++; e += d < 0; k += d <= 2 && d >= -2 }
            END { print int(100 * k / n), 100 * e / n }' "$folder.$cpu.$nth" >>"$data/near"
    done < <(measured "$name" 'print $6, ++v[$6], $8')
}

all_hold() {
    local name near least most
    rm -f "$data/near"
    for name in ap-{95,500,906,1200,2300} bsp-{902,1200,1500}; do hold "$name"; done
    read -r near least most < <(awk '
        { s += $1; n++; if (n == 1 || $2 < a) a = $2; if ($2 > b) b = $2 }
        END { printf "%d %.0f %.0f\n", s / n, a, b }' "$data/near")
    value[near]=$near value[least]=$least value[most]=$most
}

# ---- commands ------------------------------------------------------------------------------------

# calls NAME WORKLOAD SETTING...: NAME is "SMIs x ms": of one run, and the mean of all SMIs.
calls() {
    local name=$1 load=$2 settings=() s
    shift 2
    for s in "$@"; do settings+=(--set "$s"); done
    smis "$name" --workload "$load" --reps 50 "${settings[@]}"
    value[$name]=$(awk '{ s += $5; n++ }
        END { x = s / n / 1e6; form = x < 1 ? "%d x %.2f" : "%d x %.1f"; printf form, n / 50, x }' \
        "$data/$name.smi")
}

all_commands() {
    calls list3 efibootmgr-list-3 smi.delivery=broadcast
    calls list3.cores2 efibootmgr-list-3 smi.delivery=broadcast host.cores=2 host.shared=0
    calls list3.cores1 efibootmgr-list-3 smi.delivery=broadcast host.cores=1
    calls list4 efibootmgr-list-4 smi.delivery=broadcast caller.cpu=1
    calls next.0 efibootmgr-next smi.delivery=broadcast
    calls next.1 efibootmgr-next smi.delivery=broadcast caller.cpu=1
    calls list3.low efibootmgr-list-3 smi.delivery=broadcast host.shared=0.1
    calls list4.low efibootmgr-list-4 smi.delivery=broadcast caller.cpu=1 host.shared=0.1
    calls next.0.low efibootmgr-next smi.delivery=broadcast host.shared=0.1
    calls next.1.low efibootmgr-next smi.delivery=broadcast caller.cpu=1 host.shared=0.1
    calls list3.u efibootmgr-list-3 smi.delivery=unicast
    calls list4.u efibootmgr-list-4 smi.delivery=unicast caller.cpu=1
    calls next.0.u efibootmgr-next smi.delivery=unicast
    calls next.1.u efibootmgr-next smi.delivery=unicast caller.cpu=1
}

# ---- flash ---------------------------------------------------------------------------------------

# flash NAME BYTES SETTING...: NAME.set, NAME.read, NAME.delete: longest SMI of the operation, ms
flash() {
    local name=$1 bytes=$2 settings=() s op line=0
    shift 2
    for s in "$@"; do settings+=(--set "$s"); done
    printf '%s\n' thread,op,name,bytes,think,cpu,repeat "0,fwrite,SmmsimNew,${bytes}B,1ms,," \
        0,size,SmmsimNew,,1ms,, 0,get,SmmsimNew,,10us,, 0,delete,SmmsimNew,,1ms,, >"$data/$name.csv"
    smis "$name" --workload "./$data/$name.csv" --reps 100 "${settings[@]}"
    for op in set read delete; do # SMIs 1 to 3, 4 and 5, 6
        line=$((line + 1))
        awk -v part=$line '$1 != r { r = $1; n = 0 } { k = ++n > 5 ? 3 : n > 3 ? 2 : 1 }
            k == part && $5 + 0 > most[r] { most[r] = $5 + 0 }
            END { for (r in most) printf "%.3f\n", most[r] }' "$data/$name.smi" >"$data/$name.$op"
        value[$name.$op]=$(quantile "$data/$name.$op" 1 50 1000000)
    done
}

all_flash() {
    local bytes
    for bytes in 1 64 1024 4096; do
        flash f1.$bytes $bytes cpus=1 smi.delivery=unicast
        flash f2.$bytes $bytes smi.delivery=broadcast
        flash f0.$bytes $bytes smi.delivery=broadcast host.shared=0
    done
}

# ---- the page ------------------------------------------------------------------------------------

fill() {
    local line key unknown=0
    while IFS= read -r line; do
        while [[ $line =~ @\{([^}]*)\} ]]; do
            key=${BASH_REMATCH[1]}
            if [[ -z ${value[$key]-} ]]; then
                echo "validation: docs/VALIDATION.in: no figure \"$key\"" >&2
                unknown=1
            fi
            line=${line//"@{$key}"/${value[$key]-?}}
        done
        printf '%s\n' "$line"
    done <docs/VALIDATION.in
    return $unknown
}

all_raw
all_hold
all_commands
all_flash
fill >"$data/VALIDATION.md"
if [[ ${1-} == --check ]]; then
    diff -U 0 --label "$page" --label now "$page" "$data/VALIDATION.md" || {
        echo "validation: $page is not what comes out now (docs/validation.sh writes it)"
        exit 1
    }
    echo "validation: $page: every simulated figure is reproduced"
else
    cp "$data/VALIDATION.md" "$page"
    echo "validation: $page"
fi
