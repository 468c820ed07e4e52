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
    rm -rf "${folder:?}" # whatever version made it
    "$smmsim" run --platform qemu-tcg-ovmf --protocol edk2-202211 "$@" --out "$folder" >/dev/null
    awk -F, -v now=-1 "$per_smi" "$folder"/{run,smis,cpus}.csv >"$folder.smi"
}

# quantile FILE COLUMN PERCENT UNIT: of all lines that have it; UNIT is in ns. As everywhere, there
# is none with fewer than ten values beyond it.
quantile() {
    awk -v c="$2" '$c != "-" { print $c }' "$1" | sort -n | awk -v p="$3" -v unit="$4" '
        { v[NR] = $1 }
        END {
            i = int(NR * p / 100)
            i += i < NR * p / 100
            if (NR == 0) { print "not in"; exit }
            if (NR * (100 - p) < 1000) { print "-"; exit }
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

# sharing ASLEEP AWAKE: percent of 200 SMIs whose last CPU comes late, if their writer slept so many
# ms and then computed so many.
sharing() {
    local name=share.$1.$2 i

    {
        echo thread,op,name,bytes,think,cpu,repeat
        for ((i = 0; i < 50; i++)); do
            printf '0,compute,%sms,,%sms,0,\n0,smi,,,0,0,\n' "$2" "$1"
        done
    } >"$data/$name.csv"
    smis "$name" --workload "./$data/$name.csv" --reps 4 --set smi.delivery=broadcast
    late "$data/$name.smi"
}

all_sharing() {
    local asleep awake measured now

    value[sharing]=
    while read -r asleep awake measured; do
        now=$(sharing "$asleep" "$awake")
        value[sharing]+="  | $asleep ms, $awake ms | $measured | $now % |"$'\n'
    done < <(awk -F, '
        /^[0-9]/ {
            k = $1 " " $2
            if (!(k in seen)) key[++n] = k
            seen[k]
            part[k, $3] = sprintf("%.0f %%%s", 100 * $5 / $4, $6 > 25 ? "*" : "")
        }
        function shown(k, trigger) { return (k, trigger) in part ? part[k, trigger] : "-" }
        END { for (i = 1; i <= n; i++) print key[i], shown(key[i], 0) "; " shown(key[i], 1) }' \
        tests/data/sharing.csv)
    value[sharing]=${value[sharing]%$'\n'}
}

# ---- one vCPU held -------------------------------------------------------------------------------

measured() { awk -F, -v c="$1" "\$1 == c { $2 }" tests/data/hold_visits.csv; }

# spread FILE: p50 (least to most); ms
spread() {
    sort -g "$1" | awk '{ v[NR] = $1 / 1e6 }
        END { printf "%.1f (%.1f to %.1f)", v[int((NR + 1) / 2)], v[1], v[NR] }'
}

# again NAME CPU VISIT: measured repetitions on a host that lost no time: p50 (least to most); ms
again() {
    awk -F, -v c="$1" -v cpu="$2" -v k="$3" '
        $1 == c && $2 != rep { rep = $2; n = 0 }
        $1 == c && $3 == cpu && ++n == k && $6 == 0 { print $5 * 1e6 }' \
        tests/data/hold_repeats.csv >"$data/again"
    spread "$data/again"
}

# hold NAME: 200 repetitions; NAME.CPU.VISIT of each exit, and how it was when measured again.
hold() {
    local name=$1 folder=$data/hold-$1 cpu nth

    # shellcheck disable=SC2016 # awk's own
    measured "$name" 'if (!n++) {
        print "thread,op,name,bytes,think,cpu,repeat"
        printf "0,hold,%gms,,0,%d,\n", $5 - $4, $3
        printf "1,smi,,,%gms,%d,\n", -$4, $2 }' >"$folder.csv"
    smis "hold-$name" --workload "./$folder.csv" --set smi.delivery=broadcast --reps 200
    # shellcheck disable=SC2016 # awk's own
    while read -r cpu nth; do
        awk -F, -v c="$cpu" -v k="$nth" -v written=4000 '
            FNR == 1 { file++; for (i = 1; i <= NF; i++) at[file, $i] = i; next }
            file == 1 { begin[$(at[1, "repetition"])] = $(at[1, "port_write_ns"]); next }
            $(at[2, "cpu"]) == c {
                r = $(at[2, "repetition"])
                if (++n[r] == k) printf "%.3f\n", $(at[2, "left_ns"]) - begin[r] - written
            }' "$folder"/{smis,cpus}.csv >"$folder.$cpu.$nth"
        value[$name.$cpu.$nth]=$(spread "$folder.$cpu.$nth")
        value[again.$name.$cpu.$nth]=$(again "$name" "$cpu" "$nth")
    done < <(measured "$name" 'print $6, ++v[$6]')
}

# late_again NAME CPU VISIT: of the measured repetitions those that came out so late after the last
# entry as the first measurement did, and all: on a host that lost no time, and on one that did.
late_again() {
    awk -F, -v c="$1" -v cpu="$2" -v k="$3" '
        FNR == 1 { file++ }
        $1 != c { next }
        file == 1 {
            if ($7 + 0 > last) last = $7 + 0
            if ($6 == cpu && ++seen == k) out = $8
            next
        }
        {
            if ($4 + 0 > enter[$2]) enter[$2] = $4 + 0
            if ($3 == cpu && ++n[$2] == k) { left[$2] = $5; lost[$2] = $6 > 0 }
        }
        END {
            for (r in left) { late[lost[r]] += left[r] - enter[r] >= out - last; all[lost[r]]++ }
            print late[0] + 0, all[0] + 0, late[1] + 0, all[1] + 0
        }' tests/data/hold_visits.csv tests/data/hold_repeats.csv
}

all_hold() {
    local name sum

    for name in ap-{95,500,906,1200,2300} bsp-{902,1200,1500}; do hold "$name"; done
    read -ra sum < <(for name in "ap-906 0 1" "ap-906 1 1" "bsp-902 1 1" "bsp-1200 1 2" \
        "bsp-1500 1 2"; do
        # shellcheck disable=SC2086 # three words
        late_again $name
    done | awk '{ for (i = 1; i <= 4; i++) s[i] += $i } END { print s[1], s[2], s[3], s[4] }')
    value[again.kept]="${sum[0]} of ${sum[1]}" value[again.lost]="${sum[2]} of ${sum[3]}"
    read -ra sum < <(awk -F, '
        /^[ab]/ && !(($1, $2) in seen) { seen[$1, $2]; all++; lost += $6 > 0; kept[$1] += $6 == 0 }
        END {
            for (c in kept) {
                if (!least || kept[c] < least) least = kept[c]
                if (kept[c] > most) most = kept[c]
            }
            print all, lost, least, most
        }' tests/data/hold_repeats.csv)
    value[all]=${sum[0]} value[stolen]=${sum[1]} value[quiet]="${sum[2]} to ${sum[3]}"
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

# counted CALLS CPU COMMAND: the same of the measured runs.
counted() {
    awk -F, -v calls="$1" -v cpu="$2" -v command="$3" '
        $1 == calls && $2 == cpu && $3 == command { n++; smis += $4; ms += $5 }
        END { printf "%.1f x %.2f", smis / n, ms / smis }' tests/data/command_smis.csv
}

all_commands() {
    local how cpu command

    for how in kept free; do
        for cpu in 0 1; do
            for command in list next; do
                value[$how.$cpu.$command]=$(counted $how $cpu $command)
            done
        done
    done
    calls list3 efibootmgr-list-3 smi.delivery=broadcast
    calls list3.1 efibootmgr-list-3 smi.delivery=broadcast caller.cpu=1
    calls list3.w efibootmgr-list-3 smi.delivery=broadcast os.efi_cpu=worker
    calls list4 efibootmgr-list-4 smi.delivery=broadcast caller.cpu=1
    calls list4.w efibootmgr-list-4 smi.delivery=broadcast os.efi_cpu=worker
    calls next.0 efibootmgr-next smi.delivery=broadcast
    calls next.1 efibootmgr-next smi.delivery=broadcast caller.cpu=1
    calls next.w efibootmgr-next smi.delivery=broadcast os.efi_cpu=worker
    sed '/^thread/a 0,compute,0ms,,200ms,,' workloads/efibootmgr-list-3.csv >"$data/list3-idle.csv"
    calls list3.idle "./$data/list3-idle.csv" smi.delivery=broadcast
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
            line=${line//"@{$key}"/"${value[$key]-?}"}
        done
        printf '%s\n' "$line"
    done <docs/VALIDATION.in
    return $unknown
}

all_raw
all_sharing
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
