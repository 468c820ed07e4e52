#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# words.sh: the completion offers what each command takes, and nothing else; lists and reports fit
# their width; LANG=C gets ASCII, and the same data; a parameter has a page.
# Usage: tests/words.sh
set -euo pipefail
cd "$(dirname "$0")/.."

smmsim=$(realpath "${SMMSIM:-./smmsim}")
here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT
bad=0
wrong() { echo "words: $*" && bad=1; }
export LC_ALL=C.UTF-8

# ---- completion ---------------------------------------------------------------------------------

compopt() { :; }
complete() { :; }
# shellcheck source=docs/smmsim.bash disable=SC1091
source docs/smmsim.bash
# offered LINE: what is offered at its end.
offered() {
    local COMP_LINE=$1 COMP_POINT=${#1} COMP_WORDS COMP_CWORD COMP_WORDBREAKS=' '
    read -ra COMP_WORDS <<<"$COMP_LINE"
    [[ $COMP_LINE != *' ' ]] || COMP_WORDS+=("")
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    COMPREPLY=()
    _smmsim "$smmsim"
    printf '%s\n' "${COMPREPLY[@]}"
}
# taken COMMAND: all options of the table that it does not refuse; what stands behind ends it.
taken() {
    local option said
    for option in "${all[@]}"; do
        said=$("$smmsim" "$1" "$option=?" --no-such 2>&1 </dev/null) && wrong "$1 --no-such: taken"
        [[ $said == *"$option: "*" does not take it "* ]] || echo "$option"
    done
}

mapfile -t commands < <("$smmsim" --help | awk '/^  [a-z]/ { print $1 }')
mapfile -t all < <(for command in "${commands[@]}"; do
    "$smmsim" "$command" --help | grep -oE '^  --[a-z-]+' | tr -d ' '
done | sort -u)
options=0
cd "$here"
ln -s "$OLDPWD/models" "$OLDPWD/workloads" .
for command in "${commands[@]}"; do
    mapfile -t now < <(offered "smmsim $command --" | sort)
    mapfile -t want < <(taken "$command" | sort)
    [[ "${now[*]}" == "${want[*]}" ]] \
        || wrong "$command: offered are ${now[*]}; taken are ${want[*]}"
    options=$((options + ${#now[@]}))
done
((${#commands[@]} >= 9 && options >= 80)) || wrong "only $options options found"
# answers LINE WORD...: these and no others.
answers() {
    local now
    now=$(offered "$1" | sort | tr '\n' ' ')
    [[ $now == "${*:2} " ]] || wrong "completion of '$1': $now"
}
# The page of a parameter names a command exactly if that takes it.
one='follow "p1 e1 1*7 t1 1*6" --cpus 2 --set smi.delivery=unicast'
for setting in workload=smi-idle smi.delivery=unicast caller.cpu=1 tie=index cpus=2 smis=1; do
    takers=$("$smmsim" params "${setting%=*}" | sed -n 's/^  for .*: //p')
    for command in 'demo --reps 1' "$one" 'noise 0' "explore"; do
        eval "\"\$smmsim\" $command --set $setting" >/dev/null 2>&1 && status=0 || status=$?
        [[ ", $takers," == *", ${command%% *},"* ]] && named=1 || named=0
        ((named == (status != 2))) || wrong "$setting: is for $takers; $command: status $status"
    done
done
# What the help says of demo is what demo runs.
for what in protocol reps; do
    has=$("$smmsim" demo --help | tr -s ' \n' ' ' \
        | sed -nE "s/.* --$what [^-]*Default: ([a-z0-9-]+).*/\\1/p")
    [[ $("$smmsim" demo | head -n 1) == *", $has "* ]] || wrong "demo: $what is not $has"
done
! "$smmsim" list protocols | grep -E '^  ([^ ]+) +\1:' || wrong "a protocol says its name twice"
answers 'smmsim run --format ' csv text
answers 'smmsim explore --memory ' sc tso
answers 'smmsim explore --force' ''
answers 'smmsim explore --properties do' door
answers 'smmsim params smi.del' smi.delivery
answers 'smmsim list steps ' ''
answers 'smmsim params cpus cpu' ''
answers 'smmsim list ' metrics mutants platforms protocols rules steps sweeps workloads
cd "$OLDPWD"

# ---- width and characters -----------------------------------------------------------------------

# fits COLUMNS COMMAND...: on a terminal of that many; 0: in a pipe, of 100.
fits() {
    local columns=$1 line
    shift
    if ((columns)); then
        script -qec "stty cols $columns; $(printf '%q ' "$smmsim" "$@")" /dev/null </dev/null
    else
        "$smmsim" "$@"
    fi 2>&1 | tr -d '\r' >"$here/text" || true
    local most=$((columns ? columns : 100))
    line=$(grep -v $'\033' "$here/text" | grep -m 1 -E "^.{$((most + 1))}" || true)
    [[ -s $here/text && -z $line ]] || wrong "$*: not in $most columns: $line"
}
widths=(0)
! command -v script >/dev/null || widths+=(80)
for columns in "${widths[@]}"; do
    for what in platforms workloads sweeps protocols metrics mutants steps rules; do
        fits "$columns" list "$what"
    done
    fits "$columns" params
    fits "$columns" run --reps 2
    fits "$columns" sweep cpus --reps 2 --out "$here/cpus" --force
    fits "$columns" compare "$here/cpus:0" "$here/cpus:1"
done
# A told step goes on below where the terminal ends; in a pipe it is one line.
((${#widths[@]} < 2)) || fits 80 replay 'p1 e1 1*7 t1 1*6' --set sync.mode=traditional
[[ $("$smmsim" demo --reps 1 | grep -c -E '^  (uni|broad)cast +CPU [01]') == 8 ]] \
    || wrong "the demo's table is not split in two"
for name in $("$smmsim" params | awk 'NR > 1 && /^[a-z]/ { print $1 }'); do
    "$smmsim" params "$name" >"$here/page"
    grep -q '^  kind ' "$here/page" && grep -q '^  for  ' "$here/page" || wrong "$name: no page"
    ! grep -qE '^.{101}' "$here/page" || wrong "$name: over 100 columns"
done

for command in "run --reps 2" "run --reps 1 --trace -" "list platforms" "params"; do
    # shellcheck disable=SC2086 # words
    ! LC_ALL='' LC_CTYPE='' LANG=C "$smmsim" $command | LC_ALL=C grep -q $'[\x80-\xff]' \
        || wrong "$command: not ASCII in LANG=C"
done
"$smmsim" run --reps 2 | grep -q '█' || wrong "no bar in C.UTF-8"
"$smmsim" run --reps 2 --out "$here/utf8" >/dev/null
LC_ALL=C "$smmsim" run --reps 2 --out "$here/ascii" >/dev/null
diff -r "$here/utf8" "$here/ascii" >&2 || wrong "LC_ALL=C: other data"

((bad == 0)) || exit 1
echo "words: $options options of ${#commands[@]} commands, offered as taken; all fits"
