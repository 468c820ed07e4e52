#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# explore_stop.sh: a search that ends early says what it covered, with status 0, or 130 by a signal.
# Usage: tests/explore_stop.sh [SMMSIM]
set -euo pipefail
cd "$(dirname "$0")/.."

smmsim=${1:-./smmsim}
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# stop TEXT ARGUMENT...: what explore says when it is interrupted after a while.
stop() {
    local text=$1 status=0
    shift
    timeout --foreground 30 "$smmsim" explore "$@" >"$log" 2>&1 &
    sleep 0.4
    kill -INT $! # timeout passes it on, once, with the status
    wait $! || status=$?
    ((status == 130)) || { echo "explore $*: exit status $status, not 130" && exit 1; }
    grep -q "$text" "$log" || { echo "explore $*: no '$text'" && cat "$log" && exit 1; }
}

small=(--max-memory 512MiB --threads 1)
stop 'NOT ALL: ended by an interrupt after' --cpus 5 --no-reduction "${small[@]}"
stop 'INCOMPLETE: no violation among these runs' --cpus 16 --random 1000000000 --no-timeouts
stop 'interrupted: the table is not whole' --table "${small[@]}"

# ends STATUS TEXT ARGUMENT...: what explore says when it comes to its end by itself.
ends() {
    local want=$1 text=$2 status=0
    shift 2
    timeout 30 "$smmsim" explore "$@" >"$log" 2>&1 || status=$?
    ((status == want)) || { echo "explore $*: exit status $status, not $want" && exit 1; }
    grep -q "$text" "$log" || { echo "explore $*: no '$text'" && cat "$log" && exit 1; }
}

ends 0 'verdict     INCOMPLETE: no violation among what was seen' --no-timeouts --max-depth 10
ends 0 'not judged  no-livelock: the search was not finished' --no-timeouts --max-depth 10
ends 0 'not judged  no-livelock: runs cannot show' --no-timeouts --random 2
ends 0 'ended by --max-memory' --cpus 5 --properties one-bsp --max-memory 8MiB
ends 0 'ended by --max-seconds' --cpus 8 --no-reduction --no-timeouts --max-seconds 1
ends 0 'ended by --max-seconds' --cpus 16 --random 1000000000 --no-timeouts --max-seconds 1
ends 0 'verdict     no violation$' --no-timeouts
ends 1 'verdict     vacuous' --set cpus.blocked=cpu:1 --no-timeouts
ends 1 'job-held in 64 steps' --mutant F01
ends 0 'verdict     no violation$' --fixed F31

# A file that is no journal stays as it is.
not_ours=$(mktemp)
trap 'rm -f "$log" "$not_ours"' EXIT
echo 'a letter' >"$not_ours"
ends 2 'no journal' --table --journal "$not_ours"
[[ $(<"$not_ours") == 'a letter' ]] || { echo "--journal wrote to another's file" && exit 1; }
echo "explore_stop.sh: what was covered, and the exit status of each end"
