#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# answers.sh: runs the sweep of each question and writes docs/ANSWERS.md with figures and pictures.
# Usage: docs/answers.sh   (from the root, after `make`; a few minutes; data go to results/answers)
set -euo pipefail
cd "$(dirname "$0")/.."

smmsim=${SMMSIM:-./smmsim}
data=results/answers
page=docs/ANSWERS.md
mkdir -p "$data" docs/answers

# table DIR PARAMETERS METRIC:COLUMN...: a row for each point; times in the unit that fits
table() {
    awk -v parameters="$2" -v metrics="$3" '
        function cell(ns) {
            if (ns == "") return "-"
            if (ns >= 1e9) return sprintf("%.3g s", ns / 1e9)
            if (ns >= 1e6) return sprintf("%.3g ms", ns / 1e6)
            if (ns >= 1e3) return sprintf("%.3g us", ns / 1e3)
            return sprintf("%.3g ns", ns)
        }
        BEGIN { FS = ","; np = split(parameters, p, " "); nm = split(metrics, m, " ") }
        FNR == 1 { file++; for (i = 1; i <= NF; i++) column[file, $i] = i; next }
        file == 1 { points++; for (i = 1; i <= np; i++) set[$1, i] = $(column[1, p[i]]); next }
        { for (i = 1; i <= nm; i++) { split(m[i], x, ":"); if ($2 == x[1]) got[$1, i] = $(column[2, x[2]]) } }
        END {
            head = "|"; rule = "|"
            for (i = 1; i <= np; i++) { head = head " " p[i] " |"; rule = rule " --- |" }
            for (i = 1; i <= nm; i++) {
                split(m[i], x, ":"); name = x[2]; sub(/_ns$/, "", name); sub(/^mean_count$/, "per run", name)
                head = head " " x[1] " " name " |"; rule = rule " ---: |"
            }
            print head; print rule
            for (n = 0; n < points; n++) {
                row = "|"
                for (i = 1; i <= np; i++) row = row " " set[n, i] " |"
                for (i = 1; i <= nm; i++) {
                    split(m[i], x, ":")
                    row = row " " (x[2] ~ /_ns$/ ? cell(got[n, i]) : got[n, i]) " |"
                }
                print row
            }
        }' "$data/$1/points.csv" "$data/$1/summary.csv"
}

# question NAME REPETITIONS FIGURE TITLE: runs the sweep, draws the figure, begins the section
question() {
    local name=$1 reps=$2 figure=$3 title=$4
    rm -rf "${data:?}/$name"
    "$smmsim" sweep "workloads/sweeps/$name.csv" --reps "$reps" --out "$data/$name" > "$data/$name.log"
    if [[ -n $figure ]]; then
        ./plot.sh "$figure" "$data/$name" > /dev/null
        cp "$data/$name/$figure.png" "docs/answers/$name.png"
    fi
    {
        echo
        echo "## $title"
        echo
        echo "    ./smmsim sweep workloads/sweeps/$name.csv --reps $reps --out $data/$name"
        [[ -z $figure ]] || echo "    ./plot.sh $figure $data/$name"
        echo
        [[ -z $figure ]] || { echo "![$title](answers/$name.png)"; echo; }
    } >> "$page"
}

say() { printf '%s\n\n' "$1" >> "$page"; }
figures() { { table "$@"; echo; } >> "$page"; }

cat > "$page" <<'END'
# Answers

Questions that people who suffer from SMM synchronisation ask, each with the command, the picture,
the figures and an answer in a few sentences. `make answers` writes this page and its pictures anew.

Read the figures with care: what a run's report calls uncalibrated is a guess with the right order of
magnitude. On `qemu-kvm-ovmf` that is nearly everything but the timeouts, the number of SMIs and the
guest IPI; on `xeon-2s-64c128t` the SMM entry and exit, the shares of the idle states, the APIC and the
port. Cache-line transfers, idle-state exits and flash figures have sources. What an answer says of
shapes, ratios and causes holds for wide ranges of these; absolute microseconds do not.
END

question q1-latency 5 cpus "Q1: How long is one SMI, from 2 to 128 CPUs?"
say "On an idle two-socket server the SMI is as long as the deepest idle state that any CPU is in: from 8 CPUs on somebody is nearly always in C6, whose exit the BSP waits for. What grows with the number of CPUs is the barriers: a few hundred nanoseconds a CPU within a socket, more across sockets."
figures q1-latency "cpus" "smi_latency:p50_ns smi_latency:p99_ns skew:p50_ns phase.aps_wait:mean_ns phase.barriers:mean_ns phase.handler:mean_ns phase.release:mean_ns"
say "Uncalibrated and decisive here: the shares of C1, C1E and C6; their exit times are those of Linux' tables."

question q2-terms 2 "" "Q2: Which term dominates?"
say "The idle state, then whatever serialises: with all CPUs in C6 the exit is most of the SMI, a signal that takes 2 us for each target costs as much at 128 CPUs as two C6 exits, and a long instruction of milliseconds dominates everything as soon as one CPU in a hundred is in one. A variable on SPI NOR makes the handler itself the largest term: milliseconds of page programs with all CPUs held."
figures q2-terms "workload os.others cpu.cstate_exit cpu.long_instruction.share cpu.long_instruction smi.delivery smi.kick lock" "smi_latency:p50_ns smi_latency:p99_ns smi_latency:max_ns"

question q3-modes 5 cpus "Q3: Traditional or relaxed?"
say "Under unicast, relaxed mode is the only bearable one: traditional mode pays timeout 1 on every SMI, because nobody told the other CPUs. Under broadcast, relaxed mode saves the wait at the start only, and APs that come after the handler has ended find nobody and sit out timeout 1 themselves, which shows in the stolen time; it also gives up the guarantee that nobody runs normal code meanwhile."
figures q3-modes "workload smi.delivery sync.mode cpus" "command_time:mean_ns smi_latency:p50_ns last_out:p50_ns stolen_time:mean_ns timeout1:mean_count"

