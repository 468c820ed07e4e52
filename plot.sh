#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# plot.sh: draws PNG and SVG pictures of what smmsim wrote; `./plot.sh --help` lists them.
# Usage: ./plot.sh [--points LIST] [--unchecked] [FIGURE...] [DIR]   (installed: smmsim-plot)
# Names and figures in DIR's files are data: they reach gnuplot through give and tables of numbers
# only, and the shell never as words, patterns or arithmetic.
# Exit status: 0 drawn, 2 no such figure or no data for it, 3 gnuplot is missing or failed, or the
# picture cannot be written.
set -euo pipefail
export LC_ALL=C.UTF-8

here=$(CDPATH='' cd -- "$(dirname -- "$(readlink -f -- "$0")")" && pwd)/plots
# shellcheck source=plots/read.sh disable=SC1091
source "$here/read.sh"
# shellcheck source=plots/check.sh disable=SC1091
source "$here/check.sh"
# shellcheck source=plots/draw.sh disable=SC1091
source "$here/draw.sh"
figures=(slowdown versions percentiles cpus heatmap phases timeline blackout services)
most=8         # lines that a reader can tell apart
most_panels=12 # panels that a reader can still read
# shellcheck disable=SC2034 # read.sh uses it
handy=5        # lines that are easy to follow
points=""      # of a sweep, if not all: numbers with spaces around each
asked_points="" # the same as the user wrote it

