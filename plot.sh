#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# plot.sh: draws PNG and SVG pictures of what smmsim wrote; `./plot.sh --help` lists them.
# Usage: ./plot.sh [FIGURE...] [DIR]   (every figure that DIR has data for; DIR: results/demo)
# Exit status: 0 drawn, 2 no such figure or no data for it, 3 gnuplot is missing or failed.
set -euo pipefail
export LC_ALL=C.UTF-8

here=$(cd "$(dirname "$0")" && pwd)/plots
figures=(slowdown percentiles cpus heatmap phases timeline blackout services)

usage() {
    cat <<'EOF'
usage: ./plot.sh [FIGURE...] [DIR]

Draws DIR/FIGURE.png and DIR/FIGURE.svg from the data files in DIR (results/demo); without a
FIGURE every one that DIR has data for.

  slowdown     how long a command takes, by CPU and delivery         smmsim demo --out DIR
  percentiles  how long the slowest SMIs take                        run or sweep --out DIR
  cpus         how the latency grows with the number of CPUs         sweep over cpus
  heatmap      what timeout 1 does when a CPU comes late             sweep over sync.timeout1
                                                                     and one more parameter
  phases       where the time of an SMI goes                         demo, run or sweep
  timeline     one SMI, a lane for each CPU                          run --trace DIR/trace.csv
  blackout     when each CPU stood still, and for how long           run --out DIR
  services     how long the calls of each variable service take      run --out DIR
EOF
}

die() {
    echo "plot.sh: $2" >&2
    exit "$1"
}

# ---- Reading ------------------------------------------------------------------------------------

# columns FILE NAME...: these columns of a CSV file, by name, separated by tabs, without the header;
# an empty field is ?, gnuplot's sign for missing. Status 1 if the file or a column is not there.
columns() {
    local file=$1
    shift
    [[ -f $file ]] || return 1
    awk -v names="$*" '
        # Splits a line into f[1..n] as RFC 4180 says; our files have no line ends in fields.
        function split_line(line,    n, c, i, quoted) {
            delete f
            n = 1
            for (i = 1; i <= length(line); i++) {
                c = substr(line, i, 1)
                if (c == "\"" && quoted && substr(line, i + 1, 1) == "\"")
                    f[n] = f[n] substr(line, ++i, 1)
                else if (c == "\"")
                    quoted = !quoted
                else if (c == "," && !quoted)
                    n++
                else
                    f[n] = f[n] c
            }
            return n
        }
        # Most lines have no quotes.
        function fields(line) { return index(line, "\"") ? split_line(line) : split(line, f, ",") }
        NR == 1 {
            for (i = fields($0); i > 0; i--)
                at[f[i]] = i
            for (i = split(names, name, " "); i > 0; i--) {
                if (!(name[i] in at))
                    exit 1
                wanted[i] = at[name[i]]
                count++
            }
            next
        }
        {
            fields($0)
            for (i = 1; i <= count; i++)
                printf "%s%s", f[wanted[i]] == "" ? "?" : f[wanted[i]], i < count ? "\t" : "\n"
        }' "$file"
}

# swept [NAME...]: the columns of points.csv that tell the points apart, NAMEs among them if points
# differ in them: what is derived from other columns is not needed for that, and stays out.
swept() {
    local all
    all=$(head -n 1 "$dir/points.csv" | tr ',' '\n' | grep -vxE \
        'point|repetitions|outcome|bad_repetitions|reproduce')
    # shellcheck disable=SC2086 # a list of names
    columns "$dir/points.csv" $all | awk -F '\t' -v names="$all" -v kept=" $* " '
        BEGIN { columns = split(names, name, "\n") }
        {
            for (c = 1; c <= columns; c++) {
                value[NR, c] = $c
                differs[c] = differs[c] || $c != value[1, c]
            }
        }
        # Do the points differ without column `out`?
        function apart(out,    seen, row, key, i) {
            for (row = 1; row <= NR; row++) {
                key = ""
                for (i = 1; i <= columns; i++)
                    if (i != out && differs[i])
                        key = key value[row, i] "\t"
                if (key in seen)
                    return 0
                seen[key]
            }
            return 1
        }
        END {
            for (c = columns; c > 0; c--)
                if (differs[c] && !index(kept, " " name[c] " ") && apart(c))
                    differs[c] = 0
            for (c = 1; c <= columns; c++)
                if (differs[c])
                    print name[c]
        }'
}

