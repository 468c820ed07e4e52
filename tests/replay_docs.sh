#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# replay_docs.sh: every schedule and every window in time of docs/EXPLORE.md can be repeated.
# Usage: tests/replay_docs.sh [--accept] [SMMSIM]   (--accept writes new digests into the document)
set -euo pipefail
cd "$(dirname "$0")/.."

accept=0
if [[ ${1-} == --accept ]]; then
    accept=1
    shift
fi
# shellcheck disable=SC2034 # the lines below use it
smmsim=${1:-./smmsim}
bad=0
replays=0
quotes=0

# Each `smmsim replay ...` line ends with status 1 (a violation) and "as recorded", or diverges.
while read -r line; do
    replays=$((replays + 1))
    said=$(eval "\"\$smmsim\" ${line#smmsim }" 2>&1) && status=0 || status=$?
    if ((accept)) && [[ $said =~ come\ to\ ([0-9a-f]{16}),.*with\ ([0-9a-f]{16}) ]]; then
        now=${line/${BASH_REMATCH[2]}/${BASH_REMATCH[1]}}
        awk -v was="$line" -v now="$now" '
            { at = index($0, was) }
            at { $0 = substr($0, 1, at - 1) now substr($0, at + length(was)) }
            { print }' docs/EXPLORE.md >"docs/EXPLORE.md.new"
        mv docs/EXPLORE.md.new docs/EXPLORE.md
        continue
    fi
    if ((status != 1)) || ! grep -q 'as recorded$' <<<"$said"; then
        echo "docs/EXPLORE.md: status $status: $line"
        tail -1 <<<"$said"
        bad=1
    fi
done < <(grep -o 'smmsim replay --.*' docs/EXPLORE.md)

# Behind each `smmsim follow` line the document quotes lines of what it prints, "> " first.
while IFS= read -r line; do
    case $line in
    *'    smmsim follow '*)
        said=$(eval "\"\$smmsim\" ${line#*smmsim }" 2>&1) || true
        ;;
    '    > '*)
        quotes=$((quotes + 1))
        grep -qF -e "${line#    > }" <<<"$said" || {
            echo "docs/EXPLORE.md: not printed any more: ${line#    > }"
            bad=1
        }
        ;;
    esac
done <docs/EXPLORE.md

echo "docs/EXPLORE.md: $replays schedules, $quotes lines of windows in time"
((bad == 0 && replays >= 8 && quotes >= 8))