usage() {
    cat <<EOF
usage: ${0##*/} [--points LIST] [--unchecked] [FIGURE...] [DIR]

Draws DIR/FIGURE.png and DIR/FIGURE.svg from the data files in DIR (results/demo); without a
FIGURE every one that DIR has data for. Of a sweep, --points 0,5,8-13 takes these points only.
The files must be those that DIR/run.csv lists, unchanged; --unchecked draws edited ones, too.

  slowdown     how long a command takes, by CPU and delivery         smmsim demo --out DIR
  versions     how long a command takes, by version of edk2          sweep over protocol
  percentiles  how long the slowest SMIs take                        run or sweep --out DIR
  cpus         how the latency grows with the number of CPUs         sweep over cpus
  heatmap      what timeout 1 does when a CPU comes late             sweep over sync.timeout1
                                                                     and one more parameter
  phases       where the time of an SMI goes                         demo, run or sweep
  timeline     one SMI, a lane for each CPU                          run --out DIR
                                                                     --trace DIR/trace.csv
  blackout     when each CPU stood still, and for how long           run --out DIR
  services     how long the calls of each variable service take      run or sweep --out DIR

  percentiles:METRIC            the same of another time, such as percentiles:blackout
  curve:PARAMETER[:METRIC]      as cpus, over any parameter that a sweep changes and that is a
                                number, such as curve:job.work or curve:cpus:last_out;
                                of a counter such as timeout1 the mean of a run

Colons in a name are dashes in the names of its files. More lines than can be told apart become
several panels, one for each value of a parameter or two. At most 12 panels of 8 lines are drawn;
a title says what is left out.
EOF
}

die() {
    printf '%s: %s\n' "${0##*/}" "${2//[[:cntrl:]]/ }" >&2
    exit "$1"
}

# need FILE: the data of this figure, or a word on what is missing.
need() {
    [[ ! -s $work/wrong ]] || die 2 "$(cat "$work/wrong")"
    [[ -s $1 ]] && return
    missing="no data for it in $dir (what it takes: $2)"
    return 1
}

# ---- The figures --------------------------------------------------------------------------------

# Rows: group, delivery, CPU, time in milliseconds, SMIs, served; a group for each protocol, and of
# a sweep for each of the other settings.
slowdown_rows() {
    local names
    if [[ -f $dir/slowdown.csv ]]; then
        columns "$dir/slowdown.csv" protocol delivery caller_cpu +command_ms +smis +served
        return
    fi
    [[ -f $dir/points.csv ]] || return 0
    columns "$dir/points.csv" smi.delivery caller.cpu >"$work/bars.tsv" || return 0
    names=$(swept protocol smi.delivery caller.cpu | tr '\n' ' ')
    [[ " $names" == *" protocol "* ]] || return 0
    labels "$names" smi.delivery caller.cpu | paste - "$work/bars.tsv" >"$work/groups.tsv"
    columns "$dir/summary.csv" metric '#point' +count +mean_ns +mean_count \
        | awk -F '\t' -v OFS='\t' '
            FILENAME == "-" {
                if ($1 == "command_time") time[$2] = $4 == "?" ? "?" : $4 * 1e-6
                if ($1 == "smis") smis[$2] = $5
                if ($1 == "served") served[$2] = $5
                next
            }
            $1 in time { print $2, $3, $4, time[$1], smis[$1], served[$1] }' - "$work/groups.tsv" \
        || true
}

# Rows: place, colour, time in milliseconds, SMIs, served. A gap before each other group; groups
# side by side while their bars are at most twelve or so.
figure_slowdown() {
    local table=$work/slowdown.tsv all=$work/slowdown.all bars=0 count note="" rows beside i
    local bar_name group_name first last program="the command"
    slowdown_rows | awk -F '\t' '
        !($1 in group) { group[$1] = ++groups }
        { print group[$1] "\t" $0 }' | sort -s -t $'\t' -k 1,1n >"$all"
    need "$all" "smmsim demo --out $dir, or a sweep over protocol, smi.delivery, caller.cpu" \
        || return 0
    count=$(tail -n 1 "$all" | cut -f 1)
    ((count <= 12)) || note="the first 12 of $count groups; others: --points"
    table=$table awk -F '\t' -v OFS='\t' '
        BEGIN { names = ENVIRON["table"] ".names"; groups = ENVIRON["table"] ".groups" }
        $1 > 12 { exit }
        NR > 1 && $1 != last { print name, first, x++ > groups }
        { x++ }
        $1 != last { first = x }
        {
            last = $1
            name = $2
            print $3 "\v" "CPU " $4 > names
            print x, $3 == "unicast" ? 1 : $3 == "broadcast" ? 2 : 3, $5, $6, $7
        }
        END { print name, first, x > groups }' "$all" >"$table"
    mapfile -t bar_name <"$table.names"
    mapfile -t group_name < <(cut -f 1 "$table.groups")
    mapfile -t first < <(cut -f 2 "$table.groups")
    mapfile -t last < <(cut -f 3 "$table.groups")
    for i in "${!first[@]}"; do
        bars=$((last[i] - first[i] + 1 > bars ? last[i] - first[i] + 1 : bars))
    done
    count=$((count > 12 ? 12 : count))
    beside=$((bars > 6 ? 1 : bars > 4 ? 2 : 3))
    beside=$((beside > count ? count : beside))
    rows=$(((count + beside - 1) / beside))
    bars=$((beside * (bars + 1) - 1))
    [[ ! -f $dir/slowdown.csv && $(workloads | grep -cv '^efibootmgr-') != 0 ]] \
        || program=efibootmgr
    give_list bar_name "${bar_name[@]//$'\v'/$newline}"
    give_list group_name "${group_name[@]}"
    give_list first "${first[@]}"
    give_list last "${last[@]}"
    draw slowdown $((bars < 6 ? 1200 : 200 + bars * 180)) $((rows == 1 ? 750 : 620 * rows)) \
        note="$note" beside="$beside" bars="$bars" program="$program"
}

# Blocks of rows, one for each other setting: place of the version, time in milliseconds, SMIs,
# served.
figure_versions() {
    local table=$work/versions.tsv names line_name version_name note width
    : >"$work/rows.tsv"
    if [[ -f $dir/points.csv ]] && names=$(swept protocol | grep -vx protocol) \
        && columns "$dir/points.csv" protocol >"$work/protocols.tsv"; then
        labels "${names//$newline/ }" | paste - "$work/protocols.tsv" >"$work/groups.tsv"
        columns "$dir/summary.csv" metric '#point' +mean_ns +mean_count \
            | awk -F '\t' -v OFS='\t' '
                FILENAME == "-" { mean[$1, $2] = $1 == "command_time" ? $3 * 1e-6 : $4; next }
                ("command_time", $1) in mean {
                    print $2, $3, mean["command_time", $1], mean["smis", $1], mean["served", $1]
                }' - "$work/groups.tsv" >"$work/rows.tsv" || true
    fi
    table=$table awk -F '\t' -v most="$most" '
        !($2 in at) { at[$2] = ++versions; version[versions] = $2 }
        !($1 in line) { line[$1] = ++lines; name[lines] = $1 }
        { rows[line[$1]] = rows[line[$1]] at[$2] "\t" $3 "\t" $4 "\t" $5 "\n" }
        END {
            drawn = versions < 3 ? 0 : lines > most ? most : lines
            for (i = 1; i <= drawn; i++) {
                printf "%s\n\n", rows[i]
                print name[i] >(ENVIRON["table"] ".lines")
            }
            for (i = 1; i <= versions; i++)
                print version[i] >(ENVIRON["table"] ".versions")
            of = lines > drawn ? "the first " drawn " of " lines " lines; others: --points" : ""
            print of >(ENVIRON["table"] ".note")
        }' "$work/rows.tsv" >"$table"
    need "$table" "a sweep over three protocols or more" || return 0
    mapfile -t line_name <"$table.lines"
    mapfile -t version_name <"$table.versions"
    note=$(cat "$table.note")
    give_list line_name "${line_name[@]}"
    give_list version_name "${version_name[@]}"
    width=$((400 + 40 * ${#version_name[@]}))
    draw versions $((width > 1000 ? width : 1000)) 800 lines="${#line_name[@]}" \
        versions="${#version_name[@]}" note="$note"
}

# What a metric is, as a title has it.
words_of() {
    case $1 in
    smi_latency) echo "SMI latency" ;;
    last_out) echo "the time until the last CPU is out of SMM" ;;
    blackout) echo "the blackout of a CPU" ;;
    *) printf '%s\n' "${1//_/ }" ;;
    esac
}

