#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# plot.sh: draws PNG and SVG pictures of what smmsim wrote; `./plot.sh --help` lists them.
# Usage: ./plot.sh [--points LIST] [FIGURE...] [DIR]
# Exit status: 0 drawn, 2 no such figure or no data for it, 3 gnuplot is missing or failed, or the
# picture cannot be written.
set -euo pipefail
export LC_ALL=C.UTF-8

here=$(cd "$(dirname "$0")" && pwd)/plots
# shellcheck source=plots/read.sh disable=SC1091
source "$here/read.sh"
figures=(slowdown percentiles cpus heatmap phases timeline blackout services)
most=8         # lines that a reader can tell apart
most_panels=12 # panels that a reader can still read
# shellcheck disable=SC2034 # read.sh uses it
handy=5        # lines that are easy to follow
points=""      # of a sweep, if not all: numbers with spaces around each
asked_points="" # the same as the user wrote it

usage() {
    cat <<'EOF'
usage: ./plot.sh [--points LIST] [FIGURE...] [DIR]

Draws DIR/FIGURE.png and DIR/FIGURE.svg from the data files in DIR (results/demo); without a
FIGURE every one that DIR has data for. Of a sweep, --points 0,5,8-13 takes these points only.

  slowdown     how long a command takes, by CPU and delivery         smmsim demo --out DIR
  percentiles  how long the slowest SMIs take                        run or sweep --out DIR
  cpus         how the latency grows with the number of CPUs         sweep over cpus
  heatmap      what timeout 1 does when a CPU comes late             sweep over sync.timeout1
                                                                     and one more parameter
  phases       where the time of an SMI goes                         demo, run or sweep
  timeline     one SMI, a lane for each CPU                          run --trace DIR/trace.csv
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
    echo "plot.sh: $2" >&2
    exit "$1"
}

# need FILE: the data of this figure, or a word on what is missing.
need() {
    [[ -s $1 ]] && return
    missing="no data for it in $dir (what it takes: $2)"
    return 1
}

# ---- Drawing ------------------------------------------------------------------------------------