question q4-timeouts 5 heatmap "Q4: What does timeout 1 cost and save when a CPU comes late?"
say "A timeout shorter than the exit of an idle state fires on nearly every SMI and makes the BSP send directed SMIs to CPUs that are on their way, which then come a second time; one longer than the lateness changes nothing. Only for a CPU that is later than both timeouts does timeout 1 set the price of each SMI."
figures q4-timeouts "sync.timeout1 cpu.late" "smi_latency:p50_ns timeout1:mean_count timeout2:mean_count directed:mean_count"

question q5-delivery 5 "" "Q5: What does a list of the boot entries take, by delivery, caller, firmware and version?"
say "With OVMF's settings and unicast SMI the 2017 firmware needs 3.0 s on CPU 1, one timeout of 100 ms for each of 30 SMIs; since the BSP is elected by the APIC's flag the same command is quick and wrong: five SMIs, none served. With broadcast it takes milliseconds on either CPU in every version; with stock timeouts unicast costs a second for each SMI on any CPU."
figures q5-delivery "protocol firmware smi.delivery caller.cpu" "command_time:mean_ns smis:mean_count served:mean_count timeout1:mean_count"

question q8-versions-1s 2 cpus "Q8: What does each version of the protocol cost at 8 to 1024 threads?"
say "Each gather and each release costs the BSP one pass over all CPUs, so an SMI grows linearly with them, and the version with fewest rounds (202402) is the cheapest. The rounds that came back since (the hook's release in 202411, its gather at head) cost as much as the 2017 protocol; one round less is worth a fifth at 1024 threads."
figures q8-versions-1s "protocol cpus topology.sockets" "smi_latency:p50_ns last_out:p50_ns"
question q8-versions-2s 2 cpus "Q8, on two sockets"
figures q8-versions-2s "protocol cpus topology.sockets" "smi_latency:p50_ns last_out:p50_ns"
say "Whether a change keeps the protocol right is a question for \`smmsim explore\`, see EXPLORE.md."

question q9-designs-1s 2 cpus "Q9: Counter, bits, flags, tree, or coreboot's lock?"
say "A counter that all CPUs change is a queue of one transfer each; a tree of degree 4 turns that into a few short queues side by side and is the flattest curve, a bit for each CPU comes close, and a flag for each CPU that the BSP scans moves the queue to the BSP. coreboot's lock is cheap for few CPUs because nobody waits for anybody: it does not offer what the others pay for, and it is one line that all CPUs take."
figures q9-designs-1s "protocol cpus topology.sockets" "smi_latency:p50_ns last_out:p50_ns"
question q9-designs-2s 2 cpus "Q9, on two sockets"
figures q9-designs-2s "protocol cpus topology.sockets" "smi_latency:p50_ns last_out:p50_ns"
say "The designs run no timeouts and count on every CPU to come; compare them with each other, and edk2 with them only as the price of everything else that it does."

question q10-jobs 5 "" "Q10: From which size of work on is it worth to spread a handler over the APs?"
say "On 16 CPUs StartupAllAPs costs a few microseconds in all, so work that takes the BSP more than about 3 us in one piece (200 ns for each of 15 APs) is done sooner when it is spread. Blocking or not makes no difference: the BSP waits for all APs before it leaves in either case."
figures q10-jobs "workload job.work handler.smi sync.block_startup_this_ap" "smi_latency:p50_ns last_out:p50_ns"

question q11-noise 3 "" "Q11: What does a periodic SMI cost a busy machine?"
say "The rate times the blackout: an SMI every 8 ms whose handler does nothing takes each of 16 CPUs away for about 18 us each time, and the tail of milliseconds is other CPUs' long instructions that all have to wait for. \`smmsim noise\` writes the same as a trace for LogGOPSim-style simulators."
figures q11-noise "protocol cpus handler.smi" "blackout:p50_ns blackout:p99_ns blackout:max_ns stolen_time:mean_ns"
{
    echo "    ./smmsim noise 3 --platform xeon-2s-64c128t --workload rt-poll --out $data/noise.txt"
    echo
} >> "$page"
"$smmsim" noise 3 --platform xeon-2s-64c128t --workload rt-poll --out "$data/noise.txt" 2> "$data/noise.log"
say "$(cat "$data/noise.log")"

question q12-storm 5 "" "Q12: At which rate of SMIs does the machine stop making progress?"
say "Not at a rate: in edk2 with broadcast a second SMI that comes while the CPUs are on their way into or out of the first one is latched by some and swallowed by others; those that latched it meet alone and sit out timeout 1, a full second. It happens at any rate at which SMIs can overlap, a few times in 400 SMIs, and the storm ends in stalls of a second rather than in saturation; coreboot's lock has no such stall."
figures q12-storm "protocol think.scale" "smi_latency:p50_ns smi_latency:p99_ns latched:mean_count coalesced:mean_count timeout1:mean_count command_time:mean_ns"

question q14-qemu-hardware 5 cpus "Q14: QEMU or hardware: what carries over?"
say "The protocol's part, barriers and release, is the same curve on both; what differs is how CPUs arrive. Under QEMU arrival grows with every CPU (a serial signal and a lock), on hardware it is flat and decided by the deepest idle state, so findings on arrival skew do not carry over and findings on rounds and timeouts do."
figures q14-qemu-hardware "platform cpus" "smi_latency:p50_ns skew:p50_ns phase.port:mean_ns phase.entry:mean_ns phase.aps_wait:mean_ns phase.barriers:mean_ns phase.release:mean_ns"

echo "answers: $page"
