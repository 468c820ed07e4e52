#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# model.sh: writes the tables of docs/MODEL.md that smmsim itself can print anew.
# Usage: docs/model.sh [--check]   (after `make`; --check: says what would change instead)
# What stands between a line "<!-- smmsim ... -->" and the end of the code block behind it is what
# that command prints.
set -euo pipefail
cd "$(dirname "$0")/.."
export LC_ALL=C

smmsim=${SMMSIM:-./smmsim}
page=docs/MODEL.md

case ${1-} in
'' | --check) ;;
*)
    echo "model: unknown option '$1' (would be right: --check)" >&2
    exit 2
    ;;
esac

now=$(mktemp)
trap 'rm -f "$now"' EXIT
blocks=0
inside=0
while IFS= read -r line; do
    if ((inside == 0)); then
        printf '%s\n' "$line"
    elif [[ $line == '```' ]]; then
        inside=$((inside - 1))
    fi
    if [[ $line =~ ^'<!-- smmsim '(.*)' -->'$ ]]; then
        blocks=$((blocks + 1))
        inside=2
        read -ra words <<<"${BASH_REMATCH[1]}"
        printf '```\n'
        "$smmsim" "${words[@]}"
        printf '```\n'
    fi
done <"$page" >"$now"
if ((blocks == 0 || inside != 0)); then
    echo "model: $page has no block, or one without its end" >&2
    exit 1
fi
if [[ ${1-} == --check ]]; then
    diff -u --label "$page" --label "smmsim" "$page" "$now" || {
        echo "model: $page is not what smmsim prints (docs/model.sh writes it anew)"
        exit 1
    }
else
    cat "$now" >"$page"
fi
echo "model: $blocks blocks of $page are what smmsim prints"
