#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# folder.sh: attacks on the folder of a result: two writers, links, mixtures, files of others, full
# disks, interrupts.
# Usage: tests/folder.sh [BINARY]   (what `make` builds if nothing is said)
set -euo pipefail
cd "$(dirname "$0")/.."

if (($# > 0)); then
    binary=$1
else
    "${MAKE:-make}" -s binary
    binary=$("${MAKE:-make}" -s where)/smmsim
fi
[[ $binary == /* ]] || binary=$PWD/$binary
here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT
bad=0
wrong() { echo "folder: $*" && bad=1; }
# shellcheck source=plots/check.sh disable=SC1091
source plots/check.sh

printf 'cpus\n2|3\n' >"$here/two.csv"
all=({summary,reps,hist,points,ops,smis,cpus,slowdown,phases,trace}.csv)

# smm STATUS WORDS ARGUMENT...: ends so, with one line that has these words if it is not 0.
smm() {
    local want=$1 words=$2 status=0
    shift 2
    "$binary" "$@" >"$here/out" 2>"$here/err" </dev/null || status=$?
    ((status == want)) || wrong "$*: status $status, not $want: $(cat "$here/err")"
    ((want == 0)) && return
    (($(wc -l <"$here/err") == 1)) || wrong "$*: not one line: $(cat "$here/err")"
    grep -qF -- "$words" "$here/err" || wrong "$*: \"$(cat "$here/err")\" has no \"$words\""
}

# holds FOLDER NAME...: these are there, and nothing else; what run.csv lists is as it was written.
holds() {
    local folder=$1 there
    shift
    there=$(cd "$here/$folder" && find . -mindepth 1 ! -path './hgrm/*' -printf '%P\n' | sort \
        | xargs)
    [[ $there == "$(printf '%s\n' "$@" | sort | xargs)" ]] || wrong "$folder holds $there, not $*"
    [[ ! -e $here/$folder/run.csv ]] || whole "$folder"
}
whole() { (check_result "$here/$1" "${all[@]}") || wrong "$1 is not one result"; }
kept() { [[ $(cat "$here/$1" 2>/dev/null) == "$2" ]] || wrong "$1 of somebody else was touched"; }

run=({run,summary,reps,hist,ops,smis,cpus}.csv)
swept=({run,points,summary,reps,hist}.csv)
drawn=({run,slowdown,phases}.csv)

# ---- one owner ----------------------------------------------------------------------------------

# Of several at once some may come one after the other; what is there in the end is one result.
writers() {
    local try i status pids won
    for i in 1 2 3; do
        smm 0 "" run --reps 60 --seed "$i" --out "$here/seed$i"
    done
    for ((try = 0; try < 20; try++)); do
        pids=()
        for i in 1 2 3; do
            "$binary" run --reps 60 --seed "$i" --out "$here/race" >/dev/null 2>"$here/race$i" \
                </dev/null &
            pids+=($!)
        done
        won=0
        for i in 1 2 3; do
            status=0
            wait "${pids[i - 1]}" || status=$?
            case $status in
            0) won=$((won + 1)) ;;
            3) grep -q 'another smmsim is writing there' "$here/race$i" || status=- ;;
            *) status=- ;;
            esac
            [[ $status != - ]] || wrong "writer $i of 3: $(cat "$here/race$i")"
        done
        ((won > 0)) || wrong "none of three writers won"
        holds race "${run[@]}"
        for i in 1 2 3; do
            ! diff -rq "$here/race" "$here/seed$i" >/dev/null || continue 2
        done
        wrong "the files are of no run" && return
    done
}

# ---- one result ---------------------------------------------------------------------------------

one_result() {
    local sweep=(sweep "$here/two.csv" --reps 1 --out "$here/r")
    smm 0 "" "${sweep[@]}" --hgrm
    smm 2 "/r: holds a result of \`smmsim sweep\` (use another --out, or add --force" \
        run --reps 1 --out "$here/r"
    smm 2 "/r: holds a result of \`smmsim sweep\`" demo --reps 1 --out "$here/r"
    holds r "${swept[@]}" hgrm
    echo mine >"$here/r/notes.txt"
    echo mine >"$here/r/hgrm/notes.txt"
    smm 0 "" run --reps 1 --out "$here/r" --force
    holds r "${run[@]}" hgrm notes.txt
    [[ $(ls -A "$here/r/hgrm") == notes.txt ]] || wrong "old percentiles are left"
    kept r/notes.txt mine
    kept r/hgrm/notes.txt mine
    rm -r "$here/r/hgrm" "$here/r/notes.txt"
    smm 0 "" run --reps 1 --out "$here/r" --hgrm --trace "$here/r/trace.csv"
    holds r "${run[@]}" hgrm trace.csv
    cmp -s "$here/r/hgrm/0-smi_latency.hgrm" /dev/null && wrong "an empty file"
    smm 0 "" run --reps 1 --seed 2 --out "$here/r"
    holds r "${run[@]}"
    smm 0 "" demo --reps 1 --out "$here/r" --force
    smm 0 "" demo --reps 1 --out "$here/r"
    holds r "${drawn[@]}"
    smm 0 "" "${sweep[@]}" --force
    smm 0 "" "${sweep[@]}"
    holds r "${swept[@]}"
    smm 2 "--force: does not go with --resume" "${sweep[@]}" --force --resume
}

# What somebody has changed, or has put there, is never replaced: not with --force either.
others() {
    local force name
    for force in "" --force; do
        rm -rf "$here/o"
        mkdir "$here/o"
        echo mine >"$here/o/summary.csv"
        # shellcheck disable=SC2086 # one word or none
        smm 2 "/o/summary.csv: not of a result that run.csv lists (move it away, or" \
            run --reps 1 --out "$here/o" $force
        holds o summary.csv
        kept o/summary.csv mine
        rm "$here/o/summary.csv"
        smm 0 "" run --reps 1 --out "$here/o" --hgrm
        echo mine >"$here/o/hist.csv"
        # shellcheck disable=SC2086
        smm 2 "/o/hist.csv: changed since smmsim wrote it" run --reps 1 --out "$here/o" $force
        kept o/hist.csv mine
        # As versions before this one have left it.
        sed -i '/^file,/d; /^command,/d' "$here/o/run.csv"
        # shellcheck disable=SC2086
        smm 2 "/o/run.csv: lists no files: of an older smmsim" run --reps 1 --out "$here/o" $force
        smm 2 "/o/run.csv: lists no files: of an older smmsim" compare "$here/o" "$here/o"
    done
    # A list that leads elsewhere.
    mkdir "$here/p" "$here/home"
    echo mine >"$here/home/letter"
    {
        printf 'name,value,place,source\ncommand,run,,\nfile,%s,' "$(cksum <"$here/home/letter")"
        printf '../home/letter,cksum\n'
    } >"$here/p/run.csv"
    smm 2 "/p/run.csv: lists no files" run --reps 1 --out "$here/p" --force
    kept home/letter mine
    rm -r "$here/p"
    mkdir "$here/p"
    ln -s "$here/home" "$here/p/hgrm"
    {
        printf 'name,value,place,source\ncommand,run,,\nfile,%s,' "$(cksum <"$here/home/letter")"
        printf 'hgrm/letter,cksum\n'
    } >"$here/p/run.csv"
    smm 2 "/p/hgrm/letter: changed since" run --reps 1 --out "$here/p" --force
    kept home/letter mine
    # A single file that would change a result.
    smm 0 "" run --reps 1 --out "$here/single"
    smm 2 "a file of the result that is in its folder" run --reps 1 --trace "$here/single/trace.csv"
    smm 2 "a file of the result that is in its folder" noise --out "$here/single/cpus.csv"
    smm 2 "a file of the result that is in its folder" noise --out "$here/single/run.csv"
    smm 2 "the lock of a folder" noise --out "$here/single/.smmsim.lock"
    # The same behind a link to the file, to one that is not there yet, to the folder, or ...
    ln -s single/cpus.csv "$here/to-file"
    ln -s single/trace.csv "$here/to-none"
    ln -s single "$here/to-folder"
    for name in to-file to-none to-folder/run.csv single/../single/cpus.csv; do
        smm 2 "a file of the result that is in its folder" noise --out "$here/$name"
        smm 2 "a file of the result that is in its folder" run --reps 1 --trace "$here/$name"
    done
    smm 2 "a file of the result that is in its folder" run --reps 1 --out "$here/single" \
        --trace "$here/to-file"
    smm 0 "" run --reps 1 --out "$here/single" --hgrm
    smm 2 "a file of the result that is in its folder" \
        noise --out "$here/single/hgrm/0-smi_latency.hgrm"
    smm 0 "" run --reps 1 --out "$here/single"
    smm 0 "" run --reps 1 --trace "$here/single/mine.json"
    smm 2 "is a data file (use another name)" run --reps 1 --out "$here/single" \
        --trace "$here/single/cpus.csv"
    holds single "${run[@]}" mine.json
}

edited() {
    smm 0 "" run --reps 2 --out "$here/e"
    smm 0 "" compare "$here/e" "$here/e"
    sed -i '$d' "$here/e/reps.csv"
    smm 2 "/e/reps.csv: not of the result that run.csv describes (changed since" \
        compare "$here/e" "$here/e"
    rm -rf "$here/e"
    smm 0 "" sweep "$here/two.csv" --reps 2 --out "$here/e"
    sed -i 's/,2,/,1,/' "$here/e/points.csv"
    smm 2 "/e/points.csv: not of the result" compare "$here/e" "$here/e"
}

# ---- links, and names ---------------------------------------------------------------------------

links() {
    local name
    echo mine >"$here/victim"
    mkdir "$here/l"
    for name in "${run[@]}"; do
        ln -s "$here/victim" "$here/l/$name.tmp"
    done
    smm 0 "" run --reps 1 --out "$here/l"
    kept victim mine
    rm "$here"/l/*
    for name in "${run[@]}" hgrm; do
        ln -s "$here/victim" "$here/l/$name"
        smm 2 "/l/$name: " run --reps 1 --hgrm --out "$here/l" --force
        [[ -L $here/l/$name ]] || wrong "$name: a link was replaced"
        rm "$here/l/$name"
    done
    kept victim mine
    for name in t.csv t.json; do
        ln -s "$here/victim" "$here/l/$name.tmp"
        smm 0 "" run --reps 1 --trace "$here/l/$name"
        kept victim mine
    done
    smm 0 "" noise --out "$here/l/noise"
    ln -s "$here/victim" "$here/l/.smmsim.lock"
    smm 2 "/l/.smmsim.lock: not the lock of smmsim" run --reps 1 --out "$here/l"
    kept victim mine
    # What the user names is written where it leads.
    ln -s real "$here/l/link"
    echo old >"$here/l/real"
    smm 0 "" noise --out "$here/l/link"
    [[ -L $here/l/link ]] || wrong "a link that was named is gone"
    grep -q '^# smmsim' "$here/l/real" || wrong "a link that was named does not lead on"
}

names() {
    local words odd=$here/$'a "b\' `c\n;d='
    smm 0 "" run --reps 1 --out "$odd"
    smm 2 "holds a result" demo --reps 1 --out "$odd"
    # The command that goes on is one line, and a shell reads it as it was.
    timeout --foreground -s INT 0.4 "$binary" sweep "$here/two.csv" --reps 1000000 \
        --out "$odd-sweep" >/dev/null 2>"$here/err" </dev/null || true
    (($(wc -l <"$here/err") == 2)) || wrong "an interrupt is not two lines: $(cat "$here/err")"
    eval "words=($(sed -n 's/.*; go on with: //p' "$here/err"))"
    [[ ${words[6]-} == "$odd-sweep" ]] || wrong "it goes on elsewhere: $(cat "$here/err")"
    smm 2 "folder name too long" run --reps 1 --out "$here/$(printf '%01000d' 0)"
    smm 3 "File name too long" run --reps 1 --out "$here/$(printf '%0300d' 0)"
    echo mine >"$here/file"
    smm 3 "not a folder" run --reps 1 --out "$here/file"
    smm 3 "Not a directory" run --reps 1 --out "$here/file/x"
    kept file mine
}

# ---- journals -----------------------------------------------------------------------------------

# killed COMMAND...: after a moment, by what cannot be caught.
killed() {
    { timeout --foreground -s KILL 0.3 "$binary" "$@" >/dev/null 2>&1 </dev/null || true; } 2>&-
}

journals() {
    local sweep=(sweep "$here/two.csv" --reps 4 --out "$here/j")
    mkdir -p "$here/j/journal"
    echo mine >"$here/j/journal/2024-01-notes.txt"
    echo mine >"$here/j/journal/0000-0000"
    echo mine >"$here/j/journal/00001-0000"
    smm 0 "" "${sweep[@]}"
    smm 0 "" "${sweep[@]}" --resume
    smm 0 "" run --reps 1 --out "$here/j" --force
    kept j/journal/2024-01-notes.txt mine
    kept j/journal/0000-0000 mine
    kept j/journal/00001-0000 mine
    (($(find "$here/j/journal" -type f | wc -l) == 3)) || wrong "files of ours are left"
    rm -rf "$here/j"
    mkdir "$here/j" "$here/else"
    ln -s "$here/else" "$here/j/journal"
    smm 2 "/j/journal: a link or a file (move it away" "${sweep[@]}"
    [[ -z $(ls -A "$here/else") ]] || wrong "a journal was written through a link"
    # Of an unfinished sweep nothing goes but with --force.
    rm -rf "$here/j"
    killed "${sweep[@]}" --reps 1000000
    [[ -s $here/j/journal/0000-0000 ]] || wrong "no journal to test with"
    smm 2 "/j: holds an unfinished sweep" run --reps 1 --out "$here/j"
    smm 2 "an unfinished sweep is there (add --resume to go on with it, or --force" "${sweep[@]}"
    echo mine >"$here/j/journal/notes"
    smm 0 "" run --reps 1 --out "$here/j" --force
    [[ $(ls -A "$here/j/journal") == notes ]] || wrong "the journal of the other sweep is left"
    # Begun with --force, it is gone on with without.
    killed "${sweep[@]}" --reps 1000000 --force
    smm 0 "" "${sweep[@]}" --resume
    holds j "${swept[@]}" journal journal/notes
}

# ---- stops --------------------------------------------------------------------------------------

# stopped SIGNAL COMMAND...: ended by it after a moment, and nothing is in the folder but what was.
stopped() {
    local signal=$1 before status=0
    shift
    before=$(cd "$here/s" && find . -type f -exec cksum {} + | sort)
    # In the foreground: a shell makes what runs in the background deaf to SIGINT.
    timeout --foreground -s "$signal" 0.4 "$binary" "$@" >/dev/null 2>&1 </dev/null || status=$?
    ((status == 124)) || wrong "$*: status $status at SIG$signal"
    [[ $(cd "$here/s" && find . -type f -exec cksum {} + | sort) == "$before" ]] \
        || wrong "$*: SIG$signal leaves $(ls -A "$here/s")"
}

interrupts() {
    local signal
    smm 0 "" run --reps 2 --out "$here/s"
    for signal in INT TERM HUP; do
        stopped $signal run --reps 10000000 --out "$here/s" --trace "$here/s/t.json"
        stopped $signal demo --reps 10000000 --out "$here/s" --force
        stopped $signal run --reps 10000000 --trace "$here/s/t.csv"
    done
    # Killed at any moment, also while one result is replaced by another: the next one cleans up.
    for _ in {1..40}; do
        timeout --foreground -s KILL "0.0$((RANDOM % 90 + 10))" "$binary" run --reps 60 --hgrm \
            --out "$here/s" >/dev/null 2>&1 || true
    done 2>/dev/null
    mkdir -p "$here/s/hgrm" # as one may leave it that was killed while it moved files
    smm 0 "" run --reps 2 --out "$here/s"
    holds s "${run[@]}"
}

# Who was started by nohup goes on when the terminal goes.
hang_up() {
    local status=0 starter
    (
        trap '' HUP
        exec "$binary" sweep "$here/two.csv" --reps 1000000 --out "$here/nohup" >/dev/null 2>&1
    ) </dev/null &
    starter=$!
    for _ in {1..100}; do
        [[ ! -s $here/nohup/journal/0000-0000 ]] || break
        sleep 0.05
    done
    kill -HUP "$starter"
    sleep 0.1
    kill -0 "$starter" 2>/dev/null || wrong "a sweep under nohup ends at SIGHUP"
    kill -TERM "$starter" 2>/dev/null || true
    wait "$starter" || status=$?
    ((status == 130)) || wrong "a sweep: status $status at SIGTERM"
    [[ $(ls -A "$here/nohup") == journal ]] || wrong "SIGTERM leaves $(ls -A "$here/nohup")"
}

# A disk that is full leaves the old result as it was.
full_disk() {
    local kB status before
    smm 0 "" run --reps 2 --out "$here/full"
    before=$(cd "$here/full" && cksum ./*)
    for kB in 1 20 100; do
        status=0
        (
            ulimit -f $kB
            exec "$binary" run --reps 200 --hgrm --out "$here/full"
        ) >/dev/null 2>"$here/err" </dev/null || status=$?
        ((status == 3)) || wrong "$kB kB: status $status"
        grep -q 'File too large' "$here/err" || wrong "$kB kB: $(cat "$here/err")"
        [[ $(cd "$here/full" && cksum ./*) == "$before" ]] || wrong "$kB kB: the old result is lost"
        holds full "${run[@]}"
    done
    unshare -rm true 2>/dev/null || return 0
    mkdir "$here/disk"
    # shellcheck disable=SC2016 # for the shell inside
    unshare -rm bash -c 'set -e; mount -t tmpfs -o size=300k,nr_inodes=20 none "$1"
        "$2" run --reps 2 --out "$1/r" >/dev/null; before=$(cksum "$1"/r/*)
        ! "$2" run --reps 2 --hgrm --out "$1/r" >/dev/null 2>"$3" || exit 1
        ! "$2" run --reps 200 --out "$1/r" >/dev/null 2>>"$3" || exit 1
        (($(grep -c "No space left on device" "$3") == 2))
        [[ $(cksum "$1"/r/*) == "$before" ]]; [[ -z $(ls -A "$1/r" | grep "^[.]") ]]' \
        _ "$here/disk" "$binary" "$here/err" </dev/null || wrong "a full disk: $(cat "$here/err")"
}

# Who may not write hears of it in one line, before anything is run.
no_rights() {
    ((EUID == 0)) && command -v setpriv >/dev/null || return 0
    chmod 755 "$here"
    mkdir "$here/closed"
    local status=0
    setpriv --reuid=65534 --clear-groups "$binary" run --reps 1 --out "$here/closed" \
        >/dev/null 2>"$here/err" </dev/null || status=$?
    ((status == 3)) || wrong "without rights: status $status"
    grep -q 'closed.*: Permission denied' "$here/err" || wrong "no rights: $(cat "$here/err")"
}

writers
one_result
others
edited
links
names
journals
interrupts
hang_up
full_disk
no_rights
((bad == 0)) || exit 1
echo "folder: one owner, one result, and nothing of others touched"
