#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# limits.sh: few threads or none, no place for the result, a journal from elsewhere: said, not lost.
# Usage: tests/limits.sh [BINARY]   (what `make` builds if nothing is said)
set -euo pipefail
cd "$(dirname "$0")/.."

mk() { "${MAKE:-make}" -s "$@"; }

if (($# > 0)); then
    binary=$1
else
    mk binary
    binary=$(mk where)/smmsim
fi
[[ $binary == /* ]] || binary=$PWD/$binary
here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT
bad=0
wrong() { echo "limits: $*" && bad=1; }

printf 'cpus,caller.cpu\n2|3|4,0|1\n' >"$here/some.csv"
args=(sweep "$here/some.csv" --reps 9 --detail)

# limited COMMAND FOLDER OPTION...: a sweep after a command of the shell that limits it; standard
# error goes to FOLDER.log.
limited() {
    local limit=$1 out=$2
    shift 2
    rm -rf "${here:?}/$out"
    status=0
    (
        eval "$limit"
        exec "$binary" "${args[@]}" --out "$here/$out" "$@"
    ) >"$here/$out.out" 2>"$here/$out.log" </dev/null || status=$?
}
expect() { # expect STATUS WORDS LOG WHAT: one line, these words
    ((status == $1)) || wrong "$4: status $status instead of $1: $(head -n 1 "$here/$3.log")"
    grep -qF -- "$2" "$here/$3.log" || wrong "$4: does not say: $2"
    (($(wc -l <"$here/$3.log") == 1)) || wrong "$4: not one line: $(head -n 3 "$here/$3.log")"
}
same() { diff -rq "$here/one" "$here/$1" || wrong "$2: other bytes"; }

threads() {
    limited : one --jobs 1
    ((status == 0)) && [[ ! -s $here/one.log ]] || wrong "one thread: status $status"
    local k words
    for k in 1 2 3; do
        words="threads"
        ((k > 1)) || words="thread"
        limited "export OMP_THREAD_LIMIT=$k" few --jobs 4
        expect 0 "smmsim: $k $words instead of 4: there are no more" few "OMP_THREAD_LIMIT=$k"
        same few "OMP_THREAD_LIMIT=$k"
        limited "export OMP_THREAD_LIMIT=$k" few --jobs "$k"
        ((status == 0)) && [[ ! -s $here/few.log ]] || wrong "as many as there are: $status"
    done
    limited 'export OMP_THREAD_LIMIT=1' few --jobs 4 --format csv --until 'p99 ci<1%'
    expect 0 "1 thread instead of 4" few "one thread until it is enough"
    for k in OMP_DYNAMIC=true OMP_NUM_THREADS=1 OMP_MAX_ACTIVE_LEVELS=8; do
        limited "export $k" few --jobs 4
        ((status == 0)) && [[ ! -s $here/few.log ]] || wrong "$k: status $status"
        same few "$k"
    done
    limited 'export OMP_MAX_ACTIVE_LEVELS=0' few --jobs 4
    expect 0 "1 thread instead of 4" few "no parallel regions"
    same few "no parallel regions"
    # As stacks of 1 GB: none fits, or one does.
    limited 'ulimit -s 1000000; ulimit -v 900000' few --jobs 4
    expect 3 "no thread can be made: Resource temporarily unavailable" few "no thread"
    [[ ! -e $here/few ]] || wrong "no thread: a folder was made"
    limited 'ulimit -s 1000000; ulimit -v 1500000' few --jobs 4
    expect 0 "2 threads instead of 4" few "memory for one more"
    same few "memory for one more"
    # Processes are counted for who is not root.
    ((EUID != 0)) || processes
}

processes() {
    local user=(setpriv "--reuid=$((RANDOM + 100000))" --clear-groups) allowed
    chmod 755 "$here"
    "${user[@]}" test -x "$binary" -a -r workloads || return 0
    for allowed in 1 2; do
        mkdir -m 777 "$here/nproc$allowed"
        status=0
        # shellcheck disable=SC2016 # for the shell inside
        "${user[@]}" bash -c 'ulimit -u "$1"; shift; exec "$@"' _ "$allowed" "$binary" \
            "${args[@]}" --jobs 4 --out "$here/nproc$allowed/few" >/dev/null \
            2>"$here/nproc.log" </dev/null || status=$?
        if ((allowed == 1)); then
            expect 3 "no thread can be made" nproc "ulimit -u 1"
        else
            expect 0 "2 threads instead of 4" nproc "ulimit -u 2"
            same nproc2/few "ulimit -u 2"
        fi
    done
}

explorer() {
    local explore=("$binary" explore --cpus 3 --smis 1 --max-memory 64MiB) k
    "${explore[@]}" --threads 1 >"$here/explore" || true
    for k in 1 2; do
        status=0
        OMP_THREAD_LIMIT=$k "${explore[@]}" --threads 4 >"$here/explored" 2>"$here/explore.log" \
            || status=$?
        expect 1 " instead of 4: there are no more" explore "explorer, OMP_THREAD_LIMIT=$k"
        diff <(grep -v states/s "$here/explore") <(grep -v states/s "$here/explored") >/dev/null \
            || wrong "explorer, OMP_THREAD_LIMIT=$k: another outcome"
    done
    status=0
    (
        ulimit -s 1000000
        ulimit -v 900000
        exec "${explore[@]}" --threads 2
    ) >/dev/null 2>"$here/explore.log" || status=$?
    expect 3 "no thread can be made" explore "explorer without a thread"
}

# What cannot be done at the end is refused before anything runs, and leaves nothing.
no_place() {
    local name
    for name in summary.csv run.csv points.csv; do
        mkdir -p "$here/place/$name"
        status=0
        "$binary" "${args[@]}" --out "$here/place" >/dev/null 2>"$here/place.log" || status=$?
        expect 2 "$name: " place "a folder in the place of $name"
        [[ $(ls -A "$here/place") == "$name" ]] || wrong "$name: something was made"
        rm -r "$here/place"
    done
    mkdir "$here/place"
    : >"$here/place/hgrm"
    status=0
    "$binary" "${args[@]}" --hgrm --out "$here/place" >/dev/null 2>"$here/place.log" || status=$?
    expect 2 "hgrm: not of a result that run.csv lists" place "a file in the place of hgrm"
    rm -r "$here/place"
    limited 'exec >&-' place --format csv
    expect 3 "standard output: closed" place "a closed standard output"
    [[ ! -e $here/place/run.csv ]] || wrong "a closed standard output: all was run"
    limited 'exec >&- 2>&-' place
    ((status == 3)) || wrong "both closed: status $status"
    same place "both closed"
}

# A journal whose bytes were changed goes on, says so once, and gives the same bytes.
damage() {
    local file=$here/hurt/journal/0000-0000 words
    for words in damaged "cut off at its end"; do
        rm -rf "$here/hurt"
        status=0
        (
            ulimit -f 100
            exec "$binary" "${args[@]}" --jobs 1 --out "$here/hurt"
        ) >/dev/null 2>&1 </dev/null || status=$?
        ((status == 3)) || wrong "the journal is not full: status $status"
        if [[ $words == damaged ]]; then
            printf 'XXXX' | dd of="$file" bs=1 seek=2000 conv=notrunc status=none
            truncate -s -1 "$file"
        fi
        status=0
        "$binary" "${args[@]}" --out "$here/hurt" --resume --format csv >"$here/hurt.out" \
            2>"$here/hurt.log" </dev/null || status=$?
        expect 0 "journal/0000-0000: " hurt "a journal that is $words"
        expect 0 "$words" hurt "a journal that is $words"
        expect 0 "what is missing is made again" hurt "a journal that is $words"
        same hurt "a journal that is $words"
    done
}

# An error in the middle of a file is one line, and with a sanitizer nothing is left behind.
# relist FOLDER FILE: the list says what the file is now.
relist() {
    local sum
    sum=$(cksum <"$1/$2")
    sed -i "s/^file,[0-9 ]*,$2,/file,$sum,$2,/" "$1/run.csv"
}

comparison() {
    mkdir "$here/torn"
    cp "$here/one/run.csv" "$here/torn"
    head -n 300 "$here/one/reps.csv" | sed '$s/,.*//' >"$here/torn/reps.csv"
    relist "$here/torn" reps.csv
    status=0
    "$binary" compare "$here/torn" "$here/torn" >/dev/null 2>"$here/torn.log" || status=$?
    expect 2 "reps.csv:300:2: too few fields" torn "an error in the middle"
    sed -i '2s/^\(0,0,[a-z_]*\),1,.*/\1,1,5000000000000000,5,5,5,5,5,5/' "$here/torn/reps.csv"
    relist "$here/torn" reps.csv
    status=0
    "$binary" compare "$here/torn" "$here/torn" >/dev/null 2>"$here/torn.log" || status=$?
    expect 2 "reps.csv:2:5: not a number" torn "a figure that no statistics take"
}

threads
explorer
no_place
damage
comparison
((bad == 0)) || exit 1
echo "limits: same bytes with what there is, and one line for what there is not"
