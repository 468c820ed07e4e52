#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# install.sh: what `make install` put somewhere runs and draws from any folder, and so does the
# program that was built and not installed.
# Usage: tests/install.sh
set -euo pipefail
cd "$(dirname "$0")/.."

root=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

fail() {
    echo "install.sh: $1"
    failed=1
}

# A build of its own, so that the other one and ./smmsim stay as they are: objects are copied, and
# only what knows where the data are is compiled anew.
mk() { "${MAKE:-make}" -s BUILD="$work/build" SMMSIM="$work/program" "$@"; }
from=$("${MAKE:-make}" -s where)
mkdir -p "$work/build/${from##*/}"
tar -C "$from" --exclude=./tests -c . | tar -C "$work/build/${from##*/}" -x

# works PROGRAM PLOT: from / they find the data and draw, and the bytes are those of the build.
works() {
    local program=$1 plot=$2 out
    rm -rf "$work/data"
    out=$(cd / && "$program" run --workload smi-single --reps 2 --out "$work/data" 2>&1) \
        || fail "$program: does not run from /: $out"
    (cd / && "$program" list sweeps | grep -q '^  slowdown ') || fail "$program: finds no sweeps"
    cmp -s "$work/data/run.csv" "$work/expected/run.csv" || fail "$program: another run.csv"
    [[ -n $plot ]] || return 0
    out=$(cd / && "$plot" percentiles "$work/data" 2>&1) || fail "$plot: does not draw from /: $out"
    [[ -s $work/data/percentiles.png ]] || fail "$plot: no picture"
}

# Relative to this folder, as a packager's may be.
stage=$(realpath --relative-to=. "$work/stage")
mk install DESTDIR="$stage" >/dev/null
"$work/program" run --workload smi-single --reps 2 --out "$work/expected" >/dev/null
works "$work/stage/usr/local/bin/smmsim" "$work/stage/usr/local/bin/smmsim-plot"
[[ $("$work/stage/usr/local/bin/smmsim-plot" --help) == "usage: smmsim-plot "* ]] \
    || fail "smmsim-plot --help names another program"
(cd "$work/stage" && find . ! -type d | sort) >"$work/files"
for file in plot.sh plots/read.sh plots/draw.sh plots/style.gp workloads/sweeps/slowdown.csv; do
    grep -qxF "./usr/local/share/smmsim/$file" "$work/files" || fail "$file is not installed"
done
mk uninstall DESTDIR="$stage"
[[ -z $(find "$work/stage" ! -type d) ]] || fail "uninstall leaves $(find "$work/stage" ! -type d)"

# A relative PREFIX; the program finds its data when it is moved away from them, too.
prefix=$(realpath --relative-to=. "$work/own place")
mk install PREFIX="$prefix" >/dev/null
works "$work/own place/bin/smmsim" "$work/own place/bin/smmsim-plot"
mkdir "$work/alone"
cp "$work/own place/bin/smmsim" "$work/alone/smmsim"
works "$work/alone/smmsim" ""

# The tree where it was built, which knows no place to be installed at.
mkdir "$work/tree"
cp -r "$root/models" "$root/workloads" "$root/plot.sh" "$root/plots" "$work/tree"
cp "$work/program" "$work/tree/smmsim"
rm -rf "$work/own place"
works "$work/tree/smmsim" "$work/tree/plot.sh"
ln -sf "$work/tree/smmsim" "$work/tree/plot.sh" "$work/alone"
works "$work/alone/smmsim" "$work/alone/plot.sh"

# Without any of them that is what is said.
cp --remove-destination "$work/program" "$work/alone/smmsim"
out=$(cd / && "$work/alone/smmsim" run 2>&1) || true
said="no folder models/platforms here, beside the program or in $work/own place/share/smmsim"
[[ $out == "smmsim: platform "*": $said"* ]] \
    || fail "without data: $out"

((failed == 0)) || exit 1
echo "install: runs and draws from / after DESTDIR, a relative PREFIX and no installation at all"
