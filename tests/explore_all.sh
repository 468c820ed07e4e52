#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# explore_all.sh: searches every version in every setting and writes the table of docs/EXPLORE.md.
# Usage: tests/explore_all.sh [SMMSIM]   (takes some minutes)
set -euo pipefail
cd "$(dirname "$0")/.."

table=$(mktemp)
trap 'rm -f "$table"' EXIT
"${1:-./smmsim}" explore --table >"$table"
awk -v table="$table" '
    /^<!-- explore-all: begin -->/ {
        print
        while ((getline line < table) > 0) { sub(/ +$/, "", line); print line }
        skip = 1
    }
    /^<!-- explore-all: end -->/ { skip = 0 }
    !skip && !/^<!-- explore-all: begin -->/
' docs/EXPLORE.md >"$table.new"
cat "$table.new" >docs/EXPLORE.md
rm -f "$table.new"
