#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# read.sh: what plot.sh needs to read smmsim's files: columns by name, names of points, panels.
# For `source`: uses dir (the folder with the files), work (a scratch folder), handy and most.
# shellcheck disable=SC2154 # those four

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

# labels NAMES [SKIP...]: number and name of each point of a sweep, "12<tab>unicast, cpus 8", of
# the parameters NAMES but not of SKIP.
labels() {
    local names=$1 name kept=""
    shift
    for name in $names; do
        [[ " $* " == *" $name "* ]] || kept+=" $name"
    done
    # shellcheck disable=SC2086 # a list of names
    columns "$dir/points.csv" point outcome $kept | awk -F '\t' -v names="$kept" '
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
# pair of them, that leaves few enough.
split_points() {
    local names name panels lines
    if [[ ! -f $dir/points.csv ]]; then # a run has one point
        printf '0\t\tthis run\n'
        return
    fi
    names=$(swept "$@" | tr '\n' ' ')
    labels "$names" "$@" >"$work/lines.tsv"
    sed 's/\t.*/\t/' "$work/lines.tsv" >"$work/panels.tsv"
    if (($(values <"$work/lines.tsv") > handy)); then
        while read -r name; do
            # shellcheck disable=SC2086 # one or two names
            panels=$(labels "$name" "$@" | values) lines=$(labels "$names" "$@" $name | values)
            if ((panels > 1 && panels <= 4 && lines <= most)); then
                labels "$name" >"$work/panels.tsv"
                # shellcheck disable=SC2086
                labels "$names" "$@" $name >"$work/lines.tsv"
                break
            fi
        done < <(tr ' ' '\n' <<<"$names" | awk 'NF && !index(skip, " " $1 " ") {
            name[++n] = $1; print }
            END { for (i = 1; i < n; i++) for (k = i + 1; k <= n; k++) print name[i], name[k] }' \
            skip=" $* ")
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

# named: puts the name of its point before each row on standard input, instead of the number.
named() {
    if [[ -f $dir/points.csv ]]; then
        labels "$(swept | tr '\n' ' ')"
    else
        printf '0\tthis run\n'
    fi >"$work/labels.tsv"
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