# Blocks of rows: share of the values, the value that they do not exceed, and the share once more
# where a mark stands.
figure_percentiles() {
    local metric=${1:-smi_latency} table=$work/percentiles.tsv nines
    local panels lines width height keys note across down
    columns "$dir/hist.csv" metric '#point' +high_ns +cumulative_share +cumulative_count \
        | awk -F '\t' -v metric="$metric" '$1 == metric' | cut -f 2- >"$work/shares.tsv" || true
    # As far to the right as the number of values allows: ten lie beyond the last tick.
    nines=$(cut -f 4 "$work/shares.tsv" | sort -g | awk 'END {
        print ($1 >= 1e6 ? 5 : $1 >= 1e5 ? 4 : $1 >= 1e4 ? 3 : $1 >= 1e3 ? 2 : 1) }')
    # A mark where ten values lie beyond it.
    awk -F '\t' -v OFS='\t' '
        BEGIN { marks = split("0.5 0.9 0.99 0.999 0.9999 0.99999", mark, " ") }
        NR == FNR { count[$1] = $4; next }
        !($1 in below) { print $1, 0, $2, "?"; below[$1] = 0 } # the curve begins at 0
        {
            for (i = 1; i <= marks; i++)
                if (below[$1] < mark[i] && mark[i] <= $3 && count[$1] * (1 - mark[i]) > 9.999)
                    print $1, mark[i], $2, mark[i]
            print $1, $3, $2, $3 == 1 ? 1 : "?"
            below[$1] = $3
        }' "$work/shares.tsv" "$work/shares.tsv" | split >"$table"
    need "$table" "hist.csv with $metric: run or sweep --out $dir" || return 0
    panels "$table"
    ((across <= 2 || nines <= 3)) || nines=3 # narrow panels have room for three
    without "$work/shares.tsv"
    draw_panels percentiles nines="$nines" what="$(words_of "$metric")" metric="$metric"
}

figure_cpus() {
    figure_curve cpus smi_latency
}

