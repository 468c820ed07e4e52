#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# read.sh: what plot.sh needs to read smmsim's files: columns by name, names of points, panels.
# For `source`: uses dir (the folder with the files), work (a scratch folder), handy, most,
# most_panels, and points (those that were asked for, with spaces around each; empty: all).
# shellcheck disable=SC2154 # those six

# columns FILE [NAME...]: these columns of a CSV file, by name, separated by tabs, without the
# header; an empty field is ?, gnuplot's sign for missing. #NAME must hold whole numbers, +NAME
# numbers. Only rows of the points that were asked for. Without a NAME the names in the header, a
# line each. Text comes out as UTF-8 without control characters. Status 1 if the file or a column
# is not there, or if it is not such a file: then $work/wrong has a line that says where.
columns() {
    local file=$1
    shift
    [[ -f $file ]] || return 1
    # iconv has dropped what is not UTF-8 when it complains.
    { tr -d '\000' <"$file" | iconv -c -f UTF-8 -t UTF-8 2>/dev/null || true; } \
        | file=$file wrong=$work/wrong awk -v names="$*" -v points="$points" '
        # Splits a record into f[1..n] as RFC 4180 says.
        function split_record(line,    n, c, i, quoted) {
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
        # Most records have no quotes.
        function fields(line) {
            return index(line, "\"") ? split_record(line) : split(line, f, ",")
        }
        function bad(column, what) {
            print ENVIRON["file"] ":" begin ":" column ": " what > ENVIRON["wrong"]
            failed = 1
            exit 1
        }
        # A tab or a line end in a name would look like the end of a field or a row.
        function text(value) {
            gsub(/\t/, "␉", value)
            gsub(/\n/, "␊", value)
            gsub(/[\001-\037\177]/, "�", value)
            return value == "" ? "?" : value
        }
        function read_header(    i, k) {
            columns = fields(record)
            for (i = columns; i > 0; i--) {
                if (f[i] !~ /^[A-Za-z_][A-Za-z0-9_.]*$/)
                    bad(i, "not a name of a column (would be right: a file that smmsim wrote)")
                at[f[i]] = i
            }
            for (i = 1; names == "" && i <= columns; i++)
                print f[i]
            count = split(names, name, " ")
            for (k = 1; k <= count; k++) {
                kind[k] = substr(name[k], 1, 1)
                sub(/^[#+]/, "", name[k])
                if (!(name[k] in at)) {
                    failed = 1
                    exit 1
                }
            }
            point = points != "" && "point" in at ? at["point"] : 0
        }
        function is_number(value) {
            return value ~ /^[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]+)?$/
        }
        function is_whole(value) { return length(value) < 9 && value ~ /^(0|[1-9][0-9]*)$/ }
        function field(k,    value) {
            value = f[at[name[k]]]
            if (kind[k] == "#" && value != "" && !is_whole(value))
                bad(at[name[k]], "\"" text(value) "\" in column " name[k] \
                    " (would be right: a whole number below 10^8)")
            if (kind[k] == "+" && value != "" && !is_number(value))
                bad(at[name[k]], "\"" text(value) "\" in column " name[k] \
                    " (would be right: a number)")
            return value == "" || value ~ /[^ -~]/ ? text(value) : value
        }
        # A record goes on in the next line while a quote is open.
        {
            record = open ? record "\n" $0 : $0
            begin = open ? begin : NR
            open = index($0, "\"") ? (open + gsub(/"/, "&")) % 2 : open
            if (open && length(record) < 65536)
                next
            if (open)
                bad(1, "a quote is open (would be right: one \" more)")
            sub(/\r$/, "", record)
        }
        begin == 1 { read_header(); next }
        names == "" { exit }
        {
            fields(record)
            if (point && !index(points, " " f[point] " "))
                next
            row = ""
            for (i = 1; i <= count; i++)
                row = row (i > 1 ? "\t" : "") field(i)
            print row
        }
        END {
            if (open && !failed)
                bad(1, "a quote is open (would be right: one \" more)")
            exit failed
        }'
}

# settings: the columns of points.csv that are settings.
settings() {
    columns "$dir/points.csv" \
        | grep -vxE 'point|repetitions|outcome|bad_repetitions|goal.*|reproduce'
}

# swept [NAME...]: the columns of points.csv that tell the points apart, NAMEs among them if points
# differ in them: what is derived from other columns is not needed for that, and stays out.
# Of chosen points those that tell the whole sweep's apart, as far as they differ.
swept() {
    local all
    all=$(settings)
    [[ -z $points ]] || all=$(points="" swept "$@")
    # shellcheck disable=SC2086 # a list of names
    columns "$dir/points.csv" $all | awk -F '\t' -v names="$all" -v kept=" $* " \
        -v chosen="$points" '
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
                if (differs[c] && chosen == "" && !index(kept, " " name[c] " ") && apart(c))
                    differs[c] = 0
            for (c = 1; c <= columns; c++)
                if (differs[c])
                    print name[c]
        }'
}

# labels NAMES [SKIP...]: number and name of each point of a sweep, "12<tab>unicast, cpus 8", of
# the parameters NAMES but not of SKIP.
labels() {
    local names=$1 name kept=""
    shift
    for name in $names; do
        [[ " $* " == *" $name "* ]] || kept+=" $name"
    done
    # shellcheck disable=SC2086 # a list of names
    columns "$dir/points.csv" '#point' outcome $kept | awk -F '\t' -v names="$kept" '
        BEGIN { split(names, name, " ") }
        {
            text = ""
            for (i = 3; i <= NF; i++) { # a word says what it is, a figure needs its name
                short = name[i - 2]
                sub(/.*[.]/, "", short)
                if (length(short) < 6) # too short to say much: with what stands before it
                    short = substr(name[i - 2], match(name[i - 2], /[^.]*([.][^.]*)?$/))
                text = text (i > 3 ? ", " : "") ($i ~ /^[0-9]/ ? short " " : "") $i
            }
            text = text == "" ? "all" : text
            print $1 "\t" text ($2 == "ok" ? "" : " (" $2 ")")
        }'
}

# values: how many different second columns standard input has.
values() {
    cut -f 2 | sort -u | wc -l
}

# split_points [NAME...]: point, panel and line of each point; the columns NAME... stay out of the
# names. One panel, unless it had many lines: then one for each value of the first parameter, or
# pair of them, that leaves few enough; in one row of panels if that is possible.
split_points() {
    local names name panels lines few
    if [[ ! -f $dir/points.csv ]]; then # a run has one point
        printf '0\t\tthis run\n'
        return
    fi
    names=$(swept "$@" | tr '\n' ' ')
    labels "$names" "$@" >"$work/lines.tsv"
    sed 's/\t.*/\t/' "$work/lines.tsv" >"$work/panels.tsv"
    if (($(values <"$work/lines.tsv") > handy)); then
        while read -r few name; do
            # shellcheck disable=SC2086 # one or two names
            panels=$(labels "$name" "$@" | values) lines=$(labels "$names" "$@" $name | values)
            if ((panels > 1 && panels <= few && lines <= most)); then
                labels "$name" >"$work/panels.tsv"
                # shellcheck disable=SC2086
                labels "$names" "$@" $name >"$work/lines.tsv"
                break
            fi
        done < <(tr ' ' '\n' <<<"$names" | awk 'NF && !index(skip, " " $1 " ") { name[++n] = $1 }
            END {
                for (few = 4; few <= most; few = few < most ? most : most + 1) {
                    for (i = 1; i <= n; i++)
                        print few, name[i]
                    for (i = 1; i < n; i++)
                        for (k = i + 1; k <= n; k++)
                            print few, name[i], name[k]
                }
            }' skip=" $* " most="$(($(values <"$work/lines.tsv") > most ? most_panels : 4))")
    fi
    paste "$work/panels.tsv" <(cut -f 2 "$work/lines.tsv")
}

# split [NAME...]: puts panel and line before each row on standard input, instead of the number of
# its point; as split_points.
split() {
    split_points "$@" >"$work/split.tsv"
    awk -F '\t' -v OFS='\t' 'NR == FNR { name[$1] = $2 OFS $3; next } { $1 = name[$1]; print }' \
        "$work/split.tsv" -
}

# star: number and name of each point, as labels, of a sweep that changes a few settings at a time:
# those in which a point differs from the most frequent ones. Status 1 if it is another sweep.
star() {
    local all kept derived points=""
    kept=$(swept | wc -l)
    derived=$(columns "$dir/run.csv" name source \
        | sed -n 's/\tderived from what is swept$//p' || true)
    all=$(settings | grep -vxF -e "${derived:-point}")
    # shellcheck disable=SC2086 # a list of names
    columns "$dir/points.csv" '#point' outcome $all | awk -F '\t' -v names="$all" -v kept="$kept" '
        function short(name) { sub(/^(cpu|sync|os)[.]/, "", name); return name }
        BEGIN { split(names, name, "\n") }
        {
            for (c = 1; c <= NF; c++) {
                value[NR, c] = $c
                differs[c] = differs[c] || $c != value[1, c]
                if (++times[c, $c] > times[c, usual[c]])
                    usual[c] = $c
            }
        }
        END {
            for (c = 3; c <= NF; c++)
                columns += differs[c]
            for (row = 1; row <= NR; row++) {
                text[row] = ""
                for (c = 3; c <= NF; c++)
                    if (value[row, c] != usual[c]) {
                        text[row] = text[row] (text[row] == "" ? "" : ", ") \
                            (name[c - 2] == "workload" ? "" : short(name[c - 2]) " ") value[row, c]
                        named++
                    }
            }
            if (columns <= kept || named > NR * columns / 2)
                exit 1
            for (row = 1; row <= NR; row++)
                print value[row, 1] "\t" (text[row] == "" ? "base" : text[row]) \
                    (value[row, 2] == "ok" ? "" : " (" value[row, 2] ")")
        }'
}

# named: puts the name of its point before each row on standard input, instead of the number.
named() {
    if [[ -f $dir/points.csv ]]; then
        star || labels "$(swept | tr '\n' ' ')"
    else
        printf '0\tthis run\n'
    fi >"$work/labels.tsv"
    awk -F '\t' -v OFS='\t' 'NR == FNR { name[$1] = $2; next } { $1 = name[$1]; print }' \
        "$work/labels.tsv" -
}

# workloads: the names of the workloads, a line each.
workloads() {
    if ! columns "$dir/points.csv" workload 2>/dev/null; then
        columns "$dir/run.csv" name value | sed -n 's/^workload\t//p' || true
    fi
}

# metric NAME COLUMN...: rows of summary.csv for one metric: point and these columns.
metric() {
    local name=$1
    shift
    columns "$dir/summary.csv" metric '#point' "$@" \
        | awk -F '\t' -v name="$name" '$1 == name' | cut -f 2-
}
