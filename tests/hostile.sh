#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# hostile.sh: names and figures of data files that try to be a program of gnuplot or the shell are
# drawn as the text that they are, or refused; nothing of them is executed.
# Usage: tests/hostile.sh   (SMMSIM: the binary, ./smmsim if not said)
# shellcheck disable=SC2016,SC1003 # names that look like commands
set -euo pipefail
cd "$(dirname "$0")/.."

root=$PWD
smmsim=$(realpath "${SMMSIM:-./smmsim}")
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
failed=0
pictures=0
refused=0
newline=$'\n'
# Where everything is started, so that a command that a name holds would leave its file here.
mkdir "$work/here"
cd "$work/here"

fail() {
    echo "hostile.sh: $1"
    failed=1
}

# Two rounds of six names. Each begins in a way that some tool reads as more than a letter; all in
# all they hold every way out of a quoted text that gnuplot, bash, awk and sed know.
names=(
    "=1+1\`touch PWNED1\`\$(touch PWNED2)" '-f"; system("touch PWNED3"); a="'
    "@a'; system('touch PWNED4'); a='" '#[$(touch PWNED5)]%n%s%d%' '\\touch\n\101{}\'
    "?a$newline!touch PWNED6$newline"
    "|touch PWNED7" "<touch PWNED8" '<script>&lt;"a,b",</script>' $'tab\tcr\rbell\a end'
    '$((a[$(touch PWNED9)]))' '~ * "ü€'
)

# put FILE COLUMN OLD NEW...: a field OLD of this column becomes the first NEW, the next other
# one the second: as a program that knows CSV writes them. COLUMN may be a list.
put() {
    local file=$1
    columns=$2 old=$3 news=$(shift 3 && printf '%s\001' "$@") awk -F, -v OFS=, '
        BEGIN {
            wanted = " " ENVIRON["columns"] " "
            n = split(ENVIRON["news"], news, "\001") - 1
            for (i = 1; i <= n; i++) {
                gsub(/"/, "\"\"", news[i])
                news[i] = "\"" news[i] "\""
            }
        }
        NR == 1 { for (i = 1; i <= NF; i++) name[i] = $i; print; next }
        {
            for (i = 1; i <= NF; i++)
                if (index(wanted, " " name[i] " ") \
                    && (ENVIRON["old"] == "" || $i == ENVIRON["old"])) {
                    if (!($i in new) && used < n)
                        new[$i] = news[++used]
                    $i = ($i in new) ? new[$i] : $i
                }
            print
        }' "$file" >"$file.new"
    mv "$file.new" "$file"
}

nothing_ran() {
    local trace
    trace=$(find "$work" "$root" -maxdepth 4 -name 'PWNED*' -print -quit)
    [[ -z $trace ]] || fail "$1: executed: $trace"
}

