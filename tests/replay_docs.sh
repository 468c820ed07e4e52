#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# replay_docs.sh: every schedule and every window in time of docs/EXPLORE.md can be repeated.
# Usage: tests/replay_docs.sh [SMMSIM]
set -euo pipefail
cd "$(dirname "$0")/.."

# shellcheck disable=SC2034 # the lines below use it
smmsim=${1:-./smmsim}
bad=0
replays=0
quotes=0

# Each `smmsim replay ...` line ends with status 1 (a violation) and "as recorded", or diverges.
while read -r line; do
    replays=$((replays + 1))
    said=$(eval "\"\$smmsim\" ${line#smmsim }" 2>&1) && status=0 || status=$?
    if ((status != 1)) || ! grep -q 'as recorded$' <<<"$said"; then
        echo "docs/EXPLORE.md: status $status: $line"
        tail -1 <<<"$said"
        bad=1
    fi
done < <(grep -o 'smmsim replay --.*' docs/EXPLORE.md)

# Behind each `smmsim run --follow` line the document quotes lines of what it prints, "> " first.
while IFS= read -r line; do
    case $line in
    *'smmsim run --follow '*)
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
