#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# answers.sh: runs the sweeps that docs/ANSWERS.in names and writes docs/ANSWERS.md from it.
# Usage: docs/answers.sh   (after `make`; some minutes; data go to results/answers)
#   @run NAME REPS [FIGURE]        the sweep workloads/sweeps/NAME.csv, and its picture
#                                  (FIGURE as ./plot.sh takes it)
#   @table NAME : PARAMETER... : METRIC:COLUMN...
#                                  a mean stands with its confidence interval of 95 %
#   @uncalibrated NAME             how many figures mattered in that sweep, and which have no source
#   @uncalibrated run OPTION...    the same of a run, for a sweep over platforms
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
    "$smmsim" sweep "workloads/sweeps/$name.csv" --reps "$reps" --out "$folder" >"$folder.report"
    echo "    ./smmsim sweep workloads/sweeps/$name.csv --reps $reps --out $folder"
    [[ -n $figure ]] || return 0
    ./plot.sh "$figure" "$folder" >/dev/null
    cp "$folder/${figure//:/-}.png" "docs/answers/$name.png"
    printf '    ./plot.sh %s %s\n\n![%s](answers/%s.png)\n' "$figure" "$folder" "$name" "$name"
}

# One paragraph from a report: "16 of 21 figures ... are uncalibrated:" and their names.
uncalibrated() {
    local what="" report=$data/$1.report

    if [[ $1 == run ]]; then
        report=$data/uncalibrated.report what=" (\`smmsim $*\`)"
        "$smmsim" "$@" --reps 1 >"$report"
    fi
    awk -v what="$what" '
        / figures .* are uncalibrated/ {
            on = 1
            sub(/^ */, "")
            sub(/:$/, what ":")
            text = $0
            next
        }
        on && /^    [a-z]/ {
            for (i = 1; i <= NF; i++) names = names (names == "" ? "" : ", ") $i
            next
        }
        { on = 0 }
        END { if (text == "") exit 1; print text " " names "." }' "$report" | fold -s -w 100 \
        | sed 's/ *$//'
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
        function cell(i, n) {
            if (m[i] ~ /share$/)
                return got[n, i] == "" ? "-" : sprintf("%.3g %%", 100 * got[n, i])
            if (m[i] ~ /_ns$/)
                return time(got[n, i]) (width[n, i] > 0 ? " ± " time(width[n, i]) : "")
            return got[n, i] (width[n, i] > 0 ? sprintf(" ± %.2g", width[n, i]) : "")
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
                if ($2 != x[1])
                    continue
                got[$1, i] = $(at[2, x[2]])
                if (x[2] == "mean_ns") width[$1, i] = $(at[2, "mean_ci95_ns"])
                if (x[2] == "mean_count") width[$1, i] = $(at[2, "mean_count_ci95"])
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
                    row = row " | " cell(i, n)
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
    '@uncalibrated '*)
        read -ra words <<<"${line#@uncalibrated }"
        uncalibrated "${words[@]}"
        ;;
    '@noise '*) noise "${line#@noise }" ;;
    *) printf '%s\n' "$line" ;;
    esac
done <docs/ANSWERS.in >"$page.new"
mv "$page.new" "$page"
echo "answers: $page"