# labels [NAME...]: number and name of each point of a sweep, "12<tab>unicast, cpus 8"; the columns
# NAME... stay out of it. A run has one point, 0, without a name.
labels() {
    local names skip=" $* " name
    [[ -f $dir/points.csv ]] || { printf '0\tthis run\n' && return; }
    names=$(swept "$@" | while read -r name; do
        [[ $skip == *" $name "* ]] || echo "$name"
    done)
    # shellcheck disable=SC2086 # a list of names
    columns "$dir/points.csv" point outcome $names | awk -F '\t' -v names="$names" '
        BEGIN { split(names, name, "\n") }
        {
            text = ""
            for (i = 3; i <= NF; i++) { # a word says what it is, a figure needs its name
                short = name[i - 2]
                sub(/.*[.]/, "", short)
                text = text (i > 3 ? ", " : "") ($i ~ /^[0-9]/ ? short " " : "") $i
            }
            text = text == "" ? "all" : text
            print $1 "\t" text ($2 == "ok" ? "" : " (" $2 ")")
        }'
}

# need FILE: the data of this figure, or a word on what is missing.
need() {
    [[ -s $1 ]] && return
    missing="no data for it in $dir (what it takes: $2)"
    return 1
}

# ---- Drawing ------------------------------------------------------------------------------------

# draw FIGURE WIDTH HEIGHT [NAME=TEXT]...: runs plots/FIGURE.gp for both formats, with `data` as the
# name of the figure's table.
draw() {
    local figure=$1 width=$2 height=$3 variables="" pair kind file
    shift 3
    for pair; do
        variables+="${pair%%=*} = \"${pair#*=}\""$'\n'
    done
    for kind in "pngcairo noenhanced size $width,$height font 'sans,20' background '#ffffff'" \
        "svg noenhanced size $width,$height font 'sans,20' background '#ffffff'"; do
        file=$dir/$figure.${kind%% *}
        file=${file/%pngcairo/png}
        gnuplot 2>"$work/errors" <<EOF || die 3 "$figure: gnuplot failed: $(cat "$work/errors")"
load "$here/style.gp"
set terminal $kind
set output "$work/picture"
data = "$work/$figure.tsv"
$variables
below_title = strlen(note) ? "\n(".note.")" : ""
load "$here/$figure.gp"
EOF
        mv "$work/picture" "$file"
    done
    echo "picture: $dir/$figure.png"
}

# ---- The figures --------------------------------------------------------------------------------

# Rows: protocol, delivery, CPU, time in milliseconds, SMIs, served; from a sweep those points that
# are as the first one apart from these three.
slowdown_rows() {
    local names=(protocol smi.delivery caller.cpu) others
    if [[ -f $dir/slowdown.csv ]]; then
        columns "$dir/slowdown.csv" protocol delivery caller_cpu command_ms smis served
        return
    fi
    [[ -f $dir/points.csv ]] && columns "$dir/points.csv" "${names[@]}" >/dev/null || return 0
    others=$(swept "${names[@]}" | grep -vxE 'protocol|smi[.]delivery|caller[.]cpu' || true)
    # shellcheck disable=SC2086 # a list of names
    columns "$dir/points.csv" point "${names[@]}" $others >"$work/points.tsv"
    awk -F '\t' -v OFS='\t' '
        FILENAME == "-" {
            if ($1 == "command_time") time[$2] = $4 / 1e6
            if ($1 == "smis") smis[$2] = $5
            if ($1 == "served") served[$2] = $5
            next
        }
        {
            key = ""
            for (i = 5; i <= NF; i++)
                key = key $i "\t"
            if (FNR == 1)
                first = key
            if (key == first && $1 in time)
                print $2, $3, $4, time[$1], smis[$1], served[$1]
        }' <(:) - "$work/points.tsv" < <(columns "$dir/summary.csv" metric point count mean_ns \
            mean_count)
    [[ -z $others ]] || head -n 1 "$work/points.tsv" | cut -f 5- | tr '\t' '\n' \
        | paste -d ' ' <(echo "$others") - | paste -s -d , | sed 's/,/, /g' >"$work/slowdown.note"
}