# drawn FOLDER FIGURE...: each is drawn, its SVG is XML, and nothing was executed.
drawn() {
    local folder=$1 figure out
    shift
    for figure; do
        if ! out=$("$root/plot.sh" --unchecked "$figure" "$folder" 2>&1); then
            fail "$figure: not drawn: $out"
        elif ! [[ -s $folder/${figure//:/-}.png && -s $folder/${figure//:/-}.svg ]]; then
            fail "$figure: no picture"
        fi
        pictures=$((pictures + 1))
        nothing_ran "$figure of $folder"
    done
}

# shows FILE.svg TEXT...: it is XML, without a program, and each text stands in it.
shows() {
    python3 - "$@" <<'END' || fail "$1: see above"
import sys, xml.etree.ElementTree as xml
tree = xml.parse(sys.argv[1])
said = "".join("".join(t.itertext()) for t in tree.iter() if t.tag.endswith("}text"))
assert not [t for t in tree.iter() if t.tag.endswith("}script")], "a script"
for text in sys.argv[2:]:
    if text not in said:
        sys.exit("hostile.sh: %s: does not say %r" % (sys.argv[1], text))
END
}

fresh() { "$smmsim" "$@" >/dev/null 2>&1 || fail "smmsim $* failed"; }

# ---- data that smmsim wrote of legal names ------------------------------------------------------

mkdir loads
for i in 0 1 2 3 4 5; do cp "$root/workloads/smi-single.csv" "loads/w$i.csv"; done
loads=$(printf '|loads/w%d.csv' 0 1 2 3 4 5)
printf 'workload,cpus\n%s,2|4\n' "${loads#|}" >cpus-sweep.csv
printf 'workload,sync.timeout1,cpu.late,cpus\n%s,1ms|10ms,30us,2\n' "${loads#|}" >late-sweep.csv
printf 'protocol,smi.delivery,caller.cpu,cpus\nedk2-2017|edk2-head,unicast|broadcast,0|1,2\n' \
    >slow-sweep.csv
for name in cpus late slow; do
    fresh sweep $name-sweep.csv --reps 1 --detail --out by-$name
done
fresh demo --reps 1 --out demo
fresh run --protocol edk2-2017 --set smi.delivery=unicast --set caller.cpu=1 --reps 1 --out run \
    --trace run/trace.csv
rm -f {by-cpus,by-late,by-slow,demo,run}/run.csv # what follows is about files that somebody edited

# A legal name is enough: nobody edited this.
cp "$root/workloads/smi-single.csv" 'x`touch PWNED0`.csv'
printf 'workload,cpus\n./x`touch PWNED0`.csv,2|4\n./loads/w1.csv,2|4\n' >legal-sweep.csv
fresh sweep legal-sweep.csv --reps 1 --detail --out legal
drawn legal percentiles cpus phases blackout services curve:cpus:smis
shows legal/percentiles.svg './x`touch PWNED0`.csv, cpus 2'

# ---- every column with text ---------------------------------------------------------------------

for round in 0 6; do
    now=("${names[@]:round:6}")
    rm -rf edited
    mkdir edited
    cp -r by-cpus by-late by-slow demo run edited
    for name in by-cpus by-late; do
        for i in 0 1 2 3 4 5; do
            put edited/$name/points.csv workload loads/w$i.csv "${now[i]}"
        done
        put edited/$name/points.csv outcome ok "${now[0]}"
    done
    drawn edited/by-cpus percentiles percentiles:blackout cpus phases blackout services \
        curve:cpus:smis
    drawn edited/by-late heatmap curve:sync.timeout1 percentiles
    put edited/by-slow/points.csv "protocol smi.delivery caller.cpu" "" "${now[@]}"
    drawn edited/by-slow slowdown percentiles services blackout phases
    put edited/demo/slowdown.csv "protocol delivery caller_cpu" "" "${now[@]}"
    put edited/demo/phases.csv "protocol delivery caller_cpu" "" "${now[@]}"
    put edited/demo/phases.csv phase handler "${now[1]}"
    drawn edited/demo slowdown phases
    put edited/run/trace.csv kind arrow "${now[2]}"
    put edited/run/trace.csv name "" "" "" "${now[@]}"
    put edited/run/hist.csv metric call_get "call_${now[3]}"
    put edited/run/summary.csv metric phase.handler "phase.${now[4]}"
    printf 'name,value,place,source\nworkload,x,y,z\n' >edited/run/run.csv
    put edited/run/run.csv "name value source" "" "${now[@]}"
    drawn edited/run timeline services phases percentiles
    if ((round == 0)); then
        shows edited/by-cpus/percentiles.svg "${now[0]}" "${now[1]}" "${now[2]}" "${now[3]}" \
            "${now[4]}" '?a␊!touch PWNED6␊'
        shows edited/by-late/heatmap.svg "${now[0]}" "${now[1]}" "${now[2]}" "${now[3]}" "${now[4]}"
        shows edited/demo/slowdown.svg "${now[0]}" "${now[1]}"
    else
        shows edited/by-cpus/percentiles.svg '|touch PWNED7' '<touch PWNED8' 'tab␉cr�bell� end'
        shows edited/by-cpus/cpus.svg '<script>&lt;"a,b",</script>' '~ * "ü€'
    fi
done

# ---- columns with figures, and headers: refused with their place --------------------------------

# refuses FIGURE FILE COLUMN PLACE: something else than a figure there is said, with its place.
refuses() {
    local figure=$1 file=$2 column=$3 place=$4 value out status
    for value in 'a[$(touch PWNED1)]' '1;system("touch PWNED2")`touch PWNED3`' "${more[@]}"; do
        cp "$file" saved
        put "$file" "$column" "" "$value"
        status=0
        out=$("$root/plot.sh" --unchecked "$figure" "${file%/*}" 2>&1) || status=$?
        mv saved "$file"
        [[ $status == 2 && $out != *$'\n'* \
            && $out == "plot.sh: $file:2:$place: \"$value\" in column $column (would "* ]] \
            || fail "$figure, $column: status $status, \"$out\""
        refused=$((refused + 1))
        nothing_ran "$figure, $column of $file"
    done
}

more=(0x1 nan 08x 1e3 123456789)
refuses blackout run/cpus.csv cpu 3
more=(0x1 nan 1e+)
refuses blackout run/cpus.csv stopped_ns 9
more=()
refuses timeline run/trace.csv cpu 4
refuses timeline run/trace.csv end_ns 7
refuses percentiles run/hist.csv cumulative_share 7
refuses services run/hist.csv low_ns 3
refuses phases run/summary.csv share 15
refuses phases demo/phases.csv share 6
refuses slowdown demo/slowdown.csv served 6
refuses cpus by-cpus/summary.csv p99_ns 8
refuses heatmap by-late/summary.csv mean_ns 11
refuses cpus by-cpus/points.csv point 1
refuses slowdown by-slow/summary.csv mean_count 13

says() {
    local text=$1 status=0 out
    shift
    out=$("$root/plot.sh" --unchecked "$@" 2>&1) || status=$?
    [[ $status == 2 && $out == "plot.sh: $text"* && $out != *$'\n'* ]] \
        || fail "plot.sh $*: status $status, \"$out\""
    refused=$((refused + 1))
    nothing_ran "plot.sh $*"
}

cp by-late/points.csv saved
for name in '"x""; system(""touch PWNED1""); a="""' 'a[$(touch PWNED2)]' '*' '-f' 'x y'; do
    awk -v OFS=, -F, -v at=3 'BEGIN { name = ENVIRON["name"] } NR == 1 { $at = name } { print }' \
        saved >by-late/points.csv
    says 'by-late/points.csv:1:3: not a name of a column' heatmap by-late
done
mv saved by-late/points.csv
printf 'point,workload\n0,"open\n' >"by-cpus/open.csv"
mv by-cpus/points.csv saved
mv by-cpus/open.csv by-cpus/points.csv
says 'by-cpus/points.csv:2:1: a quote is open' cpus by-cpus
mv saved by-cpus/points.csv
for word in 'percentiles:a`touch PWNED1`' 'curve:a[$(touch PWNED2)]' 'curve:../x' \
    'percentiles:a:b' 'slowdown percentiles' 'curve:cpus:$(touch PWNED3)'; do
    says "\"$word\" is neither a figure" "$word" by-cpus
done
says '--points "a[$(touch PWNED1)]"' --points 'a[$(touch PWNED1)]' by-cpus
says '--points "18446744073709551617"' --points 18446744073709551617 by-cpus

# ---- pipes and devices in a result: nobody waits for them ---------------------------------------

for name in hist.csv run.csv; do
    cp -r legal odd
    rm odd/$name
    mkfifo odd/$name
    out=$(timeout 20 "$root/plot.sh" percentiles odd 2>&1) && status=0 || status=$?
    [[ $status == 2 && $out == "plot.sh: odd: "*" is no file (a pipe, a device or a folder)" ]] \
        || fail "a pipe as $name: status $status, \"$out\""
    rm -r odd
done

# ---- names of folders ---------------------------------------------------------------------------

for name in -f 'a=b' "it's \`touch PWNED1\` \$(touch PWNED2)" '"; system("touch PWNED3"); a="' \
    $'two\nlines' '|touch PWNED4' '%n @b \n'; do
    cp -r by-cpus -- "./$name"
    drawn "$name" percentiles cpus blackout
    mkdir "tmp $name"
    TMPDIR="$PWD/tmp $name" drawn by-cpus percentiles phases
    rm -r -- "./$name"
done

# ---- completion ---------------------------------------------------------------------------------

mkdir workloads
: >'workloads/zz$(touch PWNED1)`touch PWNED2`.csv'
# shellcheck source=docs/smmsim.bash disable=SC1091
source "$root/docs/smmsim.bash"
COMP_WORDS=(smmsim run --workload zz) COMP_CWORD=3 COMP_LINE="smmsim run --workload zz"
COMP_POINT=${#COMP_LINE}
_smmsim "$smmsim"
nothing_ran completion
[[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == 'zz\$\(touch'* ]] \
    || fail "completion: \"${COMPREPLY[*]}\""

compopt() { :; }
# completes LINE WORD...: these words are offered at its end, and no others.
completes() {
    local COMP_LINE=$1 COMP_POINT=${#1} COMP_WORDS COMP_CWORD COMP_WORDBREAKS=' '
    shift
    read -ra COMP_WORDS <<<"$COMP_LINE"
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    _smmsim "$smmsim"
    [[ "${COMPREPLY[*]}" == "$*" ]] || fail "completion of $COMP_LINE: ${COMPREPLY[*]}"
}
completes 'smmsim run --set smi.delivery=' smi.delivery={unicast,broadcast,hardware}
completes 'smmsim run --set sync.mtrr=' sync.mtrr={on,off}
completes 'smmsim run --set cpus.blocked=' cpus.blocked={none,last:,cpu:}
completes 'smmsim explore --set smi.' smi.delivery=
completes 'smmsim sweep --set smis'
completes 'smmsim follow x --set smis' smis=
completes 'smmsim run --protocol edk2-202408' edk2-202408{,.01}
completes 'smmsim run --protocol edk2-stable202408' edk2-stable202408{,.01}
completes 'smmsim run --protocol StartupAllAPs'
completes 'smmsim exp' explore
completes 'smmsim noise --see' --seed

((failed == 0)) || exit 1
echo "hostile: $pictures pictures drawn, $refused lines refused, nothing executed"
