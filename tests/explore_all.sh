#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# explore_all.sh: searches every version in every setting and writes the table of docs/EXPLORE.md.
# Usage: tests/explore_all.sh [SMMSIM]   (about an hour on two cores; when stopped, start it again)
# Each search has at most SECONDS_EACH and MEMORY_EACH; THREADS is 0 for as many as there are. What
# is done stays in JOURNAL and is not done again, unless the explorer or a bound has changed.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${SECONDS_EACH:-60}
memory=${MEMORY_EACH:-2GiB}
threads=${THREADS:-0}
journal=${JOURNAL:-results/explore-all.journal}
document=docs/EXPLORE.md

mkdir -p "$(dirname "$journal")"
made_with=$(cat sim/explore/*.[ch] models/protocol/*.[ch] models/explore/*.[ch] \
    sim/cli/explore_table.c | sha256sum | cut -c1-16)
head="smmsim explore --table journal: $made_with $seconds $memory"
if [[ $(head -n 1 "$journal" 2>/dev/null) != "$head" ]]; then
    echo "$head" >"$journal"
fi

table=$(mktemp)
trap 'rm -f "$table" "$table.new"' EXIT
"${1:-./smmsim}" explore --table --journal "$journal" --max-seconds "$seconds" \
    --max-memory "$memory" --threads "$threads" >"$table"
awk -v table="$table" '
    /^<!-- explore-all: begin -->/ {
        print
        while ((getline line < table) > 0) { sub(/ +$/, "", line); print line }
        skip = 1
    }
    /^<!-- explore-all: end -->/ { skip = 0 }
    !skip && !/^<!-- explore-all: begin -->/
' "$document" >"$table.new"
cat "$table.new" >"$document"
