#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# draw.sh: what plot.sh needs to have gnuplot draw: text for its program, panels, the picture files.
# For `source`, behind read.sh; uses dir, work, most, most_panels, points, asked_points and
# asked_for (the figure as the user wrote it), and die of plot.sh.
# shellcheck disable=SC2154,SC2034 # those, and what plot.sh reads

newline=$'\n'

# quoted TEXT: TEXT as gnuplot's program has it, whatever it holds: the only way for text to get
# there. In single quotes nothing but the quote is special; a line end cannot stand in them.
quoted() {
    local text=${1//\'/"''"}
    text=${text//$'\n'/"'.\"\\n\".'"}
    printf "'%s'" "${text//[[:cntrl:]]/?}"
}

# give NAME=TEXT...: variables for the picture; all of them are strings.
give() {
    local pair
    for pair; do
        printf '%s = %s\n' "${pair%%=*}" "$(quoted "${pair#*=}")"
    done >>"$work/given"
}

# give_list NAME TEXT...: an array of strings.
give_list() {
    local name=$1 list="" text
    shift
    for text; do
        list+="${list:+, }$(quoted "$text")"
    done
    printf 'array %s[%d] = [%s]\n' "$name" $# "$list" >>"$work/given"
}

# draw FIGURE WIDTH HEIGHT [NAME=TEXT]...: runs plots/FIGURE.gp for both formats, with `data` as the
# name of the figure's table, and what was given; the files are named as the figure was asked for.
draw() {
    local figure=$1 width=$2 height=$3 note="" pair kind file
    shift 3
    missing=""
    for pair; do
        [[ $pair != note=* ]] || note=${pair#*=}
    done
    note+=${points:+${note:+; }points $asked_points only}
    note=$(fold -s -w $((width / 16)) <<<"${note:+($note)}" | sed 's/ *$//')
    give "$@" here="$here" data="$work/$figure.tsv" picture="$work/picture" figure="$figure" \
        below_title="${note:+$newline}$note"
    for kind in pngcairo svg; do
        file=$dir/${asked_for//:/-}.${kind/pngcairo/png}
        {
            cat "$work/given"
            echo "title_rows = $((1 + $(grep -c . <<<"$note" || true)))"
            echo 'load here."/style.gp"'
            echo "set terminal $kind noenhanced size $width,$height font 'sans,20'" \
                "background '#ffffff'"
            echo 'set output picture'
            echo 'load here."/".figure.".gp"'
        } >"$work/program"
        gnuplot -d "$work/program" 2>"$work/errors" \
            || die 3 "$asked_for: gnuplot failed: $(cat "$work/errors")"
        mv -T -- "$work/picture" "$file" 2>/dev/null || die 3 "$file: cannot be written"
    done
    echo "picture: $dir/${asked_for//:/-}.png"
}

# in_two TEXT: breaks it after the comma that is nearest to its middle.
in_two() {
    local text=$1 i off best=0 least=$((${#1} + 2))
    for ((i = 1; i < ${#text}; i++)); do
        [[ ${text:i-1:2} == ', ' ]] || continue
        off=$((2 * i - ${#text}))
        if ((${off#-} < least)); then best=$i least=${off#-}; fi
    done
    if ((best > 0)); then text=${text:0:best}$'\n'${text:best+1}; fi
    printf '%s' "$text"
}

# panels TABLE: turns a table of panel, line and values into a block for each line of each panel,
# in their order, and gives gnuplot the names. Sets `panels` and `lines` to how many are drawn,
# `width` and `height` to those of the picture, `keys` to the rows of the legend, `across` and
# `down` to the panels side by side and one below the other, and `note` to a word on what is not
# drawn.
panels() {
    local longest=0 columns i panel_name line_name wrapped=0
    awk -F '\t' -v most="$most" -v most_panels="$most_panels" '
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
                print panel_name[p] > (FILENAME ".panels")
            for (i = 1; i <= lines; i++)
                print line_name[i] > (FILENAME ".lines")
            print of > (FILENAME ".note")
        }' "$1" >"$1.blocks"
    mv "$1.blocks" "$1"
    note=$(cat "$1.note")
    mapfile -t panel_name <"$1.panels"
    mapfile -t line_name <"$1.lines"
    panels=${#panel_name[@]} lines=${#line_name[@]}
    for ((i = 0; i < panels; i++)); do
        ((${#panel_name[i]} > 36)) || continue
        panel_name[i]=$(in_two "${panel_name[i]}")
        [[ ${panel_name[i]} != *$'\n'* ]] || wrapped=1
    done
    for ((i = 0; i < lines; i++)); do
        longest=$((${#line_name[i]} > longest ? ${#line_name[i]} : longest))
    done
    give wrapped=$wrapped
    give_list panel_name "${panel_name[@]}"
    give_list line_name "${line_name[@]}"
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
    [[ ! -f $dir/points.csv ]] || none=$(columns "$dir/points.csv" '#point' \
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
