#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# check.sh: are the data files in a folder those of one result, as they were written?
# For `source`; uses die STATUS TEXT.

# check_result DIR FILE...: each FILE that is in DIR must be listed in DIR/run.csv, with what
# `cksum` prints of it. Otherwise one line on standard error, and exit status 2 (die).
check_result() {
    local dir=$1 file want why
    shift
    for file; do
        [[ -e $dir/$file ]] || continue
        [[ -f $dir/$file && (-f $dir/run.csv || ! -e $dir/run.csv) ]] \
            || die 2 "$dir: $file or run.csv is no file (a pipe, a device or a folder)"
        want=""
        [[ ! -f $dir/run.csv ]] || want=$(awk -F , -v file="$file" \
            '$1 == "file" && $3 == file { print $2; exit }' <"$dir/run.csv")
        if [[ ! -e $dir/run.csv ]]; then
            why="there is no run.csv"
        elif [[ -z $want ]]; then
            why="not listed there"
        elif [[ $(cksum <"$dir/$file") != "$want" ]]; then
            why="changed since"
        else
            continue
        fi
        die 2 "$dir/$file: not of the result that run.csv describes ($why; make the result anew, \
or draw it with --unchecked)"
    done
}
