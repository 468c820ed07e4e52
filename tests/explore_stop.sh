#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# explore_stop.sh: an interrupt ends a search cleanly, with what it covered and exit status 130.
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
    timeout --foreground 30 "$smmsim" explore --max-memory 512MiB --threads 1 "$@" >"$log" 2>&1 &
    sleep 0.4
    kill -INT $! # timeout passes it on, once, with the status
    wait $! || status=$?
    ((status == 130)) || { echo "explore $*: exit status $status, not 130" && exit 1; }
    grep -q "$text" "$log" || { echo "explore $*: no '$text'" && cat "$log" && exit 1; }
}

stop 'NOT ALL: ended by an interrupt after' --cpus 5 --no-reduction
stop 'no violation among these runs' --cpus 16 --random 1000000000 --no-timeouts
stop 'interrupted: the table is not whole' --table
echo "explore_stop.sh: status 130, and what was covered"
