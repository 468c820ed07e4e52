#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# answers.sh: runs the sweeps that docs/ANSWERS.in names and writes docs/ANSWERS.md from it.
# Usage: docs/answers.sh   (after `make`; some minutes; data go to results/answers)
#   @run NAME REPS [FIGURE]        the sweep workloads/sweeps/NAME.csv, and its picture
#                                  (FIGURE as ./plot.sh takes it)
#   @table NAME : PARAMETER... : METRIC:COLUMN...
#   @noise CPU                     the noise trace of that CPU
set -euo pipefail
cd "$(dirname "$0")/.."

smmsim=${SMMSIM:-./smmsim}
data=results/answers
page=docs/ANSWERS.md
mkdir -p "$data" docs/answers

sweep() {
    local name=$1 reps=$2 figure=${3-} folder=$data/$1

    rm -rf "${folder:?}"
    "$smmsim" sweep "workloads/sweeps/$name.csv" --reps "$reps" --out "$folder" >/dev/null
    echo "    ./smmsim sweep workloads/sweeps/$name.csv --reps $reps --out $folder"
    [[ -n $figure ]] || return 0
    ./plot.sh "$figure" "$folder" >/dev/null
    cp "$folder/${figure//:/-}.png" "docs/answers/$name.png"
    printf '    ./plot.sh %s %s\n\n![%s](answers/%s.png)\n' "$figure" "$folder" "$name" "$name"
}

noise() {
    local run=(noise "$1" --platform xeon-2s-64c128t --workload rt-poll)

    printf '    ./smmsim %s --out %s\n\n' "${run[*]}" "$data/noise.txt"
    "$smmsim" "${run[@]}" --out "$data/noise.txt" 2>&1
}

# A Markdown table: a row for each point, times in the unit that fits.
table() {
    local folder=$data/$1

    awk -F, -v parameters="$2" -v metrics="$3" '
        function time(ns) {
            if (ns == "") return "-"
            if (ns >= 1e9) return sprintf("%.3g s", ns / 1e9)
            if (ns >= 1e6) return sprintf("%.3g ms", ns / 1e6)
            if (ns >= 1e3) return sprintf("%.3g us", ns / 1e3)
            return sprintf("%.3g ns", ns)
        }
        function heading(metric, column) {
            sub(/_ns$/, "", column)
            sub(/^mean_count$/, "per run", column)
            return metric " " column
        }
        BEGIN { np = split(parameters, p, " "); nm = split(metrics, m, " ") }
        FNR == 1 { file++; for (i = 1; i <= NF; i++) at[file, $i] = i; next }
        file == 1 {
            points++
            for (i = 1; i <= np; i++) set[$1, i] = $(at[1, p[i]])
            next
        }
        {
            for (i = 1; i <= nm; i++) {
                split(m[i], x, ":")
                if ($2 == x[1]) got[$1, i] = $(at[2, x[2]])
            }
        }
        END {
            for (i = 1; i <= np; i++) { head = head " | " p[i]; rule = rule " | ---" }
            for (i = 1; i <= nm; i++) {
                split(m[i], x, ":")
                head = head " | " heading(x[1], x[2])
                rule = rule " | ---:"
            }
            print substr(head, 2) " |"
            print substr(rule, 2) " |"
            for (n = 0; n < points; n++) {
                row = ""
                for (i = 1; i <= np; i++) row = row " | " set[n, i]
                for (i = 1; i <= nm; i++)
                    row = row " | " (m[i] ~ /_ns$/ ? time(got[n, i]) : got[n, i])
                print substr(row, 2) " |"
            }
        }' "$folder/points.csv" "$folder/summary.csv"
}

while IFS= read -r line; do
    case $line in
    '@run '*)
        read -ra words <<<"${line#@run }"
        sweep "${words[@]}"
        ;;
    '@table '*)
        IFS=: read -r name parameters metrics <<<"${line#@table }"
        table "${name// /}" "$parameters" "$metrics"
        ;;
    '@noise '*) noise "${line#@noise }" ;;
    *) printf '%s\n' "$line" ;;
    esac
done <docs/ANSWERS.in >"$page.new"
mv "$page.new" "$page"
echo "answers: $page"
