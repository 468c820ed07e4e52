#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# regress.sh: the slowdown against stored results byte for byte, and against what must come out.
# Usage: tests/regress.sh [--accept]   (--accept stores the results as they are now)
set -euo pipefail
cd "$(dirname "$0")/.."

golden=results/golden
now=${BUILD:-build}/regress
accept=${1-}

mk() { "${MAKE:-make}" -s "$@"; }

case $accept in
'' | --accept) ;;
*)
    echo "regress: unknown option '$1' (would be right: --accept)" >&2
    exit 2
    ;;
esac

# stored NAME: is $now/NAME.csv as it was stored? Or stores it.
stored() {
    local file=$golden/$1.csv
    if [[ $accept == --accept ]]; then
        mkdir -p "$golden"
        cp "$now/$1.csv" "$file"
        echo "regress: stored in $file"
    elif [[ ! -f $file ]]; then
        echo "regress: no $file to compare with (tests/regress.sh --accept makes it)"
        status=1
    elif ! diff -U 0 --label "$file" --label "now" "$file" "$now/$1.csv"; then
        echo "regress: not the stored results: - stored, + now; columns:"
        head -n 1 "$now/$1.csv"
        echo "regress: if the change is meant: tests/regress.sh --accept, and say why in the commit"
        status=1
    else
        echo "regress: as stored in $file"
    fi
}

# tags: the sweep over all tags, of each point what came out. OVMF elects its BSP by the APIC base
# flag since 43df61878d: until then an AP fetches CPU 0 after timeout 1, 100 ms an SMI, and from
# then on it gives up, and nothing is served.
tags() {
    local first
    first=$(sed -n 's/^43df61878d,.*,edk2-stable//p' tests/data/edk2_commits.csv)
    "$(mk where)/smmsim" sweep workloads/sweeps/edk2-tags.csv --reps 10 --out "$now/tags" >/dev/null
    awk -F, -v OFS=, -v first="$first" '
        FNR == 1 {
            for (i = 1; i <= NF; i++)
                at[$i] = i
            next
        }
        FILENAME ~ /points/ { name[$at["point"]] = $at["protocol"] OFS $at["smi.delivery"]; next }
        $at["metric"] == "command_time" { time[$at["point"]] = $at["mean_ns"] }
        $at["metric"] ~ /^(smis|served|timeout1)$/ {
            count[$at["point"], $at["metric"]] = $at["mean_count"]
        }
        END {
            print "protocol,smi.delivery,command_ns,smis,served,timeout1"
            for (p = 0; p in name; p++) {
                split(name[p], part, OFS)
                tag = part[1] == "edk2-2017" ? 0 : part[1] == "edk2-head" ? 1e9 : substr(part[1], 6)
                got = count[p, "smis"] " " count[p, "served"] " " count[p, "timeout1"]
                most = part[2] == "broadcast" ? 0.2 : tag + 0 < first ? 3.3 : 0.55
                want = part[2] == "broadcast" ? "30 30 0" : tag + 0 < first ? "30 30 30" : "5 0 5"
                print name[p], time[p], count[p, "smis"], count[p, "served"], count[p, "timeout1"]
                if (got == want && time[p] <= most * 1e9 && (most < 1 || time[p] >= 3e9))
                    continue
                print "regress: " name[p] ": " time[p] " ns, " got >"/dev/stderr"
                wrong = 1
            }
            exit wrong
        }' "$now"/tags/{points,summary}.csv >"$now/edk2-tags.csv" || status=1
}

mk regress-binary binary
mkdir -p "$now"
status=0
"$(mk where)/tests/regress" "$now/regress.csv" || status=$?
((status <= 1)) || exit "$status"
tags
stored regress
stored edk2-tags

# The last row of the table: one held vCPU, against what was measured.
hold=$(mk where)/tests/workloads/test_hold
mk "$hold"
if "$hold" >"$hold.log" 2>&1; then
    echo "regress: held CPUs (tests/workloads/test_hold.c): visits, roles and timeouts as measured"
    sed -n 's/^held CPUs:/regress: &/p' "$hold.log"
else
    cat "$hold.log"
    status=1
fi
exit "$status"