# draw FIGURE WIDTH HEIGHT [NAME=TEXT]...: runs plots/FIGURE.gp for both formats, with `data` as the
# name of the figure's table; the files are named as the figure was asked for.
draw() {
    local figure=$1 width=$2 height=$3 variables="" note="" pair kind file
    shift 3
    missing=""
    for pair; do
        [[ $pair != note=* ]] || note=${pair#*=}
        variables+="${pair%%=*} = \"${pair#*=}\""$'\n'
    done
    note+=${points:+${note:+; }points $asked_points only}
    note=$(fold -s -w $((width / 16)) <<<"${note:+($note)}" | sed 's/ *$//')
    for kind in "pngcairo noenhanced size $width,$height font 'sans,20' background '#ffffff'" \
        "svg noenhanced size $width,$height font 'sans,20' background '#ffffff'"; do
        file=$dir/${asked_for//:/-}.${kind%% *}
        file=${file/%pngcairo/png}
        gnuplot 2>"$work/errors" <<EOF || die 3 "$asked_for: gnuplot failed: $(cat "$work/errors")"
here = "$here"
load "$here/style.gp"
set terminal $kind
set output "$work/picture"
data = "$work/$figure.tsv"
$variables
below_title = "${note:+\n}${note//$'\n'/\\n}"
title_rows = $((1 + $(grep -c . <<<"$note" || true)))
load "$here/$figure.gp"
EOF
        mv -T "$work/picture" "$file" 2>/dev/null || die 3 "$file: cannot be written"
    done
    echo "picture: $dir/${asked_for//:/-}.png"
}

# panels TABLE: turns a table of panel, line and values into a block for each line of each panel,
# in their order, and writes the names to TABLE.names for gnuplot. Sets `panels` and `lines` to how
# many are drawn, `width` and `height` to those of the picture, `keys` to the rows of the legend,
# `across` and `down` to the panels side by side and one below the other, and `note` to a word on
# what is not drawn.
panels() {
    local longest columns
    awk -F '\t' -v most="$most" -v most_panels="$most_panels" -v names="$1.names" '
        function array(word, name, count,    i, list) {
            for (i = 1; i <= count; i++) {
                gsub(/[\\"]/, "\\\\&", name[i])
                gsub(/\n/, "\\n", name[i])
                list = list (i > 1 ? ", " : "") "\"" name[i] "\""
            }
            print "array " word "[" count "] = [" list "]" > names
        }
        # Breaks a long name after the comma that is nearest to its middle.
        function in_two(p,    i, best, middle) {
            middle = length(panel_name[p]) / 2
            for (i = 1; i <= length(panel_name[p]); i++)
                if (substr(panel_name[p], i, 2) == ", " \
                    && (!best || (i - middle) ^ 2 < (best - middle) ^ 2))
                    best = i
            if (best)
                panel_name[p] = substr(panel_name[p], 1, best) "\n" substr(panel_name[p], best + 2)
            return best > 0
        }
        !($1 in panel) { panel[$1] = ++panels; panel_name[panels] = $1 }
        panel[$1] > most_panels { next }
        !($2 in line) { line[$2] = ++lines; line_name[lines] = $2 }
        {
            p = panel[$1]
            i = line[$2]
            sub(/^[^\t]*\t[^\t]*\t/, "")
            rows[p, i] = rows[p, i] $0 "\n"
        }
        END {
            of = (panels > most_panels ? "the first " most_panels " of " panels " panels" : "") \
                (panels > most_panels && lines > most ? ", " : "") \
                (lines > most ? "the first " most " of " lines " lines" : "")
            of = of (of == "" ? "" : "; others: --points")
            panels = panels > most_panels ? most_panels : panels
            lines = lines > most ? most : lines
            for (p = 1; p <= panels; p++)
                for (i = 1; i <= lines; i++)
                    printf "%s\n\n", (p, i) in rows ? rows[p, i] : "?\t?\t?\t?\n"
            for (p = 1; p <= panels; p++)
                if (length(panel_name[p]) > 36)
                    wrapped = in_two(p) || wrapped
            array("panel_name", panel_name, panels)
            print "wrapped = " wrapped + 0 > names
            array("line_name", line_name, lines)
            for (i = 1; i <= lines; i++)
                longest = length(line_name[i]) > longest ? length(line_name[i]) : longest
            print panels, lines, longest, of > (names ".counts")
        }' "$1" >"$1.blocks"
    mv "$1.blocks" "$1"
    read -r panels lines longest note <"$1.names.counts"
    across=$((panels <= 4 ? panels : panels == 5 || panels == 6 || panels == 9 ? 3 : 4))
    down=$(((panels + across - 1) / across))
    width=$((panels == 1 ? 1200 : panels == 2 ? 1500 : 600 * across))
    columns=$(((width - 100) / (18 * (longest + 8))))
    columns=$((columns < 1 ? 1 : columns > lines ? lines : columns))
    keys=$((lines == 1 ? 0 : (lines + columns - 1) / columns))
    height=$((700 + 32 * keys + 480 * (down - 1)))
}

# without FILE: a word on points of the sweep that FILE, whose first column is the point, lacks.
without() {
    local none=0
    [[ ! -f $dir/points.csv ]] || none=$(columns "$dir/points.csv" point \
        | grep -cvxFf <(cut -f 1 "$1" | sort -u) || true)
    ((none == 0)) || note+="${note:+, }points without such data: $none"
}

# draw_panels FIGURE [NAME=TEXT]...: draws a table that panels has prepared.
draw_panels() {
    local figure=$1
    shift
    draw "$figure" "$width" "$height" panels="$panels" lines="$lines" note="$note" rows="$keys" \
        width="$width" height="$height" across="$across" down="$down" "$@"
}

# ---- The figures --------------------------------------------------------------------------------

# Rows: group, delivery, CPU, time in milliseconds, SMIs, served; a group for each protocol, and of
# a sweep for each of the other settings.
slowdown_rows() {
    local names
    if [[ -f $dir/slowdown.csv ]]; then
        columns "$dir/slowdown.csv" protocol delivery caller_cpu command_ms smis served
        return
    fi
    [[ -f $dir/points.csv ]] || return 0
    columns "$dir/points.csv" smi.delivery caller.cpu >"$work/bars.tsv" || return 0
    names=$(swept protocol smi.delivery caller.cpu | tr '\n' ' ')
    [[ " $names" == *" protocol "* ]] || return 0
    labels "$names" smi.delivery caller.cpu | paste - "$work/bars.tsv" >"$work/groups.tsv"
    columns "$dir/summary.csv" metric point count mean_ns mean_count | awk -F '\t' -v OFS='\t' '
        FILENAME == "-" {
            if ($1 == "command_time") time[$2] = $4 * 1e-6
            if ($1 == "smis") smis[$2] = $5
            if ($1 == "served") served[$2] = $5
            next
        }
        $1 in time { print $2, $3, $4, time[$1], smis[$1], served[$1] }' - "$work/groups.tsv" \
        || true
}

# A gap before each other group; groups side by side while their bars are at most twelve or so.
figure_slowdown() {
    local table=$work/slowdown.tsv bars groups count note="" rows beside
    slowdown_rows | awk -F '\t' '
        !($1 in group) { group[$1] = ++groups }
        { print group[$1] "\t" $0 }' | sort -s -t $'\t' -k 1,1n >"$table.all"
    need "$table.all" "smmsim demo --out $dir, or a sweep over protocol, smi.delivery, caller.cpu" \
        || return 0
    count=$(tail -n 1 "$table.all" | cut -f 1)
    ((count <= 12)) || note="the first 12 of $count groups; others: --points"
    awk -F '\t' -v OFS='\t' '
        $1 > 12 { exit }
        NR > 1 && $1 != last { x++ }
        { last = $1; $1 = ++x; print }' "$table.all" >"$table"
    # Each group's name, first and last bar.
    groups=$(awk -F '\t' '!($2 in first) { first[$2] = $1; name[++count] = $2 } { last[$2] = $1 }
        END {
            for (i = 1; i <= count; i++)
                printf "'"'"'%s'"'"' %s %s\n", name[i], first[name[i]], last[name[i]]
        }' "$table")
    bars=$(awk '$NF - $(NF - 1) >= most { most = $NF - $(NF - 1) + 1 } END { print most }' \
        <<<"$groups")
    count=$((count > 12 ? 12 : count))
    beside=$((bars > 6 ? 1 : bars > 4 ? 2 : 3))
    beside=$((beside > count ? count : beside))
    rows=$(((count + beside - 1) / beside))
    bars=$((beside * (bars + 1) - 1))
    draw slowdown $((bars < 6 ? 1200 : 200 + bars * 180)) $((rows == 1 ? 750 : 620 * rows)) \
        groups="${groups//$'\n'/ }" note="$note" beside="$beside" bars="$bars"
}

# What a metric is, as a title has it.
words_of() {
    case $1 in
    smi_latency) echo "SMI latency" ;;
    last_out) echo "time until the last CPU is out of SMM" ;;
    blackout) echo "the blackout of a CPU" ;;
    *) echo "${1//_/ }" ;;
    esac
}

# Blocks of rows: share of the values, the value that they do not exceed, and the share once more
# where a mark stands.
figure_percentiles() {
    local metric=${1:-smi_latency} table=$work/percentiles.tsv nines
    local panels lines width height keys note across down
    columns "$dir/hist.csv" metric point high_ns cumulative_share cumulative_count \
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
    local x=${1-} metric=${2:-smi_latency} table=$work/curve.tsv tics counter=0 what
    local panels lines width height keys note across down
    missing="no data for it in $dir (what it takes: a sweep over ${x:-a parameter}: points.csv, \
summary.csv)"
    [[ -n $x && -f $dir/points.csv ]] || return 0
    swept "$x" | grep -qxF "$x" || return 0
    # Point and number; its text, for the axis.
    columns "$dir/points.csv" point "$x" | awk -F '\t' -v OFS='\t' '
        BEGIN {
            split("ps 1e-12 ns 1e-9 us 1e-6 ms 1e-3 s 1 min 60 h 3600", u, " ")
            for (i = 1; i in u; i += 2)
                size[u[i]] = u[i + 1]
        }
        {
            match($2, /^[0-9.]+/)
            unit = substr($2, RLENGTH + 1)
            if (RLENGTH < 1 || (unit != "" && !(unit in size)))
                exit 1
            print $1, substr($2, 1, RLENGTH) * (unit == "" ? 1 : size[unit]), $2
        }' >"$work/x.tsv" || missing="$x is not a plain number or a time at every point"
    [[ $missing != "$x is not"* ]] || return 0
    tics=$(cut -f 2,3 "$work/x.tsv" | sort -g -u -k 1,1 | awk -F '\t' '{
        printf("%s'"'"'%s'"'"' %s", NR > 1 ? ", " : "", $2, $1) }')
    metric "$metric" mean_count mean_count_ci95 mean_count >"$work/values.tsv" || true
    if awk -F '\t' '$2 != "?" { any = 1 } END { exit !any }' "$work/values.tsv"; then
        counter=1
    else
        metric "$metric" p50_ns p99_ns max_ns >"$work/values.tsv" || true
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
    draw_panels curve what="$what" metric="$metric" x="$x" tics="$tics" \
        counter="$counter"
}

# Rows: column, row, mean latency, and the texts of column and row.
figure_heatmap() {
    local table=$work/heatmap.tsv other
    missing="no data for it in $dir (what it takes: a sweep over sync.timeout1 and one more \
parameter: points.csv, summary.csv)"
    [[ -f $dir/points.csv ]] || return 0
    other=$(swept sync.timeout1)
    [[ $other == *sync.timeout1* ]] || return 0
    other=$(grep -vx sync.timeout1 <<<"$other" || true)
    [[ -n $other && $other != *$'\n'* ]] || return 0
    columns "$dir/points.csv" point sync.timeout1 "$other" >"$work/x.tsv" || return 0
    metric smi_latency mean_ns | awk -F '\t' -v OFS='\t' '
        NR == FNR { value[$1] = $2; next }
        !($2 in row) { row[$2] = rows++ }
        !($3 in column) { column[$3] = columns++ }
        {
            known = $1 in value && value[$1] != "?"
            print column[$3], row[$2], known ? value[$1] : "none", $3, $2
        }' - "$work/x.tsv" >"$table" || true
    need "$table" "points.csv has no points" || return 0
    draw heatmap $((650 + 118 * $(cut -f 4 "$table" | sort -u | wc -l))) 800 \
        other="$other"
}

# A header with the phases, then rows: name, mean latency, the share of each phase.
figure_phases() {
    local table=$work/phases.tsv count note="" rows row across widest bar
    {
        columns "$dir/phases.csv" protocol delivery caller_cpu phase share smi_mean_ms 2>/dev/null \
            | awk -F '\t' -v OFS='\t' '{ print $2 "\\nCPU " $3 "\\n" $1, $4, $5, $6 * 1e-3 }'
        [[ -f $dir/phases.csv ]] || columns "$dir/summary.csv" point metric share mean_ns \
            | awk -F '\t' -v OFS='\t' '
                $2 == "smi_latency" { latency[$1] = $4 == "?" ? "?" : $4 * 1e-9 }
                sub(/^phase[.]/, "", $2) { print $1, $2, $3, latency[$1] }' \
            | named | sed 's/, /\\n/g'
    } >"$table.raw" || true
    ! cut -f 1 "$table.raw" | grep -qxE 'base( .*)?' \
        || note="base: the most frequent settings; the other bars name theirs"
    # Phases that are less than a thousandth of every bar would only be names in the legend.
    awk -F '\t' -v OFS='\t' '
        !($1 in latency) { latency[$1] = $4; bar[++bars] = $1 }
        !($2 in shown) { shown[$2] = 0; phase[++phases] = $2 }
        { share[$1, $2] = $3 }
        $3 != "?" && $3 >= 0.001 { shown[$2] = 1 }
        END {
            for (b = 0; b <= bars; b++) {
                line = b ? bar[b] OFS latency[bar[b]] : "-" OFS "latency"
                for (p = 1; p <= phases; p++)
                    if (shown[phase[p]])
                        line = line OFS (b ? share[bar[b], phase[p]] : phase[p])
                if (line ~ /\t.*\t/)
                    print line
            }
        }' "$table.raw" | sed '1s/_/ /g' >"$table"
    need "$table" "phases.csv of the demo, or summary.csv with SMIs" || return 0
    count=$(($(wc -l <"$table") - 1))
    ((count <= 36)) || note+="${note:+; }the first 36 of $count points; others: --points"
    count=$((count < 36 ? count : 36))
    # A file for each row of at most twelve bars, with the header in each.
    rows=$(((count + 11) / 12))
    across=$((rows == 1 ? count : 12))
    for ((row = 1; row <= rows; row++)); do
        sed -n "1p; $((2 + (row - 1) * across)),$((1 + row * across))p" "$table" >"$table.$row"
    done
    widest=$(cut -f 1 "$table" | sed 's/\\n/\n/g' | wc -L)
    bar=$((widest < 15 ? 190 : 40 + 11 * widest))
    draw phases $((across < 5 ? 1300 : 420 + across * bar)) $((rows == 1 ? 850 : 760 * rows)) \
        note="$note" rows="$rows" across="$across"
}

# Rows: kind, CPU, other CPU, begin, end, name; times from the port write. If most of the time
# nothing happens, what comes after that is worth a second look.
figure_timeline() {
    local table=$work/timeline.tsv gap
    columns "$dir/trace.csv" kind repetition smi cpu to_cpu begin_ns end_ns name \
        | awk -F '\t' -v OFS='\t' '
            NR == 1 { first = $2 " " $3 }
            ($2 " " $3) == first && $1 != "step" { print $1, $4, $5, $6, $7, $8 }' >"$table.all" \
        || true
    need "$table.all" "smmsim run --trace $dir/trace.csv" || return 0
    awk -F '\t' '$1 != "quiet"' "$table.all" >"$table"
    gap=$(awk -F '\t' '$1 == "smi" { all = $5 } $1 == "quiet" { from = $4; to = $5 }
        END { print (to - from > 0.8 * all ? to : 0) }' "$table.all")
    draw timeline 1400 $(($(cut -f 2 "$table" | sort -u | wc -l) > 12 ? 1300 : 950)) \
        gap="$gap" title="$(timeline_title)" \
        note="$(cut -f 2 "$table" | grep -v '?' | who_takes_part), no other has a lane"
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
    local first all
    read -r first all < <(awk -F '\t' '
        NR == 1 { point = $1 }
        $1 == point && !($2 in seen) { seen[$2]; all++ }
        END { print point, all + 0 }')
    if [[ -f $dir/points.csv && $(points="" columns "$dir/points.csv" point | wc -l) -gt 1 ]]; then
        echo -n "point $first: $(points="" named <<<"$first")"
    fi
    ((all == 1)) || echo -n "; the first of $all repetitions"
}

# Rows of the first repetition: time, blackout, CPU. A line for each CPU, or a lane for each if they
# are more than can be told apart.
figure_blackout() {
    local table=$work/blackout.tsv last note
    local panels=1 lines=0 width=1200 height=900 keys=1 across=1 down=1
    columns "$dir/cpus.csv" point repetition cpu stopped_ns blackout_ns >"$table.all" || true
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
        cut -f 3- "$table" >"$table.lanes"
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
    local table=$work/services.tsv panels lines width height keys note
    columns "$dir/hist.csv" point metric low_ns high_ns cumulative_share \
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
    panels "$table"
    draw_panels services
}

timeline_title() {
    columns "$dir/trace.csv" kind repetition smi cpu \
        | awk -F '\t' '{ print "What does each CPU do in SMI " $3 " of repetition " $2 \
            ", raised by CPU " $4 "?"; exit }'
}

# ---- What is asked for --------------------------------------------------------------------------

# choose LIST: takes 0,5,8-13 as the points that are drawn.
choose() {
    local part from to
    points=" " asked_points=$1
    [[ $1 =~ ^[0-9]+(-[0-9]+)?(,[0-9]+(-[0-9]+)?)*$ ]] \
        || die 2 "--points \"$1\": numbers of points are wanted (such as 0,5,8-13)"
    for part in ${1//,/ }; do
        from=$((10#${part%-*})) to=$((10#${part#*-}))
        ((from <= to && to - from < 1000)) || die 2 "--points $part: not a range of points"
        points+="$(seq -s ' ' "$from" "$to") "
    done
}

dir=results/demo
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
    esac
    if [[ " ${figures[*]} " == *" $word "* || $word =~ ^(percentiles|curve):[a-z] ]]; then
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
if [[ -n $points ]]; then
    [[ -f $dir/points.csv ]] || die 2 "--points: $dir has one point only (no points.csv)"
    for word in $points; do
        columns "$dir/points.csv" point | grep -qx "$word" \
            || die 2 "--points: $dir/points.csv has no point $word"
    done
fi

for asked_for in "${asked[@]:-${figures[@]}}"; do
    missing=""
    IFS=: read -ra words <<<"$asked_for"
    "figure_${words[0]}" "${words[@]:1}"
    [[ -n $missing ]] || continue
    ((${#asked[@]} == 0)) || die 2 "$asked_for: $missing"
    echo "left out: $asked_for: $missing"
done