# Blocks of rows: number, p50, p99, max; of a counter: number, mean of a run, its interval.
figure_curve() {
    local x=${1-} metric=${2:-smi_latency} table=$work/curve.tsv counter=0 what
    local tic_at tic_text
    local panels lines width height keys note across down
    missing="no data for it in $dir (what it takes: a sweep over ${x:-a parameter}: points.csv, \
summary.csv)"
    [[ -n $x && -f $dir/points.csv ]] || return 0
    swept "$x" | grep -qxF "$x" || return 0
    # Point and number; its text, for the axis.
    columns "$dir/points.csv" '#point' "$x" | awk -F '\t' -v OFS='\t' '
        BEGIN {
            split("ps 1e-12 ns 1e-9 us 1e-6 ms 1e-3 s 1 min 60 h 3600", u, " ")
            for (i = 1; i in u; i += 2)
                size[u[i]] = u[i + 1]
        }
        {
            unit = $2
            if (!sub(/^([0-9]+[.]?[0-9]*|[.][0-9]+)/, "", unit) || (unit != "" && !(unit in size)))
                exit 1
            print $1, substr($2, 1, length($2) - length(unit)) * (unit == "" ? 1 : size[unit]), $2
        }' >"$work/x.tsv" || missing="$x is not a plain number or a time at every point"
    [[ $missing != "$x is not"* ]] || return 0
    cut -f 2,3 "$work/x.tsv" | sort -g -u -k 1,1 >"$work/tics.tsv"
    mapfile -t tic_at < <(awk '{ printf "%.15f\n", $1 }' "$work/tics.tsv") # as gnuplot reads them
    mapfile -t tic_text < <(cut -f 2 "$work/tics.tsv")
    metric "$metric" +mean_count +mean_count_ci95 +mean_count >"$work/values.tsv" || true
    if awk -F '\t' '$2 != "?" { any = 1 } END { exit !any }' "$work/values.tsv"; then
        counter=1
    else
        metric "$metric" +p50_ns +p99_ns +max_ns >"$work/values.tsv" || true
    fi
    awk -F '\t' -v OFS='\t' 'NR == FNR { x[$1] = $2; next }
            $1 in x && $2 != "?" { print $1, x[$1], $2, $3, $4 }' "$work/x.tsv" \
        "$work/values.tsv" | sort -t $'\t' -s -k 2,2g >"$work/curve.points"
    split "$x" <"$work/curve.points" >"$table"
    need "$table" "summary.csv with p50_ns, or mean_count, of $metric" || return 0
    panels "$table"
    without "$work/curve.points"
    what=$(words_of "$metric")
    ((counter == 0)) || what="the count of $metric"
    give_list tic_at "${tic_at[@]}"
    give_list tic_text "${tic_text[@]}"
    draw_panels curve what="$what" x="$x" counter="$counter"
}

