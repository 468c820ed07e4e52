#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# regress.sh: the slowdown against stored results byte for byte, and against what must come out.
# Usage: tests/regress.sh [--accept]   (--accept stores the results as they are now)
set -euo pipefail
cd "$(dirname "$0")/.."

golden=results/golden/regress.csv
now=${BUILD:-build}/regress.csv

mk() { "${MAKE:-make}" -s "$@"; }

case ${1-} in
'' | --accept) ;;
*)
    echo "regress: unknown option '$1' (would be right: --accept)" >&2
    exit 2
    ;;
esac

mk regress-binary
status=0
"$(mk where)/tests/regress" "$now" || status=$?
((status <= 1)) || exit "$status"
if [[ ${1-} == --accept ]]; then
    mkdir -p "${golden%/*}"
    cp "$now" "$golden"
    echo "regress: stored in $golden"
elif [[ ! -f $golden ]]; then
    echo "regress: no $golden to compare with (tests/regress.sh --accept makes it)"
    status=1
elif ! diff -U 0 --label "$golden" --label "now" "$golden" "$now"; then
    echo "regress: not the stored results: - stored, + now; columns:"
    head -n 1 "$now"
    echo "regress: if the change is meant: tests/regress.sh --accept, and say why in the commit"
    status=1
else
    echo "regress: as stored in $golden"
fi

# The last row of the table: one held vCPU, against what was measured.
hold=$(mk where)/tests/workloads/test_hold
mk "$hold"
if "$hold" >"$hold.log" 2>&1; then
    echo "regress: held CPUs (tests/workloads/test_hold.c): visits, roles and timeouts as measured"
    sed -n 's/^held CPUs:/regress: &/p' "$hold.log"
else
    cat "$hold.log"
    status=1
fi
exit "$status"