# A gap before each other protocol.
figure_slowdown() {
    local table=$work/slowdown.tsv
    : >"$work/slowdown.note"
    slowdown_rows | sort -s -t $'\t' -k 1,1 | awk -F '\t' \
        'NR > 1 && $1 != last { x++ } { last = $1; print ++x "\t" $0 }' >"$table"
    need "$table" "smmsim demo --out $dir, or a sweep over protocol, smi.delivery, caller.cpu" \
        || return 1
    local bars groups
    # Each protocol's name, first and last bar; three protocols side by side.
    groups=$(awk -F '\t' '!($2 in first) { first[$2] = $1; name[++count] = $2 } { last[$2] = $1 }
        END { for (i = 1; i <= count; i++) print name[i], first[name[i]], last[name[i]] }' "$table")
    bars=$(awk 'NR % 3 == 1 { from = $2 } $3 - from >= most { most = $3 - from + 1 }
        END { print most }' <<<"$groups")
    draw slowdown $((bars < 6 ? 1200 : bars * 205)) $((750 * (($(wc -l <<<"$groups") + 2) / 3))) \
        groups="${groups//$'\n'/ }" note="$(cat "$work/slowdown.note")"
}

most=8 # lines that a reader can tell apart

# blocks TABLE: turns a table into one block for each value of its first column, in their order,
# with that value as the heading for the legend; sets `lines` to how many there are to draw, `keys`
# to the rows of the legend, and `note` to a word on those that are not drawn.
blocks() {
    lines=$(awk -F '\t' '!($1 in number) { number[$1] = ++count; name[count] = $1 }
        { i = number[$1]; sub(/^[^\t]*\t/, ""); rows[i] = rows[i] $0 "\n" }
        END {
            for (i = 1; i <= count; i++)
                printf "\"%s\"\n%s\n\n", name[i], rows[i] > out
            print count + 0
        }' out="$1.blocks" "$1")
    mv "$1.blocks" "$1"
    note=""
    keys=$(sed -n 's/^"\(.*\)"$/\1/p' "$1" | head -n $((lines < most ? lines : most)) | awk '
        length($0) > longest { longest = length($0) }
        END { columns = int(62 / (longest + 10)); print int(NR / (columns ? columns : 1) + 0.99) }')
    ((lines <= most)) || note="the first $most of $lines"
    ((lines <= most)) || lines=$most
}

# named NAME...: puts the name of its point before each row on standard input, instead of the
# number; the columns NAME... of the sweep stay out of it.
named() {
    labels "$@" >"$work/labels.tsv"
    awk -F '\t' -v OFS='\t' 'NR == FNR { name[$1] = $2; next } { $1 = name[$1]; print }' \
        "$work/labels.tsv" -
}

# metric NAME COLUMN...: rows of summary.csv for one metric: point and these columns.
metric() {
    local name=$1
    shift
    columns "$dir/summary.csv" metric point "$@" \
        | awk -F '\t' -v name="$name" '$1 == name' | cut -f 2-
}

# Blocks of rows: latency, SMIs of that latency.
figure_percentiles() {
    local table=$work/percentiles.tsv nines lines note keys
    columns "$dir/hist.csv" metric point low_ns high_ns count | awk -F '\t' -v OFS='\t' '
        $1 != "smi_latency" { next }
        !($2 in begun) { print $2, $3, 0; begun[$2] } # the curve begins at 0
        { print $2, $4, $5 }' | named >"$table"
    need "$table" "hist.csv with SMIs: run or sweep --out $dir" || return 1
    # As far to the right as the number of SMIs allows: ten lie beyond the last tick.
    nines=$(awk -F '\t' '{ n[$1] += $3 } END { for (i in n) if (n[i] > top) top = n[i]
        print (top >= 1e6 ? 5 : top >= 1e5 ? 4 : top >= 1e4 ? 3 : top >= 1e3 ? 2 : 1) }' "$table")
    blocks "$table"
    draw percentiles 1200 $((750 + 30 * keys)) lines="$lines" nines="$nines" note="$note" \
        rows="$keys"
}

# Blocks of rows: CPUs, p50, p99.
figure_cpus() {
    local table=$work/cpus.tsv lines note keys
    : >"$work/x.tsv"
    [[ ! -f $dir/points.csv ]] || ! swept cpus | grep -qx cpus \
        || columns "$dir/points.csv" point cpus >"$work/x.tsv"
    metric smi_latency p50_ns p99_ns \
        | awk -F '\t' -v OFS='\t' 'FILENAME != "-" { x[$1] = $2; next }
            $1 in x { print $0, x[$1] }' "$work/x.tsv" - \
        | named cpus | sort -t $'\t' -s -k 1,1 -k 4,4n \
        | awk -F '\t' -v OFS='\t' '{ print $1, $4, $2, $3 }' >"$table"
    need "$table" "a sweep over cpus: points.csv, summary.csv" || return 1
    blocks "$table"
    draw cpus 1200 $((750 + 30 * keys)) lines="$lines" note="$note" rows="$keys"
}

# Rows: column, row, mean latency, and the texts of column and row.
figure_heatmap() {
    local table=$work/heatmap.tsv other
    missing="no data for it in $dir (what it takes: a sweep over sync.timeout1 and one more \
parameter: points.csv, summary.csv)"
    [[ -f $dir/points.csv ]] || return 1
    other=$(swept sync.timeout1)
    [[ $other == *sync.timeout1* ]] || return 1
    other=$(grep -vx sync.timeout1 <<<"$other" || true)
    [[ -n $other && $other != *$'\n'* ]] || return 1
    columns "$dir/points.csv" point sync.timeout1 "$other" >"$work/x.tsv" || return 1
    metric smi_latency mean_ns | awk -F '\t' -v OFS='\t' '
        NR == FNR { value[$1] = $2; next }
        !($2 in row) { row[$2] = rows++ }
        !($3 in column) { column[$3] = columns++ }
        {
            known = $1 in value && value[$1] != "?"
            print column[$3], row[$2], known ? value[$1] : "none", $3, $2
        }' - "$work/x.tsv" \
        >"$table"
    need "$table" "points.csv has no points" || return 1
    draw heatmap $((650 + 118 * $(cut -f 4 "$table" | sort -u | wc -l))) 800 \
        other="$other"
}

# A header with the phases, then rows: name, latency, the mean of each phase.
figure_phases() {
    local table=$work/phases.tsv count note=""
    {
        columns "$dir/phases.csv" protocol delivery caller_cpu phase mean_ms 2>/dev/null \
            | awk -F '\t' -v OFS='\t' '{ print $2 "\\nCPU " $3 "\\n" $1, $4, $5 * 1e6 }'
        [[ -f $dir/phases.csv ]] || columns "$dir/summary.csv" point metric mean_ns \
            | awk -F '\t' '$2 ~ /^phase[.]/ { sub(/phase[.]/, ""); print }' | named \
            | sed 's/, /\\n/g'
    } >"$table.raw" || true
    # Phases that are less than a thousandth of every bar would only be names in the legend.
    awk -F '\t' -v OFS='\t' '
        !($1 in at) { at[$1] = ++bars; bar[bars] = $1 }
        !($2 in seen) { seen[$2] = ++phases; phase[phases] = $2 }
        $3 != "?" { time[$1, $2] += $3; sum[$1] += $3 }
        END {
            line = "-" OFS "latency"
            for (p = 1; p <= phases; p++)
                for (b = 1; b <= bars; b++)
                    if (time[bar[b], phase[p]] > sum[bar[b]] / 1000) {
                        shown[++count] = phase[p]
                        text = phase[p]
                        gsub(/_/, " ", text)
                        line = line OFS text
                        break
                    }
            if (count)
                print line
            for (b = 1; b <= bars && count; b++) {
                line = bar[b] OFS (bar[b] in sum ? sum[bar[b]] : "?")
                for (i = 1; i <= count; i++)
                    line = line OFS (bar[b] in sum ? time[bar[b], shown[i]] : "?")
                print line
            }
        }' "$table.raw" >"$table"
    need "$table" "phases.csv of the demo, or summary.csv with SMIs" || return 1
    count=$(($(wc -l <"$table") - 1))
    ((count <= 12)) || note="the first 12 of $count points"
    sed -i '14,$d' "$table" # and the header
    draw phases $((count < 5 ? 1300 : count < 12 ? 500 + count * 180 : 2660)) 850 \
        note="$note" widest="$(cut -f 1 "$table" | sed 's/\\n/\n/g' | wc -L)"
}

# Rows: kind, CPU, other CPU, begin, end, name; times from the port write.
figure_timeline() {
    local table=$work/timeline.tsv gap
    columns "$dir/trace.csv" kind repetition smi cpu to_cpu begin_ns end_ns name \
        | awk -F '\t' -v OFS='\t' '
            NR == 1 { first = $2 " " $3 }
            ($2 " " $3) == first && $1 != "step" { print $1, $4, $5, $6, $7, $8 }' >"$table"
    need "$table" "smmsim run --trace $dir/trace.csv" || return 1
    # The longest time in which nothing happens on any CPU: worth a second look behind it.
    gap=$(awk -F '\t' '$1 != "smi" && $1 != "visit" { print $4; print $5 }' "$table" | sort -g \
        | awk 'NR > 1 && $1 - last > longest { longest = $1 - last; to = $1 } { last = $1 }
            END { print (longest > 0.8 * last ? to : 0) }')
    draw timeline 1400 $(($(cut -f 2 "$table" | sort -u | wc -l) > 12 ? 1300 : 950)) \
        gap="$gap" title="$(timeline_title)"
}

# Blocks of rows: time, blackout, by CPU; one repetition.
figure_blackout() {
    local table=$work/blackout.tsv lines note keys
    columns "$dir/cpus.csv" cpu stopped_ns blackout_ns point repetition | awk -F '\t' -v OFS='\t' '
        NR == 1 { first = $4 " " $5 }
        ($4 " " $5) == first { print "CPU " $1, $2, $3 }' | sort -s -k 2,2n >"$table"
    need "$table" "cpus.csv with visits to SMM: run --out $dir" || return 1
    blocks "$table"
    draw blackout 1200 $((750 + 30 * keys)) lines="$lines" note="$note" rows="$keys"
}

# Blocks of rows: latency of one call, by service.
figure_services() {
    local table=$work/services.tsv lines note keys
    columns "$dir/ops.csv" op latency_ns \
        | awk -F '\t' '$1 != "compute" && $1 != "hold" && $2 != "?"' | sort -s -k 1,1 >"$table"
    need "$table" "ops.csv with calls: run --out $dir" || return 1
    blocks "$table"
    draw services 1200 $((750 + 30 * keys)) lines="$lines" note="$note" rows="$keys"
}

timeline_title() {
    columns "$dir/trace.csv" kind repetition smi cpu \
        | awk -F '\t' '{ print "What does each CPU do in SMI " $3 " of repetition " $2 \
            ", raised by CPU " $4 "?"; exit }'
}

# ---- What is asked for --------------------------------------------------------------------------

dir=results/demo
asked=()
for word; do
    case $word in
    -h | --help) usage && exit 0 ;;
    esac
    if [[ " ${figures[*]} " == *" $word "* ]]; then
        asked+=("$word")
    elif [[ -d $word ]]; then
        dir=${word%/}
    else
        die 2 "\"$word\" is neither a figure (${figures[*]}) nor a folder"
    fi
done
[[ -d $dir ]] || die 2 "$dir: no such folder (make demo, or smmsim run --out $dir)"
command -v gnuplot >/dev/null || die 3 "gnuplot is missing (apt-get install gnuplot-nox)"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if ((${#asked[@]} == 0)); then
    for figure in "${figures[@]}"; do
        missing=""
        "figure_$figure" || echo "left out: $figure: $missing"
    done
else
    for figure in "${asked[@]}"; do
        missing=""
        "figure_$figure" || die 2 "$figure: $missing"
    done
fi