# Rows: column, row, mean latency.
figure_heatmap() {
    local table=$work/heatmap.tsv other column_name row_name
    missing="no data for it in $dir (what it takes: a sweep over sync.timeout1 and one more \
parameter: points.csv, summary.csv)"
    [[ -f $dir/points.csv ]] || return 0
    other=$(swept sync.timeout1)
    [[ $other == *sync.timeout1* ]] || return 0
    other=$(grep -vxF sync.timeout1 <<<"$other" || true)
    [[ -n $other && $other != *$'\n'* ]] || return 0
    columns "$dir/points.csv" '#point' sync.timeout1 "$other" >"$work/x.tsv" || return 0
    : >"$table.columns"
    metric smi_latency +mean_ns | table=$table awk -F '\t' -v OFS='\t' '
        BEGIN { table = ENVIRON["table"] }
        FILENAME == "-" { value[$1] = $2; next }
        !($2 in row) { row[$2] = rows++; print $2 > (table ".rows") }
        !($3 in column) { column[$3] = columns++; print $3 > (table ".columns") }
        { print column[$3], row[$2], $1 in value ? value[$1] : "?" }' - "$work/x.tsv" >"$table" \
        || true
    grep -qv '?$' "$table" || : >"$table"
    need "$table" "summary.csv with mean_ns of smi_latency" || return 0
    mapfile -t column_name <"$table.columns"
    mapfile -t row_name <"$table.rows"
    give_list column_name "${column_name[@]}"
    give_list row_name "${row_name[@]}"
    draw heatmap $((${#column_name[@]} < 6 ? 1300 : 650 + 118 * ${#column_name[@]})) 800 \
        other="$other"
}

# Rows: mean latency, the share of each phase.
figure_phases() {
    local table=$work/phases.tsv count note="" rows row across widest bar bar_name phase_name
    {
        columns "$dir/phases.csv" protocol delivery caller_cpu phase +share +smi_mean_ms \
            | awk -F '\t' -v OFS='\t' '{
                print $2 "\vCPU " $3 "\v" $1, $4, $5, $6 == "?" ? "?" : $6 * 1e-3 }'
        [[ -f $dir/phases.csv ]] || columns "$dir/summary.csv" '#point' metric +share +mean_ns \
            | awk -F '\t' -v OFS='\t' '
                $2 == "smi_latency" { latency[$1] = $4 == "?" ? "?" : $4 * 1e-9 }
                sub(/^phase[.]/, "", $2) { print $1, $2, $3, latency[$1] }' \
            | named | sed 's/, /\v/g'
    } >"$table.raw" || true
    ! cut -f 1 "$table.raw" | grep -qxE 'base( .*)?' \
        || note="base: the most frequent settings; the other bars name theirs"
    # Phases that are less than a thousandth of every bar would only be names in the legend.
    out=$table awk -F '\t' -v OFS='\t' '
        BEGIN { table = ENVIRON["out"] }
        !($1 in latency) { latency[$1] = $4; bar[++bars] = $1 }
        !($2 in shown) { shown[$2] = 0; phase[++phases] = $2 }
        { share[$1, $2] = $3 }
        $3 != "?" && $3 >= 0.001 { shown[$2] = 1 }
        END {
            for (p = 1; p <= phases; p++)
                if (shown[phase[p]])
                    print phase[p] > (table ".phases")
            for (b = 1; b <= bars; b++) {
                line = latency[bar[b]]
                for (p = 1; p <= phases; p++)
                    if (shown[phase[p]])
                        line = line OFS share[bar[b], phase[p]]
                if (line ~ /\t/) {
                    print line
                    print bar[b] > (table ".bars")
                }
            }
        }' "$table.raw" >"$table"
    need "$table" "phases.csv of the demo, or summary.csv with SMIs" || return 0
    mapfile -t bar_name <"$table.bars"
    mapfile -t phase_name < <(tr _ ' ' <"$table.phases")
    count=${#bar_name[@]}
    ((count <= 36)) || note+="${note:+; }the first 36 of $count points; others: --points"
    count=$((count < 36 ? count : 36))
    # A file for each row of at most twelve bars.
    rows=$(((count + 11) / 12))
    across=$((rows == 1 ? count : 12))
    for ((row = 1; row <= rows; row++)); do
        sed -n "$((1 + (row - 1) * across)),$((row * across))p" "$table" >"$table.$row"
    done
    widest=$(tr '\v' '\n' <"$table.bars" | wc -L)
    bar=$((widest < 15 ? 190 : 40 + 11 * widest))
    give_list bar_name "${bar_name[@]//$'\v'/$newline}"
    give_list phase_name "${phase_name[@]}"
    draw phases $((across < 5 ? 1300 : 420 + across * bar)) $((rows == 1 ? 850 : 760 * rows)) \
        note="$note" rows="$rows" across="$across"
}

# What a lane of the timeline can hold; then what goes from one CPU to another, and the SMI itself.
lanes=('port write' entry arrival 'wait for the BSP' 'wait for the APs' barriers handler held job
    release exit)
arrows=('lets a CPU go' 'directed SMI')

# Rows: what (a place in the two lists, or 0: the SMI), CPU, other CPU, begin, end; times from the
# port write. If most of the time nothing happens, what comes after that is worth a second look.
figure_timeline() {
    local table=$work/timeline.tsv gap used i
    columns "$dir/trace.csv" kind '#repetition' '#smi' '#cpu' '#to_cpu' +begin_ns +end_ns name \
        | awk -F '\t' -v OFS='\t' '
            NR == 1 { first = $2 " " $3 }
            ($2 " " $3) == first && $1 != "step" { print $1, $4, $5, $6, $7, $8 }' >"$table.all" \
        || true
    need "$table.all" "smmsim run --out $dir --trace $dir/trace.csv" || return 0
    awk -F '\t' -v OFS='\t' -v lanes="$(printf '%s\t' "${lanes[@]}")" '
        BEGIN {
            for (i = 1; i < split(lanes, name, "\t"); i++)
                place["phase", name[i]] = place["port", name[i]] = i
            place["arrow", "release"] = i
            place["arrow", "directed SMI"] = i + 1
            place["smi", "?"] = 0
        }
        ($1, $6) in place { print place[$1, $6], $2, $3, $4, $5 }' "$table.all" >"$table"
    need "$table" "trace.csv has no SMI" || return 0
    mapfile -t used < <(for ((i = 1; i <= ${#lanes[@]} + ${#arrows[@]}; i++)); do
        cut -f 1 "$table" | grep -cxF "$i" || true
    done)
    gap=$(awk -F '\t' '$1 == "smi" { all = $5 } $1 == "quiet" { from = $4; to = $5 }
        END { printf "%.3f", (to - from > 0.8 * all ? to : 0) }' "$table.all")
    give_list names "${lanes[@]}" "${arrows[@]}"
    give_list used "${used[@]}"
    draw timeline 1400 $(($(cut -f 2 "$table" | sort -u | wc -l) > 12 ? 1300 : 950)) \
        gap="$gap" title="$(timeline_title)" \
        note="$(cut -f 2 "$table" | grep -vF '?' | who_takes_part), no other has a lane"
}

# who_takes_part: names the CPUs on standard input, or counts them if they are many.
who_takes_part() {
    sort -nu | paste -sd ' ' | sed 's/ /, /g' | awk '{
        print (NF > 8 ? NF " CPUs take part" : NF > 1 ? "CPUs " $0 " take part" : \
            "CPU " $0 " takes part") }'
}

# blackout_note: which of several points and repetitions is drawn, from the point and repetition of
# each visit on standard input.
blackout_note() {
    local first all points_all
    read -r first all < <(awk -F '\t' '
        NR == 1 { point = $1 }
        $1 == point && !($2 in seen) { seen[$2]; all++ }
        END { print point, all + 0 }')
    points_all=$(points="" columns "$dir/points.csv" '#point' | wc -l)
    if ((points_all > 1)); then
        printf '%s' "point $first: $(points="" named <<<"$first")"
    fi
    ((all == 1)) || printf '%s' "; the first of $all repetitions"
}

# Rows of the first repetition: time, blackout, CPU. A line for each CPU, or a lane for each if they
# are more than can be told apart, the longest blackouts last: nothing hides them.
figure_blackout() {
    local table=$work/blackout.tsv last note
    local panels=1 lines=0 width=1200 height=900 keys=1 across=1 down=1
    columns "$dir/cpus.csv" '#point' '#repetition' '#cpu' +stopped_ns +blackout_ns \
        >"$table.all" || true
    awk -F '\t' -v OFS='\t' '
        NR == 1 { first = $1 " " $2 }
        ($1 " " $2) == first { print "", "CPU " $3, $4, $5, $3 }' "$table.all" \
        | sort -s -t $'\t' -k 5,5n >"$table"
    need "$table" "cpus.csv with visits to SMM: run --out $dir" || return 0
    last=$(tail -n 1 "$table" | cut -f 5)
    if ((last < most)); then
        panels "$table"
        ((lines > 1)) || note="CPU $last, the only one in SMM"
    else
        width=1500 height=$((last < 32 ? 900 : 1300))
        : >"$table.names"
        cut -f 3- "$table" | sort -s -t $'\t' -k 2,2g >"$table.lanes"
        mv "$table.lanes" "$table"
    fi
    note=$(blackout_note <"$table.all")${note:+; $note}
    note=${note#; }
    [[ $note != point* || -n $points ]] || note+="; others: --points"
    draw_panels blackout last="$last"
}

# Blocks of rows: latency, share of the calls that take no longer, and where a mark stands; a panel
# for each point, a line for each service.
figure_services() {
    local table=$work/services.tsv panels lines width height keys note across down kinds
    columns "$dir/hist.csv" '#point' metric +low_ns +high_ns +cumulative_share \
        | awk -F '\t' -v OFS='\t' '
            !sub(/^call_/, "", $2) || $2 == "latency" { next }
            !(($1, $2) in below) { print $1, $2, $3, 0, "?"; below[$1, $2] = 0 } # it begins at 0
            {
                for (mark = 0.25; mark <= 1; mark += 0.25)
                    if (below[$1, $2] < mark && mark <= $5)
                        print $1, $2, $4, mark, mark
                print $1, $2, $4, $5, "?"
                below[$1, $2] = $5
            }' | named >"$table" || true
    need "$table" "hist.csv with calls: run or sweep --out $dir" || return 0
    [[ $(cut -f 1 "$table" | sort -u | wc -l) != 1 ]] || sed -i 's/^[^\t]*//' "$table"
    kinds=$(cut -f 2 "$table" | sort -u)
    panels "$table"
    draw_panels services kinds="${kinds//$newline/ }"
}

timeline_title() {
    columns "$dir/trace.csv" kind '#repetition' '#smi' '#cpu' \
        | awk -F '\t' '{ print "What does each CPU do in SMI " $3 " of repetition " $2 \
            ", raised by CPU " $4 "?"; exit }'
}

# ---- What is asked for --------------------------------------------------------------------------

# choose LIST: takes 0,5,8-13 as the points that are drawn.
choose() {
    local part from to
    [[ -z $points ]] || die 2 "--points $1: a second list (would be right: one, --points 0,5)"
    points=" " asked_points=$1
    [[ $1 =~ ^[0-9]{1,9}(-[0-9]{1,9})?(,[0-9]{1,9}(-[0-9]{1,9})?)*$ ]] \
        || die 2 "--points \"$1\": numbers of points are wanted (such as 0,5,8-13)"
    for part in ${1//,/ }; do
        from=$((10#${part%-*})) to=$((10#${part#*-}))
        ((from <= to && to - from < 1000)) || die 2 "--points $part: not a range of points"
        points+="$(seq -s ' ' "$from" "$to") "
    done
}

# is_figure WORD: one that usage lists.
is_figure() {
    local name='[a-z][a-z0-9_.]*' figure
    for figure in "${figures[@]}"; do
        [[ $1 != "$figure" ]] || return 0
    done
    [[ $1 =~ ^(percentiles:$name|curve:$name(:$name)?)$ ]]
}

# check_folder: what must hold of the folder before anything is drawn from it.
check_folder() {
    local point
    [[ -d $dir ]] || die 2 "$dir: no such folder (make demo, or smmsim run --out $dir)"
    [[ -n $unchecked ]] \
        || check_result "$dir" {summary,hist,points,cpus,slowdown,phases,trace}.csv
    [[ -n $points ]] || return 0
    [[ -f $dir/points.csv ]] || die 2 "--points: $dir has one point only (no points.csv)"
    columns "$dir/points.csv" '#point' >"$work/points" || true
    [[ ! -s $work/wrong ]] || die 2 "$(cat "$work/wrong")"
    for point in $points; do
        grep -qxF "$point" "$work/points" || die 2 "--points: $dir/points.csv has no point $point"
    done
}

# finish: at the end of the script, for a step that failed and said nothing: why it did.
finish() {
    local status=$? why="$dir: not the columns that smmsim writes"
    if ((status == 1)); then
        [[ ! -s $work/wrong ]] || why=$(cat "$work/wrong")
        printf '%s: %s\n' "${0##*/}" "${why//[[:cntrl:]]/ }" >&2
        status=2
    fi
    rm -rf -- "$work"
    exit "$status"
}

dir=""
unchecked=""
asked=()
while (($# > 0)); do
    word=$1
    shift
    case $word in
    -h | --help) usage && exit 0 ;;
    --points)
        (($# > 0)) || die 2 "--points: numbers of points are missing (such as 0,5,8-13)"
        choose "$1"
        shift
        continue
        ;;
    --unchecked) unchecked=1 && continue ;;
    esac
    if is_figure "$word"; then
        asked+=("$word")
    elif [[ -d $word ]]; then
        [[ -z $dir ]] || die 2 "$word: a second folder (would be right: one, and it was $dir)"
        dir=$word
        [[ $word == / ]] || dir=${word%/}
    else
        die 2 "\"$word\" is neither a figure (${figures[*]}) nor a folder"
    fi
done
dir=${dir:-results/demo}
command -v gnuplot >/dev/null || die 3 "gnuplot is missing (apt-get install gnuplot-nox)"
work=$(mktemp -d)
work=$(CDPATH='' cd -- "$work" && pwd)
trap finish EXIT
check_folder

for asked_for in "${asked[@]:-${figures[@]}}"; do
    missing=""
    rm -f "$work"/*
    IFS=: read -ra words <<<"$asked_for"
    "figure_${words[0]}" "${words[@]:1}"
    [[ ! -s $work/wrong ]] || die 2 "$(cat "$work/wrong")"
    [[ -n $missing ]] || continue
    ((${#asked[@]} == 0)) || die 2 "$asked_for: $missing"
    echo "left out: $asked_for: $missing"
done
